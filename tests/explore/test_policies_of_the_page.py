"""Controls, addresses and scenario files of the page: what is typed is what is simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etalon_explore.controls import Control, controls_of, number_of
from etalon_explore.scenario_file import policy_file
from etalon_explore.views import Choice, View, address_of, view_at
from etalon_explore.words import known_in_words, label, moved_in_words, refusal_in_words
from etalon_scenarios.levers import levers
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.policies.changes import changes_between
from etalon_text.language import LANGUAGES

if TYPE_CHECKING:
    from pathlib import Path

    from etalon_text.language import Language

SCENARIOS = {
    name: load_scenario(name)
    for name in ("launch-2022", "reminder-day-28", "press-scare", "opt-in")
}
LAUNCH = SCENARIOS["launch-2022"]
CONTROLS = {control.key: control for control in controls_of(LAUNCH)}
WITHOUT = {
    "enrolment.mode": "another scheme is another scenario: opt-in",
    "notices.email_share": "twenty values by age",
    "platform.capacity": "a file",
    "scenario.random": "a question about the program, not about a policy",
}
"""Lever -> why no control moves it."""

MOVES = {
    "notices.letter_from_age": "70",
    "notices.letter_to_excluded": "true",
    "notices.second_channel": "none",
    "reminders.after_days": "28",
    "reminders.channel": "letter",
    "enrolment.opposition_window": "P10W",
    "minors.rule": "own-from-16",
    "waves.volume": "2000000",
    "waves.order": "spread",
    "creation.starts_on": "2022-04-01",
    "creation.clock": "own-notice",
    "hotline.agents": "500",
    "hotline.opens": "08:00",
    "hotline.open_on": "every-day",
    "media.shock_on": "2022-03-07",
    "intent.trust_shift": "-10",
    "costs.email": "0.004",
}


def read(address: str, language: Language = "fr") -> View:
    """Read an address that means something throughout."""
    view, refusals = view_at(address, SCENARIOS, "launch-2022", language)
    assert (refusals.values, refusals.others) == ({}, [])
    return view


def in_file(choice: Choice, folder: Path) -> Path:
    """Write the scenario file of a policy."""
    scenario = SCENARIOS[choice.base]
    made = policy_file(choice, scenario, choice.base, moved_in_words)
    path = folder / made.file
    path.write_text(made.text, encoding="utf-8")
    return path


def test_every_lever_has_a_control_or_a_reason() -> None:
    """The table of controls follows that of the levers."""
    moved = {control.lever.key for control in CONTROLS.values()}
    known = {lever.key for lever in levers()}

    assert moved | set(WITHOUT) == {key.partition("=")[0] for key in known}
    assert not moved & set(WITHOUT)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_control_is_told_in_words(language: Language) -> None:
    """Each has a name, what is known of it, and words for a value that it refuses."""
    for control in CONTROLS.values():
        assert label(control, language)[0].isupper()
        assert "never" in refusal_in_words(control, "never", language)
        assert not control.accepts("never")
        if control.known is not None:
            assert known_in_words(control, language)


def test_a_control_says_the_law_that_fixes_its_value() -> None:
    """The window to object names its article, and six weeks in words."""
    said = " ".join(known_in_words(CONTROLS["enrolment.opposition_window"], "en"))

    assert "CSP R. 1111-28 (six weeks)" in said


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("0,5", "0.5"),
        ("0,125", "0.125"),
        ("1 000", "1000"),
        ("1\u202f000", "1000"),
        ("\u22123", "-3"),
        ("1,000", None),
        ("1,000,000", None),
        ("1e999999999", None),
        ("1e-400", None),
        ("NaN", None),
        ("Infinity", None),
        ("", None),
        ("٣", "3"),
    ],
)
def test_a_number_is_read_as_either_language_writes_it(typed: str, value: str | None) -> None:
    """A comma before three digits is told neither way; what is no number of a scenario is none."""
    found = number_of(typed)

    assert (None if found is None else str(found)) == value


def test_the_page_runs_the_file_that_it_hands_out(tmp_path: Path) -> None:
    """Every lever moved at once: the file changes those and nothing else."""
    choice = read("&".join(f"{key}={value}" for key, value in MOVES.items())).policy

    found = changes_between(LAUNCH, load_scenario(str(in_file(choice, tmp_path))))
    changed = {path: after for path, _, after in found}

    assert dict(choice.moved) == MOVES
    sections = {key for key in MOVES if key.partition(".")[0] not in {"waves", "reminders"}}
    assert set(changed) == sections | {"waves", "reminders"}
    assert {key: changed[key] for key in sections} == {key: MOVES[key] for key in sections}
    assert changed["waves"] == (
        "first_on = 2022-01-31, volume = 2000000, departments = all, order = spread"
    )
    assert "after_days = 28, channel = letter" in str(changed["reminders"])


def test_a_reminder_can_be_taken_away(tmp_path: Path) -> None:
    """The reminder of a scenario that has one, emptied, leaves the launch."""
    choice = read("policy=reminder-day-28&reminders.after_days=").policy

    assert changes_between(LAUNCH, load_scenario(str(in_file(choice, tmp_path)))) == []


def test_a_scheme_on_request_has_no_control() -> None:
    """Nothing of a notice is in use there."""
    assert controls_of(SCENARIOS["opt-in"]) == ()


def moves(control: Control) -> st.SearchStrategy[str]:
    """Values that a control accepts."""
    match control.kind:
        case "choice":
            return st.sampled_from([one for one in control.choices if one])
        case "date":
            return st.dates().map(str)
        case "time":
            return st.times().map(lambda time: f"{time:%H:%M}")
        case _:
            bounds = control.expected
            assert bounds is not None
            most = min(int(bounds.high), 10**9)
            return st.integers(int(bounds.low) + 1, max(most, 1)).map(str)


@st.composite
def choices(draw: st.DrawFn) -> Choice:
    """Policies as somebody may choose them."""
    moved = draw(st.sets(st.sampled_from(sorted(CONTROLS)), max_size=6))
    values = {key: draw(moves(CONTROLS[key])) for key in moved}
    return Choice(
        "launch-2022",
        tuple(
            (key, values[key])
            for key, control in CONTROLS.items()
            if key in values and values[key] != control.value
        ),
    )


@settings(max_examples=settings().max_examples // 4)
@given(choices(), choices(), st.booleans(), st.sampled_from(LANGUAGES))
def test_an_address_brings_its_view_back(
    reference: Choice,
    policy: Choice,
    intervals: bool,  # noqa: FBT001 (one of two views)
    language: Language,
) -> None:
    """Whatever is moved on either side."""
    view = View(reference=reference, policy=policy, intervals=intervals, language=language)

    assert read(address_of(view), "en") == view


@settings(max_examples=settings().max_examples // 4)
@given(st.text(max_size=200), st.dictionaries(st.sampled_from(sorted(CONTROLS)), st.text()))
def test_no_address_breaks_the_page(junk: str, typed: dict[str, str]) -> None:
    """Anything at all gives a view; a value that is refused is told at its control."""
    address = "&".join([junk, *(f"{key}={value}" for key, value in typed.items())])

    view, refusals = view_at(address, SCENARIOS, "launch-2022", "fr")

    assert view.policy.base in SCENARIOS
    for key in refusals.values:
        assert refusal_in_words(CONTROLS[key], refusals.values[key], "fr")
    again, _ = view_at(address_of(view), SCENARIOS, "launch-2022", "fr")
    assert again == view


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("policy=../../etc/passwd", "policy=../../etc/passwd"),
        ("reference=nobody", "reference=nobody"),
        ("hotline.agnets=3", "hotline.agnets=3"),
        ("reference.hotline.agents=-1", "reference.hotline.agents=-1"),
    ],
)
def test_what_an_address_cannot_mean_is_told(address: str, said: str) -> None:
    """No scenario is read but those offered; what is left out is named."""
    view, refusals = view_at(address, SCENARIOS, "launch-2022", "en")

    assert view.policy == view.reference == Choice("launch-2022")
    assert said in refusals.others
