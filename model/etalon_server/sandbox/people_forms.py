"""What a body asks of test people, and what is answered of each."""

from typing import Final, get_args

from etalon_model.identities import DEPARTMENTS, Identity, Sex
from etalon_model.people import Contacts
from etalon_model.records.record import Document, documents_of
from etalon_model.sandbox import REHEARSED_STATES
from etalon_model.states import ACCESS, State
from etalon_server.identity.accounts import default_login, default_password
from etalon_server.sandbox.form import Form
from etalon_server.sandbox.people import MAJORITY_YEARS, PeopleAsked, valid_code
from etalon_server.sandbox.tokens import known_people, known_person
from etalon_server.service_host import Host
from etalon_wire.json_body import Json
from etalon_wire.records.addresses import document_id, person_id

_PEOPLE_MOST: Final = 1_000
_DOCUMENTS_MOST: Final = 100
_OLDEST: Final = 110
_ADULT: Final = 34
_SEXES: Final[tuple[Sex, ...]] = get_args(Sex)


def people_asked(form: Form, host: Host) -> PeopleAsked:
    """Return the test people that a body asks for.

    Raises:
        Refused: It asks for what cannot be made, or for something else.
    """
    age = form.whole("age", 0, _OLDEST, _ADULT)
    state = form.word("state", REHEARSED_STATES, State.OPEN_ACTIVE)
    documents = form.whole("documents", 0, _DOCUMENTS_MOST, 0)
    if documents and not ACCESS[state].professionals_feed:
        message = f"documents: a record that is {state} takes none"
        raise form.wrong(key="documents", message=message)
    asked = PeopleAsked(
        count=form.whole("count", 1, _PEOPLE_MOST, 1),
        state=state,
        age=age,
        sex=form.word("sex", _SEXES) if form.has("sex") else None,
        department=form.word("department", DEPARTMENTS, "31"),
        guardians=_guardians(form, host, age),
        contacts=Contacts(form.switch("email", default=True), form.switch("mobile", default=True)),
        documents=documents,
    )
    form.end()
    return asked


def _guardians(form: Form, host: Host, age: int) -> tuple[str, ...]:
    """Return who represents the people asked for: one, several in turn, or whoever is made."""
    one, several = form.has("guardian"), form.has("guardians")
    key = "guardians" if several else "guardian"
    if one and several:
        raise form.wrong(key=key, message="give either guardian or guardians")
    if (one or several) and age >= MAJORITY_YEARS:
        message = "only minors have a guardian here: give an age below 18"
        raise form.wrong(key=key, message=message)
    if several:
        return tuple(known_people(form, key, host))
    return (known_person(form, key, host),) if one else ()


def told_of(host: Host, who: Identity) -> Json:
    """Return what a test needs to know of somebody who was made."""
    person = host.service.person(who.ins)
    return {
        "ins": who.ins,
        "oid": who.oid,
        "patient_id": person_id(who.ins),
        "family": who.family,
        "given": who.given,
        "sex": who.sex,
        "birth_date": who.birth_on.isoformat(),
        "department": who.department,
        "state": person.state.value,
        "vitale_serial": who.vitale_serial,
        "provisional_code": valid_code(host, who.ins),
        "guardian": person.representatives[0] if person.representatives else None,
        "login": default_login(who.ins),
        "password": default_password(who),
        "documents": [_document(who.ins, one) for one in documents_of(person).values()],
    }


def _document(ins: str, document: Document) -> Json:
    sheet = document.sheet
    return {
        "id": document_id(ins, document),
        "unique_id": sheet.unique_id,
        "type": sheet.type_code,
        "title": sheet.title,
        "media_type": sheet.form.mime,
        "size": sheet.size_bytes,
        "sha1": sheet.sha1,
        "author": sheet.origin.authors[0].ident,
    }
