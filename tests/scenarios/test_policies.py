"""The shipped policies: each starts from the launch, changes something, and says which question."""

from datetime import date
from pathlib import Path

import pytest

from etalon_scenarios.engine import agents_engine
from etalon_scenarios.legal_departures import legal_departures
from etalon_scenarios.loading import load_scenario, shipped_scenarios
from etalon_scenarios.policies.changes import changes_between
from etalon_scenarios.population_table import population_table
from etalon_scenarios.scenario_errors import ScenarioError

PARENT = "launch-2022"
QUESTIONS = {
    "a longer window": "ten-week-window",
    "e-mail or letter": "letters-to-seniors",
    "a reminder": "reminder-day-28",
    "waves or one day": "big-bang",
    "a leak or a scare": "press-scare",
    "trust falls": "trust-falls",
    "opt-in instead": "opt-in",
    "codes, calls, agents": "small-hotline",
    "what each option costs": "all-letters",
    "who ends up absent": "letters-to-excluded",
    "when documents are of use": "early-opening",
}
"""What policy teams ask -> the policy shipped for it."""

DEPARTURES = {
    "ten-week-window": {"enrolment.opposition_window"},
    "letters-to-seniors": {"notices.letter_from_age"},
    "all-letters": {"notices.letter_from_age"},
    "letters-to-excluded": {"notices.letter_to_excluded"},
    "opt-in": {"enrolment.mode"},
}
"""Policy -> the keys whose text it departs from; the others stand under current law."""

CHANGED = {
    "ten-week-window": {"enrolment.opposition_window", "enrolment.code_validity"},
    "letters-to-seniors": {"notices.letter_from_age"},
    "reminder-day-28": {"reminders"},
    "big-bang": {"waves", "creation.starts_on"},
    "press-scare": {"media.shock_on", "media.shock_size", "media.half_life_days"},
    "trust-falls": {"intent.trust_shift"},
    "opt-in": {"waves", "enrolment.mode", "optin.segments"},
    "small-hotline": {"hotline.agents", "hotline.lines"},
    "all-letters": {"notices.letter_from_age"},
    "letters-to-excluded": {"notices.letter_to_excluded"},
    "early-opening": {"creation.starts_on", "creation.clock"},
}
PEOPLE = 300
UNTIL = date(2022, 4, 30)
ASSUMED = 'certainty = "assumption", source = "none"'
HALF_LIFE = f"media.half_life_days = {{ value = 5, low = 5, high = 5, {ASSUMED} }}"
ELASTICITY = f"intent.trust_elasticity = {{ value = 0.1, low = 0, high = 1, {ASSUMED} }}"
POLICIES = sorted(QUESTIONS.values())


def test_each_question_of_policy_teams_has_its_policy() -> None:
    """The shipped scenarios: the pilot and what it is set beside, the launch, one a question."""
    others = {"pilot-2021", "pilot-announced", "dmp-opt-in", "template-new-scheme", PARENT}
    others.add("stress-500-million")

    assert set(shipped_scenarios()) == others | set(POLICIES)
    assert len(QUESTIONS) == len(set(POLICIES)) == 11


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_extends_the_launch_and_says_its_question_in_both_languages(name: str) -> None:
    """Its own title and question, none of them its parent's."""
    heading, parent = load_scenario(name).scenario, load_scenario(PARENT).scenario

    assert heading.extends == PARENT
    assert heading.name == name
    assert heading.question_fr is not None
    assert heading.question_fr.endswith(" ?")
    assert heading.question_en is not None
    assert heading.question_en.endswith("?")
    assert heading.title_fr != parent.title_fr


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_changes_what_it_is_named_after_and_nothing_else(name: str) -> None:
    """Exactly these keys differ from the launch."""
    changes = changes_between(load_scenario(PARENT), load_scenario(name))

    assert {path for path, _, _ in changes} == CHANGED[name]


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_lists_the_texts_it_departs_from(name: str) -> None:
    """Most stand under current law."""
    found = {text.path for text in legal_departures(load_scenario(name))}

    assert found == DEPARTURES.get(name, set())


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_is_about_the_people_and_the_days_of_the_launch(name: str) -> None:
    """Otherwise what differs would not be the policy."""
    policy, parent = load_scenario(name), load_scenario(PARENT)

    assert (policy.starts_on, policy.ends_on) == (parent.starts_on, parent.ends_on)
    assert population_table(policy).full == population_table(parent).full


@pytest.mark.parametrize(
    ("parent", "lines", "path", "since"),
    [
        ("opt-in", 'enrolment.opposition_window = "P10W"', "opposition_window", "opt-in"),
        ("opt-in", "notices.letter_from_age = 70", "notices.letter_from_age", "opt-in"),
        ("launch-2022", HALF_LIFE, "media.half_life_days", "media.shock_on"),
        ("launch-2022", ELASTICITY, "intent.trust_elasticity", "intent.trust_shift is 0"),
    ],
)
def test_a_policy_that_contradicts_its_parent_is_refused(
    tmp_path: Path, parent: str, lines: str, path: str, since: str
) -> None:
    """A value that what it extends leaves without effect is a mistake, not a policy."""
    heading = f'extends = "{parent}"\nname = "mine"\ntitle_fr = "x"\ntitle_en = "x"\n'
    file = tmp_path / "mine.toml"
    file.write_text(f"{lines}\n[scenario]\n{heading}", encoding="utf-8")

    with pytest.raises(ScenarioError) as refused:
        load_scenario(str(file))

    assert path in refused.value.path
    assert refused.value.accepted.startswith("nothing, since ")
    assert since in refused.value.accepted


def test_every_policy_runs_and_all_but_the_hotline_tell_at_once() -> None:
    """A hotline of several agents serves 300 people with one, as a larger one does."""
    digests = {name: _digest(name) for name in (PARENT, *POLICIES)}

    same = {name for name in POLICIES if digests[name] == digests[PARENT]}
    assert same == {"small-hotline"}


def _digest(name: str) -> str:
    scenario = load_scenario(name)
    run = agents_engine().simulate(
        scenario, population=PEOPLE, seed=1, until=UNTIL, on_day=None, stop=lambda: False
    )
    return str(agents_engine().summarise(run, scenario)["ledger_digest"])
