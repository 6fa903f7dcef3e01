"""Why a request of OAuth is refused, in the words of its specifications."""

from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from etalon_server.identity.grants import Bearer


class OAuthError(Exception):
    """A request to the authorisation server that is refused.

    Attributes:
        code: Code of the specification, such as `invalid_grant`.
        description: What was found and what to do instead; no identity, no token.
        status: HTTP status.
    """

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        """Keep the three parts."""
        super().__init__(description)
        self.code = code
        self.description = description
        self.status = status


class MisusedError(OAuthError):
    """A code or a refresh token that is refused, of a login that is known: its trace can be kept.

    Attributes:
        bearer: For whom it was given.
        scopes: What was granted to them.
    """

    def __init__(self, description: str, bearer: "Bearer", scopes: frozenset[str]) -> None:
        """Keep who it was for."""
        super().__init__("invalid_grant", description)
        self.bearer = bearer
        self.scopes = scopes


class TokenError(Exception):
    """A signed token that says nothing.

    Attributes:
        reason: What is wrong with it; never the token.
        expired: It was good and no longer is.
    """

    def __init__(self, reason: str, *, expired: bool = False) -> None:
        """Keep the reason."""
        super().__init__(reason)
        self.reason = reason
        self.expired = expired


def refuse(code: str, description: str, status: int = 400) -> NoReturn:
    """Refuse a request with a code of the specification.

    Raises:
        OAuthError: Always.
    """
    raise OAuthError(code, description, status)


def refuse_request(description: str) -> NoReturn:
    """Refuse a request that lacks something or contradicts itself.

    Raises:
        OAuthError: `invalid_request`.
    """
    refuse("invalid_request", description)


def refuse_grant(description: str) -> NoReturn:
    """Refuse a code, a refresh token or a token to exchange.

    Raises:
        OAuthError: `invalid_grant`.
    """
    refuse("invalid_grant", description)


def refuse_client(description: str) -> NoReturn:
    """Refuse a client that is not known or does not prove which one it is.

    Raises:
        OAuthError: `invalid_client`.
    """
    refuse("invalid_client", description, 401)


def refuse_scope(description: str) -> NoReturn:
    """Refuse scopes that are none, or of which none may be granted.

    Raises:
        OAuthError: `invalid_scope`.
    """
    refuse("invalid_scope", description)


def refuse_token(reason: str, *, expired: bool = False) -> NoReturn:
    """Refuse a signed token.

    Raises:
        TokenError: Always.
    """
    raise TokenError(reason, expired=expired)
