"""Make the project's virtual environment, ready to run and to develop.

Needs Python 3.11, 3.12 or 3.13 with `venv`, and nothing else: the environment is made in
`.venv`, receives exactly the packages of `requirements.lock` (each checked against its digest)
and the project itself, editable. A stamp inside the environment remembers what it was made
from, so that a second call returns at once.
"""

import hashlib
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
ENVIRONMENT = ROOT / ".venv"
STAMP = ENVIRONMENT / "made-from.txt"
SUPPORTED = ((3, 11), (3, 12), (3, 13))


def main() -> int:
    """Make or refresh the environment; 0 ready, 2 this Python cannot, 3 a step failed."""
    if sys.version_info[:2] not in SUPPORTED:
        found = ".".join(map(str, sys.version_info[:3]))
        print(
            f"setup: Python {found} found at {sys.executable}; Étalon needs 3.11, 3.12 or 3.13. "
            "Call this script with one of them, or `make PYTHON=python3.11 …`.",
            file=sys.stderr,
        )
        return 2
    wanted = _made_from()
    if STAMP.is_file() and STAMP.read_text(encoding="utf-8") == wanted:
        return 0
    started = time.monotonic()
    print(f"setup: making {ENVIRONMENT.name} (about a minute the first time)", file=sys.stderr)
    try:
        _install()
    except subprocess.CalledProcessError as error:
        print(f"setup: stopped; this failed: {shlex.join(error.cmd)}", file=sys.stderr)
        return 3
    STAMP.write_text(wanted, encoding="utf-8")
    print(f"setup: ready after {time.monotonic() - started:.0f} s", file=sys.stderr)
    return 0


def environment_python() -> Path:
    """Return the interpreter of the environment."""
    return ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def uv_environment() -> dict[str, str]:
    """Return the environment for uv: pip's own index and the system's certificates hold for it.

    uv reads no pip configuration. What its own variables (`UV_DEFAULT_INDEX`,
    `UV_SYSTEM_CERTS`) say goes before.
    """
    index = _index_of_pip()
    return {
        "UV_SYSTEM_CERTS": "true",
        **({"UV_DEFAULT_INDEX": index} if index else {}),
        **os.environ,
    }


@cache
def _index_of_pip() -> str:
    """Ask pip for its index, once; empty where it has none of its own."""
    asked = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    return answer.stdout.strip() if answer.returncode == 0 else ""


def _made_from() -> str:
    """Describe everything the environment depends on: interpreter, lock, project metadata."""
    files = [LOCK, ROOT / "pyproject.toml"]
    digests = [f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files]
    return "\n".join([f"python {sys.version}", f"at {ENVIRONMENT}", *digests, ""])


def _install() -> None:
    """Create the environment if need be, then make its packages those of the lock."""
    python = str(environment_python())
    if not _usable(python):
        venv.create(ENVIRONMENT, clear=True, with_pip=True)
    with tempfile.TemporaryDirectory() as folder:
        uv_alone = Path(folder) / "uv.txt"
        uv_alone.write_text(locked("uv"), encoding="utf-8")
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run(*pip, "--no-deps", "--require-hashes", "-r", str(uv_alone))
    uv, environment = [python, "-m", "uv", "--quiet", "pip"], uv_environment()
    sync = ["sync", "--python", python, "--require-hashes", str(LOCK)]
    _run(*uv, *sync, environment=environment)
    # No build isolation: the build backend is in the lock, and its digest was checked.
    own = ["install", "--python", python, "--no-deps", "--no-build-isolation"]
    _run(*uv, *own, "--editable", str(ROOT), environment=environment)


def _usable(python: str) -> bool:
    """Tell whether the environment exists, runs, has pip and is of this very Python version."""
    if not Path(python).is_file():
        return False
    asked = [python, "-c", "import pip, sys; print(sys.version)"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    return answer.returncode == 0 and answer.stdout.strip() == sys.version.strip()


def locked(package: str) -> str:
    """Return the lines of the lock that pin one package with its digests."""
    pattern = rf"^{re.escape(package)}==.*(?:\n    --hash=.*)+"
    found = re.search(pattern, LOCK.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if found is None:
        message = f"{LOCK.name} pins no {package}: run `python scripts/lock.py`"
        raise LookupError(message)
    return found.group(0) + "\n"


def _run(*command: str, environment: Mapping[str, str] | None = None) -> None:
    """Run one command from the root of the repository; its failure ends the set-up."""
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


if __name__ == "__main__":
    sys.exit(main())
