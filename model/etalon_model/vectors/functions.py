"""The functions that test vectors call by name: keys, calendars, the truth table, credentials.

Each takes what a case gives, as JSON holds it, and the parameters, whose switches may matter; it
answers what JSON can hold, None where the model says that there is no answer.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final, TypeVar, cast

from etalon_model.actors import INSURER
from etalon_model.agenda.agenda import Declaration, PreventionState
from etalon_model.agenda.prevention_calendar import state_on, windows
from etalon_model.credentials import login_faults, password_faults
from etalon_model.identifiers import (
    fits_oid,
    has_luhn_key,
    is_finess,
    is_matricule,
    is_nir,
    luhn_key,
    nir_key,
    professional_identifier,
    structure_identifier,
)
from etalon_model.identities import identity
from etalon_model.parameters import Parameters
from etalon_model.periods import Period, birthday
from etalon_model.records.confidentiality import confidentiality_of
from etalon_model.records.record import Status
from etalon_model.records.search import first_opening
from etalon_model.records.visibility import Facts, Stance, Viewer, sees
from etalon_model.rights.habilitation import Matrix
from etalon_model.rights.matrix import MATRICES
from etalon_model.sessions import ProfessionalSession, session_need, transport_standing
from etalon_model.value_codec import Json, codec_of

Given = Mapping[str, Json]
Function = Callable[[Given, Parameters], Json]
V = TypeVar("V")


def answer(given: Given, parameters: Parameters) -> Json:
    """Return what the function that `given` names answers under `parameters`.

    Raises:
        LookupError: No function has that name.
    """
    name = _text(given, "function")
    if name not in FUNCTIONS:
        message = f"no function {name!r}; functions are {', '.join(FUNCTIONS)}"
        raise LookupError(message)
    return FUNCTIONS[name](given, parameters)


def _text(given: Given, name: str) -> str:
    return cast("str", given[name])


def _texts(given: Given, name: str) -> tuple[str, ...]:
    return tuple(cast("list[str]", given[name]))


def _instant(given: Given, name: str) -> datetime:
    return cast("datetime", codec_of(datetime).value(given[name], name))


def _is(check: Callable[[str], V]) -> Function:
    """Return a function of one text as one of a case."""
    return lambda given, _: cast("Json", check(_text(given, "text")))


def _professional_identifier(given: Given, _: Parameters) -> Json:
    return _or_none(
        lambda: professional_identifier(rpps=_text(given, "rpps"), adeli=_text(given, "adeli"))
    )


def _structure_identifier(given: Given, _: Parameters) -> Json:
    return _or_none(lambda: structure_identifier(_text(given, "kind"), _text(given, "number")))


def _transport_standing(given: Given, _: Parameters) -> Json:
    return _or_none(lambda: transport_standing(_text(given, "text")).value)


def _or_none(call: Callable[[], str]) -> str | None:
    try:
        return call()
    except (LookupError, ValueError):
        return None


def _after(given: Given, _: Parameters) -> Json:
    start = datetime.fromisoformat(_text(given, "from"))
    return codec_of(datetime).plain(Period(_text(given, "period")).after(start))


def _birthday(given: Given, _: Parameters) -> Json:
    born = date.fromisoformat(_text(given, "born"))
    return birthday(born, cast("int", given["age"])).isoformat()


def _prevention(given: Given, _: Parameters) -> Json:
    """Answer the items that have begun on a day and had not ended before the agenda opened."""
    born, on = (date.fromisoformat(_text(given, name)) for name in ("born", "on"))
    done = cast("Mapping[str, str]", given["done"])
    declared = {
        key: Declaration(PreventionState.DONE, date.fromisoformat(day)) for key, day in done.items()
    }
    since = date.fromisoformat(_text(given, "since"))
    return [
        {
            "key": window.key,
            "invited_from": window.campaign_from_on.isoformat(),
            "invited_until": window.campaign_until_on.isoformat(),
            "from": window.from_on.isoformat(),
            "until": window.until_on.isoformat(),
            "state": state_on(window, on, declared.get(window.key)).value,
        }
        for window in windows(born, _text(given, "sex"), on, declared, since)
    ]


def _sees(given: Given, parameters: Parameters) -> Json:
    """Answer whether a viewer sees a document, under the policy of masking (C1)."""
    viewer = Viewer(
        Stance(_text(given, "viewer")),
        parameters.policies.masking_policy,
        cast("bool", given["admitted"]),
        cast("bool", given["reads_masked"]),
    )
    facts = Facts(
        hidden=given["hiding"] == "hidden",
        announced=given["hiding"] == "announced",
        type_allowed=cast("bool", given["type_allowed"]),
        status=Status(_text(given, "status")),
    )
    borne = confidentiality_of(_texts(given, "codes"))
    return borne is not None and sees(viewer, borne, facts)


def _session_need(given: Given, _: Parameters) -> Json:
    names = ("opened_at", "used_at", "access_at", "refresh_at")
    session = ProfessionalSession(*(_instant(given, name) for name in names))
    return session_need(session, _instant(given, "at")).value


def _password_faults(given: Given, _: Parameters) -> Json:
    lists = {name: _texts(given, name) for name in ("personal", "dictionary", "former")}
    return [*password_faults(_text(given, "text"), **lists)]


def _types_read(given: Given, parameters: Parameters) -> Json:
    """Answer the types that a profession reads, under the policy of the matrix (G1)."""
    policy = parameters.policies.matrix_policy
    table = policy if isinstance(policy, Matrix) else MATRICES[policy]
    return [*sorted(table.types_of(_text(given, "profession")))]


def _first_opening(given: Given, _: Parameters) -> Json:
    search = first_opening(_instant(given, "at"), INSURER, "")
    deposited = search.criteria.deposited
    start = None if deposited is None or deposited.start is None else deposited.start
    since = None if start is None else codec_of(datetime).plain(start)
    return {"deposited_since": since, "page_size": search.page_size}


def _identity(given: Given, _: Parameters) -> Json:
    """Answer the matricule of an invented person, under the object identifier of test people."""
    who = identity(cast("int", given["seed"]), cast("int", given["number"]))
    return {"ins": who.ins, "oid": who.oid}


FUNCTIONS: Final[dict[str, Function]] = {
    "nir_key": _is(nir_key),
    "is_nir": lambda given, here: is_nir(_text(given, "text"), here.nir_months),
    "is_matricule": lambda given, here: is_matricule(_text(given, "text"), here.nir_months),
    "fits_oid": lambda given, _: fits_oid(_text(given, "text"), _text(given, "oid")),
    "luhn_key": _is(luhn_key),
    "has_luhn_key": _is(has_luhn_key),
    "is_finess": _is(is_finess),
    "professional_identifier": _professional_identifier,
    "structure_identifier": _structure_identifier,
    "after": _after,
    "birthday": _birthday,
    "prevention": _prevention,
    "sees": _sees,
    "login_faults": lambda given, _: [*login_faults(_text(given, "text"), _texts(given, "taken"))],
    "password_faults": _password_faults,
    "session_need": _session_need,
    "transport_standing": _transport_standing,
    "types_read": _types_read,
    "first_opening": _first_opening,
    "identity": _identity,
}
"""What a case may call."""
