"""OpenFisca-Core: where a person stands is a variable of the day, calculated day by day."""

import datetime as dt

import numpy as np
from openfisca_core import entities, periods, taxbenefitsystems, variables
from openfisca_core.simulations import SimulationBuilder

from peer_engines.workload import Workload, counts, plan, serve

STARTS_ON = dt.date(2022, 1, 31)
NAMES = ("notified", "activated", "opposed", "closed", "opened_automatically")
PERSON = entities.build_entity("person", "people", "somebody", is_person=True)


def _drawn_day(name: str) -> type[variables.Variable]:
    """Make the variable of a day that is drawn once."""
    body = {
        "value_type": int,
        "entity": PERSON,
        "definition_period": periods.DateUnit.ETERNITY,
        "label": name,
    }
    return type(name, (variables.Variable,), body)


class done(variables.Variable):  # noqa: N801 (OpenFisca names variables after their classes)
    """What has happened to a person by the end of a day: one bit an event."""

    value_type = int
    entity = PERSON
    definition_period = periods.DateUnit.DAY
    label = "events so far"

    def formula(people, period):  # noqa: ANN001, ANN201, N805 (the form that OpenFisca asks for)
        """Compare the day with the drawn days."""
        day = (period.start.date - STARTS_ON).days
        notified, opens = people("notified", period), people("opens", period)
        opposes, activates = people("opposes", period), people("activates", period)
        in_time = (opposes < activates) & (opposes <= opens)
        first = np.minimum(opposes, activates)
        return (
            (notified <= day)
            + 2 * ((activates < opposes) & (activates <= day))
            + 4 * (in_time & (opposes <= day))
            + 8 * (~in_time & (opposes <= day))
            + 16 * ((opens < first) & (opens <= day))
        )


def run(work: Workload) -> dict[str, np.ndarray]:
    """Calculate day by day."""
    drawn, counted = plan(work), counts(work)
    system = taxbenefitsystems.TaxBenefitSystem([PERSON])
    days = ("notified", "opposes", "activates", "opens")
    for name in days:
        system.add_variable(_drawn_day(name))
    system.add_variable(done)
    simulation = SimulationBuilder().build_default_simulation(system, work.people)
    for name in days:
        simulation.set_input(name, periods.DateUnit.ETERNITY, getattr(drawn, name).astype(np.int32))
    before = np.zeros(len(NAMES), dtype=np.int64)
    for day in range(work.days):
        period = periods.period(f"day:{STARTS_ON + dt.timedelta(day)}")
        states = np.bincount(simulation.calculate("done", period), minlength=1 << len(NAMES))
        simulation.delete_arrays("done", period)
        reached = [states[np.arange(len(states)) >> bit & 1 == 1].sum() for bit in range(5)]
        for name, change in zip(NAMES, np.array(reached) - before, strict=True):
            counted[name][day] = change
        before = np.array(reached)
    serve(work, drawn, counted)
    return counted
