"""The directory: professionals, where they practise, structures, and their mailboxes."""

from collections.abc import Mapping
from typing import Final

from etalon_server.directory.changing import change_entry, change_entry_found
from etalon_server.directory.finding import find_entries, read_entry
from etalon_server.exchange import Handler
from etalon_wire.interactions import of_family

_BY_KIND: Final[Mapping[str, Handler]] = {"read": read_entry, "search-type": find_entries}

HANDLERS: Final[Mapping[str, Handler]] = {
    row.name: (change_entry if "{id}" in row.path else change_entry_found)
    if row.kind == "patch"
    else _BY_KIND[row.kind]
    for row in of_family("directory")
}
