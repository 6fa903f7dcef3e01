"""What a counterexample captures of the answers before it, wherever a later call names it."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pytest

from etalon_conformance.evidence.capturing import Captures
from etalon_conformance.evidence.plan import mark
from etalon_conformance.exchanges import Exchange
from etalon_target.messages import HttpRequest, HttpResponse
from etalon_target.secrecy import Redaction
from etalon_wire.json_body import write_json

if TYPE_CHECKING:
    from etalon_wire.json_body import Json

ADDRESS: Final = "99710000037@medecin.etalon-test.mssante.fr"
METADATA: Final = "https://interop.esante.gouv.fr/ig/StructureDefinition/as-ext-mailbox"
LINK: Final = "https://server.test/fhir/Practitioner?identifier=https://rpps|99710000037"
ENTRY: Final[dict[str, "Json"]] = {
    "resourceType": "Bundle",
    "link": [{"relation": "self", "url": LINK}],
    "entry": [
        {
            "fullUrl": "https://server.test/fhir/Practitioner/practitioner-7",
            "resource": {
                "resourceType": "Practitioner",
                "id": "practitioner-7",
                "telecom": [
                    {"value": ADDRESS, "extension": [{"url": METADATA, "valueString": "org-1234"}]}
                ],
            },
        }
    ],
}
MAILBOX: Final = mark("value_1")


@pytest.fixture
def captures() -> Captures:
    """Captures that know one answer of the directory."""
    known = Captures(Redaction())
    headers = (("content-type", "application/fhir+json"),)
    answer = HttpResponse(200, headers, write_json(ENTRY), 0.1, LINK)
    request = HttpRequest("GET", "https://server.test/fhir/Practitioner", ())
    known.told(Exchange(1, datetime(2026, 1, 1, tzinfo=UTC), None, request, answer))
    return known


SENT: Final = {
    "a FHIRPath in a body": (
        f"\"Practitioner.telecom.where(value='{ADDRESS}').value\"",
        f"\"Practitioner.telecom.where(value='{MAILBOX}').value\"",
        False,
    ),
    "a FHIRPath with the escapes of JSON": (
        rf'"where(value=\"{ADDRESS}\")"',
        rf'"where(value=\"{MAILBOX}\")"',
        False,
    ),
    "a body": (f'{{"value":"mailto:{ADDRESS}"}}', f'{{"value":"mailto:{MAILBOX}"}}', False),
    "a parameter": (
        f"?mailbox-mss={ADDRESS.replace('@', '%40')}",
        f"?mailbox-mss={mark('value_1', 'quoted')}",
        True,
    ),
    "an identifier in a FHIRPath": (
        "where(reference='Practitioner/practitioner-7')",
        f"where(reference='Practitioner/{mark('id_1')}')",
        False,
    ),
}
"""What is sent, with what marks, and whether values may be percent-encoded there."""


@pytest.mark.parametrize(("sent", "marked", "encoded"), SENT.values(), ids=SENT.keys())
def test_a_value_that_an_answer_gave_is_captured_wherever_a_call_names_it(
    sent: str, marked: str, captures: Captures, *, encoded: bool
) -> None:
    """Inside a text of a body as in an address."""
    assert captures.sends(sent) == []
    assert captures.marked(sent, encoded=encoded) == marked
    places = [place for one in captures.used["1"] for place in one.places]
    assert places


@pytest.mark.parametrize(
    "text", [f"extension('{METADATA}')", "identifier=https://rpps|99710000037"]
)
def test_what_the_specification_or_the_caller_named_is_not_captured(
    text: str, captures: Captures
) -> None:
    """Neither the name of an extension, nor what was searched for where a link repeats it."""
    captures.sends(text)
    assert captures.marked(text) == text
