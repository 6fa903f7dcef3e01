"""Build a version and prove what can be proved of it before it is published.

python scripts/release.py [--out FOLDER] [--install]

The wheel is built twice, from the tree and from the source archive unpacked elsewhere: the same
bytes, or it fails. Contents and metadata are checked. `--install` installs the wheel, with every
package it needs from the lock, in an empty environment of each Python that this machine has, runs
it there, and makes a bundle that is installed with the index switched off.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from packaging.metadata import Metadata

from setup import LOCK, ROOT, SUPPORTED, uv_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

IGNORED: Final = "W009"
"""Several top-level packages, which decision 0002 wants; a test compares them with the tree."""
SMALL: Final = ("simulate", "pilot-2021", "--population", "300", "--knowledge", "0")
NOT_RUN: Final = "not run: not on this machine"
_UV: Final = (sys.executable, "-m", "uv", "--quiet")


class NotBuiltError(RuntimeError):
    """The project cannot be built; the message is the builder's."""


def main() -> int:
    """Build and check; 0 all holds, 1 something does not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="folder of both files")
    parser.add_argument("--install", action="store_true", help="install it on every Python here")
    asked = parser.parse_args()
    try:
        wheel, archive = build(ROOT, asked.out, "wheel"), build(ROOT, asked.out, "sdist")
        again = rebuilt(archive)
    except NotBuiltError as error:
        print(error, file=sys.stderr)
        return 1
    faults = faults_of(wheel)
    if again != wheel.read_bytes():
        faults.append("the wheel built from the source archive has other bytes")
    outcomes = _installed_everywhere(wheel) if asked.install else {}
    faults += [f"{name}: {said}" for name, said in outcomes.items() if said.startswith("failed")]
    print(f"release: {wheel.name}, {archive.name}")
    print("\n".join([*(f"{name}: {said}" for name, said in outcomes.items()), *faults]))
    _keep({"installs": outcomes, "faults": faults, "reproducible": again == wheel.read_bytes()})
    return 1 if faults else 0


def version() -> str:
    """Return the version: it stands in pyproject.toml and nowhere else."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)["project"]["version"])


def build(tree: Path, folder: Path, kind: str) -> Path:
    """Build a wheel or a source archive (`sdist`) of a tree and return it.

    Raises:
        NotBuiltError: It cannot be built.
    """
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder.resolve())]
    ended = _run(command, tree)
    if ended.returncode:
        message = f"the {kind} cannot be built:\n{ended.stdout}{ended.stderr}"
        raise NotBuiltError(message)
    pattern = "*.whl" if kind == "wheel" else "*.tar.gz"
    return max(folder.glob(pattern), key=lambda file: file.stat().st_mtime_ns)


def rebuilt(archive: Path) -> bytes:
    """Return the wheel that a source archive gives, unpacked elsewhere.

    Raises:
        NotBuiltError: It gives none.
    """
    with tempfile.TemporaryDirectory() as folder:
        shutil.unpack_archive(archive, folder, filter="data")
        [tree] = Path(folder).iterdir()
        return build(tree, Path(folder) / "again", "wheel").read_bytes()


def faults_of(wheel: Path) -> list[str]:
    """Say what is wrong with the contents or the metadata of a wheel."""
    checked = _run([sys.executable, "-m", "check_wheel_contents", "--ignore", IGNORED, str(wheel)])
    said = f"contents: {checked.stdout}{checked.stderr}".strip()
    return [*([said] if checked.returncode else []), *_metadata_faults(wheel)]


def _metadata_faults(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        text = archive.read(name)
    try:
        told = Metadata.from_email(text, validate=True)
    except ExceptionGroup as error:
        return [f"metadata: {one}" for one in error.exceptions]
    wanted = {"name": "mes-etalon", "version": version(), "license_expression": "EUPL-1.2"}
    return [
        f"metadata: {key} is {getattr(told, key)!s}, not {value}"
        for key, value in wanted.items()
        if str(getattr(told, key)) != value
    ]


def _installed_everywhere(wheel: Path) -> dict[str, str]:
    """Try each Python of the support table, then a bundle; say how each ended."""
    outcomes: dict[str, str] = {}
    for major, minor in SUPPORTED:
        python = f"{major}.{minor}"
        where = interpreter(python)
        outcomes[f"python {python}"] = _installed(wheel, where) if where else NOT_RUN
    outcomes["bundle, index switched off"] = _bundled()
    return outcomes


def interpreter(python: str) -> str | None:
    """Return a Python of a version that runs here: on the path, or kept by pyenv; else None."""
    kept = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    named = [
        shutil.which(f"python{python}"),
        *sorted(map(str, kept.glob(f"{python}.*/bin/python"))),
    ]
    asked = "import sys; print('{}.{}'.format(*sys.version_info))"
    for candidate in filter(None, named):
        # A name on the path may belong to a version that is not switched on.
        if _run([candidate, "-c", asked]).stdout.strip() == python:
            return candidate
    return None


def _installed(wheel: Path, interpreter: str) -> str:
    pinned = ["--constraints", str(LOCK), str(wheel)]
    return _tried(interpreter, pinned, {})


def _bundled() -> str:
    """Make a bundle for this place and install it where no index answers."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "bundle"
        command = [sys.executable, str(ROOT / "scripts" / "bundle.py"), "--out", str(out)]
        made = _run(command)
        if made.returncode:
            return f"failed: {made.stderr.strip()}"
        offline = ["--no-index", "--find-links", str(out / "wheels"), "--require-hashes"]
        asked = [*offline, "--requirement", str(out / "requirements.txt")]
        return _tried(sys.executable, asked, {"UV_OFFLINE": "1", "UV_NO_CACHE": "1"})


def _tried(interpreter: str, what: Sequence[str], settings: dict[str, str]) -> str:
    """Install into an empty environment, run a small simulation there, and say how it ended."""
    with tempfile.TemporaryDirectory() as folder:
        environment = Path(folder) / "empty"
        bin_folder = environment / ("Scripts" if os.name == "nt" else "bin")
        steps = (
            [*_UV, "venv", "--python", interpreter, str(environment)],
            [*_UV, "pip", "install", "--python", str(bin_folder / "python"), *what],
            [str(bin_folder / "etalon"), "doctor"],
            [str(bin_folder / "etalon"), *SMALL, "--out", str(Path(folder) / "run")],
        )
        for step in steps:
            ended = _run(step, Path(folder), settings)
            if ended.returncode:
                return f"failed: {' '.join(step[:4])}: {(ended.stderr or ended.stdout).strip()}"
    return "installed and run"


def _run(
    command: Sequence[str], folder: Path = ROOT, settings: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    inherited = {name: text for name, text in uv_environment().items() if name != "PYTHONPATH"}
    return subprocess.run(
        command,
        cwd=folder,
        env={**inherited, "PYTHONUTF8": "1", **(settings or {})},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def _keep(figures: dict[str, object]) -> None:
    """Leave the figures where `scripts/measure.py` looks for them."""
    if folder := os.environ.get("ETALON_FIGURES"):
        file = Path(folder) / "figures.json"
        file.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
