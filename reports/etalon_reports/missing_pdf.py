"""The error of a machine that cannot write PDF, light enough for the command line to import."""

from __future__ import annotations


class NoPdfError(Exception):
    """WeasyPrint (extra `pdf`), or a library of the system that it needs, is not installed."""
