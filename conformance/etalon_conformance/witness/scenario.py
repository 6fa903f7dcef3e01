"""Profiles of client software: the steps that a session walks through, read from data.

A profile is a file of `data/witness/`: who is needed, then each step with its texts, how it is
recognised in the traffic, which requirements it shows and what the witness does wrong meanwhile.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel, ConfigDict, TypeAdapter

from etalon_conformance.requirement import Words, words
from etalon_conformance.tables import DATA
from etalon_conformance.witness.plays import misbehaviours
from etalon_conformance.witness.traffic import SEND_MAIL, Known, Witnessed
from etalon_text.language import LANGUAGES
from etalon_text.strings import text
from etalon_wire.interactions import interactions

_FOLDER: Final = "witness"
_SUFFIX: Final = ".toml"


class Answered(StrEnum):
    """How the calls of a step are answered where it is seen."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    ANY = "any"


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    fr: str
    en: str


class _Person(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    kind: str = "person"
    profession: str = "10"
    age: int = 45
    guardian: str = ""
    state: str = "OPEN_ACTIVE"
    treated_by: list[str] = []
    blocks: list[str] = []
    permits: list[str] = []
    documents: int = 0
    old_documents: int = 0
    author: str = ""


class _Step(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: str
    do: _Words
    people: list[str]
    calls: list[str] = []
    about: str = ""
    answer: str = "accepted"
    requirements: list[str]
    plays: list[str] = []
    never: bool = False


class _Profile(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    title: _Words
    actor: str
    people: dict[str, _Person]
    step: list[_Step]
    not_covered: list[str] = []
    uses: list[str] = []
    mails: bool = False


_PROFILE: Final = TypeAdapter(_Profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Somebody that a session needs.

    Attributes:
        name: The name that steps call them by.
        kind: `person` or `professional`.
        profession: Code of the profession of a professional.
        age: Age of a person in years.
        guardian: Name of who represents them, or empty.
        state: Where their space stands.
        treated_by: Names of the professionals of their care team.
        blocks: Names of the professionals whom they keep out.
        permits: Kinds of consent that they gave.
        documents: How many documents of the last year their record holds.
        old_documents: How many that are older than two years.
        author: Name of the professional who wrote them.
    """

    name: str
    kind: str
    profession: str
    age: int
    guardian: str
    state: str
    treated_by: tuple[str, ...]
    blocks: tuple[str, ...]
    permits: tuple[str, ...]
    documents: int
    old_documents: int
    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do in the client.

    Attributes:
        name: Its name, unique in the profile.
        title: What it is about.
        do: What to do, with names of people in braces.
        people: The people it needs, by name; the first one acts.
        calls: The interactions that it is recognised by: one of them.
        about: Name of whom they are about; empty for anybody.
        answer: How they are answered.
        requirements: What it shows.
        plays: What the witness does wrong meanwhile, by name.
        never: The calls are what a right client does not make: the step is done without them.
    """

    name: str
    title: Words
    do: Words
    people: tuple[str, ...]
    calls: frozenset[str]
    about: str
    answer: Answered
    requirements: tuple[str, ...]
    plays: tuple[str, ...]
    never: bool

    def is_seen(self, one: Witnessed, known: Known, matricules: Mapping[str, str]) -> bool:
        """Whether an exchange is what the step is recognised by.

        Args:
            one: The exchange.
            known: What answers told so far.
            matricules: Name of a person -> matricule.
        """
        if one.interaction not in self.calls:
            return False
        if self.about and known.patient_of(one) != matricules[self.about]:
            return False
        if self.answer is Answered.ANY:
            return True
        return one.is_accepted if self.answer is Answered.ACCEPTED else one.is_refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What one kind of client software is measured by.

    Attributes:
        name: As typed after `--profile`.
        title: What it is.
        actor: Kind of actor that its client acts for.
        people: Who is needed, by name, in the order in which they are made.
        steps: What is done, in order.
        not_covered: Requirements of interfaces that Étalon does not speak.
        uses: Purpose, family and direction of what a referenced service asks for; none where the
            client is no service of the catalogue.
        mails: Whether its client sends mail too.
    """

    name: str
    title: Words
    actor: str
    people: Mapping[str, Cast]
    steps: tuple[Step, ...]
    not_covered: tuple[str, ...]
    uses: tuple[str, ...] = ()
    mails: bool = False

    @property
    def requirements(self) -> tuple[str, ...]:
        """The requirements that its steps show, each once, in order."""
        named = [ident for step in self.steps for ident in step.requirements]
        return tuple(dict.fromkeys([*named, *self.not_covered]))

    def step(self, name: str) -> Step:
        """Return a step.

        Raises:
            KeyError: There is none of that name.
        """
        return {one.name: one for one in self.steps}[name]


@cache
def profiles() -> Mapping[str, Profile]:
    """Return the profiles by name, sorted.

    Raises:
        ValueError: A file names what there is not.
    """
    folder = DATA / _FOLDER
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(_SUFFIX))
    found: dict[str, Profile] = {}
    for file in names:
        name = file.removesuffix(_SUFFIX)
        text = (folder / file).read_text(encoding="utf-8")
        found[name] = _profile(name, _PROFILE.validate_python(tomllib.loads(text)))
    return MappingProxyType(found)


def _profile(name: str, row: _Profile) -> Profile:
    people = {key: _cast(key, one) for key, one in row.people.items()}
    made = Profile(
        name=name,
        title=_words(row.title),
        actor=row.actor,
        people=people,
        steps=tuple(_step(name, one) for one in row.step),
        not_covered=tuple(row.not_covered),
        uses=tuple(row.uses),
        mails=row.mails,
    )
    for problem in _problems(made):
        message = f"{_FOLDER}/{name}{_SUFFIX}: {problem}"
        raise ValueError(message)
    return made


def _problems(profile: Profile) -> Sequence[str]:
    calls, plays = {*interactions(), SEND_MAIL}, misbehaviours().keys()
    found: list[str] = []
    for step in profile.steps:
        strange = [
            *(step.calls - calls),
            *(set(step.plays) - plays),
            *({*step.people, *filter(None, [step.about])} - profile.people.keys()),
        ]
        found += [f"the step {step.name} names {one!r}, which there is not" for one in strange]
    names = [step.name for step in profile.steps]
    return [*found, *(f"two steps are called {one}" for one in names if names.count(one) > 1)]


def _cast(name: str, row: _Person) -> Cast:
    return Cast(
        name=name,
        kind=row.kind,
        profession=row.profession,
        age=row.age,
        guardian=row.guardian,
        state=row.state,
        treated_by=tuple(row.treated_by),
        blocks=tuple(row.blocks),
        permits=tuple(row.permits),
        documents=row.documents,
        old_documents=row.old_documents,
        author=row.author,
    )


def check_name(profile: str, step: str) -> str:
    """Return the name under which the results of a step stand; `check.NAME` tells its title."""
    return f"{profile}-{step}"


def _step(profile: str, row: _Step) -> Step:
    title = f"check.{check_name(profile, row.name)}"
    return Step(
        name=row.name,
        title={language: text(title, language) for language in LANGUAGES},
        do=_words(row.do),
        people=tuple(row.people),
        calls=frozenset(row.calls),
        about=row.about,
        answer=Answered(row.answer),
        requirements=tuple(row.requirements),
        plays=tuple(row.plays),
        never=row.never,
    )


def _words(row: _Words) -> Words:
    return words(row.fr, row.en)
