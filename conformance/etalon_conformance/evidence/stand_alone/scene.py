"""Sends calls and keeps their answers. Stands alone: tests of counterexamples hold this text."""

from __future__ import annotations

import os
import ssl
import unittest
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Any
from urllib.parse import urljoin

from etalon_conformance.evidence.stand_alone.looking import (
    Answer,
    UnreadableError,
    digests,
    filled,
    fresh,
    listed,
    moved,
    seen,
    values,
)


class AsAnswered(urllib.request.HTTPErrorProcessor):
    """Takes every status for an answer, follows no redirection: a call of the check is one here."""

    def http_response(self, request: Any, response: Any) -> Any:
        """Return the answer."""
        del request
        return response

    https_response = http_response


class Scene:
    """What a replay knows: values by name, answers by number.

    An address comes from the environment (ETALON_TARGET, ETALON_ROOT, ETALON_SANDBOX) or is that
    of the run. A test is skipped where nothing can be said.
    """

    def __init__(self, base: str, root: str = "", sandbox: str = "") -> None:
        """Reach for nothing yet."""
        asked = os.environ.get("ETALON_TARGET", base).rstrip("/")
        if asked != base:
            root = sandbox = ""
        root = os.environ.get("ETALON_ROOT") or root or asked.removesuffix("/fhir")
        sandbox = os.environ.get("ETALON_SANDBOX") or sandbox or f"{root}/sandbox"
        self.known = {"base": asked, "root": root, "sandbox": sandbox}
        self.answers: dict[str, Answer] = {}
        self.askers: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        self.controls = 0
        self.refused: set[str] = set()
        is_local = "://127." in asked or "://localhost" in asked
        self.proxies = [urllib.request.ProxyHandler({})] if is_local else []
        self.opened = urllib.request.build_opener(AsAnswered(), *self.proxies).open

    def give(self, name: str, default: str | None = None) -> None:
        """Take a value from the environment."""
        value = os.environ.get(name.upper(), default)
        if value is None:
            raise unittest.SkipTest(f"set {name.upper()}, a secret of the run")
        self.known[name] = value

    def make(self, name: str, kind: str, text: str = "") -> None:
        """Make a value: a new identifier, a content, its hash, an instant moved to the clock."""
        if kind in ("uuid", "oid"):
            self.known[name] = fresh(kind)
        elif kind == "content":
            self.known[name] = filled(text, self.known)
        elif kind == "at":
            value, was, now = filled(text, self.known).split(" ")
            self.known[name] = moved(value, was, now)
        else:
            self.known[name] = digests(self.known[text].encode("utf-8", "surrogateescape"))[kind]

    def asker(self, name: str, actor: str) -> None:
        """Note who asks, as the sandbox is told; nothing where a token comes from elsewhere."""
        self.askers[name] = actor

    def token(self, name: str) -> str:
        """Return the token of who asks, taken when it is first needed."""
        if name not in self.tokens:
            actor = self.askers[name]
            held = os.environ.get(f"TOKEN_{name.upper()}", "")
            if not held and not actor:
                raise unittest.SkipTest(f"set TOKEN_{name.upper()}, a token of {name}")
            if not held:
                headers = [("Content-Type", "application/json")]
                sent = filled(actor, self.known).encode()
                answer = self.sent("POST", self.known["sandbox"] + "/tokens", headers, sent)
                held = (values(answer, "access_token") or [""])[0] if answer.status == 200 else ""
                if not held:
                    raise unittest.SkipTest(f"no token can be had for {name}: HTTP {answer.status}")
            self.tokens[name] = held
        return self.tokens[name]

    def showing(self, certificate: str) -> Any:
        """Return what opens an address under a client certificate of the environment."""
        if not certificate:
            return self.opened
        name = f"CERT_{certificate.upper()}"
        context = ssl.create_default_context()
        try:
            context.load_cert_chain(os.environ.get(name, ""))
        except OSError as error:
            raise unittest.SkipTest(f"set {name}, a certificate with its key: {error}") from error
        shows = urllib.request.HTTPSHandler(context=context)
        return urllib.request.build_opener(AsAnswered(), *self.proxies, shows).open

    def sent(
        self,
        verb: str,
        url: str,
        headers: list[tuple[str, str]],
        body: bytes | None,
        certificate: str = "",
    ) -> Answer:
        """Send one request."""
        request = urllib.request.Request(url, body, dict(headers), method=verb)
        seconds = float(os.environ.get("ETALON_SECONDS", "30"))
        try:
            with self.showing(certificate)(request, timeout=seconds) as answer:
                return answer_of(answer.status, answer.headers, answer.read(), url)
        except urllib.error.URLError as error:
            raise unittest.SkipTest(f"no server at {url}: {error.reason}") from error
        except (OSError, HTTPException) as error:
            return Answer(0, (), str(error).encode(), url)

    def call(
        self,
        number: str,
        asker: str,
        verb: str,
        url: str,
        headers: list[tuple[str, str]],
        body: str | None = None,
        certificate: str = "",
    ) -> Answer:
        """Send a call of the check, with the token of who asks; once more with a new one."""
        content = (
            None if body is None else filled(body, self.known).encode("utf-8", "surrogateescape")
        )
        address = filled(url, self.known)
        given = [(name, filled(value, self.known)) for name, value in headers]
        is_new = bool(asker) and asker not in self.tokens
        for again in (False, True):
            proof = [("Authorization", f"Bearer {self.token(asker)}")] if asker else []
            answer = self.sent(verb, address, given + proof, content, certificate)
            if again or not asker or is_new or answer.status != 401:
                break
            del self.tokens[asker]
        self.answers[number] = answer
        return answer

    def pages(self, number: str, asker: str, url: str, headers: list[tuple[str, str]]) -> None:
        """Send a search, and follow its links to further pages."""
        answer = self.call(number, asker, "GET", url, headers)
        asked = {answer.url}
        for rank in range(2, 101):
            try:
                links = values(answer, "link[relation=next].url")
            except UnreadableError:
                return
            if not links:
                return
            link = urljoin(self.known["base"] + "/", links[0])
            answer = self.call(f"{number}.{rank}", asker, "GET", link, headers)
            if link in asked:
                return
            asked.add(link)

    def kept(self, number: str) -> list[Answer]:
        """Return an answer; `4+` is that to call 4 and the pages that follow it."""
        first = number.rstrip("+")
        found = [self.answers[first]]
        while number.endswith("+") and f"{first}.{len(found) + 1}" in self.answers:
            found.append(self.answers[f"{first}.{len(found) + 1}"])
        return found

    def capture(self, name: str, number: str, *places: str) -> bool:
        """Take a value of an answer from the first place that has it; `PATH#2` is the third.

        False where the server no longer gives it, though the controls hold: what a wrong server
        gave away, a right one keeps, and the defect does not show.
        """
        for place in places:
            path, _, rank = filled(place, self.known).partition("#")
            try:
                found = [one for answer in self.kept(number) for one in values(answer, path)]
            except UnreadableError:
                continue
            if len(found) > int(rank or 0):
                self.known[name] = found[int(rank or 0)]
                return True
        status = self.kept(number)[0].status
        if self.controls and status < 500:
            return False
        raise unittest.SkipTest(
            f"cannot be replayed: call {number} answered {status}, without {name}"
        )

    def prepared(self, number: str) -> None:
        """Go on where the scene is set."""
        answer = self.answers[number]
        if not 200 <= answer.status < 300:
            said = answer.body[:600].decode("utf-8", "replace")
            raise unittest.SkipTest(f"set-up call {number} answered {answer.status}: {said}")

    def usual(self, number: str, *, changes: bool) -> None:
        """Note what is refused and was not in the run: a token, or a change that the rest needs."""
        status = self.answers[number].status
        if status == 401:
            self.refused.add(number)
        elif changes and not 200 <= status < 300:
            self.refused.add("changes")

    def control(self, numbers: list[str], path: str, relation: str, *wanted: str) -> None:
        """Go on where something can be seen at all."""
        held, got = self._looked(numbers, path, relation, wanted)
        self.controls += 1
        if not held:
            raise unittest.SkipTest(f"nothing can be said: a control does not hold ({path}: {got})")

    def verdict(
        self, requirement: str, numbers: list[str], path: str, relation: str, *wanted: str
    ) -> None:
        """Hold the expectation against the answers."""
        held, got = self._looked(numbers, path, relation, wanted)
        if not held and "changes" in self.refused:
            raise unittest.SkipTest(f"an earlier call than {numbers[0]} is refused, and was not")
        if not held and self.refused & {one.rstrip("+") for one in numbers}:
            raise unittest.SkipTest(f"the token of call {', '.join(numbers)} is refused")
        expected = (
            f"{path}: {relation} {listed([filled(one, self.known) for one in wanted])}".rstrip()
        )
        assert held, f"{requirement}: expected {expected}; got {got} (call {', '.join(numbers)})"

    def _looked(
        self, numbers: list[str], path: str, relation: str, wanted: tuple[str, ...]
    ) -> tuple[bool, str]:
        answers = [one for number in numbers for one in self.kept(number)]
        asked = [filled(one, self.known) for one in wanted]
        return seen(answers, filled(path, self.known), relation, asked)


def answer_of(status: int, headers: Any, body: bytes, url: str) -> Answer:
    """Return an answer of the library as `looking` has it."""
    return Answer(
        status, tuple((name.lower(), value) for name, value in headers.items()), body, url
    )
