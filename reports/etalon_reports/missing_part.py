"""The error of an installation without an extra, light enough for the command line to import."""

from __future__ import annotations


class MissingPartError(Exception):
    """A format needs a library of an extra that is not installed.

    Attributes:
        feature: Name of the format.
        extra: The extra that brings the library.
    """

    def __init__(self, feature: str, extra: str) -> None:
        """Name both."""
        super().__init__(f"{feature} needs mes-etalon[{extra}]")
        self.feature = feature
        self.extra = extra
