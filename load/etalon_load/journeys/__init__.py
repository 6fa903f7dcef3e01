"""What people come for: journeys of the service's users, by the interactions of the wire."""

from etalon_load.journeys.table import (
    by_the_sandbox,
    journey_of_kind,
    on_our_wire,
    steps,
    think_seconds,
    users,
    wanted_of,
)

__all__ = [
    "by_the_sandbox",
    "journey_of_kind",
    "on_our_wire",
    "steps",
    "think_seconds",
    "users",
    "wanted_of",
]
