"""Feeding records: a transaction of documents (ITI-65), one document with its content (ITI-105).

What is sent is validated, then becomes a plan of commands, carried out all or none; what the model
does not keep stands beside them in the same group commit.

Sources: IHE MHD, ITI-65 and ITI-105; FHIR R4, 3.1.0.8 (create) and 3.1.0.11 (transaction).
"""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Final

from etalon_model import ActorKind, Command
from etalon_model.identities import Identity
from etalon_model.records.deposit import Means
from etalon_model.records.record import documents_of
from etalon_server.asking import known_caller, known_person
from etalon_server.durable.encoding import Kept
from etalon_server.exchange import (
    MEDIA_TYPES,
    Answer,
    Desk,
    Refused,
    Request,
    answer_resource,
    form_accepted,
    received_resource,
)
from etalon_server.records.conditions import IF_NONE_EXIST, Found, existing
from etalon_server.records.places import (
    bytes_key,
    list_key,
    lists_shelf,
    resource_key,
)
from etalon_server.records.reading import version_headers
from etalon_server.records.searching import unique_id_at
from etalon_server.records.showing import address_of, replaced_among, show_received, shown
from etalon_server.rehearsal import Halted
from etalon_wire.bundles import transaction_response
from etalon_wire.claims import Caller
from etalon_wire.clinical_deposits import is_clinical
from etalon_wire.findings import Finding
from etalon_wire.json_body import Resource
from etalon_wire.malformed import TOO_COSTLY, Malformed
from etalon_wire.operation_outcomes import Fault, gravest
from etalon_wire.records.addresses import Named
from etalon_wire.records.instants import stamp_of
from etalon_wire.records.plans import Depositing, Plan, Step, answers_of
from etalon_wire.records.provide_bundles import plan_of
from etalon_wire.records.simplified import simplified_plan
from etalon_wire.validation.reading import parts

ENTRIES_MOST: Final = 1000
"""Most entries of a transaction: all of them are tried, then carried out, without a pause."""

_PROVIDED: Final = "pdsm-comprehensive-provide-document-bundle"
_PUBLISHED: Final = "pdsm-simplified-publish"
_GRAVE: Final = frozenset({"fatal", "error"})
_MINIMAL: Final = "return=minimal"
_SANDBOX: Final = "sandbox"
_STRONG: Final = {
    ActorKind.PROFESSIONAL: Means.PRO_SANTE_CONNECT,
    ActorKind.STRUCTURE: Means.STRUCTURE_CERTIFICATE,
    ActorKind.INSURER: Means.INSURER_FEED,
    ActorKind.SYSTEM: Means.SERVICE,
}
_PROVEN: Final = {
    "psc": Means.PRO_SANTE_CONNECT,
    "cps": Means.CPS,
    "e-cps": Means.E_CPS,
}


def means_of(caller: Caller) -> Means:
    """Return by what means a caller is known, as the model names it.

    A token of the sandbox stands for whatever its actor would have used; a structure, the insurer
    and the service are known by the certificate or the feed that their token was issued for.
    """
    kind = caller.actor.kind
    if kind is ActorKind.PROFESSIONAL and caller.means != _SANDBOX:
        return _PROVEN.get(caller.means, Means.NONE)
    return _STRONG.get(kind, Means.NONE)


async def provide_documents(desk: Desk, request: Request) -> Answer:
    """Carry out a transaction: all of it or nothing (W-REC-01, W-REC-02)."""
    bundle = received_resource(request, desk)
    count = len(parts(bundle, "entry"))
    if count > ENTRIES_MOST:
        message = f"the bundle has {count} entries and at most {ENTRIES_MOST} are carried out"
        raise Malformed(TOO_COSTLY, "Bundle.entry", message)
    _check(desk, bundle, _PROVIDED)
    plan, at = _planned(desk, request, partial(plan_of, bundle))
    if await _judged(desk, plan):
        plan, at = _planned(desk, request, partial(plan_of, bundle))
    await _carry_out(desk, plan, at)
    documents = documents_of(known_person(desk, plan.ins))
    answers = answers_of(plan, documents, at)
    return answer_resource(request, desk, transaction_response(answers))


async def publish_document(desk: Desk, request: Request) -> Answer:
    """Take one document in with its content; answer it as it now stands (W-REC-12)."""
    resource = received_resource(request, desk)
    _check(desk, resource, _PUBLISHED)
    plan, at = _planned(desk, request, partial(simplified_plan, resource))
    if IF_NONE_EXIST in request.headers or desk.clinical_kit is not None:
        found = await existing(desk, request, plan.ins)
        if found is not None:
            return _found_again(desk, request, found)
        await _judged(desk, plan)
        plan, at = _planned(desk, request, partial(simplified_plan, resource))
    await _carry_out(desk, plan, at)
    person = known_person(desk, plan.ins)
    document = documents_of(person)[plan.entries[0].name]
    location = ("Location", address_of(request.base, plan.ins, document))
    headers = (location, *version_headers(document))
    if _MINIMAL in request.headers.get("prefer", ""):
        return Answer(HTTPStatus.CREATED, headers=headers)
    form = form_accepted(request, desk.mode)
    # Whoever put a version in the record knows which one it replaces.
    replaced = replaced_among(document, documents_of(person).values())
    stored = plan.steps[0].stored
    is_as_received = document.revision == 1 and document.deposited_at == at
    body = b""
    if is_as_received and stored is not None and stored.kept is not None:
        body = show_received(desk, person, (document, replaced), stored.kept, request.base)
    if not body or form != "json":
        body = shown(desk, person, document, replaced, request.base, form)
    return Answer(HTTPStatus.CREATED, body, MEDIA_TYPES[form], headers)


def _found_again(desk: Desk, request: Request, found: Found) -> Answer:
    """Answer the document that was there already, as it stands; nothing is changed."""
    person, document, versions = found
    location = ("Location", address_of(request.base, person.ins, document))
    headers = (location, *version_headers(document))
    if _MINIMAL in request.headers.get("prefer", ""):
        return Answer(HTTPStatus.OK, headers=headers)
    form = form_accepted(request, desk.mode)
    replaced = replaced_among(document, versions)
    body = shown(desk, person, document, replaced, request.base, form)
    return Answer(HTTPStatus.OK, body, MEDIA_TYPES[form], headers)


def _check(desk: Desk, resource: Resource, profile: str) -> None:
    """Let what was sent pass when nothing grave is wrong with it.

    Raises:
        Refused: Something is.
    """
    findings = desk.validator.validate(resource, profile, desk.mode)
    if findings and gravest(findings) in _GRAVE:
        raise Refused(findings)


def _depositing(desk: Desk, request: Request) -> Depositing:
    """Return who deposits, and whom this server knows."""
    caller, service = known_caller(request), desk.host.service

    def find(named: Named) -> Identity | None:
        if named.ins:
            person = None
            try:
                person = service.person(named.ins)
            except LookupError:
                return None
        else:
            person = desk.people.find(service, named.key)
        return None if person is None else person.identity

    def unique_id_of(resource_id: str) -> str:
        return unique_id_at(desk, caller, resource_id)

    at, means = desk.host.clock.now(), means_of(caller)
    return Depositing(at, caller.actor, means, find, unique_id_of, desk.mode, request.base)


def _planned(
    desk: Desk, request: Request, make: Callable[[Depositing], Plan | list[Finding]]
) -> tuple[Plan, datetime]:
    """Return what is to be done, and the present instant, which its commands bear.

    A record takes no command older than its last (TRC-01): after others may have been served, a
    plan is made again.

    Raises:
        Refused: What was sent makes no plan, or the token is for another space.
    """
    who = _depositing(desk, request)
    plan = make(who)
    if isinstance(plan, list):
        raise Refused(plan)
    _refuse_other_space(request, plan)
    known_person(desk, plan.ins)
    return plan, who.at


async def _carry_out(desk: Desk, plan: Plan, at: datetime) -> None:
    """Carry out a plan, all of it or nothing.

    Raises:
        Refused: The model refuses a command.
    """
    acts: list[tuple[Command, list[Kept]]] = [
        (step.command, list(_kept(plan.ins, step, at))) for step in plan.steps
    ]
    if plan.lists:
        shelf = lists_shelf(plan.ins)
        acts[-1][1].extend(Kept(list_key(one.list_id), one.to_bytes(), shelf) for one in plan.lists)
    outcome = await desk.host.write_all(acts)
    if isinstance(outcome, Halted):
        raise Refused(outcome.refusal)


def _refuse_other_space(request: Request, plan: Plan) -> None:
    """Refuse a plan for another space than the token's.

    Raises:
        Refused: It is.
    """
    patient = known_caller(request).patient
    if patient and patient != plan.ins:
        message = "the token is for another space than the documents are"
        raise Refused(Fault("NOT_ALLOWED", message))


async def _judged(desk: Desk, plan: Plan) -> bool:
    """Judge clinical documents by the kit of the ANS, where there is one (W-CDA-01, W-CDA-02).

    Returns:
        Whether there was one to judge: others were served meanwhile.

    Raises:
        Refused: One of them does not keep to it; `lenient` lets it pass.
        Malformed: One of them is no clinical document.
    """
    kit = desk.clinical_kit
    if kit is None or desk.mode == "lenient":
        return False
    clinical = [
        one.stored.content
        for one in plan.steps
        if one.stored is not None and is_clinical(one.stored.media_type)
    ]
    for content in clinical:
        findings = await asyncio.to_thread(kit.judge, content)
        if findings:
            raise Refused(findings)
    return bool(clinical)


def _kept(ins: str, step: Step, at: datetime) -> Iterator[Kept]:
    """Yield what is kept beside a command."""
    stored = step.stored
    if stored is not None:
        instance = (ins, stored.unique_id, stamp_of(at))
        if stored.kept is not None:
            yield Kept(resource_key(*instance), stored.kept)
        yield Kept(bytes_key(*instance), stored.content)
