"""`etalon conformance run`: against a server in a process of its own, and against bad ones."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from etalon_cli.command import main
from etalon_target.embedded import EmbeddedServer, Told
from etalon_text.schema_files import schema
from hostile_server import HostileServer, hostile

ROOT = Path(__file__).parents[2]
FOLDERS = ("model", "scenarios", "conformance", "reports", "cli")
PATHS = os.pathsep.join(str(ROOT / name) for name in FOLDERS)
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX systems")
SUITE = ("--suite", "records-server")
FEW = (
    *("--check", "capability_statement_says_fhir_r4"),
    *("--check", "publish_answers_what_was_made"),
    *("--check", "masked_document_shows_to_no_professional"),
)
MASKED = "masked_document_shows_to_no_professional"


@pytest.fixture(scope="module")
def served() -> Generator[Told]:
    """The reference, with its sandbox, in a process of its own."""
    server = EmbeddedServer()
    yield server.start()
    server.stop()


@pytest.fixture(scope="module")
def server() -> Generator[HostileServer]:
    """A server that misbehaves."""
    with hostile() as one:
        yield one


def run(*typed: str) -> int:
    """Carry the command out in this process."""
    return main(["conformance", "run", "--lang", "en", *typed])


def read(file: Path) -> Any:  # noqa: ANN401 (JSON, for tests)
    """Read a JSON file."""
    return json.loads(file.read_text(encoding="utf-8"))


def lines(file: Path) -> list[Any]:
    """Read a file of JSON lines."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def directory(served: Told, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of few checks against the served reference, with a proxy in the environment."""
    out = tmp_path_factory.mktemp("runs") / "first"
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            patch.setenv(name, "http://127.0.0.1:9")
        assert run("--target", served.fhir, *SUITE, *FEW, "--out", str(out)) == 0
    return out


def test_the_served_reference_conforms_though_a_proxy_is_set(directory: Path) -> None:
    """What is on this machine is reached directly; each requirement looked at passes."""
    verdicts = read(directory / "verdicts.json")
    assert (verdicts["exit_code"], verdicts["conforms"], verdicts["status"]) == (
        *(0, True),
        "complete",
    )
    assert {one["verdict"] for one in verdicts["results"]} <= {"pass", "manual"}
    assert verdicts["people"]["made"] > 0
    assert {one["kind"] for one in verdicts["leftovers"]} == {"person"}


def test_the_files_of_a_run_are_as_their_schemas_say(directory: Path) -> None:
    """Verdicts, plan, and every line of both files of exchanges."""
    for name in ("verdicts", "plan"):
        jsonschema.validate(read(directory / f"{name}.json"), schema(name))
    for name in ("exchanges", "exchanges-redacted"):
        written = list(lines(directory / f"{name}.ndjson"))
        assert len(written) > 10
        for one in written:
            jsonschema.validate(one, schema("exchange"))


def test_tokens_stand_in_the_file_of_their_owner_alone(directory: Path) -> None:
    """Nobody else may read it, and no other file of the run holds one."""
    whole = directory / "exchanges.ndjson"
    if sys.platform != "win32":
        assert stat.S_IMODE(whole.stat().st_mode) == 0o600
    tokens = {
        value.removeprefix("Bearer ")
        for one in lines(whole)
        for name, value in one["request"]["headers"]
        if name.lower() == "authorization"
    }
    assert len(tokens) > 3
    for file in directory.rglob("*"):
        if file.is_file() and file != whole:
            content = file.read_text(encoding="utf-8", errors="replace")
            assert [one for one in tokens if one in content] == [], file.name


def test_every_exchange_of_a_result_is_among_the_exchanges(directory: Path) -> None:
    """By its number within the check; those of tokens and of the sandbox are marked."""
    kept = {(one["check"], one["number"]): one for one in lines(directory / "exchanges.ndjson")}
    for result in read(directory / "verdicts.json")["results"]:
        for number in result["exchanges"]:
            assert not kept[result["check"], number]["control"]
    assert any(one["control"] and "/sandbox/" in one["request"]["url"] for one in kept.values())


def test_the_plan_is_the_same_byte_for_byte_and_so_are_the_verdicts(
    served: Told, directory: Path, tmp_path: Path
) -> None:
    """Whatever the number of workers, and on another target."""
    asked = (*SUITE, *FEW)
    for workers in ("1", "2"):
        out = ("--workers", workers, "--out", str(tmp_path / workers))
        assert run("--target", served.fhir, *asked, *out) == 0
    assert run("--target", "inprocess", *asked, "--out", str(tmp_path / "inside")) == 0
    for name in ("1", "2", "inside"):
        plans = [(each / "plan.json").read_bytes() for each in (directory, tmp_path / name)]
        assert plans[0] == plans[1]
        results = [read(each / "verdicts.json")["results"] for each in (directory, tmp_path / name)]
        told = [[(one["requirement"], one["check"], one["verdict"]) for one in r] for r in results]
        assert told[0] == told[1]


def test_another_seed_makes_another_plan(directory: Path, tmp_path: Path) -> None:
    """The seed is in it."""
    out = ("--seed", "2", "--out", str(tmp_path / "2"), "--check", FEW[1])
    assert run("--target", "inprocess", *SUITE, *out) == 0
    plan = read(tmp_path / "2" / "plan.json")
    assert (plan["seed"], read(directory / "plan.json")["seed"]) == (2, 1)


def test_an_impostor_is_told_from_the_reference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """1, its requirement, what was expected and got, and a script that shows it."""
    impostor = EmbeddedServer(("--impostor", "masked-found"))
    told = impostor.start()
    try:
        out = tmp_path / "run"
        code = run("--target", told.fhir, *SUITE, "--check", MASKED, "--out", str(out), "--json")
    finally:
        impostor.stop()
    printed = json.loads(capsys.readouterr().out)
    (broken, *_) = printed["broken"]
    assert (code, printed["exit_code"]) == (code, code)
    assert code == 1 or {one["verdict"] for one in printed["broken"]} == {"finding"}
    assert broken["requirement"] in {"W-REC-34", "VIS-01", "VIS-02"}
    assert broken["expected"]
    assert broken["got"]
    assert (out / "counterexamples" / broken["counterexample"] / "replay.sh").is_file()


@POSIX
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_a_partial_report(served: Told, tmp_path: Path, number: int) -> None:
    """Exit code 3; what was concluded is there, what was not is said to be cut."""
    typed = ("--target", served.fhir, "--suite", "whole-service", "--out", "R", "--lang", "en")
    process = subprocess.Popen(
        [sys.executable, "-m", "etalon_cli", "conformance", "run", *typed],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": PATHS, "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("checks "):
            process.send_signal(number)
            break
    printed, errors = process.communicate(timeout=120)
    verdicts = read(tmp_path / "R" / "verdicts.json")
    assert process.returncode == 3
    assert "Traceback" not in printed + errors
    assert (verdicts["status"], verdicts["cut"]) == ("partial", "interrupted")
    assert {"pass", "not-run"} <= {one["verdict"] for one in verdicts["results"]}
    assert read(tmp_path / "R" / "run.json")["status"] == "partial"
    assert (tmp_path / "R" / "report.html").is_file()
    assert "The run was interrupted" in printed


@POSIX
def test_a_second_signal_stops_a_run_that_waits_for_an_answer(
    server: HostileServer, tmp_path: Path
) -> None:
    """Exit code 3 and one line, long before the answer would have been given up."""
    typed = ("--target", f"{server.address}/hang", *SUITE, "--out", "R", "--lang", "en")
    process = subprocess.Popen(
        [sys.executable, "-m", "etalon_cli", "conformance", "run", *typed],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": PATHS, "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    while not (tmp_path / "R" / "plan.json").exists() and process.poll() is None:
        time.sleep(0.05)
    for _ in range(2):
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
    printed, errors = process.communicate(timeout=25)
    assert process.returncode == 3
    assert "Traceback" not in printed + errors
    assert errors.strip().splitlines()[-1].startswith("interrupted. ")


def test_a_budget_is_spent_exploring_after_the_checks_and_told_on_the_first_page(
    served: Told, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reference is accused of nothing; how far it went is in the run, printed and drawn."""
    out = tmp_path / "R"
    typed = ("--check", FEW[1], "--budget", "2s", "--out", str(out))
    assert run("--target", served.fhir, *SUITE, *typed) == 0
    verdicts = read(out / "verdicts.json")
    jsonschema.validate(verdicts, schema("verdicts"))
    explored = verdicts["exploration"]
    assert explored["calls"] > 0
    assert explored["found"] == []
    assert explored["curve"][-1] == [explored["calls"], explored["situations"]]
    assert sum(one["accepted"] + one["refused"] for one in explored["acts"]) == explored["calls"]
    assert "sequences that nobody wrote" in capsys.readouterr().out
    assert "sequences that nobody wrote" in (out / "report.html").read_text(encoding="utf-8")


def test_requirements_and_checks_are_named_in_capitals_or_not(tmp_path: Path) -> None:
    """What runs is the same."""
    out = tmp_path / "R"
    typed = ("--requirement", "w-com-03", "--check", FEW[1].upper(), "--out", str(out))
    assert run("--target", "inprocess", *SUITE, *typed) == 0
    told = read(out / "verdicts.json")["results"]
    assert {(one["requirement"], one["check"]) for one in told} == {("W-COM-03", FEW[1])}


@pytest.mark.parametrize(
    "path", ["html", "fault", "hang", "drop", "short", "endless", "gigabyte", "invalid", "garbage"]
)
def test_what_is_no_server_of_fhir_is_told_and_passes_nothing(
    server: HostileServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    """Exit code 3 within the time it has, one cause, and a report all the same."""
    out = tmp_path / "run"
    target = ("--target", f"{server.address}/{path}", "--time-limit", "2s")
    code = run(*target, *SUITE, "--check", FEW[1], "--check", MASKED, "--out", str(out))
    printed = capsys.readouterr()
    verdicts = read(out / "verdicts.json")
    assert code == 3
    assert "Traceback" not in printed.out + printed.err
    assert "The system could not be tested: " in printed.out
    assert {one["verdict"] for one in verdicts["results"]} <= {"could-not-test", "manual"}
    assert [one["key"] for one in verdicts["causes"]] == ["unreachable"]
    assert (out / "report.html").is_file()


def test_what_cannot_be_reached_is_told_with_its_address(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 3, and the directory says why."""
    typed = ("--target", "http://127.0.0.1:9/fhir", *SUITE, "--out", str(tmp_path / "run"))
    assert run(*typed) == 3
    assert "http://127.0.0.1:9/fhir: refused" in capsys.readouterr().out
    assert "refused" in read(tmp_path / "run" / "verdicts.json")["unreachable"]


BAD = {
    "a target that is none": (("--target", "nothing"), "--target: found 'nothing'"),
    "a misspelt suite": (("--suite", "record-server"), "Did you mean records-server?"),
    "no seed": (("--seed", "-1"), "--seed '-1'"),
    "no workers": (("--workers", "0"), "--workers '0'"),
    "a budget without a unit": (("--budget", "5"), "--budget '5'"),
    "a limit of no time": (("--time-limit", "0s"), "--time-limit '0s'"),
    "an unknown requirement": (("--requirement", "W-REC-999"), "--requirement 'W-REC-999'"),
    "an unknown check": (("--check", "publish"), "nearest: "),
    "an unknown set": (("--requirement-set", "2020"), "Accepted: 2026-11, current"),
    "a factory of nothing": (("--target", "python:json:loads"), "a factory that raises"),
    "no file of TLS": (
        ("--target", "https://127.0.0.1:9/", "--ca-bundle", "none"),
        "No such file",
    ),
    "a profile with an unknown key": (("--target", "p.toml"), "p.toml: limits.second"),
}


@pytest.mark.parametrize(("typed", "said"), BAD.values(), ids=list(BAD))
def test_bad_input_is_told_in_one_message_and_writes_nothing(
    typed: tuple[str, ...],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit code 2."""
    monkeypatch.chdir(tmp_path)
    profile = '[target]\nname = "x"\n[addresses]\nfhir = "http://h/fhir"\n[limits]\nsecond = 3\n'
    Path("p.toml").write_text(profile, encoding="utf-8")
    target = () if "--target" in typed else ("--target", "inprocess")
    assert run(*target, *typed, "--out", "R") == 2
    errors = capsys.readouterr().err
    assert said in errors
    assert len(errors.splitlines()) == 1
    assert not Path("R").exists()


def test_a_directory_that_holds_something_is_left_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, before anything is reached."""
    (tmp_path / "mine").touch()
    assert run("--target", "embedded", "--out", str(tmp_path)) == 2
    assert "is not empty" in capsys.readouterr().err
    assert [one.name for one in tmp_path.iterdir()] == ["mine"]
