"""Profiles: courses of arrival with a name, from `data/profiles/NAME.toml`.

A course is either drawn there (`course`: points of time and of rate, both as shares) with a mix of
journeys of `data/journey_mixes.csv`, or read from `data/profiles/NAME.csv` (`curve`): arrivals by
quarter of an hour, on one day of a simulation of a shipped scenario. The whole course goes by in
the run, however long that is; its greatest rate is the peak asked for.
"""

import csv
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, cast

from etalon_load.arrivals import ArrivalsError, Plan, planned, poisson, regular
from etalon_load.curves import Curve, plan_of_curve
from etalon_load.packed_journeys import mix_of_pack, pack_among
from etalon_load.rates import Rate
from etalon_text.packs import BETWEEN, PackError

_QUARTER_SECONDS: Final = 900.0
_FOLDER: Final = "data/profiles"


@dataclass(frozen=True, slots=True)
class Profile:
    """A plan under its name.

    Attributes:
        name: Which profile.
        plan: Who arrives when, on which journey.
        faults: What the target suffers meanwhile, as `--fault` reads it.
        source: What the course was taken from, key by key; empty for one that was drawn.
        retries: How often its clients send a request again that is refused for now.
        is_steady: Latency and memory that rise make the run fail.
        hours: How many hours of real life go by in the run; 0 where that means nothing.
    """

    name: str
    plan: Plan
    faults: tuple[str, ...]
    source: Mapping[str, str]
    hours: float
    retries: int = 0
    is_steady: bool = False


@cache
def names() -> tuple[str, ...]:
    """Return the names of all profiles."""
    folder = files("etalon_load").joinpath(_FOLDER)
    found = (entry.name for entry in folder.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


def named(  # noqa: PLR0913 (what a plan is made of, each by its name)
    name: str,
    *,
    peak: float,
    seconds: float,
    seed: int,
    people: int | None = None,
    among: Collection[str] = (),
) -> Profile:
    """Plan the arrivals of a profile.

    Args:
        name: One of `names()`.
        peak: The greatest rate (journeys a second).
        seconds: How long the run lasts.
        seed: What chance starts from.
        people: How many people come, again and again; None for what the profile says, or another
            one each time.
        among: The journeys that are kept; none named keeps all. The peak is theirs.

    Raises:
        ArrivalsError: There is no such profile, nobody arrives, or peak or time are none.
    """
    table = _table(name)
    several = cast("int | None", table.get("people")) if people is None else people
    if several is not None and several < 1:
        message = f"{several} people: one at least has to arrive"
        raise ArrivalsError(message)
    if not 0 < peak < float("inf") or not seconds > 0:
        message = f"peak {peak:g}/s over {seconds:g} s: both have to be above 0"
        raise ArrivalsError(message)
    if "course" in table:
        plan = _plan_of_course(table, mix_of(name, among), peak, seconds, seed, several)
        hours = float(cast("float", table.get("hours", 0.0)))
    else:
        mix_of(name, among)
        curve = curve_of(name).among(among)
        hours = len(curve.totals) * curve.seconds_each / 3600
        plan = plan_of_curve(curve, peak=peak, seconds=seconds, seed=seed, people=several)
    source = cast("Mapping[str, object]", table.get("source", {}))
    return Profile(
        name=name,
        plan=plan,
        faults=tuple(_fault(row, seconds) for row in _faults(table)),
        source={key: str(value) for key, value in source.items()},
        hours=hours,
        retries=int(cast("int", table.get("retries", 0))),
        is_steady=bool(table.get("steady", False)),
    )


def mix_of(name: str, among: Collection[str] = ()) -> dict[str, float]:
    """Return the share of each journey in a profile, or among some of its journeys.

    Raises:
        ArrivalsError: There is no such profile, or none of them is in it.
    """
    table = _table(name)
    if any(BETWEEN in one for one in among):
        return _brought(name, table, among)
    if "course" not in table:
        return curve_of(name).among(among).shares()
    every = _weights(str(table["mix"]))
    weights = {one: weight for one, weight in every.items() if not among or one in among}
    whole = sum(weights.values())
    if not whole:
        message = f"none of {', '.join(sorted(among))} is in {name}: {', '.join(every)} are"
        raise ArrivalsError(message)
    return {journey: weight / whole for journey, weight in weights.items()}


def _brought(name: str, table: Mapping[str, object], among: Collection[str]) -> dict[str, float]:
    """Return the shares of journeys of a pack on a course that leaves the mix open.

    Raises:
        ArrivalsError: The course has journeys of its own, or the pack has not those asked for.
    """
    if "course" not in table:
        drawn = ", ".join(one for one in names() if "course" in _table(one))
        message = f"{name} has journeys of its own: those of a pack come with {drawn}"
        raise ArrivalsError(message)
    try:
        return mix_of_pack(pack_among(among) or "", among)
    except PackError as error:
        raise ArrivalsError(str(error)) from error


def national_peak(name: str, among: Collection[str] = ()) -> float | None:
    """Return the journeys a second of the whole country at the busiest of a simulated day.

    None for a profile that was drawn and not simulated.

    Raises:
        ArrivalsError: There is no such profile.
    """
    return None if "course" in _table(name) else curve_of(name).among(among).peak


@cache
def curve_of(name: str) -> Curve:
    """Return the arrivals of a simulated day, by quarter of an hour: mean arrivals a minute."""
    text = files("etalon_load").joinpath(f"{_FOLDER}/{name}.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines(), strict=True))
    kinds = [kind for kind in rows[0] if kind != "time"]
    minutes = _QUARTER_SECONDS / 60
    counts = {kind: tuple(float(row[kind]) * minutes for row in rows) for kind in kinds}
    return Curve(counts, _QUARTER_SECONDS)


@cache
def _table(name: str) -> Mapping[str, object]:
    if name not in names():
        message = f"no profile {name!r}; there are {', '.join(names())}"
        raise ArrivalsError(message)
    text = files("etalon_load").joinpath(f"{_FOLDER}/{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _weights(mix: str) -> Mapping[str, float]:
    file = files("etalon_load").joinpath("data/journey_mixes.csv")
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines(), strict=True)
    return {row["journey"]: float(row["weight"]) for row in rows if row["mix"] == mix}


def _plan_of_course(  # noqa: PLR0913, PLR0917 (what a plan is made of)
    table: Mapping[str, object],
    mix: Mapping[str, float],
    peak: float,
    seconds: float,
    seed: int,
    people: int | None,
) -> Plan:
    points = cast("Sequence[tuple[float, float]]", table["course"])
    rate = Rate(tuple((at * seconds, share * peak) for at, share in points))
    instants = regular(rate) if table.get("spacing") == "even" else poisson(rate, seed)
    if not instants:
        message = f"nobody arrives within {seconds:g} s at such a rate: raise the peak"
        raise ArrivalsError(message)
    return planned(instants, mix, people or len(instants), seconds, seed)


def _faults(table: Mapping[str, object]) -> Sequence[Mapping[str, object]]:
    return cast("Sequence[Mapping[str, object]]", table.get("fault", ()))


def _fault(row: Mapping[str, object], seconds: float) -> str:
    """Write a fault in the words of `--fault`: what, how long, which paths, from when."""
    first, end = (float(cast("float", row[key])) * seconds for key in ("from", "until"))
    return f"{row['what']}:{end - first:.1f}s{row.get('path', '')}@{first:.1f}s"
