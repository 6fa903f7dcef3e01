"""Write ten broken copies of the pilot's scenario, each named for what is wrong with it."""

import sys
from importlib import resources
from pathlib import Path

SHIPPED = "data/scenarios/pilot-2021.toml"

EARLIER_WAVE = """[[waves]]
first_on = 2021-08-30
last_on = 2021-09-03
departments = "all"
order = "spread"
source = "https://example.org/"
"""

BREAKAGES: dict[str, tuple[str, str]] = {
    "misspelt-key": ("twin_share", "twinn_share"),
    "wrong-unit": ('unit = "children/household"', 'unit = "children/day"'),
    "share-above-one": (
        '[population.twin_share]\nvalue = 0.03\nunit = "share"\nlow = 0.02\nhigh = 0.04',
        '[population.twin_share]\nvalue = 3\nunit = "share"\nlow = 2\nhigh = 4',
    ),
    "wave-before-its-window": (
        "first_on = 2021-08-30\nlast_on = 2021-09-15",
        "first_on = 2021-07-01\nlast_on = 2021-07-10",
    ),
    "wave-that-ends-before-it-starts": (
        "first_on = 2021-08-30\nlast_on = 2021-09-15",
        "first_on = 2021-09-15\nlast_on = 2021-08-30",
    ),
    "negative-population": (
        '[population.scale]\nvalue = 1\nunit = "ratio"\nlow = 1',
        '[population.scale]\nvalue = -1\nunit = "ratio"\nlow = -1',
    ),
    "unknown-department": ('["31", "44", "80"]', '["31", "44", "99"]'),
    "assumption-with-a-source": (
        'certainty = "assumption"\nsource = "none"',
        'certainty = "assumption"\nsource = "https://example.org/"',
    ),
    "overlapping-waves": ("[[waves]]\n", f"{EARLIER_WAVE}\n[[waves]]\n"),
}


def main() -> int:
    """Write the files into the folder named on the command line, which is made."""
    folder = Path(sys.argv[1])
    folder.mkdir()
    whole = resources.files("etalon_scenarios").joinpath(SHIPPED).read_text(encoding="utf-8")
    for name, (right, wrong) in BREAKAGES.items():
        if right not in whole:
            print(f"{SHIPPED} no longer holds {right!r}: mend BREAKAGES[{name!r}]", file=sys.stderr)
            return 1
        broken = whole.replace(right, wrong, 1)
        (folder / f"{name}.toml").write_text(broken, encoding="utf-8")
    cut = whole[: whole.index("[population.twin_share]") + 12]
    (folder / "truncated.toml").write_text(cut, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
