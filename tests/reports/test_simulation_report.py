"""The report of a simulation says what the files of the run hold, and nothing else."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from etalon_reports import write_report
from etalon_reports.record import RunFileError
from etalon_reports.run_files import read_run
from etalon_reports.sources import Sources
from etalon_reports.tables import comparison_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from etalon_text.language import Language

    RunMaker = Callable[[dict[str, dict[str, Any] | None]], Path]

NO_BREAK, NARROW = "\u00a0", "\u202f"
STAMP = {
    "fr": f"hypothèse{NARROW}: aucune mesure française",
    "en": "assumption: no French measure",
}
REACHING_OUT = re.compile(
    r"""<(?:link|iframe|object|embed|base)\b|\bsrc=|@import|url\(\s*['"]?(?!#)|"""
    r"""<(?:image|use)\b[^>]*href="(?!\#|data:)"""
)
TYPED = ("pilot-2021", "--population", "3000", "--seed", "7")
FIGURES = (
    "intervals",
    "tornado",
    "curves",
    "calendar",
    "fans",
    "funnel",
    "age-sex",
    "uninformed",
    "pyramid",
    "hotline",
    "cost",
)


class Page(HTMLParser):
    """What a page holds: words, words inside each drawing, identifiers, open elements."""

    VOID = ("meta", "link", "br", "img", "hr", "input")

    def __init__(self, html: str) -> None:
        """Read `html`."""
        super().__init__()
        self.words: list[str] = []
        self.drawn: dict[str, list[str]] = {}
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.language = ""
        self.unclosed: list[str] = []
        self._figure: str | None = None
        self.feed(html)
        self.text = " ".join(" ".join(self.words).split(" "))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        values = {name: value or "" for name, value in attrs}
        if tag not in self.VOID:
            self.unclosed.append(tag)
        if "id" in values:
            self.ids[values["id"]] += 1
        if tag == "html":
            self.language = values["lang"]
        if tag == "figure":
            self._figure = values["id"]
        if tag == "a":
            self.links.append(values["href"])
        if tag == "svg" and self._figure:
            assert values["role"] == "img"
            self.drawn[self._figure] = []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that closes itself."""
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        if tag not in self.VOID:
            assert self.unclosed.pop() == tag
        if tag == "svg":
            self._figure = None

    def handle_data(self, data: str) -> None:
        """Note words."""
        if self.unclosed and self.unclosed[-1] == "style":
            return
        self.words.append(data)
        if self._figure in self.drawn:
            self.drawn[self._figure].append(data.strip())


def page_of(directory: Path, language: Language = "fr") -> Page:
    """Draw the report and read it."""
    return Page(write_report(directory, language).read_text(encoding="utf-8"))


@pytest.fixture(params=["fr", "en"])
def pages(request: pytest.FixtureRequest, drawn: dict[Language, Path]) -> tuple[Language, str]:
    """Return the report of a complete run, in each language."""
    return request.param, drawn[request.param].read_text(encoding="utf-8")


def test_a_report_asks_for_nothing_outside_itself(pages: tuple[Language, str]) -> None:
    """No script, no style sheet, no image, no font from elsewhere; the page itself forbids it."""
    _, html = pages

    assert REACHING_OUT.findall(html) == []
    assert "default-src 'none'" in html


def test_a_report_is_well_formed_and_names_its_language(pages: tuple[Language, str]) -> None:
    """Elements close in order, identifiers are unique, links inside lead somewhere."""
    language, html = pages
    page = Page(html)

    assert page.language == language
    assert page.unclosed == []
    assert [name for name, count in page.ids.items() if count > 1] == []
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)


def test_every_figure_is_drawn_numbered_and_described(pages: tuple[Language, str]) -> None:
    """Eight figures in order, each with a title, a description, a source line."""
    _, html = pages
    page = Page(html)

    assert tuple(page.drawn) == FIGURES
    numbers = [str(rank) for rank in range(1, len(FIGURES) + 1)]
    assert re.findall(r"Figure (\d+)</span>", html) == numbers
    assert all(f"{name}-desc" in page.ids for name in FIGURES)
    assert html.count('<p class="source">') >= len(FIGURES)


def test_a_figure_of_assumed_shape_says_so_inside_the_image(pages: tuple[Language, str]) -> None:
    """Those by age and sex carry the mark, the others do not."""
    language, html = pages

    stamped = {name for name, words in Page(html).drawn.items() if STAMP[language] in words}

    assert stamped == {"age-sex", "uninformed", "pyramid"}


def test_the_deadline_and_the_first_opening_are_marked_in_the_images(
    pages: tuple[Language, str],
) -> None:
    """Day 42 on the curves; 11 October, the first opening, on the calendar."""
    language, html = pages
    drawn = Page(html).drawn
    deadline = {"fr": "fin de la fenêtre (jour 42)", "en": "end of the window (day 42)"}
    creation = {"fr": f"ouvertures{NARROW}: 11{NO_BREAK}oct.", "en": f"openings: 11{NO_BREAK}Oct"}

    assert drawn["curves"].count(deadline[language]) == 2
    assert creation[language] in drawn["calendar"]


def test_both_intervals_stand_side_by_side_and_each_rate_names_its_denominator(
    pages: tuple[Language, str],
) -> None:
    """Headings give the level of each; the noise of the sample stands apart."""
    language, html = pages
    headings = {
        "fr": (
            f"Connaissance (80{NO_BREAK}%)",
            f"Hasard (95{NO_BREAK}%)",
            "Bruit d\u2019échantillon",
        ),
        "en": ("Knowledge (80%)", "Chance (95%)", "Sample noise (95%)"),
    }
    people = {"fr": "personnes avisées", "en": "people notified"}

    assert all(heading in html for heading in headings[language])
    assert html.count(people[language]) >= 6


def test_the_parameters_that_make_the_interval_are_marked_by_certainty(
    pages: tuple[Language, str],
) -> None:
    """They stop once they explain 80%: three of the six invented ones."""
    language, html = pages
    table = html[html.index('class="drivers"') :]
    table = table[: table.index("</table>")]
    marks = {"fr": ("◆ calé", "○ hypothèse"), "en": ("◆ calibrated", "○ assumption")}

    assert [table.count(mark) for mark in marks[language]] == [2, 4]


def test_the_report_is_no_product_of_the_institutions(pages: tuple[Language, str]) -> None:
    """It says so on the cover and at the foot."""
    language, html = pages
    said = {
        "fr": "Ce rapport n\u2019est pas un produit de l\u2019Assurance maladie",
        "en": "no product",
    }

    assert html.count(said[language]) == 2


def test_the_same_results_give_the_same_bytes(
    changed_run: RunMaker, drawn: dict[Language, Path]
) -> None:
    """Drawn again, made at another time, elsewhere, with more workers: not a byte differs."""
    elsewhere = changed_run(
        {
            "run.json": {
                "started_at": "2031-01-01T00:00:00Z",
                "machine.cores": 64,
                "arguments": [*TYPED, "--out", "B", "--workers=2", "--json"],
            },
            "summary.json": {"run": {"wall_seconds": 1.0}},
        }
    )

    assert write_report(elsewhere, "en").read_bytes() == drawn["en"].read_bytes()


def test_a_partial_run_says_so_at_the_top(partial_run: Path) -> None:
    """The banner gives the day reached and the day planned; absent figures say so."""
    html = write_report(partial_run, "en").read_text(encoding="utf-8")

    assert '<p class="status partial" role="status">Partial run: stopped after 2' in html
    assert f"planned end of 21{NO_BREAK}December{NO_BREAK}2021" not in html
    assert "No knowledge draw was made" in html
    assert "knowledge.json" not in html
    assert "opened uninformed" not in html


def test_a_run_that_notified_nobody_has_a_report(changed_run: RunMaker) -> None:
    """Rates, curves and funnel are left out, and the page says why: no calls, no costs."""
    directory = changed_run(
        {
            "summary.json": {
                "notified": 0,
                "last_day_on": None,
                "hotline.calls": 0,
                "cost_eur.total": 0,
                "rates": [
                    {
                        "key": "opt_out_rate",
                        "value": None,
                        "numerator": 0,
                        "denominator": 0,
                        "denominator_name": "denominator.notified",
                    }
                ],
            },
            "scenario.json": {"mode": "opt-in"},
        }
    )

    page = page_of(directory, "en")

    assert set(page.drawn) == {"calendar"}
    assert "records opened" in page.text
    assert "No notice was sent" in page.text
    assert "How many people ask for their space" in page.text


@pytest.fixture(scope="module")
def changed_page(invented_run: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the report of a run with everything unusual at once."""
    directory = tmp_path_factory.mktemp("unusual") / "run"
    shutil.copytree(invented_run, directory)
    row = {"department": "Q7", "population": 5, "notified": 5, "opposed": 987_654, "activated": 0}
    row |= {"opened_automatically": 0, "opened_uninformed": 0}
    table = {"role": "population.table", "path": "private/two.csv", "sha256": "ab" * 32}
    changes: dict[str, dict[str, Any]] = {
        "run.json": {"changes": ["enrolment.opposition_window=P1M"], "inputs": [table]},
        "scenario.json": {"opposition_window": "P1M"},
        "summary.json": {
            "title_en": "<script>alert(1)</script>",
            "by_department": [row],
            "scope": 1,
            "hotline": {
                "calls": 90,
                "answered": 80,
                "blocked": 4,
                "abandoned": 6,
                "wait_p95_seconds": 90,
                "by_day": [{"day": "2021-09-01", "calls": 90}],
            },
        },
        "knowledge.json": {"draws_done": 16, "draws_requested": 64},
    }
    for name, values in changes.items():
        content = json.loads((directory / name).read_text(encoding="utf-8"))
        (directory / name).write_text(json.dumps(content | values), encoding="utf-8")
    return write_report(directory, "en").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "said",
    [
        "Changed in the scenario",
        "enrolment.opposition_window=P1M",
        f"population table: two.csv (SHA-256 {'ab' * 6}…)",
        "28 to 31 days after the notice",
        "end of the window (days 28 to 31)",
    ],
)
def test_what_was_changed_and_read_stands_in_the_report(changed_page: str, said: str) -> None:
    """Assignments as typed, user's files by name and digest, what they change."""
    assert said in Page(changed_page).text


def test_folders_of_the_user_are_not_printed(changed_page: str) -> None:
    """The name of a file is enough."""
    assert "private" not in changed_page


@pytest.mark.parametrize("said", ["16 draws done of 64 requested.", "Only 16 draws"])
def test_few_draws_are_said_to_be_few(changed_page: str, said: str) -> None:
    """Sixteen draws of sixty-four: unfinished, and approximate."""
    assert said in Page(changed_page).text


def test_at_full_scope_waiting_is_given_and_sample_noise_is_not(changed_page: str) -> None:
    """The hotline note changes, and the column of sample noise goes."""
    assert "under 1.5 min for 95% of them" in changed_page
    assert "queues do not scale down" not in changed_page
    assert "Sample noise" not in changed_page


def test_below_full_scope_the_report_says_why_waiting_is_left_out(
    drawn: dict[Language, Path],
) -> None:
    """Queues do not scale down."""
    assert "queues do not scale down" in drawn["en"].read_text(encoding="utf-8")


def test_departments_are_neither_listed_nor_ranked(changed_page: str) -> None:
    """Whatever the summary holds by département, none of it is printed."""
    assert "Q7" not in changed_page
    assert "987,654" not in changed_page
    assert "names, ranks and maps no département" in changed_page


def test_words_of_a_scenario_cannot_write_html(changed_page: str) -> None:
    """A title with markup is shown, not obeyed."""
    assert changed_page.count("<script") == 1
    assert "&lt;script&gt;alert(1)" in changed_page


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("summary.json", None, "summary.json: no such file; expected a run directory"),
        ("daily.parquet", None, "daily.parquet: no such file"),
        ("summary.json", {"seed": "many"}, "summary.json, key seed: found 'many'"),
        ("summary.json", {"seed": True}, "key seed: found True; expected a whole number"),
        ("summary.json", {"starts_on": "soon"}, "expected a day such as 2021-08-30"),
        ("scenario.json", {"waves": [3]}, r"scenario.json, key waves\[0\]"),
        ("run.json", {"policies": []}, "key policies: found .*; expected an object"),
        ("summary.json", {"interval_levels": {}}, "key interval_levels.chance: found nothing"),
        ("scenario.json", {"opposition_window": "six weeks"}, "expected a period such as P6W"),
        ("summary.json", {"curves.closed": [1]}, r"curves.closed: found \[1\]; expected"),
    ],
)
def test_a_file_that_is_not_as_published_is_refused(
    changed_run: RunMaker, name: str, changes: dict[str, Any] | None, message: str
) -> None:
    """The error names the file, the key path, what was found and what was expected."""
    directory = changed_run({name: changes})

    with pytest.raises(RunFileError, match=message):
        write_report(directory, "fr")

    assert not (directory / "report.html").exists()


@pytest.mark.parametrize("name", ["summary.json", "daily.parquet"])
def test_a_truncated_file_is_refused(changed_run: RunMaker, name: str) -> None:
    """Half a file is not half a report."""
    directory = changed_run({})
    whole = (directory / name).read_bytes()
    (directory / name).write_bytes(whole[: len(whole) // 2])

    with pytest.raises(RunFileError, match=name):
        write_report(directory, "fr")


@pytest.mark.parametrize(
    ("noise", "told"), [([0.0047, 0.0063], True), (None, False), ([0.005, 0.0059], False)]
)
def test_a_figure_outside_by_the_luck_of_its_sample_is_undecided(
    changed_run: RunMaker, noise: list[float] | None, *, told: bool
) -> None:
    """A small sample whose noise reaches what is expected cannot judge; others can."""
    row = {"key": "opt_out_rate", "unit": "share", "simulated": 0.0055, "measured": 0.0068}
    row |= {"low": 0.006, "high": 0.008, "within": False, "calibrated": False, "source": "press"}
    run = changed_run({"summary.json": {"comparisons": [row | {"sample_noise": noise}]}})

    drawn = comparison_table(read_run(run), "en", Sources())

    assert drawn is not None
    assert (drawn.groups[0].rows[0][4] == "undecided") is told
    assert ("simulate more people" in str(drawn.note)) is told
