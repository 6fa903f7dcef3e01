"""The documents under which clients find the endpoints of an authorisation server.

Sources: OpenID Connect Discovery, RFC 8414, RFC 8705 (3.3), RFC 9207, SMART App Launch
(`smart-configuration`).
"""

from collections.abc import Iterable
from typing import get_args

from etalon_server.identity.clients import Proof
from etalon_server.identity.issuing import GRANT_TYPES
from etalon_server.identity.realms import PSC, SERVICE, Realm
from etalon_server.identity.scopes import every_scope
from etalon_text.language import LANGUAGES
from etalon_wire.json_body import Json


def server_metadata(realm: Realm, address: str) -> dict[str, Json]:
    """Return what an authorisation server says of itself."""
    told: dict[str, Json] = {"issuer": realm.issuer(address)}
    for name, path in _ENDPOINTS.items():
        told[name] = realm.endpoint(address, path)
    told["registration_endpoint"] = SERVICE.endpoint(address, "register")
    methods = _texts(get_args(Proof))
    confidential = _texts(one for one in get_args(Proof) if one != "none")
    told |= {
        "scopes_supported": _texts(every_scope(realm)),
        "response_types_supported": _texts(("code",)),
        "response_modes_supported": _texts(("query",)),
        "grant_types_supported": _texts(GRANT_TYPES[realm.name]),
        "acr_values_supported": _texts(("eidas1",) if realm is PSC else ("eidas1", "eidas2")),
        "subject_types_supported": _texts(("public",)),
        "id_token_signing_alg_values_supported": _texts((realm.algorithm,)),
        "token_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_methods_supported": confidential,
        "revocation_endpoint_auth_methods_supported": methods,
        "code_challenge_methods_supported": _texts(("S256",)),
        "claims_supported": _texts(_CLAIMS[realm.name]),
        "ui_locales_supported": _texts(LANGUAGES),
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "tls_client_certificate_bound_access_tokens": True,
        "authorization_response_iss_parameter_supported": True,
    }
    return told


def smart_metadata(address: str) -> dict[str, Json]:
    """Return what an application that knows SMART reads; the scopes and the login are ours."""
    told = server_metadata(SERVICE, address)
    kept = (
        "issuer",
        "jwks_uri",
        "authorization_endpoint",
        "token_endpoint",
        "registration_endpoint",
        "introspection_endpoint",
        "revocation_endpoint",
        "grant_types_supported",
        "scopes_supported",
        "response_types_supported",
        "code_challenge_methods_supported",
        "token_endpoint_auth_methods_supported",
    )
    capabilities = (
        "launch-standalone",
        "client-public",
        "client-confidential-symmetric",
        "sso-openid-connect",
        "context-standalone-patient",
        "permission-patient",
        "permission-user",
        "permission-offline",
        "permission-v2",
    )
    return {name: told[name] for name in kept} | {"capabilities": _texts(capabilities)}


def _texts(texts: Iterable[str]) -> Json:
    return list(texts)


_ENDPOINTS = {
    "authorization_endpoint": "authorize",
    "token_endpoint": "token",
    "userinfo_endpoint": "userinfo",
    "jwks_uri": "jwks",
    "introspection_endpoint": "introspect",
    "revocation_endpoint": "revoke",
}
_BOTH = ("iss", "sub", "aud", "azp", "exp", "iat", "auth_time", "nonce", "acr", "amr", "idp", "sid")
_CLAIMS = {
    SERVICE.name: (
        *_BOTH,
        "act_as",
        "patient",
        "given_name",
        "family_name",
        "birthdate",
        "gender",
    ),
    PSC.name: (
        *_BOTH,
        "SubjectNameID",
        "SubjectRefPro",
        "SubjectRole",
        "Acces_Regulation_Medicale",
        "preferred_username",
        "given_name",
        "family_name",
    ),
}
