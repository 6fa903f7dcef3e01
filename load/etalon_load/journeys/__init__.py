"""What people come for: journeys of the service's users, by the interactions of the wire."""

from etalon_load.journeys.table import (
    journey_of_kind,
    on_our_wire,
    steps,
    think_seconds,
    users,
    wanted_of,
)

__all__ = ["journey_of_kind", "on_our_wire", "steps", "think_seconds", "users", "wanted_of"]
