"""Suites, named after what is sold: which requirements each holds, and what it needs.

A suite holds requirements of servers only. Its denominator is computed: the requirements that it
holds, by standing and level; those that no check looks at stay in it, with their reason.
"""

import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Final

from pydantic import BaseModel, ConfigDict, TypeAdapter

from etalon_conformance.requirement import (
    Actor,
    Requirement,
    Standing,
    Wire,
    Words,
    can_fail,
    words,
)
from etalon_conformance.tables import rows_of, text_of
from etalon_text.packs import BETWEEN, Kind, PackError, folder_of, pack_named, pack_names

TABLE: Final = "suites.toml"
Membership = Callable[[str, str, Actor], tuple[str, ...]]
"""Identifier, domain and actor of a requirement -> the suites that hold it."""

_SERVED: Final = frozenset({Actor.SERVER, Actor.BOTH})


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    fr: str = ""
    en: str = ""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    title: _Words
    domains: list[str]
    identifiers: list[str]
    without: list[str]
    prerequisites: list[_Words]
    thin: _Words = _Words()


_ROWS: Final = TypeAdapter(dict[str, _Row])


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """What one kind of product is measured by.

    Attributes:
        name: As typed after `--suite`.
        title: What it is for.
        domains: Parts of the service whose requirements it holds, in the tables' words.
        identifiers: Requirements it holds besides.
        without: Requirements of those domains that are no matter of such a product.
        prerequisites: What the system must offer before the suite can say anything.
        profile: Text of the shortest profile file that it runs with.
        thin: What of the suite this version says little about; both words are empty when nothing.
    """

    name: str
    title: Words
    domains: frozenset[str]
    identifiers: frozenset[str]
    without: frozenset[str]
    prerequisites: tuple[Words, ...]
    profile: str
    thin: Words

    def holds(self, ident: str, domain: str, actor: Actor) -> bool:
        """Tell whether a requirement belongs to the suite."""
        return (
            actor in _SERVED
            and ident not in self.without
            and (domain in self.domains or ident in self.identifiers)
        )


@dataclass(frozen=True, slots=True)
class Denominator:
    """What a suite is counted out of.

    Attributes:
        requirements: How many it holds.
        by_standing: How many of each standing.
        binding: How many can fail over an official wire; the others give findings.
        untested: How many have a reason why no check looks at them.
    """

    requirements: int
    by_standing: Mapping[Standing, int]
    binding: int
    untested: int


@cache
def suites() -> Mapping[str, Suite]:
    """Return the suites by name: those of the table in its order, then those of packs.

    A pack that breaks its contract brings none; `suites_of_pack` says why.
    """
    rows = _ROWS.validate_python(tomllib.loads(text_of(TABLE)))
    own = {name: _suite(name, row, text_of(f"profiles/{name}.toml")) for name, row in rows.items()}
    for pack in pack_names(Kind.SUITES):
        with suppress(PackError):
            own.update(suites_of_pack(pack))
    return own


def suites_of_pack(name: str) -> Mapping[str, Suite]:
    """Return the suites that a pack brings, by the names they are asked for with.

    Its folder holds `suites.toml`, as ours, and `profiles/SUITE.toml` for each.

    Raises:
        PackError: There is no such pack, or it breaks that contract.
    """
    folder = folder_of(pack_named(Kind.SUITES, name))
    try:
        rows = _ROWS.validate_python(tomllib.loads((folder / TABLE).read_text(encoding="utf-8")))
        texts = {
            suite: (folder / "profiles" / f"{suite}.toml").read_text(encoding="utf-8")
            for suite in rows
        }
    except (OSError, ValueError) as error:
        line = " ".join(str(error).split())
        raise PackError(name, f"suites that cannot be read ({line})") from error
    known = _known_requirements()
    for suite, row in rows.items():
        for ident in (*row.identifiers, *row.without):
            if ident not in known:
                problem = f"a suite {suite} with {ident}, which is no requirement"
                raise PackError(name, problem)
    named = {f"{name}{BETWEEN}{suite}": suite for suite in rows}
    return {full: _suite(full, rows[suite], texts[suite]) for full, suite in named.items()}


@cache
def _known_requirements() -> frozenset[str]:
    tables = (rows_of("rule_levels.csv"), rows_of("wire_assertions.csv"))
    return frozenset(row["id"] for rows in tables for row in rows)


def _suite(name: str, row: _Row, profile: str) -> Suite:
    return Suite(
        name=name,
        title=_words(row.title),
        domains=frozenset(row.domains),
        identifiers=frozenset(row.identifiers),
        without=frozenset(row.without),
        prerequisites=tuple(map(_words, row.prerequisites)),
        profile=profile,
        thin=_words(row.thin),
    )


def _words(row: _Words) -> Words:
    return words(row.fr, row.en)


def memberships() -> Membership:
    """Return how a requirement finds its suites."""
    table = tuple(suites().values())

    def of(ident: str, domain: str, actor: Actor) -> tuple[str, ...]:
        return tuple(suite.name for suite in table if suite.holds(ident, domain, actor))

    return of


def requirements_of(suite: str, among: Mapping[str, Requirement]) -> tuple[Requirement, ...]:
    """Return the requirements of a suite, in the order of their set."""
    return tuple(one for one in among.values() if suite in one.suites)


def denominator(held: tuple[Requirement, ...]) -> Denominator:
    """Count what a suite is measured against."""
    return Denominator(
        requirements=len(held),
        by_standing={each: sum(one.standing is each for one in held) for each in Standing},
        binding=sum(can_fail(one, Wire.OFFICIAL) for one in held),
        untested=sum(bool(one.untested["en"]) for one in held),
    )
