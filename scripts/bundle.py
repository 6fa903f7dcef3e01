"""Make a bundle: every wheel that Étalon needs on one system, with digests, to install offline.

python scripts/bundle.py [--platform NAME] [--python 3.11] [--extra NAME …] [--out FOLDER]

The wheels are those of the lock. The folder holds them, `requirements.txt` with their digests,
`SHA256SUMS`, a bill of materials and a page in French that says how to install.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import release
from lock import EXTRAS, LOCK, PLATFORMS, PYTHONS, ROOT, UV, lock_environment
from sbom import bill, parts_of_wheels

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NOTE: Final = Path(__file__).with_name("bundle_note.md")
NOTE_NAME: Final = "INSTALLATION.md"
SUMS: Final = "SHA256SUMS"
_OLDEST_GLIBC, _NEWEST_GLIBC = 5, 28
_TAGS: Final = {
    "x86_64-manylinux_2_28": (
        *(f"manylinux_2_{minor}_x86_64" for minor in range(_NEWEST_GLIBC, _OLDEST_GLIBC - 1, -1)),
        *("manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"),
    ),
    "x86_64-pc-windows-msvc": ("win_amd64",),
    "aarch64-apple-darwin": ("macosx_14_0_arm64",),
}
"""Platform of the lock -> tags of wheels that it installs, as pip wants them named."""
_NAMES: Final = {
    "x86_64-manylinux_2_28": "Linux (x86-64, glibc 2.28 ou plus récente)",
    "x86_64-pc-windows-msvc": "Windows (x86-64)",
    "aarch64-apple-darwin": "macOS 14 ou plus récent (Apple silicon)",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a bundle is to be installed.

    Attributes:
        platform: One of `lock.PLATFORMS`.
        python: Version, such as `3.11`.
        extras: Extras that the bundle brings.
    """

    platform: str
    python: str
    extras: tuple[str, ...]


class NotFetchedError(RuntimeError):
    """What a bundle needs could not be resolved or fetched; the message is the installer's."""


def main() -> int:
    """Make the bundle; 0 made, 1 a wheel could not be had, 2 the folder is not empty."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--platform", choices=PLATFORMS, default=platform_here())
    running = f"{sys.version_info[0]}.{sys.version_info[1]}"
    parser.add_argument("--python", choices=PYTHONS, default=running)
    parser.add_argument("--extra", choices=EXTRAS, action="append")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    place = Place(asked.platform, asked.python, tuple(asked.extra or EXTRAS))
    out: Path = asked.out or ROOT / "dist" / f"bundle-{place.platform}-python{place.python}"
    if out.exists() and any(out.iterdir()):
        print(f"{out} exists and is not empty: name another with --out", file=sys.stderr)
        return 2
    try:
        make_bundle(place, out)
    except (NotFetchedError, release.NotBuiltError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"bundle: {out}, {size_of(out) / 1e6:.0f} MB")
    return 0


def make_bundle(place: Place, out: Path) -> None:
    """Build Étalon, fetch what it needs, and write what goes with them.

    Raises:
        NotFetchedError: A wheel could not be resolved or fetched.
        release.NotBuiltError: Étalon could not be built.
    """
    wheels = out / "wheels"
    wheels.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        fetch(resolved(place), place, wheels, Path(folder))
        shutil.copy2(release.build(ROOT, Path(folder), "wheel"), wheels)
    write_papers(place, out)


def write_papers(place: Place, out: Path) -> None:
    """Write requirements, bill, note, licence and digests of a folder that has its wheels."""
    wheels = sorted((out / "wheels").glob("*.whl"))
    _write(out / "requirements.txt", requirements(wheels))
    _write(out / "sbom.json", bill(parts_of_wheels(out / "wheels")))
    _write(out / NOTE_NAME, note(place, len(wheels)))
    shutil.copyfile(ROOT / "LICENSE", out / "LICENSE")
    _write(out / SUMS, sums(out))


def requirements(wheels: Iterable[Path]) -> str:
    """Return a line for each wheel: its exact version and its digest."""
    lines: list[str] = []
    for wheel in wheels:
        name, version = wheel.name.split("-")[:2]
        lines.append(f"{name.replace('_', '-')}=={version} --hash=sha256:{_digest(wheel)}\n")
    return "".join(lines)


def sums(folder: Path) -> str:
    """Return the digests of the files of a folder, as `sha256sum --check` reads them."""
    files = sorted(f for f in folder.rglob("*") if f.is_file() and f.name != SUMS)
    return "".join(f"{_digest(file)}  {file.relative_to(folder).as_posix()}\n" for file in files)


def note(place: Place, count: int) -> str:
    """Return the page that says in French how to install."""
    windows = "windows" in place.platform
    folder = "etalon\\Scripts\\" if windows else "etalon/bin/"
    checks = {
        "x86_64-pc-windows-msvc": f"Get-FileHash -Algorithm SHA256 wheels\\* # et {SUMS}",
        "aarch64-apple-darwin": f"shasum -a 256 --check --quiet {SUMS}",
    }
    offline = "--no-index --find-links wheels --require-hashes --requirement requirements.txt"
    return NOTE.read_text(encoding="utf-8").format(
        version=release.version(),
        platform=_NAMES[place.platform],
        python=place.python,
        check=checks.get(place.platform, f"sha256sum --check --quiet {SUMS}"),
        make=f"{f'py -{place.python}' if windows else f'python{place.python}'} -m venv etalon",
        install=f"{folder}pip install {offline}",
        command=f"{folder}etalon",
        count=count,
        extras="extras " + ", ".join(place.extras),
    )


def resolved(place: Place) -> str:
    """Return what one place installs, each with the digests of the lock, without markers.

    Raises:
        NotFetchedError: It cannot be resolved from wheels alone.
    """
    extras = [part for extra in place.extras for part in ("--extra", extra)]
    where = ["--python-platform", place.platform, "--python-version", place.python]
    form = ["--generate-hashes", "--no-header", "--no-annotate", "--only-binary", ":all:"]
    pinned = ["--constraints", str(LOCK)]
    return _run([*UV, "compile", "pyproject.toml", *extras, *where, *form, *pinned])


def fetch(lines: str, place: Place, wheels: Path, folder: Path) -> None:
    """Fetch the wheels of `lines` for another place than this one, each digest checked.

    Raises:
        NotFetchedError: One cannot be had.
    """
    asked = folder / "resolved.txt"
    asked.write_text(lines, encoding="utf-8")
    tags = [part for tag in _TAGS[place.platform] for part in ("--platform", tag)]
    python = ["--python-version", place.python, "--implementation", "cp"]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    exact = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--dest", str(wheels)]
    _run([*pip, *exact, *python, *tags, "--requirement", str(asked)])


def platform_here() -> str:
    """Return the platform of the lock that this system is."""
    return {"win32": PLATFORMS[1], "darwin": PLATFORMS[2]}.get(sys.platform, PLATFORMS[0])


def size_of(folder: Path) -> int:
    """Add up the bytes of a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _run(command: Sequence[str]) -> str:
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env=lock_environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if ended.returncode:
        # What an installer says may name the index that this machine asks.
        told = re.sub(r"https?://\S+", "(index)", ended.stderr.strip())
        message = f"the wheels of the bundle cannot be had:\n{told}"
        raise NotFetchedError(message)
    return ended.stdout


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(main())
