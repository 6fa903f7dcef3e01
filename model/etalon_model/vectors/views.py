"""What each actor sees at the end of a story, as questions that a runner puts to a service.

A view is asked of a service that stands where the story left it, each view of another one: to
read uses consents up and leaves rows in the log. It is a list of commands, of which the last
answers, or the name of something that the service tells the insurer. Whose views are asked
depends on the part of the service to which the last command belongs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from etalon_model.access import ReadLog
from etalon_model.actors import (
    INSURER,
    Actor,
    ActorKind,
    caregiver,
    holder,
    professional,
    representative,
)
from etalon_model.agenda.prevention import ReadAgenda
from etalon_model.catalogue.exchange import ListServices, ReadExchanges
from etalon_model.catalogue.measures import WEIGHT
from etalon_model.catalogue.measuring import ReadMeasures
from etalon_model.catalogue.rehearsal import SOLUTION
from etalon_model.command import Command
from etalon_model.messaging.reading import ReadMailbox, ReadThread
from etalon_model.people import Person
from etalon_model.records.indicators import lacks_synthesis
from etalon_model.records.record import documents_of
from etalon_model.records.search import SearchDocuments
from etalon_model.representation import is_minor
from etalon_model.rights.audit import audit_event
from etalon_model.rights.consultation import OpenRecord
from etalon_model.rights.modes import AccessMode
from etalon_model.service import Service
from etalon_model.value_codec import Json
from etalon_model.vectors.answers import plain, plain_outcome

OUTSIDER: Final = professional("899700366315", "doctor")
REGULATOR: Final = professional("899700366323", "doctor", "regulator")
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_MOST_THREADS: Final = 2


@dataclass(frozen=True, slots=True)
class View:
    """A question about what somebody sees.

    Attributes:
        who: Who looks, and at what where they look at several things.
        reads: Commands they give, the last of which answers; none when a name is asked for.
        asks: What the service itself is asked: a name of `STANDING`, or an empty string.
        at: When the service is asked (UTC).
        ins: The person asked about.
    """

    who: str
    reads: tuple[Command, ...] = ()
    asks: str = ""
    at: datetime = _NEVER
    ins: str = ""


def seen(service: Service, view: View) -> Json:
    """Return what somebody sees in a service; what they read leaves its traces there."""
    if view.asks:
        return STANDING[view.asks](service, view.ins, view.at)
    said: Json = None
    for command in view.reads:
        said = plain_outcome(service.apply(command))
    return said


def _catalogue(service: Service, _ins: str, at: datetime) -> Json:
    found = service.catalogue.items()
    return {ident: known.state_at(at).value for ident, known in found}


def _told(service: Service, ins: str, _at: datetime) -> Json:
    """Return the notices about somebody: when, which, to whom; None for somebody unknown."""
    if _unknown(service, ins):
        return None
    notices = service.notifications(ins)
    return [{"at": plain(one.at), "code": one.code, "to": one.to} for one in notices]


def _duties(service: Service, ins: str, at: datetime) -> Json:
    """Return what was due to somebody before an instant, and was not done."""
    return [
        {"rule": duty.rule, "command": duty.command, "due_at": plain(duty.due_at)}
        for duty in service.duties(at)
        if duty.ins == ins
    ]


def _profiles(service: Service, ins: str, _at: datetime) -> Json:
    return [*service.profiles(ins)]


def _lacks_synthesis(service: Service, ins: str, at: datetime) -> Json:
    return None if _unknown(service, ins) else lacks_synthesis(service.person(ins), at)


def _events(service: Service, ins: str, _at: datetime) -> Json:
    """Return the log as audit events; rows of nobody are none."""
    rows = () if _unknown(service, ins) else service.log(ins)
    return [plain(audit_event(row)) for row in rows if row.actor.ident]


def _unknown(service: Service, ins: str) -> bool:
    try:
        service.person(ins)
    except LookupError:
        return True
    return False


STANDING: Final[Mapping[str, Callable[[Service, str, datetime], Json]]] = {
    "catalogue": _catalogue,
    "told": _told,
    "duties": _duties,
    "profiles": _profiles,
    "lacks_synthesis": _lacks_synthesis,
    "audit_events": _events,
}
"""What the service says of itself, without a command: for whoever runs it."""


def views_of(
    service: Service, command: Command, given: Sequence[Command], topics: tuple[str, ...] = ()
) -> tuple[View, ...]:
    """Return the questions to ask once `command` was given after others, in a fixed order.

    Args:
        service: Where the story left it.
        command: The last command.
        given: Those before it.
        topics: What to look at, instead of what suits the last command.
    """
    part = type(command).__module__.split(".")[1]
    topics = topics or _TOPICS.get(part, _OTHERWISE)
    if _unknown(service, command.ins):
        asked = tuple(topic for topic in topics if topic in STANDING)
        return tuple(_asked(name, command.at, command.ins) for name in asked)
    person = service.person(command.ins)
    at = max(command.at, person.seen_at)
    actors = {one.actor.ident: one.actor for one in (*given, command)}
    found: list[View] = []
    for topic in topics:
        if topic in STANDING:
            found.append(_asked(topic, at, command.ins))
        else:
            found.extend(_VIEWERS[topic](_Sight(person, at, actors)))
    return tuple(found)


def _asked(name: str, at: datetime, ins: str) -> View:
    return View(name, asks=name, at=at, ins=ins)


_TOPICS: Final[Mapping[str, tuple[str, ...]]] = {
    "records": ("documents", "told", "lacks_synthesis"),
    "rights": ("documents", "log", "told", "audit_events"),
    "messaging": ("mailbox", "told"),
    "agenda": ("agenda", "told"),
    "catalogue": ("catalogue", "services", "measures"),
}
"""What is looked at, by the part of the model to which the last command belongs."""

_OTHERWISE: Final = ("log", "told", "duties", "profiles")


@dataclass(frozen=True, slots=True)
class _Sight:
    """Whose space is looked at, when, and who has acted so far, by identifier."""

    person: Person
    at: datetime
    actors: Mapping[str, Actor]

    def professional(self, ident: str) -> Actor:
        """Return a professional as they acted, or as a doctor when they did not."""
        known = self.actors.get(ident)
        return professional(ident, "doctor") if known is None else known


_Viewers = Callable[[_Sight], Iterator[View]]


def _insiders(sight: _Sight) -> Iterator[tuple[str, Actor]]:
    """Yield who looks from inside the space: the holder and who acts for them."""
    person = sight.person
    yield "holder", holder(person.ins)
    acting = person.representatives if is_minor(person, sight.at) else ()
    protector = (person.protected_by,) if person.protected_by else ()
    for rank, ident in enumerate((*acting, *protector), start=1):
        yield _numbered("representative", rank), representative(ident)
    helpers = () if person.dossier is None else person.dossier.caregivers
    for rank, ident in enumerate(helpers, start=1):
        yield _numbered("caregiver", rank), caregiver(ident)


def _numbered(name: str, rank: int) -> str:
    return name if rank == 1 else f"{name}_{rank}"


def _carers(sight: _Sight) -> Iterator[tuple[str, Actor]]:
    """Yield the professionals whom the record knows, in each of their qualities."""
    person = sight.person
    held = person.holdings
    rights = None if held is None else held.rights
    if rights is not None:
        if rights.attending:
            yield "attending_doctor", sight.professional(rights.attending)
        standings = rights.standings.items()
        for name in ("administrator", "in_team", "blocked"):
            known = [ident for ident, standing in standings if getattr(standing, name)]
            for rank, ident in enumerate(known, start=1):
                quality = "care_team" if name == "in_team" else name
                yield _numbered(quality, rank), sight.professional(ident)
    authors = {one.depositor.ident: one.depositor for one in documents_of(person).values()}
    for rank, actor in enumerate(authors.values(), start=1):
        if actor.kind in (ActorKind.PROFESSIONAL, ActorKind.STRUCTURE):
            yield _numbered("author", rank), actor


def _documents(sight: _Sight) -> Iterator[View]:
    """Yield the listing of the record by everybody, and by two strangers in an emergency."""
    ins, at = sight.person.ins, sight.at
    for who, actor in (*_insiders(sight), *_carers(sight)):
        yield View(who, (SearchDocuments(at, actor, ins),))
    yield View("outsider", (SearchDocuments(at, OUTSIDER, ins),))
    glass = AccessMode.BREAK_GLASS
    broken = OpenRecord(at, OUTSIDER, ins, glass, incapable=True)
    yield View("emergency", (broken, SearchDocuments(at, OUTSIDER, ins, mode=glass)))
    samu = SearchDocuments(at, REGULATOR, ins, mode=AccessMode.SAMU)
    yield View("regulator", (samu,))
    yield View("insurer", (SearchDocuments(at, INSURER, ins),))


def _inside(*kinds: Callable[[datetime, Actor, str], Command]) -> _Viewers:
    """Return the views of those inside the space, and of a professional outside it."""

    def views(sight: _Sight) -> Iterator[View]:
        for who, actor in (*_insiders(sight), ("outsider", OUTSIDER)):
            for kind in kinds:
                command = kind(sight.at, actor, sight.person.ins)
                yield View(f"{who}: {type(command).__name__}", (command,))

    return views


def _mailbox(sight: _Sight) -> Iterator[View]:
    yield from _inside(ReadMailbox)(sight)
    held = sight.person.holdings
    threads: Sequence[int] = ()
    if held is not None and held.mailbox is not None:
        threads = tuple(held.mailbox.threads)[:_MOST_THREADS]
    for number in threads:
        for who, actor in _insiders(sight):
            read = ReadThread(sight.at, actor, sight.person.ins, number)
            yield View(f"{who}: thread {number}", (read,))


_VIEWERS: Final[Mapping[str, _Viewers]] = {
    "documents": _documents,
    "log": _inside(ReadLog),
    "mailbox": _mailbox,
    "agenda": _inside(ReadAgenda),
    "services": _inside(ListServices, lambda at, who, ins: ReadExchanges(at, who, ins, SOLUTION)),
    "measures": _inside(lambda at, who, ins: ReadMeasures(at, who, ins, WEIGHT)),
}
