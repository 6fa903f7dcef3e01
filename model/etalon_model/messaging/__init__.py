"""Secure messaging (MSSanté): mailboxes, conversations and deliveries of a space."""

from etalon_model.messaging.delivery_codes import Acknowledgement, acknowledgement

__all__ = ["Acknowledgement", "acknowledgement"]
