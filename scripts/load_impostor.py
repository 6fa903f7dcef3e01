"""A server that stands before a right one and is wrong in one way, named by the path.

    python scripts/load_impostor.py http://127.0.0.1:8080

Below `/WAY` it answers what the right one answers, save for what `WAYS` says, and 400 to requests
of journeys that bear no trace or no run. The address is told as a line of JSON.
"""

import argparse
import json
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import urlsplit

SLOW_SECONDS = 0.3
RUN = "X-Etalon-Run"
TRACED = re.compile(r"GET /fhir/(DocumentReference|Binary)|POST /oauth2/(authorize|token)")
TRACE = re.compile(r"00-[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01")
LISTS = re.compile(r"GET /fhir/DocumentReference\?.*")
DOCUMENTS = re.compile(r"GET /fhir/DocumentReference/.+")
CONTENTS = re.compile(r"GET /fhir/Binary/.+")
PATIENTS = re.compile(r"GET /fhir/Patient\?.*")
TOKENS = re.compile(r"POST /oauth2/token")
OPERATIONS = re.compile(r"POST /fhir/Patient/\$mes-(oppose|close)")


@dataclass(frozen=True)
class Said:
    """An answer, and who asked."""

    status: int
    kind: str
    location: str
    body: bytes
    bearer: str
    refreshes: bool


Alter = Callable[[Said], Said]


class FirstForAll:
    """Answers everybody what it answered the first."""

    def __init__(self) -> None:
        """Remember nobody."""
        self._first: Said | None = None

    def __call__(self, said: Said) -> Said:
        """Return the first answer there was."""
        self._first = self._first or said
        return self._first


def mixed() -> Alter:
    """Put the first entry of another list into each list."""
    kept: list[object] = []

    def alter(said: Said) -> Said:
        bundle = json.loads(said.body)
        entries = bundle.get("entry", [])
        kept.extend(entries[:1])
        if entries and kept:
            bundle["entry"] = [*entries[1:], kept[0]]
        return replace(said, body=json.dumps(bundle).encode())

    return alter


def forgetful(said: Said) -> Said:
    """Lose the newest document, where nothing but the model knows that there is one."""
    bundle = json.loads(said.body)
    bundle["entry"] = bundle.get("entry", [])[1:]
    bundle["total"] = max(0, bundle["total"] - 1)
    return replace(said, body=json.dumps(bundle).encode())


class Revoked:
    """Refuses the first token it ever saw, and no other."""

    def __init__(self) -> None:
        """Have seen none."""
        self._first = ""

    def __call__(self, said: Said) -> Said:
        """Return the answer, or a refusal."""
        self._first = self._first or said.bearer
        return replace(said, status=401) if said.bearer == self._first else said


def restarted() -> Alter:
    """Know nobody's login any more, when one is to be refreshed."""
    body = b'{"error":"invalid_grant","error_description":"no such token"}'
    return lambda said: replace(said, status=400, body=body) if said.refreshes else said


def slow(said: Said) -> Said:
    """Answer late, and right."""
    time.sleep(SLOW_SECONDS)
    return said


def status(number: int) -> Alter:
    """Answer another status."""
    return lambda said: replace(said, status=number)


def html(said: Said) -> Said:
    """Answer a page in the place of a resource."""
    return replace(said, kind="text/html", body=b"<html><body>maintenance</body></html>")


NOTHING = re.compile("nothing")
WAYS: dict[str, tuple[re.Pattern[str], Callable[[], Alter]]] = {
    "honest": (NOTHING, lambda: slow),
    "list-of-another": (LISTS, FirstForAll),
    "entry-of-another": (LISTS, mixed),
    "document-of-another": (DOCUMENTS, FirstForAll),
    "content-of-another": (CONTENTS, FirstForAll),
    "patient-of-another": (PATIENTS, FirstForAll),
    "space-of-another": (OPERATIONS, FirstForAll),
    "token-of-another": (TOKENS, FirstForAll),
    "forgets": (LISTS, lambda: forgetful),
    "refuses": (CONTENTS, lambda: status(403)),
    "page-for-resource": (LISTS, lambda: html),
    "revokes": (LISTS, Revoked),
    "restarts": (re.compile(r"POST /oauth2/psc/token"), restarted),
    "small-pages": (NOTHING, lambda: slow),
    "slow": (LISTS, lambda: slow),
    "fails": (LISTS, lambda: status(503)),
    "too-many": (LISTS, lambda: status(429)),
}


class Handler(BaseHTTPRequestHandler):
    """Passes requests on, and answers altered."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    right: ClassVar[str] = ""
    ways: ClassVar[dict[str, Alter]] = {name: make() for name, (_, make) in WAYS.items()}

    def _pass_on(self) -> None:
        name, _, rest = self.path[1:].partition("/")
        said = self._asked(f"/{rest}", name)
        asked = f"{self.command} /{rest}"
        traced = TRACE.fullmatch(self.headers["traceparent"] or "") and self.headers[RUN]
        if TRACED.match(asked) and not traced:
            said = replace(said, status=400)
        if WAYS[name][0].fullmatch(asked):
            said = self.ways[name](said)
        self.send_response(said.status)
        self.send_header("Content-Type", said.kind)
        if said.location:
            self.send_header("Location", said.location)
        self.send_header("Content-Length", str(len(said.body)))
        self.end_headers()
        self.wfile.write(said.body)

    def _asked(self, path: str, name: str) -> Said:
        """Return what the right server answers, as if it stood here."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        place = urlsplit(self.right)
        if name == "small-pages":
            path = path.replace("_count=20", "_count=1")
        connection = HTTPConnection(place.hostname or "", place.port)
        passed = ("content-type", "accept", "authorization", "traceparent")
        headers = {one: self.headers[one] for one in passed if self.headers[one]}
        connection.request(self.command, path, body, headers)
        answer = connection.getresponse()
        here = f"http://{self.headers['Host']}/{name}"
        written = answer.read().replace(self.right.encode(), here.encode())
        connection.close()
        kind, location = answer.getheader("Content-Type", ""), answer.getheader("Location", "")
        bearer, refreshes = headers.get("authorization", ""), b"refresh_token=" in body
        return Said(answer.status, kind, location, written, bearer, refreshes)

    do_GET = do_POST = do_PUT = do_PATCH = _pass_on  # noqa: N815 (the names of the base)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name of the base)
        """Say nothing."""


def main() -> int:
    """Answer until it is ended."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("right")
    Handler.right = parser.parse_args().right
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        address = f"http://127.0.0.1:{server.server_port}"
        sys.stdout.write(json.dumps({"address": address}) + "\n")
        sys.stdout.flush()
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
