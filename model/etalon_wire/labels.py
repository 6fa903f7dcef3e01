"""Security labels of a document: the codes they bear, and what replacing the first one means.

The official patches replace `/securityLabel/0` whatever stands there. Read to the letter, masking
would take away the level of confidentiality, and unmasking would need to know the order of the
labels; decision 0071 gives the reading.

Sources: PDSm4DMP, TD3.3a and TD3.3b; JDV_J08 and JDV_J58 of the NOS.
"""

from typing import Final

from etalon_model.records.confidentiality import BASE_LEVELS, VISIBILITY_CODES
from etalon_wire.json_body import Json

V3_CONFIDENTIALITY: Final = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
LEVELS: Final = (
    "https://mos.esante.gouv.fr/NOS/TRE_A08-HL7Confidentiality/FHIR/TRE-A08-HL7Confidentiality"
)
VISIBILITY: Final = (
    "https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument"
    "/FHIR/TRE-A07-StatutVisibiliteDocument"
)
_SYSTEMS: Final[dict[str, frozenset[str]]] = {
    **dict.fromkeys(BASE_LEVELS, frozenset({V3_CONFIDENTIALITY, LEVELS})),
    **dict.fromkeys(VISIBILITY_CODES, frozenset({VISIBILITY})),
}


def security_code(label: Json) -> str | None:
    """Return the code that one label bears, or None when it bears none of its value set."""
    codings = label.get("coding") if isinstance(label, dict) else None
    if not isinstance(codings, list):
        return None
    codes = {
        code
        for coding in codings
        if isinstance(coding, dict)
        and isinstance(code := coding.get("code"), str)
        and isinstance(system := coding.get("system"), str)
        and system in _SYSTEMS.get(code, frozenset())
    }
    return codes.pop() if len(codes) == 1 else None


def security_codes(labels: Json) -> tuple[str, ...] | None:
    """Return the codes of all the labels, each once, or None when one bears none."""
    codes = [security_code(label) for label in labels] if isinstance(labels, list) else [None]
    known = tuple(dict.fromkeys(code for code in codes if code is not None))
    return known if known and None not in codes else None


def relabelled(labels: list[Json], label: Json) -> list[Json]:
    """Return the labels after the first was replaced, in the reading of decision 0071.

    A code of visibility joins the others. A level takes the place of the level that stood there;
    `N`, with which the official patches make a document visible again, also takes away the first
    code of visibility. Any other label takes the first place as it is, for the caller to refuse.
    """
    code = security_code(label)
    if code in VISIBILITY_CODES:
        return [*(one for one in labels if security_code(one) != code), label]
    if code not in BASE_LEVELS:
        return [label, *labels[1:]]
    kept = [one for one in labels if security_code(one) not in BASE_LEVELS]
    standing = [security_code(one) for one in kept]
    shown = next((one for one in VISIBILITY_CODES if code == "N" and one in standing), None)
    return [label, *(one for one in kept if shown is None or security_code(one) != shown)]
