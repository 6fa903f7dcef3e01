"""Identity on the wire: login pages, tokens, what is said of them, and how clients find all this.

Bodies are forms and answers JSON in the words of OAuth, not resources of FHIR; nothing of them is
to be kept by anybody on the way.
"""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Final
from urllib.parse import unquote_plus

from etalon_server.app_calls import trace_misuse
from etalon_server.exchange import FORM, Answer, Desk, Handler, Refused, Request
from etalon_server.identity.authorisation import Pending, RedirectedError, single_values
from etalon_server.identity.clients import Client, Credentials
from etalon_server.identity.discovery import server_metadata, smart_metadata
from etalon_server.identity.failures import (
    MisusedError,
    OAuthError,
    TokenError,
    refuse,
    refuse_client,
    refuse_request,
)
from etalon_server.identity.issuing import TokenRequest
from etalon_server.identity.pages import Frame, language_of, other_language, page, page_headers
from etalon_server.identity.provider import Identity
from etalon_server.identity.realms import PSC, SERVICE, Realm
from etalon_server.identity.store import StoreError
from etalon_server.identity.views import View
from etalon_server.limits import ParametersRefused, parameters_of
from etalon_wire.interactions import FHIR
from etalon_wire.json_body import Json, read_value, write_json
from etalon_wire.malformed import Malformed
from etalon_wire.operation_outcomes import Fault

Deed = Callable[[Desk, Request, Realm], Awaitable[Answer]]

_JSON: Final = "application/json"
_HTML: Final = "text/html; charset=utf-8"
_NO_STORE: Final = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))
_PUBLIC: Final = (("Cache-Control", "public, max-age=60"),)
_UNAUTHORISED: Final = 401


def _identity(desk: Desk) -> Identity:
    """Return the provider of the desk.

    Raises:
        Refused: This server has none.
    """
    if not isinstance(desk.identity, Identity):
        raise Refused(Fault("NO_SUCH_ADDRESS", "this server has no provider of identity"))
    return desk.identity


def _of(realm: Realm, deed: Deed) -> Handler:
    """Return the handler of one realm; what it refuses is said in the words of OAuth."""

    @wraps(deed)
    async def handler(desk: Desk, request: Request) -> Answer:
        try:
            return await deed(desk, request, realm)
        except OAuthError as error:
            return _refused(error)

    return handler


def _refused(error: OAuthError) -> Answer:
    """Answer why a request is refused (RFC 6749, 5.2)."""
    said: dict[str, Json] = {"error": error.code, "error_description": error.description}
    challenge = (("WWW-Authenticate", 'Basic realm="etalon"'),)
    asks = challenge if error.status == _UNAUTHORISED else ()
    return Answer(error.status, write_json(said), _JSON, _NO_STORE + asks)


def _told(said: Mapping[str, Json], status: int = 200) -> Answer:
    return Answer(status, write_json(dict(said)), _JSON, _NO_STORE)


def _address(identity: Identity, request: Request) -> str:
    """Return the public address of the server, without a path."""
    return identity.address or request.base.removesuffix(FHIR)


def _form(request: Request) -> dict[str, str]:
    """Return the form that a request brings.

    Raises:
        OAuthError: It is none, or one of its parameters stands twice.
    """
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent != FORM:
        refuse_request(f"the body is {FORM}")
    try:
        return single_values(parameters_of(request.body))
    except ParametersRefused as refused:
        refuse_request(refused.fault.message)


def _client(identity: Identity, request: Request, form: Mapping[str, str]) -> Client:
    """Return the client that a request comes from, once it has proved which one it is.

    Raises:
        OAuthError: It is not known, proves nothing, or proves it twice.
    """
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    ident, secret = form.get("client_id", ""), form.get("client_secret", "")
    if scheme.lower() == "basic":
        known, found = _basic(given)
        if secret or ident not in {"", known}:
            refuse_request("the client authenticates twice: in the header and in the form")
        return identity.clients.authenticated(
            Credentials(known, found, by_header=True, certificate=request.certificate)
        )
    credentials = Credentials(ident, secret, by_header=False, certificate=request.certificate)
    return identity.clients.authenticated(credentials)


def _basic(given: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(given.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        refuse_client("the Authorization header is not Basic credentials")
    ident, _, secret = text.partition(":")
    return unquote_plus(ident), unquote_plus(secret)


async def _authorise(desk: Desk, request: Request, realm: Realm) -> Answer:
    """Show the first page of a login, or send the person back with what is wrong."""
    identity, now = _identity(desk), desk.host.clock.now()
    asked = dict(request.query)
    language = language_of(asked, request.headers.get("accept-language", ""))
    try:
        pending, view = identity.begin(realm, _address(identity, request), request.query, now)
    except RedirectedError as redirected:
        return _sent_to(redirected.address)
    except OAuthError as error:
        return _over(realm, request, asked, error)
    frame = Frame(
        language=language,
        realm=realm.name,
        action=f"{realm.endpoints}/authorize",
        activation=f"{SERVICE.endpoints}/activate",
        pending=pending.ident,
        client=pending.client.name or pending.client.ident,
        other_language=other_language(request.path, request.query, language),
        redirect=pending.asked.redirect_uri,
    )
    return _shown(view, frame)


async def _log_in(desk: Desk, request: Request, realm: Realm) -> Answer:
    """Take what was typed on a page; show the next one, or send the person back."""
    identity, now = _identity(desk), desk.host.clock.now()
    form: dict[str, str] = {}
    try:
        form = _form(request)
        pending = identity.pending(realm, form.get("pending", ""), now)
        found = await identity.advance(pending, form, now)
    except OAuthError as error:
        return _over(realm, request, form, error)
    if isinstance(found, str):
        return _sent_to(found)
    return _shown(found, _frame(realm, request, form, pending))


async def _show_activation(desk: Desk, request: Request) -> Answer:
    """Show the page of the first entry into a space."""
    identity = _identity(desk)
    asked = dict(request.query)
    language = language_of(asked, request.headers.get("accept-language", ""))
    view = identity.entry.first(desk.host.clock.now(), {"pending": asked.get("pending", "")})
    other = other_language(request.path, request.query, language)
    path = f"{SERVICE.endpoints}/activate"
    action = f"{SERVICE.endpoints}/authorize"
    pending = asked.get("pending", "")
    frame = Frame(language, SERVICE.name, action, path, pending, other_language=other)
    return _shown(view, frame)


async def _activate(desk: Desk, request: Request) -> Answer:
    """Take what was typed for the first entry; show what became of it."""
    identity = _identity(desk)
    form: dict[str, str] = {}
    try:
        form = _form(request)
    except OAuthError as error:
        return _over(SERVICE, request, form, error)
    view = await identity.entry.activate(form, desk.host.clock.now())
    return _shown(view, _frame(SERVICE, request, form, None))


def _frame(
    realm: Realm, request: Request, form: Mapping[str, str], pending: Pending | None
) -> Frame:
    language = language_of(form, request.headers.get("accept-language", ""))
    return Frame(
        language=language,
        realm=realm.name,
        action=f"{realm.endpoints}/authorize",
        activation=f"{SERVICE.endpoints}/activate",
        pending=form.get("pending", ""),
        client="" if pending is None else pending.client.name or pending.client.ident,
        redirect="" if pending is None else pending.asked.redirect_uri,
    )


def _over(realm: Realm, request: Request, asked: Mapping[str, str], error: OAuthError) -> Answer:
    """Show that a request leads nowhere: nobody is sent to an address that is not known."""
    view = View("over", facts={"reason": error.description}, status=400)
    language = language_of(asked, request.headers.get("accept-language", ""))
    return _shown(view, Frame(language, realm.name, "", ""))


def _shown(view: View, frame: Frame) -> Answer:
    return Answer(view.status, page(view, frame), _HTML, page_headers(frame))


def _sent_to(address: str) -> Answer:
    """Send a person back; the form they sent is not sent again (RFC 9700, 4.12)."""
    return Answer(303, b"", "", (("Location", address), *_NO_STORE))


async def _issue(desk: Desk, request: Request, realm: Realm) -> Answer:
    """Answer a request for tokens."""
    identity, form = _identity(desk), _form(request)
    asked = TokenRequest(
        realm=realm,
        address=_address(identity, request),
        client=_client(identity, request, form),
        form=form,
        certificate=request.certificate,
        now=desk.host.clock.now(),
    )
    try:
        return _told(identity.issuing.answer(asked))
    except MisusedError as misused:
        await trace_misuse(desk, asked.client.solution, misused)
        raise


async def _introspect(desk: Desk, request: Request, realm: Realm) -> Answer:
    """Answer what a token says."""
    identity, form = _identity(desk), _form(request)
    client = _client(identity, request, form)
    now = desk.host.clock.now()
    return _told(identity.inspection.introspect(realm, client, _token(form), now))


async def _revoke(desk: Desk, request: Request, realm: Realm) -> Answer:
    """End a token."""
    identity, form = _identity(desk), _form(request)
    client = _client(identity, request, form)
    identity.inspection.revoke(realm, client, _token(form), desk.host.clock.now())
    return Answer(200, b"", "", _NO_STORE)


def _token(form: Mapping[str, str]) -> str:
    token = form.get("token", "")
    if not token:
        refuse_request("the parameter token is missing")
    return token


async def _user_information(desk: Desk, request: Request, realm: Realm) -> Answer:
    """Answer who logged in, to who holds the token."""
    identity = _identity(desk)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return Answer(401, headers=(("WWW-Authenticate", 'Bearer realm="etalon"'), *_NO_STORE))
    now = desk.host.clock.now()
    try:
        said = identity.inspection.user_information(realm, token.strip(), request.certificate, now)
    except TokenError as error:
        challenge = f'Bearer realm="etalon", error="invalid_token", error_description="{error}"'
        return Answer(401, headers=(("WWW-Authenticate", challenge), *_NO_STORE))
    return _told(said)


async def _register(desk: Desk, request: Request, realm: Realm) -> Answer:
    """Register a client."""
    del realm
    identity = _identity(desk)
    try:
        metadata = read_value(request.body, desk.settings.bounds.body)
    except Malformed as malformed:
        refuse("invalid_client_metadata", malformed.message)
    if not isinstance(metadata, dict):
        refuse("invalid_client_metadata", "the body is a JSON object")
    try:
        registered = await asyncio.to_thread(identity.clients.register, metadata)
    except StoreError:
        refuse("temporarily_unavailable", "the server cannot keep a client now", 503)
    return _told(registered, 201)


async def _describe(desk: Desk, request: Request, realm: Realm) -> Answer:
    """Answer where the endpoints of an authorisation server are, and what they take."""
    said = server_metadata(realm, _address(_identity(desk), request))
    return Answer(200, write_json(said), _JSON, _PUBLIC)


async def _describe_smart(desk: Desk, request: Request, realm: Realm) -> Answer:
    """Answer the same to applications that know SMART."""
    del realm
    said = smart_metadata(_address(_identity(desk), request))
    return Answer(200, write_json(said), _JSON, _PUBLIC)


async def _publish_keys(desk: Desk, request: Request, realm: Realm) -> Answer:
    """Answer the public keys."""
    del request
    said = _identity(desk).published_keys(realm, desk.host.clock.now())
    return Answer(200, write_json(said), _JSON, _PUBLIC)


HANDLERS: Final[Mapping[str, Handler]] = {
    "openid_configuration": _of(SERVICE, _describe),
    "authorization_server": _of(SERVICE, _describe),
    "smart_configuration": _of(SERVICE, _describe_smart),
    "fhir_smart_configuration": _of(SERVICE, _describe_smart),
    "oauth2_authorize": _of(SERVICE, _authorise),
    "oauth2_login": _of(SERVICE, _log_in),
    "oauth2_activation": _show_activation,
    "oauth2_activate": _activate,
    "oauth2_token": _of(SERVICE, _issue),
    "oauth2_introspect": _of(SERVICE, _introspect),
    "oauth2_revoke": _of(SERVICE, _revoke),
    "oauth2_jwks": _of(SERVICE, _publish_keys),
    "oauth2_userinfo": _of(SERVICE, _user_information),
    "oauth2_register": _of(SERVICE, _register),
    "psc_configuration": _of(PSC, _describe),
    "psc_authorize": _of(PSC, _authorise),
    "psc_login": _of(PSC, _log_in),
    "psc_token": _of(PSC, _issue),
    "psc_introspect": _of(PSC, _introspect),
    "psc_revoke": _of(PSC, _revoke),
    "psc_jwks": _of(PSC, _publish_keys),
    "psc_userinfo": _of(PSC, _user_information),
}
