"""Commands that answer at once: scenarios, rules, and what is installed."""

import json

import jsonschema
import pytest

from etalon_cli.command import main
from etalon_cli.doctor_command import NEEDED_BY, libraries_required
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


def test_the_schema_of_scenario_files_is_a_json_schema(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What `scenarios schema` prints can be used by an editor."""
    assert main(["scenarios", "schema"]) == 0

    jsonschema.Draft202012Validator.check_schema(json.loads(capsys.readouterr().out))


def test_the_doctor_looks_for_every_library_that_is_required() -> None:
    """A library added to the distribution is added to the doctor's table."""
    assert set(NEEDED_BY) == libraries_required()


def test_the_doctor_finds_this_environment_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0, and every library with its version."""
    assert main(["doctor", "--json"]) == 0

    findings = json.loads(capsys.readouterr().out)["findings"]
    assert all(finding["good"] and finding["version"] for finding in findings)


def test_a_missing_library_is_told_with_the_command_that_needs_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 3."""
    monkeypatch.setitem(NEEDED_BY, "no-such-library", "simulate")

    code = main(["doctor", "--lang", "en"])

    printed = capsys.readouterr()
    assert code == 3
    assert "missing: etalon simulate will not work" in printed.out


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
