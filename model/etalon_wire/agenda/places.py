"""Addresses of appointments, schedules and slots: no matricule, and leading back.

An appointment stands below the key of its space, a schedule below that of its editor, a slot below
its schedule. To a referenced service an appointment has an address of its own, so that two services
cannot tell by it that they know the same person (CAT-15).

Source: FHIR R4, `id` (64 characters at most).
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple

from etalon_model.agenda.agenda import SlotName
from etalon_model.agenda.openings import Slot
from etalon_model.agenda.schedules import Diary
from etalon_wire.records.addresses import record_key

_PLACE: Final = 12
_REMEMBERED: Final = 16_384
_APPOINTMENT: Final = "e"
_SCHEDULE: Final = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3})-([0-9a-f]{12})")
_START: Final = "%Y%m%dT%H%M%S"
_START_SHAPE: Final = re.compile(r"\d{8}T\d{6}", re.ASCII)
_OFFER: Final = re.compile(r"\d{1,3}", re.ASCII)


class ScheduleName(NamedTuple):
    """What tells a schedule from all others.

    Attributes:
        editor: Identifier of its editor.
        number: Its number among those of the editor.
    """

    editor: str
    number: int


@lru_cache(_REMEMBERED)
def appointment_id(ins: str, identifier: str) -> str:
    """Return the `id` of an appointment of a space."""
    digest = hashlib.sha256(identifier.encode()).hexdigest()
    return f"{record_key(ins)}-{_APPOINTMENT}{digest[: _PLACE - 1]}"


def opaque_appointment_id(id_pe: str, identifier: str) -> str:
    """Return the `id` of an appointment for a service that knows the person as `id_pe`."""
    return appointment_id(f"idPe {id_pe}", identifier)


def schedule_id(name: ScheduleName) -> str:
    """Return the `id` of a schedule."""
    return f"{record_key(name.editor)}-{name.number:0{_PLACE}x}"


def slot_id(schedule: ScheduleName, slot: Slot) -> str:
    """Return the `id` of a slot."""
    return f"{schedule_id(schedule)}.{slot.starts_at.strftime(_START)}.{slot.service + 1}"


class Editors:
    """The editors of agendas by what the addresses of their schedules begin with."""

    __slots__ = ("_by_key", "_known")

    def __init__(self) -> None:
        self._by_key: dict[str, str] = {}
        self._known: Mapping[str, Diary] = {}

    def schedule_named(self, diaries: Mapping[str, Diary], resource_id: str) -> ScheduleName | None:
        """Return the schedule that an `id` names, None when no editor keeps one there."""
        match = _SCHEDULE.fullmatch(resource_id)
        editor = None if match is None else self._editor(diaries, match[1])
        if match is None or editor is None:
            return None
        name = ScheduleName(editor, int(match[2], 16))
        return name if name.number in diaries[editor].schedules else None

    def slot_named(self, diaries: Mapping[str, Diary], resource_id: str) -> SlotName | None:
        """Return the slot that an `id` names; its schedule is there, the slot may not be."""
        head, _, rest = resource_id.partition(".")
        start, _, offer = rest.partition(".")
        schedule = self.schedule_named(diaries, head)
        if schedule is None or not _START_SHAPE.fullmatch(start) or not _OFFER.fullmatch(offer):
            return None
        try:
            starts_at = datetime.strptime(start, _START).replace(tzinfo=UTC)
        except ValueError:
            return None
        return SlotName(schedule.editor, schedule.number, starts_at, int(offer) - 1)

    def _editor(self, diaries: Mapping[str, Diary], key: str) -> str | None:
        # Editors are only ever added, but for a service that begins again.
        if diaries is not self._known:
            self._known = diaries
            self._by_key.clear()
        for editor in islice(diaries, len(self._by_key), None):
            self._by_key[record_key(editor)] = editor
        return self._by_key.get(key)
