"""Coverage: a requirement has a check or a reason, and a check that disappears is missed."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from etalon_conformance.requirements import requirement_set
from requirement_coverage import PACKAGE, Coverage, checks_in, page
from witness_coverage import Looked, looked_at

SET = requirement_set()
TWO = {ident: SET[ident] for ident in ("VIS-01", "W-REC-27")}
WHOLE = Coverage(
    requirements=TWO,
    checks={"VIS-01": ("masked_is_hidden",)},
    impostors={"VIS-01": ("masked-found",)},
    reasons={"W-REC-27": "unwritten"},
    remembered={"VIS-01": ("masked_is_hidden",)},
)


def test_a_check_or_a_reason_settles_a_requirement() -> None:
    """Nothing is asked of somebody, and nothing is lost."""
    assert WHOLE.faults() == []
    assert list(WHOLE.covered()) == [("VIS-01", "masked_is_hidden")]
    assert WHOLE.kept_reasons() == {"W-REC-27": "unwritten"}


SHRINKING = (
    "VIS-01: coverage shrinks, its check is gone; put it back, or write a reason in untested.csv"
)
FAULTY = {
    "neither check nor reason": (
        replace(WHOLE, reasons={}),
        "W-REC-27: no check names it; write a reason in untested.csv",
    ),
    "a check that disappeared": (
        replace(WHOLE, checks={}),
        SHRINKING,
    ),
    "a check of nothing": (
        replace(WHOLE, checks={**WHOLE.checks, "VIS-99": ("some_check",)}),
        "VIS-99: no such requirement; check some_check names it",
    ),
    "an impostor of nothing": (
        replace(WHOLE, impostors={"VIS-99": ("some-impostor",)}),
        "VIS-99: no such requirement; impostor some-impostor names it",
    ),
    "a requirement that was renamed": (
        replace(WHOLE, remembered={"VIS-00": ("old_check",)}),
        "VIS-00: covered.csv holds it, and no requirement is called so any more",
    ),
}


@pytest.mark.parametrize(("coverage", "fault"), FAULTY.values(), ids=FAULTY)
def test_what_is_to_be_mended_is_said(coverage: Coverage, fault: str) -> None:
    """One sentence for each, with the requirement first."""
    assert coverage.faults() == [fault]


def test_a_check_that_disappeared_is_not_forgotten_by_writing_the_page_again() -> None:
    """Only a reason takes a requirement out of the memory."""
    gone = replace(WHOLE, checks={})
    explained = replace(gone, reasons={**WHOLE.reasons, "VIS-01": "unwritten"})

    assert list(gone.covered()) == list(WHOLE.covered())
    assert list(explained.covered()) == []
    assert explained.faults() == []


def test_a_reason_goes_when_a_check_comes() -> None:
    """The row would say that nothing looks at what is looked at."""
    checked = replace(WHOLE, checks={**WHOLE.checks, "W-REC-27": ("same_bytes",)})

    assert checked.kept_reasons() == {}
    assert list(checked.covered()) == [*WHOLE.covered(), ("W-REC-27", "same_bytes")]


def test_the_page_shows_checks_impostors_and_reasons() -> None:
    """A row for each requirement, a count for each standing."""
    written = page(WHOLE).splitlines()
    masked = next(line for line in written if line.startswith("| VIS-01 |"))
    content = next(line for line in written if line.startswith("| W-REC-27 |"))

    assert masked.endswith("| yes | masked_is_hidden | masked-found |")
    assert content.endswith(f"| yes | *none: {SET['W-REC-27'].untested['en']}* |  |")
    assert "| law | 1 | 1 | 1 | 1 | 0 |" in written
    assert "| specification | 1 | 1 | 0 | 0 | 0 |" in written


def test_the_page_says_which_observation_of_a_client_judges_what() -> None:
    """Before the steps of the sessions that show it; a check of servers stands beside it."""
    seen = Looked(
        {"W-REC-27": ("consulting.readings",), "VIS-01": ("conduct.refusals",)},
        {"W-REC-27": ("lps/read", "citizen/read")},
    )
    written = page(replace(WHOLE, witness=seen)).splitlines()
    content = next(line for line in written if line.startswith("| W-REC-27 |"))
    masked = next(line for line in written if line.startswith("| VIS-01 |"))

    assert "| *witness:* `consulting.readings` (lps/read, citizen/read) |" in content
    assert "| masked_is_hidden<br>*witness:* `conduct.refusals` |" in masked
    assert "| specification | 1 | 1 | 0 | 0 | 1 |" in written


def test_an_observation_is_read_with_what_it_calls(tmp_path: Path) -> None:
    """Identifiers of functions and tables of its own module; others name nothing."""
    judge = "OBSERVATIONS: Final = (conduct.repeats,)\n"
    source = (
        "_TABLE: Final = {'late': 'W-CLI-12'}",
        "def repeats(scene): yield point('W-CLI-04', 'W-NO-01'); yield from _more(scene)",
        "def _more(scene): yield Point(_TABLE['late'])",
        "def waiting(scene): yield point('W-CLI-05')",
    )
    (tmp_path / "judging.py").write_text(judge, encoding="utf-8")
    (tmp_path / "conduct.py").write_text("\n".join(source), encoding="utf-8")

    assert looked_at(tmp_path, SET).observations == {
        "W-CLI-04": ("conduct.repeats",),
        "W-CLI-12": ("conduct.repeats",),
    }


def test_every_step_of_a_session_shows_what_an_observation_judges() -> None:
    """A step that is there for a requirement which nothing judges would never conclude."""
    seen = looked_at(PACKAGE / "witness", SET)

    assert set(seen.steps) <= set(seen.observations)


def claimed(folder: Path, lines: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the checks of a source file made of `lines`."""
    file = folder / "masking.py"
    file.write_text("\n".join(lines), encoding="utf-8")
    return dict(checks_in([file]))


def test_a_check_is_read_from_its_decorator(tmp_path: Path) -> None:
    """Every literal identifier, under any name of the module; other decorators are not read."""
    source = (
        "@check(requirements=('VIS-01', 'W-REC-34'), wire=Wire.OFFICIAL, needs=('read',))",
        "def masked_is_hidden(bench): ...",
        "@checks.check(wire=Wire.OFFICIAL, requirements=('VIS-01',))",
        "def masked_is_not_counted(bench): ...",
        "@enforces('VIS-02')",
        "def unrelated(): ...",
    )
    assert claimed(tmp_path, source) == {
        "VIS-01": ("masked_is_hidden", "masked_is_not_counted"),
        "W-REC-34": ("masked_is_hidden",),
    }
