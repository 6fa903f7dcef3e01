"""What a server knows of the editors of agendas."""

from collections.abc import Mapping

from etalon_model.agenda.schedules import Diary
from etalon_model.register import Register
from etalon_server.exchange import Desk


def register_of(desk: Desk) -> Register:
    """Return the memory of the service, to read before anything else happens."""
    return desk.host.service.snapshot(copied=False).register


def diaries_of(desk: Desk) -> Mapping[str, Diary]:
    """Return what the service keeps for editors, by their identifier."""
    return register_of(desk).diaries
