"""What the values of a profile have to be: addresses, references to secrets, headers."""

import re
from collections.abc import Mapping
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Strict

from etalon_target.plain_values import is_list, is_table
from etalon_target.secrecy import REFERENCE

_SENSITIVE: Final = frozenset(
    {"authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "x-auth-token"}
)
_KEY_OR_TOKEN: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\."
    r"|\b(?:Bearer|Basic) +[A-Za-z0-9\-._~+/]{16,}"
)


class SecretInPlaceError(ValueError):
    """A secret stands in the profile itself; what was found is not to be shown."""

    secret = True


def _secret_reference(found: str) -> str:
    if not found or REFERENCE.fullmatch(found):
        return found
    message = "no secret, but where it is: env:NAME, file:PATH or command:…"
    raise SecretInPlaceError(message)


def _address(found: str) -> str:
    try:
        parts = urlsplit(found)
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid, parts = False, urlsplit("")
    if "@" in parts.netloc:
        message = "an address without name and password: secrets have keys of their own"
        raise SecretInPlaceError(message)
    if not valid or parts.query or parts.fragment or any(c.isspace() for c in found):
        message = "an address: http:// or https://, a host, and a path"
        raise ValueError(message)
    return found.rstrip("/")


def _origin(found: str) -> str:
    if found == "none":
        return found
    address = _address(found)
    if urlsplit(address).path:
        message = 'the address of a proxy: http://host:port, or "none"'
        raise ValueError(message)
    return address


def _headers(found: Mapping[str, str]) -> Mapping[str, str]:
    for name, value in found.items():
        if name.lower() in _SENSITIVE and not (REFERENCE.fullmatch(value) or "{token}" in value):
            message = (
                f"for {name}: where its value is (env:NAME, file:PATH, command:…), or {{token}}"
            )
            raise SecretInPlaceError(message)
        if any(character in name + value for character in "\r\n"):
            message = "headers of one line"
            raise ValueError(message)
    return found


def place_of_secret(value: object, at: str = "") -> str | None:
    """Return where, in a table, a private key or a token stands as it is; None for nowhere."""
    if isinstance(value, str):
        return at if _KEY_OR_TOKEN.search(value) else None
    if is_table(value):
        items = [(f"{at}.{key}" if at else key, below) for key, below in value.items()]
    elif is_list(value):
        items = [(f"{at}.{rank}", below) for rank, below in enumerate(value)]
    else:
        return None
    return next((found for path, below in items if (found := place_of_secret(below, path))), None)


SecretReference = Annotated[str, AfterValidator(_secret_reference)]
Address = Annotated[str, AfterValidator(_address)]
ProxyAddress = Annotated[str, AfterValidator(_origin)]
Headers = Annotated[Mapping[str, str], AfterValidator(_headers)]
Texts = Annotated[tuple[str, ...], Strict(strict=False)]
Statuses = Annotated[tuple[int, ...], Strict(strict=False)]
