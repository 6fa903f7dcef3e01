"""`etalon load prepare` and `clean`: people made, taken away, and bad input in one sentence."""

import json
import stat
from collections.abc import Generator
from pathlib import Path

import pytest

from etalon_cli.command import main
from etalon_load.people.people_file import read_people
from etalon_target.people import IN_SANDBOX, Left, Leftovers
from served_town import Town, served

NOBODY = "http://127.0.0.1:1/fhir"


@pytest.fixture(scope="module")
def town() -> Generator[Town]:
    """A sandbox that listens."""
    with served() as town:
        yield town
        town.desk.host.contents.close()


def load(*typed: str) -> int:
    """The exit code of the command."""
    return main(["load", *typed])


def test_people_are_made_kept_for_their_owner_and_told_by_kind(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing secret is printed."""
    file = tmp_path / "people.ndjson"

    asked = ("--target", f"{town.address}/fhir", "--people", "25", "--out", str(file))
    code = load("prepare", *asked, "--json")

    printed = capsys.readouterr()
    told = json.loads(printed.out)
    people = read_people(file)
    assert code == 0
    assert told["count"] == len(people.people) == sum(told["kinds"].values()) == 25
    assert told["looked_up"] > 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    secrets = {one.password for one in people.people} | {
        one.provisional_code for one in people.people if one.provisional_code
    }
    assert not [one for one in secrets if one in printed.out + printed.err]


def test_a_profile_asks_for_as_many_as_its_plan_needs(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the same seed as the run."""
    asked = ("--profile", "constant", "--peak", "3", "--duration", "10s", "--seed", "4")
    target = ("--target", f"{town.address}/fhir")

    code = load(
        "prepare", *target, *asked, "--out", str(tmp_path / "people.ndjson"), "--lang", "en"
    )

    assert code == 0
    assert "test people made on" in capsys.readouterr().out


def test_what_a_sandbox_keeps_is_told_apart_from_what_is_left(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It removes nobody, and loses everybody when it stops: nothing went wrong."""
    file, target = tmp_path / "people.ndjson", ("--target", f"{town.address}/fhir")
    load("prepare", *target, "--people", "12", "--out", str(file))
    capsys.readouterr()

    code = load("clean", str(file), *target, "--json")

    told = json.loads(capsys.readouterr().out)
    everybody = {one.ins for one in read_people(file).people}
    assert code == 0
    assert (told["removed"], told["left"]) == (0, 0)
    assert told["kept_by_sandbox"] == len(told["leftovers"])
    assert everybody <= {one["id"] for one in told["leftovers"]}


def test_what_a_target_cannot_take_away_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1, and the identifiers of what is left, beside what its sandbox keeps."""
    there = (Left("person", "289033191000240", "t", "target.left_refused"),)
    kept = (Left("person", "289033191000340", "t", IN_SANDBOX),)
    found = Leftovers(3, there + kept)

    def cleaned(*_asked: object) -> Leftovers:
        return found

    monkeypatch.setattr("etalon_cli.load_people_command._cleaned", cleaned)
    file = tmp_path / "people.ndjson"
    one = '{"wanted": "of-a-laboratory", "ins": "289033191000240", "rpps": "1", "structure": "1"}\n'
    file.write_text(one, "utf-8")

    code = load("clean", str(file), "--lang", "en")

    printed = capsys.readouterr().out
    assert code == 1
    assert "Taken away: 3. Left: 1." in printed
    assert "Kept by the sandbox: 1." in printed
    assert "289033191000240" in printed
    assert "289033191000340" not in printed


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (["prepare", "--people", "20"], 2, "--out"),
        (["prepare", "--out", "{new}"], 2, "--people"),
        (["prepare", "--out", "{new}", "--people", "20", "--profile", "constant"], 2, "--profile"),
        (["prepare", "--out", "{new}", "--people", "none"], 2, "--people"),
        (["prepare", "--out", "{new}", "--people", "2"], 2, "kinds"),
        (["prepare", "--out", "{new}", "--profile", "nobody"], 2, "nobody"),
        (["prepare", "--out", "{new}", "--profile", "constant", "--peak", "0"], 2, "--peak"),
        (["prepare", "--out", "{there}", "--people", "20"], 2, "exists"),
        (["prepare", "--out", "{new}", "--people", "20", "--target", NOBODY], 3, "127.0.0.1:1"),
        (["prepare", "--out", "{new}", "--people", "20", "--target", "inprocess"], 2, "inprocess"),
        (
            [
                "prepare",
                "--out",
                "{new}",
                "--people",
                "20",
                "--target",
                "http://dossier.example/fhir",
            ],
            2,
            "--i-own-this-target",
        ),
        (["clean", "{new}"], 2, "cannot be read"),
        (["clean", "{there}"], 2, "nobody"),
        (["clean", "{given}", "--target", "{town}/fhir"], 2, "does not say"),
        (["clean", "{elsewhere}", "--target", "{town}/fhir"], 2, "dossier.example"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(  # noqa: PLR0913, PLR0917 (fixtures and cases)
    town: Town,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    typed: list[str],
    code: int,
    said: str,
) -> None:
    """With its exit code; nothing is made and nothing written."""
    there, given, elsewhere = (tmp_path / name for name in ("there", "given", "elsewhere"))
    one = '{"wanted": "of-a-laboratory", "ins": "289033191000240", "rpps": "1", "structure": "1"}\n'
    origin = '{"made_on": {"target": "D", "address": "https://dossier.example", "tag": "t"}}\n'
    there.write_text("", "utf-8")
    given.write_text(one, "utf-8")
    elsewhere.write_text(origin + one, "utf-8")
    places = {"new": tmp_path / "new", "there": there, "given": given, "elsewhere": elsewhere}
    made = len(town.desk.host.service)

    found = load(*(word.format(town=town.address, **places) for word in typed), "--lang", "en")

    printed = capsys.readouterr()
    assert found == code
    assert said in printed.err
    assert len(printed.err.splitlines()) == 1
    assert not (tmp_path / "new").exists()
    assert len(town.desk.host.service) == made
