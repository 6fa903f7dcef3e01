"""Compiled kernels are kept where no edit can leave them stale, and nobody else is concerned."""

import os
import shutil
from pathlib import Path

import pytest
from numba import config, njit

import etalon_scenarios
from etalon_scenarios.cohort.compiled import draws
from etalon_scenarios.cohort.compiled.kernel import KEPT, folder_for, kernel, name_of, sources

ROOT = Path(etalon_scenarios.__file__).parent
BEFORE = "kernels-before"


def copy_sources(to: Path) -> Path:
    """Copy every source that kernels follow from."""
    for source in sources():
        copy = to / source.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
    return to


@pytest.mark.parametrize(
    ("edited", "moves"),
    [
        ("cohort/compiled/draws.py", True),
        ("cohort/compiled/residents.py", True),
        ("cohort/effects.py", True),
        ("parameters.py", True),
        ("agents/people.py", False),
        ("reports.py", False),
    ],
)
def test_an_edit_of_what_kernels_follow_from_leads_to_another_folder(
    edited: str,
    moves: bool,  # noqa: FBT001 (a parameter)
    tmp_path: Path,
) -> None:
    """Kernels, what they inline and the constants they freeze; the same sources, the same name."""
    root = copy_sources(tmp_path)
    assert name_of(root) == name_of()

    (root / edited).parent.mkdir(exist_ok=True)
    with (root / edited).open("a", encoding="utf-8") as file:
        file.write("# edited\n")

    assert (name_of(root) != name_of()) == moves


def test_kernels_lie_in_the_folder_of_their_sources() -> None:
    """As Numba itself tells."""
    assert name_of() in Path(draws.draw_each.stats.cache_path).parts  # type: ignore[attr-defined]


def test_what_others_compile_lies_where_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numba's setting is ours for the moment of a decoration, failed ones included."""
    for setting in ("", "elsewhere"):
        monkeypatch.setattr(config, "CACHE_DIR", setting)
        kernel()(lambda: 0)
        with pytest.raises(TypeError):
            kernel()(0)  # type: ignore[type-var]
        assert config.__dict__["CACHE_DIR"] == setting

    monkeypatch.setattr(config, "CACHE_DIR", "")
    theirs = njit(cache=True)(copy_sources)
    assert name_of() not in str(theirs.stats.cache_path)


def test_folders_of_older_sources_go_but_the_last_used(tmp_path: Path) -> None:
    """Another version, or another run of this one, may be at work in those."""
    for age in range(1, KEPT + 3):
        folder = tmp_path / f"{BEFORE}-{age}"
        folder.mkdir()
        (folder / "kernel.nbi").touch()
        os.utime(folder, (1_000_000 - age, 1_000_000 - age))
    (tmp_path / "others").mkdir()

    assert folder_for("kernels-now", [tmp_path]) == tmp_path / "kernels-now"
    left = {f"{BEFORE}-{age}" for age in range(1, KEPT + 1)}
    assert {folder.name for folder in tmp_path.iterdir()} == {"kernels-now", "others", *left}


def test_kernels_are_kept_elsewhere_where_the_package_cannot_be_written(tmp_path: Path) -> None:
    """In the user's own cache; where there is none either, they are compiled each time."""
    closed = tmp_path / "a file"
    closed.touch()

    assert folder_for("kernels-now", [closed, tmp_path / "own"]) == tmp_path / "own" / "kernels-now"
    assert folder_for("kernels-now", [closed]) is None
