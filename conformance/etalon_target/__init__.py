"""Somebody else's system: its profile file, its tokens, its test people, and how to speak to it."""
