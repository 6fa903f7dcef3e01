"""Secure messages (MSSanté) between professionals and the holder."""
