"""Suites: `suites.toml`, and `profiles/SUITE.toml` for each."""
