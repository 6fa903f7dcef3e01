"""`etalon report` on the directory of a conformance run."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from etalon_cli.command import main
from etalon_cli.reporting import FORMATS, WRITERS
from etalon_reports.conformance.formats import CONFORMANCE_WRITERS

if TYPE_CHECKING:
    from collections.abc import Callable

_INVENTED = Path(__file__).parents[1] / "reports" / "invented_conformance.py"
write_invented_conformance: Callable[..., Path] = runpy.run_path(str(_INVENTED))[
    "write_invented_conformance"
]


@pytest.fixture(scope="module")
def signed_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a signed conformance run."""
    return write_invented_conformance(tmp_path_factory.mktemp("conformance") / "R")


def test_the_formats_of_every_kind_of_run_are_accepted() -> None:
    """The list that a refusal quotes is what there is."""
    assert set(FORMATS) == {*WRITERS, *CONFORMANCE_WRITERS}


def test_a_conformance_run_is_recognised_and_drawn_in_each_format(
    signed_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Into `redrawn`, for the directory is signed; each file named as it is written."""
    code = main(["report", str(signed_run), "--format", "html,junit,testreport,csv,xlsx", "--json"])

    written = [Path(path) for path in json.loads(capsys.readouterr().out)["written"]]
    assert code == 0
    assert [path.name for path in written] == [
        "report.html",
        "junit.xml",
        "testreport.json",
        "requirements.csv",
        "results.csv",
        "verdicts.csv",
        "answers.csv",
        "tables.xlsx",
    ]
    assert all(path.is_file() and "redrawn" in path.parts for path in written)


@pytest.mark.parametrize("asked", ["docx", "html,", "PDF"])
def test_a_format_that_no_run_has_is_refused(
    signed_run: Path, asked: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line that lists the formats, exit code 2."""
    code = main(["report", str(signed_run), "--format", asked, "--lang", "en"])

    assert code == 2
    assert "junit, testreport, attestation" in capsys.readouterr().err


def test_a_format_of_conformance_is_refused_for_another_kind_of_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The refusal lists what that kind of run has."""
    code = main(["report", str(tmp_path), "--format", "junit", "--lang", "en"])

    assert code == 2
    assert "Accepted: html, pdf, csv, xlsx." in capsys.readouterr().err


def test_verdicts_that_are_not_as_published_stop_with_their_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback: the file, the key, what was expected; a later form names who reads it."""
    (tmp_path / "verdicts.json").write_text('{"format": 9}', encoding="utf-8")

    code = main(["report", str(tmp_path), "--lang", "en"])

    assert code == 2
    assert "verdicts.json, key format: 9, " in capsys.readouterr().err
