"""The messages of a space: read, written, kept as drafts, saved in the record."""
