"""Starsim: a module whose states are arrays over the agents, stepped every day."""

import numpy as np
import starsim as ss

from peer_engines.workload import Workload, counts, plan, serve


class OptOut(ss.Module):
    """The scheme as a module of Starsim."""

    def __init__(self, work: Workload) -> None:
        super().__init__()
        self.drawn, self.counted = plan(work), counts(work)
        self.last = work.days
        self.define_states(
            ss.BoolState("told"),
            ss.BoolState("unseen"),
            ss.BoolState("active"),
            ss.BoolState("out"),
            ss.FloatArr("notified_on"),
            ss.FloatArr("opposes_on"),
            ss.FloatArr("activates_on"),
            ss.FloatArr("opens_on"),
        )

    def init_post(self) -> None:
        """Give everybody their days."""
        super().init_post()
        self.notified_on[:] = self.drawn.notified
        self.opposes_on[:] = self.drawn.opposes
        self.activates_on[:] = self.drawn.activates
        self.opens_on[:] = self.drawn.opens

    def step(self) -> None:
        """Do what falls on this day, for all to whom it falls."""
        day, counted = self.ti, self.counted
        if day >= self.last:
            return
        told = (self.notified_on == day).uids
        self.told[told] = True
        counted["notified"][day] = len(told)
        enter = (~self.out & (self.activates_on == day)).uids
        self.active[enter] = True
        counted["activated"][day] = len(enter)
        leave = (~self.out & (self.opposes_on == day)).uids
        late = int(np.count_nonzero(self.unseen[leave] | self.active[leave]))
        self.out[leave] = True
        counted["closed"][day], counted["opposed"][day] = late, len(leave) - late
        opens = (self.told & ~self.active & ~self.out & (self.opens_on == day)).uids
        self.unseen[opens] = True
        counted["opened_automatically"][day] = len(opens)


def run(work: Workload) -> dict[str, np.ndarray]:
    """Let the days pass."""
    scheme = OptOut(work)
    simulation = ss.Sim(
        n_agents=work.people,
        modules=[scheme],
        start=ss.date("2022-01-31"),
        dur=ss.days(work.days - 1),
        dt=ss.days(1),
        verbose=0,
        copy_inputs=False,
    )
    simulation.run()
    serve(work, scheme.drawn, scheme.counted)
    return scheme.counted
