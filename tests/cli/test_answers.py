"""Commands that answer at once: scenarios and rules."""

import json
import re

import jsonschema
import pytest

from etalon_cli.command import main
from etalon_text.schema_files import schema


def test_every_shipped_scenario_is_listed_and_valid(capsys: pytest.CaptureFixture[str]) -> None:
    """`list` names them, `validate` passes each, `show` prints every parameter."""
    assert main(["scenarios", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)

    names = {scenario["name"] for scenario in listed}
    assert names >= {"pilot-2021", "pilot-announced", "launch-2022", "dmp-opt-in"}
    for name in sorted(names):
        assert main(["scenarios", "validate", name, "--json"]) == 0
        counted = json.loads(capsys.readouterr().out)
        assert main(["scenarios", "show", name, "--json"]) == 0
        shown = json.loads(capsys.readouterr().out)
        jsonschema.validate(shown, dict(schema("scenario")))
        assert counted["parameters"] == len(shown["parameters"]) > 0


def test_a_scenario_is_shown_with_its_levers_in_the_language_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A lever with its value and question, a number with its unit; one not in use says so."""
    assert main(["scenarios", "show", "letters-to-seniors", "--lang", "fr"]) == 0
    lines = [re.sub(" +", " ", line) for line in capsys.readouterr().out.splitlines()]

    assert "notices.letter_from_age 70 Faut-il écrire par courrier aux plus âgés\u202f?" in lines
    assert "costs.call prix d\u2019un appel 5 € par appel 3 à 8 ○ hypothèse \u2013" in lines
    assert any(line.startswith("media.shock_size (sans effet ici) ") for line in lines)


def test_the_schema_of_scenario_files_is_a_json_schema(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What `scenarios schema` prints can be used by an editor."""
    assert main(["scenarios", "schema"]) == 0

    jsonschema.Draft202012Validator.check_schema(json.loads(capsys.readouterr().out))


def test_a_rule_is_explained_with_what_enforces_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Text, sources, certainty and at least one function of the model."""
    assert main(["explain", "lif-04", "--json"]) == 0

    rule = json.loads(capsys.readouterr().out)
    assert rule["id"] == "LIF-04"
    assert rule["enforced_by"][0].startswith("etalon_model.")
    assert rule["text"]
    assert rule["source"]


def test_an_unknown_rule_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2."""
    code = main(["explain", "LIF-044", "--lang", "en"])

    assert code == 2
    assert "no rule 'LIF-044'; nearest: LIF-04." in capsys.readouterr().err
