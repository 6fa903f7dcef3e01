"""What the model expects of somebody, fed with what was sent for them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from etalon_load.expecting import Expectation, Expecting, doctor_of, laboratory_of, person_acting
from etalon_load.journeys.bodies import RESULTS, Sheet, provided, simplified, uploaded
from etalon_load.people.credential import Credential
from etalon_load.people.known_documents import KnownDocument
from etalon_load.people.wanted import kinds_wanted
from etalon_model import Activate, CloseSpace, LogIn, Oppose, Route
from etalon_model.actors import Actor, holder, professional
from etalon_model.command import Command
from etalon_model.identities import identity
from etalon_model.records.masking import MaskDocument
from etalon_wire.json_body import Resource

if TYPE_CHECKING:
    from etalon_load.measures import Wrong

BEGAN = datetime(2023, 6, 1, 9, tzinfo=UTC)
KNOWN = KnownDocument(
    "a", "urn:uuid:1", "11488-4", "Note", "text/plain", 14, "0" * 40, "899700366240"
)


def somebody(wanted: str = "open-with-documents", **known: str) -> Credential:
    """A test person of a kind, as a file tells of them."""
    grown = identity(1, 4)
    documents = (KNOWN,) * bool(kinds_wanted()[wanted].documents)
    return Credential(
        wanted=wanted,
        ins=grown.ins,
        sex=grown.sex,
        birth_date="1989-03-26" if wanted != "minor-with-representative" else "2014-03-26",
        vitale_serial=grown.vitale_serial,
        representative=identity(1, 9).ins if wanted == "minor-with-representative" else "",
        rpps="99700366240",
        profession="10",
        structure="0B1000003",
        documents=documents,
        **known,
    )


def begun(one: Credential) -> Expectation:
    """What is expected of somebody."""
    expected = Expecting("steady-2023", BEGAN).begin(one)
    assert expected is not None
    return expected


@pytest.mark.parametrize("wanted", kinds_wanted())
def test_every_kind_of_person_is_known_to_the_model(wanted: str) -> None:
    """They stand where the run finds them, and their documents are listed."""
    one = somebody(wanted)
    expected = begun(one)
    documents = [each.unique_id for each in one.documents]

    assert expected.at == BEGAN
    if kinds_wanted()[wanted].state == "OPEN_ACTIVE":
        assert expected.judge_list(person_acting(one), documents, len(documents)) is None


def oppose(expected: Expectation, one: Credential) -> Command:
    """Object on the web."""
    inputs, code = expected.inputs, expected.code
    return Oppose(expected.at, holder(one.ins), one.ins, Route.WEB, inputs, code)


def activate(expected: Expectation, one: Credential) -> Command:
    """Activate with the code."""
    inputs, code = expected.inputs, expected.code
    at, actor, terms = expected.at, holder(one.ins), expected.terms
    return Activate(at, actor, one.ins, inputs, code, terms_version=terms)


def log_in(expected: Expectation, one: Credential) -> Command:
    """Log in through FranceConnect+."""
    return LogIn(expected.at, holder(one.ins), one.ins, "franceconnect")


def close(expected: Expectation, one: Credential) -> Command:
    """Close on the web."""
    at, actor = expected.at, holder(one.ins)
    return CloseSpace(at, actor, one.ins, Route.WEB, password_reentered=True, erase=False)


Made = Callable[[Expectation, Credential], Command]
STORIES: tuple[tuple[str, str, tuple[Made, ...], int, str], ...] = (
    ("an objection", "notified-with-code", (oppose,), 200, ""),
    ("an objection that is refused", "notified-with-code", (oppose,), 409, "model_accepts"),
    ("two objections", "notified-with-code", (oppose, oppose), 409, ""),
    ("two objections, accepted", "notified-with-code", (oppose, oppose), 200, "model_refuses"),
    ("a login after it", "notified-with-code", (oppose, log_in), 303, "model_refuses"),
    ("a login before anything", "notified-with-code", (log_in,), 403, ""),
    ("a login after activating", "notified-with-code", (activate, log_in), 303, ""),
    ("that login refused", "notified-with-code", (activate, log_in), 403, "model_accepts"),
    ("a login after closing", "open-to-close", (close, log_in), 303, "model_refuses"),
)


@pytest.mark.parametrize(("wanted", "made", "status", "key"), [s[1:] for s in STORIES])
def test_an_answer_is_held_against_all_that_was_sent(
    wanted: str, made: tuple[Made, ...], status: int, key: str
) -> None:
    """The last answer of a story, when those before were as expected."""
    one = somebody(wanted)
    expected = begun(one)
    told: list[Wrong | None] = []
    for make in made:
        expected.moved_to(expected.at + timedelta(seconds=1))
        told.append(expected.judge(make(expected, one), status))

    assert ("" if told[-1] is None else told[-1].key) == key


def test_documents_are_counted_and_known() -> None:
    """One more or one fewer is a wrong number; another in the place of one is unknown."""
    one = somebody("in-care-team")
    expected, doctor = begun(one), doctor_of(one)
    wrong = [
        expected.judge_list(doctor, found, total)
        for found, total in (
            (["urn:uuid:1"], 1),
            ([], 0),
            (["urn:uuid:1", "urn:uuid:2"], 2),
            (["urn:uuid:2"], 1),
        )
    ]

    assert [None if each is None else each.key for each in wrong] == [
        None,
        "documents_counted",
        "documents_counted",
        "documents_unknown",
    ]


Deposited = Callable[[Credential], Resource]
Depositor = Callable[[Credential], Actor]
DEPOSITS: list[tuple[str, Deposited, Depositor]] = [
    ("in-care-team", lambda one: simplified(Sheet(one, 7)), doctor_of),
    ("in-care-team", lambda one: provided([Sheet(one, 7)]), doctor_of),
    ("of-a-laboratory", lambda one: provided([Sheet(one, 7, RESULTS)]), laboratory_of),
    ("open-with-password", lambda one: uploaded(Sheet(one, 7)), person_acting),
]


@pytest.mark.parametrize(("wanted", "resource", "actor_of"), DEPOSITS)
def test_a_deposit_is_seen_from_then_on(
    wanted: str,
    resource: Deposited,
    actor_of: Depositor,
) -> None:
    """By the holder; a second one under the same identifier is refused."""
    one = somebody(wanted)
    expected, actor = begun(one), actor_of(one)
    before = [each.unique_id for each in one.documents]
    added = [*before, Sheet(one, 7).unique_id]

    assert expected.judge_deposit(resource(one), actor, 201) is None
    assert expected.judge_list(holder(one.ins), added, len(added)) is None
    again = expected.judge_deposit(resource(one), actor, 201)
    assert again is not None
    assert again.key == "model_refuses"


def test_what_is_masked_is_hidden_from_others() -> None:
    """Its author still sees it."""
    one = somebody("in-care-team")
    expected, doctor = begun(one), doctor_of(one)
    unique_id = Sheet(one, 7).unique_id
    assert expected.judge_deposit(simplified(Sheet(one, 7)), doctor, 201) is None
    assert expected.judge(MaskDocument(expected.at, doctor, one.ins, unique_id), 200) is None

    both = ["urn:uuid:1", unique_id]
    assert expected.judge_list(doctor, both, 2) is None
    stranger = professional("899700366257", "doctor")
    refused = expected.judge_list(stranger, both, 2)
    assert refused is not None
    assert refused.key == "model_refuses"


def test_nothing_is_expected_once_two_journeys_overlap() -> None:
    """Nobody knows which of two requests comes first, then or later."""
    expecting, one = Expecting("steady-2023", BEGAN), somebody("in-care-team")
    first = expecting.begin(one)
    assert first is not None
    first.is_busy = False
    assert expecting.begin(one) is first

    assert expecting.begin(one) is None
    assert first.is_over
    assert expecting.begin(one) is None


@pytest.mark.parametrize(
    ("one", "vintage"),
    [
        (somebody(), ""),
        (replace(somebody(), birth_date=""), "steady-2023"),
        (replace(somebody(), documents=(KnownDocument("a"),)), "steady-2023"),
    ],
    ids=["vintage", "birth date", "document"],
)
def test_nothing_is_expected_of_whom_too_little_is_known(one: Credential, vintage: str) -> None:
    """Without a vintage, a birth date, or what a document is."""
    expecting = Expecting(vintage, BEGAN)

    assert expecting.begin(one) is None
    assert expecting.count == 0
