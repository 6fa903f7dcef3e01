"""What a service may send to be written, checked in the order the interface documents.

Source: measures API v1.5.2; ranks, states of HTTP and codes of the issues are in
`data/measure_errors.csv`. Checks that no list of errors names come last.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from etalon_model.catalogue.measures import (
    KINDS,
    MeasureKind,
    refuse_comment,
    refuse_extensions,
    refuse_instant,
    refuse_values,
)
from etalon_model.outcomes import Refusal
from etalon_model.policies import MeasureRanges
from etalon_model.rules import enforces

_CONDITION: Final = re.compile(r"identifier=urn:oid:[0-9]+(?:\.[0-9]+)+\|[^|\s]+")


@dataclass(frozen=True, slots=True)
class MeasureDraft:
    """A measure as a service sends it (Observation).

    Attributes:
        profile: Profile it claims (meta.profile).
        source: Identifier it is signed under (meta.source).
        code: Code of its kind.
        subject: Opaque identifier of the person.
        taken_at: When it was taken (UTC).
        value: The quantity, in the unit of the kind, or None.
        components: Codes and quantities of its components.
        device: Full address of the device in the bundle, or an empty string.
        moment: Moment of a blood glucose, or an empty string.
        days: Number of days it covers, or None.
        comment: A comment, or an empty string.
    """

    profile: str
    source: str
    code: str
    subject: str
    taken_at: datetime
    value: float | None = None
    components: tuple[tuple[str, float], ...] = ()
    device: str = ""
    moment: str = ""
    days: int | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class DeviceDraft:
    """A device as a service sends it.

    Attributes:
        profile: Profile it claims (meta.profile).
        condition: Condition of its creation (ifNoneExist).
    """

    profile: str
    condition: str


@dataclass(frozen=True, slots=True)
class BundleEntry:
    """One entry of what is sent.

    Attributes:
        resource: Its type.
        method: What is asked for; only POST creates.
        full_url: Its address in the bundle.
        measure: The measure, when it is one.
        device: The device, when it is one.
    """

    resource: str = "Observation"
    method: str = "POST"
    full_url: str = ""
    measure: MeasureDraft | None = None
    device: DeviceDraft | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A bundle taken apart, for the checks.

    Attributes:
        ins: The person concerned.
        at: When it was sent.
        solution: Identifier of the solution that sent it.
        entries: The bundle.
        measures: The measures in it.
        devices: Its devices, with their addresses.
        ranges: Policy on implausible values.
    """

    ins: str
    at: datetime
    solution: str
    entries: tuple[BundleEntry, ...]
    measures: tuple[MeasureDraft, ...]
    devices: tuple[tuple[str, DeviceDraft], ...]
    ranges: MeasureRanges

    @property
    def measure(self) -> MeasureDraft:
        """The one measure, once it is known to be one."""
        return self.measures[0]

    @property
    def kind(self) -> MeasureKind | None:
        """The kind of the one measure, or None when its code is unknown."""
        return KINDS.get(self.measure.code)


Check = Callable[[Sent], Refusal | None]


@enforces("MEA-01")
def _refuse_other_resources(sent: Sent) -> Refusal | None:
    for entry in sent.entries:
        part = {"Observation": entry.measure, "Device": entry.device}.get(entry.resource)
        if part is None or entry.method != "POST":
            facts = (entry.resource, entry.method)
            return Refusal("MEA-01", "NOT_AN_OBSERVATION", sent.ins, facts)
    return None


@enforces("MEA-02")
def _refuse_unconditional_device(sent: Sent) -> Refusal | None:
    if all(_CONDITION.fullmatch(device.condition) for _, device in sent.devices):
        return None
    return Refusal("MEA-02", "DEVICE_CONDITION_MISSING", sent.ins)


@enforces("MEA-01")
def _refuse_other_counts(sent: Sent) -> Refusal | None:
    if len(sent.measures) == 1 and len(sent.devices) <= 1:
        return None
    facts = (len(sent.measures), len(sent.devices))
    return Refusal("MEA-01", "ONE_OBSERVATION_NEEDED", sent.ins, facts)


@enforces("MEA-02")
def _refuse_unlinked_device(sent: Sent) -> Refusal | None:
    for address, _ in sent.devices:
        if not sent.measure.device:
            return Refusal("MEA-02", "DEVICE_REFERENCE_MISSING", sent.ins)
        if sent.measure.device != address:
            return Refusal("MEA-02", "DEVICE_NOT_LINKED", sent.ins)
    return None


@enforces("MEA-01")
def _refuse_without_profile(sent: Sent) -> Refusal | None:
    return None if sent.measure.profile else Refusal("MEA-01", "PROFILE_MISSING", sent.ins)


@enforces("MEA-08")
def _refuse_foreign_source(sent: Sent) -> Refusal | None:
    source = sent.measure.source
    if source == sent.solution or source.startswith(f"{sent.solution}."):
        return None
    return Refusal("MEA-08", "FOREIGN_SOURCE", sent.ins, (source,))


@enforces("MEA-04")
def _refuse_other_values(sent: Sent) -> Refusal | None:
    """One quantity, or the two components of a blood pressure and no quantity."""
    measure, kind = sent.measure, sent.kind
    wanted = () if kind is None else kind.components
    given = tuple(code for code, _ in measure.components)
    if given == wanted and (measure.value is None) is bool(wanted):
        return None
    return Refusal("MEA-04", "VALUE_MISSING", sent.ins, (measure.code,))


@enforces("MEA-03")
def _refuse_computed(sent: Sent) -> Refusal | None:
    if sent.kind is None or sent.kind.app_writes:
        return None
    return Refusal("MEA-03", "COMPUTED_MEASURE", sent.ins, (sent.kind.name,))


@enforces("MEA-09")
def _refuse_without_subject(sent: Sent) -> Refusal | None:
    return None if sent.measure.subject else Refusal("MEA-09", "SUBJECT_MISSING", sent.ins)


def _refuse_extensions(sent: Sent) -> Refusal | None:
    if sent.kind is None:
        return None
    return refuse_extensions(sent.ins, sent.kind, sent.measure.moment, sent.measure.days)


@enforces("MEA-02")
def _refuse_device_without_profile(sent: Sent) -> Refusal | None:
    if all(device.profile for _, device in sent.devices):
        return None
    return Refusal("MEA-02", "DEVICE_PROFILE_MISSING", sent.ins)


@enforces("MEA-01")
def _refuse_unknown(sent: Sent) -> Refusal | None:
    if sent.kind is None:
        return Refusal("MEA-01", "UNKNOWN_MEASURE", sent.ins, (sent.measure.code,))
    values = values_of(sent.measure)
    return (
        refuse_instant(sent.ins, sent.measure.taken_at, sent.at)
        or refuse_comment(sent.ins, sent.measure.comment)
        or refuse_values(sent.ins, sent.kind, values, sent.ranges)
    )


def values_of(measure: MeasureDraft) -> tuple[float, ...]:
    """Return the value of a measure, or those of its components in order."""
    if measure.value is not None:
        return (measure.value,)
    return tuple(value for _, value in measure.components)


CHECKS: Final[tuple[Check, ...]] = (
    _refuse_other_resources,
    _refuse_unconditional_device,
    _refuse_other_counts,
    _refuse_unlinked_device,
    _refuse_without_profile,
    _refuse_foreign_source,
    _refuse_other_values,
    _refuse_computed,
    _refuse_without_subject,
    _refuse_extensions,
    _refuse_device_without_profile,
    _refuse_unknown,
)
"""The checks, in the order the interface documents."""


def refuse_sent(sent: Sent) -> Refusal | None:
    """Return the first refusal, in the documented order."""
    for check in CHECKS:
        refusal = check(sent)
        if refusal is not None:
            return refusal
    return None
