"""What the exit code of every command means; `help.csv` tells it to users (`exit/…`)."""

from enum import IntEnum


class ExitCode(IntEnum):
    """The five answers that a shell can read."""

    DONE = 0
    """Done, conforms, or same."""
    NO = 1
    """The answer is no: different, does not conform."""
    BAD_INPUT = 2
    """Bad usage or bad input, which the user can mend."""
    NO_ANSWER = 3
    """Could not answer: interrupted, disk full, another version."""
    FAULT = 4
    """A fault of ours."""
