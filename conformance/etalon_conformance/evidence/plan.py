"""The calls of a counterexample, ready to be written as a script.

Texts hold marks where a value stands that only the replay will know: a captured identifier, a new
one, a secret of the environment. `parts_of` takes such a text apart.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from etalon_conformance.expectations import Expectation
from etalon_target.actors import Who
from etalon_target.profile_sections import TokenSource

Form = Literal["", "quoted"]
"""How a value is written where it stands: as it is, or percent-encoded."""

_OPEN: Final = "\ue000"
_CLOSE: Final = "\ue001"
_MARK: Final = re.compile(f"{_OPEN}(\\w+?)(:quoted)?{_CLOSE}")


@dataclass(frozen=True, slots=True)
class Gap:
    """The place of a value in a text.

    Attributes:
        name: Name of the value.
        form: How it is written there.
    """

    name: str
    form: Form = ""


def mark(name: str, form: Form = "") -> str:
    """Return what stands for a value in a text."""
    return f"{_OPEN}{name}{':quoted' if form else ''}{_CLOSE}"


def parts_of(text: str) -> tuple[str | Gap, ...]:
    """Return the pieces of a text and the gaps between them, in order."""
    found: list[str | Gap] = []
    at = 0
    for match in _MARK.finditer(text):
        found += [text[at : match.start()], Gap(match[1], "quoted" if match[2] else "")]
        at = match.end()
    return tuple(part for part in (*found, text[at:]) if part != "")


def names_in(text: str) -> tuple[str, ...]:
    """Return the names of the values that a text needs, each once."""
    return tuple(dict.fromkeys(match[1] for match in _MARK.finditer(text)))


@dataclass(frozen=True, slots=True)
class Captured:
    """A value taken out of an answer.

    Attributes:
        name: Its name in the script.
        number: Of the call; with `+` when it may stand on a page that follows.
        places: Where it stands there, the surest first.
    """

    name: str
    number: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A value made before the first call that sends it.

    Attributes:
        name: Its name.
        kind: `uuid` or `oid`: a new one. `given`: told from outside. `secret`: so, without a
            default. `content`: a text with gaps; `data`, `sha1`, …: that content in base64, its
            hash.
        text: Default of what is given, text of a content, or name of the content.
    """

    name: str
    kind: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody in whose name calls are sent.

    Attributes:
        name: Name in the script.
        who: Who it is.
        source: Where the profile has the token from; None for the sandbox.
        actor: The actor told to the sandbox, as JSON with gaps.
    """

    name: str
    who: Who
    source: TokenSource | None
    actor: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One call.

    Attributes:
        number: Its number in the check.
        asker: Name of who asks, or empty.
        verb: HTTP method.
        url: Address, a text with gaps.
        headers: Names, and values with gaps.
        body: Text with gaps; bytes that are no UTF-8 as surrogates. None for no body.
        control: It sets the scene: the replay ends where it is refused.
        status: What it answered when it was recorded.
        pages: The links to further pages are followed.
        certificate: Which client certificate it shows, `first` or `second`, or empty.
        needed: What has to be made before it.
        captured: What is taken out of its answer.
    """

    number: int
    asker: str
    verb: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str | None
    control: bool
    status: int
    pages: bool = False
    certificate: str = ""
    needed: list[Made] = field(default_factory=list[Made])
    captured: list[Captured] = field(default_factory=list[Captured])


@dataclass(frozen=True, slots=True)
class Look:
    """An expectation and the calls it looks at.

    Attributes:
        requirement: Identifier of the requirement.
        numbers: Of the calls.
        expectation: What is expected, values and path with gaps.
        control: It shows that anything can be seen.
    """

    requirement: str
    numbers: tuple[str, ...]
    expectation: Expectation
    control: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A counterexample to be written.

    Attributes:
        calls: In order.
        askers: Who asks, in order of appearance.
        looks: Controls, in order, and last what is broken.
        given: Values told from outside, with their defaults.
        by_hand: Operations that a program or a function of the profile did.
    """

    calls: tuple[Sent, ...]
    askers: tuple[Asker, ...]
    looks: tuple[Look, ...]
    given: tuple[Made, ...] = ()
    by_hand: tuple[str, ...] = ()


def last_look(plan: Plan) -> Look:
    """Return what is broken."""
    return plan.looks[-1]


def controls_after(plan: Plan, call: Sent) -> tuple[Look, ...]:
    """Return the controls that can be looked at once a call is answered, and not before."""
    return tuple(
        look
        for look in plan.looks
        if look.control and call.number == max(map(_of_call, look.numbers), default=0)
    )


def is_done(call: Sent) -> bool:
    """Tell whether a call was answered in the run that it is done (2xx)."""
    return 200 <= call.status < 300  # noqa: PLR2004 (the class of statuses that say done)


def is_prepared(plan: Plan, call: Sent) -> bool:
    """Tell whether what is broken rests on what a call changed, though it does not look at it."""
    looked = {_of_call(number) for number in last_look(plan).numbers}
    changes = call.verb not in {"GET", "HEAD", "OPTIONS"} and not call.url.endswith("/_search")
    return is_done(call) and changes and call.number not in looked


def _of_call(number: str) -> int:
    return int(number.rstrip("+").partition(".")[0])


def texts_of(call: Sent) -> Sequence[str]:
    """Return every text of a call that may hold gaps."""
    return (call.url, *(value for _, value in call.headers), call.body or "")
