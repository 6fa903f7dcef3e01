"""How much memory this process has held at most."""

from __future__ import annotations

import sys


def peak_memory_bytes() -> int | None:
    """Give the peak of resident memory in bytes; None on Windows, whose library does not say."""
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415 (absent on Windows)

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
