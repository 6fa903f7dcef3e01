"""The agents engine: each person a SimPy process that issues commands to the real model.

It is the meaning of a scenario, spelled out person by person; another engine is right when its
ledger has the same digest. The order of a day is that of `etalon_scenarios.timetable`.
"""

from etalon_scenarios.agents.simulation import simulate
from etalon_scenarios.runs import Progress, Run

__all__ = ["Progress", "Run", "simulate"]
