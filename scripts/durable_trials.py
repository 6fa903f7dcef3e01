"""Damage to the files of a run that ended, and what start-up makes of it."""

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from durable_town import SEED, parameters
from etalon_model.command import Command
from etalon_model.service import Service
from etalon_server.durable.failures import DirectoryRefusedError
from etalon_server.durable.journal import FILE_NAME, LOG_NAME, MARK_NAME
from etalon_server.service_host import Host


@dataclass(slots=True)
class Findings:
    """What start-up made of damaged directories.

    Attributes:
        recovered: How many gave a prefix that holds every command answered.
        refused: How many were refused with a file and a place in it.
        wrong: What was neither, in words.
    """

    recovered: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list[str])


def prefixes(asked: Sequence[Command]) -> dict[str, int]:
    """Return how many of the first commands lead to each state, by its digest."""
    service = Service(parameters(), seed=SEED)
    known = {service.digest(traces=True): 0}
    for count, command in enumerate(asked, 1):
        service.apply(command)
        known[service.digest(traces=True)] = count
    return known


def tried(directory: Path, known: Mapping[str, int]) -> int | None:
    """Return how many commands a start-up finds; None when its state is no prefix.

    Raises:
        DirectoryRefusedError: It is refused.
    """
    host = Host(parameters(), seed=SEED, directory=directory)
    digest = host.service.digest(traces=True)
    asyncio.run(host.close())
    return known.get(digest)


def damaged_at_random(
    killed: Path, folder: Path, known: Mapping[str, int], *, trials: int, chance: Random
) -> Findings:
    """Cut and flip the write-ahead log of a copy of `killed`, with its mark and without.

    Args:
        killed: A directory as a kill leaves it, all of whose commands were answered.
        folder: Where to make the copies.
        known: Its prefixes.
        trials: How many cuts, and how many flips, of each.
        chance: Where.
    """
    findings = Findings()
    size = (killed / LOG_NAME).stat().st_size
    for number in range(4 * trials):
        is_cut, is_marked = number % 2 == 0, number // 2 % 2 == 0
        offset = chance.randrange(size)
        copy = Path(shutil.copytree(killed, folder / f"damaged-{number}"))
        _damage(copy / LOG_NAME, offset, is_cut=is_cut, bit=chance.randrange(8))
        if not is_marked:
            (copy / MARK_NAME).unlink()
        what = f"{'cut' if is_cut else 'flipped'} at {offset}, {'' if is_marked else 'no '}mark"
        _judge(findings, copy, known, what, must=max(known.values()) if is_marked else 0)
        shutil.rmtree(copy)
    return findings


def _damage(file: Path, offset: int, *, is_cut: bool, bit: int) -> None:
    content = bytearray(file.read_bytes())
    if is_cut:
        del content[offset:]
    else:
        content[offset] ^= 1 << bit
    file.write_bytes(content)


def _judge(
    findings: Findings, directory: Path, known: Mapping[str, int], what: str, *, must: int
) -> None:
    try:
        found = tried(directory, known)
    except DirectoryRefusedError as refused:
        if refused.file.name in {LOG_NAME, FILE_NAME} and refused.position:
            findings.refused += 1
        else:
            findings.wrong.append(f"{what}: refused without a place: {refused}")
        return
    if found is None:
        findings.wrong.append(f"{what}: recovered what is no prefix")
    elif found < must:
        findings.wrong.append(f"{what}: {must - found} commands answered were dropped")
    else:
        findings.recovered += 1
