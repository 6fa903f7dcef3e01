"""A command with one field otherwise: the next value up or down, the bound of a table, another's.

What a field may be comes from its value, from the limits that the model knows, and from what other
commands carried in a field of that name; nothing here knows a command by name.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Final, cast

from etalon_model.agenda.agenda import LIMITS as AGENDA_LIMITS
from etalon_model.command import Command
from etalon_model.parameters import Parameters
from etalon_model.records.nomenclature import LIMITS
from etalon_model.walks.chance import Chance

_GIVEN: Final = frozenset({"at", "actor", "ins"})
_KEPT: Final = 12
"""How many values of a field are remembered."""
_DAYS: Final = (timedelta(days=1), timedelta(days=365))
_TIMES: Final = (timedelta(seconds=1), timedelta(hours=1), *_DAYS)
_NEAR: Final = 0.5
_REPLACED: Final = cast("Callable[..., Command]", replace)


@dataclass(slots=True)
class Varying:
    """Changes one field of a command.

    Attributes:
        chance: Where numbers come from.
        bounds: Whole numbers that the model compares with.
    """

    chance: Chance
    bounds: Sequence[int]
    _seen: dict[str, list[object]]

    def otherwise(self, command: Command) -> Command:
        """Return a command that differs in one field; the same where it has none to change."""
        names = [one.name for one in fields(command) if one.name not in _GIVEN]
        if not names:
            return command
        name = self.chance.pick(names)
        value = cast("object", getattr(command, name))
        changed = self._changed(name, value)
        try:
            # A class may refuse values that no wire could bring either.
            return _REPLACED(command, **{name: changed})
        except ValueError:
            return command

    def _changed(self, name: str, value: object) -> object:
        """Return another value for a field."""
        seen = self._seen.setdefault(name, [])
        others = [one for one in seen if type(one) is type(value) and one != value]
        if len(seen) >= _KEPT:
            seen[self.chance.below(_KEPT)] = value
        else:
            seen.append(value)
        if others and self.chance.happens(_NEAR):
            return self.chance.pick(others)
        return self._next_to(name, value)

    def _next_to(self, name: str, value: object) -> object:
        """Return a value beside another one, by its type; the same for a type without any."""
        if isinstance(value, bool):
            return not value
        if isinstance(value, Enum):
            return self.chance.pick(tuple(type(value)))
        if isinstance(value, int | float):
            return self._beside(value)
        if isinstance(value, date):
            return self._moved(value)
        if isinstance(value, str):
            return "" if self.chance.happens(_NEAR) else _other(value)
        return self._part_of(name, value)

    def _beside(self, value: float) -> float:
        """Return a number up to one away from another, or from a bound that the model knows."""
        step = self.chance.below(3) - 1
        if isinstance(value, float):
            return value + step
        bound = value if self.chance.happens(_NEAR) else self.chance.pick(self.bounds)
        return max(0, bound + step)

    def _moved(self, value: date) -> date:
        steps = _TIMES if isinstance(value, datetime) else _DAYS
        step = self.chance.pick(steps)
        try:
            return value + step if self.chance.happens(_NEAR) else value - step
        except OverflowError:
            return value

    def _part_of(self, name: str, value: object) -> object:
        """Return a tuple with one item more, less or otherwise; an object with one field so."""
        chance = self.chance
        if isinstance(value, tuple):
            items = cast("tuple[object, ...]", value)
            if not items or chance.happens(_NEAR):
                return items[1:] if chance.happens(_NEAR) else items + items[:1]
            at = chance.below(len(items))
            return (*items[:at], self._changed(f"{name}[]", items[at]), *items[at + 1 :])
        if is_dataclass(value) and not isinstance(value, type):
            inner = chance.pick([one.name for one in fields(value)])
            held = cast("object", getattr(value, inner))
            changes: Mapping[str, object] = {inner: self._changed(f"{name}.{inner}", held)}
            try:
                return replace(value, **changes)
            except (TypeError, ValueError):
                return value
        return value


def _other(word: str) -> str:
    """Return another word of the same length, by its last character."""
    return word[:-1] + ("1" if word.endswith("0") else "0")


def varying(chance: Chance, parameters: Parameters) -> Varying:
    """Return what changes a field, with the bounds that the model knows."""
    known = [value for row in (LIMITS, AGENDA_LIMITS) for value in row.values()]
    held = (cast("object", getattr(parameters, one.name)) for one in fields(parameters))
    known += [value for value in held if isinstance(value, int) and not isinstance(value, bool)]
    return Varying(chance, tuple(sorted(set(known))), {})
