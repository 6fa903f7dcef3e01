"""Rows of access logs that leave memory: kept with the command that made them leave.

Memory holds the last hundred rows of a person, and the older ones that a rule asks about (decision
0062). The others stand together on a shelf of their person, so that the whole log can be read.
While a journal is replayed nothing is kept: it was, with the same commands, the first time.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from secrets import token_bytes
from typing import Final, cast

import orjson

from etalon_model import Family, LogRow
from etalon_model.access_log import deed_of
from etalon_server.contents import KEY_BYTES, Contents, key_of
from etalon_server.durable.encoding import Kept
from etalon_wire.claims import actor_of

_LOG: Final = "log"
_Plain = tuple[str, str, str, str, str, str, str, str, str]


class LeavingRows:
    """Receives the rows that leave memory, and gives them to be kept."""

    __slots__ = ("_listens", "_rows")

    def __init__(self) -> None:
        self._listens = False
        self._rows: list[LogRow] = []

    def leave(self, row: LogRow) -> None:
        """Receive a row; nothing is received before somebody listens."""
        if self._listens:
            self._rows.append(row)

    def listen(self) -> None:
        """Receive rows from now on."""
        self._listens = True

    def taken(self) -> tuple[Kept, ...]:
        """Return what is to be kept of the rows received since the last time."""
        if not self._rows:
            return ()
        by_person: dict[str, list[LogRow]] = {}
        for row in self._rows:
            by_person.setdefault(row.ins, []).append(row)
        self._rows.clear()
        return tuple(
            Kept(token_bytes(KEY_BYTES), orjson.dumps([_plain(row) for row in rows]), _shelf(ins))
            for ins, rows in by_person.items()
        )


def whole_log(contents: Contents, ins: str, remembered: Iterable[LogRow]) -> list[LogRow]:
    """Return the whole access log of a person, oldest first.

    Args:
        contents: What is kept.
        ins: Whose log.
        remembered: What memory holds of it, oldest first.

    Raises:
        ContentDamagedError: What is kept is not what was given.
    """
    found = [
        _row(ins, plain)
        for body in contents.shelf(_shelf(ins))
        for plain in cast("list[_Plain]", orjson.loads(body))
    ]
    # The older rows that memory holds stand among those that left it.
    return sorted([*found, *remembered], key=lambda row: row.at) if found else list(remembered)


def _shelf(ins: str) -> bytes:
    return key_of(_LOG, ins)


def _plain(row: LogRow) -> _Plain:
    actor, deed = row.actor, row.deed
    return (
        row.at.astimezone(UTC).isoformat(),
        actor.kind.value,
        actor.ident,
        actor.profession,
        actor.role,
        deed.action,
        deed.detail,
        deed.refused,
        deed.family.value,
    )


def _row(ins: str, plain: _Plain) -> LogRow:
    at, kind, ident, profession, role, action, detail, refused, family = plain
    actor = actor_of(kind, ident, profession, role)
    deed = deed_of(action, Family(family), detail, refused)
    return LogRow(datetime.fromisoformat(at), ins, actor, deed)
