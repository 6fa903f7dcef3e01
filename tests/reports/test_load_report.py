"""The report of a load run says what its files hold: the verdict first, in both languages."""

from __future__ import annotations

import ast
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from etalon_load import verdicts
from etalon_load.files.compared_runs import compare_runs, write_comparison
from etalon_load.files.run_files import write_run_files
from etalon_reports import write_report
from etalon_reports.load.amounts import bound, instant, latency, share, shares
from etalon_reports.load.capacity_page import capacity_content, capacity_sentences
from etalon_reports.load.comparison_words import change
from etalon_reports.load.junit_file import write_load_junit
from etalon_reports.load.load_cover import load_cover
from etalon_reports.load.load_files import read_load
from etalon_reports.load.load_tables import retry_table
from etalon_reports.load.sentences import fault_sentence, reason_sentence, verdict_sentences
from etalon_reports.record import Record, RunFileError
from etalon_text.language import LANGUAGES
from etalon_text.schema_files import schema
from etalon_text.strings import all_strings, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from etalon_text.language import Language

MOST_BYTES = 5_000_000
REACHING_OUT = re.compile(
    r"""<(?:link|iframe|object|embed|base|img)\b|<\w[^>]*\bsrc=|@import|url\(\s*['"]?(?!#)"""
)
VOID = {"meta", "link", "br", "img", "hr", "input"}
NO_BREAK = "\u00a0"
CAPACITY: dict[str, Any] = {
    "etalon_version": "0.1.0",
    "target": "embedded",
    "started_at": "2026-11-22T09:30:00+00:00",
    "objectives": "default",
    "held": 100.0,
    "missed": 105.0,
    "probes": [
        {"rate": 50.0, "verdict": "PASS", "seconds": 20.0, "p50_us": 9_000, "p99_us": 31_000},
        {"rate": 100.0, "verdict": "PASS", "seconds": 20.0, "p50_us": 11_000, "p99_us": 90_000},
        {"rate": 105.0, "verdict": "FAIL", "seconds": 20.0, "p50_us": 2e6, "p99_us": 4e6},
    ],
    "server": {"cpu_seconds_per_request": 0.0035, "cores": 2},
}


class Page(HTMLParser):
    """Words of a page, and whether its elements close in order."""

    def __init__(self, html: str) -> None:
        """Read `html`."""
        super().__init__()
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.text = " ".join("".join(self.words).split(" "))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        if tag not in VOID and ("hidden", None) not in attrs:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note words."""
        self.words.append(data)


@pytest.fixture(scope="module")
def stalled(invented_load: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a stall, wrong and failed answers, and a search for capacity beside it."""
    directory = tmp_path_factory.mktemp("load") / "run"
    invented_load(directory, stall=(24.3, 26.3), wrong=0.002, failed=0.003)
    (directory / "capacity.json").write_text(json.dumps(CAPACITY), encoding="utf-8")
    write_run_files(directory)
    write_report(directory, "fr")
    return directory


@pytest.fixture(scope="module")
def pages(stalled: Path) -> dict[str, str]:
    """Its page in each language."""
    return {
        "fr": (stalled / "report.html").read_text(encoding="utf-8"),
        "en": (stalled / "report.en.html").read_text(encoding="utf-8"),
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_the_verdict_first_then_when_nothing_was_answered(
    pages: dict[str, str], language: Language
) -> None:
    """Verdict, objectives missed, the stall with instant and length, wrong answers."""
    said = Page(pages[language]).text

    verdict = said.index("FAIL")
    stall = {
        "fr": f"À 24,3{NO_BREAK}s du début, plus rien n\u2019a répondu pendant 2,0",
        "en": f"At 24.3{NO_BREAK}s from the start, nothing was answered for 2.0",
    }[language]
    assert verdict < said.index(stall) < said.index(text("load.fact_seed", language))
    assert text("load.section.capacity", language) in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_asks_for_nothing_outside_and_stays_small(
    pages: dict[str, str], language: Language
) -> None:
    """Seven drawings, each with a description; elements close in order; no address is fetched."""
    page = pages[language]

    assert Page(page).open == []
    assert not REACHING_OUT.search(page)
    assert "default-src 'none'" in page
    assert page.count('<svg role="img"') == page.count("<desc") == 7
    assert len(page.encode()) < MOST_BYTES


def test_every_wrong_answer_and_the_hundred_slowest_stand_there_with_their_trace(
    pages: dict[str, str], stalled: Path
) -> None:
    """As many as the summary lists."""
    summary = json.loads((stalled / "summary.json").read_text(encoding="utf-8"))
    traces = [one["trace"] for key in ("slowest", "wrong_answers") for one in summary[key]]

    assert len(summary["slowest"]) == 100
    assert len(summary["wrong_answers"]) == summary["totals"]["wrong"] > 3
    assert [trace for trace in traces if trace not in pages["fr"]] == []


def test_the_page_says_why_requests_failed(pages: dict[str, str], stalled: Path) -> None:
    """Each reason of each step, with how often."""
    summary = json.loads((stalled / "summary.json").read_text(encoding="utf-8"))

    assert sum(one["count"] for one in summary["failures"]) == summary["totals"]["failed"] > 3
    assert pages["en"].count("status 503") == len(summary["failures"])


def test_a_restart_is_told_until_all_is_as_before(
    invented_load: Callable[..., Path], tmp_path: Path
) -> None:
    """In place of the stall that it is, in both languages; and how often clients came back."""
    told = {
        "restarts": [{"at_us": 24_000_000, "length_us": 2_000_000}],
        "retried": [
            {"journey": "visit", "step": "list", "reason": "not connected", "count": 7},
        ],
    }
    directory = invented_load(tmp_path / "restarted", asked={"retries": 5}, measured=told)
    write_run_files(directory)
    files = read_load(directory)
    sentences = {language: " ".join(verdict_sentences(files, language)) for language in LANGUAGES}
    table = retry_table(files, "en")
    facts = [value for fact in load_cover(files, "en").facts for value in fact.values]

    assert "killed at 24.0" in sentences["en"]
    assert "all fared as before from 26.0" in sentences["en"]
    assert "tout allait comme avant" in sentences["fr"]
    assert "come back 5 times at most" in facts
    assert table is not None
    assert table.groups[0].rows == [["visit/list", "7", "not connected"]]


def test_a_run_that_must_stay_where_it_was_says_that_it_is_too_short(
    invented_load: Callable[..., Path], tmp_path: Path
) -> None:
    """Whatever its objectives, it does not pass."""
    asked: dict[str, Any] = {"is_steady": True, "objectives": []}
    directory = invented_load(tmp_path / "short", seconds=20, asked=asked)
    write_run_files(directory)
    files = read_load(directory)
    lead, why = verdict_sentences(files, "en")[:2]

    assert files.verdict == "INCONCLUSIVE"
    assert "No objective was set" in lead
    assert "twelve minutes" in why
    junit = ET.parse(write_load_junit(directory, "en"))  # noqa: S314 (our own file)
    (case,) = (one for one in junit.iter("testcase") if one.get("name") == "steadiness")
    assert case.find("skipped") is not None


def test_what_is_reckoned_from_a_capacity_is_told_with_each_assumption() -> None:
    """The nation's cores, and the law no farther than twice what was measured."""
    national = {
        "peak": 1_200.0,
        "utilisation": 0.6,
        "zones": 3,
        "answers_per_journey": 5.2,
        "cpu_seconds_per_answer": 0.0035,
        "measured_at_rate": 100.0,
        "cores": 38,
        "cores_per_zone": 19,
    }
    law = {
        "unit": 110.0,
        "contention": 0.04,
        "coherency": 0.0002,
        "measured": 8.0,
        "held_out": -0.031,
        "farthest": 16.0,
        "answers_per_second": 980.0,
        "low": 900.0,
        "high": 1_060.0,
    }
    found = Record({**CAPACITY, "national": national, "scalability": law}, "capacity.json")

    said = " ".join(capacity_content(found, "en").reckoned)

    for told in (
        "1,200 journeys",
        "3.5",
        "60%",
        "38 cores",
        "19 in each",
        "3% off",
        "with 16 requests",
    ):
        assert told in said


def test_the_page_is_drawn_again_from_the_run_alone(stalled: Path, tmp_path: Path) -> None:
    """Without what was measured; the same bytes, wherever the directory stands."""
    again = tmp_path / "elsewhere"
    shutil.copytree(stalled, again)
    for name in ("workload.json", "measured.json", "requests.hdr"):
        (again / name).unlink()
    before = (again / "report.html").read_bytes()

    assert write_report(again, "fr").read_bytes() == before


def written(directory: Path, file: str, change: Callable[[dict[str, Any]], object]) -> Path:
    """The directory, one of its files changed."""
    content = json.loads((directory / file).read_text(encoding="utf-8"))
    change(content)
    (directory / file).write_text(json.dumps(content), encoding="utf-8")
    return directory


def test_a_void_run_says_so_and_tells_no_path_of_the_machine(
    invented_load: Callable[..., Path],
) -> None:
    """Above its objectives, whose verdicts count for nothing; where it landed is left out."""
    asked = {"command": ["load", "run", "--out", "/home/me/L", "--people", "/home/me/p", "--json"]}
    directory = invented_load(None, asked=asked, measured={"ended": "interrupted"})
    written(directory, "measured.json", lambda told: told["conduct"].update(busiest=0.97))
    write_run_files(directory)

    page = write_report(directory, "fr").read_text(encoding="utf-8")
    said = Page(page).text

    assert f"97,0{NO_BREAK}% d\u2019un cœur" in said
    assert text("load.objectives_void", "fr") in said
    assert "interrompue après" in said
    assert "etalon load run --json" in page
    assert "/home/me" not in page
    assert str(directory) not in page


def test_a_run_without_an_answer_has_a_page(invented_load: Callable[..., Path]) -> None:
    """Nothing to draw but what was planned."""
    measured: dict[str, Any] = {
        "slowest": [],
        "server": None,
        "server_memory": [],
        "server_problem": "HTTP 404",
    }
    directory = invented_load(None, measured=measured)
    empty: dict[str, Any] = {"steps": {}, "lag": {}, "offered": {}, "finished": 0}
    written(directory, "measured.json", lambda told: told["measures"].update(empty))
    write_run_files(directory)

    page = write_report(directory, "en").read_text(encoding="utf-8")

    assert text("load.no_answers", "en") in page
    assert text("load.server_problem", "en", problem="HTTP 404") in page
    assert page.count('<svg role="img"') == 1


def test_objectives_go_to_junit(stalled: Path) -> None:
    """A missed one is a failure; those of the generator are cases of their own."""
    root = ET.parse(write_load_junit(stalled, "fr")).getroot()  # noqa: S314 (ours)
    cases = {case.get("name"): case for case in root.iter("testcase")}
    summary = json.loads((stalled / "summary.json").read_text(encoding="utf-8"))

    for one in summary["objectives"]:
        name = "/".join(filter(None, (one["journey"], one["step"])))
        assert (cases[name].find("failure") is not None) == (one["verdict"] == "FAIL")
    assert cases["lag"].find("error") is None
    assert len(cases) == len(summary["objectives"]) + len(summary["checks"])


def keys_of_verdicts() -> tuple[set[str], set[str]]:
    """The keys of faults and of reasons that the code of verdicts holds."""
    tree = ast.parse(Path(verdicts.__file__).read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    faults = {
        node.args[0].value
        for node in calls
        if isinstance(node.func, ast.Name)
        and node.func.id == "Fault"
        and isinstance(node.args[0], ast.Constant)
    }
    concluded = next(
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "_concluded"
    )
    reasons = {
        node.elts[0].value
        for node in ast.walk(concluded)
        if isinstance(node, ast.Tuple) and isinstance(node.elts[0], ast.Constant)
    }
    return {str(key) for key in faults}, {str(key) for key in reasons} | {"nothing-sent"}


def test_every_fault_and_every_reason_has_its_sentence() -> None:
    """In strings, in the schema and in the code: the same keys."""
    faults, reasons = keys_of_verdicts()
    told: Any = schema("load")["properties"]
    held = {
        prefix: {key.removeprefix(prefix) for key in all_strings() if key.startswith(prefix)}
        for prefix in ("load.invalid.", "load.reason.", "load.check.")
    }

    assert len(faults) == 7
    assert len(reasons) == 8
    assert held["load.invalid."] == held["load.check."] == faults
    assert held["load.reason."] == reasons
    assert set(told["faults"]["items"]["properties"]["key"]["enum"]) == faults
    assert set(told["objectives"]["items"]["properties"]["reason"]["enum"]) == reasons


FAULTS: dict[str, dict[str, float]] = {
    "workers-lost": {"count": 1},
    "pool-dry": {},
    "offered": {"offered": 1990, "planned": 2024},
    "unfinished": {"count": 12, "offered": 2024},
    "lag": {"lag_us": 61_300, "most_us": 25_000},
    "busy": {"used_share": 0.97, "most_share": 0.85},
    "little": {"counted": 12.31, "expected": 15.0},
}


@pytest.mark.parametrize("key", FAULTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sentence_of_a_fault_holds_its_figures(key: str, language: Language) -> None:
    """As each language writes them; no placeholder is left."""
    said = fault_sentence(Record({"key": key, "values": FAULTS[key]}, "summary.json"), language)

    assert "{" not in said
    if key == "lag":
        figure = {"fr": f"61,3{NO_BREAK}ms", "en": f"61.3{NO_BREAK}ms"}[language]
        assert figure in said
    if key == "offered":
        assert {"fr": "1\u202f990", "en": "1,990"}[language] in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_reason_is_told_with_the_figures_of_its_objective(
    stalled: Path, language: Language
) -> None:
    """Every key of a reason, on one objective of a run; nothing is left to fill."""
    one = read_load(stalled).objectives[0]
    for reason in keys_of_verdicts()[1]:
        told = Record(one.values | {"reason": reason}, one.file, one.place)

        assert "{" not in reason_sentence(told, "95%", language)


@pytest.mark.parametrize(
    ("verdicts_found", "lead"),
    [
        (["PASS", "PASS"], "Every objective is held (2 of 2)."),
        (["PASS", "FAIL"], "1 objective of 2 is missed"),
        (["FAIL", "FAIL"], "2 objectives of 2 are missed"),
        (["PASS", "INCONCLUSIVE"], "No objective is missed, but 1 of 2 cannot be decided"),
        (["FAIL", "INCONCLUSIVE"], "One more cannot be decided."),
        ([], "No objective was set"),
    ],
)
def test_the_first_sentence_counts_the_objectives(
    stalled: Path, verdicts_found: list[str], lead: str
) -> None:
    """One and several, held, missed and open."""
    files = read_load(stalled)
    rows = [
        {"journey": "visit", "step": str(rank), "verdict": verdict}
        for rank, verdict in enumerate(verdicts_found)
    ]
    order = ("FAIL", "INCONCLUSIVE", "PASS")
    worst = next((one for one in order if one in verdicts_found), "INCONCLUSIVE")
    files.summary.values.update(objectives=rows, verdict=worst)

    assert lead in " ".join(verdict_sentences(files, "en"))


def test_a_comparison_says_what_became_slower(
    invented_load: Callable[..., Path], tmp_path: Path
) -> None:
    """The change with its interval before all, a drawing; nothing is asked for outside."""
    before = invented_load(None, seconds=180, peak=10.0)
    after = invented_load(None, seconds=180, peak=10.0, service_seconds=0.018)
    write_comparison(tmp_path / "C", compare_runs(before, after))

    write_report(tmp_path / "C", "fr")

    for language in LANGUAGES:
        name = "report.html" if language == "fr" else "report.en.html"
        page = (tmp_path / "C" / name).read_text(encoding="utf-8")
        said = Page(page).text
        slower = said.index(text("load.says.regression", language))
        assert slower < said.index(text("load.fact_before", language))
        assert page.count('<svg role="img"') == 1
        assert not REACHING_OUT.search(page)


@pytest.mark.parametrize(
    ("held", "missed", "said"),
    [
        (100.0, 105.0, "at 100 journeys a second, and no longer at 105."),
        (100.0, 101.0, "at 100.0 journeys a second, and no longer at 101.0."),
        (100.0, None, "Every run held, up to 100"),
        (0.0, 5.0, "No run held: 5"),
    ],
)
def test_a_capacity_is_told_as_fine_as_its_interval(
    held: float, missed: float | None, said: str
) -> None:
    """What held, what did not, or that the end was not reached."""
    content: dict[str, object] = {**CAPACITY, "held": held, "missed": missed}
    found = Record(content, "capacity.json")

    assert said in " ".join(capacity_sentences(found, "en"))


def test_a_search_for_capacity_has_a_page(tmp_path: Path) -> None:
    """Its curve, and a row for every run; without latencies too."""
    probes = [{"rate": 50.0, "verdict": "PASS"}, {"rate": 100.0, "verdict": "INCONCLUSIVE"}]
    for number, found in enumerate((CAPACITY, CAPACITY | {"probes": probes})):
        directory = tmp_path / str(number)
        directory.mkdir()
        (directory / "capacity.json").write_text(json.dumps(found), encoding="utf-8")

        page = write_report(directory, "en").read_text(encoding="utf-8")

        assert page.count('<svg role="img"') == 1
        assert page.count('class="verdict pass"') == 2 - number


@pytest.mark.parametrize(
    ("file", "content", "place"),
    [
        ("summary.json", "{}", "kind"),
        ("summary.json", '{"kind": "load", "verdict": "GOOD"}', "GOOD"),
        ("heat.parquet", "PAR1", "heat.parquet"),
        ("timeline.parquet", "", "timeline.parquet"),
    ],
)
def test_a_file_that_is_cut_is_named(
    stalled: Path, tmp_path: Path, file: str, content: str, place: str
) -> None:
    """No page is drawn from half a run."""
    directory = tmp_path / "run"
    shutil.copytree(stalled, directory)
    (directory / file).write_text(content, encoding="utf-8")

    with pytest.raises(RunFileError, match=place):
        write_report(directory, "fr")


@pytest.mark.parametrize(
    ("microseconds", "written_so"),
    [
        (0, "0.0 ms"),
        (812, "0.8 ms"),
        (13_437, "13.4 ms"),
        (99_999, "100.0 ms"),
        (331_007, "331 ms"),
        (999_499, "999 ms"),
        (999_500, "1.00 s"),
        (1_851_391, "1.85 s"),
        (61_250_000, "61.2 s"),
    ],
)
def test_a_latency_is_written_to_three_digits(microseconds: int, written_so: str) -> None:
    """Milliseconds below a second, seconds from there on."""
    assert latency(microseconds, "en").replace(NO_BREAK, " ") == written_so


def test_amounts_are_written_as_each_language_does() -> None:
    """Bounds as asked, instants, shares and their intervals, changes."""
    assert bound(2_500_000, "fr") == f"2,5{NO_BREAK}s"
    assert instant(24_300_000, "fr") == f"24,3{NO_BREAK}s"
    assert instant(724_000_000, "en") == f"12{NO_BREAK}min{NO_BREAK}04{NO_BREAK}s"
    assert share(0.9996, "en") == "99.960%"
    assert shares(0.983, 0.9984, "fr") == f"98,30\u201399,84{NO_BREAK}%"
    assert change(1.297, "fr") == f"+29,7{NO_BREAK}%"
    assert change(0.4, "en") == "\u221260.0%"
    assert change(232.0, "en") == f"\u00d7{NO_BREAK}232"
