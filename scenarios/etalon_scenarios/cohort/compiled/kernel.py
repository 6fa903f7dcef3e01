# pyright: standard
"""How a function becomes a kernel, and where its compiled form is kept.

Numba takes a stored kernel for fresh while the file of the kernel itself is unchanged. Ours inline
functions and freeze constants of other modules, so an edit there would leave stale kernels behind,
silently wrong. They are stored in a folder named after all the sources they can depend on.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import numba
from numba import config, njit

from etalon_scenarios.cohort.compiled.keeping import places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

F = TypeVar("F", bound="Callable[..., Any]")

KEPT: Final = 4
"""Folders of other sources that stay: somebody may be using them now."""

_PREFIX: Final = "kernels-"
_PACKAGE: Final = "etalon_scenarios"
_HERE: Final = Path(__file__).parent
_ROOT: Final = _HERE.parents[1]
_IMPORTS: Final = re.compile(rf"^from {_PACKAGE}\.(\S+) import", re.MULTILINE)
_DECORATING: Final = Lock()


def sources(root: Path = _ROOT) -> list[Path]:
    """Return the modules of the kernels, and those of our package that they stand on.

    Args:
        root: Folder of the package.
    """
    found = set((root / _HERE.relative_to(_ROOT)).glob("*.py"))
    ahead = list(found)
    while ahead:
        for name in _IMPORTS.findall(ahead.pop().read_text(encoding="utf-8")):
            path = root.joinpath(*name.split("."))
            module = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
            if module not in found and module.exists():
                found.add(module)
                ahead.append(module)
    return sorted(found)


def name_of(root: Path = _ROOT) -> str:
    """Return the name of the folder for kernels of these sources and this Numba."""
    whole = hashlib.sha256(numba.__version__.encode())
    for source in sources(root):
        text = source.read_bytes()
        whole.update(f"\n{source.relative_to(root).as_posix()} {len(text)}\n".encode() + text)
    return _PREFIX + whole.hexdigest()[:16]


def folder_for(name: str, among: Iterable[Path]) -> Path | None:
    """Return the folder of kernels in the first place where one can write, None if there is none.

    Folders of other sources go, but for the last used of them.
    """
    for place in among:
        folder = place / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
            os.utime(folder)
            others = [other for other in place.glob(f"{_PREFIX}*") if other != folder]
            others.sort(key=lambda other: other.stat().st_mtime)
        except OSError:
            continue
        for other in others[:-KEPT]:
            shutil.rmtree(other, ignore_errors=True)
        return folder
    return None


_FOLDER: Final = folder_for(name_of(), places(config.__dict__["CACHE_DIR"]))


def kernel(*, inline: bool = False) -> Callable[[F], F]:
    """Return the decorator of kernels: integers, without the interpreter's lock, kept on disk.

    Args:
        inline: Whether callers take the function in; to call one costs more than a short one does.
    """
    settings = config.__dict__
    compiling = njit(
        cache=_FOLDER is not None,
        nogil=True,
        error_model="numpy",
        inline="always" if inline else "never",
    )

    def decorate(function: F) -> F:
        with _DECORATING:
            before, settings["CACHE_DIR"] = settings["CACHE_DIR"], str(_FOLDER or "")
            try:
                return cast("F", compiling(function))
            finally:
                settings["CACHE_DIR"] = before

    return decorate
