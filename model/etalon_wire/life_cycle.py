"""Operations on the space of a person: Parameters to commands, and what a space answers.

No public text gives a wire to the life of a space, so the operations are ours (`$mes-…`); the
person is the Patient of TD0.2, with two extensions of ours. Somebody who has no record yet, or no
more, is answered to whoever may ask here, as `active` false with the state of the space.

Source: FHIR R4, 3.2.0 (operations); the rules are those of the model.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final, Literal, cast

from etalon_model import (
    AcceptTerms,
    AccessMode,
    Activate,
    Actor,
    AskAuthorisation,
    Channel,
    CloseSpace,
    CloseSuspended,
    CloseThroughSupport,
    Command,
    DeclareNotRepresentative,
    EndArchive,
    FinishErasure,
    IdentityInputs,
    JoinCareTeam,
    LeaveCareTeam,
    ObjectToSuspension,
    OpenAutomatically,
    OpenRecord,
    Oppose,
    Person,
    RecordDeath,
    RegenerateCode,
    Reinstate,
    ReportAccess,
    ReportBounce,
    ReportUndelivered,
    RequestErasure,
    Route,
    SendNotice,
    SetAdministrator,
    StartErasure,
    Suspend,
    UseFeature,
)
from etalon_model.catalogue.measuring import ReadMeasures
from etalon_wire.claims import Caller
from etalon_wire.json_body import Json, Resource
from etalon_wire.malformed import REQUIRED, Malformed
from etalon_wire.operation_outcomes import Fault
from etalon_wire.operations import Value
from etalon_wire.records.instants import written
from etalon_wire.records.patients import Standing, patient_resource, standing_of

SPACE_STATE: Final = "urn:mes-etalon:StructureDefinition:space-state"
"""Where the space of a person stands: state, since when, and the end of the window to object."""
PROVISIONAL_CODE: Final = "urn:mes-etalon:StructureDefinition:provisional-code"
"""A code just issued, told to whoever sends it."""

_MINE: Final = "patient"
_DOWNLOADS: Final = "download_space"
Values = Mapping[str, Value]
Made = Callable[[datetime, Actor, str, Values, Caller], Command]


def whose(values: Values, caller: Caller) -> str | Fault:
    """Return the matricule of the person an operation is about.

    A token that is for one space is for no other, whatever the parameters say.
    """
    named = cast("str", values.get(_MINE, ""))
    if caller.patient and named not in {"", caller.patient}:
        message = "the token is for the space of somebody else: log in for this person"
        return Fault("NOT_ALLOWED", message, "Parameters.parameter.where(name='patient')")
    ins = named or caller.patient
    if ins:
        return ins
    message = "say whose space: the parameter patient, with a matricule INS"
    return Fault("PARAMETER_MISSING", message, "Parameters.parameter")


def command_of(operation: str, at: datetime, ins: str, values: Values, caller: Caller) -> Command:
    """Return the command that an operation asks for.

    Args:
        operation: Its name, without its sign.
        at: The present instant (UTC).
        ins: Whose space.
        values: Its parameters, as `read_parameters` gives them.
        caller: Who asks.

    Raises:
        KeyError: There is no such operation.
        Malformed: Parameters that go together are not all there.
    """
    return _COMMANDS[operation](at, caller.actor, ins, values, caller)


def space_resource(person: Person, code: str = "") -> Resource:
    """Return the person as a Patient, with where their space stands.

    Args:
        person: Whose space.
        code: A provisional code to tell, or an empty string.
    """
    standing = standing_of(person)
    if standing is None:
        standing = Standing(person.identity, active=False, since=person.since, entered=False)
    resource = patient_resource(standing)
    extensions = cast("list[Json]", resource["extension"])
    extensions.append(_state(person))
    if code:
        extensions.append({"url": PROVISIONAL_CODE, "valueString": code})
    return resource


def _state(person: Person) -> Json:
    told: list[Json] = [
        {"url": "state", "valueCode": person.state.value},
        {"url": "since", "valueInstant": written(person.since)},
    ]
    if person.window_ends_at is not None:
        ends_at = written(person.window_ends_at)
        told.append({"url": "opensNotBefore", "valueInstant": ends_at})
    return {"url": SPACE_STATE, "extension": told}


def _inputs(values: Values) -> IdentityInputs | None:
    """Return what the person types to be recognised; all three of them or none.

    Raises:
        Malformed: One is there and another is not.
    """
    names = ("nir", "birthDate", "vitaleSerial")
    missing = [name for name in names if name not in values]
    if len(missing) == len(names):
        return None
    if missing:
        message = f"nir, birthDate and vitaleSerial go together: {', '.join(missing)} is missing"
        raise Malformed(REQUIRED, "Parameters.parameter", message)
    nir, born, serial = (values[name] for name in names)
    chosen = cast("str | None", values.get("chosen"))
    return IdentityInputs(cast("str", nir), cast("date", born), cast("str", serial), chosen)


def _code(values: Values) -> str | None:
    return cast("str | None", values.get("code"))


def _route(values: Values) -> Route:
    return Route(cast("str", values.get("through", Route.WEB)))


def _notify(at: datetime, actor: Actor, ins: str, values: Values, _: Caller) -> Command:
    return SendNotice(at, actor, ins, Channel(cast("str", values["channel"])))


def _undelivered(at: datetime, actor: Actor, ins: str, values: Values, _: Caller) -> Command:
    by_email = values["channel"] == Channel.EMAIL
    return (ReportBounce if by_email else ReportUndelivered)(at, actor, ins)


def _regenerate(at: datetime, actor: Actor, ins: str, values: Values, _: Caller) -> Command:
    by = cast("Literal['sms', 'email']", values["by"])
    return RegenerateCode(at, actor, ins, cast("IdentityInputs", _inputs(values)), by)


def _oppose(at: datetime, actor: Actor, ins: str, values: Values, _: Caller) -> Command:
    return Oppose(at, actor, ins, _route(values), _inputs(values), _code(values))


def _activate(at: datetime, actor: Actor, ins: str, values: Values, caller: Caller) -> Command:
    """Take the person for known by FranceConnect+ when the token says that they came through it."""
    connected = caller.means == "franceconnect"
    terms = cast("str", values["termsVersion"])
    return Activate(at, actor, ins, _inputs(values), _code(values), connected, terms)


def _accept_terms(at: datetime, actor: Actor, ins: str, values: Values, _: Caller) -> Command:
    return AcceptTerms(at, actor, ins, cast("str", values["termsVersion"]))


def _close(at: datetime, actor: Actor, ins: str, values: Values, _: Caller) -> Command:
    """Close on the web; by any other route only a space that nobody entered is closed."""
    route = _route(values)
    if route is not Route.WEB:
        return CloseThroughSupport(at, actor, ins, route)
    again = values.get("passwordReentered", False) is True
    return CloseSpace(at, actor, ins, route, again, values.get("erase", False) is True)


def _suspend(at: datetime, actor: Actor, ins: str, values: Values, _: Caller) -> Command:
    return Suspend(at, actor, ins, cast("Literal['malfunction', 'fraud']", values["reason"]))


def _open_record(at: datetime, actor: Actor, ins: str, values: Values, caller: Caller) -> Command:
    mode = AccessMode(cast("str", values.get("mode", caller.mode)))
    return OpenRecord(at, actor, ins, mode, values.get("incapable", False) is True)


def _report_access(at: datetime, actor: Actor, ins: str, values: Values, _: Caller) -> Command:
    professional = cast("str", values["professional"])
    return ReportAccess(at, actor, ins, professional, cast("datetime", values["accessedAt"]))


def _join(at: datetime, actor: Actor, ins: str, values: Values, _: Caller) -> Command:
    return JoinCareTeam(at, actor, ins, values["informed"] is True)


def _administrator(at: datetime, actor: Actor, ins: str, values: Values, _: Caller) -> Command:
    professional = cast("str", values["professional"])
    return SetAdministrator(at, actor, ins, professional, values.get("administrator", True) is True)


def _export(at: datetime, actor: Actor, ins: str, values: Values, _: Caller) -> Command:
    del values
    return UseFeature(at, actor, ins, _DOWNLOADS)


def _plain(kind: Callable[[datetime, Actor, str], Command]) -> Made:
    """Make commands that hold no more than who asks about whom."""
    return lambda at, actor, ins, _values, _caller: kind(at, actor, ins)


def _measures(at: datetime, actor: Actor, ins: str, values: Values, _: Caller) -> Command:
    return ReadMeasures(at, actor, ins, cast("str", values["code"]))


_COMMANDS: Final[Mapping[str, Made]] = {
    "mes-notify-creation": _notify,
    "mes-report-undelivered": _undelivered,
    "mes-regenerate-code": _regenerate,
    "mes-oppose": _oppose,
    "mes-open": _plain(OpenAutomatically),
    "mes-hold-opening": _plain(DeclareNotRepresentative),
    "mes-activate": _activate,
    "mes-reopen": _activate,
    "mes-accept-terms": _accept_terms,
    "mes-close": _close,
    "mes-request-erasure": _plain(RequestErasure),
    "mes-start-erasure": _plain(StartErasure),
    "mes-finish-erasure": _plain(FinishErasure),
    "mes-end-archive": _plain(EndArchive),
    "mes-export": _export,
    "mes-suspend": _suspend,
    "mes-object-to-suspension": _plain(ObjectToSuspension),
    "mes-reinstate": _plain(Reinstate),
    "mes-close-suspended": _plain(CloseSuspended),
    "mes-record-death": _plain(RecordDeath),
    "mes-authorisation": _plain(AskAuthorisation),
    "mes-open-record": _open_record,
    "mes-report-access": _report_access,
    "mes-join-care-team": _join,
    "mes-leave-care-team": _plain(LeaveCareTeam),
    "mes-set-administrator": _administrator,
    "mes-measures": _measures,
}
