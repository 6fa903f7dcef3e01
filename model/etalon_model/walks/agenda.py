"""What editors of agendas write on a walk: schedules that can be kept, most often their own."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from etalon_model.actors import Actor
from etalon_model.agenda.agenda import SlotName
from etalon_model.agenda.openings import Opening, ServiceType
from etalon_model.agenda.schedules import Diary, slots_of
from etalon_model.walks.chance import Chance
from etalon_model.walks.values import Draw

_WRONG: Final = 0.1
_SLOTTED: Final = 0.2
_WEEK: Final = timedelta(days=7)
_RULES: Final = ("", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=DAILY;COUNT=5", "FREQ=MONTHLY")


class AgendaPools:
    """Draws what the commands of an agenda carry."""

    __slots__ = ("_actor", "_chance", "_diaries", "_slot")

    def __init__(
        self,
        chance: Chance,
        actor: Callable[[], Actor],
        diaries: Callable[[], Mapping[str, Diary]],
    ) -> None:
        """Draw from `chance` for whoever acts, knowing what stands."""
        self._chance = chance
        self._actor = actor
        self._diaries = diaries
        self._slot: tuple[SlotName, datetime] | None = None

    def pools(self, now: Callable[[], datetime]) -> dict[str, Draw]:
        """Return by field what draws its value."""
        chance = self._chance

        def revision() -> int | None:
            return chance.below(3) if chance.happens(_WRONG) else None

        return {
            "PutAppointment.starts_at": lambda: self._start(now()),
            "PutAppointment.ends_at": lambda: self._slot[1] if self._slot else None,
            "PutAppointment.slots": lambda: (self._slot[0],) if self._slot else (),
            **dict.fromkeys(
                (f"{name}Appointment.expected" for name in ("Put", "Delete")), revision
            ),
            **dict.fromkeys((f"{name}Schedule.expected" for name in ("Put", "Delete")), revision),
            "PutSchedule.number": lambda: chance.pick((0, *self._numbers())),
            "DeleteSchedule.number": lambda: chance.pick(self._numbers() or (1,)),
            "PutSchedule.actors": lambda: () if chance.happens(_WRONG) else ("Location 1",),
            "PutSchedule.services": lambda: (ServiceType("a", 30 * chance.below(3)),),
            "PutSchedule.openings": lambda: (self._opening(now()),),
            **dict.fromkeys(("PutSchedule.from_at", "PutSchedule.until_at"), lambda: None),
        }

    def _numbers(self) -> tuple[int, ...]:
        diary = self._diaries().get(self._actor().ident)
        return () if diary is None else tuple(diary.schedules)

    def _opening(self, now: datetime) -> Opening:
        start = now + timedelta(hours=self._chance.below(24))
        return Opening(start, start + timedelta(hours=2), rule=self._chance.pick(_RULES))

    def _start(self, now: datetime) -> datetime:
        """Return a start, that of a slot now and then; the slot goes with it."""
        self._slot = None
        if self._chance.happens(_SLOTTED):
            for editor, diary in self._diaries().items():
                for schedule in diary.schedules.values():
                    for slot in slots_of(schedule, now, now + _WEEK):
                        name = SlotName(editor, schedule.number, slot.starts_at, slot.service)
                        self._slot = name, slot.ends_at
                        return slot.starts_at
        return now + timedelta(hours=self._chance.below(40) - 10)
