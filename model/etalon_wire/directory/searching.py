"""The search of the directory: by identifier, name and mailbox.

Sources: ANS, Annuaire Santé (parameters, `_elements`, `_count`, inclusions), boîtes aux lettres
MSSanté (`mailbox-mss`, `:contains`, `:exact`); FHIR R4, 3.1.1.4 (strings match from their start,
whatever the case and the accents).
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from etalon_wire.bundles import Query
from etalon_wire.directory.entries import Entry, Kind, entry_id, ident_at, mailboxes_of
from etalon_wire.json_body import Resource
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.addresses import id_in
from etalon_wire.records.at_hand import Search, search_of
from etalon_wire.records.parties import (
    national_identifier,
    professional_identifiers,
    structure_identifiers,
)
from etalon_wire.records.search_parameters import (
    Asked,
    Token,
    Understood,
    WrongError,
    flag,
    plain,
    tokens,
    understand,
)
from etalon_wire.validation.reading import text

Test = Callable[[Entry], bool]
_PREFIXES: Final = "12348"
"""What national identifiers begin with that are made of a number of a register."""


@dataclass(frozen=True, slots=True)
class DirectorySearch:
    """What is searched in the directory.

    Attributes:
        search: What an entry must meet, and its page.
        idents: National identifiers among which all that matches is found, None for any.
        elements: Names of the elements that are asked for; all of them when empty.
        included: Resources that go with what is found.
    """

    search: Search[Entry]
    idents: frozenset[str] | None
    elements: frozenset[str]
    included: tuple[Kind, ...] = ()


def read_directory_search(
    kind: Kind, query: Query, *, strict: bool, base: str = ""
) -> DirectorySearch | Fault:
    """Return what a search of the directory asks for, or what is wrong with it.

    Args:
        kind: Which resource is searched.
        query: Its parameters, in their order.
        strict: Refuse parameters that are not known.
        base: Public address of the server, without a slash at its end.
    """
    try:
        understood = understand(kind, query, strict=strict, sorts=())
        search = search_of(understood, base, _tests(kind, base))
        named, elements = _named(kind, understood, base), _elements(understood)
        return DirectorySearch(search, named, elements, _included(kind, understood))
    except WrongError as wrong:
        return wrong.fault


def _tests(kind: Kind, base: str) -> Mapping[str, Callable[[Asked], Test]]:
    def of_id(asked: Asked) -> Test:
        wanted = set(asked.values)
        return lambda entry: entry_id(kind, entry) in wanted

    def of_mailbox(asked: Asked) -> Test:
        is_met = _text_test(asked)
        return lambda entry: any(is_met(one.address) for one in mailboxes_of(kind, entry))

    def of_practitioner(asked: Asked) -> Test:
        wanted = _referred("Practitioner", asked, base)
        return lambda entry: entry.ident in wanted

    def of_structure(asked: Asked) -> Test:
        wanted = _referred("Organization", asked, base)
        return lambda entry: entry.structure in wanted

    return {
        **_TESTS,
        "id": of_id,
        "identifier": _role_identified if kind == "PractitionerRole" else _identified,
        "mailbox": of_mailbox,
        "practitioner": of_practitioner,
        "structure": of_structure,
    }


def _identifiers(entry: Entry) -> list[Resource]:
    found = structure_identifiers if not entry.role else professional_identifiers
    return [one for one in found(entry.ident) if isinstance(one, dict)]


def _identified(asked: Asked) -> Test:
    wanted = tokens(asked)
    return lambda entry: any(
        token.is_met(text(one, "system"), text(one, "value"))
        for one in _identifiers(entry)
        for token in wanted
    )


def _role_identified(asked: Asked) -> Test:
    """Test for the identifier of where a professional practises: that of the entry as a role."""
    wanted = {one.code for one in tokens(asked)}
    return lambda entry: entry_id("PractitionerRole", entry) in wanted


def _of_practitioner(asked: Asked) -> Test:
    wanted = _nationals(tokens(asked))
    return lambda entry: entry.ident in wanted


def _of_structure(asked: Asked) -> Test:
    wanted = _nationals(tokens(asked))
    return lambda entry: entry.structure in wanted


def _active(asked: Asked) -> Test:
    wanted = flag(asked)
    return lambda _: wanted


def _name(asked: Asked) -> Test:
    is_met = _text_test(asked)
    return lambda entry: is_met(entry.name) or bool(entry.given and is_met(entry.given))


def _family(asked: Asked) -> Test:
    is_met = _text_test(asked)
    return lambda entry: is_met(entry.name)


def _given(asked: Asked) -> Test:
    is_met = _text_test(asked)
    return lambda entry: is_met(entry.given)


def _text_test(asked: Asked) -> Callable[[str], bool]:
    """Return the test of a string parameter, as its modifier says."""
    values = [plain(one) for one in asked.values]
    modifier = asked.name.partition(":")[2]
    if modifier == "exact":
        return lambda said: said in values
    folded = [_folded(one) for one in values]
    if modifier == "contains":
        return lambda said: any(one in _folded(said) for one in folded)
    return lambda said: any(_folded(said).startswith(one) for one in folded)


def _folded(said: str) -> str:
    parted = unicodedata.normalize("NFKD", said.casefold())
    return "".join(one for one in parted if not unicodedata.combining(one))


def _nationals(named: Sequence[Token]) -> set[str]:
    """Return the national identifiers that tokens may name.

    A number without its system may be that of a register of its own, whose prefix is missing.
    """
    found = {
        national_identifier({"system": one.system or "", "value": one.code}) or one.code
        for one in named
    }
    return found | {
        prefix + one.code for one in named if one.system is None for prefix in _PREFIXES
    }


def _referred(kind: Kind, asked: Asked, base: str) -> set[str]:
    """Return the national identifiers that a reference names, by `Kind/id` or `id` alone."""
    return {ident_at(kind, id_in(plain(one), kind, base) or plain(one)) for one in asked.values}


def _named(kind: Kind, understood: Understood, base: str) -> frozenset[str] | None:
    """Return the national identifiers that a search names, so that others need no look."""
    found: set[str] | None = None
    for one in understood.asked:
        named = _idents_of(kind, one, base)
        if named is not None:
            found = named if found is None else found & named
    return None if found is None else frozenset(found)


def _idents_of(kind: Kind, asked: Asked, base: str) -> set[str] | None:
    if asked.means == "id":
        return {ident_at(kind, one) for one in asked.values}
    if asked.means == "identifier" and kind == "PractitionerRole":
        return {ident_at(kind, one.code) for one in tokens(asked)}
    if asked.means == "practitioner":
        return _referred("Practitioner", asked, base)
    if asked.means not in {"identifier", "practitioner.identifier"}:
        return None
    named = tokens(asked)
    if not all(one.code for one in named):
        return None
    return _nationals(named)


def _elements(understood: Understood) -> frozenset[str]:
    return frozenset(
        value for one in understood.asked if one.means == "elements" for value in one.values
    )


def _included(kind: Kind, understood: Understood) -> tuple[Kind, ...]:
    """Return what goes with what is found, each once.

    Raises:
        WrongError: It is asked for by another reference than one there is.
    """
    found: list[Kind] = []
    for asked in understood.asked:
        if asked.means == "include":
            for value in asked.values:
                if (kind, value) not in _INCLUDED:
                    known = ", ".join(one for of, one in _INCLUDED if of == kind)
                    asked.refuse(f"what goes with {kind} is {known}")
                found.append(_INCLUDED[kind, value])
    return tuple(dict.fromkeys(found))


_INCLUDED: Final[Mapping[tuple[Kind, str], Kind]] = {
    ("PractitionerRole", "PractitionerRole:practitioner"): "Practitioner",
    ("PractitionerRole", "PractitionerRole:organization"): "Organization",
    ("Practitioner", "PractitionerRole:practitioner"): "PractitionerRole",
    ("Organization", "PractitionerRole:organization"): "PractitionerRole",
}

_TESTS: Final[Mapping[str, Callable[[Asked], Test]]] = {
    "active": _active,
    "name": _name,
    "family": _family,
    "given": _given,
    "practitioner.identifier": _of_practitioner,
    "structure.identifier": _of_structure,
}
