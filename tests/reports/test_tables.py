"""The tables of a run as a workbook and as CSV: read back, they hold what the files hold."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import datetime
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from etalon_reports import write_tables, write_workbook
from etalon_reports.daily_csv import write_daily_csv
from etalon_reports.record import RunFileError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from etalon_text.language import Language

    RunMaker = Callable[[dict[str, dict[str, Any] | None]], Path]

BOM = b"\xef\xbb\xbf"
SHEETS = {
    "fr": (
        "Lisez-moi, Résultats, Appels et coût, Incertitude, Simulé et mesuré, Depuis l\u2019avis, "
        "Éventails, Jours, De l\u2019avis à l\u2019acte, Âge et sexe, Téléconseillers, Coût, "
        "Départements, Paramètres"
    ),
    "en": (
        "Read me, Results, Calls and cost, Uncertainty, Simulated and measured, Since the notice, "
        "Fans, Days, From notice to act, Age and sex, Hotline staffing, Cost, Départements, "
        "Parameters"
    ),
}


@pytest.fixture(scope="module")
def copied(invented_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run directory in which tables are written."""
    directory = tmp_path_factory.mktemp("tables") / "run"
    shutil.copytree(invented_run, directory)
    return directory


@pytest.fixture(scope="module")
def workbooks(copied: Path) -> dict[Language, Workbook]:
    """Return the workbook in each language, read back."""
    return {
        "fr": openpyxl.load_workbook(write_workbook(copied, "fr")),
        "en": openpyxl.load_workbook(write_workbook(copied, "en")),
    }


def sheet(workbook: Workbook, name: str) -> Worksheet:
    """Return one sheet."""
    found: Worksheet = workbook[name]
    return found


def rows_of(found: Worksheet) -> list[list[object]]:
    """Return the cells of a sheet under its headings and units."""
    return [list(row) for row in found.iter_rows(min_row=3, values_only=True)]


def summary_of(directory: Path) -> dict[str, Any]:
    """Return what summary.json holds."""
    return dict(json.loads((directory / "summary.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_workbook_has_a_sheet_for_each_table_after_the_one_that_explains_them(
    workbooks: dict[Language, Workbook], language: Language
) -> None:
    """Sheets are named in the reader's language."""
    assert workbooks[language].sheetnames == SHEETS[language].split(", ")


def test_the_first_sheet_gives_question_command_units_and_sources(
    workbooks: dict[Language, Workbook],
) -> None:
    """Who opens the workbook alone knows where it comes from."""
    words = [str(cell) for row in sheet(workbooks["fr"], "Lisez-moi").values for cell in row]

    assert any("etalon simulate pilot-2021 --population 3000 --seed 7" in word for word in words)
    assert any("deuxième ligne" in word for word in words)
    assert any(word.startswith("https://www.ticsante.com/") for word in words)
    assert any("simulateur indépendant" in word for word in words)


def test_cells_are_typed_and_units_stand_under_the_headings(
    workbooks: dict[Language, Workbook], copied: Path
) -> None:
    """A share is a number shown as a percentage, a count a whole number, a day a date."""
    results = sheet(workbooks["fr"], "Résultats")
    rate = results["B3"]

    assert [results["B1"].value, results["B2"].value] == ["Simulé", "part de 1"]
    assert rate.value == summary_of(copied)["opt_out_rate"]
    assert rate.number_format.endswith("%")
    assert isinstance(results["I3"].value, int)
    assert isinstance(rows_of(sheet(workbooks["fr"], "Jours"))[0][0], datetime)


def test_days_of_the_workbook_add_up_to_the_summary(
    workbooks: dict[Language, Workbook], copied: Path
) -> None:
    """Objections and calls, day by day, are those of the run."""
    days = sheet(workbooks["en"], "Days")
    headings = [cell.value for cell in days[1]]

    for heading, total in (
        ("objections recorded", summary_of(copied)["opposed"]),
        ("calls offered to 3422", summary_of(copied)["hotline"]["calls"]),
    ):
        place = headings.index(heading)
        assert sum(int(str(row[place])) for row in rows_of(days)) == total


def test_the_same_results_give_the_same_workbook(copied: Path) -> None:
    """Byte for byte: no date of today inside."""
    first = write_workbook(copied, "fr").read_bytes()

    assert write_workbook(copied, "fr").read_bytes() == first


def test_french_csv_opens_in_a_french_spreadsheet(copied: Path) -> None:
    """A byte order mark, semicolons, decimal commas; ages that are no dates."""
    written = {path.name: path for path in write_tables(copied, "fr")}
    rate = repr(summary_of(copied)["opt_out_rate"]).replace(".", ",")

    for path in written.values():
        assert path.read_bytes().startswith(BOM)
    with written["headlines.csv"].open(encoding="utf-8-sig", newline="") as stream:
        lines = list(csv.reader(stream, delimiter=";"))
    assert lines[0][1] == "Simulé (part de 1)"
    assert lines[1][1] == rate
    with written["age_sex.csv"].open(encoding="utf-8-sig", newline="") as stream:
        assert [row[0] for row in csv.reader(stream, delimiter=";")][3] == "5\u20139"


def test_english_csv_has_commas_and_points(copied: Path) -> None:
    """The same table, as an English spreadsheet expects it."""
    path = next(path for path in write_tables(copied, "en") if path.name == "headlines.csv")

    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = list(csv.reader(stream))

    assert lines[0][1] == "Simulated (share of 1)"
    assert float(lines[1][1]) == summary_of(copied)["opt_out_rate"]


def test_every_table_is_written_in_both_forms(
    copied: Path, workbooks: dict[Language, Workbook]
) -> None:
    """As many CSV files as sheets, beside the table of days by group."""
    written = [path for path in write_tables(copied, "fr") if path.name != "daily.csv"]

    assert len(written) == len(workbooks["fr"].sheetnames) - 1


def test_a_table_of_days_too_long_for_a_spreadsheet_is_added_up(copied: Path) -> None:
    """Ages and sexes are summed, and every count is kept."""
    path = write_daily_csv(copied, "en", most_rows=100)

    with path.open(encoding="utf-8-sig", newline="") as stream:
        headings, *rows = csv.reader(stream)
    place = headings.index("objections recorded")
    assert {(row[2], row[3]) for row in rows} == {("all", "all")}
    assert sum(int(row[place]) for row in rows) == summary_of(copied)["opposed"]


def test_tables_of_a_damaged_run_are_refused(changed_run: RunMaker) -> None:
    """The error names the file; no workbook is left behind."""
    directory = changed_run({"summary.json": {"hotline": []}})

    with pytest.raises(RunFileError, match=r"summary\.json, key hotline"):
        write_workbook(directory, "fr")

    assert not (directory / "tables.xlsx").exists()
    assert not list(directory.glob("*.part"))
