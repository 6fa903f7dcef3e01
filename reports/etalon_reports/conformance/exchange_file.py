"""The exchanges that a report shows, read line by line from the redacted file."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from etalon_reports.conformance.legible import legible, legible_text
from etalon_reports.record import Record, RunFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

EXCHANGES_FILE: Final = "exchanges-redacted.ndjson"
BODY_SHOWN: Final = 4000
"""Characters of a body that a page shows; the file holds the whole."""
_INDENTED: Final = 200_000
"""Characters up to which JSON is indented: beyond, only the beginning is shown anyway."""
_HEAD: Final = re.compile(r'\{"check": ?"([^"\\]+)", ?"number": ?(\d+),')

Place = tuple[str, int]
"""Name of a check, and the number of an exchange within it."""


class Message(NamedTuple):
    """Headers and body of a request or an answer.

    Attributes:
        headers: Names and values, in order.
        body: The body as a reader wants it: JSON indented, the rest as it came, base 64 if binary.
        cut: Characters of it that are not shown.
    """

    headers: Sequence[tuple[str, str]]
    body: str
    cut: int


class Exchange(NamedTuple):
    """One exchange.

    Attributes:
        number: Its rank within the check, from 1.
        control: Whether it prepares or cleans up.
        kind: Kind of whoever asks; empty for nobody.
        ident: Their identifier, or their name in the profile.
        verb: HTTP verb.
        url: Address asked.
        request: What was sent.
        status: HTTP status; 0 when there is no answer.
        failure: Why there is no answer; empty when there is one.
        answer: What came back.
    """

    number: int
    control: bool
    kind: str
    ident: str
    verb: str
    url: str
    request: Message
    status: int
    failure: str
    answer: Message


_FOLDED: Final = Message((), "", 0)


def read_exchanges(directory: Path, wanted: Mapping[Place, bool]) -> Mapping[Place, Exchange]:
    """Return the exchanges wanted; a place that the file does not hold is left out.

    Args:
        directory: The run directory.
        wanted: Place of each, and whether headers and bodies are wanted too.

    Raises:
        RunFileError: The file is missing, truncated or not as published.
    """
    if not wanted:
        return {}
    # What was recorded under no check may show the results of any, as in a watch.
    of_no_check: dict[int, list[Place]] = {}
    for place in wanted:
        of_no_check.setdefault(place[1], []).append(place)
    found: dict[Place, Exchange] = {}
    for row in _rows(directory / EXCHANGES_FILE, wanted):
        check, number = row.text("check"), row.count("number")
        for place in [(check, number)] if check else of_no_check.get(number, []):
            if place in wanted:
                plain = cast("dict[str, object]", legible(row.values))
                found[place] = _exchange(Record(plain, row.file, row.place), whole=wanted[place])
    return found


def _rows(file: Path, wanted: Mapping[Place, bool]) -> Iterator[Record]:
    """Yield the lines that may be wanted: a run writes the place first, so others are not read."""
    try:
        with file.open(encoding="utf-8", newline="\n") as lines:
            for rank, line in enumerate(lines, start=1):
                head = _HEAD.match(line)
                if head and (head[1], int(head[2])) not in wanted:
                    continue
                content: object = json.loads(line)
                if not isinstance(content, dict):
                    raise RunFileError(file.name, f"line {rank}", "not an object", "an object")
                yield Record(cast("dict[str, object]", content), file.name, f"line {rank}")
    except FileNotFoundError:
        raise RunFileError(file.name, "", "no such file", "a conformance run") from None
    except (OSError, ValueError, RecursionError) as problem:
        expected = "lines of JSON, UTF-8"
        raise RunFileError(file.name, "", f"cannot be read ({problem})", expected) from None


def _exchange(row: Record, *, whole: bool) -> Exchange:
    who, request, answer = row.optional_record("who"), row.record("request"), row.record("answer")
    failure = answer.optional_text("failure") or ""
    return Exchange(
        number=row.count("number"),
        control=row.flag("control") is True,
        kind=who.text("kind") if who else "",
        ident=(who.text("label") or who.text("ident")) if who else "",
        verb=request.text("verb"),
        url=request.text("url"),
        request=_message(request) if whole else _FOLDED,
        status=0 if failure else answer.count("status"),
        failure=f"{failure}: {answer.text('detail')}" if failure else "",
        answer=_message(answer) if whole and not failure else _FOLDED,
    )


def _message(row: Record) -> Message:
    body = row.optional_text("body")
    shown = _indented(body) if body else row.optional_text("body_base64") or ""
    return Message(row.pairs("headers"), shown[:BODY_SHOWN], max(0, len(shown) - BODY_SHOWN))


def _indented(body: str) -> str:
    """Return JSON indented; anything else, or much of it, as it is."""
    if len(body) > _INDENTED:
        return body
    try:
        # An escape inside the body may stand for a character that no page can hold.
        return legible_text(json.dumps(json.loads(body), indent=2, ensure_ascii=False))
    except (ValueError, RecursionError):
        return body
