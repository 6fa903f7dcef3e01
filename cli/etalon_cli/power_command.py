"""`etalon conformance power`: what the checks are worth, on servers known to be wrong or right."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from etalon_cli.answers import print_columns, print_json
from etalon_cli.console import ProgressLine, print_result
from etalon_cli.exit_codes import ExitCode
from etalon_cli.stopping import because
from etalon_cli.storage_explanations import cannot_write
from etalon_cli.trying_servers import measured
from etalon_cli.whole_files import whole_file
from etalon_cli.whole_numbers import LARGEST_SEED, whole_number
from etalon_conformance.impostors import story_of
from etalon_conformance.power import RIGHTS, Kind, Score, digest, plain_score
from etalon_conformance.power_trials import CANARY, REFERENCE, servers
from etalon_conformance.requirement import Wire
from etalon_scenarios.versions import installed_version
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from etalon_scenarios.run_directory import Json
    from etalon_text.language import Language

_WORKERS_MOST: Final = 8


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    if options.role == "client":
        from etalon_cli.witness_power_command import run as run_client  # noqa: PLC0415 (heavy)

        return run_client(options, language)
    seed = whole_number("--seed", options.seed, 1, 0, LARGEST_SEED)
    cores = min(os.cpu_count() or 1, _WORKERS_MOST)
    workers = whole_number("--workers", options.workers, cores, 1, 64)
    progress = ProgressLine(language)
    names = _names(options.server or ())
    score = measured(names, seed, workers, lambda done: progress.show("servers", done, len(names)))
    progress.end()
    told = record(score, seed)
    if options.out:
        write_score(Path(options.out), told)
    if options.json:
        print_json(told)
    else:
        _print(score, language)
    return ExitCode.DONE if score.is_enough else ExitCode.NO


def _names(asked: Sequence[str]) -> list[str]:
    """Return the servers to try: those asked for, with the reference and the canary.

    Raises:
        Stopped: There is none of a name.
    """
    known = servers()
    for name in asked:
        if name not in known:
            nearest = get_close_matches(name, known, n=1, cutoff=0)[0]
            raise because(reason="power_server", found=name, nearest=nearest)
    return [one for one in known if not asked or one in {*asked, REFERENCE, CANARY}]


def record(score: Score, seed: int) -> dict[str, Json]:
    """Return a score with what it was measured with, as the file of it holds it."""
    return {
        **cast("dict[str, Json]", plain_score(score)),
        "seed": seed,
        "measured_on": datetime.now(UTC).date().isoformat(),
        "etalon_version": installed_version(),
        "digest": digest(),
    }


def write_score(file: Path, told: Mapping[str, Json]) -> None:
    """Write a score to the file asked for.

    Raises:
        Stopped: It cannot be written.
    """
    try:
        with whole_file(file) as stream:
            stream.write(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    except OSError as error:
        raise cannot_write(file, error) from error


def _print(score: Score, language: Language) -> None:
    whole = score.share()
    figures = {"killed": whole.killed, "impostors": whole.impostors}
    alarms = {"alarms": len(score.false_alarms), "variants": len(score.of(Kind.VARIANT))}
    print_result(text("power.headline", language, **figures, **alarms))
    linked = sum(one.linked for one in score.proofs)
    proven = sum(one.proven for one in score.proofs)
    print_result(text("power.proofs", language, linked=linked, proven=proven))
    for reason in score.void:
        print_result(text("power.void", language, reason=reason))
    print_result("")
    print_columns(_rows(score, language), right=frozenset({1, 2}))
    for one in score.survivors:
        fate = text(f"power.fate-{one.fate}", language)
        story = story_of(one.name)[language]
        said = {"name": one.name, "requirement": one.requirement, "fate": fate, "story": story}
        print_result(text("power.survivor", language, **said))
    for name, alarm in score.false_alarms:
        said = {"name": name, "requirement": alarm.requirement, "check": alarm.check}
        print_result(text("power.alarm", language, **said))


def _rows(score: Score, language: Language) -> list[list[str]]:
    themes = dict.fromkeys(one.theme for one in score.table.values())
    parts = [(text(f"power.theme-{theme}", language), {theme}) for theme in themes]
    parts.append((text("power.rights", language), set(RIGHTS)))
    rows = [[text(f"power.{head}", language) for head in ("theme", "caught", "public")]]
    for title, chosen in parts:
        shares = score.share(chosen), score.share(chosen, {Wire.OFFICIAL, Wire.DRAFT})
        rows.append([title, *(f"{one.killed}/{one.impostors}" for one in shares)])
    return rows
