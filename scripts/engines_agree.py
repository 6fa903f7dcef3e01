"""Compare the two engines on populations of 100,000: the same ledger, bit for bit.

python scripts/engines_agree.py [--people N]
"""

import argparse
import sys

from etalon_scenarios import agents, cohort
from etalon_scenarios.loading import load_scenario

CROWDED = (
    "hotline.agents=8",
    "hotline.lines=4",
    "hotline.information_calls=0.1",
    "website.admissions_per_minute=40",
    "post.letters_per_day=40000",
    "media.shock_on=2021-09-20",
    "media.shock_size=20",
    "minors.rule=own-from-16",
    'reminders=[{after_days=14, channel="same"}]',
)
"""Queues that overflow, a shock, levers moved."""

RUNS = (("pilot-2021", ()), ("launch-2022", ()), ("pilot-2021", CROWDED))


def main() -> int:
    """Compare each run; say how it went."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--people", type=int, default=100_000, metavar="N")
    people: int = parser.parse_args().people
    differ = 0
    for name, changes in RUNS:
        scenario = load_scenario(name, changes)
        one = agents.simulate(scenario, population=people, seed=4).ledger
        other = cohort.simulate(scenario, population=people, seed=4).ledger
        same = one.digest() == other.digest()
        same &= one.since_notice == other.since_notice and one.waits == other.waits
        same &= (one.excluded == other.excluded).all() and (one.reminders == other.reminders).all()
        differ += not same
        moved = f"{len(changes)} levers moved" if changes else "as shipped"
        print(f"{name}, {moved}, {people} people: {'equal' if same else 'DIFFERENT'}", flush=True)
        print(f"  agents {one.digest()}\n  cohort {other.digest()}")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
