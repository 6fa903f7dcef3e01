"""SimPy: each person a process, the hotline a resource."""

from collections.abc import Generator

import numpy as np
import simpy

from peer_engines.workload import DAY, NEVER, NOTIFIED, Plan, Workload, closing, counts, plan

NOON, EVENING = DAY // 2, DAY * 11 // 12
Process = Generator[simpy.Event, object, None]


def run(work: Workload) -> dict[str, np.ndarray]:
    """Let everybody live."""
    drawn = plan(work)
    counted = {name: days.tolist() for name, days in counts(work).items()}
    env = simpy.Environment()
    columns = (drawn.notified, drawn.opposes, drawn.activates, drawn.opens)
    for days in zip(*(column.tolist() for column in columns), strict=True):
        env.process(_person(env, work.days, counted, days))
    _dial(env, work, drawn, counted)
    env.run(until=work.days * DAY)
    return {name: np.array(days) for name, days in counted.items()}


def _person(
    env: simpy.Environment, last: int, counted: dict[str, list[int]], days: tuple[int, ...]
) -> Process:
    notified, opposes, activates, opens = days
    yield env.timeout(notified * DAY)
    counted["notified"][notified] += 1
    standing = NOTIFIED
    open_now = active = False
    moments = [(opens * DAY + EVENING, "open")]
    if opposes < NEVER // 2:
        moments.append((opposes * DAY + NOON, "oppose"))
    if activates < NEVER // 2:
        moments.append((activates * DAY + NOON, "activate"))
    for moment, act in sorted(moments):
        if moment >= last * DAY:
            return
        yield env.timeout(moment - env.now)
        day = moment // DAY
        if act == "oppose":
            counted["closed" if open_now or active else "opposed"][day] += 1
            return
        if act == "activate":
            active = True
            counted["activated"][day] += 1
        elif standing == NOTIFIED and not active:
            open_now = True
            counted["opened_automatically"][day] += 1


def _dial(
    env: simpy.Environment, work: Workload, drawn: Plan, counted: dict[str, list[int]]
) -> None:
    hotline = simpy.Resource(env, work.number("agents"))
    columns = (drawn.call_at, drawn.service, drawn.patience)
    for at, service, patience in zip(*(column.tolist() for column in columns), strict=True):
        limit = min(patience, closing(work, at) - at)
        env.process(_call(env, hotline, counted, (at, service, limit)))


def _call(
    env: simpy.Environment,
    hotline: simpy.Resource,
    counted: dict[str, list[int]],
    call: tuple[int, int, int],
) -> Process:
    at, service, limit = call
    yield env.timeout(at)
    counted["calls"][at // DAY] += 1
    line = hotline.request()
    if not line.triggered:
        yield line | env.timeout(limit)
    if not line.triggered:
        line.cancel()
        counted["calls_abandoned"][at // DAY] += 1
        return
    counted["calls_answered"][at // DAY] += 1
    counted["waiting"][at // DAY] += int(env.now) - at
    yield env.timeout(service)
    hotline.release(line)
