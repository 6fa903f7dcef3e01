"""Who may import whom: the one table, its import-linter contracts, and the imports in the code.

The table is that of `docs/architecture.md`. Packages that do not exist yet stand in it already,
so that a new package meets its rule on its first day.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

MAY_IMPORT: dict[str, frozenset[str]] = {
    "etalon_model": frozenset(),
    "etalon_text": frozenset(),
    "etalon_wire": frozenset({"etalon_model", "etalon_text"}),
    "etalon_server": frozenset({"etalon_model", "etalon_wire", "etalon_text"}),
    "etalon_scenarios": frozenset({"etalon_model", "etalon_text"}),
    "etalon_target": frozenset({"etalon_model", "etalon_wire", "etalon_text"}),
    "etalon_conformance": frozenset(
        {"etalon_model", "etalon_wire", "etalon_target", "etalon_text"}
    ),
    "etalon_load": frozenset({"etalon_model", "etalon_wire", "etalon_target", "etalon_text"}),
    "etalon_reports": frozenset({"etalon_text"}),
    "etalon_explore": frozenset({"etalon_scenarios", "etalon_reports", "etalon_text"}),
    "etalon_cli": frozenset(
        {
            "etalon_model",
            "etalon_text",
            "etalon_wire",
            "etalon_server",
            "etalon_scenarios",
            "etalon_target",
            "etalon_conformance",
            "etalon_load",
            "etalon_reports",
            "etalon_explore",
        }
    ),
}

STANDARD_LIBRARY_ONLY = frozenset({"etalon_model"})


def packages() -> dict[str, Path]:
    """Return the folder of each package that exists, by its import name."""
    return {file.parent.name: file.parent for file in sorted(ROOT.glob("*/etalon_*/__init__.py"))}


def imports_of(module: Path) -> Iterator[tuple[int, str]]:
    """Yield line and top-level name of everything that one module imports from outside."""
    for node in statements(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module.partition(".")[0]


def statements(module: ast.Module) -> Iterator[ast.stmt]:
    """Yield every statement of a module, however deep; expressions, which hold none, are not read.

    `ast.walk` looks at every expression too, and takes several times as long.
    """
    left: list[ast.AST] = list(module.body)
    while left:
        one = left.pop()
        if isinstance(one, ast.stmt):
            yield one
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            left.extend(getattr(one, name, ()))


def breaches() -> Iterator[str]:
    """Yield every import that the table forbids, as `file:line: who imports what`."""
    for package, folder in packages().items():
        for module in sorted(folder.rglob("*.py")):
            for line, name in imports_of(module):
                if not _allowed(package, name):
                    place = f"{module.relative_to(ROOT).as_posix()}:{line}"
                    yield f"{place}: {package} may not import {name}"


def forbidden() -> dict[str, frozenset[str]]:
    """Return, for each package that exists, the existing packages it may not import."""
    present = frozenset(packages())
    return {name: present - MAY_IMPORT.get(name, frozenset()) - {name} for name in sorted(present)}


def _allowed(package: str, name: str) -> bool:
    """Tell whether the table lets a package import a top-level name."""
    if name in {package, "__future__"}:
        return True
    if name.startswith("etalon_"):
        return name in MAY_IMPORT.get(package, frozenset())
    return package not in STANDARD_LIBRARY_ONLY or name in sys.stdlib_module_names
