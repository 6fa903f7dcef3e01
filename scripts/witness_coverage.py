"""Which observations of the witness judge which requirement, and which steps of a session show it.

Observations are read in the sources of `etalon_conformance.witness`: the identifiers that each one
of `judging.OBSERVATIONS` names, itself or in what it calls. Steps are read in its profiles.
"""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from etalon_conformance.witness.scenario import profiles

_JUDGE = "judging.py"
_OBSERVATIONS = "OBSERVATIONS"


@dataclass(frozen=True, slots=True)
class Looked:
    """What the witness looks at.

    Attributes:
        observations: Requirement -> names of the observations that judge it.
        steps: Requirement -> steps that show it, as `profile/step`.
    """

    observations: Mapping[str, tuple[str, ...]]
    steps: Mapping[str, tuple[str, ...]]

    def __contains__(self, requirement: object) -> bool:
        """Whether an observation judges a requirement."""
        return requirement in self.observations

    def told(self, requirement: str) -> str:
        """Return what looks at a requirement, for a cell of the page; empty where nothing does."""
        names = [f"`{name}`" for name in self.observations.get(requirement, ())]
        if not names:
            return ""
        steps = ", ".join(self.steps.get(requirement, ()))
        return f"*witness:* {', '.join(names)}" + (f" ({steps})" if steps else "")


NOTHING: Final = Looked({}, {})
"""What a tree without a witness looks at."""


def looked_at(folder: Path, known: Collection[str]) -> Looked:
    """Return what the witness of a folder of sources looks at.

    Args:
        folder: The package of the witness.
        known: Identifiers of all requirements.
    """
    sources = {file.stem: ast.parse(file.read_text("utf-8")) for file in folder.glob("*.py")}
    steps: dict[str, list[str]] = {}
    observed: dict[str, list[str]] = {}
    for name in _observations(sources[Path(_JUDGE).stem]):
        module, _, function = name.partition(".")
        for ident in sorted(set(_named(sources[module], function)) & set(known)):
            observed.setdefault(ident, []).append(name)
    for profile in profiles().values():
        for step in profile.steps:
            for ident in step.requirements:
                steps.setdefault(ident, []).append(f"{profile.name}/{step.name}")
    return Looked(_frozen(observed), _frozen(steps))


def _frozen(found: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {ident: tuple(names) for ident, names in found.items()}


def _observations(judge: ast.Module) -> Iterator[str]:
    """Yield `module.function` for each observation of the judge, in its order."""
    for node in judge.body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == _OBSERVATIONS:
            held = node.value.elts if isinstance(node.value, ast.Tuple) else ()
            yield from map(ast.unparse, held)


def _named(module: ast.Module, name: str) -> Iterator[str]:
    """Yield every text that a function of a module holds, or what it uses of that module."""
    waiting, met = [name], set[str]()
    known = dict(_definitions(module.body))
    while waiting:
        one = waiting.pop()
        if one in met or one not in known:
            continue
        met.add(one)
        for node in ast.walk(known[one]):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
            elif isinstance(node, ast.Name):
                waiting.append(node.id)


def _definitions(body: Iterable[ast.stmt]) -> Iterator[tuple[str, ast.stmt]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, node
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node
