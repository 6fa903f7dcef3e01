"""XML bodies: equal to JSON both ways, in the order of FHIR R4, and refused when hostile."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import example, given, settings
from hypothesis import strategies as st

from etalon_wire.elements import Element, elements_of, resource_types
from etalon_wire.json_body import Json, Resource, read_json, write_json
from etalon_wire.malformed import Limits, Malformed
from etalon_wire.xml_body import read_xml, write_xml

OPENS = '<Patient xmlns="http://hl7.org/fhir">'
BOMB = (
    f'<!DOCTYPE P [<!ENTITY a "{"ha" * 99}"><!ENTITY b "{"&a;" * 99}">]>'
    f'{OPENS}<id value="{"&b;" * 99}"/></Patient>'
)
CODES = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,7}", fullmatch=True)
TEXTS = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], include_characters="\t\n"), min_size=1
).filter(lambda text: not {"\ufffe", "\uffff"} & set(text))
DECIMALS = st.decimals(-1000, 1000, allow_nan=False, allow_infinity=False, places=2)
DIV = '<div xmlns="http://www.w3.org/1999/xhtml"><p>à <b>voir</b></p></div>'


EXTENDED: Resource = {
    "resourceType": "Patient",
    "extension": [{"id": "a", "extension": [{"url": "urn:b", "valueCode": "c"}], "url": "urn:d"}],
}
UNWRITABLE: list[tuple[Resource, str, str]] = [
    ({"colour": "red"}, "Patient", "no element 'colour'"),
    ({"_name": [{"id": "a"}]}, "Patient", "no element '_name'"),
    ({"active": None}, "Patient", "null stands in arrays only"),
    ({"_active": None}, "Patient", "null stands in arrays only"),
    ({"name": []}, "Patient.name", "an empty array"),
    ({"active": "true"}, "Patient.active", "no boolean"),
    ({"active": 1}, "Patient.active", "no boolean"),
    ({"id": ""}, "Patient.id", "no id"),
    ({"id": "a\u0001"}, "Patient.id", "XML does not"),
    ({"name": {"family": "a"}}, "Patient.name", "write an array"),
    ({"name": [{}]}, "Patient.name[0]", "at least one member"),
    ({"name": ["a"]}, "Patient.name[0]", "at least one member"),
    ({"name": [{"given": ["a"], "_given": [None, None]}]}, "Patient.name[0].given", "length"),
    ({"name": [{"given": [None]}]}, "Patient.name[0].given[0]", "at least one member"),
    ({"contained": ["a"]}, "Patient.contained[0]", "a resource is an object"),
    ({"contained": [{"resourceType": "Planet"}]}, "Patient.contained[0]", "no resource"),
    ({"text": {"div": 1}}, "Patient.text.div", "a narrative is a text"),
    ({"text": {"div": "<p/>"}}, "Patient.text.div", "one div of XHTML"),
    ({"text": {"div": "<div>&nbsp;</div>"}}, "Patient.text.div", "not XHTML"),
    ({"text": {"div": "<!DOCTYPE a><div/>"}}, "Patient.text.div", "document type"),
    ({"multipleBirthInteger": True}, "Patient.multipleBirthInteger", "no integer"),
    ({"extension": [{"url": "a\u0000"}]}, "Patient.extension[0].url", "XML does not"),
]


@st.composite
def members_of(draw: st.DrawFn, owner: str, depth: int) -> Resource:
    """Some members of a type, drawn from the table; at least one."""
    elements = [
        element
        for element in elements_of(owner).values()
        if depth > 0 or element.is_primitive or element.is_attribute
    ]
    chosen = draw(st.lists(st.sampled_from(elements), min_size=1, max_size=4, unique=True))
    members: Resource = {}
    for element in sorted(chosen, key=lambda one: one.rank):
        count = draw(st.integers(1, 3)) if element.repeats else 1
        values = [draw(value_of(element, depth)) for _ in range(count)]
        members[element.name] = values if element.repeats else values[0]
        if element.is_primitive and not element.is_attribute and draw(st.booleans()):
            besides: list[Json] = [{"id": draw(CODES)}, *([None] * (count - 1))]
            members[f"_{element.name}"] = besides if element.repeats else besides[0]
    return members


def value_of(element: Element, depth: int) -> st.SearchStrategy[Json]:
    """Values of one element."""
    plain: dict[str, st.SearchStrategy[Json]] = {
        "boolean": st.booleans(),
        "decimal": DECIMALS,
        "xhtml": st.just(DIV),
        **dict.fromkeys(("integer", "positiveInt", "unsignedInt"), st.integers(0, 1 << 31)),
    }
    if element.type in plain:
        return plain[element.type]
    if element.type == "Resource":
        return resources(depth - 1)
    return TEXTS if element.is_primitive else members_of(element.type, depth - 1)


@st.composite
def resources(draw: st.DrawFn, depth: int = 3) -> Resource:
    """A resource of any carried type."""
    kind = draw(st.sampled_from(sorted(resource_types())))
    return {"resourceType": kind, **draw(members_of(kind, max(depth, 0)))}


def refused(body: str | bytes, limits: Limits | None = None) -> Malformed:
    """Read a body that must be refused."""
    with pytest.raises(Malformed) as caught:
        read_xml(body.encode() if isinstance(body, str) else body, limits or Limits())
    return caught.value


@settings(max_examples=settings().max_examples // 2)
@given(resource=resources())
@example(resource=EXTENDED)
def test_any_resource_goes_to_xml_and_back(resource: Resource) -> None:
    """Whatever the table allows, whatever the depth, nothing is lost or moved."""
    again = read_xml(write_xml(resource))

    assert again == resource
    assert write_json(again) == write_json(resource)


def test_every_sample_goes_to_xml_and_back(
    sample: Path, spelt_alike: Callable[[Json], Json]
) -> None:
    """Ours everywhere, the official ones where they are: JSON, XML, JSON, equal."""
    resource = read_json(sample.read_bytes())

    assert spelt_alike(read_xml(write_xml(resource))) == spelt_alike(resource)


@pytest.mark.parametrize("name", ["document_reference", "transaction", "observation"])
def test_another_reader_finds_the_same_in_our_xml(
    name: str, body: Callable[[str], Resource]
) -> None:
    """The published models read our XML as they read our JSON."""
    resource = _without_birth_identifier(body(name))
    model = get_fhir_model_class(cast("str", resource["resourceType"]))

    from_xml = model.model_validate_xml(write_xml(resource))

    assert json.loads(from_xml.model_dump_json()) == json.loads(
        model.model_validate_json(write_json(resource)).model_dump_json()
    )


def _without_birth_identifier(resource: Resource) -> Resource:
    """That reader drops the identifier of a primitive that has a value."""
    for contained in cast("list[Resource]", resource.get("contained", [])):
        cast("Resource", contained.get("_birthDate", {})).pop("id", None)
    return resource


def test_our_xml_is_that_of_another_writer(body: Callable[[str], Resource]) -> None:
    """Names, order, attributes and values are those the published models write."""
    resource = body("operation_outcome")
    model = get_fhir_model_class("OperationOutcome")

    # The method is annotated as giving text; it gives bytes.
    theirs = cast("bytes", model.model_validate_json(write_json(resource)).model_dump_xml())

    assert read_xml(theirs) == resource


def test_xml_is_written_in_order_with_values_in_attributes() -> None:
    """Whatever the order of the JSON: identifiers, extensions and parts where FHIR puts them."""
    resource: Resource = {
        "resourceType": "Patient",
        "birthDate": "1931-04-15",
        "_birthDate": {"id": "b"},
        "active": True,
        "name": [{"given": ["Anne", None], "_given": [None, {"id": "g"}], "id": "n"}],
        "id": "p",
        "extension": [{"valueDecimal": Decimal("1.50"), "url": "urn:x"}],
    }

    assert write_xml(resource).decode() == (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        f'{OPENS}<id value="p"/><extension url="urn:x"><valueDecimal value="1.50"/></extension>'
        '<active value="true"/><name id="n"><given value="Anne"/><given id="g"/></name>'
        '<birthDate id="b" value="1931-04-15"/></Patient>'
    ).replace('id="b" value="1931-04-15"', 'value="1931-04-15" id="b"')


def test_line_ends_and_tabs_survive_in_values() -> None:
    """They are written as references, since XML turns bare ones into spaces."""
    resource: Resource = {"resourceType": "Organization", "name": " a\n\tb\r "}

    assert read_xml(write_xml(resource)) == resource


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ("", "structure", "empty"),
        ("<Patient", "structure", "no XML"),
        (f'{OPENS}<active value="true"/>', "structure", "line 1"),
        (f"\ufeff{OPENS}</Patient>", "structure", "byte order mark"),
        (f"{OPENS}</Patient>".encode("utf-16"), "structure", "byte order mark"),
        (OPENS.encode() + b"\xff</Patient>", "structure", "not UTF-8"),
        (
            f'<?xml version="1.0" encoding="UTF-7"?>{OPENS}</Patient>',
            "structure",
            "another encoding",
        ),
        (
            f"<?xml version='1.0' encoding='ISO-8859-1'?>{OPENS}</Patient>",
            "structure",
            "another encoding",
        ),
        (f"<!DOCTYPE Patient>{OPENS}</Patient>", "structure", "document type"),
        (
            BOMB,
            "structure",
            "document type",
        ),
        (
            f'<!DOCTYPE P [<!ENTITY x SYSTEM "file:///etc/hostname">]>{OPENS}<id>&x;</id></Patient>',
            "structure",
            "document type",
        ),
        (f"{OPENS}<id value='&nowhere;'/></Patient>", "structure", "no XML"),
        (f'{OPENS}<id value="&#0;"/></Patient>', "structure", "no XML"),
        ("<a>" * 10_000 + "</a>" * 10_000, "too-costly", "inside the other"),
        ("<a>" * 65 + "</a>" * 65, "too-costly", "more than 64"),
        ("<Patient/>", "not-supported", "no resource"),
        ('<Planet xmlns="http://hl7.org/fhir"/>', "not-supported", "no resource"),
        ('<Patient xmlns="http://hl7.org/fhir/2"/>', "not-supported", "no resource"),
        ('<Period xmlns="http://hl7.org/fhir"/>', "not-supported", "no resource"),
        (f'{OPENS}<colour value="red"/></Patient>', "structure", "no element"),
        (f'{OPENS}<active xmlns="urn:x" value="true"/></Patient>', "structure", "no element"),
        (f'{OPENS}<active value="true" colour="red"/></Patient>', "structure", "no attribute"),
        (f'{OPENS}<active value="yes"/></Patient>', "value", "no boolean"),
        (f'{OPENS}<id value=""/></Patient>', "value", "no id"),
        (f"{OPENS}<active/></Patient>", "structure", "neither value nor content"),
        (f"{OPENS}<name/></Patient>", "structure", "neither value nor content"),
        (f"{OPENS}<active>true</active></Patient>", "structure", "text stands between"),
        (f"{OPENS}<name><use value='usual'/>x</name></Patient>", "structure", "text stands"),
        (
            f'{OPENS}<active value="true"/><active value="true"/></Patient>',
            "structure",
            "active stands twice",
        ),
        (
            f'{OPENS}<gender value="male"/><active value="true"/></Patient>',
            "structure",
            "active stands after",
        ),
        (
            f'{OPENS}<multipleBirthInteger value="{"9" * 400}"/></Patient>',
            "value",
            "64 bits",
        ),
        (f"{OPENS}<contained/></Patient>", "structure", "exactly one resource"),
        (f"{OPENS}<contained>{OPENS * 2}", "structure", "no XML"),
    ],
)
def test_a_body_that_is_not_strict_fhir_xml_is_refused_with_its_reason(
    body: str | bytes, code: str, said: str
) -> None:
    """Code of FHIR and message say what was wrong; nothing is expanded, nothing fetched."""
    error = refused(body)

    assert error.code == code
    assert said in error.message


def test_a_refusal_says_where_in_the_resource() -> None:
    """The place is FHIRPath, with ranks from nought."""
    name = '<name><given value="a"/><given value=""/></name>'

    assert refused(f"{OPENS}{name}</Patient>").expression == "Patient.name[0].given[1]"


def test_hints_of_schemas_and_comments_are_passed_over() -> None:
    """They say nothing of the resource."""
    hint = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b"'
    body = f'<Patient xmlns="http://hl7.org/fhir" {hint}><!-- a --><active value="true"/></Patient>'

    assert read_xml(body.encode()) == {"resourceType": "Patient", "active": True}


def test_a_narrative_keeps_nothing_of_the_resource_around_it() -> None:
    """Prefixes declared on the resource stay there."""
    body = (
        '<f:Patient xmlns:f="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml">'
        '<f:text><f:status value="generated"/>'
        '<div xmlns="http://www.w3.org/1999/xhtml"><br/>a</div></f:text></f:Patient>'
    )

    assert cast("Resource", read_xml(body.encode())["text"])["div"] == (
        '<div xmlns="http://www.w3.org/1999/xhtml"><br/>a</div>'
    )


@pytest.mark.parametrize(("members", "place", "said"), UNWRITABLE)
def test_what_fhir_xml_cannot_say_is_not_written(members: Resource, place: str, said: str) -> None:
    """The refusal says where; nothing is dropped in silence."""
    with pytest.raises(Malformed) as caught:
        write_xml({"resourceType": "Patient", **members})

    assert caught.value.expression == place
    assert said in caught.value.message
