"""Records on the wire: feeding, searching, reading and changing documents and lists."""
