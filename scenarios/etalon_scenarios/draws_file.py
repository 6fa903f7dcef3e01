"""`knowledge.json`: the draws done so far, what each gave, and what follows from them.

Schema: `etalon_text/schemas/knowledge.schema.json`. The file is rewritten after each draw, so a
study that was stopped goes on from the draws it holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from etalon_scenarios.headlines import Headline
from etalon_scenarios.knowledge import (
    FAN_QUANTILES,
    LEVEL,
    METHOD,
    drawn_values,
    drivers,
    fan,
    interval,
    ratios,
)
from etalon_scenarios.policies.measuring import week_ends
from etalon_scenarios.trials import Trial, TrialResult, days_planned

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from etalon_scenarios.run_directory import Json, RunDirectory
    from etalon_scenarios.run_record import Plan
    from etalon_scenarios.scenario import Scenario

Weeks: TypeAlias = "Mapping[str, Sequence[int]]"
"""Counter -> cumulative counts by week, people simulated (see `Measured.weeks`)."""

KNOWLEDGE_FILE: Final = "knowledge.json"
SCHEMA_VERSION: Final = 1
CENTRAL: Final = -1
"""Key of the central run among the trials."""


@dataclass(slots=True)
class Draws:
    """The knowledge draws of a study.

    Attributes:
        plan: What was asked for.
        scenario: The scenario with its changes.
        central: Headlines with every parameter at its value, once known.
        done: Headlines by draw.
        weeks: Cumulative counts by draw, `CENTRAL` for the central run (see `Measured.weeks`).
    """

    plan: Plan
    scenario: Scenario
    central: Mapping[str, Headline] | None = None
    done: dict[int, Mapping[str, Headline]] = field(
        default_factory=dict[int, "Mapping[str, Headline]"]
    )
    weeks: dict[int, Weeks] = field(default_factory=dict[int, "Weeks"])
    _drawn: dict[int, dict[str, Decimal]] = field(default_factory=dict[int, "dict[str, Decimal]"])

    def missing(self) -> dict[int, Trial]:
        """Give the trials still to be done, the central run first."""
        keys = [key for key in range(CENTRAL, self.plan.knowledge_draws) if not self._has(key)]
        return {key: self._trial(key) for key in keys}

    def add(self, key: int, result: TrialResult) -> None:
        """Keep what one trial gave."""
        self.weeks[key] = result.measured.weeks
        if key == CENTRAL:
            self.central = result.headlines
        else:
            self.done[key] = result.headlines

    @property
    def complete(self) -> bool:
        """Whether every draw, and the central run, is done."""
        return self.central is not None and len(self.done) == self.plan.knowledge_draws

    def intervals(self, headlines: Mapping[str, Headline]) -> dict[str, list[float]]:
        """Give the interval of each headline of the run that the draws can tell."""
        found = {
            name: interval(headline.value, self._spread(name))
            for name, headline in headlines.items()
        }
        return {name: bounds for name, bounds in found.items() if bounds is not None}

    def write(
        self, directory: RunDirectory, headlines: Mapping[str, Headline], weeks: Weeks
    ) -> None:
        """Write `knowledge.json`.

        Args:
            directory: Where the run lands.
            headlines: Those of the run itself.
            weeks: Its cumulative counts.

        Raises:
            StorageError: The disk is full or refused the file.
        """
        record: dict[str, Json] = {
            "schema_version": SCHEMA_VERSION,
            "draws_requested": self.plan.knowledge_draws,
            "draws_done": len(self.done),
            "seed": self.plan.seed,
            "population_per_draw": self.plan.knowledge_population,
            "level": LEVEL,
            "method": METHOD,
            "central": _values(self.central or {}),
            "central_events": {n: h.events for n, h in (self.central or {}).items()},
            "intervals": self.intervals(headlines) if self.complete else {},
            "drivers": self._drivers() if self.complete else {},
            "fans": self._fans(weeks) if self.complete else [],
            "central_weeks": _listed(self.weeks.get(CENTRAL, {})),
            "draws": [self._draw(number) for number in sorted(self.done)],
        }
        directory.write_json(KNOWLEDGE_FILE, record)

    def _has(self, key: int) -> bool:
        return self.central is not None if key == CENTRAL else key in self.done

    def _trial(self, key: int) -> Trial:
        values = {} if key == CENTRAL else self._values(key)
        return Trial(
            population=self.plan.knowledge_population,
            seed=self.plan.seed,
            until=self.plan.until,
            values=values,
        )

    def _values(self, draw: int) -> dict[str, Decimal]:
        if draw not in self._drawn:
            parameters = self.scenario.parameters()
            self._drawn[draw] = drawn_values(parameters, self.plan.seed, draw)
        return self._drawn[draw]

    def _spread(self, name: str) -> list[float] | None:
        if self.central is None or name not in self.central:
            return None
        return ratios(name, self.central, [self.done[number] for number in sorted(self.done)])

    def _drivers(self) -> dict[str, Json]:
        values = [self._values(number) for number in sorted(self.done)]
        spreads = ((name, self._spread(name)) for name in self.central or {})
        return {
            name: [{"path": d.path, "share": d.share} for d in drivers(values, spread)]
            for name, spread in spreads
            if spread is not None
        }

    def _fans(self, weeks: Weeks) -> list[Json]:
        """Give, for each counter, its course in the run and the quantiles of its draws."""
        starts_on = self.scenario.starts_on
        central = self.weeks.get(CENTRAL, {})
        drawn = [self.weeks[number] for number in sorted(self.done)]
        return [
            {
                "key": name,
                "on": [
                    (starts_on + timedelta(days=day)).isoformat()
                    for day in week_ends(days_planned(self.scenario, self.plan.until))
                ],
                "central": list(course),
                "quantiles": list(FAN_QUANTILES),
                "values": fan(course, central[name], [one[name] for one in drawn]),
            }
            for name, course in weeks.items()
            if name in central
        ]

    def _draw(self, number: int) -> dict[str, Json]:
        headlines = self.done[number]
        return {
            "draw": number,
            "parameters": {path: float(value) for path, value in self._values(number).items()},
            "headlines": _values(headlines),
            "weeks": _listed(self.weeks.get(number, {})),
        }


def draws_from_json(plan: Plan, scenario: Scenario, record: Mapping[str, Json]) -> Draws:
    """Take up the draws of a study that was stopped.

    Raises:
        KeyError: A key is missing.
    """
    central = cast("Mapping[str, float | None]", record["central"])
    events = cast("Mapping[str, int]", record["central_events"])
    draws = Draws(plan, scenario)
    if central:
        draws.central = {name: Headline(value, events[name]) for name, value in central.items()}
        draws.weeks[CENTRAL] = cast("Weeks", record["central_weeks"])
    for row in cast("list[Mapping[str, Json]]", record["draws"]):
        headlines = cast("Mapping[str, float | None]", row["headlines"])
        number = cast("int", row["draw"])
        draws.done[number] = {name: Headline(value, 0) for name, value in headlines.items()}
        draws.weeks[number] = cast("Weeks", row["weeks"])
    return draws


def _listed(weeks: Weeks) -> dict[str, Json]:
    return {name: list(course) for name, course in weeks.items()}


def _values(headlines: Mapping[str, Headline]) -> dict[str, Json]:
    return {name: headline.value for name, headline in headlines.items()}
