"""Signals that ask a command to stop, at moments when it cannot be stopped."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import tempfile
import time
from typing import TYPE_CHECKING

import pytest

from etalon_cli.interruption import Interrupted, ending_in_order, interruptible

if TYPE_CHECKING:
    from pathlib import Path

HIT = """
import signal
signal.raise_signal(signal.SIGTERM)
READ_TO_ITS_END = True
"""


def test_a_signal_amid_a_module_comes_once_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A native module that is being read survives no error."""
    (tmp_path / "hit_amid.py").write_text(HIT, encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    def read_and_wait() -> None:
        with ending_in_order():
            importlib.import_module("hit_amid")
            time.sleep(60)

    with pytest.raises(Interrupted):
        read_and_wait()

    assert sys.modules.pop("hit_amid").READ_TO_ITS_END


def test_a_signal_amid_the_removal_of_a_folder_comes_once_it_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A temporary folder is left by nobody."""
    remove = os.rmdir

    def hit(*of: object, **more: object) -> None:
        signal.raise_signal(signal.SIGTERM)
        remove(*of, **more)  # type: ignore[arg-type] # as it is called

    def remove_and_wait() -> None:
        with ending_in_order():
            with tempfile.TemporaryDirectory(dir=tmp_path):
                monkeypatch.setattr(os, "rmdir", hit)
            time.sleep(60)

    with pytest.raises(Interrupted):
        remove_and_wait()

    assert not list(tmp_path.iterdir())


def test_a_second_signal_stops_what_the_first_only_asked() -> None:
    """The first waits for a good moment."""
    with interruptible() as interruption:
        signal.raise_signal(signal.SIGINT)
        assert interruption.is_asked()
        with pytest.raises(Interrupted):
            signal.raise_signal(signal.SIGINT)
