"""Where and when the service exists: the pilot départements first, then the whole country.

Sources: law and press (1 January 2022); press and TICsanté (31, 44 and 80).
"""

from datetime import datetime

from etalon_model.outcomes import Refusal
from etalon_model.parameters import Parameters
from etalon_model.people import Person
from etalon_model.periods import paris_date
from etalon_model.rules import enforces


@enforces("LIF-01")
def refuse_out_of_scope(parameters: Parameters, person: Person, at: datetime) -> Refusal | None:
    """Refuse a notice where the service does not exist yet; without one no space is opened."""
    if is_in_scope(parameters, person.identity.department, at):
        return None
    return Refusal("LIF-01", "OUT_OF_SCOPE", person.identity.ins, (person.identity.department, at))


def is_in_scope(parameters: Parameters, department: str, at: datetime) -> bool:
    """Whether the service exists in `department` on the Paris day of `at`."""
    day = paris_date(at)
    if day >= parameters.national_start_on:
        return True
    return department in parameters.pilot_departments and day >= parameters.pilot_start_on
