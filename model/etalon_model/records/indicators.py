"""Indicators of feeding: duties of professionals that the service measures and does not enforce.

Sources: CSP art. L. 1111-15 (the attending doctor keeps a synthesis up to date, once a year at
least).
Reading: a medical synthesis deposited by the attending doctor counts, whatever became of it; the
year runs back from the instant asked about. The other duties of the article (at each act, at
discharge, by secure mail) leave nothing in a record that would show what was not sent.
"""

from datetime import datetime
from typing import Final

from etalon_model.people import Person
from etalon_model.periods import Period
from etalon_model.records.nomenclature import LIMITS
from etalon_model.records.record import documents_of
from etalon_model.rights.rights import is_attending
from etalon_model.rules import enforces

_SYNTHESES: Final = frozenset({"60591-5", "SYNTH"})
_A_YEAR: Final = Period("P1Y")


@enforces("REC-30")
def lacks_synthesis(person: Person, at: datetime) -> bool:
    """Whether the attending doctor deposited too few syntheses in the year before `at` (UTC).

    Somebody without an attending doctor lacks none.
    """
    holdings = person.holdings
    if holdings is None or holdings.rights is None or not holdings.rights.attending:
        return False
    since = _A_YEAR.before(at)
    kept = sum(
        document.kind.code in _SYNTHESES
        and since <= document.deposited_at <= at
        and is_attending(person, document.depositor.ident)
        for document in documents_of(person).values()
    )
    return kept < LIMITS["syntheses_per_year"]
