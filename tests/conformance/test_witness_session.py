# pyright: reportUnknownMemberType=false
"""A session before the witness: our good client is accused of nothing, wrong ones are, by name."""

import json
import shutil
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from etalon_cli.command import main
from etalon_cli.grammar_witness_run import PROFILES
from etalon_cli.witness_trying import Inside, try_client
from etalon_conformance.requirements import requirement_set
from etalon_conformance.verdicts import Result, Verdict
from etalon_conformance.witness.client_power import Tried
from etalon_conformance.witness.judging import NOT_COVERED, judged_session
from etalon_conformance.witness.players.habits import client_named, right_clients, wrong_clients
from etalon_conformance.witness.plays import misbehaviours
from etalon_conformance.witness.scenario import profiles
from etalon_conformance.witness.session_files import former_session
from etalon_text.schema_files import schema

LEAST_IMPOSTORS = 40
"""As many wrong clients as issue I asks for."""
TRIED = ("hash-of-nothing", "first-page-only", "insists-on-refused", "app-goes-on")
"""Wrong clients played here, one for each way to look at traffic; the bench plays them all."""


RIGHT = "xml-bodies"


@pytest.fixture(scope="module")
def inside() -> Generator[Inside]:
    """A witness in this process."""
    one = Inside("lps", 1)
    yield one
    one.close()


@pytest.fixture(scope="module")
def results(inside: Inside) -> tuple[Result, ...]:
    """The verdicts on our good client, once it has played `lps` before it."""
    return inside.play()


def test_a_good_client_is_accused_of_nothing(results: tuple[Result, ...]) -> None:
    """Every step is seen and shows what it is there for; interfaces not spoken are said so."""
    accused = [one for one in results if one.verdict in {Verdict.FAIL, Verdict.FINDING}]
    untested = [one.check for one in results if one.verdict is Verdict.COULD_NOT_TEST]

    assert accused == []
    assert untested == [NOT_COVERED] * 3
    shown = {one.requirement for one in results if one.verdict is Verdict.PASS}
    assert shown == set(profiles()["lps"].requirements) - set(profiles()["lps"].not_covered)


@pytest.fixture(scope="module")
def others(results: tuple[Result, ...]) -> dict[str, tuple[Result, ...]]:
    """The verdicts on our good clients of the other profiles, which play side by side."""
    assert results
    names = [name for name in profiles() if name != "lps"]

    def played(name: str) -> tuple[Result, ...]:
        with closing(Inside(name, 1)) as one:
            return one.play()

    with ThreadPoolExecutor(len(names)) as pool:
        return dict(zip(names, pool.map(played, names), strict=True))


def test_the_good_clients_of_the_other_profiles_are_accused_of_nothing(
    others: dict[str, tuple[Result, ...]],
) -> None:
    """Each shows all that its profile is there for."""
    for name, found in others.items():
        open_ended = [one for one in found if one.verdict is not Verdict.PASS]
        assert {one.check for one in open_ended} <= {NOT_COVERED}, name
        shown = {one.requirement for one in found if one.verdict is Verdict.PASS}
        profile = profiles()[name]
        assert shown >= set(profile.requirements) - set(profile.not_covered), name


def test_the_profiles_of_the_command_are_those_of_the_tables() -> None:
    """The command line knows them without reading them."""
    assert list(PROFILES) == list(profiles())


@pytest.mark.usefixtures("results")
def test_every_misbehaviour_is_met_in_a_session(inside: Inside) -> None:
    """What the tables say is played is played, on the calls that they name."""
    played = {name for one in inside.session.traffic for name in one.played.split()}

    assert played == {name for step in inside.profile.steps for name in step.plays}
    of_all = {name for one in profiles().values() for step in one.steps for name in step.plays}
    assert of_all == set(misbehaviours())


def test_a_step_without_traffic_is_no_pass_and_no_breach(inside: Inside) -> None:
    """Nothing came: nothing is concluded, and the reason is told of each requirement."""
    profile = inside.profile
    statuses = dict.fromkeys((step.name for step in profile.steps), "timed-out")
    found = judged_session(profile, (), inside.stage.matricules, statuses, requirement_set())

    concluded = {one.check for one in found if one.verdict is not Verdict.COULD_NOT_TEST}
    assert concluded == set()
    assert {one.cause.key for one in found if one.cause} == {
        "witness-step-timed-out",
        NOT_COVERED,
    }


@pytest.fixture(scope="module")
def tried(others: dict[str, tuple[Result, ...]]) -> dict[str, Tried]:
    """What sessions say of some clients of the tables, which play side by side."""
    assert others
    with ThreadPoolExecutor(len(TRIED) + 1) as pool:
        found = [
            pool.submit(try_client, client_named(name).profile, name) for name in (*TRIED, RIGHT)
        ]
        return {one.name: one for one in (each.result() for each in found)}


@pytest.mark.parametrize("name", TRIED)
def test_a_wrong_client_is_caught(name: str, tried: dict[str, Tried]) -> None:
    """The requirement that it breaks is reported."""
    assert tried[name].is_caught


def test_a_client_that_differs_is_accused_of_nothing(tried: dict[str, Tried]) -> None:
    """XML is as good as JSON."""
    assert tried[RIGHT].accusations == ()


def test_the_tables_of_clients_agree_with_the_requirements() -> None:
    """Wrong clients break requirements that their profile shows, and there are enough of them."""
    known = profiles()

    assert len(wrong_clients()) >= LEAST_IMPOSTORS
    for one in wrong_clients().values():
        assert one.requirement in known[one.profile].requirements, one.name
    assert {one.profile for one in right_clients().values()} <= known.keys()


def test_what_the_recorder_keeps_is_read_again(inside: Inside, results: tuple[Result, ...]) -> None:
    """The verdicts are those of the traffic, and of nothing else."""
    statuses = {name: one.status for name, one in inside.session.walked.items()}
    again = judged_session(
        inside.profile,
        inside.session.traffic,
        inside.stage.matricules,
        statuses,
        requirement_set(),
    )

    assert again == results


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a session that a driver walked through: it can do no step but the login."""
    folder = tmp_path_factory.mktemp("driven")
    driver = folder / "driver.sh"
    driver.write_text(DRIVER, encoding="utf-8")
    (folder / "client.py").write_text(CLIENT, encoding="utf-8")
    out = folder / "run"
    line = ["conformance", "run", "--role", "client", "--profile", "hospital", "--out", str(out)]
    with redirect_stdout(StringIO()) as printed:
        code = main([*line, "--driver", f"sh {driver}", "--lang", "en"])
    assert code == 3
    (folder / "printed.txt").write_text(printed.getvalue(), encoding="utf-8")
    return out


DRIVER = """\
told=$(cat)
case "$told" in
  *'"step": "refused",'*) echo "out of order" >&2; exit 1 ;;
  *'"step": "later-consult",'*) printf '%s' "$told" | exec python3 "$(dirname "$0")/client.py" ;;
  *) exit 77 ;;
esac
"""
"""A shell starts in a moment, and Python for the one step that needs it."""

CLIENT = """\
import json, sys, urllib.request
told = json.load(sys.stdin)
asked = {"actor": {"kind": "professional", "rpps": told["identities"]["doctor"]["ident"]}}
root = told["addresses"]["root"]
def ask(url, body=None, **headers):
    request = urllib.request.Request(url, body, headers)
    return json.load(urllib.request.urlopen(request))
typed = {"Content-Type": "application/json"}
token = ask(root + "/sandbox/tokens", json.dumps(asked).encode(), **typed)
ins = told["identities"]["bruno"]["ident"]
search = f"/DocumentReference?patient.identifier={ins}&status=current"
ask(told["addresses"]["fhir"] + search, Authorization="Bearer " + token["access_token"])
"""


def test_a_driver_is_told_each_step_and_its_session_is_kept(run: Path) -> None:
    """The state, the events and the exchanges of the session are in its directory."""
    state = json.loads((run / "session.json").read_text(encoding="utf-8"))
    steps = {one["name"]: one for one in state["steps"]}
    events = (run / "events.ndjson").read_text(encoding="utf-8").splitlines()

    assert state["status"] == "complete"
    assert steps["later-consult"]["status"] == "done"
    assert steps["refused"]["status"] == "timed-out"
    assert steps["deposit"]["status"] == "skipped"
    assert [one["key"] for one in state["problems"]] == ["driver"]
    assert "out of order" in state["problems"][0]["values"]["problem"]
    assert [json.loads(one)["number"] for one in events] == list(range(1, len(events) + 1))


def test_a_driver_that_breaks_is_told_with_what_it_said(run: Path) -> None:
    """Not as a step that nobody was seen to carry out, and no more."""
    printed = (run.parent / "printed.txt").read_text(encoding="utf-8")

    assert "The command of --driver failed at the step refused: 1 out of order" in printed


def test_what_a_driven_client_did_is_judged(run: Path) -> None:
    """Its first search asked for a whole record: a finding, with its exchange."""
    verdicts = json.loads((run / "verdicts.json").read_text(encoding="utf-8"))
    broken = [one for one in verdicts["results"] if one["verdict"] in {"fail", "finding"}]

    assert verdicts["role"] == "client"
    assert verdicts["target"]["name"] == "sh driver.sh"
    assert [(one["requirement"], one["check"]) for one in broken] == [
        ("W-REC-42", "hospital-later-consult")
    ]
    assert broken[0]["exchanges"] == [1]


@pytest.mark.parametrize(
    ("file", "named"),
    [
        ("session.json", "session"),
        ("events.ndjson", "session-event"),
        ("verdicts.json", "verdicts"),
        ("exchanges.ndjson", "exchange"),
        ("exchanges-redacted.ndjson", "exchange"),
    ],
)
def test_files_of_a_session_are_as_their_schemas_say(run: Path, file: str, named: str) -> None:
    """Whoever follows a session can rely on what they hold."""
    text = (run / file).read_text(encoding="utf-8")
    parts = text.splitlines() if file.endswith(".ndjson") else [text]
    validator = Draft202012Validator(schema(named))

    assert parts
    for part in parts:
        validator.validate(json.loads(part))


def test_no_token_is_in_what_may_be_shared(run: Path) -> None:
    """The redacted copy holds each exchange, and no token of it."""
    whole = (run / "exchanges.ndjson").read_text(encoding="utf-8")
    shared = (run / "exchanges-redacted.ndjson").read_text(encoding="utf-8")

    assert "Bearer eyJ" in whole
    assert "eyJ" not in shared
    assert len(whole.splitlines()) == len(shared.splitlines()) == 1


def test_a_session_is_taken_up_where_it_was_stopped(run: Path) -> None:
    """Steps that ended stay ended, and their exchanges count."""
    former = former_session(run)

    assert former.statuses["later-consult"] == "done"
    assert [one.step for one in former.traffic] == ["later-consult"]
    assert main(_again(run)) == 3
    again = json.loads((run / "verdicts.json").read_text(encoding="utf-8"))
    events = (run / "events.ndjson").read_text(encoding="utf-8").splitlines()
    state = json.loads((run / "session.json").read_text(encoding="utf-8"))
    shown = {one["name"]: one["verdicts"] for one in state["steps"]}
    assert again["run"]["exchanges"] == 1
    assert "W-REC-42" in {one["requirement"] for one in shown["later-consult"]}
    assert [json.loads(one)["number"] for one in events] == list(range(1, len(events) + 1))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("session.json", "[" * 100_000),
        ("session.json", "[]"),
        ("session.json", '{"profile": "hospital", "seed": "x", "steps": [], "identities": []}'),
        ("session.json", '{"profile": "hospital", "seed": 1, "steps": [1], "identities": []}'),
        ("exchanges.ndjson", '{"view": {}}\n'),
        ("exchanges.ndjson", "[" * 100_000 + "}"),
    ],
)
def test_a_session_whose_files_were_spoilt_is_not_taken_up(
    run: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: str,
) -> None:
    """Exit code 2 names both files; nothing in them is changed."""
    copy = shutil.copytree(run, tmp_path / "run")
    (copy / name).write_text(content, encoding="utf-8")

    assert main([*_again(copy), "--lang", "en"]) == 2
    assert "session.json, exchanges.ndjson" in capsys.readouterr().err
    assert (copy / name).read_text(encoding="utf-8") == content


def _again(run: Path) -> list[str]:
    line = ["conformance", "run", "--role", "client", "--profile", "hospital", "--out", str(run)]
    return [*line, "--resume", "--driver", "false"]


HERE = str(Path(__file__).parent)
BAD = {
    "no profile": (["--role", "client"], "--profile"),
    "an unknown profile": (["--role", "client", "--profile", "dentist"], "dentist"),
    "an option of servers": (["--role", "client", "--profile", "lps", "--target", "x"], "--target"),
    "an option of clients": (["--profile", "lps"], "--profile"),
    "two players": (
        ["--role", "client", "--profile", "lps", "--self-play", "--driver", "x"],
        "--driver",
    ),
    "an unknown impostor": (
        ["--role", "client", "--profile", "lps", "--impostor", "hash-of-nothin"],
        "hash-of-nothing",
    ),
    "no kit": (["--role", "client", "--profile", "lps", "--kit", "/nowhere"], "/nowhere"),
    "no length of time": (
        ["--role", "client", "--profile", "lps", "--step-time", "1 day"],
        "1 day",
    ),
    "a directory that is not empty": (
        ["--role", "client", "--profile", "lps", "--self-play", "--out", HERE],
        "not empty",
    ),
    "a directory without a session": (
        ["--role", "client", "--profile", "lps", "--self-play", "--out", HERE, "--resume"],
        "run.json",
    ),
    "nothing to resume": (["--role", "client", "--profile", "lps", "--resume"], "--out"),
}


@pytest.mark.parametrize(("line", "told"), BAD.values(), ids=BAD)
def test_what_cannot_be_asked_is_told(
    line: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2 and one message, before anything is served."""
    assert main(["conformance", "run", *line, "--lang", "en"]) == 2
    assert told in capsys.readouterr().err


@pytest.fixture(scope="module")
def signed(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of that session, signed; `trusted.toml` beside it holds who signed."""
    folder = tmp_path_factory.mktemp("signed")
    copy = shutil.copytree(run, folder / "run")
    key, trusted = folder / "key.pem", folder / "trusted.toml"
    assert main(["keys", "new", "--holder", "Jeanne Martin", "--out", str(key)]) == 0
    public = str(key.with_suffix(".pub.toml"))
    assert main(["keys", "trust", public, "--trusted", str(trusted)]) == 0
    who = ["--by", "Jeanne Martin", "--role", "Quality director"]
    assert main(["report", "sign", str(copy), *who, "--key", str(key)]) == 0
    return copy


def verified(run: Path, signed: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """What verifying a directory exits with, and says."""
    capsys.readouterr()
    trusted = str(signed.with_name("trusted.toml"))
    code = main(["conformance", "verify", str(run), "--trusted", trusted, "--lang", "en"])
    return code, capsys.readouterr().out


def test_a_signed_session_stands_while_people_add_to_it(
    signed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A report drawn again and a contest change nothing that was signed; both tell who signed."""
    copy = shutil.copytree(signed, tmp_path / "run")
    contest = ["--by", "Paul Roux", "--reason", "Consulted on paper", "--unsigned"]

    assert main(["conformance", "contest", "W-REC-42", str(copy), *contest]) == 0
    assert main(["report", str(copy), "--lang", "en"]) == 0

    code, said = verified(copy, signed, capsys)
    assert code == 0
    assert "Jeanne Martin" in said
    page = (copy / "redrawn" / "report.html").read_text(encoding="utf-8")
    assert "Jeanne Martin" in page
    assert "Consulted on paper" in page
    assert "etalon conformance run --role client --profile hospital" in page


@pytest.mark.parametrize(
    "file", ["session.json", "events.ndjson", "exchanges-redacted.ndjson", "verdicts.json"]
)
def test_a_file_of_a_signed_session_that_was_changed_is_named(
    file: str, signed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One byte is enough."""
    copy = shutil.copytree(signed, tmp_path / "run")
    with (copy / file).open("ab") as stream:
        stream.write(b"\n")

    code, said = verified(copy, signed, capsys)

    assert code == 1
    assert file in said


def test_a_signed_session_is_not_taken_up_again(
    signed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its files would change: refused, and they have not."""
    assert main([*_again(signed), "--lang", "en"]) == 2
    assert "is signed" in capsys.readouterr().err
    assert verified(signed, signed, capsys)[0] == 0
