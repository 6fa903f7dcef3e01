"""Judges recorded exchanges by what each shows by itself: nothing is asked of anybody.

An observation looks at one kind of exchange and gives what is expected of it. What a trace does not
hold is not held against the system: a requirement that no exchange shows has no result.
"""

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha1
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from etalon_conformance.evidence.traces import Recorded, Trace
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    Expectation,
    count,
    equals,
    excludes,
    matches,
    one_of,
    present,
    seen,
)
from etalon_conformance.requirement import Requirement, Wire
from etalon_conformance.verdicts import Message, Result, Verdict, judged
from etalon_target.messages import HttpResponse

CHECK: Final = "judge"
"""The name under which results of recorded exchanges stand."""

_FHIR: Final = ("application/fhir+json", "application/fhir+xml")
_DOCUMENT: Final = "entry.resource[resourceType=DocumentReference]"
_OK: Final = 200
_CREATED: Final = 201
_REFUSALS: Final = range(400, 500)
_ENTRY_CREATED: Final = "201"


@dataclass(frozen=True, slots=True)
class _Asked:
    """An exchange below the base, with what came before it.

    Attributes:
        exchange: The exchange.
        path: Its path below the base, such as `/DocumentReference/4`.
        query: Its parameters.
        known: What former answers told.
    """

    exchange: Exchange
    path: str
    query: Mapping[str, str]
    known: "_Known"

    @property
    def kind(self) -> str:
        """The resource asked for."""
        return self.path.strip("/").partition("/")[0]


@dataclass(slots=True)
class _Known:
    """What answers told so far: version of a document, size and hash of a content."""

    versions: dict[str, str] = field(default_factory=dict[str, str])
    contents: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])


_Observation = Callable[[_Asked], Iterator[tuple[str, Expectation]]]


def judged_trace(trace: Trace, requirements: Mapping[str, Requirement]) -> tuple[Result, ...]:
    """Return a verdict on each requirement that a trace shows, in the order of the requirements."""
    shown: dict[str, list[tuple[Exchange, Expectation]]] = {}
    for exchange, requirement, expectation in _observed(trace):
        if requirement in requirements:
            shown.setdefault(requirement, []).append((exchange, expectation))
    return tuple(_result(requirements[one], shown[one]) for one in requirements if one in shown)


def _observed(trace: Trace) -> Iterator[tuple[Exchange, str, Expectation]]:
    known = _Known()
    for recorded in trace.recorded:
        asked = _asked(trace.base, recorded, known)
        if asked is None:
            continue
        for observe in _OBSERVATIONS:
            for requirement, expectation in observe(asked):
                yield recorded.exchange, requirement, expectation
        _learn(asked)


def _asked(base: str, recorded: Recorded, known: _Known) -> _Asked | None:
    exchange = recorded.exchange
    url = exchange.request.url
    if not recorded.whole or exchange.control or not exchange.status:
        return None
    if not base or not (url == base or url.startswith((f"{base}/", f"{base}?"))):
        return None
    parts = urlsplit(url.removeprefix(base))
    return _Asked(exchange, parts.path, dict(parse_qsl(parts.query)), known)


def _result(requirement: Requirement, shown: list[tuple[Exchange, Expectation]]) -> Result:
    looked = [(exchange, seen(expectation, [exchange])) for exchange, expectation in shown]
    broken = next(((exchange, one) for exchange, one in looked if not one.holds), None)
    if broken is None:
        numbers = sorted({exchange.number for exchange, _ in looked})
        message = Message("message.held", {"assertions": str(len(looked))})
        verdict = Verdict.PASS
    else:
        numbers = [broken[0].number]
        message = Message("message.broken", {"expected": broken[1].expected, "got": broken[1].got})
        verdict = judged(requirement, Wire.OFFICIAL, holds=False)
    return Result(
        requirement=requirement.ident,
        check=CHECK,
        verdict=verdict,
        wire=Wire.OFFICIAL,
        message=message,
        exchanges=tuple(numbers),
    )


def _media_type(asked: _Asked) -> Iterator[tuple[str, Expectation]]:
    wanted = asked.exchange.request.header("accept").strip()
    if asked.exchange.status == _OK and wanted in _FHIR and asked.exchange.body:
        yield "W-COM-01", equals("type", wanted)


def _error(asked: _Asked) -> Iterator[tuple[str, Expectation]]:
    # What a fault of the server (5xx) carries is not looked at: nothing was refused.
    if asked.exchange.status in _REFUSALS and asked.exchange.request.verb != "HEAD":
        yield "W-COM-02", equals(".resourceType", "OperationOutcome")
        yield "W-COM-02", matches("issue.severity", "fatal|error|warning|information")
        yield "W-COM-02", present("issue.code")


def _capabilities(asked: _Asked) -> Iterator[tuple[str, Expectation]]:
    if asked.path == "/metadata" and asked.exchange.status == _OK:
        yield "W-COM-03", equals(".resourceType", "CapabilityStatement")
        yield "W-COM-03", equals("fhirVersion", "4.0.1")


def _bundle(asked: _Asked) -> Iterator[tuple[str, Expectation]]:
    exchange = asked.exchange
    if exchange.request.verb != "POST" or asked.path not in {"", "/"} or exchange.status != _OK:
        return
    sent = _sent(exchange)
    if sent.first(".type") != "transaction":
        return
    yield "W-REC-01", equals(".type", "transaction-response")
    yield "W-REC-01", count("entry.response.status", len(sent.value("entry.request.method")))
    for rank, status in enumerate(exchange.value("entry.response.status")):
        if status.startswith(_ENTRY_CREATED):
            yield "W-REC-01", present(f"entry[{rank}].response.location")


def _sent(exchange: Exchange) -> Exchange:
    """Return what was sent, to be read as an answer is."""
    headers = (("content-type", exchange.request.header("content-type")),)
    return replace(exchange, answer=HttpResponse(_OK, headers, exchange.request.body, 0.0, ""))


def _published(asked: _Asked) -> Iterator[tuple[str, Expectation]]:
    exchange = asked.exchange
    is_published = exchange.request.verb == "POST" and asked.path == "/DocumentReference"
    if is_published and exchange.status == _CREATED:
        yield "W-REC-12", present("header:location")
        minimal = "minimal" in exchange.request.header("prefer")
        for path in () if minimal else ("id", "meta.versionId", "meta.lastUpdated"):
            yield "W-REC-12", present(path)


def _search(asked: _Asked) -> Iterator[tuple[str, Expectation]]:
    requirement = {"DocumentReference": "W-REC-22", "List": "W-REC-26"}.get(asked.kind)
    is_search = asked.exchange.request.verb == "GET" and asked.path == f"/{asked.kind}"
    is_form = asked.exchange.request.verb == "POST" and asked.path == f"/{asked.kind}/_search"
    if requirement is None or not (is_search or is_form) or asked.exchange.status != _OK:
        return
    yield requirement, equals(".resourceType", "Bundle")
    yield requirement, equals(".type", "searchset")
    yield requirement, excludes("link[relation=next].url", asked.exchange.request.url)


def _filtered(asked: _Asked) -> Iterator[tuple[str, Expectation]]:
    if asked.path != "/DocumentReference" or asked.exchange.status != _OK:
        return
    statuses = asked.query.get("status", "")
    if statuses and asked.exchange.value(f"{_DOCUMENT}.status"):
        yield "W-REC-24", one_of(f"{_DOCUMENT}.status", *_codes(statuses))
    types = asked.query.get("type", "")
    documents = len(asked.exchange.value(f"{_DOCUMENT}.resourceType"))
    if types and documents:
        # A type may bear further codings: each document needs one of those asked for.
        chosen = (f"{_DOCUMENT}.type.coding[code={code}].code" for code in _codes(types))
        found = sum(len(asked.exchange.value(one)) for one in chosen)
        path = f"{_DOCUMENT}.type.coding.code"
        yield "W-REC-24", one_of(path, *_codes(types)) if found < documents else present(path)


def _codes(listed: str) -> list[str]:
    return [one.rpartition("|")[2] for one in listed.split(",")]


def _content(asked: _Asked) -> Iterator[tuple[str, Expectation]]:
    exchange = asked.exchange
    told = asked.known.contents.get(exchange.request.url)
    if told is None or exchange.status != _OK or exchange.media_type in _FHIR:
        return
    size, digest = told
    if size:
        yield "W-REC-27", equals("size", size)
    if digest:
        same = sha1(exchange.body, usedforsecurity=False).hexdigest() == digest
        yield "W-REC-27", present("body") if same else equals("body", f"SHA-1 {digest}")


def _changed(asked: _Asked) -> Iterator[tuple[str, Expectation]]:
    former = asked.known.versions.get(asked.path)
    if asked.exchange.request.verb == "PATCH" and asked.exchange.status == _OK and former:
        yield "W-REC-30", present("meta.versionId")
        yield "W-REC-30", excludes("meta.versionId", former)


def _learn(asked: _Asked) -> None:
    """Keep what an answer tells of documents: their versions, what their contents should be."""
    exchange = asked.exchange
    for prefix in ("", _DOCUMENT):
        whole = f"{prefix}." if prefix else ""
        for ident in exchange.value(f"{whole}id"):
            at = f"{prefix}[id={ident}]." if prefix else ""
            version = exchange.first(f"{at}meta.versionId")
            if version and exchange.first(f"{at}resourceType") == "DocumentReference":
                asked.known.versions[f"/DocumentReference/{ident}"] = version
            url = exchange.first(f"{at}content.attachment.url")
            if url.startswith("http"):
                sizes = exchange.value(f"{at}content.attachment.size")
                hashes = exchange.value(f"{at}content.attachment.hash")
                told = (sizes[0] if sizes else "", _hexadecimal(hashes[0]) if hashes else "")
                asked.known.contents[url] = told


def _hexadecimal(written: str) -> str:
    try:
        return base64.b64decode(written, validate=True).hex()
    except ValueError:
        return ""


_OBSERVATIONS: Final[tuple[_Observation, ...]] = (
    _media_type,
    _error,
    _capabilities,
    _bundle,
    _published,
    _search,
    _filtered,
    _content,
    _changed,
)
