"""The measures interface: each error as it is documented, and nothing else than an error."""

import copy
import csv
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from importlib.resources import files
from typing import Final, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etalon_model import Use, holder
from etalon_model.catalogue.measure_errors import MEASURE_ERRORS
from etalon_model.catalogue.pairing import ChangeServiceConsent, UnpairService
from etalon_model.catalogue.rehearsal import SOLUTION
from etalon_wire.json_body import Json, read_json
from etalon_wire.measures.kinds import wire_kinds
from identity_scene import Reply
from measures_scene import ALL, EXAMPLES, LAST, READ, SEARCH, WRITE, Body, Visit, observation
from pairing_scene import PairingScene
from spots import Spot, put, spots

FORGED: Final = "forged.id.token"


@pytest.fixture(scope="module")
def scene() -> Iterator[PairingScene]:
    """One server for the module: each test has people of its own."""
    with closing(PairingScene()) as opened:
        yield opened


@pytest.fixture(scope="module")
def visit(scene: PairingScene) -> Visit:
    """Somebody whom the tests of errors share: nothing of theirs is kept."""
    return Visit(scene, READ, WRITE)


def diagnostics(reply: Reply) -> list[str]:
    """What an answer says is wrong."""
    return [issue["diagnostics"] for issue in reply.json["issue"]]


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


SPOTS: Final = spots(read_json((EXAMPLES / "measure_feed.json").read_bytes()))


@given(
    where=st.sampled_from(SPOTS),
    value=st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_stands_anywhere_a_service_is_answered_and_the_log_tells(
    visit: Visit, where: Spot, value: Json
) -> None:
    """Never a fault; a measure more exactly where the answer says so; no matricule."""
    body, before, rows = visit.example(), visit.count, len(visit.log)
    put(cast("Json", body), where, value)

    reply = visit.feed(body)

    assert reply.status in {200, 400, 403, 422}, reply.text
    assert visit.count == before + (reply.status == 200)
    assert len(visit.log) == rows + 1
    assert visit.ins not in reply.text
