"""Searches of documents (ITI-67, TD3.1) as the model searches, of people (TD0.2), and conditions.

The model keeps codes without their system: a token with a system finds a code that stands in that
system; for an act, whose system the model does not know, the code alone counts.

Sources: IHE MHD, ITI-67; PDSm 3.1.1; PDSm4DMP, TD0.2 and TD3.3; FHIR R4, 3.1.1 and 3.1.0.12.
Reading: `pdsm-strict` refuses a search without status, which MHD makes mandatory; elsewhere every
status is then found. Giving a parameter on several values twice is refused: the model knows any of
them, not all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple, cast

from etalon_model.actors import Actor
from etalon_model.records.confidentiality import BASE_LEVELS, VISIBILITY_CODES
from etalon_model.records.record import Status
from etalon_model.records.search import EVERYTHING, Criteria, SearchDocuments, Within
from etalon_model.rights.modes import AccessMode
from etalon_wire.bundles import Query
from etalon_wire.labels import LEVELS, V3_CONFIDENTIALITY, VISIBILITY
from etalon_wire.modes import Mode
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.addresses import Named, id_in, key_of
from etalon_wire.records.codings import Coded, codes_of
from etalon_wire.records.document_encoding import STATUSES
from etalon_wire.records.related_objects import RFC_3986, cxi, reference_types
from etalon_wire.records.search_parameters import (
    Asked,
    Dated,
    Token,
    Understood,
    WrongError,
    both,
    dated,
    flag,
    person_asked,
    plain,
    refuse,
    required,
    tokens,
    understand,
)

UniqueIdOf = Callable[[str], str]
NEWEST_FIRST: Final = ("-date",)
_NOTHING: Final = ("",)
"""A criterion that no document meets: no code is empty."""
_OF_A_PERSON: Final = frozenset({"person", "matricule"})
_NOBODY: Final = "urn:mes-etalon:none"
_FHIR_STATUS: Final = "http://hl7.org/fhir/document-reference-status"
_ELEMENTS: Final[Mapping[str, Coded]] = {
    "types": "type",
    "classes": "class",
    "formats": "format",
    "facilities": "facility",
    "settings": "setting",
}
_LABEL_SYSTEMS: Final = {
    **dict.fromkeys(BASE_LEVELS, (V3_CONFIDENTIALITY, LEVELS)),
    **dict.fromkeys(VISIBILITY_CODES, (VISIBILITY,)),
}


@dataclass(frozen=True, slots=True)
class DocumentSearch:
    """A search of documents.

    Attributes:
        who: Whose.
        criteria: What is asked for.
        page_size: How many to a page; 0 asks for their number alone.
        token: What leads to another page than the first, or an empty string.
        passed_over: Names of the parameters that are not known.
    """

    who: Named
    criteria: Criteria
    page_size: int
    token: str
    passed_over: tuple[str, ...]

    def command(
        self, at: datetime, actor: Actor, ins: str, mode: AccessMode, page: int = 1
    ) -> SearchDocuments:
        """Return the command that carries it out."""
        size = self.page_size or 1
        return SearchDocuments(at, actor, ins, self.criteria, mode, page, size)


@dataclass(slots=True)
class _Making:
    """Criteria being made, by field."""

    unique_id_of: UniqueIdOf
    base: str
    coded: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    spans: dict[str, Within] = field(default_factory=dict[str, Within])
    texts: dict[str, str] = field(default_factory=dict[str, str])
    archived: bool | None = None
    finds_nothing: bool = False


def read_document_search(
    query: Query,
    unique_id_of: UniqueIdOf,
    *,
    mode: Mode = "pdsm-strict",
    strict: bool = False,
    base: str = "",
) -> DocumentSearch | Fault:
    """Return what a search of DocumentReference asks for, or what is wrong with it.

    Args:
        query: Its parameters, in their order.
        unique_id_of: Which document an `id` names.
        mode: Which of two texts holds where they differ.
        strict: Refuse parameters that are not known.
        base: Public address of the server, without a slash at its end.
    """
    making = _Making(unique_id_of, base)
    try:
        understood = understand("DocumentReference", query, strict=strict, sorts=NEWEST_FIRST)
        required(understood, "person", "matricule", name="patient.identifier")
        if mode == "pdsm-strict" and not _names_documents(understood):
            required(understood, "status", name="status")
        who = cast("Named", person_asked(understood, base))
        statuses = _statuses(understood)
        for asked in understood.asked:
            _READERS.get(asked.means, _pass)(making, asked)
    except WrongError as wrong:
        return wrong.fault
    criteria = _criteria(making, statuses)
    # The model has a shorter way for a search without a condition, which it knows by identity.
    criteria = EVERYTHING if criteria == EVERYTHING else criteria
    size, token = understood.page_size, understood.token
    return DocumentSearch(who, criteria, size, token, understood.passed_over)


def _criteria(making: _Making, statuses: tuple[Status, ...]) -> Criteria:
    codes, spans, texts = making.coded, making.spans, making.texts
    return Criteria(
        statuses,
        types=codes.get("types", ()),
        classes=codes.get("classes", ()),
        formats=codes.get("formats", ()),
        events=codes.get("events", ()),
        facilities=codes.get("facilities", ()),
        settings=codes.get("settings", ()),
        security_labels=codes.get("security_labels", ()),
        identifiers=_NOTHING if making.finds_nothing else codes.get("identifiers", ()),
        deposited=spans.get("deposited"),
        created=spans.get("created"),
        period=spans.get("period"),
        period_start=spans.get("period_start"),
        period_end=spans.get("period_end"),
        related=codes.get("related", ()),
        relates_to=texts.get("relates_to", ""),
        author_family=texts.get("author_family", ""),
        author_given=texts.get("author_given", ""),
        archived=making.archived,
    )


def _names_documents(understood: Understood) -> bool:
    """Whether a search names documents by identifier, as TD3.1b does without a status."""
    return any(one.means in ("identifiers", "id") for one in understood.asked)


def _pass(_making: _Making, _asked: Asked) -> None:
    """Read elsewhere: the person and the status."""


def _statuses(understood: Understood) -> tuple[Status, ...]:
    words = {word: status for status, word in STATUSES.items()}
    found = set(words.values())
    for asked in understood.asked:
        if asked.means != "status":
            continue
        wanted = tokens(asked)
        unknown = [one for one in wanted if one.code not in words]
        if unknown:
            asked.refuse(f"one of {', '.join(words)}")
        found &= {words[one.code] for one in wanted if one.system in (None, _FHIR_STATUS)}
    return tuple(status for status in Status if status in found)


def _code(making: _Making, asked: Asked) -> None:
    """Read a code of an element that has one."""
    element = _ELEMENTS[asked.means]
    codes = {code for token in tokens(asked) for code in _codes(element, token)}
    standing = making.coded.get(asked.means)
    kept = codes if standing is None else codes & set(standing)
    making.coded[asked.means] = tuple(sorted(kept)) or _NOTHING


def _codes(element: Coded, token: Token) -> set[str]:
    """Return the codes of the model that a token asks for, words of the model among them."""
    known = codes_of(element)
    if token.code:
        systems = known.systems.get(token.code)
        if token.system is not None and systems is not None and token.system not in systems:
            return set()
        found = {token.code}
    else:
        found = {code for code, systems in known.systems.items() if token.system in systems}
    return found | {word for word, code in known.words.items() if code in found and word}


def _once(making: _Making, asked: Asked, means: str, values: tuple[str, ...]) -> None:
    if means in making.coded:
        asked.refuse("given twice: give it once, with a comma between alternatives")
    making.coded[means] = values or _NOTHING


def _acts(making: _Making, asked: Asked) -> None:
    _once(making, asked, "events", tuple(one.code for one in tokens(asked) if one.code))


def _labels(making: _Making, asked: Asked) -> None:
    codes = tuple(
        code
        for code, systems in _LABEL_SYSTEMS.items()
        if any(one.is_met(system, code) for one in tokens(asked) for system in systems)
    )
    _once(making, asked, "security_labels", codes)


def _identifiers(making: _Making, asked: Asked) -> None:
    found = [one.code for one in tokens(asked) if one.code and one.system in (None, RFC_3986)]
    _once(making, asked, "identifiers", tuple(found))


def _ids(making: _Making, asked: Asked) -> None:
    found = [f"urn:uuid:{value}" for value in asked.values if key_of(value)]
    _once(making, asked, "identifiers", tuple(found))


def _related(making: _Making, asked: Asked) -> None:
    """Read an identifier of a related object, of whatever type; or its address."""
    found: list[str] = []
    for value, token in zip(asked.values, tokens(asked), strict=True):
        if token.system is None and asked.name == "related":
            found.append(plain(value))
            continue
        if not token.system or not token.code:
            asked.refuse("an identifier with its system: system|value")
        found += [cxi(token.system, token.code, kind) for kind in ("", *reference_types())]
    _once(making, asked, "related", tuple(found))


def _relates_to(making: _Making, asked: Asked) -> None:
    value = asked.only()
    found = making.unique_id_of(id_in(value, "DocumentReference", making.base) or value)
    _say(making, asked, found or _NOBODY)


def _name(making: _Making, asked: Asked) -> None:
    _say(making, asked, plain(asked.only()))


def _say(making: _Making, asked: Asked, value: str) -> None:
    if asked.means in making.texts:
        asked.refuse("given twice: give it once")
    making.texts[asked.means] = value


def _archived(making: _Making, asked: Asked) -> None:
    wanted = flag(asked)
    if making.archived not in (None, wanted):
        # Set aside and not: no document is both.
        making.finds_nothing = True
    making.archived = wanted


def _date(making: _Making, asked: Asked) -> None:
    condition = dated(asked)
    for means, within in _spans(asked.means, condition):
        making.spans[means] = both(making.spans.get(means), within)


def _spans(means: str, condition: Dated) -> list[tuple[str, Within]]:
    """Return the spans that a date asks for; a period overlaps, is held, or lies apart."""
    within = condition.within
    if means != "period" or condition.prefix not in ("eq", "sa", "eb"):
        return [(means, within)]
    if condition.prefix == "sa":
        return [("period_start", within)]
    if condition.prefix == "eb":
        return [("period_end", within)]
    return [("period_start", Within(start=within.start)), ("period_end", Within(end=within.end))]


def _author(making: _Making, asked: Asked) -> None:
    """Find nothing: authors are contained in their documents, and have no address."""
    del asked
    making.finds_nothing = True


_READERS: Final[Mapping[str, Callable[[_Making, Asked], None]]] = {
    **dict.fromkeys(_ELEMENTS, _code),
    "events": _acts,
    "security_labels": _labels,
    "identifiers": _identifiers,
    "id": _ids,
    "related": _related,
    "relates_to": _relates_to,
    "author": _author,
    "author_family": _name,
    "author_given": _name,
    "archived": _archived,
    **dict.fromkeys(("deposited", "created", "period", "period_start", "period_end"), _date),
}


@dataclass(frozen=True, slots=True)
class PatientSearch:
    """A search of a person (TD0.2).

    Attributes:
        who: Who is asked about.
        passed_over: Names of the parameters that are not known.
    """

    who: Named
    passed_over: tuple[str, ...]


def read_patient_search(query: Query, *, strict: bool = False) -> PatientSearch | Fault:
    """Return what a search of Patient asks for, or what is wrong with it."""
    try:
        understood = understand("Patient", query, strict=strict, sorts=())
        required(understood, "matricule", "id", name="identifier")
        ids = {value for one in understood.asked if one.means == "id" for value in one.values}
        who = person_asked(understood, "")
        if len(ids) > 1 or (ids and who is not None):
            message = "one person at a time: say it once"
            refuse("PARAMETER_WRONG", message, "_id")
    except WrongError as wrong:
        return wrong.fault
    found = who or Named(key=key_of(next(iter(ids))) or _NOBODY)
    return PatientSearch(found, understood.passed_over)


class Condition(NamedTuple):
    """Which document is meant.

    Attributes:
        names: Its identifiers, of which it has one.
        who: Whose it is, or None where that is not said.
    """

    names: tuple[str, ...]
    who: Named | None = None


def read_conditional(query: Query, base: str = "") -> Condition | Fault:
    """Return what a condition on DocumentReference says, or what is wrong with it.

    It is what a conditional patch or creation asks for: `identifier=urn:ietf:rfc:3986|urn:oid:…`,
    and whose document it is. Another parameter is refused: passing over one would find too much.
    """
    try:
        understood = understand("DocumentReference", query, strict=True, sorts=())
        required(understood, "identifiers", name="identifier")
        making = _Making(lambda _: "", "")
        who = person_asked(understood, base)
        for asked in understood.asked:
            if asked.means == "identifiers":
                _identifiers(making, asked)
            elif asked.means not in _OF_A_PERSON:
                asked.refuse("a condition is an identifier, and whose document it is")
    except WrongError as wrong:
        return wrong.fault
    return Condition(tuple(one for one in making.coded["identifiers"] if one), who)
