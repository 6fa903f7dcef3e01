"""The measures interface: what a service writes it finds again; errors are as documented."""

import copy
import csv
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etalon_model import Use, holder
from etalon_model.catalogue.catalogue import Direction, ExchangeFamily, Purpose
from etalon_model.catalogue.measure_errors import MEASURE_ERRORS
from etalon_model.catalogue.measuring import EnterMeasure
from etalon_model.catalogue.pairing import ChangeServiceConsent, UnpairService
from etalon_model.catalogue.pairings import opaque_identifier
from etalon_model.catalogue.rehearsal import SOLUTION
from etalon_wire.consents import Wish, consent_resource
from etalon_wire.json_body import Json, read_json
from etalon_wire.measures.kinds import OLDER, wire_kinds
from identity_scene import CALLBACK, SEED, VALIDATOR, Reply
from import_table import ROOT
from pairing_scene import FOREIGN, PairingScene, app_headers
from served_town import Town, served

EXAMPLES: Final = ROOT / "tests" / "wire" / "examples"
OFFICIAL: Final = ROOT.parent / "shared" / "samples" / "mesures" / "mes_api_v1.5.2"
READ: Final = Use(Purpose.CARE, ExchangeFamily.MEASURES, Direction.READ)
WRITE: Final = Use(Purpose.CARE, ExchangeFamily.MEASURES, Direction.WRITE)
FEED: Final = "/measures/fhir"
SEARCH: Final = "/measures/fhir/Observation"
FORGED: Final = "forged.id.token"
LAST: Final = "&_sort=-date&_count=1"
ALL: Final = "&date=ge2022-01-01&date=le2024-12-31"
Body = dict[str, Any]


class Visit:
    """A service paired with somebody.

    Attributes:
        ins: Whose space it is.
        id_pe: As whom the service knows them.
        headers: Those of its calls.
    """

    def __init__(self, scene: PairingScene, *uses: Use, foreign: bool = False) -> None:
        """Pair the service, or the foreign one, for some uses."""
        self.scene = scene
        self.ins = scene.person()
        self.solution = FOREIGN if foreign else SOLUTION
        self.pair(uses, foreign=foreign)

    def pair(self, uses: tuple[Use, ...], *, foreign: bool = False) -> None:
        """Pair a service with the person."""
        client = self.scene.foreign if foreign else self.scene.client
        self.solution = FOREIGN if foreign else SOLUTION
        self.tokens = self.scene.pair(self.ins, *uses, client=client)
        self.headers = app_headers(self.tokens)
        self.id_pe = opaque_identifier(SEED, self.ins, self.solution)

    def example(self, name: str = "measure_feed") -> Body:
        """A bundle of ours about this person."""
        body: Body = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
        if body["resourceType"] == "Observation":
            request = {"method": "POST", "url": "Observation"}
            entry = {"fullUrl": f"urn:uuid:{'0' * 8}-0000-4000-8000-{'0' * 12}", "resource": body}
            body = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
            entry["request"] = request
        for entry in body["entry"]:
            if entry["resource"]["resourceType"] == "Observation":
                entry["resource"]["subject"] = {"identifier": self.identifier}
        return body

    @property
    def identifier(self) -> dict[str, str]:
        """How the service names the person."""
        return {"system": f"urn:oid:{self.solution}", "value": self.id_pe}

    def feed(self, body: Body | bytes, **headers: str) -> Reply:
        """Send a bundle."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.ask("POST", FEED, sent, **headers)

    def search(self, query: str, **headers: str) -> Reply:
        """Search the measures of this person."""
        named = f"subject.identifier=urn:oid:{self.solution}%7C{self.id_pe}"
        return self.ask("GET", f"{SEARCH}?{named}&{query}", b"", **headers)

    def ask(self, verb: str, path: str, body: bytes, **headers: str) -> Reply:
        """Ask the server something as the service."""
        media_type = {"content_type": "application/fhir+json"}
        return self.scene.ask(verb, path, body, "", **{**media_type, **self.headers, **headers})

    @property
    def log(self) -> list[str]:
        """What the log says of the calls of services: the code of a refusal, or nothing."""
        rows = self.scene.service.log(self.ins)
        return [row.deed.refused for row in rows if row.actor.kind == "app"]

    @property
    def count(self) -> int:
        """How many measures the space holds."""
        held = self.scene.service.person(self.ins).holdings
        return 0 if held is None or held.measures is None else len(held.measures.rows)


@pytest.fixture(scope="module")
def scene() -> Iterator[PairingScene]:
    """One server for the module: each test has people of its own."""
    with closing(PairingScene()) as opened:
        yield opened


@pytest.fixture(scope="module")
def visit(scene: PairingScene) -> Visit:
    """Somebody whom the tests of errors share: nothing of theirs is kept."""
    return Visit(scene, READ, WRITE)


def observation(body: Body) -> Body:
    """The observation of a bundle."""
    found: Body = next(
        one["resource"] for one in body["entry"] if one["resource"]["resourceType"] != "Device"
    )
    return found


def diagnostics(reply: Reply) -> list[str]:
    """What an answer says is wrong."""
    return [issue["diagnostics"] for issue in reply.json["issue"]]


@pytest.mark.rule("MEA-01", "MEA-02", "MEA-06")
@pytest.mark.requirement("W-MEA-01", "W-MEA-02")
def test_a_measure_is_kept_with_its_device_and_found_again(scene: PairingScene) -> None:
    """The second time the device is there already; it stands once in what is found."""
    visit = Visit(scene, READ, WRITE)
    body = visit.example()

    first, second = visit.feed(body), visit.feed(body)
    found = visit.search(f"code=29463-7{ALL}&_include=Observation:device")

    assert [one["response"]["status"] for one in first.json["entry"]] == ["201 Created"] * 2
    assert [one["response"]["status"] for one in second.json["entry"]] == ["201 Created", "200 OK"]
    assert found.json["total"] == 2
    kinds = [one["resource"]["resourceType"] for one in found.json["entry"]]
    assert kinds == ["Observation", "Observation", "Device"]
    shown, device = found.json["entry"][0]["resource"], found.json["entry"][2]["resource"]
    sent = observation(body)
    for name in ("status", "category", "code", "valueQuantity", "extension", "effectiveDateTime"):
        assert shown[name] == sent[name]
    assert shown["subject"]["identifier"] == visit.identifier
    assert shown["meta"]["source"] == sent["meta"]["source"]
    assert shown["device"]["reference"] == f"Device/{device['id']}"
    locations = {one["response"]["location"] for one in first.json["entry"]}
    told = {
        f"{one['resource']['resourceType']}/{one['resource']['id']}" for one in found.json["entry"]
    }
    assert locations <= told
    assert visit.ins not in found.text + first.text


@pytest.mark.rule("MEA-08")
def test_a_source_that_is_not_sent_is_that_of_the_service(scene: PairingScene) -> None:
    """The text: where it is not provided, the object identifier of the solution is put there."""
    visit = Visit(scene, READ, WRITE)
    body = visit.example()
    del observation(body)["meta"]["source"]
    assert visit.feed(body).status == 200
    found = visit.search(f"code=29463-7{LAST}").json["entry"][0]["resource"]
    assert found["meta"]["source"] == f"urn:oid:{SOLUTION}"


@pytest.mark.rule("CAT-15")
def test_two_services_find_the_same_measure_under_nothing_in_common(scene: PairingScene) -> None:
    """Neither the person nor the resources bear the same identifier, and narratives stay away."""
    visit = Visit(scene, READ, WRITE)
    body = visit.example()
    observation(body)["performer"] = [{"identifier": visit.identifier}]
    assert visit.feed(body).status == 200
    query = f"code=29463-7{ALL}&_include=Observation:device"
    own = visit.search(query)
    first = visit.id_pe
    visit.pair((READ,), foreign=True)
    other = visit.search(query)

    assert other.json["total"] == 1
    ids = [{one["resource"]["id"] for one in found.json["entry"]} for found in (own, other)]
    assert ids[0].isdisjoint(ids[1])
    assert first in own.text
    assert first not in other.text


@pytest.mark.rule("MEA-03", "MEA-10")
def test_what_the_holder_enters_and_the_index_are_shown_in_the_units_of_the_profiles(
    scene: PairingScene,
) -> None:
    """A height of 1.83 m is read as 183 cm, and the index is computed."""
    visit = Visit(scene, READ)
    at = datetime(2024, 2, 1, 9, tzinfo=UTC)
    for code, value in (("8302-2", 1.83), ("29463-7", 71.5)):
        command = EnterMeasure(
            scene.clock.now(), holder(visit.ins), visit.ins, code, at, (value,), comment="Suivi"
        )
        scene.people.do(command)
    shown = {
        code: visit.search(f"code={code}{LAST}").json["entry"][0]["resource"]
        for code in ("8302-2", "29463-7", "39156-5")
    }
    values = {
        code: (one["valueQuantity"]["value"], one["valueQuantity"]["code"])
        for code, one in shown.items()
    }
    assert values == {"8302-2": (183, "cm"), "29463-7": (71.5, "kg"), "39156-5": (21.4, "kg/m2")}
    assert "source" not in shown["8302-2"]["meta"]
    assert shown["29463-7"]["extension"][0]["valueString"] == "Suivi"
    for code in shown:
        bundle = read_json(visit.search(f"code={code}{LAST}").body)
        found = VALIDATOR.validate(bundle, "Bundle", "pdsm-strict")
        assert [finding for finding in found if finding.severity == "error"] == []


@pytest.mark.rule("MEA-07")
@pytest.mark.requirement("W-MEA-05")
def test_pages_bear_numbers_and_lead_to_one_another(scene: PairingScene) -> None:
    """Fifty unless asked otherwise; the last page leads back only; devices do not count."""
    visit = Visit(scene, READ, WRITE)
    body = visit.example()
    for day in range(1, 6):
        observation(body)["effectiveDateTime"] = f"2023-05-0{day}T08:00:00Z"
        assert visit.feed(body).status == 200
    query = "code=29463-7&date=gt2023-05-01&date=lt2023-05-05&_include=Observation.device"

    first = visit.search(f"{query}&_count=2")
    links = {one["relation"]: one["url"] for one in first.json["link"]}
    last = visit.ask("GET", links["next"].partition("etalon.test")[2] or links["next"], b"")

    assert first.json["total"] == 3
    dates = [one["resource"].get("effectiveDateTime", "")[:10] for one in first.json["entry"]]
    assert dates == ["2023-05-04", "2023-05-03", ""]
    assert [one["relation"] for one in last.json["link"]] == ["self", "previous"]
    assert [one["search"]["mode"] for one in last.json["entry"]] == ["match", "include"]
    form = f"subject.identifier={visit.id_pe}&{query}&_count=2"
    media_type = "application/x-www-form-urlencoded"
    by_form = visit.ask("POST", f"{SEARCH}/_search", form.encode(), content_type=media_type)
    assert by_form.json["entry"] == first.json["entry"]


def in_order() -> dict[str, str]:
    """What the interface says of errors, by code."""
    text = (files("etalon_wire") / "data" / "measure_outcomes.csv").read_text(encoding="utf-8")
    return {row["code"]: row["diagnostics"] for row in csv.DictReader(text.splitlines())}


def without_device(body: Body) -> None:
    """Leave the device out."""
    body["entry"] = [one for one in body["entry"] if one["resource"]["resourceType"] != "Device"]
    del observation(body)["device"]


def glucose(code: str, system: str, unit: str, *extensions: Body) -> Callable[[Body], None]:
    """Make the measure one of glucose."""

    def change(body: Body) -> None:
        without_device(body)
        held = observation(body)
        kind = wire_kinds()[code]
        held["meta"]["profile"] = [kind.profile]
        held["category"][0]["coding"][0]["display"] = "Signes vitaux"
        held["code"] = {"coding": [{"system": system, "code": code}]}
        held["valueQuantity"] |= {"unit": unit, "code": unit, "value": 6}
        held["extension"] = list(extensions)

    return change


LOINC: Final = "http://loinc.org"
CISIS: Final = "https://smt.esante.gouv.fr/fhir/CodeSystem/terminologie-cisis"
EXTENSIONS: Final = "https://interop.esante.gouv.fr/ig/fhir/mesures/StructureDefinition/mesures-"
FASTING: Final[Body] = {
    "url": f"{EXTENSIONS}moment-of-measurement",
    "valueCodeableConcept": {"coding": [{"system": LOINC, "code": "53049-3"}]},
}
A_WEEK: Final[Body] = {
    "url": f"{EXTENSIONS}number-of-days",
    "valueCodeableConcept": {"coding": [{"system": CISIS, "code": "GEN-275"}]},
}


def entry(body: Body, kind: str) -> Body:
    """The entry of a bundle with a resource of a type."""
    return next(one for one in body["entry"] if one["resource"]["resourceType"] == kind)


WRITING: Final[Mapping[str, Callable[[Body], object]]] = {
    "NO_BUNDLE": lambda body: body.update(resourceType="Parameters"),
    "ID_PE_MISMATCH": lambda body: observation(body)["subject"]["identifier"].update(
        value="0" * 32
    ),
    "NOT_AN_OBSERVATION": lambda body: entry(body, "Device")["request"].update(method="PUT"),
    "DEVICE_CONDITION_MISSING": lambda body: entry(body, "Device")["request"].pop("ifNoneExist"),
    "ONE_OBSERVATION_NEEDED": lambda body: body["entry"].append(copy.deepcopy(body["entry"][0])),
    "DEVICE_REFERENCE_MISSING": lambda body: observation(body).pop("device"),
    "DEVICE_NOT_LINKED": lambda body: observation(body)["device"].update(reference="Device/other"),
    "PROFILE_MISSING": lambda body: observation(body)["meta"].pop("profile"),
    "FOREIGN_SOURCE": lambda body: observation(body)["meta"].update(source="urn:oid:1.2.3"),
    "VALUE_MISSING": lambda body: observation(body).pop("valueQuantity"),
    "COMPUTED_MEASURE": glucose("39156-5", LOINC, "kg/m2"),
    "SUBJECT_MISSING": lambda body: observation(body).pop("subject"),
    "MOMENT_MISSING": glucose("2345-7", LOINC, "mg/dL"),
    "MOMENT_FORBIDDEN": glucose("4548-4", LOINC, "%", FASTING),
    "DAYS_MISSING": glucose("MED-969", CISIS, "mg/dL"),
    "DAYS_FORBIDDEN": glucose("2345-7", LOINC, "mg/dL", FASTING, A_WEEK),
    "DEVICE_PROFILE_MISSING": lambda body: entry(body, "Device")["resource"].pop("meta"),
}
"""What makes each documented error of writing out of a bundle that is right."""


@pytest.mark.rule("MEA-01", "MEA-02", "MEA-04", "MEA-05", "MEA-08", "MEA-09")
@pytest.mark.requirement("W-MEA-03", "W-MEA-04", "W-MEA-06")
@pytest.mark.parametrize("code", WRITING)
def test_each_error_of_writing_is_answered_in_the_words_of_the_interface(
    visit: Visit, code: str
) -> None:
    """Its status, its type, its diagnostic; nothing is kept, and the log tells of it."""
    body, before = visit.example(), visit.count
    WRITING[code](body)

    reply = visit.feed(body)

    documented = MEASURE_ERRORS[code]
    assert (reply.status, visit.log[-1]) == (documented.status, code)
    issue = reply.json["issue"][0]
    if documented.issue:
        assert issue["code"].replace("-", "") == documented.issue.lower()
    said = in_order()[code].format("Device", "PUT", solution=SOLUTION, page_size="")
    assert issue["diagnostics"] == said
    assert visit.count == before
    assert visit.ins not in reply.text


SEARCHING: Final[Mapping[str, tuple[str, str]]] = {
    "PAGE_TOO_LARGE": (f"code=29463-7{ALL}&_count=101", "101"),
    "LAST_SEARCH_INCOMPLETE": ("code=29463-7&_sort=-date&_count=2", ""),
    "SEARCHES_MIXED": (f"code=29463-7{LAST}&_offset=1", ""),
    "NO_SEARCH_MODE": ("code=29463-7&date=ge2022-01-01", ""),
}


@pytest.mark.rule("MEA-06", "MEA-07")
@pytest.mark.requirement("W-MEA-05")
@pytest.mark.parametrize("code", SEARCHING)
def test_each_error_of_searching_is_answered_in_the_words_of_the_interface(
    visit: Visit, code: str
) -> None:
    """Status 400, and what was asked where the text names it."""
    query, size = SEARCHING[code]
    reply = visit.search(query)
    assert (reply.status, visit.log[-1]) == (400, code)
    issue = reply.json["issue"][0]
    assert issue["code"] == "invalid"
    assert issue["details"]["text"] == "Request not valid"
    assert issue["diagnostics"] == in_order()[code].format(100, solution="", page_size=size)


def test_every_documented_error_is_shown_by_a_test() -> None:
    """Those of the tokens and of consent stand below."""
    calls = {"INVALID_ID_TOKEN", "UNAUTHORIZED", "CONSENT_NOT_GIVEN", "OID_CONFLICT"}
    assert {*WRITING, *SEARCHING, *calls} == set(MEASURE_ERRORS)
    assert set(in_order()) == set(MEASURE_ERRORS) - {"UNAUTHORIZED"}


@pytest.mark.rule("MEA-08", "MEA-09", "CAT-05", "CAT-06")
@pytest.mark.requirement("W-MEA-03", "W-CAT-01", "W-CAT-02")
def test_tokens_and_consents_are_looked_at_before_anything_else(scene: PairingScene) -> None:
    """Even of a body that is nothing: forged, foreign, withdrawn, ended; each leaves its row."""
    visit, other = Visit(scene, READ, WRITE), Visit(scene, READ, WRITE, foreign=True)
    last, broken = f"code=29463-7{LAST}", b"{"

    def withdrawn(use: Use) -> None:
        now, actor = scene.clock.now(), holder(visit.ins)
        scene.people.do(ChangeServiceConsent(now, actor, visit.ins, SOLUTION, use, given=False))

    asked: list[tuple[int, str, Reply]] = [
        (400, "INVALID_ID_TOKEN", visit.feed(broken, id_token=FORGED)),
        (400, "INVALID_ID_TOKEN", visit.search(last, id_token="")),
        (403, "ID_PE_MISMATCH", visit.feed(broken, id_token=other.headers["id_token"])),
    ]
    withdrawn(READ)
    asked.append((403, "CONSENT_NOT_GIVEN", visit.search("code=29463-7&date=nonsense")))
    assert visit.feed(visit.example()).status == 200
    withdrawn(WRITE)
    asked.append((403, "CONSENT_NOT_GIVEN", visit.feed(broken)))
    for status, code, reply in asked:
        assert reply.status == status, (code, reply.text)
        assert diagnostics(reply)[0] == in_order()[code]
    assert visit.log == [*(code for _, code, _ in asked[:4]), "", asked[4][1]]
    now = scene.clock.now()
    scene.people.do(UnpairService(now, holder(visit.ins), visit.ins, SOLUTION))
    assert visit.search(last).status in {401, 403}
    assert visit.feed(visit.example()).status in {401, 403}
    assert visit.count == 1


UNDOCUMENTED: Final[list[tuple[str, Callable[[Body], object], str]]] = [
    ("a batch", lambda body: body.update(type="batch"), "Bundle.type"),
    ("no fullUrl", lambda body: body["entry"][0].pop("fullUrl"), "Bundle.entry[0].fullUrl"),
    (
        "another address",
        lambda body: body["entry"][0]["request"].update(url="Patient"),
        "Bundle.entry[0].request.url",
    ),
    (
        "another profile",
        lambda body: observation(body)["meta"].update(profile=["http://a.b/c"]),
        "Bundle.entry[0].resource.meta.profile[0]",
    ),
    (
        "the profile of another measure",
        lambda body: observation(body)["meta"].update(profile=[wire_kinds()["8302-2"].profile]),
        "Bundle.entry[0].resource.code",
    ),
    (
        "no instant",
        lambda body: observation(body).pop("effectiveDateTime"),
        "Bundle.entry[0].resource.effectiveDateTime",
    ),
    (
        "another unit",
        lambda body: observation(body)["valueQuantity"].update(code="stone"),
        "Bundle.entry[0].resource.valueQuantity.code",
    ),
    (
        "another condition",
        lambda body: entry(body, "Device")["request"].update(
            ifNoneExist="identifier=urn:oid:1.2.3|AA"
        ),
        "Bundle.entry[1].request.ifNoneExist",
    ),
    ("no status", lambda body: observation(body).pop("status"), "Bundle.entry[0].resource.status"),
]


@pytest.mark.requirement("W-MEA-01")
@pytest.mark.parametrize(
    ("change", "place"), [row[1:] for row in UNDOCUMENTED], ids=[row[0] for row in UNDOCUMENTED]
)
def test_what_no_list_of_errors_names_is_told_at_its_place(
    visit: Visit, change: Callable[[Body], object], place: str
) -> None:
    """Status 422; nothing is kept, and the log tells of a call that was refused."""
    body, before = visit.example(), visit.count
    change(body)
    reply = visit.feed(body)
    assert reply.status == 422
    places = {where for issue in reply.json["issue"] for where in issue.get("expression", [])}
    assert any(where.startswith(place) for where in places), places
    assert visit.log[-1] == "NOT_AN_OBSERVATION"
    assert visit.count == before


@pytest.mark.parametrize(
    ("sent", "status"),
    [(b"", 400), (b"{", 400), (b"[]", 400), (b'{"resourceType":"Bundle","entry":5}', 400),
     (b'{"resourceType":"Bundle","type":"transaction","entry":[{"resource":7}]}', 422),
     (b'{"resourceType":"Bundle","type":"transaction","entry":[5]}', 400)],
)  # fmt: skip
def test_a_body_that_is_no_bundle_keeps_nothing(visit: Visit, sent: bytes, status: int) -> None:
    """Empty, cut short, of another shape."""
    before = visit.count
    reply = visit.feed(sent)
    assert reply.status == status, reply.text
    assert visit.log[-1]
    assert visit.count == before


@pytest.mark.parametrize(
    ("query", "named"),
    [
        (f"code=29463-7{ALL}&_count=abc", None),
        (f"code=29463-7{ALL}&_count=0", None),
        (f"code=29463-7{ALL}&_offset=-1", "_offset"),
        (f"code=29463-7{ALL}&_offset={'9' * 40}", "_offset"),
        ("code=29463-7&date=yesterday", "date"),
        ("code=29463-7&date=ne2022-01-01", "date"),
        ("code=29463-7&date=ge2022-01-01T10:00:00Z&date=le2023-01-01", "date"),
        ("code=29463-7&date=gt9999-12-31&date=lt0001-01-01", "date"),
        (ALL[1:], "code"),
    ],
)
def test_a_search_that_cannot_be_read_is_refused(
    visit: Visit, query: str, named: str | None
) -> None:
    """Each with status 400, and where it is."""
    reply = visit.search(query)
    assert reply.status == 400, reply.text
    if named is not None:
        assert reply.json["issue"][0]["expression"] == [named]
    assert visit.log[-1] in {"PAGE_TOO_LARGE", "NO_SEARCH_MODE"}


@pytest.mark.requirement("W-MEA-02")
@pytest.mark.parametrize("named", ["{ins}", "urn:oid:1.2.250.1.213.1.4.10|{ins}", "", "1.2.3|x"])
def test_no_other_name_than_the_opaque_one_finds_anybody(visit: Visit, named: str) -> None:
    """The matricule least of all."""
    who = named.format(ins=visit.ins).replace("|", "%7C")
    path = f"{SEARCH}?subject.identifier={who}&code=29463-7{LAST}"
    reply = visit.ask("GET", path, b"")
    assert (reply.status, visit.log[-1]) == (403, "ID_PE_MISMATCH")
    assert visit.ins not in reply.text


def spots(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place of a body."""
    pairs: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = list(enumerate(value))
    return [*([path] if path else []), *(s for k, v in pairs for s in spots(v, (*path, k)))]


def official(name: str, id_pe: str) -> Body:
    """An example of the interface, about somebody, under the identifiers of our solution."""
    text = (OFFICIAL / f"{name}.json").read_text(encoding="utf-8")
    text = text.replace("{{idPe}}", id_pe).replace("1.2.840.10004.1.1.1.0.0.1.0.0.1", SOLUTION)
    found: Body = json.loads(text)
    return found


@pytest.mark.skipif(not OFFICIAL.exists(), reason="the official examples are not here")
def test_the_official_transaction_is_taken_and_answered_as_the_text_shows(
    scene: PairingScene,
) -> None:
    """Profiles and extensions of an older guide are shown under the addresses of today."""
    visit = Visit(scene, READ, WRITE)
    sent = official("02_Bundle_transaction", visit.id_pe)

    reply = visit.feed(sent)

    assert reply.status == 200, reply.text
    shown = official("04_Bundle_transaction-response", "")
    statuses = sorted(one["response"]["status"] for one in reply.json["entry"])
    assert statuses == sorted(one["response"]["status"] for one in shown["entry"])
    query = f"code=29463-7{ALL}&_offset=0&_count=2&_include=Observation.device"
    found = visit.search(query)
    kinds = [one["resource"]["resourceType"] for one in found.json["entry"]]
    assert kinds == [
        one["resource"]["resourceType"] for one in official("05_Bundle_searchset", "")["entry"]
    ]
    weight = found.json["entry"][0]["resource"]
    assert OLDER not in found.text
    assert weight["meta"]["profile"] == [wire_kinds()["29463-7"].profile]
    assert weight["extension"][0]["valueString"] == "Mon nouveau poids !"
    assert found.json["entry"][1]["resource"]["modelNumber"] == "HEM-9200T"


@pytest.mark.parametrize("name", ["measure_pressure", "measure_glucose", "measure_glucose_index"])
def test_each_example_of_ours_is_taken_and_read_back(scene: PairingScene, name: str) -> None:
    """Components, moments and numbers of days to the letter."""
    visit = Visit(scene, READ, WRITE)
    body = visit.example(name)
    assert visit.feed(body).status == 200
    sent = observation(body)
    code = sent["code"]["coding"][0]["code"]
    shown = visit.search(f"code={code}{LAST}").json["entry"][0]["resource"]
    decided = {"meta", "text", "subject"}
    assert {key: shown.get(key) for key in sent if key not in decided} == {
        key: value for key, value in sent.items() if key not in decided
    }


SPOTS: Final = spots(json.loads((EXAMPLES / "measure_feed.json").read_text(encoding="utf-8")))


@given(
    where=st.sampled_from(SPOTS),
    value=st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4) | st.just({"a": []}),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_stands_anywhere_a_service_is_answered_and_the_log_tells(
    visit: Visit, where: tuple[str | int, ...], value: object
) -> None:
    """Never a fault; a measure more exactly where the answer says so; no matricule."""
    body, before, rows = visit.example(), visit.count, len(visit.log)
    held: Any = body
    for step in where[:-1]:
        held = held[step]
    held[where[-1]] = value

    reply = visit.feed(body)

    assert reply.status in {200, 400, 403, 422}, reply.text
    assert visit.count == before + (reply.status == 200)
    assert len(visit.log) == rows + 1
    assert visit.ins not in reply.text


def paired(town: Town, ins: str) -> dict[str, str]:
    """The headers of a service that somebody of a town is paired with."""
    actor: dict[str, Json] = {"kind": "app", "id": SOLUTION, "on_behalf_of": ins}
    tokens = town.control("tokens", {"actor": actor})
    return {"Authorization": f"Bearer {tokens['access_token']}", "Id-Token": tokens["id_token"]}


def test_a_measure_and_its_device_outlive_the_server(tmp_path: Path) -> None:
    """What was sent is shown again after a start, under the same identifiers."""
    uses = frozenset({READ, WRITE})
    with served(directory=tmp_path, values="steady-2023") as town:
        town.control("clock", {"set": "2024-03-01T09:00:00Z"})
        town.control("services", {"title": "Carnet", "redirect_uris": [CALLBACK]})
        ins = town.person()
        identity = town.desk.host.service.person(ins).identity
        wish = Wish("app-sharing", "permit", SOLUTION, town.desk.host.clock.now(), uses=uses)
        consent = json.dumps(consent_resource(identity, wish)).encode()
        holders = town.token("holder", ins=ins)
        assert town.ask("POST", "/fhir/Consent", consent, token=holders).status == 201
        headers = paired(town, ins)
        body = json.loads((EXAMPLES / "measure_feed.json").read_text(encoding="utf-8"))
        value = opaque_identifier(town.desk.host.seed, ins, SOLUTION)
        observation(body)["subject"]["identifier"]["value"] = value
        fed = town.ask("POST", FEED, json.dumps(body).encode(), headers=headers)
        assert fed.status == 200, fed.body
        query = (
            f"{SEARCH}?subject.identifier={value}&code=29463-7{LAST}&_include=Observation:device"
        )
        before = town.ask("GET", query, headers=headers).json
    with served(directory=tmp_path, values="steady-2023") as town:
        after = town.ask("GET", query, headers=paired(town, ins)).json
    shown = [[one["resource"] for one in found["entry"]] for found in (before, after)]
    assert shown[0] == shown[1]
    assert [one["resourceType"] for one in shown[0]] == ["Observation", "Device"]
