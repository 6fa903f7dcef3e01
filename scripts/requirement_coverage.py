"""Write `docs/reference/requirement-coverage.md`: each requirement, its checks, its impostors.

Checks are read in the sources of `etalon_conformance`, by the literal identifiers of `@check`;
impostors in `data/impostors.csv`; what the witness judges of client software, in its own sources
and profiles. A requirement that no check names needs a reason in
`data/untested.csv`; the row goes when a check comes. `data/covered.csv` holds the checks of each
requirement for the installed command line, and remembers them: a requirement whose last check
disappears is missed until somebody writes down why.

    python scripts/requirement_coverage.py [--check]
"""

import ast
import csv
import io
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from etalon_conformance.requirements import Requirement, Wire, can_fail, requirement_set
from etalon_conformance.suites import denominator, requirements_of, suites
from generated import write_or_compare
from witness_coverage import NOTHING, Looked, looked_at

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "conformance" / "etalon_conformance"
PAGE = ROOT / "docs" / "reference" / "requirement-coverage.md"
COVERED = PACKAGE / "data" / "covered.csv"
UNTESTED = PACKAGE / "data" / "untested.csv"
IMPOSTORS = PACKAGE / "data" / "impostors.csv"
INTRODUCTION = """\
# Requirements, the checks that look at them, the impostors that break them

Written by `scripts/requirement_coverage.py`; `make check` fails when it is out of date, when a
requirement has neither check nor reason, and when a check disappears without a reason. Texts,
sources and conditions: `etalon conformance requirements`.

*May fail*: a breach over an official or vendor-mapped exchange is a failure; elsewhere, and for
every other requirement, it is a finding. *Linked* is named by a check; *broken on purpose* is
broken by at least one impostor, a server known to be wrong. Neither says that a check catches it:
`etalon conformance power` does. *Witnessed* is judged by an observation of the witness, which
looks at client software: the observation stands before the steps of the sessions that show it
(`etalon conformance run --role client`).
"""

Named = Mapping[str, tuple[str, ...]]
"""Requirement -> the names of what looks at it, or breaks it."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is covered, and what should be.

    Attributes:
        requirements: The current set.
        checks: Requirement -> names of its checks.
        impostors: Requirement -> names of its impostors.
        reasons: The rows of `untested.csv`: requirement -> key of its reason.
        remembered: What `covered.csv` holds: requirement -> names of its checks.
        witness: What the witness looks at.
    """

    requirements: Mapping[str, Requirement]
    checks: Named
    impostors: Named
    reasons: Mapping[str, str]
    remembered: Named
    witness: Looked = NOTHING

    def faults(self) -> list[str]:
        """Say what somebody has to mend, in whole sentences."""
        return [*self._strangers(), *self._unexplained(), *self._lost()]

    def _strangers(self) -> Iterable[str]:
        for what, named in (("check", self.checks), ("impostor", self.impostors)):
            for ident in sorted(named.keys() - self.requirements.keys()):
                yield f"{ident}: no such requirement; {what} {', '.join(named[ident])} names it"

    def _unexplained(self) -> Iterable[str]:
        for ident in self.requirements:
            if ident not in self.checks and ident not in self.reasons:
                lost = ident in self.remembered
                yield (
                    f"{ident}: coverage shrinks, its check is gone; put it back, or write a reason "
                    f"in {UNTESTED.name}"
                    if lost
                    else f"{ident}: no check names it; write a reason in {UNTESTED.name}"
                )

    def _lost(self) -> Iterable[str]:
        for ident in sorted(self.remembered.keys() - self.requirements.keys()):
            yield f"{ident}: {COVERED.name} holds it, and no requirement is called so any more"

    def kept_reasons(self) -> dict[str, str]:
        """Return the rows of `untested.csv` that no check makes wrong."""
        return {ident: key for ident, key in self.reasons.items() if ident not in self.checks}

    def covered(self) -> Iterable[tuple[str, str]]:
        """Give the rows of `covered.csv`: what has checks, and what lost them unexplained."""
        lost = {i: names for i, names in self.remembered.items() if i not in self.reasons}
        for ident in self.requirements:
            for name in self.checks.get(ident) or lost.get(ident, ()):
                yield ident, name


def read_coverage() -> Coverage:
    """Return the coverage of the tree."""
    return Coverage(
        requirements=requirement_set(),
        checks=checks_in(sorted(PACKAGE.rglob("*.py"))),
        impostors=_grouped((row["requirement"], row["name"]) for row in _rows(IMPOSTORS)),
        reasons={row["id"]: row["reason"] for row in _rows(UNTESTED)},
        remembered=_grouped((row["id"], row["check"]) for row in _rows(COVERED)),
        witness=looked_at(PACKAGE / "witness", requirement_set()),
    )


def checks_in(files: Iterable[Path]) -> Named:
    """Return the checks of source files, by requirement, in their order."""
    return _grouped(
        (ident, node.name)
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        for ident in _claimed(node)
    )


def _grouped(pairs: Iterable[tuple[str, str]]) -> Named:
    found: dict[str, list[str]] = {}
    for ident, name in pairs:
        found.setdefault(ident, []).append(name)
    return {ident: tuple(names) for ident, names in found.items()}


def _claimed(function: ast.FunctionDef) -> list[str]:
    """Return the identifiers that the decorator `check` of a function names."""
    calls = (one for one in function.decorator_list if isinstance(one, ast.Call))
    return [
        str(item.value)
        for call in calls
        if ast.unparse(call.func).rpartition(".")[2] == "check"
        for keyword in call.keywords
        if keyword.arg == "requirements"
        for item in ast.walk(keyword.value)
        if isinstance(item, ast.Constant)
    ]


def _rows(file: Path) -> list[dict[str, str]]:
    if not file.is_file():
        return []
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


def page(coverage: Coverage) -> str:
    """Return the text of the page."""
    lines = [INTRODUCTION, *_summary(coverage), *_suites(coverage)]
    domains = dict.fromkeys(one.domain for one in coverage.requirements.values())
    for domain in domains:
        held = [one for one in coverage.requirements.values() if one.domain == domain]
        lines += [f"## {domain.capitalize()}\n", _head("requirement", "asks", *_COLUMNS)]
        lines += [_line(one, coverage) for one in held] + [""]
    return "\n".join(lines).rstrip() + "\n"


_COLUMNS = ("level", "actor", "standing", "may fail", "checks", "impostors")


def _head(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n{'|---' * len(cells)}|"


def _summary(coverage: Coverage) -> list[str]:
    columns = ("requirements", "may fail", "linked", "broken on purpose", "witnessed")
    rows = [_head("standing", *columns)]
    held = coverage.requirements.values()
    for standing in dict.fromkeys(one.standing for one in held):
        these = [one for one in held if one.standing is standing]
        binding = sum(can_fail(one, Wire.OFFICIAL) for one in these)
        linked = sum(one.ident in coverage.checks for one in these)
        broken = sum(one.ident in coverage.impostors for one in these)
        seen = sum(one.ident in coverage.witness for one in these)
        rows.append(f"| {standing} | {len(these)} | {binding} | {linked} | {broken} | {seen} |")
    return [*rows, ""]


def _suites(coverage: Coverage) -> list[str]:
    rows = [_head("suite", "requirements", "may fail", "linked", "with a reason why not")]
    for name in suites():
        held = requirements_of(name, coverage.requirements)
        counts = denominator(held)
        linked = sum(one.ident in coverage.checks for one in held)
        without = counts.requirements - linked
        rows.append(
            f"| `{name}` | {counts.requirements} | {counts.binding} | {linked} | {without} |"
        )
    return [*rows, ""]


def _line(one: Requirement, coverage: Coverage) -> str:
    checks = "<br>".join(_looking(one.ident, coverage))
    cells = (
        one.ident,
        one.text["en"],
        one.level,
        one.actor,
        one.standing,
        "yes" if can_fail(one, Wire.OFFICIAL) else "",
        checks or f"*none: {one.untested['en']}*",
        "<br>".join(coverage.impostors.get(one.ident, ())),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _looking(ident: str, coverage: Coverage) -> Iterable[str]:
    """Give the names of what looks at a requirement."""
    yield from coverage.checks.get(ident, ())
    if told := coverage.witness.told(ident):
        yield told


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return written.getvalue()


def main() -> int:
    """Write the page and the two tables, or compare them; 1 when something is to be mended."""
    coverage = read_coverage()
    faults = coverage.faults()
    for fault in faults:
        print(fault, file=sys.stderr)
    code = write_or_compare(
        __doc__,
        {
            UNTESTED: lambda: _table(("id", "reason"), coverage.kept_reasons().items()),
            COVERED: lambda: _table(("id", "check"), coverage.covered()),
            PAGE: lambda: page(coverage),
        },
    )
    return 1 if faults else code


if __name__ == "__main__":
    raise SystemExit(main())
