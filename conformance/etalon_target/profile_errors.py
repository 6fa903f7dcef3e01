"""What is said of a profile that cannot be used: file, key, what was found, what is expected."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

_LONGEST: Final = 80
_EXPECTED: Final = {
    "missing": "a value: this key is required",
    "string_type": "a text in quotes",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "date_type": "a date without quotes, as 2004-11-23",
    "tuple_type": "a list",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "dict_type": "a table",
    "string_too_short": "a text that is not empty",
}
_TAGS: Final = ("fixed", "command", "client_credentials", "authorization_code", "token_exchange")
_NOT_SHOWN: Final = "a value (not shown)"


class ProfileError(ValueError):
    """A profile, or a name of a target, that the user can mend.

    Attributes:
        file: File as the user gave it, or the option.
        path: Dotted key in it, or empty for the whole.
        found: What stands there; never anything that may be secret.
        expected: What is expected there.
        nearest: The valid name nearest to a misspelt one, or None.
    """

    def __init__(
        self, file: str, path: str, *, found: str, expected: str, nearest: str | None = None
    ) -> None:
        self.file = file
        self.path = path
        self.found = found
        self.expected = expected
        self.nearest = nearest
        super().__init__(file, path, found, expected)

    def __str__(self) -> str:
        """The one-line message."""
        where = f"{self.file}: {self.path}" if self.path else self.file
        hint = f" (nearest valid name: {self.nearest})" if self.nearest else ""
        return f"{where}: found {self.found}; expected: {self.expected}{hint}"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that looks most like another, or None when none is close."""
    close = get_close_matches(name, sorted(known), 1)
    return close[0] if close else None


def first_error(file: str, error: ValidationError, model: type[BaseModel]) -> ProfileError:
    """Return the error to report first: a misspelt key explains the one that is missing."""
    details = error.errors(include_url=False)
    misspelt = [detail for detail in details if detail["type"] == "extra_forbidden"]
    detail = (misspelt or details)[0]
    keys = [str(key) for key in detail["loc"] if not _is_tag(str(key))]
    path = ".".join(keys)
    if detail["type"] == "extra_forbidden":
        known = sorted(_keys_beside(model, keys[:-1]))
        return ProfileError(
            file,
            path,
            found=f"the key {keys[-1]!r}, which is not known there",
            expected=f"one of {', '.join(known)}" if known else "another key",
            nearest=nearest(keys[-1], known),
        )
    found = "nothing" if detail["type"] == "missing" else _shown(detail)
    return ProfileError(file, path, found=found, expected=_expected(detail))


def _expected(detail: ErrorDetails) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in {"literal_error", "enum"}:
        return f"one of {context['expected']}"
    if kind == "union_tag_invalid":
        return f"one of {context['expected_tags']}"
    if kind == "union_tag_not_found":
        return f"the key {context['discriminator']}"
    if kind == "value_error":
        return str(context["error"])
    message = detail["msg"].removeprefix("Input should be ")
    return _EXPECTED.get(kind, message)


def _shown(detail: ErrorDetails) -> str:
    """Return what was found; a text only where it cannot be a secret put at the wrong place."""
    found = detail["input"]
    if detail["type"] == "value_error" and getattr(detail.get("ctx", {})["error"], "secret", False):
        return _NOT_SHOWN
    if isinstance(found, bool | int | float):
        return str(found).lower()
    if isinstance(found, str) and detail["type"] != "string_type":
        return repr(found if len(found) <= _LONGEST else f"{found[:_LONGEST]}…")
    kinds = {"dict": "a table", "list": "a list", "str": "a text"}
    name = type(found).__name__
    return kinds.get(name, f"a {name}")


def _is_tag(key: str) -> bool:
    """Whether a step of the way is the name that pydantic gives a kind, not a key of the file."""
    return key in _TAGS or "[" in key or key in {"str", "Step"}


def _keys_beside(model: type[BaseModel], keys: list[str]) -> set[str]:
    """Return the keys of the table that a path leads to, as far as the models say."""
    at: list[type[BaseModel]] = [model]
    for key in keys:
        below = [sub for one in at for sub in _models_at(one, key)]
        at = below or at
    return {field.alias or name for one in at for name, field in one.model_fields.items()}


def _models_at(model: type[BaseModel], key: str) -> list[type[BaseModel]]:
    field = next((f for n, f in model.model_fields.items() if key in {n, f.alias}), None)
    return [] if field is None else _models_in(field.annotation)


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [one for argument in get_args(annotation) for one in _models_in(argument)]
