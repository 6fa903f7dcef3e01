"""Test people made one by one by the operations that the profile of a target maps.

Beside what profiles capture for checks, `create_person` may capture `login`, `password` and the
`documents` that the record holds. Where it takes nobody, people whom the profile names stand in.
"""

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Final

from etalon_load.journeys.bodies import Sheet, body_of, simplified
from etalon_load.people.credential import Credential
from etalon_load.people.known_documents import KnownDocument
from etalon_load.people.making_in_sandbox import PATIENTS, TOLD, national_identifier
from etalon_load.people.people_errors import NotMadeError
from etalon_load.people.wanted import Wanted
from etalon_model.states import State
from etalon_target.cannot import CannotTest
from etalon_target.matricules import PRODUCTION
from etalon_target.messages import HttpRequest, HttpResponse
from etalon_target.operations import Performed
from etalon_target.people import Wanted as Sought
from etalon_target.targets import Target
from etalon_wire.json_body import Json

AT_ONCE: Final = 8
_GUARDIAN_AGE: Final = 38
_DOCTOR: Final = "10"
_CREATED: Final = 201
_FHIR: Final = "application/fhir+json"
_TEXTS: Final = (*TOLD, "label")
_Texts = dict[str, str]


def made_by_operations(target: Target, wanted: Wanted, count: int, tag: str) -> list[Credential]:
    """Make people of one kind, several at once.

    Args:
        target: Where.
        wanted: The kind.
        count: How many.
        tag: What marks everything that is made.

    Raises:
        NotMadeError: The target makes them not, or its profile has no way to.
    """
    try:
        professionals = _professionals(target, wanted, count, tag)
        make = partial(_made, target, wanted, professionals, tag)
        if not target.operations.can("create_person"):
            return [make(rank) for rank in range(count)]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            return list(threads.map(make, range(count)))
    except CannotTest as error:
        raise NotMadeError(key="operation", wanted=wanted.name, problem=error) from error


def _made(
    target: Target, wanted: Wanted, professionals: Sequence[_Texts], tag: str, rank: int
) -> Credential:
    guardian: _Texts = {}
    if wanted.is_minor:
        guardian = _person(target, Sought(State.OPEN_ACTIVE, _GUARDIAN_AGE, check=tag), tag)
    sought = Sought(wanted.state, wanted.age, guardian=guardian.get("ins", ""), check=tag)
    documents: list[Json] = []
    known = _person(target, sought, tag, documents)
    if wanted.state is State.NOTIFIED and not known.get("provisional_code"):
        known["provisional_code"] = _code_of(target, known["ins"])
    if guardian:
        known["representative"] = guardian["ins"]
        known |= {name: guardian.get(name, "") for name in ("login", "password")}
    seen_by = professionals[rank // PATIENTS] if professionals else {}
    made = Credential(wanted=wanted.name, documents=(), **known, **seen_by)
    if wanted.relation:
        _accepted(target, wanted.relation, holder=made.ins, who=made.rpps)
    held = tuple(KnownDocument(str(one)) for one in documents)
    missing = range(len(held), wanted.documents)
    held += tuple(_deposited(target, Sheet(made, number)) for number in missing)
    return replace(made, documents=held)


def _person(
    target: Target, sought: Sought, tag: str, documents: list[Json] | None = None
) -> _Texts:
    """Make somebody, or take somebody whom the profile names; return what is known of them."""
    if not target.operations.can("create_person"):
        named = target.people.person(sought)
        told = {name: str(getattr(named, name, "") or "") for name in _TEXTS}
        return {name: value for name, value in told.items() if value}
    captures = _accepted(
        target,
        "create_person",
        tag=tag,
        state=sought.state.value,
        age=sought.age,
        sex=None,
        department=None,
        guardian=sought.guardian or None,
        email=True,
        mobile=True,
    ).captures
    known = {name: str(captures[name]) for name in _TEXTS if captures.get(name) is not None}
    if "ins" not in known:
        raise NotMadeError(key="no_ins", operation="create_person")
    known["oid"] = known.get("oid", Credential("", "").oid).removeprefix("urn:oid:")
    if known["oid"] in PRODUCTION:
        raise CannotTest(key="target.production", oid=known["oid"])
    target.people.remember("person", known["ins"], tag)
    listed = captures.get("documents")
    if documents is not None and isinstance(listed, list):
        documents += listed
    return known


def _code_of(target: Target, ins: str) -> str:
    """Notify somebody, and return the code they were sent."""
    code = _accepted(target, "notify", patient=ins, channel="email").captures.get("code")
    return str(code or "")


def _professionals(target: Target, wanted: Wanted, count: int, tag: str) -> list[_Texts]:
    """Return the professional of each group of patients; whoever deposits is one too."""
    if not wanted.profession and not wanted.documents:
        return []
    profession = wanted.profession or _DOCTOR
    return [_professional(target, profession, tag) for _ in range(-(-count // PATIENTS))]


def _professional(target: Target, profession: str, tag: str) -> _Texts:
    told: Mapping[str, Json]
    if target.operations.can("create_professional"):
        told = _accepted(target, "create_professional", profession=profession, tag=tag).captures
        if "create_professional" in target.operations.names():
            # A sandbox like ours names professionals, it makes none.
            target.people.remember("professional", str(told["rpps"]), tag)
    else:
        named = target.people.professional(profession, tag)
        told = {"rpps": named.rpps, "structure": named.structure}
    return {
        "rpps": str(told["rpps"]),
        "profession": profession,
        "structure": national_identifier(str(told.get("structure") or "")),
    }


def _deposited(target: Target, sheet: Sheet) -> KnownDocument:
    """Deposit a document in the name of the professional of a person (ITI-105).

    Raises:
        NotMadeError: The target does not take it.
    """
    headers = (("Content-Type", _FHIR), ("Accept", _FHIR))
    request = HttpRequest("POST", "/DocumentReference", headers, body_of(simplified(sheet)))
    answer = target.send_as(sheet.whose.professional, request)
    if not isinstance(answer, HttpResponse) or answer.status != _CREATED:
        said = f"HTTP {answer.status}" if isinstance(answer, HttpResponse) else answer.detail
        raise NotMadeError(key="no_deposit", problem=said)
    located = answer.header("location").partition("/_history/")[0].rpartition("/")[2]
    told = answer.json()
    ident = told.get("id") if isinstance(told, dict) else None
    return KnownDocument(
        id=str(ident or located),
        unique_id=sheet.unique_id,
        kind=sheet.kind,
        title=sheet.title,
        media_type="text/plain",
        size=len(sheet.content),
        sha1=hashlib.sha1(sheet.content, usedforsecurity=False).hexdigest(),
        author=f"8{sheet.whose.rpps}",
    )


def _accepted(target: Target, operation: str, /, **values: Json) -> Performed:
    """Carry an operation out.

    Raises:
        NotMadeError: The target refuses it.
        CannotTest: It neither does it nor refuses it, or there is no way.
    """
    done = target.operations.perform(operation, None, **values)
    if not done.accepted:
        raise NotMadeError(key="refused", operation=operation, problem=done.status)
    return done
