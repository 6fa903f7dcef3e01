"""Cases of keys, calendars and of what professionals' software checks by itself."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Final, cast

from etalon_model.identifiers import InsOid, luhn_key
from etalon_model.identities import identity
from etalon_model.parameters import Parameters
from etalon_model.rights.matrix import PROFESSIONS
from etalon_model.tables import rows_of
from etalon_model.value_codec import Json, codec_of
from etalon_model.vectors.functions import answer
from etalon_model.vectors.switches import noting, switches, under

Case = dict[str, Json]

_PEOPLE: Final = 40
_PERIODS: Final = ("P6W", "P1M", "P3M", "P10Y", "P30D", "P1Y2M3D")
_INSTANTS: Final = (
    "2022-01-31T08:00:00Z",
    "2022-02-12T09:30:00Z",
    "2022-02-13T01:30:00Z",
    "2021-09-18T22:30:00Z",
    "2022-09-18T00:30:00Z",
    "2021-11-30T23:00:00Z",
    "2024-02-29T12:00:00Z",
    "2024-01-31T23:59:59Z",
)
_BIRTHS: Final = ("2004-02-29", "2005-12-31", "1980-05-17")
_AGES: Final = (16, 18, 45)
_OPENED: Final = datetime(2024, 1, 15, 8, 0, tzinfo=UTC)
_MATRIX_RULES: Final = {
    "doctor": "MTX-02",
    "dentist": "MTX-03",
    "nurse": "MTX-04",
    "pharmacist": "MTX-05",
    "coordinator": "MTX-06",
}


def case(parameters: Parameters, rule: str, given: Case) -> Case:
    """Return the case of a rule: what is given, what is expected, and what switches change."""
    noted_parameters, noted = noting(parameters)
    expected = answer(given, noted_parameters)
    alternatives: list[Json] = [
        {
            "question": switch.question,
            "setting": switch.setting,
            "value": switch.value,
            "expected": other,
        }
        for switch in switches()
        if switch.setting in noted
        and (other := answer(given, under(parameters, switch.setting, switch.value))) != expected
    ]
    return {"rules": [rule], "given": given, "expected": expected, "alternatives": alternatives}


def identifier_cases(parameters: Parameters, seed: int) -> Iterator[Case]:
    """Yield the keys of matricules, professionals and structures, right and wrong."""
    for number in range(_PEOPLE):
        ins = identity(seed, number).ins
        yield _of(parameters, "ID-01", "nir_key", ins[:13])
        spoilt = ins[:13] + f"{(int(ins[13:]) + number) % 97 + 1:02d}"
        yield _of(parameters, "ID-01", "is_nir", spoilt)
    for month in (0, 12, 13, 19, 20, 33, 99):
        head = f"280{month:02d}31123456"
        yield _of(parameters, "ID-01", "is_nir", f"{head}{97 - int(head) % 97:02d}")
    for row in rows_of("id_formats.csv"):
        for found in _of_the_table(parameters, row["name"], row["value"]):
            yield {**found, "key": row["value"]}
    for first, oid in product("12378", InsOid):
        given: Case = {"function": "fits_oid", "text": f"{first}84058832102567", "oid": oid.value}
        yield case(parameters, "ID-02", given)
    for digits in (f"{seed % 1000}{number:07d}" for number in range(0, 997, 83)):
        yield _of(parameters, "ID-03", "luhn_key", digits)
        yield _of(parameters, "ID-03", "has_luhn_key", f"{digits}{luhn_key(digits)}")
    for rpps, adeli in (("99700366240", ""), ("", "129200002"), ("9970036624", ""), ("", "")):
        given = {"function": "professional_identifier", "rpps": rpps, "adeli": adeli}
        yield case(parameters, "ID-03", given)
    numbers = ("0B0172805", "123456789", "12345678901234", "99700366240", "12")
    for kind, text in product(("adeli", "finess", "siren", "siret", "rpps-rank"), numbers):
        given = {"function": "structure_identifier", "kind": kind, "number": text}
        yield case(parameters, "ID-04", given)


def _of(parameters: Parameters, rule: str, function: str, text: str) -> Case:
    return case(parameters, rule, {"function": function, "text": text})


def _of_the_table(parameters: Parameters, name: str, value: str) -> Iterator[Case]:
    """Yield the cases of a row of `id_formats.csv`; the shape of a code needs no function."""
    if name == "nir":
        yield _of(parameters, "ID-01", "is_nir", value)
        yield _of(parameters, "ID-02", "is_matricule", value)
        yield _of(parameters, "ID-01", "nir_key", value[:13])
    elif name == "finess":
        yield _of(parameters, "ID-04", "is_finess", value)
    elif name == "professional":
        given: Case = {"function": "professional_identifier", "rpps": value[1:], "adeli": ""}
        yield case(parameters, "ID-03", given)
    elif name == "structure":
        given = {"function": "structure_identifier", "kind": "finess", "number": value[1:]}
        yield case(parameters, "ID-04", given)


def calendar_cases(parameters: Parameters) -> Iterator[Case]:
    """Yield the ends of civil periods, and birthdays."""
    for period, text in product(_PERIODS, _INSTANTS):
        given: Case = {"function": "after", "period": period, "from": text}
        yield case(parameters, "LIF-04", given)
    for text, age in product(_BIRTHS, _AGES):
        yield case(parameters, "REP-04", {"function": "birthday", "born": text, "age": age})


def software_cases(parameters: Parameters) -> Iterator[Case]:
    """Yield what software checks by itself: credentials, sessions, transport, the matrix."""
    yield from _credentials(parameters)
    yield from _sessions(parameters)
    for number in range(3):
        made: Case = {"function": "identity", "seed": 1, "number": number}
        yield case(parameters, "SEC-04", made)
    for version in ("SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3", "TLS 2.0"):
        yield _of(parameters, "ID-12", "transport_standing", version)
    for text in _INSTANTS:
        yield case(parameters, "REC-32", {"function": "first_opening", "at": text})
    for profession in PROFESSIONS:
        given: Case = {"function": "types_read", "profession": profession}
        found = case(parameters, "MTX-01", given)
        rule = _MATRIX_RULES.get(profession)
        yield found if rule is None else {**found, "rules": ["MTX-01", rule]}


def _credentials(parameters: Parameters) -> Iterator[Case]:
    logins = ["marie.dupont", "Marie Dupont", "fr7612345678", "court", "a" * 101, "279035121518989"]
    for login in logins:
        given: Case = {"function": "login_faults", "text": login, "taken": []}
        yield case(parameters, "ID-05", given)
    taken: Case = {"function": "login_faults", "text": logins[0], "taken": [logins[0]]}
    yield case(parameters, "ID-05", taken)
    for password in ("Azerty-2024", "Az-1", "azerty-2024", "Dupont-2024", "Soleil-2024"):
        given = {
            "function": "password_faults",
            "text": password,
            "personal": ["Dupont", "Lou"],
            "dictionary": ["soleil"],
            "former": ["Soleil-2024"],
        }
        yield case(parameters, "ID-06", given)


def _sessions(parameters: Parameters) -> Iterator[Case]:
    """Yield the last second before and the first at which a token or a session is over."""
    for used, refreshed, life in ((0, 0, 120), (0, 0, 1_800), (13_000, 13_000, 14_400)):
        for at in (life - 1, life):
            instants = {"opened_at": 0, "used_at": used, "access_at": refreshed, "at": at}
            given = {name: _at(seconds) for name, seconds in instants.items()}
            needed: Case = {"function": "session_need", **given, "refresh_at": _at(refreshed)}
            yield case(parameters, "ID-10", needed)


def _at(seconds: int) -> Json:
    return cast("str", codec_of(datetime).plain(_OPENED + timedelta(seconds=seconds)))
