"""Exchanges as lines of `exchanges.ndjson`: all of them, secrets included."""

import base64
from datetime import datetime
from typing import Final

from etalon_conformance.exchanges import Exchange
from etalon_conformance.statements import Json
from etalon_target.actors import Who
from etalon_target.messages import Answer, Headers, HttpResponse

BODY_MOST: Final = 1024 * 1024
"""Bytes of a body that a line keeps; the rest is cut, and the line says so."""


def exchange_line(check: str, exchange: Exchange) -> dict[str, Json]:
    """Return an exchange as a line of `exchanges.ndjson` holds it: all of it, secrets included."""
    line: dict[str, Json] = {
        "check": check,
        "number": exchange.number,
        "at": instant(exchange.at),
        "control": exchange.control,
        "pages": exchange.pages,
        "who": _who(exchange.who),
        "request": {
            "verb": exchange.request.verb,
            "url": exchange.request.url,
            "headers": _headers(exchange.request.headers),
            **_body(exchange.request.body),
            **_certificate(exchange.request.certificate),
        },
        "answer": _answer(exchange.answer),
    }
    if exchange.accepted is not None:
        line["accepted"] = exchange.accepted
    return line


def instant(at: datetime) -> str:
    """Return an instant as files of a run hold it, in UTC and to the millisecond."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _who(who: Who | None) -> Json:
    if who is None:
        return None
    return {
        "kind": who.kind.value,
        "ident": who.ident,
        "profession": who.profession,
        "role": who.role,
        "mode": who.mode,
        "on_behalf_of": who.on_behalf_of,
        "scope": who.scope,
        "label": who.label,
    }


def _answer(answer: Answer) -> Json:
    seconds = round(answer.seconds, 6)
    if not isinstance(answer, HttpResponse):
        return {"failure": answer.kind.value, "detail": answer.detail, "seconds": seconds}
    return {
        "status": answer.status,
        "headers": _headers(answer.headers),
        **_body(answer.body[:BODY_MOST]),
        "seconds": seconds,
        "truncated": len(answer.body) > BODY_MOST,
    }


def _headers(headers: Headers) -> list[Json]:
    return [[name, value] for name, value in headers]


def _certificate(name: str) -> dict[str, Json]:
    return {"certificate": name} if name else {}


def _body(body: bytes) -> dict[str, Json]:
    if not body:
        return {}
    try:
        return {"body": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(body).decode()}
