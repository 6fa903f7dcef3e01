"""Values of the fields of a command, drawn by their types; nothing here knows a command by name.

A field with a pool of its own (documents, professionals, services) takes its value there; another
takes any value of its type. Fields that have a default keep it half of the time.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cache, partial
from types import UnionType
from typing import Final, Literal, Union, cast, get_args, get_origin, get_type_hints

from etalon_model.walks.chance import Chance

Draw = Callable[[], object]
Maker = Callable[[], object]

_KEPT: Final = 0.5
_NONE: Final = 0.3
_YES: Final = 0.7
_SMALL: Final = 4
_DAYS: Final = 40
_PAST_DAYS: Final = 10
_WORDS: Final = ("a", "b", "note")


class Values:
    """Draws values of fields.

    Attributes:
        now: The instant around which days and instants are drawn (UTC).
    """

    __slots__ = ("_chance", "_makers", "_pools", "now")

    def __init__(self, chance: Chance, now: datetime, pools: Mapping[str, Draw]) -> None:
        """Draw from `chance`.

        Args:
            chance: Where numbers come from.
            now: The first instant.
            pools: By `Class.field` or by name of field, what draws its value.
        """
        self._chance = chance
        self._pools = dict(pools)
        self._makers: dict[type, Callable[..., object]] = {}
        self.now = now

    def made(self, kind: type, *given: object) -> object:
        """Return an object of the dataclass `kind` whose first fields are `given`."""
        make = self._makers.get(kind)
        if make is None:
            make = self._makers[kind] = self.maker(kind, len(given))
        return make(*given)

    def maker(self, kind: type, given: int) -> Callable[..., object]:
        """Return what makes objects of the dataclass `kind` out of its first `given` fields."""
        hints = _hints(kind)
        draws = tuple(
            (field.name, self._field(kind, field.name, hints[field.name]), self._kept(kind, field))
            for field in fields(kind)[given:]
        )
        if not draws:
            return kind
        if not any(keeps for _, _, keeps in draws):
            each = tuple(draw for _, draw, _ in draws)
            return lambda *first: kind(*first, *[draw() for draw in each])

        def make(*first: object) -> object:
            values = {
                name: draw()
                for name, draw, keeps in draws
                if not (keeps and self._chance.happens(_KEPT))
            }
            return kind(*first, **values)

        return make

    def _kept(self, kind: type, field: object) -> bool:
        name = cast("str", getattr(field, "name"))  # noqa: B009 (a field of any dataclass)
        pooled = f"{kind.__name__}.{name}" in self._pools
        return not pooled and getattr(field, "default", MISSING) is not MISSING

    def _field(self, kind: type, name: str, hint: object) -> Draw:
        # A closed list of words is of its field alone: another field may bear the same name.
        shared = None if get_origin(hint) is Literal else self._pools.get(name)
        return self._pools.get(f"{kind.__name__}.{name}") or shared or self._typed(hint)

    def _typed(self, hint: object) -> Draw:
        """Return what draws a value of a type.

        Raises:
            TypeError: No command had a field of that type until now.
        """
        origin, arguments = get_origin(hint), get_args(hint)
        if origin is Literal:
            return partial(self._chance.pick, arguments)
        if origin in (Union, UnionType):
            kinds = [self._typed(one) for one in arguments if one is not type(None)]
            return lambda: None if self._chance.happens(_NONE) else self._chance.pick(kinds)()
        if origin is tuple:
            return self._tuple(arguments)
        if isinstance(hint, type):
            return self._plain(cast("type[object]", hint))
        message = f"no value of {hint} can be drawn"
        raise TypeError(message)

    def _tuple(self, arguments: tuple[object, ...]) -> Draw:
        if arguments[-1] is Ellipsis:
            one = self._typed(arguments[0])
            return lambda: tuple(one() for _ in range(self._chance.below(3)))
        each = [self._typed(argument) for argument in arguments]
        return lambda: tuple(draw() for draw in each)

    def _plain(self, kind: type[object]) -> Draw:
        draws: dict[type, Draw] = {
            bool: partial(self._chance.happens, _YES),
            int: partial(self._chance.below, _SMALL),
            float: lambda: float(self._chance.below(100)),
            str: partial(self._chance.pick, _WORDS),
            datetime: lambda: self.now - timedelta(hours=self._chance.below(_DAYS)),
            date: self._day,
        }
        if kind in draws:
            return draws[kind]
        if issubclass(kind, Enum):
            members = tuple(kind)
            return partial(self._chance.pick, members)
        if is_dataclass(kind):
            return lambda: self.made(kind)
        message = f"no value of {kind.__name__} can be drawn"
        raise TypeError(message)

    def _day(self) -> date:
        return (self.now + timedelta(days=self._chance.below(_DAYS) - _PAST_DAYS)).date()


@cache
def _hints(kind: type) -> Mapping[str, object]:
    """Return the types of the fields of a class: every walk asks for those of all commands."""
    return get_type_hints(kind)
