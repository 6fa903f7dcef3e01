"""Every address, form and error: what is asked once elsewhere is asked of all that is served."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlencode

from etalon_conformance.bench import FHIR_JSON, FHIR_XML, JSON_PATCH, Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.checks.audit import EVENTS, events_by, log_of
from etalon_conformance.checks.bundles import CREATED
from etalon_conformance.deposits import bundle, simplified
from etalon_conformance.expectations import (
    at_least,
    count,
    equals,
    includes,
    matches,
    one_of,
    present,
    status,
)
from etalon_conformance.record_scene import (
    LISTS,
    NEEDS,
    NOT_OFFERED,
    UNIQUE_IDS,
    found,
    matricule,
    publish,
    query,
    replacing,
    sent,
    target_of,
)
from etalon_conformance.rights_scene import fed
from etalon_conformance.seeing import (
    SEEN_BY_ALL,
    Kept,
    kept,
    laid,
    lists_found,
    opened,
    sees,
    shown_too,
)
from etalon_conformance.specimens import HIDDEN, media_types, specimen
from etalon_model.actors import ActorKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from etalon_conformance.exchanges import Exchange
    from etalon_target.actors import Who
    from etalon_target.people import TestPerson, TestProfessional
    from etalon_wire.json_body import Json, Resource

_CODES: Final = (
    "invalid|structure|required|value|invariant|security|login|unknown|expired|forbidden|"
    "suppressed|processing|not-supported|duplicate|multiple-matches|not-found|deleted|too-long|"
    "code-invalid|extension|too-costly|business-rule|conflict|transient|lock-error|no-store|"
    "exception|timeout|incomplete|throttled|informational"
)
"""Codes of an issue in FHIR R4 (issue-type, a required binding)."""
_SEVERITIES: Final = "fatal|error|warning|information"
_ERROR: Final = 400
_LOG: Final = "date=ge2000-01-01&date=le2200-01-01"


def _explained(bench: Bench, answer: "Exchange", *, certain: bool = True) -> Iterator[Assertion]:
    """Whether an error carries an OperationOutcome, its issues coded as FHIR codes them."""
    if answer.status < _ERROR:
        return
    for expectation in (
        equals("resourceType", "OperationOutcome"),
        matches("issue.severity", _SEVERITIES),
        matches("issue.code", _CODES),
    ):
        yield bench.expects("W-COM-02", answer, expectation, certain=certain)


@check(requirements=("W-COM-02",), needs=NEEDS)
def every_refusal_says_why(bench: Bench) -> Iterator[Assertion]:
    """Refused for whoever asks, the form, the method or the words, an error says why."""
    person = bench.person(age=49)
    author, stranger = bench.treating(person), bench.professional()
    one, other = (kept(bench, person, author) for _ in range(2))
    shown_too(bench, author.who, one, other)
    both = ",".join(each.one.unique_id for each in (one, other))
    mask: Json = [{"op": "remove", "path": "/securityLabel/9"}]
    twice = f"DocumentReference?{urlencode({'identifier': both})}"
    asked: tuple[tuple[Who | None, str, str, Json], ...] = (
        (stranger.who, "GET", f"DocumentReference?{query(person)}", None),
        (stranger.who, "GET", one.place, None),
        (stranger.who, "GET", one.content, None),
        (stranger.who, "GET", f"List?{query(person)}&code=submissionset", None),
        (author.who, "GET", f"Patient/{bench.unique_uuid()}", None),
        (author.who, "GET", f"{one.place}/_history/999", None),
        (author.who, "GET", f"AuditEvent?patient.identifier={matricule(person)}", None),
        (author.who, "PUT", one.place, {"resourceType": "DocumentReference"}),
        (author.who, "POST", "DocumentReference", {"resourceType": "DocumentReference"}),
        (author.who, "POST", "DocumentReference", {"resourceType": "List"}),
        (author.who, "POST", "", bundle(bench, [one.one])),
    )
    for form in (FHIR_JSON, FHIR_XML):
        for who, verb, path, body in asked:
            yield from _explained(bench, bench.call(who, verb, path, body=body, accept=form))
        for place in (one.place, twice):
            patched = bench.call(
                author.who, "PATCH", place, body=mask, content_type=JSON_PATCH, accept=form
            )
            yield from _explained(bench, patched)
        nobody = bench.call(None, "GET", one.place, accept=form)
        yield from _explained(bench, nobody, certain=False)
    wrong = {"status": "current", "date": "hier"}
    by_form = bench.call(author.who, "POST", "DocumentReference/_search", form=wrong)
    yield from _explained(bench, by_form)
    strange = bench.call(author.who, "GET", one.place, accept="application/x-etalon")
    yield from _explained(bench, strange, certain=False)


def _as_resources(bench: Bench, one: Kept, *readers: "Who") -> Iterator[Assertion]:
    """Whether the bytes of a document come as a Binary, in each form, to each reader."""
    for who in readers:
        for form in (FHIR_JSON, FHIR_XML):
            binary = bench.call(who, "GET", one.content or "Binary", accept=form)
            yield bench.expects("W-COM-01", binary, one_of("type", form), certain=False)
            yield bench.expects("W-REC-29", binary, equals("resourceType", "Binary"))
            yield bench.expects("W-REC-29", binary, equals("contentType", one.one.media_type))
            yield bench.expects("W-REC-29", binary, equals("data", one.one.base64))


@check(requirements=("W-COM-01", "W-REC-29"), needs=NEEDS)
def every_address_answers_in_both_forms(bench: Bench) -> Iterator[Assertion]:
    """People, lists, histories, bytes, logs, changes and errors come in JSON and in XML alike."""
    person = bench.person(age=33)
    author, reader = bench.treating(person), bench.treating(person)
    one = kept(bench, person, author)
    sets = lists_found(bench, reader.who, person)
    ident = sets[0].first(f"{LISTS}.id")
    asked: tuple[tuple[Who, str, str], ...] = (
        (reader.who, f"Patient?identifier={matricule(person)}", ""),
        (reader.who, f"List/{ident}", "id"),
        (person.who, one.place, "masterIdentifier.value"),
        (reader.who, f"DocumentReference?{query(person)}&_count=0", ""),
        (person.who, f"AuditEvent?patient.identifier={matricule(person)}&{_LOG}", ""),
        (reader.who, f"DocumentReference/{bench.unique_uuid()}", ""),
    )
    for who, path, said in asked:
        answers = [bench.call(who, "GET", path, accept=form) for form in (FHIR_JSON, FHIR_XML)]
        for form, answer in zip((FHIR_JSON, FHIR_XML), answers, strict=True):
            yield bench.expects("W-COM-01", answer, one_of("type", form))
            same = equals("resourceType", *answers[0].value("resourceType"))
            yield bench.expects("W-COM-01", answer, same)
            if said:
                yield bench.expects("W-COM-01", answer, equals(said, *answers[0].value(said)))
    yield from _as_resources(bench, one, reader.who, author.who, person.who)
    title = replacing("/description", "Autre", "valueString")
    body: Json = [{key: title[key] for key in ("op", "path", "value")}]
    for form in (FHIR_JSON, FHIR_XML):
        refused = bench.call(
            author.who, "PATCH", one.place, body=body, content_type=JSON_PATCH, accept=form
        )
        yield bench.expects("W-COM-01", refused, one_of("type", form))
        made = bench.call(
            author.who,
            "POST",
            "DocumentReference",
            body=simplified(specimen(bench, person, author)),
            accept=form,
        )
        if made.status not in NOT_OFFERED and made.body:
            yield bench.expects("W-COM-01", made, one_of("type", form))


@check(requirements=("W-COM-03",), suites=("records-server", "whole-service"))
def capability_statement_is_complete(bench: Bench) -> Iterator[Assertion]:
    """The statement says its status, date and forms, and declares readings beside searches."""
    answer = bench.call(None, "GET", "metadata")
    if answer.status in {401, 403}:
        answer = bench.call(bench.professional().who, "GET", "metadata")
    bench.expects("W-COM-03", answer, status(200), control=True)
    for path in (".status", "date", "kind", "fhirVersion"):
        yield bench.expects("W-COM-03", answer, count(path, 1))
    yield bench.expects("W-COM-03", answer, present("format"))
    yield bench.expects("W-COM-03", answer, includes("fhirVersion", "4.0.1"))
    for kind, code in (
        ("DocumentReference", "read"),
        ("DocumentReference", "patch"),
        ("List", "read"),
        ("Binary", "read"),
    ):
        declared = f"rest.resource[type={kind}].interaction.code"
        yield bench.expects("W-COM-03", answer, includes(declared, code), certain=False)


@check(requirements=("W-AUD-02",), needs=NEEDS)
def each_transaction_of_each_actor_is_logged(bench: Bench) -> Iterator[Assertion]:
    """Each deposit, publication, search and reading, by anybody, adds an event of its own."""
    parent = bench.person(age=41)
    child, adult = bench.person(age=8, guardian=parent), bench.person(age=44)
    parental = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
    for person, owner, holder in ((adult, adult.who, adult), (child, parental, parent)):
        author, nurse = bench.treating(person), bench.treating(person, "60")
        one = kept(bench, person, author)
        simple = publish(bench, specimen(bench, person, author))
        acts: list[tuple[TestProfessional | TestPerson, tuple[str, ...], Callable[[], object]]] = [
            (author, ("ITI-65",), partial(fed, bench, person, author)),
            (nurse, ("ITI-66", "ITI-67"), partial(lists_found, bench, nurse.who, person)),
            (nurse, ("ITI-67",), partial(found, bench, nurse.who, person)),
            (nurse, ("ITI-68",), partial(opened, bench, nurse.who, one)),
            (author, ("ITI-68",), partial(opened, bench, author.who, one)),
            (holder, ("ITI-67",), partial(found, bench, owner, person)),
            (holder, ("ITI-68",), partial(opened, bench, owner, one)),
        ]
        if simple.status not in NOT_OFFERED:
            again = specimen(bench, person, author)
            acts.append((author, ("ITI-105", "ITI-65"), partial(publish, bench, again)))
        for actor, transactions, act in acts:
            before = log_of(bench, owner, person)
            bench.expects("W-AUD-02", before, status(200), control=True)
            act()
            after = log_of(bench, owner, person)
            subtypes = events_by(after, actor).replace(".recorded", ".subtype.code")
            told = {one for page in after for one in page.value(subtypes)}
            # A log may tell a search of lists from one of documents, or call both a search.
            transaction = next((one for one in transactions if one in told), transactions[0])
            number = sum(page.value(subtypes).count(transaction) for page in before)
            kind = subtypes.replace(
                ".resource.subtype.code", f"[resource.subtype.code={transaction}].resource.id"
            )
            yield bench.expects("W-AUD-02", after, includes(subtypes, transaction))
            yield bench.expects("W-AUD-02", after, at_least(kind, number + 1))
        pages = log_of(bench, owner, person)
        events = sum(len(page.value(f"{EVENTS}.resource.id")) for page in pages)
        named = f"{EVENTS}.resource.entity.what.identifier.value"
        if any(page.value(named) for page in pages):
            yield bench.expects("W-AUD-02", pages, at_least(named, events))
            yield bench.expects("W-AUD-02", pages, one_of(named, person.ins))


@check(requirements=("W-AUD-01",), needs=NEEDS)
def bounds_of_the_log_bound(bench: Bench) -> Iterator[Assertion]:
    """Bounds hold by address, by form and in XML, for holder and parent; without, it is refused."""
    parent = bench.person(age=51)
    child, adult = bench.person(age=13, guardian=parent), bench.person(age=52)
    parental = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
    for person, who in ((adult, adult.who), (child, parental)):
        kept(bench, person, bench.treating(person))
        pages = log_of(bench, who, person)
        bench.expects("W-AUD-01", pages[0], status(200), control=True)
        instants = sorted(
            one for page in pages for one in page.value(f"{EVENTS}.resource.recorded")
        )
        whose = ("patient.identifier", matricule(person))
        both = [whose, ("date", "ge2000-01-01"), ("date", "le2200-01-01")]
        for form in (FHIR_JSON, FHIR_XML):
            xml = bench.call(who, "GET", f"AuditEvent?{urlencode(both)}", accept=form)
            yield bench.expects("W-AUD-01", xml, status(200))
            yield bench.expects("W-AUD-01", xml, equals(".type", "searchset"))
            bare = bench.call(who, "GET", f"AuditEvent?{urlencode([whose])}", accept=form)
            refused = status(400, 401, 403, 404, 405, 409, 412, 422)
            yield bench.expects("W-AUD-01", bare, refused, certain=False, likely="bounds_assumed")
        by_form = bench.call(who, "POST", "AuditEvent/_search", form=both)
        if by_form.status not in NOT_OFFERED:
            yield bench.expects("W-AUD-01", by_form, status(200))
            yield bench.expects("W-AUD-01", by_form, present(f"{EVENTS}.resource.id"))
        if instants:
            exact = (("date", f"ge{instants[-1]}"), ("date", f"le{instants[-1]}"))
            asked = f"AuditEvent?{urlencode([whose, *exact])}"
            just = bench.call(who, "GET", asked)
            recorded = includes(f"{EVENTS}.resource.recorded", instants[-1])
            yield bench.expects("W-AUD-01", just, recorded, certain=False)
        for extra in (("type", "rest"), ("_count", "5"), ("subtype", "ITI-65")):
            unbound = bench.call(who, "GET", f"AuditEvent?{urlencode([whose, extra])}")
            refused = status(400, 401, 403, 404, 405, 409, 412, 422)
            yield bench.expects("W-AUD-01", unbound, refused, certain=False)


@check(requirements=("W-COM-04", "W-REC-35", "VIS-04"), needs=NEEDS)
def log_names_no_hidden_document(bench: Bench) -> Iterator[Assertion]:
    """What the patient reads of the log says neither address, name nor title of what is hidden."""
    person = bench.person(age=30)
    author, reader = bench.treating(person), bench.treating(person)
    hidden = kept(bench, person, author, HIDDEN)
    for who in (author.who, reader.who):
        yield from sees(bench, "VIS-04", who, hidden)
    pages = log_of(bench, person.who, person)
    bench.expects("W-COM-04", pages, status(200), control=True)
    ident = hidden.place.rpartition("/")[2]
    silent = rf"(?s)(?!.*(?:{ident}|{hidden.one.unique_id})).*"
    for page in pages:
        for named in ("W-COM-04", "W-REC-35"):
            yield bench.expects(named, page, matches("text", silent), certain=False)


@check(requirements=("W-REC-01", "W-REC-10"), needs=NEEDS)
def entries_of_any_order_are_answered_in_it(bench: Bench) -> Iterator[Assertion]:
    """Entries in another order, a replacement among them, are answered each at its rank."""
    person = bench.person(age=47)
    author = bench.treating(person)
    former = kept(bench, person, author)
    replaces = former.place.rpartition("/")[2]
    for rank in range(3):
        several = [specimen(bench, person, author, kind=SEEN_BY_ALL) for _ in range(2)]
        if rank == 1:
            several[0] = specimen(
                bench, person, author, kind=former.one.kind.code, replaces=replaces
            )
        whole = bundle(bench, several)
        entries = cast("list[Resource]", whole["entry"])
        bench.random.shuffle(entries)
        answer = sent(bench, author.who, {**whole, "entry": cast("list[Json]", entries)})
        yield bench.expects("W-REC-01", answer, status(200))
        yield bench.expects("W-REC-01", answer, count("entry.response.status", len(entries)))
        for place, entry in enumerate(entries):
            yield from _answered(bench, author.who, answer, place, entry)
    read = bench.call(author.who, "GET", former.place)
    yield bench.expects("W-REC-10", read, equals(".status", "superseded"))


def _answered(
    bench: Bench, who: "Who", answer: "Exchange", place: int, entry: "Resource"
) -> Iterator[Assertion]:
    """Whether an entry of a bundle is answered at its rank, and its location leads to it."""
    resource = cast("Resource", entry["resource"])
    at = f"entry[{place}].response"
    if resource["resourceType"] == "Parameters":
        yield bench.expects("W-REC-01", answer, matches(f"{at}.status", r"20[04](\s.*)?"))
        return
    yield bench.expects("W-REC-01", answer, matches(f"{at}.status", CREATED))
    kind, ident = target_of(answer.first(f"{at}.location"))
    if resource["resourceType"] == "DocumentReference":
        read = bench.call(who, "GET", f"{kind}/{ident}")
        name = cast("Resource", resource["masterIdentifier"])["value"]
        yield bench.expects("W-REC-01", read, equals("masterIdentifier.value", str(name)))


@check(requirements=("W-REC-13", "W-REC-12"), needs=NEEDS)
def published_bytes_are_those_sent(bench: Bench) -> Iterator[Assertion]:
    """Of every media type, what was published is read as it was, by whoever may, as it was said."""
    person = bench.person(age=62)
    author, reader = bench.treating(person, "60"), bench.treating(person)
    shown = kept(bench, person, author)
    for media_type in media_types():
        one = specimen(bench, person, author, kind=SEEN_BY_ALL, media_type=media_type, level="R")
        answer = publish(bench, one)
        if answer.status in NOT_OFFERED:
            bench.expects("W-REC-13", answer, status(201), control=True)
        ident = answer.first("id") or target_of(answer.header("location"))[1]
        for who in (author.who, reader.who, person.who):
            read = bench.call(who, "GET", f"DocumentReference/{ident}")
            yield bench.expects("W-REC-12", read, equals("masterIdentifier.value", one.unique_id))
            codes = includes("securityLabel.coding.code", "R")
            yield bench.expects("W-REC-12", read, codes, certain=False)
            url = read.first("content.attachment.url")
            content = bench.call(who, "GET", url or "Binary", accept=media_type)
            yield bench.expects("W-REC-13", content, equals("body", one.sha256))
        yield bench.expects(
            "W-REC-12", answer, equals("meta.versionId", *read.value("meta.versionId"))
        )
    yield from sees(bench, "W-REC-13", reader.who, shown)
    laid(bench, specimen(bench, person, author))
    lists = lists_found(bench, person.who, person)
    number = len(media_types()) + 2
    yield bench.expects("W-REC-13", lists, count(f"{LISTS}.id", number))
    pages = found(bench, person.who, person)
    yield bench.expects("W-REC-13", pages, count(UNIQUE_IDS, number))
