"""The public table of the matrix, as the site behind the service publishes it, read from a text.

The table is JSON:API: `/jsonapi/node/matrice_professionnel_document` with its three relations
included (`jsonapi_include=1`), a page after the other. A file of it is a page, or a list of pages.
Nothing is fetched here: save the pages first.

Sources: official application, which reads the same table (names of the fields, rows skipped).
Reading: professions are matched by their French name; one that `data/professions.csv` does not
know keeps its own name (decision 0043).
"""

import json
import unicodedata
from collections.abc import Iterator
from html import unescape
from typing import Final, cast

from etalon_model.rights.habilitation import Matrix
from etalon_model.rights.matrix import PROFESSIONS
from etalon_model.rules import enforces

Json = dict[str, object]


class MatrixError(ValueError):
    """A text that is not the public table of the matrix.

    Attributes:
        path: Where in the text, like `[0].data[3].field_consultation_document`.
    """

    def __init__(self, found: object, path: str, expected: str) -> None:
        self.path = path
        shown = repr(found)
        super().__init__(
            f"matrix of professions: {path or 'the text'}: expected {expected}, "
            f"found {shown if len(shown) <= _SHOWN else shown[:_SHOWN] + '…'}; "
            "save every page of /jsonapi/node/matrice_professionnel_document with "
            "jsonapi_include=1 and give them as a list"
        )


_SHOWN: Final = 60


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", unescape(name)).partition("(")[0].casefold()
    return "".join(letter for letter in plain if letter.isalnum())


_BY_NAME: Final = {_folded(label): profession for profession, label in PROFESSIONS.items()}


@enforces("MTX-01")
def import_matrix(text: str) -> Matrix:
    """Return the matrix that `text` says: what it does not name, nobody reads.

    Raises:
        MatrixError: The text is not that table, is not complete, or says two things of one type.
    """
    said: dict[str, dict[str, bool]] = {}
    skipped = 0
    for path, row in _rows(text):
        cell = _cell(path, row)
        if cell is None:
            skipped += 1
            continue
        profession, code, reads = cell
        if said.setdefault(profession, {}).setdefault(code, reads) is not reads:
            wanted = f"one answer for {profession} and {code}"
            raise MatrixError(reads, f"{path}.field_consultation_document", wanted)
    if not said:
        raise MatrixError(said, "data", "rows")
    rows = tuple(
        (profession, frozenset(code for code, reads in types.items() if reads))
        for profession, types in said.items()
    )
    return Matrix(rows, skipped)


def _rows(text: str) -> Iterator[tuple[str, Json]]:
    try:
        document: object = json.loads(text)
    except json.JSONDecodeError as error:
        found = f"{error.msg} at line {error.lineno}"
        raise MatrixError(found, "", "JSON") from error
    except (ValueError, RecursionError) as error:
        raise MatrixError(str(error), "", "JSON") from error
    pages = cast("list[object]", document) if isinstance(document, list) else [document]
    for number, page in enumerate(pages):
        path = f"[{number}]." if isinstance(document, list) else ""
        content = _table(f"{path}data", page)
        rows = content.get("data")
        if not isinstance(rows, list):
            raise MatrixError(rows, f"{path}data", "a list of rows")
        for rank, row in enumerate(cast("list[object]", rows)):
            yield f"{path}data[{rank}]", _table(f"{path}data[{rank}]", row)
        following = _next_page(path, content)
        if following is not None and number == len(pages) - 1:
            raise MatrixError(following, f"{path}links.next", "the last page")


def _next_page(path: str, content: Json) -> object:
    links = content.get("links")
    if links is None:
        return None
    following = _table(f"{path}links", links).get("next")
    return None if following is None else _table(f"{path}links.next", following).get("href")


def _cell(path: str, row: Json) -> tuple[str, str, bool] | None:
    """Return profession, code of the type and answer; None for a row without the names."""
    reads = row.get("field_consultation_document")
    if not isinstance(reads, bool):
        raise MatrixError(reads, f"{path}.field_consultation_document", "true or false")
    category = _table(f"{path}.field_categorie_de_document", row.get("field_categorie_de_document"))
    kind = _table(f"{path}.field_type_de_document", row.get("field_type_de_document"))
    code = kind.get("field_code_loinc")
    if not (category.get("name") and kind.get("name") and code):
        return None
    if not isinstance(code, str):
        raise MatrixError(code, f"{path}.field_type_de_document.field_code_loinc", "a code")
    carer = _table(f"{path}.field_code_profession", row.get("field_code_profession"))
    name = carer.get("name")
    if not isinstance(name, str) or not _folded(name):
        raise MatrixError(name, f"{path}.field_code_profession.name", "the name of a profession")
    return _BY_NAME.get(_folded(name), unescape(name).strip()), code, reads


def _table(path: str, value: object) -> Json:
    if not isinstance(value, dict):
        raise MatrixError(value, path, "an object")
    return cast("Json", value)
