"""Drawing the page of a session, whole or part by part, in French and in English."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, cast

from etalon_text.language import Language
from etalon_text.strings import has_text, text
from etalon_wire.json_body import Json

if TYPE_CHECKING:
    from jinja2 import Environment

PARTS: Final = ("status", "now", "problems", "steps", "traffic")
"""What is drawn anew while a session goes on, each in the element of that identifier."""

SHOWN_EXCHANGES: Final = 100
"""How many exchanges the page lists; the run keeps them all."""

_TEMPLATES: Final = Path(__file__).with_name("templates")
_ENDED: Final = frozenset({"done", "timed-out", "skipped"})

_Rows = Sequence[Mapping[str, Json]]


class Shown(Protocol):
    """A session, as far as a page shows it."""

    def plain(self) -> Mapping[str, Json]:
        """Return the content of `session.json`."""
        ...

    def events_after(self, number: int, /) -> Sequence[Mapping[str, Json]]:
        """Return the events after one."""
        ...


def page(session: Shown, language: Language) -> str:
    """Return the whole page."""
    content = _content(session, language)
    return _environment().get_template("page.html").render(content)


def parts(session: Shown, language: Language) -> dict[str, str]:
    """Return each part as it stands now, by identifier."""
    content = _content(session, language)
    drawn = _environment().get_template
    return {name: drawn(f"{name}.html").render(content) for name in PARTS}


def _content(session: Shown, language: Language) -> dict[str, object]:
    plain = session.plain()
    steps = _rows(plain, "steps")
    current = next((one for one in steps if one["name"] == plain["current"]), None)
    exchanges = [one for one in session.events_after(0) if one["kind"] == "exchange"]

    def say(key: str, **values: object) -> str:
        return text(key, language, **values)

    def of(words: Mapping[str, str]) -> str:
        return words[language]

    return {
        "say": say,
        "of": of,
        "lang": language,
        "other": "en" if language == "fr" else "fr",
        "session": plain,
        "steps": steps,
        "current": current,
        "rank": steps.index(current) + 1 if current is not None else 0,
        "ended_steps": sum(one["status"] in _ENDED for one in steps),
        "people": _people(plain, current),
        "counts": [_counts(one) for one in steps],
        "problems": [_problem(one, language) for one in _rows(plain, "problems")],
        "exchanges": exchanges[-SHOWN_EXCHANGES:][::-1],
        "more": max(0, len(exchanges) - SHOWN_EXCHANGES),
        "parts": PARTS,
    }


def _people(plain: Mapping[str, Json], current: Mapping[str, Json] | None) -> _Rows:
    """Return who is needed for the step under way; everybody when none is."""
    everybody = _rows(plain, "identities")
    if current is None:
        return everybody
    names = current["identities"]
    return [one for one in everybody if isinstance(names, list) and one["name"] in names]


def _counts(step: Mapping[str, Json]) -> list[tuple[str, int]]:
    """Return how many verdicts of each kind a step has, failures first."""
    found = Counter(str(one["verdict"]) for one in _rows(step, "verdicts"))
    return sorted(found.items(), key=lambda item: (item[0] != "fail", item[0]))


def _problem(one: Mapping[str, Json], language: Language) -> str:
    key = f"witness.problem.{one['key']}"
    values = cast("Mapping[str, object]", one["values"])
    return text(key, language, **values) if has_text(key) else str(one["key"])


def _rows(plain: Mapping[str, Json], key: str) -> _Rows:
    return cast("_Rows", plain[key])


@cache
def _environment() -> "Environment":
    # Without a page a session starts in less time: its first page brings the engine in.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 (see above)

    return Environment(
        loader=FileSystemLoader(_TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
