"""Recorded exchanges: what may be shared of them, and what they show by themselves."""

import base64
import json
from dataclasses import replace
from hashlib import sha1
from pathlib import Path
from typing import cast

import pytest

from etalon_cli.command import main
from etalon_conformance.evidence import redacted_line, write_folders
from etalon_conformance.evidence.judging import judged_trace
from etalon_conformance.evidence.rejudging import rejudged
from etalon_conformance.evidence.traces import TraceError, exchange_of, read_trace
from etalon_conformance.exchange_lines import exchange_line
from etalon_conformance.requirement import Level, Standing
from etalon_conformance.requirements import requirement_set
from etalon_conformance.verdicts import Verdict
from etalon_target.secrecy import Redaction
from etalon_wire.json_body import Json

BASE = "https://dossiers.test/r4"
SECRET = "s3cr3t-of-the-vendor"  # noqa: S105 (made up)
TOKEN = "opaque-token-0123456789"  # noqa: S105 (made up)
CONTENT = "Café\n".encode()


def entry(  # noqa: PLR0913 (the parts of an exchange)
    verb: str,
    path: str,
    status: int,
    body: object = None,
    *,
    sent: object = None,
    media_type: str = "application/fhir+json",
    headers: tuple[tuple[str, str], ...] = (),
    accept: str = "application/fhir+json",
) -> dict[str, object]:
    """One entry of a HAR file."""
    text = body if isinstance(body, str) else json.dumps(body)
    content: dict[str, object] = {"size": len(text), "mimeType": media_type}
    if body is not None:
        content["text"] = text
    answered = [("Content-Type", media_type), *headers]
    request: dict[str, object] = {
        "method": verb,
        "url": BASE + path,
        "headers": [{"name": "Accept", "value": accept}],
    }
    if sent is not None:
        request["headers"] = [
            {"name": "Content-Type", "value": "application/fhir+json"},
            {"name": "Accept", "value": accept},
        ]
        request["postData"] = {"text": json.dumps(sent)}
    return {
        "startedDateTime": "2026-01-02T10:00:00.000Z",
        "request": request,
        "response": {
            "status": status,
            "headers": [{"name": name, "value": value} for name, value in answered],
            "content": content,
        },
    }


def document(ident: str = "a", version: str = "1", code: str = "11488-4") -> dict[str, object]:
    """A document reference."""
    digest = base64.b64encode(sha1(CONTENT, usedforsecurity=False).digest()).decode()
    attachment = {"url": f"{BASE}/Binary/{ident}", "size": len(CONTENT), "hash": digest}
    return {
        "resourceType": "DocumentReference",
        "id": ident,
        "status": "current",
        "meta": {"versionId": version, "lastUpdated": "2026-01-02T10:00:00Z"},
        "type": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "content": [{"attachment": attachment}],
    }


def searchset(*documents: object, following: str = "") -> dict[str, object]:
    """A page of a search."""
    links = [{"relation": "next", "url": following}] if following else []
    entries = [{"resource": one} for one in documents]
    return {"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries}


def har(tmp_path: Path, *entries: object) -> Path:
    """A HAR file of these entries, as a browser writes it."""
    path = tmp_path / "trace.har"
    log = {"version": "1.2", "creator": {"name": "a"}, "entries": list(entries)}
    path.write_text("\ufeff" + json.dumps({"log": log}, ensure_ascii=False), encoding="utf-8")
    return path


def verdicts(path: Path) -> dict[str, Verdict]:
    """What a trace is worth, by requirement."""
    results = judged_trace(read_trace(path), requirement_set())
    return {one.requirement: one.verdict for one in results}


METADATA = entry("GET", "/metadata", 200, {"resourceType": "CapabilityStatement"})
SEARCH = "/DocumentReference?patient.identifier=1&status=current"
TYPED = f"{SEARCH}&type=http://loinc.org%7C11488-4"
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "x"}]}
PATCHED = ("PATCH", "/DocumentReference/a", 200)

SHOWN = [
    ("W-COM-01", entry("GET", SEARCH, 200, searchset()), "pass"),
    (
        "W-COM-01",
        entry("GET", SEARCH, 200, searchset(), accept="application/fhir+xml"),
        "fail",
    ),
    ("W-COM-02", entry("GET", "/List/a", 404, OUTCOME), "pass"),
    ("W-COM-02", entry("GET", "/List/a", 404, "<html>", media_type="text/html"), "finding"),
    (
        "W-REC-12",
        entry("POST", "/DocumentReference", 201, document(), headers=(("Location", "a"),)),
        "pass",
    ),
    ("W-REC-12", entry("POST", "/DocumentReference", 201, document()), "fail"),
    ("W-REC-22", entry("GET", SEARCH, 200, searchset(document())), "pass"),
    ("W-REC-22", entry("GET", SEARCH, 200, searchset(following=BASE + SEARCH)), "fail"),
    ("W-REC-22", entry("GET", SEARCH, 200, document()), "fail"),
    ("W-REC-24", entry("GET", TYPED, 200, searchset(document())), "pass"),
    ("W-REC-24", entry("GET", TYPED, 200, searchset(document(), document("b", code="x"))), "fail"),
    ("W-REC-26", entry("GET", "/List?code=folder", 200, {"resourceType": "List"}), "fail"),
]


@pytest.mark.parametrize(("requirement", "one", "verdict"), SHOWN)
def test_an_exchange_shows_a_requirement_kept_or_broken(
    requirement: str, one: object, verdict: str, tmp_path: Path
) -> None:
    """Each by itself, in a HAR file."""
    assert verdicts(har(tmp_path, METADATA, one)).get(requirement) == verdict


def test_a_content_is_compared_with_what_its_document_said(tmp_path: Path) -> None:
    """Size and hash, from an answer that came before."""
    found = entry("GET", SEARCH, 200, searchset(document()))
    whole = entry("GET", "/Binary/a", 200, CONTENT.decode(), media_type="text/plain")
    recoded = entry("GET", "/Binary/a", 200, "Caf?\n", media_type="text/plain")
    assert verdicts(har(tmp_path, found, whole))["W-REC-27"] is Verdict.PASS
    assert verdicts(har(tmp_path, found, recoded))["W-REC-27"] is Verdict.FAIL


def test_a_change_gives_a_version_that_is_new(tmp_path: Path) -> None:
    """Compared with the version that was seen before."""
    read = entry("GET", "/DocumentReference/a", 200, document())
    changed = entry(*PATCHED, document(version="2"))
    unchanged = entry(*PATCHED, document(version="1"))
    assert verdicts(har(tmp_path, read, changed))["W-REC-30"] is Verdict.PASS
    assert verdicts(har(tmp_path, read, unchanged))["W-REC-30"] is Verdict.FAIL


def test_every_entry_created_by_a_bundle_has_a_place(tmp_path: Path) -> None:
    """And there are as many answers as requests."""
    sent = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"request": {"method": "POST"}}],
    }
    answered = {"resourceType": "Bundle", "type": "transaction-response"}
    placed = [{"response": {"status": "201 Created", "location": "DocumentReference/a"}}]
    lost = [{"response": {"status": "201 Created"}}]
    for entries, verdict in ((placed, "pass"), (lost, "fail"), ([], "fail")):
        one = entry("POST", "", 200, {**answered, "entry": entries}, sent=sent)
        assert verdicts(har(tmp_path, METADATA, one))["W-REC-01"] == verdict


def test_what_a_browser_left_out_is_not_held_against_anybody(tmp_path: Path) -> None:
    """A body that was not recorded shows nothing, nor does an exchange that was cut."""
    left_out = entry("GET", SEARCH, 200)
    left_out["response"]["content"] = {"size": 5000, "mimeType": "application/fhir+json"}  # type: ignore[index]
    cut = entry("GET", SEARCH, 0)
    assert verdicts(har(tmp_path, left_out, cut)) == {}


def line(check: str, number: int, exchange: dict[str, object]) -> dict[str, Json]:
    """One line of exchanges.ndjson."""
    made = {
        "check": check,
        "number": number,
        "at": "2026-01-02T10:00:00.000Z",
        "control": False,
        "pages": 0,
        "who": None,
        **exchange,
    }
    return cast("dict[str, Json]", made)


SECRET_LINE = line(
    "c",
    1,
    {
        "request": {
            "verb": "POST",
            "url": f"{BASE}/DocumentReference?key={SECRET}",
            "headers": [["Authorization", f"Bearer {TOKEN}"], ["X-Key", SECRET]],
            "body": f"client_secret={SECRET}&x=1",
        },
        "answer": {
            "status": 200,
            "headers": [["set-cookie", "session=abcdefgh"], ["content-type", "application/json"]],
            "body_base64": base64.b64encode(
                b'\xff{"access_token":"' + TOKEN.encode() + b'"}'
            ).decode(),
            "seconds": 0.1,
            "truncated": False,
        },
    },
)


def test_the_copy_to_share_holds_no_secret_and_still_reads_as_exchanges() -> None:
    """Addresses, headers and bodies, in base 64 too."""
    redaction = Redaction()
    redaction.add(SECRET)
    redaction.add(TOKEN)
    shared = redacted_line(SECRET_LINE, redaction)
    written = json.dumps(shared)
    body = base64.b64decode(str(shared["answer"]["body_base64"]))  # type: ignore[index,call-overload]
    for secret in (SECRET, TOKEN, "session=abcdefgh"):
        assert secret not in written
        assert secret.encode() not in body
    assert exchange_of(shared).status == 200
    assert SECRET in json.dumps(SECRET_LINE)


def test_a_line_is_read_as_the_exchange_it_was_written_from() -> None:
    """Whatever it holds."""
    exchange = exchange_of(SECRET_LINE)
    written = cast("dict[str, Json]", exchange_line("c", exchange))
    assert exchange_of(written) == exchange


def run_directory(tmp_path: Path) -> Path:
    """A run whose one check looked at one exchange."""
    shared = line(
        "c",
        4,
        {
            "request": {"verb": "GET", "url": f"{BASE}{SEARCH}", "headers": []},
            "answer": {
                "status": 200,
                "headers": [["content-type", "application/fhir+json"]],
                "body": json.dumps(searchset()),
                "seconds": 0.1,
                "truncated": False,
            },
        },
    )
    other = {**shared, "number": 5}
    lines = json.dumps(shared) + "\n" + json.dumps(other) + "\n"
    (tmp_path / "exchanges-redacted.ndjson").write_text(lines, encoding="utf-8")
    result = {
        "requirement": "W-REC-22",
        "check": "c",
        "verdict": "fail",
        "wire": "official",
        "expected": "a",
        "got": "nothing | b",
        "expectation": {"path": "total", "relation": "equals", "values": ["2"]},
        "exchanges": [4],
        "counterexample": "W-REC-22-c",
    }
    requirement = {
        "text": {"fr": "Une exigence.", "en": "A requirement."},
        "level": "SHALL",
        "standing": "specification",
        "sources": [
            {"title": {"fr": "Texte", "en": "Text"}, "link": "https://a.test", "place": "4"}
        ],
    }
    verdicts_file = {"results": [result], "requirements": {"W-REC-22": requirement}}
    (tmp_path / "verdicts.json").write_text(json.dumps(verdicts_file), encoding="utf-8")
    return tmp_path


def test_a_requirement_has_its_folder_with_the_exchanges_that_show_it(tmp_path: Path) -> None:
    """And a page in both languages that leads to the counterexample."""
    run = run_directory(tmp_path)
    assert write_folders(run) == 1
    folder = run / "requirements" / "W-REC-22"
    kept = (folder / "exchanges.ndjson").read_text(encoding="utf-8").splitlines()
    assert [json.loads(one)["number"] for one in kept] == [4]
    page = (folder / "README.md").read_text(encoding="utf-8")
    for said in ("Une exigence.", "A requirement.", "total: exactly 2", "nothing \\| b", "[Text]"):
        assert said in page
    assert "(../../counterexamples/W-REC-22-c/README.md)" in page


def test_a_run_is_judged_again_from_its_exchanges(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its directory, in both languages and as JSON."""
    run = run_directory(tmp_path)
    assert main(["conformance", "judge", str(run), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["base"], told["exchanges"], told["exit_code"]) == (BASE, 2, 1)
    found = [(one["requirement"], one["check"], one["verdict"]) for one in told["results"]]
    assert found == [("W-REC-22", "c", "fail"), ("W-REC-22", "judge", "pass")]
    assert main(["conformance", "judge", str(run), "--lang", "fr"]) == 1
    assert "satisfaite" in capsys.readouterr().out


AGAIN: list[tuple[str, dict[str, str], dict[str, object], str]] = [
    ("fail", {}, {}, "fail"),
    ("finding", {}, {}, "finding"),
    ("finding", {"standing": "draft"}, {}, "fail"),
    ("fail", {}, {"level": Level.SHOULD}, "finding"),
    ("fail", {}, {"standing": Standing.DRAFT}, "finding"),
]


@pytest.mark.parametrize(("verdict", "then", "now", "again"), AGAIN)
def test_what_a_breach_is_worth_follows_the_requirement_as_it_stands_now(
    verdict: str, then: dict[str, str], now: dict[str, object], again: str, tmp_path: Path
) -> None:
    """A finding about what could have failed then stays one: it was about the uncertain part."""
    run = run_directory(tmp_path)
    told = json.loads((run / "verdicts.json").read_text(encoding="utf-8"))
    told["results"][0]["verdict"] = verdict
    told["requirements"]["W-REC-22"] |= {"certainty": "certain", "actor": "server", **then}
    (run / "verdicts.json").write_text(json.dumps(told), encoding="utf-8")
    asked = replace(requirement_set()["W-REC-22"], **now)  # type: ignore[arg-type]
    (result,) = rejudged(run, read_trace(run), {"W-REC-22": asked})
    assert result.verdict == again


def test_an_expectation_that_holds_on_its_exchanges_is_kept(tmp_path: Path) -> None:
    """Whatever was concluded before: what was recorded decides."""
    run = run_directory(tmp_path)
    text = (run / "verdicts.json").read_text(encoding="utf-8")
    (run / "verdicts.json").write_text(text.replace('"equals"', '"absent"'), encoding="utf-8")
    (result,) = rejudged(run, read_trace(run), requirement_set())
    assert result.verdict is Verdict.PASS


def test_a_run_whose_verdicts_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """Exit code 2."""
    run = run_directory(tmp_path)
    (run / "verdicts.json").write_text("{", encoding="utf-8")
    assert main(["conformance", "judge", str(run)]) == 2


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"log": {}}', '{"log": {"entries": [1]}}', "a,b\n", '{"check": 1}']
)
def test_what_is_no_trace_is_refused_in_one_line(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, never a traceback."""
    path = tmp_path / "trace.har"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(TraceError):
        read_trace(path)
    assert main(["conformance", "judge", str(path)]) == 2
    assert "neither HAR nor exchanges.ndjson" in capsys.readouterr().err


def test_a_finding_fails_where_it_is_asked_to(tmp_path: Path) -> None:
    """Exit code 0 without, 1 with --findings-fail; 1 for a failure; 3 where nothing is shown."""
    finding = har(tmp_path, entry("GET", "/List/a", 404, "<html>", media_type="text/html"))
    assert main(["conformance", "judge", str(finding)]) == 0
    assert main(["conformance", "judge", str(finding), "--findings-fail"]) == 1
    failing = har(tmp_path, entry("POST", "/DocumentReference", 201, document()))
    assert main(["conformance", "judge", str(failing)]) == 1
    silent = har(tmp_path, entry("GET", "/List/a", 0))
    assert main(["conformance", "judge", str(silent)]) == 3
