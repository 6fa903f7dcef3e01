"""Verdicts: what counts as a failure, how results add up, what a run exits with."""

import json
from dataclasses import replace
from itertools import product
from typing import TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_conformance.requirements import Standing, Wire, can_fail, requirement_set
from etalon_conformance.verdicts import (
    Cause,
    Message,
    Result,
    Status,
    Verdict,
    counted,
    exit_code,
    judged,
    plain_result,
    result_of,
    worst,
)

ALL = requirement_set()
SAID = Message("check.differs", {"expected": "200", "got": "500"})


def result(verdict: Verdict, ident: str = "VIS-01", wire: Wire = Wire.OFFICIAL) -> Result:
    """Return a result about a requirement."""
    return Result(requirement=ident, check="some_check", verdict=verdict, wire=wire, message=SAID)


def test_a_breach_is_a_failure_exactly_where_the_requirement_can_fail() -> None:
    """Over the whole catalogue and every wire; what holds passes everywhere."""
    for one, wire in product(ALL.values(), Wire):
        assert judged(one, wire, holds=True) is Verdict.PASS
        expected = Verdict.FAIL if can_fail(one, wire) else Verdict.FINDING
        assert judged(one, wire, holds=False) is expected
        assert judged(one, wire, holds=False, certain=False) is Verdict.FINDING


UNDECLARED = Cause("operation-undeclared", {"operation": "oppose"})
CLAIMED = Cause("operation-undeclared", {"operation": "oppose"}, claimed=True)


class Options(TypedDict, total=False):
    """What else a run came to."""

    unreachable: bool
    cut: bool
    findings_fail: bool


EXITS: dict[str, tuple[list[Result], Options, int]] = {
    "all passes": ([result(Verdict.PASS)], {}, 0),
    "a finding": ([result(Verdict.FINDING)], {}, 0),
    "a finding that counts": ([result(Verdict.FINDING)], {"findings_fail": True}, 1),
    "a failure": ([result(Verdict.PASS), result(Verdict.FAIL)], {}, 1),
    "a failure outweighs our fault": (
        [result(Verdict.HARNESS_ERROR), result(Verdict.FAIL)],
        {"cut": True},
        1,
    ),
    "our fault": ([result(Verdict.PASS), result(Verdict.HARNESS_ERROR)], {}, 4),
    "our fault outweighs what is left open": (
        [result(Verdict.HARNESS_ERROR), result(Verdict.NOT_RUN)],
        {"unreachable": True},
        4,
    ),
    "unreachable": ([result(Verdict.PASS)], {"unreachable": True}, 3),
    "cut": ([result(Verdict.PASS)], {"cut": True}, 3),
    "a check that was cut": ([replace(result(Verdict.PASS), status=Status.CUT)], {}, 3),
    "not run": ([result(Verdict.PASS), result(Verdict.NOT_RUN)], {}, 3),
    "could not test": (
        [result(Verdict.PASS), replace(result(Verdict.COULD_NOT_TEST), cause=UNDECLARED)],
        {},
        0,
    ),
    "could not test what is claimed": (
        [result(Verdict.PASS), replace(result(Verdict.COULD_NOT_TEST), cause=CLAIMED)],
        {},
        3,
    ),
    "not applicable beside a pass": ([result(Verdict.PASS), result(Verdict.NOT_APPLICABLE)], {}, 0),
    "an answer awaited beside a pass": (
        [result(Verdict.PASS), replace(result(Verdict.MANUAL), status=Status.WAITING)],
        {},
        0,
    ),
    "nothing at all": ([], {}, 3),
    "nothing concluded": ([result(Verdict.COULD_NOT_TEST), result(Verdict.NOT_APPLICABLE)], {}, 3),
    "only answers of people": ([result(Verdict.MANUAL)], {}, 3),
}


@pytest.mark.parametrize(("results", "options", "code"), EXITS.values(), ids=EXITS)
def test_a_run_exits_with(results: list[Result], options: Options, code: int) -> None:
    """1 for a failure, then 4 for our fault, then 3 for what is left open, else 0."""
    assert exit_code(results, **options) == code


VERDICTS = st.sampled_from(Verdict)


@given(verdicts=st.lists(VERDICTS, min_size=1), findings_fail=st.booleans())
def test_only_a_failure_exits_with_1(*, verdicts: list[Verdict], findings_fail: bool) -> None:
    """Whatever else stands beside it, and in whatever order."""
    code = exit_code([result(one) for one in verdicts], findings_fail=findings_fail)
    counts = Verdict.FAIL in verdicts or (findings_fail and Verdict.FINDING in verdicts)
    assert (code == 1) is counts
    assert code != 0 or not {Verdict.HARNESS_ERROR, Verdict.NOT_RUN} & set(verdicts)


@given(st.lists(VERDICTS, min_size=1))
def test_a_pass_stands_only_when_nothing_says_otherwise(verdicts: list[Verdict]) -> None:
    """Several checks on one requirement: a pass needs a pass, and nothing worse beside it."""
    found = worst(verdicts)
    assert found in verdicts
    if found is Verdict.PASS:
        assert set(verdicts) <= {Verdict.PASS, Verdict.NOT_APPLICABLE}


IDENTS = st.sampled_from(sorted(ALL))
RESULTS = st.builds(result, VERDICTS, IDENTS, st.sampled_from(Wire))


@given(st.lists(RESULTS))
def test_each_requirement_counts_once_per_wire(results: list[Result]) -> None:
    """Under its standing, by the worst of its verdicts; nothing else is counted."""
    counts = counted(results, ALL)
    seen = {(one.requirement, one.wire) for one in results}
    for standing, wire in product(Standing, Wire):
        row = counts.get(standing, {}).get(wire, {})
        held = [i for i, over in seen if over is wire and ALL[i].standing is standing]
        assert sum(row.values()) == len(held)
        assert all(row.values())


def test_a_failure_is_counted_though_other_checks_pass() -> None:
    """The same requirement over the same wire, seen by three checks."""
    results = [result(Verdict.PASS), result(Verdict.FAIL), result(Verdict.PASS)]
    assert counted(results, ALL) == {Standing.LAW: {Wire.OFFICIAL: {Verdict.FAIL: 1}}}


def test_a_result_reads_back_from_its_file() -> None:
    """Through JSON, cause and exchanges included."""
    before = replace(
        result(Verdict.COULD_NOT_TEST), cause=CLAIMED, exchanges=(3, 4), status=Status.FINISHED
    )
    assert result_of(json.loads(json.dumps(plain_result(before)))) == before


@pytest.mark.parametrize("plain", [{}, [], {"requirement": "VIS-01", "verdict": "certified"}])
def test_what_is_no_result_is_refused(plain: object) -> None:
    """`certified` is no verdict."""
    with pytest.raises(ValueError, match="Result"):
        result_of(plain)
