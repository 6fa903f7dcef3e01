"""How the server itself is doing: health, readiness, metrics."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from etalon_server.exchange import Answer, Desk, Handler, Request
from etalon_server.health import counters_of, gauges_of, health_of
from etalon_server.metrics import MEDIA_TYPE
from etalon_wire.json_body import write_json

_JSON: Final = "application/json"
_UNCACHED: Final = (("Cache-Control", "no-store"),)


async def health(desk: Desk, request: Request) -> Answer:
    """Answer that the process lives."""
    del desk, request
    return Answer(HTTPStatus.OK, write_json({"status": "alive"}), _JSON, _UNCACHED)


async def readiness(desk: Desk, request: Request) -> Answer:
    """Answer whether requests are taken: 503 when the disk refused or the service broke."""
    del request
    ready, said = health_of(desk)
    status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
    return Answer(status, write_json(said), _JSON, _UNCACHED)


async def metrics(desk: Desk, request: Request) -> Answer:
    """Answer the counts since the start, in the text format of Prometheus."""
    del request
    text = desk.metrics.text(gauges_of(desk), counters_of(desk))
    return Answer(HTTPStatus.OK, text.encode(), MEDIA_TYPE, _UNCACHED)


HANDLERS: Final[Mapping[str, Handler]] = {
    "health": health,
    "readiness": readiness,
    "metrics": metrics,
}
