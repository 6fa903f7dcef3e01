"""Sets of requirements coexist: what changed between two, and which verdicts no longer hold."""

import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from etalon_cli.command import main
from etalon_conformance.frozen_sets import frozen_names, read_set, written_set
from etalon_conformance.requirement import words
from etalon_conformance.requirement_changes import Change, Kind, changes, digests_in, stale
from etalon_conformance.requirements import (
    CURRENT,
    Level,
    Requirement,
    Standing,
    digest,
    requirement_set,
    set_names,
)
from etalon_conformance.tables import DATA
from etalon_text.language import LANGUAGES

ALL = requirement_set()
SOME = {ident: ALL[ident] for ident in ("VIS-01", "W-REC-27", "W-REC-05b")}


def altered(**changed: Any) -> Mapping[str, Requirement]:  # noqa: ANN401 (any attribute)
    """Return `SOME`, with attributes of W-REC-27 changed."""
    return {**SOME, "W-REC-27": replace(SOME["W-REC-27"], **changed)}


JUDGED = {
    "text": words("Autre demande.", "Another demand."),
    "level": Level.SHOULD,
    "certainty": "probable",
    "certain_part": words("Une part.", "A part."),
    "condition": words("Parfois.", "Sometimes."),
    "standing": Standing.DRAFT,
}
FREE = {"sources": (), "suites": (), "domain": "agenda"}


@pytest.mark.parametrize("name", JUDGED)
def test_a_verdict_is_stale_once_what_it_depends_on_changed(name: str) -> None:
    """Text, level, certainty, condition, standing: each on its own."""
    new = altered(**{name: JUDGED[name]})
    digests = {ident: digest(one) for ident, one in SOME.items()}

    assert changes(SOME, new) == (Change("W-REC-27", Kind.CHANGED, (name,)),)
    assert stale(digests, new) == ("W-REC-27",)


@pytest.mark.parametrize("name", FREE)
def test_a_verdict_holds_when_only_annotations_changed(name: str) -> None:
    """Domain, sources and suites decide nothing."""
    new = altered(**{name: FREE[name]})
    digests = {ident: digest(one) for ident, one in SOME.items()}

    assert changes(SOME, new) == (Change("W-REC-27", Kind.ANNOTATED, (name,)),)
    assert stale(digests, new) == ()


def test_better_typography_makes_no_verdict_stale() -> None:
    """A verdict given when French texts had other spaces and apostrophes holds."""
    one = ALL["LIF-01"]
    typed = str(one.text["fr"]).replace("\u202f;", "\u00a0;").replace("\u2019", "'")
    former = replace(one, text={"fr": typed, "en": one.text["en"]})

    assert former.text != one.text
    assert digest(former) == digest(one)


def test_what_was_added_or_removed_is_told() -> None:
    """A verdict on what is gone is stale; what is new has none."""
    fewer = {ident: one for ident, one in SOME.items() if ident != "VIS-01"}
    digests = {ident: digest(one) for ident, one in SOME.items()}

    assert changes(SOME, fewer) == (Change("VIS-01", Kind.REMOVED),)
    assert changes(fewer, SOME) == (Change("VIS-01", Kind.ADDED),)
    assert stale(digests, fewer) == ("VIS-01",)
    assert changes(SOME, dict(SOME)) == ()


def test_a_set_reads_back_as_it_was_written() -> None:
    """Every attribute, sources included, but why this version does not test it."""
    read = read_set(written_set(ALL.values()))
    assert read == [replace(one, untested=words()) for one in ALL.values()]
    assert changes(ALL, {one.ident: one for one in read}) == ()


FROZEN = {
    "2026-11": "ede64ef352f6d66786be8945b7c7d2f13c6d48c0acd7a7eda08e4faa6df3afb9",
}


def test_a_frozen_set_never_changes() -> None:
    """Reports cite it: its bytes are those it was frozen with, and a new set is a new row here."""
    written = {
        name: sha256((DATA / "sets" / f"{name}.json").read_bytes()).hexdigest()
        for name in frozen_names()
    }
    assert written == FROZEN


def test_every_named_set_can_be_read() -> None:
    """Frozen sets first, then the current one; each knows its requirements by identifier."""
    assert set_names() == (*frozen_names(), CURRENT)
    for name in set_names():
        held = requirement_set(name)
        assert all(ident == one.ident for ident, one in held.items())
        assert len(held) >= len(SOME)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"digests": {"VIS-01": 3}}', b"\xff"])
def test_a_file_without_digests_is_refused(content: bytes) -> None:
    """It says nothing of the requirements that its verdicts were given under."""
    with pytest.raises(ValueError, match="_Judged"):
        digests_in(content)


def test_diff_names_stale_verdicts_and_exits_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run judged under another text of a requirement no longer speaks of it."""
    file = tmp_path / "verdicts.json"
    digests = {"VIS-01": digest(ALL["VIS-01"]), "W-REC-27": "0" * 64}
    file.write_text(json.dumps({"digests": digests}), encoding="utf-8")
    line = ["conformance", "requirements", "diff", CURRENT, CURRENT, "--verdicts", str(file)]

    assert main([*line, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["changes"], told["stale"]) == ([], ["W-REC-27"])
    assert main([*line, "--lang", "fr"]) == 1
    assert "Verdicts périmés\u202f: W-REC-27" in capsys.readouterr().out


BAD_LINES = {
    "an unknown set": (["diff", "2019", CURRENT], "'2019'"),
    "no such file": (["diff", CURRENT, CURRENT, "--verdicts", "absent.json"], "absent.json"),
    "a file of something else": (["diff", CURRENT, CURRENT, "--verdicts", __file__], "digests"),
    "an unknown suite": (["--suite", "record-server"], "records-server"),
    "an unknown requirement": (["--requirement", "W-REC-99"], "'W-REC-99'"),
    "a requirement of another suite": (
        ["--suite", "directory", "--requirement", "VIS-01"],
        "'VIS-01'",
    ),
    "an unknown set to list": (["--requirement-set", "2019"], "'2019'"),
}


@pytest.mark.parametrize(("typed", "named"), BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_is_told_in_one_line_and_exits_with_2(
    typed: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It names what was found, or what is accepted."""
    assert main(["conformance", "requirements", *typed]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert named in told.err
    assert told.err.count("\n") == 1


def test_requirements_lists_a_suite_with_its_denominator(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The same requirements in both forms; what nobody knows is null."""
    line = ["conformance", "requirements", "--suite", "records-server"]
    assert main([*line, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    (suite,) = told["suites"]
    held = [one["id"] for one in told["requirements"]]

    assert suite["requirements"] == len(held)
    assert suite["may_fail"] == sum(one["may_fail"] for one in told["requirements"])
    assert all(one["digest"] == digest(ALL[one["id"]]) for one in told["requirements"])
    links = [each["link"] for one in told["requirements"] for each in one["sources"]]
    assert None in links
    assert "" not in links
    assert main([*line, "--lang", "fr"]) == 0
    printed = capsys.readouterr().out
    assert all(f"\n{ident} " in printed for ident in held)
    assert "reformulation, non opposable" in printed


def test_the_whole_catalogue_ends_with_the_suites(capsys: pytest.CaptureFixture[str]) -> None:
    """Every requirement has its line."""
    assert main(["conformance", "requirements", "--lang", "en"]) == 0
    printed = capsys.readouterr().out
    assert all(f"\n{ident} " in printed for ident in ALL)
    assert printed.rstrip().splitlines()[-1].startswith("whole-service")


@pytest.mark.parametrize("ident", ["W-REC-31", "TRC-02", "W-CON-04", "SEC-02"])
def test_one_requirement_is_told_in_full(ident: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Condition, certain part, every source with its link, and why no check looks at it."""
    one = ALL[ident]
    for language in LANGUAGES:
        line = ["conformance", "requirements", "--requirement", ident.lower(), "--lang", language]
        assert main(line) == 0
        told = capsys.readouterr().out
        for said in (one.text, one.certain_part, one.condition, one.untested):
            assert said[language] in told
        assert all(source.title[language] in told for source in one.sources)
        assert all(source.link in told for source in one.sources)
        assert ("whole-service" in told) is bool(one.suites)
