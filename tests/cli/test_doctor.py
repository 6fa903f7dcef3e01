"""The doctor: what is looked for, what it costs not to have it, in both languages."""

from __future__ import annotations

import json
from io import BytesIO, TextIOWrapper
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfoNotFoundError

import pytest

from etalon_cli import explain_command
from etalon_cli.command import main
from etalon_cli.installed_parts import (
    NEEDED_BY,
    Finding,
    extra_parts,
    libraries_of_extras,
    libraries_required,
)
from etalon_cli.machine_parts import LOOKS, machine_parts
from etalon_text.language import LANGUAGES
from etalon_text.strings import has_text

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def without_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading WeasyPrint takes longer than all the rest; its own tests do."""
    monkeypatch.setitem(LOOKS, "pdf", lambda: ("WeasyPrint, Pango", True))


def test_every_library_that_is_required_is_looked_for() -> None:
    """A library added to the distribution is added to the doctor's table."""
    assert set(NEEDED_BY) == libraries_required()


@pytest.mark.parametrize("kind", ["extra", "machine"])
def test_the_cost_of_each_thing_is_told(kind: str) -> None:
    """An extra or a look without its sentence would stop the doctor where it is needed."""
    names = libraries_of_extras() if kind == "extra" else LOOKS

    assert [name for name in names if not has_text(f"doctor.cost.{kind}.{name}")] == []


def test_this_environment_is_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0, every library with its version, every extra whole, nothing costs anything."""
    assert main(["doctor", "--json"]) == 0

    findings = json.loads(capsys.readouterr().out)["findings"]
    needed = [finding for finding in findings if finding["kind"] != "machine"]
    assert all(finding["good"] and finding["version"] for finding in needed)
    assert {f["name"] for f in findings if f["kind"] == "machine"} == set(LOOKS)
    assert all(bool(f["cost"]) == (f["good"] is False) for f in findings)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_missing_library_is_told_with_the_command_that_needs_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    """Exit code 3."""
    monkeypatch.setitem(NEEDED_BY, "no-such-library", "simulate")

    code = main(["doctor", "--lang", lang])

    printed = capsys.readouterr().out
    assert code == 3
    assert "etalon simulate" in printed
    assert ("missing" if lang == "en" else "absent") in printed


def test_an_incomplete_extra_names_what_it_lacks_and_what_that_costs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The basic commands work: exit code 0."""
    broken = Finding("fast", "extra", None, good=False, missing=("numba",))
    monkeypatch.setattr("etalon_cli.doctor_command.extra_parts", lambda: [broken])

    code = main(["doctor", "--lang", "en"])

    printed = capsys.readouterr()
    assert code == 0
    assert "lacks numba: a run of the nation takes several times as long" in printed.out
    assert "pip install mes-etalon[fast]" in printed.out


def test_libraries_of_another_system_are_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Uvloop does not exist on Windows."""
    monkeypatch.setattr("sys.platform", "win32")
    assert "uvloop" not in libraries_of_extras()["fast"]

    monkeypatch.setattr("sys.platform", "linux")
    assert "uvloop" in libraries_of_extras()["fast"]
    assert {finding.name for finding in extra_parts()} >= {"server", "load", "pdf", "explore"}


def no_home() -> Path:
    """Be an account without a home."""
    message = "Could not determine home directory."
    raise RuntimeError(message)


def found_nowhere(_: str) -> None:
    """Be a system without programs."""


def few_files(_: int) -> tuple[int, int]:
    """Be a system that opens few files at once."""
    return 256, 1024


def no_zone(_: str) -> None:
    """Be a system without time zones."""
    raise ZoneInfoNotFoundError


def refused(*_: object, **__: object) -> None:
    """Be a system that refuses."""
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize(
    ("name", "part", "instead"),
    [
        ("home", "pathlib.Path.home", no_home),
        ("memory", "etalon_cli.machine_parts.memory_available", lambda: 10**9),
        ("clock", "time.time", lambda: 86_400.0),
        ("curl", "shutil.which", found_nowhere),
        ("characters", "sys.stdout", TextIOWrapper(BytesIO(), encoding="ascii")),
        ("loopback", "socket.create_server", refused),
        ("folder", "tempfile.TemporaryFile", refused),
        ("temporary", "tempfile.TemporaryFile", refused),
        ("kernels", "tempfile.TemporaryFile", refused),
        ("open_files", "resource.getrlimit", few_files),
        ("time_zone", "etalon_cli.machine_parts.ZoneInfo", no_zone),
    ],
)
def test_what_a_machine_lacks_is_found(
    monkeypatch: pytest.MonkeyPatch, name: str, part: str, instead: object
) -> None:
    """Each look can say no; none stops the others."""
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setattr(part, instead)

    looked = {finding.name: finding.good for finding in machine_parts()}

    assert looked[name] is False
    assert set(looked) == set(LOOKS)


def test_what_a_system_does_not_say_is_neither_good_nor_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without fontconfig nobody knows the fonts."""
    monkeypatch.setattr("shutil.which", found_nowhere)

    [fonts] = [finding for finding in machine_parts() if finding.name == "fonts"]

    assert (fonts.found, fonts.good) == (None, None)


def test_an_account_without_a_home_is_told_to_name_the_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2, one message."""
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setattr("pathlib.Path.home", no_home)

    code = main(["keys", "new", "--holder", "Jeanne Martin", "--lang", "en"])

    said = capsys.readouterr().err
    assert code == 2
    assert said.count("\n") == 1
    assert "Set HOME, or name the file" in said


@pytest.mark.parametrize(
    ("module", "code", "said"),
    [
        ("cryptography.hazmat", 3, "Install it: pip install mes-etalon[conformance]"),
        ("no_such_library", 4, "a fault of Étalon"),
    ],
)
def test_a_command_that_lacks_a_library_of_an_extra_names_the_extra(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    code: int,
    said: str,
) -> None:
    """Exit code 3; a library that no extra brings is a fault of ours."""

    def lack(*_: object) -> int:
        raise ModuleNotFoundError(name=module)

    monkeypatch.setattr(explain_command, "run", lack)

    assert main(["explain", "LIF-04", "--lang", "en"]) == code
    assert said in capsys.readouterr().err
