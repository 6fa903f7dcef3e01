"""Resolve `requirements.lock` from `pyproject.toml` and `requirements.in`, or check it.

The extras `server`, `cda`, `conformance`, `load`, `sweep`, `explore` and `fast` are in it: the
tests speak to the server, judge it and its clinical documents, load it, spread runs over workers,
open the policy page, and compare the compiled kernels with the others.
One file for Python 3.11 to 3.13 and every platform, each package with its digests, no index
address in it. Versions already in the lock are kept while they satisfy the inputs;
`--upgrade` takes the newest. `--check` changes nothing: it resolves again, compares, and asks
for every platform and Python of the support table whether wheels alone can install the lock;
`--extras` asks the same of the optional extras (a minute or two of index look-ups).
"""

import argparse
import itertools
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from setup import uv_environment

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
PLATFORMS = ("x86_64-manylinux_2_28", "x86_64-pc-windows-msvc", "aarch64-apple-darwin")
PYTHONS = ("3.11", "3.12", "3.13")
UV = (sys.executable, "-m", "uv", "--quiet", "pip")
COMPILE = (
    *("compile", "--universal", "--python-version", PYTHONS[0]),
    *("--generate-hashes", "--no-header", "--no-annotate"),
    *("--extra", "server", "--extra", "cda", "--extra", "fast"),
    *("--extra", "conformance", "--extra", "load", "--extra", "sweep"),
    *("--extra", "explore"),
    *("pyproject.toml", "requirements.in"),
)
# libsass, which the policy page needs, has wheels from this release of macOS on.
MACOS = {"MACOSX_DEPLOYMENT_TARGET": "14.0"}
Resolution = Callable[[str, str], subprocess.CompletedProcess[str]]
EXTRAS = ("server", "cda", "conformance", "load", "sweep", "explore", "pdf", "fast")


def main() -> int:
    """Write the lock, or check it; 0 done or fresh, 1 stale or not installable somewhere."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare and resolve only")
    parser.add_argument("--extras", action="store_true", help="resolve the extras everywhere")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    asked = parser.parse_args()
    if not (asked.check or asked.extras):
        upgrade = ["--upgrade"] if asked.upgrade else []
        return _uv(*COMPILE, *upgrade, "--output-file", str(LOCK)).returncode
    faults = [*stale(), *not_installable(_locked)] if asked.check else not_installable(_extras)
    print("\n".join(faults or ["fresh, and wheels exist for every platform and Python we name"]))
    return 1 if faults else 0


def stale() -> list[str]:
    """Resolve beside the lock, its versions preferred, and say whether the outcome differs."""
    with tempfile.TemporaryDirectory() as folder:
        again = Path(folder) / LOCK.name
        shutil.copyfile(LOCK, again)
        answer = _uv(*COMPILE, "--output-file", str(again))
        if answer.returncode:
            return [f"the inputs of {LOCK.name} cannot be resolved:\n{answer.stderr.strip()}"]
        if again.read_text(encoding="utf-8") == LOCK.read_text(encoding="utf-8"):
            return []
    return [f"{LOCK.name} does not follow from pyproject.toml and requirements.in: `make lock`"]


def not_installable(resolve: Resolution) -> list[str]:
    """Say for which platforms and Pythons wheels alone do not make a whole installation."""
    places = list(itertools.product(PLATFORMS, PYTHONS))
    with ThreadPoolExecutor(max_workers=4) as pool:
        answers = list(pool.map(resolve, *zip(*places, strict=True)))
    return [
        f"on {platform} with Python {python}: {answer.stderr.strip()}"
        for (platform, python), answer in zip(places, answers, strict=True)
        if answer.returncode
    ]


def _locked(platform: str, python: str) -> subprocess.CompletedProcess[str]:
    """Resolve every package of the lock for one place, wheels only; install nothing."""
    with tempfile.TemporaryDirectory() as nowhere:
        place = ["--python-platform", platform, "--python-version", python, "--target", nowhere]
        wheels = ["--dry-run", "--only-binary", ":all:", "--require-hashes"]
        return _uv("install", *wheels, *place, "--requirements", str(LOCK))


def _extras(platform: str, python: str) -> subprocess.CompletedProcess[str]:
    """Resolve the optional extras for one place, wheels only, with the versions of the lock."""
    extras = [part for extra in EXTRAS for part in ("--extra", extra)]
    place = ["--python-platform", platform, "--python-version", python]
    wheels = ["--only-binary", ":all:", "--constraints", str(LOCK)]
    return _uv("compile", "pyproject.toml", *extras, *place, *wheels)


def lock_environment() -> dict[str, str]:
    """Return the environment for uv where it looks for wheels of other platforms."""
    return {**MACOS, **uv_environment()}


def _uv(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one `uv pip` command from the root of the repository and keep what it says."""
    command = [*UV, *arguments]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=lock_environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main())
