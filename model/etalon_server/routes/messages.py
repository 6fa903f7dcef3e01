"""The messages of a space, for whoever is in it."""

from collections.abc import Mapping
from typing import Final

from etalon_server.exchange import Handler
from etalon_server.messages.reading import find_messages, read_message
from etalon_server.messages.saving import find_contacts, save_attachment
from etalon_server.messages.writing import change_draft, delete_message, send_message

HANDLERS: Final[Mapping[str, Handler]] = {
    "find_messages": find_messages,
    "find_messages_by_form": find_messages,
    "read_message": read_message,
    "send_message": send_message,
    "change_draft": change_draft,
    "delete_message": delete_message,
    "save_attachment": save_attachment,
    "find_contacts": find_contacts,
}
