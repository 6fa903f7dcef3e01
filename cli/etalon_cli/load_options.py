"""What `etalon load …` was asked for: numbers, times, targets, arrivals, each with its message."""

from __future__ import annotations

import re
import socket
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from etalon_cli.conformance_options import overrides_asked
from etalon_cli.stopping import because
from etalon_cli.whole_numbers import LARGEST_SEED, whole_number
from etalon_target.profile_errors import ProfileError
from etalon_target.proxies import is_loopback
from etalon_target.targets import Options, Target, target_of
from etalon_text.packs import BETWEEN

if TYPE_CHECKING:
    from argparse import Namespace

    from etalon_load.faults import AskedFault
    from etalon_load.objectives import Objective

DEFAULT_TARGET: Final = "embedded"
DEFAULT_SEED: Final = 1
DEFAULT_PEAK: Final = 50.0
DEFAULT_DURATION: Final = "60s"
MOST_RATE: Final = 1_000_000.0
MOST_RETRIES: Final = 100
_LENGTH: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_PORTS: Final = 65_535


def refuse_without_locust() -> None:
    """Refuse where the extra `load` is not installed.

    Raises:
        Stopped: It is not.
    """
    if any(find_spec(name) is None for name in ("gevent", "locust")):
        raise because(reason="extra_missing", feature="etalon load", extra="load")


def seed_asked(options: Namespace) -> int:
    """Read `--seed`."""
    return whole_number("--seed", options.seed, DEFAULT_SEED, 0, LARGEST_SEED)


def number_asked(option: str, typed: str | None, usual: float, low: float, high: float) -> float:
    """Read a number between two bounds.

    Raises:
        Stopped: It is none, or out of bounds.
    """
    if typed is None:
        return usual
    try:
        number = float(typed)
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        bounds = {"low": f"{low:g}", "high": f"{high:g}", "example": f"{usual:g}"}
        raise because(reason="load_number", option=option, found=typed, **bounds)
    return number


def seconds_asked(option: str, typed: str | None, usual: str) -> float:
    """Read a length of time, in seconds.

    Raises:
        Stopped: It is none.
    """
    written = usual if typed is None else typed
    match = _LENGTH.fullmatch(written.strip())
    seconds = float(match[1]) * _UNITS[match[2]] if match else 0.0
    if not seconds >= 1:
        raise because(reason="load_time", option=option, found=written, example=usual)
    return seconds


def place_asked(option: str, typed: str) -> tuple[str, int]:
    """Read an address with a port.

    Raises:
        Stopped: It is none.
    """
    host, colon, port = typed.rpartition(":")
    if not colon or not host or not port.isascii() or not port.isdecimal() or int(port) > _PORTS:
        raise because(reason="load_place", option=option, found=typed)
    return host.strip("[]"), int(port)


def refuse_taken(option: str, place: tuple[str, int]) -> None:
    """Refuse a port that somebody listens at already.

    Raises:
        Stopped: Somebody does.
    """
    host, port = place
    if not port:
        return
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("" if host == "*" else host, port))
        except OSError as error:
            raise because(reason="load_port_taken", option=option, host=host, port=port) from error


def target_asked(options: Namespace, seed: int, *, durable: bool = False) -> Target:
    """Return the target, not reached yet; outside this machine only where somebody answers for it.

    Args:
        options: What was typed.
        seed: Of the embedded server.
        durable: The embedded server keeps what happens, so that it can be restarted.

    Raises:
        Stopped: There is none of that name, its profile cannot be used, it is no server, or nobody
            said that it is theirs.
    """
    asked = options.target or DEFAULT_TARGET
    if asked == "inprocess" or asked.startswith("python:"):
        raise because(reason="load_target_kind", found=asked)
    opened = Options(
        overrides=overrides_asked(options), seed=seed, serve=("--clock", "real"), durable=durable
    )
    try:
        target = target_of(asked, opened)
    except ProfileError as error:
        raise because(reason="target", problem=error) from error
    if target.kind != "embedded" and not options.i_own_this_target:
        for address in target.profile.asked_addresses:
            if not is_loopback(urlsplit(address).hostname or ""):
                target.close()
                raise because(reason="load_not_owned", found=address)
    return target


def objectives_asked(
    typed: str | None, among: frozenset[str] = frozenset()
) -> tuple[tuple[Objective, ...], str]:
    """Read `--objectives`: what is asked of the target, and the name of the file.

    Args:
        typed: What was typed.
        among: The journeys that are kept, where some were named: those of a pack bring their own.

    Raises:
        Stopped: The file is none.
    """
    from etalon_load.journeys.table import steps  # noqa: PLC0415 (reads tables)
    from etalon_load.objectives import (  # noqa: PLC0415
        ObjectivesError,
        read_objectives,
    )
    from etalon_load.packed_journeys import (  # noqa: PLC0415
        objectives_of_pack,
        pack_among,
        steps_of_pack,
    )
    from etalon_text.packs import PackError  # noqa: PLC0415

    named = typed or "default"
    try:
        pack = pack_among(among)
        if pack is not None and named == "default":
            return objectives_of_pack(pack, among), named
        known = steps() if pack is None else steps_of_pack(pack)
        return read_objectives(_objectives_file(named), known), named
    except ObjectivesError as error:
        raise because(reason="load_objectives", problem=error) from error
    except PackError as error:
        raise because(reason="pack", pack=error.pack, problem=error.problem) from error


def memory_asked(typed: str | None) -> float:
    """Read from `--objectives` what a server may keep for each answer of a soak (bytes).

    Raises:
        Stopped: The file is none.
    """
    from etalon_load.objectives import ObjectivesError, read_memory_each  # noqa: PLC0415 (as above)

    try:
        return read_memory_each(_objectives_file(typed or "default"))
    except ObjectivesError as error:
        raise because(reason="load_objectives", problem=error) from error


def _objectives_file(named: str) -> Path:
    from etalon_load.objectives import default_file  # noqa: PLC0415 (as above)

    return default_file() if named == "default" else Path(named)


def journeys_asked(options: Namespace) -> frozenset[str]:
    """Read `--journeys`; empty keeps all.

    Raises:
        Stopped: One is no journey.
    """
    from etalon_load.journeys.table import steps  # noqa: PLC0415 (reads tables)
    from etalon_load.packed_journeys import mix_of_pack, pack_among  # noqa: PLC0415
    from etalon_text.packs import PackError  # noqa: PLC0415

    typed: str = options.journeys or ""
    names = frozenset(part.strip() for part in typed.split(",")) if typed else frozenset[str]()
    try:
        pack = pack_among(names)
        if pack is not None:
            return frozenset(mix_of_pack(pack, names))
    except PackError as error:
        raise because(reason="pack", pack=error.pack, problem=error.problem) from error
    for found in sorted(names - steps().keys()):
        known = ", ".join(steps())
        raise because(
            reason="unknown_option_value", option="--journeys", found=found, accepted=known
        )
    return names


def maker_of_journeys(among: frozenset[str]) -> str:
    """Return how the workload names what makes the journeys asked for: ours, or a pack's."""
    from etalon_load.packed_journeys import MAKER  # noqa: PLC0415 (with the run)
    from etalon_load.workload import OWN_JOURNEYS  # noqa: PLC0415

    return MAKER if any(BETWEEN in one for one in among) else OWN_JOURNEYS


def rules_asked(typed: list[str]) -> tuple[str, ...]:
    """Read `--stop-if`.

    Raises:
        Stopped: One is no rule.
    """
    from etalon_load.stopping_rules import RuleError, rule_of  # noqa: PLC0415 (with the run)

    try:
        return tuple(rule_of(one).written for one in typed)
    except RuleError as error:
        raise because(reason="load_rule", problem=error) from error


def faults_asked(typed: list[str], seconds: float) -> tuple[AskedFault, ...]:
    """Read `--fault`, and the faults of a profile.

    Raises:
        Stopped: One is no fault, or begins after the run.
    """
    from etalon_load.faults import FaultError, fault_of, refuse_late  # noqa: PLC0415 (with the run)

    try:
        faults = tuple(fault_of(one) for one in typed)
        refuse_late(faults, seconds)
    except FaultError as error:
        raise because(reason="load_fault", problem=error) from error
    return faults
