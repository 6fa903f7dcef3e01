"""Rules about identifiers: matricule INS, OID and UUID, and the two invariants of FR Core.

Sources: FR Core (fr-core-patient-ins), guide of the INS, IHE MHD (identifiers), RFC 9562.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from etalon_model.identifiers import InsOid, fits_oid, is_matricule
from etalon_wire.json_body import Resource
from etalon_wire.validation.flaws import Scope
from etalon_wire.validation.reading import part, parts, text
from etalon_wire.validation.resource_rules import holds

Breaches = Sequence[tuple[str, str]]
_OIDS: Final = {f"urn:oid:{oid.value}": oid.value for oid in InsOid}
_RELIABILITY: Final = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability"
_SOCIAL_SECURITY: Final = "NH"
_URI: Final = re.compile(
    r"(?!urn:(?:uuid|oid):)[A-Za-z][A-Za-z0-9+.\-]*:\S+|urn:oid:[0-2](\.(0|[1-9][0-9]*))+|"
    r"urn:uuid:[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
)


def _key(value: Resource, _scope: Scope) -> Breaches:
    """W-COM-05. The billing number shares the object identifier of the NIR: its type says so."""
    system = value.get("system")
    oid = _OIDS.get(system) if type(system) is str else None
    if oid is None:
        return ()
    codes = {text(coding, "code") for coding in parts(part(value, "type"), "coding")}
    matricule = text(value, "value")
    if not matricule or _SOCIAL_SECURITY in codes:
        return ()
    if is_matricule(matricule) and fits_oid(matricule, oid):
        return ()
    return [(".value", "its characters, its key or its kind are not right")]


def _under_rfc3986(value: Resource, _scope: Scope) -> Breaches:
    if value.get("system") != "urn:ietf:rfc:3986":
        return ()
    written = text(value, "value")
    if not written or _URI.fullmatch(written) is not None:
        return ()
    return [(".value", f"{written[:80]!r}")]


def _starts(prefix: str) -> Callable[[Resource, Scope], Breaches]:
    def rule(value: Resource, _scope: Scope) -> Breaches:
        written = text(value, "value")
        return () if not written or written.startswith(prefix) else [(".value", "")]

    return rule


def _is_validated(patient: Resource) -> bool:
    return any(
        text(part(status, "valueCoding"), "code") == "VALI"
        for extension in parts(patient, "extension")
        if extension.get("url") == _RELIABILITY
        for status in parts(extension, "extension")
        if status.get("url") == "identityStatus"
    )


def _has_temporary(patient: Resource) -> bool:
    nia = f"urn:oid:{InsOid.NIA}"
    return any(
        item.get("system") == nia and item.get("use") == "temp"
        for item in parts(patient, "identifier")
    )


def _has_matricule(patient: Resource) -> bool:
    official = {system for system, oid in _OIDS.items() if oid != InsOid.NIA}
    return _has_temporary(patient) or any(
        text(item, "system") in official and item.get("use") == "official"
        for item in parts(patient, "identifier")
    )


def _has_one_official(patient: Resource) -> bool:
    uses = [item.get("use") for item in parts(patient, "identifier")]
    return uses.count("official") == 1 or _has_temporary(patient)


IDENTITY_RULES: Final[Mapping[str, Callable[[Resource, Scope], Breaches]]] = {
    "ins-key": _key,
    "rfc3986-value": _under_rfc3986,
    "mhd-startswithoid": _starts("urn:oid:"),
    "mhd-startswithuuid": _starts("urn:uuid:"),
    "fr-core-1": holds(lambda value: not _is_validated(value) or _has_matricule(value)),
    "fr-core-2": holds(lambda value: not _is_validated(value) or _has_one_official(value)),
}
