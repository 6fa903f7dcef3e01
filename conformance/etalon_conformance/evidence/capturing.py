"""Finds, in what a check sent, the values that former answers gave, and leaves marks there.

What a replay sends must not hold the identifiers of the run: they are captured from the answers of
the replay, made anew (UUIDs, numbers below 2.25), or told from outside.
"""

import base64
import binascii
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from etalon_conformance.evidence.leaves import SHORTEST, Leaf, leaves
from etalon_conformance.evidence.plan import Captured, Gap, Made, mark, parts_of
from etalon_conformance.evidence.stand_alone.looking import digests
from etalon_conformance.exchanges import Exchange
from etalon_target.secrecy import Redaction

_FRESH: Final = (
    ("uuid", re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)),
    ("oid", re.compile(r"(?<=\b2\.25\.)[0-9]{8,}\b")),
)
_INSTANT: Final = re.compile(
    r"(?<![0-9])[12][0-9]{3}-[01][0-9]-[0-3][0-9]T[0-9:]{8}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_DAY_ASKED: Final = re.compile(
    r"\b(?:date|period|period-start|period-end|_lastUpdated)=(?:[a-z]{2})?([12][0-9]{3}-[01][0-9]-[0-3][0-9])(?![0-9T-])"
)
_TOKEN: Final = re.compile(r"[A-Za-z0-9_~-]{8,}")
_MAIL_ADDRESS: Final = re.compile(r"(?<![\w.+~-])[\w.+~-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_LIKE_A_CODE: Final = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z]).*")
"""What a server made up, such as a code: it is captured from wherever a former answer had it."""
_CONTENT: Final = re.compile(r'"data"\s*:\s*"([A-Za-z0-9+/]{8,}={0,2})"')
_DATED: Final = re.compile(r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]")
_BEFORE: Final = r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-F]{2}))"
"""A value begins where no letter or digit stands before it, save those of a percent-encoding."""
_HIDDEN: Final = re.compile(r"\[redacted(?: ([0-9]+))?\]")
_DIGESTS: Final = ("data", "sha1", "sha1hex", "sha256", "sha256hex")


@dataclass(slots=True)
class _Known:
    """A value that will be known to the replay; a capture is noted once it is used."""

    name: str
    capture: Captured | None = None


class Captures:
    """What the replay will know, call after call.

    Attributes:
        used: What has to be captured, by number of the call.
    """

    def __init__(self, redaction: Redaction) -> None:
        """Know nothing yet."""
        self.used: dict[str, list[Captured]] = {}
        self._redaction = redaction
        self._known: dict[str, _Known] = {}
        self._told: list[tuple[str, Leaf]] = []
        self._sent: list[str] = []
        self._names: dict[str, int] = {}
        self._owned: Counter[str] = Counter()
        self._sizes: dict[str, str] = {}
        self._unlikely: set[str] = set()
        self._clock: tuple[str, str] | None = None

    def given(self, value: str, name: str) -> Made | None:
        """Know a value that is told from outside; None where it is known."""
        if not value or value in self._known:
            return None
        named = self._name(name)
        self._known[value] = _Known(named)
        return Made(named, "given", value)

    def told(self, exchange: Exchange) -> None:
        """Note what an answer tells."""
        number = f"{exchange.pages}+" if exchange.pages else str(exchange.number)
        sent = "\n".join(self._sent)
        found = list(leaves(exchange))
        for leaf in found:
            self._told.append((number, leaf))
            if leaf.value not in sent:
                self._unlikely.add(leaf.value)
            if leaf.key == "now" and exchange.control and self._clock is None:
                self._clock = (leaf.value, f"now_{number}")
                self._known[leaf.value] = _Known(
                    f"now_{number}", Captured(f"now_{number}", number, (leaf.place,))
                )
            elif leaf.likely:
                self._candidate(number, leaf, found, sent)

    def _candidate(self, number: str, leaf: Leaf, found: Sequence[Leaf], sent: str) -> None:
        """Take a value for one that a later call may need, unless it is our own."""
        last = re.sub(r"/_history/.*", "", leaf.value).rstrip("/").rpartition("/")[2]
        parts = [(leaf.value, "")]
        # What ends the query of a link is what was searched for, and names nothing.
        if "/" in leaf.value and last != leaf.value and "?" not in leaf.value:
            parts.append((last, "last:"))
        for value, prefix in parts:
            if len(value) < SHORTEST or value in self._known or value in sent:
                continue
            places = tuple(f"{prefix}{place}" for place in self._places(leaf, found))
            key = "id" if prefix else re.sub(r"\W", "_", leaf.key)
            known = self._known[value] = _Known(self._own_name(f"{key}_{number.rstrip('+')}"))
            known.capture = Captured(known.name, number, places)

    def _places(self, leaf: Leaf, found: Sequence[Leaf]) -> Iterator[str]:
        """Give where a value is: first by what else its entry holds, which is sure of its rank."""
        rest = leaf.place.removeprefix("entry").partition("#")[0]
        if leaf.entry >= 0 and rest != leaf.place:
            for value, known in self._known.items():
                holding = {one.entry for one in found if value in one.value}
                if known.capture is None and holding == {leaf.entry}:
                    yield f"entry[~{mark(known.name)}]{rest}"
                    break
        yield leaf.place

    def sends(self, text: str) -> list[Made]:
        """Note what is about to be sent; return what has to be made anew for it, in order."""
        plain = unquote(text)
        made: list[Made] = []
        codes = filter(_LIKE_A_CODE.fullmatch, _TOKEN.findall(plain))
        for value in dict.fromkeys((*_MAIL_ADDRESS.findall(plain), *codes)):
            if value in self._unlikely:
                self._late(value)
        for data in _CONTENT.findall(text):
            made += self._content(data)
        for kind, pattern in _FRESH:
            for value in pattern.findall(plain):
                if value not in self._known and not self._late(value):
                    name = self._name(kind)
                    self._known[value] = _Known(name)
                    made.append(Made(name, kind))
        self._sent.append(plain)
        return made + self._instants(plain)

    def _instants(self, plain: str) -> list[Made]:
        """Have instants stand to the clock of the replay as they stood to that of the run."""
        if self._clock is None:
            return []
        made: list[Made] = []
        was, now = self._clock
        for value in (*_INSTANT.findall(plain), *_DAY_ASKED.findall(plain)):
            if value not in self._known:
                name = self._name("at")
                self._known[value] = _Known(name)
                made.append(Made(name, "at", f"{value} {was} {mark(now)}"))
                self._use(self._known[was].capture)
        return made

    def _content(self, data: str) -> list[Made]:
        """Take apart a content in base64 that holds what a replay must change."""
        if data in self._known:
            return []
        try:
            content = base64.b64decode(data, validate=True)
            text = content.decode()
        except (binascii.Error, ValueError):
            return []
        made = self.sends(text)
        self._sent.pop()
        marked = self.marked(text)
        if not any(isinstance(part, Gap) for part in parts_of(marked)):
            return made
        name = self._name("content")
        made.append(Made(name, "content", marked))
        for kind, value in digests(content).items():
            named = f"{kind}_{name.rpartition('_')[2]}"
            made.append(Made(named, kind, name))
            if kind in _DIGESTS:
                self._known[value] = _Known(named)
            else:
                self._sizes[value] = named
        return made

    def _late(self, value: str) -> bool:
        """Capture what only looks made anew: a former answer holds it, wherever."""
        if value in self._known:
            return True
        for number, leaf in self._told:
            if leaf.value in {value, f"urn:uuid:{value}", f"urn:oid:2.25.{value}"}:
                if leaf.value != value:
                    return False
                key = re.sub(r"[^A-Za-z0-9]", "_", leaf.key)
                name = self._own_name(f"{key}_{number.rstrip('+')}")
                self._known[value] = _Known(name, Captured(name, number, (leaf.place,)))
                return True
        return False

    def marked(self, text: str, *, encoded: bool = False) -> str:
        """Return a text with marks where the replay has values of its own.

        Args:
            text: What was sent, or expected.
            encoded: It is an address or a form, where values may be percent-encoded.
        """
        for value in sorted(self._known, key=len, reverse=True):
            forms = [(value, False)]
            if encoded and quote(value, safe="") != value:
                forms += [(quote(value, safe=""), True), (quote(value, safe=":"), True)]
            for written, is_quoted in forms:
                if written in text:
                    text = self._replaced(text, written, value, quoted=is_quoted)
        return text

    def _replaced(self, text: str, written: str, value: str, *, quoted: bool) -> str:
        known = self._known[value]
        gap = mark(known.name, "quoted" if quoted else "")
        before = _BEFORE if written[0].isalnum() else ""
        if _DATED.match(value):
            # A search writes `ge2022-03-01`.
            before = r"(?<![0-9])"
        after = r"(?![A-Za-z0-9])" if written[-1].isalnum() else ""
        pattern = re.compile(before + re.escape(written) + after)
        parts = [
            mark(part.name, part.form)
            if isinstance(part, Gap)
            else pattern.sub(lambda _: gap, part)
            for part in parts_of(text)
        ]
        replaced = "".join(parts)
        if replaced != text:
            self._use(known.capture)
        return replaced

    def _use(self, capture: Captured | None) -> None:
        if capture is None:
            return
        noted = self.used.setdefault(capture.number, [])
        if capture not in noted:
            noted.append(capture)

    def sized(self, body: str) -> str:
        """Return a body with marks for the sizes of contents that have gaps."""
        for size, name in self._sizes.items():
            pattern = re.compile(rf'("size"\s*:\s*){size}\b')
            body = pattern.sub(rf"\g<1>{mark(name)}", body)
        return body

    def size(self, value: str) -> str:
        """Return a number of bytes, or the mark of the content that has it."""
        return mark(self._sizes[value]) if value in self._sizes else value

    def without_secrets(self, text: str) -> tuple[str, list[Made]]:
        """Return a text in which marks stand for secrets, and those secrets."""
        made: list[Made] = []

        def hidden(match: re.Match[str]) -> str:
            one = Made(f"secret_{match[1] or 'unnamed'}", "secret")
            if one not in made:
                made.append(one)
            return mark(one.name)

        parts = [
            mark(part.name, part.form)
            if isinstance(part, Gap)
            else _HIDDEN.sub(hidden, self._redaction.without_known(part))
            for part in parts_of(text)
        ]
        return "".join(parts), made

    def _own_name(self, name: str) -> str:
        """Return a name that no other value has: one answer may hold several of a kind."""
        self._owned[name] += 1
        rank = self._owned[name]
        return name if rank == 1 else f"{name}_{rank}"

    def _name(self, kind: str) -> str:
        self._names[kind] = self._names.get(kind, 0) + 1
        return f"{kind}_{self._names[kind]}"


def json_of(value: object) -> str:
    """Return a value as JSON on one line, as a person writes it."""
    return json.dumps(value, ensure_ascii=False)
