"""Records before everybody: each set of marks, and each act that changes who sees what."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Final

from etalon_model.actors import INSURER, SYSTEM, Actor
from etalon_model.closing import CloseSpace
from etalon_model.command import Command
from etalon_model.people import Route
from etalon_model.periods import Period
from etalon_model.records.automatic import FeedReimbursement
from etalon_model.records.changes import ArchiveDocument, DeleteDocument, ReplaceDocument
from etalon_model.records.confidentiality import (
    HIDDEN,
    MASKED,
    NOT_FOR_REPRESENTATIVES,
    VISIBILITY_CODES,
)
from etalon_model.records.deposit import Means
from etalon_model.records.hiding import ReleaseHidden
from etalon_model.records.masking import (
    Announce,
    HideFromPatient,
    HideFromRepresentatives,
    MaskDocument,
    SetConfidentialityDefault,
    UnmaskDocument,
)
from etalon_model.records.record import Form
from etalon_model.records.uploads import UploadDocument
from etalon_model.rights.blocks import BlockProfessional
from etalon_model.rights.consents import LeaveCareTeam, ObjectToProfessional
from etalon_model.rights.consultation import OpenRecord, ReportAccess
from etalon_model.rights.emergencies import SetEmergencyChoices
from etalon_model.rights.modes import AccessMode
from etalon_model.rights.rights import EmergencyChoices
from etalon_model.suspension import Suspend
from etalon_model.vectors.scenes.stage import (
    ADMINISTRATOR,
    AUTHOR,
    TEAM_DOCTOR,
    TEAM_NURSE,
    Scene,
    Stage,
)
from etalon_model.vectors.views import OUTSIDER
from etalon_model.vital_events import ComeOfAge, RecordDeath

# A type that doctors read and that the matrix denies to nurses, whatever the policy.
_NOT_FOR_NURSES: Final = "68599-0"
_NEARLY_GROWN: Final = date(2005, 11, 20)
_A_MONTH: Final = Period("P1M")

Act = Callable[[datetime, Actor, str, str], Command]
"""An act on a document: the instant, who decides for the space, the space, the document."""


def _marked(marks: tuple[str, ...], *, child: bool) -> Scene:
    """Return the deposit of a document that bears some marks."""

    def scene(stage: Stage) -> Command:
        cast = stage.child() if child else stage.adult()
        return stage.deposit(cast.ins, *marks)

    return scene


def _acted(act: Act, *marks: str, child: bool = False) -> Scene:
    """Return an act on a record that holds a plain document and one that bears some marks."""

    def scene(stage: Stage) -> Command:
        cast = stage.child() if child else stage.adult()
        stage.put(cast.ins)
        unique_id = stage.put(cast.ins, *marks)
        return act(stage.now, cast.own, cast.ins, unique_id)

    return scene


def _choices(*, regulator: bool, break_glass: bool, masked: bool) -> Scene:
    chosen = EmergencyChoices(regulator, break_glass, masked)
    return _acted(lambda at, own, ins, _: SetEmergencyChoices(at, own, ins, chosen), MASKED)


def _replaced(stage: Stage) -> Command:
    cast = stage.adult()
    old = stage.put(cast.ins, MASKED)
    new = stage.deposit(cast.ins)
    parts = (new.at, new.actor, new.ins, new.sheet, new.subject, new.means, new.codes)
    return ReplaceDocument(*parts, replaced=old)


def _released(stage: Stage) -> Command:
    cast = stage.adult()
    stage.put(cast.ins, HIDDEN)
    stage.wait(_A_MONTH)
    return ReleaseHidden(stage.now, SYSTEM, cast.ins)


def _grown(stage: Stage) -> Command:
    cast = stage.child(born=_NEARLY_GROWN)
    stage.put(cast.ins, NOT_FOR_REPRESENTATIVES)
    stage.wait(_A_MONTH)
    return ComeOfAge(stage.now, SYSTEM, cast.ins)


def _of_a_type_denied_to_nurses(stage: Stage) -> Command:
    cast = stage.adult()
    stage.put(cast.ins)
    return stage.deposit(cast.ins, type_code=_NOT_FOR_NURSES)


def _in_a_form_that_records_do_not_hold(stage: Stage) -> Command:
    deposit = stage.deposit(stage.adult().ins)
    film = replace(deposit.sheet, form=Form("video/mp4", deposit.sheet.form.format_code))
    return replace(deposit, sheet=film)


def _opened(stage: Stage, mode: AccessMode, by: Actor, *, incapable: bool) -> Command:
    cast = stage.adult()
    stage.put(cast.ins, MASKED)
    return OpenRecord(stage.now, by, cast.ins, mode, incapable=incapable)


def _reported(stage: Stage) -> Command:
    cast = stage.adult()
    stage.put(cast.ins)
    read_at = stage.now
    stage.do(OpenRecord(read_at, TEAM_DOCTOR, cast.ins))
    stage.wait(timedelta(minutes=5))
    return ReportAccess(stage.now, cast.own, cast.ins, TEAM_DOCTOR.ident, read_at)


def _upload(at: datetime, own: Actor, ins: str, _: str) -> Command:
    return UploadDocument(
        at, own, ins, "urn:oid:1.9", "ORD_SOIN", "Ordonnance", "pdf", 9, "0" * 40, at
    )


_ACTS: Final[dict[str, Scene]] = {
    "the holder masks a document": _acted(MaskDocument),
    "the holder unmasks a document": _acted(UnmaskDocument, MASKED),
    "the holder masks new documents by default": _acted(
        lambda at, own, ins, _: SetConfidentialityDefault(at, own, ins, masked=True)
    ),
    "the author hides a document from the patient": _acted(
        lambda at, _, ins, which: HideFromPatient(at, AUTHOR, ins, which)
    ),
    "the author announces a hidden document": _acted(
        lambda at, _, ins, which: Announce(at, AUTHOR, ins, which), HIDDEN
    ),
    "the month of a hidden document ends": _released,
    "the author hides a document from the parents": _acted(
        lambda at, _, ins, which: HideFromRepresentatives(at, AUTHOR, ins, which), child=True
    ),
    "the author deletes a document": _acted(
        lambda at, _, ins, which: DeleteDocument(at, AUTHOR, ins, which, Means.CPS)
    ),
    "the author replaces a masked document": _replaced,
    "the author archives a document": _acted(
        lambda at, _, ins, which: ArchiveDocument(at, AUTHOR, ins, which, Means.CPS)
    ),
    "the holder adds a document": _acted(_upload),
    "the insurer adds an act": _acted(
        lambda at, _, ins, __: FeedReimbursement(at, INSURER, ins, "CONSULTATION", at.date())
    ),
    "a document of a type denied to nurses": _of_a_type_denied_to_nurses,
    "a document in a form that records do not hold": _in_a_form_that_records_do_not_hold,
    "the holder blocks a doctor of the care team": _acted(
        lambda at, own, ins, _: BlockProfessional(at, own, ins, TEAM_DOCTOR.ident)
    ),
    "an administrator blocks a nurse": _acted(
        lambda at, _, ins, __: BlockProfessional(at, ADMINISTRATOR, ins, TEAM_NURSE.ident)
    ),
    "the holder blocks the author": _acted(
        lambda at, own, ins, _: BlockProfessional(at, own, ins, AUTHOR.ident)
    ),
    "the holder objects to a doctor of the care team": _acted(
        lambda at, own, ins, _: ObjectToProfessional(at, own, ins, TEAM_DOCTOR.ident)
    ),
    "a doctor leaves the care team": _acted(
        lambda at, _, ins, __: LeaveCareTeam(at, TEAM_DOCTOR, ins)
    ),
    "no access in an emergency": _choices(regulator=False, break_glass=False, masked=False),
    "masked documents too in an emergency": _choices(regulator=True, break_glass=True, masked=True),
    "a stranger breaks the glass": lambda stage: _opened(
        stage, AccessMode.BREAK_GLASS, OUTSIDER, incapable=True
    ),
    "a stranger breaks the glass without a claim": lambda stage: _opened(
        stage, AccessMode.BREAK_GLASS, OUTSIDER, incapable=False
    ),
    "a doctor of the care team opens the record": lambda stage: _opened(
        stage, AccessMode.NORMAL, TEAM_DOCTOR, incapable=False
    ),
    "the holder reports an access": _reported,
    "the space is suspended": _acted(lambda at, _, ins, __: Suspend(at, INSURER, ins, "fraud")),
    "the space is closed": _acted(
        lambda at, own, ins, _: CloseSpace(at, own, ins, Route.WEB, password_reentered=True)
    ),
    "the holder dies": _acted(lambda at, _, ins, __: RecordDeath(at, INSURER, ins)),
    "the child comes of age": _grown,
}


def _named(marks: tuple[str, ...]) -> str:
    return " ".join(("N", *marks))


_MARKS: Final = [
    marks
    for count in range(len(VISIBILITY_CODES) + 1)
    for marks in combinations(VISIBILITY_CODES, count)
]

RECORDS: Final[dict[str, Scene]] = {
    **{f"{_named(marks)}, adult": _marked(marks, child=False) for marks in _MARKS},
    **{f"{_named(marks)}, child": _marked(marks, child=True) for marks in _MARKS},
    **_ACTS,
}
"""By what they show: the deposit of a document with each set of marks, then the acts."""
