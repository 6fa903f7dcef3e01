"""Secure messaging (MSSanté): mailboxes, conversations and deliveries of a space."""
