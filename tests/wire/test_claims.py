"""Claims and callers: both ways, and what names nobody is refused."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_model import AccessMode, ActorKind
from etalon_model.rights.matrix import PROFESSIONS
from etalon_wire.claims import (
    LEVELS,
    Caller,
    ClaimsError,
    actor_of,
    caller_of,
    claims_of,
    is_scope,
    missing_scopes,
    scopes_for,
)
from etalon_wire.interactions import interactions
from etalon_wire.json_body import Json

INS, OTHER = "279035121518989", "146026322000196"
UNTIL = datetime(2022, 2, 3, 9, 2, tzinfo=UTC)


@st.composite
def callers(draw: st.DrawFn) -> Caller:
    """Callers of every kind."""
    kind = draw(st.sampled_from(list(ActorKind)))
    profession = draw(st.sampled_from(["", *PROFESSIONS]))
    role = draw(st.sampled_from(["", "regulator"]))
    patient = INS if kind is ActorKind.HOLDER else draw(st.sampled_from([INS, OTHER]))
    return Caller(
        actor=actor_of(kind, INS, profession, role),
        patient=patient,
        scopes=frozenset(draw(st.lists(st.sampled_from([*scopes_for(kind), "openid"])))),
        client=draw(st.sampled_from(["", "client-1"])),
        thumbprint=draw(st.sampled_from(["", "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"])),
        expires_at=draw(st.datetimes(timezones=st.just(UTC))).replace(microsecond=0),
        means=draw(st.sampled_from(["", "franceconnect", "psc"])),
        level=draw(st.sampled_from(list(LEVELS.values()))),
        mode=draw(st.sampled_from(list(AccessMode))),
    )


@given(callers())
def test_claims_lead_back_to_their_caller(caller: Caller) -> None:
    """Nothing is lost, and equal actors are one object."""
    back = caller_of(claims_of(caller))

    assert back == caller
    assert back.actor is caller.actor


HOLDER: dict[str, Json] = {"sub": INS, "act_as": "holder", "exp": 1643878920}


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"sub": ""}, "sub"),
        ({"sub": 7}, "sub"),
        ({"act_as": "king"}, "act_as"),
        ({"patient": OTHER}, "patient"),
        ({"act_as": "caregiver"}, "patient"),
        ({"exp": "soon"}, "exp"),
        ({"exp": True}, "exp"),
        ({"exp": 10**30}, "exp"),
        ({"cnf": "abc"}, "cnf"),
        ({"acr": "eidas9"}, "acr"),
        ({"amr": "pwd"}, "amr"),
        ({"access_mode": "curious"}, "access_mode"),
        ({"scope": ["openid"]}, "scope"),
        ({"act_as": "professional", "SubjectRole": "10"}, "SubjectRole"),
    ],
)
def test_claims_that_name_nobody_are_refused_by_name(changed: dict[str, Json], named: str) -> None:
    """A holder acts on their own space, others say whose."""
    assert caller_of(HOLDER).patient == INS

    with pytest.raises(ClaimsError, match=f"'{named}'"):
        caller_of({**HOLDER, **changed})


def test_a_role_of_pro_sante_connect_gives_the_profession() -> None:
    """`SubjectRole` is a code and its nomenclature; ours goes before it."""
    claims: dict[str, Json] = {
        "sub": "801234567890",
        "act_as": "professional",
        "exp": 1643878920,
        "SubjectRole": ["60^1.2.250.1.213.1.1.5.5"],
    }

    assert caller_of(claims).actor.profession == "nurse"
    assert caller_of({**claims, "profession": "doctor"}).actor.profession == "doctor"


@pytest.mark.parametrize("kind", list(ActorKind))
def test_a_full_token_opens_all_that_a_capacity_may_ever_do(kind: ActorKind) -> None:
    """And a token without scopes opens nothing that asks for one."""
    full = Caller(actor_of(kind, INS), INS, frozenset(scopes_for(kind)), "", "", UNTIL)
    empty = Caller(actor_of(kind, INS), INS, frozenset(), "", "", UNTIL)

    for row in interactions().values():
        if kind in row.actors:
            assert missing_scopes(full, row) == ()
            assert len(missing_scopes(empty, row)) == len(row.scopes)
    assert all(is_scope(scope) for scope in scopes_for(kind))


@pytest.mark.parametrize(
    ("scope", "opens"),
    [
        ("user/DocumentReference.rs", True),
        ("user/DocumentReference.s", True),
        ("user/*.cruds", True),
        ("user/DocumentReference.r", False),
        ("patient/DocumentReference.rs", False),
        ("system/*.cruds", False),
        ("DocumentReference.s", False),
        ("user/List.s", False),
    ],
)
def test_a_scope_opens_its_own_context_type_and_letter(scope: str, *, opens: bool) -> None:
    """A professional searches documents with a scope of users."""
    caller = Caller(actor_of("professional", "8"), "", frozenset({scope}), "", "", UNTIL)

    missing = missing_scopes(caller, interactions()["find_documents"])

    assert missing == (() if opens else ("user/DocumentReference.s",))


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("openid", True),
        ("user/Consent.cru", True),
        ("user/*.cruds", True),
        ("user/Consent.urc", False),
        ("user/Consent.", False),
        ("user/Task.r", False),
        ("doctor/Consent.r", False),
        ("admin", False),
    ],
)
def test_a_scope_is_known_by_its_context_type_and_letters(text: str, *, known: bool) -> None:
    """Letters come in the order that SMART gives them."""
    assert is_scope(text) is known
