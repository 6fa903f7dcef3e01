"""Reads exchanges that were recorded: by a run of ours, or by others as HAR 1.2.

What a recording does not hold (a body left out, headers that prove who asks) is never held
against anybody: `Seen.whole` says whether the body of the answer is there.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

from etalon_conformance.exchanges import Exchange
from etalon_model.actors import ActorKind
from etalon_target.actors import Who
from etalon_target.messages import (
    Answer,
    Certificate,
    FailureKind,
    Headers,
    HttpRequest,
    HttpResponse,
    TransportFailure,
)
from etalon_wire.json_body import Json

LARGEST: Final = 1024 * 1024 * 1024
_EXCHANGES: Final = ("exchanges.ndjson", "exchanges-redacted.ndjson")
_BASES: Final = ("/metadata", "/DocumentReference", "/Binary/", "/List", "/Patient", "/AuditEvent")
_Object = Mapping[str, Json]


class TraceError(Exception):
    """A file that holds no exchanges; the message says why."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One exchange of a trace.

    Attributes:
        check: The check that made it, or empty.
        exchange: The exchange, numbered within its check, or within the trace.
        whole: Whether the whole body of its answer was recorded.
    """

    check: str
    exchange: Exchange
    whole: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """Exchanges, in order.

    Attributes:
        base: The base of FHIR, without a slash at its end.
        recorded: The exchanges.
    """

    base: str
    recorded: tuple[Recorded, ...]


def read_trace(path: Path, base: str = "") -> Trace:
    """Read a HAR file, an `exchanges.ndjson`, or that of the directory of a run.

    Args:
        path: Where it is.
        base: The base of FHIR; found by what is asked when empty.

    Raises:
        TraceError: There is none, or it holds something else.
    """
    file = path
    if path.is_dir():
        file = next((path / name for name in _EXCHANGES if (path / name).is_file()), path)
    try:
        if file.stat().st_size > LARGEST:
            message = "larger than a gigabyte"
            raise TraceError(message)
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TraceError(getattr(error, "strerror", None) or "no UTF-8") from error
    try:
        found = tuple(_har(text) if _is_har(text) else _lines(text))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = f"{type(error).__name__}: {error}"
        raise TraceError(message) from error
    if not found:
        message = "no exchange"
        raise TraceError(message)
    return Trace((base or _base(found)).rstrip("/"), found)


def _is_har(text: str) -> bool:
    head = text[:4096].lstrip()
    return head.startswith("{") and '"log"' in head and '"number"' not in head.partition("\n")[0]


def _base(found: tuple[Recorded, ...]) -> str:
    """Return what most addresses of resources have before the resource."""
    counts: dict[str, int] = {}
    for one in found:
        url = one.exchange.request.url.partition("?")[0]
        for part in _BASES:
            before, asked, _ = url.partition(part)
            if asked and "/sandbox" not in before:
                counts[before] = counts.get(before, 0) + 1
    return max(counts, key=counts.__getitem__) if counts else ""


def _lines(text: str) -> Iterator[Recorded]:
    for line in text.splitlines():
        if line.strip():
            one = cast("_Object", json.loads(line))
            answer = cast("_Object", one["answer"])
            whole = "status" in answer and not answer.get("truncated")
            yield Recorded(str(one["check"]), exchange_of(one), whole)


def exchange_of(line: _Object) -> Exchange:
    """Return the exchange that a line of `exchanges.ndjson` holds.

    Raises:
        KeyError: It lacks a member.
        ValueError: A member is not what it should be.
    """
    request = cast("_Object", line["request"])
    return Exchange(
        number=int(str(line["number"])),
        at=datetime.fromisoformat(str(line["at"])),
        who=_who(line.get("who")),
        request=HttpRequest(
            str(request["verb"]),
            str(request["url"]),
            _pairs(request["headers"]),
            _body(request),
            certificate=cast("Certificate", str(request.get("certificate") or "")),
        ),
        answer=_answer(cast("_Object", line["answer"]), str(request["url"])),
        control=bool(line["control"]),
        accepted=cast("bool | None", line.get("accepted")),
        pages=int(str(line.get("pages") or 0)),
    )


def _who(told: Json) -> Who | None:
    if not isinstance(told, dict):
        return None
    texts = {name: str(value) for name, value in told.items() if name != "kind"}
    return Who(ActorKind(str(told["kind"])), **texts)


def _answer(told: _Object, url: str) -> Answer:
    seconds = float(str(told.get("seconds") or 0))
    if "failure" in told:
        kind = FailureKind(str(told["failure"]))
        return TransportFailure(kind, str(told.get("detail", "")), seconds, maybe_applied=True)
    headers = tuple((name.lower(), value) for name, value in _pairs(told["headers"]))
    return HttpResponse(int(str(told["status"])), headers, _body(told), seconds, url)


def _pairs(value: Json) -> Headers:
    return tuple((str(one[0]), str(one[1])) for one in cast("list[list[Json]]", value))


def _body(side: _Object) -> bytes:
    if "body_base64" in side:
        return base64.b64decode(str(side["body_base64"]))
    return str(side.get("body") or "").encode()


def _har(text: str) -> Iterator[Recorded]:
    log = cast("_Object", cast("_Object", json.loads(text))["log"])
    for number, entry in enumerate(cast("list[_Object]", log["entries"]), 1):
        request, response = cast("_Object", entry["request"]), cast("_Object", entry["response"])
        url = str(request["url"])
        posted = cast("_Object", request.get("postData") or {})
        asked = HttpRequest(
            str(request["method"]), url, _named(request), str(posted.get("text") or "").encode()
        )
        status = int(str(response["status"]))
        body, whole = _content(cast("_Object", response.get("content") or {}))
        seconds = max(0.0, float(str(entry.get("time") or 0)) / 1000)
        failed = TransportFailure(FailureKind.DROPPED, "no answer", seconds, maybe_applied=True)
        answer: Answer = failed
        if status:
            headers = tuple((name.lower(), value) for name, value in _named(response))
            answer = HttpResponse(status, headers, body, seconds, url)
        at = _instant(str(entry.get("startedDateTime") or ""))
        yield Recorded("", Exchange(number, at, None, asked, answer), whole and bool(status))


def _named(side: _Object) -> Headers:
    pairs = cast("list[_Object]", side.get("headers") or [])
    return tuple((str(one["name"]), str(one["value"])) for one in pairs)


def _content(content: _Object) -> tuple[bytes, bool]:
    """Return a body, and whether it is there at all: browsers leave some out."""
    text, size = content.get("text"), int(str(content.get("size") or 0))
    if text is None:
        return b"", size <= 0
    if content.get("encoding") == "base64":
        try:
            return base64.b64decode(str(text)), True
        except binascii.Error:
            return b"", False
    return str(text).encode(), True


def _instant(told: str) -> datetime:
    try:
        return datetime.fromisoformat(told)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
