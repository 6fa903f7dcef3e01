"""`etalon load prepare` and `clean`: test people for a load, made, and taken away again."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_cli.answers import print_columns, print_json
from etalon_cli.console import print_result, say
from etalon_cli.exit_codes import ExitCode
from etalon_cli.load_options import (
    DEFAULT_DURATION,
    DEFAULT_PEAK,
    DEFAULT_SEED,
    MOST_RATE,
    journeys_asked,
    number_asked,
    seconds_asked,
    seed_asked,
    target_asked,
)
from etalon_cli.stopping import because
from etalon_cli.storage_explanations import cannot_write
from etalon_cli.whole_numbers import whole_number
from etalon_load.arrivals import ArrivalsError
from etalon_load.journeys.table import wanted_of
from etalon_load.people.cleaning import clean
from etalon_load.people.people_errors import NotMadeError, PeopleError
from etalon_load.people.people_file import read_people, write_people
from etalon_load.people.pool import demand, shared_out
from etalon_load.people.preparing import prepare
from etalon_load.people.wanted import kinds_wanted
from etalon_load.profiles import mix_of, named
from etalon_target.cannot import CannotTest
from etalon_target.people import IN_SANDBOX, Left, Leftovers
from etalon_target.targets import Target, UnreachableError
from etalon_text.language import spaced
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Generator, Mapping, Sequence

    from etalon_load.people.people_file import PeopleFile
    from etalon_load.people.preparing import Prepared
    from etalon_text.language import Language

_MIX: Final = "constant"
"""Whose journeys `--people` counts are for."""

_PEOPLE_MOST: Final = 1_000_000
_SHOWN: Final = 20
"""Leftovers that are listed; `--json` gives all."""


def run(verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    if verb == "clean":
        return _clean(options, language)
    return _prepare(options, language)


def _prepare(options: Namespace, language: Language) -> int:
    seed = seed_asked(options)
    needed = _needed(options, seed)
    out = _free(options.out)
    tag = f"etalon-load-{uuid.uuid4().hex[:12]}"
    with _reached(options, seed, language) as target:
        prepared = prepare(target, needed, tag)
        try:
            write_people(out, prepared.people, prepared.origin)
        except OSError as error:
            target.people.clean()
            raise cannot_write(out, error, "unwritable") from error
    if options.json:
        print_json(
            {
                "file": str(out),
                "count": len(prepared.people),
                "looked_up": prepared.looked_up,
                "kinds": needed,
                "tag": tag,
            }
        )
    else:
        _print_prepared(prepared, needed, out, language)
    if prepared.origin.vanishes:
        say(text("load.prepare.vanishes", language))
    return ExitCode.DONE


def _needed(options: Namespace, seed: int) -> dict[str, int]:
    """Return how many of each kind are asked for: by number, or by a profile of arrivals.

    Raises:
        Stopped: Neither or both, there is no such profile, or the number is none.
    """
    if (options.people is None) == (options.profile is None):
        raise because(reason="load_people_asked")
    if options.profile is None:
        count = whole_number("--people", options.people, 1, 1, _PEOPLE_MOST)
        try:
            return shared_out(count, mix_of(_MIX), wanted_of())
        except ValueError as error:
            raise because(reason="bad_option", option="--people", problem=error) from error
    peak = number_asked("--peak", options.peak, DEFAULT_PEAK, 0.001, MOST_RATE)
    seconds = seconds_asked("--duration", options.duration, DEFAULT_DURATION)
    among = journeys_asked(options)
    try:
        plan = named(options.profile, peak=peak, seconds=seconds, seed=seed, among=among).plan
    except ArrivalsError as error:
        raise because(reason="load_arrivals", problem=error) from error
    return demand(plan.arrivals, wanted_of())


def _free(typed: str | None) -> Path:
    """Return the file to write, which must not be there.

    Raises:
        Stopped: None was named, or it is there.
    """
    if not typed:
        raise because(reason="load_people_out")
    out = Path(typed)
    if out.exists():
        raise because(reason="load_people_exists", file=out)
    return out


def _print_prepared(
    prepared: Prepared, needed: Mapping[str, int], out: Path, language: Language
) -> None:
    counts = {"count": len(prepared.people), "looked_up": prepared.looked_up, "file": out}
    print_result(text("load.prepare.made", language, target=prepared.origin.target, **counts))
    rows = [[str(count), name, _meaning(name, language)] for name, count in sorted(needed.items())]
    print_columns(rows, right=frozenset({0}))


def _meaning(name: str, language: Language) -> str:
    kind = kinds_wanted()[name]
    return spaced(kind.meaning_fr, "fr") if language == "fr" else kind.meaning_en


def _clean(options: Namespace, language: Language) -> int:
    try:
        file = read_people(Path(options.file))
    except PeopleError as error:
        raise because(reason="load_people", problem=error.told(language)) from error
    found = _cleaned(file, options, language)
    left = [one for one in found.left if one.cause != IN_SANDBOX]
    counts = {"removed": found.removed, "left": len(left), "kept": len(found.left) - len(left)}
    if options.json:
        there = [{"kind": one.kind, "id": one.ident, "cause": one.cause} for one in found.left]
        kept = counts.pop("kept")
        print_json({**counts, "kept_by_sandbox": kept, "leftovers": there})
    else:
        _print_cleaned(counts, left, language)
    return ExitCode.NO if left else ExitCode.DONE


def _print_cleaned(counts: Mapping[str, int], left: Sequence[Left], language: Language) -> None:
    """Say what was taken away, what is left, and what a sandbox keeps as long as itself."""
    print_result(text("load.clean.done", language, **counts))
    if counts["kept"]:
        print_result(text("load.clean.kept", language, **counts))
        print_result(text(IN_SANDBOX, language))
    shown = left[:_SHOWN]
    print_columns([[one.kind, one.ident, text(one.cause, language)] for one in shown])
    if more := len(left) - len(shown):
        print_result(text("load.clean.more", language, more=more))


def _cleaned(file: PeopleFile, options: Namespace, language: Language) -> Leftovers:
    if file.origin is not None and file.origin.vanishes:
        return Leftovers(len(file.people), ())
    with _reached(options, DEFAULT_SEED, language) as target:
        return clean(target, file)


@contextmanager
def _reached(options: Namespace, seed: int, language: Language) -> Generator[Target]:
    """Reach the target while the block lasts; what people cannot do is said in one line.

    Raises:
        Stopped: It is none that may be used, does not answer, or somebody could not be made.
    """
    target = target_asked(options, seed)
    try:
        with target:
            yield target
    except UnreachableError as error:
        problem = target.redaction.text(str(error))
        raise because(reason="load_unreachable", problem=problem) from error
    except NotMadeError as error:
        problem = target.redaction.text(error.told(language))
        raise because(reason="load_people_not_made", problem=problem) from error
    except PeopleError as error:
        raise because(reason="load_people", problem=error.told(language)) from error
    except CannotTest as error:
        raise because(reason="load_people_not_made", problem=error.told(language)) from error
