"""Commands as plain data and back: what a journal, a test vector or another process carries.

A command becomes a dictionary with its name under `command` and its fields by name. The types of
the fields decide how (`value_codec`); nothing here knows a command by name. Reading is strict:
what is missing, unknown or of another type is refused with the path to it.
"""

from typing import cast

from etalon_model.affiliation import Affiliate
from etalon_model.command import Command
from etalon_model.handlers import CATALOGUE_HANDLERS, HANDLERS
from etalon_model.value_codec import CommandFormatError, Json, codec_of

_NAME = "command"


def command_types() -> dict[str, type[Command]]:
    """Return every command of the service by its name, in alphabetical order."""
    kinds = {kind.__name__: kind for kind in (*HANDLERS, *CATALOGUE_HANDLERS, Affiliate)}
    return dict(sorted(kinds.items()))


def plain_command(command: Command) -> dict[str, Json]:
    """Return `command` as a dictionary that JSON can hold."""
    kind = type(command)
    fields = cast("dict[str, Json]", codec_of(kind).plain(command))
    return {_NAME: kind.__name__, **fields}


def command_from(document: object) -> Command:
    """Return the command that `document` describes.

    Raises:
        CommandFormatError: It describes none; the message says where and what is accepted.
    """
    if not isinstance(document, dict):
        nowhere = ""
        raise CommandFormatError(nowhere, "an object", document)
    held = dict(cast("dict[str, object]", document))
    name = held.pop(_NAME, None)
    kind = _kind(name) if isinstance(name, str) else None
    if kind is None:
        raise CommandFormatError(_NAME, "the name of a command of the service", name)
    return cast("Command", codec_of(kind).value(held, kind.__name__))


_KINDS: dict[str, type[Command]] = {}


def _kind(name: str) -> type[Command] | None:
    if name not in _KINDS:
        # Domains register their commands when they are imported, some perhaps after this module.
        _KINDS.update(command_types())
    return _KINDS.get(name)
