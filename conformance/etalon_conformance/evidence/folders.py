"""One folder for each requirement of a run: what was concluded, and the exchanges that show it.

Written from `verdicts.json` and `exchanges-redacted.ndjson` alone.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, cast

from etalon_conformance.evidence.sentences import LANGUAGES
from etalon_conformance.expectations import Relation, told
from etalon_text.check_titles import check_title
from etalon_text.language import Language, spaced
from etalon_text.observations import observed
from etalon_text.strings import text
from etalon_wire.json_body import Json

FOLDER: Final = "requirements"
EXCHANGES: Final = "exchanges.ndjson"
MOST: Final = 200
"""Exchanges that a folder keeps; the page says how many more a check looked at."""

_SHOWN: Final = 12

_Object = Mapping[str, Json]


def write_folders(run: Path) -> int:
    """Write `requirements/ID/` for every requirement that a result is about; return how many.

    Raises:
        OSError: A file cannot be read or written.
        ValueError: `verdicts.json` is not JSON.
    """
    verdicts = cast("_Object", json.loads((run / "verdicts.json").read_text(encoding="utf-8")))
    by_requirement: dict[str, list[_Object]] = {}
    for one in _objects(verdicts.get("results")):
        by_requirement.setdefault(str(one["requirement"]), []).append(one)
    lines = _lines(run, {key for one in by_requirement.values() for key in _cited(one)})
    known = cast("Mapping[str, _Object]", verdicts.get("requirements", {}))
    for ident, results in by_requirement.items():
        folder = run / FOLDER / ident
        folder.mkdir(parents=True, exist_ok=True)
        cited = [key for key in _cited(results) if key in lines]
        (folder / EXCHANGES).write_text("".join(lines[key] for key in cited), encoding="utf-8")
        page = _page(ident, known.get(ident, {}), results)
        (folder / "README.md").write_text(page, encoding="utf-8")
    return len(by_requirement)


def _objects(value: Json) -> list[_Object]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _cited(results: Iterable[_Object]) -> list[tuple[str, int]]:
    """Return check and number of the exchanges that results rest on, each once."""
    found = [
        (str(one["check"]), number)
        for one in results
        for number in cast("list[int]", one.get("exchanges") or [])[:MOST]
    ]
    return list(dict.fromkeys(found))[:MOST]


def _lines(run: Path, wanted: set[tuple[str, int]]) -> dict[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    path = run / "exchanges-redacted.ndjson"
    if not path.exists():
        return found
    # What was recorded under no check may show the results of any, as in a watch.
    of_no_check: dict[int, list[tuple[str, int]]] = {}
    for key in wanted:
        of_no_check.setdefault(key[1], []).append(key)
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            one = cast("_Object", json.loads(line))
            check, number = str(one["check"]), cast("int", one["number"])
            for key in [(check, number)] if check else of_no_check.get(number, []):
                if key in wanted:
                    found[key] = line
    return found


def _page(ident: str, requirement: _Object, results: list[_Object]) -> str:
    pages = ("\n".join(_in_language(requirement, results, one)) for one in LANGUAGES)
    parts = [f"# {ident}", *pages]
    return "\n\n".join(parts) + "\n"


def _in_language(requirement: _Object, results: list[_Object], language: Language) -> Iterator[str]:
    words = cast("Mapping[Language, str]", requirement.get("text", {}))
    yield f"## {'Français' if language == 'fr' else 'English'}"
    yield ""
    standing = text(f"standing.{requirement.get('standing', 'own')}", language)
    level = str(requirement.get("level", ""))
    said = text("evidence.requirement", language, level=level, standing=standing)
    yield (
        spaced(f"{said} : {words.get('fr', '')}", "fr")
        if language == "fr"
        else (f"{said}: {words.get('en', '')}")
    )
    yield ""
    for source in _objects(requirement.get("sources")):
        yield f"- {_source(source, language)}"
    yield ""
    yield f"### {text('evidence.results', language)}"
    yield ""
    columns = text("evidence.result_columns", language)
    yield f"| {columns} |"
    yield "|" + "---|" * (columns.count("|") + 1)
    for result in results:
        yield "| " + " | ".join(_row(result, language)) + " |"
    yield ""
    yield text("evidence.exchanges", language)


def _source(source: _Object, language: Language) -> str:
    title = cast("Mapping[Language, str]", source.get("title", {})).get(language, "")
    link = str(source.get("link") or "")
    named = f"[{title}]({link})" if link else title
    return ", ".join(one for one in (named, str(source.get("place") or "")) if one)


def _row(result: _Object, language: Language) -> Iterator[str]:
    check = str(result["check"])
    yield check_title(check, language) or check
    yield text(f"verdict.{result['verdict']}", language)
    yield text(f"wire.{result['wire']}", language)
    yield _cell(_expected(result, language))
    yield _cell(observed(str(result.get("got") or ""), language))
    numbers = cast("list[int]", result.get("exchanges") or [])
    more = f", … ({len(numbers)})" if len(numbers) > _SHOWN else ""
    yield ", ".join(map(str, numbers[:_SHOWN])) + more
    name = result.get("counterexample")
    yield f"[{name}](../../counterexamples/{name}/README.md)" if name else ""


def _expected(result: _Object, language: Language) -> str:
    expectation = result.get("expectation")
    if not isinstance(expectation, dict):
        return str(result.get("expected") or "")
    values = [str(one) for one in cast("list[Json]", expectation.get("values") or [])]
    relation = Relation(str(expectation["relation"]))
    return told(str(expectation["path"]), relation, values, language)


def _cell(words: str) -> str:
    return " ".join(words.split()).replace("|", "\\|")
