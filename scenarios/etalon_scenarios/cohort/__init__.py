"""The cohort engine: institutions are SimPy processes, people live in NumPy arrays.

It gives the same ledger as the agents engine, bit for bit, for the same scenario, population and
seed, and costs as much as what happens, not as the people to whom nothing does. The order of a
day is that of `etalon_scenarios.timetable`.
"""

from etalon_scenarios.cohort.simulation import simulate

__all__ = ["simulate"]
