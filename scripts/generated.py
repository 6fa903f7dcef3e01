"""Documents and tables that a script writes: written, or compared with what stands there."""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path


def write_or_compare(purpose: str | None, files: Mapping[Path, Callable[[], str]]) -> int:
    """Be the command line of a script that generates files.

    Without arguments it writes them; with `--check` it changes nothing and names those that differ
    from what would be written.

    Args:
        purpose: Docstring of the script; its first line is the description.
        files: What each file must hold, as a function.

    Returns:
        0 when all was written, or nothing differs; 1 when something does.
    """
    parser = argparse.ArgumentParser(description=(purpose or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare, do not write")
    if not parser.parse_args().check:
        for file, text in files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text(), encoding="utf-8", newline="\n")
        return 0
    stale = [file.name for file, text in files.items() if _differs(file, text())]
    for name in stale:
        print(f"{name} is stale: run python scripts/{Path(sys.argv[0]).name}", file=sys.stderr)
    return 1 if stale else 0


def _differs(file: Path, text: str) -> bool:
    return not file.is_file() or file.read_text(encoding="utf-8") != text
