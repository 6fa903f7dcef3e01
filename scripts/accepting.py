"""A pytest plugin that replaces the body of one function of the model by "accept".

`ETALON_ACCEPTING` names the function (`etalon_model.opening.open_automatically`). The module is
rewritten while it is imported, before anybody holds the function, so that every caller meets the
replaced one. What "accept" is follows from the return annotation: no refusal, the accepted
outcome, or True.
"""

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

OUTCOME = "__import__('etalon_model.outcomes').outcomes.ACCEPTED"


def accepted(function: ast.FunctionDef) -> ast.expr:
    """Return the expression that accepts, by the function's return annotation."""
    annotation = ast.unparse(function.returns) if function.returns else ""
    if annotation == "Outcome":
        return ast.parse(OUTCOME, mode="eval").body
    return ast.Constant(value=True if annotation == "bool" else None)


def rewritten(source: str, path: Sequence[str]) -> ast.Module:
    """Return the tree of a module in which the function at `path` accepts.

    Raises:
        LookupError: The module holds no such function.
    """
    tree = ast.parse(source)
    body: Sequence[ast.stmt] = tree.body
    for name in path[:-1]:
        body = next(n for n in body if isinstance(n, ast.ClassDef) and n.name == name).body
    for node in body:
        if isinstance(node, ast.FunctionDef) and node.name == path[-1]:
            node.body = [ast.Return(value=accepted(node))]
            return ast.fix_missing_locations(tree)
    message = f"no function {'.'.join(path)} to replace"
    raise LookupError(message)


class Rewriter(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads the one module with its function replaced."""

    def __init__(self, dotted: str) -> None:
        self._dotted = dotted

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Claim the module that holds the function."""
        found = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if found is None or found.origin is None or not self._dotted.startswith(fullname + "."):
            return None
        if found.submodule_search_locations is not None:
            return None
        return importlib.util.spec_from_file_location(fullname, found.origin, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        """Run the rewritten module."""
        path = self._dotted.removeprefix(module.__name__ + ".").split(".")
        file = str(module.__file__)
        tree = rewritten(Path(file).read_text(encoding="utf-8"), path)
        code = compile(tree, file, "exec")
        exec(code, module.__dict__)  # noqa: S102 (our own module, one function replaced)


if "ETALON_ACCEPTING" in os.environ:
    sys.meta_path.insert(0, Rewriter(os.environ["ETALON_ACCEPTING"]))
