"""The scripts of the repository: set-up, lock and check say what is wrong and where."""

import re
import subprocess
import tomllib

import pytest

import check
import lock
import setup
from import_table import ROOT

CHECKS = re.compile(r'"--check"|import write_or_compare')
PROVED = {"calibrate", "load_profiles"}
"""Scripts whose check takes minutes: `make prove` runs it."""


def test_set_up_refuses_a_python_that_is_not_supported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names the version found, those accepted, and how to call another."""
    monkeypatch.setattr(setup, "SUPPORTED", ((3, 9),))

    assert setup.main() == 2
    said = capsys.readouterr().err
    assert "needs 3.11, 3.12 or 3.13" in said
    assert "make PYTHON=" in said


def test_the_supported_pythons_are_one_list() -> None:
    """Set-up, lock and package metadata name the same versions."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    first, last = setup.SUPPORTED[0], setup.SUPPORTED[-1]

    assert project["requires-python"] == f">={first[0]}.{first[1]},<{last[0]}.{last[1] + 1}"
    assert tuple(f"{major}.{minor}" for major, minor in setup.SUPPORTED) == lock.PYTHONS


def test_the_installer_is_pinned_with_digests() -> None:
    """The installer too comes from the lock, each of its files checked."""
    lines = setup.locked("uv").splitlines()

    assert lines[0].startswith("uv==")
    assert len(lines) > 1
    assert all("--hash=sha256:" in line for line in lines[1:])


def test_a_package_that_is_not_locked_is_named() -> None:
    """The message says which, and what to run."""
    with pytest.raises(LookupError, match=r"pins no left-pad: run `python scripts/lock\.py`"):
        setup.locked("left-pad")


def test_the_lock_covers_the_extras_that_pyproject_declares() -> None:
    """An extra that the proof does not resolve could become impossible to install."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert set(lock.EXTRAS) == set(project["optional-dependencies"])


def test_a_place_without_wheels_is_named_with_the_reason() -> None:
    """Every platform and Python is asked; the one that cannot is told apart."""
    asked: list[tuple[str, str]] = []

    def resolve(platform: str, python: str) -> subprocess.CompletedProcess[str]:
        asked.append((platform, python))
        lacking = platform == "x86_64-pc-windows-msvc" and python == "3.13"
        return subprocess.CompletedProcess([], int(lacking), "", "no wheel of x" if lacking else "")

    faults = lock.not_installable(resolve)

    assert faults == ["on x86_64-pc-windows-msvc with Python 3.13: no wheel of x"]
    assert len(asked) == 9


def test_an_unknown_check_is_named_with_those_that_exist(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt name is bad usage, not a pass."""
    monkeypatch.setattr("sys.argv", ["check.py", "lint", "tpyes"])

    assert check.main() == 2
    assert "no such check: tpyes; known: types-pyright" in capsys.readouterr().err


def test_a_failed_check_fails_the_run_and_shows_what_it_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One failure among passes is named at the end."""
    says = "import sys; print('line 7 is wrong'); sys.exit(3)"
    checks = (check.Check("good", ("python", "-c", "")), check.Check("bad", ("python", "-c", says)))
    monkeypatch.setattr(check, "CHECKS", checks)
    monkeypatch.setattr("sys.argv", ["check.py"])

    assert check.main() == 1
    said = capsys.readouterr().out
    assert "    line 7 is wrong" in said
    assert said.endswith("check: bad FAILED\n")


def test_every_check_runs_something_that_exists() -> None:
    """A check whose script is gone would fail for the wrong reason."""
    scripts = [part for c in check.CHECKS for part in c.command if part.startswith("scripts/")]

    assert scripts
    assert [script for script in scripts if not (ROOT / script).is_file()] == []


def test_every_script_that_can_be_checked_is() -> None:
    """A generated document or table whose script nobody calls would go stale unseen."""
    able = {
        script.stem
        for script in (ROOT / "scripts").glob("*.py")
        if CHECKS.search(script.read_text(encoding="utf-8")) and script.stem not in PROVED
    }

    assert able - {"check", "lock", "generated"} == set(check.GENERATED)
