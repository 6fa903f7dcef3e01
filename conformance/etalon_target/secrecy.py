"""Secrets: where they come from, and how no output ever holds one.

A profile never holds a secret: it says where one is, as `env:NAME`, `file:PATH` or `command:…`.
Every secret read, and every token received, is known to a `Redaction`, through which whatever is
written has to pass.
"""

import base64
import json
import os
import re
import shlex
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

from etalon_target.programs import ProgramError, run_program

REFERENCE: Final = re.compile(r"(env|file|command):(.+)", re.DOTALL)
SHORTEST: Final = 8
"""Characters below which a secret cannot be taken out of a text without harm to the rest."""

_SECONDS: Final = 30.0
_MOST: Final = 1_048_576
_PROOF_HEADERS: Final = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"}
)
_FIELDS: Final = (
    "access_token|refresh_token|id_token|client_secret|client_assertion|subject_token|actor_token"
    "|code_verifier|password|assertion"
)
_IN_JSON: Final = re.compile(rf'("(?:{_FIELDS})"\s*:\s*")((?:[^"\\]|\\.)*)')
_IN_FORM: Final = re.compile(rf"((?:^|[?&\s])(?:{_FIELDS})=)([^&\s\"]*)")
_BEARER: Final = re.compile(r"(\b(?:Bearer|Basic|DPoP) +)([A-Za-z0-9\-._~+/]{6,}=*)")
_JWT: Final = re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*")
_UNKNOWN: Final = "[redacted]"
_FIELD_WORDS: Final = ("token", "secret", "assertion", "verifier", "password")
"""What each of the fields holds: a text without any of them holds no such field."""
_SCHEMES: Final = ("Bearer", "Basic", "DPoP")
_MOST_STARTS: Final = 256
"""Ways to begin up to which one expression of them all is faster than a look at each place."""


class SecretError(Exception):
    """A secret that cannot be had; the message says from where and why, never what.

    Attributes:
        reference: Where it should be.
        problem: Why it is not there, in English.
    """

    def __init__(self, reference: str, problem: str) -> None:
        """Keep both."""
        super().__init__(f"{reference}: {problem}")
        self.reference = reference
        self.problem = problem


class Redaction:
    """What is known to be secret; takes it out of whatever is to be written or shown."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._secrets: set[str] = set()
        self._by_start: dict[str, list[tuple[str, str]]] = {}
        self._lock = threading.Lock()
        self._pattern: re.Pattern[str] | None = None

    def add(self, secret: str) -> None:
        """Keep a secret out of outputs from now on, in each form it is written in."""
        if len(secret) < SHORTEST:
            return
        with self._lock:
            if secret in self._secrets:
                return
            self._secrets.add(secret)
            hidden = f"[redacted {len(self._secrets)}]"
            before = len(self._by_start)
            for form in _forms(secret):
                alike = self._by_start.get(form[:SHORTEST], [])
                if all(form != known for known, _ in alike):
                    longest_first = sorted((*alike, (form, hidden)), key=_length, reverse=True)
                    self._by_start[form[:SHORTEST]] = longest_first
            if len(self._by_start) > before:
                few = len(self._by_start) <= _MOST_STARTS
                ways = "|".join(map(re.escape, self._by_start))
                self._pattern = re.compile(ways) if few else None

    def text(self, text: str) -> str:
        """Return the text without what is secret."""
        text = self.without_known(text)
        if any(word in text for word in _FIELD_WORDS):
            text = _IN_FORM.sub(_hidden, _IN_JSON.sub(_hidden, text))
        if any(scheme in text for scheme in _SCHEMES):
            text = _BEARER.sub(_hidden, text)
        return _JWT.sub(_UNKNOWN, text) if "eyJ" in text else text

    def without_known(self, text: str) -> str:
        """Replace the forms of known secrets, the longest where several begin.

        Places are found by how forms begin, which is alike for tokens of one issuer: one expression
        of all forms would take longer to compile, at each new token, than all the texts to read.
        """
        starts, parts, done = self._by_start, list[str](), 0
        place = self._next_place(text, 0)
        while place >= 0:
            for form, hidden in starts[text[place : place + SHORTEST]]:
                if text.startswith(form, place):
                    parts += (text[done:place], hidden)
                    done = place + len(form)
                    break
            place = self._next_place(text, max(done, place + 1))
        return "".join((*parts, text[done:]))

    def _next_place(self, text: str, at: int) -> int:
        """Return where a form may begin next, or -1."""
        if self._pattern is not None:
            found = self._pattern.search(text, at)
            return -1 if found is None else found.start()
        starts = self._by_start
        places = range(at, len(text) - SHORTEST + 1)
        return next((i for i in places if text[i : i + SHORTEST] in starts), -1) if starts else -1

    def body(self, body: bytes) -> bytes:
        """Return a body without what is secret; bytes that are no UTF-8 stay as they are."""
        return self.text(body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def headers(self, headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        """Return headers without what is secret, those that prove who asks left empty."""
        return tuple(
            (name, _UNKNOWN if name.lower() in _PROOF_HEADERS else self.text(value))
            for name, value in headers
        )


def _hidden(found: re.Match[str]) -> str:
    value = found.group(2)
    return found.group(1) + (value if not value or value.startswith("[redacted") else _UNKNOWN)


def _length(held: tuple[str, str]) -> int:
    return len(held[0])


def _forms(secret: str) -> list[str]:
    """Return a secret as it is, and as addresses, forms, JSON and base64 write it."""
    encoded = secret.encode()
    in_json = json.dumps(secret)[1:-1]
    written = [
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        in_json,
        json.dumps(secret, ensure_ascii=False)[1:-1],
    ]
    for shift in range(3):
        # The middle of a base64 is the same wherever the secret stands in what was encoded.
        held = base64.b64encode(b"\0" * shift + encoded).decode().rstrip("=")
        middle = held[4 if shift else 0 : len(held) - (len(held) % 4 and 1)]
        written += [middle, middle.replace("+", "-").replace("/", "_")]
    return [form for form in written if len(form) >= SHORTEST]


class Secrets:
    """Reads secrets from where a profile says they are, once each.

    Attributes:
        redaction: Knows every secret that was read.
    """

    def __init__(
        self,
        redaction: Redaction | None = None,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Read nothing yet; relative paths and commands start from `folder`."""
        self.redaction = redaction or Redaction()
        self._folder = folder or Path()
        self._environment = os.environ if environment is None else environment
        self._read: dict[str, str] = {}
        self._lock = threading.Lock()

    def read(self, reference: str, *, again: bool = False) -> str:
        """Return the secret that a reference leads to.

        Args:
            reference: `env:NAME`, `file:PATH` or `command:…`; the empty one is the empty secret.
            again: Read it anew, whatever was read before.

        Raises:
            SecretError: There is none, or it is too short to be kept out of outputs.
        """
        if not reference:
            return ""
        with self._lock:
            if again or reference not in self._read:
                secret = self._fetched(reference)
                if len(secret) < SHORTEST:
                    problem = f"a secret of at least {SHORTEST} characters is needed"
                    raise SecretError(reference, problem)
                self.redaction.add(secret)
                self._read[reference] = secret
            return self._read[reference]

    def _fetched(self, reference: str) -> str:
        match = REFERENCE.fullmatch(reference)
        kind, where = (match[1], match[2]) if match else ("", reference)
        if kind == "env":
            if where not in self._environment:
                raise SecretError(reference, "the environment has no such variable")
            return self._environment[where]
        if kind == "file":
            try:
                return (self._folder / where).read_text("utf-8").rstrip("\r\n")
            except (OSError, UnicodeError) as error:
                problem = str(getattr(error, "strerror", None) or "the file is no UTF-8")
                raise SecretError(reference, problem) from error
        if kind == "command":
            return self._printed(reference, where)
        problem = "env:NAME, file:PATH or command:… is expected"
        raise SecretError(reference="a secret", problem=problem)

    def _printed(self, reference: str, line: str) -> str:
        try:
            ran = run_program(shlex.split(line), self._folder, _SECONDS, _MOST)
        except (ProgramError, ValueError) as error:
            raise SecretError(reference, str(error)) from error
        if ran.code:
            raise SecretError(reference, f"the command ended with {ran.code}")
        return ran.output.decode("utf-8", "replace").rstrip("\r\n")
