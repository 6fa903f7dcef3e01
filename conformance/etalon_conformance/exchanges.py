"""What a check sent and what came back: the evidence that every verdict rests on."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final, cast

from etalon_conformance.places import Step, steps, values_at
from etalon_target.actors import Who
from etalon_target.messages import Answer, HttpRequest, HttpResponse, NotJson
from etalon_wire.json_body import Json
from etalon_wire.malformed import Limits, Malformed
from etalon_wire.xml_body import read_xml

OPERATION: Final = "OPERATION"
"""The verb of an exchange that is no HTTP: an operation done by a program or a function."""

_HEADER: Final = "header:"
_EMPTY: Final = frozenset({201, 202, 204, 304})
_REFUSALS: Final = range(400, 500)


class Unreadable(Exception):  # noqa: N818 (the body is, the program is not)
    """A path leads into a body that cannot be read; the message says why."""


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, as they went over the wire.

    Attributes:
        number: Rank within the check, from 1.
        at: When the answer was had (UTC).
        who: In whose name it was sent, or None.
        request: The request, its token included.
        answer: The answer, or why there is none.
        control: It serves the check and is not looked at: tokens, controls of a sandbox, clean-up.
        accepted: Whether an operation was done; None for a plain call.
        pages: Number of the first page of the search that it is a page of, or 0.
    """

    number: int
    at: datetime
    who: Who | None
    request: HttpRequest
    answer: Answer
    control: bool = False
    accepted: bool | None = None
    pages: int = 0

    @property
    def status(self) -> int:
        """HTTP status; 0 when there is no answer."""
        return self.answer.status if isinstance(self.answer, HttpResponse) else 0

    @property
    def body(self) -> bytes:
        """The bytes of the answer; none when there is no answer."""
        return self.answer.body if isinstance(self.answer, HttpResponse) else b""

    def header(self, name: str) -> str:
        """Return the first header of the answer of that name, or an empty string."""
        return self.answer.header(name) if isinstance(self.answer, HttpResponse) else ""

    @property
    def media_type(self) -> str:
        """Media type of the answer without its parameters, in lower case."""
        return self.header("content-type").partition(";")[0].strip().lower()

    def json(self) -> "Json | NotJson":
        """Return the body as JSON, whether it came as JSON or as XML of FHIR; or why it is none."""
        return self._read

    def value(self, path: str) -> tuple[str, ...]:
        """Return the values at a path, as texts; none where the body cannot be read.

        `etalon_conformance.expectations` tells how paths are written.
        """
        try:
            return self.values(path)
        except Unreadable:
            return ()

    def first(self, path: str) -> str:
        """Return the first value at a path, or an empty string."""
        return next(iter(self.value(path)), "")

    def values(self, path: str) -> tuple[str, ...]:
        """Return the values at a path, as texts.

        An empty body holds nothing; so does a refusal that is neither JSON nor XML.

        Raises:
            Unreadable: The path leads into a body that is neither JSON nor XML of FHIR.
        """
        known = self._known(path)
        if known is not None:
            return known
        return values_at(self._tree(), _steps(path))

    def _known(self, path: str) -> tuple[str, ...] | None:
        """Return what a path of the message gives; None for a path into the body."""
        if path.startswith(_HEADER):
            name = path.removeprefix(_HEADER)
            held = self.answer.headers if isinstance(self.answer, HttpResponse) else ()
            return tuple(text for given, text in held if given.lower() == name.lower())
        part = _PARTS.get(path)
        return None if part is None else tuple(one for one in part(self) if one is not None)

    def _tree(self) -> Json:
        if not self.body.strip() and (self.status in _EMPTY or self.status in _REFUSALS):
            return None
        read = self._read
        if not isinstance(read, NotJson):
            return read
        if self.status in _REFUSALS:
            return None
        raise Unreadable(read.problem)

    @cached_property
    def _read(self) -> "Json | NotJson":
        if not isinstance(self.answer, HttpResponse):
            return NotJson("no answer")
        if "xml" not in self.media_type:
            return self.answer.json()
        try:
            return cast("Json", read_xml(self.body, Limits(bytes=max(1, len(self.body)))))
        except Malformed as error:
            return NotJson(str(error))


_PARTS: Final[Mapping[str, Callable[[Exchange], Sequence[str | None]]]] = {
    "status": lambda one: [str(one.status)],
    "type": lambda one: [one.media_type or None],
    "body": lambda one: [hashlib.sha256(one.body).hexdigest()],
    "size": lambda one: [str(len(one.body))],
    "text": lambda one: [one.body.decode("utf-8", "replace")],
    "url": lambda one: [one.request.url],
    "accepted": lambda one: [None if one.accepted is None else str(one.accepted).lower()],
}
"""Paths of the message itself, and what they give."""


def _steps(path: str) -> tuple[Step, ...]:
    return steps(path.removeprefix("."))
