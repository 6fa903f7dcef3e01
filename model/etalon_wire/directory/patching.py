"""What a FHIRPath Patch of an entry of the directory changes: its mailboxes, and nothing else.

A mailbox may be published, taken out, put on the red list and taken off it. Its address and its
type do not change: that is refused, as the draft guide asks, even though its table of the
interface says otherwise.

Source: ANS, boîtes aux lettres MSSanté 0.1.0 (draft; W-MSS-11). Reading: mailboxes stand in the
order in which they were published, wherever one is inserted; of its metadata the type and the red
list are kept, and others are refused.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from itertools import islice
from typing import Final

from etalon_model import Refusal
from etalon_wire.directory.mailboxes import Written, mailbox_in
from etalon_wire.directory.places import NotAppliedError, apply_step
from etalon_wire.fhirpath_patch import Step, steps_of
from etalon_wire.json_body import Json, Resource
from etalon_wire.malformed import REQUIRED, TOO_COSTLY, Malformed
from etalon_wire.operation_outcomes import Fault
from etalon_wire.validation.reading import text

STEPS_MOST: Final = 50
"""Most operations of one patch."""


@dataclass(frozen=True, slots=True)
class MailboxChanges:
    """What a patch changes.

    Attributes:
        published: Mailboxes that are new, or change whether they are on the red list.
        removed: Addresses of those that are taken out.
    """

    published: tuple[Written, ...]
    removed: tuple[str, ...]


def mailbox_changes(before: Resource, parameters: Resource) -> MailboxChanges | Fault | Refusal:
    """Return what a patch changes of an entry.

    Args:
        before: The entry as whoever asks sees it.
        parameters: The patch, a `Parameters`.

    Raises:
        Malformed: It is no patch, or a mailbox in it is none.
    """
    if parameters.get("resourceType") != "Parameters":
        raise Malformed(REQUIRED, "", "a patch here is a resource of type Parameters")
    after = deepcopy(before)
    steps = list(islice(steps_of(parameters), STEPS_MOST + 1))
    if len(steps) > STEPS_MOST:
        message = f"at most {STEPS_MOST} operations are carried out at once"
        raise Malformed(TOO_COSTLY, "Parameters.parameter", message)
    try:
        for step in steps:
            refusal = _applied(after, step)
            if refusal is not None:
                return refusal
        return _difference(before, after)
    except NotAppliedError as failed:
        return failed.fault


def _applied(after: Resource, step: Step) -> Refusal | None:
    """Carry out one operation; refuse a replacement that changes an address (MSG-12)."""
    addresses = _addresses(after)
    apply_step(after, step)
    if step.verb == "replace" and _addresses(after) != addresses:
        old = next((one for one in addresses if one not in _addresses(after)), "")
        return Refusal("MSG-12", "MAILBOX_FIXED", "", (old,))
    return None


def _telecoms(resource: Resource) -> list[Json]:
    listed = resource.get("telecom", [])
    return listed if isinstance(listed, list) else []


def _addresses(resource: Resource) -> list[str]:
    return [text(one, "value") if isinstance(one, dict) else "" for one in _telecoms(resource)]


def _difference(before: Resource, after: Resource) -> MailboxChanges | Refusal:
    if _others(before) != _others(after) or not isinstance(after.get("telecom", []), list):
        message = "of an entry of the directory only telecom may be changed"
        raise NotAppliedError(message)
    kind = after.get("resourceType")
    said = [
        (mailbox_in(one, f"{kind}.telecom[{rank}]"), one)
        for rank, one in enumerate(_telecoms(after))
    ]
    new = {one.address: (one, telecom) for one, telecom in said}
    if len(new) != len(said):
        message = "a mailbox stands twice: keep it once"
        raise NotAppliedError(message)
    known = {text(one, "value"): one for one in _telecoms(before) if isinstance(one, dict)}
    for address, telecom in known.items():
        if address in new and mailbox_in(telecom, "").type is not new[address][0].type:
            return Refusal("MSG-12", "MAILBOX_FIXED", "", (address,))
    removed = tuple(address for address in known if address not in new)
    return MailboxChanges(tuple(_published(known, new)), removed)


def _published(
    known: Mapping[str, Resource], new: Mapping[str, tuple[Written, Json]]
) -> Iterator[Written]:
    """Yield the mailboxes that are new or change."""
    for address, (one, telecom) in new.items():
        if address not in known:
            yield one
        elif telecom != known[address]:
            if mailbox_in(known[address], "") == one:
                message = "of a mailbox that stands, listeRouge alone may be changed"
                raise NotAppliedError(message)
            yield one


def _others(resource: Resource) -> Resource:
    return {name: value for name, value in resource.items() if name != "telecom"}
