"""JSON bodies of FHIR: read strictly, written canonically in the order they were built.

A body is refused when it is no UTF-8, has a byte order mark, is cut short, nests too deep, repeats
a key, holds a number too large to keep or a character that FHIR's strings exclude. Decimals keep
their digits (`1.50` stays `1.50`), as FHIR asks.

Sources: FHIR R4, 2.6.2 (JSON) and 2.24.0.1 (decimals and strings); RFC 8259; decision 0070.
"""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import compress
from typing import Final, NoReturn, TypeAlias

import orjson

from etalon_wire.malformed import (
    LIMITS,
    STRUCTURE,
    TOO_COSTLY,
    VALUE,
    Limits,
    Malformed,
    check_size,
    check_text,
    decimal_of,
    integer_of,
)

Json: TypeAlias = "bool | int | str | Decimal | list[Json] | dict[str, Json] | None"
"""A JSON value; numbers that are not integers are decimals and keep their digits."""

Resource: TypeAlias = dict[str, Json]
"""A resource of FHIR: an object with its `resourceType`."""

_ESCAPED: Final = re.compile(rb"\\(?:[bf]|u00[01]|u[fF]{3}[eEfF])")
_LAST_OF_PLANE: Final = b"\xef\xbf"
_EXCLUDED: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_HOLDERS: Final = frozenset({dict, list})
_PLAIN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def read_json(body: bytes, limits: Limits = LIMITS) -> Resource:
    """Read one resource.

    Raises:
        Malformed: The body is not one resource written in strict JSON.
    """
    value = read_value(body, limits)
    if not isinstance(value, dict):
        message = "the body is not an object: send one resource"
        raise Malformed(STRUCTURE, "", message)
    if not isinstance(value.get("resourceType"), str):
        message = "the object has no resourceType: send one resource"
        raise Malformed(STRUCTURE, "", message)
    return value


def read_value(body: bytes, limits: Limits = LIMITS) -> Json:
    """Read any JSON value, such as a JSON Patch, as strictly as a resource.

    Raises:
        Malformed: The body is not one value written in strict JSON.
    """
    check_size(body, limits)
    check_text(body)
    try:
        value: Json = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        _refuse_syntax(body, error)
    escapes = b"\\" in body
    if not _is_exact(value, limits) or _repeats_a_key(body, value, escapes=escapes):
        value = _read_slowly(body, limits)
    # Few bodies have a sign beyond ASCII or an escape, and looking for two bytes is slow.
    if (not body.isascii() and _LAST_OF_PLANE in body) or (escapes and _ESCAPED.search(body)):
        _check_strings(value)
    return value


def write_json(resource: Json) -> bytes:
    """Write a value without spaces, keys in the order they have."""
    return orjson.dumps(resource, default=_written)


def places(value: Json, at: str = "") -> Iterator[tuple[str, Json]]:
    """Yield every value with its place, as FHIRPath from the resource's type, parents first."""
    if not at and isinstance(value, dict):
        at = str(value.get("resourceType", "$this"))
    yield at, value
    if isinstance(value, dict):
        for name, child in value.items():
            step = f".{name}" if _PLAIN_NAME.fullmatch(name) else f".`{name}`"
            yield from places(child, at + step)
    elif isinstance(value, list):
        for rank, child in enumerate(value):
            yield from places(child, f"{at}[{rank}]")


def _is_exact(value: Json, limits: Limits) -> bool:
    """Refuse what nests too deep; tell whether no number lost digits when it was read."""
    exact, depth = type(value) is not float, 0
    holders = [value] if type(value) in _HOLDERS else []
    while holders:
        depth += 1
        held: list[Json] = []
        for one in holders:
            if type(one) is dict:
                held += one.values()
            elif type(one) is list:
                held += one
        if held and depth > limits.depth:
            message = f"more than {limits.depth} objects and arrays stand one inside the other"
            raise Malformed(TOO_COSTLY, "", message)
        # Level by level, in C: every body is looked through.
        kinds = [*map(type, held)]
        exact = exact and float not in kinds
        holders = [*compress(held, map(_HOLDERS.__contains__, kinds))]
    return exact


def _repeats_a_key(body: bytes, value: Json, *, escapes: bool) -> bool:
    """Tell whether a key may stand twice in an object.

    A repeated member is dropped when the body is read, and its colon is not written again; colons
    in strings are, unless they were written as an escape.
    """
    if escapes and b"\\u003" in body:
        return True
    return body.count(b":") != orjson.dumps(value).count(b":")


def _read_slowly(body: bytes, limits: Limits) -> Json:
    """Read with every digit, and name the key that stands twice in an object."""
    repeated: list[tuple[dict[str, Json], str]] = []

    def object_of(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        made = dict(pairs)
        if len(made) != len(pairs):
            names = [name for name, _ in pairs]
            repeated.append((made, next(name for name in names if names.count(name) > 1)))
        return made

    value: Json = json.loads(
        body,
        object_pairs_hook=object_of,
        parse_float=lambda written: decimal_of(written, "", limits),
        parse_int=lambda written: integer_of(written, ""),
    )
    if repeated:
        holder, name = repeated[0]
        place = next((at for at, one in places(value) if one is holder), "")
        message = f"the key {name!r} stands twice in an object: keep one"
        raise Malformed(STRUCTURE, place, message)
    return value


def _check_strings(value: Json) -> None:
    """Refuse characters that neither FHIR's strings nor XML may hold."""
    for at, one in places(value):
        texts = [one] if isinstance(one, str) else list(one) if isinstance(one, dict) else []
        for text in texts:
            found = _EXCLUDED.search(text)
            if found:
                message = f"the character U+{ord(found.group()):04X} is in no string of FHIR"
                raise Malformed(VALUE, at, message)


def _refuse_syntax(body: bytes, error: orjson.JSONDecodeError) -> NoReturn:
    """Say where the JSON stops making sense."""
    if "depth limit" in error.msg:
        message = "too many objects and arrays stand one inside the other"
        raise Malformed(TOO_COSTLY, "", message) from None
    cut = error.pos >= len(body.decode("utf-8").rstrip())
    what = "the body is cut short" if cut else "the body is no JSON"
    message = f"{what}: {error.msg} (line {error.lineno}, column {error.colno})"
    raise Malformed(STRUCTURE, "", message) from None


def _written(value: object) -> orjson.Fragment:
    """Write a decimal with the digits it was given."""
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    message = f"no JSON is made of {type(value).__name__}"
    raise TypeError(message)
