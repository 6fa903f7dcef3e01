"""polars: people are rows, events are groups."""

import numpy as np
import polars as pl

from peer_engines.workload import Plan, Workload, counts, plan, serve


def run(work: Workload) -> dict[str, np.ndarray]:
    """Count everybody by lazy queries, run together."""
    drawn, counted = plan(work), counts(work)
    found = pl.collect_all(_queries(drawn, work.days))
    names = ("notified", "opposed", "activated", "opened_automatically", "closed")
    for name, rows in zip(names, found, strict=True):
        counted[name][rows["day"].to_numpy()] = rows["people"].to_numpy()
    serve(work, drawn, counted)
    return counted


def _queries(drawn: Plan, days: int) -> list[pl.LazyFrame]:
    names = ("notified", "opposes", "activates", "opens")
    people = pl.LazyFrame({name: getattr(drawn, name) for name in names})
    opposes, activates, opens = pl.col("opposes"), pl.col("activates"), pl.col("opens")
    in_time = (opposes < activates) & (opposes <= opens)
    happens = {
        "notified": pl.lit(value=True),
        "opposes": in_time,
        "activates": activates < opposes,
        "opens": opens < pl.min_horizontal(opposes, activates),
    }
    pairs = [*happens.items(), ("opposes", ~in_time)]
    return [
        people.filter(who & (pl.col(day) < days))
        .group_by(pl.col(day).alias("day"))
        .agg(pl.len().alias("people"))
        for day, who in pairs
    ]
