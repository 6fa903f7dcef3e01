"""The layout holds: who imports whom, how long modules and functions are, what they are called."""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from import_table import MAY_IMPORT, ROOT, breaches, forbidden, imports_of, packages

MODULE_LINES = 400
TEST_MODULE_LINES = 600
"""Tests of one domain share their scene: parting them would repeat it."""
FUNCTION_LINES = 40
EMPTY_NAMES = re.compile(r"(?:^|_)(?:utils?|helpers?|managers?|misc|common)(?:_|$)", re.IGNORECASE)
WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def modules() -> list[Path]:
    """Every Python module that the project wrote."""
    folders = [*packages().values(), ROOT / "scripts", ROOT / "tests", ROOT / "benchmarks"]
    return sorted(file for folder in folders for file in folder.rglob("*.py"))


class Reading(NamedTuple):
    """What one reading of every module finds.

    Attributes:
        definitions: Place, as `file:line`, and name of each function and class.
        bodies: Place and name of each function, with the lines of its body.
        fixed: Places where a number of examples of Hypothesis is fixed.
    """

    definitions: list[tuple[str, str]]
    bodies: list[tuple[str, int]]
    fixed: list[str]


@cache
def reading() -> Reading:
    """Read every module once: to parse them takes most of the time of these tests."""
    found = Reading([], [], [])
    for module in modules():
        file = module.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, Definition):
                found.definitions.append((f"{file}:{node.lineno}", node.name))
                if not isinstance(node, ast.ClassDef):
                    found.bodies.append((f"{file}:{node.lineno} {node.name}", body_lines(node)))
            elif (
                isinstance(node, ast.keyword)
                and node.arg in {"max_examples", "stateful_step_count"}
                and isinstance(node.value, ast.Constant)
            ):
                found.fixed.append(f"{file}:{node.value.lineno}")
    return found


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function's body, its docstring apart."""
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_no_package_imports_what_the_table_forbids() -> None:
    """Each import in each package is allowed; the model lives on the standard library."""
    assert list(breaches()) == []


def test_every_package_stands_in_the_table() -> None:
    """A package without a rule would be free to import anything."""
    assert sorted(set(packages()) - set(MAY_IMPORT)) == []


def test_the_reader_of_imports_sees_them_all(tmp_path: Path) -> None:
    """Plain, dotted, renamed, nested and conditional imports are read; relative ones are not."""
    module = tmp_path / "module.py"
    module.write_text(
        "import os.path as p, json\nfrom a.b import c\nfrom . import d\n"
        "def f():\n    import e\nif p:\n    from g import h\n",
        encoding="utf-8",
    )

    found = sorted(imports_of(module))

    assert found == [(1, "json"), (1, "os"), (2, "a"), (5, "e"), (7, "g")]


def test_import_linter_holds_the_same_table() -> None:
    """The contracts in pyproject.toml forbid exactly what the table does not allow."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    linter = settings["tool"]["importlinter"]
    contracts = {
        contract["source_modules"][0]: frozenset(contract["forbidden_modules"])
        for contract in linter["contracts"]
    }

    assert contracts == {name: others for name, others in forbidden().items() if others}
    assert sorted(linter["root_packages"]) == sorted(packages())


def test_the_folders_are_one_list_in_every_tool() -> None:
    """hatch, the wheel, pytest, mypy, pyright and ruff name the same component folders."""
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    folders = {folder.parent.name for folder in packages().values()}
    wheel = tool["hatch"]["build"]["targets"]["wheel"]["packages"]

    assert set(tool["hatch"]["build"]["dev-mode-dirs"]) == folders
    assert sorted(wheel) == sorted(f.relative_to(ROOT).as_posix() for f in packages().values())
    for named in (
        tool["pytest"]["ini_options"]["pythonpath"],
        tool["mypy"]["mypy_path"],
        tool["pyright"]["extraPaths"],
        tool["ruff"]["src"],
    ):
        assert set(named) == folders | {"scripts", "benchmarks"}


def test_modules_are_short() -> None:
    """No module is longer than a reader takes in one sitting."""
    lengths = {m.relative_to(ROOT).as_posix(): _line_count(m) for m in modules()}

    long = {
        name: lines
        for name, lines in lengths.items()
        if lines > (TEST_MODULE_LINES if name.startswith("tests/") else MODULE_LINES)
    }
    assert long == {}


def test_functions_are_short() -> None:
    """No function body is longer than a screen."""
    long = {place: lines for place, lines in reading().bodies if lines > FUNCTION_LINES}

    assert long == {}


def test_names_say_what_things_are() -> None:
    """No module, class or function is called utils, helper, manager or the like."""
    named = [(m.relative_to(ROOT).as_posix(), m.stem) for m in modules()]
    named += [(place, WORDS.sub("_", name)) for place, name in reading().definitions]

    assert [f"{place} {name}" for place, name in named if EMPTY_NAMES.search(name)] == []


def test_no_test_fixes_its_number_of_examples() -> None:
    """A property asks for examples in proportion to the profile, so that one number deepens all."""
    assert reading().fixed == []


def _line_count(module: Path) -> int:
    return len(module.read_text(encoding="utf-8").splitlines())
