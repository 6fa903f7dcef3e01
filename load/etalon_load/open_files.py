"""As many open files as the system allows: a stall holds a socket for each journey under way."""

import sys


def allow_many_files() -> None:
    """Raise the limit of this process, and of those it starts, as far as it may."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 (not on every system)

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
