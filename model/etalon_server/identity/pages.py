"""The pages of a login, in French and in English: one form each, nothing asked from elsewhere.

A page runs no script, loads nothing, may be shown in no frame, and sends its forms here and to the
address the client registered, and nowhere else.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

from markupsafe import Markup

from etalon_server.identity.realms import RealmName
from etalon_server.identity.views import View
from etalon_text.language import Language
from etalon_text.strings import has_text, text
from etalon_wire.bundles import Query

if TYPE_CHECKING:
    from jinja2 import Environment

_SOURCE: Final = re.compile(r"[A-Za-z0-9.+-]+:(?://[A-Za-z0-9.:\[\]-]+)?")
_TEMPLATES: Final = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a page.

    Attributes:
        language: Of what people read.
        realm: Where they log in.
        action: Where the forms of a login go.
        activation: Address of the first entry, and where its form goes.
        pending: Identifier of the login, or empty outside one.
        client: Name of the software they log in with, or empty.
        other_language: Address of the same page in the other language, or empty.
        redirect: Where they go back to, or empty.
    """

    language: Language
    realm: RealmName
    action: str
    activation: str
    pending: str = ""
    client: str = ""
    other_language: str = ""
    redirect: str = ""


def page(view: View, frame: Frame) -> bytes:
    """Write a page of a login."""

    def say(key: str, **values: object) -> str:
        return text(key, frame.language, **values)

    def hidden(step: str) -> Markup:
        fields = {"pending": frame.pending, "lang": frame.language, "step": step}
        written = Markup('<input type="hidden" name="{}" value="{}">')
        return Markup("").join(written.format(name, value) for name, value in fields.items())

    content: Mapping[str, object] = {
        "say": say,
        "hidden": hidden,
        "lang": frame.language,
        "other_code": _other(frame.language),
        "style": _style(),
        "title": say(f"login.title.{view.step}"),
        "step": view.step,
        "fault": _fault(view, frame.language),
        "facts": {"twins": (), **view.facts},
        "realm": frame.realm,
        "action": frame.action,
        "activation": f"{frame.activation}?pending={frame.pending}&lang={frame.language}",
        "activation_action": frame.activation,
        "pending": frame.pending,
        "client": frame.client,
        "other_language": frame.other_language,
    }
    return _environment().get_template("page.html").render(content).encode()


def page_headers(frame: Frame) -> tuple[tuple[str, str], ...]:
    """Return the headers that go with a page: what it may do, and that nobody keeps it."""
    digest = base64.b64encode(sha256(_style().encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action 'self'{_origin(frame.redirect)}"
    )
    return (
        ("Cache-Control", "no-store"),
        ("Content-Language", frame.language),
        ("Content-Security-Policy", policy),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
    )


def language_of(asked: Mapping[str, str], accepted: str) -> Language:
    """Return the language of a page: what is asked for, else what the browser prefers.

    Args:
        asked: Parameters `lang`, or `ui_locales` of a request to log in.
        accepted: The header `Accept-Language`, or an empty string.
    """
    wanted = asked.get("lang", asked.get("ui_locales", ""))
    for one in (*wanted.split(), *accepted.split(",")):
        name = one.strip().partition(";")[0].partition("-")[0].lower()
        if name == "fr":
            return "fr"
        if name == "en":
            return "en"
    return "fr"


def other_language(path: str, query: Query, language: Language) -> str:
    """Return the address of a page in the other language."""
    kept = [(name, value) for name, value in query if name not in {"ui_locales", "lang"}]
    return f"{path}?{urlencode([*kept, ('ui_locales', _other(language))])}"


def _other(language: Language) -> Language:
    return "en" if language == "fr" else "fr"


def _fault(view: View, language: Language) -> str:
    if not view.fault:
        return ""
    known = view.fault if has_text(view.fault) else "login.refused.other"
    return text(known, language, **view.values)


def _origin(address: str) -> str:
    """Return the source that a policy must name so that a form may lead to an address."""
    if not address:
        return ""
    parts = urlsplit(address)
    own = parts.scheme not in {"http", "https"}
    source = f"{parts.scheme}:" if own else f"{parts.scheme}://{parts.netloc}"
    return f" {source}" if _SOURCE.fullmatch(source) else ""


@cache
def _style() -> Markup:
    return Markup((_TEMPLATES / "page.css").read_text(encoding="utf-8"))  # noqa: S704 (our own file)


@cache
def _environment() -> "Environment":
    # A server starts in less time without the engine of templates, which its first page brings in.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 (see above)

    return Environment(
        loader=FileSystemLoader(_TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
