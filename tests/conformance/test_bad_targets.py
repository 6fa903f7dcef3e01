"""Targets that turn bad behind a right description: no check takes what they say for a pass."""

import json
from functools import cache
from typing import TYPE_CHECKING

import pytest

from etalon_cli.inside import Inside
from etalon_conformance.planning import Choice, planned
from etalon_conformance.races import stage
from etalon_conformance.running import RunOrder, run
from etalon_conformance.verdict_file import Circumstances, judgement
from etalon_conformance.verdicts import Verdict
from etalon_target.messages import Answer, HttpRequest, HttpResponse
from etalon_target.targets import Options, target_of
from etalon_wire.validation.validator import Validator

if TYPE_CHECKING:
    from etalon_conformance.concluding import Examined


def entry(**resource: object) -> dict[str, object]:
    """An entry of a search, of somebody that no check knows."""
    somebody = {"identifier": {"system": "urn:oid:1.2.250.1.213.1.4.10", "value": "1"}}
    return {"resource": {"id": "x", "status": "current", "subject": somebody, **resource}}


SOMEBODY_ELSES = {
    "resourceType": "Bundle",
    "type": "searchset",
    "total": 1,
    "entry": [entry(resourceType="DocumentReference", content=[{"attachment": {"url": "B/1"}}])],
}
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "x"}]}

BAD: dict[str, tuple[int, object]] = {
    "gives somebody else's data to everybody": (200, SOMEBODY_ELSES),
    "gives nothing to anybody": (200, {}),
    "refuses everything": (403, OUTCOME),
    "fails at everything": (500, OUTCOME),
}


class Treacherous:
    """The reference, which describes itself and keeps its sandbox, and answers one thing else."""

    def __init__(self, status: int, body: object) -> None:
        self._reference = Inside(1, validator=_validator())
        self._status = status
        self._body = json.dumps(body).encode()

    def send(self, request: HttpRequest) -> Answer:
        """Answer."""
        if not is_bad(request):
            return self._reference.send(request)
        media_type = (("content-type", "application/fhir+json"),)
        return HttpResponse(self._status, media_type, self._body, 0.0, request.url)

    def close(self) -> None:
        """Close."""
        self._reference.close()


@cache
def _validator() -> Validator:
    return Validator()


def is_bad(request: HttpRequest) -> bool:
    """Whether such a target answers a request badly: tokens, sandbox and description are right."""
    path = request.url.partition("localhost")[2].partition("?")[0]
    return path.startswith("/fhir") and path != "/fhir/metadata"


@pytest.mark.parametrize(("status", "body"), BAD.values(), ids=list(BAD))
def test_a_target_that_turns_bad_passes_nothing(
    monkeypatch: pytest.MonkeyPatch, status: int, body: object
) -> None:
    """No verdict that rests on a bad answer is a pass; and it is no fault of ours either."""
    # Such a target never comes round: races would wait for it scene after scene.
    for name in ("_FIRST_WAIT", "_LAST_WAIT"):
        monkeypatch.setattr(stage, name, 0.001)
    examined: dict[str, Examined] = {}
    order = RunOrder(
        plan=planned(Choice(suite="whole-service")),
        workers=2,
        kept=lambda one: examined.update({one.check.name: one}),
    )
    with target_of("inprocess", Options(inprocess=lambda: Treacherous(status, body))) as target:
        outcome = run(order, target)
    passed = {
        f"{one.requirement} {one.check}"
        for one in outcome.results
        if one.verdict is Verdict.PASS
        and any(is_bad(examined[one.check].exchanges[n - 1].request) for n in one.exchanges)
    }
    assert passed == set()
    assert [(one.check.name, repr(one.ended)) for one in outcome.faults] == []
    assert judgement(outcome, Circumstances(version="1")).exit_code in {1, 3}
