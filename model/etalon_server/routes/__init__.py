"""The handlers of every interaction, a module for each family of the table."""

from collections.abc import Mapping
from typing import Final

from etalon_server.exchange import Handler
from etalon_server.routes import (
    agenda,
    audit,
    catalogue,
    consents,
    directory,
    documents,
    identity,
    life_cycle,
    measures,
    messages,
    metadata,
    pairing,
    records,
    running,
    sandbox,
)

FAMILIES: Final = (
    *(
        agenda,
        audit,
        catalogue,
        consents,
        directory,
        documents,
        identity,
        life_cycle,
        measures,
        messages,
        metadata,
        pairing,
        records,
        running,
        sandbox,
    ),
)

HANDLERS: Final[Mapping[str, Handler]] = {
    name: handler for family in FAMILIES for name, handler in family.HANDLERS.items()
}
"""Handlers by name of the interaction."""
