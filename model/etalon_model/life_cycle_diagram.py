"""The life cycle drawn from its tables: Mermaid text and a picture in SVG.

Nothing here knows a state or a transition by name but their places on the picture.
"""

from html import escape
from math import hypot
from typing import Final

from etalon_model.states import ACCESS, TRANSITIONS, State

_WIDTH, _HEIGHT = 190, 46
_COLUMN, _ROW, _MARGIN = 300, 150, 70
_PLACES: Final[dict[State, tuple[int, int]]] = {
    State.NOT_ELIGIBLE: (0, 0),
    State.NOT_NOTIFIED: (1, 0),
    State.NOTIFIED: (2, 0),
    State.OPPOSED: (3, 0),
    State.OPEN_INACTIVE: (1, 1),
    State.OPEN_ACTIVE: (2, 1),
    State.SUSPENDED: (3, 1),
    State.CLOSED_ARCHIVED: (2, 2),
    State.DELETION_REQUESTED: (1, 2),
    State.DELETION_RUNNING: (0, 2),
    State.PURGED: (0, 3),
    State.DECEASED: (3, 3),
}
_STYLE: Final = """\
text{font:13px sans-serif;fill:#1b1b1b}
.box{fill:#f4f6fb;stroke:#3b5b92;stroke-width:1.5}
.open{fill:#e4f3e6;stroke:#2f7d3b}
.edge{fill:none;stroke:#6b7280;stroke-width:1.2;marker-end:url(#tip)}
.mark{font-size:11px;fill:#374151;paint-order:stroke;stroke:#ffffff;stroke-width:4px}"""

_NAMESPACE: Final = 'xmlns="http://www.w3.org/2000/svg"'
_TIP: Final = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" '
    'orient="auto"><path d="M0 0 8 4 0 8z" fill="#6b7280"/></marker></defs>'
)

Point = tuple[float, float]


def edges() -> dict[tuple[State, State], tuple[str, ...]]:
    """Return the identifiers of the transitions between each two states, in their order."""
    found: dict[tuple[State, State], tuple[str, ...]] = {}
    for transition in TRANSITIONS.values():
        for source in transition.sources:
            for target in transition.targets:
                key = (source, target)
                found[key] = (*found.get(key, ()), transition.ident)
    return found


def mermaid() -> str:
    """Return the life cycle as a Mermaid state diagram."""
    lines = ["stateDiagram-v2"]
    lines += [f"    {state.value}: {ACCESS[state].text}" for state in State]
    lines += [
        f"    {source.value} --> {target.value}: {' '.join(idents)}"
        for (source, target), idents in edges().items()
    ]
    return "\n".join(lines) + "\n"


def svg() -> str:
    """Return the life cycle as a picture; each state and each arrow says more when pointed at."""
    width = 4 * _COLUMN - (_COLUMN - _WIDTH) + 2 * _MARGIN
    height = 4 * _ROW - (_ROW - _HEIGHT) + 2 * _MARGIN
    parts = [
        f'<svg {_NAMESPACE} viewBox="0 0 {width} {height}" role="img" aria-labelledby="title">',
        '<title id="title">Life cycle of a space: twelve states, twenty-six transitions</title>',
        f"<style>{_STYLE}</style>",
        _TIP,
        *(_edge(source, target, idents) for (source, target), idents in edges().items()),
        *(_box(state) for state in State),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _centre(state: State) -> Point:
    column, row = _PLACES[state]
    return (
        _MARGIN + column * _COLUMN + _WIDTH / 2,
        _MARGIN + row * _ROW + _HEIGHT / 2,
    )


def _box(state: State) -> str:
    x, y = _centre(state)
    access = ACCESS[state]
    look = "box open" if access.holder_logs_in or access.professionals_read else "box"
    return (
        f'<g><title>{escape(access.text)}</title><rect class="{look}" x="{x - _WIDTH / 2:g}" '
        f'y="{y - _HEIGHT / 2:g}" width="{_WIDTH}" height="{_HEIGHT}" rx="8"/>'
        f'<text x="{x:g}" y="{y + 5:g}" text-anchor="middle">{state.value}</text></g>'
    )


def _edge(source: State, target: State, idents: tuple[str, ...]) -> str:
    what = "; ".join(f"{ident}: {TRANSITIONS[ident].text}" for ident in idents)
    start, end = _centre(source), _centre(target)
    if source is target:
        x, y = start[0], start[1] - _HEIGHT / 2
        path, mark = f"M{x - 30:g} {y:g}c-10 -46 70 -46 60 0", (x, y - 38)
    else:
        bend = _bend(start, end)
        first, last = _border(start, bend), _border(end, bend)
        curve = (*first, *bend, *last)
        path = "M{:.1f} {:.1f}Q{:.1f} {:.1f} {:.1f} {:.1f}".format(*curve)
        mark = ((first[0] + 2 * bend[0] + last[0]) / 4, (first[1] + 2 * bend[1] + last[1]) / 4)
    return (
        f'<g><title>{escape(what)}</title><path class="edge" d="{path}"/><text class="mark" '
        f'x="{mark[0]:.1f}" y="{mark[1]:.1f}" text-anchor="middle">{" ".join(idents)}</text></g>'
    )


def _bend(start: Point, end: Point) -> Point:
    """Return the point that pulls an arrow to its right, so that two ways never coincide."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = hypot(dx, dy)
    pull = 22 + length / 14
    return (
        (start[0] + end[0]) / 2 - dy / length * pull,
        (start[1] + end[1]) / 2 + dx / length * pull,
    )


def _border(centre: Point, towards: Point) -> Point:
    """Return where the way from the centre of a box crosses its border."""
    dx, dy = towards[0] - centre[0], towards[1] - centre[1]
    scale = min(
        _WIDTH / 2 / abs(dx) if dx else float("inf"), _HEIGHT / 2 / abs(dy) if dy else float("inf")
    )
    return centre[0] + dx * scale, centre[1] + dy * scale
