"""`kept-runs.jsonl`: what the runs of one policy gave, line by line, until a comparison is done.

A line is written once its run has ended, before any other file tells of it: a comparison that was
stopped, or killed, goes on from the lines that are whole. Numbers pass through JSON unchanged.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from etalon_scenarios.draws_file import CENTRAL, KNOWLEDGE_FILE
from etalon_scenarios.policies.measuring import Figure, Measured
from etalon_scenarios.run_directory import storage_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from etalon_scenarios.policies.measuring import Key
    from etalon_scenarios.run_directory import Json, RunDirectory

    Figures = Mapping[Key, Figure]

KEPT_FILE: Final = "kept-runs.jsonl"
_CENTRE: Final = "run"
_DRAW: Final = "draw"
_REPLICATION: Final = "replication"


@dataclass(slots=True)
class KeptRuns:
    """What the runs of one policy gave so far.

    Attributes:
        directory: The run directory of the policy.
        centre: What its central run gave, once known.
        draws: Figures by draw; `CENTRAL` is the central run of the draws.
        replications: Figures by rank of the further seed.
    """

    directory: RunDirectory
    centre: Measured | None = None
    draws: dict[int, Figures] = field(default_factory=dict[int, "Figures"])
    replications: dict[int, Figures] = field(default_factory=dict[int, "Figures"])

    def add_centre(self, measured: Measured) -> None:
        """Keep what the central run gave.

        Raises:
            StorageError: The disk is full or refused the line; likewise below.
        """
        self.centre = measured
        about: dict[str, Json] = {
            name: cast("Json", getattr(measured, name))
            for name in ("curves", "hotline", "costs", "full", "days", "weeks")
        }
        self._write(_CENTRE, 0, measured.figures, about)

    def add_draw(self, draw: int, figures: Figures) -> None:
        """Keep what one draw of the parameters gave, or their central run."""
        self.draws[draw] = figures
        self._write(_DRAW, draw, figures)

    def add_replication(self, rank: int, figures: Figures) -> None:
        """Keep what one further seed gave."""
        self.replications[rank] = figures
        self._write(_REPLICATION, rank, figures)

    def serve(self) -> bool:
        """Tell whether the policy can go on from here: its files tell of no run that is lost."""
        try:
            record = cast("Mapping[str, Json]", self.directory.read_json(KNOWLEDGE_FILE))
            told = {
                cast("int", row["draw"]) for row in cast("list[dict[str, Json]]", record["draws"])
            }
        except FileNotFoundError:
            return self.centre is not None
        except (OSError, ValueError, KeyError, TypeError):
            return False
        return self.centre is not None and {CENTRAL, *told} <= self.draws.keys()

    def forget(self) -> None:
        """Remove the file: everything that it held stands elsewhere, or will be run again."""
        (self.directory.path / KEPT_FILE).unlink(missing_ok=True)

    def _write(
        self, kind: str, number: int, figures: Figures, about: Mapping[str, Json] | None = None
    ) -> None:
        line = {"kind": kind, "number": number, "figures": _rows(figures), **(about or {})}
        path = self.directory.path / KEPT_FILE
        try:
            with path.open("a", encoding="utf-8", newline="\n") as stream:
                stream.write(json.dumps(line, allow_nan=False, separators=(",", ":")) + "\n")
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise storage_error(path, error) from error


def read_kept_runs(directory: RunDirectory) -> KeptRuns:
    """Take up what a comparison that was stopped kept of a policy; nothing where nothing is.

    A line that a kill cut short ends the file: it is removed, so that the next one stands alone.

    Raises:
        StorageError: The disk is full or refused the file.
    """
    kept, whole = KeptRuns(directory), list[str]()
    try:
        lines = (directory.path / KEPT_FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    except (OSError, ValueError):
        lines = []
    for line in lines:
        if not line.endswith("\n") or not _take(kept, line):
            break
        whole.append(line)
    if len(whole) < len(lines):
        directory.write_text(KEPT_FILE, "".join(whole))
    return kept


def _take(kept: KeptRuns, line: str) -> bool:
    """Take one line up; tell whether it could be read."""
    try:
        record = cast("dict[str, Json]", json.loads(line))
        kind, number = record.pop("kind"), cast("int", record.pop("number"))
        figures = dict(_figures(cast("list[list[Json]]", record.pop("figures"))))
        if kind == _CENTRE:
            kept.centre = Measured(figures=figures, **record)  # type: ignore[arg-type]
        else:
            taken = kept.draws if kind == _DRAW else kept.replications
            taken[number] = figures
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
    return True


def _rows(figures: Figures) -> list[Json]:
    return [[*key, f.value, f.events, f.numerator, f.denominator] for key, f in figures.items()]


def _figures(rows: Iterable[list[Json]]) -> Iterable[tuple[Key, Figure]]:
    for measure, by, group, *values in rows:
        key = str(measure), str(by), str(group)
        yield key, Figure(*values)  # type: ignore[arg-type]
