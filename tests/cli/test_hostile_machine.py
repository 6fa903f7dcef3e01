"""A machine that is against us: no room, no locale, no home, a proxy, a signal at a bad moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from errno import EACCES, ENOSPC
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from etalon_cli import explain_command
from etalon_cli.command import main
from etalon_cli.storage_explanations import cannot_write
from etalon_conformance.keys import new_key, written_signers

if TYPE_CHECKING:
    from collections.abc import Generator

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="limits and signals of POSIX systems")
ANSWERING = (
    "scenarios list",
    "scenarios show pilot-2021",
    "scenarios validate no-such.toml",
    "explain LIF-04",
    "model rules",
    "model policies",
    "conformance requirements --suite records-server",
    "keys new --holder Jeanne",
)
"""Commands that answer at once, in French."""
EACH = """
import sys
from etalon_cli.command import main
for line in sys.argv[1:]:
    print(f"\\n== {main([*line.split(), '--lang', 'fr'])} {line}", flush=True)
"""
SIGNER = written_signers(new_key("Jeanne").signer).encode()
PROGRAM = """
import os, signal, sys, time

def hit():
    os.kill(os.getpid(), signal.SIGINT)

def stopped(*_):
    exec("hit()", globals())

class Ended:
    def __del__(self):
        hit()

def ended(*_):
    Ended()
    time.sleep(60)

class Named:
    def __set_name__(self, owner, name):
        hit()

def kept_by_a_name(*_):
    type("Owner", (), {{"named": Named()}})

{sent}
from etalon_cli.__main__ import main
sys.exit(main())
"""
"""A command line that is hit by Ctrl-C."""


@contextmanager
def no_file_beyond(size: int) -> Generator[None]:
    """Let no file of this process, or of those that it starts, grow beyond so many bytes."""
    import resource  # noqa: PLC0415 (not on every system)

    before, compiled = resource.getrlimit(resource.RLIMIT_FSIZE), sys.dont_write_bytecode
    # Python 3.11 keeps a compiled module that was cut short, and trips over it ever after.
    sys.dont_write_bytecode = True
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        sys.dont_write_bytecode = compiled


@POSIX
@pytest.mark.parametrize(
    ("line", "size", "code", "said"),
    [
        ("model record --commands 300 --out new", 600, 2, "new: cannot be written"),
        ("conformance questions --suite records-server --out new", 600, 2, "cannot be written"),
        (
            "conformance run --target inprocess --check a_search_answers_a_searchset --out new",
            20_000,
            3,
            "exchanges.ndjson: the storage refused the file",
        ),
        (
            "conformance differential --target inprocess --target inprocess --budget 1s --out new",
            3_000,
            3,
            "the report of new could not be drawn",
        ),
        (
            "conformance run --role client --profile lps --self-play --out new",
            45_000,
            3,
            "the service of the session could not keep what it needs",
        ),
    ],
)
def test_storage_that_refuses_a_file_is_told_in_one_message(  # noqa: PLR0913, PLR0917 (a table)
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    line: str,
    size: int,
    code: int,
    said: str,
) -> None:
    """Whichever file it is; never a fault of ours."""
    monkeypatch.chdir(tmp_path)

    with no_file_beyond(size):
        answered = main([*line.split(), "--lang", "en"])

    printed = capsys.readouterr().err
    assert answered == code
    assert said in printed
    assert "Traceback" not in printed


@POSIX
@pytest.mark.parametrize(
    ("line", "file"),
    [
        ("model record --commands 20 --out {}", "journal.jsonl"),
        ("model state-diagram --out {}", "pictures"),
        ("conformance questions --suite records-server --out {}", "answers.toml"),
        ("keys new --holder Jeanne --out {}", "key.pem"),
        ("keys trust mine.pub.toml --trusted {}", "signers.toml"),
    ],
)
def test_a_file_that_does_not_fit_is_not_there_in_part(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    line: str,
    file: str,
) -> None:
    """Nor what belongs to it; one that stood there before stands as it was."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.pub.toml").write_bytes(SIGNER)
    (tmp_path / "signers.toml").write_bytes(b"# Mine\n")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}

    with no_file_beyond(60):
        code = main([*line.format(file).split(), "--lang", "en"])

    assert code == 2
    assert "Traceback" not in capsys.readouterr().err
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [(ENOSPC, 3, "the disk is full"), (EACCES, 2, "cannot be written")],
)
def test_a_full_disk_is_nothing_that_another_name_mends(number: int, code: int, said: str) -> None:
    """Exit code 3 for want of room, 2 for a place that refuses."""
    stopped = cannot_write(Path("a"), OSError(number, os.strerror(number)))

    assert stopped.exit_code == code
    assert said in stopped.told("en")


@POSIX
def test_sigterm_ends_any_command_as_ctrl_c_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 3 and one message; the signal is as before afterwards."""

    def hit(*_: object) -> int:
        os.kill(os.getpid(), signal.SIGTERM)
        return 0

    monkeypatch.setattr(explain_command, "run", hit)

    assert main(["explain", "LIF-04", "--lang", "en"]) == 3
    assert capsys.readouterr().err.startswith("interrupted.")
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@POSIX
@pytest.mark.parametrize(
    "moment",
    [
        "reading modules",
        "making a class",
        "where errors are dropped",
        "there, and Ctrl-C is ignored",
        "answering",
    ],
)
def test_a_signal_at_any_moment_is_one_message_and_exit_code_3(tmp_path: Path, moment: str) -> None:
    """Before the command is known, in code that makes another error of it, and while it answers."""
    sent = {
        "reading modules": "import etalon_cli.early_signals as early; "
        "early.keep_signals(); hit(); early.keep_signals = lambda: None",
        "making a class": "import etalon_cli.command as command; command.parse = kept_by_a_name",
        "where errors are dropped": "import etalon_cli.command as command; command.parse = ended",
        "there, and Ctrl-C is ignored": "signal.signal(signal.SIGINT, signal.SIG_IGN); "
        "hit = lambda: os.kill(os.getpid(), signal.SIGTERM); "
        "import etalon_cli.command as command; command.parse = ended",
        "answering": "import etalon_cli.command as command; command.parse = stopped",
    }
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(sent=sent[moment]), encoding="utf-8")

    answer = subprocess.run(
        [sys.executable, str(program), "explain", "LIF-04", "--lang", "en"],
        env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert (answer.returncode, answer.stdout) == (3, "")
    assert answer.stderr.startswith("interrupted. ")
    assert answer.stderr.count("\n") == 1


@POSIX
@pytest.mark.parametrize(
    ("redirection", "code", "said"),
    [
        ("> /dev/full", 3, "standard output refuses the result"),
        ("2> /dev/full", 0, ""),
        (">&- 2>&- <&-", 0, ""),
    ],
)
def test_outputs_that_refuse_are_told_where_one_can_tell(
    redirection: str, code: int, said: str
) -> None:
    """No fault of ours, and none of Python as it leaves."""
    line = f'"{sys.executable}" -m etalon_cli scenarios list --lang en {redirection}'
    known = {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}

    answer = subprocess.run(
        ["/bin/sh", "-c", line], env=known, capture_output=True, encoding="utf-8", check=False
    )

    assert answer.returncode == code, answer
    assert said in answer.stderr
    assert answer.stderr.count("\n") == bool(said)


@POSIX
def test_commands_answer_without_locale_home_or_network(tmp_path: Path) -> None:
    """In ASCII, with a proxy that is not there, from a folder that nobody can write to."""
    bare = {
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "XDG_CONFIG_HOME": str(tmp_path / "file" / "below"),
        **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9"),
    }
    (tmp_path / "file").touch()
    (tmp_path / "closed").mkdir(mode=0o555)

    answer = subprocess.run(
        [sys.executable, "-c", EACH, *ANSWERING],
        cwd=tmp_path / "closed",
        env=bare,
        capture_output=True,
        encoding="ascii",
        check=False,
    )

    codes = [line for line in answer.stdout.splitlines() if line.startswith("== ")]
    assert [line.split()[1] for line in codes] == ["0", "0", "2", "0", "0", "0", "0", "2"], answer
    assert "Traceback" not in answer.stderr
