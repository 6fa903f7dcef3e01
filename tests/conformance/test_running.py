"""Runs: what a check concludes, what ends it, and what of it depends on how it was run."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, Check, CheckFunction
from etalon_conformance.expectations import (
    absent,
    accepted,
    distinct,
    equals,
    excludes,
    present,
    refused,
    status,
)
from etalon_conformance.planning import Choice, planned, written_plan
from etalon_conformance.requirement import Wire
from etalon_conformance.running import RunOrder, RunOutcome, run, unreached
from etalon_conformance.verdict_file import Circumstances, causes, fault_text, judgement
from etalon_conformance.verdicts import Result, Status, Verdict
from etalon_model.actors import ActorKind
from etalon_target.actors import Who
from etalon_target.cannot import CannotTest
from etalon_target.messages import Answer, FailureKind, HttpRequest, HttpResponse, TransportFailure
from etalon_target.targets import Options, Target, target_of

LAW, SPECIFIED, WISHED = "VIS-01", "W-REC-12", "W-REC-15"
"""A requirement of law, one of a published specification, one that is a SHOULD."""

FHIR = (("content-type", "application/fhir+json"),)


class Scripted:
    """A target that answers as a function says, but for its description; it has no sandbox."""

    def __init__(self, answer: Callable[[HttpRequest], Answer]) -> None:
        self.answer = answer
        self.asked: list[HttpRequest] = []

    def send(self, request: HttpRequest) -> Answer:
        """Answer."""
        self.asked.append(request)
        if request.url.endswith("/metadata"):
            return answered({"resourceType": "CapabilityStatement"})
        if request.url.endswith("/sandbox"):
            return HttpResponse(404, (), b"", 0.0, request.url)
        return self.answer(request)


def answered(body: object, status: int = 200, **headers: str) -> HttpResponse:
    """An answer in JSON."""
    return HttpResponse(status, (*FHIR, *headers.items()), json.dumps(body).encode(), 0.0, "")


def fine(_: HttpRequest) -> Answer:
    """Answer a search that finds one thing."""
    return answered({"resourceType": "Bundle", "entry": [{"resource": {"id": "a"}}]})


def check_of(
    function: CheckFunction,
    *requirements: str,
    wire: Wire = Wire.OFFICIAL,
    alone: bool = False,
    needs: tuple[str, ...] = (),
) -> Check:
    """A check that is in no registry."""
    return Check(
        name=function.__name__,
        requirements=requirements or (SPECIFIED,),
        wire=wire,
        needs=needs,
        alone=alone,
        suites=None,
        function=function,
    )


def told(
    *checks: Check,
    answer: Callable[[HttpRequest], Answer] = fine,
    profiled: Callable[[Target], None] = lambda _: None,
    **order: object,
) -> RunOutcome:
    """What a run of these checks comes to."""
    plan = planned(Choice(), {one.name: one for one in checks})
    with target_of("inprocess", Options(inprocess=lambda: Scripted(answer))) as target:
        profiled(target)
        return run(replace(RunOrder(plan=plan), **order), target)  # type: ignore[arg-type]


def only(outcome: RunOutcome) -> Result:
    """The one result."""
    (result,) = outcome.results
    return result


def holding(bench: Bench) -> Iterator[Assertion]:
    """Hold."""
    yield bench.expects(SPECIFIED, bench.call(None, "GET", "DocumentReference"), status(200))


def broken(bench: Bench) -> Iterator[Assertion]:
    """Break, then hold."""
    answer = bench.call(None, "GET", "DocumentReference")
    yield bench.expects(SPECIFIED, answer, status(201))
    yield bench.expects(SPECIFIED, answer, status(200))


def test_a_check_whose_assertions_hold_passes_with_its_exchanges() -> None:
    """And says how many."""
    result = only(told(check_of(holding)))
    assert (result.verdict, result.exchanges) == (Verdict.PASS, (1,))
    assert result.message.values == {"assertions": "1"}


@pytest.mark.parametrize(
    ("requirement", "wire", "certain", "verdict"),
    [
        (SPECIFIED, Wire.OFFICIAL, True, Verdict.FAIL),
        (SPECIFIED, Wire.OWN, True, Verdict.FINDING),
        (SPECIFIED, Wire.DRAFT, True, Verdict.FINDING),
        (SPECIFIED, Wire.OFFICIAL, False, Verdict.FINDING),
        (WISHED, Wire.OFFICIAL, True, Verdict.FINDING),
    ],
)
def test_a_breach_is_worth_what_its_requirement_its_wire_and_its_certainty_are(
    requirement: str,
    wire: Wire,
    certain: bool,  # noqa: FBT001 (a column of the table)
    verdict: Verdict,
) -> None:
    """One breach is enough, whatever holds beside it."""

    def breach(bench: Bench) -> Iterator[Assertion]:
        answer = bench.call(None, "GET", "DocumentReference")
        yield bench.expects(requirement, answer, status(200))
        yield bench.expects(requirement, answer, status(201), certain=certain)

    assert only(told(check_of(breach, requirement, wire=wire))).verdict is verdict


def test_a_certain_breach_is_told_before_an_uncertain_one() -> None:
    """The verdict is the worst, and its evidence is that of the worst."""

    def two(bench: Bench) -> Iterator[Assertion]:
        answer = bench.call(None, "GET", "DocumentReference")
        yield bench.expects(SPECIFIED, answer, absent("entry"), certain=False)
        yield bench.expects(SPECIFIED, answer, status(201))

    result = only(told(check_of(two)))
    assert (result.verdict, result.message.values["got"]) == (Verdict.FAIL, "200")


def test_an_assertion_counts_whether_the_check_gives_it_or_not() -> None:
    """A forgotten `yield` hides no breach."""

    def forgetful(bench: Bench) -> Iterator[Assertion]:
        answer = bench.call(None, "GET", "DocumentReference")
        bench.expects(SPECIFIED, answer, status(201))
        yield bench.expects(SPECIFIED, answer, status(200))

    assert only(told(check_of(forgetful))).verdict is Verdict.FAIL


def test_a_requirement_of_which_nothing_was_asserted_is_not_run() -> None:
    """Never a pass: a check that looks at nothing has seen nothing."""

    def idle(bench: Bench) -> Iterator[Assertion]:
        bench.call(None, "GET", "DocumentReference")
        yield from ()

    outcome = told(check_of(idle))
    assert only(outcome).verdict is Verdict.NOT_RUN
    assert judgement(outcome, Circumstances(version="1")).exit_code == 3


def test_a_control_that_breaks_concludes_nothing() -> None:
    """Neither pass nor fail; what the check had broken before stays broken."""

    def controlled(bench: Bench) -> Iterator[Assertion]:
        answer = bench.call(None, "GET", "DocumentReference")
        yield bench.expects(WISHED, answer, status(201))
        yield bench.expects(SPECIFIED, answer, status(200))
        yield bench.expects(SPECIFIED, answer, equals("entry.resource.id", "b"), control=True)
        yield bench.expects(SPECIFIED, answer, status(201))

    outcome = told(check_of(controlled, SPECIFIED, WISHED))
    first, second = outcome.results
    assert (first.verdict, second.verdict) == (Verdict.COULD_NOT_TEST, Verdict.FINDING)
    assert first.cause is not None
    assert (first.cause.key, first.message.values["got"]) == ("control", "a")


def test_a_control_alone_is_no_pass() -> None:
    """It shows that the check can see; it looks at nothing."""

    def blind(bench: Bench) -> Iterator[Assertion]:
        answer = bench.call(None, "GET", "DocumentReference")
        yield bench.expects(SPECIFIED, answer, status(200), control=True)

    assert only(told(check_of(blind))).verdict is Verdict.NOT_RUN


def test_what_cannot_be_tested_is_told_once_for_all_that_depends_on_it() -> None:
    """One cause, every requirement that it keeps from being tested."""

    def person(bench: Bench) -> Iterator[Assertion]:
        bench.person()
        yield from ()

    def another(bench: Bench) -> Iterator[Assertion]:
        bench.person()
        yield from ()

    outcome = told(
        check_of(person, SPECIFIED, needs=("create_person",)),
        check_of(another, LAW, WISHED, needs=("create_person",)),
    )
    assert {one.verdict for one in outcome.results} == {Verdict.COULD_NOT_TEST}
    (cause,) = causes(outcome.results)
    assert cause == {
        "key": "operation-undeclared",
        "values": {"operation": "create_person"},
        "requirements": [LAW, WISHED, SPECIFIED],
    }


def test_what_the_profile_claims_and_cannot_be_tested_leaves_the_run_open() -> None:
    """Exit code 3 where it is claimed, by itself or by its suite; 0 where it is not."""

    def unable(_: Bench) -> Iterator[Assertion]:
        raise CannotTest(key="target.clock_stands")

    def claiming(*claims: str) -> Callable[[Target], None]:
        def change(target: Target) -> None:
            about = target.profile.about.model_copy(update={"claims": claims})
            target.profile = replace(target.profile, about=about)

        return change

    def code(*claims: str) -> int:
        checks = (check_of(unable), check_of(holding, SPECIFIED))
        outcome = told(*checks, profiled=claiming(*claims))
        return judgement(outcome, Circumstances(version="1")).exit_code

    assert [code(), code("W-REC-13"), code(SPECIFIED), code("records-server")] == [0, 0, 3, 3]


def test_what_the_profile_declares_not_to_apply_is_not_run() -> None:
    """Its result says so, and a check that looks at nothing else is left out."""

    def declaring(target: Target) -> None:
        about = target.profile.about.model_copy(
            update={"not_applicable": {SPECIFIED: "no ITI-105"}}
        )
        target.profile = replace(target.profile, about=about)

    outcome = told(check_of(broken), profiled=declaring)
    result = only(outcome)
    assert (result.verdict, result.message.values) == (
        Verdict.NOT_APPLICABLE,
        {"reason": "no ITI-105"},
    )


def test_a_fault_of_ours_accuses_nobody() -> None:
    """Its traceback is kept apart, and the run exits with 4."""

    def faulty(bench: Bench) -> Iterator[Assertion]:
        bench.call(None, "GET", "DocumentReference")
        raise ZeroDivisionError
        yield

    def stranger(bench: Bench) -> Iterator[Assertion]:
        yield bench.expects(LAW, bench.call(None, "GET", "Patient"), status(200))

    outcome = told(check_of(faulty), check_of(stranger), check_of(holding))
    verdicts = [one.verdict for one in outcome.results]
    assert verdicts == [Verdict.HARNESS_ERROR, Verdict.PASS, Verdict.HARNESS_ERROR]
    assert judgement(outcome, Circumstances(version="1")).exit_code == 4
    told_of = [fault_text(one.check.name, one.ended) for one in outcome.faults]
    assert "ZeroDivisionError" in told_of[0]
    assert "stranger does not name VIS-01" in told_of[1]


def test_our_own_wire_counts_as_mapped_where_the_profile_maps_what_the_check_needs() -> None:
    """A breach over it is then a failure; elsewhere a finding."""

    def mapping(target: Target) -> None:
        assert not target.speaks_own_wire
        about = target.profile.about.model_copy(update={"own_wire": True})
        target.profile = replace(target.profile, about=about)

    own = check_of(broken, wire=Wire.OWN)
    assert only(told(own)).verdict is Verdict.FINDING
    mapped = only(told(own, profiled=mapping))
    assert (mapped.verdict, mapped.wire) == (Verdict.FAIL, Wire.VENDOR_MAPPED)


def endless(bench: Bench) -> Iterator[Assertion]:
    """Ask for ever, and hold."""
    while True:
        time.sleep(0.005)
        yield bench.expects(SPECIFIED, bench.call(None, "GET", "DocumentReference"), status(200))


def test_a_spent_budget_cuts_the_run_and_concludes_nothing_of_what_it_cut() -> None:
    """What ended before is kept; exit code 3."""
    checks = (check_of(broken, LAW, SPECIFIED), check_of(endless), check_of(holding, WISHED))
    outcome = told(*checks, ends_at=time.monotonic() + 0.3)
    by_check = {(one.check, one.requirement): one for one in outcome.results}
    assert outcome.cut == "budget"
    assert by_check["broken", SPECIFIED].verdict is Verdict.FAIL
    for name, requirement in (("endless", SPECIFIED), ("holding", WISHED)):
        result = by_check[name, requirement]
        assert (result.verdict, result.status) == (Verdict.NOT_RUN, Status.CUT)
    assert judgement(outcome, Circumstances(version="1")).exit_code == 1


def test_a_target_that_hangs_is_waited_for_no_longer_than_the_budget() -> None:
    """The time-out of an exchange never outlives the run."""
    release = threading.Event()

    def hang(_: HttpRequest) -> Answer:
        release.wait(20)
        return answered({})

    began = time.monotonic()
    outcome = told(check_of(holding), answer=hang, ends_at=began + 0.3)
    waited = time.monotonic() - began
    release.set()
    assert (only(outcome).status, outcome.cut) == (Status.CUT, "budget")
    assert waited < 20


def test_an_interruption_ends_a_run_between_two_calls() -> None:
    """What was concluded is given, what was not is said to be cut."""
    asked = 0

    def interrupted() -> bool:
        nonlocal asked
        asked += 1
        return asked > 40

    outcome = told(check_of(endless), is_interrupted=interrupted)
    assert (outcome.cut, only(outcome).status) == ("interrupted", Status.CUT)


def test_a_target_that_is_gone_is_not_asked_for_ever() -> None:
    """After a few calls without an answer, what is left could not be tested, for one cause."""

    def gone(_: HttpRequest) -> Answer:
        return TransportFailure(FailureKind.REFUSED, "gone", 0.0, maybe_applied=False)

    def stubborn(bench: Bench) -> Iterator[Assertion]:
        for _ in range(50):
            yield bench.expects(
                SPECIFIED, bench.call(None, "GET", "Patient", failing=True), status(200)
            )

    def later(bench: Bench) -> Iterator[Assertion]:
        yield bench.expects(LAW, bench.call(None, "GET", "Patient"), status(200))

    outcome = told(check_of(stubborn), check_of(later, LAW), answer=gone)
    assert "gone" in outcome.unreachable
    assert 0 < outcome.exchanges < 20
    assert Verdict.PASS not in {one.verdict for one in outcome.results}
    assert len(causes(outcome.results)) == 1


def test_what_cannot_be_kept_ends_the_run() -> None:
    """A full disk is told to whoever ordered the run, whichever thread met it."""

    def full(_: object) -> None:
        raise OSError(28, "no space")

    with pytest.raises(OSError, match="no space"):
        told(check_of(holding), check_of(endless), kept=full, workers=2)


def test_what_cannot_be_reached_tests_nothing() -> None:
    """Every requirement could not be tested, for one cause; exit code 3."""
    outcome = unreached(planned(Choice(), {"holding": check_of(holding)}), "nowhere: unresolved")
    assert only(outcome).verdict is Verdict.COULD_NOT_TEST
    assert judgement(outcome, Circumstances(version="1")).exit_code == 3


def test_checks_that_move_the_clock_run_after_the_others_one_at_a_time() -> None:
    """Nobody's answer depends on the time that another makes pass."""
    running: list[str] = []
    together: list[tuple[str, ...]] = []
    lock = threading.Lock()

    def work(name: str) -> CheckFunction:
        def function(bench: Bench) -> Iterator[Assertion]:
            with lock:
                running.append(name)
                together.append(tuple(running))
            time.sleep(0.02)
            with lock:
                running.remove(name)
            yield bench.expects(SPECIFIED, bench.call(None, "GET", "Patient"), status(200))

        function.__name__ = name
        return function

    beside = [check_of(work(f"b{n}")) for n in range(6)]
    alone = [check_of(work(f"a{n}"), alone=True) for n in range(3)]
    outcome = told(*alone, *beside, workers=3)
    assert {one.verdict for one in outcome.results} == {Verdict.PASS}
    assert together[-3:] == [("a0",), ("a1",), ("a2",)]
    assert max(map(len, together[:-3])) > 1


def test_the_clock_is_moved_by_a_check_that_runs_alone_only() -> None:
    """Anything else is a fault of ours."""

    def hasty(bench: Bench) -> Iterator[Assertion]:
        bench.advance("P1D")
        yield from ()

    assert only(told(check_of(hasty))).verdict is Verdict.HARNESS_ERROR
    assert only(told(check_of(hasty, alone=True))).verdict is Verdict.COULD_NOT_TEST


def test_the_plan_is_sorted_and_holds_what_was_chosen_only() -> None:
    """By name, those that run alone last; requirements that were not asked for are left out."""

    def named(name: str, **how: object) -> Check:
        return replace(check_of(holding, SPECIFIED, WISHED), name=name, **how)  # type: ignore[arg-type]

    checks = {one.name: one for one in (named("c"), named("a", alone=True), named("b"))}
    plan = planned(Choice(requirements=frozenset({WISHED})), checks)
    assert [one.name for one in plan.checks] == ["b", "c", "a"]
    written = json.loads(written_plan(plan, "1"))
    assert [one["requirements"] for one in written["checks"]] == [[WISHED]] * 3
    assert written_plan(plan, "1") == written_plan(planned(plan.choice, checks), "1")
    few = planned(Choice(checks=frozenset({"c"})), checks)
    assert [one.name for one in few.checks] == ["c"]
    assert planned(Choice(suite="directory"), checks).checks == ()


def recorded(answer: Callable[[HttpRequest], Answer], ask: Callable[[Bench], object]) -> Bench:
    """A bench after something was asked of it."""
    with target_of("inprocess", Options(inprocess=lambda: Scripted(answer))) as target:
        bench = Bench(target, check_of(holding), 1)
        ask(bench)
    return bench


def test_pages_are_followed_to_the_last_and_a_loop_is_seen() -> None:
    """Each page is marked with the first; one asked twice breaks `distinct("url")`."""

    def page(request: HttpRequest) -> Answer:
        number = int(request.url.partition("page=")[2] or 1)
        following = {1: 2, 2: 3, 3: wraps}.get(number)
        links = [{"relation": "next", "url": f"DocumentReference?page={following}"}]
        return answered({"resourceType": "Bundle", "link": links if following else []})

    def pages(bench: Bench) -> Sequence[object]:
        first = bench.call(None, "GET", "DocumentReference?page=1")
        found = bench.pages(first, None)
        assert bench.expects(SPECIFIED, found, distinct("url")).seen.holds is (wraps is None)
        return found

    wraps: int | None = None
    assert [one.pages for one in recorded(page, pages).exchanges] == [1, 1, 1]
    wraps = 2
    assert [one.pages for one in recorded(page, pages).exchanges] == [1, 1, 1, 1]


def test_a_token_never_leaves_for_another_place() -> None:
    """Where a link leads elsewhere, it is followed without saying who asks."""

    def other(bench: Bench) -> None:
        bench.call(Who(ActorKind.HOLDER, "1"), "GET", "http://elsewhere.example/fhir/Patient/1")

    (exchange,) = recorded(fine, other).exchanges
    assert exchange.who is None
    assert not exchange.request.header("authorization")


def test_a_call_is_sent_as_it_was_asked() -> None:
    """Paths below the base, below the root, absolute; forms, JSON, bytes; media types."""

    def ask(bench: Bench) -> None:
        bench.call(None, "GET", "/Patient?x=1")
        bench.call(None, "GET", "", accept="")
        bench.call(None, "POST", "root:/oauth2/token", form=[("a", "1"), ("a", "é")])
        bench.call(None, "POST", "Patient/_search", form={"b": "2"}, headers=[("Prefer", "x")])
        bench.call(None, "POST", "?y", body={"resourceType": "Bundle"})
        bench.call(None, "PUT", "Patient/1", body=b"<x/>", content_type="text/xml")

    sent = [one.request for one in recorded(fine, ask).exchanges]
    base = "http://inprocess.localhost"
    assert [(one.verb, one.url, one.body) for one in sent] == [
        ("GET", f"{base}/fhir/Patient?x=1", b""),
        ("GET", f"{base}/fhir", b""),
        ("POST", f"{base}/oauth2/token", b"a=1&a=%C3%A9"),
        ("POST", f"{base}/fhir/Patient/_search", b"b=2"),
        ("POST", f"{base}/fhir?y", b'{"resourceType":"Bundle"}'),
        ("PUT", f"{base}/fhir/Patient/1", b"<x/>"),
    ]
    assert sent[1].headers == ()
    assert sent[3].header("content-type") == "application/x-www-form-urlencoded"
    assert sent[5].headers == (
        ("Accept", "application/fhir+json"),
        ("Content-Type", "text/xml"),
    )


def test_chance_and_identifiers_are_those_of_the_seed_and_of_the_run() -> None:
    """Drawn alike for the same seed; identifiers are never those of another run."""
    with target_of("inprocess", Options(inprocess=lambda: Scripted(fine))) as target:
        draws = [
            (bench.random.random(), bench.unique_oid(), bench.unique_oid(), bench.tag)
            for bench in (
                Bench(target, check_of(holding), 1),
                Bench(target, check_of(holding), 1),
                Bench(target, check_of(holding), 2),
                Bench(target, check_of(holding), 1, "another run"),
                Bench(target, check_of(broken), 1),
            )
        ]
    first, same, seeded, later, other = draws
    assert first == same
    assert first[0] == later[0] != seeded[0] != other[0]
    assert len({oid for one in draws for oid in one[1:3]}) == 8
    assert first[1].startswith("urn:oid:2.25.")


def test_an_operation_done_by_a_function_is_seen_too() -> None:
    """Its acceptance or refusal is an exchange that an expectation looks at."""

    def ask(bench: Bench) -> None:
        bench.target.operations.perform = perform  # type: ignore[method-assign]
        done = bench.operation("oppose", None, patient="1")
        assert bench.expects(SPECIFIED, done, accepted()).seen.holds
        assert bench.expects(SPECIFIED, done, equals("code", "7")).seen.holds
        assert not bench.expects(SPECIFIED, done, refused()).seen.holds
        assert not bench.expects(SPECIFIED, done, excludes("code", "7")).seen.holds
        assert bench.expects(SPECIFIED, [done, done.exchange], present("code")).seen.holds

    from etalon_target.operations import Performed  # noqa: PLC0415 (of this test alone)

    def perform(*_: object, **__: object) -> Performed:
        return Performed(accepted=True, status=200, captures={"code": "7"})

    (exchange,) = recorded(fine, ask).exchanges
    assert (exchange.request.verb, exchange.accepted) == ("OPERATION", True)
