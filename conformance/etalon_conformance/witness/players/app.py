"""A good referenced service: joins a space, sends measures and reads them, leaves when told.

Sources: measures API v1.5.2; CSP art. L. 1111-13-1 III, R. 1111-32.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode, urljoin

from etalon_conformance.app_scene import LOINC, WEIGHT, Paired, device, entry, measure, weight
from etalon_conformance.witness.players.connection import FORM, resource_of
from etalon_conformance.witness.players.desk import Declined, Desk, first
from etalon_conformance.witness.players.joined import READ, WRITE, AppConnection
from etalon_conformance.witness.traffic import resources_in
from etalon_target.messages import Answer
from etalon_wire.json_body import Json, Resource
from etalon_wire.measures.kinds import MOMENT
from etalon_wire.xml_body import write_xml

_EVERYTHING: Final = frozenset({READ, WRITE})
_BACK: Final = timedelta(days=30)
_MOST_PAGES: Final = 20
_XML: Final = "application/fhir+xml"


def _connection(desk: Desk) -> AppConnection:
    if not isinstance(desk.connection, AppConnection):
        message = "the software is no referenced service"
        raise Declined(message)
    return desk.connection


def _paired(desk: Desk) -> Paired:
    connection = _connection(desk)
    solution = connection.means.solution
    return Paired(desk.person("lea"), solution, "", "", connection.patient)


def _base(desk: Desk) -> str:
    return f"{desk.connection.means.root}/measures/fhir"


def join(desk: Desk) -> None:
    """Have the holder log in and consent to everything."""
    _connection(desk).join(desk.person("lea").ins, _EVERYTHING)


def narrow(desk: Desk) -> None:
    """Have the holder take away the consent to read, then use what is left."""
    _connection(desk).join(desk.person("lea").ins, {WRITE})
    feed(desk)
    if _connection(desk).may("patient/Observation.s") or not desk.keeps("keeps_to_consents"):
        look(desk)


def join_again(desk: Desk) -> None:
    """Have the holder join once more, then go on."""
    if desk.keeps("asks_the_holder_again"):
        join(desk)
    feed(desk)


def _sent(desk: Desk, *resources: Resource) -> Answer:
    """Send a measure, with its device or without."""
    named = list(resources)
    if not desk.keeps("uses_opaque_names"):
        person = desk.person("lea")
        matricule: Json = {"identifier": {"system": person.system, "value": person.ins}}
        named = [one | {"subject": matricule} if "subject" in one else one for one in named]
    entries: list[Json] = [entry(desk, one) for one in named]
    body: Resource = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    if desk.connection.habits.takes("writes_xml"):
        return desk.connection.ask("POST", _base(desk), body=write_xml(body), content_type=_XML)
    return desk.connection.ask("POST", _base(desk), body=body)


def feed(desk: Desk) -> None:
    """Send a weight."""
    who, at = _paired(desk), desk.now() - timedelta(minutes=desk.random.randint(2, 40_000))
    if desk.keeps("sends_one_measure"):
        _sent(desk, weight(who, at))
    else:
        _sent(desk, weight(who, at), weight(who, at - timedelta(hours=1)))


def feed_with_device(desk: Desk) -> None:
    """Send a weight and the scale that took it."""
    who, full = _paired(desk), str(desk.unique_uuid())
    one = weight(who, desk.now() - timedelta(minutes=1))
    one["device"] = {"reference": f"urn:uuid:{full}"}
    _sent(desk, one, {**device(who, "AA-BB-CC-FF-FE-00-11-22"), "id": full})


def feed_glucose(desk: Desk) -> None:
    """Send a capillary glucose, fasting."""
    fasting: Json = {"coding": [{"system": LOINC, "code": "53049-3"}]}
    marks: list[Json] = [{"url": MOMENT, "valueCodeableConcept": fasting}]
    one = measure(
        _paired(desk),
        desk.now() - timedelta(minutes=3),
        "2345-7",
        "mes-observation-glucose",
        ("mg/dL", 96),
        display="Signes vitaux",
        extensions=marks if desk.keeps("says_the_moment") else (),
    )
    _sent(desk, one)


def look(desk: Desk) -> None:
    """Read the weights of the last month, to the last page."""
    who = _paired(desk)
    start, end = (desk.now() - _BACK).date(), desk.now().date() + timedelta(days=1)
    asked = [
        ("subject.identifier", f"urn:oid:{who.solution}|{who.patient}"),
        ("code", WEIGHT),
        ("date", f"ge{start.isoformat()}"),
        ("date", f"le{end.isoformat()}"),
    ]
    page = _asked(desk, asked)
    for rank in range(1, _MOST_PAGES):
        link = first(page, "link[relation=next].url")
        odd = any(
            first(one, "code.coding.system").startswith("https://exemple.")
            for one in resources_in(page, "Observation")
        )
        if not link or not desk.keeps("reads_all_pages"):
            return
        if odd and not desk.keeps("bears_surprises"):
            return
        if not desk.keeps("follows_links"):
            link = f"{_base(desk)}/Observation?{urlencode([*asked, ('_offset', str(rank * 7))])}"
        page = resource_of(desk.connection.ask("GET", urljoin(f"{_base(desk)}/", link)))


def _asked(desk: Desk, asked: list[tuple[str, str]]) -> Resource:
    address = f"{_base(desk)}/Observation"
    if desk.connection.habits.takes("searches_by_form"):
        body = urlencode(asked).encode()
        return resource_of(
            desk.connection.ask("POST", f"{address}/_search", body=body, content_type=FORM)
        )
    return resource_of(desk.connection.ask("GET", f"{address}?{urlencode(asked)}"))


STEPS: Final[Mapping[str, Callable[[Desk], None]]] = {
    "join": join,
    "feed": feed,
    "feed-device": feed_with_device,
    "feed-glucose": feed_glucose,
    "feed-error": feed,
    "feed-refused": feed,
    "look": look,
    "look-pages": look,
    "expired-token": look,
    "too-many": look,
    "cut-answer": look,
    "narrow": narrow,
    "forbidden": feed,
    "ended": feed,
    "join-again": join_again,
}
"""What it does at each step of its profile."""
