"""A professional mailbox as FHIR writes it: an element of whoever bears it, and no resource.

Its type and whether it is on the red list stand in an extension. The draft guide says that the
address and the type of a mailbox do not change.

Sources: ANS, boîtes aux lettres MSSanté 0.1.0 (draft), Annuaire Santé (`as-mailbox-mss`); FR Core
(type of an e-mail). Readings: the kind of e-mail is a code of TRE_R256 and the type of a mailbox
one of TRE_R257, where the examples of the guide take one for the other; what the draft says of
whoever is responsible for a mailbox is not kept.
"""

from dataclasses import dataclass
from typing import Final

from etalon_model.messaging.correspondents import Correspondent, MailboxType
from etalon_wire.json_body import Json, Resource
from etalon_wire.malformed import REQUIRED, STRUCTURE, VALUE, Malformed
from etalon_wire.validation.reading import part, parts, text

EMAIL_TYPE: Final = (
    "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-contact-point-email-type"
)
METADATA: Final = (
    "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/"
    "as-ext-mailbox-mss-metadata"
)
EMAIL_TYPES: Final = (
    "https://mos.esante.gouv.fr/NOS/TRE_R256-TypeMessagerie/FHIR/TRE-R256-TypeMessagerie"
)
MAILBOX_TYPES: Final = "https://mos.esante.gouv.fr/NOS/TRE_R257-TypeBAL/FHIR/TRE-R257-TypeBAL"
_RED_LIST: Final = "listeRouge"
_TYPE: Final = "type"


@dataclass(frozen=True, slots=True)
class Written:
    """A mailbox as a `telecom` says it.

    Attributes:
        address: Its address.
        type: Its type.
        red_listed: It is not to be published.
    """

    address: str
    type: MailboxType
    red_listed: bool


def telecom_of(mailbox: Correspondent, rank: int) -> Resource:
    """Return the `telecom` of a mailbox; a rank of 1 is that of the preferred one."""
    kind: Json = {"coding": [{"system": MAILBOX_TYPES, "code": mailbox.type.value}]}
    return {
        "extension": [
            {"url": EMAIL_TYPE, "valueCoding": {"system": EMAIL_TYPES, "code": "MSSANTE"}},
            {
                "url": METADATA,
                "extension": [
                    {"url": _TYPE, "valueCodeableConcept": kind},
                    {"url": _RED_LIST, "valueBoolean": mailbox.red_listed},
                ],
            },
        ],
        "system": "email",
        "value": mailbox.address,
        "rank": rank,
    }


def mailbox_in(telecom: Json, at: str) -> Written:
    """Return the mailbox that a `telecom` says.

    Args:
        telecom: The element.
        at: Where it stands, as FHIRPath.

    Raises:
        Malformed: It is no mailbox of the trust space, or has no type.
    """
    if not isinstance(telecom, dict) or text(telecom, "system") != "email":
        raise Malformed(VALUE, at, "a telecom here is a mailbox: its system is email")
    address = text(telecom, "value")
    if not address:
        raise Malformed(REQUIRED, f"{at}.value", "a mailbox has its address as value")
    nothing: Resource = {}
    extensions = (one for one in parts(telecom, "extension") if text(one, "url") == METADATA)
    said = next(extensions, nothing)
    inner: Resource = {text(one, "url"): one for one in parts(said, "extension")}
    return Written(address, _type(part(inner, _TYPE), at), _flag(part(inner, _RED_LIST), at))


def _type(said: Resource, at: str) -> MailboxType:
    """Return the type; a bare code, as the examples of the draft have it, is understood too."""
    codes = [
        text(one, "code")
        for one in parts(part(said, "valueCodeableConcept"), "coding")
        if text(one, "system") == MAILBOX_TYPES
    ]
    found = codes[0] if codes else text(said, "valueCode")
    if found not in set(MailboxType):
        message = f"the type of the mailbox is asked, in {METADATA}: {', '.join(MailboxType)}"
        raise Malformed(VALUE, f"{at}.extension", message)
    return MailboxType(found)


def _flag(said: Resource, at: str) -> bool:
    found = said.get("valueBoolean", False)
    if not isinstance(found, bool):
        message = f"{_RED_LIST} is true or false, as valueBoolean"
        raise Malformed(STRUCTURE, f"{at}.extension", message)
    return found
