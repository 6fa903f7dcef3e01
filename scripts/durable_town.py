"""Commands that no two runs give twice: what the proofs of durability write and look for."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from etalon_model.actors import INSURER
from etalon_model.affiliation import Affiliate
from etalon_model.command import Command
from etalon_model.identities import identity
from etalon_model.notification import SendNotice
from etalon_model.parameters import Parameters, vintage
from etalon_model.people import Channel, Contacts
from etalon_server.contents import key_of
from etalon_server.durable.encoding import Kept

SEED: Final = 7
STARTED_AT: Final = datetime(2022, 2, 1, 9, tzinfo=UTC)
RECEIVED_LINES: Final = 300
_CONTACTS: Final = Contacts(email=True, mobile=True)


def parameters() -> Parameters:
    """Return the values of the vintage that the proofs are made with."""
    return vintage("launch-2022")


def affiliation(number: int) -> Affiliate:
    """Return the affiliation of one person more; nobody else has the matricule."""
    who = identity(SEED, number)
    return Affiliate(STARTED_AT, INSURER, who.ins, who, _CONTACTS)


def received(number: int) -> list[Kept]:
    """Return what is kept beside the affiliation of that person."""
    return [Kept(key_of("received", str(number)), b"%d\n" % number * RECEIVED_LINES)]


def notice(number: int, *, hours: int = 1) -> SendNotice:
    """Return the notice of that person, so many hours after their affiliation."""
    at = STARTED_AT + timedelta(hours=hours)
    return SendNotice(at, INSURER, identity(SEED, number).ins, Channel.EMAIL)


def commands(people: int) -> Iterator[Command]:
    """Yield, for each person, what is accepted and what is refused, refusals of nobody too."""
    for number in range(people):
        yield affiliation(number)
        yield affiliation(number)
        yield notice(number)
        yield notice(number + people)
