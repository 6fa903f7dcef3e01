"""Write what `etalon doctor` may say, in English and French: what it looks for, and what to do.

python scripts/doctor_reference.py [--check]
"""

import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from etalon_cli.installed_parts import NEEDED_BY, PYTHONS, libraries_of_extras
from etalon_cli.machine_parts import LOOKS
from etalon_text.language import Language, semicolons, spaced
from etalon_text.strings import text
from generated import write_or_compare

DOCS: Final = Path(__file__).resolve().parent.parent / "docs"
PAGES: Final[Mapping[Language, Path]] = {
    "en": DOCS / "reference" / "doctor.md",
    "fr": DOCS / "fr" / "diagnostic.md",
}
HEADS: Final[Mapping[Language, str]] = {
    "en": """\
# What `etalon doctor` says

<!-- Written by scripts/doctor_reference.py: do not edit. -->

```console
$ etalon doctor
```

looks at what is installed and at the machine, changes nothing and asks nobody anything. One line
tells each thing that it looked for, what it found, and, where that will not do, what it prevents
and what to do about it. Exit code 0: every basic command works, even where a line says that
something is missing. 3: a part is missing without which nothing works. `--json` prints the same for
a program; send it along when you ask for help.
""",
    "fr": """\
# Ce que dit `etalon doctor`

<!-- Écrit par scripts/doctor_reference.py : à ne pas modifier. -->

```console
$ etalon doctor
```

regarde ce qui est installé et la machine, ne change rien et ne demande rien à personne. Une ligne
dit chaque chose cherchée, ce qui a été trouvé et, là où cela ne convient pas, ce que cela empêche
et que faire. Code de sortie 0 : toutes les commandes de base marchent, même là où une ligne dit que
quelque chose manque. 3 : il manque une pièce sans laquelle rien ne marche. `--json` donne la même
chose pour un programme ; joignez-le à une demande d'aide.
""",
}
WORDS: Final[Mapping[Language, tuple[str, str, str]]] = {
    "en": ("looked for", "first command that needs it", "what its absence costs, and what to do"),
    "fr": (
        "ce qui est cherché",
        "première commande qui en a besoin",
        "ce que coûte son absence, et que faire",
    ),
}


def page(language: Language) -> str:
    """Give the whole page."""
    return "\n".join([spaced(HEADS[language], language), *_lines(language)])


def _lines(language: Language) -> Iterator[str]:
    looked_for, command, cost = (spaced(word, language) for word in WORDS[language])
    pythons = ", ".join(f"{major}.{minor}" for major, minor in PYTHONS)
    yield from _head("required", language, looked_for, command)
    yield f"| Python {pythons} | |"
    yield from (f"| `{name}` | `etalon {first}` |" for name, first in sorted(NEEDED_BY.items()))
    yield from ("", *_head("extra", language, looked_for, cost))
    for name in sorted(libraries_of_extras()):
        install = f"`pip install 'mes-etalon[{name}]'`"
        cost_of_it = text(f"doctor.cost.extra.{name}", language)
        yield f"| `{name}` | {semicolons([cost_of_it, install], language)} |"
    yield from ("", *_head("machine", language, looked_for, cost))
    for name in LOOKS:
        label = text(f"doctor.name.{name}", language)
        yield f"| {label} | {text(f'doctor.cost.machine.{name}', language)} |"
    yield ""


def _head(kind: str, language: Language, *columns: str) -> tuple[str, ...]:
    heading = text(f"doctor.heading.{kind}", language)
    return (f"## {heading}", "", f"| {' | '.join(columns)} |", "|---|---|")


if __name__ == "__main__":
    pages = {file: partial(page, language) for language, file in PAGES.items()}
    sys.exit(write_or_compare(__doc__, pages))
