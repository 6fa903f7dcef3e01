"""The bytes of documents (ITI-68): exact, as their reference says, refused as they should be."""

from collections.abc import Iterator
from typing import Final

from etalon_conformance.bench import FHIR_JSON, Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.deposits import bundle
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import equals, excludes, one_of, status
from etalon_conformance.record_scene import (
    NEEDS,
    REFUSED,
    UNIQUE_IDS,
    changed,
    content_of,
    deposit,
    found,
    page_with,
    place_of,
    publish,
    replacing,
    sent,
)
from etalon_conformance.specimens import Specimen, media_types, some_content, specimen
from etalon_model.actors import ActorKind
from etalon_target.people import TestPerson, TestProfessional

_SIZES: Final = (255, 256, 4_096, 65_537, 300_001)
_CREATED: Final = 201
_READ: Final = 200
_PLAIN: Final = "text/plain"
_ODD: Final = (
    b"\n",
    "é".encode(),
    b"  deux blancs avant, deux apr\xc3\xa8s  ",
    b"fin de ligne\r\net l\xc3\xa0\n\r\n\n",
    "\ufeffmarque d'ordre des octets".encode(),
    "« 1 500 € »\u202f: œuvre, Ÿ, ŀ, 病歴, 👩‍⚕️".encode(),
    b"<html>&amp;&eacute;</html>",
    b"%C3%A9 + %2B ?a=1&b=2",
)
"""Contents that texts of a database, a proxy or a page would change."""


def _specimens(bench: Bench, person: TestPerson, author: TestProfessional) -> tuple[Specimen, ...]:
    """Return documents of every form, of several sizes, of odd contents."""
    random = bench.random
    return (
        *(specimen(bench, person, author, media_type=one) for one in media_types()),
        *(specimen(bench, person, author, content=one) for one in _ODD),
        *(
            specimen(
                bench,
                person,
                author,
                media_type=media_type,
                content=some_content(random, media_type, size),
            )
            for media_type, size in zip(
                ("application/pdf", _PLAIN, "image/jpeg", "application/pdf", _PLAIN),
                _SIZES,
                strict=True,
            )
        ),
    )


@check(requirements=("W-REC-27", "W-REC-07", "REC-29"), needs=NEEDS)
def documents_are_read_byte_for_byte(bench: Bench) -> Iterator[Assertion]:
    """Each document is read with its exact bytes, of the size and hash that its reference says."""
    person = bench.person()
    author, reader = bench.treating(person), bench.treating(person)
    specimens = _specimens(bench, person, author)
    for one in specimens:
        answer = sent(bench, author.who, bundle(bench, [one]))
        yield bench.expects("REC-29", answer, status(200))
        bench.expects("W-REC-27", answer, status(200), control=True)
        bench.expects("W-REC-07", answer, status(200), control=True)
    specimens = (*specimens, *_published(bench, person, author))
    for rank, one in enumerate(specimens):
        who = (reader.who, author.who, person.who)[rank % 3]
        page = page_with(bench, "W-REC-27", who, one)
        read = bench.call(who, "GET", _address(bench, page, one), accept=one.media_type)
        yield bench.expects("W-REC-27", read, status(200))
        yield bench.expects("W-REC-27", read, equals("size", str(one.size)))
        yield bench.expects("W-REC-27", read, equals("body", one.sha256), likely="bytes_rewritten")
        yield bench.expects("W-REC-27", read, one_of("type", one.media_type))
        attachment = f"{_document(one)}.content.attachment"
        yield bench.expects("W-REC-07", page, equals(f"{attachment}.size", str(one.size)))
        yield bench.expects("W-REC-07", page, equals(f"{attachment}.hash", one.hash))


def _published(bench: Bench, person: TestPerson, author: TestProfessional) -> Iterator[Specimen]:
    """Publish some documents too, where that is offered; yield those that were taken."""
    for content in (_ODD[1], _ODD[3], _ODD[5]):
        one = specimen(bench, person, author, content=content)
        if publish(bench, one).status == _CREATED:
            yield one


def _document(one: Specimen) -> str:
    return f"entry.resource[masterIdentifier.value={one.unique_id}]"


def _address(bench: Bench, page: Exchange, one: Specimen) -> str:
    """Return where the bytes of a document are; the place of none when its reference does not."""
    return content_of(bench, page, one.unique_id) or "Binary"


def _laid(bench: Bench, person: TestPerson) -> tuple[Specimen, str]:
    """Deposit a document of somebody; return it and where its bytes are."""
    one = specimen(bench, person, bench.treating(person))
    deposit(bench, "W-REC-28", [one])
    page = page_with(bench, "W-REC-28", one.author.who, one)
    return one, _address(bench, page, one)


@check(requirements=("W-REC-28",), needs=NEEDS)
def unknown_document_is_not_found(bench: Bench) -> Iterator[Assertion]:
    """Reading a document that does not exist answers 404, whatever the form asked for."""
    one, address = _laid(bench, bench.person())
    person, author = one.person, one.author
    read = bench.call(author.who, "GET", address, accept=one.media_type)
    bench.expects("W-REC-28", read, status(200), control=True)
    for nobody in (_another(address), _base(address) + str(bench.unique_uuid())):
        for who in (author.who, person.who):
            for accept in ("*/*", one.media_type, FHIR_JSON):
                answer = bench.call(who, "GET", nobody, accept=accept)
                yield bench.expects("W-REC-28", answer, status(404))


def _base(address: str) -> str:
    return address.rpartition("/")[0] + "/"


def _another(address: str) -> str:
    """Return an address of the same form where nothing is."""
    start, slash, ident = address.rpartition("/")
    if ident.isdigit():
        return f"{start}{slash}9{ident}99999"
    if len(ident) < _LONG:
        return f"{start}{slash}{ident}fedc"
    # The middle of the end: what comes last may tell a version of the same thing.
    return f"{start}{slash}{ident[:-12]}fedcba{ident[-6:]}"


_LONG: Final = 24


@check(requirements=("W-REC-28",), needs=NEEDS)
def form_that_is_not_served_is_refused(bench: Bench) -> Iterator[Assertion]:
    """Reading a document in a form that is not served answers 406."""
    person = bench.person()
    author = bench.treating(person)
    several = [specimen(bench, person, author, media_type=one) for one in media_types()]
    deposit(bench, "W-REC-28", several)
    for one in several:
        page = page_with(bench, "W-REC-28", author.who, one)
        address = _address(bench, page, one)
        read = bench.call(author.who, "GET", address, accept=one.media_type)
        bench.expects("W-REC-28", read, status(200), control=True)
        others = [form for form in media_types() if form.partition("/")[0] not in one.media_type]
        for form in ("video/mp4", "audio/ogg", "application/x-etalon-unknown", *others):
            for who in (author.who, person.who):
                answer = bench.call(who, "GET", address, accept=form)
                yield bench.expects("W-REC-28", answer, status(406), likely="accept_not_read")


@check(requirements=("W-REC-28",), needs=NEEDS)
def withdrawn_document_is_gone(bench: Bench) -> Iterator[Assertion]:
    """Reading a document that its author withdrew answers 404 or 410, to whoever asks."""
    person = bench.person()
    author, reader = bench.treating(person), bench.treating(person)
    kept, one = specimen(bench, person, author), specimen(bench, person, author)
    deposit(bench, "W-REC-28", [kept, one])
    page = page_with(bench, "W-REC-28", author.who, one)
    address = _address(bench, page, one)
    withdrawn = replacing("/status", "entered-in-error", "valueCode")
    answer = changed(bench, author.who, place_of(page, one.unique_id), withdrawn)
    bench.expects("W-REC-28", answer, status(200, 204), control=True)
    for who in (author.who, reader.who, person.who):
        for accept in (one.media_type, FHIR_JSON):
            gone = bench.call(who, "GET", address, accept=accept)
            # That it is no longer available is the draft's word (W-REC-38).
            yield bench.expects("W-REC-28", gone, status(404, 410), certain=False)
    page = page_with(bench, "W-REC-28", author.who, kept)
    address = _address(bench, page, kept)
    still = bench.call(author.who, "GET", address, accept=kept.media_type)
    yield bench.expects("W-REC-28", still, status(200))


@check(requirements=("W-REC-28",), needs=NEEDS)
def forbidden_document_is_not_read(bench: Bench) -> Iterator[Assertion]:
    """Reading a document answers 403, or 404, to whom it is forbidden."""
    one, address = _laid(bench, bench.person())
    somebody = bench.person()
    false = bench.acting(ActorKind.REPRESENTATIVE, somebody, one.person)
    for who in (bench.professional().who, bench.professional("60").who, somebody.who, false):
        answer = bench.call(who, "GET", address, accept=one.media_type)
        # Whether it is forbidden is what ACC-01 is about; how it is told, this requirement.
        refused = status(403, 404)
        yield bench.expects("W-REC-28", answer, refused, control=answer.status == _READ)


@check(requirements=("W-REC-29",), needs=NEEDS)
def binary_is_read_as_a_resource(bench: Bench) -> Iterator[Assertion]:
    """Whoever asks for FHIR reads the Binary, with the bytes in base64."""
    person = bench.person()
    author, reader = bench.treating(person), bench.treating(person)
    for media_type in media_types():
        one = specimen(bench, person, author, media_type=media_type)
        deposit(bench, "W-REC-29", [one])
        page = page_with(bench, "W-REC-29", reader.who, one)
        answer = bench.call(reader.who, "GET", _address(bench, page, one))
        yield bench.expects("W-REC-29", answer, status(200))
        yield bench.expects("W-REC-29", answer, equals("resourceType", "Binary"))
        yield bench.expects("W-REC-29", answer, equals("contentType", media_type))
        yield bench.expects("W-REC-29", answer, equals("data", one.base64))


_EICAR: Final = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS" + rb"-TEST-FILE!$H+H*"
"""The harmless file that antivirus software takes for a virus; in two parts, lest it take ours."""


@check(requirements=("REC-31",), needs=NEEDS)
def infected_content_is_refused(bench: Bench) -> Iterator[Assertion]:
    """A content that antivirus software knows is refused, and not kept."""
    person = bench.person()
    author = bench.treating(person)
    sound = specimen(bench, person, author)
    deposit(bench, "REC-31", [sound])
    one = specimen(bench, person, author, content=_EICAR)
    answer = sent(bench, author.who, bundle(bench, [one]))
    yield bench.expects("REC-31", answer, status(*REFUSED))
    kept = found(bench, author.who, person)
    yield bench.expects("REC-31", kept, excludes(UNIQUE_IDS, one.unique_id))
