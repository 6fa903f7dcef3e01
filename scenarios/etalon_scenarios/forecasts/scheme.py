"""A scheme in which people object on any day: no notice, no window; what moves is a weekly flow."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from pydantic import ValidationError

from etalon_scenarios.forecasts.courses import DRAWN, KEPT
from etalon_scenarios.forecasts.observed import ALL, observed_of
from etalon_scenarios.parameters import Number
from etalon_scenarios.scenario_errors import StudyFileError, shown
from etalon_scenarios.scenario_text import is_list, is_table, table_of_text
from etalon_scenarios.user_tables import bytes_of, digest_of, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from etalon_scenarios.forecasts.courses import Courses
    from etalon_scenarios.forecasts.observed import Observed

    Floats = NDArray[np.float64]

FOLDER: Final = "data/schemes"
COURSE: Final = (*DRAWN, "weekly_noise", "group_drift")
TEXTS: Final = (
    "name",
    "title_fr",
    "title_en",
    "default",
    "notice",
    "window",
    "creation",
    "way_back",
)


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme file.

    Attributes:
        file: As the user named it.
        sha256: Digest of its bytes.
        texts: What it says of itself, by key of `TEXTS`.
        channels: How people may object.
        observed: Its own weekly series, beside it, or None.
        source: Where that series was published, or empty.
        course: Name -> number, with its range.
    """

    file: str
    sha256: str
    texts: Mapping[str, str]
    channels: tuple[str, ...]
    observed: str | None
    source: str
    course: Mapping[str, Number]


def shipped_schemes() -> tuple[str, ...]:
    """Name the schemes shipped with the package."""
    folder = resources.files("etalon_scenarios").joinpath(FOLDER)
    names = (file.name for file in folder.iterdir() if file.name.endswith(".toml"))
    return tuple(sorted(name.removesuffix(".toml") for name in names))


def read_scheme(named: str) -> Scheme:
    """Read a scheme, shipped or a file.

    Raises:
        ScenarioError: The file cannot be used.
    """
    content = _content(named)
    table = table_of_text(text_of(content, named), named)
    heading, course = table.get("scheme"), table.get("course")
    if not is_table(heading) or not is_table(course):
        raise StudyFileError(
            named, "scheme", found="", accepted="the tables [scheme] and [course.NAME]"
        )
    texts = {key: _text(named, heading.get(key), key) for key in TEXTS}
    channels = heading.get("channels", [])
    own = heading.get("observed")
    return Scheme(
        named,
        digest_of(content),
        texts,
        tuple(map(str, channels)) if is_list(channels) else (),
        own if isinstance(own, str) else None,
        str(heading.get("source", "")),
        {name: _number(named, name, course.get(name)) for name in COURSE},
    )


def own_series(scheme: Scheme) -> Observed | None:
    """Read the series that a scheme names, beside its file.

    Raises:
        ScenarioError: It cannot be used.
    """
    if scheme.observed is None:
        return None
    if scheme.file in shipped_schemes():
        inside = resources.files("etalon_scenarios").joinpath(f"{FOLDER}/{scheme.observed}")
        return observed_of(inside.read_bytes(), scheme.observed)
    file = Path(scheme.file).parent / scheme.observed
    return observed_of(bytes_of(file, str(file)), str(file))


def _content(named: str) -> bytes:
    if named in shipped_schemes():
        return resources.files("etalon_scenarios").joinpath(f"{FOLDER}/{named}.toml").read_bytes()
    return bytes_of(Path(named), named)


def _text(file: str, value: object, key: str) -> str:
    if not isinstance(value, str) or not value:
        found = "" if value is None else shown(value)
        raise StudyFileError(file, f"scheme.{key}", found=found, accepted="a text")
    return value


def _number(file: str, name: str, table: object) -> Number:
    try:
        return Number.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(("course", name, *(str(part) for part in first["loc"])))
        accepted = "a number with value, low, high, unit, certainty and source"
        raise StudyFileError(file, place, found=str(first["msg"]), accepted=accepted) from error


def group_courses(
    scheme: Scheme, observed: Observed, courses: Courses, seed: int
) -> dict[str, Floats]:
    """Part the flows to come among the groups: their part of the first weeks, which may drift.

    A drift is one number a group and draw. A group that lost people in the first weeks, as those
    who grow older leave it, does not show its part of the flow: it is that of those registered.
    """
    random = np.random.default_rng((seed, 1))
    drift = float(scheme.course["group_drift"].value)
    known = observed.totals[ALL]
    whole = known[-1] - known[0]
    parted: dict[str, Floats] = {ALL: courses.flows}
    for group, totals in observed.totals.items():
        if group != ALL:
            gained, registered = totals[-1] - totals[0], totals[-1] / max(known[-1], 1)
            part = gained / whole if gained > 0 and whole > 0 else registered
            drawn: Floats = drift * random.standard_normal(KEPT)
            parted[group] = courses.flows * part * np.exp(drawn)
    return parted
