"""What `etalon conformance run --role client` was asked for, before anything is served."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_cli.conformance_options import refuse_others
from etalon_cli.stopping import because
from etalon_cli.whole_numbers import LARGEST_SEED, whole_number
from etalon_conformance.witness.connecting.kit import Kit, KitError, read_kit
from etalon_conformance.witness.players.connection import BACK
from etalon_conformance.witness.players.habits import (
    GOOD,
    OtherClient,
    UnknownClientError,
    client_named,
)
from etalon_conformance.witness.scenario import profiles

if TYPE_CHECKING:
    from argparse import Namespace

    from etalon_conformance.witness.players.habits import Habits
    from etalon_conformance.witness.scenario import Profile
    from etalon_conformance.witness.session import Mode
    from etalon_text.language import Language

_TIME: Final = re.compile(r"([1-9][0-9]{0,5})(s|m|h)")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}
_STEP_TIME: Final = "15m"
_HIGHEST_PORT: Final = 65_535
_OF_SERVERS: Final = (
    *("target", "suite", "requirement", "check", "requirement_set", "workers", "budget"),
    *("baseline", "write_baseline", "accept_reason", "accept_until", "answers"),
    *("ca_bundle", "client_certificate", "client_key", "client_password"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked for.

    Attributes:
        profile: What the client is measured by.
        mode: Who carries the steps out.
        driver: The command that does, in parts; empty when none does.
        other: The client of the tables that plays, or None.
        kit: The kit, or None.
        host: Interface to listen on.
        port: Port; 0 for one that is free.
        smtp_port: Port on which mail is taken; 0 for one that is free.
        seed: Of every draw.
        step_seconds: How long a step may take.
        redirects: Where the client is sent back to after a login.
        findings_fail: Whether a finding counts as a failure.
        out: The directory asked for, or None.
        resumes: Whether it holds a session to be taken up.
    """

    profile: Profile
    mode: Mode
    driver: tuple[str, ...]
    other: OtherClient | None
    kit: Kit | None
    host: str
    port: int
    smtp_port: int
    seed: int
    step_seconds: float
    redirects: tuple[str, ...]
    findings_fail: bool
    out: Path | None
    resumes: bool

    @property
    def habits(self) -> Habits:
        """How the client of ours behaves."""
        return GOOD if self.other is None else self.other.habits


def asked_for(options: Namespace, language: Language) -> Asked:
    """Read the options.

    Raises:
        Stopped: One of them cannot be what it says, or means nothing here.
    """
    refuse_others(options, _OF_SERVERS, "client")
    profile = _profile(options.profile)
    other = _other(options)
    kit = _kit(options.kit, language)
    seed = whole_number("--seed", options.seed, 1 if kit is None else kit.seed, 0, LARGEST_SEED)
    if options.resume and not options.out:
        raise because(reason="resume_needs_out")
    return Asked(
        profile=profile,
        mode=_mode(options),
        driver=tuple(shlex.split(options.driver or "")),
        other=other,
        kit=kit,
        host=options.host or ("127.0.0.1" if kit is None else kit.address),
        port=whole_number("--port", options.port, 0 if kit is None else kit.port, 0, _HIGHEST_PORT),
        smtp_port=whole_number("--smtp-port", options.smtp_port, 0, 0, _HIGHEST_PORT),
        seed=seed,
        step_seconds=_step_seconds(options.step_time or _STEP_TIME),
        redirects=tuple(options.redirect_uri or (BACK,)),
        findings_fail=options.findings_fail or bool(other is not None and other.requirement),
        out=Path(options.out) if options.out else None,
        resumes=options.resume,
    )


def _profile(typed: str | None) -> Profile:
    known = profiles()
    if not typed or typed not in known:
        accepted = ", ".join(known)
        raise because(
            reason="unknown_option_value",
            option="--profile",
            found=typed or "-",
            accepted=accepted,
        )
    return known[typed]


def _mode(options: Namespace) -> Mode:
    if options.driver and (options.self_play or options.impostor):
        raise because(reason="witness_two_players")
    if options.driver:
        return "driver"
    return "self-play" if options.self_play or options.impostor else "operator"


def _other(options: Namespace) -> OtherClient | None:
    if not options.impostor:
        return None
    try:
        found = client_named(options.impostor)
    except UnknownClientError as error:
        raise because(reason="impostor_unknown", found=error.name, nearest=error.nearest) from error
    if found.profile != options.profile:
        raise because(reason="witness_other_profile", found=found.name, profile=found.profile)
    return found


def _kit(typed: str | None, language: Language) -> Kit | None:
    if not typed:
        return None
    try:
        return read_kit(Path(typed))
    except KitError as error:
        raise because(reason="witness_kit", problem=error.told(language)) from error


def _step_seconds(typed: str) -> float:
    match = _TIME.fullmatch(typed)
    if match is None:
        raise because(reason="witness_step_time", found=typed)
    return float(match[1]) * _SECONDS[match[2]]
