"""The report of a conformance run says what its files hold, and nothing that they do not."""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import jsonschema
import pytest

from etalon_reports import write_report
from etalon_reports.conformance.attestation_sheet import draw_attestation
from etalon_reports.conformance.front_page import outcome_sentences
from etalon_reports.conformance.judgements import judgements
from etalon_reports.conformance.run_folder import folder_of
from etalon_reports.conformance.sentences import check_title, numbers, sentence
from etalon_reports.conformance.verdict_file import VERDICTS, read_conformance
from etalon_reports.record import RunFileError
from etalon_text import palette
from etalon_text.language import LANGUAGES
from etalon_text.schema_files import schema
from etalon_text.strings import all_strings, text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from etalon_text.language import Language

    RunMaker = Callable[..., Path]

NO_BREAK, NARROW = "\u00a0", "\u202f"
STATEMENT = {
    "fr": f"Auto-évaluation par rapport au modèle Étalon v0.1.0{NARROW}; ne vaut ni homologation "
    "CNDA, ni référencement Ségur ou Mon espace santé.",
    "en": "Self-assessment against the Étalon model v0.1.0; it is neither a CNDA approval nor a "
    "Ségur or Mon espace santé referencing.",
}
CERTIFIED = re.compile(r"certifi(?:ed|é|ée|és|ées)\b", re.IGNORECASE)
REACHING_OUT = re.compile(
    r"""<(?:link|iframe|object|embed|base|img)\b|<\w[^>]*\bsrc=|@import|url\(\s*['"]?(?!#)"""
)
VOID = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
    """Words, identifiers and links of a page, and whether its elements close in order."""

    def __init__(self, html: str) -> None:
        """Read `html`."""
        super().__init__()
        self.words: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.language = ""
        self.open: list[str] = []
        self.feed(html)
        self.text = " ".join("".join(self.words).split(" "))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        values = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self.open.append(tag)
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "html":
            self.language = values["lang"]
        if tag == "a":
            self.links.append(values["href"])

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note words."""
        if "style" not in self.open:
            self.words.append(data)


def page_of(directory: Path, language: Language = "fr") -> Page:
    """Draw the report and read it."""
    return Page(write_report(directory, language).read_text(encoding="utf-8"))


def section(html: str, name: str) -> str:
    """Return the part of a page that stands under the heading `name`."""
    return html.split(f'<section aria-labelledby="{name}">')[1].partition("\n</section>")[0]


@pytest.fixture(scope="module")
def pages(
    invented_conformance: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[Language, str]:
    """Return the page of a run that holds every verdict, in each language."""
    directory = tmp_path_factory.mktemp("drawn") / "R"
    shutil.copytree(invented_conformance, directory)
    write_report(directory, "fr")
    names: dict[Language, str] = {"fr": "report.html", "en": "report.en.html"}
    return {
        language: (directory / name).read_text(encoding="utf-8") for language, name in names.items()
    }


def test_the_invented_run_obeys_the_published_schemas(invented_conformance: Path) -> None:
    """What the reports are tested on is what is published."""
    verdicts = json.loads((invented_conformance / "verdicts.json").read_text(encoding="utf-8"))
    lines = (invented_conformance / "exchanges-redacted.ndjson").read_text(encoding="utf-8")

    jsonschema.validate(verdicts, dict(schema("verdicts")))
    exchange = dict(schema("exchange"))
    for line in lines.splitlines()[::20]:
        jsonschema.validate(json.loads(line), exchange)
    for name in ("verdicts", "plan", "exchange"):
        jsonschema.Draft202012Validator.check_schema(dict(schema(name)))
    assert {one["verdict"] for one in verdicts["results"]} == set(VERDICTS) - {"not-applicable"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_well_formed_and_asks_for_nothing_outside_itself(
    pages: dict[Language, str], language: Language
) -> None:
    """Elements close in order, identifiers are unique, inner links lead somewhere."""
    page = Page(pages[language])

    assert page.open == []
    assert page.language == language
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert REACHING_OUT.findall(pages[language]) == []
    assert "default-src 'none'" in pages[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_page_says_what_the_report_is_not(
    pages: dict[Language, str], language: Language
) -> None:
    """The statement stands in the cover; nothing is called certified, in either language."""
    cover = pages[language].split("</header>")[0]

    assert STATEMENT[language] in cover
    assert CERTIFIED.findall(Page(pages[language]).text) == []


def test_certified_is_no_verdict() -> None:
    """No string of a report of conformance says so."""
    said = [
        sentence
        for key, words in all_strings().items()
        if key.split(".")[0] in {"conformance", "verdict", "meaning", "attestation"}
        for sentence in words.values()
    ]

    assert len(said) > 200
    assert [sentence for sentence in said if CERTIFIED.search(sentence)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_page_counts_by_standing_and_wire_and_gives_no_percentage(
    pages: dict[Language, str], language: Language, invented_conformance: Path
) -> None:
    """Each row of the file stands there; nothing is added up."""
    cover = pages[language].partition("<body>")[2].partition("</header>")[0]
    counts = read_conformance(invented_conformance).verdicts.record("counts")
    rows = re.findall(r'<tr role="row">(.*?)</tr>', cover, re.DOTALL)

    assert len(rows) == sum(len(counts.record(name).values) for name in counts.values)
    assert "%" not in cover
    law = [int(found) for found in re.findall(r">(\d+)</td>", rows[0])]
    held = counts.record("law").record("official")
    assert law == [held.count(name) if name in held.values else 0 for name in VERDICTS]


def test_judgements_count_as_the_run_does(invented_conformance: Path) -> None:
    """The worst verdict of a requirement over a wire is the one that the run counted."""
    run = read_conformance(invented_conformance)
    tally: dict[str, dict[str, dict[str, int]]] = {}
    for one in judgements(run):
        if one.wire:
            row = tally.setdefault(one.requirement.standing, {}).setdefault(one.wire, {})
            row[one.verdict] = row.get(one.verdict, 0) + 1

    assert tally == run.verdicts.record("counts").values


@pytest.mark.parametrize(
    ("label", "count"),
    [
        ("Sans contrôle dans cette version", 2),
        ("N\u2019ont pas pu être testées", 5),
        ("Prévues et non exécutées", 1),
        ("Perdues par une faute du banc d\u2019essai", 1),
        ("En attente de la réponse d\u2019une personne", 1),
        ("Déclarées sans objet", 1),
    ],
)
def test_the_first_page_says_what_was_not_tested(
    pages: dict[Language, str], label: str, count: int
) -> None:
    """Each gap with its number, and a link to why."""
    cover = Page(pages["fr"].split("</header>")[0]).text

    assert f"{label}{NARROW}: {count}" in cover


@pytest.mark.parametrize(
    "told",
    [
        "Requirements that fail: 2 (VIS-01, W-REC-12).",
        "the time allowed ran out",
        "71 of 73",
        "50 of 52",
        "0 of 12",
        "checks have changed since",
        "5e5e5e5e5e5e…",
        "9a9a9a9a9a9a…",
        "baseline.toml, b1b1b1b1b1b1…",
        "1 accepted, 1 entry without use",
        "2026-11",
        f"22{NO_BREAK}November 2026, 06:20 UTC",
        "a finding that is not accepted beforehand is a failure",
        "not signed",
    ],
)
def test_the_first_page_holds_what_a_decision_needs(pages: dict[Language, str], told: str) -> None:
    """Outcome, power, false alarms, hashes, versions, worth of a finding."""
    assert told in Page(pages["en"].split("</header>")[0]).text


def test_a_failure_is_told_whole(pages: dict[Language, str]) -> None:
    """Text, linked source, expected, got, path, calls, contest, scripts, exchanges."""
    found = section(pages["fr"], "failed")
    breach = found.split('<article class="breach fail"')[1]

    for told in (
        "VIS-01",
        "Le document masqué est inaccessible",
        'href="https://www.legifrance.gouv.fr/codes/texte_lc/LEGITEXT000006072665/"',
        f"entry.resource.id{NARROW}: aucune des valeurs doc-17",
        "doc-11, doc-12, doc-17",
        "<code>entry.resource.id</code>",
        "Contesté par Camille Exemple",
        'href="counterexamples/VIS-01-check_of_vis_01/replay.sh"',
        "etalon conformance replay counterexamples/VIS-01-check_of_vis_01",
        "GET DocumentReference?patient.identifier",
        "authorization: Bearer (redacted 1)",
        "caractères de plus dans exchanges-redacted.ndjson",
        "masked_documents_are_not_read",
    ):
        assert told in breach, told


def test_a_cause_is_told_once_with_all_that_depends_on_it(pages: dict[Language, str]) -> None:
    """Four requirements wait for one operation."""
    found = section(pages["en"], "open")

    assert found.count("erase_space") == 1
    assert "LIF-12, LIF-13, LIF-14, LIF-16" in Page(found).text
    assert "W-AUD-02" in found
    assert "TRC-04" in found


def test_what_a_person_answered_stands_with_author_date_and_file(
    pages: dict[Language, str],
) -> None:
    """And what nobody answered is awaited."""
    found = Page(section(pages["fr"], "people")).text

    for told in (
        f"Camille Exemple, 20{NO_BREAK}novembre 2026",
        "procedure.pdf",
        "f0" * 32,
        "en attente",
    ):
        assert told in found


def test_each_page_leads_to_the_other_language(pages: dict[Language, str]) -> None:
    """French is `report.html` here, English beside it; nothing else links to a page."""
    assert '<a href="report.en.html" hreflang="en" lang="en">English version</a>' in pages["fr"]
    assert '<a href="report.html" hreflang="fr" lang="fr">Version française</a>' in pages["en"]


def test_a_report_redrawn_is_the_same_to_the_byte(
    invented_conformance: Path, tmp_path: Path
) -> None:
    """Whatever was drawn before, in whichever language."""
    directory = tmp_path / "R"
    shutil.copytree(invented_conformance, directory)
    first = write_report(directory, "en").read_bytes()
    other = (directory / "report.fr.html").read_bytes()

    write_report(directory, "fr")
    again = write_report(directory, "en").read_bytes()

    assert again == first
    assert (directory / "report.fr.html").read_bytes() == other
    assert sorted(path.name for path in directory.glob("*.html*")) == [
        "report.fr.html",
        "report.html",
    ]


def test_a_signed_directory_is_not_written_to(conformance_run: RunMaker) -> None:
    """Its reports land in `redrawn`, and lead back to the evidence."""
    directory = conformance_run()
    before = {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}

    page = write_report(directory, "fr")

    assert page == directory / "redrawn" / "report.html"
    assert page.parent == folder_of(directory)
    assert all(path.read_bytes() == content for path, content in before.items())
    assert 'href="../counterexamples/' in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("code", "changed", "told"),
    [
        (0, {}, "No failure. Requirements concluded upon: 119."),
        (3, {}, "No full answer: no failure was seen"),
        (4, {}, "a fault of the harness keeps it from concluding"),
        (2, {}, "entries of the list of accepted breaches are no longer used"),
        (
            3,
            {"unreachable": "Connection refused"},
            "The system could not be reached (Connection refused). Nothing was concluded.",
        ),
        (0, {"left_out": 118}, "chosen; not asked for, in the same suite: 118."),
        (3, {"cut": "interrupted"}, "Partial run: interrupted before the end of the plan."),
    ],
)
def test_the_outcome_follows_the_exit_code(
    conformance_run: RunMaker, code: int, changed: dict[str, object], told: str
) -> None:
    """Each of them has its own sentence, and none of them says that the system passed."""
    run = read_conformance(conformance_run(breaches=False, exit_code=code, **changed))

    assert told in " ".join(outcome_sentences(run, "en"))


def test_a_run_without_breach_says_so_under_each_heading(conformance_run: RunMaker) -> None:
    """No empty section."""
    page = page_of(conformance_run(breaches=False, power=None), "fr")

    for key in ("failed", "found", "open", "people", "untested"):
        assert text(f"conformance.none_{key}", "fr") in page.text
    assert text("conformance.power_none", "fr") in page.text


def test_words_of_the_system_under_test_stay_words(conformance_run: RunMaker) -> None:
    """Markup, control characters and halves of characters are shown, never obeyed."""
    directory = conformance_run()
    file = directory / "verdicts.json"
    verdicts = json.loads(file.read_text(encoding="utf-8"))
    broken = next(one for one in verdicts["results"] if one["verdict"] == "fail")
    broken["got"] = "<script>alert(1)</script>\u0000\ud800"
    verdicts["target"]["name"] = '"><img src=x>'
    file.write_text(json.dumps(verdicts), encoding="utf-8")

    html = write_report(directory, "fr").read_text(encoding="utf-8")

    assert REACHING_OUT.findall(html) == []
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\ufffd\ufffd" in html


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"format": 2}, "verdicts.json, key format: 2, written by Étalon "),
        ({"counts": None}, "verdicts.json, key counts"),
        ({"results": [{"requirement": "VIS-01"}]}, r"verdicts.json, key results\[0\].check"),
        ({"requirements": {}}, "verdicts.json, key requirements: found no "),
    ],
)
def test_a_file_of_verdicts_that_is_not_as_published_is_refused_by_its_place(
    conformance_run: RunMaker, changed: dict[str, object], told: str
) -> None:
    """File, key, what stands there."""
    with pytest.raises(RunFileError, match=told):
        write_report(conformance_run(**changed), "fr")


@pytest.mark.parametrize("content", [None, b"{", b"[]\n", b"\xff\n"])
def test_exchanges_that_cannot_be_read_are_refused_by_name(
    conformance_run: RunMaker, content: bytes | None
) -> None:
    """Missing, cut, no object, no UTF-8."""
    directory = conformance_run()
    file = directory / "exchanges-redacted.ndjson"
    file.unlink()
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(RunFileError, match=r"exchanges-redacted\.ndjson"):
        write_report(directory, "fr")


@pytest.mark.parametrize(
    ("found", "told"),
    [([], ""), ([7], "7"), ([1, 2], "1, 2"), ([1, 2, 3], "1–3"), ([1, 3, 4, 5, 9], "1, 3–5, 9")],  # noqa: RUF001 (from one to the other)
)
def test_numbers_in_a_row_are_told_by_their_ends(found: list[int], told: str) -> None:
    """From three on; others one by one."""
    assert numbers(found) == told


def test_what_this_version_has_no_words_for_is_shown_bare() -> None:
    """A run of another version is drawn all the same."""
    assert sentence("cause.of_tomorrow", "fr", what="x") == "cause.of_tomorrow (what = x)"
    assert sentence("cause.of_tomorrow", "fr", key="x") == "cause.of_tomorrow (key = x)"
    assert check_title("of_tomorrow", "fr") == ""


def test_colours_of_verdicts_are_those_of_the_palette(pages: dict[Language, str]) -> None:
    """The style sheet names no hue of its own."""
    roles = f"--pass:{palette.PASSED};--fail:{palette.FAILED};--finding:{palette.FOUND}"

    assert roles in pages["fr"]


def test_an_address_is_no_name_of_a_product(conformance_run: RunMaker, tmp_path: Path) -> None:
    """The sheet leaves the product to be written where nobody named it."""
    target = {"kind": "address", "address": "http://h/fhir", "name": "http://h/fhir"}
    directory = conformance_run(target=target, attestation=None)

    html = draw_attestation(directory, "en", tmp_path).read_text(encoding="utf-8")

    assert "<h1>Vendor&#39;s attestation</h1>" in html
    assert html.count('class="blank"') == 8


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_attestation_sheet_leaves_blank_what_nobody_said(
    invented_conformance: Path, tmp_path: Path, language: Language
) -> None:
    """Product and signatory as given; place and signature to be written by hand."""
    html = draw_attestation(invented_conformance, language, tmp_path).read_text(encoding="utf-8")
    page = Page(html)

    assert page.open == []
    assert STATEMENT[language] in page.text
    for told in ("Exemple SAS", "Dossier Exemple", "Camille Exemple", "W-REC-30", "procedure.pdf"):
        assert told in page.text
    assert html.count('class="blank"') == 2
    assert CERTIFIED.findall(page.text) == []
