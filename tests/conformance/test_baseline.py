"""The baseline: what is accepted, why and until when; and what a run makes of it."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from etalon_conformance.bad_files import BadFileError
from etalon_conformance.baseline import (
    Baseline,
    accepted_by,
    plain_acceptance,
    plain_baseline,
    read_baseline,
    written_baseline,
)
from etalon_conformance.requirements import Wire, requirement_set
from etalon_conformance.verdicts import Message, Result, Status, Verdict, exit_code

KNOWN = requirement_set()
TODAY = date(2026, 11, 22)
UNTIL = date(2027, 3, 31)


def result(ident: str, verdict: Verdict, check: str = "a_check") -> Result:
    """Return what a check concluded."""
    return Result(
        requirement=ident, check=check, verdict=verdict, wire=Wire.OFFICIAL, message=Message("x")
    )


FINDING = result("REC-04", Verdict.FINDING)
FAILURE = result("VIS-01", Verdict.FAIL)
PASSED = result("ACC-01", Verdict.PASS)


def baseline(folder: Path, text: str, name: str = "accepted.toml") -> Baseline:
    """Read a baseline of this text."""
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return read_baseline(file, KNOWN, TODAY)


def entry(ident: str = "REC-04", verdict: str = "finding", **changed: str) -> str:
    """Return one entry in TOML; a value that is empty is left out."""
    values = {
        "requirement": f'"{ident}"',
        "check": '"a_check"',
        "verdict": f'"{verdict}"',
        "reason": '"Mended in 4.3"',
        "until": "2027-03-31",
        **changed,
    }
    return "[[accepted]]\n" + "".join(f"{name} = {value}\n" for name, value in values.items())


def exits(held: Baseline, *results: Result) -> int:
    """Return what a run with this baseline exits with."""
    accepted = accepted_by(held, results)
    return exit_code(
        results,
        findings_fail=True,
        accepted=accepted.entries.keys(),
        unused=bool(accepted.unused),
    )


def test_an_accepted_finding_ends_no_run_and_a_new_one_does(tmp_path: Path) -> None:
    """By another check it is another finding."""
    held = baseline(tmp_path, entry())

    assert exits(held, PASSED, FINDING) == 0
    assert exits(held, PASSED, FINDING, result("REC-03", Verdict.FINDING)) == 1
    assert exits(held, PASSED, FINDING, replace(FINDING, check="another")) == 1


def test_a_failure_is_accepted_only_by_an_entry_that_says_so(tmp_path: Path) -> None:
    """One that accepts a finding does not reach it."""
    as_finding = baseline(tmp_path, entry("VIS-01"))
    as_failure = baseline(tmp_path, entry("VIS-01", "fail"))

    assert exits(as_finding, PASSED, FAILURE) == 1
    assert exits(as_failure, PASSED, FAILURE) == 0
    assert FAILURE.verdict is Verdict.FAIL


def test_an_entry_that_nothing_needs_any_more_is_an_error(tmp_path: Path) -> None:
    """Once its requirement passes; not while it was cut, could not be tested or is not in the run.

    What is broken or left open is told first.
    """
    held = baseline(tmp_path, entry())
    passes = result("REC-04", Verdict.PASS)

    assert exits(held, passes) == 2
    assert exits(held, passes, FAILURE) == 1
    assert exits(held, passes, result("ACC-01", Verdict.NOT_RUN)) == 3
    assert exits(held, PASSED) == 0
    for open_one in (
        result("REC-04", Verdict.COULD_NOT_TEST),
        replace(passes, status=Status.CUT),
        replace(passes, check="another"),
    ):
        assert accepted_by(held, [PASSED, open_one]).unused == ()


def test_an_entry_without_a_check_is_about_any(tmp_path: Path) -> None:
    """It is unused once all of them pass."""
    held = baseline(tmp_path, entry(check='""'))
    other = replace(FINDING, check="another")

    assert exits(held, FINDING, other) == 0
    assert accepted_by(held, [result("REC-04", Verdict.PASS), other]).unused == ()
    assert exits(held, result("REC-04", Verdict.PASS)) == 2


def test_a_first_run_writes_what_later_ones_accept(tmp_path: Path) -> None:
    """With a reason and a day it can be read at once; the failure stands as a comment."""
    results = [PASSED, FINDING, FAILURE]
    said = 'Until "4.3"\nis out \\o/'
    written = written_baseline(results, reason=said, until=UNTIL, by="Jeanne")

    held = baseline(tmp_path, written)

    assert [
        (one.requirement, one.check, one.reason, one.until, one.by) for one in held.entries
    ] == [("REC-04", "a_check", said, UNTIL, "Jeanne")]
    assert exits(held, PASSED, FINDING) == 0
    assert exits(held, PASSED, FINDING, FAILURE) == 1
    unmarked = written.split("\n\n", 1)[1].replace("# ", "")
    assert exits(baseline(tmp_path, unmarked), PASSED, FINDING, FAILURE) == 0


def test_a_baseline_is_not_accepted_before_somebody_says_why(tmp_path: Path) -> None:
    """What a run writes without a reason is refused, entry by entry."""
    with pytest.raises(BadFileError, match="accepted 1 reason: write why the breach of REC-04"):
        baseline(tmp_path, written_baseline([FINDING]))
    with pytest.raises(BadFileError, match="accepted 1 until: write until which day"):
        baseline(tmp_path, written_baseline([FINDING], reason="Mended in 4.3"))


def test_an_entry_holds_on_its_last_day(tmp_path: Path) -> None:
    """And no longer."""
    assert baseline(tmp_path, entry(until=TODAY.isoformat())).entries[0].until == TODAY


def test_a_table_of_a_spreadsheet_says_the_same(tmp_path: Path) -> None:
    """With commas or semicolons, with the mark of UTF-8 that spreadsheets write, in any order."""
    expected = baseline(tmp_path, entry()).entries
    for text in (
        "requirement,check,verdict,reason,until\nREC-04,a_check,finding,Mended in 4.3,2027-03-31\n",
        "\ufeffuntil;by;requirement;check;reason\r\n2027-03-31;;REC-04;a_check;Mended in 4.3\r\n",
    ):
        assert baseline(tmp_path, text, "accepted.CSV").entries == expected


BAD: dict[str, tuple[str, str, str]] = {
    "no reason": ("b.toml", entry(reason='" "'), "accepted 1 reason: write why"),
    "expired": (
        "b.toml",
        entry(until="2026-11-21"),
        "accepted 1 until: the breach of REC-04 was accepted until 2026-11-21 only",
    ),
    "no day": ("b.toml", entry(until='"soon"'), "accepted 1 until: the value is not of the shape"),
    "no requirement": (
        "b.toml",
        entry("VIS-99"),
        "accepted 1 requirement: no requirement 'VIS-99'; nearest: VIS-",
    ),
    "another verdict": ("b.toml", entry(verdict="pass"), "accepted 1 verdict: the value is not"),
    "twice": ("b.toml", entry() + entry(), "accepted 2: REC-04 stands there twice"),
    "a misspelt key": ("b.toml", entry(untill="2027-03-31"), "accepted 1 untill: this key is not"),
    "no requirement named": (
        "b.toml",
        "[[accepted]]\nreason = 'x'\n",
        "accepted 1 requirement: a value is missing",
    ),
    "another table": ("b.toml", "[[accept]]\n", "accept: this key is not known here"),
    "no TOML": ("b.toml", "[[accepted]\n", "it is not complete TOML"),
    "an unknown column": ("b.csv", "id,reason\n", "line 1: the column 'id' is not known; columns:"),
    "a cell too many": (
        "b.csv",
        "requirement,reason\nREC-04,a,b\n",
        "line 2: there are not as many cells",
    ),
    "a quote left open": ("b.csv", 'requirement,reason\nREC-04,"a\n', "line 2: it is not CSV"),
    "no reason in a table": (
        "b.csv",
        "requirement,until\nREC-04,2027-03-31\n",
        "line 2 reason: write why",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_baseline_that_cannot_be_used_is_told_with_its_place(tmp_path: Path, name: str) -> None:
    """Entry or line, key, what was found, what is expected."""
    file, text, told = BAD[name]

    with pytest.raises(BadFileError) as error:
        baseline(tmp_path, text, file)

    assert str(error.value).startswith(told)
    assert error.value.told("fr") != str(error.value)


def test_bytes_are_no_baseline(tmp_path: Path) -> None:
    """In either form."""
    for name, told in (("b.csv", "not in UTF-8"), ("b.toml", "bytes that are no UTF-8")):
        (tmp_path / name).write_bytes(b"\xff\xfe")
        with pytest.raises(BadFileError, match=told):
            read_baseline(tmp_path / name, KNOWN, TODAY)


def test_verdicts_tell_what_was_accepted_and_what_is_unused(tmp_path: Path) -> None:
    """File, digest, how many, and each entry that is over."""
    held = baseline(tmp_path, entry() + entry("VIS-01", "fail", by='"Jeanne"'))
    accepted = accepted_by(held, [FINDING, replace(FAILURE, verdict=Verdict.PASS)])

    told = plain_baseline(held, accepted)

    assert (told["sha256"], told["accepted"]) == (held.digest, 1)
    assert told["unused"] == [
        {
            "requirement": "VIS-01",
            "check": "a_check",
            "verdict": "fail",
            "reason": "Mended in 4.3",
            "until": "2027-03-31",
            "by": "Jeanne",
        }
    ]
    assert plain_acceptance(accepted.entries["REC-04", "a_check"]) == {
        "reason": "Mended in 4.3",
        "until": "2027-03-31",
    }
