"""What the exit code of every command means (design, "Exit codes everywhere")."""

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


MEANINGS: dict[ExitCode, str] = {
    ExitCode.DONE: "done; `reproduce`: same; `validate`: the file is valid",
    ExitCode.NO: "the answer is no; `reproduce`: different",
    ExitCode.BAD_INPUT: "bad usage or bad input; the message names the option, or the file, "
    "the key path, what was found and what is accepted; an `--out` that is not empty or cannot "
    "be written counts as bad input",
    ExitCode.NO_ANSWER: "could not answer: disk full, interrupted by Ctrl-C or SIGTERM (the run "
    "is left marked `partial`); `reproduce`: another version, a missing or changed file, a "
    "partial run",
    ExitCode.FAULT: "a fault of Étalon; one line says how to report it and where the log is",
}
