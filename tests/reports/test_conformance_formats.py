# pyright: standard
"""The other formats of a conformance run say what its page says."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest
from fhir.resources.R4B import testreport
from junitparser import Error, Failure, JUnitXml, Skipped
from openpyxl import load_workbook

from etalon_reports.conformance.certification_tables import (
    write_certification_csv,
    write_certification_workbook,
)
from etalon_reports.conformance.formats import CONFORMANCE_WRITERS
from etalon_reports.conformance.junit_file import write_junit
from etalon_reports.conformance.testreport_file import write_testreport
from etalon_reports.conformance.verdict_file import VERDICTS
from etalon_text.language import LANGUAGES
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from junitparser import TestCase

    from etalon_text.language import Language

    RunMaker = Callable[..., Path]

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def cases(directory: Path, out: Path, language: Language = "en") -> dict[str, TestCase]:
    """Write `junit.xml` and return its cases by name."""
    document = JUnitXml.fromfile(str(write_junit(directory, language, out)))
    found = [case for suite in document for case in suite]
    named = {str(case.name): case for case in found}
    assert len(named) == len(found)
    return named


@pytest.mark.parametrize(
    ("case", "mark", "kind"),
    [
        ("VIS-01 check_of_vis_01", Failure, "fail"),
        ("REC-29 check_of_rec_29", Failure, "finding"),
        ("W-COM-02 check_of_w_com_02", Skipped, "finding"),
        ("LIF-12 check_of_lif_12", Error, "could-not-test"),
        ("ACC-02 check_of_acc_02", Skipped, "could-not-test"),
        ("TRC-04 check_of_trc_04", Error, "not-run"),
        ("W-AUD-02 check_of_w_aud_02", Error, "harness-error"),
        ("ID-10 manual", Skipped, "manual"),
        ("W-REC-30", Skipped, "not-applicable"),
        ("SEC-04", Skipped, "not-tested"),
    ],
)
def test_a_case_that_is_no_pass_bears_its_verdict(
    invented_conformance: Path, tmp_path: Path, case: str, mark: type, kind: str
) -> None:
    """With a baseline a finding fails unless accepted; what is left open is an error."""
    (found,) = cases(invented_conformance, tmp_path)[case].result

    assert isinstance(found, mark)
    assert found.type == kind


@pytest.mark.parametrize(
    ("changed", "mark"), [({"findings_fail": True}, Failure), ({"findings_fail": False}, Skipped)]
)
def test_a_finding_is_a_failure_only_where_the_run_says_so(
    conformance_run: RunMaker, tmp_path: Path, changed: dict[str, object], mark: type
) -> None:
    """Without a baseline, on request alone; it is never a pass."""
    directory = conformance_run(baseline=None, **changed)

    (found,) = cases(directory, tmp_path)["REC-29 check_of_rec_29"].result

    assert isinstance(found, mark)


def test_a_case_without_a_mark_is_a_pass_and_nothing_else(
    invented_conformance: Path, tmp_path: Path
) -> None:
    """As many as the file of verdicts has passes."""
    verdicts = json.loads((invented_conformance / "verdicts.json").read_text(encoding="utf-8"))
    passed = sum(one["verdict"] == "pass" for one in verdicts["results"])

    assert sum(not case.result for case in cases(invented_conformance, tmp_path).values()) == passed


def test_a_failure_carries_what_a_developer_needs(
    invented_conformance: Path, tmp_path: Path
) -> None:
    """Expected, got, path, calls, where the counterexample is, source with its link."""
    (found,) = cases(invented_conformance, tmp_path)["VIS-01 check_of_vis_01"].result

    for told in (
        "Expected: entry.resource.id: none of doc-17",
        "Got: doc-11, doc-12, doc-17",
        "Path: entry.resource.id",
        "Calls: 1, 3",
        "counterexamples/VIS-01-check_of_vis_01",
        "https://www.legifrance.gouv.fr/",
    ):
        assert told in str(found.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_test_report_is_valid_fhir_r4(
    invented_conformance: Path, tmp_path: Path, language: Language
) -> None:
    """Read by a library of others; outcomes follow verdicts, and there is no score."""
    written = write_testreport(invented_conformance, language, tmp_path).read_text("utf-8")
    report = testreport.TestReport.model_validate_json(written)
    plain = json.loads(written)
    outcomes = {
        test["name"].split(" · ")[0]: test["action"][0]["assert"]["result"]
        for test in plain["test"]
    }

    assert report.status == "stopped"
    assert report.result == "fail"
    assert "score" not in plain
    expected = {
        "VIS-01": "fail",
        "REC-29": "warning",
        "ACC-01": "pass",
        "ACC-02": "skip",
        "W-AUD-02": "error",
        "SEC-04": "skip",
    }
    assert {ident: outcomes[ident] for ident in expected} == expected


@pytest.mark.parametrize(
    ("changed", "status", "result"),
    [
        ({"breaches": False}, "completed", "pass"),
        ({"breaches": False, "exit_code": 3}, "completed", "pending"),
        ({"status": "complete"}, "waiting", "fail"),
        ({}, "stopped", "fail"),
    ],
)
def test_the_test_report_tells_how_far_the_run_came(
    conformance_run: RunMaker,
    tmp_path: Path,
    changed: dict[str, object],
    status: str,
    result: str,
) -> None:
    """Completed, waiting for a person, stopped; a run that is no answer is pending."""
    written = write_testreport(conformance_run(**changed), "fr", tmp_path).read_text("utf-8")
    plain = json.loads(written)

    assert (plain["status"], plain["result"]) == (status, result)


def test_the_csv_opens_in_a_french_spreadsheet(invented_conformance: Path, tmp_path: Path) -> None:
    """Byte order mark, semicolons, one row a requirement and wire with verdict and evidence."""
    written = write_certification_csv(invented_conformance, "fr", tmp_path)
    requirements = next(path for path in written if path.name == "requirements.csv")
    with requirements.open(encoding="utf-8-sig", newline="") as lines:
        rows = {row["Exigence"]: row for row in csv.DictReader(lines, delimiter=";")}

    assert requirements.read_bytes().startswith(BYTE_ORDER_MARK)
    assert len(rows) == 119
    failed = rows["VIS-01"]
    assert failed["Verdict"] == "échec"
    assert failed["Preuve (dossier)"] == "requirements/VIS-01"
    assert failed["Contre-exemple (dossier)"] == "counterexamples/VIS-01-check_of_vis_01"
    assert "Contesté par Camille Exemple" in failed["Observations"]
    assert rows["SEC-04"]["Verdict"] == "sans contrôle"
    assert rows["SEC-04"]["Preuve (dossier)"] == ""


def test_a_text_of_the_system_is_no_formula(conformance_run: RunMaker, tmp_path: Path) -> None:
    """What a spreadsheet would compute is given an apostrophe; a workbook holds it as text."""
    directory = conformance_run()
    file = directory / "verdicts.json"
    verdicts = json.loads(file.read_text(encoding="utf-8"))
    next(one for one in verdicts["results"] if one["verdict"] == "fail")["got"] = "=1+1"
    file.write_text(json.dumps(verdicts), encoding="utf-8")

    written = write_certification_csv(directory, "en", tmp_path)
    book = load_workbook(write_certification_workbook(directory, "en", tmp_path))

    results = next(path for path in written if path.name == "results.csv")
    assert ",'=1+1," in results.read_text(encoding="utf-8-sig")
    cells = [cell for row in book["Checks"].iter_rows() for cell in row if cell.value == "=1+1"]
    assert [cell.data_type for cell in cells] == ["s"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_holds_each_table_after_the_sheet_that_explains_them(
    invented_conformance: Path, tmp_path: Path, language: Language
) -> None:
    """Counts are numbers, in the order of the verdicts."""
    book = load_workbook(write_certification_workbook(invented_conformance, language, tmp_path))
    names = [text(f"sheet.{key}", language) for key in ("requirements", "results", "verdicts")]
    counts = book[names[2]]
    heads = [cell.value for cell in counts[1]]

    assert [*book.sheetnames[1:4]] == names
    assert heads[2:] == [text(f"verdict.{name}", language) for name in VERDICTS]
    assert all(isinstance(cell.value, int) for cell in counts[3][2:])
    facts = " ".join(str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row)
    assert "CNDA" in facts


@pytest.mark.parametrize("name", ["junit", "testreport", "xlsx", "csv"])
def test_a_format_written_again_is_the_same_to_the_byte(
    invented_conformance: Path, tmp_path: Path, name: str
) -> None:
    """No date of today, no path, no order of chance."""
    once, again = tmp_path / "once", tmp_path / "again"
    for folder in (once, again):
        folder.mkdir()

    first, second = (
        CONFORMANCE_WRITERS[name](invented_conformance, "fr", folder) for folder in (once, again)
    )

    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
