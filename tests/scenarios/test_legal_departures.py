"""Which texts a policy supposes changed, and that every lever says its question."""

from __future__ import annotations

import pytest

from etalon_model import Period, vintage
from etalon_model.parameters import provenance
from etalon_scenarios.legal_departures import Departure, legal_departures
from etalon_scenarios.levers import levers
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.period_words import in_words
from etalon_scenarios.scenario import Scenario
from etalon_scenarios.scenario_keys import info_at


def departures(*changes: str, name: str = "launch-2022") -> list[Departure]:
    """Return the departures of a shipped scenario with some levers moved."""
    return legal_departures(load_scenario(name, changes))


@pytest.mark.parametrize("name", ["launch-2022", "pilot-2021", "dmp-opt-in"])
def test_history_ran_under_the_law_as_it_stood(name: str) -> None:
    """Nothing that happened supposes a change of law."""
    assert departures(name=name) == []


def test_the_month_that_was_announced_is_not_the_time_of_the_decree() -> None:
    """The pilot as announced departs from R. 1111-28, in words of both languages."""
    (found,) = departures(name="pilot-announced")

    assert found.as_json() == {
        "path": "enrolment.opposition_window",
        "text": "CSP R. 1111-28",
        "value": "P1M",
        "in_force": "P6W",
        "fr": "suppose de modifier l'art. R. 1111-28 du code de la santé publique : un mois pour "
        "s'opposer au lieu de six semaines",
        "en": "supposes a change of article R. 1111-28 of the public health code: one month to "
        "object in place of six weeks",
    }


DEPARTING = {
    "enrolment.opposition_window=P10W": ("CSP R. 1111-28", "dix semaines", "ten weeks"),
    "notices.letter_from_age=75": ("CSP R. 1111-28", "à partir de 75 ans", "from 75 years"),
    "notices.letter_to_excluded=true": ("CSP R. 1111-28", "éloignées", "excluded"),
    "notices.second_channel=none": ("CSP R. 1111-28", "rien ne suit", "nothing follows"),
    "minors.rule=not-opened": ("CSP L. 1111-13-1", "représentant", "representative"),
    "minors.rule=own-from-16": ("C. civ. 414", "dès 16 ans", "from 16"),
}


@pytest.mark.parametrize("change", DEPARTING)
def test_a_lever_knows_its_text(change: str) -> None:
    """One lever moved, one text named, the new value in words."""
    (found,) = departures(change)

    assert found.path == change.partition("=")[0]
    assert (
        found.text,
        *(
            words in said
            for words, said in zip(DEPARTING[change][1:], (found.fr, found.en), strict=True)
        ),
    ) == (DEPARTING[change][0], True, True)


@pytest.mark.parametrize(
    "change",
    [
        "enrolment.opposition_window=P42D",
        "enrolment.code_validity=P2W",
        "creation.clock=own-notice",
        "waves.0.order=region",
        "hotline.open_on=every-day",
        "intent.trust_shift=-10",
        "costs.letter=2",
    ],
)
def test_what_no_text_fixes_departs_from_nothing(change: str) -> None:
    """42 days are six weeks; practice, staff and costs are no law."""
    assert departures(change) == []


def test_a_scheme_on_request_departs_once_spaces_open_by_themselves() -> None:
    """The record of 2011 to 2021 was the law of its days; the same after the summer is not."""
    (found,) = departures("scenario.ends_on=2021-12-31", name="dmp-opt-in")

    assert (found.path, found.text) == ("enrolment.mode", "CSP L. 1111-13-1")


def test_the_window_in_force_is_that_of_the_model() -> None:
    """The table of levers and the values of the service name one text and one period."""
    (row,) = (lever for lever in levers() if lever.key == "enrolment.opposition_window")
    known = provenance("launch-2022")["opposition_window"]

    assert vintage("launch-2022").opposition_window == Period(row.in_force)
    assert row.text.removeprefix("CSP ") in known.legal_text
    assert row.since == known.published_on


def test_every_lever_is_a_key_and_asks_a_question_in_both_languages() -> None:
    """A lever exists in the scenario file; what a departure supposes is said in both languages."""
    for lever in levers():
        assert info_at(Scenario, lever.key.split(".")) is not None, lever.key
        assert lever.value or (lever.question_fr.endswith(" ?") and lever.question_en[-1] == "?")
        assert bool(lever.text) == bool(lever.fr) == bool(lever.en) == (lever.since is not None)
        assert lever.moves in {"ledger", "cost"}


def test_no_lever_stands_twice() -> None:
    """One row a lever, and one a value where values depart from different texts."""
    rows = [(lever.key, lever.value) for lever in levers()]

    assert len(set(rows)) == len(rows)


@pytest.mark.parametrize(
    ("period", "fr", "en"),
    [
        ("P1W", "une semaine", "one week"),
        ("P6W", "six semaines", "six weeks"),
        ("P1M", "un mois", "one month"),
        ("P1Y", "un an", "one year"),
        ("P42D", "42 jours", "42 days"),
        ("P16W", "seize semaines", "sixteen weeks"),
    ],
)
def test_periods_are_written_out(period: str, fr: str, en: str) -> None:
    """Words up to sixteen, figures above."""
    assert (in_words(period, "fr"), in_words(period, "en")) == (fr, en)
