"""The open questions: for each switch, a story that ends otherwise under another answer."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from etalon_model.access import ReadSpace
from etalon_model.actors import INSURER, SYSTEM, holder, professional, representative
from etalon_model.affiliation import Affiliate
from etalon_model.agenda.announcements import AnnounceAgenda
from etalon_model.agenda.appointments import PutAppointment
from etalon_model.catalogue.measures import WEIGHT
from etalon_model.catalogue.measuring import EnterMeasure
from etalon_model.catalogue.referencing import COMMISSION, GiveOpinion
from etalon_model.catalogue.rehearsal import SOLUTION, request
from etalon_model.command import Command
from etalon_model.identities import Traits, identity
from etalon_model.legacy import CreateLegacyRecord
from etalon_model.messaging.conversations import Attachment
from etalon_model.messaging.correspondents import MailboxType
from etalon_model.messaging.delivery import DeliverMessage
from etalon_model.messaging.directory import PublishMailbox
from etalon_model.notification import SendNotice
from etalon_model.opening import OpenAutomatically
from etalon_model.opposition import Oppose
from etalon_model.people import Channel, Contacts, Route
from etalon_model.records.reading import ReadDocument
from etalon_model.records.search import SearchDocuments
from etalon_model.rights.consents import JoinCareTeam
from etalon_model.rights.consultation import OpenRecord
from etalon_model.rights.modes import AccessMode
from etalon_model.states import State
from etalon_model.vectors.scenes.stage import ATTENDING, WARD, Scene, Stage
from etalon_model.vectors.views import OUTSIDER, REGULATOR

_ADDRESS: Final = "ward@hospital.mssante.fr"
_DENTIST: Final = professional("899700366364", "dentist")
_CONSULTATION: Final = "11488-4"
_BETWEEN: Final = timedelta(days=35)
_TEN_DAYS: Final = timedelta(days=10)
_LATE: Final = timedelta(days=61)


def _attending_reads_masked(stage: Stage) -> Command:
    cast = stage.adult()
    unique_id = stage.put(cast.ins, "MASQUE_PS")
    return ReadDocument(stage.now, ATTENDING, cast.ins, unique_id)


def _silence(stage: Stage) -> Command:
    ins = stage.person()
    stage.notify(ins)
    stage.wait(_BETWEEN)
    return OpenAutomatically(stage.now, SYSTEM, ins)


def _first_days(day: int) -> Scene:
    """Return a notice in the first weeks of 2022, outside the départements of the pilot."""

    def scene(stage: Stage) -> Command:
        month, on = (1, day) if day <= _JANUARY else (2, day - _JANUARY)
        stage.now = datetime(2022, month, on, 9, tzinfo=UTC)
        ins = stage.person(department="75")
        return SendNotice(stage.now, INSURER, ins, Channel.EMAIL)

    return scene


_JANUARY: Final = 31


def _month_over_twenty(stage: Stage) -> Command:
    who = identity(1, 1, Traits(date(1980, 5, 17), "F", "31", 1))
    head = f"{who.ins[:3]}25{who.ins[5:13]}"
    other = replace(who, ins=f"{head}{97 - int(head) % 97:02d}")
    contacts = Contacts(email=True, mobile=True)
    return Affiliate(stage.now, INSURER, other.ins, other, contacts)


def _dentist_reads(stage: Stage) -> Command:
    cast = stage.adult()
    unique_id = stage.put(cast.ins, type_code=_CONSULTATION)
    stage.do(JoinCareTeam(stage.now, _DENTIST, cast.ins, informed=True))
    return ReadDocument(stage.now, _DENTIST, cast.ins, unique_id)


def _message(size_bytes: int) -> Scene:
    """Return a message with one attachment of that size."""

    def scene(stage: Stage) -> Command:
        cast = stage.adult()
        stage.do(PublishMailbox(stage.now, WARD, "", _ADDRESS, MailboxType.ORG))
        scan = (Attachment("scan", "image/tiff", size_bytes, sha1="ab" * 20),)
        return DeliverMessage(
            stage.now, WARD, cast.ins, _ADDRESS, "Résultats", "Ci-joint", attachments=scan
        )

    return scene


def _one_parent_objects(stage: Stage) -> Command:
    mother, father = stage.person(), stage.person(born=date(1979, 4, 2), sex="M")
    child = stage.person(mother, father, born=date(2017, 9, 3))
    stage.notify(child)
    inputs = stage.service.inputs(child, stage.now)
    return Oppose(stage.now, representative(mother), child, Route.PHONE, inputs)


def _never_entered(stage: Stage) -> str:
    """Return a space that opened by silence and holds a masked document."""
    ins = stage.person()
    stage.bring(ins, State.OPEN_INACTIVE)
    stage.put(ins, "MASQUE_PS")
    return ins


def _glass(stage: Stage) -> Command:
    ins = _never_entered(stage)
    return OpenRecord(stage.now, OUTSIDER, ins, AccessMode.BREAK_GLASS, incapable=True)


def _regulator(stage: Stage) -> Command:
    ins = _never_entered(stage)
    return SearchDocuments(stage.now, REGULATOR, ins, mode=AccessMode.SAMU)


def _late_opinion(stage: Stage) -> Command:
    stage.do(request(stage))
    stage.wait(_LATE)
    return GiveOpinion(stage.now, COMMISSION, "", SOLUTION, favourable=True)


def _opponents_legacy_record(stage: Stage) -> Command:
    stage.now = datetime(2021, 6, 1, 9, tzinfo=UTC)
    ins = stage.person()
    stage.do(CreateLegacyRecord(stage.now, INSURER, ins, documents=3, through=Route.COUNTER))
    stage.now = datetime(2022, 2, 1, 9, tzinfo=UTC)
    stage.notify(ins)
    stage.oppose(ins)
    stage.now = datetime(2023, 2, 1, 9, tzinfo=UTC)
    return ReadSpace(stage.now, ATTENDING, ins)


def _appointment_tomorrow(stage: Stage) -> Command:
    ins = stage.person(sex="M", born=date(1995, 5, 17))
    stage.bring(ins, State.OPEN_ACTIVE)
    starts_at = stage.now + timedelta(hours=30)
    stage.do(PutAppointment(stage.now, holder(ins), ins, "rdv-1", starts_at, "Bilan"))
    return AnnounceAgenda(stage.now, SYSTEM, ins)


def _old_code(stage: Stage) -> Command:
    ins = stage.person()
    stage.notify(ins)
    code = stage.fresh_code(ins)
    stage.wait(_TEN_DAYS)
    return stage.activation(ins, code)


def _implausible_weight(stage: Stage) -> Command:
    ins = stage.person()
    stage.bring(ins, State.OPEN_ACTIVE)
    return EnterMeasure(stage.now, holder(ins), ins, WEIGHT, stage.now, (650.1,))


OPEN_QUESTIONS: Final[dict[str, Callable[[Stage], Command]]] = {
    "C1 the attending doctor reads a masked document": _attending_reads_masked,
    "C2 silence after thirty-five days": _silence,
    "C3 a notice on 15 January 2022": _first_days(15),
    "C3 a notice on 1 February 2022": _first_days(32),
    "C7 a matricule with a month of 25": _month_over_twenty,
    "G1 a dentist reads a consultation report": _dentist_reads,
    "G2 a message of 8 000 000 bytes": _message(8_000_000),
    "G2 a message of 15 000 000 bytes": _message(15_000_000),
    "G4 one of two parents objects": _one_parent_objects,
    "G7 a stranger breaks the glass of a space never entered": _glass,
    "G7 a regulator searches a space never entered": _regulator,
    "G8 an opinion after sixty-one days": _late_opinion,
    "G9 a professional reads the legacy record of somebody opposed": _opponents_legacy_record,
    "G12 what is announced thirty hours before an appointment": _appointment_tomorrow,
    "G13 a code of ten days ago": _old_code,
    "G14 a weight of 650.1 kilograms": _implausible_weight,
}
"""By what they show, the question first."""
