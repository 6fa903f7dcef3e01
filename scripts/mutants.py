"""Every small change of the model that the mutation operators of mutmut make, one at a time.

The operators and the rules about what is never changed (annotations, documentation strings,
calls of `len` and `isinstance`) are mutmut's own. One thing differs: mutmut leaves decorated
functions out, and every function that enforces a rule is decorated.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper
from mutmut.mutation.file_mutation import (
    NEVER_MUTATE_FUNCTION_NAMES,
    Mutation,
    MutationVisitor,
    deep_replace,
)
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "model/etalon_model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One function with one change.

    Attributes:
        group: What the module belongs to: access, enrolment or records.
        module: Dotted name of the module.
        function: Qualified name of the function within it.
        file: Path of the module from the root.
        line: First line that differs, from 1.
        was: The lines that go, stripped at both ends.
        becomes: The lines that come instead.
        source: The whole module with the change.
    """

    group: str
    module: str
    function: str
    file: str
    line: int
    was: str
    becomes: str
    source: str

    @property
    def change(self) -> tuple[str, str, str, str]:
        """What identifies the change wherever the function stands in its file."""
        return self.module, self.function, self.was, self.becomes


class _Changes(MutationVisitor):
    """Mutmut's visitor, but decorated functions are changed too, their decorators never."""

    def __init__(self) -> None:
        super().__init__(mutation_operators, IgnoredCode(set(), set(), set()))

    def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.FunctionDef):
            return node.name.value in NEVER_MUTATE_FUNCTION_NAMES
        return super()._skip_node_and_children(node)


def modules(
    groups: Mapping[str, Sequence[str]], without: Iterable[str]
) -> Iterator[tuple[str, Path]]:
    """Yield the group and the file of each module, by patterns below the model's package.

    Raises:
        LookupError: A pattern names no file.
    """
    left_out = {MODEL / name for name in without}
    for group, patterns in sorted(groups.items()):
        for pattern in sorted(patterns):
            files = sorted(set(MODEL.glob(pattern)) - left_out)
            if not files:
                message = f"{pattern}: no such module in {MODEL.name}"
                raise LookupError(message)
            yield from ((group, file) for file in files)


def mutants_of(group: str, file: Path) -> Iterator[Mutant]:
    """Yield every mutant of one module, in the order of its lines; equal ones once."""
    text = file.read_text(encoding="utf-8")
    visitor = _Changes()
    module = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True).visit(visitor)
    places = dict(_functions(module.body))
    whole = [module.code_for_node(node) for node in (*module.header, *module.body, *module.footer)]
    seen: set[str] = set()
    for mutation in visitor.mutations:
        function = mutation.contained_by_top_level_function
        if not isinstance(function, cst.FunctionDef):
            continue
        name, statement = places[function]
        source = "".join(_with_change(module, whole, statement, mutation))
        if source in seen or source == text:
            continue
        seen.add(source)
        line, was, becomes = _difference(text, source)
        yield Mutant(
            group=group,
            module=".".join(file.relative_to(MODEL.parent).with_suffix("").parts),
            function=name,
            file=file.relative_to(ROOT).as_posix(),
            line=line,
            was=was,
            becomes=becomes,
            source=source,
        )


def sample(mutants: Sequence[Mutant], size: int, seed: int) -> list[Mutant]:
    """Return `size` of `mutants`, each group in proportion, in the order in which they came.

    Digests of the seed and of the change decide: the same tree gives the same sample on every
    machine, and a function that changes hardly moves the rest of it.
    """
    places: dict[str, list[int]] = {}
    for place in sorted(range(len(mutants)), key=lambda place: _drawn(mutants[place], seed)):
        places.setdefault(mutants[place].group, []).append(place)
    shares = _shares({group: len(found) for group, found in places.items()}, size)
    chosen = [place for group, share in shares.items() for place in places[group][:share]]
    return [mutants[place] for place in sorted(chosen)]


def _drawn(mutant: Mutant, seed: int) -> str:
    drawn = "\0".join((str(seed), *mutant.change))
    return hashlib.sha256(drawn.encode("utf-8")).hexdigest()


def _shares(sizes: Mapping[str, int], wanted: int) -> dict[str, int]:
    """Share `wanted` out in proportion; the largest remainders are rounded up."""
    whole = sum(sizes.values())
    wanted = min(wanted, whole)
    shares = {name: wanted * size // whole for name, size in sizes.items()}
    short = wanted - sum(shares.values())
    by_remainder = sorted(sizes, key=lambda name: (-(wanted * sizes[name] % whole), name))
    return {name: share + (name in by_remainder[:short]) for name, share in shares.items()}


def _functions(body: Sequence[cst.CSTNode]) -> Iterator[tuple[cst.CSTNode, tuple[str, int]]]:
    """Yield functions and methods, with their qualified names and their statement's number."""
    for number, node in enumerate(body):
        if isinstance(node, cst.FunctionDef):
            yield node, (node.name.value, number)
        elif isinstance(node, cst.ClassDef):
            for function, (name, _) in _functions(node.body.body):
                yield function, (f"{node.name.value}.{name}", number)


def _with_change(
    module: cst.Module, whole: Sequence[str], statement: int, mutation: Mutation
) -> Iterator[str]:
    """Yield the parts of the module's source, one of its statements with the change.

    Args:
        module: The module.
        whole: The source of its header and of each of its statements.
        statement: Number of the statement that changes.
        mutation: What changes in it.

    Raises:
        TypeError: The change would take the statement away.
    """
    changed = deep_replace(module.body[statement], mutation.original_node, mutation.mutated_node)
    if not isinstance(changed, cst.CSTNode):
        message = f"a change of {type(mutation.original_node).__name__} leaves no statement"
        raise TypeError(message)
    before = len(module.header) + statement
    yield from whole[:before]
    yield module.code_for_node(changed)
    yield from whole[before + 1 :]


def _difference(text: str, source: str) -> tuple[int, str, str]:
    """Return the first line that differs, from 1, and the lines before and after the change."""
    before, after = text.splitlines(), source.splitlines()
    same = _same(before, after)
    end = _same(before[same:][::-1], after[same:][::-1])
    was = before[same : len(before) - end]
    becomes = after[same : len(after) - end]
    return same + 1, _joined(was), _joined(becomes)


def _same(left: Sequence[str], right: Sequence[str]) -> int:
    """Return how many first lines are the same."""
    pairs = zip(left, right, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(left), len(right)))


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(line.strip() for line in lines)
