"""The page of a session says in both languages where it stands, and takes its own words alone."""

import http.client
import json
import re
from collections.abc import Generator, Mapping
from urllib.parse import urlsplit

import pytest

from etalon_conformance.witness.page.drawing import PARTS, SHOWN_EXCHANGES, page, parts
from etalon_conformance.witness.scenario import profiles
from etalon_text.language import LANGUAGES, Language
from witness_scene import HOSTILE, Watched, session_of, session_under_way, watched


@pytest.fixture(scope="module")
def under_way() -> Generator[Watched]:
    """A session whose page is served."""
    with watched() as one:
        yield one


def ask(
    address: str, verb: str, path: str, body: str = "", headers: Mapping[str, str] | None = None
) -> tuple[int, dict[str, str], str]:
    """The status, headers and body of an answer."""
    where = urlsplit(address)
    connection = http.client.HTTPConnection(where.netloc, timeout=20)
    connection.request(verb, path, body, dict(headers or {}))
    answer = connection.getresponse()
    told = {name.lower(): value for name, value in answer.getheaders()}
    found = answer.status, told, answer.read().decode()
    connection.close()
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_tells_the_step_under_way_its_people_and_every_verdict(language: Language) -> None:
    """The title and the instruction of the step, who is in it, and the verdicts of those before."""
    session = session_under_way()
    steps = session.setting.profile.steps

    drawn = page(session, language)

    assert f'lang="{language}"' in drawn
    assert all(step.title[language] in unescaped(drawn) for step in steps)
    assert drawn.count('aria-current="step"') == 1
    wanted = [one for one in session.setting.identities if one["name"] in steps[2].people]
    assert wanted
    assert all(str(one["ident"]) in drawn for one in wanted)
    judged = {name for step in steps[:2] for name in step.requirements}
    assert all(f"<code>{name}</code>" in drawn for name in judged)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", profiles())
def test_every_step_of_every_profile_is_drawn(name: str, language: Language) -> None:
    """Before, while and after each step, with whoever it needs."""
    session = session_of(profiles()[name])
    for step in session.setting.profile.steps:
        assert parts(session, language)["now"]
        session.begin(step)
        assert step.title[language] in unescaped(parts(session, language)["now"])
        session.end("timed-out")
    session.finish(stopped=False)
    count = len(session.setting.profile.steps)
    assert f"{count} " in parts(session, language)["status"]


def unescaped(drawn: str) -> str:
    """A page with its references to characters read."""
    return drawn.replace("&#39;", "'").replace("&amp;", "&")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_client_sends_is_shown_and_never_run(language: Language) -> None:
    """A script in an address is text on the page."""
    drawn = page(session_under_way(), language)

    assert HOSTILE not in drawn
    assert "&lt;script&gt;" in drawn


def test_the_parts_of_a_page_are_those_that_stand_in_it() -> None:
    """What the script draws anew has its place, and is what the page was drawn with."""
    session = session_under_way()

    whole, drawn = page(session, "fr"), parts(session, "fr")

    assert tuple(drawn) == PARTS
    assert all(f'<div id="{name}"' in whole and content in whole for name, content in drawn.items())


def test_a_page_draws_the_last_exchanges_and_counts_the_others() -> None:
    """A client that floods does not make the page grow without bound."""
    session = session_under_way()
    last = session.traffic[-1]
    for _ in range(SHOWN_EXCHANGES):
        session.arrived(lambda: last)
    session.pump()

    drawn = parts(session, "en")["traffic"]

    assert drawn.count("<tr id=") == SHOWN_EXCHANGES
    assert "3 older exchanges" in drawn


@pytest.mark.parametrize(("status", "said"), [(False, "Complete"), (True, "Stopped")])
def test_a_session_that_is_over_offers_no_words(*, status: bool, said: str) -> None:
    """It says so, and where the report is."""
    session = session_under_way()
    session.end("done")
    session.finish(stopped=status)

    drawn = page(session, "en")

    assert said in drawn
    assert "/witness/tell" not in drawn
    assert "http-equiv" not in drawn


def test_a_page_is_served_under_a_policy_that_lets_it_ask_nobody_else(under_way: Watched) -> None:
    """Its style and its script are ours, its forms come here, no frame may hold it."""
    status, told, drawn = ask(under_way.address, "GET", "/witness?lang=en")

    policy = told["content-security-policy"]
    assert (status, told["content-type"]) == (200, "text/html; charset=utf-8")
    assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'")
    assert "unsafe" not in policy
    assert re.findall(r"https?://", drawn) == []
    for file in re.findall(r'(?:src|href)="(/witness/[^"]+)"', drawn):
        assert ask(under_way.address, "GET", file)[0] == 200


def test_parts_are_served_as_json_in_the_language_asked_for(under_way: Watched) -> None:
    """By the address, else by what the browser prefers, else in French."""
    asked: list[tuple[str, dict[str, str]]] = [
        ("/witness/parts?lang=en", {}),
        ("/witness/parts", {"Accept-Language": "en-GB,fr;q=0.5"}),
        ("/witness/parts", {}),
    ]

    found = [json.loads(ask(under_way.address, "GET", path, "", h)[2]) for path, h in asked]

    assert ["Under way" in one["status"] for one in found] == [True, True, False]


def test_everything_else_goes_on_to_the_service(under_way: Watched) -> None:
    """Paths below another root, one that only begins alike among them, are not the page's."""
    assert ask(under_way.address, "GET", "/health")[0] == 200
    assert "OperationOutcome" in ask(under_way.address, "GET", "/witnesses")[2]


@pytest.mark.parametrize("word", ["done", "skip", "stop"])
def test_a_word_of_the_operator_is_heard(word: str, under_way: Watched) -> None:
    """The form of the page leads back to it."""
    origin = under_way.address.removesuffix("/witness")
    headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}

    status, told, _ = ask(under_way.address, "POST", "/witness/tell", f"word={word}", headers)

    assert (status, told["location"]) == (303, "/witness?lang=fr")
    assert under_way.session.told() == word


@pytest.mark.parametrize(
    ("verb", "path", "body", "headers", "status"),
    [
        ("POST", "/witness/tell", "word=done", {"Origin": "https://elsewhere.test"}, 403),
        ("POST", "/witness/tell", "word=done", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("POST", "/witness/tell", "word=all", {}, 400),
        ("POST", "/witness/tell", "", {}, 400),
        ("POST", "/witness/tell", "word=done&" + "x" * 100_000, {}, 303),
        ("POST", "/witness/tell", "x" * 100_000 + "&word=done", {}, 400),
        ("GET", "/witness/tell", "", {}, 405),
        ("DELETE", "/witness", "", {}, 405),
        ("GET", "/witness/..%2Fserving.py", "", {}, 404),
        ("GET", "/witness/page.html", "", {}, 404),
    ],
)
def test_what_is_no_use_of_the_page_is_refused(  # noqa: PLR0913, PLR0917 (a table)
    verb: str, path: str, body: str, headers: dict[str, str], status: int, under_way: Watched
) -> None:
    """Forms of other sites, words that are none, other methods, files that are not meant."""
    assert ask(under_way.address, verb, path, body, headers)[0] == status

    heard = under_way.session.told()
    assert heard == ("done" if status == 303 else None)
