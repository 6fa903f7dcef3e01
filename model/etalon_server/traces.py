"""What the log of a space tells: its own rows, and the traces that came from elsewhere.

The log of a space tells more than the service saw: software that reads and feeds traces what it did
there too, and sends it. Such traces stand on a shelf of their person, beside the command that
brought each of them.
"""

from itertools import islice
from typing import Final

from etalon_model import Person
from etalon_model.rights.traces import RecordTrace
from etalon_server.contents import key_of
from etalon_server.exchange import Desk
from etalon_server.leaving_rows import whole_log
from etalon_wire.audit import events_of
from etalon_wire.event_searching import Told
from etalon_wire.traces import kept_trace_from

_TRACES: Final = "AuditEvent"
_SENDING: Final = RecordTrace.__name__


def traces_shelf(ins: str) -> bytes:
    """Return the shelf on which the traces about a space stand."""
    return key_of(_TRACES, ins)


def trace_key(event_id: str) -> bytes:
    """Return what a trace is kept under."""
    return key_of(_TRACES, event_id)


def told_in(desk: Desk, person: Person) -> list[Told]:
    """Return all that the log of a space tells, in the order it came there.

    Raises:
        ContentDamagedError: What is kept is not what was received.
    """
    log = whole_log(desk.contents, person.ins, desk.host.service.log(person.ins))
    traces = iter(desk.contents.shelf(traces_shelf(person.ins)))
    told: list[Told] = []
    for event in events_of([row for row in log if row.actor.ident]):
        told.append(event)
        # The clock may stand still: each trace follows the row of its own sending.
        if event.row.deed.action == _SENDING and not event.row.deed.refused:
            told += [kept_trace_from(body) for body in islice(traces, 1)]
    return [*told, *map(kept_trace_from, traces)]
