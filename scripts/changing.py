"""A pytest plugin under which one module of the model is imported with another source.

`ETALON_CHANGED` names a JSON file with the `module` and its `source`.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType


class Changer(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads the one module from the source given."""

    def __init__(self, name: str, source: str) -> None:
        self._name = name
        self._source = source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Claim the module."""
        if fullname != self._name:
            return None
        found = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if found is None or found.origin is None:
            return None
        return importlib.util.spec_from_file_location(fullname, found.origin, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed module."""
        code = compile(self._source, str(module.__file__), "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 (our own module, one change in it)


if "ETALON_CHANGED" in os.environ:
    _told = json.loads(Path(os.environ["ETALON_CHANGED"]).read_text(encoding="utf-8"))
    sys.meta_path.insert(0, Changer(_told["module"], _told["source"]))
