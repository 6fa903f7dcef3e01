"""Run directories that another version of Étalon wrote: read, or refused with its name."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from etalon_cli.command import main

if TYPE_CHECKING:
    from pathlib import Path

RUN = "simulate pilot-2021 --population 20 --knowledge 0 --until 2021-08-30 --out"
FORMER = "0.0.1"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of this version."""
    out = tmp_path_factory.mktemp("runs") / "run"
    assert main([*RUN.split(), str(out)]) == 0
    return out


@pytest.fixture
def run(written: Path, tmp_path: Path) -> Path:
    """A copy of it that may be changed."""
    return shutil.copytree(written, tmp_path / "run")


def change(file: Path, **values: Any) -> None:  # noqa: ANN401 (JSON)
    """Change what a JSON file says."""
    content = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(content | values), encoding="utf-8")


def test_a_run_of_an_older_version_is_drawn_and_not_repeated(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Keys and files that went since are skipped; what would run again names the version."""
    change(run / "run.json", etalon_version=FORMER, gone_since=[1])
    change(run / "summary.json", gone_since={"a": 1})
    (run / "gone.csv").touch()

    codes = {
        "report": main(["report", str(run), "--lang", "en"]),
        "reproduce": main(["reproduce", str(run), "--lang", "en"]),
        "resume": main([*RUN.split(), str(run), "--resume", "--lang", "en"]),
    }

    printed = capsys.readouterr()
    assert codes == {"report": 0, "reproduce": 3, "resume": 2}
    assert FORMER in printed.out
    assert f"etalon_version: {FORMER} instead of" in printed.err


@pytest.mark.parametrize("verb", ["report", "note"])
def test_a_run_of_a_later_form_is_refused_with_the_version_to_install(
    run: Path, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    """Its figures might mean something else."""
    change(run / "run.json", etalon_version="9.0.0", schema_version=2)

    code = main([verb, str(run), "--lang", "en"])

    said = capsys.readouterr().err
    assert code == 2
    assert "key schema_version: 2, written by Étalon 9.0.0" in said
