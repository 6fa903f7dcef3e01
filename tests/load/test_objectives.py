"""A file of objectives says what is asked of which step; a wrong one is refused with the place."""

from pathlib import Path

import pytest

from etalon_load.measures import Step
from etalon_load.objectives import (
    Objective,
    ObjectivesError,
    bounds_of,
    read_memory_each,
    read_objectives,
)

JOURNEYS = {"holder": ("log-in", "read"), "laboratory": ("deposit",)}
GOOD = """
[[objective]]
journey = "holder"
within = "500 ms"
share = 99.0

[[objective]]
journey = "holder"
step = "log-in"
within = "2 s"
share = 95
wrong = 0.5
failed = 1
"""


def read(tmp_path: Path, text: str) -> tuple[Objective, ...]:
    """The objectives of a file with that text."""
    file = tmp_path / "objectives.toml"
    file.write_text(text, encoding="utf-8")
    return read_objectives(file, JOURNEYS)


def test_objectives_say_share_bound_and_what_is_borne(tmp_path: Path) -> None:
    """Of wrong answers none is borne unless it is said; of failures, what the share leaves."""
    first, second = read(tmp_path, GOOD)

    assert first == Objective("holder", "", 500_000, 0.99, 0.0, 1 - 0.99)
    assert second == Objective("holder", "log-in", 2_000_000, 0.95, 0.005, 0.01)


def test_the_bound_of_a_step_goes_before_that_of_its_journey(tmp_path: Path) -> None:
    """Whatever their order in the file."""
    objectives = read(tmp_path, GOOD)
    bounds = {Step("holder", "log-in"): 2_000_000, Step("holder", "read"): 500_000}

    assert bounds_of(objectives, JOURNEYS) == bounds
    assert bounds_of(reversed(objectives), JOURNEYS) == bounds


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r"one table \[\[objective\]\] at least"),
        ("[[objective]]\n[other]", r"and nothing else"),
        ("objective = 3", r"one table"),
        ("[[objective", r"objectives.toml: "),
        ("[[objective]]\nspeed = 3", r"objective 1: speed is not known"),
        ('[[objective]]\njourney = "nobody"', r"no journey; there are holder, laboratory"),
        ('[[objective]]\njourney = "holder"\nstep = "deposit"', r"no step of holder"),
        ('[[objective]]\njourney = "holder"\nwithin = "5"\nshare = 9', r'such as "500 ms"'),
        ('[[objective]]\njourney = "holder"\nwithin = "0 s"\nshare = 9', r'such as "500 ms"'),
        ('[[objective]]\njourney = "holder"\nwithin = "5 s"', r"share = None; expected per cent"),
        ('[[objective]]\njourney = "holder"\nwithin = "5 s"\nshare = 101', r"from 0 to 100"),
        ('[[objective]]\njourney = "holder"\nwithin = "5 s"\nshare = true', r"from 0 to 100"),
        (GOOD + GOOD, r"two objectives are about holder"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_the_place(
    tmp_path: Path, text: str, said: str
) -> None:
    """What was found, and what was expected."""
    with pytest.raises(ObjectivesError, match=said):
        read(tmp_path, text)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """With its name."""
    with pytest.raises(ObjectivesError, match=r"none\.toml"):
        read_objectives(tmp_path / "none.toml", JOURNEYS)


@pytest.mark.parametrize(
    ("steady", "each"),
    [
        ("", 0.0),
        ("[steady]", 0.0),
        ('[steady]\nmemory_each = "2 kB"', 2_000.0),
        ('[steady]\nmemory_each = "0.5MB"', 500_000.0),
        ('[steady]\nmemory_each = "64 B"', 64.0),
    ],
)
def test_a_soak_is_told_what_a_server_may_keep(tmp_path: Path, steady: str, each: float) -> None:
    """Beside the objectives, which stay as they are; nothing where nothing is said."""
    file = tmp_path / "objectives.toml"
    file.write_text(f"{GOOD}\n{steady}\n", encoding="utf-8")

    assert read_memory_each(file) == each
    assert len(read_objectives(file, JOURNEYS)) == 2


@pytest.mark.parametrize(
    ("steady", "said"),
    [
        ("steady = 3", "holds memory_each"),
        ("[steady]\nmemory = 3", "holds memory_each"),
        ("[steady]\nmemory_each = 3", "expected a size"),
        ('[steady]\nmemory_each = "2 KiB"', "expected a size"),
        ("[steady", "objectives.toml: "),
    ],
)
def test_what_is_no_size_is_refused(tmp_path: Path, steady: str, said: str) -> None:
    """With the file, and what was expected."""
    file = tmp_path / "objectives.toml"
    file.write_text(f"{steady}\n", encoding="utf-8")

    with pytest.raises(ObjectivesError, match=said):
        read_memory_each(file)
