"""Before the first check: whether what answers is a server of FHIR at all."""

from typing import Final

from etalon_target.messages import Answer, HttpRequest, HttpResponse, NotJson
from etalon_target.targets import Target
from etalon_wire.malformed import Malformed
from etalon_wire.xml_body import read_xml

_PROBE: Final = HttpRequest("GET", "/DocumentReference", (("Accept", "application/fhir+json"),))


def strangeness(target: Target) -> str:
    """Return why a target is no server of FHIR, or an empty string when it may be one.

    Its description is looked at, then the answer to a search without a token: one resource of
    FHIR among them is enough, an error as well. Whatever is wrong with it beyond that is for the
    checks to find.
    """
    if target.metadata is not None and _is_resource(target.metadata):
        return ""
    answer = target.send(_PROBE)
    if _is_resource(answer):
        return ""
    described = target.metadata if target.metadata is not None else answer
    return f"{target.fhir_base}/metadata: no resource of FHIR, but {_told(described)}"


def _is_resource(answer: Answer) -> bool:
    if not isinstance(answer, HttpResponse):
        return False
    if "xml" in answer.header("content-type"):
        try:
            return "resourceType" in read_xml(answer.body)
        except Malformed:
            return False
    read = answer.json()
    return not isinstance(read, NotJson) and isinstance(read, dict) and "resourceType" in read


def _told(answer: Answer) -> str:
    if not isinstance(answer, HttpResponse):
        return f"{answer.kind}: {answer.detail}"
    media_type = answer.header("content-type").partition(";")[0] or "no media type"
    return f"HTTP {answer.status}, {media_type}, {len(answer.body)} bytes"
