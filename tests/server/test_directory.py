"""The directory on the wire: who is found, which mailboxes are shown, who changes them."""

import asyncio
import json
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
from fhir.resources.R4B import get_fhir_model_class

from etalon_model import Actor, ActorKind, Refusal, vintage
from etalon_model.messaging.correspondents import MailboxType
from etalon_model.messaging.directory import PublishMailbox, RemoveMailbox
from etalon_model.professionals import professional_numbered
from etalon_server.clock import ManualClock
from etalon_server.directory.standing import Directory
from etalon_server.rehearsal import Halted
from etalon_server.service_host import Host
from etalon_wire.directory.mailboxes import METADATA
from etalon_wire.json_body import Json
from in_process import Reply
from served_town import NOW, SEED, Town, served

RED_LIST: Final = f"extension('{METADATA}').extension('listeRouge').value"
STRUCTURE: Final = "1750000001"


@dataclass(frozen=True, slots=True)
class Place:
    """A sandbox, three doctors and a pharmacist it named."""

    town: Town
    doctors: list[dict[str, Any]]
    pharmacist: dict[str, Any]
    token: str

    def get(self, path: str, token: str = "") -> Reply:
        """Read as the first doctor, or as somebody."""
        return self.town.ask("GET", f"/fhir/{path}", token=token or self.token)

    def found(self, path: str) -> list[str]:
        """The identifiers of what a search finds."""
        reply = self.get(path)
        assert reply.status == 200, reply.text
        assert reply.json["total"] == len(reply.json.get("entry", []))
        return [entry["resource"]["id"] for entry in reply.json.get("entry", [])]

    def patch(self, path: str, token: str, *operations: tuple[str, str, Json]) -> Reply:
        """Patch an entry: verb, path and value of each operation."""
        listed: list[Json] = []
        for verb, where, value in operations:
            part: list[Json] = [
                {"name": "type", "valueCode": verb},
                {"name": "path", "valueString": where},
            ]
            if verb == "add":
                part.append({"name": "name", "valueString": "telecom"})
            if value is not None:
                part.append({"name": "value", **valued(value)})
            listed.append({"name": "operation", "part": part})
        body = json.dumps({"resourceType": "Parameters", "parameter": listed}).encode()
        return self.town.ask("PATCH", f"/fhir/{path}", body, token=token)


def valued(value: Json) -> dict[str, Json]:
    """A value of a part under its type."""
    return {"valueBoolean" if isinstance(value, bool) else "valueContactPoint": value}


def mailbox(address: str, kind: str = "PER") -> Json:
    """A mailbox as it is written."""
    system = "https://mos.esante.gouv.fr/NOS/TRE_R257-TypeBAL/FHIR/TRE-R257-TypeBAL"
    typed: Json = {"coding": [{"system": system, "code": kind}]}
    inner: list[Json] = [{"url": "type", "valueCodeableConcept": typed}]
    return {
        "extension": [{"url": METADATA, "extension": inner}],
        "system": "email",
        "value": address,
    }


@pytest.fixture(scope="module")
def place() -> Generator[Place]:
    """One server for the module."""
    with served() as town:
        doctors = town.control("professionals", {"count": 3})
        pharmacist = town.control("professionals", {"profession": "21"})[0]
        token = town.token("professional", rpps=doctors[0]["rpps"])
        yield Place(town, doctors, pharmacist, token)


@pytest.mark.requirement("W-DIR-01")
@pytest.mark.parametrize("path", ["Practitioner", "Practitioner/1", "Organization?name=x"])
@pytest.mark.parametrize("headers", [{}, {"ESANTE-API-KEY": "no key of ours"}])
def test_nobody_reads_the_directory_without_a_valid_key(
    place: Place, path: str, headers: dict[str, str]
) -> None:
    """The key is a token of this server (W-DIR-01)."""
    assert place.town.ask("GET", f"/fhir/{path}", headers=headers).status == 401


@pytest.mark.requirement("W-DIR-01")
def test_a_token_of_ours_is_a_key_of_the_directory_and_of_nothing_else(place: Place) -> None:
    """In the header that the directory knows."""
    key = {"ESANTE-API-KEY": place.token}

    assert place.town.ask("GET", "/fhir/Practitioner", headers=key).status == 200
    assert place.town.ask("GET", "/fhir/DocumentReference", headers=key).status == 401


@pytest.mark.requirement("W-DIR-03")
def test_an_entry_bears_the_identifiers_of_its_registers(place: Place) -> None:
    """RPPS and IDNPS of a professional, FINESS and IDNST of a structure."""
    doctor = place.doctors[1]
    read = place.get(f"Practitioner/{doctor['rpps']}").json
    role = place.get(f"PractitionerRole/{doctor['rpps']}-10").json
    structure = place.get(role["organization"]["reference"]).json

    assert {(one["system"], one["value"]) for one in read["identifier"]} == {
        ("urn:oid:1.2.250.1.71.4.2.1", f"8{doctor['rpps']}"),
        ("https://rpps.esante.gouv.fr", doctor["rpps"]),
    }
    assert read["meta"]["source"] == "https://annuaire.esante.gouv.fr"
    assert ("https://finess.esante.gouv.fr", doctor["structure"]) in {
        (one["system"], one["value"]) for one in structure["identifier"]
    }
    assert role["practitioner"] == {"reference": f"Practitioner/{doctor['rpps']}"}
    for one in (read, role, structure):
        get_fhir_model_class(one["resourceType"]).model_validate(one)


@pytest.mark.requirement("W-DIR-02", "W-MSS-12")
@pytest.mark.parametrize(
    "search",
    [
        "identifier=https://rpps.esante.gouv.fr|{rpps}",
        "identifier=urn:oid:1.2.250.1.71.4.2.1|8{rpps}",
        "identifier={rpps}",
        "_id={rpps}",
        "name={family}&identifier={rpps}",
        "family:exact={family}&given={given}&_id={rpps}",
        "mailbox-mss={rpps}",
        "mailbox-mss:exact={mailbox}",
        "mailbox-mss:contains={rpps}%40MEDECIN",
    ],
)
def test_a_professional_is_found_by_identifier_name_and_mailbox(place: Place, search: str) -> None:
    """Each alone finds one of several."""
    doctor = place.doctors[1]
    written = search.format(**{name: quote(str(value)) for name, value in doctor.items()})

    assert place.found(f"Practitioner?{written}") == [doctor["rpps"]]


def test_a_role_is_found_by_who_practises_and_where(place: Place) -> None:
    """By reference, by identifier, by name, by mailbox."""
    doctor = place.doctors[2]
    rpps, structure = doctor["rpps"], doctor["structure"]

    for search in (
        f"practitioner=Practitioner/{rpps}",
        f"practitioner.identifier={rpps}",
        f"organization=Organization/1{structure}",
        f"organization.identifier=https://finess.esante.gouv.fr|{structure}",
        f"identifier={rpps}-10",
        f"mailbox-mss:exact={doctor['mailbox']}",
        f"practitioner.family={quote(doctor['family'])}&practitioner={rpps}",
    ):
        assert place.found(f"PractitionerRole?{search}") == [f"{rpps}-10"], search


def test_a_structure_is_found_where_somebody_practises(place: Place) -> None:
    """By its number and by its name."""
    structure = place.doctors[0]["structure"]

    for search in (f"identifier={structure}", f"name:contains={structure.lower()}"):
        assert place.found(f"Organization?{search}") == [f"1{structure}"], search


@pytest.mark.parametrize(
    "search", ["identifier=99700000000", "name=zzz", "mailbox-mss:exact=a", "active=false"]
)
def test_who_is_not_there_is_not_found(place: Place, search: str) -> None:
    """The answer is an empty page."""
    assert place.found(f"Practitioner?{search}") == []


@pytest.mark.parametrize(
    "search",
    ["mailbox-mss:missing=true", "active=perhaps", "identifier=|", "_revinclude=Device:owner"],
)
def test_a_search_that_cannot_be_read_is_refused(place: Place, search: str) -> None:
    """With what is wrong."""
    reply = place.get(f"Practitioner?{search}")

    assert (reply.status, reply.json["resourceType"]) == (400, "OperationOutcome")


@pytest.mark.requirement("W-DIR-02")
def test_the_pages_of_a_search_are_followed_by_their_links(place: Place) -> None:
    """Each entry stands on one page, and the last page has no next one."""
    met, address, total = list[str](), "/fhir/Practitioner?_count=3", 0
    while address:
        page = place.town.ask("GET", address, token=place.token).json
        met += [entry["resource"]["id"] for entry in page["entry"]]
        total = page["total"]
        links = {link["relation"]: link["url"] for link in page["link"]}
        address = links.get("next", "").removeprefix(place.town.address)

    assert total == len(met) == len(set(met)) == 4


@pytest.mark.parametrize(
    ("search", "included"),
    [
        ("PractitionerRole?_include=PractitionerRole:practitioner", ["Practitioner"]),
        (
            "PractitionerRole?_include=PractitionerRole:practitioner,PractitionerRole:organization",
            ["Practitioner", "Organization"],
        ),
        ("Practitioner?_revinclude=PractitionerRole:practitioner", ["PractitionerRole"]),
        ("Organization?_revinclude=PractitionerRole:organization", ["PractitionerRole"]),
    ],
)
def test_what_goes_with_what_is_found_stands_on_its_page(
    place: Place, search: str, included: list[str]
) -> None:
    """Marked as included, and not counted."""
    kind, doctor = search.partition("?")[0], place.doctors[2]
    one = {
        "Practitioner": doctor["rpps"],
        "PractitionerRole": f"{doctor['rpps']}-10",
        "Organization": f"1{doctor['structure']}",
    }
    page = place.get(f"{search}&_id={one[kind]}").json

    found = [(entry["search"]["mode"], entry["resource"]) for entry in page["entry"]]
    assert page["total"] == 1
    assert [(mode, each["resourceType"], each["id"]) for mode, each in found] == [
        ("match", kind, one[kind]),
        *(("include", name, one[name]) for name in included),
    ]


def test_asking_for_elements_answers_those_and_says_so(place: Place) -> None:
    """As the draft of mailboxes asks."""
    page = place.get(f"Practitioner?_id={place.doctors[0]['rpps']}&_elements=identifier,telecom")
    only = page.json["entry"][0]["resource"]

    assert set(only) == {"resourceType", "id", "meta", "identifier", "telecom"}
    assert only["meta"]["tag"][0]["code"] == "SUBSETTED"


@pytest.mark.requirement("MSG-12")
def test_a_mailbox_on_the_red_list_is_shown_to_its_bearer_alone(place: Place) -> None:
    """Whoever else searches for it finds nobody."""
    doctor = place.doctors[2]
    own = place.town.token("professional", rpps=doctor["rpps"])
    where = f"Practitioner.telecom.where(value='{doctor['mailbox']}').{RED_LIST}"
    address = f"Practitioner?identifier={doctor['rpps']}"
    search = f"Practitioner?mailbox-mss:exact={doctor['mailbox']}"

    listed = place.patch(address, own, ("replace", where, True))
    hidden = place.found(search)
    unlisted = place.patch(address, own, ("replace", where, False))

    assert (listed.status, unlisted.status) == (200, 200)
    assert f"{listed.json['telecom'][0]['extension'][1]['extension'][1]}".endswith("True}")
    assert hidden == []
    assert place.found(search) == [doctor["rpps"]]


@pytest.mark.requirement("W-MSS-11")
def test_a_conditional_patch_is_of_one_entry(place: Place) -> None:
    """None is 404, several 412, no condition 400, one that cannot be read 400."""
    added = ("add", "Practitioner", mailbox(f"x{place.doctors[0]['mailbox']}"))

    for condition, status in {
        "identifier=99700000000": 404,
        "active=true": 412,
        "": 400,
        "identifer=1": 400,
    }.items():
        address = f"Practitioner?{condition}"
        assert place.patch(address, place.token, added).status == status, condition


@pytest.mark.requirement("W-MSS-11")
def test_several_operations_hold_or_none(place: Place) -> None:
    """A mailbox taken out does not come back, and then nothing of the patch stands."""
    doctor, pharmacist = place.doctors[1], place.pharmacist
    own = place.town.token("professional", rpps=doctor["rpps"])
    address = f"Practitioner/{doctor['rpps']}"
    second = f"second.{doctor['mailbox']}"

    both = place.patch(
        address,
        own,
        ("add", "Practitioner", mailbox(second, "CAB")),
        ("add", "Practitioner", mailbox(pharmacist["mailbox"])),
    )
    outside = place.patch(address, own, ("add", "Practitioner", mailbox("a@etalon.example")))
    before = place.get(address).json["telecom"]
    added = place.patch(address, own, ("add", "Practitioner", mailbox(second, "CAB")))
    role = place.get(f"PractitionerRole/{doctor['rpps']}-10").json
    gone = place.patch(
        address, own, ("delete", f"Practitioner.telecom.where(value='{second}')", None)
    )

    assert [both.status, outside.status] == [422, 422]
    assert [one["value"] for one in before] == [doctor["mailbox"]]
    assert [one["value"] for one in added.json["telecom"]] == [doctor["mailbox"], second]
    assert [one["value"] for one in role["telecom"]] == [doctor["mailbox"]]
    assert [one["value"] for one in gone.json["telecom"]] == [doctor["mailbox"]]


def test_nobody_changes_the_mailboxes_of_another(place: Place) -> None:
    """Not even one that they themselves bear."""
    address = f"Practitioner/{place.doctors[1]['rpps']}"

    reply = place.patch(address, place.token, ("add", "Practitioner", mailbox("a@b.mssante.fr")))

    assert reply.status == 403


def test_a_structure_publishes_its_mailbox_and_is_listed_from_then_on(place: Place) -> None:
    """Its entry is its own until then."""
    own = place.town.token("structure", id=STRUCTURE)
    before = place.get(f"Organization/{STRUCTURE}").status

    reply = place.patch(
        f"Organization/{STRUCTURE}",
        own,
        ("add", "Organization", mailbox("accueil@hopital.mssante.fr", "ORG")),
    )

    assert before == 404
    assert reply.status == 200
    assert place.found("Organization?mailbox-mss=accueil") == [STRUCTURE]
    assert place.get(f"Organization/{STRUCTURE}").status == 200


def test_mailboxes_outlive_the_server(tmp_path: Path) -> None:
    """They are commands like any other."""
    who = professional_numbered(SEED, "10", 0)
    parameters, clock = vintage("launch-2022"), ManualClock(NOW)
    addresses = ("a@b.mssante.fr", "c@b.mssante.fr")

    async def published() -> None:
        host = Host(parameters, seed=SEED, directory=tmp_path / "data", clock=clock)
        await host.write_all([(publishing(who.actor(), one), ()) for one in addresses])
        await host.write_all([(RemoveMailbox(NOW, who.actor(), "", addresses[0]), ())])
        await host.close()

    async def standing() -> list[str]:
        host = Host(parameters, seed=SEED, directory=tmp_path / "data", clock=clock)
        reader = Actor(ActorKind.INSURER, "insurer")
        found = list(Directory().entries(host, "Practitioner", reader))
        await host.close()
        return [one.address for entry in found for one in entry.mailboxes]

    asyncio.run(published())

    assert asyncio.run(standing()) == [addresses[1]]


def publishing(actor: Actor, address: str) -> PublishMailbox:
    """The command that publishes a mailbox."""
    return PublishMailbox(NOW, actor, "", address, MailboxType.PER)


def test_commands_of_the_directory_are_carried_out_together_or_not_at_all() -> None:
    """The second address is somebody else's: the first is not published either."""
    actors = [professional_numbered(SEED, "10", rank).actor() for rank in (0, 1)]
    host = Host(vintage("launch-2022"), seed=SEED, clock=ManualClock(NOW))

    async def run() -> object:
        await host.write(publishing(actors[0], "a@b.mssante.fr"))
        acts = [(publishing(actors[1], one), ()) for one in ("c@b.mssante.fr", "a@b.mssante.fr")]
        return await host.write_all(acts)

    refusal = Refusal("MSG-12", "MAILBOX_FIXED", "", ("a@b.mssante.fr",))

    assert asyncio.run(run()) == Halted(1, refusal)
    assert list(host.service.snapshot().register.correspondents) == ["a@b.mssante.fr"]
