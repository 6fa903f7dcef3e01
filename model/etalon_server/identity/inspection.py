"""What may be asked about a token, and its end: introspection, revocation, user information.

Sources: RFC 7662, RFC 7009, OpenID Connect Core (5.3).
"""

from datetime import UTC, datetime

from etalon_server.identity.clients import Client
from etalon_server.identity.failures import TokenError, refuse, refuse_grant, refuse_token
from etalon_server.identity.grants import Grant, Ledger
from etalon_server.identity.issuing import Issuing
from etalon_server.identity.professional_login import professional_claims
from etalon_server.identity.realms import SERVICE, Realm
from etalon_server.identity.tokens import AccessTokens
from etalon_server.service_host import Host
from etalon_wire.json_body import Json


class Inspection:
    """Answers about the tokens of both realms."""

    __slots__ = ("_host", "_issuing", "_ledger", "_tokens")

    def __init__(self, host: Host, ledger: Ledger, tokens: AccessTokens, issuing: Issuing) -> None:
        """Answer about the logins of one ledger."""
        self._host = host
        self._ledger = ledger
        self._tokens = tokens
        self._issuing = issuing

    def introspect(
        self, realm: Realm, client: Client, token: str, now: datetime
    ) -> dict[str, Json]:
        """Return what a token says if it is good now, and else that it is not.

        Raises:
            OAuthError: The client is public: it may not ask.
        """
        if client.is_public:
            message = "a public client may not ask: register one with a secret or certificate"
            refuse("unauthorized_client", message, 403)
        try:
            return {"active": True, **self._claims(realm, token, now)[0]}
        except TokenError:
            pass
        grant = self._ledger.refresh_of(token, now)
        if grant is None or grant.realm != realm.name:
            return {"active": False}
        return {
            "active": True,
            "iss": realm.issuer(grant.address),
            "sub": grant.bearer.subject,
            "client_id": grant.client,
            "scope": " ".join(sorted(grant.scopes)),
            "sid": grant.ident,
            "token_type": "refresh_token",
        }

    def revoke(self, realm: Realm, client: Client, token: str, now: datetime) -> None:
        """End a token at once: an access token alone, a refresh token with its whole session.

        A token that is unknown or over is none to end.

        Raises:
            OAuthError: It is another client's.
        """
        grant = self._ledger.refresh_of(token, now)
        if grant is not None:
            if grant.client != client.ident:
                refuse_grant("the token was issued to another client")
            grant.ended = True
            return
        try:
            claims = self._claims(realm, token, now)[0]
        except TokenError:
            return
        if client.ident not in (claims.get("client_id"), claims.get("azp")):
            refuse_grant("the token was issued to another client")
        ends_at = datetime.fromtimestamp(int(str(claims["exp"])), UTC)
        self._ledger.revoked[str(claims["jti"])] = ends_at

    def user_information(
        self, realm: Realm, token: str, certificate: str, now: datetime
    ) -> dict[str, Json]:
        """Return what is said of the person who logged in.

        Raises:
            TokenError: The token is not good, or is bound to another certificate.
            OAuthError: It was not asked for with `openid`.
        """
        claims, grant = self._claims(realm, token, now)
        bound = claims.get("cnf")
        if isinstance(bound, dict) and certificate not in bound.values():
            refuse_token("the token is bound to another client certificate")
        if "openid" not in str(claims.get("scope", "")).split():
            refuse("insufficient_scope", "the token was not asked for with openid", 403)
        if realm is SERVICE:
            return self._person_claims(grant)
        said = professional_claims(self._host.seed, grant.bearer)
        return {"sub": grant.bearer.actor.ident, **said}

    def _claims(self, realm: Realm, token: str, now: datetime) -> tuple[dict[str, Json], Grant]:
        if realm is SERVICE:
            return self._tokens.claims_of(token, now)
        return self._issuing.professional_claims(token, now)

    def _person_claims(self, grant: Grant) -> dict[str, Json]:
        """Return the identity of a person, in the claims of FranceConnect+; two are ours."""
        bearer = grant.bearer
        said: dict[str, Json] = {"sub": bearer.subject, "act_as": bearer.actor.kind.value}
        if bearer.id_pe:
            return {**said, "patient": bearer.id_pe, "solution": bearer.actor.ident}
        if bearer.patient:
            person = self._host.service.person(bearer.actor.ident).identity
            said |= {
                "given_name": person.given,
                "family_name": person.family,
                "birthdate": person.birth_on.isoformat(),
                "gender": "female" if person.sex == "F" else "male",
                "patient": bearer.patient,
            }
        return said
