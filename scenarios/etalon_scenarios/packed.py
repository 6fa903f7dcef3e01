"""Scenarios and policies that other distributions bring: `NAME.toml` in the folder of a pack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_scenarios.scenario_errors import ScenarioError, nearest_name
from etalon_text.packs import BETWEEN, Kind, PackError, folder_of, pack_named, pack_names

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX: Final = ".toml"


def packed(pack: str, name: str) -> tuple[bytes, str, Path]:
    """Return a scenario of a pack: its bytes, its name as recorded, and its folder.

    Raises:
        ScenarioError: There is no such pack, it cannot be used, or it holds no such scenario.
    """
    typed = f"{pack}{BETWEEN}{name}"
    try:
        folder = folder_of(pack_named(Kind.SCENARIOS, pack))
    except PackError as error:
        accepted = "an installed pack with scenarios"
        raise ScenarioError(typed, "", found=error.problem, accepted=accepted) from error
    held = names_in(folder)
    if name not in held:
        names = [f"{pack}{BETWEEN}{one}" for one in held]
        raise ScenarioError(
            typed,
            "",
            found="no scenario of this name in the pack",
            accepted=", ".join(names) or "a pack with scenarios",
            nearest=nearest_name(typed, names),
        )
    return (folder / f"{name}{SUFFIX}").read_bytes(), typed, folder


def names_in(folder: Path) -> tuple[str, ...]:
    """Return the names of the scenarios in a folder, in alphabetical order."""
    return tuple(sorted(file.stem for file in folder.glob(f"*{SUFFIX}")))


def packed_scenarios() -> tuple[tuple[str, ...], tuple[PackError, ...]]:
    """Return the scenarios of all packs, as they are typed, and the packs that cannot be used."""
    found: list[str] = []
    broken: list[PackError] = []
    for pack in pack_names(Kind.SCENARIOS):
        try:
            folder = folder_of(pack_named(Kind.SCENARIOS, pack))
        except PackError as error:
            broken.append(error)
        else:
            found += [f"{pack}{BETWEEN}{name}" for name in names_in(folder)]
    return tuple(found), tuple(broken)
