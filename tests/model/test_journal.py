"""Commands as data, the journal, copies of a state and its digest."""

import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path

import pytest

import etalon_model
from etalon_model import (
    INSURER,
    Actor,
    ActorKind,
    Affiliate,
    Channel,
    Command,
    Oppose,
    Route,
    SendNotice,
    Service,
    State,
    vintage,
)
from etalon_model.command_codec import command_from, command_types, plain_command
from etalon_model.digests import digest_of
from etalon_model.journal import JournalError, replay, write_journal
from etalon_model.sandbox import Sandbox
from etalon_model.value_codec import CommandFormatError, codec_of
from etalon_model.walks.walk import Walk

AT = datetime(2022, 2, 1, 9, tzinfo=UTC)
NOTICE = SendNotice(AT, INSURER, "279035121518989", Channel.EMAIL)
PLAIN = {
    "command": "SendNotice",
    "at": "2022-02-01T09:00:00Z",
    "actor": {"kind": "insurer", "ident": "insurer", "profession": "", "role": ""},
    "ins": "279035121518989",
    "channel": "email",
}


class Journalled(Sandbox):
    """A sandbox whose service keeps a journal."""

    def __init__(self) -> None:
        """Start with nobody and an empty journal."""
        super().__init__(vintage("launch-2022"))
        self.commands: list[Command] = []
        self.service = Service(vintage("launch-2022"), seed=1, journal=self.commands.append)

    @property
    def people(self) -> list[str]:
        """Return everybody's matricule."""
        return [command.ins for command in self.commands if isinstance(command, Affiliate)]

    def text(self) -> str:
        """Return the journal as a file holds it."""
        file = io.StringIO()
        digest = self.service.digest()
        write_journal(file, vintage("launch-2022"), 1, self.commands, digest)
        return file.getvalue()


@pytest.fixture
def town() -> Journalled:
    """People in most states, and refusals on the way."""
    box = Journalled()
    parent = box.person()
    box.person(parent, born=AT.date() - timedelta(days=2000))
    for state in (
        State.OPPOSED,
        State.OPEN_ACTIVE,
        State.SUSPENDED,
        State.CLOSED_ARCHIVED,
        State.DELETION_RUNNING,
        State.DECEASED,
    ):
        ins = box.person()
        box.bring(ins, state)
        box.service.apply(SendNotice(box.now, INSURER, ins, Channel.EMAIL))
    return box


def test_every_command_of_the_service_has_a_codec() -> None:
    """Whatever a domain adds can be written and read: the types of its fields are known."""
    kinds = command_types()

    assert {"Affiliate", "SendNotice", "Oppose"} <= kinds.keys()
    for name, kind in kinds.items():
        with pytest.raises(CommandFormatError, match=name):
            codec_of(kind).value({}, name)


def test_a_command_is_plain_data_and_comes_back() -> None:
    """Instants, enumerations and actors are texts."""
    assert plain_command(NOTICE) == PLAIN
    assert command_from(json.loads(json.dumps(PLAIN))) == NOTICE


def test_every_command_of_a_journal_comes_back_equal(town: Journalled) -> None:
    """Nested values, optional ones and tuples included."""
    assert len({type(command) for command in town.commands}) >= 9
    for command in town.commands:
        assert command_from(json.loads(json.dumps(plain_command(command)))) == command


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"command": "Notice"}, "command: expected the name of a command of the service"),
        ({"channel": "fax"}, "SendNotice.channel: expected one of email, letter, found 'fax'"),
        ({"at": "2022-02-01T09:00:00+01:00"}, "SendNotice.at: expected an instant in UTC"),
        ({"at": "2022-02-01T09:00:00"}, "SendNotice.at: expected an instant in UTC"),
        ({"ins": 279035121518989}, "SendNotice.ins: expected a text, found 279035121518989"),
        ({"actor": {"kind": "king", "ident": "x"}}, "SendNotice.actor.kind: expected one of hol"),
        ({"actor": {"kind": "insurer"}}, "SendNotice.actor.ident: expected a value"),
        ({"colour": "red"}, "SendNotice.colour: expected one of at, actor, ins, channel"),
    ],
)
def test_what_is_no_command_is_refused_with_its_place(change: dict[str, object], said: str) -> None:
    """The message names the path, what is accepted and what was found."""
    with pytest.raises(CommandFormatError) as caught:
        command_from({**PLAIN, **change})

    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(("found", "fits"), [(True, False), (1, True), (1.0, False), ("1", False)])
def test_a_whole_number_is_neither_a_boolean_nor_a_text(found: object, *, fits: bool) -> None:
    """What Python would let pass is refused."""
    if fits:
        assert codec_of(int).value(found, "n") == found
        return
    with pytest.raises(CommandFormatError, match="n: expected a whole number"):
        codec_of(int).value(found, "n")


def test_a_journal_replays_to_the_same_state(town: Journalled) -> None:
    """Refused commands are not in it, and the digest is the one recorded."""
    lines = town.text().splitlines()

    again = replay(lines)

    assert again.is_equal
    assert again.commands == len(town.commands) == len(lines) - 2
    assert again.service.transitions == town.service.transitions
    for ins in town.people:
        accepted = [row for row in town.service.log(ins) if not row.deed.refused]
        assert list(again.service.log(ins)) == accepted


def test_the_digest_is_the_same_in_another_process(town: Journalled, tmp_path: Path) -> None:
    """Neither the hash seed nor the process enters it."""
    journal = tmp_path / "journal"
    journal.write_text(town.text(), encoding="utf-8", newline="\n")
    code = (
        "import sys; from pathlib import Path; from etalon_model.journal import replay; "
        "text = Path(sys.argv[1]).read_text(encoding='utf-8'); "
        "print(replay(text.splitlines()).service.digest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code, str(journal)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": _folder()},
            capture_output=True,
            encoding="utf-8",
            check=True,
        ).stdout.strip()
        for seed in ("0", "4294967295")
    }

    assert digests == {town.service.digest()}


def _folder() -> str:
    return str(Path(etalon_model.__file__).parent.parent)


SPOILT: dict[str, tuple[slice, str, slice]] = {
    "line 1: expected the head": (slice(0), "", slice(1, None)),
    "without its last line: it was torn": (slice(0, -1), "", slice(0)),
    "line 5: refused on replay": (slice(0, 4), "", slice(3, None)),
    "line 2: no JSON": (slice(0, 1), "{", slice(1, None)),
    "line 2: expected an object": (slice(0, 1), "[]", slice(1, None)),
    "commands said": (slice(0, -2), "", slice(-1, None)),
    "line 2: command: expected": (slice(0, 1), '{"command": "x"}', slice(1, None)),
}


@pytest.mark.parametrize("said", SPOILT)
def test_a_spoiled_journal_is_refused_with_its_line(town: Journalled, said: str) -> None:
    """A line too few, too many, torn or meaningless is named."""
    lines = town.text().splitlines()
    before, added, after = SPOILT[said]

    with pytest.raises(JournalError, match=said):
        replay([*lines[before], *([added] if added else []), *lines[after]])


def test_a_changed_journal_gives_another_digest(town: Journalled) -> None:
    """The digest recorded no longer fits what was replayed."""
    head, *rest = town.text().splitlines()
    affiliations = [line for line in rest if line.startswith('{"command":"Affiliate"')]
    end = {**json.loads(rest[-1]), "commands": len(affiliations)}

    assert not replay([head, *affiliations, json.dumps(end)]).is_equal


def test_refusals_leave_traces_and_no_state(town: Journalled) -> None:
    """The digest without traces stands still under a refusal; the one with traces moves."""
    ins = town.people[0]
    state, everything = town.service.digest(), town.service.digest(traces=True)

    town.refusal(Oppose(town.now, Actor(ActorKind.APP, "x"), ins, Route.PHONE, None, None))

    assert town.service.digest() == state
    assert town.service.digest(traces=True) != everything


def test_a_fork_goes_its_own_way(town: Journalled) -> None:
    """What happens in one is not in the other, nor in the journal of the first."""
    ins, before, length = town.person(), town.service.digest(), len(town.commands)
    fork = town.service.fork()
    assert fork.digest() == town.service.digest()
    assert fork.digest(traces=True) == town.service.digest(traces=True)

    fork.apply(SendNotice(town.now, INSURER, ins, Channel.EMAIL))

    assert fork.state(ins) is State.NOTIFIED
    assert town.service.state(ins) is State.NOT_NOTIFIED
    assert (town.service.digest() != before, len(town.commands)) == (False, length)


def test_a_snapshot_can_be_restored_twice(town: Journalled) -> None:
    """Whatever was done in between, logs included."""
    ins = town.person()
    kept, digest = town.service.snapshot(), town.service.digest(traces=True)
    for _ in range(2):
        town.bring(ins, State.OPEN_ACTIVE)
        assert town.service.digest(traces=True) != digest
        town.service.restore(kept)
        assert town.service.digest(traces=True) == digest


class Bare(Enum):
    """An enumeration whose values are no texts."""

    ONE = 1


@dataclass
class Shelf:
    """Something that changes."""

    rows: dict[str, object]


@pytest.mark.parametrize(
    "other",
    [
        {"a": 1, "b": {2}},
        {"a": 1, "b": {2, 3}, "c": None},
        {"a": True, "b": {2, 3}},
        {"a": "1", "b": {2, 3}},
        {"a": 1, "b": [2, 3]},
        {"a": 1, "b": {3, 4}},
    ],
)
def test_different_values_have_different_digests(other: dict[str, object]) -> None:
    """A digest tells types apart; the order of a dictionary or a set is nothing."""
    first: dict[str, object] = {"a": 1, "b": {2, 3}}

    assert digest_of(Shelf(first)) == digest_of(Shelf({"b": {3, 2}, "a": 1}))
    assert digest_of(Shelf(other)) != digest_of(Shelf(first))


def test_a_word_of_a_closed_list_equals_its_text() -> None:
    """As in Python, where one may stand for the other; other enumerations equal no text."""
    assert digest_of((Channel.EMAIL,)) == digest_of(("email",))
    assert digest_of(Bare.ONE) != digest_of(1)


def test_whatever_was_commanded_can_be_forked_and_replayed() -> None:
    """A walk over every command: records, rights, messages, agenda, catalogue."""
    commands: list[Command] = []
    walk = Walk(vintage("steady-2023"), seed=3, journal=commands.append)
    for _ in walk.steps(1500):
        pass
    again = Service(vintage("steady-2023"), seed=3)
    for command in commands:
        again.apply(command_from(json.loads(json.dumps(plain_command(command)))))

    assert again.digest() == walk.service.digest()
    fork = walk.service.fork()
    assert fork.digest(traces=True) == walk.service.digest(traces=True)
    for _ in walk.steps(100):
        pass
    assert fork.digest() == again.digest() != walk.service.digest()


def test_an_object_that_holds_itself_has_no_digest() -> None:
    """It would never end."""
    shelf = Shelf({})
    shelf.rows["self"] = shelf

    with pytest.raises(TypeError, match="Shelf holds itself"):
        digest_of(shelf)


def test_parameters_come_back_equal() -> None:
    """The head of a journal holds those that its commands were accepted under."""
    changed = replace(vintage("steady-2023"), caregivers_per_holder=4)
    codec = codec_of(type(changed))

    assert codec.value(json.loads(json.dumps(codec.plain(changed))), "parameters") == changed
