"""The tree travels: encodings are named, file names are portable, nothing points at one machine."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from import_table import ROOT

READERS = {"open", "read_text", "write_text", "fdopen", "NamedTemporaryFile", "TemporaryFile"}
NAMED = re.compile(rf"\b(?:{'|'.join(sorted(READERS))})\b")
ENCODING_PLACE = {"read_text": 0, "write_text": 1}
PORTABLE = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]*")
RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
INDEX_HOSTS = ("py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "deb." + "debian.org")
MACHINE_PATHS = (r"(?<![\w.])/(?:root|work)/\w", rf"(?<![\w.]){re.escape(Path.home().as_posix())}/")
MADE_HERE = {".venv", "__pycache__", ".ruff_cache", ".mypy_cache", ".pytest_cache", ".hypothesis"}
LARGEST_BYTES = 2_000_000


@cache
def tree() -> tuple[str, ...]:
    """Every file under version control, or about to be, as a path from the root."""
    if not (ROOT / ".git").exists():  # an unpacked source archive, before anything was made in it
        files = (file.relative_to(ROOT) for file in ROOT.rglob("*") if file.is_file())
        return tuple(sorted(f.as_posix() for f in files if not set(f.parts) & MADE_HERE))
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(asked, cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    return tuple(name for name in listed.stdout.splitlines() if (ROOT / name).is_file())


def texts() -> Iterator[tuple[str, str]]:
    """Every file of the tree that is text, with its text."""
    for name in tree():
        try:
            yield name, (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def unnamed_encodings(source: str) -> list[int]:
    """Return the lines that open a text file without naming its encoding."""
    if not NAMED.search(source):
        return []
    return sorted(
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and _reads_text(node) and not _names_encoding(node)
    )


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("open('f')", [1]),
        ("open('f', encoding='utf-8')", []),
        ("open('f', 'rb')", []),
        ("open('f', mode='wb')", []),
        ("path.open()", [1]),
        ("path.open('w', encoding='utf-8')", []),
        ("path.open('rb')", []),
        ("path.read_text()", [1]),
        ("path.read_text('utf-8')", []),
        ("path.write_text(text)", [1]),
        ("path.write_text(text, 'utf-8')", []),
        ("path.write_text(text, encoding='utf-8')", []),
        ("os.open('f', 0)", []),
        ("NamedTemporaryFile()", []),
        ("NamedTemporaryFile('w')", [1]),
        ("archive.open('member')", [1]),
        ("archive.open('member', 'w', force_zip64=True)", []),
    ],
)
def test_the_reader_of_encodings_knows_text_from_bytes(source: str, lines: list[int]) -> None:
    """A text mode without an encoding is found; bytes and named encodings are not."""
    assert unnamed_encodings(source) == lines


def test_every_text_file_is_opened_with_its_encoding() -> None:
    """The same bytes mean the same text on Windows, macOS and Linux."""
    found = [
        f"{name}:{line}"
        for name, text in texts()
        if name.endswith(".py")
        for line in unnamed_encodings(text)
    ]

    assert found == []


def test_file_names_are_portable() -> None:
    """ASCII, no name that Windows reserves, no two names that differ only by case."""
    parts = {part for name in tree() for part in name.split("/")}
    folded: dict[str, str] = {}
    clashes = [n for n in tree() if folded.setdefault(n.casefold(), n) != n]

    assert sorted(p for p in parts if not PORTABLE.fullmatch(p) or RESERVED.fullmatch(p)) == []
    assert clashes == []
    assert [name for name in tree() if len(name) > 120] == []


def test_nothing_names_a_package_index_or_a_path_of_one_machine() -> None:
    """The tree can be built behind any mirror and read on any machine."""
    pattern = "|".join([*map(re.escape, INDEX_HOSTS), *MACHINE_PATHS])
    found = [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match.group(0)}"
        for name, text in texts()
        for match in re.finditer(pattern, text)
    ]

    assert found == []


def test_files_stay_small_enough_to_review() -> None:
    """A file too large to read does not belong under version control."""
    sizes = {name: (ROOT / name).stat().st_size for name in tree()}

    assert {name: size for name, size in sizes.items() if size > LARGEST_BYTES} == {}


def test_text_files_end_with_one_newline_and_use_no_carriage_return() -> None:
    """Lines end the same way on every machine."""
    marred = [name for name, text in texts() if text and (not text.endswith("\n") or "\r" in text)]

    assert marred == []


def test_the_version_is_told_once_and_its_changes_are_written() -> None:
    """The newest version in CHANGELOG.md is the package's, or fragments await the next one."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    fragments = [n for n in tree() if re.fullmatch(r"news/[\w+-]+\.[a-z]+\.md", n)]

    assert fragments or re.search(rf"^## {re.escape(version)} ", changelog, re.MULTILINE)


def _reads_text(call: ast.Call) -> bool:
    """Tell whether a call opens a file in text mode, as far as its own line can tell."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    name = call.func.id if isinstance(call.func, ast.Name) else name
    if name not in READERS or _owner(call) == "os":
        return False
    if name in ENCODING_PLACE:
        return True
    if any(k.arg == "force_zip64" for k in call.keywords):  # a member of a zip archive, in bytes
        return False
    modes = [k.value for k in call.keywords if k.arg == "mode"] + call.args[:2]
    written = [m.value for m in modes if isinstance(m, ast.Constant) and isinstance(m.value, str)]
    written = [mode for mode in written if re.fullmatch(r"[rwax][bt+]{0,2}", mode)]
    if name.endswith("TemporaryFile") and not written:
        return False
    return not any("b" in mode for mode in written)


def _owner(call: ast.Call) -> str:
    """Return the name that a method is called on, when it is a plain name."""
    on = call.func.value if isinstance(call.func, ast.Attribute) else None
    return on.id if isinstance(on, ast.Name) else ""


def _names_encoding(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if any(keyword.arg in {"encoding", None} for keyword in call.keywords):
        return True
    return name in ENCODING_PLACE and len(call.args) > ENCODING_PLACE[name]
