"""What checks of messages do before they look: letters, threads, answers and drafts of a space.

No text says how a holder's messages travel: over our own wire they are Communications.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from etalon_conformance.bench import Bench
from etalon_conformance.directory_scene import mailbox_of
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import one_of, present
from etalon_conformance.mail_scene import CODE, TAKEN, Letter, posted
from etalon_target.actors import Who
from etalon_target.cannot import CannotTest
from etalon_target.people import TestPerson, TestProfessional
from etalon_wire.json_body import Json, Resource
from etalon_wire.messages.writing import REPLY_KIND

if TYPE_CHECKING:
    from etalon_conformance.mail_scene import Posted

PLACE: Final = "Communication"
IDS: Final = "entry.resource.id"
TEXTS: Final = "entry.resource.payload.contentString"
CREATED: Final = 201
NOT_SENT: Final = (400, 403, 404, 409, 422)
"""Statuses by which a message is not sent."""
GONE: Final = (403, 404, 410)
PHARMACIST: Final = "21"
_CONVERSATIONS: Final = "entry.resource[category.coding.code=conversation].id"


def own_wire(bench: Bench) -> None:
    """Go on where the target speaks our messages.

    Raises:
        CannotTest: It does not: no text says how a holder's messages travel.
    """
    if not bench.target.speaks_own_wire:
        raise CannotTest(key="target.no_way", operation=PLACE)


def written_message(
    text: str, *, to: str = "", answering: str = "", draft: bool = False, kind: str = ""
) -> Resource:
    """Return a message, new or in answer to another.

    Args:
        text: What it says.
        to: The address it goes to, of a new message.
        answering: The message or the conversation that it answers.
        draft: It is kept, not sent.
        kind: The kind of answer that it says it is; none when empty.
    """
    made: Resource = {
        "resourceType": PLACE,
        "status": "preparation" if draft else "completed",
        "payload": [{"contentString": text}],
    }
    if kind:
        made["extension"] = [{"url": REPLY_KIND, "valueCode": kind}]
    if answering:
        made["inResponseTo"] = [{"reference": f"{PLACE}/{answering}"}]
    if to:
        address: Json = {"system": "urn:ietf:rfc:3986", "value": f"mailto:{to}"}
        made |= {"topic": {"text": "Question"}, "recipient": [{"identifier": address}]}
    return made


def sent_by(bench: Bench, who: Who, message: Resource) -> Exchange:
    """Send a message, or keep it as a draft."""
    return bench.call(who, "POST", PLACE, body=message)


def listed_for(bench: Bench, who: Who) -> tuple[Exchange, ...]:
    """List conversations and drafts; return the pages."""
    return bench.pages(bench.call(who, "GET", PLACE), who)


def conversations_of(bench: Bench, who: Who) -> tuple[str, ...]:
    """Return the conversations that somebody sees, drafts left out."""
    pages = listed_for(bench, who)
    return tuple(one for page in pages for one in page.value(_CONVERSATIONS))


def all_messages(bench: Bench, who: Who) -> tuple[Exchange, ...]:
    """Read the messages of every conversation that somebody sees; the list where there is none."""
    threads = conversations_of(bench, who)
    return tuple(messages_in(bench, who, one) for one in threads) or listed_for(bench, who)


def messages_in(bench: Bench, who: Who, conversation: str) -> Exchange:
    """Read the messages of a conversation."""
    return bench.call(who, "GET", f"{PLACE}?part-of={PLACE}/{conversation}")


def letter_from(  # noqa: PLR0913 (what a letter is)
    bench: Bench,
    doctor: TestProfessional,
    person: TestPerson,
    *,
    text: str = "Voici une réponse.\n",
    closes: bool = False,
    copies: Sequence[str] = (),
    answers: str = "",
) -> Letter:
    """Return a letter without a document, of which no notification is asked."""
    return Letter(
        sender=doctor,
        address=mailbox_of(bench, doctor),
        person=person,
        text=text,
        asks=False,
        closes=closes,
        copies=tuple(copies),
        answers=answers,
    )


def came(bench: Bench, requirement: str, letter: Letter, who: Who) -> "tuple[Posted, str, str]":
    """Have a letter taken; return it, its conversation and its message; a control.

    Args:
        bench: What the check works with.
        requirement: What the controls stand under.
        letter: The letter.
        who: Who reads in the space.
    """
    before = conversations_of(bench, who)
    sent = posted(bench, letter)
    bench.expects(requirement, sent.answer, one_of(CODE, TAKEN), control=True)
    conversation = next((one for one in conversations_of(bench, who) if one not in before), "")
    listed = messages_in(bench, who, conversation)
    bench.expects(requirement, listed, present(IDS), control=True)
    return sent, conversation, listed.value(IDS)[-1]
