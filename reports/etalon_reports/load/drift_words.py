"""How latency and memory changed over a long run, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etalon_text.number_formats import percent
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_reports.record import Record
    from etalon_text.language import Language


def drift_sentences(summary: Record, language: Language) -> Sequence[str]:
    """Return a sentence for each drift that a run tells; none where it is too short."""
    return [_sentence(one, language) for one in summary.rows("drift")]


def _sentence(one: Record, language: Language) -> str:
    change, low, high = (_signed(one.figure(key), language) for key in ("change", "low", "high"))
    return text(
        f"load.drift.{one.text('course')}",
        language,
        what=text(f"load.drifting.{one.text('of')}", language),
        change=change,
        low=low,
        high=high,
    )


def _signed(share: float, language: Language) -> str:
    sign = "+" if share > 0 else ""
    return f"{sign}{percent(share, language, 0)}"
