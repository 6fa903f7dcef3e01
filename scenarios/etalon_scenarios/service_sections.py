"""Sections of a scenario file about the service: ways to act, hotline, web site, opening, costs."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from etalon_scenarios.parameters import Expected, Number
from etalon_scenarios.section_base import (
    ONE,
    Period,
    Section,
    Share,
    SharePerYear,
    SharesByAge,
    TimeOfDay,
    WholeDays,
)


class Friction(Section):
    """What stands between the wish and the act."""

    identity_failure: Share = Field(
        description="share of attempts that fail on identity: carte Vitale not at hand, "
        "form not accepted"
    )
    calls_after_failure: Share = Field(description="share of these who then call the hotline")
    lost_code: Share = Field(description="share of people who no longer have their code")
    contact_known_email: Share = Field(
        description="share of people notified by e-mail to whom a new code can be sent"
    )
    contact_known_letter: Share = Field(
        description="share of people notified by letter to whom a new code can be sent"
    )
    regeneration_days: WholeDays = Field(description="days lost by asking for a new code")


class Routes(Section):
    """Other ways of objecting than the web site; what is left goes by the web."""

    phone: SharesByAge = Field(description="share of objecting people who telephone")
    post: Share = Field(description="share who write")
    counter: Share = Field(description="share who go to a counter")
    post_days: WholeDays = Field(description="days from writing to the recording of the objection")


class Hotline(Section):
    """The telephone service."""

    agents: Annotated[Number, Expected("agents", low=ONE, whole=True)] = Field(
        description="people who answer, full scale"
    )
    lines: Annotated[Number, Expected("lines", whole=True)] = Field(
        description="callers who can wait, full scale"
    )
    opens: TimeOfDay = Field(description="opening, HH:MM")
    closes: TimeOfDay = Field(description="closing, HH:MM")
    open_on: Literal["working-days", "monday-to-saturday", "every-day"] = Field(
        default="working-days",
        description="days on which it answers; the first two leave out public holidays",
    )
    service_minutes: Annotated[
        Number, Expected("minute", low=Decimal("0.1"), high=Decimal(600))
    ] = Field(description="mean length of a call that is answered")
    patience_minutes: Annotated[
        Number, Expected("minute", low=Decimal("0.1"), high=Decimal(600))
    ] = Field(description="mean time after which a waiting caller hangs up")
    retry: Share = Field(description="share of unanswered callers who call again later")
    attempts: Annotated[Number, Expected("calls", low=ONE, high=Decimal(10), whole=True)] = Field(
        description="calls after which a person gives up"
    )
    information_calls: Annotated[Number, Expected("calls/notice", high=Decimal(10))] = Field(
        description="calls that only ask what the notice is about"
    )


class Website(Section):
    """The web site where people object and activate."""

    admissions_per_minute: Annotated[Number, Expected("visits/minute", low=ONE, whole=True)] = (
        Field(description="visits admitted in a minute, full scale; others are turned away")
    )
    returns: Annotated[Number, Expected("visits", high=Decimal(18), whole=True)] = Field(
        description="times a person who was turned away comes back"
    )
    return_within_minutes: Annotated[Number, Expected("minute", low=ONE, high=Decimal(100_000))] = (
        Field(description="time within which they do")
    )
    calls_after_refusal: Share | None = Field(
        default=None,
        description="share of people who call the hotline once they have come back in vain; "
        "the others give up; without it, nobody calls",
    )


class Platform(Section):
    """What the platform behind the web site was measured to bear."""

    capacity: str | None = Field(
        default=None,
        min_length=1,
        description="path of a file of measured capacity, minute by minute (see user tables); "
        "without it, website.admissions_per_minute holds throughout",
    )


class Creation(Section):
    """The batch that opens the spaces of those who did not object."""

    starts_on: dt.date = Field(description="first day of the batch")
    clock: Literal["own-notice", "last-wave"] = Field(
        description="whose window must have ended: the person's own, or that of the last wave"
    )
    retry_after: Period = Field(description="time until an opening that failed is tried again")
    source: str | None = Field(default=None, description="where these dates were read")
    per_day: Annotated[Number, Expected("spaces/day", low=ONE, whole=True)] = Field(
        description="spaces opened in a calendar day at most, full scale"
    )
    impossible_share: Share = Field(description="share of people whose space cannot be opened")


class Closing(Section):
    """People who close a space that was opened."""

    per_year: SharePerYear = Field(description="share of open spaces closed in a year")


class Media(Section):
    """A shock of publicity that adds objections, then fades; optional, at most one a run."""

    shock_on: dt.date | None = Field(default=None, description="day of the shock; without it, none")
    shock_size: Annotated[Number, Expected("ratio", high=Decimal(1000))] = Field(
        description="objections that the whole shock adds, relative to those that the notice "
        "alone leads to"
    )
    half_life_days: Annotated[Number, Expected("day", low=Decimal("0.1"), high=Decimal(3650))] = (
        Field(description="days in which half of what the shock adds has come")
    )
    trigger_share: Share | None = Field(
        default=None,
        description="share of the population that objects in one day, above which a shock starts "
        "on the next; without it, none",
    )


class Usage(Section):
    """What people do with a space once they have entered it: load, outside the ledger."""

    login_days: Annotated[Number, Expected("day", low=ONE, high=Decimal(3650))] = Field(
        description="mean days between two logins of somebody who has entered their space"
    )
    reading_share: Share = Field(description="share of logins in which a document is opened")


class Costs(Section):
    """Unit costs."""

    letter: Annotated[Number, Expected("EUR/letter", high=Decimal(1000))] = Field(
        description="printing and posting a letter"
    )
    email: Annotated[Number, Expected("EUR/e-mail", high=Decimal(1000))] = Field(
        description="sending an e-mail"
    )
    call: Annotated[Number, Expected("EUR/call", high=Decimal(1000))] = Field(
        description="a call that is answered"
    )
