"""`python -m etalon_cli`, for where the `etalon` script is not on the path."""

import sys

from etalon_cli.command import main

if __name__ == "__main__":
    sys.exit(main())
