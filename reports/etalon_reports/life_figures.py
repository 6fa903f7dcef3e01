# pyright: reportUnknownMemberType=false
"""The life of open spaces over years: documents, coverage, reminders, adoption."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from etalon_reports.binning import Bins
from etalon_reports.drawing import (
    SMALL,
    axis_unit,
    canvas,
    date_axis,
    day_position,
    plain_numbers,
    svg,
    theme,
)
from etalon_reports.figure_block import FigureBlock
from etalon_reports.headlines import life_shares, written_interval
from etalon_reports.rounding import about
from etalon_reports.tables import Group, Table
from etalon_text import palette
from etalon_text.language import semicolons
from etalon_text.number_formats import (
    EN_DASH,
    fewest_decimals,
    number,
    percent,
    rounded,
    supported_decimals,
)
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup
    from matplotlib.axes import Axes

    from etalon_reports.record import Record
    from etalon_reports.run_files import RunFiles
    from etalon_text.language import Language

_SENDERS: Final = {
    "laboratory": (("laboratory_result",), palette.ACTIVATED),
    "doctor": (("prescription", "consultation_letter"), palette.LETTER),
    "hospital": (("hospital_letter",), palette.CALLS),
    "radiologist": (("imaging_report",), palette.CLOSED),
    "pharmacist": (("pharmacy_record",), palette.OPPOSED),
    "holder": (("own_document",), palette.UNINFORMED),
}
"""Who sends, what of the months that is, and its colour."""

_SHARES: Final = {
    "with_one_document": palette.ACTIVATED,
    "with_five_documents": palette.LETTER,
    "entered": palette.CALLS,
}
_PROFESSIONS: Final = tuple(sender for sender in _SENDERS if sender != "holder")
_WHOLE_MONTH: Final = 28
_MILLION: Final = 1_000_000
_WORTH_A_SHARE: Final = 0.1


class Line(NamedTuple):
    """Shares month by month, and the colour of their line."""

    shares: Sequence[float]
    color: str


def life_of(files: RunFiles) -> Record | None:
    """Return what the run counted in open spaces, None where it counted nothing."""
    return files.summary.optional_record("usage")


def life_figures(files: RunFiles, language: Language) -> list[FigureBlock]:
    """Draw the life of open spaces; nothing for a run that did not count it."""
    life = life_of(files)
    if life is None or not life.rows("months"):
        return []
    return [
        _documents(files, life, language),
        _coverage(life, language),
        _adoption(life, language),
    ]


def life_tables(files: RunFiles, language: Language) -> list[Table]:
    """Return the headlines of open spaces with their intervals, and the reminders."""
    life = life_of(files)
    if life is None:
        return []
    return [_headlines(files, life, language), _reminders(files, life, language)]


def _days(life: Record) -> list[date]:
    return [row.day("last_day_on") for row in life.rows("months")]


def _month_axis(axes: Axes, days: Sequence[date], language: Language) -> None:
    width = max((days[-1] - days[0]).days, 1)
    date_axis(axes, Bins(days[0], days[-1], width, "step.day"), language)
    axes.set_xlim(day_position(days[0]), day_position(days[-1]) + 1)
    plain_numbers(axes, language)


def _sent(row: Record, sender: str) -> int:
    deposits = row.record("deposits")
    return sum(deposits.count(kind) for kind in _SENDERS[sender][0])


def _documents(files: RunFiles, life: Record, language: Language) -> FigureBlock:
    """Draw the documents of each month by sender, scaled to the whole scope."""
    rows = life.rows("months")
    counts = {
        sender: [about(_sent(row, sender) / files.scope) for row in rows] for sender in _SENDERS
    }
    whole = rows.index(_last_whole(rows))
    items = semicolons(
        (f"{_called(s, language)} {number(counts[s][whole], language)}" for s in _SENDERS),
        language,
    )
    title = text("figure.documents.title", language)
    alt = text("figure.documents.alt", language, month=_month(rows[whole]), items=items)
    with theme():
        figure = canvas(2.9)
        _stack(figure.subplots(), counts, _days(life), language)
        image = svg(figure, "documents", title, alt)
    return FigureBlock(
        name="documents",
        title=title,
        image=image,
        note=text("figure.documents.note", language),
        source_file="summary.json",
        headings=[text("column.month", language), *(_called(s, language) for s in _SENDERS)],
        rows=[
            [_month(row), *(number(counts[sender][rank], language) for sender in _SENDERS)]
            for rank, row in enumerate(rows)
        ],
    )


def _called(sender: str, language: Language) -> str:
    return text(f"sender.{sender}", language)


def _stack(
    axes: Axes, counts: Mapping[str, Sequence[float]], days: Sequence[date], language: Language
) -> None:
    """Stack the counts of each sender, month by month."""
    tallest = max(map(sum, zip(*counts.values(), strict=True)))
    unit, named = axis_unit(tallest)
    at, low = [day_position(day) for day in days], [0.0] * len(days)
    for sender, (_, color) in _SENDERS.items():
        high = [a + b / unit for a, b in zip(low, counts[sender], strict=True)]
        label = _called(sender, language)
        axes.fill_between(at, low, high, color=color, linewidth=0, label=label)
        low = high
    axes.legend(loc="upper left", frameon=False, fontsize=SMALL)
    axes.set_ylim(0, max(tallest / unit * 1.1, 0.01))
    axes.set_title(text(named, language, label=text("figure.documents.axis", language)))
    _month_axis(axes, days, language)


def _last_whole(rows: Sequence[Record]) -> Record:
    """Return the last month that was simulated to its end, or the last one."""
    whole = [row for row in rows if row.count("days") >= _WHOLE_MONTH and _ends_a_month(row)]
    return whole[-1] if whole else rows[-1]


def _ends_a_month(row: Record) -> bool:
    return (row.day("last_day_on") + timedelta(days=1)).day == 1


def _month(row: Record) -> str:
    return row.text("month")


def _lines(
    name: str, series: Mapping[str, Line], days: Sequence[date], language: Language
) -> Markup:
    """Draw shares month by month, a line each, under their names."""
    with theme():
        figure = canvas(2.6)
        axes = figure.subplots()
        at = [day_position(day) for day in days]
        for label, line in series.items():
            axes.plot(at, [share * 100 for share in line.shares], color=line.color, label=label)
        axes.legend(loc="upper left", frameon=False, fontsize=SMALL)
        axes.set_ylim(0, 100)
        axes.set_title(text(f"figure.{name}.axis", language))
        _month_axis(axes, days, language)
        ends = (f"{label} {percent(one.shares[-1], language)}" for label, one in series.items())
        alt = text(f"figure.{name}.alt", language, items=semicolons(ends, language))
        return svg(figure, name, text(f"figure.{name}.title", language), alt)


def _coverage(life: Record, language: Language) -> FigureBlock:
    """Draw the shares of spaces ever opened that hold documents, or were entered."""
    rows = life.rows("months")
    enough = _WORTH_A_SHARE * rows[-1].count("ever_opened")
    # Shares of the few who open first say nothing.
    rows = [row for row in rows if row.count("ever_opened") >= enough]
    series = {
        text(f"usage.{key}", language): Line(
            [row.count(key) / max(row.count("ever_opened"), 1) for row in rows], color
        )
        for key, color in _SHARES.items()
    }
    return FigureBlock(
        name="coverage",
        title=text("figure.coverage.title", language),
        image=_lines("coverage", series, [row.day("last_day_on") for row in rows], language),
        note=text("figure.coverage.note", language),
        source_file="summary.json",
        headings=[text("column.month", language), *series],
        rows=[
            [_month(row), *(percent(line.shares[rank], language) for line in series.values())]
            for rank, row in enumerate(rows)
        ],
    )


def _adoption(life: Record, language: Language) -> FigureBlock:
    """Draw, for each profession, the share of acts from which documents are sent."""
    rows = life.rows("adoption")
    series = {
        _called(sender, language): Line(
            [row.figure("sending") for row in rows if row.text("sender") == sender],
            _SENDERS[sender][1],
        )
        for sender in _PROFESSIONS
    }
    columns = ("month", "sender", "equipped", "identified", "refusing", "sending")
    return FigureBlock(
        name="adoption",
        title=text("figure.adoption.title", language),
        image=_lines("adoption", series, _days(life), language),
        note=text("figure.adoption.note", language),
        source_file="summary.json",
        headings=[text(f"column.{name}", language) for name in columns],
        rows=[
            [
                row.text("month"),
                _called(row.text("sender"), language),
                *(percent(row.figure(name), language, 0) for name in columns[2:]),
            ]
            for row in rows
            if row.text("month").endswith(("-06", "-12")) or row.text("month") == _month(rows[-1])
        ],
    )


def _headlines(files: RunFiles, life: Record, language: Language) -> Table:
    """Return documents and shares with what chance, the sample and knowledge leave open."""
    kinds = ("knowledge", "chance", *(("sample_noise",) if files.is_sample else ()))
    headings = [text(f"column.{name}", language) for name in ("indicator", "simulated")]
    headings += [
        text(f"column.{kind}", language, level=percent(files.level(kind), language, 0))
        for kind in kinds
    ]
    documents = life.count("documents_of_care") / files.scope
    label, unit = text("usage.documents", language), 1
    if documents >= _MILLION:
        label, unit = text("axis.millions", language, label=label), _MILLION
    known = files.interval("documents", "knowledge")
    scaled = None if known is None else (known[0] / files.scope, known[1] / files.scope)
    simulated = (about(documents) if scaled is None else _supported(documents, scaled)) / unit
    rows = [
        [
            label,
            number(simulated, language, fewest_decimals(simulated)),
            *(_amounts(files, kind, unit, language) for kind in kinds),
        ]
    ]
    rows += [
        [
            text(f"usage.{share.key}", language),
            share.written(language),
            *(_shares(share.intervals.get(kind), kind, language) for kind in kinds),
        ]
        for share in life_shares(files)
    ]
    return Table(
        title=text("life.table", language),
        headings=headings,
        groups=[Group("", rows)],
        note=text("life.note", language),
        kinds=["text", "figure", *("figure" for _ in kinds)],
    )


def _amounts(files: RunFiles, kind: str, unit: int, language: Language) -> str:
    bounds = files.interval("documents", kind)
    if bounds is None:
        return _missing(kind, language)
    scaled = bounds[0] / files.scope, bounds[1] / files.scope
    ends = [_supported(end, scaled) / unit for end in scaled]
    decimals = fewest_decimals(*ends)
    low, high = (number(end, language, decimals) for end in ends)
    return text("assumptions.span", language, low=low, high=high)


def _supported(count: float, bounds: tuple[float, float]) -> float:
    """Return a count rounded to what an interval supports."""
    return float(rounded(count, min(supported_decimals(*bounds), 0)))


def _shares(bounds: tuple[float, float] | None, kind: str, language: Language) -> str:
    return _missing(kind, language) if bounds is None else written_interval(bounds, language)


def _missing(kind: str, language: Language) -> str:
    return text("interval.not_drawn", language) if kind == "knowledge" else EN_DASH


def _reminders(files: RunFiles, life: Record, language: Language) -> Table:
    """Return the reminders due and followed over the run, by programme."""
    sums: dict[str, list[int]] = {}
    for month in life.rows("months"):
        for row in month.rows("reminders"):
            due, followed = sums.setdefault(row.text("programme"), [0, 0])
            sums[row.text("programme")] = [
                due + row.count("due"),
                followed + row.count("followed"),
            ]
    rows = [
        [
            text(f"programme.{name}", language),
            *(number(about(count / files.scope), language) for count in (due, followed)),
            percent(followed / due, language) if due else EN_DASH,
        ]
        for name, (due, followed) in sums.items()
    ]
    columns = ("programme", "reminders_due", "reminders_followed", "share_followed")
    return Table(
        title=text("reminders.table", language),
        headings=[text(f"column.{name}", language) for name in columns],
        groups=[Group("", rows)],
        note=text("reminders.note", language),
        kinds=["text", "figure", "figure", "figure"],
    )
