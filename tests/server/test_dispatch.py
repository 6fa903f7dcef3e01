"""A request finds its row, its form, its limits: before any handler is asked."""

import asyncio
import re
from collections.abc import Mapping
from typing import Final

import pytest
from starlette.types import Message

from etalon_server.dispatch import Dispatcher, NoSuchRoute
from etalon_server.exchange import Refused, Request, form_accepted, media_ranges
from etalon_server.limits import (
    PARAMETERS_MOST,
    ClientGone,
    ParametersRefused,
    body_of,
    parameters_of,
)
from etalon_server.routes import HANDLERS
from etalon_wire.interactions import interactions
from etalon_wire.malformed import Malformed

DISPATCHER: Final = Dispatcher(interactions().values())


def test_every_interaction_has_its_handler_and_every_handler_its_interaction() -> None:
    """The table and the routes name the same."""
    assert set(HANDLERS) == set(interactions())


def test_every_row_is_found_by_its_own_path_and_by_no_other_verb() -> None:
    """With and without a slash at the end; what the path does not take is told what it takes."""
    verbs: dict[str, set[str]] = {}
    for row in interactions().values():
        verbs.setdefault(row.path, set()).add(row.verb)
    for row in interactions().values():
        path = re.sub(r"\{\w+\}", "a-1.B", row.path)
        for written in (path, f"{path}/"):
            match = DISPATCHER.match(row.verb, written)
            assert match.interaction == row
            assert match.places == dict.fromkeys(re.findall(r"\{(\w+)\}", row.path), "a-1.B")
        with pytest.raises(NoSuchRoute) as none:
            DISPATCHER.match("TRACE", path)
        assert none.value.fault.code == "METHOD_NOT_ALLOWED"
        assert set(none.value.allowed) == verbs[row.path]


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/fhir/Medication",
        "/fhir/DocumentReference/a/b",
        "/fhir/DocumentReference/$unknown",
        "/fhir/DocumentReference/a%00b",
        "/fhir//DocumentReference",
        f"/fhir/DocumentReference/{'a' * 65}",
        "/FHIR/DocumentReference",
        "/fhir/DocumentReference/{id}",
        "/fhir/DocumentReference/_history",
        "/fhir/DocumentReference/a/_history/1/2",
        "/fhir/DocumentReference/a b/_history",
        "/fhir/DocumentReference/a/_history/{version}",
        "/fhir/List/a/_history",
    ],
)
def test_an_address_of_nothing_is_none(path: str) -> None:
    """Whatever stands in the place of an identifier and is none leads nowhere."""
    with pytest.raises(NoSuchRoute) as none:
        DISPATCHER.match("GET", path)
    assert none.value.fault.code == "NO_SUCH_ADDRESS"


def request_of(headers: Mapping[str, str], form: str = "") -> Request:
    """A request that accepts something."""
    row = interactions()["read_document"]
    query = [("_format", form)] if form else []
    return Request(row, "GET", row.path, {}, query, headers, b"", None, "", "1", "")


@pytest.mark.requirement("W-COM-01")
@pytest.mark.parametrize(
    ("accept", "form", "answered"),
    [
        ("", "", "json"),
        ("*/*", "", "json"),
        ("application/fhir+xml", "", "xml"),
        ("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", "", "xml"),
        ("application/fhir+xml;q=0.4, application/json;q=0.5", "", "json"),
        ("application/fhir+json; fhirVersion=4.0, application/fhir+xml", "", "json"),
        ("application/fhir+json;q=0, */*", "", "xml"),
        ("application/fhir+json;q=0, application/fhir+xml", "", "xml"),
        ("application/fhir+xml;q=x", "", None),
        ("image/png", "", None),
        ("application/json+fhir", "", None),
        ("image/png", "xml", "xml"),
        ("application/fhir+xml", "json", "json"),
        ("", "application/fhir xml", "xml"),
        ("application/fhir+json", "turtle", None),
    ],
)
def test_an_answer_has_the_form_that_is_asked_for(
    accept: str, form: str, answered: str | None
) -> None:
    """`_format` goes before `Accept`; weights count; what is neither JSON nor XML is refused."""
    request = request_of({"accept": accept} if accept else {}, form)
    if answered is None:
        with pytest.raises(Refused):
            form_accepted(request, "pdsm-strict")
    else:
        assert form_accepted(request, "pdsm-strict") == answered


def test_a_name_spelt_wrong_in_the_field_is_taken_in_lenient_mode_only() -> None:
    """As examples of the agenda write it."""
    request = request_of({"accept": "application/json+fhir"})

    assert form_accepted(request, "lenient") == "json"
    with pytest.raises(Refused):
        form_accepted(request, "pdsm4dmp")


def test_media_ranges_come_by_weight_without_those_refused() -> None:
    """Equal ones in their order."""
    asked = "a/b;q=0.1, c/d, e/f;q=0, g/h"

    assert media_ranges(asked) == ("c/d", "g/h", "a/b")


@pytest.mark.parametrize("text", [b"a=%ff", b"a=\xff", b"&".join([b"a=1"] * (PARAMETERS_MOST + 1))])
def test_parameters_that_cannot_be_read_are_refused(text: bytes) -> None:
    """Not UTF-8, not ASCII, too many."""
    with pytest.raises(ParametersRefused):
        parameters_of(text)


def test_parameters_keep_their_order_and_empty_values() -> None:
    """A plus is a blank."""
    assert list(parameters_of(b"b=1&a=&b=x+y%2B")) == [("b", "1"), ("a", ""), ("b", "x y+")]
    assert list(parameters_of(b"")) == []


def read(parts: list[bytes], headers: Mapping[str, str], most: int) -> bytes:
    """Read a body that comes in parts; the client leaves after the last if the list ends early."""
    left = list(parts)

    async def receive() -> Message:
        if not left:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": left.pop(0), "more_body": True}

    return asyncio.run(body_of(receive, headers, most))


def test_a_body_is_read_no_further_than_it_may_be() -> None:
    """Announced or found too long it is refused; a client that leaves gets no answer."""
    with pytest.raises(Malformed):
        read([], {"content-length": "11"}, 10)
    with pytest.raises(Malformed):
        read([b"12345", b"678901"], {}, 10)
    with pytest.raises(ClientGone):
        read([b"12345"], {"content-length": "9"}, 10)
