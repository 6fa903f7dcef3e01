"""Test people made many at once by the controls of a sandbox like ours."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from etalon_load.people.credential import Credential
from etalon_load.people.known_documents import KnownDocument
from etalon_load.people.people_errors import NotMadeError
from etalon_load.people.wanted import Wanted
from etalon_model.identities import DEPARTMENTS
from etalon_target.messages import HttpRequest, HttpResponse, NotJson
from etalon_target.targets import Target
from etalon_wire.json_body import Json, write_json
from etalon_wire.validation.reading import first, parts, text

AT_ONCE: Final = 500
PATIENTS: Final = 20
"""People whom one professional sees."""

_GUARDIAN_AGE: Final = 38
_FIRST: Final = "31"
_OVERSEAS: Final = "97"
_DEPARTMENTS: Final = (_FIRST, *(one for one in DEPARTMENTS if one.isdecimal() and one < _OVERSEAS))
_OF_A_DEPARTMENT: Final = 8_000
_JSON: Final = (("Content-Type", "application/json"), ("Accept", "application/json"))
_DONE: Final = frozenset({200, 201, 204})
TOLD: Final = (
    "ins",
    "oid",
    "patient_id",
    "family",
    "given",
    "sex",
    "birth_date",
    "department",
    "state",
    "vitale_serial",
    "provisional_code",
    "login",
    "password",
)
"""What a sandbox like ours tells of a person in the words of a `Credential`."""

_Told = Mapping[str, Json]


def made_in_sandbox(target: Target, wanted: Wanted, count: int, tag: str) -> list[Credential]:
    """Make people of one kind.

    Args:
        target: Where, with controls like those of our own sandbox.
        wanted: The kind.
        count: How many.
        tag: What marks everything that is made.

    Raises:
        NotMadeError: The sandbox makes them not.
    """
    made: list[Credential] = []
    for start in range(0, count, AT_ONCE):
        made += _made_together(target, wanted, min(AT_ONCE, count - start))
    for one in made:
        for ins in filter(None, (one.representative, one.ins)):
            target.people.remember("person", ins, tag)
    return made


def _made_together(target: Target, wanted: Wanted, count: int) -> list[Credential]:
    where: dict[str, Json] = {"count": count, "department": _department(target)}
    asked: dict[str, Json] = {**where, "state": wanted.state.value, "age": wanted.age}
    if wanted.documents:
        asked["documents"] = wanted.documents
    guardians: list[dict[str, Json]] = []
    if wanted.is_minor:
        guardians = _listed(target, "people", {**where, "age": _GUARDIAN_AGE})
        asked["guardians"] = [one["ins"] for one in guardians]
    people = _listed(target, "people", asked)
    seeing = _professionals(target, wanted, people)
    made: list[Credential] = []
    for rank, told in enumerate(people):
        known = _texts(told)
        if guardians:
            # Minors have no account: who represents them logs in.
            own = _texts(guardians[rank])
            known |= {"representative": own["ins"]}
            known |= {name: own.get(name, "") for name in ("login", "password")}
        made.append(
            Credential(
                wanted=wanted.name,
                documents=tuple(_documents(told)),
                **known,
                **(seeing[rank // PATIENTS] if seeing else {}),
            )
        )
    return made


def _department(target: Target) -> str:
    """Return the département of who is made next: each has matricules for so many of an age."""
    answer = target.send(HttpRequest("GET", target.sandbox_address, _JSON))
    told = answer.json() if isinstance(answer, HttpResponse) else None
    there = told.get("people") if isinstance(told, dict) else None
    rank = there // _OF_A_DEPARTMENT if isinstance(there, int) else 0
    return _DEPARTMENTS[rank % len(_DEPARTMENTS)]


def _professionals(target: Target, wanted: Wanted, people: Sequence[_Told]) -> list[dict[str, str]]:
    """Return the professional of each group of patients, related to them as wanted."""
    if not wanted.profession:
        return []
    count = -(-len(people) // PATIENTS)
    asked: dict[str, Json] = {"count": count, "profession": wanted.profession}
    named = [
        {
            "rpps": str(one["rpps"]),
            "profession": str(one["profession"]),
            "structure": national_identifier(str(one.get("structure") or "")),
        }
        for one in _listed(target, "professionals", asked)
    ]
    if wanted.relation:
        for rank, one in enumerate(named):
            patients = people[rank * PATIENTS : (rank + 1) * PATIENTS]
            holders: list[Json] = [each["ins"] for each in patients]
            body: dict[str, Json] = {"kind": wanted.relation, "who": one["rpps"]}
            _asked(target, "relations", {**body, "holders": holders})
    return named


def national_identifier(structure: str) -> str:
    """Return the national identifier (IDNST) of a structure, given as such or by FINESS number."""
    return f"1{structure}" if len(structure) == _FINESS_LENGTH else structure


_FINESS_LENGTH: Final = 9


def _texts(told: _Told) -> dict[str, str]:
    return {name: str(told[name]) for name in TOLD if told.get(name) is not None}


def _documents(told: _Told) -> Iterator[KnownDocument]:
    for one in parts(dict(told), "documents"):
        yield KnownDocument(
            id=str(one["id"]),
            unique_id=str(one["unique_id"]),
            kind=str(one["type"]),
            title=str(one["title"]),
            media_type=str(one["media_type"]),
            size=int(str(one["size"])),
            sha1=str(one["sha1"]),
            author=str(one["author"]),
        )


def _listed(target: Target, control: str, body: dict[str, Json]) -> list[dict[str, Json]]:
    """Return the objects that a control answers.

    Raises:
        NotMadeError: It answers something else, or fewer than were asked for.
    """
    told = _asked(target, control, body)
    listed = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    if len(listed) != body["count"]:
        raise NotMadeError(key="sandbox", control=control, problem=f"{len(listed)}/{body['count']}")
    return listed


def _asked(target: Target, control: str, body: Json) -> Json:
    """Ask a control for something; return what it answers, read.

    Raises:
        NotMadeError: It does not do it.
    """
    url = f"{target.sandbox_address}/{control}"
    answer = target.send(HttpRequest("POST", url, _JSON, write_json(body)))
    if not isinstance(answer, HttpResponse):
        problem = f"{answer.kind}: {answer.detail}"
        raise NotMadeError(key="sandbox", control=control, problem=problem)
    if answer.status not in _DONE:
        raise NotMadeError(key="sandbox", control=control, problem=_said(answer))
    told = answer.json() if answer.body else None
    return None if isinstance(told, NotJson) else told


def _said(answer: HttpResponse) -> str:
    """Return the status of an answer, and what its OperationOutcome says."""
    told = answer.json()
    said = text(first(told, "issue"), "diagnostics") if isinstance(told, dict) else ""
    return f"HTTP {answer.status} {said}".strip()
