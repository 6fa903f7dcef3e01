"""Check the test vectors in a directory against the model of this repository.

etalon model vectors --out vectors
python scripts/run_vectors.py vectors
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Final, cast

from etalon_model import vintage
from etalon_model.command_codec import command_from
from etalon_model.identifiers import has_luhn_key, is_finess, is_nir, luhn_key, nir_key
from etalon_model.periods import Period, birthday
from etalon_model.records.confidentiality import ALL
from etalon_model.records.visibility import Facts, Stance, Viewer, sees
from etalon_model.stories import told
from etalon_model.vectors import VINTAGE

Given = Mapping[str, str]
Case = dict[str, object]


def _after(given: Given) -> str:
    end = Period(given["period"]).after(datetime.fromisoformat(given["from"]))
    return end.isoformat().replace("+00:00", "Z")


def _birthday(given: Given) -> str:
    return birthday(date.fromisoformat(given["born"]), int(given["age"])).isoformat()


FUNCTIONS: Final[dict[str, Callable[[Given], object]]] = {
    "nir_key": lambda given: nir_key(given["text"]),
    "is_nir": lambda given: is_nir(given["text"]),
    "luhn_key": lambda given: luhn_key(given["text"]),
    "has_luhn_key": lambda given: has_luhn_key(given["text"]),
    "is_finess": lambda given: is_finess(given["text"]),
    "after": _after,
    "birthday": _birthday,
}


def fails(case: Case) -> bool:
    """Whether the model answers otherwise than the case says."""
    if "when" in case:
        return _story(case) != (case["outcome"], case["state"])
    given = cast("Given", case["given"])
    function = FUNCTIONS.get(given.get("function", ""))
    return (_sees(case) if function is None else function(given)) != case["expected"]


def _sees(case: Case) -> bool:
    given = cast("Mapping[str, bool]", case["given"])
    words = cast("Given", given)
    viewer = Viewer(
        Stance(words["viewer"]),
        "law" if words["policy"] == "law" else "product",
        given["admitted"],
        given["reads_masked"],
    )
    facts = Facts(hidden=given["hidden"], type_allowed=given["type_allowed"])
    codes = ("N", *words["codes"][1:])
    return sees(viewer, next(one for one in ALL if one.codes == codes), facts)


def _story(case: Case) -> tuple[Case, Case]:
    """Tell a story to a new service; give its outcome and the states around it."""
    given = [command_from(document) for document in cast("list[object]", case["given"])]
    last = command_from(case["when"])
    ending = told(vintage(VINTAGE), cast("int", case["seed"]), given, last)
    said: Case = {"accepted": True}
    if ending.code:
        said = {"accepted": False, "rule": ending.rule, "code": ending.code}
    return said, {"before": ending.before.value, "after": ending.after.value}


def main() -> int:
    """Check every file of the directory; 0 when all cases pass, 1 otherwise."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("directory", type=Path, help="where `etalon model vectors` wrote them")
    folder: Path = parser.parse_args().directory
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    failed = 0
    for name in manifest["cases"]:
        file = json.loads((folder / name).read_text(encoding="utf-8"))
        wrong = [case for case in file["cases"] if fails(case)]
        for case in wrong:
            print(f"{name}: {json.dumps(case)}", file=sys.stderr)
        print(f"{name}: {len(file['cases']) - len(wrong)} of {len(file['cases'])} pass")
        failed += len(wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
