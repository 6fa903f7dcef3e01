"""Journeys of people: activate, oppose, look, read, add, close, act for a minor, call for help."""

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from etalon_load.expecting import Expectation
from etalon_load.journeys.asking import Made, held, list_documents, operate, read_one
from etalon_load.journeys.bodies import Sheet, Value, body_of, uploaded
from etalon_load.journeys.judging import (
    RIGHT,
    document_of,
    opened_wrong,
    patient_wrong,
    status_of,
)
from etalon_load.journeys.logging_in import bear, log_in
from etalon_load.measures import Wrong
from etalon_model.activation import Activate
from etalon_model.closing import CloseSpace
from etalon_model.command import Command
from etalon_model.notification import RegenerateCode
from etalon_model.opposition import Oppose
from etalon_model.people import Route

if TYPE_CHECKING:
    from etalon_load.calling import Grant
    from etalon_load.http_client import Answer
    from etalon_load.journeys.errands import Errand
    from etalon_load.journeys.judging import Judge

_OK: Final = 200
_CREATED: Final = 201
_SENT_AGAIN: Final = 0.5
"""Share of the callers of the hotline who have a code sent again: an assumption of ours."""

_TERMS: Final = re.compile(rb'name="terms" value="([^"]+)"')
_CHOSEN: Final = "Etalon-9-Charge!"
"""The password that people choose when they activate."""


def activate(errand: "Errand") -> None:
    """Activate with the code of the letter and chosen credentials, or through FranceConnect+."""
    if errand.caller.settings.by_pages and not _entered_first(errand):
        return
    grant = log_in(errand)
    if grant is not None:
        list_documents(errand, grant, errand.actor)


def oppose(errand: "Errand") -> None:
    """Object to the creation of the space, on the web, with the code of the letter."""
    grant = bear(errand, errand.one.holder)
    if grant is not None:
        _object(errand, grant, Route.WEB)


def call_for_help(errand: "Errand") -> None:
    """Call: some have a code sent again, the others object by telephone; an operator does it."""
    grant = bear(errand, errand.one.holder)
    if grant is None:
        return
    if errand.chance >= _SENT_AGAIN:
        _object(errand, grant, Route.PHONE)
        return

    def made(expected: Expectation) -> Command:
        return RegenerateCode(expected.at, errand.actor, errand.one.ins, expected.inputs, "sms")

    asked = ("regenerate", "regenerate_code")
    operate(errand, asked, grant, _operated(errand, made), {**_card(errand), "by": "sms"})


def glance(errand: "Errand") -> None:
    """Log in, and look at what there is."""
    grant = log_in(errand)
    if grant is not None:
        list_documents(errand, grant, errand.actor)


def visit(errand: "Errand") -> None:
    """Log in, look at what there is, and read one document with its bytes.

    A representative does the same for a minor.
    """
    grant = log_in(errand)
    page = None if grant is None else list_documents(errand, grant, errand.actor)
    if grant is not None and page is not None:
        read_one(errand, grant, page, errand.actor)


def upload(errand: "Errand") -> None:
    """Log in, add a document, and see it in the list."""
    grant = log_in(errand)
    if grant is None:
        return
    resource = uploaded(Sheet(errand.one, errand.number()))

    def judge(answer: "Answer") -> str | Wrong:
        found = document_of(answer, errand.one, _CREATED)
        expected = errand.expecting
        if isinstance(found, Wrong) or expected is None:
            return found if isinstance(found, Wrong) else RIGHT
        return expected.judge_deposit(resource, errand.actor, answer.status) or RIGHT

    body = body_of(resource)
    if errand.ask("upload", "publish_document", judge, grant=grant, body=body) is not None:
        list_documents(errand, grant, errand.actor)


def close(errand: "Errand") -> None:
    """Log in, and close the space with the password typed again."""
    grant = log_in(errand)
    if grant is None:
        return

    def made(expected: Expectation) -> Command:
        actor, ins = errand.actor, errand.one.ins
        return CloseSpace(expected.at, actor, ins, Route.WEB, password_reentered=True, erase=False)

    asked = ("close", "close_space")
    operate(errand, asked, grant, _operated(errand, made), {"passwordReentered": True})


def _entered_first(errand: "Errand") -> bool:
    """Fill in the form of the first entry; tell whether the space is open."""
    one, by_code = errand.one, errand.chance < errand.caller.settings.passwords
    page = errand.ask("form", "oauth2_activation", _is_form)
    if page is None:
        return False
    terms = _TERMS.search(page.body)
    form = {"terms": "" if terms is None else terms[1].decode()}
    login = f"charge.{one.ins.lower()}"
    if by_code:
        form |= {"step": "activate", "nir": one.ins, "birth_on": one.birth_date}
        form |= {"vitale_serial": one.vitale_serial, "code": one.provisional_code}
        form |= {"login": login, "password": _CHOSEN}
    else:
        form |= {"step": "franceconnect", "ins": one.ins}

    def made(expected: Expectation) -> Command:
        inputs, code = (expected.inputs, expected.code) if by_code else (None, None)
        terms = form["terms"]
        actor = errand.actor
        return Activate(expected.at, actor, one.ins, inputs, code, not by_code, terms)

    def judge(answer: "Answer") -> str | Wrong:
        return opened_wrong(answer) or held(errand, made, answer)

    body = urlencode(form).encode()
    if errand.ask("activate", "oauth2_activate", judge, body=body) is None:
        return False
    if by_code:
        errand.knows(login, _CHOSEN)
    return True


def _object(errand: "Errand", grant: "Grant", route: Route) -> None:
    """Object, with the code of the letter on the web, without one on the telephone."""
    values: dict[str, Value] = {**_card(errand), "through": route.value}
    if route is Route.WEB:
        values["code"] = errand.one.provisional_code

    def made(expected: Expectation) -> Command:
        code = expected.code if route is Route.WEB else None
        actor, ins = errand.actor, errand.one.ins
        return Oppose(expected.at, actor, ins, route, expected.inputs, code)

    operate(errand, ("oppose", "oppose"), grant, _operated(errand, made), values)


def _operated(errand: "Errand", made: Made) -> "Judge":
    """Return what judges the answer to an operation: the person, as the model has them."""

    def judge(answer: "Answer") -> str | Wrong:
        return patient_wrong(answer, errand.one, bundled=False) or held(errand, made, answer)

    return judge


def _card(errand: "Errand") -> dict[str, Value]:
    """Return what is typed from a card: whose, born when, its number."""
    one = errand.one
    return {"nir": one.ins, "birthDate": one.birth_date, "vitaleSerial": one.vitale_serial}


def _is_form(answer: "Answer") -> str | Wrong:
    wrong = status_of(answer, _OK)
    if wrong is not None:
        return wrong
    asks = b'name="vitale_serial"' in answer.body
    return RIGHT if asks else Wrong("shape", {"expected": "form"})
