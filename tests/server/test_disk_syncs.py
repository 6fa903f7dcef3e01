"""The disk confirms each group commit once, seen from outside the process."""

import shutil

import pytest

from disk_syncs import confirmations
from import_table import ROOT

if not shutil.which("strace"):
    pytest.skip("no strace", allow_module_level=True)


@pytest.fixture(autouse=True)
def _this_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the processes import this tree."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "model"))


def test_each_group_commit_is_confirmed_by_the_disk_once() -> None:
    """Eighty commands, eight at once: fewer groups than commands, one confirmation each."""
    counted = confirmations()

    assert counted.hold, counted
    assert 10 <= counted.groups < counted.commands


def test_a_journal_that_trusts_the_cache_is_noticed() -> None:
    """With `synchronous = OFF` the disk is asked for nothing."""
    counted = confirmations(plant="synchronous-off")

    assert not counted.hold
    assert counted.syncs == 0
