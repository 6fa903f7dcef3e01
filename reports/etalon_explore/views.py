"""A view: two policies and how far to look. Its address says all of it, and nothing else does.

The query string names the scenario each policy starts from and what its levers are moved to; those
of the reference are preceded by `reference.`. What an address cannot mean is left out of the view
and told, control by control.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode

from etalon_explore.controls import controls_of, written_alike
from etalon_scenarios.scenario_errors import cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from etalon_explore.controls import Control
    from etalon_scenarios.scenario import Scenario
    from etalon_text.language import Language

POLICY: Final = "policy"
REFERENCE: Final = "reference"
INTERVALS: Final = "intervals"
LANGUAGE: Final = "lang"
LONGEST_ADDRESS: Final = 8_000
_YES: Final = "yes"


@dataclass(frozen=True, slots=True)
class Choice:
    """A policy as chosen: where it starts from, and what is moved.

    Attributes:
        base: Name of the scenario it starts from.
        moved: Key of a control and its value, in the order of the page.
    """

    base: str
    moved: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the page shows.

    Attributes:
        reference: The policy that the other is compared with.
        policy: The policy whose levers are on the page.
        intervals: Whether the intervals are asked for.
        language: Of the words.
    """

    reference: Choice
    policy: Choice
    intervals: bool
    language: Language


@dataclass(slots=True)
class Refusals:
    """What an address asked for and cannot have.

    Attributes:
        values: Key of a control of the policy -> the value refused.
        others: Parts that mean nothing here, as they stand in the address.
    """

    values: dict[str, str] = field(default_factory=dict[str, str])
    others: list[str] = field(default_factory=list[str])


def address_of(view: View) -> str:
    """Write the query string of a view, without its question mark."""
    pairs = [(LANGUAGE, view.language), (REFERENCE, view.reference.base)]
    pairs += [(f"{REFERENCE}.{key}", value) for key, value in view.reference.moved]
    pairs += [(POLICY, view.policy.base), *view.policy.moved]
    if view.intervals:
        pairs.append((INTERVALS, _YES))
    return urlencode(pairs)


def view_at(
    address: str, scenarios: Mapping[str, Scenario], first: str, language: Language
) -> tuple[View, Refusals]:
    """Read an address, whatever it holds.

    Args:
        address: A query string.
        scenarios: Scenarios that a policy may start from, by the name an address gives them.
        first: The one that stands for a name that is missing or unknown.
        language: The one that stands for a language that is missing or unknown.

    Returns:
        The view, and what of the address it leaves out.
    """
    refusals = Refusals()
    try:
        pairs = parse_qsl(address[:LONGEST_ADDRESS].lstrip("?"), keep_blank_values=True)
    except ValueError:
        pairs = []
    asked = dict(pairs)
    named = asked.get(LANGUAGE)
    spoken: Language = "fr" if named == "fr" else "en" if named == "en" else language
    reference = _choice(asked, REFERENCE, f"{REFERENCE}.", scenarios, first, refusals)
    policy = _choice(asked, POLICY, "", scenarios, reference.base, refusals)
    known = {LANGUAGE, REFERENCE, POLICY, INTERVALS, *_keys(scenarios, policy)}
    known |= {f"{REFERENCE}.{key}" for key in _keys(scenarios, reference)}
    unknown = (f"{key}={value}" for key, value in pairs if key not in known)
    refusals.others += [cut(one) for one in unknown]
    view = View(
        reference=reference,
        policy=policy,
        intervals=asked.get(INTERVALS) == _YES,
        language=spoken,
    )
    return view, refusals


def _keys(scenarios: Mapping[str, Scenario], choice: Choice) -> frozenset[str]:
    return frozenset(control.key for control in controls_of(scenarios[choice.base]))


def _choice(  # noqa: PLR0913, PLR0917 (an address, and what it is read against)
    asked: Mapping[str, str],
    name: str,
    prefix: str,
    scenarios: Mapping[str, Scenario],
    first: str,
    refusals: Refusals,
) -> Choice:
    base = asked.get(name, first)
    if base not in scenarios:
        refusals.others.append(cut(f"{name}={base}"))
        base = first
    moved = _moved(asked, prefix, controls_of(scenarios[base]), refusals)
    return Choice(base, tuple(moved))


def _moved(
    asked: Mapping[str, str], prefix: str, controls: Sequence[Control], refusals: Refusals
) -> Iterator[tuple[str, str]]:
    for control in controls:
        value = asked.get(prefix + control.key, control.value).strip()
        if not control.accepts(value):
            if prefix:
                refusals.others.append(cut(f"{prefix}{control.key}={value}"))
            else:
                refusals.values[control.key] = cut(value)
        elif (alike := written_alike(value, control)) != control.value:
            yield control.key, alike
