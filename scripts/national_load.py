"""Write docs/reference/national-load.md: what national peaks take in cores, machines and workers.

Figures stand in tables of `load/etalon_load/data`: peaks that were published or simulated, what was
measured of one core (`national_measured.csv`), what is assumed (`national_assumptions.csv`).

    python scripts/national_load.py [--check]
"""

import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from etalon_load.national import Amount, Figure, Sizing, sized
from etalon_load.profiles import national_peak
from generated import write_or_compare

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "reference" / "national-load.md"
DATA: Final = ROOT / "load" / "etalon_load" / "data"
HEAD: Final = """\
# National peaks on paper

Written by `scripts/national_load.py` from tables of `load/etalon_load/data`; do not edit.

What a peak takes follows from the utilisation law: requests a second, times the seconds of CPU of
one, over how busy a core may be; then so many more that a zone may be lost. Nothing here says that
many machines do together what they do apart: where machines wait for each other it takes more, and
only a measure of several tells how many more. These are floors, and the order of magnitude of a
rehearsal. Put the figures of your own platform in place of ours: `etalon load capacity` measures
them, `etalon load decide` reckons with them.
"""
EVENING: Final = "As many visitors in a minute, each on one journey of the launch day"
PROFILES: Final = {
    "launch-day": "Launch of 2022, simulated: its busiest quarter of an hour",
    "media-shock": "Press scare in the launch, simulated: its busiest quarter of an hour",
    "winter-peak": "January after the launch, simulated, laboratories in an epidemic",
}
HEADINGS: Final = (
    "requests a second",
    "cores kept busy",
    "cores, a zone to lose",
    "machines",
    "workers",
    "machines that send",
)


def main() -> int:
    """Write the page, or compare it; 1 when it differs."""
    return write_or_compare(__doc__, {PAGE: lambda: "\n".join(page()) + "\n"})


def page() -> Iterator[str]:
    """Yield the lines of the page."""
    measured = {row["key"]: _figure(row) for row in _rows("national_measured.csv")}
    sizings = list(_sizings(measured))
    yield HEAD
    yield "## What each peak takes"
    yield ""
    yield f"| peak | {' | '.join(HEADINGS)} |"
    yield f"|---|{'---:|' * len(HEADINGS)}"
    for name, sizing in sizings:
        yield f"| {name} | {' | '.join(_cells(sizing))} |"
    yield ""
    yield "Between brackets: with every figure at its most, then at its least, favourable."
    yield ""
    yield "## What this rests on"
    yield ""
    yield "| figure | at least | reckoned | at most | unit | kind | source |"
    yield "|---|---:|---:|---:|---|---|---|"
    yield from _figures([sizing for _, sizing in sizings], measured)
    yield ""
    yield "## Peaks that were published"
    yield ""
    yield "| peak | figure | source |"
    yield "|---|---:|---|"
    for row in _rows("published_peaks.csv"):
        yield f"| {row['peak_en']} | {float(row['value']):,.0f} {row['unit']} | {row['source']} |"


def _sizings(measured: dict[str, Figure]) -> Iterator[tuple[str, Sizing]]:
    published = {row["key"]: row for row in _rows("published_peaks.csv")}
    doctolib = published["doctolib-requests"]
    yield doctolib["peak_en"], _sized(_requests(doctolib), measured)
    visitors = _requests(published["doctolib-visitors"])
    yield EVENING, _sized(_of_journeys(visitors, measured), measured)
    for name, title in PROFILES.items():
        peak = national_peak(name) or 0.0
        source = {"fr": f"profil {name}", "en": f"profile {name}"}
        journeys = Figure("journeys", peak, peak, peak, "journeys/s", "derived", source)
        yield title, _sized(_of_journeys(journeys, measured), measured)


def _requests(row: dict[str, str]) -> Figure:
    low, value, high = (float(row[key]) for key in ("low", "value", "high"))
    source = {"fr": row["source"], "en": row["source"]}
    return Figure("requests", low, value, high, row["unit"], "published", source)


def _of_journeys(journeys: Figure, measured: dict[str, Figure]) -> Figure:
    """Return the requests a second that so many journeys a second make."""
    each = measured["requests_per_journey"]
    ends = zip(_ends(journeys), _ends(each), strict=True)
    low, value, high = (one * other for one, other in ends)
    return Figure("requests", low, value, high, "requests/s", "derived", journeys.source)


def _ends(figure: Figure) -> tuple[float, float, float]:
    return figure.low, figure.value, figure.high


def _sized(requests: Figure, measured: dict[str, Figure]) -> Sizing:
    return sized(requests, measured["cpu_seconds"], sent_per_core=measured["sent_per_core"])


def _cells(sizing: Sizing) -> Iterator[str]:
    yield f"{sizing.requests:,.0f}" if sizing.requests >= 100 else f"{sizing.requests:.1f}"  # noqa: PLR2004
    for amount in (
        sizing.busy_cores,
        sizing.cores,
        sizing.machines,
        sizing.workers,
        sizing.own_machines,
    ):
        yield _amount(amount)


def _amount(amount: Amount | None) -> str:
    if amount is None:
        return "not reckoned"
    if amount.low == amount.high:
        return f"{amount.value:,}"
    return f"{amount.value:,} ({amount.low:,} to {amount.high:,})"


def _figures(sizings: Sequence[Sizing], measured: dict[str, Figure]) -> Iterator[str]:
    """Yield every figure once, the peaks apart."""
    seen = {figure.key: figure for sizing in sizings for figure in sizing.figures}
    seen["requests_per_journey"] = measured["requests_per_journey"]
    for key in sorted(seen.keys() - {"requests"}):
        one = seen[key]
        ends = " | ".join(f"{end:,.6g}" for end in (one.low, one.value, one.high))
        yield f"| `{key}` | {ends} | {one.unit} | {one.certainty} | {one.source['en']} |"


def _figure(row: dict[str, str]) -> Figure:
    low, value, high = (float(row[key]) for key in ("low", "value", "high"))
    source = {"fr": row["source_fr"], "en": row["source_en"]}
    return Figure(row["key"], low, value, high, row["unit"], row["certainty"], source)


def _rows(name: str) -> list[dict[str, str]]:
    text = (DATA / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), strict=True))


if __name__ == "__main__":
    sys.exit(main())
