"""A measure as a service sends it: a transaction with one Observation and at most one Device.

What the interface documents as an error is left to the model, which knows its order. What no list
of errors names is told as findings: they count once the model would let the measure in.

Sources: measures API v1.5.2, 2.2 (IHE PCH-01); HL7 PHD, PhdDevice. Readings: a bundle that is no
transaction is as wrong as its resources; `fullUrl` of the observation is asked for, as the text
says that FHIR asks it; a mean blood pressure is kept and does not count as a value.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from etalon_model.catalogue.measure_checks import BundleEntry, DeviceDraft, MeasureDraft
from etalon_model.catalogue.measures import KINDS, Measure
from etalon_wire.findings import Finding
from etalon_wire.json_body import Json, Resource
from etalon_wire.malformed import Malformed
from etalon_wire.measures.kinds import (
    DAYS,
    MOMENT,
    OTHER_DAYS,
    REASON,
    UCUM,
    days_of_codes,
    profile_addresses,
    renamed,
    wire_kinds,
)
from etalon_wire.opaque_identity import id_pe_in
from etalon_wire.records.codings import code_in
from etalon_wire.records.instants import instant_of
from etalon_wire.validation.reading import part, parts, text

_OID: Final = "urn:oid:"
_URN: Final = "urn:uuid:"
_BARE: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_OBSERVATION: Final = "Observation"
_DEVICE: Final = "Device"


@dataclass(slots=True)
class Feed:
    """What a service sends.

    Attributes:
        entries: The bundle, as the model takes it.
        bundle: The bundle, addresses of the older guide brought up to date.
        observation: The one measure in it, or None when there is not exactly one.
        device: The one device in it, likewise.
        findings: What is wrong that the interface documents no error for.
    """

    entries: tuple[BundleEntry, ...]
    bundle: Resource
    observation: Resource | None = None
    device: Resource | None = None
    findings: list[Finding] = field(default_factory=list[Finding])

    @property
    def measure(self) -> Measure | None:
        """The measure as it will be kept, its device left out; None when there is not one."""
        drafts = [entry.measure for entry in self.entries if entry.measure is not None]
        return measure_of(drafts[0]) if len(drafts) == 1 else None

    @property
    def condition(self) -> str:
        """What identifies its device, or an empty string without one."""
        return next((entry.device.condition for entry in self.entries if entry.device), "")


def read_entered(resource: Resource, place: str) -> tuple[Resource, MeasureDraft, list[Finding]]:
    """Return what somebody enters by hand: one Observation, without a source or a device.

    Args:
        resource: The Observation; it may leave its profile out.
        place: Where it stands, as FHIRPath.

    Returns:
        The Observation with the profile of its kind, what it says, and what is wrong with it.
    """
    found: list[Finding] = []
    held = _observation_up_to_date(resource)
    code = code_in(parts(part(held, "code"), "coding"), KINDS)
    if code in wire_kinds() and not _profile(held):
        held["meta"] = {**part(held, "meta"), "profile": [wire_kinds()[code].profile]}
    return held, _measure(held, place, "", found), found


def measure_of(draft: MeasureDraft) -> Measure:
    """Return what is kept of a draft, its device left out."""
    values = tuple(value for _, value in draft.components)
    return Measure(
        draft.code,
        draft.taken_at,
        values if draft.value is None else (draft.value,),
        draft.source,
        draft.moment,
        draft.days,
        draft.comment,
    )


def read_feed(resource: Resource, solution: str) -> Feed:
    """Return what a bundle sends.

    Args:
        resource: What came; anything but a Bundle is no bundle.
        solution: Object identifier of the solution that sends it.
    """
    if resource.get("resourceType") != "Bundle":
        return Feed((), resource)
    bundle = _up_to_date(resource)
    feed = Feed((), bundle)
    if text(bundle, "type") != "transaction":
        feed.findings.append(_wrong("Bundle.type", "a measure is sent in a transaction"))
    entries = parts(bundle, "entry")
    addresses = {text(part(one, "device"), "reference") for one in _of_kind(entries, _OBSERVATION)}
    feed.entries = tuple(
        _entry(entry, rank, solution, addresses, feed.findings)
        for rank, entry in enumerate(entries)
    )
    observations, devices = _of_kind(entries, _OBSERVATION), _of_kind(entries, _DEVICE)
    feed.observation = observations[0] if len(observations) == 1 else None
    feed.device = devices[0] if len(devices) == 1 else None
    return feed


def _of_kind(entries: list[Resource], kind: str) -> list[Resource]:
    held = [part(entry, "resource") for entry in entries]
    return [one for one in held if one.get("resourceType") == kind]


def _up_to_date(bundle: Resource) -> Resource:
    """Return a bundle whose observations name profiles and extensions as today.

    A `fullUrl` that is a bare UUID, as in the examples of the interface, becomes an address.
    """
    entries = bundle.get("entry")
    if not isinstance(entries, list):
        return bundle
    return {**bundle, "entry": [_entry_up_to_date(entry) for entry in entries]}


def _entry_up_to_date(entry: Json) -> Json:
    held = part(entry, "resource") if isinstance(entry, dict) else {}
    if not isinstance(entry, dict) or held.get("resourceType") != _OBSERVATION:
        return entry
    changed: Resource = {**entry, "resource": _observation_up_to_date(held)}
    address = text(entry, "fullUrl")
    if _BARE.fullmatch(address):
        changed["fullUrl"] = f"{_URN}{address}"
    return changed


def _observation_up_to_date(held: Resource) -> Resource:
    changed: Resource = dict(held)
    meta = part(held, "meta")
    profiles = meta.get("profile")
    if isinstance(profiles, list):
        named: list[Json] = [_renamed(one) for one in profiles]
        changed["meta"] = {**meta, "profile": named}
    extensions = held.get("extension")
    if isinstance(extensions, list):
        changed["extension"] = [
            {**one, "url": _renamed(one.get("url"))} if isinstance(one, dict) else one
            for one in extensions
        ]
    return changed


def _renamed(address: Json) -> Json:
    return renamed().get(address, address) if isinstance(address, str) else address


def _entry(
    entry: Resource, rank: int, solution: str, addresses: set[str], findings: list[Finding]
) -> BundleEntry:
    held, asked = part(entry, "resource"), part(entry, "request")
    kind, place = text(held, "resourceType"), f"Bundle.entry[{rank}]"
    full_url = text(entry, "fullUrl")
    if text(asked, "url") != kind:
        findings.append(_wrong(f"{place}.request.url", f"say what is created: {kind}"))
    if kind == _OBSERVATION:
        if not full_url:
            findings.append(_wrong(f"{place}.fullUrl", "the observation has no fullUrl"))
        draft = _measure(held, f"{place}.resource", solution, findings)
        return BundleEntry(kind, text(asked, "method"), full_url, measure=draft)
    if kind == _DEVICE:
        # The address by which the observation may name it: that of the bundle, or its own.
        own = f"{_DEVICE}/{text(held, 'id')}"
        address = full_url if full_url and full_url in addresses else own
        device = DeviceDraft(_profile(held), text(asked, "ifNoneExist"))
        _check_condition(held, device.condition, place, findings)
        return BundleEntry(kind, text(asked, "method"), address, device=device)
    return BundleEntry(kind or "?", text(asked, "method"), full_url)


def _check_condition(held: Resource, condition: str, place: str, findings: list[Finding]) -> None:
    """The condition is that there be no device with an identifier of this one."""
    own = {f"identifier={text(o, 'system')}|{text(o, 'value')}" for o in parts(held, "identifier")}
    if condition and own and condition not in own:
        message = "the condition names another identifier than the device bears"
        findings.append(_wrong(f"{place}.request.ifNoneExist", message))


def _measure(held: Resource, place: str, solution: str, findings: list[Finding]) -> MeasureDraft:
    meta = part(held, "meta")
    code = code_in(parts(part(held, "code"), "coding"), KINDS)
    profile = _profile(held)
    if profile and profile not in profile_addresses():
        message = f"{profile[:120]!r} is none of the eleven profiles of measures"
        findings.append(_wrong(f"{place}.meta.profile[0]", message))
    value, components = _values(held, code, place, findings)
    return MeasureDraft(
        profile=profile,
        source=text(meta, "source").removeprefix(_OID) or solution,
        code=code,
        subject=_subject(held, solution),
        taken_at=_taken_at(held, place, findings),
        value=value,
        components=components,
        device=text(part(held, "device"), "reference"),
        moment=_moment(held),
        days=_days(held, place, findings),
        comment=text(extension(held, REASON), "valueString"),
    )


def _profile(held: Resource) -> str:
    profiles = part(held, "meta").get("profile")
    named = [one for one in profiles if isinstance(one, str)] if isinstance(profiles, list) else []
    known = [one for one in named if one in profile_addresses()]
    return next(iter([*known, *named]), "")


def _subject(held: Resource, solution: str) -> str:
    """Return the idPe that a measure names; what another authority assigned is nobody's."""
    identifier = part(part(held, "subject"), "identifier")
    system, value = text(identifier, "system"), text(identifier, "value")
    if not value:
        return ""
    named = f"{system}|{value}" if system else value
    return id_pe_in(solution, named) or named


def _taken_at(held: Resource, place: str, findings: list[Finding]) -> datetime:
    at = f"{place}.effectiveDateTime"
    try:
        return instant_of(text(held, "effectiveDateTime"), at)
    except Malformed as wrong:
        findings.append(_wrong(at, wrong.message))
        return _NEVER


def _values(
    held: Resource, code: str, place: str, findings: list[Finding]
) -> tuple[float | None, tuple[tuple[str, float], ...]]:
    """Return the value of a measure, and those of the components that its kind is made of."""
    value = _value(part(held, "valueQuantity"), code, f"{place}.valueQuantity", findings)
    kind = KINDS.get(code)
    wanted = () if kind is None else kind.components
    found: dict[str, float] = {}
    for rank, one in enumerate(parts(held, "component")):
        named = code_in(parts(part(one, "code"), "coding"), dict.fromkeys(wanted))
        at = f"{place}.component[{rank}].valueQuantity"
        quantity = _value(part(one, "valueQuantity"), code, at, findings)
        if named in wanted and quantity is not None:
            found.setdefault(named, quantity)
    return value, tuple((name, found[name]) for name in wanted if name in found)


def _value(quantity: Resource, code: str, place: str, findings: list[Finding]) -> float | None:
    """Return a quantity in the unit of the model; one in a unit that is not known is told."""
    number = quantity.get("value")
    if isinstance(number, bool) or not isinstance(number, int | Decimal):
        return None
    kind = wire_kinds().get(code)
    if kind is None:
        return float(number)
    unit = kind.units.get(text(quantity, "code"))
    if unit is None or text(quantity, "system") != UCUM:
        known = ", ".join(kind.units)
        findings.append(_wrong(f"{place}.code", f"give the unit as a code of UCUM: {known}"))
        return float(number)
    return float(Decimal(number) * unit.scale + unit.offset)


def extension(held: Resource, url: str) -> Resource:
    """Return the extension of an address, empty when there is none."""
    for one in parts(held, "extension"):
        if text(one, "url") == url:
            return one
    return {}


def _moment(held: Resource) -> str:
    """Return the moment a measure was taken at: a code, or words."""
    said = extension(held, MOMENT)
    concept = part(said, "valueCodeableConcept")
    code = code_in(parts(concept, "coding"))
    return code or text(concept, "text") or text(said, "valueString") or ("?" if said else "")


def _days(held: Resource, place: str, findings: list[Finding]) -> int | None:
    said = extension(held, DAYS)
    if not said:
        return None
    code = code_in(parts(part(said, "valueCodeableConcept"), "coding"), days_of_codes())
    if code not in days_of_codes():
        known = ", ".join(days_of_codes())
        findings.append(_wrong(f"{place}.extension", f"the number of days is one of {known}"))
    return days_of_codes().get(code, OTHER_DAYS)


def _wrong(place: str, message: str) -> Finding:
    return Finding("error", "invalid", place, "W-MEA-01", message)


def unreadable(feed: Feed) -> tuple[BundleEntry, ...]:
    """Return the entries of a bundle whose measure is not to be taken: the model says no."""
    return tuple(
        BundleEntry(entry.resource, entry.method, entry.full_url) for entry in feed.entries
    )
