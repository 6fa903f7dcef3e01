"""Sections of a scenario file about the people: what is sent to them, what they read and want."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from etalon_scenarios.parameters import Expected, Number, Series
from etalon_scenarios.section_base import (
    LARGEST_SEED,
    ONE,
    AgeBandStart,
    DepartmentsOrAll,
    Ratio,
    RatiosByAge,
    Section,
    Share,
    SharesByAge,
    WholeDays,
)

WaveOrder = Literal["department", "reverse", "descending", "ascending", "region", "spread"]


class Wave(Section):
    """Notices sent to some départements between two dates, on working days."""

    first_on: dt.date = Field(description="first day of sending")
    last_on: dt.date | None = Field(
        default=None, description="last day of sending, included; not beside volume"
    )
    volume: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000_000,
        description="people notified in a working day, full scale, in place of last_on",
    )
    departments: DepartmentsOrAll = Field(
        description='"all", or a list of département codes in quotes'
    )
    order: WaveOrder = Field(
        description="department: one département after the other, by ascending code; "
        "reverse: by descending code; descending, ascending: by number of people; "
        "region: region by region, in alphabetical order; "
        "spread: each sends the same part every working day"
    )
    source: str | None = Field(default=None, description="where these dates were read")


class Notices(Section):
    """By which channel a notice goes."""

    email_share: SharesByAge = Field(
        description="share of people notified by e-mail (children as their parent)"
    )
    email_bounce: Share = Field(
        description="share of e-mails that fail and are followed by a letter"
    )
    bounce_delay_days: WholeDays = Field(
        description="days from the e-mail to the report of its failure"
    )
    letter_from_age: AgeBandStart | None = Field(
        default=None,
        description="age from which a letter is sent even where an e-mail address is known, "
        "a multiple of 5; without it, none",
    )
    excluded_share: SharesByAge | None = Field(
        default=None,
        description="share of people who cannot use the Internet (illectronisme), independently "
        "of whether an e-mail address is known; without it, nobody",
    )
    letter_to_excluded: bool = Field(
        default=False,
        description="whether these people get a letter even where an e-mail address is known",
    )
    second_channel: Literal["letter", "none"] = Field(
        default="letter",
        description="what follows an e-mail that failed: a letter, which starts the window anew, "
        "or nothing",
    )


class Reminder(Section):
    """A second message to people who have kept silent since their notice; optional."""

    after_days: int = Field(
        ge=1,
        le=365,
        description="days from the notice; the reminder leaves on the first working day from then",
    )
    channel: Literal["same", "email", "letter"] = Field(
        default="same",
        description="same: that of the notice; email: to people notified by e-mail alone; "
        "letter: to everybody",
    )
    to: Literal["silent", "adults", "minors"] = Field(
        default="silent",
        description="which of the people who have neither objected nor activated: all, those of "
        "age, or minors",
    )
    from_age: AgeBandStart = Field(
        default=0, description="age of the addressee from which it is sent, a multiple of 5"
    )


class Post(Section):
    """Printing and carrying letters."""

    letters_per_day: Annotated[Number, Expected("letters/working day", low=ONE, whole=True)] = (
        Field(description="letters printed and posted in a working day, full scale")
    )
    delay_days: Annotated[
        Series, Expected("share", high=ONE, by="delay_days", sums_to_one=True)
    ] = Field(description="share of letters that arrive 1, 2, 3… calendar days after posting")
    undelivered: Share = Field(description="share of letters that never reach the addressee")


class Reading(Section):
    """Who is informed by a notice that arrived."""

    email: Share = Field(description="share of delivered e-mails that are read")
    letter: Share = Field(description="share of delivered letters that are read")
    excluded_factor: Annotated[Number, Expected("ratio", high=ONE)] | None = Field(
        default=None,
        description="reading of e-mails by the digitally excluded, relative to the others; "
        "without it, the same",
    )
    uninformed_factor: Annotated[Number, Expected("ratio", high=ONE)] = Field(
        description="response of people who read nothing, relative to those who read"
    )


class Response(Section):
    """How fast people who will act do so, counted from the arrival of their notice."""

    tau_days: Annotated[Number, Expected("day", low=Decimal("0.1"), high=Decimal(365))] = Field(
        description="time constant of oppositions: a share 1 - exp(-t/tau) has come after t days"
    )
    activation_fast_share: Share = Field(description="share of activations that come at once")
    activation_fast_tau_days: Annotated[
        Number, Expected("day", low=Decimal("0.1"), high=Decimal(365))
    ] = Field(description="time constant of these")
    activation_slow_tau_days: Annotated[
        Number, Expected("day", low=Decimal("0.1"), high=Decimal(3650))
    ] = Field(description="time constant of the others")
    deadline_surge: Share = Field(
        description="share of oppositions that wait for the last days of the window"
    )
    deadline_surge_days: Annotated[
        Number, Expected("day", low=ONE, high=Decimal(60), whole=True)
    ] = Field(description="how many days before the deadline these come")
    reminder_surge: Share | None = Field(
        default=None,
        description="objections and activations that a reminder adds among people who had read "
        "their notice, relative to those that the notice alone leads to; without it, none",
    )
    deadline_publicity: Ratio | None = Field(
        default=None,
        description="objections that publicity for the deadline adds over these days, relative "
        "to those that the notice alone leads to; without it, none",
    )


class Intent(Section):
    """What people want, before anything stops them."""

    opposition: Share = Field(description="share of informed adults who want to object")
    activation: Share = Field(description="share of informed adults who want to activate")
    opposition_by_age: RatiosByAge = Field(
        description="wish to object by age, relative to the mean of adults"
    )
    opposition_female: Annotated[Number, Expected("ratio", high=Decimal(2))] = Field(
        description="wish to object of women relative to the mean of both sexes; "
        "men take two minus this"
    )
    activation_by_age: RatiosByAge = Field(
        description="wish to activate by age, relative to the mean of adults"
    )
    child_opposition: Share = Field(
        description="share of objecting parents who object for their children too"
    )
    child_activation: Share = Field(
        description="share of activating parents who activate for their children too"
    )
    department_sd: Annotated[Number, Expected("logit", high=Decimal(3))] = Field(
        description="standard deviation of the drawn effect of a département on the wish to object"
    )
    trust_shift: int = Field(
        default=0,
        ge=-100,
        le=100,
        description="points of trust gained, or lost when negative, in surveys of opinion",
    )
    trust_elasticity: Annotated[Number, Expected("1/point", high=ONE)] | None = Field(
        default=None,
        description="growth of the wish to object for one point of trust lost (logarithm)",
    )
    department_seed: int = Field(
        ge=0, le=LARGEST_SEED, description="seed of the effects of départements"
    )


class Minors(Section):
    """What holds for minors alone."""

    rule: Literal["parents", "not-opened", "own-from-16"] = Field(
        default="parents",
        description="parents: silence opens a minor's space and a parent decides; "
        "not-opened: a minor's space opens at a parent's request only; "
        "own-from-16: minors of 16 and 17 years decide for themselves, a parent signs",
    )
