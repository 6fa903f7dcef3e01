"""Expectations hold for what they say and for nothing else, whatever the body looks like."""

from datetime import UTC, datetime

import pytest

from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    Expectation,
    Relation,
    Seen,
    absent,
    at_least,
    at_most,
    count,
    distinct,
    equals,
    excludes,
    includes,
    matches,
    one_of,
    present,
    seen,
    sorted_down,
    sorted_up,
    status,
)
from etalon_conformance.places import steps
from etalon_target.messages import Answer, FailureKind, HttpRequest, HttpResponse, TransportFailure

BODY = (
    '{"resourceType": "Bundle", "total": 3, "status": "x", "entry": ['
    '{"resource": {"id": "é1", "date": "2022-02-01T09:30:00+01:00", "flag": true}},'
    '{"resource": {"id": "b", "date": "2022-02-02T00:00:00Z", "tags": [["u", "v"], []]}},'
    '{"resource": {"id": "b", "identifier": [{"system": "urn:oid:1.2", "value": "7"}]}}],'
    '"link": [{"relation": "self", "url": "s"}, {"relation": "next", "url": "n"}]}'
)


def answered(
    body: str | bytes = BODY, status: int = 200, media: str = "application/fhir+json"
) -> Exchange:
    """An exchange with that answer."""
    content = body.encode() if isinstance(body, str) else body
    headers = (("content-type", f"{media};charset=utf-8"), ("location", "/L/1"), ("vary", "a"))
    return exchange(HttpResponse(status, headers, content, 0.1, "http://t"))


def exchange(answer: Answer) -> Exchange:
    """An exchange that ended so."""
    return Exchange(1, datetime.now(UTC), None, HttpRequest("GET", "http://t/fhir/x"), answer)


TREE_PATHS = {
    "resourceType": ("Bundle",),
    "total": ("3",),
    ".status": ("x",),
    "entry.resource.id": ("é1", "b", "b"),
    "entry[1].resource.id": ("b",),
    "entry[9].resource.id": (),
    "entry[resource.id=b][1].resource.identifier[system=urn:oid:1.2].value": ("7",),
    "entry.resource.tags": ("u", "v"),
    "entry.resource.flag": ("true",),
    "link[relation=next].url": ("n",),
    "link[relation=next]": ('{"relation":"next","url":"n"}',),
    "nothing.here": (),
    "total.further": (),
}


@pytest.mark.parametrize(("path", "values"), TREE_PATHS.items())
def test_a_path_into_the_body_gives_its_values_as_texts(path: str, values: tuple[str, ...]) -> None:
    """Arrays are crossed, items chosen by what they hold or by rank."""
    assert answered().value(path) == values


def test_a_path_of_the_message_gives_its_parts() -> None:
    """Status, headers, media type, size, text and the digest of the bytes."""
    one = answered("abc", 201, "Text/Plain")
    assert one.value("status") == ("201",)
    assert one.value("header:Location") == ("/L/1",)
    assert one.value("header:none") == ()
    assert one.value("type") == ("text/plain",)
    assert one.value("size") == ("3",)
    assert one.value("text") == ("abc",)
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert one.value("body") == (digest,)
    assert one.value("url") == ("http://t/fhir/x",)


def test_a_body_in_xml_is_read_into_the_same_shape() -> None:
    """One path serves both formats."""
    xml = (
        '<Bundle xmlns="http://hl7.org/fhir"><type value="searchset"/><entry><resource>'
        '<Patient><id value="p1"/></Patient></resource></entry></Bundle>'
    )
    one = answered(xml, media="application/fhir+xml")
    assert one.value("entry.resource.id") == ("p1",)
    assert one.value("entry.resource.resourceType") == ("Patient",)


@pytest.mark.parametrize("path", ["a..b", "a[b", "a[b]", "[b=c]", "a]"])
def test_what_is_no_path_is_refused(path: str) -> None:
    """A mistake of ours is not a value that is absent."""
    with pytest.raises(ValueError, match="no path"):
        steps(path)


HOLD = [
    status(200, 201),
    equals("entry.resource.id", "b", "é1", "b"),
    equals("entry.resource.date", "2022-02-02T01:00:00+01:00", "2022-02-01T08:30:00.000Z"),
    one_of("entry.resource.id", "b", "é1", "c"),
    includes("entry.resource.id", "b"),
    excludes("entry.resource.id", "c"),
    present("total"),
    absent("none"),
    matches("entry.resource.id", "..?"),
    count("entry", 3),
    at_most("entry", 3),
    at_least("entry", 3),
    sorted_up("entry.resource.date"),
    sorted_down("status"),
    distinct("link.url"),
]
BREAK = [
    status(201),
    equals("entry.resource.id", "b", "é1"),
    equals("entry.resource.date", "2022-02-02", "2022-02-01"),
    one_of("entry.resource.id", "b"),
    one_of("none", "b"),
    includes("entry.resource.id", "b", "c"),
    excludes("entry.resource.id", "b"),
    present("none"),
    absent("total"),
    matches("entry.resource.id", "b"),
    matches("none", ".*"),
    count("entry", 2),
    at_most("entry", 2),
    at_least("entry", 4),
    sorted_down("entry.resource.date"),
    distinct("entry.resource.id"),
]


@pytest.mark.parametrize("expectation", HOLD, ids=str)
def test_an_expectation_holds_for_what_it_says(expectation: Expectation) -> None:
    """Each relation, once met."""
    assert seen(expectation, [answered()]).holds


@pytest.mark.parametrize("expectation", BREAK, ids=str)
def test_an_expectation_does_not_hold_for_anything_else(expectation: Expectation) -> None:
    """Each relation, once not met."""
    assert not seen(expectation, [answered()]).holds


def test_every_relation_is_met_and_missed_above() -> None:
    """A relation that is added is tested both ways."""
    assert {one.relation for one in HOLD} == set(Relation)
    assert {one.relation for one in BREAK} == set(Relation) - {Relation.SORTED_UP}
    assert not seen(sorted_up("entry.resource.id"), [answered()]).holds


EASY = [absent("entry"), excludes("entry.resource.id", "b"), count("entry", 0), at_most("e", 9)]
BAD_ANSWERS = {
    "a page of a site": answered("<html>b</html>", media="text/html"),
    "invalid JSON": answered('{"entry": ['),
    "an empty body": answered(""),
    "no UTF-8": answered(b"\xff\xfe"),
    "a fault of the server": answered('{"entry": []}', 500),
    "no answer": exchange(TransportFailure(FailureKind.TIMEOUT, "late", 1.0, maybe_applied=True)),
}


@pytest.mark.parametrize("bad", BAD_ANSWERS.values(), ids=list(BAD_ANSWERS))
@pytest.mark.parametrize("expectation", EASY, ids=str)
def test_nothing_is_absent_from_what_cannot_be_read(
    bad: Exchange, expectation: Expectation
) -> None:
    """An expectation that nothing is there never holds because there is no answer to look into."""
    assert not seen(expectation, [bad]).holds
    assert not seen(expectation, [answered('{"e": 1}'), bad]).holds
    assert seen(expectation, [answered('{"e": 1}')]).holds


def test_nothing_holds_without_an_exchange() -> None:
    """A check that asked nothing has seen nothing."""
    assert seen(absent("x"), []) == Seen(holds=False, expected="x: no value", got="no exchange")


def test_a_fault_of_the_server_holds_only_where_it_is_named() -> None:
    """A 5xx is no refusal."""
    fault = answered("{}", 503)
    assert not seen(excludes("status", "200"), [fault]).holds
    assert not seen(
        matches(
            "status",
            "[45]..",
        ),
        [fault],
    ).holds
    assert seen(status(503), [fault]).holds


@pytest.mark.parametrize("body", ["", "no such thing", "<html>nothing</html>"])
def test_a_refusal_holds_nothing_whatever_its_body(body: str) -> None:
    """403 and 404 may come with a page, or with nothing."""
    refusal = answered(body, 404, "text/html")
    assert seen(excludes("entry.resource.id", "secret"), [refusal]).holds
    assert not seen(present("issue"), [refusal]).holds


def test_a_refusal_whose_page_holds_what_is_hidden_betrays_it() -> None:
    """What must not be there is looked for in the text as well."""
    page = answered("<p>document secret is masked</p>", 403, "text/html")
    assert not seen(excludes("entry.resource.id", "secret"), [page]).holds


def test_the_values_of_several_answers_are_joined() -> None:
    """Pages are one answer."""
    pages = [answered('{"e": "1"}'), answered('{"e": ["2", "1"]}')]
    assert seen(equals("e", "1", "1", "2"), pages).holds
    assert not seen(distinct("e"), pages).holds


def test_what_was_got_is_told_shortly() -> None:
    """Many values, long ones, none."""
    many = answered('{"e": [' + ",".join(f'"{n:03}"' for n in range(500)) + "]}")
    assert seen(count("e", 1), [many]).got.endswith("011, … (500)")
    assert len(seen(count("e", 2), [answered('{"e": "' + "x" * 9000 + '"}')]).got) < 300
    assert seen(present("e"), [answered("{}")]).got == "nothing"
