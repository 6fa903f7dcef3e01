"""The `etalon` command: argument parsing and wiring, nothing else.

Public names: `etalon_cli.command.main`. Nothing heavy is imported before a command is known, so
that `etalon --help` answers at once.
"""
