"""Write a comparison directory with invented results, in the published layout.

Four policies on four million people. Every figure follows from a few invented shares, so that a
difference, its intervals and its verdict agree; nothing here is the model.
"""

from __future__ import annotations

import json
import runpy
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

FULL = 4_000_000
DRAWN, REPLICATED = 200_000, 200_000
STARTS_ON, DAYS = date(2022, 1, 31), 151
AGES = {"0-19": 0.24, "20-39": 0.23, "40-59": 0.26, "60-74": 0.17, "75+": 0.10}
SEXES = {"F": 0.517, "M": 0.483}
CHANNELS = {"email": 0.75, "letter": 0.25}
EXCLUDED = {"excluded": 0.15, "connected": 0.85}
READING = {"0-19": 1.0, "20-39": 0.85, "40-59": 1.0, "60-74": 1.1, "75+": 1.15}
OBJECTING = {"0-19": 0.5, "20-39": 1.2, "40-59": 1.3, "60-74": 0.9, "75+": 0.4}
UNITS = {
    "informed": "people",
    "informed_rate": "share",
    "opposed": "people",
    "opt_out_rate": "share",
    "activated": "people",
    "activation_rate": "share",
    "opened_uninformed": "spaces",
    "opened_uninformed_rate": "share",
    "spaces_open": "spaces",
    "coverage": "share",
    "letters": "letters",
    "emails": "emails",
    "codes_regenerated": "people",
    "calls": "calls",
    "calls_unanswered": "calls",
    "wait_p95_seconds": "seconds",
    "cost_eur": "EUR",
}
DENOMINATORS = {
    "informed_rate": "denominator.notified",
    "opt_out_rate": "denominator.notified",
    "activation_rate": "denominator.notified",
    "opened_uninformed_rate": "denominator.opened_automatically",
    "coverage": "denominator.population",
}
QUEUES = ("calls_unanswered", "wait_p95_seconds")
GROUPED = tuple(UNITS)[:10]
WIDTHS = {"opt_out_rate": 0.3, "opposed": 0.3, "informed": 0.1, "informed_rate": 0.1, "calls": 0.4}
"""Half-width of the interval of knowledge, relative to the value; 0.2 where nothing is said."""

POLICIES: dict[str, dict[str, Any]] = {
    "launch-2022": {
        "titles": ("La généralisation de 2022", "The national launch of 2022"),
        "questions": (None, None),
        "changes": {},
        "shares": {"read": 0.56, "opposed": 0.0148, "letters": 0.29, "open": 0.96},
    },
    "letters-to-seniors": {
        "titles": ("Un courrier à partir de 70 ans", "A letter from 70 years of age on"),
        "questions": (
            "Que donne un courrier aux personnes âgées ?",
            "What does a letter to older people bring?",
        ),
        "changes": {"notices.letter_from_age": (None, "70")},
        "shares": {"read": 0.59, "opposed": 0.0150, "letters": 0.36, "open": 0.9597},
    },
    "ten-week-window": {
        "titles": ("Dix semaines pour s'opposer", "Ten weeks to object"),
        "questions": (
            "Que change un délai plus long ?",
            "What does a longer window change?",
        ),
        "changes": {"enrolment.opposition_window": ("P6W", "P10W")},
        "shares": {"read": 0.56, "opposed": 0.01485, "letters": 0.29, "open": 0.71},
    },
    "opt-in": {
        "titles": ("Une ouverture sur demande", "Spaces opened on request"),
        "questions": (
            "Et si l'espace n'était ouvert que sur demande ?",
            "What if a space were opened on request only?",
        ),
        "changes": {"enrolment.mode": ("opt-out", "opt-in")},
        "shares": {"read": 0.0, "opposed": 0.0, "letters": 0.0, "open": 0.024},
    },
}
DEPARTURES = {
    "ten-week-window": {
        "path": "enrolment.opposition_window",
        "text": "CSP R. 1111-28",
        "value": "P10W",
        "in_force": "P6W",
        "fr": "suppose de modifier l'art. R. 1111-28 du code de la santé publique : six semaines",
        "en": "supposes a change of article R. 1111-28 of the public health code: six weeks",
    },
    "opt-in": {
        "path": "enrolment.mode",
        "text": "CSP L. 1111-13-1",
        "value": "opt-in",
        "in_force": "opt-out",
        "fr": "suppose de modifier l'art. L. 1111-13-1 du code de la santé publique",
        "en": "supposes a change of article L. 1111-13-1 of the public health code",
    },
}


def write_invented_comparison(directory: Path, *, draws: int = 64, full: bool = False) -> Path:
    """Write `comparison.json`, `run.json` and the run directory of each policy.

    Args:
        directory: To be made.
        draws: Knowledge draws; 0 leaves every interval of knowledge out.
        full: Whether the draws simulate everybody, so that queues have such an interval too.
    """
    builder = runpy.run_path(str(Path(__file__).with_name("invented_run.py")))
    write_run: Callable[..., Path] = builder["write_invented_run"]
    directory.mkdir(parents=True)
    for name in POLICIES:
        write_run(directory / name, people=2_000, draws=draws)
    template = json.loads((Path(__file__).parent / "invented" / "run.json").read_text("utf-8"))
    run = template | {"command": "compare", "arguments": list(POLICIES), "engine": "cohort"}
    run |= {"plan": None, "comparison": _plan(draws, full=full)}
    for file, content in (("run", run), ("comparison", invented_comparison(draws, full=full))):
        text = json.dumps(content, indent=1, ensure_ascii=False)
        (directory / f"{file}.json").write_text(text, encoding="utf-8")
    return directory


def invented_comparison(draws: int, *, full: bool) -> dict[str, Any]:
    """Return the content of `comparison.json`."""
    last_on = STARTS_ON + timedelta(days=DAYS - 1)
    return {
        "schema_version": 1,
        "engine": "cohort",
        "population": FULL,
        "full_population": FULL,
        "seed": 2022,
        "starts_on": STARTS_ON.isoformat(),
        "last_day_on": last_on.isoformat(),
        **_levels(draws, full=full),
        "measures": [
            {"key": k, "unit": u, "denominator": DENOMINATORS.get(k), "queue": k in QUEUES}
            for k, u in UNITS.items()
        ],
        "policies": [_policy(name) for name in POLICIES],
        "figures": list(_figures(draws, full=full)),
        "differences": list(_differences(draws, full=full)),
        "cost_effect": [_cost_effect(n, e, draws) for n, e in product(_others(), _EFFECTS)],
        "equity": [_gap(n, m, by, draws) for n, m, by in product(POLICIES, _SHARES, _GAPS)],
        "curves": _curves(),
        "hotline": [_hotline(name) for name in POLICIES],
        "common_random_numbers": [
            {
                "policy": name,
                "measure": measure,
                "variance_common": 1.0e-9,
                "variance_independent": 8.0e-8,
                "ratio": 80.0,
            }
            for name, measure in product(_others(), ("opt_out_rate", "calls"))
        ],
    }


def _levels(draws: int, *, full: bool) -> dict[str, Any]:
    return {
        "knowledge": {
            "draws": draws,
            "population_per_draw": FULL if full else DRAWN,
            "full": full,
            "level": 0.8,
            "method": "invented",
        },
        "chance": {
            "replications": 16,
            "population_per_replication": REPLICATED,
            "level": 0.95,
            "method": "invented",
        },
    }


_EFFECTS = ("informed", "opened_uninformed", "opposed", "spaces_open")
_SHARES = ("informed_rate", "opened_uninformed_rate")
_GAPS = {"age": AGES, "digital_exclusion": EXCLUDED}
_BASE = "launch-2022"


def _others() -> list[str]:
    return list(POLICIES)[1:]


def _plan(draws: int, *, full: bool) -> dict[str, Any]:
    return {
        "policies": list(POLICIES),
        "changes": [],
        "engine": "cohort",
        "population": FULL,
        "seed": 2022,
        "until": None,
        "knowledge_draws": draws,
        "knowledge_population": FULL if full else DRAWN,
        "replications": 16,
    }


def _policy(name: str) -> dict[str, Any]:
    about = POLICIES[name]
    letters, emails, calls = (_value(name, m) for m in ("letters", "emails", "calls"))
    cost = {"letters": letters * 0.8, "emails": emails * 0.003, "calls": calls * 5}
    return {
        "name": name,
        "directory": name,
        "scenario": name,
        "title_fr": about["titles"][0],
        "title_en": about["titles"][1],
        "question_fr": about["questions"][0],
        "question_en": about["questions"][1],
        "extends": None if name == _BASE else _BASE,
        "changes": [
            {"path": path, "from": before, "to": after}
            for path, (before, after) in about["changes"].items()
        ],
        "legal_departures": [DEPARTURES[name]] if name in DEPARTURES else [],
        "cost_eur": {"total": sum(cost.values()), **cost},
        "ledger_digest": f"{len(name):02x}" * 32,
        "law_digest": f"{len(name) + 1:02x}" * 32,
    }


def _value(name: str, measure: str, by: str = "all", group: str = "all") -> float:
    """The invented value of a measure in a group, at the scale of the full population."""
    shares = POLICIES[name]["shares"]
    part = {"all": {"all": 1.0}, "age": AGES, "sex": SEXES, "channel": CHANNELS}.get(by, EXCLUDED)
    people = FULL * part[group]
    old = name == "letters-to-seniors" and (by, group) in (("age", "75+"), ("channel", "letter"))
    reading = {"excluded": 0.7, "letter": 1.4, "email": 0.87}.get(group, READING.get(group, 1.0))
    read = min(0.97, shares["read"] * reading * (1.3 if old else 1.0))
    opposed = shares["opposed"] * OBJECTING.get(group, 1.0)
    opened = shares["open"]
    values: dict[str, float] = {
        "informed": people * read,
        "informed_rate": read,
        "opposed": people * opposed,
        "opt_out_rate": opposed,
        "activated": people * 0.05 * read,
        "activation_rate": 0.05 * read,
        "opened_uninformed": people * opened * (1 - read) if read else 0.0,
        "opened_uninformed_rate": 1 - read if read else 0.0,
        "spaces_open": people * opened,
        "coverage": opened,
        "letters": people * shares["letters"],
        "emails": people * (0.76 if read else 0.0) - people * (shares["letters"] - 0.29),
        "codes_regenerated": people * 0.004 * read,
        "calls": people * 0.03 * read,
        "calls_unanswered": people * 0.004 * read,
        "wait_p95_seconds": 240.0 * read,
    }
    values["emails"] = max(0.0, values["emails"])
    values["cost_eur"] = values["letters"] * 0.8 + values["emails"] * 0.003 + values["calls"] * 5
    return values[measure]


def _groups(measure: str) -> list[tuple[str, str]]:
    found = [("all", "all")]
    if measure in GROUPED:
        found += [("age", group) for group in AGES] + [("sex", group) for group in SEXES]
        found += [("digital_exclusion", group) for group in EXCLUDED]
        if UNITS[measure] != "share":
            found += [("channel", group) for group in CHANNELS]
    return found


def _around(value: float, width: float) -> list[float]:
    low, high = value * (1 - width), value * (1 + width)
    return [min(low, high), max(low, high)]


def _figures(draws: int, *, full: bool) -> Any:  # noqa: ANN401 (rows of JSON)
    for name, measure in product(POLICIES, UNITS):
        for by, group in _groups(measure):
            value = _value(name, measure, by, group)
            share, known = UNITS[measure] == "share", draws and (full or measure not in QUEUES)
            yield {
                "policy": name,
                "measure": measure,
                "by": by,
                "group": group,
                "value": value,
                "numerator": round(value * 1_000_000) if share else None,
                "denominator": 1_000_000 if share else None,
                "chance": None if measure in QUEUES else _around(value, 0.004),
                "sample_noise": None,
                "knowledge": _around(value, WIDTHS.get(measure, 0.2)) if known else None,
            }


def _differences(draws: int, *, full: bool) -> Any:  # noqa: ANN401 (rows of JSON)
    for name, measure in product(_others(), UNITS):
        for by, group in _groups(measure):
            before, after = (_value(n, measure, by, group) for n in (_BASE, name))
            # A small difference drowns in what is not known: its interval is wider than it is.
            small = abs(after - before) < 0.02 * abs(before)
            known = draws and (full or measure not in QUEUES)
            knowledge = _around(after - before, 1.6 if small else 0.3) if known else None
            verdict = None if knowledge is None else not knowledge[0] <= 0 <= knowledge[1]
            yield {
                "policy": name,
                "against": _BASE,
                "measure": measure,
                "by": by,
                "group": group,
                "from": before,
                "to": after,
                "difference": after - before,
                "chance": None if measure in QUEUES else _around(after - before, 0.02),
                "sample_noise": None,
                "knowledge": knowledge,
                "distinguishable": verdict,
            }


def _cost_effect(name: str, effect: str, draws: int) -> dict[str, Any]:
    sign = -1 if effect in ("opened_uninformed", "opposed") else 1
    people = sign * (_value(name, effect) - _value(_BASE, effect))
    cost = _value(name, "cost_eur") - _value(_BASE, "cost_eur")
    each = cost / people if people else None
    return {
        "policy": name,
        "against": _BASE,
        "effect": effect,
        "extra_cost_eur": cost,
        "extra_people": people,
        "eur_per_person": each,
        "knowledge": None if each is None or not draws else _around(each, 0.5),
        "distinguishable": bool(people) if draws else None,
    }


def _gap(name: str, measure: str, by: str, draws: int) -> dict[str, Any]:
    def spread(policy: str) -> list[tuple[float, str]]:
        return sorted((_value(policy, measure, by, group), group) for group in _GAPS[by])

    (lowest, lowest_group), (highest, highest_group) = spread(name)[0], spread(name)[-1]
    base = spread(_BASE)
    change = None if name == _BASE else (highest - lowest) - (base[-1][0] - base[0][0])
    known = draws and change is not None
    return {
        "policy": name,
        "measure": measure,
        "by": by,
        "lowest_group": lowest_group,
        "lowest": lowest,
        "highest_group": highest_group,
        "highest": highest,
        "gap": highest - lowest,
        "difference": change,
        "knowledge": _around(change or 0.0, 0.4) if known else None,
        "distinguishable": bool(change) if known else None,
    }


def _curves() -> dict[str, Any]:
    def rise(total: float, start: int, length: int) -> list[float]:
        return [round(total * min(1.0, max(0, day - start) / length), 1) for day in range(DAYS)]

    return {
        "days": [(STARTS_ON + timedelta(days=day)).isoformat() for day in range(DAYS)],
        "policies": [
            {
                "policy": name,
                "notified": rise(0.0 if name == "opt-in" else FULL, 0, 56),
                "informed": rise(_value(name, "informed"), 2, 60),
                "opposed": rise(_value(name, "opposed"), 3, 75),
                "activated": rise(_value(name, "activated"), 3, 140),
                "spaces_open": rise(_value(name, "spaces_open"), 98, 50),
                "calls": [_value(name, "calls") / DAYS] * DAYS,
                "cost_eur": rise(_value(name, "cost_eur"), 0, 70),
            }
            for name in POLICIES
        ],
    }


def _hotline(name: str) -> dict[str, Any]:
    calls, unanswered = _value(name, "calls"), _value(name, "calls_unanswered")
    each = calls / DAYS
    return {
        "policy": name,
        "agents": 60,
        "lines": 60,
        "opens": "08:30",
        "closes": "17:30",
        "service_minutes": 6.0,
        "patience_minutes": 5.0,
        "calls": calls,
        "answered": calls - unanswered,
        "blocked": unanswered / 4,
        "abandoned": unanswered * 3 / 4,
        "wait_mean_seconds": 61.0 if calls else None,
        "wait_p95_seconds": _value(name, "wait_p95_seconds") if calls else None,
        "by_day": [
            {
                "day": (STARTS_ON + timedelta(days=day)).isoformat(),
                "offered": each,
                "answered": each * 0.87,
                "blocked": each * 0.03,
                "abandoned": each * 0.10,
                "wait_mean_seconds": 61.0,
            }
            for day in range(DAYS)
            if each
        ],
    }
