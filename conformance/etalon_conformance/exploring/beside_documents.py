"""Acts beside those on documents: wishes, emergencies, coming back, agenda, services, messages."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from etalon_conformance.agenda_scene import appointment, of_person, tomorrow
from etalon_conformance.exploring.life_acts import ACTS_OF_LIFE
from etalon_conformance.exploring.looking_acts import ACTS_OF_LOOKING
from etalon_conformance.exploring.mailbox_acts import ACTS_OF_MAILBOX
from etalon_conformance.exploring.seats import Act, Asked, Seat, operated, told
from etalon_conformance.life_scene import TERMS, typed
from etalon_conformance.races.stage import USE, model_code
from etalon_conformance.record_scene import matricule
from etalon_conformance.rights_scene import EMERGENCY, REGULATION
from etalon_model.access import ReadLog
from etalon_model.activation import Activate
from etalon_model.agenda.agenda import AppointmentState
from etalon_model.agenda.appointments import PutAppointment, ReadAppointments
from etalon_model.agenda.prevention import ReadAgenda
from etalon_model.agenda.reminders import AddReminder
from etalon_model.catalogue.exchange import ListServices
from etalon_model.catalogue.pairing import PairService, UnpairService
from etalon_model.command import Command
from etalon_model.notification import RegenerateCode
from etalon_model.periods import paris_date
from etalon_model.policies import Policies
from etalon_model.rights.blocks import SetAdministrator
from etalon_model.rights.consents import LeaveCareTeam
from etalon_model.rights.consultation import OpenRecord
from etalon_wire.consents import Stance, Wish, consent_resource
from etalon_wire.life_cycle import PROVISIONAL_CODE
from etalon_wire.wishes import command_of

if TYPE_CHECKING:
    from etalon_wire.json_body import Json

INCAPABLE: Final = "incapable"
WITH_MASKED: Final = "masked"
_QUARTER: Final = timedelta(minutes=15)
_DAYS: Final = timedelta(days=30)
_TITLE: Final = "Consultation"
_BOUNDS: Final = (("date", "ge2000-01-01"), ("date", "le2200-01-01"))


def wish(kind: str, stance: Stance, ground: str = "") -> Act:
    """Return the act by which somebody says what they permit or deny."""
    is_chosen = kind in {EMERGENCY, REGULATION}

    def commands(seat: Seat) -> tuple[Command, ...]:
        stage = seat.company.stage
        person, policies = stage.readings[0].person(seat.ins), Policies()
        about = "" if is_chosen else stage.actors[seat.call.about].ident
        masked = seat.call.about == WITH_MASKED if is_chosen else None
        made = Wish(kind, stance, about, stage.now, ground=ground, masked=masked)
        command = command_of(made, stage.now, seat.actor, person, policies)
        return () if isinstance(command, list) else (command,)

    def ask(seat: Seat) -> Asked:
        stage = seat.company.stage
        values: dict[str, Json] = {
            "patient": seat.ins,
            "kind": kind,
            "stance": stance,
            "about": None if is_chosen else stage.cast[seat.call.about].rpps,
            "ground": ground or None,
            "masked": seat.call.about == WITH_MASKED if is_chosen else None,
            "at": stage.now.isoformat(timespec="seconds"),
        }
        return operated(seat.bench.operation("give_consent", seat.who, **values))

    return Act(commands, ask)


def _operation(
    name: str,
    commands: Callable[[Seat], tuple[Command, ...]],
    values: Callable[[Seat], "Mapping[str, Json]"] = lambda _: {},
) -> Act:
    """Return an act that is one operation of the wire, about the person."""
    return Act(
        commands,
        lambda seat: operated(
            seat.bench.operation(name, seat.who, patient=seat.ins, **values(seat))
        ),
    )


def _open_record(seat: Seat) -> tuple[Command, ...]:
    incapable = seat.call.about == INCAPABLE
    return (OpenRecord(*seat.given, seat.mode, incapable=incapable),)


def _reopening(seat: Seat) -> tuple[Command, ...]:
    """Return the asking of a new code, and the entering with it."""
    stage = seat.company.stage
    first = stage.readings[0]
    inputs = first.inputs(seat.ins, stage.now)
    code = model_code(seat.ins, first.person(seat.ins).codes)
    return (
        RegenerateCode(*seat.given, inputs, "sms"),
        Activate(*seat.given, inputs, code, franceconnect=False, terms_version=TERMS),
    )


def _reopen(seat: Seat) -> Asked:
    stage = seat.company.stage
    said = typed(stage.person, stage.parent)
    sent = seat.bench.operation("regenerate_code", seat.who, patient=seat.ins, by="sms", **said)
    code = sent.captures.get("code")
    code = code or sent.exchange.first(f"extension[url={PROVISIONAL_CODE}].valueString")
    if not sent.accepted or not isinstance(code, str):
        return operated(sent)
    done = seat.bench.operation(
        "reopen_space", seat.who, patient=seat.ins, code=code, termsVersion=TERMS, **said
    )
    return operated(done)


def _booking(seat: Seat) -> tuple[Command, ...]:
    stage = seat.company.stage
    starts_at = tomorrow(seat.bench)
    state = AppointmentState.BOOKED
    rank = f"appointment-{len(stage.bench.exchanges)}"
    ends_at = starts_at + _QUARTER
    return (PutAppointment(*seat.given, rank, starts_at, _TITLE, state, ends_at=ends_at),)


def _book(seat: Seat) -> Asked:
    stage = seat.company.stage
    doctor = stage.cast[seat.call.who]
    body = appointment(seat.bench, stage.person, doctor, tomorrow(seat.bench))
    return told(seat.bench.call(seat.who, "POST", "Appointment", body=body))


def _find_appointments(seat: Seat) -> Asked:
    path = f"Appointment?{of_person(seat.company.stage.person)}"
    return told(seat.bench.call(seat.who, "GET", path))


def _reminding(seat: Seat) -> tuple[Command, ...]:
    due_on = paris_date(seat.company.stage.now + _DAYS)
    return (AddReminder(*seat.given, due_on, _TITLE),)


def _pair(seat: Seat) -> Asked:
    stage = seat.company.stage
    identity = stage.readings[0].person(seat.ins).identity
    made = Wish("app-sharing", "permit", stage.solution, stage.now, uses=frozenset({USE}))
    body = consent_resource(identity, made)
    return told(seat.bench.call(seat.who, "POST", "Consent", body=body))


def _part(seat: Seat) -> Asked:
    path = f"root:/pairings/{seat.company.stage.solution}"
    return told(seat.bench.call(seat.who, "DELETE", path))


def _list_services(seat: Seat) -> Asked:
    return told(seat.bench.call(seat.who, "GET", "root:/pairings", accept="application/json"))


def _read_log(seat: Seat) -> Asked:
    whose = matricule(seat.company.stage.person)
    path = f"AuditEvent?{urlencode([('patient.identifier', whose), *_BOUNDS])}"
    return told(seat.bench.call(seat.who, "GET", path))


ACTS_BESIDE: Final[Mapping[str, Act]] = {
    "permit_samu": wish(REGULATION, "permit"),
    "deny_samu": wish(REGULATION, "deny"),
    "permit_glass": wish(EMERGENCY, "permit"),
    "deny_glass": wish(EMERGENCY, "deny"),
    "enter": _operation(
        "open_record",
        _open_record,
        lambda seat: {"mode": seat.mode.value, "incapable": seat.call.about == INCAPABLE},
    ),
    "leave": _operation("leave_care_team", lambda seat: (LeaveCareTeam(*seat.given),)),
    "administer": _operation(
        "set_administrator",
        lambda seat: (
            SetAdministrator(*seat.given, seat.company.stage.actors[seat.call.about].ident),
        ),
        lambda seat: {"professional": seat.company.stage.cast[seat.call.about].rpps},
    ),
    "reopen": Act(_reopening, _reopen),
    "agenda": _operation("read_agenda", lambda seat: (ReadAgenda(*seat.given),)),
    "remind": _operation(
        "add_reminder",
        _reminding,
        lambda seat: {
            "dueOn": paris_date(seat.company.stage.now + _DAYS).isoformat(),
            "title": _TITLE,
        },
    ),
    "book": Act(_booking, _book),
    "appointments": Act(lambda seat: (ReadAppointments(*seat.given),), _find_appointments),
    "services": Act(lambda seat: (ListServices(*seat.given),), _list_services),
    "pair": Act(
        lambda seat: (PairService(*seat.given, seat.company.stage.solution, (USE,)),), _pair
    ),
    "part": Act(lambda seat: (UnpairService(*seat.given, seat.company.stage.solution),), _part),
    "log": Act(lambda seat: (ReadLog(*seat.given),), _read_log),
    **ACTS_OF_MAILBOX,
    **ACTS_OF_LIFE,
    **ACTS_OF_LOOKING,
}
"""The acts by name."""
