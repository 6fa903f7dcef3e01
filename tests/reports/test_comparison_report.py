"""The report of a comparison says what its files hold, verdicts and law included."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import openpyxl
import pytest

from etalon_reports import write_report, write_tables, write_workbook
from etalon_reports.amounts import amount, signed, written_bounds, written_difference
from etalon_reports.comparison_files import Difference, read_comparison
from etalon_reports.comparison_tables import difference_table
from etalon_reports.frontier_figure import Point, frontier
from etalon_reports.record import RunFileError
from etalon_scenarios.loading import load_scenario, shipped_scenarios
from etalon_text.path_names import path_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from etalon_text.language import Language

    Maker = Callable[[dict[str, Any]], Path]

ROOT: Final = Path(__file__).resolve().parent.parent.parent
REACHING_OUT = re.compile(r"<(?:link|iframe|object|embed|base)\b|\bsrc=|@import")
NO_BREAK, NARROW, MINUS, EN_DASH = "\u00a0", "\u202f", "\u2212", "\u2013"
FIGURES = ["differences", "frontier", "policy-curves", "groups"]


@pytest.fixture(scope="module")
def compared(
    invented_comparison: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[Language, str]:
    """Return the report of the invented comparison in each language."""
    directory = tmp_path_factory.mktemp("compared") / "C"
    shutil.copytree(invented_comparison, directory)
    return {
        "fr": write_report(directory, "fr").read_text(encoding="utf-8"),
        "en": write_report(directory, "en").read_text(encoding="utf-8"),
    }


@pytest.fixture
def changed(invented_comparison: Path, tmp_path: Path) -> Maker:
    """Return a maker of comparison directories with other values in comparison.json."""

    def make(values: dict[str, Any]) -> Path:
        directory = tmp_path / "changed"
        shutil.copytree(invented_comparison, directory)
        file = directory / "comparison.json"
        content = json.loads(file.read_text(encoding="utf-8"))
        file.write_text(json.dumps(content | values), encoding="utf-8")
        return directory

    return make


def table(html: str, title: str) -> str:
    """Return the table whose caption holds `title`."""
    boxes: list[str] = re.findall(r'<div class="tablebox"[^>]*>.*?</div>', html, re.DOTALL)
    return next(box for box in boxes if title in box)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_comparison_is_one_page_that_asks_for_nothing(
    compared: dict[Language, str], language: Language
) -> None:
    """Four drawings, each with its data; no script, image or style from elsewhere."""
    html = compared[language]

    assert REACHING_OUT.findall(html) == []
    assert re.findall(r'<figure id="([\w-]+)">', html) == FIGURES
    assert html.count("<summary>") == len(FIGURES)
    assert f'<html lang="{language}">' in html
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([\w-]+)"', html)) <= set(ids)


def test_a_comparison_is_small_and_the_same_twice(
    invented_comparison: Path, compared: dict[Language, str], tmp_path: Path
) -> None:
    """Under five megabytes, byte for byte equal in another folder."""
    directory = tmp_path / "elsewhere"
    shutil.copytree(invented_comparison, directory)

    again = write_report(directory, "en").read_text(encoding="utf-8")

    assert again == compared["en"]
    assert len(again.encode()) < 5_000_000


def test_a_part_of_the_people_shows_the_noise_of_its_sample(
    invented_comparison: Path, changed: Maker
) -> None:
    """Beside knowledge stands what the sample adds: chance alone would look too narrow."""
    content = json.loads((invented_comparison / "comparison.json").read_text(encoding="utf-8"))
    rows = [row | {"sample_noise": [0.1, 0.2]} for row in content["differences"]]
    files = read_comparison(changed({"differences": rows}))

    found = difference_table(files, "en")

    assert found.headings[-1] == "Sample noise (95%)"
    assert found.groups[0].rows[1][-1] == f"+10 to +20{NO_BREAK}pt"
    assert (
        difference_table(read_comparison(invented_comparison), "en")
        .headings[-1]
        .startswith("Chance")
    )


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "non distinguable"), ("en", "not distinguishable")]
)
def test_a_difference_that_knowledge_cannot_tell_is_not_given_a_figure(
    compared: dict[Language, str], language: Language, said: str
) -> None:
    """The window of ten weeks leaves the opt-out rate where it was, given what is known."""
    title = {"fr": "Résultats de chaque politique", "en": "Results of each policy"}[language]
    window = {"fr": "Dix semaines", "en": "Ten weeks to object"}[language]
    found = table(compared[language], title)
    first = found[found.index("<tbody>") : found.index("</tbody>")]
    row = next(row for row in first.split("<tr>") if window in row)

    assert f">{said}<" in row
    assert row.count("pt</td>") == 2


@pytest.mark.parametrize(
    ("language", "current", "changed_text"),
    [
        ("fr", "À droit constant.", "suppose de modifier l\u2019art. R. 1111-28"),
        ("en", "Under current law.", "supposes a change of article R. 1111-28"),
    ],
)
def test_each_policy_says_which_law_it_supposes_changed(
    compared: dict[Language, str], language: Language, current: str, changed_text: str
) -> None:
    """Two policies stay under current law, two name their article."""
    words = compared[language].replace("&#39;", "'")

    assert words.count(f'<p class="law">{current}</p>') == 2
    assert changed_text in words
    assert "notices.letter_from_age)" in words


def test_the_first_page_answers_in_a_sentence(compared: dict[Language, str]) -> None:
    """Before scope and seed: the policy that informs most people, as in the note."""
    cover = compared["en"].split("</header>", 1)[0]

    assert cover.index("informs most people") < cover.index('class="facts"')


def test_every_lever_has_a_name_in_the_list_of_changes() -> None:
    """A policy's changes are read by people who never open a scenario file."""
    table = ROOT / "scenarios" / "etalon_scenarios" / "data" / "levers.csv"
    rows = [one for one in table.read_text(encoding="utf-8").splitlines() if one[:1] != "#"]
    levers = {one.split(",")[0].partition("=")[0] for one in rows[1:]}
    # The keys of a wave change as one list.
    paths = {"waves" if lever.startswith("waves.") else lever for lever in levers}

    assert {path for path in paths if path_name(path, "en") is None} == set()


def test_every_parameter_of_the_shipped_scenarios_has_a_name() -> None:
    """Those of the rows of a table too, each with its number."""
    paths = {path for name in shipped_scenarios() for path, _ in load_scenario(name).parameters()}

    assert {path for path in paths if path_name(path, "fr") is None} == set()
    assert path_name("optin.segments.1.per_day", "en") == "requests to open a day, period 2"


def test_breakdowns_are_given_by_age_sex_channel_and_digital_exclusion(
    compared: dict[Language, str],
) -> None:
    """Each policy has a row for each group."""
    found = table(compared["en"], "People informed, openings uninformed")

    for label in ("age 75+", "women", "notified by letter", "digitally excluded"):
        assert found.count(f'<th scope="row">{label}</th>') == 3


def test_gaps_and_costs_are_given_where_they_mean_something(
    compared: dict[Language, str],
) -> None:
    """A policy that informs nobody more has no cost per person."""
    costs = table(compared["en"], "Cost per person")
    group = costs[costs.index("per further person informed") :]
    opt_in = next(row for row in group.split("<tr>") if "Spaces opened on request" in row)

    assert "€2.0</td>" in group
    assert opt_in.count(f">{EN_DASH}<") == 2
    assert "share of people informed, by age" in table(compared["en"], "Gaps between groups")


def test_the_hotline_of_each_policy_stands_beside_the_formulas(
    compared: dict[Language, str],
) -> None:
    """A policy without calls has no row."""
    found = table(compared["en"], "The 3422 hotline on its busiest day")

    assert found.count("<tr>") == 1 + 3
    assert "13.0%" in found


def test_without_draws_no_verdict_is_given(changed: Maker) -> None:
    """No interval of knowledge, no « not distinguishable » for it."""
    file = changed({})
    content = json.loads((file / "comparison.json").read_text(encoding="utf-8"))
    for row in content["differences"]:
        row |= {"knowledge": None, "distinguishable": None}
    content["knowledge"] |= {"draws": 0}
    (file / "comparison.json").write_text(json.dumps(content), encoding="utf-8")

    rows = [
        row for group in difference_table(read_comparison(file), "en").groups for row in group.rows
    ]

    assert "not distinguishable" not in {row[2] for row in rows}
    assert {row[3] for row in rows} == {EN_DASH}


NOT_AS_PUBLISHED: list[tuple[dict[str, Any], str]] = [
    ({"policies": []}, "key policies: found none"),
    ({"measures": {}}, "key measures: found {}; expected a list"),
    ({"curves": None}, "comparison.json, key curves"),
    ({"curves": {"days": [""], "policies": [{"notified": [1, 2]}]}}, "notified: found"),
]


@pytest.mark.parametrize(("values", "message"), NOT_AS_PUBLISHED)
def test_a_comparison_that_is_not_as_published_is_refused(
    changed: Maker, values: dict[str, Any], message: str
) -> None:
    """The error names the file and the key."""
    with pytest.raises(RunFileError, match=message):
        write_report(changed(values), "fr")


def test_a_policy_cannot_point_outside_its_comparison(changed: Maker) -> None:
    """Its directory is a name, never a path."""
    directory = changed({})
    content = json.loads((directory / "comparison.json").read_text(encoding="utf-8"))
    content["policies"][1]["directory"] = "../elsewhere"
    (directory / "comparison.json").write_text(json.dumps(content), encoding="utf-8")

    with pytest.raises(RunFileError, match="expected a folder name"):
        write_report(directory, "fr")


def test_tables_of_a_comparison_are_written_in_both_forms(changed: Maker) -> None:
    """Differences keep their figures, and their verdict in a column of its own."""
    directory = changed({})

    workbook = openpyxl.load_workbook(write_workbook(directory, "fr"))
    written = write_tables(directory, "fr")

    assert len(workbook.sheetnames) == len(written) + 1
    rows = list(workbook["Différences"].iter_rows(min_row=3, values_only=True))
    assert len(rows) == len(read_comparison(directory).differences)
    assert {str(row[-1]) for row in rows} == {"oui", "non distinguable", "None"}
    assert all(isinstance(row[6], int | float) for row in rows)
    path = next(path for path in written if path.name == "policy_differences.csv")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = list(csv.reader(stream, delimiter=";"))
    assert len(lines) == len(rows) + 1


def point(letter: str, cost: float, coverage: float) -> Point:
    """Return a policy without intervals."""
    return Point(letter, cost, coverage, None, None)


def test_the_frontier_keeps_what_no_other_policy_beats() -> None:
    """Dearer and covering less is off the frontier; equal policies stay on it together."""
    points = [
        point("A", 10, 50),
        point("B", 12, 60),
        point("C", 12, 55),
        point("D", 1, 2),
        point("E", 12, 60),
        point("F", 11, 50),
    ]

    assert [found.letter for found in frontier(points)] == ["D", "A", "B", "E"]


@pytest.mark.parametrize(
    ("value", "unit", "language", "written"),
    [
        (0.0312, "share", "fr", f"+3,12{NO_BREAK}pt"),
        (-0.0312, "share", "en", f"{MINUS}3.12{NO_BREAK}pt"),
        (0.0, "share", "en", f"0{NO_BREAK}pt"),
        (-120_000, "people", "fr", f"{MINUS}120{NARROW}000"),
        (1_250_000, "EUR", "en", "+€1.2M"),
        (-14.4, "seconds", "en", f"{MINUS}14{NO_BREAK}s"),
    ],
)
def test_a_difference_carries_its_sign_and_unit(
    value: float, unit: str, language: Language, written: str
) -> None:
    """Shares differ by points; zero has no sign."""
    assert signed(value, unit, language) == written


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", f"à 1{NO_BREAK}fois celle des autres (de 0,3 à 1 dans les tirages)"),
        ("en", "at 1 times that of the others (0.3 to 1 in the draws)"),
    ],
)
def test_gaps_of_the_digitally_excluded_name_the_assumption_behind_them(
    compared: dict[Language, str], language: Language, said: str
) -> None:
    """Older people get letters: the gap is no finding about the excluded."""
    title = {"fr": "Écarts entre groupes", "en": "Gaps between groups"}[language]

    assert said.replace(NO_BREAK, " ") in table(compared[language], title).replace(NO_BREAK, " ")


def test_a_difference_is_rounded_to_what_its_interval_supports() -> None:
    """Half a point of doubt leaves no hundredth."""
    found = Difference(0.1, 0.13123, 0.03123, None, None, (0.026, 0.036), True)  # noqa: FBT003 (its verdict)

    assert written_difference(found, "share", "en") == f"+3.1{NO_BREAK}pt"
    assert written_bounds(found.knowledge, "share", "en") == f"+2.6 to +3.6{NO_BREAK}pt"
    assert written_bounds(None, "share", "en") == EN_DASH
    assert amount(1234.5, "calls", "en") == "1,230"
    people = found._replace(value=1_330_601.0, knowledge=(1_010_000.0, 2_090_000.0))
    assert written_difference(people, "people", "en") == "+1,300,000"
    assert written_bounds(people.knowledge, "people", "en") == "+1,000,000 to +2,100,000"
    assert written_bounds((-6e5, 1.3e6), "EUR", "en") == f"{MINUS}€0.6M to +€1.3M"
    still = found._replace(value=0.0, knowledge=(0.0, 0.0), distinguishable=False)
    assert written_difference(still, "people", "en") == "unchanged"
