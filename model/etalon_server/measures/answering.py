"""How the measures interface refuses, in its own words."""

from dataclasses import replace

from etalon_model import Refusal
from etalon_server.exchange import Answer, Desk, Refused, Request, answer_resource
from etalon_wire.measures.outcomes import documented, measure_outcome
from etalon_wire.measures.searching import MeasureSearch
from etalon_wire.operation_outcomes import status_of


def answer_refused(
    request: Request,
    desk: Desk,
    refusal: Refusal,
    solution: str,
    search: MeasureSearch | None = None,
) -> Answer:
    """Answer why the model refuses a call, with the identifier of the request (W-MEA-03).

    Raises:
        Refused: The interface has no words for it.
    """
    if refusal.code not in documented():
        raise Refused(replace(refusal, ins=""))
    outcome = measure_outcome(refusal, solution, search)
    first = {"resourceType": outcome.pop("resourceType"), "id": request.request_id}
    return answer_resource(request, desk, first | outcome, status_of(refusal, desk.mode))
