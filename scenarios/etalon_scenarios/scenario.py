"""A scenario as read and checked: what the engines run, and what a report may cite."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import Field, PrivateAttr

from etalon_scenarios.department_lists import is_sequence
from etalon_scenarios.life_sections import Life
from etalon_scenarios.parameters import Expected, Number, Series
from etalon_scenarios.scenario_keys import expected_at, name_of
from etalon_scenarios.scenario_sections import Enrolment, Heading, OptIn, Population
from etalon_scenarios.section_base import Section
from etalon_scenarios.sending_sections import (
    Intent,
    Minors,
    Notices,
    Post,
    Reading,
    Reminder,
    Response,
    Wave,
)
from etalon_scenarios.service_sections import (
    Closing,
    Costs,
    Creation,
    Friction,
    Hotline,
    Media,
    Platform,
    Routes,
    Usage,
    Website,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from etalon_scenarios.capacity_file import Stretch
    from etalon_scenarios.population_table import PeopleTable
    from etalon_scenarios.targets import Target

AnySection = TypeVar("AnySection", bound=Section)
OPT_OUT_ONLY = (
    "notices",
    "post",
    "reading",
    "response",
    "intent",
    "friction",
    "routes",
    "hotline",
    "website",
    "creation",
    "closing",
    "media",
    "costs",
    "usage",
    "life",
    "population.children_per_household",
    "population.twin_share",
    "population.protected_share",
)
VITAL_EVENTS_ONLY = ("population.deaths_per_year", "population.births_per_year")
MEDIA_ONLY = ("media",)
WINDOWS = ("enrolment.opposition_window", "enrolment.code_validity")
TRUST_ONLY = ("intent.trust_elasticity",)


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that a scenario was read from.

    Attributes:
        role: `scenario`, `population.table`, `targets`, `parameters` or `platform.capacity`.
        path: As the user gave it; for a shipped file, its path inside the package.
        sha256: Digest of its bytes, in hexadecimal.
    """

    role: str
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Read:
    """What was read beside the scenario file itself.

    Attributes:
        inputs: The files, in the order in which they were read.
        people: The user's own population table, or None for a shipped one.
        targets: The user's own measured figures, or None for the shipped ones.
        changes: The changes asked for on the command line, as given.
        capacity: The measured capacity of the platform, stretch by stretch.
    """

    inputs: tuple[InputFile, ...] = ()
    people: "PeopleTable | None" = None
    targets: "tuple[Target, ...] | None" = None
    changes: tuple[str, ...] = field(default=())
    capacity: "tuple[Stretch, ...]" = field(default=())


class Scenario(Section):
    """A scenario: what is simulated, when, on whom, and every number with what is known of it."""

    targets_file: str | None = Field(
        default=None,
        alias="targets",
        description="path of a CSV file of measured figures of your own (see user tables)",
    )
    parameters_file: str | None = Field(
        default=None,
        alias="parameters",
        description="path of a CSV file of numbers of your own (see user tables)",
    )
    scenario: Heading
    population: Population
    enrolment: Enrolment
    waves: Annotated[tuple[Wave, ...], Field(strict=False)] = ()
    notices: Notices
    post: Post
    reading: Reading
    response: Response
    intent: Intent
    friction: Friction
    routes: Routes
    hotline: Hotline
    website: Website
    creation: Creation
    closing: Closing
    media: Media
    costs: Costs
    reminders: Annotated[tuple[Reminder, ...], Field(strict=False, max_length=6)] = ()
    minors: Minors = Minors()
    platform: Platform = Platform()
    usage: Usage | None = None
    life: Life | None = None
    optin: OptIn | None = None

    _read: Read = PrivateAttr(default_factory=Read)

    def model_post_init(self, context: object, /) -> None:
        """Keep what the loader read beside the file: the validation context carries it."""
        if isinstance(context, Read):
            self._read = context

    @property
    def name(self) -> str:
        """Identifier of the scenario."""
        return self.scenario.name

    @property
    def vintage(self) -> str:
        """Name of the dated set of rules."""
        return self.scenario.vintage

    @property
    def starts_on(self) -> "dt.date":
        """First day simulated."""
        return self.scenario.starts_on

    @property
    def ends_on(self) -> "dt.date":
        """Last day simulated, included."""
        return self.scenario.ends_on

    @property
    def seed(self) -> int:
        """Seed of every draw."""
        return self.scenario.seed

    @property
    def changes(self) -> tuple[str, ...]:
        """The `--set` changes that were applied, as given."""
        return self._read.changes

    @property
    def own_people(self) -> "PeopleTable | None":
        """The user's own population table, or None when the shipped one is used."""
        return self._read.people

    @property
    def own_targets(self) -> "tuple[Target, ...] | None":
        """The user's own measured figures, or None when the shipped ones are used."""
        return self._read.targets

    @property
    def capacity(self) -> "tuple[Stretch, ...]":
        """The measured capacity of the platform, stretch by stretch; empty without a file."""
        return self._read.capacity

    def inputs(self) -> list[tuple[str, str, str]]:
        """The files read, as (role, path, sha256)."""
        return [(file.role, file.path, file.sha256) for file in self._read.inputs]

    def parameters(self) -> list[tuple[str, Number | Series]]:
        """The parameters that this scenario uses, by dotted path, in the order of the file.

        Those of a mechanism that is off (births and deaths, media shock, the notices of an opt-in
        scheme) are left out: varying them would change nothing.
        """
        return [item for item in _walk(self, "") if not self._is_off(item[0])]

    def _is_off(self, path: str) -> bool:
        off: list[str] = []
        if self.enrolment.mode == "opt-in":
            off += OPT_OUT_ONLY
        if not self.population.vital_events:
            off += VITAL_EVENTS_ONLY
        if self.media.shock_on is None and self.media.trigger_share is None:
            off += MEDIA_ONLY
        if self.life is None or not self.life.counted:
            off.append("life")
        if self.own_people is not None:
            off.append("population.scale")
        off += self._at_rest()
        return any(path == prefix or path.startswith(prefix + ".") for prefix in off)

    def _at_rest(self) -> "Iterator[str]":
        """Paths of the numbers that levers at rest leave without effect."""
        refused, factor = self.website.calls_after_refusal, self.reading.excluded_factor
        publicity = self.response.deadline_publicity
        reads_alike = factor is None or factor.low == factor.value == factor.high == 1
        if refused is not None and not refused.value:
            yield "website.calls_after_refusal"
        if reads_alike:
            yield "reading.excluded_factor"
            if not self.notices.letter_to_excluded:
                yield "notices.excluded_share"
        if not self.reminders:
            yield "response.reminder_surge"
        if not self.intent.trust_shift:
            yield "intent.trust_elasticity"
        if publicity is not None and not publicity.value:
            yield "response.deadline_publicity"

    def why_off(self, path: str) -> str | None:
        """Why a value at this path would be without effect, in words; None when it has one."""
        off = {
            'enrolment.mode is "opt-in"': (*OPT_OUT_ONLY, *WINDOWS)
            if self.enrolment.mode == "opt-in"
            else (),
            "population.vital_events is false": ()
            if self.population.vital_events
            else VITAL_EVENTS_ONLY,
            "media.shock_on and media.trigger_share are missing": ()
            if self.media.shock_on is not None or self.media.trigger_share is not None
            else MEDIA_ONLY,
            "there are no reminders": () if self.reminders else ("response.reminder_surge",),
            "intent.trust_shift is 0": () if self.intent.trust_shift else TRUST_ONLY,
        }
        for reason, prefixes in off.items():
            if any(path == prefix or path.startswith(prefix + ".") for prefix in prefixes):
                return reason
        return None

    def with_values(self, values: "Mapping[str, Decimal]") -> "Scenario":
        """The same scenario at other values.

        For a number the mapping gives the new value; for a series, its common factor (see
        `Series`). Values are brought within what the key accepts, not within the range known.

        Raises:
            LookupError: A path that names no parameter of the scenario.
        """
        changed = self
        for path, value in values.items():
            changed = _changed(changed, path.split("."), value, expected_at(Scenario, path))
        return changed


def _walk(section: Section, prefix: str) -> "Iterator[tuple[str, Number | Series]]":
    for name, info in type(section).model_fields.items():
        path = prefix + (info.alias or name)
        member: object = getattr(section, name)
        if isinstance(member, Number | Series):
            yield path, member
        elif isinstance(member, Section):
            yield from _walk(member, path + ".")
        elif is_sequence(member):
            for rank, element in enumerate(member):
                if isinstance(element, Section):
                    yield from _walk(element, f"{path}.{rank}.")


def _changed(
    section: AnySection, keys: list[str], value: "Decimal", expected: Expected
) -> AnySection:
    """The section with one parameter below it at another value."""
    key, *rest = keys
    name = name_of(type(section), key)
    member: object = getattr(section, name)
    new: object = member
    if isinstance(member, Number | Series):
        new = member.changed(value, expected)
    elif isinstance(member, Section):
        new = _changed(member, rest, value, expected)
    elif is_sequence(member):
        rank = int(rest[0])
        new = tuple(
            _changed(element, rest[1:], value, expected)
            if place == rank and isinstance(element, Section)
            else element
            for place, element in enumerate(member)
        )
    return section.model_copy(update={name: new})
