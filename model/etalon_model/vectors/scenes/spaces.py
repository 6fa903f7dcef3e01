"""The other parts of a space: sharing, consents, messages, agenda, and what an app sees."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from etalon_model.actors import caregiver, holder
from etalon_model.agenda.agenda import PreventionState
from etalon_model.agenda.appointments import DeleteAppointment, PutAppointment
from etalon_model.agenda.prevention import DeclarePrevention
from etalon_model.catalogue.catalogue import ExchangeFamily, Purpose
from etalon_model.catalogue.exchange import ReadThroughService
from etalon_model.catalogue.pairing import UnpairService
from etalon_model.catalogue.referencing import publisher
from etalon_model.catalogue.rehearsal import SOLUTION, USES, pair, put_online, tokens
from etalon_model.command import Command
from etalon_model.delegation import AnswerInvitation, EndSharing, InviteCaregiver
from etalon_model.messaging.correspondents import MailboxType
from etalon_model.messaging.delivery import DeliverMessage
from etalon_model.messaging.directory import PublishMailbox
from etalon_model.messaging.transmission import TransmitDocument
from etalon_model.messaging.writing import WriteMessage
from etalon_model.records.confidentiality import HIDDEN, MASKED, NOT_FOR_REPRESENTATIVES
from etalon_model.records.search import SearchDocuments
from etalon_model.rights.consents import DeclareConsent
from etalon_model.rights.consultation import OpenRecord
from etalon_model.states import State
from etalon_model.vectors.scenes.stage import TEAM_DOCTOR, WARD, Scene, Stage
from etalon_model.vectors.views import OUTSIDER

_ADDRESS: Final = "ward@hospital.mssante.fr"
_FIFTY_ONE: Final = date(1972, 6, 1)


def _opened(stage: Stage, count: int) -> list[str]:
    """Open the spaces of so many adults; return their matricules."""
    people = [stage.person() for _ in range(count)]
    for ins in people:
        stage.bring(ins, State.OPEN_ACTIVE)
    return people


def _helped(stage: Stage, ins: str, friend: str) -> None:
    """Make somebody the caregiver of somebody else."""
    stage.do(InviteCaregiver(stage.now, holder(ins), ins, friend))
    stage.do(AnswerInvitation(stage.now, caregiver(friend), ins, accept=True))


def _one_caregiver_too_many(stage: Stage) -> Command:
    most = stage.parameters.caregivers_per_holder
    ins, *friends, late = _opened(stage, most + 2)
    for friend in friends:
        _helped(stage, ins, friend)
    stage.do(InviteCaregiver(stage.now, holder(ins), ins, late))
    return AnswerInvitation(stage.now, caregiver(late), ins, accept=True)


def _one_holder_too_many(stage: Stage) -> Command:
    most = stage.parameters.holders_per_caregiver
    friend, *helped, late = _opened(stage, most + 2)
    for ins in helped:
        _helped(stage, ins, friend)
    stage.do(InviteCaregiver(stage.now, holder(late), late, friend))
    return AnswerInvitation(stage.now, caregiver(friend), late, accept=True)


def _invitation_accepted(stage: Stage) -> Command:
    ins, friend = _opened(stage, 2)
    stage.do(InviteCaregiver(stage.now, holder(ins), ins, friend))
    return AnswerInvitation(stage.now, caregiver(friend), ins, accept=True)


def _sharing_ended(stage: Stage) -> Command:
    ins, friend = _opened(stage, 2)
    _helped(stage, ins, friend)
    return EndSharing(stage.now, holder(ins), ins, friend)


def _consent_declared(stage: Stage) -> Command:
    cast = stage.adult()
    stage.put(cast.ins)
    return DeclareConsent(stage.now, TEAM_DOCTOR, cast.ins, OUTSIDER.ident)


def _consultation_over(stage: Stage) -> Command:
    cast = stage.adult()
    stage.put(cast.ins)
    stage.do(DeclareConsent(stage.now, TEAM_DOCTOR, cast.ins, OUTSIDER.ident))
    stage.do(OpenRecord(stage.now, OUTSIDER, cast.ins))
    stage.wait(timedelta(hours=stage.parameters.consultation_hours))
    return SearchDocuments(stage.now, OUTSIDER, cast.ins)


def _caregiver_answers(stage: Stage) -> Command:
    ins, friend = _opened(stage, 2)
    _helped(stage, ins, friend)
    stage.do(PublishMailbox(stage.now, WARD, "", _ADDRESS, MailboxType.ORG))
    stage.do(DeliverMessage(stage.now, WARD, ins, _ADDRESS, "Rendez-vous", "Venez à jeun"))
    return WriteMessage(stage.now, caregiver(friend), ins, "Entendu", thread=1)


def _sent_to_a_child(codes: tuple[str, ...]) -> Scene:
    """Return a document that a machine sends to a child, under codes of the send matrix."""

    def scene(stage: Stage) -> Command:
        cast = stage.child()
        stage.do(PublishMailbox(stage.now, WARD, "", _ADDRESS, MailboxType.ORG))
        known = stage.service.person(cast.ins).identity
        traits = (known.ins, known.birth_on, known.sex)
        return TransmitDocument(
            stage.now, WARD, cast.ins, _ADDRESS, "1.2.3", "Lettre", "R01", codes, *traits
        )

    return scene


def _outside_appointment(stage: Stage) -> Command:
    cast = stage.adult()
    starts_at = stage.now + timedelta(days=3)
    stage.do(PutAppointment(stage.now, WARD, cast.ins, "rdv-9", starts_at, "Scanner"))
    return DeleteAppointment(stage.now, cast.own, cast.ins, "rdv-9")


def _screening_done(stage: Stage) -> Command:
    ins = stage.person(born=_FIFTY_ONE)
    stage.bring(ins, State.OPEN_ACTIVE)
    done = PreventionState.DONE
    on = stage.now.date() - timedelta(days=2)
    return DeclarePrevention(stage.now, holder(ins), ins, "SCR_BREAST.1", done, on)


def _app_reads(stage: Stage, *, parted: bool) -> Command:
    """Return what an app asks of a record with each kind of document, paired or parted."""
    put_online(stage)
    cast = stage.adult()
    for marks in ((), (MASKED,), (HIDDEN,), (NOT_FOR_REPRESENTATIVES,)):
        stage.put(cast.ins, *marks)
    own = pair(stage, cast.ins, *USES)
    if parted:
        stage.do(UnpairService(stage.now, cast.own, cast.ins, SOLUTION))
    return ReadThroughService(
        stage.now,
        publisher(SOLUTION),
        cast.ins,
        tokens(own),
        Purpose.CARE,
        ExchangeFamily.DOCUMENTS,
    )


SPACES: Final[dict[str, Callable[[Stage], Command]]] = {
    "a caregiver accepts": _invitation_accepted,
    "one caregiver too many": _one_caregiver_too_many,
    "one holder too many for a caregiver": _one_holder_too_many,
    "the holder ends a sharing": _sharing_ended,
    "a consent declared by a colleague": _consent_declared,
    "a consultation by consent is over": _consultation_over,
    "a caregiver answers a message": _caregiver_answers,
    "a document is sent to a child": _sent_to_a_child(("DESTMSSANTEPAT",)),
    "a document not for parents is sent to a child": _sent_to_a_child(
        ("DESTMSSANTEPAT", "INVISIBLE_REP_LEGAUX")
    ),
    "the holder deletes an appointment of another": _outside_appointment,
    "a screening is declared done": _screening_done,
    "an app reads documents": lambda stage: _app_reads(stage, parted=False),
    "an app reads documents once parted": lambda stage: _app_reads(stage, parted=True),
}
"""By what they show."""
