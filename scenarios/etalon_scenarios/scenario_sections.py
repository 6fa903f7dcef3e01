"""Sections of a scenario file that frame it: heading, population, rules of the enrolment."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from etalon_scenarios.parameters import Expected, Number, Series
from etalon_scenarios.section_base import (
    LARGEST_SEED,
    NAME,
    ONE,
    Departments,
    DepartmentsOrAll,
    Period,
    Section,
    Share,
    SharePerDay,
)


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
    random: Literal["splitmix64", "philox4x32-10"] = Field(
        default="splitmix64",
        description="function that draws: a fast hash, or the slower Philox, which passes every "
        "known test of randomness; who the people are does not depend on it",
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
