"""How a target is spoken to, beside what its profile says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from etalon_target.browser_login import Browse
from etalon_target.connecting import NO_OVERRIDES, Overrides


@dataclass(frozen=True, slots=True)
class Options:
    """How a target is spoken to, beside what its profile says.

    Attributes:
        overrides: What the command line says of TLS and of the proxy.
        seed: Of the embedded server, and of tags.
        serve: Further options of the embedded server.
        over_tls: The embedded server answers over TLS, and knows two client certificates.
        durable: The embedded server keeps what happens, so that it can be restarted.
        mail: The embedded server takes mail too.
        inprocess: Makes the application of `inprocess`.
        browse: Opens an address in a browser.
        environment: Where `env:` secrets are; None for that of the process.
    """

    overrides: Overrides = NO_OVERRIDES
    seed: int = 1
    serve: tuple[str, ...] = ()
    over_tls: bool = False
    durable: bool = False
    mail: bool = False
    inprocess: Callable[[], object] | None = None
    browse: Browse | None = None
    environment: Mapping[str, str] | None = None
