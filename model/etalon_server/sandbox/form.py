"""The body of a sandbox control, read key after key; what is wrong in it is said with its key."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from etalon_server.exchange import Refused
from etalon_server.sandbox.durations import Duration
from etalon_wire.json_body import Json, read_value
from etalon_wire.malformed import STRUCTURE, Limits, Malformed
from etalon_wire.operation_outcomes import Fault

Word = TypeVar("Word", bound=str)


class Form:
    """An object whose keys are taken one by one; `end` refuses those that nobody took."""

    __slots__ = ("_at", "_given", "_taken")

    def __init__(self, given: Mapping[str, Json], at: str = "") -> None:
        self._given = given
        self._at = at
        self._taken: list[str] = []

    def has(self, key: str) -> bool:
        """Whether the key was given, with another value than null."""
        self._taken.append(key)
        return self._given.get(key) is not None

    def word(self, key: str, among: Sequence[Word], default: Word | None = None) -> Word:
        """Take one word of a closed list.

        Raises:
            Refused: It is another, or missing where there is no default.
        """
        found = self._take(key, default)
        for word in among:
            if found == word:
                return word
        raise self._refusal(key, f"one of {', '.join(among)}")

    def text(self, key: str, default: str | None = None) -> str:
        """Take a text that is not empty.

        Raises:
            Refused: It is none, or missing where there is no default.
        """
        found = self._take(key, default)
        if isinstance(found, str) and (found or default == ""):
            return found
        raise self._refusal(key, "a text")

    def texts(self, key: str, *, required: bool = False) -> list[str]:
        """Take a list of texts.

        Raises:
            Refused: It is none, or missing though required.
        """
        found = self._take(key, None if required else [])
        if isinstance(found, list):
            read = [one for one in found if isinstance(one, str) and one]
            if len(read) == len(found) and (read or not required):
                return read
        raise self._refusal(key, "a list of texts")

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """Take a whole number between two bounds.

        Raises:
            Refused: It is none, out of bounds, or missing where there is no default.
        """
        found = self._take(key, default)
        if isinstance(found, int) and not isinstance(found, bool) and low <= found <= high:
            return found
        raise self._refusal(key, f"a whole number between {low} and {high}")

    def share(self, key: str) -> float:
        """Take a share: a number between 0 and 1.

        Raises:
            Refused: It is none.
        """
        found = self._take(key, None)
        if isinstance(found, int | float | Decimal) and not isinstance(found, bool):
            share = float(found)
            if 0 <= share <= 1:
                return share
        raise self._refusal(key, "a share between 0 and 1")

    def switch(self, key: str, *, default: bool) -> bool:
        """Take true or false.

        Raises:
            Refused: It is neither.
        """
        found = self._take(key, default)
        if isinstance(found, bool):
            return found
        raise self._refusal(key, "true or false")

    def instant(self, key: str) -> datetime:
        """Take an instant with its time zone.

        Raises:
            Refused: It is none.
        """
        found = self._take(key, None)
        expected = "an instant with its time zone, like 2022-02-03T09:00:00+01:00"
        if isinstance(found, str):
            try:
                at = datetime.fromisoformat(found)
            except ValueError:
                raise self._refusal(key, expected) from None
            if at.tzinfo is not None:
                return at
        raise self._refusal(key, expected)

    def duration(self, key: str) -> Duration:
        """Take a duration.

        Raises:
            Refused: It is none.
        """
        found = self._take(key, None)
        try:
            return Duration(found if isinstance(found, str) else "")
        except ValueError:
            raise self._refusal(key, "a duration, like P42D, P6W, PT30S or PT0.5S") from None

    def part(self, key: str) -> "Form":
        """Take an object, to be read key after key too.

        Raises:
            Refused: It is none.
        """
        found = self._take(key, None)
        if isinstance(found, dict):
            return Form(found, f"{self._at}{key}.")
        raise self._refusal(key, "an object")

    def parts(self, key: str) -> "list[Form]":
        """Take a list of objects, each to be read key after key; without the key, none.

        Raises:
            Refused: It is none.
        """
        found = self._take(key, [])
        if isinstance(found, list):
            read = [
                Form(one, f"{self._at}{key}[{rank}].")
                for rank, one in enumerate(found)
                if isinstance(one, dict)
            ]
            if len(read) == len(found):
                return read
        raise self._refusal(key, "a list of objects")

    def end(self) -> None:
        """Refuse the keys that were not taken.

        Raises:
            Refused: There are some.
        """
        for key in self._given:
            if key not in self._taken:
                keys = ", ".join(sorted(set(self._taken)))
                message = f"the key {_short(key)} is not known here; keys are {keys}"
                raise Refused(Fault("PARAMETER_UNKNOWN", message, self._at + key[:_SHOWN]))

    def wrong(self, *, key: str, message: str) -> Refused:
        """Return what to raise because of what a key says."""
        return Refused(Fault("PARAMETER_WRONG", message, self._at + key))

    def _take(self, key: str, default: Json) -> Json:
        self._taken.append(key)
        found = self._given.get(key)
        return default if found is None else found

    def _refusal(self, key: str, expected: str) -> Refused:
        if not self.has(key):
            message = f"{key} is missing: give {expected}"
            return Refused(Fault("PARAMETER_MISSING", message, self._at + key))
        return self.wrong(
            key=key, message=f"{key} must be {expected}, found {_short(self._given[key])}"
        )


_SHOWN = 60


def _short(value: Json) -> str:
    """Write what was found, cut where it is long."""
    written = value if isinstance(value, str) else type(value).__name__
    if isinstance(value, bool | int | Decimal):
        written = str(value)
    return repr(written[:_SHOWN])


def read_form(body: bytes, limits: Limits) -> Form:
    """Read a body; an empty one is an object without keys.

    Raises:
        Malformed: It is no JSON object.
    """
    value = read_value(body, limits) if body else {}
    if not isinstance(value, dict):
        message = "the body is not an object: send keys and values"
        raise Malformed(STRUCTURE, "", message)
    return Form(value)
