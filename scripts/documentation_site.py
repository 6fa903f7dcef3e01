"""Lay the documents out as a site, offline: build/site/index.html is its first page.

Pages keep their places in the repository, so that each relative link leads where it does there.
No page asks anything of another host: that is looked at in what was built.

    python scripts/documentation_site.py [--check]

`--check` builds the same and keeps nothing.
"""

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PAGES: Final = ROOT / "build" / "pages"
SITE: Final = ROOT / "build" / "site"
CONFIGURATION: Final = ROOT / "mkdocs.yml"
BROUGHT: Final = re.compile(
    r"<(?:script|img|iframe|source|embed)\b[^>]*\bsrc=\"(?:https?:)?//"
    r"|<link\b(?=[^>]*\brel=\"?(?:stylesheet|icon|preconnect|preload|manifest))"
    r"[^>]*\bhref=\"?(?:https?:)?//"
    r"|@import\s+(?:url\()?[\"']?(?:https?:)?//|url\([\"']?(?:https?:)?//",
    re.IGNORECASE,
)
"""What makes a browser ask another host for something before anybody clicks."""

LINK: Final = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)")
NAMED: Final = re.compile(r"^ +- .*: (\S+\.md)$|^  - .*: (\S+\.md)$", re.MULTILINE)


def main() -> int:
    """Build; 1 when a page cannot be built, or asks another host for something."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="build, and keep nothing")
    check = parser.parse_args().check
    lay_out(PAGES)
    built = subprocess.run(
        [str(Path(sys.executable).with_name("zensical")), "build", "--strict", "--clean"],
        cwd=ROOT,
        check=False,
        capture_output=check,
        encoding="utf-8",
    )
    name_the_language(SITE)
    asking = list(outside_requests(SITE))
    for line in asking:
        print(line, file=sys.stderr)
    if built.returncode and check:
        print(built.stdout + built.stderr, file=sys.stderr)
    if check:
        shutil.rmtree(SITE, ignore_errors=True)
    shutil.rmtree(PAGES)
    return 1 if built.returncode or asking else 0


def lay_out(folder: Path) -> None:
    """Copy the pages and what they lead to into a new folder; list the decisions on a page."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs", folder / "docs")
    for page in sorted(ROOT.glob("*.md")):
        shutil.copy(page, folder)
    for file in led_to():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, folder / file)
    listed = folder / "docs" / "decisions" / "index.md"
    listed.write_text("\n".join(["# Decisions", "", *decisions(), ""]), encoding="utf-8")


def led_to() -> Iterator[Path]:
    """Give the files outside the documents that pages lead to, as paths from the root."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    targets = {
        (page.parent / link).resolve()
        for page in pages
        for link in LINK.findall(page.read_text(encoding="utf-8"))
    }
    for target in sorted(targets):
        if target.is_file() and not target.is_relative_to(ROOT / "docs"):
            yield target.relative_to(ROOT)


def decisions() -> Iterator[str]:
    """Give a line a decision, in the order of their numbers."""
    for page in sorted((ROOT / "docs" / "decisions").glob("*.md")):
        title = page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        yield f"- [{title}]({page.name})"


def named_pages() -> set[str]:
    """Return the pages that the navigation names, as paths from the root."""
    found = NAMED.findall(CONFIGURATION.read_text(encoding="utf-8"))
    return {indented or whole for indented, whole in found}


def name_the_language(site: Path) -> None:
    """Say of each French page that it is French: whoever has it read aloud hears French."""
    for page in sorted((site / "docs" / "fr").glob("*.html")):
        told = page.read_text(encoding="utf-8").replace('<html lang="en"', '<html lang="fr"', 1)
        page.write_text(told, encoding="utf-8")


def outside_requests(site: Path) -> Iterator[str]:
    """Name each page or style sheet that would ask another host for something."""
    for file in sorted(site.rglob("*")):
        if file.suffix in {".html", ".css"} and file.is_file():
            for found in BROUGHT.finditer(file.read_text(encoding="utf-8")):
                yield f"{file.relative_to(site).as_posix()}: {found[0][:120]}"


if __name__ == "__main__":
    sys.exit(main())
