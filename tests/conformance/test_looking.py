"""The program that scripts carry sees what checks see; its calls arrive as they were sent."""

import json
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterexample_scene import ran
from etalon_conformance.checking import Assertion
from etalon_conformance.evidence.planning import Setting, plan_of
from etalon_conformance.evidence.pytest_file import test_file as written_test
from etalon_conformance.evidence.shell import script
from etalon_conformance.evidence.stand_alone import looking
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import Expectation, Relation, Seen, seen, status
from etalon_target.messages import HttpRequest, HttpResponse
from etalon_target.secrecy import Redaction

AT = datetime(2026, 1, 2, tzinfo=UTC)
WORDS = st.sampled_from(["a", "b", "next", "self", "é«»", "2022-03-01T10:00:00+01:00", "10", "9"])
SCALARS = WORDS | st.booleans() | st.integers(-5, 50) | st.none()
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["entry", "link", "url", "relation", "status"]), inner)
    ),
    max_leaves=12,
)
PATHS = st.sampled_from(
    [
        *("status", "type", "size", "body", "text", "header:location", "header:etag", ".status"),
        *("entry", "entry.url", "link[relation=next].url", "entry[0].url", "link.relation"),
        *("entry[status=a][relation=b].url", "entry[1]", "url"),
    ]
)
STATUSES = st.sampled_from([200, 201, 204, 302, 400, 404, 410, 422, 500, 503])


def answered(body: bytes, status: int, media_type: str = "application/fhir+json") -> Exchange:
    """An exchange with that answer."""
    headers = (("content-type", f"{media_type}; charset=utf-8"), ("location", "a"))
    answer = HttpResponse(status, headers, body, 0.0, "http://h/url")
    return Exchange(1, AT, None, HttpRequest("GET", "http://h/url"), answer)


def by_script(expectation: Expectation, *exchanges: Exchange) -> tuple[bool, str]:
    """What the program of the scripts sees."""
    answers = [
        looking.Answer(one.status, one.answer.headers, one.body, one.request.url)
        for one in exchanges
        if isinstance(one.answer, HttpResponse)
    ]
    values = list(expectation.values)
    return looking.seen(answers, expectation.path, expectation.relation.value, values)


def by_check(expectation: Expectation, *exchanges: Exchange) -> Seen:
    """What a check sees."""
    return seen(expectation, exchanges)


@given(
    body=TREES,
    code=STATUSES,
    path=PATHS,
    relation=st.sampled_from(sorted(set(Relation) - {Relation.MATCHES})),
    values=st.lists(WORDS, max_size=3),
    number=st.integers(0, 3),
)
def test_a_script_and_a_check_see_the_same(  # noqa: PLR0913, PLR0917 (the parts of an expectation)
    body: object, code: int, path: str, relation: Relation, values: list[str], number: int
) -> None:
    """Whatever the body, the status, the path and the relation."""
    if relation in {Relation.COUNT, Relation.AT_MOST, Relation.AT_LEAST}:
        values = [str(number)]
    expectation = Expectation(path, relation, tuple(values))
    exchange = answered(json.dumps(body, ensure_ascii=False).encode(), code)
    held, got = by_script(expectation, exchange)
    told = by_check(expectation, exchange)
    assert held is told.holds
    if "cannot be read" not in told.got:
        assert got == told.got


BROKEN_BODIES = (b"", b"{", b"<html>a</html>", b"\xff\xfe", b"null", b"[]", b"\xef\xbb\xbf{}", b" ")


@pytest.mark.parametrize("body", BROKEN_BODIES)
@pytest.mark.parametrize("code", [200, 204, 404])
@pytest.mark.parametrize(
    "expectation",
    [
        Expectation("entry.url", Relation.EXCLUDES, ("a",)),
        Expectation("entry.url", Relation.ABSENT),
        Expectation("text", Relation.EXCLUDES, ("a",)),
    ],
)
def test_what_is_no_json_is_seen_alike(body: bytes, code: int, expectation: Expectation) -> None:
    """An unreadable body holds no absence, but for a refusal that does not betray it."""
    exchange = answered(body, code)
    assert by_script(expectation, exchange)[0] is by_check(expectation, exchange).holds


XML = b"""<Bundle xmlns="http://hl7.org/fhir"><type value="searchset"/><total value="2"/>
<link><relation value="next"/><url value="http://h/2"/></link>
<entry><resource><DocumentReference><id value="a"/>
<extension url="http://e"><valueBoolean value="true"/></extension><status value="current"/>
</DocumentReference></resource></entry>
<entry><resource><DocumentReference><id value="b"/></DocumentReference></resource></entry>
</Bundle>"""


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (".type", ("searchset",)),
        ("total", ("2",)),
        ("link[relation=next].url", ("http://h/2",)),
        ("entry.resource[resourceType=DocumentReference].id", ("a", "b")),
        ("entry.resource[status=current].id", ("a",)),
        ("entry.resource.extension[url=http://e].valueBoolean", ("true",)),
    ],
)
def test_xml_of_fhir_is_read_as_json_is(path: str, values: tuple[str, ...]) -> None:
    """By the same paths, with the same values."""
    exchange = answered(XML, 200, "application/fhir+xml")
    expectation = Expectation(path, Relation.EQUALS, values)
    assert by_script(expectation, exchange) == (True, ", ".join(values))
    assert by_check(expectation, exchange).holds


ODD_BODIES = (
    b'{"a": "$HOME `id` \\\\ \\" $(id)"}',
    b"JSON\n",
    b"'a' \"b\"\n\n",
    "œ « é » 漢字 \U0001f9ea".encode(),
    b"a=1&b=%24c&d=x+y",
    bytes(range(256)),
    b"x" * 50_000,
    b"{{uuid_1}} {{base}}",
    json.dumps({"a": ["b" * 200, 1.50, True], "size": 3}).encode(),
    b'{"a":1,"a":2,"c":"' + b"d" * 150 + b'"}',
)


class _Kept(BaseHTTPRequestHandler):
    bodies: list[bytes]

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's word)
        """Say nothing."""


@contextmanager
def keeping() -> Generator[tuple[str, list[bytes]]]:
    """A server that keeps the bodies it is sent."""
    kept: list[bytes] = []
    handler = type("Kept", (_Kept,), {"bodies": kept})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/fhir", kept
        server.shutdown()


@pytest.mark.parametrize("name", ["replay.sh", "test_replay.py"])
def test_bodies_arrive_as_they_were_sent(name: str, tmp_path: Path) -> None:
    """Whatever the shell or Python would make of them."""
    answer = HttpResponse(200, (), b"", 0.0, "")
    calls = [
        Exchange(rank, AT, None, HttpRequest("POST", "http://h/fhir/a?b=c%20d", (), body), answer)
        for rank, body in enumerate(ODD_BODIES, 1)
    ]
    setting = Setting(fhir_base="http://h/fhir", root="http://h", redaction=Redaction())
    looked = Assertion(
        requirement="W-COM-01",
        seen=Seen(holds=False, expected="", got=""),
        expectation=status(200),
        exchanges=(calls[-1],),
    )
    plan = plan_of(looked, [looked], calls, setting)
    defaults = {"base": "http://h/fhir", "root": "", "sandbox": ""}
    path = tmp_path / name
    made = script(plan, ["odd"], defaults, setting.sources)
    if path.suffix == ".py":
        made = written_test(plan, "odd", ["odd"], defaults)
    path.write_text(made, encoding="utf-8")
    with keeping() as (address, kept):
        code, said = ran(path, address)
    assert code == 0, said
    # JSON that is only laid out anew is the same: everything else is byte for byte.
    assert [_plain(one) for one in kept] == [_plain(one) for one in ODD_BODIES]


def _plain(body: bytes) -> object:
    try:
        value = json.loads(body)
    except ValueError:
        return body
    return body if b'"a":1,"a":2' in body else value


def test_a_script_is_read_by_every_shell_of_this_machine(tmp_path: Path) -> None:
    """Its prelude holds nothing of bash."""
    path = tmp_path / "prelude.sh"
    source = Path(looking.__file__).with_name("prelude.sh")
    path.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    for shell in ("/bin/sh", "/bin/dash", "/bin/bash"):
        if Path(shell).exists():
            assert subprocess.run([shell, "-n", str(path)], check=False).returncode == 0


def test_what_a_login_brings_is_captured_from_its_pages() -> None:
    """The hidden input of a page, and the code in the query of a redirection."""
    page = (
        b"<form><INPUT type='hidden' name=\"pending\" value='a&amp;b'/>"
        b'<input name="seen" value="c"><input value="d" type="hidden" name="step"></form>'
    )
    shown = looking.Answer(200, (("content-type", "text/html"),), page)
    assert looking.values(shown, "input:pending") == ["a&b"]
    assert looking.values(shown, "input:step") == ["d"]
    assert looking.values(shown, "input:seen") == []
    brought = looking.Answer(303, (("location", "http://h:1/back?code=x%2Fy&state=s"),), b"")
    assert looking.values(brought, "query:code") == ["x/y"]
    assert looking.values(brought, "query:error") == []
