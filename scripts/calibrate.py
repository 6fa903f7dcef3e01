"""Fit the calibrated parameters of the shipped scenarios to the measured figures.

Each round simulates a scenario with the agents engine and moves every fitted parameter by its
miss (`scripts/calibration.toml`); starts, population and seed are fixed, so the result is a pure
function of the code and of the figures. Values are written into the scenarios, the later ones
reading those of the earlier.

    python scripts/calibrate.py [--check] [--scenario NAME]

`--check` writes nothing and fails when a shipped value differs. The voluntary scheme has a fit of
its own, by arithmetic: `scripts/opt_in_rates.py`.
"""

import argparse
import json
import os
import re
import sys
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from etalon_scenarios.agents import simulate
from etalon_scenarios.comparisons import simulate_target
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.parameters import Number, Series
from etalon_scenarios.scenario import Scenario
from etalon_scenarios.tally import Tally
from etalon_scenarios.targets import Target, targets_for
from etalon_scenarios.value_in_file import set_value_in_file

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "scenarios/etalon_scenarios/data/scenarios"
TABLE = ROOT / "scripts/calibration.toml"
PER_LINE = 5
SERIES_TOLERANCE = Decimal("0.001")
"""A series is rounded value by value: its common factor is fitted to a thousandth."""


Fit = Mapping[str, str | int | Decimal]


def moved(
    fit: Fit, value: Decimal, scenario: Scenario, tally: Tally, targets: Mapping[str, Target]
) -> Decimal:
    """Return a parameter's next value, from what a run gave.

    Raises:
        ValueError: The run cannot be compared with the target.
    """
    target = targets[str(fit["target"])]
    simulated = simulated_at(scenario, tally, target)
    if fit["rule"] == "early-share":
        total = targets[str(fit["total"])]
        miss = target.value / total.value - simulated / simulated_at(scenario, tally, total)
        return value + miss / Decimal(fit["slope"])
    if fit["rule"] == "remainder":
        run = tally.run
        day = (target.on or scenario.ends_on).toordinal() - scenario.starts_on.toordinal()
        less = Decimal(tally.until(str(fit["less"]), day)) * run.full / run.population
        return value * (target.value - less) / (simulated - less)
    return value * target.value / simulated


def simulated_at(scenario: Scenario, tally: Tally, target: Target) -> Decimal:
    """Return what a run gave for a target.

    Raises:
        ValueError: The run cannot tell.
    """
    simulated = simulate_target(scenario, target, tally)
    if not simulated:
        message = f"{target.id}: the run gives nothing to compare; start the fit elsewhere"
        raise ValueError(message)
    return Decimal(repr(simulated))


def fitted(plan: Mapping[str, object], fits: list[Fit]) -> dict[str, Decimal]:
    """Fit the parameters of one scenario: path to value, or to the common factor of a series."""
    scenario = load_scenario(str(plan["name"]))
    targets = {target.id: target for target in targets_for(scenario)}
    values = {str(fit["parameter"]): Decimal(fit["start"]) for fit in fits}
    for number in range(1, int(str(plan["rounds"])) + 1):
        run = simulate(
            scenario.with_values(values),
            population=int(str(plan["population"])),
            seed=int(str(plan["seed"])),
        )
        tally = Tally(run)
        for fit in fits:
            path = str(fit["parameter"])
            values[path] = moved(fit, values[path], scenario, tally, targets)
        shown = ", ".join(f"{path} {value:.6g}" for path, value in values.items())
        print(f"{scenario.name}, round {number}: {shown}", file=sys.stderr, flush=True)
    return {
        str(fit["parameter"]): rounded(values[str(fit["parameter"])], int(fit["decimals"]))
        for fit in fits
    }


def rounded(value: Decimal, decimals: int) -> Decimal:
    """Round to so many decimals; to tens, hundreds, thousands when they are negative."""
    coarse = value.quantize(Decimal(1).scaleb(-decimals))
    return coarse if decimals >= 0 else coarse.quantize(Decimal(1))


def shipped(scenario: Scenario, path: str) -> Number | Series:
    """Return a parameter as it is shipped."""
    return dict(scenario.parameters())[path]


def apply_fit(name: str, path: str, value: Decimal, *, check: bool) -> bool:
    """Write a fitted value into its scenario, or compare; return whether it differed."""
    scenario, file = load_scenario(name), FOLDER / f"{name}.toml"
    parameter = shipped(scenario, path)
    if isinstance(parameter, Series):
        differs = abs(value - 1) > SERIES_TOLERANCE
        if differs and not check:
            write_series(file, path, [rounded(v * value, 4) for v in parameter.values])
    else:
        differs = value != parameter.value
        if differs and not check:
            set_value_in_file(file, path, value)
    print(f"{name}: {path} = {value} ({'differs' if differs else 'as shipped'})")
    return differs


def write_series(file: Path, path: str, values: list[Decimal]) -> None:
    """Rewrite the values of a series, five a line.

    Raises:
        LookupError: The file holds no such series.
    """
    rows = [values[first : first + PER_LINE] for first in range(0, len(values), PER_LINE)]
    body = "".join(f"  {', '.join(map(str, row))},\n" for row in rows)
    pattern = re.compile(rf"(\[{re.escape(path)}\]\s*\nvalues = \[[^\n]*\n)[^\]]*(\])")
    text, count = pattern.subn(rf"\g<1>{body}\g<2>", file.read_text(encoding="utf-8"))
    if count != 1:
        message = f"{file}: no series {path} with its values on lines of their own"
        raise LookupError(message)
    file.write_text(text, encoding="utf-8", newline="\n")


def main() -> int:
    """Fit every scenario asked for; 1 when a shipped value differs under `--check`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, do not write")
    parser.add_argument("--scenario", help="fit this scenario only")
    options = parser.parse_args()
    plans = tomllib.loads(TABLE.read_text(encoding="utf-8"), parse_float=Decimal)["scenario"]
    differing, found = 0, dict[str, dict[str, str]]()
    for plan in plans:
        if options.scenario in (None, plan["name"]):
            values = fitted(plan, plan["fit"])
            found[plan["name"]] = {path: str(value) for path, value in values.items()}
            for path, value in values.items():
                differing += apply_fit(plan["name"], path, value, check=options.check)
    if "ETALON_FIGURES" in os.environ:
        figures = Path(os.environ["ETALON_FIGURES"]) / "figures.json"
        figures.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 1 if differing and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
