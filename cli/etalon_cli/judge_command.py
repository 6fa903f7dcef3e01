"""`etalon conformance judge`: judge exchanges that were recorded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from etalon_cli.answers import print_columns, print_json
from etalon_cli.console import print_result
from etalon_cli.later_forms import of_a_known_form
from etalon_cli.stopping import because
from etalon_conformance.evidence.judging import judged_trace
from etalon_conformance.evidence.rejudging import VERDICTS, rejudged
from etalon_conformance.evidence.traces import TraceError, read_trace
from etalon_conformance.requirements import CURRENT, UnknownSetError, requirement_set
from etalon_conformance.verdicts import Result, exit_code, plain_result
from etalon_conformance.witness.judging import judged_traffic
from etalon_conformance.witness.session_files import SESSION
from etalon_conformance.witness.watch_verdicts import is_watch, watched_results
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from etalon_conformance.evidence.traces import Trace
    from etalon_conformance.requirement import Requirement
    from etalon_scenarios.run_directory import Json
    from etalon_text.language import Language


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    name = options.requirement_set or CURRENT
    try:
        known = requirement_set(name)
    except UnknownSetError as error:
        accepted = ", ".join(error.known)
        raise because(
            reason="unknown_option_value",
            option="--requirement-set",
            found=name,
            accepted=accepted,
        ) from error
    path = Path(options.trace)
    if path.is_dir():
        of_a_known_form(path)
    base = str(options.base or "")
    if base and not base.startswith(("http://", "https://")):
        accepted = "http://…, https://…"
        raise because(reason="unknown_option_value", option="--base", found=base, accepted=accepted)
    try:
        trace = read_trace(path, base)
        results = _judged(path, trace, known, options.role)
    except TraceError as error:
        raise because(reason="trace_unreadable", file=path, problem=str(error)) from error
    code = exit_code(results, findings_fail=options.findings_fail)
    if options.json:
        print_json(
            {
                "base": trace.base,
                "exchanges": len(trace.recorded),
                "requirement_set": name,
                "results": cast("list[Json]", [plain_result(one) for one in results]),
                "exit_code": code,
            }
        )
    else:
        _tell(trace, results, language)
    return code


def _judged(
    path: Path, trace: Trace, known: Mapping[str, Requirement], role: str | None
) -> tuple[Result, ...]:
    """Judge one side of what was recorded: of a session of the witness, the client's.

    A watch has two sides: both are, where none was asked for.

    Raises:
        TraceError: The directory of a run cannot be read.
    """
    if role == "client" or (role is None and (path / SESSION).is_file()):
        return judged_traffic([one.exchange for one in trace.recorded], known, trace.base)
    watch = is_watch(path)
    if watch and role is None:
        return watched_results(trace, known)
    results = judged_trace(trace, known)
    if (path / VERDICTS).is_file() and not (path / SESSION).is_file() and not watch:
        results = (*rejudged(path, trace, known), *results)
    return results


def _tell(trace: Trace, results: Sequence[Result], language: Language) -> None:
    exchanges = len(trace.recorded)
    print_result(text("judge.read", language, exchanges=exchanges, base=trace.base or "-"))
    rows = [
        (
            one.requirement,
            one.check,
            text(f"verdict.{one.verdict}", language),
            ", ".join(map(str, one.exchanges[:6])) + (", …" if len(one.exchanges) > 6 else ""),  # noqa: PLR2004 (as many as fit)
            text(one.message.key, language, **one.message.values),
        )
        for one in results
    ]
    if rows:
        print_columns(rows)
    print_result(text("judge.shown", language, requirements=len({one[0] for one in rows})))
