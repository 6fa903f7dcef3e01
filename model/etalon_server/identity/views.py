"""What a step of a login shows next, before it is written as a page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Step = Literal[
    "means",
    "one_time_code",
    "profiles",
    "terms",
    "professional",
    "consents",
    "refused",
    "activation",
    "opened",
    "over",
]
"""Which page: who are you, the one-time code, for whom, the conditions of use, which professional,
what a referenced service may do, a refusal, the first entry into a space, it is open now, a request
that leads nowhere."""


@dataclass(frozen=True, slots=True)
class View:
    """One page of a login.

    Attributes:
        step: Which page.
        fault: Key of what was wrong with the last answer, or empty.
        facts: What the page shows: names of test people, codes, choices.
        values: Values for the placeholders of the fault.
        status: HTTP status.
    """

    step: Step
    fault: str = ""
    facts: Mapping[str, object] = field(default_factory=dict[str, object])
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    status: int = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose on a page.

    Attributes:
        value: What the form sends.
        label: What is read first.
        detail: What is read below it.
    """

    value: str
    label: str
    detail: str = ""
