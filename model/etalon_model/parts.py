"""What an object of the model is made of, whatever its class: for copies and digests.

Objects are dataclasses, or classes with `__slots__`; a new part of a space is covered without a
word here.
"""

from dataclasses import Field, fields, is_dataclass
from typing import cast


def attributes_of(kind: type[object]) -> tuple[str, ...]:
    """Return the names of the attributes that instances of `kind` may have, base classes first.

    Raises:
        TypeError: Instances of `kind` are no plain objects of the model.
    """
    known = _fields(kind)
    if known is not None:
        return tuple(field.name for field in known)
    names: list[str] = []
    for base in reversed(kind.__mro__[:-1]):
        slots: object = base.__dict__.get("__slots__")
        if not isinstance(slots, str | tuple | list) or base.__module__ == "builtins":
            message = f"{kind.__qualname__} is neither a dataclass nor a class with slots"
            raise TypeError(message)
        names += [slots] if isinstance(slots, str) else list(cast("tuple[str, ...]", slots))
    return tuple(names)


def compared_attributes_of(kind: type[object]) -> tuple[str, ...]:
    """Return the attributes that make an instance equal to another: memories of results apart."""
    known = _fields(kind)
    if known is not None:
        return tuple(field.name for field in known if field.compare)
    return attributes_of(kind)


def is_frozen(kind: type[object]) -> bool:
    """Whether instances of `kind` are frozen dataclasses, so that nothing in them changes."""
    parameters: object = kind.__dict__.get("__dataclass_params__")
    return bool(getattr(parameters, "frozen", False))


def _fields(kind: type[object]) -> tuple[Field[object], ...] | None:
    return fields(kind) if is_dataclass(kind) else None
