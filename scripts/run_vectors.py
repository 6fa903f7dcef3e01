"""Check the test vectors in a directory against the model of this repository.

etalon model vectors --out vectors
python scripts/run_vectors.py vectors

Every case is answered again by the model, every story told again, every actor's view asked again;
and once more under each other answer to an open question that a case or a story lists.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from etalon_model import vintage
from etalon_model.value_codec import Json
from etalon_model.vectors import VINTAGE
from etalon_model.vectors.functions import answer
from etalon_model.vectors.plain_stories import faults
from etalon_model.vectors.switches import under

Case = dict[str, Json]


def wrong(case: Mapping[str, object]) -> list[str]:
    """Return what the model answers otherwise than the case says."""
    parameters = vintage(VINTAGE)
    if "when" in case:
        return faults(parameters, case)
    given = cast("dict[str, Json]", case["given"])
    found = [] if answer(given, parameters) == case["expected"] else ["expected"]
    for other in cast("list[dict[str, Json]]", case["alternatives"]):
        setting, value = str(other["setting"]), str(other["value"])
        if answer(given, under(parameters, setting, value)) != other["expected"]:
            found.append(f"{setting}={value}: expected")
    return found


def main() -> int:
    """Check every file of the directory; 0 when all cases pass, 1 otherwise."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("directory", type=Path, help="where `etalon model vectors` wrote them")
    folder: Path = parser.parse_args().directory
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    failed = 0
    for name in manifest["cases"]:
        cases: list[Case] = json.loads((folder / name).read_text(encoding="utf-8"))["cases"]
        found = [(case, faulty) for case in cases if (faulty := wrong(case))]
        for case, faulty in found:
            shown = case.get("shows") or json.dumps(case["given"], ensure_ascii=False)
            print(f"{name}: {shown}: {'; '.join(faulty)}", file=sys.stderr)
        print(f"{name}: {len(cases) - len(found)} of {len(cases)} pass")
        failed += len(found)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
