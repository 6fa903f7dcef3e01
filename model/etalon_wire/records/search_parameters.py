"""Parameters of a search: their names, values, tokens, dates, and what is wrong with them.

What is not known is passed over, or refused where the client asked for strictness (`Prefer:
handling=strict`). Values of one parameter separated by commas are alternatives; parameters all
hold. A modifier that is not in the table is refused: passing it over would change what is found.

Sources: FHIR R4, 3.1.1 (search); IHE MHD, ITI-66 and ITI-67; PDSm 3.1.1 (`isArchived`,
`period-start`, `period-end`, `authorOrg`, chains of `source`); `data/search_meanings.csv`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final, NoReturn

from etalon_model.records.nomenclature import LIMITS
from etalon_model.records.search import Within
from etalon_wire.bundles import Query
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.addresses import Named, id_in, key_of
from etalon_wire.records.instants import SHORTEST, span_of
from etalon_wire.records.parties import INS_TYPES
from etalon_wire.tables import rows_of

PAGE: Final = "_page"
"""Name of the parameter that leads to another page."""

MOST_PARAMETERS: Final = 64
MOST_VALUES: Final = 256
MOST_SHOWN: Final = 40
_CONTROLS: Final = frozenset({"_format", "_pretty", "_total"})
_SEPARATED: Final = re.compile(r"(?<!\\)(?:\\\\)*,")
_BAR: Final = re.compile(r"(?<!\\)\|")
_ESCAPED: Final = re.compile(r"\\([\\,|$])")
_PREFIXED: Final = re.compile(r"(eq|ne|gt|ge|lt|le|sa|eb|ap)?(\d.*)", re.ASCII)
_STEPS: Final = re.compile(r"[:.]")
_STRICT: Final = re.compile(r"(?:^|[,;\s])handling\s*=\s*\"?strict\b")


class WrongError(Exception):
    """Carries what is wrong with a parameter out of its reading."""

    def __init__(self, fault: Fault) -> None:
        """Keep the fault."""
        super().__init__()
        self.fault = fault


def refuse(code: str, message: str, name: str = "") -> NoReturn:
    """Say what is wrong with a search.

    Raises:
        WrongError: Always.
    """
    raise WrongError(Fault(code, message, name))


@dataclass(frozen=True, slots=True)
class Token:
    """A value of a token parameter: `system|code`, `code`, `|code` or `system|`.

    Attributes:
        system: The system; empty for a code in none, None where any will do.
        code: The code; empty for any of the system.
    """

    system: str | None
    code: str

    def is_met(self, system: str, code: str) -> bool:
        """Whether a coding or an identifier is what is asked for."""
        return self.system in (None, system) and self.code in ("", code)


@dataclass(frozen=True, slots=True)
class Asked:
    """One parameter that is understood.

    Attributes:
        name: As it was written.
        means: What it is about.
        values: Its alternatives, escapes read.
    """

    name: str
    means: str
    values: tuple[str, ...]

    def refuse(self, message: str) -> NoReturn:
        """Say what is wrong with the parameter.

        Raises:
            WrongError: Always.
        """
        refuse("PARAMETER_WRONG", f"{self.name}: {message}", self.name)

    def only(self) -> str:
        """Return its one value.

        Raises:
            WrongError: There are several.
        """
        first, *others = self.values
        if others:
            self.refuse("alternatives are not understood here: ask for one value")
        return first


@dataclass(frozen=True, slots=True)
class Understood:
    """What a search asks for.

    Attributes:
        asked: The parameters understood, in their order.
        page_size: How many to a page; 0 asks for the number of what is found alone.
        token: What leads to another page than the first, or an empty string.
        passed_over: Names of the parameters that are not known, each once.
    """

    asked: tuple[Asked, ...]
    page_size: int
    token: str
    passed_over: tuple[str, ...]


def is_strict(prefer: str) -> bool:
    """Whether a header `Prefer` asks that unknown parameters be refused."""
    return _STRICT.search(prefer) is not None


@cache
def _meanings(resource: str) -> Mapping[str, str]:
    rows = rows_of("search_meanings.csv")
    return {row["parameter"]: row["means"] for row in rows if row["resource"] == resource}


def understand(resource: str, query: Query, *, strict: bool, sorts: Sequence[str]) -> Understood:
    """Return what a search asks for.

    Args:
        resource: Resource type that is searched.
        query: Its parameters, in their order.
        strict: Refuse what is not known.
        sorts: Values of `_sort` that say the order there is.

    Raises:
        WrongError: A parameter is wrong, or not known and strictness was asked for.
    """
    if len(query) > MOST_PARAMETERS:
        message = f"{len(query)} parameters, and at most {MOST_PARAMETERS} are read"
        refuse("PARAMETER_WRONG", message)
    known, asked, passed_over = _meanings(resource), list[Asked](), list[str]()
    size, token = LIMITS["search_page"], ""
    for name, value in query:
        if name in known:
            asked.append(Asked(name, known[name], _values(name, value)))
        elif name == "_count":
            size = _size(value)
        elif name == PAGE:
            token = value
        elif _STEPS.split(name, maxsplit=1)[0] in known:
            message = f"{name[:MOST_SHOWN]}: such a modifier or chain is not understood"
            refuse("PARAMETER_WRONG", message, name[:MOST_SHOWN])
        elif name not in _CONTROLS and not (name == "_sort" and value in sorts):
            passed_over.append(name[:MOST_SHOWN])
    if strict and passed_over:
        message = f"not known: {', '.join(passed_over)}; leave it out, or do not ask for strictness"
        refuse("PARAMETER_UNKNOWN", message, passed_over[0])
    return Understood(tuple(asked), size, token, tuple(dict.fromkeys(passed_over)))


def _values(name: str, written: str) -> tuple[str, ...]:
    if written and "," not in written:
        return (written,)
    starts = [0, *(match.end() for match in _SEPARATED.finditer(written)), len(written) + 1]
    values = tuple(written[start : end - 1] for start, end in pairwise(starts))
    if len(values) > MOST_VALUES or not all(values):
        message = f"{name}: one to {MOST_VALUES} values, none of them empty"
        refuse("PARAMETER_WRONG", message, name)
    return values


def plain(value: str) -> str:
    """Return a value without the escapes of FHIR."""
    return _ESCAPED.sub(r"\1", value) if "\\" in value else value


def _size(written: str) -> int:
    if not written.isdecimal() or not written.isascii() or len(written) > MOST_SHOWN:
        message = "_count is a number of resources to a page"
        refuse("PARAMETER_WRONG", message, "_count")
    return min(int(written), LIMITS["search_page_most"])


def required(understood: Understood, *means: str, name: str) -> None:
    """Refuse a search that lacks a parameter.

    Raises:
        WrongError: None of the parameters with these meanings was given.
    """
    if not any(one.means in means for one in understood.asked):
        message = f"{name} is missing: say it"
        refuse("PARAMETER_MISSING", message, name)


def tokens(asked: Asked) -> list[Token]:
    """Return the values of a token parameter."""
    found: list[Token] = []
    for value in asked.values:
        match = _BAR.search(value)
        if match is None:
            found.append(Token(None, plain(value)))
            continue
        system, code = plain(value[: match.start()]), plain(value[match.end() :])
        if not system and not code:
            asked.refuse("neither a system nor a code")
        found.append(Token(system, code))
    return found


def flag(asked: Asked) -> bool:
    """Return the value of a parameter that is true or false.

    Raises:
        WrongError: It is neither.
    """
    value = asked.only()
    if value not in ("true", "false"):
        asked.refuse("true or false")
    return value == "true"


@dataclass(frozen=True, slots=True)
class Dated:
    """A condition on a date.

    Attributes:
        prefix: `eq`, `gt`, `ge`, `lt`, `le`, `sa` or `eb`.
        within: The instants that meet it.
    """

    prefix: str
    within: Within


def dated(asked: Asked) -> Dated:
    """Return the condition that a date parameter writes.

    Raises:
        WrongError: It is no date, or of a kind that is not understood.
    """
    match = _PREFIXED.fullmatch(plain(asked.only()))
    span = span_of(match[2]) if match else None
    if match is None or span is None:
        asked.refuse("a date like ge2022-03-02, or with a time and a time zone")
    start, end = span[0], span[1] - SHORTEST
    prefix = match[1] or "eq"
    spans = {
        "eq": Within(start, end),
        "ge": Within(start=start),
        "gt": Within(start=span[1]),
        "sa": Within(start=span[1]),
        "le": Within(end=end),
        "lt": Within(end=start - SHORTEST) if start.year > 1 else Within(end=start),
        "eb": Within(end=start - SHORTEST) if start.year > 1 else Within(end=start),
    }
    if prefix not in spans:
        asked.refuse(f"{prefix} is not understood: use {', '.join(spans)}")
    return Dated(prefix, spans[prefix])


def both(one: Within | None, other: Within) -> Within:
    """Return the instants that are in two ranges."""
    if one is None:
        return other
    starts = [start for start in (one.start, other.start) if start is not None]
    ends = [end for end in (one.end, other.end) if end is not None]
    return Within(max(starts, default=None), min(ends, default=None))


def person_asked(understood: Understood, base: str) -> Named | None:
    """Return the person whom a search names, None when it names none.

    Raises:
        WrongError: It names none that could be one, or two.
    """
    named: set[Named] = set()
    for one in understood.asked:
        if one.means == "matricule":
            named.add(_by_matricule(one))
        elif one.means == "person":
            value = one.only()
            key = key_of(id_in(value, "Patient", base) or value)
            # An address of nobody is answered as one of a record without documents.
            named.add(Named(key=key or plain(value)))
    if len(named) > 1:
        message = "one person at a time: say it once"
        refuse("PARAMETER_WRONG", message, understood.asked[0].name)
    return next(iter(named), None)


def matricule_of(name: str, written: str) -> Named:
    """Return the person whom a parameter on the matricule names.

    Raises:
        WrongError: It names none that could be one, or several.
    """
    return _by_matricule(Asked(name, "matricule", _values(name, written)))


def _by_matricule(asked: Asked) -> Named:
    asked.only()
    token = tokens(asked)[0]
    system = (token.system or "").removeprefix("urn:oid:")
    if not token.code or (token.system is not None and system not in INS_TYPES):
        asked.refuse("a matricule INS: urn:oid:1.2.250.1.213.1.4.10|…")
    return Named(ins=token.code, oid=system if token.system is not None else "")
