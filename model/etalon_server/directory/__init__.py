"""The directory of professionals and structures, and the mailboxes they publish."""
