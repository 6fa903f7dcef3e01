"""What the busiest launch of a decision takes in machines, from what was measured of one."""

from collections.abc import Sequence
from typing import Final

from etalon_load.capacity_file import MeasuredCapacity
from etalon_load.decision_file import Case
from etalon_load.national import Figure, Sizing, sized

_MINUTE: Final = 60
_MEASURED: Final = {"fr": "etalon load capacity", "en": "etalon load capacity"}
_SIMULATED: Final = {
    "fr": "minute la plus chargée (5 %, médiane, 95 %) et requêtes par parcours de la mesure",
    "en": "busiest minute (5%, median, 95%) and requests a journey when measured",
}


def sizing_of_peak(cases: Sequence[Case], capacity: MeasuredCapacity) -> Sizing | None:
    """Reckon what the busiest launch takes; None when the server's CPU or journeys are not known.

    Args:
        cases: The launches.
        capacity: What was measured, with the CPU of an answer and the answers of a journey.

    Raises:
        CapacityError: What was measured is none.
    """
    each, answers = capacity.cpu_seconds_per_answer, capacity.answers_per_journey
    busiest = max((case.decision.busiest for case in cases), key=lambda three: three[-1])
    if not each or not answers or not busiest[0] > 0:
        return None
    low, middle, high = (count / _MINUTE * answers for count in busiest)
    requests = Figure("requests", low, middle, high, "requests/s", "derived", _SIMULATED)
    cpu = Figure("cpu_seconds", each, each, each, "s", "measured", _MEASURED)
    return sized(requests, cpu, sent_per_core=_sent_per_core(capacity))


def _sent_per_core(capacity: MeasuredCapacity) -> Figure | None:
    each = capacity.own_cpu_seconds_per_answer
    if not each:
        return None
    rate = 1 / each
    return Figure("sent_per_core", rate, rate, rate, "requests/s", "measured", _MEASURED)
