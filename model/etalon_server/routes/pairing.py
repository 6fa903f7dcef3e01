"""Pairings with referenced services, for whoever decides for a space: seen, looked into, ended.

A pairing is made in a login (`/oauth2/authorize`), and its consents change there or as Consent. Its
address ends with the object identifier of the service. Ended, it lets nothing of that service pass
any more, from the next call on; what was written stays.

Sources: CSP art. L. 1111-13-1 III, R. 1111-32; official application (log of exchanges). No public
text shows these addresses: they are ours.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, cast

from etalon_model import ListServices, ReadExchanges, UnpairService, Use
from etalon_model.access_log import LogRow
from etalon_server.asking import changed, known_caller, told
from etalon_server.exchange import Answer, Desk, Handler, Refused, Request
from etalon_wire.json_body import Json, write_json
from etalon_wire.operation_outcomes import Fault

if TYPE_CHECKING:
    from etalon_model import CatalogueEntry

_JSON: Final = "application/json"
_NO_STORE: Final = (("Cache-Control", "no-store"),)


async def list_pairings(desk: Desk, request: Request) -> Answer:
    """Answer the services of the catalogue that somebody sees, and where each pairing stands."""
    entries = await _entries(desk, request)
    return _answer({"services": [_entry(one) for one in entries]})


async def read_pairing(desk: Desk, request: Request) -> Answer:
    """Answer where one pairing stands, and what the service did, refused calls too."""
    solution = request.places["id"]
    found = [one for one in await _entries(desk, request) if one.service == solution]
    if not found:
        raise Refused(Fault("NO_MATCH", "the catalogue shows no such service"))
    caller, now = known_caller(request), desk.host.clock.now()
    command = ReadExchanges(now, caller.actor, caller.patient, solution)
    rows = cast("Sequence[LogRow]", await told(desk, command))
    return _answer({**_entry(found[0]), "exchanges": [_exchange(row) for row in rows]})


async def end_pairing(desk: Desk, request: Request) -> Answer:
    """End a pairing: the next call of the service is refused (W-CAT-01)."""
    caller, now = known_caller(request), desk.host.clock.now()
    command = UnpairService(now, caller.actor, caller.patient, request.places["id"])
    await changed(desk, command)
    return Answer(HTTPStatus.NO_CONTENT)


async def _entries(desk: Desk, request: Request) -> "Sequence[CatalogueEntry]":
    caller, now = known_caller(request), desk.host.clock.now()
    command = ListServices(now, caller.actor, caller.patient)
    return cast("Sequence[CatalogueEntry]", await told(desk, command))


def _entry(entry: "CatalogueEntry") -> dict[str, Json]:
    consents = sorted(entry.consents, key=lambda use: (use.purpose, use.family, use.direction))
    before = entry.approve_before
    return {
        "solution": entry.service,
        "title": entry.title,
        "state": entry.state.value,
        "economicModel": entry.economic_model.value,
        "pairing": entry.pairing.value,
        "isAcknowledged": entry.acknowledged,
        "approveBefore": None if before is None else _written(before),
        "consents": [_use(use) for use in consents],
    }


def _use(use: Use) -> Json:
    return {"purpose": use.purpose, "family": use.family.value, "direction": use.direction.value}


def _exchange(row: LogRow) -> Json:
    deed = row.deed
    return {
        "at": _written(row.at),
        "action": deed.action,
        "use": deed.detail,
        "refused": deed.refused or None,
    }


def _written(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _answer(value: Json) -> Answer:
    return Answer(HTTPStatus.OK, write_json(value), _JSON, _NO_STORE)


HANDLERS: Final[Mapping[str, Handler]] = {
    "list_pairings": list_pairings,
    "read_pairing": read_pairing,
    "end_pairing": end_pairing,
}
