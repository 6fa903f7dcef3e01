"""Results of a later form: what would judge or compare them names the version to install."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from etalon_cli.command import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("line", "file"),
    [
        ("conformance judge {run}", "verdicts.json"),
        ("conformance verify {run}", "verdicts.json"),
        ("report sign {run} --by Jeanne --role Director", "verdicts.json"),
        ("load compare {run} {run}", "summary.json"),
        ("load decide --runs {run} --capacity {capacity}", "summary.json"),
        ("load decide --runs {run} --capacity {run}/capacity.json", "capacity.json"),
        ("reproduce {run}", "run.json"),
    ],
)
def test_a_later_form_is_refused_by_whatever_would_make_use_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, file: str
) -> None:
    """Exit code 2: its figures or its verdicts might mean something else."""
    run, capacity = tmp_path / "run", tmp_path / "capacity.json"
    run.mkdir()
    (run / "run.json").write_text("{}", encoding="utf-8")
    capacity.write_text('{"held": 5, "missed": 6}', encoding="utf-8")
    form = {"format": 2, "etalon_version": "9.0.0"}
    (run / file).write_text(json.dumps(form), encoding="utf-8")

    code = main([*line.format(run=run, capacity=capacity).split(), "--lang", "fr"])

    said = capsys.readouterr().err
    assert code == 2
    assert f"{file}, clé format\u202f: 2, écrit par Étalon 9.0.0" in said
    assert "installez cette version" in said
