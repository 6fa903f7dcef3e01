"""The memory of a service at one moment."""

from dataclasses import dataclass

from etalon_model.access_log import LogRow
from etalon_model.register import Register


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What `Service.restore` goes back to.

    Attributes:
        register: Everybody the service knows.
        turned_away: Calls that no person's log can hold.
    """

    register: Register
    turned_away: tuple[LogRow, ...]
