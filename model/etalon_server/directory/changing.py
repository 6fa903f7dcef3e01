"""Changing one's own mailboxes in the directory (W-MSS-11, draft).

A patch becomes commands, carried out all or none. Whoever bears a mailbox publishes it, takes it
out, puts it on the red list; nobody changes those of others.
"""

from collections.abc import Iterator

from etalon_model import Command, Refusal
from etalon_model.messaging.directory import PublishMailbox, RemoveMailbox
from etalon_server.asking import actor_asking
from etalon_server.directory.finding import entries_found, entry_at, kind_of
from etalon_server.exchange import (
    Answer,
    Desk,
    Refused,
    Request,
    answer_resource,
    received_resource,
)
from etalon_server.records.reading import nothing_here
from etalon_server.rehearsal import Act, Halted
from etalon_wire.directory.entries import Entry, entry_resource
from etalon_wire.directory.patching import MailboxChanges, mailbox_changes
from etalon_wire.directory.searching import read_directory_search
from etalon_wire.operation_outcomes import Fault


async def change_entry(desk: Desk, request: Request) -> Answer:
    """Patch the mailboxes of the entry at an address."""
    return await _changed(desk, request, entry_at(desk, request))


async def change_entry_found(desk: Desk, request: Request) -> Answer:
    """Patch the mailboxes of the one entry that a condition finds; none and several are refused."""
    asked = read_directory_search(kind_of(request), request.query, strict=True, base=request.base)
    if isinstance(asked, Fault):
        raise Refused(asked)
    if not asked.search.tests:
        message = "a conditional patch says whom: identifier"
        raise Refused(Fault("PARAMETER_MISSING", message, "identifier"))
    found = entries_found(desk, request, asked)
    if not found:
        raise nothing_here()
    if len(found) > 1:
        message = f"{len(found)} entries match: name one"
        raise Refused(Fault("SEVERAL_MATCHES", message, "identifier"))
    return await _changed(desk, request, found[0])


async def _changed(desk: Desk, request: Request, entry: Entry) -> Answer:
    """Carry out the patch of a request; answer the entry as it then stands.

    Raises:
        Refused: The entry is somebody else's, the patch does not apply, or the model refuses.
        Malformed: It is no patch.
    """
    kind, actor = kind_of(request), actor_asking(request)
    if entry.ident != actor.ident:
        message = "whoever bears mailboxes changes them: this entry is somebody else's"
        raise Refused(Fault("NOT_ALLOWED", message))
    changes = mailbox_changes(entry_resource(kind, entry), received_resource(request, desk))
    if isinstance(changes, Fault | Refusal):
        raise Refused(changes)
    acts: list[Act] = [(one, ()) for one in _commands(desk, request, changes)]
    outcome = await desk.host.write_all(acts) if acts else []
    if isinstance(outcome, Halted):
        raise Refused(outcome.refusal)
    standing = desk.directory.entry(desk.host, kind, entry.ident, actor)
    return answer_resource(request, desk, entry_resource(kind, standing or entry))


def _commands(desk: Desk, request: Request, changes: MailboxChanges) -> Iterator[Command]:
    at, actor = desk.host.clock.now(), actor_asking(request)
    known = desk.host.service.snapshot(copied=False).register.correspondents
    for address in changes.removed:
        yield RemoveMailbox(at, actor, "", address)
    for one in changes.published:
        standing = known.get(one.address)
        pharmacy = standing is not None and standing.pharmacy
        yield PublishMailbox(at, actor, "", one.address, one.type, pharmacy, one.red_listed)
