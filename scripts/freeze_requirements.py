"""Freeze the current set of requirements under a name, so that reports can cite it for good.

A frozen set is never written again: what changes in the tables afterwards makes another one.

    python scripts/freeze_requirements.py 2026-11
"""

import argparse
import re
import sys
from pathlib import Path

from etalon_conformance.frozen_sets import written_set
from etalon_conformance.requirements import requirement_set

ROOT = Path(__file__).resolve().parent.parent
SETS = ROOT / "conformance" / "etalon_conformance" / "data" / "sets"


def main() -> int:
    """Write the set; 1 when the name is no month, or is taken."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("name", help="the month it is frozen in, such as 2026-11")
    name = parser.parse_args().name
    file = SETS / f"{name}.json"
    if not re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", name) or file.exists():
        print(f"{name}: not a month, or frozen already", file=sys.stderr)
        return 1
    SETS.mkdir(exist_ok=True)
    file.write_bytes(written_set(requirement_set().values()))
    print(f"{file.relative_to(ROOT)}: {len(requirement_set())} requirements")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
