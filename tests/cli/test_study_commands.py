"""`etalon calibrate` and `etalon forecast`, from what is typed to what is written."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import jsonschema
import pytest

from etalon_cli.command import main
from etalon_text.schema_files import schema

if TYPE_CHECKING:
    from pathlib import Path

FIGURES = """id,scenario,quantity,value,low,high,unit,source
F1,pilot-2021,email_share,0.7,0.65,0.75,share,https://example.org
"""
WEEKS = """week_ends_on,group,total,population
2021-05-05,All,1000,1000000
2021-05-12,All,1100,1000000
2021-05-19,All,1300,1000000
2021-05-26,All,1700,1000000
"""


def test_a_calibration_writes_its_record_a_scenario_that_loads_and_a_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A table of one figure and one path are enough."""
    (tmp_path / "figures.csv").write_text(FIGURES, encoding="utf-8")
    typed = ["calibrate", "pilot-2021", "--targets", str(tmp_path / "figures.csv")]
    typed += ["--fit", "notices.email_share", "--population", "300", "--seeds", "1"]
    code = main([*typed, "--out", str(tmp_path / "K"), "--workers", "1", "--lang", "fr"])
    record = json.loads((tmp_path / "K/calibration.json").read_text(encoding="utf-8"))

    assert code == 0
    jsonschema.validate(record, schema("calibration"))
    assert record["fitted"][0]["hit"] is True
    said = capsys.readouterr().out
    assert "F1" in said
    assert re.search("notices[.]email_share +\u00d7 0,9", said), "a series is fitted by a factor"
    assert "Paramètres calés" in (tmp_path / "K/report.html").read_text(encoding="utf-8")
    assert main(["scenarios", "validate", str(tmp_path / "K/scenario.toml")]) == 0


def test_a_forecast_of_the_shipped_scheme_writes_its_record_and_a_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Four weekly flows, ten weeks, by age and sex; drawn again in the other language."""
    code = main(["forecast", "england-ndop", "--out", str(tmp_path / "F"), "--json"])
    record = json.loads(capsys.readouterr().out)

    assert code == 0
    jsonschema.validate(record, schema("forecast"))
    assert len(record["groups"]) == 13
    assert [len(group["weeks"]) for group in record["groups"]] == [10] * 13
    assert main(["report", str(tmp_path / "F"), "--lang", "fr"]) == 0
    assert "Semaines à venir" in (tmp_path / "F/report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["calibrate", "pilot-2021"], "--targets is missing"),
        (["calibrate", "pilot-2021", "--targets", "pilote"], "pilot"),
        (["calibrate", "pilot-2021", "--targets", "none.csv", "--fit", "x"], "none.csv"),
        (["forecast", "pilot-2021"], "--observed is missing"),
        (["forecast", "pilot-2021", "--observed", "weeks.csv"], "the people of the scenario"),
        (["forecast", "no-such-scheme"], "--observed is missing"),
        (["forecast", "england-ndop", "--weeks", "0"], "--weeks"),
    ],
)
def test_what_cannot_be_done_ends_with_exit_code_2_and_one_message(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    typed: list[str],
    said: str,
) -> None:
    """No traceback, and no directory of results."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weeks.csv").write_text(WEEKS, encoding="utf-8")
    code = main([*typed, "--lang", "en", "--out", "R"])
    err = capsys.readouterr().err

    assert code == 2
    assert said in err
    assert "Traceback" not in err
    assert not (tmp_path / "R").exists()
