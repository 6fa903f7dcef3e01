"""Makes the plan of a counterexample: which calls, what each needs, what each gives."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import quote, urlsplit

from etalon_conformance.checking import Assertion
from etalon_conformance.evidence.capturing import Captures
from etalon_conformance.evidence.plan import Asker, Look, Made, Plan, Sent, mark, names_in, texts_of
from etalon_conformance.exchanges import OPERATION, Exchange
from etalon_conformance.expectations import Expectation
from etalon_target.actors import Who
from etalon_target.plain_values import is_table
from etalon_target.profile_sections import TokenSource
from etalon_target.secrecy import Redaction
from etalon_target.targets import Target
from etalon_target.tokens import Sources, told_to_sandbox
from etalon_wire.json_body import write_json

if TYPE_CHECKING:
    from etalon_wire.json_body import Json

BASE: Final = "base"
ROOT: Final = "root"
SANDBOX: Final = "sandbox"
LOCAL: Final = "http://127.0.0.1:8080/fhir"
"""Where a reference server answers when nothing else is said; a default of scripts."""

_PINNED: Final = ("sex", "department")
"""Traits of a person that documents repeat, and that no later call captures."""
_UNAUTHORISED: Final = 401
_DROPPED_HEADERS: Final = frozenset(
    {"host", "content-length", "connection", "user-agent", "accept-encoding", "transfer-encoding"}
)
_NO_SOURCES: Final = Sources({}, {}, Path())
_FORM: Final = "application/x-www-form-urlencoded"
_SAFE: Final = "".join(chr(code) for code in range(33, 127))


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a counterexample has to know of the target.

    Attributes:
        fhir_base: The base of FHIR in the run.
        root: What stands above it.
        sandbox: The controls, or empty.
        lasts: The address is there after the run; that of an embedded server is not.
        sources: Where the profile has tokens from.
        redaction: Knows every secret of the run.
    """

    fhir_base: str
    root: str = ""
    sandbox: str = ""
    lasts: bool = True
    sources: Sources = _NO_SOURCES
    redaction: Redaction = field(default_factory=Redaction)


def setting_of(target: Target) -> Setting:
    """Return what counterexamples have to know of a target that was reached."""
    return Setting(
        fhir_base=target.fhir_base,
        root=target.root,
        sandbox=target.sandbox_address,
        lasts=target.kind in {"address", "profile"},
        sources=target.tokens.sources,
        redaction=target.redaction,
    )


def plan_of(
    broken: Assertion,
    asserted: Sequence[Assertion],
    exchanges: Sequence[Exchange],
    setting: Setting,
) -> Plan:
    """Return the plan that shows an assertion broken again.

    Args:
        broken: What did not hold.
        asserted: What the check asserted, in order; its controls are looked at again.
        exchanges: What went over the wire, in order.
        setting: The target.
    """
    last = max((one.number for one in broken.exchanges), default=0)
    held = [exchange for exchange in exchanges if exchange.number <= last]
    return _Planning(setting, held).planned(broken, asserted)


class _Planning:
    """One plan being made."""

    def __init__(self, setting: Setting, exchanges: Sequence[Exchange]) -> None:
        self._setting = setting
        self._exchanges = exchanges
        self._captures = Captures(setting.redaction)
        self._askers: dict[Who, Asker] = {}
        self._given: list[Made] = []
        self._unsent: list[Made] = []

    def planned(self, broken: Assertion, asserted: Sequence[Assertion]) -> Plan:
        self._know_named()
        repeated = set(_repeated(self._exchanges))
        calls: list[Sent] = []
        by_hand: list[str] = []
        for exchange in self._exchanges:
            if exchange.number in repeated:
                continue
            if exchange.request.verb == OPERATION:
                by_hand.append(exchange.request.url)
                continue
            if exchange.pages in {0, exchange.number}:
                calls.append(self._sent(exchange))
            self._captures.told(exchange)
        upto = asserted.index(broken) if broken in asserted else 0
        last = self._exchanges[-1].number if self._exchanges else 0
        controls = [one for one in asserted[:upto] if one.control and _within(one, last)]
        looks = [self._look(one) for one in controls if one.seen.holds]
        looks.append(self._look(broken))
        if calls:
            calls[-1].needed.extend(self._unsent)
        kept = self._needed(self._with_captures(calls), looks)
        return Plan(
            calls=tuple(kept),
            askers=self._told_askers(kept),
            looks=tuple(looks),
            given=tuple(self._given),
            by_hand=tuple(by_hand),
        )

    def _know_named(self) -> None:
        """Have those told from outside whom no answer of the run names."""
        answers = "\n".join(
            one.body.decode("utf-8", "replace") for one in self._exchanges if one.control
        )
        for exchange in self._exchanges:
            who = exchange.who
            for ident in () if who is None else (who.ident, who.on_behalf_of):
                if ident and ident not in answers:
                    made = self._captures.given(ident, str(who.kind) if who else "")
                    self._given += [made] if made else []

    def _sent(self, exchange: Exchange) -> Sent:
        request = exchange.request
        text = self._pinned(exchange).decode("utf-8", "surrogateescape")
        is_form = request.header("content-type").startswith(_FORM)
        asker = self._asker(exchange.who) if exchange.who is not None else ""
        headers = [
            (name, value)
            for name, value in request.headers
            if name.lower() not in _DROPPED_HEADERS
            and not (asker and name.lower() == "authorization")
        ]
        needed = self._captures.sends(f"{request.url}\n{text}\n{headers}")
        url, secrets = self._text(quote(request.url, safe=_SAFE), encoded=True)
        needed += secrets
        marked: list[tuple[str, str]] = []
        for name, value in headers:
            one, secrets = self._text(value)
            marked.append((name, one))
            needed += secrets
        body: str | None = None
        if request.body:
            body, secrets = self._text(text, encoded=is_form)
            body = self._captures.sized(body)
            needed += secrets
        elif request.verb in {"POST", "PUT", "PATCH"}:
            body = ""
        return Sent(
            number=exchange.number,
            asker=asker,
            verb=request.verb,
            url=url,
            headers=tuple(marked),
            body=body,
            control=exchange.control and self._is_scene(exchange),
            status=exchange.status,
            pages=exchange.pages == exchange.number,
            certificate=request.certificate,
            needed=list(dict.fromkeys(needed)),
        )

    def _is_scene(self, exchange: Exchange) -> bool:
        """Tell whether a call sets the scene; an operation that a check is about does not."""
        sandbox = self._setting.sandbox
        at_sandbox = bool(sandbox) and exchange.request.url.startswith(sandbox)
        return exchange.accepted is None or (exchange.accepted and at_sandbox)

    def _pinned(self, exchange: Exchange) -> bytes:
        """Return what was sent; a person made by a sandbox is asked for as they came out."""
        request = exchange.request
        if not self._setting.sandbox or request.url != f"{self._setting.sandbox}/people":
            return request.body
        try:
            asked: object = json.loads(request.body)
        except ValueError:
            return request.body
        if not is_table(asked):
            return request.body
        pinned = {name: exchange.first(name) for name in _PINNED if exchange.first(name)}
        return write_json(cast("Json", {**pinned, **asked}))

    def _text(self, text: str, *, encoded: bool = False) -> tuple[str, list[Made]]:
        """Return a text with marks for values, addresses and secrets."""
        text = self._captures.marked(text, encoded=encoded)
        for name, address in self._addresses():
            if text == address or text.startswith((f"{address}/", f"{address}?")):
                text = mark(name) + text.removeprefix(address)
            else:
                text = text.replace(f"{address}/", f"{mark(name)}/")
        return self._captures.without_secrets(text)

    def _addresses(self) -> Iterable[tuple[str, str]]:
        setting = self._setting
        for name, address in (
            (SANDBOX, setting.sandbox),
            (BASE, setting.fhir_base),
            (ROOT, setting.root),
        ):
            if address:
                yield name, address

    def _asker(self, who: Who) -> str:
        if who not in self._askers:
            kind = who.kind.value
            rank = 1 + sum(one.kind is who.kind for one in self._askers)
            told = json.dumps({"actor": told_to_sandbox(who)}, ensure_ascii=False)
            self._askers[who] = Asker(f"{kind}_{rank}", who, self._source(who), told)
        return self._askers[who].name

    def _source(self, who: Who) -> TokenSource | None:
        sources = self._setting.sources
        return sources.by_label.get(who.label) or sources.by_name.get(who.kind.value)

    def _told_askers(self, calls: Sequence[Sent]) -> tuple[Asker, ...]:
        used = {one.asker for one in calls}
        return tuple(one for one in self._askers.values() if one.name in used)

    def _look(self, one: Assertion) -> Look:
        expectation = one.expectation
        for value in (expectation.path, *expectation.values):
            self._unsent += self._captures.sends(value)
        path = self._captures.marked(expectation.path)
        sizes = path == "size" or path.endswith(".size")
        values = tuple(
            self._captures.size(value) if sizes else self._text(value)[0]
            for value in expectation.values
        )
        marked = Expectation(path, expectation.relation, values)
        return Look(one.requirement, tuple(_numbers(one.exchanges)), marked, one.control)

    def _with_captures(self, calls: Sequence[Sent]) -> list[Sent]:
        # The actors are told with what is captured; this comes last, for it uses captures too.
        for who, asker in self._askers.items():
            self._askers[who] = replace(asker, actor=self._captures.marked(asker.actor))
        used = self._captures.used
        found: list[Sent] = []
        for call in calls:
            taken = [
                capture
                for number in (str(call.number), f"{call.number}+")
                for capture in used.get(number, [])
            ]
            found.append(replace(call, captured=taken))
        return found

    def _needed(self, calls: Sequence[Sent], looks: Sequence[Look]) -> list[Sent]:
        """Leave out what only served the run: its tokens, what it asked of the sandbox in vain."""
        looked = {number.partition(".")[0].rstrip("+") for one in looks for number in one.numbers}
        kept: list[Sent] = []
        wanted = {name for one in looks for name in _look_names(one)}
        wanted |= {name for one in self._askers.values() for name in names_in(one.actor)}
        for call in reversed(calls):
            gives = {one.name for one in call.captured} & wanted
            if _is_idle(call, wanted) and not gives and str(call.number) not in looked:
                continue
            kept.append(
                replace(call, captured=[one for one in call.captured if one.name in wanted])
            )
            wanted |= {name for text in texts_of(call) for name in names_in(text)}
            wanted |= {name for one in call.needed for name in names_in(one.text)}
            wanted |= {
                name for one in call.captured for place in one.places for name in names_in(place)
            }
        return kept[::-1]


def _look_names(look: Look) -> set[str]:
    texts = (look.expectation.path, *look.expectation.values)
    return {name for text in texts for name in names_in(text)}


def _is_idle(call: Sent, wanted: set[str]) -> bool:
    """Tell whether a call of the scene leaves nothing behind that what follows needs."""
    if not call.control:
        return False
    controls = f"{mark(SANDBOX)}/"
    if call.url == f"{controls}relations" and '"care_team"' in (call.body or ""):
        return not set(names_in(call.body or "")) <= wanted
    made = {f"{controls}people", f"{controls}professionals"}
    return call.verb in {"GET", "HEAD"} or _is_token(call.url) or call.url in made


def _is_token(url: str) -> bool:
    return urlsplit(url).path.endswith(("/token", "/tokens"))


def _within(one: Assertion, last: int) -> bool:
    return all(exchange.number <= last for exchange in one.exchanges)


def _numbers(exchanges: Sequence[Exchange]) -> Iterable[str]:
    """Give the numbers of the calls that an expectation looked at; a whole search is one."""
    whole = {one.number for one in exchanges if one.pages == one.number}
    ranks: dict[int, int] = {}
    for one in exchanges:
        if not one.pages:
            yield str(one.number)
        elif one.pages == one.number:
            yield f"{one.number}+"
        elif one.pages not in whole:
            ranks[one.pages] = ranks.get(one.pages, 1) + 1
            yield f"{one.pages}.{ranks[one.pages]}"


def _repeated(exchanges: Sequence[Exchange]) -> Iterable[int]:
    """Give the numbers of calls refused for an old token, and sent again with a new one."""
    for rank, one in enumerate(exchanges):
        if one.status != _UNAUTHORISED:
            continue
        # Between the two stands nothing but the call for the new token.
        between = takewhile(lambda each: _is_token(each.request.url), exchanges[rank + 1 :])
        further = exchanges[rank + 1 + len(tuple(between)) :][:1]
        if any(_asks_the_same(one, each) for each in further):
            yield one.number


def _asks_the_same(one: Exchange, other: Exchange) -> bool:
    asked, again = one.request, other.request
    same = (asked.verb, asked.url, asked.body) == (again.verb, again.url, again.body)
    return same and other.who is not None
