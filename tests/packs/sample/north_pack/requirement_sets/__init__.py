"""Sets of requirements, each `NAME.json`."""
