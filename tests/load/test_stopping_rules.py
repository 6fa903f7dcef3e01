"""Rules that end a run: seconds in a row beyond a limit, and nothing sooner."""

import pytest

from etalon_load.live import Live, Tick
from etalon_load.measures import Outcome
from etalon_load.stopping_rules import RuleError, rule_of

RULE = rule_of("errors > 5 % for 3 s")
BAD, GOOD = Tick(answered=100, failed=6), Tick(answered=100, failed=5)


@pytest.mark.parametrize(
    ("ticks", "now", "holds"),
    [
        ({0: BAD, 1: BAD, 2: BAD}, 3, True),
        ({0: BAD, 1: BAD, 2: BAD}, 2, False),
        ({0: BAD, 1: GOOD, 2: BAD}, 3, False),
        ({0: BAD, 1: BAD, 2: GOOD, 3: BAD, 4: BAD, 5: BAD}, 6, True),
        ({0: BAD, 2: BAD}, 3, True),
        ({2: BAD}, 3, False),
        ({}, 3, False),
        ({0: GOOD, 1: GOOD, 2: GOOD, 3: BAD}, 3, False),
    ],
)
def test_a_rule_holds_after_so_many_seconds_in_a_row(
    ticks: dict[int, Tick], now: int, *, holds: bool
) -> None:
    """A second without answers breaks no row; more than half without say nothing."""
    assert RULE.holds(ticks, now) is holds


@pytest.mark.parametrize(
    ("written", "tick"),
    [
        ("wrong > 0 % for 1 s", Tick(answered=1000, wrong=1)),
        ("late > 50% for 1s", Tick(answered=10, late=6)),
        ("errors > 99.5 % for 1 s", Tick(answered=10, failed=10)),
    ],
)
def test_each_rule_counts_what_it_names(written: str, tick: Tick) -> None:
    """And what it does not name ends nothing."""
    assert rule_of(written).holds({0: tick}, 1)
    assert not rule_of(written).holds({0: Tick(answered=1000)}, 1)


@pytest.mark.parametrize(
    "written",
    [
        "errors > 5 %",
        "p99 > 5 % for 3 s",
        "errors >= 5 % for 3 s",
        "errors > 100 % for 3 s",
        "errors > 5 % for 0 s",
        "",
    ],
)
def test_what_is_no_rule_says_so(written: str) -> None:
    """The message repeats what was typed."""
    with pytest.raises(RuleError) as error:
        rule_of(written)

    assert repr(written) in str(error.value)


def test_what_workers_saw_adds_up() -> None:
    """Through messages too; what is under way stays each worker's own."""
    one, other = Live(offered=3), Live(offered=4, busiest=0.5, in_flight=2)
    one.answered(1_500_000, 900, Outcome.RIGHT, late=True)
    other.answered(1_700_000, 80_000, Outcome.FAILED, late=False)
    other.answered(2_000_000, 70, Outcome.WRONG, late=False)
    whole = Live()
    for each in (one, other):
        whole.merge(Live.from_plain(each.plain()))

    assert whole.ticks == {1: Tick(2, 1, 0, 1), 2: Tick(1, 0, 1, 0)}
    assert whole.recent.total == 3
    assert (whole.offered, whole.busiest) == (7, 0.5)
