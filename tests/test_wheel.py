"""The wheel: what it holds, and that it runs where nothing of ours is, beside a foreign model/."""

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from import_table import ROOT, packages
from setup import uv_environment

HEAVY = ("duckdb", "jinja2", "matplotlib", "numpy", "pydantic", "rich", "simpy")
Part = str | Path
SCRIPTS = "Scripts" if os.name == "nt" else "bin"
FOREIGN = "raise ImportError('this is the model/ of somebody else')\n"


def run(*command: Part, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, outside this process's Python path."""
    environment = uv_environment()
    environment.pop("PYTHONPATH", None)
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**environment, "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with the locked build backend."""
    folder = tmp_path_factory.mktemp("dist")
    build: list[Part] = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        folder,
    ]

    built = run(*build, cwd=ROOT)

    assert built.returncode == 0, built.stdout + built.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands of an environment that holds the wheel and what it needs."""
    environment = tmp_path_factory.mktemp("empty") / "venv"
    uv = [sys.executable, "-m", "uv", "--quiet"]
    python = environment / SCRIPTS / "python"

    made = run(*uv, "venv", "--python", sys.executable, environment, cwd=environment.parent)
    constraints: list[Part] = ["--constraints", ROOT / "requirements.lock", "--python", python]
    added = run(*uv, "pip", "install", *constraints, wheel, cwd=environment.parent)

    assert made.returncode == 0, made.stderr
    assert added.returncode == 0, added.stderr
    return environment / SCRIPTS


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A working directory with packages called like our component folders, none importable."""
    for folder in ("model", "scenarios", "reports", "cli", "conformance", "load"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").write_text(FOREIGN, encoding="utf-8")
    return tmp_path


def test_the_wheel_ships_our_prefixed_packages_only(wheel: Path) -> None:
    """No package called `model` or `load` lands beside anybody's own."""
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    info = {top for top in tops if top.endswith(".dist-info")}

    assert tops - info == set(packages())
    assert len(info) == 1


def test_the_wheel_ships_every_data_file_of_the_packages(wheel: Path) -> None:
    """Tables, texts and licences of data travel with the code that reads them."""
    with zipfile.ZipFile(wheel) as archive:
        shipped = set(archive.namelist())
    present = {
        file.relative_to(folder.parent).as_posix()
        for folder in packages().values()
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }

    assert present - shipped == set()


def test_the_command_answers_in_a_directory_with_a_foreign_model(
    installed: Path, foreign: Path
) -> None:
    """Installed in an empty environment, `etalon` takes nothing from where it is called."""
    answers = [
        run(installed / "etalon", "--help", cwd=foreign),
        run(installed / "python", "-m", "etalon_cli", "--help", cwd=foreign),
        run(installed / "etalon", "scenarios", "list", cwd=foreign),
    ]

    assert [(a.returncode, a.stderr) for a in answers] == [(0, "")] * 3
    assert all("simulate" in answer.stdout for answer in answers[:2])
    assert "pilot-2021" in answers[2].stdout


def test_a_simulation_runs_from_a_foreign_directory(installed: Path, foreign: Path) -> None:
    """The engine, its data, the report and worker processes are all found in the wheel."""
    small: list[Part] = [
        "--population",
        "300",
        "--knowledge",
        "2",
        "--workers",
        "2",
        "--out",
        foreign / "run",
    ]

    answer = run(installed / "etalon", "simulate", "pilot-2021", *small, cwd=foreign)

    assert answer.returncode == 0, answer.stderr
    summary = json.loads((foreign / "run" / "summary.json").read_text(encoding="utf-8"))
    assert summary["population"] == 300
    assert (foreign / "run" / "report.html").is_file()


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    """`etalon --help` answers at once: no numbers, figures, tables or models are loaded."""
    code = (
        "import sys\nfrom etalon_cli.command import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )

    answer = run(sys.executable, "-c", code, cwd=tmp_path)

    assert answer.returncode == 0
    assert answer.stderr.strip() == "[]"
    assert "simulate" in answer.stdout


def test_the_lock_pins_every_package_that_the_project_names() -> None:
    """A dependency added to pyproject.toml alone would not reach anybody's environment."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    named = [dependency.partition(">")[0] for dependency in project["dependencies"]]

    assert [name for name in named if f"\n{name}==" not in f"\n{lock}"] == []
