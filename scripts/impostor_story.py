"""The story itself: a record and its readers, a child, pages, a life cycle, an emergency."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from etalon_model import SYSTEM, AccessMode, Actor, Route, holder, representative
from etalon_model.opening import OpenAutomatically
from etalon_model.opposition import Oppose
from etalon_model.records.feeding import Ground, ObjectToFeeding
from etalon_model.records.record import documents_of
from etalon_wire.claims import actor_of
from etalon_wire.labels import VISIBILITY
from etalon_wire.parts import Transform
from impostor_probe import (
    A_CERTIFICATE,
    DOCUMENTS,
    EXAMPLES,
    HIDDEN,
    MASKED,
    NOT_FOR_PARENTS,
    REPORT,
    SURGERY,
    Probe,
    Step,
    attachment,
    place,
    unique,
)
from in_process import Reply
from rights_scene import identified, said, treating

if TYPE_CHECKING:
    from etalon_wire.json_body import Json


def story(probe: Probe) -> Iterator[Step]:
    """Tell the whole story; yield what each step answers, under a name."""
    yield from _one_record(probe)
    yield from _a_child(probe)
    yield from _pages_and_bundles(probe)
    yield from _life_cycle(probe)
    yield from _erased(probe)
    yield from _emergencies(probe)


def _one_record(probe: Probe) -> Iterator[Step]:
    ins = probe.person()
    author, carer, stranger, other = treating(0), treating(1), treating(2), treating(3)
    mine = holder(ins)
    yield "metadata", probe.ask(None, "GET", "/fhir/metadata")
    for doctor in (author, carer, other):
        probe.join(doctor, ins)
    plain = probe.publish(author, ins)
    yield "publish", plain
    surgery = {"coding": [{"system": "http://loinc.org", "code": SURGERY}]}
    masked = place(probe.publish(author, ins, MASKED))
    hidden = place(probe.publish(author, ins, HIDDEN))
    typed = place(probe.publish(author, ins, type=surgery))
    yield "publish-invalid", probe.publish(author, ins, type={"text": "?"})
    yield "publish-unreadable", probe.ask(probe.caller(author), "POST", DOCUMENTS, b"{")
    yield "find-as-carer", probe.find(carer, ins)
    yield "find-as-holder", probe.find(mine, ins)
    yield "find-as-stranger", probe.find(stranger, ins)
    yield "read-masked", probe.send(carer, "GET", masked)
    yield "read-as-holder", probe.send(mine, "GET", place(plain))
    yield "read-as-stranger", probe.send(stranger, "GET", place(plain))
    yield "read-hidden", probe.send(mine, "GET", hidden)
    yield from _found_by(probe, carer, ins, place(plain))
    yield from _contents(probe, carer, place(plain).replace("DocumentReference", "Binary"))
    yield from _changed(probe, author, mine, ins, typed)
    yield from _withdrawn(probe, ins, carer, other, place(plain))
    yield from _traced(probe, ins, mine)


def _found_by(probe: Probe, carer: Actor, ins: str, path: str) -> Iterator[Step]:
    resource = probe.send(carer, "GET", path).json
    entry = next(
        (one["value"] for one in resource["identifier"] if "uuid" in str(one.get("value"))), "-"
    )
    current = "&status=current"
    queries = {
        "find-by-type": f"{current}&type=http://loinc.org|{SURGERY}",
        "find-by-types": f"{current}&type=http://loinc.org|{SURGERY},http://loinc.org|{REPORT}",
        "find-by-date": f"{current}&date=ge2022-02-02",
        "find-archived": f"{current}&isArchived=true",
        "find-by-period": f"{current}&period-start=ge2022-03-01",
        "find-superseded": "&status=superseded",
        "find-by-author": f"{current}&author.family={quote('Évrard')}",
        "find-by-unique-identifier": f"{current}&identifier={unique(1)}",
        "find-by-entry-identifier": f"{current}&identifier={entry}",
        "find-nothing": f"{current}&identifier={unique(0)}",
    }
    for name, query in queries.items():
        yield name, probe.find(carer, ins, query)
    form = f"patient.identifier={ins}&status=current&type=http://loinc.org|{SURGERY}"
    yield (
        "find-by-form",
        probe.ask(
            probe.caller(carer),
            "POST",
            f"{DOCUMENTS}/_search",
            quote(form, safe="=&").encode(),
            content_type="application/x-www-form-urlencoded",
        ),
    )
    lists = f"/fhir/List?patient.identifier={ins}&status=current&code="
    yield "find-lists", probe.send(carer, "GET", f"{lists}submissionset")
    yield "find-folders", probe.send(carer, "GET", f"{lists}folder")
    caller = probe.caller(carer)
    yield "read-in-xml", probe.ask(caller, "GET", path, accept="application/fhir+xml")


def _contents(probe: Probe, carer: Actor, path: str) -> Iterator[Step]:
    caller = probe.caller(carer)
    yield "content", probe.ask(caller, "GET", path, accept="text/plain")
    yield "content-in-another-form", probe.ask(caller, "GET", path, accept="image/png")
    yield "content-unknown", probe.ask(caller, "GET", path[:-12] + "0000ff000000", accept="*/*")
    yield "nobody", probe.ask(None, "GET", path, accept="text/plain")
    bound = replace(caller, thumbprint=A_CERTIFICATE)
    other = probe.ask_under("stolen", bound, "GET", path, accept="text/plain")
    yield "bound-to-another-certificate", other


def _changed(probe: Probe, author: Actor, mine: Actor, ins: str, path: str) -> Iterator[Step]:
    coding: Json = {"coding": [{"system": VISIBILITY, "code": MASKED}]}
    mask: Json = {"op": "add", "path": "/securityLabel/-", "value": coding}
    probe.clock.advance(timedelta(hours=1))
    secret = place(probe.publish(author, ins, NOT_FOR_PARENTS))
    probe.patch(mine, secret, mask)
    yield "masked-beside-secret", probe.send(author, "GET", secret)
    probe.patch(mine, path, mask)
    yield "masked", probe.send(mine, "GET", path)
    probe.patch(mine, path, {"op": "remove", "path": "/securityLabel/1"})
    yield "unmasked", probe.send(mine, "GET", path)
    title: Json = {"op": "replace", "path": "/description", "value": "autre"}
    yield "patch-title", probe.patch(author, path, title)
    archived: Json = {"op": "replace", "path": "/extension/0/valueBoolean", "value": True}
    several = f"{DOCUMENTS}?identifier={unique(1)},{unique(2)}"
    yield "patch-several", probe.patch(author, several, archived)
    error: Json = {"op": "replace", "path": "/status", "value": "entered-in-error"}
    yield "deleted-by-another", probe.patch(treating(1), path, error)
    probe.clock.advance(timedelta(days=40))
    yield "find-after-the-month", probe.find(mine, ins)


def _withdrawn(probe: Probe, ins: str, carer: Actor, other: Actor, path: str) -> Iterator[Step]:
    mine, objector = holder(ins), treating(4)
    probe.join(objector, ins)
    probe.operate(objector, "mes-leave-care-team", identified(ins))
    probe.wish(mine, ins, "consultation-consent", "deny", objector.ident)
    probe.wish(mine, ins, "professional-block", "deny", other.ident)
    kept_out = ObjectToFeeding(probe.clock.now(), mine, ins, carer.ident, Ground.NO_CARE)
    probe.carried_out(kept_out)
    yield "read-after-objection", probe.send(objector, "GET", path)
    yield "read-when-blocked", probe.send(other, "GET", path)
    yield "feed-after-objection", probe.publish(carer, ins)


def _traced(probe: Probe, ins: str, mine: Actor) -> Iterator[Step]:
    traces = f"/fhir/AuditEvent?patient.identifier={ins}"
    yield "traces", probe.send(mine, "GET", f"{traces}&date=ge2022-01-01")
    yield "traces-without-bounds", probe.send(mine, "GET", traces)
    yield "told", probe.told_about(ins)


def _a_child(probe: Probe) -> Iterator[Step]:
    parent = probe.person()
    child = probe.person(parent, born=date(2012, 3, 4))
    doctor, carer = treating(5), treating(6)
    for one in (doctor, carer):
        probe.join(one, child)
    probe.publish(doctor, child, NOT_FOR_PARENTS)
    yield "find-as-parent", probe.find(representative(parent), child, of=child)
    yield "find-secret-as-carer", probe.find(carer, child)


def _pages_and_bundles(probe: Probe) -> Iterator[Step]:
    ins, doctor = probe.person(), treating(7)
    probe.join(doctor, ins)
    first = place(probe.publish(doctor, ins)).rpartition("/")[2]
    for _ in range(2):
        probe.publish(doctor, ins)
    yield "page", probe.find(doctor, ins, "&status=current&_count=2")
    author = probe.caller(doctor)
    bundle = example(probe, ins, "deposit", {})
    yield "bundle", probe.ask(author, "POST", "/fhir", bundle)
    double = {".9001": ".9601", ".9002": ".9602", ".9003": ".9601"}
    yield (
        "bundle-refused",
        probe.ask(author, "POST", "/fhir", example(probe, ins, "deposit", double)),
    )
    yield "kept-of-it", probe.noted(sorted(documents_of(probe.service.person(ins))))
    replacing = {"DocumentReference/41": f"DocumentReference/{first}", ".9003": ".9703"}
    probe.ask(author, "POST", "/fhir", example(probe, ins, "replacement", replacing))
    yield "find-after-replacement", probe.find(doctor, ins)
    yield "found-superseded", probe.find(doctor, ins, "&status=superseded")
    damaged = [{"attachment": {**attachment(), "hash": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="}}]
    yield "publish-damaged", probe.publish(doctor, ins, content=damaged)


def _life_cycle(probe: Probe) -> Iterator[Step]:
    ins, doctor = probe.person(), treating(8)
    probe.join(doctor, ins)
    kept = place(probe.publish(doctor, ins))
    again = said("passwordReentered", valueBoolean=True)
    yield "close", probe.operate(holder(ins), "mes-close", again)
    yield "read-once-closed", probe.send(doctor, "GET", kept)
    yield "feed-once-closed", probe.publish(doctor, ins)
    probe.people.now = probe.clock.now()
    waiting = probe.people.person()
    notice = probe.people.notify(waiting)
    early = notice.sent_at + timedelta(days=2)
    typed = probe.service.inputs(waiting, early)
    phoned = Oppose(early, holder(waiting), waiting, Route.PHONE, typed)
    yield "open-early", probe.carried_out(OpenAutomatically(early, SYSTEM, waiting))
    yield "oppose-by-phone", probe.carried_out(phoned)
    yield "opposed", probe.noted(probe.service.person(waiting).state)
    closed = probe.person()
    probe.publish(doctor, closed)
    probe.people.close(closed)
    code = probe.people.fresh_code(closed)
    yield "reopen", probe.carried_out(probe.people.activation(closed, code))
    yield "kept-when-reopened", probe.noted(sorted(documents_of(probe.service.person(closed))))


def _erased(probe: Probe) -> Iterator[Step]:
    ins, doctor, system = probe.person(), treating(8), actor_of("system", "system")
    probe.publish(doctor, ins)
    probe.people.now = probe.clock.now()
    probe.people.close(ins)
    probe.operate(holder(ins), "mes-request-erasure")
    yield "erasure-started", probe.operate(system, "mes-start-erasure", identified(ins))
    yield "erasure-finished", probe.operate(system, "mes-finish-erasure", identified(ins))
    probe.wait(timedelta(hours=1))
    code = probe.people.fresh_code(ins)
    yield "enter-once-erased", probe.carried_out(probe.people.activation(ins, code))
    yield "kept-when-erased", probe.noted(sorted(documents_of(probe.service.person(ins))))


def _emergencies(probe: Probe) -> Iterator[Step]:
    ins, doctor, regulator = probe.person(), treating(9), treating(10, "regulator")
    probe.clock.start_at(probe.people.now)
    glass = said("mode", valueCode="break_glass")
    unclaimed = probe.operate(doctor, "mes-open-record", identified(ins), glass)
    yield "break-the-glass-unsaid", unclaimed
    claimed = said("incapable", valueBoolean=True)
    yield (
        "break-the-glass",
        probe.operate(doctor, "mes-open-record", identified(ins), glass, claimed),
    )
    yield "told-of-the-emergency", probe.told_about(ins)
    probe.wish(holder(ins), ins, "samu-access-opposition", "deny")
    asking = replace(probe.caller(regulator), mode=AccessMode.SAMU)
    yield (
        "regulator",
        probe.ask(asking, "GET", f"{DOCUMENTS}?patient.identifier={ins}&status=current"),
    )


def example(probe: Probe, ins: str, name: str, words: dict[str, str]) -> bytes:
    """An example of a transaction, about a person of the story."""
    identity = probe.service.person(ins).identity
    text = (EXAMPLES / f"{name}.json").read_text(encoding="utf-8")
    words = {
        "279035121518989": ins,
        "1979-03-12": identity.birth_on.isoformat(),
        '"gender": "female"': f'"gender": "{"female" if identity.sex == "F" else "male"}"',
        **words,
    }
    for old, new in words.items():
        text = text.replace(old, new)
    return text.encode()


def told(transform: Transform | None = None) -> dict[str, Reply]:
    """Tell the story to the server that a transform makes, or to the reference."""
    with closing(Probe(transform)) as probe:
        return dict(story(probe))


def pages_of(transform: Transform | None = None) -> list[list[str]]:
    """Return the identifiers of five documents, page by page, as links lead."""
    with closing(Probe(transform)) as probe:
        ins, doctor = probe.person(), treating(0)
        probe.join(doctor, ins)
        for _ in range(5):
            probe.publish(doctor, ins)
        pages: list[list[str]] = []
        path = f"{DOCUMENTS}?patient.identifier={ins}&status=current"
        while path:
            page = probe.send(doctor, "GET", path).json
            pages.append([str(one["resource"]["id"]) for one in page["entry"]])
            links = {one["relation"]: urlsplit(str(one["url"])) for one in page["link"]}
            path = f"{links['next'].path}?{links['next'].query}" if "next" in links else ""
        return pages
