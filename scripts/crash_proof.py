"""The proof of durability: kills, cuts and flips at random, confirmations counted, faults planted.

It fails when a write or a mail that was answered is lost or there twice, when a damaged directory
gives anything but a prefix or a refusal with its place, when a group commit is not confirmed by the
disk once, or when one of the planted faults goes unnoticed.
"""

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import mail_trials
from crash_trials import kill_at_random
from disk_syncs import confirmations
from durable_town import SEED, commands, parameters, received
from durable_trials import Findings, damaged_at_random, prefixes
from etalon_server.service_host import Host

PEOPLE: Final = 40
GROUP: Final = 4


def damage(trials: int) -> Findings:
    """Cut and flip the write-ahead log that a run of eighty groups left."""
    asked = list(commands(PEOPLE))
    with tempfile.TemporaryDirectory() as folder:
        running, left = Path(folder) / "running", Path(folder) / "killed"

        async def run() -> None:
            host = Host(parameters(), seed=SEED, directory=running)
            for start in range(0, len(asked), GROUP):
                group = enumerate(asked[start : start + GROUP], start)
                await asyncio.gather(*(host.write(one, received(n)) for n, one in group))
            shutil.copytree(running, left)
            await host.close()

        asyncio.run(run())
        known = prefixes(asked)
        chance = Random(SEED)  # noqa: S311 (places, no secret)
        return damaged_at_random(left, Path(folder), known, trials=trials, chance=chance)


@dataclass(frozen=True, slots=True)
class OfMail:
    """What was proved of servers that take mail.

    Attributes:
        verdicts: What holds.
        figures: What was counted.
        wrong: What was lost or doubled.
    """

    verdicts: dict[str, bool]
    figures: dict[str, int]
    wrong: list[str]


def mail(moments: int, chance: Random) -> OfMail:
    """Kill servers that take mail, sound ones and two with a fault planted."""
    sound = mail_trials.kill_at_random(moments, "", chance)
    early = mail_trials.kill_at_random(moments, "250-before-commit", chance)
    late = mail_trials.kill_at_random(moments, "receipt-after-250", chance)
    verdicts = {
        "killed servers keep every mail they took, its receipt, and every answer": sound.hold,
        "planted: 250 before the commit is noticed": bool(early.missing),
        "planted: receipts after 250 are noticed": bool(late.missing),
    }
    figures = {
        "servers_of_mail_killed": sound.kills,
        "mails_taken": sound.taken,
        "answers_accepted": sound.replied,
        "kills_until_250_before_the_commit_was_noticed": early.kills,
        "kills_until_receipts_after_250_were_noticed": late.kills,
    }
    return OfMail(verdicts, figures, [*sound.missing, *sound.twice])


def main() -> None:
    """Prove it, leave the figures where they are wanted, and end with 1 if something failed."""
    parser = argparse.ArgumentParser(description="Prove that no answered write is lost.")
    parser.add_argument("--moments", type=int, default=200, help="kills; also cuts and flips")
    moments: int = parser.parse_args().moments
    chance = Random(SEED)  # noqa: S311 (moments, no secret)
    kept = kill_at_random(moments, "", chance)
    damaged = damage(moments)
    counted = confirmations(200)
    early = kill_at_random(moments, "answered-before-commit", chance)
    in_place = kill_at_random(moments, "snapshot-without-rename", chance)
    trusting = confirmations(200, "synchronous-off")
    mails = mail(moments, chance)
    verdicts = {
        "killed processes keep every answered write, once": kept.hold,
        "damaged directories give a prefix or a refusal with its place": not damaged.wrong,
        "each group commit is confirmed by the disk once": counted.hold,
        "planted: answers before the commit are noticed": bool(early.missing),
        "planted: snapshots without a rename are noticed": bool(in_place.damaged),
        "planted: a journal that trusts the cache is noticed": not trusting.hold,
        **mails.verdicts,
    }
    figures = {
        "kills": kept.kills,
        "writes_answered": kept.answered,
        "writes_there_but_not_answered": kept.unanswered,
        "damaged_directories_recovered": damaged.recovered,
        "damaged_directories_refused": damaged.refused,
        "group_commits_watched": counted.groups,
        "kills_until_answers_before_the_commit_were_noticed": early.kills,
        "kills_until_a_snapshot_without_rename_was_noticed": in_place.kills,
        **mails.figures,
        "verdicts": verdicts,
    }
    if folder := os.environ.get("ETALON_FIGURES"):
        text = json.dumps(figures, indent=2) + "\n"
        (Path(folder) / "figures.json").write_text(text, encoding="utf-8")
    for claim, holds in verdicts.items():
        print(f"{'holds' if holds else 'FAILS'}  {claim}")
    for wrong in [*kept.refused, *kept.damaged, *damaged.wrong, *mails.wrong]:
        print(wrong)
    sys.exit(0 if all(verdicts.values()) else 1)


if __name__ == "__main__":
    main()
