"""The law of a run: every probability, capacity and calendar of a scenario, in integers.

Both engines read this object and nothing else of a scenario. It is computed with integers and
`decimal`, never with floating point, so its digest is the same on every machine. Probabilities
are integers over 2 ** 32 or, where a draw spends fewer bits, over 2 ** 16.

A person decides when the cumulative attention of their cohort passes their threshold: the
threshold is the person's draw divided by the level of their class, the attention starts at 0 when
the notice arrives and tends to 1, plus what a deadline or a media shock adds. The share of a class
that has decided is therefore level x attention, capped at 1.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from enum import IntEnum
from typing import Final, cast

from etalon_scenarios.curves import ONE

NEVER: Final = 1 << 62
"""A threshold that no attention reaches, a day that no run sees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveLaw:
    """One wave: which day a position of a département falls on.

    Attributes:
        days: Working days of the wave, ascending.
        before: By département, people numbered before it in the wave (0 when spread).
        size: By département, its people (the whole wave's when spread); 0 when not in the wave.
        total: People of the wave.
    """

    days: tuple[int, ...]
    before: tuple[int, ...]
    size: tuple[int, ...]
    total: int

    def send_day(self, department: int, position: int) -> int:
        """Return the day a notice leaves, from a 32-bit position within the département."""
        reached = (self.before[department] << 32) + position * self.size[department]
        return self.days[reached * len(self.days) // (self.total << 32)]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLaw:
    """Channels, bounces, printing and post.

    Attributes:
        email: Share notified by e-mail by cell of the addressee, over 2 ** 16.
        bounce: Share of e-mails that fail, over 2 ** 16.
        bounce_days: Days until a failure is known.
        letters_per_day: Letters posted on a working day, at the scale of the run.
        post_delay: Cumulative share of letters delivered after 1, 2, … days, over 2 ** 16.
        undelivered: Share of letters that come back, over 2 ** 16.
        read: Share read of delivered (e-mails, letters), over 2 ** 32.
        read_excluded: Share of e-mails read by addressees digitally excluded, over 2 ** 32, where
            it is below that of the others.
        excluded: Share of people digitally excluded by band, over 2 ** 32; empty for nobody.
        letter_to_excluded: Whether they get a letter even where an e-mail address is known.
        letter_after_bounce: Whether a letter follows a failed e-mail.
    """

    email: tuple[int, ...]
    bounce: int
    bounce_days: int
    letters_per_day: int
    post_delay: tuple[int, ...]
    undelivered: int
    read: tuple[int, int]
    read_excluded: int = ONE
    excluded: tuple[int, ...] = ()
    letter_to_excluded: bool = False
    letter_after_bounce: bool = True

    def read_by(self, *, by_letter: bool, excluded: bool) -> int:
        """Return the share read of what arrives, by channel and addressee, over 2 ** 32."""
        if excluded and not by_letter:
            return min(self.read[0], self.read_excluded)
        return self.read[by_letter]


class ReminderChannel(IntEnum):
    """How a reminder travels."""

    AS_NOTICE = 0
    EMAIL = 1
    LETTER = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderLaw:
    """One reminder to people who have kept silent since their notice.

    Attributes:
        due: By day of sending, the day on which the reminder leaves, or `NEVER`.
        channel: How it travels; an e-mail goes to people notified by e-mail alone.
        minors: True for minors alone, False for adults alone, None for both.
        from_band: Lowest age band of the addressee.
    """

    due: tuple[int, ...]
    channel: ReminderChannel
    minors: bool | None
    from_band: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MinorsLaw:
    """What holds for minors alone.

    Attributes:
        opened: Whether silence opens their spaces.
        own_from: Age from which they decide for themselves, in completed months, or `NEVER`.
    """

    opened: bool = True
    own_from: int = NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseLaw:
    """Who decides, and when.

    Attributes:
        oppose: Level by cell of the decider, over 2 ** 32, for people who read their notice.
        activate: The same for activation.
        uninformed: Share of both levels left to people who read nothing, over 2 ** 32.
        child_oppose: Share of the parent's level that holds for a child, over 2 ** 32.
        child_activate: The same for activation.
        oppose_steps: Attention of opposition added on day 0, 1, … after delivery, over 2 ** 32.
        activate_steps: The same for activation.
        surge_step: Attention added on each of the last `surge_days` days of the window.
        surge_days: Length of the deadline's surge, in days.
        reminder_bump: Attention of both kinds that a reminder adds for who had read the notice.
    """

    oppose: tuple[int, ...]
    activate: tuple[int, ...]
    uninformed: int
    child_oppose: int
    child_activate: int
    oppose_steps: tuple[int, ...]
    activate_steps: tuple[int, ...]
    surge_step: int
    surge_days: int
    reminder_bump: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaLaw:
    """A media shock, dated or set off by the oppositions of a finished day.

    Attributes:
        day: Day it starts, or `NEVER`.
        trigger: Oppositions of a day that set it off, or `NEVER`.
        steps: Attention of opposition added on its day 0, 1, …, over 2 ** 32.
    """

    day: int
    trigger: int
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActingLaw:
    """From a decision to its effect.

    Attributes:
        phone: Share who act by telephone by band of the decider, over 2 ** 32.
        post: Share of opponents who write, over 2 ** 32.
        counter: Share of opponents who go to a counter, over 2 ** 32.
        post_days: Days from decision to effect by post or counter.
        identity_failure: Share whose identity form fails on the web, over 2 ** 32.
        call_after_failure: Share of those who then call, over 2 ** 32.
        code_lost: Share who no longer have their code, over 2 ** 32.
        contact_known: Share whose telephone the insurer knows, over 2 ** 32, of those notified
            by (e-mail, letter).
        accounts: The same by cell where the user's population table says it, else empty.
        regeneration_days: Days until a person comes back with a new code.
    """

    phone: tuple[int, ...]
    post: int
    counter: int
    post_days: int
    identity_failure: int
    call_after_failure: int
    code_lost: int
    contact_known: tuple[int, int]
    accounts: tuple[int, ...]
    regeneration_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneLaw:
    """The hotline.

    Attributes:
        agents: Calls served at once, at the scale of the run.
        lines: Places in the waiting queue, at the scale of the run.
        opens: Opening, microseconds of the day.
        span: Length of the opening hours, microseconds.
        open_days: By day of the run (and some beyond), whether the hotline answers.
        service: Equally likely lengths of a call, microseconds.
        patience: Equally likely patiences, microseconds.
        retry: Share who try again on the next open day, over 2 ** 32.
        attempts: Most calls of one person for one purpose.
        information: Share of adults reached who call for information, over 2 ** 32.
        information_days: An information call falls within so many days of delivery.
    """

    agents: int
    lines: int
    opens: int
    span: int
    open_days: tuple[bool, ...]
    service: tuple[int, ...]
    patience: tuple[int, ...]
    retry: int
    attempts: int
    information: int
    information_days: int

    def open_day(self, day: int) -> int:
        """Return the first open day from `day` on."""
        while not self.open_days[day]:
            day += 1
        return day


@dataclass(frozen=True, slots=True, kw_only=True)
class WebLaw:
    """The web site.

    Attributes:
        admissions: Visits admitted a minute, at the scale of the run.
        returns: Most returns of a visitor turned away.
        return_minutes: A visitor turned away returns within so many minutes.
        minutes: Equally likely minutes of arrival.
        call_after_refusal: Share who call once they have returned in vain, over 2 ** 32.
        ranges: Stretches of another capacity, ascending and disjoint: (first minute of the run,
            minute after the last, visits admitted a minute at the scale of the run).
    """

    admissions: int
    returns: int
    return_minutes: int
    minutes: tuple[int, ...]
    call_after_refusal: int = 0
    ranges: tuple[tuple[int, int, int], ...] = ()

    def admissions_at(self, minute: int) -> int:
        """Return the visits admitted in a minute of the run."""
        after = bisect_right(self.ranges, minute, key=_first_minute)
        if after and minute < self.ranges[after - 1][1]:
            return self.ranges[after - 1][2]
        return self.admissions


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningLaw:
    """Automatic opening, later closing, births and deaths, the voluntary scheme.

    Attributes:
        starts: First day of the batch.
        per_day: Spaces opened a calendar day, at the scale of the run.
        impossible: Share whose first opening fails, over 2 ** 32.
        retry_days: Days until a failed opening is tried again.
        eligible: By day of sending, first day an automatic opening is lawful and due.
        code_ends: By day of sending, first day on which the code no longer serves the web.
        window_ends: By day of sending, first day after the opposition window.
        closing: Share of open spaces closed a day, over 2 ** 32.
        deaths: Share who die a day by band, over 2 ** 32.
        births: Share of women who give birth a day by band, over 2 ** 32.
        newborn_girls: Share of girls among newborns, over 2 ** 32.
        newcomer_weekday: Day of the week of the newcomers' batch, Monday is 0.
        opt_in_online: Share of voluntary records opened on line, over 2 ** 32.
        opt_in_steps: Share of people who ask for a record each day, voluntary scheme only.
    """

    starts: int
    per_day: int
    impossible: int
    retry_days: int
    eligible: tuple[int, ...]
    code_ends: tuple[int, ...]
    window_ends: tuple[int, ...]
    closing: int
    deaths: tuple[int, ...]
    births: tuple[int, ...]
    newborn_girls: int
    newcomer_weekday: int
    opt_in_online: int
    opt_in_steps: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """Everything an engine needs to know of a scenario.

    Attributes:
        days: Days of the run.
        working: By day of the run (and some beyond), whether it is a working day.
        mail: The same for days on which post is delivered.
        opt_in: Whether the scheme is voluntary.
        random: Name of the function that draws.
    """

    days: int
    working: tuple[bool, ...]
    mail: tuple[bool, ...]
    opt_in: bool
    waves: tuple[WaveLaw, ...]
    notice: NoticeLaw
    response: ResponseLaw
    media: MediaLaw
    acting: ActingLaw
    phone: PhoneLaw
    web: WebLaw
    opening: OpeningLaw
    minors: MinorsLaw = field(default_factory=MinorsLaw)
    reminders: tuple[ReminderLaw, ...] = ()
    random: str = "splitmix64"
    digest: str = field(init=False, default="")

    def __post_init__(self) -> None:
        """Seal the law with the SHA-256 of its integers."""
        text = json.dumps(_plain(self), sort_keys=True, separators=(",", ":"))
        object.__setattr__(self, "digest", hashlib.sha256(text.encode()).hexdigest())

    def send_day(self, department: int, position: int) -> int:
        """Return the day on which the campaign notifies a household, or `NEVER`."""
        for wave in self.waves:
            if wave.size[department]:
                return wave.send_day(department, position)
        return NEVER

    def mail_day(self, day: int) -> int:
        """Return the first day from `day` on with a postal delivery."""
        while not self.mail[day]:
            day += 1
        return day

    def oppose_reach(self) -> int:
        """Bound the attention of opposition: a threshold above it never decides."""
        shock = sum(self.media.steps) if min(self.media.day, self.media.trigger) < NEVER else 0
        response = self.response
        surge = response.surge_step * response.surge_days
        return sum(response.oppose_steps) + surge + shock + self._bumps()

    def activate_reach(self) -> int:
        """Bound the attention of activation."""
        return sum(self.response.activate_steps) + self._bumps()

    def _bumps(self) -> int:
        return self.response.reminder_bump * len(self.reminders)


def _first_minute(stretch: tuple[int, int, int]) -> int:
    return stretch[0]


def scaled(level: int, share: int) -> int:
    """Multiply two fixed-point shares over 2 ** 32."""
    return level * share // ONE


def threshold(draw32: int, level: int) -> int:
    """Return the attention at which a person of a class decides, or `NEVER`."""
    return (draw32 << 32) // level if level else NEVER


def _is_at_rest(part: Field[object], value: object) -> bool:
    """Tell whether a field holds its default: a lever that nobody moved."""
    if part.default_factory is not MISSING:
        return value == part.default_factory()
    return value == part.default


def _plain(value: object) -> object:
    """Turn laws into dictionaries, for the digest; JSON writes a tuple of numbers as a list.

    A lever at rest is left out: the law is the one it was before the lever existed.
    """
    if isinstance(value, tuple):
        items = cast("tuple[object, ...]", value)
        return [_plain(item) for item in items] if items and is_dataclass(items[0]) else items
    if is_dataclass(value):
        return {
            part.name: _plain(getattr(value, part.name))
            for part in fields(value)
            if part.name != "digest" and not _is_at_rest(part, getattr(value, part.name))
        }
    return value
