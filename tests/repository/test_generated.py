"""Files that a script writes: written whole, and named when stale."""

from pathlib import Path

import pytest

from generated import write_or_compare


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Where a page is to be written, in a folder that does not exist yet."""
    return tmp_path / "reference" / "page.md"


def call(monkeypatch: pytest.MonkeyPatch, page: Path, text: str, *arguments: str) -> int:
    """Call the script that writes the page, as its command line would."""
    monkeypatch.setattr("sys.argv", ["scripts/page.py", *arguments])
    return write_or_compare("Write the page.", {page: lambda: text})


def test_a_script_writes_its_file_and_finds_it_fresh(
    page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was just written is not stale; lines end the same on every system."""
    assert call(monkeypatch, page, "é\n") == 0
    assert page.read_bytes() == "é\n".encode()
    assert call(monkeypatch, page, "é\n", "--check") == 0


@pytest.mark.parametrize("there", [None, "old\n", ""])
def test_a_stale_or_missing_file_is_named_and_left_alone(
    page: Path,
    there: str | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The check changes nothing and says which script to run."""
    if there is not None:
        page.parent.mkdir()
        page.write_text(there, encoding="utf-8")

    assert call(monkeypatch, page, "new\n", "--check") == 1
    assert "page.md is stale: run python scripts/page.py" in capsys.readouterr().err
    assert (page.read_text(encoding="utf-8") if page.is_file() else None) == there
