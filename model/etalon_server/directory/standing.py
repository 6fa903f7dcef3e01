"""Who stands in the directory, and which of their mailboxes a reader sees.

A search goes through those who ever published a mailbox, and the structures these practise in. By
its identifier any test professional of the seed is found, as any token may be theirs, and a
structure finds itself. A mailbox on the red list is shown to whoever bears it, and to nobody else.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from etalon_model import Actor, ActorKind, Service
from etalon_model.messaging.correspondents import BEARERS, Correspondent
from etalon_model.professionals import Professional, professional_in, professional_of
from etalon_server.service_host import Host
from etalon_wire.directory.entries import Entry, Kind

Mailboxes = Mapping[str, Correspondent]
"""Professional mailboxes, by address."""

_PROFESSIONAL: Final = ActorKind.PROFESSIONAL.value
_STRUCTURE: Final = re.compile(r"[0-9A-Z]{8,20}")
"""National identifiers of structures that can stand in an address."""


class Directory:
    """Who bears which mailboxes, brought up to date when it is asked.

    A mailbox never leaves the service and its bearer never changes: what is new stands at the end.
    """

    __slots__ = ("_known", "_last", "_named", "_professionals", "_service", "_structures")

    def __init__(self) -> None:
        """Begin with nobody."""
        self._service: Service | None = None
        self._known, self._last = 0, ""
        self._professionals: dict[str, list[str]] = {}
        self._structures: dict[str, list[str]] = {}
        self._named: dict[str, Entry] = {}

    def entries(self, host: Host, kind: Kind, reader: Actor) -> Iterator[Entry]:
        """Yield those who ever published a mailbox, and where they practise, in that order."""
        mailboxes = self._refresh(host)
        borne = self._structures if kind == "Organization" else self._professionals
        for ident in borne:
            found = self._entry(host, kind, ident, reader, mailboxes)
            if found is not None:
                yield found

    def entry(self, host: Host, kind: Kind, ident: str, reader: Actor) -> Entry | None:
        """Return who has a national identifier, None when nobody of that kind does."""
        return self._entry(host, kind, ident, reader, self._refresh(host))

    def _entry(
        self, host: Host, kind: Kind, ident: str, reader: Actor, mailboxes: Mailboxes
    ) -> Entry | None:
        if kind == "Organization":
            return self._structure(host, ident, reader, mailboxes)
        found = self._named.get(ident) or _named(host.seed, ident)
        if found is None:
            return None
        shown = _shown(mailboxes, self._professionals.get(ident, ()), reader)
        return replace(found, mailboxes=shown) if shown else found

    def _structure(
        self, host: Host, ident: str, reader: Actor, mailboxes: Mailboxes
    ) -> Entry | None:
        is_own = reader.kind is ActorKind.STRUCTURE and reader.ident == ident
        known = ident in self._structures or _practised_in(host, ident) is not None
        if not (known or is_own) or _STRUCTURE.fullmatch(ident) is None:
            return None
        shown = _shown(mailboxes, self._structures.get(ident, ()), reader)
        return Entry(ident, f"Établissement de test {ident[1:]}", mailboxes=shown)

    def _refresh(self, host: Host) -> Mailboxes:
        """Take in what was published since; return all mailboxes, by address."""
        mailboxes = host.service.snapshot(copied=False).register.correspondents
        latest = next(reversed(mailboxes), "")
        if host.service is self._service and (latest, len(mailboxes)) == (self._last, self._known):
            return mailboxes
        if host.service is not self._service or self._last not in mailboxes:
            self._service, self._known = host.service, 0
            self._professionals.clear()
            self._structures.clear()
        for one in islice(mailboxes.values(), self._known, None):
            if BEARERS[one.type] != _PROFESSIONAL:
                self._structures.setdefault(one.bearer, []).append(one.address)
                continue
            self._professionals.setdefault(one.bearer, []).append(one.address)
            named = self._named.get(one.bearer) or _named(host.seed, one.bearer)
            if named is not None:
                self._named[one.bearer] = named
                self._structures.setdefault(named.structure, [])
        self._known, self._last = len(mailboxes), latest
        return mailboxes


def _shown(
    mailboxes: Mailboxes, addresses: Sequence[str], reader: Actor
) -> tuple[Correspondent, ...]:
    """Return the mailboxes that a reader sees: active, and published or their own (MSG-12)."""
    held = [mailboxes[address] for address in addresses]
    return tuple(
        [one for one in held if one.active and (not one.red_listed or is_borne_by(one, reader))]
    )


def is_borne_by(mailbox: Correspondent, actor: Actor) -> bool:
    """Whether a mailbox is one's own."""
    return actor.ident == mailbox.bearer and actor.kind.value == BEARERS[mailbox.type]


def _named(seed: int, ident: str) -> Entry | None:
    """Return the test professional with a national identifier, without mailboxes."""
    try:
        who = professional_of(seed, ident)
    except LookupError:
        return None
    if who.idnps != ident:
        return None
    return Entry(ident, who.family, who.given, who.role, who.idnst)


def practising_in(host: Host, structure: str) -> str:
    """Return who practises in a test structure, an empty string for any other."""
    found = _practised_in(host, structure)
    return "" if found is None else found.idnps


def _practised_in(host: Host, ident: str) -> Professional | None:
    try:
        return professional_in(host.seed, ident)
    except LookupError:
        return None
