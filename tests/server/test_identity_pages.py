"""Login pages speak French and English, load nothing, and show what is typed as text."""

import base64
import re
from hashlib import sha256
from typing import Final, get_args

import pytest

from etalon_server.identity.pages import Frame, language_of, page, page_headers
from etalon_server.identity.views import Choice, Step, View
from etalon_text.language import LANGUAGES, Language
from identity_scene import CALLBACK, Reply, Scene

HOSTILE: Final = "<script>alert(1)</script>\"'>"
FACTS: Final[dict[str, object]] = {
    "choices": [Choice(HOSTILE, HOSTILE, "holder")],
    "code": "123456",
    "version": HOSTILE,
    "profile": HOSTILE,
    "typed": dict.fromkeys(("nir", "birth_on", "vitale_serial", "login"), HOSTILE),
    "twins": [Choice(HOSTILE, HOSTILE)],
    "login": HOSTILE,
    "name": HOSTILE,
    "reason": HOSTILE,
    "service": HOSTILE,
    "paired": False,
    "groups": {"care": [{"name": HOSTILE, "text": "read_documents", "ticked": True}]},
}


def written(step: Step, language: Language) -> str:
    """A page whose every value is hostile."""
    facts = FACTS
    if step == "professional":
        facts = FACTS | {"choices": {language: FACTS["choices"]}}
    frame = Frame(
        language, "service", "/oauth2/authorize", "/oauth2/activate", HOSTILE, HOSTILE, HOSTILE
    )
    values = {"rule": HOSTILE, "code": HOSTILE}
    return page(View(step, "login.refused.ANYTHING", facts, values), frame).decode()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("step", get_args(Step))
def test_every_page_stands_alone_in_both_languages(step: Step, language: Language) -> None:
    """Nothing is loaded or run; what comes from outside is text and nothing else."""
    text = written(step, language)

    assert f'<html lang="{language}">' in text
    assert "<script" not in text
    assert not re.search(r"https?:|src=|@import|url\(|<link|<iframe|\son\w+=", text)
    assert "&lt;script&gt;" in text


def test_the_languages_of_a_page_differ() -> None:
    """Every page has words of its own in each."""
    for step in get_args(Step):
        assert written(step, "fr") != written(step, "en")


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        ({}, "", "fr"),
        ({}, "de, en-GB;q=0.8, fr;q=0.5", "en"),
        ({}, "fr-CA", "fr"),
        ({"ui_locales": "de en fr"}, "fr", "en"),
        ({"lang": "en", "ui_locales": "fr"}, "fr", "en"),
        ({"lang": "xx"}, "en", "en"),
    ],
)
def test_the_language_is_asked_for_or_preferred(
    asked: dict[str, str], accepted: str, language: Language
) -> None:
    """By the form, the request, the browser; French otherwise."""
    assert language_of(asked, accepted) == language


def test_a_login_goes_on_in_its_language(scene: Scene) -> None:
    """The first page links to the other one; the next ones keep the choice."""
    page_ = scene.first_page(ui_locales="en")
    next_ = page_.send("password", login="nobody.here", password="-", lang="en")  # noqa: S106 (none)

    assert "ui_locales=fr" in page_.shown.text
    assert "Unknown identifier" in next_.text
    assert next_.headers["content-language"] == "en"


def policy_of(reply: Reply) -> str:
    """What a page may do."""
    return reply.headers["content-security-policy"]


def test_a_page_may_do_nothing_but_be_read_and_sent(scene: Scene) -> None:
    """Its style is named by its digest; forms lead here and to the client's address."""
    shown = scene.first_page().shown
    style = re.search(r"<style>(.*?)</style>", shown.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(sha256(style[1].encode()).digest()).decode()

    policy = policy_of(shown)

    assert policy.startswith("default-src 'none'; ")
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.endswith("form-action 'self' http://127.0.0.1:4321")
    assert CALLBACK.startswith("http://127.0.0.1:4321")
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["referrer-policy"] == "no-referrer"
    assert shown.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    ("redirect", "source"),
    [
        ("org.etalon.app:/callback", " org.etalon.app:"),
        ("https://a.test/callback", " https://a.test"),
        ("https://a.test;script-src */callback", ""),
        ("", ""),
    ],
)
def test_the_address_to_go_back_to_cannot_change_the_policy(redirect: str, source: str) -> None:
    """Only its origin stands in it."""
    frame = Frame("fr", "service", "/a", "/b", redirect=redirect)
    policy = dict(page_headers(frame))["Content-Security-Policy"]

    assert policy.endswith(f"form-action 'self'{source}")
