"""Trying servers known to be wrong or right, on several processes."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from typing import TYPE_CHECKING

from etalon_cli.inside import application
from etalon_conformance.checking import MAIL, RESTART
from etalon_conformance.impostors import OF_TRANSPORT, impostors
from etalon_conformance.power import Kind, Score, Trial
from etalon_conformance.power_trials import Known, servers, tried
from etalon_target.targets import Options, Target, target_of
from etalon_wire.validation.validator import Validator

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def measured(
    names: Sequence[str], seed: int, workers: int, told: Callable[[int], None] = lambda _: None
) -> Score:
    """Try servers on several processes; return the score, in the order of the names.

    Args:
        names: Servers, of `power_trials.servers`.
        seed: Of the checks and of the servers.
        workers: How many processes; one works in this one.
        told: Called with the number of servers tried so far.
    """
    if workers == 1:
        trials: dict[str, Trial] = {}
        for name in names:
            trials[name] = try_server(name, seed)
            told(len(trials))
    else:
        trials = _in_processes(names, seed, workers, told)
    return Score(tuple(trials[name] for name in names), impostors())


def _in_processes(
    names: Sequence[str], seed: int, workers: int, told: Callable[[int], None]
) -> dict[str, Trial]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        asked = {pool.submit(try_server, name, seed): name for name in names}
        done: dict[str, Trial] = {}
        for one in as_completed(asked):
            done[asked[one]] = one.result()
            told(len(done))
        return done


def try_server(name: str, seed: int) -> Trial:
    """Try one server, in this process."""
    return tried(servers()[name], lambda known: opened(known, seed), seed)


def opened(known: Known, seed: int) -> Target:
    """Return a server as a target: a process where HTTP, TLS or mail is looked at."""
    serve = () if known.transform is None else ("--impostor", known.name)
    if known.kind is Kind.VARIANT or known.requirement in OF_TRANSPORT:
        return target_of("embedded", Options(seed=seed, over_tls=True, mail=True, serve=serve))
    needed = {need for one in known.plan(seed).checks for need in one.needs}
    if needed & {MAIL, RESTART}:
        durable = RESTART in needed
        return target_of("embedded", Options(seed=seed, mail=True, durable=durable, serve=serve))
    inside = application(seed, known.transform, _validator())
    return target_of("inprocess", Options(seed=seed, inprocess=inside))


@cache
def _validator() -> Validator:
    """Return one validator for all: compiling the profiles takes longer than some trials."""
    return Validator()
