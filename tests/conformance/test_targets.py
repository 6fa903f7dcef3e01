"""Targets of every kind against one real server: reached, driven, and given back as they were."""

import json
import os
import re
import sys
import threading
import types
import urllib.request
from collections.abc import Awaitable, Callable, Generator, Mapping
from pathlib import Path
from urllib.parse import urlencode

import pytest

from etalon_model.actors import ActorKind
from etalon_model.states import State
from etalon_target.actors import Who
from etalon_target.adapters import Message
from etalon_target.cannot import CannotTest
from etalon_target.messages import Answer, FailureKind, HttpRequest, HttpResponse, TransportFailure
from etalon_target.operations import RefusedByTarget
from etalon_target.people import TestPerson, Wanted
from etalon_target.profile_errors import ProfileError
from etalon_target.targets import Options, Target, UnreachableError, target_of
from etalon_wire.json_body import Json
from hostile_server import HostileServer, hostile

SECRET = "vendor-api-key-0001"  # noqa: S105 (of a test)


@pytest.fixture(scope="module")
def reference() -> Generator[Target]:
    """The reference server, in a process of its own, for the whole module; it ends with it."""
    target = target_of("embedded", Options(serve=("--vintage", "launch-2022")))
    target.reach()
    process = target.process_id
    assert process is not None
    os.kill(process, 0)
    yield target
    target.close()
    target.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    assert isinstance(target.send(HttpRequest("GET", "/metadata")), TransportFailure)


@pytest.fixture(scope="module")
def server() -> Generator[HostileServer]:
    """A server that misbehaves."""
    with hostile() as one:
        yield one


@pytest.fixture
def heard(reference: Target) -> Generator[list[tuple[HttpRequest, Answer]]]:
    """Every exchange with the reference while a test runs."""
    told: list[tuple[HttpRequest, Answer]] = []

    def hear(request: HttpRequest, answer: Answer) -> None:
        told.append((request, answer))

    reference.observers.append(hear)
    yield told
    reference.observers.remove(hear)


def profiled(
    folder: Path, fhir: str, text: str = "", seconds: float = 5, **environment: str
) -> Target:
    """A target by a profile file, not opened."""
    path = folder / "target.toml"
    path.write_text(
        f'[target]\nname = "T"\n[addresses]\nfhir = "{fhir}"\n'
        f"[limits]\nseconds = {seconds}\nbytes = 100000\n{text}",
        encoding="utf-8",
    )
    return target_of(str(path), Options(environment={**os.environ, **environment}))


def search(person: TestPerson) -> HttpRequest:
    """A search for the documents of somebody."""
    asked = urlencode({"patient.identifier": f"{person.system}|{person.ins}", "status": "current"})
    return HttpRequest("GET", f"/DocumentReference?{asked}")


def status(answer: Answer) -> int | FailureKind:
    """What came back."""
    return answer.status if isinstance(answer, HttpResponse) else answer.kind


def objection(target: Target, person: TestPerson, code: str) -> bool:
    """Whether the target takes an objection."""
    born = str(person.birth_date)
    values = {"nir": person.ins, "birthDate": born, "vitaleSerial": person.vitale_serial}
    done = target.operations.perform("oppose", person.who, patient=person.ins, code=code, **values)
    return done.accepted


def test_what_is_made_on_an_embedded_target_ends_with_it(reference: Target) -> None:
    """Nothing is left, because nothing of the process is."""
    reference.people.person(Wanted())
    left = reference.people.clean()
    assert (left.removed > 0, left.left) == (True, ())


def test_a_server_that_does_not_start_is_unreachable_with_what_it_said() -> None:
    """The first words of the command are in the message."""
    target = target_of("embedded", Options(serve=("--vintage", "none-such")))
    with pytest.raises(UnreachableError, match="none-such"):
        target.reach()
    assert target.process_id is None


def test_people_are_fresh_tagged_and_driven_by_the_operations_of_the_model(
    reference: Target,
) -> None:
    """An objection is taken once; a wrong code is a refusal, not a surprise."""
    one = reference.people.person(Wanted(State.NOTIFIED, age=40, sex="F", check="oppose"))
    other = reference.people.person(Wanted(State.NOTIFIED, check="oppose"))
    assert (one.state, one.sex, one.tag) == ("NOTIFIED", "F", "etalon-1-oppose-1")
    assert (other.ins != one.ins, other.tag) == (True, "etalon-1-oppose-2")
    assert not objection(reference, one, "wrong")
    assert objection(reference, one, one.provisional_code)


def test_a_professional_of_the_care_team_reads_and_a_blocked_one_does_not(
    reference: Target,
) -> None:
    """Relations are operations too."""
    person = reference.people.person(Wanted(check="read"))
    doctor = reference.people.professional()
    reference.operations.perform("care_team", holder=person.ins, who=doctor.rpps)
    seen = reference.send_as(doctor.who, search(person))
    reference.operations.perform("block", holder=person.ins, who=doctor.rpps)
    blocked = reference.send_as(doctor.who, search(person))
    assert status(seen) == 200
    assert status(blocked) in {403, 404}


def test_a_token_that_the_clock_ended_is_renewed_once(
    reference: Target, heard: list[tuple[HttpRequest, Answer]]
) -> None:
    """A refused token is renewed; a request refused with a new token stays refused."""
    person = reference.people.person(Wanted())
    assert status(reference.send_as(person.who, search(person))) == 200
    before = reference.clock.now()
    reference.clock.advance("P2D")
    assert (reference.clock.now() - before).days == 2
    heard.clear()
    assert status(reference.send_as(person.who, search(person))) == 200
    assert [status(answer) for _, answer in heard] == [401, 200, 200]


def test_a_request_sent_as_it_stands_bears_no_token(
    reference: Target, server: HostileServer
) -> None:
    """So that a check may send a wrong one, or none."""
    assert status(reference.send(HttpRequest("GET", "/DocumentReference"))) == 401
    wrong = (("Authorization", "Bearer none"),)
    assert status(reference.send(HttpRequest("GET", "/Patient", wrong))) == 401
    assert status(reference.send(HttpRequest("GET", f"{server.address}/kept"))) == 200


def test_an_address_is_known_by_its_sandbox(reference: Target) -> None:
    """With and without a slash at its end, and what is made there is told as left."""
    with target_of(f"{reference.fhir_base}/") as target:
        assert target.sandbox is not None
        assert (target.sandbox["vintage"], target.speaks_own_wire) == ("launch-2022", True)
        assert target.metadata is not None
        person = target.people.person(Wanted(check="left"))
        left = target.people.clean()
    assert [(one.kind, one.ident, one.tag) for one in left.left] == [
        ("person", person.ins, "etalon-1-left-1")
    ]


def test_a_bare_profile_says_what_it_cannot_do(reference: Target, tmp_path: Path) -> None:
    """Each cause names what is missing, in both languages."""
    with profiled(tmp_path, reference.fhir_base) as target:
        causes: dict[str, Callable[[], object]] = {
            "oppose": lambda: target.operations.perform("oppose"),
            "NOTIFIED": lambda: target.people.person(Wanted(State.NOTIFIED)),
            "10": target.people.professional,
            "authentication.holder": lambda: target.tokens.bearer(Who(ActorKind.HOLDER, "1")),
        }
        for named, ask in causes.items():
            with pytest.raises(CannotTest) as cause:
                ask()
            assert named in cause.value.told("fr")
            assert named in str(cause.value)
        assert not target.clock.can_move


VENDOR = """
[operations.create_person]
http = "POST root:/sandbox/people"
as = "none"
body = {state = "{state}", age = "{age}"}
capture = {ins = "/0/ins", oid = "/0/oid", birth_date = "/0/birth_date"}

[[operations.oppose]]
http = "POST root:/sandbox/notifications"
as = "none"
headers = {X-Api-Key = "env:VENDOR_KEY"}
body = {people = ["{patient}"]}
capture = {refused_code = "/0/refused"}

[[operations.oppose]]
http = "POST root:/sandbox/tokens"
as = "none"
body = {actor = {kind = "holder", ins = "{patient}", scope = "{missing}"}}
capture = {token_of_vendor = "/access_token", stored = "header:cache-control"}
"""


def test_a_vendor_maps_operations_to_its_own_calls(reference: Target, tmp_path: Path) -> None:
    """Step after step, what one captures is there for the next; values keep their type."""
    with profiled(tmp_path, reference.fhir_base, VENDOR, VENDOR_KEY=SECRET) as target:
        sent: list[HttpRequest] = []
        target.observers.append(lambda request, _: sent.append(request))
        person = target.people.person(Wanted(State.OPEN_ACTIVE, age=61))
        done = target.operations.perform("oppose", patient=person.ins)
        assert json.loads(sent[0].body) == {"state": "OPEN_ACTIVE", "age": 61}
        assert done.captures["stored"] == "no-store"
        assert sent[1].header("X-Api-Key") == SECRET
        assert SECRET not in str(target.redaction.headers(sent[1].headers))
        assert SECRET not in target.redaction.text(repr(sent))


def called(values: Mapping[str, Json]) -> dict[str, Json] | None:
    """What a profile calls in these tests."""
    match values.get("patient"):
        case "refused":
            raise RefusedByTarget
        case "broken":
            message = f"broken, with {SECRET}"
            raise RuntimeError(message)
        case "slow":
            threading.Event().wait(5)
        case _:
            pass
    return {"seen": values.get("patient")}


PROGRAMS = """
[operations.oppose]
python = "etalon_vendor_calls:called"
seconds = 0.3
[operations.close_space]
command = ["sh", "-c", 'echo "{{\\"argument\\": \\"$1\\"}}"; exit $2', "sh", "{patient}", "{code}"]
capture = {said = "/argument"}
[operations.activate]
python = "no_such_module:function"
[operations.reopen_space]
command = ["sh", "-c", "yes"]
seconds = 0.3
[operations.suspend_space]
command = ["sh", "-c", "echo no JSON"]
"""


def test_functions_and_programs_carry_operations_out(
    reference: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Done, refused, or a cause: never an exception of theirs, never a secret."""
    calls = types.ModuleType("etalon_vendor_calls")
    calls.called = called  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "etalon_vendor_calls", calls)
    with profiled(tmp_path, reference.fhir_base, PROGRAMS, VENDOR_KEY=SECRET) as target:
        target.redaction.add(SECRET)
        perform = target.operations.perform
        assert perform("oppose", patient="1").captures == {"seen": "1"}
        assert not perform("oppose", patient="refused").accepted
        assert perform("close_space", patient="a;b", code="0").captures == {"said": "a;b"}
        assert not perform("close_space", patient="1", code="1").accepted
        for name, values in [
            ("oppose", {"patient": "broken"}),
            ("oppose", {"patient": "slow"}),
            ("close_space", {"patient": "1", "code": "7"}),
            ("close_space", {"patient": "1"}),
            ("activate", {}),
            ("reopen_space", {}),
            ("suspend_space", {}),
        ]:
            with pytest.raises(CannotTest) as cause:
                perform(name, **values)
            assert SECRET not in str(cause.value)


SURPRISES = ["/html", "/fault", "/hang", "/drop", "/short", "/gigabyte", "/invalid", "/loop"]


@pytest.mark.parametrize("path", SURPRISES)
def test_a_target_that_neither_does_nor_refuses_is_a_cause(
    server: HostileServer, tmp_path: Path, path: str
) -> None:
    """A fault of the target is never a refusal, and no capture is made up."""
    mapped = f'[operations.oppose]\nhttp = "GET root:{path}"\nas = "none"\ncapture = {{a = "/a"}}\n'
    slow = f"{mapped}[authentication.holder]\nsource = 'client_credentials'\nclient = 'c'\n"
    slow += f"token_endpoint = '{server.address}{path}'\nproof = 'none'\n"
    with profiled(tmp_path, server.address, slow, 0.25 if path == "/hang" else 20) as target:
        with pytest.raises(CannotTest):
            target.operations.perform("oppose")
        with pytest.raises(CannotTest):
            target.tokens.bearer(Who(ActorKind.HOLDER, "1"))


def test_a_refusal_is_an_answer(server: HostileServer, tmp_path: Path) -> None:
    """422 refuses; what a profile calls a refusal does too."""
    mapped = '[operations.oppose]\nhttp = "GET root:/refuses"\nas = "none"\n'
    mapped += '[operations.activate]\nhttp = "GET root:/fault"\nas = "none"\nrefused = [500]\n'
    with profiled(tmp_path, server.address, mapped) as target:
        assert not target.operations.perform("oppose").accepted
        assert not target.operations.perform("activate").accepted


NAMED = """
[[people]]
name = "Camille"
ins = "269113191000281"
state = "NOTIFIED"
since_days = 43
birth_date = 1990-01-01
sex = "F"
token = {source = "fixed", token = "env:CAMILLE"}
[[people]]
name = "Sasha"
ins = "269113191000281"
state = "OPEN_ACTIVE"
birth_date = 1990-01-01
sex = "M"
[[professionals]]
name = "Dr A"
rpps = "99710000037"
[[professionals]]
name = "Dr B"
rpps = "99710000038"
"""


def test_named_people_serve_one_check_that_alters_and_all_that_do_not(
    server: HostileServer, tmp_path: Path
) -> None:
    """By state, days in it, age and sex; each with a token of their own."""
    camille = Wanted(State.NOTIFIED, age=None, since=43)
    with profiled(tmp_path, server.address, NAMED, CAMILLE="camille-token") as target:
        for reads in (True, True, False):
            person = target.people.person(
                Wanted(State.NOTIFIED, age=None, since=43, alters=not reads)
            )
            assert person.label == "Camille"
        for wanted in (camille, Wanted(State.OPPOSED, age=None), Wanted(age=3)):
            with pytest.raises(CannotTest):
                target.people.person(wanted)
        assert target.people.person(Wanted(age=None)).label == "Sasha"
        names = [target.people.professional().label for _ in range(3)]
        assert names == ["Dr A", "Dr B", "Dr A"]
        answer = target.send_as(person.who, HttpRequest("GET", "root:/echo"))
        assert isinstance(answer, HttpResponse)
        assert b"Bearer camille-token" in answer.body
        assert "camille-token" not in target.redaction.body(answer.body).decode()


def test_what_was_made_is_removed_last_first_or_told(server: HostileServer, tmp_path: Path) -> None:
    """Each leftover has its cause."""
    mapped = '[operations.remove_document]\nhttp = "DELETE root:/kept?id={ident}&tag={tag}"\n'
    mapped += 'as = "none"\n[operations.remove_person]\nhttp = "GET root:/refuses"\nas = "none"\n'
    with profiled(tmp_path, server.address, mapped) as target:
        for rank in ("1", "2"):
            target.people.remember("document", rank, "a tag")
        target.people.remember("person", "3", "")
        target.people.remember("list", "4", "")
        before = len(server.asked)
        done = target.people.clean()
    asked = [line for line in server.asked[before:] if line.startswith("DELETE")]
    assert asked == ["DELETE /kept?id=2&tag=a%20tag", "DELETE /kept?id=1&tag=a%20tag"]
    assert done.removed == 2
    causes = [(one.kind, one.cause) for one in done.left]
    assert causes == [("person", "target.left_refused"), ("list", "target.left_no_way")]


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "none.toml",
        "ftp://host/",
        "http://",
        "python:none:none",
        "python:json:none",
        "python:math:pi",
        "https://user:password@host/",
        "inprocess",
    ],
)
def test_a_target_that_is_none_is_refused(asked: str) -> None:
    """With what is expected."""
    with pytest.raises(ProfileError):
        target_of(asked)


def test_a_target_that_does_not_answer_is_unreachable(
    server: HostileServer, tmp_path: Path
) -> None:
    """Nobody listens, nothing comes back, or too late; a wrong answer is an answer."""
    with hostile() as gone:
        address = gone.address
    for silent in (address, f"{server.address}/drop", f"{server.address}/hang"):
        with pytest.raises(UnreachableError):
            profiled(tmp_path, silent, seconds=0.25).reach()
    with profiled(tmp_path, f"{server.address}/html") as target:
        assert target.metadata is not None


def test_a_proxy_that_cannot_be_used_stops_only_those_who_would_use_it(
    server: HostileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This machine is reached direct, whatever `ALL_PROXY` says."""
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    with profiled(tmp_path, f"{server.address}/kept") as target:
        assert target.metadata is not None
    with pytest.raises(ProfileError, match="socks5"):
        target_of("https://dossier.example/fhir")


class Echo:
    """An object that answers requests."""

    def send(self, request: HttpRequest) -> Answer:
        """Answer, raise, or answer what is no answer."""
        if request.url.endswith("/broken"):
            raise RuntimeError
        if request.url.endswith("/wrong"):
            return None  # type: ignore[return-value]
        return HttpResponse(200, (), request.url.encode(), 0.0, request.url)


async def application(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    """An ASGI application that echoes."""
    asked = await receive()
    await send({"type": "http.response.start", "status": 201, "headers": [(b"X-A", b"b")]})
    await send({"type": "http.response.body", "body": scope["query_string"] + asked["body"]})


def test_an_object_of_python_is_a_target() -> None:
    """Whatever it does is a value."""
    with target_of("inprocess", Options(inprocess=Echo)) as target:
        assert status(target.send(HttpRequest("GET", "/a"))) == 200
        assert status(target.send(HttpRequest("GET", "/broken"))) is FailureKind.ADAPTER
        assert status(target.send(HttpRequest("GET", "/wrong"))) is FailureKind.ADAPTER
        production = HttpRequest("GET", "/a?identifier=urn:oid:1.2.250.1.213.1.4.8|1")
        assert status(target.send(production)) is FailureKind.WITHHELD


def test_an_asgi_application_is_a_target() -> None:
    """With its address, its body and its headers."""
    with target_of("inprocess", Options(inprocess=lambda: application)) as target:
        answer = target.send(HttpRequest("POST", "/a?b=c", body=b"d"))
    assert isinstance(answer, HttpResponse)
    assert (answer.status, answer.header("x-a"), answer.body) == (201, "b", b"b=cd")


OAUTH = """
[authentication.via-psc]
source = "authorization_code"
authorization_endpoint = "ROOT/oauth2/psc/authorize"
token_endpoint = "ROOT/oauth2/psc/token"
client = "CLIENT"
secret = "env:CLIENT_SECRET"
scope = "openid scope_all"
parameters = {acr_values = "eidas1", nonce = "n-0123456789"}
redirect_path = "/back"
seconds = 5
[authentication.professional]
source = "token_exchange"
subject = "via-psc"
token_endpoint = "ROOT/oauth2/token"
client = "CLIENT"
secret = "env:CLIENT_SECRET"
scope = "user/DocumentReference.rs"
[authentication.holder]
source = "authorization_code"
authorization_endpoint = "ROOT/oauth2/authorize"
token_endpoint = "ROOT/oauth2/token"
client = "sandbox-app"
proof = "none"
scope = "openid patient/DocumentReference.rs"
redirect_path = "/callback"
seconds = 5
"""


class Browser:
    """A browser in which somebody logs in, as the pages of the reference ask."""

    def __init__(self, **form: str) -> None:
        self.form = form
        self.threads: list[threading.Thread] = []

    def __call__(self, address: str) -> None:
        """Open a page."""
        thread = threading.Thread(target=self.log_in, args=(address,))
        self.threads.append(thread)
        thread.start()

    def log_in(self, address: str) -> None:
        """Fill the form in; the redirection leads back to who waits."""
        with urllib.request.urlopen(address) as page:  # noqa: S310 (of a test)
            pending = re.search(r'name="pending" value="([^"]*)"', page.read().decode())
        assert pending is not None
        form = urlencode({"pending": pending[1], **self.form}).encode()
        with urllib.request.urlopen(address.partition("?")[0], form) as done:  # noqa: S310
            assert "reçue" in done.read().decode()


def test_people_and_professionals_log_in_with_a_browser(reference: Target, tmp_path: Path) -> None:
    """A code with PKCE on a loopback address, exchanged (RFC 8693), renewed without the browser."""
    client = {"client_name": "T", "redirect_uris": ["http://127.0.0.1/back"]}
    registered = reference.send(
        HttpRequest(
            "POST",
            "root:/oauth2/register",
            (("Content-Type", "application/json"),),
            json.dumps(client).encode(),
        )
    )
    assert isinstance(registered, HttpResponse)
    known = registered.json()
    assert isinstance(known, dict), registered
    person, doctor = reference.people.person(Wanted()), reference.people.professional()
    reference.operations.perform("care_team", holder=person.ins, who=doctor.rpps)
    text = OAUTH.replace("ROOT", reference.root).replace('CLIENT"', f'{known["client_id"]}"')
    path = tmp_path / "target.toml"
    path.write_text(
        f'[target]\nname = "T"\n[addresses]\nfhir = "{reference.fhir_base}"\n{text}', "utf-8"
    )
    browser = Browser(step="professional", professional=doctor.rpps)
    options = Options(environment={"CLIENT_SECRET": str(known["client_secret"])}, browse=browser)
    with target_of(str(path), options) as target:
        heard: list[str] = []
        target.observers.append(lambda r, a: heard.append(f"{r.verb} {r.url} {r.body!r} {a!r}"))
        assert status(target.send_as(doctor.who, search(person))) == 200
        browser.form = {"step": "franceconnect", "ins": person.ins}
        assert status(target.send_as(person.who, search(person))) == 200
        # Tokens end before sessions do: both are renewed, and nobody logs in again.
        reference.clock.advance("PT6M")
        assert status(target.send_as(person.who, search(person))) == 200
        assert status(target.send_as(doctor.who, search(person))) == 200
        written = target.redaction.text("\n".join(heard))
        assert len(browser.threads) == 2
    for thread in browser.threads:
        thread.join()
    for secret in re.findall(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "\n".join(heard)):
        assert secret not in written
    assert str(known["client_secret"]) not in written
