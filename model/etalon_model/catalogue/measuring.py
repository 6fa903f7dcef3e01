"""Writing and searching measures, by referenced services and by the holder.

Sources: measures API v1.5.2 (bundle, conditional device, two modes of search, pages of 50 and 100
at most); official application (the holder enters and reads measures).
Reading: measures are answered newest first; what a holder enters obeys the same extensions.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Final

from etalon_model.access import refuse_feature, refuse_operation
from etalon_model.access_log import Family
from etalon_model.catalogue.catalogue import Direction, ExchangeFamily, Use
from etalon_model.catalogue.exchange import AppCall, refuse_call, refuse_other_solution
from etalon_model.catalogue.measure_checks import BundleEntry, Sent, refuse_sent, values_of
from etalon_model.catalogue.measures import (
    KINDS,
    Measure,
    Measures,
    refuse_comment,
    refuse_extensions,
    refuse_instant,
    refuse_values,
)
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.periods import paris_date
from etalon_model.policies import MeasureRanges
from etalon_model.register import Register
from etalon_model.rules import enforces

DEFAULT_PAGE: Final = 50
LARGEST_PAGE: Final = 100

_CREATED: Final = 201
_FOUND: Final = 200


@dataclass(frozen=True, slots=True)
class WriteMeasure(AppCall):
    """Send a measure, with the device that took it or without.

    Attributes:
        bundle: What is sent: one measure and at most one device.
    """

    bundle: tuple[BundleEntry, ...]

    def detail(self) -> str:
        """Return the use."""
        return f"{Direction.WRITE.value} {ExchangeFamily.MEASURES.value} {self.purpose}"


@dataclass(frozen=True, slots=True)
class MeasureWritten:
    """What the writing of a measure answers.

    Attributes:
        measure: The measure kept.
        measure_status: State of HTTP of the measure.
        device_status: That of the device, or None without one.
    """

    measure: Measure
    measure_status: int
    device_status: int | None


@handles(WriteMeasure)
@enforces("MEA-01", "MEA-02")
def write_measure(register: Register, person: Person, command: WriteMeasure) -> Outcome:
    """Keep the measure; answer a `MeasureWritten`."""
    measures = tuple(entry.measure for entry in command.bundle if entry.measure is not None)
    subjects = {measure.subject for measure in measures} - {""}
    use = Use(command.purpose, ExchangeFamily.MEASURES, Direction.WRITE)
    named = None if not subjects else next(iter(subjects)) if len(subjects) == 1 else ""
    refusal = refuse_feature(register.parameters, command, "catalogue") or refuse_call(
        register, person, command, use, named
    )
    if refusal is not None:
        return refusal
    if not command.bundle:
        return Refusal("MEA-01", "NO_BUNDLE", command.ins)
    sent = Sent(
        command.ins,
        command.at,
        command.actor.ident,
        command.bundle,
        measures,
        tuple((entry.full_url, entry.device) for entry in command.bundle if entry.device),
        register.parameters.policies.measure_ranges,
    )
    return refuse_other_solution(command) or refuse_sent(sent) or _keep(person, sent)


def _keep(person: Person, sent: Sent) -> Outcome:
    kept = measures_of(person)
    device = status = None
    for _, sent_device in sent.devices:
        device, is_new = kept.device(sent_device.condition)
        status = _CREATED if is_new else _FOUND
    draft = sent.measure
    measure = Measure(
        draft.code,
        draft.taken_at,
        values_of(draft),
        draft.source,
        draft.moment,
        draft.days,
        draft.comment,
        device,
    )
    kept.rows.append(measure)
    return Accepted(MeasureWritten(measure, _CREATED, status))


def measures_of(person: Person) -> Measures:
    """Return the measures of `person`, made now if there were none."""
    held = person.held()
    if held.measures is None:
        held.measures = Measures()
    return held.measures


@dataclass(frozen=True, slots=True)
class SearchMeasures(AppCall):
    """Search the measures of a kind: between two days, or the last one.

    Attributes:
        id_pe: Opaque identifier of the person, as the request names it.
        code: Code of the kind.
        from_on: First day, in Paris, or None.
        to_on: Last day, in Paris, or None.
        count: Measures in a page, or None for the default.
        offset: Measures to leave out, or None.
        sort: `-date` for the last measure, else an empty string.
    """

    id_pe: str
    code: str
    from_on: date | None = None
    to_on: date | None = None
    count: int | None = None
    offset: int | None = None
    sort: str = ""

    def detail(self) -> str:
        """Return the use."""
        return f"{Direction.READ.value} {ExchangeFamily.MEASURES.value} {self.purpose}"


@dataclass(frozen=True, slots=True)
class MeasurePage:
    """What a search answers.

    Attributes:
        rows: The measures of the page, newest first.
        total: How many measures there are in all.
        previous: Offset of the page before, or None.
        next: Offset of the page after, or None.
    """

    rows: tuple[Measure, ...]
    total: int
    previous: int | None = None
    next: int | None = None


@handles(SearchMeasures)
@enforces("MEA-06", "MEA-07")
def search_measures(register: Register, person: Person, command: SearchMeasures) -> Outcome:
    """Answer a `MeasurePage`."""
    use = Use(command.purpose, ExchangeFamily.MEASURES, Direction.READ)
    refusal = (
        refuse_feature(register.parameters, command, "catalogue")
        or refuse_call(register, person, command, use, command.id_pe)
        or refuse_other_solution(command)
        or _refuse_search(command)
    )
    if refusal is not None:
        return refusal
    held = person.holdings
    found = held.measures.of_kind(command.code) if held and held.measures else []
    if command.sort:
        return Accepted(MeasurePage(tuple(found[:1]), len(found)))
    first, last = command.from_on or date.min, command.to_on or date.max
    rows = [row for row in found if first <= paris_date(row.taken_at) <= last]
    start, size = command.offset or 0, command.count or DEFAULT_PAGE
    end = start + size
    return Accepted(
        MeasurePage(
            tuple(rows[start:end]),
            len(rows),
            max(0, start - size) if start else None,
            end if end < len(rows) else None,
        )
    )


@enforces("MEA-06", "MEA-07")
def _refuse_search(command: SearchMeasures) -> Refusal | None:
    """In the documented order: size of the page, last search, mixed modes, no mode."""
    ins, count = command.ins, command.count
    if (count is not None and not 1 <= count <= LARGEST_PAGE) or (command.offset or 0) < 0:
        return Refusal("MEA-07", "PAGE_TOO_LARGE", ins, (LARGEST_PAGE,))
    if command.sort and (command.sort != "-date" or count != 1):
        return Refusal("MEA-06", "LAST_SEARCH_INCOMPLETE", ins)
    bounds = (command.from_on, command.to_on)
    if command.sort and (any(bounds) or command.offset is not None):
        return Refusal("MEA-06", "SEARCHES_MIXED", ins)
    if not command.sort and not all(bounds):
        return Refusal("MEA-06", "NO_SEARCH_MODE", ins)
    if command.code not in KINDS:
        return Refusal("MEA-01", "UNKNOWN_MEASURE", ins, (command.code,))
    return None


@dataclass(frozen=True, slots=True)
class EnterMeasure(Command):
    """Enter a measure in a space, by hand.

    Attributes:
        code: Code of its kind.
        taken_at: When it was taken (UTC).
        values: Its value in the unit of its kind, or those of its components in order.
        moment: Moment of a blood glucose, or an empty string.
        days: Number of days it covers, or None.
        comment: A comment of 150 characters at most.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    code: str
    taken_at: datetime
    values: tuple[float, ...]
    moment: str = ""
    days: int | None = None
    comment: str = ""

    def detail(self) -> str:
        """Return the code of the kind."""
        return self.code


@handles(EnterMeasure)
@enforces("MEA-10")
def enter_measure(register: Register, person: Person, command: EnterMeasure) -> Outcome:
    """Keep the measure; answer it."""
    ranges = register.parameters.policies.measure_ranges
    refusal = refuse_operation(register, person, command, "add_document")
    refusal = refusal or _refuse_entry(command, ranges)
    if refusal is not None:
        return refusal
    measure = Measure(
        command.code,
        command.taken_at,
        command.values,
        moment=command.moment,
        days=command.days,
        comment=command.comment,
    )
    measures_of(person).rows.append(measure)
    return Accepted(measure)


@enforces("MEA-03")
def _refuse_entry(command: EnterMeasure, ranges: MeasureRanges) -> Refusal | None:
    """What is refused to a service by its kind is refused to the holder too."""
    ins, kind = command.ins, KINDS.get(command.code)
    if kind is None:
        return Refusal("MEA-01", "UNKNOWN_MEASURE", ins, (command.code,))
    if not kind.app_writes:
        return Refusal("MEA-03", "COMPUTED_MEASURE", ins, (kind.name,))
    if len(command.values) != (len(kind.components) or 1):
        return Refusal("MEA-04", "VALUE_MISSING", ins, (command.code,))
    return (
        refuse_instant(ins, command.taken_at, command.at)
        or refuse_extensions(ins, kind, command.moment, command.days)
        or refuse_comment(ins, command.comment)
        or refuse_values(ins, kind, command.values, ranges)
    )


@dataclass(frozen=True, slots=True)
class ReadMeasures(Command):
    """Read the measures of a kind in a space; professionals do not see them.

    Attributes:
        code: Code of the kind.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    code: str

    def detail(self) -> str:
        """Return the code of the kind."""
        return self.code


@handles(ReadMeasures)
@enforces("MEA-03")
def read_measures(register: Register, person: Person, command: ReadMeasures) -> Outcome:
    """Answer the measures, newest first; a body mass index is computed."""
    refusal = refuse_operation(register, person, command, "read_documents")
    if refusal is not None:
        return refusal
    if command.code not in KINDS:
        return Refusal("MEA-01", "UNKNOWN_MEASURE", command.ins, (command.code,))
    held = person.holdings
    found = held.measures.of_kind(command.code) if held and held.measures else []
    return Accepted(tuple(found))
