"""Other answers to the open questions, as parameters under which vectors are worked out again."""

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Final, TypeVar, cast

from etalon_model.parameters import Parameters
from etalon_model.periods import Period
from etalon_model.policies import Policies, open_questions

_POLICIES: Final = "policies."
_NUMBERS: Final = ("opinion_days",)


@dataclass(frozen=True, slots=True)
class Switch:
    """Another answer to an open question.

    Attributes:
        question: `C1` to `C8`, `G1` to `G14`.
        setting: Field of `Parameters`, `policies.` first for a policy.
        value: The other answer, as `data/policies.csv` writes it.
    """

    question: str
    setting: str
    value: str


def switches() -> tuple[Switch, ...]:
    """Return the other answers that vectors work out, in the order of the questions."""
    return tuple(
        Switch(question.ident, setting, value)
        for question in open_questions()
        for setting, value in question.tried
    )


def under(parameters: Parameters, setting: str, value: str) -> Parameters:
    """Return `parameters` with another answer to an open question.

    Raises:
        AttributeError: There is no such setting.
        ValueError: The value is none of the setting.
    """
    name = setting.removeprefix(_POLICIES)
    holder: Parameters | Policies = parameters.policies if name != setting else parameters
    changed = cast("Any", replace)(holder, **{name: _read(getattr(holder, name), name, value)})
    return cast("Parameters", changed) if name == setting else replace(parameters, policies=changed)


def _read(present: object, name: str, value: str) -> object:
    """Read a value as the type of the one that stands there."""
    if isinstance(present, bool):
        return value == "yes"
    if isinstance(present, int) or name in _NUMBERS:
        return int(value)
    if isinstance(present, Period):
        return Period(value)
    return date.fromisoformat(value) if isinstance(present, date) else value


class _NotedParameters(Parameters):
    """Parameters that write down which of them are read."""

    __slots__ = ("noted",)
    noted: set[str]

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401 (any field)
        if name in _SETTINGS:
            object.__getattribute__(self, "noted").add(name)
        return object.__getattribute__(self, name)


class _NotedPolicies(Policies):
    """Policies that write down which of them are read."""

    __slots__ = ("noted",)
    noted: set[str]

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401 (any field)
        setting = _POLICIES + name
        if setting in _SETTINGS:
            object.__getattribute__(self, "noted").add(setting)
        return object.__getattribute__(self, name)


_SETTINGS: Final = frozenset(switch.setting for switch in switches())


def noting(parameters: Parameters) -> tuple[Parameters, set[str]]:
    """Return equal parameters, and the set to which they add each setting that is read.

    A story that never reads a setting ends alike whatever its value.
    """
    noted: set[str] = set()
    policies = _noting(_NotedPolicies, parameters.policies, noted)
    return _noting(_NotedParameters, replace(parameters, policies=policies), noted), noted


T = TypeVar("T")


def _noting(kind: type[T], held: object, noted: set[str]) -> T:
    copy = object.__new__(kind)
    object.__setattr__(copy, "noted", noted)
    for field in fields(cast("Any", held)):
        object.__setattr__(copy, field.name, object.__getattribute__(held, field.name))
    return copy
