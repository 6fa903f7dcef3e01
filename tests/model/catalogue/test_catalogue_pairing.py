"""Pairing: consent use by use, withdrawal at once, approval again, lists, reports."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import cast

import pytest

from etalon_model import (
    INSURER,
    SYSTEM,
    ComeOfAge,
    State,
    caregiver,
    holder,
    representative,
    vintage,
)
from etalon_model.access_log import LogRow
from etalon_model.actors import Actor, ActorKind
from etalon_model.agenda.agenda import Appointment, AppointmentState
from etalon_model.agenda.appointments import PutAppointment
from etalon_model.catalogue.catalogue import (
    Direction,
    EconomicModel,
    ExchangeFamily,
    Purpose,
    ServiceState,
    Use,
)
from etalon_model.catalogue.exchange import (
    AppTokens,
    CatalogueEntry,
    IdToken,
    ListServices,
    ReadExchanges,
    ReadThroughService,
)
from etalon_model.catalogue.pairing import (
    ApproveService,
    ChangeServiceConsent,
    PairService,
    RemindApproval,
    ReportService,
    SendServiceList,
    UnpairService,
)
from etalon_model.catalogue.pairings import (
    PairingState,
    ServiceReport,
    opaque_identifier,
    pairing_of,
)
from etalon_model.catalogue.referencing import PublishVersion, publisher
from etalon_model.catalogue.rehearsal import (
    SOLUTION,
    USES,
    move,
    pair,
    put_online,
    searching,
    tokens,
    weight,
    writing,
)
from etalon_model.command import Command
from etalon_model.records.rehearsal import RecordRehearsal
from etalon_model.sandbox import Sandbox

OTHER = "1.2.250.1.999.7.2"
A_MINUTE = timedelta(minutes=1)
# No command lets a service deposit a document: nothing public says which.
CALLABLE = [
    use
    for use in USES
    if (use.family, use.direction) != (ExchangeFamily.DOCUMENTS, Direction.WRITE)
]
CONSENT_NOT_GIVEN = ("CAT-05", "CONSENT_NOT_GIVEN")


def call(box: Sandbox, ins: str, use: Use, service: str = SOLUTION) -> Command:
    """Return what a service does under one use."""
    id_pe = opaque_identifier(1, ins, service)
    if use.direction is Direction.WRITE and use.family is ExchangeFamily.AGENDA:
        at = box.now + timedelta(days=3)
        return PutAppointment(box.now, publisher(service), ins, "rdv-1", at, "Bilan")
    if use.direction is Direction.WRITE:
        return writing(box, ins, id_pe, weight(box, id_pe))
    if use.family is ExchangeFamily.MEASURES:
        return searching(box, ins, id_pe)
    return read(box, ins, use, service)


def read(box: Sandbox, ins: str, use: Use, service: str = SOLUTION) -> ReadThroughService:
    """Return the reading of documents or of the agenda by a service."""
    id_pe = opaque_identifier(1, ins, service)
    held = tokens(id_pe, service)
    return ReadThroughService(box.now, publisher(service), ins, held, use.purpose, use.family)


def entry(box: Sandbox, ins: str) -> CatalogueEntry | None:
    """Return what the holder sees of the service, or None."""
    seen = cast("tuple[CatalogueEntry, ...]", box.do(ListServices(box.now, box.decider(ins), ins)))
    return next((one for one in seen if one.service == SOLUTION), None)


def exchanges(box: Sandbox, ins: str, service: str) -> tuple[LogRow, ...]:
    """Return what the holder reads of the calls of a service."""
    return cast("tuple[LogRow, ...]", box.do(ReadExchanges(box.now, holder(ins), ins, service)))


@pytest.mark.rule("CAT-05", "CAT-14")
@pytest.mark.parametrize("use", CALLABLE, ids=str)
def test_nothing_is_exchanged_without_the_consent_to_it(
    online: Sandbox, ins: str, use: Use
) -> None:
    """Consent to one use opens that one and no other; none is given by default."""
    assert online.refusal(call(online, ins, use)) == CONSENT_NOT_GIVEN
    pair(online, ins)
    assert online.refusal(call(online, ins, use)) == CONSENT_NOT_GIVEN
    online.do(ChangeServiceConsent(online.now, holder(ins), ins, SOLUTION, use, given=True))

    for other in CALLABLE:
        if other == use:
            online.do(call(online, ins, other))
        else:
            assert online.refusal(call(online, ins, other)) == CONSENT_NOT_GIVEN


@pytest.mark.rule("CAT-14")
def test_measures_are_searched_and_not_read_as_a_whole(online: Sandbox, ins: str) -> None:
    """Even with the consent."""
    use = Use(Purpose.CARE, ExchangeFamily.MEASURES, Direction.READ)
    pair(online, ins, use)

    assert online.refusal(read(online, ins, use)) == ("CAT-14", "MEASURES_ARE_SEARCHED")


@pytest.mark.rule("VIS-01", "CAT-14")
def test_a_service_sees_no_document_that_is_masked_or_hidden() -> None:
    """It reads the others, and the appointments, its own among them."""
    care = RecordRehearsal(vintage("steady-2023"))
    box, ins = care.sandbox, care.ins
    box.now = datetime(2023, 11, 6, 9, tzinfo=UTC)
    put_online(box)
    pair(box, ins, *USES)
    plain = care.put()
    care.put("N", "MASQUE_PS")
    care.put("N", "INVISIBLE_PATIENT")
    writes = Use(Purpose.CARE, ExchangeFamily.AGENDA, Direction.WRITE)
    agenda = replace(writes, direction=Direction.READ)
    assert box.do(read(box, ins, agenda)) == ()
    box.do(call(box, ins, writes))

    assert box.do(read(box, ins, USES[0])) == (plain,)
    starts_at = box.now + timedelta(days=3)
    written = Appointment(
        "rdv-1", publisher(SOLUTION), starts_at, "Bilan", "", AppointmentState.BOOKED
    )
    assert box.do(read(box, ins, agenda)) == (written,)
    assert written.is_read_only


@pytest.mark.rule("CAT-05")
def test_consent_is_per_purpose(box: Sandbox) -> None:
    """Consent for care is none for prevention."""
    care = Use(Purpose.CARE, ExchangeFamily.DOCUMENTS, Direction.READ)
    prevention = replace(care, purpose=Purpose.PREVENTION)
    put_online(box, uses=(care, prevention))
    ins = box.person()
    box.bring(ins, State.OPEN_ACTIVE)
    pair(box, ins, care)

    box.do(read(box, ins, care))
    assert box.refusal(read(box, ins, prevention)) == CONSENT_NOT_GIVEN


@pytest.mark.rule("CAT-06")
def test_reading_and_writing_are_consented_to_apart(online: Sandbox, ins: str) -> None:
    """Writing consented to, reading is still refused; then the reverse."""
    write = Use(Purpose.CARE, ExchangeFamily.MEASURES, Direction.WRITE)
    id_pe = pair(online, ins, write)
    online.do(writing(online, ins, id_pe, weight(online, id_pe)))
    assert online.refusal(searching(online, ins, id_pe)) == CONSENT_NOT_GIVEN

    back = replace(write, direction=Direction.READ)
    change = ChangeServiceConsent(online.now, holder(ins), ins, SOLUTION, back, given=True)
    online.do(change)
    online.do(replace(change, use=write, given=False))
    online.do(searching(online, ins, id_pe))
    again = writing(online, ins, id_pe, weight(online, id_pe))
    assert online.refusal(again) == CONSENT_NOT_GIVEN


@pytest.mark.rule("CAT-07")
def test_a_withdrawal_meets_the_next_call(online: Sandbox, ins: str) -> None:
    """At the same instant; what was written stays."""
    id_pe = pair(online, ins, *USES)
    online.do(writing(online, ins, id_pe, weight(online, id_pe)))
    use = Use(Purpose.CARE, ExchangeFamily.MEASURES, Direction.WRITE)
    online.do(ChangeServiceConsent(online.now, holder(ins), ins, SOLUTION, use, given=False))

    again = writing(online, ins, id_pe, weight(online, id_pe))
    assert online.refusal(again) == CONSENT_NOT_GIVEN
    assert getattr(online.do(searching(online, ins, id_pe)), "total", 0) == 1


@pytest.mark.rule("CAT-07")
def test_consent_is_given_from_the_application_too(online: Sandbox, ins: str) -> None:
    """By the holder signed in there, and to that application only."""
    pair(online, ins)
    change = ChangeServiceConsent(
        online.now, publisher(SOLUTION), ins, SOLUTION, USES[0], given=True
    )

    refused = ("CAT-07", "HOLDER_NOT_SIGNED_IN")
    assert online.refusal(replace(change, signed_in=False)) == refused
    assert online.refusal(replace(change, actor=publisher(OTHER))) == refused
    online.do(change)
    online.do(read(online, ins, USES[0]))


@pytest.mark.rule("CAT-05")
def test_only_what_the_service_asked_for_is_consented_to(box: Sandbox) -> None:
    """At the pairing and afterwards."""
    put_online(box, uses=USES[:1])
    ins = box.person()
    box.bring(ins, State.OPEN_ACTIVE)
    greedy = PairService(box.now, holder(ins), ins, SOLUTION, USES[:2])

    assert box.refusal(greedy) == ("CAT-05", "USE_NOT_ASKED_FOR")
    box.do(replace(greedy, consents=USES[:1]))
    more = ChangeServiceConsent(box.now, holder(ins), ins, SOLUTION, USES[1], given=True)
    assert box.refusal(more) == ("CAT-05", "USE_NOT_ASKED_FOR")


@pytest.mark.rule("CAT-01", "CAT-08")
def test_one_pairs_once_and_with_a_service_of_the_catalogue(online: Sandbox, ins: str) -> None:
    """Unknown services and second pairings are refused, and so are acts on none."""
    unknown = PairService(online.now, holder(ins), ins, OTHER)
    assert online.refusal(unknown) == ("CAT-01", "UNKNOWN_SERVICE")
    missing = ("CAT-05", "NOT_PAIRED")
    change = ChangeServiceConsent(online.now, holder(ins), ins, SOLUTION, USES[0], given=True)
    assert online.refusal(change) == missing
    assert online.refusal(replace(change, service=OTHER)) == ("CAT-01", "UNKNOWN_SERVICE")
    assert online.refusal(UnpairService(online.now, holder(ins), ins, SOLUTION)) == missing
    assert online.refusal(ApproveService(online.now, holder(ins), ins, SOLUTION)) == missing
    assert online.refusal(RemindApproval(online.now, SYSTEM, ins, SOLUTION)) == missing
    pair(online, ins)
    again = PairService(online.now, holder(ins), ins, SOLUTION)
    assert online.refusal(again) == ("CAT-08", "ALREADY_PAIRED")


@pytest.mark.rule("CAT-05")
def test_a_caregiver_and_a_stranger_consent_to_nothing(online: Sandbox, ins: str) -> None:
    """A consent is a sharing, which is the holder's."""
    for actor in (caregiver("2"), holder("2"), Actor(ActorKind.PROFESSIONAL, "8001")):
        refused = online.refusal(PairService(online.now, actor, ins, SOLUTION))
        assert refused[0] in ("REP-01", "REP-11")


STATES = [
    (ServiceState.ONLINE, True, True, True),
    (ServiceState.SUSPENDED, False, False, True),
    (ServiceState.OFFLINE, False, False, False),
    (ServiceState.DELISTED, False, False, False),
]


@pytest.mark.rule("CAT-08")
@pytest.mark.parametrize(("state", "pairs", "exchanges", "visible"), STATES)
def test_the_state_of_the_service_decides_for_its_pairings(  # noqa: PLR0913 (a row of the table)
    online: Sandbox, ins: str, state: ServiceState, *, pairs: bool, exchanges: bool, visible: bool
) -> None:
    """Suspended: no pairing, no exchange, but still shown, and always parted from."""
    newcomer = online.person()
    online.bring(newcomer, State.OPEN_ACTIVE)
    pair(online, ins, *USES)
    if state is not ServiceState.ONLINE:
        move(online, state)

    reading = read(online, ins, USES[0])
    joining = PairService(online.now, holder(newcomer), newcomer, SOLUTION)
    assert (entry(online, newcomer) is not None) is visible
    if pairs:
        online.do(joining)
    else:
        assert online.refusal(joining) == ("CAT-08", "SERVICE_NOT_OPEN")
    if exchanges:
        online.do(reading)
    else:
        assert online.refusal(reading) == CONSENT_NOT_GIVEN
    online.do(UnpairService(online.now, holder(ins), ins, SOLUTION))
    assert online.refusal(read(online, ins, USES[0])) == CONSENT_NOT_GIVEN


@pytest.mark.rule("CAT-08")
def test_a_suspension_says_so_and_ends(online: Sandbox, ins: str) -> None:
    """Exchange resumes when the service is on line again."""
    pair(online, ins, *USES)
    move(online, ServiceState.SUSPENDED)

    seen = entry(online, ins)
    assert seen is not None
    assert (seen.state, seen.pairing) == (ServiceState.SUSPENDED, PairingState.SUSPENDED)
    move(online, ServiceState.ONLINE)
    online.do(read(online, ins, USES[0]))


@pytest.mark.rule("CAT-08")
def test_a_service_on_trial_is_for_its_testers(online: Sandbox, ins: str) -> None:
    """Others neither see it nor pair with it."""
    other = online.person()
    online.bring(other, State.OPEN_ACTIVE)
    service = online.service.catalogue[SOLUTION]
    service.states.append((online.now, ServiceState.TRIAL))
    service.testers = frozenset({ins})

    assert entry(online, ins) is not None
    assert entry(online, other) is None
    pair(online, ins, *USES)
    online.do(read(online, ins, USES[0]))
    joining = PairService(online.now, holder(other), other, SOLUTION)
    assert online.refusal(joining) == ("CAT-08", "SERVICE_NOT_OPEN")


@pytest.mark.rule("CAT-05")
def test_closing_the_space_ends_its_pairings(online: Sandbox, ins: str) -> None:
    """At once, and for good: a space opened again is paired anew."""
    pair(online, ins, *USES)
    online.wait(A_MINUTE)
    online.close(ins)
    assert online.refusal(read(online, ins, USES[0])) == CONSENT_NOT_GIVEN
    online.activate(ins)

    assert online.refusal(read(online, ins, USES[0])) == CONSENT_NOT_GIVEN
    pair(online, ins, *USES)
    online.do(read(online, ins, USES[0]))


@pytest.mark.rule("CAT-10")
def test_a_new_version_waits_for_approval_until_the_limit(online: Sandbox, ins: str) -> None:
    """Exchange goes on, unacknowledged, until the limit date and not at it."""
    pair(online, ins, *USES)
    approve = ApproveService(online.now, holder(ins), ins, SOLUTION)
    assert online.refusal(approve) == ("CAT-10", "NOTHING_TO_APPROVE")
    remind = RemindApproval(online.now, SYSTEM, ins, SOLUTION)
    assert online.refusal(remind) == ("CAT-10", "NOTHING_TO_APPROVE")
    online.wait(A_MINUTE)
    published_at = online.now
    online.do(PublishVersion(online.now, publisher(SOLUTION), "", SOLUTION, "2.0"))

    limit_at = published_at + timedelta(days=30)
    seen = entry(online, ins)
    assert seen is not None
    assert (seen.pairing, seen.acknowledged) == (PairingState.TO_REAPPROVE, False)
    assert seen.approve_before == limit_at
    assert online.do(RemindApproval(online.now, SYSTEM, ins, SOLUTION)) == limit_at
    told = online.service.notifications(ins)[-1]
    assert (told.code, told.to) == ("SERVICE_APPROVAL_DUE", ins)
    online.now = limit_at - timedelta(seconds=1)
    online.do(read(online, ins, USES[0]))
    online.now = limit_at
    assert online.refusal(read(online, ins, USES[0])) == CONSENT_NOT_GIVEN
    late = ApproveService(online.now, holder(ins), ins, SOLUTION)
    assert online.refusal(late) == ("CAT-05", "NOT_PAIRED")


@pytest.mark.rule("CAT-10")
def test_an_approval_in_time_keeps_the_pairing(online: Sandbox, ins: str) -> None:
    """And covers every version published before it."""
    pair(online, ins, *USES)
    for version in ("2.0", "3.0"):
        online.wait(A_MINUTE)
        online.do(PublishVersion(online.now, publisher(SOLUTION), "", SOLUTION, version))
    online.wait(A_MINUTE)
    online.do(ApproveService(online.now, holder(ins), ins, SOLUTION))
    online.wait(timedelta(days=31))

    online.do(read(online, ins, USES[0]))
    seen = entry(online, ins)
    assert seen is not None
    assert (seen.acknowledged, seen.approve_before) == (True, None)


@pytest.mark.rule("CAT-10")
def test_at_majority_the_new_adult_approves_what_parents_consented_to(online: Sandbox) -> None:
    """Thirty days from the birthday; the notice bears the code of majority."""
    mother = online.person()
    online.bring(mother, State.OPEN_ACTIVE)
    child = online.person(mother, born=date(2006, 1, 15))
    online.bring(child, State.OPEN_ACTIVE)
    pair(online, child, *USES, by=representative(mother))
    online.do(read(online, child, USES[0]))
    online.now = datetime(2024, 1, 14, 23, 0, tzinfo=UTC)
    online.do(ComeOfAge(online.now, SYSTEM, child))

    seen = entry(online, child)
    assert seen is not None
    assert (seen.acknowledged, seen.pairing) == (False, PairingState.TO_REAPPROVE)
    limit_at = datetime(2024, 2, 13, 23, 0, tzinfo=UTC)
    assert online.do(RemindApproval(online.now, SYSTEM, child, SOLUTION)) == limit_at
    told = online.service.notifications(child)[-1]
    assert (told.code, told.to) == ("RAPPEL_CONSENT_PASSAGE_MAJO", child)
    online.now = limit_at - A_MINUTE
    online.do(read(online, child, USES[0]))
    online.do(ApproveService(online.now, holder(child), child, SOLUTION))
    online.now = limit_at
    online.do(read(online, child, USES[0]))


@pytest.mark.rule("CAT-10")
def test_nobody_but_the_system_reminds(online: Sandbox, ins: str) -> None:
    """Nor sends lists."""
    pair(online, ins)

    remind = RemindApproval(online.now, INSURER, ins, SOLUTION)
    assert online.refusal(remind) == ("TRC-03", "NOT_FOR_THIS_ACTOR")
    lists = SendServiceList(online.now, INSURER, ins)
    assert online.refusal(lists) == ("TRC-03", "NOT_FOR_THIS_ACTOR")


@pytest.mark.rule("CAT-12")
def test_the_list_goes_out_every_ninety_days(online: Sandbox, ins: str) -> None:
    """From the first pairing, then from the last list; a space without service has none."""
    lists = SendServiceList(online.now, SYSTEM, ins)
    assert online.refusal(lists) == ("CAT-12", "NOTHING_TO_LIST")
    paired_at = online.now
    pair(online, ins)
    ninety = timedelta(days=90)

    early = replace(lists, at=paired_at + ninety - timedelta(seconds=1))
    assert online.refusal(early) == ("CAT-12", "LIST_NOT_DUE")
    online.now = paired_at + ninety
    assert online.service.duties(online.now) == ()
    due = online.service.duties(online.now + A_MINUTE)
    assert [(duty.rule, duty.command) for duty in due] == [("CAT-12", "SendServiceList")]
    assert online.do(replace(lists, at=online.now)) == (SOLUTION,)
    told = online.service.notifications(ins)[-1]
    assert (told.code, told.to) == ("SYNC_LIST", ins)
    assert online.refusal(replace(lists, at=online.now)) == ("CAT-12", "LIST_NOT_DUE")
    online.wait(ninety + timedelta(hours=1))
    online.do(UnpairService(online.now, holder(ins), ins, SOLUTION))
    emptied = replace(lists, at=online.now)
    assert online.refusal(emptied) == ("CAT-12", "NOTHING_TO_LIST")
    pair(online, ins)
    assert online.refusal(emptied) == ("CAT-12", "LIST_NOT_DUE")
    online.close(ins)
    assert online.refusal(replace(lists, at=online.now)) == ("CAT-12", "NO_OPEN_SPACE")


@pytest.mark.rule("CAT-13")
def test_a_holder_reports_a_service(online: Sandbox, ins: str) -> None:
    """One that the catalogue shows; the report is kept."""
    report = ReportService(online.now, holder(ins), ins, SOLUTION, "asks too much")

    assert online.do(report) == ServiceReport(online.now, SOLUTION, "asks too much")
    held = online.service.person(ins).holdings
    assert held is not None
    assert held.pairings is not None
    assert [kept.reason for kept in held.pairings.reports] == ["asks too much"]
    unknown = replace(report, service=OTHER)
    assert online.refusal(unknown) == ("CAT-01", "UNKNOWN_SERVICE")
    move(online, ServiceState.OFFLINE)
    assert online.refusal(report) == ("CAT-01", "UNKNOWN_SERVICE")


@pytest.mark.rule("CAT-11")
def test_the_catalogue_shows_what_a_service_costs(online: Sandbox, ins: str) -> None:
    """Beside its name and state."""
    seen = entry(online, ins)

    assert seen is not None
    assert seen.economic_model is EconomicModel.FREE
    assert (seen.title, seen.pairing) == ("Carnet d'exemple", PairingState.NOT_SYNCED)


@pytest.mark.rule("CAT-15")
def test_a_service_knows_an_opaque_identifier_and_no_matricule(online: Sandbox, ins: str) -> None:
    """Another for each service, person and seed; the same at every pairing."""
    id_pe = pair(online, ins)

    assert ins[:13] not in id_pe
    assert id_pe == opaque_identifier(1, ins, SOLUTION)
    online.do(UnpairService(online.now, holder(ins), ins, SOLUTION))
    assert pair(online, ins) == id_pe
    others = {
        opaque_identifier(seed, one, service)
        for seed in (1, 2)
        for one in (ins, "279035121518989")
        for service in (SOLUTION, OTHER)
    }
    assert len(others) == 8


@pytest.mark.rule("CAT-15", "MEA-09")
def test_a_token_of_another_service_or_person_opens_nothing(online: Sandbox, ins: str) -> None:
    """Identifiers are not shared, and neither are tokens."""
    id_pe = pair(online, ins, *USES)
    reading = read(online, ins, USES[0])

    stranger = AppTokens(IdToken(opaque_identifier(1, ins, OTHER), SOLUTION))
    assert online.refusal(replace(reading, tokens=stranger)) == ("MEA-09", "ID_PE_MISMATCH")
    matricule = AppTokens(IdToken(ins, SOLUTION))
    assert online.refusal(replace(reading, tokens=matricule)) == ("MEA-09", "ID_PE_MISMATCH")
    borrowed = AppTokens(IdToken(id_pe, OTHER))
    assert online.refusal(replace(reading, tokens=borrowed)) == ("MEA-08", "OID_CONFLICT")
    assert online.refusal(replace(reading, actor=holder(ins))) == ("CAT-05", "NOT_FOR_THIS_ACTOR")


@pytest.mark.rule("CAT-07")
def test_the_holder_reads_what_a_service_did(online: Sandbox, ins: str) -> None:
    """Newest first, refused calls too, nothing of others."""
    pair(online, ins, USES[0])
    online.do(read(online, ins, USES[0]))
    agenda = Use(Purpose.CARE, ExchangeFamily.AGENDA, Direction.READ)
    assert online.refusal(read(online, ins, agenda)) == CONSENT_NOT_GIVEN
    rows = exchanges(online, ins, SOLUTION)

    assert [(row.deed.detail, row.deed.refused) for row in rows] == [
        ("read agenda care", "CONSENT_NOT_GIVEN"),
        ("read documents care", ""),
    ]
    assert exchanges(online, ins, OTHER) == ()
    stranger = ReadExchanges(online.now, holder("2"), ins, SOLUTION)
    assert online.refusal(stranger) == ("REP-01", "NOT_THE_HOLDER")


@pytest.mark.rule("CAT-01")
def test_the_catalogue_opens_with_the_vintage(online: Sandbox) -> None:
    """Before its day, and for whoever is not in the space, it says so."""
    ins = online.person()
    online.bring(ins, State.OPEN_ACTIVE)
    online.do(ListServices(online.now, holder(ins), ins))

    stranger = ListServices(online.now, holder("2"), ins)
    assert online.refusal(stranger) == ("REP-01", "NOT_THE_HOLDER")
    assert pairing_of(online.service.person(ins), SOLUTION) is None


@pytest.mark.rule("LIF-02")
def test_before_its_day_the_catalogue_answers_that_it_opens_later(launch: Sandbox) -> None:
    """For looking, pairing, consenting and calling alike."""
    ins = launch.person()
    launch.bring(ins, State.OPEN_ACTIVE)
    id_pe = opaque_identifier(1, ins, SOLUTION)
    later = ("LIF-02", "FEATURE_NOT_AVAILABLE")

    app = publisher(SOLUTION)
    for command in (
        ListServices(launch.now, holder(ins), ins),
        PairService(launch.now, holder(ins), ins, SOLUTION),
        ChangeServiceConsent(launch.now, app, ins, SOLUTION, USES[0], given=True),
        read(launch, ins, USES[0]),
        searching(launch, ins, id_pe),
        writing(launch, ins, id_pe, weight(launch, id_pe)),
        ReportService(launch.now, holder(ins), ins, SOLUTION, "?"),
    ):
        assert launch.refusal(command) == later
