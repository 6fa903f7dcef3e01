# pyright: standard
# mypy: disable-error-code="import-untyped"
"""`requests.hdr`: the latencies of a run as an HdrHistogram log, for the tools that read one.

One line for each step and interval, its tag `journey/step`; then what the service took, tagged
`service:journey/step`, and what the generator added, tagged `lag`. Latencies are in µs.

Source: Gil Tene, HdrHistogram, log format 1.2.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from etalon_load.files.stretches import stretch_length
from etalon_load.files.whole_files import named_when_whole
from etalon_load.histogram import Histogram, bounds_of, merged
from etalon_load.measures import Measures

HDR_FILE: Final = "requests.hdr"
INTERVALS: Final = 60
"""Intervals at most: a log of a long run stays small."""

GREATEST_US: Final = 3_600_000_000
"""An hour: what is longer is counted there."""

DIGITS: Final = 3
_IN_MILLISECONDS: Final = 1000.0


class _Line(NamedTuple):
    """Latencies of one tag between two seconds."""

    first: int
    last: int
    tag: str
    latencies: Histogram


def write_hdr_log(file: Path, measures: Measures, started_at: str, seconds: int) -> None:
    """Write the log.

    Args:
        file: Where it goes.
        measures: Of the run.
        started_at: When its clock stood at 0 (ISO 8601).
        seconds: How long it lasted.

    Raises:
        OSError: The file cannot be written.
    """
    from hdrh.histogram import HdrHistogram  # noqa: PLC0415 (of the extra `load`)
    from hdrh.log import HistogramLogWriter  # noqa: PLC0415 (as above)

    started = datetime.fromisoformat(started_at).timestamp()
    with (
        named_when_whole(file) as unfinished,
        unfinished.open("w", encoding="ascii", newline="\n") as stream,
    ):
        writer = HistogramLogWriter(stream)
        writer.output_log_format_version()
        writer.output_comment(f"[StartTime: {started:.3f} (seconds since epoch), {started_at}]")
        writer.output_comment(f"[BaseTime: {started:.3f} (seconds since epoch)]")
        writer.output_legend()
        one = HdrHistogram(1, GREATEST_US, DIGITS)
        for line in _lines(measures, seconds):
            one.reset()
            for bucket, count in sorted(line.latencies.counts.items()):
                one.record_value(min(bounds_of(bucket)[0], GREATEST_US), count)
            one.set_start_time_stamp(line.first * 1000)
            one.set_end_time_stamp(line.last * 1000)
            stream.write(f"Tag={line.tag},")
            writer.output_interval_histogram(one, max_value_unit_ratio=_IN_MILLISECONDS)


def _lines(measures: Measures, seconds: int) -> Iterator[_Line]:
    """Yield the lines by their beginning, as the format asks."""
    length = stretch_length(seconds, INTERVALS)
    for first in range(0, seconds, length):
        last = first + length
        for step, measured in sorted(measures.steps.items()):
            heat = measured.heat
            latencies = merged(heat[second] for second in range(first, last) if second in heat)
            if latencies.counts:
                yield _Line(first, last, str(step), latencies)
        if first == 0:
            for step, measured in sorted(measures.steps.items()):
                yield _Line(0, seconds, f"service:{step}", measured.service)
            yield _Line(0, seconds, "lag", measures.lag)
