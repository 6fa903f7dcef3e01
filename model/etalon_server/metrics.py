"""What a server counts about itself, in the text format of Prometheus.

Labels are names of the interaction table and statuses: nothing of a person, a document or a token.
Source: Prometheus, exposition formats, text format 0.0.4.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper bounds of the durations counted together, in seconds."""

Gauges = Mapping[str, tuple[str, float]]
"""Values of the moment: what each means and what it is, by name."""


class Durations:
    """How long the answers of one interaction took.

    Attributes:
        counts: How many by bucket; the last one has no upper bound.
        total: Their sum, in seconds.
    """

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.total = 0.0


class Metrics:
    """Counts since the start of the process."""

    __slots__ = ("_answers", "_durations")

    def __init__(self) -> None:
        self._answers: dict[tuple[str, int], int] = {}
        self._durations: dict[str, Durations] = {}

    def count(self, interaction: str, status: int, seconds: float) -> None:
        """Count one answer; `interaction` is a name of the table, or empty for none."""
        key = (interaction, status)
        self._answers[key] = self._answers.get(key, 0) + 1
        durations = self._durations.get(interaction)
        if durations is None:
            durations = self._durations[interaction] = Durations()
        durations.counts[bisect_left(BUCKETS, seconds)] += 1
        durations.total += seconds

    def answers(self, interaction: str, status: int) -> int:
        """Return how many answers of an interaction had a status."""
        return self._answers.get((interaction, status), 0)

    def text(self, gauges: Gauges, counters: Gauges) -> str:
        """Write everything counted, and values of the moment, in the text format."""
        lines = [
            *_named("etalon_answers_total", "counter", "Answers by interaction and HTTP status."),
            *(
                f'etalon_answers_total{{interaction="{name}",status="{status}"}} {count}'
                for (name, status), count in sorted(self._answers.items())
            ),
            *_named("etalon_answer_seconds", "histogram", "Seconds from request to answer."),
        ]
        for name, durations in sorted(self._durations.items()):
            lines += _histogram(name, durations)
        for kind, values in (("gauge", gauges), ("counter", counters)):
            for name, (meaning, value) in values.items():
                lines += [*_named(name, kind, meaning), f"{name} {value:.12g}"]
        return "\n".join(lines) + "\n"


def _named(name: str, kind: str, meaning: str) -> Iterable[str]:
    return (f"# HELP {name} {meaning}", f"# TYPE {name} {kind}")


def _histogram(interaction: str, durations: Durations) -> Iterator[str]:
    reached = 0
    for bound, count in zip((*BUCKETS, None), durations.counts, strict=True):
        reached += count
        upper = "+Inf" if bound is None else f"{bound:g}"
        yield (
            f'etalon_answer_seconds_bucket{{interaction="{interaction}",le="{upper}"}} {reached}'
        )
    yield f'etalon_answer_seconds_sum{{interaction="{interaction}"}} {durations.total:.6f}'
    yield f'etalon_answer_seconds_count{{interaction="{interaction}"}} {reached}'
