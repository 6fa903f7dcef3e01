"""Draws the calls of a failure: who asks what of the server, in order, and where it goes wrong."""

from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from etalon_conformance.evidence.sentences import Story, asked, asker, expected, got
from etalon_conformance.exchanges import Exchange
from etalon_text.language import Language
from etalon_text.palette import INK, MUTED, PAPER, RULE, SHADE, WARNING, WARNING_SHADE
from etalon_text.strings import text

_LEFT: Final = 80
_LANE: Final = 140
_SERVER_LANE: Final = 440
_ROW: Final = 46
_HEAD: Final = 108
_NOTE: Final = 74
_CHARACTERS: Final = 62
_MOST: Final = 60
"""Calls drawn; those in the middle of a longer story are told by their number alone."""


@dataclass(frozen=True, slots=True)
class _Drawing:
    story: Story
    language: Language
    lanes: dict[str, int]
    server: int

    @property
    def width(self) -> int:
        return self.server + 180


def sequence(story: Story, language: Language) -> str:
    """Return the diagram of a failure as SVG."""
    shown = _shown(story)
    lanes: dict[str, int] = {}
    for one in shown:
        if one is not None:
            lanes.setdefault(_lane(one, language), _LEFT + _LANE * len(lanes))
    server = _LEFT + _LANE * (len(lanes) - 1) + _SERVER_LANE
    drawing = _Drawing(story, language, lanes, server)
    parts: list[str] = []
    y = _HEAD + 30
    looked = {one.number for one in story.assertion.exchanges}
    last = max(looked, default=0)
    for one in shown:
        if one is None:
            parts.append(_text(drawing.width // 2, y, "…", MUTED, anchor="middle"))
            y += _ROW // 2
            continue
        parts += _call(drawing, one, y, is_looked=one.number in looked)
        y += _ROW
        if one.number == last:
            parts += _note(drawing, y)
            y += _NOTE
    return _whole(drawing, parts, y)


def _shown(story: Story) -> list[Exchange | None]:
    """Return the calls to draw; None stands for those left out."""
    looked = {one.number for one in story.assertion.exchanges}
    calls = list(story.exchanges)
    if len(calls) <= _MOST:
        return [*calls]
    half = _MOST // 2
    middle = [one for one in calls[half:-half] if one.number in looked][:_MOST]
    return [*calls[:half], None, *middle, *([None] if middle else []), *calls[-half:]]


def _lane(one: Exchange, language: Language) -> str:
    if one.who is None:
        return asker(one, language)
    # Two doctors are two lanes, and neither is named by a number that says who it is.
    return f"{asker(one, language)}\u0000{one.who.ident}\u0000{one.who.on_behalf_of}"


def _title(lane: str, lanes: dict[str, int]) -> str:
    kind = lane.partition("\u0000")[0]
    alike = [each for each in lanes if each.partition("\u0000")[0] == kind]
    return kind if len(alike) == 1 else f"{kind} {alike.index(lane) + 1}"


def _whole(drawing: _Drawing, parts: list[str], bottom: int) -> str:
    story, language = drawing.story, drawing.language
    title = f"{story.requirement.ident} · {story.result.check}"
    server = text("evidence.server", language)
    heads = {**{_title(lane, drawing.lanes): x for lane, x in drawing.lanes.items()}}
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {drawing.width} {bottom + 20}" '
            f'width="{drawing.width}" height="{bottom + 20}" role="img" '
            f"aria-label={quoteattr(title)} xml:lang={quoteattr(language)} "
            'font-family="sans-serif" font-size="13">'
        ),
        f'<rect width="100%" height="100%" fill="{PAPER}"/>',
        _text(16, 26, title, INK, weight="bold"),
        _text(16, 46, _short(story.requirement.text[language], drawing.width // 7), MUTED),
    ]
    for name, x in [*heads.items(), (server, drawing.server)]:
        lines += [
            f'<line x1="{x}" y1="{_HEAD}" x2="{x}" y2="{bottom}" stroke="{RULE}"/>',
            f'<rect x="{x - 68}" y="{_HEAD - 34}" width="136" height="30" rx="4" fill="{SHADE}"/>',
            _text(x, _HEAD - 14, _short(name, 20), INK, anchor="middle"),
        ]
    return "\n".join([*lines, *parts, "</svg>"]) + "\n"


def _call(drawing: _Drawing, one: Exchange, y: int, *, is_looked: bool) -> list[str]:
    story = drawing.story
    x, server = drawing.lanes[_lane(one, drawing.language)], drawing.server
    colour = WARNING if is_looked else (MUTED if one.control else INK)
    width = 2 if is_looked else 1
    status = str(one.status) if one.status else text("evidence.no_status", drawing.language)
    asking = _short(f"{one.number}. {story.safe(asked(one, story.setting))}", _CHARACTERS)
    return [
        _line((x, server - 8), y, f'stroke="{colour}" stroke-width="{width}"'),
        f'<path d="M{server - 8} {y - 4} L{server} {y} L{server - 8} {y + 4} Z" fill="{colour}"/>',
        _text(server - 12, y - 6, asking, colour, anchor="end"),
        _line((server, x + 8), y + 18, f'stroke="{colour}" stroke-dasharray="4 3"'),
        f'<path d="M{x + 8} {y + 14} L{x} {y + 18} L{x + 8} {y + 22} Z" fill="{colour}"/>',
        _text(server + 10, y + 22, status, colour, weight="bold" if is_looked else "normal"),
    ]


def _line(across: tuple[int, int], y: int, style: str) -> str:
    return f'<line x1="{across[0]}" y1="{y}" x2="{across[1]}" y2="{y}" {style}/>'


def _note(drawing: _Drawing, y: int) -> list[str]:
    """Return the box that says what was expected and what was there."""
    language, story = drawing.language, drawing.story
    wide = drawing.width - 32
    lines = [
        f"{text('evidence.expected', language)} — {expected(story, language)}",
        f"{text('evidence.got', language)} — {got(story, language)}",
    ]
    return [
        (
            f'<rect x="16" y="{y - 12}" width="{wide}" height="52" rx="4" fill="{WARNING_SHADE}" '
            f'stroke="{WARNING}"/>'
        ),
        *(
            _text(28, y + 8 + 20 * rank, _short(line, wide // 7), WARNING)
            for rank, line in enumerate(lines)
        ),
    ]


def _text(  # noqa: PLR0913 (what a text of SVG has)
    x: int, y: int, words: str, colour: str, *, anchor: str = "start", weight: str = "normal"
) -> str:
    return (
        f'<text x="{x}" y="{y}" fill="{colour}" text-anchor="{anchor}" font-weight="{weight}">'
        f"{escape(words)}</text>"
    )


def _short(words: str, characters: int) -> str:
    return words if len(words) <= characters else f"{words[: characters - 1]}…"
