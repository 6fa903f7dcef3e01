"""Which way a connection goes: direct, or through a proxy; this machine is always direct."""

import ipaddress
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

SCHEMES: Final = ("http", "https")


class ProxyRefusedError(ValueError):
    """An address of a proxy that cannot be used; the message says why and holds no password."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy.

    Attributes:
        address: Scheme, host and port.
        user: Name it asks for, or empty.
        password: Password it asks for, or empty.
    """

    address: str
    user: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """How targets are reached.

    Attributes:
        proxies: Proxy by scheme of the target; none is a direct connection.
        direct: Hosts reached direct, in the words of `no_proxy`.
    """

    proxies: Mapping[str, Proxy]
    direct: str = ""

    def proxy_for(self, url: str) -> Proxy | None:
        """Return the proxy on the way to an address, or None for a direct connection."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if is_loopback(host):
            return None
        spared = urllib.request.proxy_bypass_environment(  # type: ignore[attr-defined]
            parts.netloc.rpartition("@")[2], {"no": self.direct}
        )
        return None if spared else self.proxies.get(parts.scheme)


DIRECT: Final = Route({})


def route_from_environment() -> Route:
    """Return what `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say, in either case.

    Raises:
        ProxyRefusedError: One of them is no address of a proxy.
    """
    told = urllib.request.getproxies_environment()
    usual = told.get("all", "")
    found = {scheme: told.get(scheme, usual) for scheme in SCHEMES}
    proxies = {scheme: proxy_of(address) for scheme, address in found.items() if address}
    return Route(proxies, told.get("no", ""))


def route_through(proxy: Proxy, direct: str = "") -> Route:
    """Return the route that a profile gives: one proxy for everything but `direct`."""
    return Route(dict.fromkeys(SCHEMES, proxy), direct)


def proxy_of(address: str) -> Proxy:
    """Read the address of a proxy; without a scheme it is http.

    Raises:
        ProxyRefusedError: It is none that can be used.
    """
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in SCHEMES:
        message = f"a proxy of scheme {parts.scheme or 'none'} is not supported: http or https"
        raise ProxyRefusedError(message)
    if not host:
        message = "the address of the proxy has no host: write http://host:port"
        raise ProxyRefusedError(message)
    shown = f"[{host}]" if ":" in host else host
    default = 443 if parts.scheme == "https" else 80
    return Proxy(
        f"{parts.scheme}://{shown}:{port or default}",
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name or address alone."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
