"""The interactions of the wire: one table for the router, the descriptions, the checks and loads.

Each row of `data/interactions.csv` is one verb on one path. The table says who may ever be
accepted; whether somebody is, for one person at one moment, is what the model decides.

Sources: PDSm and IHE MHD for records, the draft PDSm4DMP for the search of a patient, RFC 6749,
7009, 7517, 7591, 7662, 8414 and 8693 and OpenID Connect for identity; what is marked `own` is ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, cast, get_args

from etalon_model import ActorKind
from etalon_wire.tables import rows_of

Verb = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Standing = Literal["official", "draft", "own"]
"""Whether a published text describes an interaction, a draft does, or it is ours."""

Kind = Literal[
    "capabilities",
    "read",
    "vread",
    "history-instance",
    "search-type",
    "create",
    "update",
    "patch",
    "delete",
    "transaction",
    "operation",
    "own",
]
"""The code of FHIR for an interaction; `own` for what FHIR does not name."""

Body = Literal["", "fhir", "patch", "fhirpath", "form", "json", "hl7"]
Reply = Literal["", "fhir", "raw", "json", "text", "hl7", "html", "redirect", "calendar"]
"""What a request carries and what its success answers, as families of media types; nothing when
empty. `patch` is a JSON Patch or a FHIRPath Patch, `fhirpath` the second alone. `raw` is a document
in its own media type, or a Binary when FHIR is asked for."""

ANYONE: Final = "anyone"
"""The actor of a row that asks for no token."""

FHIR: Final = "/fhir"
"""Where the FHIR base stands, below the root of a server."""

MEASURES: Final = "/measures/fhir"
DOCUMENTS: Final = "/documents/fhir"
CATALOGUE: Final = "/catalogue"
"""Where the bases of other interfaces stand: measures and documents for referenced services, the
catalogue of these services."""


_CREATED_ONCE: Final = frozenset({"DocumentReference"})
"""Types of which a creation may make the condition that there is none yet."""


@dataclass(frozen=True, slots=True)
class Interaction:
    """One thing a client can ask for.

    Attributes:
        name: What it is called here: a verb of the field, unique.
        family: Which part of the service answers: `records`, `life_cycle`, `consents`, …
        verb: HTTP method.
        path: Template below the root of the server; a name in braces is one segment.
        resource: Type of FHIR it is about, or empty.
        kind: Code of FHIR.
        profile: Name of the profile of what is sent, or else answered; empty for none.
        body: Family of media types of the request.
        answer: Family of media types of a success.
        scopes: What a token must hold, without its context: `DocumentReference.s`.
        actors: In which capacities it may ever be accepted; empty when nobody is asked.
        journey: The errand of a user it belongs to, or empty.
        standing: Official, draft or ours.
        requirements: Identifiers of the requirements it answers (`W-…`).
        status: HTTP status of a success.
    """

    name: str
    family: str
    verb: Verb
    path: str
    resource: str
    kind: Kind
    profile: str
    body: Body
    answer: Reply
    scopes: tuple[str, ...]
    actors: frozenset[ActorKind]
    journey: str
    standing: Standing
    requirements: tuple[str, ...]
    status: int

    @property
    def is_open(self) -> bool:
        """True when it is answered without a token."""
        return not self.actors

    @property
    def is_conditional(self) -> bool:
        """True when it takes `If-None-Exist`: a creation that makes nothing twice."""
        return self.kind == "create" and self.resource in _CREATED_ONCE

    @property
    def operation(self) -> str:
        """The name of the operation of FHIR without its sign, or an empty string."""
        return self.path.rpartition("$")[2] if self.kind == "operation" else ""


@cache
def interactions() -> Mapping[str, Interaction]:
    """Return the table by name, in its order.

    Raises:
        ValueError: A row says what no row may; the table was damaged.
    """
    rows = [_interaction(row) for row in rows_of("interactions.csv")]
    found = {row.name: row for row in rows}
    if len(found) != len(rows):
        message = "interactions.csv: two rows have the same name"
        raise ValueError(message)
    return found


def of_family(family: str) -> tuple[Interaction, ...]:
    """Return the interactions of a family, in the order of the table."""
    return tuple(row for row in interactions().values() if row.family == family)


def _interaction(row: Mapping[str, str]) -> Interaction:
    name = row["name"]
    actors = row["actors"].split()
    return Interaction(
        name=name,
        family=row["family"],
        verb=cast("Verb", _one_of(name, row["verb"], get_args(Verb))),
        path=row["path"],
        resource=row["resource"],
        kind=cast("Kind", _one_of(name, row["kind"], get_args(Kind))),
        profile=row["profile"],
        body=cast("Body", _one_of(name, row["body"], get_args(Body))),
        answer=cast("Reply", _one_of(name, row["answer"], get_args(Reply))),
        scopes=tuple(row["scopes"].split()),
        actors=frozenset() if actors == [ANYONE] else frozenset(map(ActorKind, actors)),
        journey=row["journey"],
        standing=cast("Standing", _one_of(name, row["standing"], get_args(Standing))),
        requirements=tuple(row["requirements"].split()),
        status=int(row["status"]),
    )


def _one_of(name: str, found: str, known: tuple[str, ...]) -> str:
    if found in known:
        return found
    message = f"interactions.csv, {name}: {found!r} is none of {', '.join(known)}"
    raise ValueError(message)
