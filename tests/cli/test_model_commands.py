"""`etalon model` and `etalon explain`: what they print, write and refuse."""

import json
import re
from pathlib import Path
from typing import Any, cast

import pytest

from etalon_cli.command import main
from etalon_cli.rule_answer import standing_text
from etalon_model.rulebook import FRENCH_MARK, PARAMETER_NAMES, Rule, rulebook
from etalon_model.states import TRANSITIONS, State
from etalon_model.tables import rows_of
from etalon_text.certainty import certainty_text

ENGLISH = ("--lang", "en")
STANDINGS = {"law", "published specification", "draft", "product observed", "own design"}


def told(capsys: pytest.CaptureFixture[str], *typed: str) -> str:
    """Carry out a command that succeeds and return what it printed."""
    assert main(list(typed)) == 0
    return capsys.readouterr().out


def as_json(capsys: pytest.CaptureFixture[str], *typed: str) -> Any:  # noqa: ANN401 (JSON)
    """Return what a command that succeeds printed as JSON."""
    return json.loads(told(capsys, *typed, "--json"))


def test_rules_lists_the_191_with_enforcement_and_tests(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each has its standing; a link that nobody has is null and never a guess."""
    rules = as_json(capsys, "model", "rules")

    assert len(rules) == len({rule["id"] for rule in rules}) == 191
    assert {rule["standing"] for rule in rules} == STANDINGS
    assert sum(rule["application_alone"] for rule in rules) == 65
    links = [origin["link"] for rule in rules for origin in rule["origins"]]
    assert None in links
    assert all(link is None or link.startswith("https://github.com/") for link in links)
    silence = next(rule for rule in rules if rule["id"] == "LIF-04")
    assert "etalon_model.opening.open_automatically" in silence["enforced_by"]
    assert any("test_opening.py::" in test for test in silence["tests"])
    assert "space_opens_after_the_window_only" in silence["checks"]
    assert silence["reason"] is None


@pytest.mark.parametrize("rule", rulebook(), ids=lambda rule: cast("Rule", rule).ident)
def test_a_rule_says_where_it_comes_from_in_two_languages(rule: Rule) -> None:
    """Its sources stand in the table of sources, its parameters in the parameters."""
    assert rule.text.endswith(".")
    assert rule.text_fr.endswith(".")
    assert rule.text != rule.text_fr
    assert rule.certainty
    assert {origin.key for origin in rule.origins} <= {row["key"] for row in rows_of("sources.csv")}
    assert set(rule.parameters) <= PARAMETER_NAMES


def test_french_rules_are_marked_as_a_rewording(capsys: pytest.CaptureFixture[str]) -> None:
    """Wherever a French text is printed, it says that it obliges nobody."""
    assert FRENCH_MARK in told(capsys, "model", "rules", "--lang", "fr")
    assert FRENCH_MARK in told(capsys, "explain", "LIF-04", "--lang", "fr")
    assert all(FRENCH_MARK in rule["text_fr"] for rule in as_json(capsys, "model", "rules"))
    assert FRENCH_MARK not in told(capsys, "model", "rules", "--lang", "en")


def test_explain_says_everything_that_is_known_of_a_rule(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Standing, provenance, values by vintage, functions, tests, open questions."""
    said = told(capsys, "explain", "lif-04", "--lang", "en")

    for part in (
        "standing: law",
        "read at: mirror; link: missing",
        "value opposition_window: pilot-2021 P1M, launch-2022 P6W, steady-2023 P6W",
        "enforced by etalon_model.opening.open_automatically",
        "shown by tests/model/test_opening.py::",
        "open question C2",
    ):
        assert part in said


def test_explain_says_when_only_the_application_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A rule seen in the code of the mobile application alone, and one that a text says too."""
    assert "the mobile application alone says so" in told(capsys, "explain", "LIF-08", *ENGLISH)
    assert "the mobile application alone" not in told(capsys, "explain", "LIF-07", *ENGLISH)


def test_explain_says_why_nothing_enforces_a_rule(capsys: pytest.CaptureFixture[str]) -> None:
    """A rule that a model cannot hold has its reason."""
    unheld = next(rule for rule in rulebook() if rule.reason)

    assert f"why: {unheld.reason}" in told(capsys, "explain", unheld.ident, *ENGLISH)


def test_an_unknown_rule_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """Bad input, and where the list is."""
    assert main(["explain", "LIF-99", "--lang", "en"]) == 2
    assert "no rule 'LIF-99'; nearest: LIF-" in capsys.readouterr().err


def test_policies_lists_the_22_open_questions(capsys: pytest.CaptureFixture[str]) -> None:
    """Contradictions and gaps, switches with their default."""
    questions = as_json(capsys, "model", "policies")

    wanted = [f"C{n}" for n in range(1, 9)] + [f"G{n}" for n in range(1, 15)]
    assert [question["id"] for question in questions] == wanted
    switches = [question for question in questions if question["form"] == "switch"]
    assert switches
    assert all(question["settings"] for question in switches)
    assert "policies.masking_policy: law, product; default: law" in told(
        capsys, "model", "policies", "--lang", "en"
    )


def test_open_questions_are_asked_in_french_too(capsys: pytest.CaptureFixture[str]) -> None:
    """Every word of them, with French spaces; JSON carries both languages."""
    questions = as_json(capsys, "model", "policies")
    said = told(capsys, "model", "policies", "--lang", "fr")

    words = ("question", "values", "default", "would_change", "how_to_close")
    for question in questions:
        assert question["question_fr"] in said
        assert question["would_change_fr"] in said
        assert all(bool(question[word]) is bool(question[f"{word}_fr"]) for word in words)
        for asked in question["values"].split("|"):
            machine_value = asked.removesuffix(" each")
            known = machine_value in question["values_fr"] or machine_value.startswith("any ")
            assert known, question["id"]
    spaced = (question[f"{word}_fr"] for question in questions for word in words)
    assert not [word for word in spaced if re.search(r" [;:?!%»]|« ", word)]
    assert "«\u202fsuperseded\u202f»" in said
    assert "Who still" not in said


def test_a_rule_is_explained_in_french_words(capsys: pytest.CaptureFixture[str]) -> None:
    """Standing, source, certainty, reason and question, none left in English."""
    plain = str.maketrans("\u00a0\u202f", "  ")
    said = told(capsys, "explain", "LIF-04", "--lang", "fr").translate(plain)
    why = told(capsys, "explain", "MTX-08", "--lang", "fr").translate(plain)

    assert "nature : loi ou règlement" in said
    assert "lieu de lecture : site miroir, non officiel ; lien : (manquant)" in said
    assert "dernier contrôle : (manquant)" in said
    assert "question ouverte C2 : Le délai d\u2019opposition dure-t-il six semaines" in said
    assert "pourquoi : Une infraction pénale relève du juge" in why
    choices = told(capsys, "explain", "EMG-02", "--lang", "fr")
    assert "Réponse du modèle\u202f: yes (oui), yes (oui), no (non)." in choices


@pytest.mark.parametrize("rule", rulebook(), ids=lambda rule: cast("Rule", rule).ident)
def test_every_word_around_a_rule_has_its_french(rule: Rule) -> None:
    """Standing and certainty are translated, sources have a French title."""
    assert standing_text(rule, "fr")
    assert not {"inferred", "reading", "always"} & set(
        re.findall(r"[a-z]+", certainty_text(rule.certainty, "fr"))
    )
    assert all(origin.title_fr for origin in rule.origins)
    assert bool(rule.reason) is bool(rule.reason_fr)


def test_the_life_cycle_is_drawn_with_every_state_and_transition(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """As a picture and as Mermaid, in a folder that did not exist."""
    told(capsys, "model", "state-diagram", "--out", str(tmp_path / "new"))

    for name in ("life-cycle.svg", "life-cycle.mmd"):
        drawing = (tmp_path / "new" / name).read_text(encoding="utf-8")
        assert [state for state in State if state.value not in drawing] == []
        assert [ident for ident in TRANSITIONS if ident not in drawing] == []


def test_a_recorded_journal_replays_to_its_digest(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The same seed gives the same bytes; another seed another digest."""
    first, again, other = (str(tmp_path / name) for name in ("first", "again", "other"))
    size = ("--commands", "600", "--out")
    recorded = as_json(capsys, "model", "record", *size, first)
    as_json(capsys, "model", "record", *size, again)
    differing = as_json(capsys, "model", "record", "--seed", "2", *size, other)

    replayed = as_json(capsys, "model", "replay", first)

    assert 600 <= replayed["commands"] == recorded["commands"] < 640
    assert replayed["digest"] == recorded["digest"] != differing["digest"]
    assert Path(first).read_bytes() == Path(again).read_bytes()


def test_a_journal_that_leads_elsewhere_or_nowhere_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A changed digest is a no, a torn journal no answer, a missing one bad input."""
    journal = tmp_path / "J"
    told(capsys, "model", "record", "--commands", "50", "--out", str(journal))
    lines = journal.read_text(encoding="utf-8").splitlines(keepends=True)
    last = json.loads(lines[-1]) | {"digest": "0" * 64}

    journal.write_text("".join(lines[:-1]) + json.dumps(last), encoding="utf-8")
    assert main(["model", "replay", str(journal), "--lang", "en"]) == 1
    assert f"instead of {'0' * 64}" in capsys.readouterr().err
    journal.write_text("".join(lines[:-1]), encoding="utf-8")
    assert main(["model", "replay", str(journal), "--lang", "en"]) == 3
    assert "without its last line: it was torn" in capsys.readouterr().err
    assert main(["model", "replay", str(tmp_path / "none"), "--lang", "en"]) == 2
    assert "no such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    "typed",
    [
        ("model", "record", "--commands", "0"),
        ("model", "record", "--seed", "-1"),
        ("model", "record", "--out", "{folder}"),
        ("model", "vectors", "--out", "{folder}"),
        ("model", "state-diagram", "--out", "{folder}/file"),
    ],
)
def test_what_cannot_be_written_or_walked_is_bad_input(
    typed: tuple[str, ...], tmp_path: Path
) -> None:
    """A number out of bounds, a folder where a file should be, a folder in use."""
    (tmp_path / "file").write_text("in use", encoding="utf-8")

    assert main([word.format(folder=tmp_path) for word in typed]) == 2
    assert [file.name for file in tmp_path.iterdir()] == ["file"]
