"""Give a function that is loaded already the code of its mutant."""

import ast
import sys
from collections.abc import Mapping, Sequence
from types import CodeType, FunctionType

from mutants import Mutant


def put_in_place(mutant: Mutant) -> None:
    """Give the function of a mutant the changed code and defaults; whoever holds it meets them.

    Raises:
        LookupError: Nothing is where the name of the function says.
        TypeError: It is no function.
        ValueError: The change needs other variables from around the function.
    """
    function = _function(mutant)
    tree = ast.parse(mutant.source)
    node = _node(tree, mutant.function.split("."))
    code = compile(tree, function.__code__.co_filename, "exec", dont_inherit=True)
    function.__code__ = _code(code, mutant.function)
    names = function.__globals__
    function.__defaults__ = tuple(_value(one, names) for one in node.args.defaults) or None
    by_name = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    function.__kwdefaults__ = {
        argument.arg: _value(one, names) for argument, one in by_name if one is not None
    }


def _function(mutant: Mutant) -> FunctionType:
    """Return the function of a mutant, from within its cache or its property."""
    *classes, name = mutant.function.split(".")
    place: object = sys.modules[mutant.module]
    for one in classes:
        place = vars(place)[one]
    found: object = vars(place)[name]
    for within in ("fget", "__func__", "__wrapped__"):
        found = getattr(found, within, found)
    if not isinstance(found, FunctionType):
        message = f"{mutant.module}.{mutant.function} is no function"
        raise TypeError(message)
    return found


def _node(tree: ast.Module, path: Sequence[str]) -> ast.FunctionDef:
    body = tree.body
    for name in path[:-1]:
        body = next(n for n in body if isinstance(n, ast.ClassDef) and n.name == name).body
    return next(n for n in body if isinstance(n, ast.FunctionDef) and n.name == path[-1])


def _code(code: CodeType, name: str) -> CodeType:
    """Return the code of a function within that of its module, by its qualified name."""
    inner = [one for one in code.co_consts if isinstance(one, CodeType)]
    for one in inner:
        if one.co_qualname == name:
            return one
        if name.startswith(f"{one.co_qualname}."):
            return _code(one, name)
    message = f"no code of {name}"
    raise LookupError(message)


def _value(node: ast.expr, names: Mapping[str, object]) -> object:
    """Return the value of a default: a name, a number or a string is all that changes there."""
    return eval(compile(ast.Expression(node), "default", "eval"), dict(names))  # noqa: S307
