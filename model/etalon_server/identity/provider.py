"""Identity: both authorisation servers of a sandbox, and who a token says is calling."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from etalon_model import ActorKind
from etalon_model.catalogue.pairings import opaque_identifier
from etalon_server.identity.accounts import Accounts
from etalon_server.identity.app_identities import AppIdentities
from etalon_server.identity.app_pairing import AppPairing
from etalon_server.identity.authorisation import (
    Logins,
    Pending,
    RedirectedError,
    asked_of,
    code_address,
    refused_address,
)
from etalon_server.identity.clients import SANDBOX_CLIENT, Clients
from etalon_server.identity.failures import OAuthError
from etalon_server.identity.first_entry import FirstEntry
from etalon_server.identity.grants import Asked, Bearer, Grant, Ledger
from etalon_server.identity.inspection import Inspection
from etalon_server.identity.issuing import Issuing
from etalon_server.identity.keys import KeyRing
from etalon_server.identity.people_login import PeopleLogin
from etalon_server.identity.professional_login import ProfessionalLogin
from etalon_server.identity.realms import PSC, SERVICE, Realm, RealmName
from etalon_server.identity.scopes import granted_scopes
from etalon_server.identity.store import Store
from etalon_server.identity.tokens import AccessTokens, Issued
from etalon_server.identity.views import View
from etalon_server.service_host import Host
from etalon_wire.bundles import Query
from etalon_wire.claims import Caller, caller_of, claims_of
from etalon_wire.json_body import Json
from etalon_wire.operation_outcomes import Fault

_NOWHERE: Final = "http://localhost"
"""The issuer of a token that was minted before anybody said where the server is."""


class Identity:
    """Everything about who may call.

    Attributes:
        address: Public address under which every token is issued, or empty to issue each under the
            address that its client used.
        clients: The clients known.
        accounts: The credentials of people.
        entry: The page on which spaces are activated.
        issuing: The token endpoints.
        app_identities: The identity tokens that referenced services call with.
        inspection: Introspection, revocation, user information.
    """

    __slots__ = (
        "_host",
        "_keys",
        "_ledger",
        "_logins",
        "_pairing",
        "_people",
        "_professionals",
        "_store",
        "_tokens",
        "accounts",
        "address",
        "app_identities",
        "clients",
        "entry",
        "inspection",
        "issuing",
    )

    def __init__(self, host: Host, address: str = "") -> None:
        """Let in whoever the service of a host lets in.

        Args:
            host: The service, its clock, and where clients and credentials are kept.
            address: Public address of the server, without a slash at its end; empty when it
                answers under the address that each client used.

        Raises:
            DirectoryRefusedError: What was kept cannot be read.
        """
        self.address = address
        self._host = host
        self._store = Store(host.directory)
        self._pairing = AppPairing(host)
        self._ledger = Ledger(is_paired=self._pairing.stands, is_open=self._pairing.is_open)
        self._logins = Logins()
        self._keys: dict[RealmName, KeyRing] = {
            realm.name: KeyRing(realm.algorithm) for realm in (SERVICE, PSC)
        }
        self._tokens = AccessTokens(self._keys["service"], self._ledger)
        self.app_identities = AppIdentities(self._keys["service"], self._ledger)
        self.clients = Clients(self._store)
        self.accounts = Accounts(self._store)
        self._people = PeopleLogin(host, self.accounts)
        self._professionals = ProfessionalLogin(host.seed)
        self.entry = FirstEntry(host, self.accounts)
        rings = self._keys["service"], self._keys["psc"]
        self.issuing = Issuing(self._ledger, self._tokens, *rings, host.seed)
        self.inspection = Inspection(host, self._ledger, self._tokens, self.issuing)

    def offer_professionals(self, numbers: Iterable[str]) -> None:
        """Put some test professionals first on the page where one is picked.

        Raises:
            LookupError: One is no test professional of the seed.
        """
        self._professionals.offer(numbers)

    def caller_of(self, token: str, certificate: str, now: datetime) -> Caller | Fault:
        """Return who a bearer token says, or why it says nothing.

        Args:
            token: What follows `Bearer`.
            certificate: Thumbprint of the client's certificate, or an empty string.
            now: The present instant (UTC).
        """
        return self._tokens.caller_of(token, certificate, now)

    def mint(self, caller: Caller, now: datetime, address: str = "") -> Issued:
        """Issue a token that says `caller`, whom nobody saw logging in: a control of the sandbox.

        The client of the sandbox holds it where no other is named.

        Args:
            caller: Who it is for, what it opens, until when.
            now: The present instant (UTC).
            address: Public address of the server that the client used, where none is fixed.

        Raises:
            ClaimsError: It would name nobody: a caregiver or a representative without a patient.
        """
        said = caller_of(claims_of(replace(caller, client=caller.client or SANDBOX_CLIENT)))
        id_pe = ""
        if said.actor.kind is ActorKind.APP:
            id_pe = opaque_identifier(self._host.seed, said.patient, said.actor.ident)
        bearer = Bearer(said.actor, said.patient, said.means, said.level, id_pe)
        opened = Asked(said.client, "", said.scopes)
        known = self.address or address or _NOWHERE
        grant = self._ledger.begin(SERVICE, known, opened, bearer, now)
        issued = self._tokens.issue(said, grant, now)
        if not id_pe:
            return issued
        identity = self.issuing.identity_token(SERVICE, grant, now)
        return replace(issued, identity=identity, patient=id_pe)

    def refused_app(self, token: str) -> Grant | None:
        """Return the login of a referenced service that a token was part of, good or not."""
        grant = self._tokens.grant_of(token)
        return grant if grant is not None and grant.bearer.id_pe else None

    def begin(
        self, realm: Realm, address: str, query: Query, now: datetime
    ) -> tuple[Pending, View]:
        """Begin a login under an address of the server; return it and its first page.

        Raises:
            OAuthError: The request leads nowhere: nobody is sent back.
            RedirectedError: It is refused to its client.
        """
        client, asked = asked_of(realm, address, self.clients, query)
        if client.solution and not self._pairing.knows(client.solution):
            error = OAuthError(
                "unauthorized_client", "no service of that solution is open in the catalogue"
            )
            raise RedirectedError(refused_address(realm, address, asked, error))
        pending = self._logins.begin(realm, address, client, asked, now)
        return pending, self._first(realm)

    def pending(self, realm: Realm, ident: str, now: datetime) -> Pending:
        """Return a login that is under way.

        Raises:
            OAuthError: There is none of that identifier, or it took too long.
        """
        return self._logins.find(ident, realm, now)

    def resumed(self, pending: Pending) -> View:
        """Return the first page of a login again."""
        return self._first(pending.realm)

    async def advance(self, pending: Pending, form: Mapping[str, str], now: datetime) -> View | str:
        """Take what was typed on a page; return the next one, or the address to go back to."""
        realm = pending.realm
        if form.get("step") == "cancel":
            self._logins.finish(pending)
            error = OAuthError("access_denied", "the person went back")
            return refused_address(realm, pending.address, pending.asked, error)
        if realm is PSC:
            found = self._professionals.advance(pending, form)
        elif pending.bearer is not None and form.get("step") == "consents":
            found = await self._pairing.agree(pending, pending.bearer, form)
        else:
            pending.bearer = None
            found = await self._people.advance(pending, form, now)
            if pending.client.solution and isinstance(found, Bearer):
                return self._pairing.page(pending, found)
        if isinstance(found, View):
            return found
        self._logins.finish(pending)
        asked = pending.asked
        if found.id_pe:
            asked = replace(asked, scopes=self._pairing.granted(pending, found))
        elif realm is SERVICE:
            asked = replace(asked, scopes=granted_scopes(asked.scopes, found.actor.kind))
        grant = self._ledger.begin(realm, pending.address, asked, found, now)
        code = self._ledger.new_code(grant, asked, now)
        return code_address(realm, pending.address, asked, code)

    def published_keys(self, realm: Realm, now: datetime) -> dict[str, Json]:
        """Return the public keys of a realm."""
        return self._keys[realm.name].published(now)

    def rotate_keys(self, now: datetime) -> None:
        """Sign with new keys from now on; tokens signed before stay good until they end."""
        for ring in self._keys.values():
            ring.rotate(now)

    def reset(self) -> None:
        """Forget every login, client and account; no token of before is good any more."""
        self._ledger.forget()
        self._logins.forget()
        self._tokens.forget()
        self.app_identities.forget()
        self._store.clear()
        self.clients.forget()
        self.accounts.forget()

    def close(self) -> None:
        """Let go of what is kept on the disk."""
        self._store.close()

    def _first(self, realm: Realm) -> View:
        return self._professionals.first() if realm is PSC else self._people.first()
