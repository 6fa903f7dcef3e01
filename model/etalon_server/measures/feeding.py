"""Writing a measure: the bundle of a service becomes a command, and is kept with it (IHE PCH-01).

Whatever is wrong, the model is asked: who may not write is told so before what they wrote is
looked at, and each call leaves its row in the log of the holder (CAT-07).
"""

from typing import cast

from etalon_model.catalogue.catalogue import Direction, ExchangeFamily
from etalon_model.catalogue.measuring import MeasureWritten, WriteMeasure
from etalon_model.outcomes import Accepted, Refusal
from etalon_server.app_calls import AppCalling, app_call
from etalon_server.asking import known_person
from etalon_server.durable.encoding import Kept
from etalon_server.exchange import (
    Answer,
    Desk,
    Refused,
    Request,
    answer_resource,
    received_resource,
)
from etalon_server.measures.answering import answer_refused
from etalon_server.measures.places import device_key, measure_key, measures_in
from etalon_server.rehearsal import rehearsed
from etalon_wire.json_body import Resource, write_json
from etalon_wire.malformed import Malformed
from etalon_wire.measures.feeding import Feed, read_feed, unreadable
from etalon_wire.measures.showing import Reader, feed_response, kept_observation
from etalon_wire.operation_outcomes import Reason, gravest

_GRAVE = frozenset({"fatal", "error"})
_NOTHING: Resource = {}


async def feed_measure(desk: Desk, request: Request) -> Answer:
    """Keep a measure and the device that took it; answer where each stands (W-MEA-01)."""
    calling = app_call(desk, request, ExchangeFamily.MEASURES, Direction.WRITE)
    wrong: Reason | None = None
    try:
        sent = received_resource(request, desk) if request.body.strip() else _NOTHING
    except (Refused, Malformed) as refused:
        sent, wrong = _NOTHING, refused.reason if isinstance(refused, Refused) else refused
    feed = read_feed(sent, calling.actor.ident)
    if wrong is None:
        wrong = _findings(desk, feed)
    command = WriteMeasure(
        calling.at, calling.actor, calling.ins, calling.tokens, calling.purpose, feed.entries
    )
    if wrong is not None:
        return await _refuse(desk, request, command, feed, wrong)
    outcome = await desk.host.write(command, _kept(desk, calling, feed))
    if isinstance(outcome, Refusal):
        return answer_refused(request, desk, outcome, calling.actor.ident)
    written = cast("Accepted[MeasureWritten]", outcome).answer
    return answer_resource(request, desk, _response(desk, calling, feed, written))


def _findings(desk: Desk, feed: Feed) -> Reason | None:
    """Return what is wrong with a bundle that the interface documents no error for, or None."""
    if not feed.entries:
        return None
    found = [*feed.findings, *desk.validator.validate(feed.bundle, "Bundle", desk.mode)]
    grave = [one for one in found if one.severity in _GRAVE]
    return grave if gravest(found) in _GRAVE else None


async def _refuse(
    desk: Desk, request: Request, command: WriteMeasure, feed: Feed, wrong: Reason
) -> Answer:
    """Answer what the model refuses of a bundle that cannot be taken, else why it cannot.

    Raises:
        Refused: The model would take it; its log says that a call was refused all the same.
        Malformed: Likewise.
    """
    halted = rehearsed(desk.host.service, [command]) if feed.entries else None
    if halted is None:
        entries = unreadable(feed)
        command = WriteMeasure(
            command.at, command.actor, command.ins, command.tokens, command.purpose, entries
        )
    outcome = await desk.host.write(command)
    told_of_itself = {"NO_BUNDLE", "NOT_AN_OBSERVATION"}
    if isinstance(outcome, Refusal) and (halted or outcome.code not in told_of_itself):
        return answer_refused(request, desk, outcome, command.actor.ident)
    if isinstance(wrong, Malformed):
        raise wrong
    raise Refused(wrong)


def _kept(desk: Desk, calling: AppCalling, feed: Feed) -> list[Kept]:
    """Return what stands beside the command: the observation, and the device when it is new."""
    kept: list[Kept] = []
    if feed.measure is not None and feed.observation is not None:
        body = write_json(kept_observation(feed.observation))
        kept.append(Kept(measure_key(calling.ins, feed.measure), body))
    devices = measures_in(known_person(desk, calling.ins)).devices
    if feed.device is not None and feed.condition not in devices:
        kept.append(Kept(device_key(calling.ins, feed.condition), write_json(feed.device)))
    return kept


def _response(desk: Desk, calling: AppCalling, feed: Feed, written: MeasureWritten) -> Resource:
    reader = Reader(calling.actor.ident, calling.id_pe)
    rows = measures_in(known_person(desk, calling.ins)).rows
    rank = next(rank for rank in range(len(rows) - 1, -1, -1) if rows[rank] is written.measure)
    device = written.measure.device
    device_id = "" if device is None else reader.device_id(device)
    return feed_response(feed, reader.observation_id(str(rank)), device_id, written.device_status)
