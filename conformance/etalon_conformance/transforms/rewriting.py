"""Servers before which a request, or after which an answer, is written otherwise."""

import re
from typing import Final

from etalon_conformance.transforms.exchanges import (
    Asked,
    Onward,
    Told,
    answering,
    exchanging,
    is_about,
    json_of,
)
from etalon_model.command import Command
from etalon_model.outcomes import Outcome
from etalon_model.snapshot import Snapshot
from etalon_wire.json_body import write_json
from etalon_wire.parts import Application, Codec, Deciding, Transform

_BASE: Final = "/fhir"
_HISTORY: Final = "/_history"


def answers_rewritten(*, path: str, found: str, put: str) -> Transform:
    """Write other words than some of an answer."""
    pattern, other = re.compile(found.encode()), put.encode()

    def change(_: Asked, told: Told) -> Told:
        return told.with_body(pattern.sub(other, told.body))

    return answering(change, path=path)


def requests_rewritten(*, verb: str, path: str, found: str, put: str) -> Transform:
    """Read other words than some of a request in JSON, however it is laid out."""
    pattern, other = re.compile(found.encode()), put.encode()

    async def exchange(asked: Asked, onward: Onward) -> Told:
        sent = json_of(asked.body) if is_about(asked, verb, path) else None
        if isinstance(sent, dict):
            asked = asked.with_body(pattern.sub(other, write_json(sent)))
        return await onward(asked)

    return exchanging(exchange)


def parameter_renamed(*, path: str, found: str, put: str) -> Transform:
    """Read a parameter of searches as if it were another."""

    async def exchange(asked: Asked, onward: Onward) -> Told:
        if is_about(asked, "", path):
            asked = asked.asking(
                lambda query: [(put if name == found else name, value) for name, value in query]
            )
        return await onward(asked)

    return exchanging(exchange)


def anonymous_served(*, path: str) -> Transform:
    """Answer who brings no token as whoever brought one last."""
    last: list[bytes] = []

    async def exchange(asked: Asked, onward: Onward) -> Told:
        if not is_about(asked, "", path):
            return await onward(asked)
        given = asked.header(b"authorization")
        if given:
            last[:] = [given]
        elif last:
            asked = asked.with_header(b"authorization", last[0])
        return await onward(asked)

    return exchanging(exchange)


def history_of_the_last_author() -> Transform:
    """Answer histories of documents as whoever deposited last."""
    last: list[bytes] = []

    async def exchange(asked: Asked, onward: Onward) -> Told:
        given = asked.header(b"authorization")
        if asked.verb == "POST" and asked.path.rstrip("/") == _BASE:
            last[:] = [given]
        elif given and last and asked.path.endswith(_HISTORY):
            asked = asked.with_header(b"authorization", last[0])
        return await onward(asked)

    return exchanging(exchange)


class _Recalls:
    """A service that recalls whom the last call of a service was about."""

    __slots__ = ("_service", "ins")

    def __init__(self, service: Deciding) -> None:
        self._service = service
        self.ins = ""

    def apply(self, command: Command) -> Outcome:
        self.ins = command.ins
        return self._service.apply(command)

    def snapshot(self, *, copied: bool = True) -> Snapshot:
        return self._service.snapshot(copied=copied)


def matricule_shown(*, path: str) -> Transform:
    """Name people by their matricule where services know them by another name."""

    def transform(
        service: Deciding, codec: Codec, app: Application
    ) -> tuple[Deciding, Codec, Application]:
        recalling = _Recalls(service)
        pattern = re.compile(rb'("subject":\{"identifier":\{[^}]*"value":)"[^"]*"')

        def change(_: Asked, told: Told) -> Told:
            other = rb'\g<1>"%s"' % recalling.ins.encode()
            return told.with_body(pattern.sub(other, told.body))

        return answering(change, path=path)(recalling, codec, app)

    return transform


MAKERS: Final = (
    answers_rewritten,
    requests_rewritten,
    parameter_renamed,
    anonymous_served,
    history_of_the_last_author,
    matricule_shown,
)
