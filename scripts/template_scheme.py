"""Write the scenario `template-new-scheme`: the pilot of 2021, every number marked assumption.

    python scripts/template_scheme.py [--check]

What the pilot's numbers rest on is France's; whoever begins a scheme with them assumes them.
"""

from __future__ import annotations

import re
import sys
from decimal import Decimal
from pathlib import Path

from generated import write_or_compare

FOLDER = Path(__file__).parents[1] / "scenarios" / "etalon_scenarios" / "data" / "scenarios"
HEAD = """# A scheme to begin with: copy it, change it, run it. Made by scripts/template_scheme.py.
#
# Default, notice, window, channels, creation and way back of any opt-out scheme, in the shape of
# the pilot of 2021. Every number is marked as an assumption, whatever it rests on elsewhere:
# replace each by what is known of your scheme, with its source; the report says what is left.

"""
HEADING = {
    "name": "template-new-scheme",
    "title_fr": "Modèle de régime nouveau : tous les nombres sont des hypothèses",
    "title_en": "Template of a new scheme: every number is an assumption",
}
STATEMENTS = re.compile(r"\[\[scenario\.calibrated_on\]\]\n(?:.+\n)+\n?")
POINT = re.compile(r"(?m)^low = (?P<value>\S+)\nhigh = (?P=value)\n")
REMARKS = re.compile(r"(?m)^# One month was announced.*\n(?:#.*\n)*")


def template() -> str:
    """Return the text of the scenario."""
    pilot = (FOLDER / "pilot-2021.toml").read_text(encoding="utf-8")
    body = REMARKS.sub("", STATEMENTS.sub("", pilot[pilot.index("[scenario]\n") :]))
    blocks = re.split(r"(?m)^(?=\[)", body)
    text = "".join(map(assumed, blocks))
    for key, value in HEADING.items():
        text = re.sub(rf"(?m)^{key} = .*$", f'{key} = "{value}"', text, count=1)
    return HEAD + re.sub(r"(?m)^ends_on = (\S+).*$", r"ends_on = \1", text, count=1)


def assumed(block: str) -> str:
    """Return a table whose number has no source any more; citations of other tables go."""
    if not re.search(r"(?m)^certainty = ", block):
        return re.sub(r'(?m)^source = "http.*\n', "", block)
    block = re.sub(r"(?m)^certainty = .*$", 'certainty = "assumption"', block)
    block = re.sub(r"(?m)^source = .*$", 'source = "none"', block)
    block = re.sub(r"(?m)^(?:figure|note) = .*\n", "", block)
    return POINT.sub(widened, block)


def widened(point: re.Match[str]) -> str:
    """Return a range in place of one point: what is assumed may lie a tenth away."""
    value = Decimal(point["value"])
    return f"low = {value * Decimal('0.9')}\nhigh = {value * Decimal('1.1')}\n"


def main() -> int:
    """Write the scenario, or compare it with the one that stands there; 1 when it differs."""
    return write_or_compare(__doc__, {FOLDER / f"{HEADING['name']}.toml": template})


if __name__ == "__main__":
    sys.exit(main())
