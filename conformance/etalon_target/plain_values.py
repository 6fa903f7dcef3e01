"""Values of JSON and TOML whose shape nobody checked yet."""

from typing import TypeGuard


def is_table(value: object) -> TypeGuard[dict[str, object]]:
    """Whether a value is a table; keys of JSON and TOML are texts."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[object]]:
    """Whether a value is a list."""
    return isinstance(value, list)
