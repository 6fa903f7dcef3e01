"""The directory of professionals and structures, and their mailboxes, on the wire."""
