"""One requirement: what a text asks of a system, and what a breach of it is worth."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final

from etalon_text.language import APOSTROPHE, NARROW_NO_BREAK, NO_BREAK, Language, spaced

Words = Mapping[Language, str]
"""A sentence in each language; both are empty where there is nothing to say."""

CERTAIN: Final = "certain"
"""The certainty of a requirement whose whole text is read in its source."""


def words(fr: str = "", en: str = "") -> Words:
    """Return a sentence in both languages, the French one spaced as French is."""
    return {"fr": spaced(fr, "fr"), "en": en}


class Level(StrEnum):
    """How strongly a text asks for something, in the words of RFC 2119."""

    SHALL = "SHALL"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Actor(StrEnum):
    """Who a requirement obliges."""

    SERVER = "server"
    CLIENT = "client"
    BOTH = "both"
    ORGANISATION = "organisation"
    """A person or an institution: no software can be seen to keep it."""


class Standing(StrEnum):
    """What a requirement rests on."""

    LAW = "law"
    SPECIFICATION = "specification"
    DRAFT = "draft"
    """A text of the authorities that is not final, or known by a copy that nobody answers for."""
    PRODUCT = "product"
    OWN = "own"


class Wire(StrEnum):
    """Over which exchange an observation was made."""

    OFFICIAL = "official"
    DRAFT = "draft"
    VENDOR_MAPPED = "vendor-mapped"
    """The vendor's own call, which their profile declares."""
    OWN = "own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A text that asks for something.

    Attributes:
        key: Its key in `data/wire_sources.csv`, or in the table of sources of the model.
        title: What it is, in each language.
        link: Its address, or an empty string: never guessed.
        published_on: Date of the version that was read, as precise as it is known, or empty.
        checked_on: When the requirement was last compared with it, or an empty string.
        place: Where in the text: a section, a page, a table; or an empty string.
    """

    key: str
    title: Words
    link: str
    published_on: str
    checked_on: str
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What a text asks of a system.

    Attributes:
        ident: Like `LIF-04` or `W-REC-27`.
        domain: Part of the service: `records`, `messaging`, `agenda`, …
        text: What it asks, in our own words; oblige nobody: the source alone does.
        level: SHALL, SHOULD or MAY.
        actor: Who it obliges.
        sources: The texts that ask for it; empty for a choice of ours.
        certainty: How sure the reading is: `certain`, `probable`, `inferred`, or which part is
            what.
        certain_part: What of it is certain where not all is: a breach of that part alone can be a
            failure. Both words are empty otherwise.
        condition: When it applies; both words are empty when it always does.
        standing: Law, published specification, draft, product observed or own design.
        wire: The wire it is written for; None for a rule, which any wire may show.
        suites: Names of the suites that hold it.
        untested: Why no check looks at it; both words are empty when one may.
    """

    ident: str
    domain: str
    text: Words
    level: Level
    actor: Actor
    sources: tuple[Source, ...]
    certainty: str
    certain_part: Words
    condition: Words
    standing: Standing
    wire: Wire | None
    suites: tuple[str, ...]
    untested: Words


_SIGN_SPACE: Final = re.compile(f"{NARROW_NO_BREAK}(?=[:;!?»])|(?<=«){NARROW_NO_BREAK}")
_ENFORCEABLE: Final = frozenset({Standing.LAW, Standing.SPECIFICATION})
_OFFERED: Final = frozenset({Wire.OFFICIAL, Wire.VENDOR_MAPPED})


def can_fail(requirement: Requirement, wire: Wire) -> bool:
    """Tell whether a breach seen over `wire` is a failure, not only a finding.

    It is when law or a published specification obliges a system without a way out (SHALL), the
    reading is certain, wholly or in the part that `certain_part` names, and the exchange is one
    that the vendor offers: official, or mapped in their profile.
    """
    return (
        requirement.level is Level.SHALL
        and requirement.actor is not Actor.ORGANISATION
        and requirement.standing in _ENFORCEABLE
        and wire in _OFFERED
        and (requirement.certainty == CERTAIN or bool(requirement.certain_part["en"]))
    )


def judged_parts(requirement: Requirement) -> dict[str, object]:
    """Return what a verdict depends on, by attribute.

    The other attributes (sources, suites, why it is not tested) may change without making a
    verdict stale.
    """
    return {
        "text": _digested(requirement.text),
        "level": requirement.level,
        "actor": requirement.actor,
        "certainty": requirement.certainty,
        "certain_part": _digested(requirement.certain_part),
        "condition": _digested(requirement.condition),
        "standing": requirement.standing,
        "wire": requirement.wire,
    }


def _digested(said: Words) -> dict[Language, str]:
    """Return words as digests have always had them: better typography makes no verdict stale."""
    return {
        language: _SIGN_SPACE.sub(NO_BREAK, sentence).replace(APOSTROPHE, "'")
        for language, sentence in said.items()
    }


def digest(requirement: Requirement) -> str:
    """Return the SHA-256 of what a verdict on `requirement` depends on, in hexadecimal.

    A verdict made under another digest is stale.
    """
    written = json.dumps(judged_parts(requirement), sort_keys=True)
    return sha256(written.encode()).hexdigest()
