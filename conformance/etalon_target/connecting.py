"""From what a profile and the command line say of the network to a transport."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from etalon_target.profile import Profile
from etalon_target.profile_errors import ProfileError
from etalon_target.proxies import (
    DIRECT,
    Proxy,
    ProxyRefusedError,
    Route,
    is_loopback,
    route_from_environment,
    route_through,
)
from etalon_target.secrecy import SecretError, Secrets
from etalon_target.tls import TlsError, TlsFiles, tls_context
from etalon_target.transport import Bounds, Transport


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says of TLS; where it says nothing, the profile does.

    Attributes:
        ca_bundle: Authorities to trust, PEM, or None.
        certificate: Client certificate, PEM or PKCS#12, or None.
        key: Its private key, PEM, or None.
        password: Where the password of the key is, `env:NAME` and so on, or empty.
    """

    ca_bundle: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    password: str = ""


NO_OVERRIDES: Final = Overrides()


def bounds_of(profile: Profile) -> Bounds:
    """Return how much an exchange may take."""
    limits = profile.limits
    return Bounds(limits.seconds, limits.bytes, limits.redirects)


def transport_of(profile: Profile, overrides: Overrides, secrets: Secrets) -> Transport:
    """Return the way to a target.

    Raises:
        ProfileError: A file of TLS, a proxy or a secret cannot be used.
    """
    try:
        context = tls_context(_files(profile, overrides, secrets))
        route = _route(profile, secrets)
    except TlsError as error:
        expected = "a file of TLS that can be used"
        found = f"{error.path}, {error.problem}"
        raise ProfileError(profile.file, "tls", found=found, expected=expected) from error
    except ProxyRefusedError as error:
        expected = "http://host:port"
        raise ProfileError(profile.file, "proxy", found=str(error), expected=expected) from error
    except SecretError as error:
        found = f"{error.reference}: {error.problem}"
        raise ProfileError(profile.file, "", found=found, expected="a secret there") from error
    return Transport(bounds_of(profile), context, route)


def second_of(profile: Profile, overrides: Overrides) -> Overrides | None:
    """Return the overrides by which the second client certificate is shown, or None for none."""
    second = profile.tls.second
    if second is None:
        return None
    return Overrides(
        ca_bundle=overrides.ca_bundle,
        certificate=profile.folder / second.certificate,
        key=profile.folder / second.key if second.key else None,
        password=second.password,
    )


def _files(profile: Profile, overrides: Overrides, secrets: Secrets) -> TlsFiles:
    tls = profile.tls

    def path(said: Path | None, name: str) -> Path | None:
        return said or (profile.folder / name if name else None)

    own = overrides.certificate is None
    return TlsFiles(
        ca_bundle=path(overrides.ca_bundle, tls.ca_bundle),
        certificate=path(overrides.certificate, tls.certificate),
        key=path(overrides.key, tls.key if own else ""),
        password=secrets.read(tls.password if own else overrides.password),
        verified=tls.verified,
    )


def _route(profile: Profile, secrets: Secrets) -> Route:
    section = profile.proxy
    if section is None:
        try:
            route = route_from_environment()
        except ProxyRefusedError:
            # What cannot be used matters only to somebody who would use it.
            if is_loopback(urlsplit(profile.addresses.fhir).hostname or ""):
                return DIRECT
            raise
        for proxy in route.proxies.values():
            secrets.redaction.add(proxy.password)
        return route
    if section.address == "none":
        return DIRECT
    proxy = Proxy(section.address, section.user, secrets.read(section.password))
    return route_through(proxy, section.direct)
