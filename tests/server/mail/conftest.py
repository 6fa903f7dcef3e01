"""What the tests of mail share: an intake without a socket, empty again for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mail_scene import MailScene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[MailScene]:
    """Two people, and those who write to the first."""
    scene = MailScene(tmp_path / "maildir")
    yield scene
    scene.close()
