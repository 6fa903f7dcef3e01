"""Every claim of the press has a verdict, and what shows it exists."""

from datetime import date

import pytest

import press_claims

CLAIMS = press_claims.rows(press_claims.ROOT / "scripts" / "press_claims.csv")
DATES = press_claims.rows(press_claims.ROOT / "scripts" / "timeline.csv")


def test_the_55_claims_are_accounted_for() -> None:
    """Numbered without a gap, each with a verdict and a reason."""
    assert [row["id"] for row in CLAIMS] == [f"SC{number:03d}" for number in range(1, 56)]
    assert all(row["verdict"] and row["because"] and row["certainty"] for row in CLAIMS)
    assert len(DATES) == 29


def test_whatever_shows_a_claim_exists() -> None:
    """Rules, scenarios, figures and sources by name; a stranger is named."""
    names = press_claims.known()
    stranger = {**CLAIMS[1], "shown": "rule:LIF-99|report:x", "source": "nobody"}

    assert press_claims.faults(CLAIMS, names) == []
    assert press_claims.faults(DATES, names) == []
    assert press_claims.faults([stranger], names) == [
        "SC002: no rule 'LIF-99'",
        "SC002: no report 'x'",
        "SC002: no source 'nobody'",
    ]


@pytest.mark.parametrize("claim", ["SC014", "SC052"])
def test_neither_programme_is_the_cost_of_the_service(claim: str) -> None:
    """650 million and 1.4 billion are context, and the page says so."""
    row = next(row for row in CLAIMS if row["id"] == claim)

    assert "the cost of the service" in row["because"]
    assert press_claims.shown(row) == "*context only*"
    assert "Two programmes are no cost of the service." in press_claims.page()


@pytest.mark.parametrize(
    ("day", "weekday"), [("2021-10-18", 0), ("2022-02-03", 3), ("2021-04-29", 3)]
)
def test_the_days_of_the_week_that_claims_name_are_right(day: str, weekday: int) -> None:
    """A Monday and two Thursdays."""
    assert date.fromisoformat(day).weekday() == weekday
