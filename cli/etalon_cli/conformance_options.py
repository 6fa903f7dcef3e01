"""What `etalon conformance run` and `prepare` were asked for, before anything is reached."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_cli.stopping import because
from etalon_cli.whole_numbers import LARGEST_SEED, whole_number
from etalon_target.connecting import Overrides
from etalon_target.profile_errors import ProfileError
from etalon_target.targets import Options, Target, target_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable

    from etalon_conformance.planning import Choice

DEFAULT_TARGET: Final = "embedded"
DEFAULT_SUITE: Final = "whole-service"
DEFAULT_SEED: Final = 1
DEFAULT_WORKERS: Final = 4
_MOST_WORKERS: Final = 16
_DEFAULT_LIMIT: Final = "10m"
_PERIOD: Final = re.compile(r"([1-9][0-9]{0,5})(s|m|h)")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}


OF_CLIENTS: Final = (
    *("profile", "driver", "self_play", "impostor", "kit", "host", "port", "step_time"),
    *("redirect_uri", "resume", "smtp_port"),
)
"""Options that mean something with `--role client` alone."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for.

    Attributes:
        target: What is to be tested, not reached yet.
        choice: Which requirements and checks.
        workers: How many checks run side by side.
        time_limit: Seconds after which the run is cut.
        budget: Seconds for which the target is explored after the checks; 0 for not at all.
        out: The directory asked for, or None.
        findings_fail: Whether a finding counts as a failure.
    """

    target: Target
    choice: Choice
    workers: int
    time_limit: float
    budget: float
    out: Path | None
    findings_fail: bool


def refuse_others(options: Namespace, names: Iterable[str], role: str) -> None:
    """Refuse options that mean nothing for a role.

    Raises:
        Stopped: One of them was given.
    """
    for name in names:
        if getattr(options, name, None):
            option = f"--{name.replace('_', '-')}"
            raise because(reason="witness_option", option=option, role=role)


def asked_for(options: Namespace) -> Asked:
    """Read the options of `run`.

    Raises:
        Stopped: One of them cannot be what it says.
    """
    seed = whole_number("--seed", options.seed, DEFAULT_SEED, 0, LARGEST_SEED)
    workers = whole_number("--workers", options.workers, DEFAULT_WORKERS, 1, _MOST_WORKERS)
    limit = read_period("--time-limit", options.time_limit or _DEFAULT_LIMIT)
    budget = read_period("--budget", options.budget) if options.budget else 0.0
    target = target_asked(options, seed)
    # It starts while the checks are read.
    target.launch()
    try:
        choice = _choice(options, seed, suite_asked(options, target))
    except BaseException:
        target.close()
        raise
    return Asked(
        target=target,
        choice=choice,
        workers=workers,
        time_limit=limit,
        budget=budget,
        out=Path(options.out) if options.out else None,
        findings_fail=options.findings_fail,
    )


def target_asked(options: Namespace, seed: int) -> Target:
    """Return the target, not reached yet.

    Raises:
        Stopped: There is none of that name, or its profile cannot be used.
    """
    asked = options.target or DEFAULT_TARGET
    inprocess = None
    if asked == "inprocess":
        from etalon_cli.inside import application  # noqa: PLC0415 (the whole server)

        inprocess = application(seed)
    try:
        return target_of(
            asked,
            Options(
                overrides=overrides_asked(options),
                seed=seed,
                over_tls=True,
                mail=True,
                durable=True,
                inprocess=inprocess,
            ),
        )
    except ProfileError as error:
        raise because(reason="target", problem=error) from error


def suite_asked(options: Namespace, target: Target) -> str:
    """Return the suite asked for; else the one that the profile claims, where it claims one."""
    if options.suite:
        from etalon_cli.packed_suites import suite_named  # noqa: PLC0415 (as below)

        return suite_named(str(options.suite)).name
    from etalon_conformance.suites import suites  # noqa: PLC0415 (as below)

    claimed = [name for name in target.profile.about.claims if name in suites()]
    return claimed[0] if len(claimed) == 1 else DEFAULT_SUITE


def _choice(options: Namespace, seed: int, suite: str) -> Choice:
    # Read once the target starts: checks take a second.
    from etalon_cli.packed_suites import requirements_named  # noqa: PLC0415
    from etalon_conformance.checking import registry  # noqa: PLC0415
    from etalon_conformance.planning import Choice  # noqa: PLC0415
    from etalon_conformance.requirements import CURRENT  # noqa: PLC0415
    from etalon_conformance.suites import requirements_of  # noqa: PLC0415

    name = options.requirement_set or CURRENT
    known = requirements_named(name, "--requirement-set")
    held = [one.ident for one in requirements_of(suite, known)]
    return Choice(
        suite=suite,
        requirements=_named("--requirement", options.requirement, held),
        checks=_named("--check", options.check, registry()),
        requirement_set=name,
        seed=seed,
    )


def _named(option: str, typed: list[str] | None, known: Iterable[str]) -> frozenset[str] | None:
    """Return the names typed after an option in capitals or not, or None when there is none.

    Raises:
        Stopped: One of them is not known.
    """
    if not typed:
        return None
    names = {each.lower(): each for each in known}
    for one in typed:
        if one.lower() not in names:
            near = [each for key, each in names.items() if one.lower() in key]
            near += get_close_matches(one, names.values(), n=1, cutoff=0)
            nearest = next(iter(near), "-")
            raise because(reason="name_unknown", option=option, found=one, nearest=nearest)
    return frozenset(names[one.lower()] for one in typed)


def read_period(option: str, typed: str) -> float:
    """Read the length of time typed after an option.

    Raises:
        Stopped: It is none.
    """
    match = _PERIOD.fullmatch(typed)
    if match is None:
        raise because(reason="period", option=option, found=typed)
    return float(match[1]) * _SECONDS[match[2]]


def overrides_asked(options: Namespace) -> Overrides:
    """Read the options of TLS; `prepare` has none."""

    def path(name: str) -> Path | None:
        typed = getattr(options, name, None)
        return Path(typed) if typed else None

    return Overrides(
        ca_bundle=path("ca_bundle"),
        certificate=path("client_certificate"),
        key=path("client_key"),
        password=getattr(options, "client_password", None) or "",
    )
