"""The sections of a scenario file: each key with its meaning, its unit and its bounds.

Instants of the day are civil times of Europe/Paris; dates are civil dates; periods are ISO 8601
with one unit (`P6W`, `P30D`, `P1M`). "Full scale" marks a capacity that serves the whole
population of the scenario: a run on a part of it scales the capacity down.
"""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from etalon_scenarios.department_lists import known_departments, known_departments_or_all
from etalon_scenarios.parameters import Expected, Number, Series

ONE = Decimal(1)
PERIOD = r"^P[1-9][0-9]{0,3}[DWMY]$"
LARGEST_SEED = 2**63 - 1
TIME_OF_DAY = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
NAME = r"^[a-z0-9][a-z0-9-]{0,63}$"

Period = Annotated[str, Field(pattern=PERIOD)]
TimeOfDay = Annotated[str, Field(pattern=TIME_OF_DAY)]
Departments = Annotated[tuple[str, ...], BeforeValidator(known_departments)]
DepartmentsOrAll = Annotated[
    Literal["all"] | tuple[str, ...], BeforeValidator(known_departments_or_all)
]

Share = Annotated[Number, Expected("share", high=ONE)]
SharePerDay = Annotated[Number, Expected("share/day", high=ONE)]
SharePerYear = Annotated[Number, Expected("share/year", high=ONE)]
Ratio = Annotated[Number, Expected("ratio", high=Decimal(1000))]
Days = Annotated[Number, Expected("day", high=Decimal(3650))]
WholeDays = Annotated[Number, Expected("day", high=Decimal(365), whole=True)]
Minutes = Annotated[Number, Expected("minute", high=Decimal(100_000))]
SharesByAge = Annotated[Series, Expected("share", high=ONE, by="age_band")]
RatiosByAge = Annotated[Series, Expected("ratio", high=Decimal(1000), by="age_band")]


class Section(BaseModel):
    """A table of a scenario file: unknown keys are refused, nothing changes once read."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=False)


class CalibratedOn(Section):
    """Which parameter was fitted to which measured figure, in both languages."""

    parameter: str = Field(description="dotted path of the parameter")
    figure: str = Field(description="identifier of the figure in the table of targets")
    fr: str = Field(description="in words, in French")
    en: str = Field(description="in words, in English")


class Heading(Section):
    """What the scenario is called, the rules it runs under and the days it covers."""

    name: str = Field(
        pattern=NAME,
        description="identifier: small letters, digits and hyphens",
    )
    title_fr: str = Field(min_length=1, description="title in French")
    title_en: str = Field(min_length=1, description="title in English")
    question_fr: str | None = Field(
        default=None, min_length=1, description="the question of policy it answers, in French"
    )
    question_en: str | None = Field(
        default=None, min_length=1, description="the question of policy it answers, in English"
    )
    extends: str | None = Field(
        default=None,
        description="scenario this one starts from: the name of a shipped one, or a .toml file; "
        "this file then holds only what differs",
    )
    vintage: Literal["pilot-2021", "launch-2022", "steady-2023"] = Field(
        description="dated set of rules of the service"
    )
    starts_on: dt.date = Field(description="first day simulated")
    ends_on: dt.date = Field(description="last day simulated, included")
    seed: int = Field(
        ge=0,
        le=LARGEST_SEED,
        description="seed of every draw, unless the command line gives one",
    )
    calibrated_on: Annotated[tuple[CalibratedOn, ...], Field(strict=False)] = Field(
        default=(), description="which parameter was fitted to which figure"
    )


class Population(Section):
    """Who lives there."""

    basis: Literal["residents", "insured"] = Field(
        description="whom the run counts: residents of the census, or people insured"
    )
    departments: DepartmentsOrAll = Field(
        description='"all", or a list of département codes in quotes'
    )
    except_departments: Departments = Field(
        default=(), alias="except", description="départements left out of the above"
    )
    table: str = Field(
        min_length=1,
        description='"insee-2021", or the path of a CSV file of your own (see user tables)',
    )
    vital_events: bool = Field(description="whether people are born and die during the run")
    scale: Annotated[Number, Expected("ratio", low=Decimal("0.01"), high=Decimal(10))] = Field(
        description="people of the scenario for one person of the shipped table; "
        "a table of your own is taken as it is"
    )
    children_per_household: Annotated[
        Number, Expected("children/household", low=ONE, high=Decimal(10))
    ] = Field(description="mean number of minors in a household that has any")
    twin_share: Share = Field(description="share of children who are twins")
    protected_share: Share = Field(
        description="share of adults who are under a legal protection that a guardian exercises"
    )
    deaths_per_year: Annotated[Series, Expected("deaths/person/year", high=ONE, by="age_band")] = (
        Field(description="deaths by age band, both sexes")
    )
    births_per_year: Annotated[Series, Expected("births/woman/year", high=ONE, by="age_band")] = (
        Field(description="births by age band of the mother")
    )


class Enrolment(Section):
    """How a space comes to exist."""

    mode: Literal["opt-out", "opt-in"] = Field(
        description="opt-out: a notice, then a space unless the person objects; "
        "opt-in: nobody has one without asking"
    )
    opposition_window: Period = Field(description="time to object, counted from the sending")
    code_validity: Period = Field(description="time during which the code of a notice can be used")
    source: str | None = Field(default=None, description="where these periods were read")


class Wave(Section):
    """Notices sent to some départements between two dates, on working days."""

    first_on: dt.date = Field(description="first day of sending")
    last_on: dt.date = Field(description="last day of sending, included")
    departments: DepartmentsOrAll = Field(
        description='"all", or a list of département codes in quotes'
    )
    order: Literal["department", "spread"] = Field(
        description="department: one département after the other, by ascending code; "
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
    department_seed: int = Field(
        ge=0, le=LARGEST_SEED, description="seed of the effects of départements"
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
    opens: TimeOfDay = Field(description="opening on working days, HH:MM")
    closes: TimeOfDay = Field(description="closing, HH:MM")
    service_minutes: Annotated[
        Number, Expected("minute", low=Decimal("0.1"), high=Decimal(600))
    ] = Field(description="mean length of a call that is answered")
    patience_minutes: Annotated[
        Number, Expected("minute", low=Decimal("0.1"), high=Decimal(600))
    ] = Field(description="mean time after which a waiting caller hangs up")
    retry: Share = Field(description="share of unanswered callers who call again later")
    attempts: Annotated[Number, Expected("calls", low=ONE, high=Decimal(100), whole=True)] = Field(
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
    returns: Annotated[Number, Expected("visits", high=Decimal(100), whole=True)] = Field(
        description="times a person who was turned away comes back"
    )
    return_within_minutes: Annotated[Number, Expected("minute", low=ONE, high=Decimal(100_000))] = (
        Field(description="time within which they do")
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


class OptInSegment(Section):
    """A stretch of time with a steady flow of voluntary openings."""

    from_on: dt.date = Field(description="first day")
    to_on: dt.date = Field(description="last day, included")
    per_day: SharePerDay = Field(description="share of the population that opens a record in a day")


class OptIn(Section):
    """The voluntary scheme; only in opt-in mode."""

    segments: Annotated[tuple[OptInSegment, ...], Field(strict=False)] = Field(
        description="stretches of time, in order, without overlap"
    )
