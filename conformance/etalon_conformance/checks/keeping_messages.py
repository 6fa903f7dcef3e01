"""What a mailbox keeps and loses: threads, drafts, what waits, and in whose space it is read."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.checks.mail import NEEDS, PEOPLE
from etalon_conformance.directory_scene import mailbox_of
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    at_least,
    count,
    equals,
    excludes,
    includes,
    matches,
    one_of,
    status,
)
from etalon_conformance.life_scene import entered, new_code
from etalon_conformance.mail_scene import (
    CODE,
    TAKEN,
    identifier_of_answer,
    left_for,
    posted,
)
from etalon_conformance.message_scene import (
    CREATED,
    GONE,
    IDS,
    PHARMACIST,
    PLACE,
    TEXTS,
    all_messages,
    came,
    conversations_of,
    letter_from,
    listed_for,
    messages_in,
    own_wire,
    sent_by,
    written_message,
)
from etalon_conformance.requirement import Wire
from etalon_model.actors import ActorKind
from etalon_model.states import State
from etalon_target.people import TestPerson
from etalon_wire.json_body import Resource

_ATTACHED: Final = "entry.resource.payload.contentAttachment.url"


@check(requirements=("MSG-09",), needs=NEEDS, wire=Wire.OWN)
def deleted_thread_does_not_come_back(bench: Bench) -> Iterator[Assertion]:
    """Its messages and files are gone by every door, and stay so; other threads are as before."""
    own_wire(bench)
    person, other, doctor = bench.person(), bench.person(), bench.professional()
    _, left, left_message = came(
        bench, "MSG-09", letter_from(bench, doctor, person, text="À garder\n"), person.who
    )
    file_beside = (("note.txt", "text/plain", b"Une note.\n"),)
    letter = replace(letter_from(bench, doctor, person, text="À perdre\n"), beside=file_beside)
    sent, thread, message = came(bench, "MSG-09", letter, person.who)
    draft = sent_by(bench, person.who, written_message("Brouillon", answering=left, draft=True))
    bench.expects("MSG-09", draft, status(CREATED), control=True)
    before = messages_in(bench, person.who, thread)
    file = before.first(_ATTACHED)
    if file:
        bench.expects(
            "MSG-09", bench.call(person.who, "GET", file, accept="*/*"), status(200), control=True
        )
    stolen = bench.call(other.who, "DELETE", f"{PLACE}/{thread}")
    yield bench.expects("MSG-09", stolen, status(401, *GONE))
    yield bench.expects("MSG-09", messages_in(bench, person.who, thread), includes(IDS, message))
    deleted = bench.call(person.who, "DELETE", f"{PLACE}/{thread}")
    yield bench.expects("MSG-09", deleted, status(200, 204))
    for again in range(2):
        yield from _is_gone(bench, person, thread, message, file)
        listed = listed_for(bench, person.who)
        yield bench.expects("MSG-09", listed, excludes(IDS, thread))
        yield bench.expects("MSG-09", listed, includes(IDS, left, draft.first("id")))
        if not again:
            later = letter_from(bench, doctor, person, text="Un autre jour\n", answers=sent.ident)
            _, newest, _ = came(bench, "MSG-09", later, person.who)
            found = messages_in(bench, person.who, newest)
            yield bench.expects("MSG-09", found, excludes(IDS, message))
    kept = messages_in(bench, person.who, left)
    yield bench.expects("MSG-09", kept, includes(IDS, left_message))
    yield bench.expects(
        "MSG-09", bench.call(person.who, "DELETE", f"{PLACE}/{thread}"), status(*GONE)
    )


def _is_gone(
    bench: Bench, person: TestPerson, thread: str, message: str, file: str
) -> Iterator[Assertion]:
    """Neither thread, message nor file is read any more."""
    for place in (thread, message):
        read = bench.call(person.who, "GET", f"{PLACE}/{place}")
        yield bench.expects("MSG-09", read, status(*GONE))
    gone = messages_in(bench, person.who, thread)
    yield bench.expects("MSG-09", gone, excludes(TEXTS, "À perdre"))
    if file:
        content = bench.call(person.who, "GET", file, accept="*/*")
        yield bench.expects("MSG-09", content, status(*GONE))


@check(requirements=("MSG-10",), needs=PEOPLE, wire=Wire.OWN)
def drafts_are_kept_apart_until_they_are_sent(bench: Bench) -> Iterator[Assertion]:
    """Each is changed, sent or deleted by itself, by its holder alone; once sent it is no draft."""
    own_wire(bench)
    person, other = bench.person(), bench.person()
    address = mailbox_of(bench, bench.professional(PHARMACIST))
    texts = ("À garder", "À changer", "À envoyer", "À jeter")
    kept: dict[str, str] = {}
    for text in texts:
        saved = sent_by(bench, person.who, written_message(text, to=address, draft=True))
        yield bench.expects("MSG-10", saved, status(CREATED))
        kept[text] = f"{PLACE}/{saved.first('id')}"
    listed = listed_for(bench, person.who)
    yield bench.expects("MSG-10", listed, includes(TEXTS, *texts))

    def put(text: str, place: str, *, draft: bool) -> Resource:
        return {**written_message(text, to=address, draft=draft), "id": place.rpartition("/")[2]}

    stolen = put("Volé", kept[texts[1]], draft=True)
    for verb, body in (("GET", None), ("PUT", stolen), ("DELETE", None)):
        taken = bench.call(other.who, verb, kept[texts[1]], body=body)
        yield bench.expects("MSG-10", taken, status(401, *GONE, 400, 422))
    changed = bench.call(
        person.who, "PUT", kept[texts[1]], body=put("Changé", kept[texts[1]], draft=True)
    )
    yield bench.expects("MSG-10", changed, status(200))
    for text, place in kept.items():
        read = bench.call(person.who, "GET", place)
        shown = "Changé" if text == texts[1] else text
        yield from _is_a_draft(bench, read, shown, address)
    sent = bench.call(
        person.who, "PUT", kept[texts[2]], body=put(texts[2], kept[texts[2]], draft=False)
    )
    yield bench.expects("MSG-10", sent, status(200, CREATED))
    thrown = bench.call(person.who, "DELETE", kept[texts[3]])
    yield bench.expects("MSG-10", thrown, status(200, 204))
    for text in texts[2:]:
        yield bench.expects("MSG-10", bench.call(person.who, "GET", kept[text]), status(*GONE))
    after = listed_for(bench, person.who)
    drafts = "entry.resource[status=preparation].payload.contentString"
    yield bench.expects("MSG-10", after, equals(drafts, texts[0], "Changé"))
    yield bench.expects("MSG-10", all_messages(bench, person.who), equals(TEXTS, texts[2]))


def _is_a_draft(bench: Bench, read: Exchange, text: str, address: str) -> Iterator[Assertion]:
    """What is read is the draft of a message, whole."""
    for expected in (
        equals("payload.contentString", text),
        equals(".status", "preparation"),
        equals("topic.text", "Question"),
        equals("recipient.identifier.value", f"mailto:{address}"),
    ):
        yield bench.expects("MSG-10", read, expected)


@check(requirements=("MSG-10",), needs=NEEDS, wire=Wire.OWN)
def draft_leaves_only_when_it_is_sent(bench: Bench) -> Iterator[Assertion]:
    """While it is a draft nothing reaches the mailbox; once sent, the last words do, once."""
    own_wire(bench)
    person, pharmacist = bench.person(), bench.professional(PHARMACIST)
    address = mailbox_of(bench, pharmacist)
    saved = sent_by(bench, person.who, written_message("Premier jet", to=address, draft=True))
    bench.expects("MSG-10", saved, status(CREATED), control=True)
    ident = saved.first("id")
    for text, draft in (("Deuxième jet", True), ("Dernier mot", False)):
        yield bench.expects("MSG-10", left_for(bench, address, waits=False), count("texts", 0))
        body = {**written_message(text, to=address, draft=draft), "id": ident}
        put = bench.call(person.who, "PUT", f"{PLACE}/{ident}", body=body)
        yield bench.expects("MSG-10", put, status(200, CREATED))
    yield bench.expects("MSG-10", left_for(bench, address), equals("texts", "Dernier mot"))


@check(requirements=("MSG-10",), needs=NEEDS, wire=Wire.OWN)
def drafts_outlive_what_happens_around_them(bench: Bench) -> Iterator[Assertion]:
    """Answers sent beside them, drafts sent or deleted, letters that come: the others are kept."""
    own_wire(bench)
    person, doctor = bench.person(), bench.professional()
    address = mailbox_of(bench, bench.professional(PHARMACIST))
    letter = letter_from(bench, doctor, person)
    sent, thread, message = came(bench, "MSG-10", letter, person.who)
    drafts: dict[str, str] = {}

    def saved(text: str, *, to: str = "", answering: str = "") -> str:
        body = written_message(text, to=to, answering=answering, draft=True)
        kept = sent_by(bench, person.who, body)
        bench.expects("MSG-10", kept, status(CREATED), control=True)
        return drafts.setdefault(text, kept.first("id"))

    saved("À la lettre", answering=message)
    saved("Au fil", answering=thread)
    saved("Au pharmacien", to=address)
    lost, gone = saved("À envoyer", answering=thread), saved("À jeter", answering=thread)
    beside = saved("À envoyer aussi", to=address)
    answered = written_message("À envoyer", answering=thread)
    new = written_message("À envoyer aussi", to=address)

    def answered_back() -> None:
        ident = identifier_of_answer(bench, sent)
        posted(bench, letter_from(bench, doctor, person, answers=ident))

    acts: tuple[tuple[Callable[[], object], str], ...] = (
        (lambda: sent_by(bench, person.who, written_message("Oui", answering=message)), ""),
        (lambda: sent_by(bench, person.who, written_message("Oui", answering=thread)), ""),
        (lambda: sent_by(bench, person.who, written_message("Bonjour", to=address)), ""),
        (lambda: _put(bench, person, lost, answered), "À envoyer"),
        (lambda: _put(bench, person, beside, new), "À envoyer aussi"),
        (lambda: bench.call(person.who, "DELETE", f"{PLACE}/{gone}"), "À jeter"),
        (lambda: messages_in(bench, person.who, thread), ""),
        (answered_back, ""),
        (lambda: posted(bench, letter_from(bench, doctor, person)), ""),
    )
    for act, leaves in acts:
        act()
        drafts.pop(leaves, None)
        yield from _are_kept(bench, person, drafts)


def _put(bench: Bench, person: TestPerson, ident: str, body: Resource) -> Exchange:
    """Change a draft, or send it."""
    return bench.call(person.who, "PUT", f"{PLACE}/{ident}", body={**body, "id": ident})


def _are_kept(bench: Bench, person: TestPerson, drafts: Mapping[str, str]) -> Iterator[Assertion]:
    """Drafts are read one by one and listed, with the words that they had."""
    for text, ident in drafts.items():
        read = bench.call(person.who, "GET", f"{PLACE}/{ident}")
        yield bench.expects("MSG-10", read, equals("payload.contentString", text))
        yield bench.expects("MSG-10", read, equals(".status", "preparation"))
    told = "entry.resource[status=preparation].payload.contentString"
    listed = listed_for(bench, person.who)
    yield bench.expects("MSG-10", listed, equals(told, *drafts))


@check(requirements=("MSG-14",), needs=(*NEEDS, "activate"), wire=Wire.OWN)
def mail_waits_for_the_first_entry(bench: Bench) -> Iterator[Assertion]:
    """What came before the holder's first entry is there to be read and answered afterwards."""
    own_wire(bench)
    person, doctor = bench.person(State.OPEN_INACTIVE), bench.professional()
    for text in ("Première lettre\n", "Seconde lettre\n"):
        sent = posted(bench, letter_from(bench, doctor, person, text=text))
        yield bench.expects("MSG-14", sent.answer, one_of(CODE, TAKEN))
    done = entered(bench, "activate", person, new_code(bench, person))
    bench.expects("MSG-14", done, equals("accepted", "true"), control=True)
    listed = listed_for(bench, person.who)
    yield bench.expects("MSG-14", listed, at_least(IDS, 2))
    for thread in conversations_of(bench, person.who):
        found = messages_in(bench, person.who, thread)
        yield bench.expects("MSG-14", found, matches(TEXTS, r"(?s)(Première|Seconde) lettre\s*"))
        reply = written_message("Merci", answering=found.first(IDS))
        yield bench.expects("MSG-14", sent_by(bench, person.who, reply), status(CREATED))


@check(requirements=("MSG-01",), needs=(*NEEDS, "caregiver"), wire=Wire.OWN)
def message_is_read_in_one_space_alone(bench: Bench) -> Iterator[Assertion]:
    """By those in it; by nobody of another space, whatever address they know."""
    own_wire(bench)
    person, stranger, parent = bench.person(age=81), bench.person(), bench.person(age=41)
    child = bench.person(age=8, guardian=parent)
    doctor = bench.professional()
    acting = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
    for owner, who in ((person, person.who), (child, acting)):
        letter = letter_from(bench, doctor, owner, text=f"Pour {owner.ins}\n")
        _, thread, message = came(bench, "MSG-01", letter, who)
        read = bench.call(who, "GET", f"{PLACE}/{message}")
        wanted = rf"{re.escape(letter.text.strip())}\s*"
        yield bench.expects("MSG-01", read, matches("payload.contentString", wanted))
        for other in (stranger.who, person.who if owner is child else parent.who):
            for place in (thread, message):
                hidden = bench.call(other, "GET", f"{PLACE}/{place}")
                yield bench.expects("MSG-01", hidden, status(401, *GONE))
            listed = listed_for(bench, other)
            yield bench.expects("MSG-01", listed, excludes(IDS, thread))
