"""Finding one's way in the sections of a scenario: from a dotted key path to what stands there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, get_args, get_origin

from pydantic import BaseModel

from etalon_scenarios.parameters import Expected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic.fields import FieldInfo


def keys_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The keys of a table, as written in the file, with their definitions."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


def name_of(model: type[BaseModel], key: str) -> str:
    """The attribute that holds a key of a table.

    Raises:
        LookupError: The table has no such key.
    """
    for name, info in model.model_fields.items():
        if key == (info.alias or name):
            return name
    message = f"{model.__name__} has no key {key!r}"
    raise LookupError(message)


def table_of(info: FieldInfo) -> type[BaseModel] | None:
    """The table that stands at a key (or each table of a list there), or None for a value."""
    for part in _parts(info.annotation):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part
    return None


def expected_of(info: FieldInfo) -> Expected | None:
    """What a key asks of its parameter, or None when no parameter stands there."""
    for part in (*info.metadata, *_parts(info.annotation)):
        if isinstance(part, Expected):
            return part
    return None


def expected_at(model: type[BaseModel], path: str) -> Expected:
    """What the key at a dotted path asks of its parameter.

    Raises:
        LookupError: No parameter stands at this path.
    """
    info = info_at(model, path.split("."))
    expected = expected_of(info) if info is not None else None
    if expected is None:
        message = f"no parameter stands at {path!r}"
        raise LookupError(message)
    return expected


def info_at(model: type[BaseModel], keys: Sequence[str]) -> FieldInfo | None:
    """The definition of the key at a path; ranks in lists are skipped; None for no such key."""
    table: type[BaseModel] | None = model
    info: FieldInfo | None = None
    for key in keys:
        if key.isdigit() and info is not None:
            continue
        info = keys_of(table).get(key) if table is not None else None
        if info is None:
            return None
        table = table_of(info)
    return info


def table_at(model: type[BaseModel], keys: Sequence[str]) -> type[BaseModel] | None:
    """The table at a path (the model itself for an empty path), or None when a value is there."""
    if not keys:
        return model
    info = info_at(model, keys)
    return table_of(info) if info is not None else None


def _parts(annotation: object) -> Iterator[object]:
    """An annotation and everything nested in it: members of unions, of tuples, metadata."""
    yield annotation
    if get_origin(annotation) is Annotated or get_args(annotation):
        for part in get_args(annotation):
            yield from _parts(part)
