"""Write `docs/reference/rules.md`: each rule, what enforces it and the test that shows it.

The names of the tests also go to `model/etalon_model/data/rules_shown.csv`, so that the installed
command line knows them.

Rules stand in `model/etalon_model/data/rules.csv`; functions carry `@enforces("LIF-04")`, tests
`@pytest.mark.rule("LIF-04")`. Both are read in the sources, without running them. A rule without
either needs a reason in `model/etalon_model/data/rules_not_shown.csv`.

    python scripts/rule_table.py [--check]
"""

import ast
import csv
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from generated import write_or_compare

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "rules.md"
DATA = ROOT / "model" / "etalon_model" / "data"
SHOWN = DATA / "rules_shown.csv"
PACKAGES = ("model/etalon_model", "scenarios/etalon_scenarios")
FAMILIES = {
    "LIF": "Life cycle",
    "REP": "Representation and delegation",
    "REC": "Record",
    "VIS": "Visibility of a document",
    "ACC": "Access of professionals",
    "EMG": "Emergency",
    "TRC": "Access log",
    "MTX": "Matrix of habilitations",
    "MSG": "Messaging",
    "AGD": "Agenda and prevention",
    "CAT": "Catalogue of services",
    "MEA": "Measures",
    "ID": "Identity",
    "SEC": "Security",
}
INTRODUCTION = """\
# Rules, the functions that enforce them, the tests that show them

Written by `scripts/rule_table.py`; `make check` fails when it is out of date. Sources are keys of
`model/etalon_model/data/sources.csv`; what each text says is in our own words. A rule that is only
probable, inferred or of the model is never evidence against somebody else's system.

Standing: *law*; *published specification*; *draft*; *product observed*, seen in the official mobile
application or told by the press and by institutions; *own design*, a choice of this model. French
texts and provenance: `etalon model rules --lang fr`, `etalon explain LIF-04`.
"""

COLUMNS = ("rule", "says", "standing", "source", "certainty", "enforced by", "shown by")

Marked = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table of rules, with what the sources of this repository say about it."""

    ident: str
    text: str
    source: str
    certainty: str
    standing: str
    enforced_by: tuple[str, ...]
    shown_by: tuple[str, ...]
    reason: str

    @property
    def is_settled(self) -> bool:
        """Whether it is both enforced and shown, or its absence has a reason, and not both."""
        return bool(self.enforced_by and self.shown_by) != bool(self.reason)


def marks(tree: ast.Module, decorator: str) -> Marked:
    """Names of the functions, methods with their class, under each rule of `decorator`."""
    found: Marked = {}
    scopes: list[ast.Module | ast.ClassDef] = [tree]
    for scope in scopes:  # classes that are met on the way stand at its end
        owner = f"{scope.name}." if isinstance(scope, ast.ClassDef) else ""
        for node in scope.body:
            if isinstance(node, ast.ClassDef):
                scopes.append(node)
            elif isinstance(node, ast.FunctionDef):
                for rule in _rules_of(node, decorator):
                    found.setdefault(rule, []).append(owner + node.name)
    return found


def _rules_of(node: ast.FunctionDef, decorator: str) -> list[str]:
    return [
        str(argument.value)
        for call in node.decorator_list
        if isinstance(call, ast.Call) and ast.unparse(call.func) == decorator
        for argument in call.args
        if isinstance(argument, ast.Constant)
    ]


def link(file: Path, name: str) -> str:
    """A function of `file` as the page links to it."""
    return f"[{file.stem}.{name}]({Path('..', '..', file.relative_to(ROOT)).as_posix()})"


def node(file: Path, name: str) -> str:
    """A test of `file` as pytest calls it."""
    return f"{file.relative_to(ROOT).as_posix()}::{name.replace('.', '::')}"


def marked(files: list[Path], decorator: str, said: Callable[[Path, str], str] = link) -> Marked:
    """The functions of `files` under each rule of `decorator`, each as `said`."""
    found: Marked = {}
    for file in files:
        text = file.read_text(encoding="utf-8")
        if decorator not in text:
            continue
        for rule, names in marks(ast.parse(text), decorator).items():
            found.setdefault(rule, []).extend(said(file, name) for name in names)
    return found


def shown_table() -> str:
    """The table of the tests that show each rule, as the package ships it."""
    shown = marked(_test_files(), "pytest.mark.rule", node)
    rows = (f"{rule},{test}" for rule, tests in sorted(shown.items()) for test in tests)
    return "\n".join(["id,test", *rows]) + "\n"


def _test_files() -> list[Path]:
    return sorted((ROOT / "tests").rglob("test_*.py"))


def rules() -> list[Rule]:
    """Every rule of the table, in its order."""
    sources = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
    enforced = marked(sources, "enforces")
    shown = marked(_test_files(), "pytest.mark.rule")
    reasons = {row["id"]: row["reason"] for row in _rows("rules_not_shown.csv")}
    known = _rows("rules.csv")
    strangers = (enforced.keys() | shown.keys() | reasons.keys()) - {row["id"] for row in known}
    if strangers:
        message = f"no such rule in rules.csv: {', '.join(sorted(strangers))}"
        raise SystemExit(message)
    return [
        Rule(
            row["id"],
            row["text"],
            row["source"],
            row["certainty"],
            row["standing"],
            tuple(enforced.get(row["id"], ())),
            tuple(shown.get(row["id"], ())),
            reasons.get(row["id"], ""),
        )
        for row in known
    ]


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def page(table: list[Rule]) -> str:
    """The text of the page."""
    with_reason = sum(1 for rule in table if rule.reason)
    with_both = sum(1 for rule in table if rule.is_settled) - with_reason
    lines = [INTRODUCTION, f"{len(table)} rules: {with_both} enforced and shown, "]
    lines[-1] += f"{with_reason} with a reason why not, "
    lines[-1] += f"{len(table) - with_both - with_reason} not settled.\n"
    lines += ["| standing | rules |", "|---|---|"]
    standings = Counter(rule.standing for rule in table)
    lines += [f"| {standing} | {count} |" for standing, count in standings.most_common()]
    lines += [""]
    for family, title in FAMILIES.items():
        lines += [f"## {title}\n", f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
        lines += [_line(rule) for rule in table if rule.ident.startswith(family + "-")]
        lines += [""]
    return "\n".join(lines).rstrip() + "\n"


def _line(rule: Rule) -> str:
    enforced = "<br>".join(rule.enforced_by)
    shown = "<br>".join(rule.shown_by) or "none"
    if rule.reason:
        enforced = f"*not here: {rule.reason}*"
    elif not enforced:
        enforced = "*nothing yet*"
    cells = (rule.ident, rule.text, rule.standing, rule.source, rule.certainty, enforced, shown)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main() -> int:
    """Write the page, or compare it; 1 when it is out of date or a rule is not settled."""
    table = rules()
    for rule in table:
        if not rule.is_settled:
            sys.stderr.write(
                f"{rule.ident}: enforced by {len(rule.enforced_by)} functions and shown by "
                f"{len(rule.shown_by)} tests; it needs both, or else a reason in "
                "rules_not_shown.csv\n"
            )
    code = write_or_compare(__doc__, {PAGE: lambda: page(table), SHOWN: shown_table})
    return code if all(rule.is_settled for rule in table) else 1


if __name__ == "__main__":
    raise SystemExit(main())
