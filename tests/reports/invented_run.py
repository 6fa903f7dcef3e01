"""Write a run directory with invented results, in the published layout.

Nothing here is the model: each person draws a channel, a day to act and an act. Its only use is
to draw reports before, and independently of, any engine.
"""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import duckdb

from etalon_text.schema_files import DIMENSIONS, counters, daily_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

FULL = 3_450_925
STARTS_ON = date(2021, 8, 30)
ENDS_ON = date(2021, 12, 21)
CREATION_ON = date(2021, 10, 10)
BANDS = (*(f"{low}-{low + 4}" for low in range(0, 95, 5)), "95+")
PEOPLE_BY_BAND = (54, 60, 63, 62, 57, 55, 60, 63, 61, 66, 66, 65, 61, 57, 55, 34, 27, 20, 10, 4)
OBJECTING = (5, 5, 6, 8, 14, 17, 18, 17, 16, 15, 14, 13, 12, 10, 9, 7, 5, 3, 2, 2)
BY_LETTER = (17, 17, 17, 15, 15, 16, 16, 17, 17, 19, 20, 23, 27, 33, 42, 53, 65, 77, 86, 92)
PILOT = ("31", "44", "80")
Key = tuple[date, str, str, str, str]


class Invented:
    """The counts of an invented run: `rows` by day and group, `curves` by day since notice."""

    def __init__(
        self, people: int, seed: int, last: date, departments: Sequence[str] = PILOT
    ) -> None:
        """Draw `people` lives up to the day `last`."""
        self.random = Random(seed)  # noqa: S311 (invented lives)
        self.last = last
        self.people = people
        self.rows: dict[Key, Counter[str]] = defaultdict(Counter)
        self.curves: dict[str, Counter[int]] = defaultdict(Counter)
        self.groups: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        bands = self.random.choices(range(20), PEOPLE_BY_BAND, k=people)
        for band in bands:
            self._live(band, self.random.choice("FM"), self.random.choice(departments))

    def _live(self, band: int, sex: str, department: str) -> None:
        draw = self.random.random
        channel = "letter" if draw() < BY_LETTER[band] / 100 else "email"
        notice = STARTS_ON + timedelta(days=int(draw() * 13) // 5 * 7 + int(draw() * 5))
        self.notice, self.key = notice, (department, BANDS[band], sex, channel)
        self.group = self.groups[BANDS[band], sex]
        self.group["population"] += 1
        if not self._count("notified", 0, f"sent_{channel}"):
            return
        self.curves["observed"][(self.last - notice).days] += 1
        reached = draw() < (0.95 if channel == "email" else 0.988)
        read = reached and draw() < (0.5 if channel == "email" else 0.85)
        self._count("delivered" if reached else "undelivered", 1 if channel == "email" else 4)
        if read:
            self._count("read", 4)
        self._act(band, read=read)

    def _act(self, band: int, *, read: bool) -> None:
        draw, wait = self.random.random, self.random.expovariate
        weight = 1.6 if read else 0.1
        if draw() < 0.03 * weight:
            self._count("calls", int(wait(1 / 12)))
        if draw() < OBJECTING[band] / 1000 * weight * 0.72:
            self._count("opposed", int(wait(1 / 8)), "opposed_web")
            return
        if draw() < 0.062 * weight:
            day = int(wait(1 / 8) if draw() < 0.55 else wait(1 / 60))
            early = "activated_before_opening" if day < 42 else "web_visits"
            self._count("activated", day, early, "web_visits")
            return
        opening = max(42, (CREATION_ON - self.notice).days + int(draw() * 16))
        extra = () if read else ("opened_uninformed",)
        if draw() > 0.017 and self._count("opened_automatically", opening, *extra):
            self.group["opened_uninformed"] += not read
            if draw() < 0.0004:
                self._count("closed", opening + int(draw() * 30))

    def _count(self, counter: str, after_days: int, *others: str) -> bool:
        day = self.notice + timedelta(days=after_days)
        if day > self.last:
            return False
        for name in (counter, *others):
            self.rows[(day, *self.key)][name] += 1
        self.group[counter] += 1
        self.curves[counter][after_days] += 1
        return True

    def total(self, counter: str) -> int:
        """Return a count over all days."""
        return sum(row[counter] for row in self.rows.values())


def write_invented_run(
    directory: Path,
    *,
    people: int = 20_000,
    draws: int = 64,
    last: date = ENDS_ON,
    departments: Sequence[str] = PILOT,
) -> Path:
    """Write run.json, summary.json, scenario.json, knowledge.json and daily.parquet."""
    directory.mkdir(parents=True)
    run = Invented(people, 7, last, departments)
    _write_parquet(run, directory / "daily.parquet")
    files = {
        "summary": _summary(run, draws),
        "run": _run(people, draws, last),
        "scenario": _template("scenario"),
    }
    if draws:
        files["knowledge"] = _knowledge(people, draws) | {"fans": _fans(run)}
    for name, content in files.items():
        text = json.dumps(content, indent=1, ensure_ascii=False)
        (directory / f"{name}.json").write_text(text, encoding="utf-8")
    return directory


def _write_parquet(run: Invented, file: Path) -> None:
    columns = ", ".join(f"{column.name} {column.sql_type}" for column in daily_columns())
    values = file.with_suffix(".csv")
    with values.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows(
            (*key, *(row[name] for name in counters())) for key, row in run.rows.items()
        )
    order = ", ".join(DIMENSIONS)
    with duckdb.connect() as base:
        base.execute(f"CREATE TABLE daily ({columns})")
        base.execute(f"COPY daily FROM '{values}' (HEADER false)")
        base.execute(f"COPY (FROM daily ORDER BY {order}) TO '{file}' (COMPRESSION zstd)")
    values.unlink()


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 9) if whole else None


COUNTS = (
    "population",
    "notified",
    "opposed",
    "activated",
    "opened_automatically",
    "opened_uninformed",
)


def _group(run: Invented, band: str | None, sex: str | None) -> dict[str, int]:
    wanted = [
        row
        for (its_band, its_sex), row in run.groups.items()
        if band in (None, its_band) and sex in (None, its_sex)
    ]
    return {name: sum(row[name] for row in wanted) for name in COUNTS}


def _curves(run: Invented) -> dict[str, list[int]]:
    days = range((run.last - STARTS_ON).days + 1)
    followed = run.curves["observed"]
    observed = [sum(n for span, n in followed.items() if span >= day) for day in days]
    names = ("opposed", "activated", "opened_automatically", "closed")
    return {"observed": observed} | {name: [run.curves[name][d] for d in days] for name in names}


def _rates(run: Invented) -> list[dict[str, Any]]:
    notified = run.total("notified")
    created = run.total("opened_automatically") + run.total("activated")
    rows = (
        ("opt_out_rate", run.total("opposed"), notified, "notified"),
        ("activation_rate", run.total("activated"), notified, "notified"),
        ("closure_rate", run.total("closed"), created, "created"),
        (
            "opened_uninformed_rate",
            run.total("opened_uninformed"),
            run.total("opened_automatically"),
            "opened_automatically",
        ),
    )
    return [
        {
            "key": key,
            "value": _share(part, whole),
            "numerator": part,
            "denominator": whole,
            "denominator_name": f"denominator.{name}",
        }
        for key, part, whole, name in rows
    ]


def _intervals(rates: list[dict[str, Any]], draws: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for rate in rates[:3]:
        share = rate["value"] or 0.0
        chance = 1.96 * (share * (1 - share) / FULL) ** 0.5
        noise = 1.96 * (share * (1 - share) / max(rate["denominator"], 1)) ** 0.5
        found[rate["key"]] = {
            "chance": [share - chance, share + chance],
            "sample_noise": [share - noise, share + noise],
            "knowledge": [share * 0.66, share * 1.41] if draws else None,
        }
    return found


def _comparisons(rates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    pilot, toulouse = "https://www.ticsante.com/story?ID=6003", "https://www.innovasso.fr/article/"
    rows = (
        ("opt_out_rate", None, rates[0]["value"], 23_180 / 3_391_505, 0.006, 0.008, True, pilot),
        ("opt_out_share_of_final", 22, 0.913, 0.94, 0.85, 1.0, False, toulouse),
        ("activation_rate", 22, 0.034, 0.035, 0.03, 0.04, True, toulouse),
        ("activation_rate", 90, rates[1]["value"], 0.0495, 0.046, 0.056, True, pilot),
        ("closure_rate", None, rates[2]["value"], 0.000354, 0.0002, 0.0006, True, pilot),
    )
    names = {"closure_rate": "created", "opt_out_share_of_final": "opposed"}
    return [
        {
            "key": key,
            "day": day,
            "unit": "share",
            "simulated": simulated,
            "measured": measured,
            "low": low,
            "high": high,
            "source": source,
            "within": simulated is not None and low <= simulated <= high,
            "calibrated": calibrated,
            "denominator_name": f"denominator.{names.get(key, 'notified')}",
        }
        for key, day, simulated, measured, low, high, calibrated, source in rows
    ]


def _summary(run: Invented, draws: int) -> dict[str, Any]:
    rates = _rates(run)
    intervals = _intervals(rates, draws)
    return {
        **_heading(run),
        **_counts(run),
        "opt_out_rate": rates[0]["value"],
        "opt_out_rate_interval": intervals["opt_out_rate"],
        "activation_rate": rates[1]["value"],
        "closure_rate": rates[2]["value"],
        "hotline": _hotline(run),
        "website": {"visits": run.total("web_visits"), "turned_away": None},
        "cost_eur": _costs(run),
        "rates": rates,
        "denominators": {rate["key"]: rate["denominator_name"] for rate in rates},
        "curves": _curves(run),
        **_groups(run),
        "intervals": intervals,
        "interval_levels": {"chance": 0.95, "sample_noise": 0.95, "knowledge": 0.8},
        "comparisons": _comparisons(rates),
        "assumptions": 10,
        "ledger_digest": "5f" * 32,
        "law_digest": "a0" * 32,
        "run": {"wall_seconds": 21.4, "peak_memory_bytes": 210_000_000, "workers": 1},
    }


def _heading(run: Invented) -> dict[str, Any]:
    same = ("title_fr", "title_en", "vintage", "basis", "starts_on", "ends_on")
    scenario = _template("scenario")
    return {key: scenario[key] for key in same} | {
        "schema_version": 1,
        "scenario": scenario["name"],
        "engine": "agents",
        "seed": 7,
        "last_day_on": run.last.isoformat(),
        "population": run.people,
        "full_population": FULL,
        "scope": run.people / FULL,
    }


def _counts(run: Invented) -> dict[str, Any]:
    email, letter = run.total("sent_email"), run.total("sent_letter")
    steps = {
        "notified": email + letter,
        "delivered": run.total("delivered"),
        "read": run.total("read"),
        "acted": run.total("opposed") + run.total("activated"),
    }
    counts = ("opposed", "activated", "closed", "undelivered", "bounced", "codes_regenerated")
    return {
        "notified": email + letter,
        "notified_by_channel": {"email": email, "letter": letter},
        **{name: run.total(name) for name in counts},
        "auto_created": run.total("opened_automatically"),
        "funnel": [{"step": step, "count": count} for step, count in steps.items()],
    }


def _hotline(run: Invented) -> dict[str, Any]:
    calls: Counter[date] = Counter()
    for key, row in run.rows.items():
        calls[key[0]] += row["calls"]
    return {
        "calls": run.total("calls"),
        **dict.fromkeys(("answered", "blocked", "abandoned", "wait_p95_seconds")),
        "by_day": [{"day": day.isoformat(), "calls": n} for day, n in sorted(calls.items()) if n],
    }


def _costs(run: Invented) -> dict[str, float]:
    prices = {
        "letters": ("sent_letter", 0.8),
        "emails": ("sent_email", 0.003),
        "calls": ("calls", 5),
    }
    costs = {item: run.total(counter) * price for item, (counter, price) in prices.items()}
    return {"total": sum(costs.values()), **costs}


def _groups(run: Invented) -> dict[str, Any]:
    uninformed = {band: _group(run, band, None)["opened_uninformed"] for band in BANDS}
    return {
        "opened_uninformed": {"total": sum(uninformed.values()), "by_age_band": uninformed},
        "by_age_band": [{"band": band, **_group(run, band, None)} for band in BANDS],
        "by_sex": [{"sex": sex, **_group(run, None, sex)} for sex in "FM"],
        "by_age_and_sex": [
            {"band": band, "sex": sex, **_group(run, band, sex)}
            for band, sex in product(BANDS, "FM")
        ],
        "by_department": [],
    }


def _run(people: int, draws: int, last: date) -> dict[str, Any]:
    arguments = ["pilot-2021", "--population", str(people), "--seed", "7", "--out", "A"]
    whole = last == ENDS_ON
    return _template("run") | {
        "arguments": arguments,
        "knowledge": {"draws": draws, "population_per_draw": people if draws else 0},
        "status": "complete" if whole else "partial",
        "status_reason": None if whole else "interrupted",
    }


def _knowledge(people: int, draws: int) -> dict[str, Any]:
    random = Random(11)  # noqa: S311 (invented draws)
    known = _template("knowledge")
    scaled = {"cost_eur": [people * 0.24, people * 0.51], "calls": [people * 0.015, people * 0.06]}
    return known | {
        "draws_requested": draws,
        "draws_done": draws,
        "intervals": known["intervals"] | scaled,
        "draws": [_draw(rank, random, known) for rank in range(draws)],
    }


def _draw(rank: int, random: Random, known: dict[str, Any]) -> dict[str, Any]:
    """Three parameters in their ranges, each with its own weight on the opt-out rate."""
    weights = {"intent.opposition": 0.5, "reading.email": -0.3, "reading.letter": 0.15}
    places = {path: random.random() for path in weights}
    ratio = 1 + sum(weight * (places[path] - 0.5) for path, weight in weights.items())
    return {
        "draw": rank,
        "parameters": places,
        "headlines": {"opt_out_rate": known["central"]["opt_out_rate"] * ratio},
    }


def _fans(run: Invented) -> list[dict[str, Any]]:
    """Cumulative counts a week, the draws a fixed share around them."""
    weeks = range(6, (run.last - STARTS_ON).days + 1, 7)
    days = [*(STARTS_ON + timedelta(days=day) for day in weeks), run.last]
    factors = {0.1: 0.66, 0.25: 0.85, 0.5: 1.02, 0.75: 1.2, 0.9: 1.41}
    rows: list[dict[str, Any]] = []
    for key in ("opposed", "activated", "opened_automatically", "calls"):
        dated = [(cell[0], counts[key]) for cell, counts in run.rows.items()]
        central = [sum(count for at, count in dated if at <= day) for day in days]
        rows.append(
            {
                "key": key,
                "on": [day.isoformat() for day in days],
                "central": central,
                "quantiles": list(factors),
                "values": [[count * factor for count in central] for factor in factors.values()],
            }
        )
    return rows


def _template(name: str) -> dict[str, Any]:
    file = Path(__file__).parent / "invented" / f"{name}.json"
    return dict(json.loads(file.read_text(encoding="utf-8")))
