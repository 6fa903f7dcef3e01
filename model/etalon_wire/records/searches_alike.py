"""Searches alike: a software asks the same of one person after the other.

What a search asks for besides the person is read once, and known afterwards by its exact text.
Only what was right is remembered, and only where nothing of the records was looked at.
"""

from typing import Final

from etalon_wire.bundles import Query
from etalon_wire.modes import Mode
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.search_parameters import WrongError, matricule_of
from etalon_wire.records.searching import DocumentSearch, UniqueIdOf, read_document_search

_PERSON: Final = "patient.identifier"
_NAMING: Final = ("patient", "subject")
"""How the names of the other parameters begin that say whose documents are asked for."""
_LONGEST: Final = 1024
_MOST: Final = 1024
_Alike = tuple[Mode, bool, Query]


class SearchesAlike:
    """Reads searches of documents as `read_document_search` does."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        """Know no search."""
        self._known: dict[_Alike, DocumentSearch] = {}

    def read(
        self, query: Query, unique_id_of: UniqueIdOf, *, mode: Mode, strict: bool, base: str
    ) -> DocumentSearch | Fault:
        """Return what a search of DocumentReference asks for, or what is wrong with it."""
        named: str | None = None
        rest, size = list[tuple[str, str]](), 0
        for one in query:
            name, value = one
            if name == _PERSON and named is None:
                named = value
            elif name.startswith(_NAMING):
                size = _LONGEST
            else:
                rest.append(one)
                size += len(name) + len(value)
        if named is None or size >= _LONGEST:
            return read_document_search(query, unique_id_of, mode=mode, strict=strict, base=base)
        alike = mode, strict, tuple(rest)
        known = self._known.get(alike)
        if known is not None:
            try:
                who = matricule_of(_PERSON, named)
            except WrongError as wrong:
                return wrong.fault
            return DocumentSearch(who, known.criteria, known.page_size, "", known.passed_over)
        search = read_document_search(query, unique_id_of, mode=mode, strict=strict, base=base)
        if isinstance(search, DocumentSearch) and _depends_on_its_text(search):
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[alike] = search
        return search


def _depends_on_its_text(search: DocumentSearch) -> bool:
    """Whether nobody else asks for its page, and no document was looked for to read it."""
    return not search.token and not search.criteria.relates_to
