"""The account of a test run: effort, seconds per package, agreed skips."""

from pathlib import Path

import pytest

from tiers import (
    ALLOTTED_SECONDS,
    TESTS,
    USUAL_STRIDE,
    Account,
    EffortError,
    allotments,
    effort_asked,
    found_here,
    not_run,
    package_of,
    skips_agreed,
    slowness,
    stride,
)

RULED = {"model": 10}


def test_the_allotments_share_out_fifteen_hundred_seconds() -> None:
    """What one package takes more, another has less."""
    assert sum(allotments().values()) == ALLOTTED_SECONDS


def test_every_folder_of_tests_has_an_allotment() -> None:
    """A new folder cannot grow unnoticed."""
    folders = {file.relative_to(TESTS).parts[0] for file in TESTS.glob("*/**/test_*.py")}

    assert folders - allotments().keys() == set()


@pytest.mark.parametrize(
    ("environment", "effort"),
    [({}, 1), ({"ETALON_EFFORT": "1"}, 1), ({"ETALON_EFFORT": "20"}, 20)],
)
def test_effort_is_one_unless_asked(environment: dict[str, str], effort: int) -> None:
    """One number from the environment deepens every property."""
    assert effort_asked(environment) == effort


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "deep", "²"])
def test_an_effort_that_is_no_whole_number_is_refused(text: str) -> None:
    """The message shows what was found and what is accepted."""
    with pytest.raises(EffortError, match=r"ETALON_EFFORT=.*whole number from 1 up"):
        effort_asked({"ETALON_EFFORT": text})


@pytest.mark.parametrize(
    ("node", "package"),
    [
        ("tests/model/test_keys.py::test_a", "model"),
        ("tests/model/deeper/test_keys.py::test_a[x/y]", "model"),
        ("tests/test_layout.py::test_a", "repository"),
    ],
)
def test_a_test_belongs_to_the_folder_below_tests(node: str, package: str) -> None:
    """Tests that stand directly in tests/ belong to the repository."""
    assert package_of(node) == package


@pytest.mark.parametrize(("seconds", "faults"), [(9.9, 0), (10.0, 0), (10.1, 1)])
def test_a_package_beyond_its_seconds_is_named(seconds: float, faults: int) -> None:
    """The allotment itself is still within the agreement."""
    account = Account()
    account.seconds["model"] = seconds

    found = account.faults(RULED, [], whole=True)

    assert len(found) == faults
    assert all(
        fault.startswith("model: its tests took 10.1 s, 10 s are allotted") for fault in found
    )


@pytest.mark.parametrize(
    ("strides", "times"),
    [([], 1.0), ([0.5], 1.0), ([1.0], 1.0), ([2.0], 2.0), ([1.0, 3.0, 5.0], 3.0)],
)
def test_a_slow_machine_has_as_many_times_more_seconds(strides: list[float], times: float) -> None:
    """Strides say how slow it was, by their mean; a fast machine has no less than agreed."""
    taken = [USUAL_STRIDE * stride for stride in strides]
    assert slowness(taken) == pytest.approx(times)

    account = Account(strides=taken)
    account.seconds["model"] = 10 * times * 1.01
    assert len(account.faults(RULED, [], whole=True)) == 1
    account.seconds["model"] = 10 * times * 0.99
    assert account.faults(RULED, [], whole=True) == []


@pytest.mark.parametrize(
    ("model", "wire", "named"),
    [
        (12.5, 77.5, []),
        (12.6, 77.4, ["model"]),
        (12.5, 77.6, ["model"]),
        (5.0, 85.1, ["wire"]),
        (10.1, 80.1, ["model", "wire"]),
    ],
)
def test_a_package_borrows_a_quarter_while_the_run_keeps_to_its_seconds(
    model: float, wire: float, named: list[str]
) -> None:
    """Noise of one folder is no fault; a run that is too long names all that went beyond."""
    account = Account()
    account.seconds.update(model=model, wire=wire)

    faults = account.faults({"model": 10, "wire": 80}, [], whole=True)

    assert [fault.split(":")[0] for fault in faults] == named


def test_a_stride_is_timed_by_the_clock_given() -> None:
    """What it returns is the difference of two readings."""
    readings = iter([4.0, 6.5])

    assert stride(lambda: next(readings)) == 2.5


def test_a_package_without_allotment_is_named() -> None:
    """No folder of tests is free of charge."""
    account = Account()
    account.seconds["scenarios"] = 0.1

    assert account.faults(RULED, [], whole=True)[0].startswith("scenarios: not in")


def test_seconds_do_not_count_where_chance_digs_deeper() -> None:
    """Allotments are agreed for effort 1."""
    account = Account()
    account.seconds["model"] = 1000.0

    assert account.faults(None, [], whole=True) == []


@pytest.mark.parametrize(
    ("seen", "skipped", "agreed", "whole", "faults"),
    [
        ({"a"}, set[str](), set[str](), True, []),
        ({"a"}, {"a"}, {"a"}, True, []),
        ({"a"}, {"a"}, set[str](), False, ["a: skipped, but not listed"]),
        ({"a"}, set[str](), {"a"}, False, ["a: listed in"]),
        (set[str](), set[str](), {"a"}, True, ["a: listed in"]),
        (set[str](), set[str](), {"a"}, False, []),
    ],
)
def test_skipped_tests_equal_the_agreed_list(
    seen: set[str], skipped: set[str], agreed: set[str], faults: list[str], *, whole: bool
) -> None:
    """One more or one fewer is a fault; a part of the suite answers for itself only."""
    account = Account(seen=seen, skipped=skipped)

    found = account.faults(RULED, agreed, whole=whole)

    assert len(found) == len(faults)
    assert all(f.startswith(wanted) for f, wanted in zip(found, faults, strict=True))


def test_the_list_of_skips_leaves_out_comments_and_reasons(tmp_path: Path) -> None:
    """A line is a node identifier, a hash between blanks, and a reason."""
    file = tmp_path / "skipped.txt"
    file.write_text("# why\n\ntests/a.py::b[1#2] # no such system here\n", encoding="utf-8")

    assert skips_agreed(file) == {"tests/a.py::b[1#2]"}


def test_what_is_started_by_root_is_found_where_one_is_root(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And nowhere else."""
    for user, found in ((0, "root"), (1000, None)):
        monkeypatch.setattr("os.geteuid", lambda user=user: user, raising=False)
        assert found_here("root") == found


@pytest.mark.parametrize(("path", "agreed"), [(None, {"tests/a.py"}), ("/usr/bin/x", set[str]())])
def test_a_skip_may_be_agreed_only_where_a_program_lacks(
    path: str | None, agreed: set[str], tmp_path: Path
) -> None:
    """Where the program is found, the test must run."""
    file = tmp_path / "skipped.txt"
    file.write_text("tests/a.py # unless chromium: it draws the page\n", encoding="utf-8")

    assert skips_agreed(file, lambda program: path if program == "chromium" else None) == agreed


def test_what_was_not_run_is_named_with_what_was_missing(tmp_path: Path) -> None:
    """All that lacks is named; where everything ran there is nothing to say."""
    file = tmp_path / "skipped.txt"
    lines = ("a.py # unless postfix: it sends", "a.py # unless dovecot: it keeps", "b.py # no disk")
    file.write_text("\n".join(f"tests/{line}" for line in lines) + "\n", encoding="utf-8")

    told = not_run(["tests/b.py", "tests/a.py"], file, lambda _: None)

    assert told == "not run here: tests/a.py (no postfix, no dovecot), tests/b.py"
    assert not_run(["tests/a.py"], file, lambda one: one == "postfix").endswith("(no dovecot)")
    assert not not_run([], file, lambda _: None)
