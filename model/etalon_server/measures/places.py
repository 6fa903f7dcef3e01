"""Where what was sent about measures is kept, beside the commands that brought it.

A measure has no number of its own in the model: it is found by what it says. Two that say the same
of one instant are one Observation twice, and the later one counts for both.
"""

from etalon_model.catalogue.measures import BODY_MASS_INDEX, Measure, Measures
from etalon_model.people import Person
from etalon_server.contents import key_of


def measure_key(ins: str, measure: Measure) -> bytes:
    """Return what the Observation of a measure is kept under."""
    values = " ".join(repr(value) for value in measure.values)
    said = (measure.code, measure.taken_at.isoformat(), values, measure.source)
    return key_of("measure", ins, *said, measure.moment, str(measure.days), measure.comment)


def device_key(ins: str, condition: str) -> bytes:
    """Return what a device is kept under: the condition that identifies it."""
    return key_of("device", ins, condition)


def measures_in(person: Person) -> Measures:
    """Return the measures of somebody; those of nobody else are ever among them."""
    held = person.holdings
    return Measures() if held is None or held.measures is None else held.measures


class Places:
    """Tells each measure of a space from every other one."""

    __slots__ = ("_computed", "_ranks")

    def __init__(self, measures: Measures) -> None:
        """Number the measures, in the order they came."""
        self._ranks = {id(measure): rank for rank, measure in enumerate(measures.rows)}
        self._computed: dict[Measure, int] = {}

    def of(self, measure: Measure) -> str:
        """Return the place of a measure; of a computed one, what it says and how often it came."""
        if measure.code == BODY_MASS_INDEX:
            self._computed[measure] = times = self._computed.get(measure, 0) + 1
            return f"{measure.code} {measure.taken_at.isoformat()} {measure.values[0]} {times}"
        return str(self._ranks[id(measure)])
