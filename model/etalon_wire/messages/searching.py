"""The search of messages: the conversations and drafts of a space, or the messages of one.

Without `part-of` a search finds conversations, the one with the latest message first, then drafts;
with it, the messages of that conversation, oldest first. `status` tells conversations
(`in-progress`, `completed` once ended) from drafts (`preparation`). The parameters are those of
FHIR; what they find is ours.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from etalon_model.messaging.conversations import Draft, Message, Thread
from etalon_wire.bundles import Query
from etalon_wire.messages.places import mail_place
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.addresses import id_in, key_of
from etalon_wire.records.at_hand import Search, search_of
from etalon_wire.records.search_parameters import (
    Asked,
    Understood,
    WrongError,
    dated,
    plain,
    tokens,
    understand,
)

Listed = Thread | Draft | Message
"""What a search finds."""

_STATUSES: Final = "http://hl7.org/fhir/event-status"
_OF_MESSAGES: Final = frozenset({"sent"})
_NOWHERE: Final = ("-", 0)


@dataclass(frozen=True, slots=True)
class MailSearch:
    """What is searched in a mailbox.

    Attributes:
        search: What must be met, and the page.
        part_of: Key of the record and number of the conversation whose messages are asked for,
            None for conversations and drafts.
    """

    search: Search[Listed]
    part_of: tuple[str, int] | None


def read_mail_search(query: Query, *, strict: bool, base: str = "") -> MailSearch | Fault:
    """Return what a search of Communication asks for, or what is wrong with it.

    Args:
        query: Its parameters, in their order.
        strict: Refuse parameters that are not known.
        base: Public address of the server, without a slash at its end.
    """
    try:
        understood = understand("Communication", query, strict=strict, sorts=())
        part_of = _part_of(understood, base)
        if part_of is None:
            for one in understood.asked:
                if one.means in _OF_MESSAGES:
                    one.refuse("say which conversation: part-of")
        return MailSearch(search_of(understood, base, _TESTS), part_of)
    except WrongError as wrong:
        return wrong.fault


def _part_of(understood: Understood, base: str) -> tuple[str, int] | None:
    for one in understood.asked:
        if one.means == "part_of":
            value = plain(one.only())
            resource_id = id_in(value, "Communication", base) or value
            place = mail_place(resource_id)
            if place is None or place.message or place.is_draft:
                # An address of no conversation is answered as one without messages.
                return _NOWHERE
            return key_of(resource_id) or "", place.number
    return None


def _status(asked: Asked) -> Callable[[Listed], bool]:
    wanted = tokens(asked)
    return lambda one: any(token.is_met(_STATUSES, status_of(one)) for token in wanted)


def status_of(one: Listed) -> str:
    """Return the status of what a search finds."""
    if isinstance(one, Draft):
        return "preparation"
    return "in-progress" if isinstance(one, Thread) and not one.finalized_by else "completed"


def _sent(asked: Asked) -> Callable[[Listed], bool]:
    within = dated(asked).within
    return lambda one: isinstance(one, Message) and within.holds(one.at)


_TESTS: Final[Mapping[str, Callable[[Asked], Callable[[Listed], bool]]]] = {
    "status": _status,
    "sent": _sent,
}
