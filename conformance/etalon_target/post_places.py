"""Where the post of a target is: as its profile says, or as the embedded server told."""

import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_target.post import Post

if TYPE_CHECKING:
    from etalon_target.embedded import Told
    from etalon_target.profile import Profile
    from etalon_target.throwaway_authority import AuthorityFiles

_PATIENCE: Final = 2.0
"""How long the embedded server is waited for (seconds): it writes an answer before it says 250."""


def declared_post(profile: "Profile") -> Post | None:
    """Return the post that a profile names, or None."""
    section = profile.mail
    if section is None:
        return None
    host, _, port = section.smtp.rpartition(":")
    bundle = profile.tls.ca_bundle
    tls = ssl.create_default_context(cafile=str(profile.folder / bundle) if bundle else None)
    return Post(
        host,
        int(port),
        profile.folder / section.maildir,
        profile.limits.seconds,
        section.patience,
        tls,
    )


def embedded_post(told: "Told", files: "AuthorityFiles | None") -> Post | None:
    """Return the post of the embedded server, or None where it takes no mail."""
    if not told.smtp:
        return None
    host, _, port = told.smtp.rpartition(":")
    tls = None
    if files is not None:
        tls = ssl.create_default_context(cafile=str(files.authority))
        tls.load_cert_chain(files.first)
    return Post(host.strip("[]"), int(port), Path(told.maildir), patience=_PATIENCE, tls=tls)
