"""Histories of a space, judged by the model: races are found, what may overlap is not accused."""

import ast
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

import etalon_model
from etalon_conformance.histories.diagram import diagram
from etalon_conformance.histories.history import Answer, Operation
from etalon_conformance.histories.history_lines import (
    CommandOperation,
    HistoryFormatError,
    history_from,
    history_lines,
)
from etalon_conformance.histories.judging import judged, parts_of
from etalon_conformance.histories.linearizing import Linearizable, NotKnown
from etalon_conformance.histories.sequential import READERS_OF_LOGS, answer_of
from etalon_conformance.histories.shrinking import Violation
from etalon_model.access import ReadLog
from etalon_model.actors import INSURER, holder
from etalon_model.affiliation import Affiliate
from etalon_model.command import Command
from etalon_model.people import Contacts
from etalon_model.policies import Policies
from etalon_model.records.search import SearchDocuments
from etalon_text.language import LANGUAGES, Language, spaced
from space_histories import STEP, SpaceScene, overlapping

SCENE: Final = SpaceScene()

RIGHT: Final = {
    "a deposit beside a closing, before it": ("h close 0 5 done", "d deposit1 1 6 done"),
    "a deposit beside a closing, after it": ("h close 0 5 done", "d deposit1 1 6 NO_OPEN_SPACE"),
    "a refusal whose reason is not told": ("h close 0 1 done", "d deposit1 2 3 refused"),
    "a refusal that may stand for what is right": ("h close 0 1 done", "h search 2 3 refused"),
    "a search beside a deposit misses it": ("d deposit1 0 5 done", "h search 1 2 [0]"),
    "a search beside a deposit sees it": ("d deposit1 0 5 done", "h search 1 2 [0,1]"),
    "deposits in either order": (
        "d deposit1 0 5 done",
        "e deposit2 0 5 done",
        "h search 6 7 [0,1,2]",
    ),
    "a reading beside masking": ("h mask 0 5 done", "o read 1 2 done", "o read 3 4 refused"),
    "one code, the second too late": ("a enter 0 5 done", "b oppose 0 5 refused"),
    "a closing that timed out and came late": (
        "h close 0 -",
        "d deposit1 1 2 done",
        "d deposit2 3 4 NO_OPEN_SPACE",
    ),
    "a closing that timed out and never came": ("h close 0 -", "d deposit1 1 2 done"),
    "a search that lists nothing in the place of a refusal": (
        "h close 0 1 done",
        "h search 2 3 []",
    ),
    "a deposit of unknown answer, made": ("d deposit1 0 1", "h search 2 3 [0,1]"),
    "a deposit of unknown answer, not made": ("d deposit1 0 1", "h search 2 3 [0]"),
    "help asked for beside its answer": ("h invite 0 5 done", "f help 1 6 done"),
}
"""What a right service may answer to clients that overlap."""

RACES: Final = {
    "stale search": (("d deposit1 0 1 done", "h search 2 3 [0]"), ("deposit1", "search")),
    "lost deposit": (
        ("d deposit1 0 4 done", "e deposit2 1 5 done", "h search 6 7 [0,2]"),
        ("deposit1", "search"),
    ),
    "one code used twice, to enter": (
        ("a enter 0 5 done", "b enter 1 6 done"),
        ("enter", "enter"),
    ),
    "one code used twice, to enter and to object": (
        ("a enter 0 5 done", "b oppose 1 6 done"),
        ("enter", "oppose"),
    ),
    "deposit accepted after closing returned": (
        ("h close 0 1 done", "d deposit1 2 3 done"),
        ("close", "deposit1"),
    ),
    "one document deposited twice": (
        ("d deposit1 0 5 done", "e deposit1 1 6 done"),
        ("deposit1", "deposit1"),
    ),
    "masked, and read after": (("h mask 0 1 done", "o read 2 3 done"), ("mask", "read")),
    "blocked, and read after": (("h block 0 1 done", "o read 2 3 done"), ("block", "read")),
    "one invitation answered twice": (
        ("h invite 0 1 done", "f help 2 6 done", "f help 3 7 done"),
        ("help", "help"),
    ),
    "help accepted after closing": (
        ("h invite 0 1 done", "h close 2 3 done", "f help 4 5 done"),
        ("close", "help"),
    ),
    "a timed-out closing that came and went": (
        ("h close 0 -", "h search 1 2 NO_OPEN_SPACE", "d deposit1 3 4 done"),
        ("deposit1", "search"),
    ),
    "refused where there is something to list": (
        ("d deposit1 0 1 done", "h search 2 3 refused"),
        ("search",),
    ),
    "refused for what is not so": (("d deposit1 0 1 DUPLICATE_DOCUMENT",), ("deposit1",)),
    "beside thirteen operations that are right": (
        (
            *("h search 0 2 [0]", "d deposit1 1 5 done", "o read 2 4 done"),
            *("e deposit2 3 9 done", "h mask 6 8 done", "o read 7 11 refused"),
            *("h invite 11 13 done", "h search 13 16 [0,1,2]"),
            *("f help 13 15 done", "h unmask 16 17 done", "h close 18 21 done"),
            *("h search 19 20 [0,1,2]", "d consult 22 24 refused"),
            *("o read 22 25 refused", "e deposit2 26 27 DUPLICATE_DOCUMENT"),
        ),
        ("close", "deposit2"),
    ),
}
"""What only a race answers, and the operations that show it."""


def names_of(history: tuple[CommandOperation, ...]) -> tuple[str, ...]:
    """Return the short names of what was asked, in alphabetical order."""
    known = {id(command): name for name, command in SCENE.commands.items()}
    return tuple(sorted(known[id(one.asked)] for one in history))


@pytest.mark.parametrize("lines", RIGHT.values(), ids=RIGHT.keys())
def test_what_a_right_service_may_answer_is_linearizable(lines: tuple[str, ...]) -> None:
    """No order of clients that overlap is held against a service."""
    found = judged(SCENE.recorded(*lines), [SCENE.service])

    assert [type(one.verdict) for one in found] == [Linearizable]


@pytest.mark.parametrize(("lines", "left"), RACES.values(), ids=RACES.keys())
def test_a_race_is_found_and_told_by_the_operations_that_show_it(
    lines: tuple[str, ...], left: tuple[str, ...]
) -> None:
    """A stale reading, a lost write, a code used twice, a deposit into a closed space."""
    (found,) = judged(SCENE.recorded(*lines), [SCENE.service])

    assert isinstance(found.verdict, Violation)
    assert names_of(found.verdict.kept) == left


@st.composite
def right_histories(draw: st.DrawFn) -> tuple[CommandOperation, ...]:
    """What a service answered one after the other, told as if clients had overlapped.

    Some answers are lost, some operations timed out, some of those were never carried out.
    """
    names = draw(st.lists(st.sampled_from(sorted(SCENE.commands)), min_size=1, max_size=12))
    slack = st.integers(0, 3 * STEP)
    placed = [(draw(slack), draw(slack)) for _ in names]
    history: list[CommandOperation] = []
    for one in overlapping(SCENE, names, placed.__getitem__):
        fate = draw(st.sampled_from(["answered"] * 6 + ["unknown", "timed out"]))
        known = one.observed if fate == "answered" else None
        returned = None if fate == "timed out" else one.returned
        history.append(replace(one, observed=known, returned=returned))
    for name in draw(st.lists(st.sampled_from(sorted(SCENE.commands)), max_size=1)):
        asked, invoked = SCENE.commands[name], draw(st.integers(0, 12 * STEP))
        history.append(Operation(client="never", asked=asked, invoked=invoked))
    return tuple(draw(st.permutations(history)))


@given(right_histories())
def test_what_happened_in_an_order_is_never_accused(history: tuple[CommandOperation, ...]) -> None:
    """Sequential executions, however their operations overlap for clients, are linearizable."""
    found = judged(history, [SCENE.service])

    assert {type(one.verdict) for one in found} == {Linearizable}


def test_the_service_that_judges_stays_as_it_was() -> None:
    """A history is judged on copies."""
    before = SCENE.service.digest(traces=True)

    judged(SCENE.recorded("h close 0 1 done", "d deposit1 2 3 done"), [SCENE.service])

    assert SCENE.service.digest(traces=True) == before


def test_an_order_is_not_bound_to_the_instants_that_commands_bear() -> None:
    """A closing asked a second earlier may come after the deposit that ran beside it."""
    close, deposit = SCENE.recorded("h close 0 5 done", "d deposit1 1 4 done")
    later = replace(deposit.asked, at=close.asked.at + timedelta(seconds=1))

    (found,) = judged((close, replace(deposit, asked=later)), [SCENE.service])

    assert isinstance(found.verdict, Linearizable)
    assert [one.client for one in found.verdict.order] == ["d", "h"]


def test_states_spent_give_no_verdict() -> None:
    """A search cut short accuses nobody."""
    history = SCENE.recorded(*RACES["beside thirteen operations that are right"][0])

    (found,) = judged(history, [SCENE.service], states=3)

    assert found.verdict == NotKnown(3)


def test_people_who_have_nothing_to_do_with_one_another_are_judged_apart() -> None:
    """The holder and the friend named by an invitation stay together; the newcomer is alone."""
    history = SCENE.recorded(
        "h invite 0 1 done", "a enter 0 5 done", "f help 2 3 done", "b oppose 1 6 done"
    )

    parts = parts_of(history, SCENE.service)

    assert [names_of(part.history) for part in parts] == [("help", "invite"), ("enter", "oppose")]
    assert [part.people for part in parts] == [
        {SCENE.ins, SCENE.friend},
        {SCENE.newcomer},
    ]
    verdicts = [type(one.verdict) for one in judged(history, [SCENE.service])]
    assert verdicts == [Linearizable, Violation]


def test_people_linked_before_a_history_are_judged_together() -> None:
    """Closing ends what a friend was allowed, though the command names nobody else."""
    service = SCENE.service.fork()
    for name in ("invite", "help"):
        service.apply(SCENE.commands[name])
    at = SCENE.commands["close"].at
    own: CommandOperation = Operation(
        client="f", asked=SearchDocuments(at, holder(SCENE.friend), SCENE.friend), invoked=0
    )
    history = (*SCENE.recorded("h close 0 1 done"), own)

    assert len(parts_of(history, SCENE.service)) == 2
    assert [part.people for part in parts_of(history, service)] == [{SCENE.ins, SCENE.friend}]


def test_somebody_who_is_affiliated_meanwhile_concerns_everybody() -> None:
    """The search is not parted then."""
    known = SCENE.service.person(SCENE.newcomer).identity
    at = SCENE.commands["close"].at
    asked = Affiliate(at, INSURER, known.ins, known, Contacts(email=True, mobile=True))
    late: CommandOperation = Operation(client="i", asked=asked, invoked=0)

    (part,) = parts_of((late, *SCENE.recorded("h close 0 1 done")), SCENE.service)

    assert part.people == {SCENE.ins, SCENE.friend, SCENE.newcomer}


def test_a_log_that_is_read_tells_orders_apart() -> None:
    """A row that was there is still there for the next reader."""
    log = ReadLog(SCENE.commands["close"].at, holder(SCENE.ins), SCENE.ins)
    search = SCENE.commands["search"]
    first, _, then = _given(log, search, log)
    _, first_with_search, _ = _given(search, log, log)
    _, then_without_search = _given(log, log)

    def verdict(*seen: Answer) -> type:
        reads = [
            Operation(client="h", asked=log, invoked=at, returned=at, observed=answer)
            for at, answer in enumerate(seen, STEP)
        ]
        (found,) = judged((*SCENE.recorded("h search 0 9"), *reads), [SCENE.service])
        return type(found.verdict)

    assert verdict(first, then) is Linearizable
    assert verdict(first_with_search, then_without_search) is Violation


def _given(*commands: Command) -> list[Answer]:
    service = SCENE.service.fork()
    return [answer_of(service.apply(command)) for command in commands]


def test_every_command_that_reads_a_log_is_known() -> None:
    """What else would ask for the rows of a person would make two states look alike."""
    readers: set[str] = set()
    for module in (*Path(etalon_model.__path__[0]).rglob("*.py"),):
        tree = ast.parse(module.read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef) and _reads_entries(function):
                readers |= {
                    decorator.args[0].id
                    for decorator in function.decorator_list
                    if isinstance(decorator, ast.Call)
                    and getattr(decorator.func, "id", "") == "handles"
                    and isinstance(decorator.args[0], ast.Name)
                } or {f"{module.name}: {function.name}"}

    # The service itself shows the log to whoever runs it; no command asks it.
    assert readers - {"service.py: log"} == {one.__name__ for one in READERS_OF_LOGS}


def _reads_entries(function: ast.FunctionDef) -> bool:
    calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
    return function.name != "_sift" and any(
        isinstance(call.func, ast.Name)
        and call.func.id == "rows_of_person"
        and isinstance(call.args[1], ast.Attribute)
        and call.args[1].attr == "entries"
        for call in calls
    )


READINGS: Final = (SCENE.service, SpaceScene(Policies(masking_policy="product")).service)
"""The same people, under either answer to who still sees a masked document (C1)."""


@pytest.mark.parametrize(
    ("first", "then", "verdict"),
    [
        ("done", "done", Linearizable),
        ("refused", "refused", Linearizable),
        ("done", "refused", Violation),
        ("refused", "done", Violation),
    ],
)
def test_each_reading_of_the_texts_is_right_but_no_mixture(
    first: str, then: str, verdict: type
) -> None:
    """Where the texts leave it open, a server keeps to one answer."""
    history = SCENE.recorded("h mask 0 1 done", f"a attend 2 3 {first}", f"a attend 4 5 {then}")

    (found,) = judged(history, READINGS)

    assert isinstance(found.verdict, verdict)


def test_a_history_without_a_reading_is_not_judged() -> None:
    """Nothing stands for where the service was."""
    with pytest.raises(ValueError, match="no reading was given"):
        judged(SCENE.recorded("h close 0 1 done"), [])


HISTORY: Final = SCENE.recorded(*RACES["beside thirteen operations that are right"][0])
WHOLE: Final = tuple(history_lines(HISTORY))


def test_a_history_written_is_read_the_same() -> None:
    """Commands, instants and answers; what never returned stays so."""
    assert history_from(WHOLE) == HISTORY
    assert history_from(history_lines(())) == ()


BAD_LINES: Final[dict[str, tuple[Callable[[list[str]], list[str]], str]]] = {
    "nothing at all": (lambda _: [], "line 1: expected the head of an etalon-history"),
    "another format": (
        lambda lines: ['{"format":"etalon-journal","version":1}', *lines[1:]],
        "line 1: expected the head of an etalon-history of version 1",
    ),
    "another version": (
        lambda lines: [lines[0].replace("1", "2"), *lines[1:]],
        "line 1: expected the head",
    ),
    "torn": (lambda lines: lines[:-1], "line 16 without its last: it was torn"),
    "head alone": (lambda lines: lines[:1], "line 1 without its last: it was torn"),
    "a line lost": (
        lambda lines: [*lines[:4], *lines[5:]],
        "line 16: 15 operations said, 14 found",
    ),
    "no JSON": (lambda lines: [lines[0], "{", *lines[1:]], "line 2: Invalid JSON"),
    "nested without end": (
        lambda lines: [lines[0], '{"client":' + "[" * 10_000, *lines[1:]],
        "line 2: Invalid JSON",
    ),
    "a key too many": (
        lambda lines: [lines[0], lines[1].replace('"client"', '"who":1,"client"'), *lines[2:]],
        "line 2: who: Extra inputs",
    ),
    "an instant as a text": (
        lambda lines: [lines[0], lines[1].replace('"invoked":0', '"invoked":"0"'), *lines[2:]],
        "line 2: invoked: Input should be a valid integer",
    ),
    "a command nobody knows": (
        lambda lines: [lines[0], lines[1].replace("SearchDocuments", "Search"), *lines[2:]],
        "line 2: command: expected the name of a command",
    ),
    "returned before it was invoked": (
        lambda lines: [lines[0], lines[1].replace('"invoked":0', '"invoked":9000000'), *lines[2:]],
        "line 2: h: returned at 2000000, invoked at 9000000",
    ),
    "accepted with a code": (
        lambda lines: [lines[0], lines[1].replace('"codes":[]', '"codes":["X"]'), *lines[2:]],
        "line 2: accepted, and yet refused with X",
    ),
    "refused and shown": (
        lambda lines: [
            lines[0],
            lines[1].replace('"accepted":true', '"accepted":false'),
            *lines[2:],
        ],
        "line 2: refused, and yet something was shown",
    ),
}


@pytest.mark.parametrize(("spoilt", "said"), BAD_LINES.values(), ids=BAD_LINES.keys())
def test_what_is_no_whole_history_is_refused_with_its_line(
    spoilt: Callable[[list[str]], list[str]], said: str
) -> None:
    """Torn files, other versions and values of another kind are told, not guessed."""
    with pytest.raises(HistoryFormatError, match=re.escape(said)):
        history_from(spoilt([*WHOLE]))


DRAWN: Final[dict[Language, str]] = {
    "en": """\
No order of these operations explains all their answers.

1  doctor  ├──┤
2  holder        ├──┤

1  doctor: DepositDocument(11488-4, TWO) → accepted
2  holder: SearchDocuments(normal) → accepted, shows ["ONE", "THREE"]

An order that explains what comes before number 2: 1.
Number 2 was answered: accepted, shows ["ONE", "THREE"].
The model allowed: accepted, shows ["ONE", "TWO"]; or accepted, shows ["ONE", "TWO", "THREE"].
Set aside, since the rest contradicts itself whatever they answered, done or not: 2.
Without a known answer among them: UnmaskDocument(ONE) by holder.

An operation takes effect at one instant of its bar; it has no place after an operation that \
begins when its bar is over.
""",
    "fr": """\
Aucun ordre de ces opérations n\u2019explique toutes leurs réponses.

1  doctor  ├──┤
2  holder        ├──┤

1  doctor : DepositDocument(11488-4, TWO) → acceptée
2  holder : SearchDocuments(normal) → acceptée, montre ["ONE", "THREE"]

Ordre qui explique ce qui précède le n° 2 : 1.
Le n° 2 a reçu : acceptée, montre ["ONE", "THREE"].
Le modèle permettait : acceptée, montre ["ONE", "TWO"] ; ou bien acceptée, montre \
["ONE", "TWO", "THREE"].
Mises de côté, parce que le reste se contredit quoi qu\u2019elles aient répondu, faites ou non : 2.
Sans réponse connue parmi elles : UnmaskDocument(ONE) par holder.

Une opération prend effet à un instant de sa barre ; elle ne se place pas après une opération \
qui commence quand sa barre est finie.
""",
}
"""Documents by their ranks in words, French spaces as they are typed."""
NAMES: Final = {"ONE": "0", "TWO": "1", "THREE": "2"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_violation_is_drawn_for_an_engineer(language: Language) -> None:
    """Bars over time, what was asked and answered, what was right, and what was set aside."""
    lines = (
        "doctor deposit1 0 3 done",
        "doctor deposit2 1 4 done",
        "holder unmask 2 -",
        "holder search 5 6 [0,2]",
    )
    (found,) = judged(SCENE.recorded(*lines), [SCENE.service])

    assert isinstance(found.verdict, Violation)
    drawn = spaced(DRAWN[language], language)
    for word, rank in NAMES.items():
        drawn = drawn.replace(word, SCENE.unique_id(rank))
    assert diagram(found.verdict, language) == drawn
