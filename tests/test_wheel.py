"""The wheel: what it holds, and that it runs where nothing of ours is, beside a foreign model/."""

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from bundle import SUMS, Place, write_papers
from dependencies import DEVELOPMENT
from dependencies import packages as locked_packages
from import_table import ROOT, packages
from licences import PAGE, page, rows, strong_copyleft
from release import build, faults_of, rebuilt, version
from sbom import bill, parts_of_lock
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
    return build(ROOT, tmp_path_factory.mktemp("dist"), "wheel")


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


def test_the_wheel_has_the_contents_and_the_metadata_of_a_version(wheel: Path) -> None:
    """Nothing stray in it; name, version and licence as published, valid by the standard."""
    assert faults_of(wheel) == []
    assert wheel.name == f"mes_etalon-{version()}-py3-none-any.whl"


def test_a_wheel_that_holds_something_stray_is_refused(wheel: Path, tmp_path: Path) -> None:
    """The check of contents can fail, and so can that of metadata."""
    spoilt = tmp_path / wheel.name
    with zipfile.ZipFile(wheel) as before, zipfile.ZipFile(spoilt, "w") as after:
        for entry in before.infolist():
            text = before.read(entry)
            if entry.filename.endswith("METADATA"):
                text = text.replace(b"EUPL-1.2", b"MIT")
            elif entry.filename.endswith("RECORD"):
                text += b"etalon_cli/stray.pyc,,\n"
            after.writestr(entry, text)
        after.writestr("etalon_cli/stray.pyc", b"")

    contents, licence = faults_of(spoilt)

    assert "stray.pyc" in contents
    assert licence == "metadata: license_expression is MIT, not EUPL-1.2"


def test_the_source_archive_builds_the_same_wheel_elsewhere(wheel: Path, tmp_path: Path) -> None:
    """Byte for byte: no time, path or order of this machine is in it."""
    assert rebuilt(build(ROOT, tmp_path, "sdist")) == wheel.read_bytes()


@pytest.fixture(scope="module")
def bundle(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that brings Étalon alone, which is enough for `etalon --help`."""
    folder = tmp_path_factory.mktemp("bundle")
    (folder / "wheels").mkdir()
    (folder / "wheels" / wheel.name).write_bytes(wheel.read_bytes())
    write_papers(Place("x86_64-manylinux_2_28", "3.11", ("server", "pdf")), folder)
    return folder


def test_a_bundle_is_installed_with_the_index_switched_off(bundle: Path, tmp_path: Path) -> None:
    """From its wheels alone, each digest checked; a wheel that was changed is refused."""
    uv = [sys.executable, "-m", "uv", "--quiet", "--offline", "--no-cache"]
    python = tmp_path / "venv" / SCRIPTS / "python"
    offline: list[Part] = ["--no-index", "--find-links", "wheels", "--require-hashes", "--no-deps"]
    install: list[Part] = [*uv, "pip", "install", "--python", python, *offline]

    made = run(*uv, "venv", "--python", sys.executable, tmp_path / "venv", cwd=bundle)
    added = run(*install, "-r", "requirements.txt", cwd=bundle)
    answer = run(python.with_name("etalon"), "--version", cwd=tmp_path)

    assert (made.returncode, added.returncode) == (0, 0), made.stderr + added.stderr
    assert answer.stdout == f"etalon {version()}\n"
    lines = (bundle / "requirements.txt").read_text(encoding="utf-8")
    (tmp_path / "changed.txt").write_text(lines[:-3] + "00\n", encoding="utf-8")
    refused = run(*install, "--reinstall", "-r", tmp_path / "changed.txt", cwd=bundle)
    assert refused.returncode != 0
    assert "hash" in refused.stderr.lower()


def test_a_bundle_says_in_french_how_it_is_installed_and_lists_its_files(bundle: Path) -> None:
    """One page with the commands, and the digest of every other file."""
    note = (bundle / "INSTALLATION.md").read_text(encoding="utf-8")
    listed = {line[66:] for line in (bundle / SUMS).read_text(encoding="utf-8").splitlines()}

    assert "python3.11 -m venv etalon" in note
    assert "etalon/bin/pip install --no-index --find-links wheels --require-hashes" in note
    assert len(note.splitlines()) < 50
    assert {"INSTALLATION.md", "LICENSE", "requirements.txt", "sbom.json"} < listed
    assert listed | {SUMS} == {
        f.relative_to(bundle).as_posix() for f in bundle.rglob("*") if f.is_file()
    }


def test_the_bill_of_materials_names_each_package_that_users_install() -> None:
    """CycloneDX, with versions and licences, the same bytes each time."""
    parts = parts_of_lock()
    written = bill(parts)
    document = json.loads(written)

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written) is None
    named = {(one["name"], one["version"]) for one in document["components"]}
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert document["metadata"]["component"]["version"] == version()
    assert named == {(part.name, part.version) for part in parts} >= {("duckdb", "2.0.0")}
    assert bill(parts_of_lock()) == written
    assert all(one["licenses"] for one in document["components"] if one["name"] == "numpy")


def test_no_package_that_users_install_leaves_the_gpl_alone_to_choose() -> None:
    """As decision 0008 says; programs under the GPL may only be processes of their own."""
    shipped = [one for one in locked_packages() if one.comes_with != (DEVELOPMENT,)]

    assert len(shipped) > 50
    assert [one.name for one in shipped if one.licence and strong_copyleft(one.licence)] == []


@pytest.mark.parametrize(
    ("licence", "strong"),
    [
        ("GPL-3.0-only", True),
        ("GNU Affero General Public License v3", True),
        ("LGPL-2.1-or-later", False),
        ("GNU Lesser General Public License v3 (LGPLv3)", False),
        ("GPL-2.0-only OR MIT", False),
        ("MIT", False),
    ],
)
def test_a_licence_that_leaves_a_choice_is_no_strong_copyleft(
    licence: str,
    strong: bool,  # noqa: FBT001 (a parameter)
) -> None:
    """The GPL and the AGPL alone are kept out."""
    assert strong_copyleft(licence) is strong


def test_a_package_of_another_system_keeps_the_licence_that_the_page_has() -> None:
    """The page is the same wherever it is written."""
    known = rows(PAGE.read_text(encoding="utf-8"))
    absent = [replace(one, licence=None) for one in locked_packages()]

    assert rows(page(absent, known)) == known
