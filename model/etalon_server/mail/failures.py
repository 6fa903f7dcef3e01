"""Why no mail can be taken: the port, or the folder of what leaves."""

from pathlib import Path


class MailPortError(OSError):
    """Nothing can listen for mail where it was asked to."""


class OutboxError(OSError):
    """The folder of what leaves cannot be used.

    Attributes:
        directory: The folder.
    """

    def __init__(self, directory: Path, error: OSError) -> None:
        """Keep what the system said of it."""
        super().__init__(error.errno, error.strerror)
        self.directory = directory
