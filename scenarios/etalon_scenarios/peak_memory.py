"""How much memory this process, and those that shared its work, have held at most."""

from __future__ import annotations

import sys


def peak_memory_bytes() -> int | None:
    """Give the peak of resident memory in bytes; None on Windows, whose library does not say.

    The largest of the processes that have ended counts too; what it had in common with this one
    is counted twice, so that this is the most there can have been of two.
    """
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415 (absent on Windows)

    peak = sum(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return peak if sys.platform == "darwin" else peak * 1024
