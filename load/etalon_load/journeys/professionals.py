"""Journeys of those who care: consult, deposit, mask, break the glass, deposit results."""

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from etalon_load.expecting import Expectation, doctor_of, laboratory_of
from etalon_load.journeys.asking import held, list_documents, operate, read_document, read_one
from etalon_load.journeys.bodies import (
    MASKED,
    NOTE,
    RESULTS,
    Sheet,
    Value,
    body_of,
    mask,
    provided,
    simplified,
)
from etalon_load.journeys.judging import (
    RIGHT,
    Found,
    document_of,
    parameter_of,
    patient_wrong,
    transaction_wrong,
)
from etalon_load.journeys.logging_in import bear
from etalon_load.measures import Wrong
from etalon_model.command import Command
from etalon_model.records.masking import MaskDocument
from etalon_model.rights.consultation import AskAuthorisation, OpenRecord
from etalon_model.rights.modes import AccessMode

if TYPE_CHECKING:
    from etalon_load.calling import Grant
    from etalon_load.http_client import Answer
    from etalon_load.journeys.desk import Desk
    from etalon_load.journeys.errands import Errand
    from etalon_model.actors import Actor

_CREATED: Final = 201
_BATCH: Final = 20
"""Documents of a page of a first consultation (guide EEDS, REC-32)."""

_PAGES_MOST: Final = 5
_BUNDLED: Final = 0.5
"""Share of the deposits that come as a bundle (ITI-65), the others alone (ITI-105): ours."""

_RESULTS: Final = 3
"""How many documents a laboratory deposits of a person at once: ours."""


def consult(errand: "Errand", desk: "Desk") -> None:
    """Check the matricule, ask for the authorisation, list in batches, read one document."""
    grant = desk.session(errand)
    if grant is None or not _checked(errand, grant) or not _authorised(errand, grant):
        return
    doctor = doctor_of(errand.one)
    first = page = list_documents(errand, grant, doctor, query=f"&_count={_BATCH}")
    for _ in range(_PAGES_MOST):
        if page is None or not page.following:
            break
        parts = urlsplit(page.following)
        path = f"{parts.path}?{parts.query}"
        page = list_documents(errand, grant, doctor, step="next-page", path=path)
    if first is not None and page is not None:
        read_one(errand, grant, first, doctor)


def deposit(errand: "Errand", desk: "Desk") -> None:
    """Check the matricule, and deposit a document: alone, or as a bundle."""
    grant = desk.session(errand)
    if grant is None or not _checked(errand, grant):
        return
    sheet = Sheet(errand.one, errand.number(), NOTE)
    if errand.chance < _BUNDLED:
        _provide(errand, grant, [sheet], doctor_of(errand.one))
    else:
        _publish(errand, grant, sheet)


def conceal(errand: "Errand", desk: "Desk") -> None:
    """Deposit a document, mask it, and read it again as its author."""
    grant = desk.session(errand)
    if grant is None:
        return
    doctor = doctor_of(errand.one)
    document = _publish(errand, grant, Sheet(errand.one, errand.number(), NOTE))
    if document is not None and _masked(errand, grant, document, doctor):
        read_document(errand, grant, document, doctor)


def break_glass(errand: "Errand", desk: "Desk") -> None:
    """Open the record of somebody who cannot express a will, and see what it holds."""
    mode = AccessMode.BREAK_GLASS
    grant = desk.session(errand, mode.value)
    if grant is None or not _checked(errand, grant):
        return
    doctor = doctor_of(errand.one)

    def made(expected: Expectation) -> Command:
        return OpenRecord(expected.at, doctor, errand.one.ins, mode, incapable=True)

    def judge(answer: "Answer") -> str | Wrong:
        told = parameter_of(answer, "mode")
        if isinstance(told, Wrong):
            return told
        return held(errand, made, answer) if told == mode.value else Wrong("mode", {})

    values = {**_named(errand), "mode": mode.value, "incapable": True}
    if operate(errand, ("open", "open_record"), grant, judge, values) is not None:
        list_documents(errand, grant, doctor, mode=mode)


def deposit_results(errand: "Errand") -> None:
    """Deposit, as a laboratory, the results of somebody at once."""
    grant = bear(errand, errand.one.laboratory)
    if grant is None:
        return
    first = errand.number(_RESULTS)
    sheets = [Sheet(errand.one, first + rank, RESULTS) for rank in range(_RESULTS)]
    _provide(errand, grant, sheets, laboratory_of(errand.one))


def _checked(errand: "Errand", grant: "Grant") -> bool:
    """Check that the matricule is that of the person (TD0.2); tell whether it is."""

    def judge(answer: "Answer") -> str | Wrong:
        return patient_wrong(answer, errand.one, bundled=True)

    query = f"identifier={errand.one.system}%7C{errand.one.ins}"
    return errand.ask("patient", "find_patients", judge, query=query, grant=grant) is not None


def _authorised(errand: "Errand", grant: "Grant") -> bool:
    """Ask whether the professional may read; tell whether they may.

    The operation is ours: where a target has its own wire, the search is what tells.
    """
    if not errand.caller.settings.by_pages:
        return True

    def made(expected: Expectation) -> Command:
        return AskAuthorisation(expected.at, doctor_of(errand.one), errand.one.ins)

    def judge(answer: "Answer") -> str | Wrong:
        told = parameter_of(answer, "status")
        if isinstance(told, Wrong):
            return told
        return held(errand, made, answer) if told == "valid" else Wrong("authorisation", {})

    asked = ("authorisation", "ask_authorisation")
    return operate(errand, asked, grant, judge, _named(errand)) is not None


def _named(errand: "Errand") -> dict[str, Value]:
    return {"patient": f"{errand.one.system}|{errand.one.ins}"}


def _publish(errand: "Errand", grant: "Grant", sheet: Sheet) -> Found | None:
    """Deposit a document alone (ITI-105); return it as the record holds it."""
    resource = simplified(sheet)
    kept: list[Found] = []

    def judge(answer: "Answer") -> str | Wrong:
        found = document_of(answer, errand.one, _CREATED)
        if isinstance(found, Wrong):
            return found
        if found.unique_id != sheet.unique_id:
            return Wrong("document", {})
        kept.append(found)
        expected = errand.expecting
        if expected is None:
            return RIGHT
        return expected.judge_deposit(resource, doctor_of(errand.one), answer.status) or RIGHT

    body = body_of(resource)
    answer = errand.ask("publish", "publish_document", judge, grant=grant, body=body)
    return None if answer is None else kept[0]


def _provide(errand: "Errand", grant: "Grant", sheets: list[Sheet], actor: "Actor") -> None:
    """Deposit documents as a bundle (ITI-65)."""
    resource = provided(sheets)

    def judge(answer: "Answer") -> str | Wrong:
        wrong = transaction_wrong(answer, 1 + 2 * len(sheets))
        expected = errand.expecting
        if wrong or expected is None:
            return wrong
        return expected.judge_deposit(resource, actor, answer.status) or RIGHT

    body = body_of(resource)
    errand.ask("provide", "provide_documents", judge, grant=grant, body=body)


def _masked(errand: "Errand", grant: "Grant", document: Found, doctor: "Actor") -> bool:
    """Mask a document; tell whether its record says so."""

    def made(expected: Expectation) -> Command:
        return MaskDocument(expected.at, doctor, errand.one.ins, document.unique_id)

    def judge(answer: "Answer") -> str | Wrong:
        found = document_of(answer, errand.one)
        if isinstance(found, Wrong):
            return found
        if found.ident != document.ident or MASKED.encode() not in answer.body:
            return Wrong("document", {})
        return held(errand, made, answer)

    path = errand.path_of("change_document", document.ident)
    body = body_of(mask())
    answer = errand.ask("mask", "change_document", judge, path=path, grant=grant, body=body)
    return answer is not None
