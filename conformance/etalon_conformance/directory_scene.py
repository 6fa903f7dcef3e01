"""What checks of the directory do before they look: searches, and the mailbox of somebody."""

from typing import Final
from urllib.parse import urlencode

from etalon_conformance.bench import Bench
from etalon_conformance.exchanges import Exchange
from etalon_target.actors import Who
from etalon_target.cannot import CannotTest
from etalon_target.people import TestProfessional

RPPS: Final = "https://rpps.esante.gouv.fr"
MATCHES: Final = "entry[search.mode=match].resource"
ADDRESSES: Final = f"{MATCHES}.telecom.value"
"""Path to the addresses of who is found."""


def searched(bench: Bench, who: Who | None, kind: str, *criteria: tuple[str, str]) -> Exchange:
    """Search entries of a type."""
    return bench.call(who, "GET", f"{kind}?{urlencode(criteria)}")


def mailbox_of(bench: Bench, one: TestProfessional) -> str:
    """Return the address of the mailbox of a professional, as the directory publishes it.

    Raises:
        CannotTest: It publishes none.
    """
    page = searched(bench, one.who, "Practitioner", ("identifier", f"{RPPS}|{one.rpps}"))
    address = page.first(ADDRESSES)
    if "@" not in address:
        raise CannotTest(key="cause.no_mailbox", rpps=one.rpps)
    return address
