"""The file of test people: written for its owner alone, read with care.

NDJSON: where they were made (an object with the key `made_on`), when that is known, then an object
for each person. Or CSV with a header, for people whom a platform gives.
"""

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Final, cast

from pydantic import TypeAdapter, ValidationError

from etalon_load.people.credential import Credential
from etalon_load.people.known_documents import KnownDocument
from etalon_load.people.people_errors import PeopleError
from etalon_load.people.wanted import kinds_wanted
from etalon_model.identifiers import is_matricule
from etalon_target.matricules import PRODUCTION
from etalon_target.plain_values import is_list, is_table

MADE_ON: Final = "made_on"
COLUMNS: Final = tuple(field.name for field in fields(Credential))
_LINE_MOST: Final = 1 << 20
_SEXES: Final = frozenset({"", "F", "M"})


@dataclass(frozen=True, slots=True)
class Origin:
    """Where test people were made.

    Attributes:
        target: Name of the target.
        address: Its FHIR base.
        tag: What marks everything that was made.
        vanishes: They end with the target, so that nothing is ever left of them.
    """

    target: str
    address: str
    tag: str
    vanishes: bool = False


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """What a file of people holds.

    Attributes:
        people: Everybody, in order.
        origin: Where they were made, or None when the file does not say.
    """

    people: tuple[Credential, ...]
    origin: Origin | None = None


_ORIGIN: Final = TypeAdapter(Origin)
_DOCUMENT: Final = TypeAdapter(KnownDocument)


def write_people(path: Path, people: Iterable[Credential], origin: Origin | None = None) -> None:
    """Write a file of people, whole or not at all, mode 600: it holds passwords and codes.

    Raises:
        FileExistsError: It is there already.
        OSError: It cannot be written.
    """
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            if origin is not None:
                file.write(json.dumps({MADE_ON: asdict(origin)}, ensure_ascii=False) + "\n")
            for one in people:
                given = asdict(one).items()
                known = {name: value for name, value in given if value not in ("", ())}
                file.write(json.dumps(known, ensure_ascii=False) + "\n")
    except BaseException:
        path.unlink()
        raise


def read_people(path: Path) -> PeopleFile:
    """Read a file of people.

    Raises:
        PeopleError: It cannot be read, or somebody in it cannot be used; the message says where.
    """
    name = str(path)
    try:
        written = path.read_text(encoding="utf-8-sig")
    except UnicodeError as error:
        raise PeopleError(key="not_text", file=name) from error
    except OSError as error:
        raise PeopleError(key="unreadable", file=name, problem=error.strerror) from error
    if path.suffix == ".csv":
        return _people(name, list(_rows_of_csv(name, written)))
    return people_of_lines(name, written.splitlines())


def people_of_lines(name: str, lines: Iterable[str]) -> PeopleFile:
    """Read the lines of a file of people in NDJSON.

    Args:
        name: Of the file, for messages.
        lines: Of it, in order.

    Raises:
        PeopleError: Somebody in it cannot be used; the message says where.
    """
    return _people(name, list(_rows(name, lines)))


def _people(name: str, rows: list[tuple[int, dict[str, object]]]) -> PeopleFile:
    origin: Origin | None = None
    if rows and MADE_ON in rows[0][1]:
        origin = _origin(name, rows.pop(0)[1][MADE_ON])
    people = tuple(_credential(name, line, row) for line, row in rows)
    if not people:
        raise PeopleError(key="nobody", file=name)
    _refuse_twice(name, [(line, one.ins) for (line, _), one in zip(rows, people, strict=True)])
    return PeopleFile(people, origin)


def _rows(name: str, lines: Iterable[str]) -> Iterator[tuple[int, dict[str, object]]]:
    for line, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            value: object = json.loads(text) if len(text) <= _LINE_MOST else None
        except (ValueError, RecursionError):
            value = None
        if not is_table(value):
            raise PeopleError(key="not_an_object", file=name, line=line)
        yield line, value


def _rows_of_csv(name: str, written: str) -> Iterator[tuple[int, dict[str, object]]]:
    reader = csv.DictReader(io.StringIO(written), strict=True)
    try:
        for row in reader:
            line = reader.line_num
            if None in row or None in row.values():
                raise PeopleError(key="ragged", file=name, line=line)
            told: dict[str, object] = dict(row)
            told["documents"] = row.get("documents", "").split()
            yield line, told
    except csv.Error as error:
        raise PeopleError(key="not_csv", file=name, line=reader.line_num, problem=error) from error


def _origin(name: str, told: object) -> Origin:
    try:
        return _ORIGIN.validate_python(told)
    except ValidationError as error:
        raise PeopleError(key="not_an_object", file=name, line=1) from error


def _credential(name: str, line: int, row: Mapping[str, object]) -> Credential:
    """Return the person of a row.

    Raises:
        PeopleError: The row is none that can be used.
    """
    for column in row:
        if column not in COLUMNS:
            listed = ", ".join(COLUMNS)
            raise PeopleError(
                key="column_unknown", file=name, line=line, column=column, known=listed
            )
    texts = {key: value for key, value in row.items() if key != "documents" and value != ""}
    for column, value in texts.items():
        if not isinstance(value, str):
            raise PeopleError(key="not_a_text", file=name, line=line, column=column)
    wanted = texts.get("wanted", "")
    if wanted not in kinds_wanted():
        listed = ", ".join(kinds_wanted())
        raise PeopleError(key="kind_unknown", file=name, line=line, found=wanted, known=listed)
    for column in ("ins", *kinds_wanted()[str(wanted)].needs):
        if column not in texts:
            raise PeopleError(
                key="column_missing", file=name, line=line, column=column, wanted=wanted
            )
    documents = _documents(name, line, row.get("documents", []))
    made = Credential(documents=documents, **cast("dict[str, str]", texts))
    _refuse_wrong(name, line, made)
    return made


def _documents(name: str, line: int, told: object) -> tuple[KnownDocument, ...]:
    found: list[KnownDocument] = []
    for one in told if is_list(told) else [None]:
        if isinstance(one, str):
            found.append(KnownDocument(one))
            continue
        try:
            found.append(_DOCUMENT.validate_python(one))
        except ValidationError as error:
            raise PeopleError(key="documents_wrong", file=name, line=line) from error
    return tuple(found)


def _refuse_wrong(name: str, line: int, one: Credential) -> None:
    """Refuse a matricule that is none or of production, and other values that are none.

    Raises:
        PeopleError: There is one; nothing secret is shown.
    """
    if one.oid in PRODUCTION:
        raise PeopleError(key="production", file=name, line=line, oid=one.oid)
    for column, ins in (("ins", one.ins), ("representative", one.representative)):
        if ins and not is_matricule(ins):
            raise PeopleError(key="no_matricule", file=name, line=line, column=column)
    if one.sex not in _SEXES:
        raise PeopleError(key="sex_wrong", file=name, line=line)
    expected = kinds_wanted()[one.wanted].state
    if one.state not in {"", expected}:
        raise PeopleError(
            key="state_wrong",
            file=name,
            line=line,
            found=one.state,
            wanted=one.wanted,
            needed=expected,
        )
    try:
        date.fromisoformat(one.birth_date or "2000-01-01")
    except ValueError as error:
        raise PeopleError(key="date_wrong", file=name, line=line) from error


def _refuse_twice(name: str, known: Sequence[tuple[int, str]]) -> None:
    first: dict[str, int] = {}
    for line, ins in known:
        if ins in first:
            raise PeopleError(key="twice", file=name, line=line, first=first[ins])
        first[ins] = line
