"""Schemes and policies, each `NAME.toml`."""
