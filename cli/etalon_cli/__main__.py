"""The program `etalon`, and `python -m etalon_cli` for where its script is not on the path."""

import sys

from etalon_cli.early_signals import ignore_signals, keep_signals


def main() -> int:
    """Carry out the command line of this process and give its exit code.

    A signal that comes before the command is known is answered as any other; one that comes once
    the answer is given changes nothing any more.
    """
    keep_signals()
    from etalon_cli.command import main as carry_out  # noqa: PLC0415 (signals are kept first)

    try:
        return carry_out()
    finally:
        ignore_signals()


if __name__ == "__main__":
    sys.exit(main())
