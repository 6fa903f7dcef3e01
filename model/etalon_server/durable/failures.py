"""What a data directory or a disk can refuse, said with the place and what to do next."""

from pathlib import Path
from typing import Final

_RESTORE: Final = "restore the directory from a copy, or start with an empty one"


class DirectoryRefusedError(ValueError):
    """A data directory that cannot be served without losing or changing something.

    Attributes:
        file: The file concerned.
        position: Where in it: an offset in bytes or a sequence number, or an empty string.
        found: What is wrong there.
    """

    def __init__(self, file: Path, position: str, found: str, advice: str = _RESTORE) -> None:
        """State the file, the place in it, what is wrong there and what to do next."""
        place = f"{file}, {position}" if position else str(file)
        super().__init__(f"{place}: {found}; {advice}")
        self.file = file
        self.position = position
        self.found = found


class JournalFailedError(RuntimeError):
    """The journal could not be written: nothing more is accepted by this process.

    Commands whose answer was not given may or may not be there after the next start.
    """

    def __init__(self, file: Path, found: str) -> None:
        """State what could not be written, and why."""
        super().__init__(
            f"{file}: {found}; nothing more is accepted: mend the disk, then start again, "
            "and every command that was answered is there"
        )


class SnapshotFailedError(RuntimeError):
    """A snapshot could not be kept; the journal holds all, and the next start takes longer."""

    def __init__(self, file: Path, found: str) -> None:
        """State what could not be written, and why."""
        super().__init__(
            f"{file}: {found}; nothing is lost: the next start reads the journal instead"
        )


class ServiceBrokenError(RuntimeError):
    """A command broke the service half way: nothing more is accepted by this process.

    The command is not in the journal, so that the next start does not meet it.
    """

    def __init__(self, command: str, found: str) -> None:
        """State which command broke it, and how."""
        super().__init__(
            f"{command} broke the service ({found}); nothing more is accepted: start again, and "
            "report this"
        )


class HostClosedError(RuntimeError):
    """A command came after the host had begun to close."""
