"""The messages of a space on the wire: conversations, messages and drafts as Communication."""
