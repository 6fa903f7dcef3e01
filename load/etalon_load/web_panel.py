# pyright: standard
"""A panel of ours on Locust's page: each step with its percentiles to three digits, and the lag.

Locust's own tables round to two digits and count from the sending; these count from the intended
start.
"""

import json
from typing import Any, Final

from flask import Response, request

from etalon_load.gathering import Gathered
from etalon_load.histogram import Histogram

_KEY: Final = "etalon"
_STATISTICS: Final = "/stats/requests"
_COLUMNS: Final = (
    ("name", "Step"),
    ("count", "Answers"),
    ("failed", "Failed"),
    ("wrong", "Wrong"),
    ("p50", "p50 (ms)"),
    ("p95", "p95 (ms)"),
    ("p99", "p99 (ms)"),
    ("most", "Longest (ms)"),
    ("service", "p99 from sending (ms)"),
)


def add_panel(page: Any, gathered: Gathered) -> None:  # noqa: ANN401 (Locust's page, which has no types)
    """Add the panel to Locust's page, before it starts.

    Args:
        page: `locust.web.WebUI`.
        gathered: What the run has measured so far.
    """
    page.template_args |= {
        "extended_tabs": [{"title": "Étalon", "key": _KEY}],
        "extended_tables": [
            {
                "key": _KEY,
                "structure": [{"key": key, "title": title} for key, title in _COLUMNS],
            }
        ],
    }

    def extended(response: Response) -> Response:
        if request.path == _STATISTICS and response.is_json:
            told = {
                **response.get_json(),
                "extended_stats": [{"key": _KEY, "data": rows(gathered)}],
            }
            response.set_data(json.dumps(told))
        return response

    page.app.after_request(extended)


def rows(gathered: Gathered) -> list[dict[str, object]]:
    """Return what the panel shows: each step, then the lag of the generator."""
    shown: list[dict[str, object]] = []
    for step, measured in sorted(gathered.measures.steps.items()):
        seconds = measured.seconds.values()
        shown.append(
            {
                "name": str(step),
                "failed": sum(one.failed for one in seconds),
                "wrong": sum(one.wrong for one in seconds),
                "service": _milliseconds(measured.service, 99),
                **_latencies(measured.response),
            }
        )
    lag = gathered.measures.lag
    return [*shown, {"name": "(dispatch lag)", **_latencies(lag)}]


def _latencies(histogram: Histogram) -> dict[str, object]:
    percents = {"p50": 50.0, "p95": 95.0, "p99": 99.0, "most": 100.0}
    told = {name: _milliseconds(histogram, percent) for name, percent in percents.items()}
    return {"count": histogram.total, **told}


def _milliseconds(histogram: Histogram, percent: float) -> float | None:
    return round(histogram.percentile(percent) / 1000, 2) if histogram.total else None
