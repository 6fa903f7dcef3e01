"""From a host to a desk: what a server needs before it listens."""

from etalon_server.exchange import Desk
from etalon_server.identity.provider import Identity
from etalon_server.sandbox.controls import Controls
from etalon_server.service_host import Host
from etalon_server.settings import Settings
from etalon_wire.clinical_kit import ClinicalKit
from etalon_wire.validation.validator import Validator


def desk_of(
    host: Host,
    settings: Settings,
    validator: Validator | None = None,
    clinical_kit: ClinicalKit | None = None,
) -> Desk:
    """Return a desk with a provider of identity, and with controls where a sandbox is asked for.

    Args:
        host: The service.
        settings: How it answers.
        validator: Checks resources against profiles; those of this project when None.
        clinical_kit: Judges clinical documents beyond their header, or None.
    """
    desk = Desk(
        host,
        settings,
        Validator() if validator is None else validator,
        Identity(host, settings.public_address),
        Controls(host.seed, host.clock) if settings.sandbox else None,
    )
    desk.clinical_kit = clinical_kit
    return desk
