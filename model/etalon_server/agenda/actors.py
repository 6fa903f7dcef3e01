"""Actors of schedules as the directory has them: professionals and structures."""

from collections.abc import Iterable, Iterator
from typing import Final, cast, get_args

from etalon_server.asking import actor_asking
from etalon_server.exchange import Desk, Request
from etalon_server.records.paging import included_entry
from etalon_wire.directory.entries import Entry, Kind, entry_id, entry_resource, ident_at
from etalon_wire.json_body import Resource
from etalon_wire.records.addresses import id_in
from etalon_wire.records.parties import national_identifier
from etalon_wire.validation.reading import part, parts, text

_KINDS: Final = get_args(Kind)


def actor_entries(desk: Desk, request: Request, schedules: Iterable[Resource]) -> list[bytes]:
    """Return an entry for each actor of some schedules who stands in the directory, once each."""
    found: dict[tuple[Kind, str], Resource] = {}
    for schedule in schedules:
        for actor in parts(schedule, "actor"):
            for kind, entry in _entry_of(desk, request, actor):
                found.setdefault((kind, entry_id(kind, entry)), entry_resource(kind, entry))
    return [included_entry(desk, request, one) for one in found.values()]


def _entry_of(desk: Desk, request: Request, actor: Resource) -> Iterator[tuple[Kind, Entry]]:
    """Yield who an actor is in the directory, if anybody: by address, else by identifier."""
    reference = text(actor, "reference")
    for one in _KINDS:
        kind = cast("Kind", one)
        resource_id = id_in(reference, kind, request.base)
        ident = ident_at(kind, resource_id) if resource_id else ""
        if not ident and text(actor, "type") == kind:
            ident = national_identifier(part(actor, "identifier"))
        if ident:
            found = desk.directory.entry(desk.host, kind, ident, actor_asking(request))
            if found is not None:
                yield kind, found
