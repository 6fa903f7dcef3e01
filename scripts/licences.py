"""Write docs/reference/licences.md: the licence of each package of the lock, from its metadata.

python scripts/licences.py [--check]

A package that is not installed here (it is for another system or Python) keeps the row it has.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final

from dependencies import BASE, DEVELOPMENT, ROOT, packages
from generated import write_or_compare

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dependencies import Package

PAGE: Final = ROOT / "docs" / "reference" / "licences.md"
UNKNOWN: Final = "not installed where this page was written"
HEAD: Final = """# Licences of what Étalon stands on

<!-- Written by scripts/licences.py from the lock and the packages' metadata: do not edit. -->

Étalon itself is under the EUPL 1.2 ([0008](../decisions/0008-licence.md)); data shipped with it
keep the licences told beside them. It contains none of the packages below: an installer fetches
them, or a bundle carries them. `base` comes with every installation; the other words are extras
(`pip install mes-etalon[server]`). A licence stands as the package declares it.
"""
_ROW: Final = re.compile(r"^\| ([\w.-]+) \| [^|]* \| ([^|]+) \|", re.MULTILINE)
_STRONG: Final = re.compile(r"(?<![A-Z])A?GPL|GNU (?:Affero )?General Public", re.IGNORECASE)
_CHOICE: Final = re.compile(r"\s+or\s+", re.IGNORECASE)


def page(found: Iterable[Package], known: Mapping[str, str]) -> str:
    """Return the page.

    Args:
        found: Packages of the lock.
        known: Package -> licence on the page as it stands, for those that are not installed here.
    """
    every = list(found)
    shipped = [one for one in every if one.comes_with != (DEVELOPMENT,)]
    tools = [one for one in every if one.comes_with == (DEVELOPMENT,)]
    parts = [
        HEAD,
        f"\n## What users install ({len(shipped)})\n",
        "| package | version | licence | comes with |\n|---|---|---|---|",
        *(f"{_row(one, known)} {_origins(one)} |" for one in shipped),
        f"\n## What only tests and developers use ({len(tools)})\n",
        "| package | version | licence |\n|---|---|---|",
        *(_row(one, known) for one in tools),
    ]
    return "\n".join(parts) + "\n"


def rows(text: str) -> dict[str, str]:
    """Return package -> licence as a page has them."""
    return {name: licence.strip() for name, licence in _ROW.findall(text)}


def strong_copyleft(licence: str) -> bool:
    """Tell whether a licence leaves no choice but the GPL or AGPL, which 0008 keeps out."""
    return all(_STRONG.search(one) for one in _CHOICE.split(licence))


def _row(package: Package, known: Mapping[str, str]) -> str:
    licence = package.licence or known.get(package.name, UNKNOWN)
    return f"| {package.name} | {', '.join(package.versions)} | {licence.replace('|', '/')} |"


def _origins(package: Package) -> str:
    return BASE if BASE in package.comes_with else ", ".join(package.comes_with)


def _text() -> str:
    known = rows(PAGE.read_text(encoding="utf-8")) if PAGE.is_file() else {}
    return page(packages(), known)


if __name__ == "__main__":
    sys.exit(write_or_compare(__doc__, {PAGE: _text}))
