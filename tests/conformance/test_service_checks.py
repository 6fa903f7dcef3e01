"""The checks of mail, messages, directory, agenda and services: clean where right, not blind."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email import message_from_bytes
from functools import cache
from typing import Final

import pytest

from etalon_cli.inside import application
from etalon_conformance.checking import MAIL, RESTART, registry
from etalon_conformance.impostors import impostors, transform_of, variants
from etalon_conformance.planning import Choice, planned
from etalon_conformance.running import RunOrder, run
from etalon_conformance.verdicts import Result, Verdict
from etalon_model import Service, vintage
from etalon_target.targets import Options, Target, target_of
from etalon_wire.mail.messages import Attachment, Mail
from etalon_wire.mail.receipts import compose_receipt, parse_receipt
from etalon_wire.parts import FAITHFUL, Application, Posting
from etalon_wire.validation.validator import Validator

MODULES: Final = frozenset(
    {
        "agenda",
        "agenda_lives",
        "agenda_searches",
        "agenda_writers",
        "app_uses",
        "appointments",
        "directory",
        "directory_searches",
        "mail",
        "measure_refusals",
        "measure_searches",
        "measures",
        "messages",
        "pairing",
        "prevention",
        "reminders",
        "restarting",
        "service_states",
    }
)
OVER_MAIL: Final = frozenset({MAIL, RESTART})
CAUGHT: Final = (
    "draft-lost",
    "several-mailboxes-no-matter",
    "editor-entry-open-to-holder",
    "slot-always-free",
    "closed-space-takes-appointments",
    "consent-for-both-directions",
    "matricule-given-to-services",
    "glucose-without-moment",
)
CAUGHT_BY: Final[Mapping[str, str]] = {
    "window-a-day-short": "space_opens_after_the_window_only",
    "objection-undone-by-a-code": "objection_outlives_a_code_and_a_notice",
    "carer-blocks": "caregiver_reads_and_does_not_manage",
    "block-lifted-by-joining": "blocked_professional_does_not_join_again",
    "closed-agenda-still-read": "closed_space_shows_no_appointment",
    "history-under-a-technical-account": "history_shows_no_more_than_the_document",
    "no-second-code": "code_is_good_once_and_for_a_time",
    "password-asked-of-adults-only": "closing_asks_for_the_password",
    "bytes-first-not-told": "first_access_is_announced_once",
    "bounced-email-taken-for-read": "failed_email_is_followed_by_a_letter",
    "opponent-never-comes-back": "opponent_may_change_their_mind",
    "suspension-in-name": "suspended_space_is_out_of_everybodys_reach",
    "hold-forgotten": "opening_is_held_for_a_child_of_another",
    "death-not-heard-of": "nobody_enters_the_space_of_the_dead",
    "consents-heard-and-lost": "consent_is_taken_at_its_word_and_traced",
    "administrator-in-name": "administrator_sees_masked_documents",
    "second-parent-in-name": "second_representative_has_a_space_of_their_own",
}
"""Impostors of rights and of the life of a space, each with the check that meets it."""
RIGHT: Final[Mapping[str, str]] = {
    "deletion-answers-200": "W-AGD-01",
    "forbidden-without-a-key": "W-DIR-01",
}
"""Variants of services, and a requirement whose checks meet them."""
ORIGINAL: Final = Mail(
    "doctor@medecin.etalon-test.mssante.fr",
    ("279035121518989@patient.mssante.fr",),
    "Bonjour",
    datetime(2023, 6, 1, 9, tzinfo=UTC),
    "<1@etalon-test.mssante.fr>",
    "Bonjour",
    (Attachment("IHE_XDM.zip", "application/zip", b"PK"),),
    receipt_to="doctor@medecin.etalon-test.mssante.fr",
)


@cache
def _validator() -> Validator:
    return Validator()


def named(*, needing: bool) -> frozenset[str]:
    """The checks of these modules that need mail or restarts, or those that do not."""
    return frozenset(
        name
        for name, one in registry().items()
        if one.function.__module__.rpartition(".")[2] in MODULES
        and (not OVER_MAIL.isdisjoint(one.needs)) is needing
    )


def concluded(target: Target, choice: Choice) -> tuple[Result, ...]:
    """What the checks of a choice conclude of a target, without a fault of ours."""
    with target:
        outcome = run(RunOrder(plan=planned(choice)), target)
    assert not outcome.faults
    return outcome.results


def inside(name: str = "") -> Target:
    """The reference, or another server made of it, in this process."""
    transform = transform_of(name) if name else None
    return target_of("inprocess", Options(inprocess=application(1, transform, _validator())))


def test_the_reference_passes_every_check_of_services() -> None:
    """In process: each concludes, and none accuses."""
    found = concluded(inside(), Choice(checks=named(needing=False)))

    assert {one.verdict for one in found} == {Verdict.PASS}
    assert {one.check for one in found} == named(needing=False)


def test_the_reference_passes_every_check_of_mail_and_of_restarts() -> None:
    """One process that takes mail, and is killed and started again."""
    target = target_of("embedded", Options(mail=True, durable=True))

    found = concluded(target, Choice(checks=named(needing=True)))

    assert {one.verdict for one in found} == {Verdict.PASS}
    assert {one.check for one in found} == named(needing=True)


@pytest.mark.parametrize("name", CAUGHT)
def test_an_impostor_is_caught_by_a_check_that_claims_what_it_breaks(name: str) -> None:
    """A sample: `make prove ITEMS=power` tries all of them."""
    requirement = impostors()[name].requirement
    checks = named(needing=False)

    found = concluded(inside(name), Choice(requirements=frozenset({requirement}), checks=checks))

    accusing = {Verdict.FAIL, Verdict.FINDING}
    assert accusing & {one.verdict for one in found if one.requirement == requirement}


@pytest.mark.parametrize("name", CAUGHT_BY)
def test_an_impostor_of_rights_is_caught_and_the_reference_is_not(name: str) -> None:
    """By one check, which passes on the reference."""
    checks = frozenset({CAUGHT_BY[name]})
    requirement = impostors()[name].requirement

    found = concluded(inside(name), Choice(checks=checks))
    right = concluded(inside(), Choice(checks=checks))

    accused = {one.requirement for one in found if one.verdict in {Verdict.FAIL, Verdict.FINDING}}
    assert requirement in accused
    assert {one.verdict for one in right} == {Verdict.PASS}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_server_is_accused_of_nothing(name: str) -> None:
    """Though it answers otherwise."""
    choice = Choice(requirements=frozenset({RIGHT[name]}))

    assert {one.verdict for one in concluded(inside(name), choice)} == {Verdict.PASS}


def test_without_mail_what_needs_it_is_not_tested() -> None:
    """It is told, and is no failure."""
    checks = frozenset({"mail_to_a_matricule_reaches_the_space", "documents_outlive_a_kill"})

    found = concluded(inside(), Choice(checks=checks))

    assert {one.verdict for one in found} == {Verdict.COULD_NOT_TEST}


@pytest.mark.parametrize(
    ("name", "is_sent", "same"),
    [
        ("receipt-never-sent", False, False),
        ("receipt-without-files", True, False),
        ("disposition-in-capitals", True, True),
    ],
)
def test_receipts_leave_otherwise(name: str, *, is_sent: bool, same: bool) -> None:
    """An impostor changes what a receipt says, a variant how it is written."""
    *_, recipient = ORIGINAL.recipients
    receipt = compose_receipt(ORIGINAL, recipient, 0, ORIGINAL.at, "<2@patient.mssante.fr>")
    unused: Application = _unanswering
    service = Service(vintage("steady-2023"), seed=1)
    _, codec, _ = transform_of(name)(service, FAITHFUL, unused)
    assert isinstance(codec, Posting)

    left = codec.posting(receipt)

    assert left != receipt
    assert bool(left) is is_sent
    assert (bool(left) and parse_receipt(left) == parse_receipt(receipt)) is same
    assert not left or message_from_bytes(left)["To"] == ORIGINAL.receipt_to
    assert name in {**impostors(), **variants()}


async def _unanswering(*_: object) -> None:
    """Answer nothing: receipts have nothing to do with HTTP."""
