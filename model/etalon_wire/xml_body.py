"""XML bodies of FHIR: read and written by the table of elements, so that JSON comes back equal.

Elements stand in base order, values in attributes, narratives as XHTML. A body with a document
type, and so with entities, or in another encoding than UTF-8, is refused before it is parsed.

Sources: FHIR R4, 2.6.1 (XML); decision 0070.
Limit: libxml2 reads attributes of up to ten million bytes, which bounds the data of a Binary.
"""

import re
from copy import deepcopy
from itertools import zip_longest
from typing import Final, NoReturn, TypeAlias

from lxml import etree

from etalon_wire.elements import (
    PARTS_OF_A_PRIMITIVE,
    Element,
    elements_of,
    resource_types,
)
from etalon_wire.json_body import Json, Resource
from etalon_wire.malformed import (
    LIMITS,
    NOT_SUPPORTED,
    STRUCTURE,
    TOO_COSTLY,
    VALUE,
    Limits,
    Malformed,
    check_size,
    check_text,
)
from etalon_wire.primitives import read_primitive, write_primitive

FHIR: Final = "http://hl7.org/fhir"
XHTML: Final = "http://www.w3.org/1999/xhtml"
_INSTANCE: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_DECLARED: Final = re.compile(rb"""\A\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")

# lxml gives its elements no other name.
Node: TypeAlias = etree._Element  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]

Pair = tuple[Json, Json]
"""A value, and what stands beside it: the identifier and extensions of a primitive."""


def read_xml(body: bytes, limits: Limits = LIMITS) -> Resource:
    """Read one resource.

    Raises:
        Malformed: The body is not one resource that we carry, in strict FHIR XML.
    """
    check_size(body, limits)
    check_text(body)
    root = parse_xml(body)
    check_depth(root, limits)
    return _read_resource(root, "", limits)


def write_xml(resource: Resource) -> bytes:
    """Write one resource, with an XML declaration.

    Raises:
        Malformed: The resource holds what FHIR XML cannot: an element that FHIR R4 does not know,
            a value of another type, a narrative that is not XHTML, a control character.
    """
    root = _write_resource(resource, "")
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def parse_xml(body: bytes) -> Node:
    """Parse without entities, document types or the network; comments are left out.

    Raises:
        Malformed: `structure` or `too-costly`, and where the XML stops making sense.
    """
    # Entities are declared in a document type, and nowhere else.
    if b"<!DOCTYPE" in body:
        message = "the body has a document type: send elements only"
        raise Malformed(STRUCTURE, "", message)
    declared = _DECLARED.match(body)
    if declared and declared.group(1).lower() != b"utf-8":
        message = "the body declares another encoding: send UTF-8"
        raise Malformed(STRUCTURE, "", message)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        _refuse_syntax(error)


def _refuse_syntax(error: etree.XMLSyntaxError) -> NoReturn:
    """Say where the XML stops making sense."""
    line, column = error.position
    if "depth" in error.msg:
        message = "too many elements stand one inside the other"
        raise Malformed(TOO_COSTLY, "", message) from None
    message = f"the body is no XML: {error.msg} (line {line}, column {column})"
    raise Malformed(STRUCTURE, "", message) from None


def check_depth(root: Node, limits: Limits) -> None:
    """Refuse elements that stand too deep.

    Raises:
        Malformed: `too-costly`.
    """
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > limits.depth:
            message = f"more than {limits.depth} elements stand one inside the other"
            raise Malformed(TOO_COSTLY, "", message)
        level = [child for node in level for child in node]


def _read_resource(node: Node, at: str, limits: Limits) -> Resource:
    """Read an element named after a resource."""
    name = etree.QName(node)
    if name.namespace != FHIR or name.localname not in resource_types():
        message = f"{name.text} is no resource that is carried here"
        raise Malformed(NOT_SUPPORTED, at, message)
    members = _read_members(node, name.localname, at or name.localname, limits)
    return {"resourceType": name.localname, **members}


def _read_members(
    node: Node, owner: str, at: str, limits: Limits, own: frozenset[str] = frozenset()
) -> Resource:
    """Read the attributes and children of an element, in the order they must have.

    Args:
        node: The element.
        owner: The type whose elements may stand in it.
        at: Where it is, as FHIRPath.
        limits: Most digits of a number.
        own: Attributes that somebody else reads.
    """
    elements = elements_of(owner)
    members: Resource = {}
    for name, text in node.items():
        known = elements.get(name)
        if known and known.is_attribute:
            members[name] = read_primitive(known.type, text, f"{at}.{name}", limits)
        elif name not in own and not name.startswith(_INSTANCE):
            message = f"there is no attribute {name} here"
            raise Malformed(STRUCTURE, at, message)
    groups: dict[str, list[Pair]] = {}
    last = -1
    for child in node:
        element = _element_of(child, elements, at)
        _check_place(element, last, at)
        last = element.rank
        group = groups.setdefault(element.name, [])
        place = f"{at}.{element.name}" + (f"[{len(group)}]" if element.repeats else "")
        group.append(_read_one(child, element, place, limits))
    _refuse_text(node, at)
    attributes = len(members)
    for name, pairs in groups.items():
        _keep(members, elements[name], pairs)
    if not attributes:
        return members
    # The address of an extension is an attribute, and stands after the extensions in JSON.
    order = sorted(members, key=lambda name: elements[name.removeprefix("_")].rank)
    return {name: members[name] for name in order}


def _element_of(child: Node, elements: dict[str, Element], at: str) -> Element:
    """Return what a child is, by its name and its namespace."""
    tag = str(child.tag)
    name = tag.rpartition("}")[2]
    element = elements.get(name)
    wanted = XHTML if element and element.type == "xhtml" else FHIR
    if element is None or element.is_attribute or tag != f"{{{wanted}}}{name}":
        message = f"there is no element {tag} here"
        raise Malformed(STRUCTURE, at, message)
    return element


def _check_place(element: Element, last: int, at: str) -> None:
    """Refuse an element that stands too late, or twice where one may stand."""
    if element.rank < last or (element.rank == last and not element.repeats):
        what = "stands twice" if element.rank == last else "stands after one that it precedes"
        message = f"{element.name} {what}: follow the order of FHIR R4"
        raise Malformed(STRUCTURE, at, message)


def _refuse_text(node: Node, at: str) -> None:
    """Refuse characters between elements; spaces may stand there."""
    texts = [node.text, *(child.tail for child in node)]
    if any(text and text.strip() for text in texts):
        message = "text stands between elements: values are attributes in FHIR"
        raise Malformed(STRUCTURE, at, message)


def _read_one(node: Node, element: Element, at: str, limits: Limits) -> Pair:
    """Read one element, and what stands beside its value when it is a primitive."""
    if element.type == "xhtml":
        return _read_narrative(node), None
    if element.type == "Resource":
        if len(node) != 1 or len(node.attrib):
            message = "exactly one resource stands here"
            raise Malformed(STRUCTURE, at, message)
        _refuse_text(node, at)
        return _read_resource(node[0], at, limits), None
    if not element.is_primitive:
        members = _read_members(node, element.type, at, limits)
        return _nonempty(members, at), None
    text = node.get("value")
    beside = _read_members(node, PARTS_OF_A_PRIMITIVE, at, limits, frozenset({"value"}))
    if text is None:
        return None, _nonempty(beside, at)
    return read_primitive(element.type, text, at, limits), beside or None


def _nonempty(members: Resource, at: str) -> Resource:
    if not members:
        message = "the element has neither value nor content: leave it out"
        raise Malformed(STRUCTURE, at, message)
    return members


def _read_narrative(node: Node) -> str:
    """Return the XHTML alone, without the namespaces of the resource around it."""
    alone = deepcopy(node)
    alone.tail = None
    return etree.tostring(alone, encoding="unicode")


def _keep(members: Resource, element: Element, pairs: list[Pair]) -> None:
    """Put what was read under its name, and what stands beside it under its name with `_`."""
    values, besides = [value for value, _ in pairs], [beside for _, beside in pairs]
    if any(value is not None for value in values):
        members[element.name] = values if element.repeats else values[0]
    if any(beside is not None for beside in besides):
        members[f"_{element.name}"] = besides if element.repeats else besides[0]


def _write_resource(resource: Json, at: str) -> Node:
    """Write a resource as an element named after it."""
    if not isinstance(resource, dict):
        message = "a resource is an object"
        raise Malformed(STRUCTURE, at, message)
    name = resource.get("resourceType")
    if not isinstance(name, str) or name not in resource_types():
        message = f"{name!r} is no resource that is carried here"
        raise Malformed(NOT_SUPPORTED, at, message)
    node = etree.Element(f"{{{FHIR}}}{name}", nsmap={None: FHIR})
    members = {key: value for key, value in resource.items() if key != "resourceType"}
    _write_members(node, name, members, at or name)
    return node


def _write_members(node: Node, owner: str, members: Resource, at: str) -> None:
    """Write members as attributes and children, in base order."""
    elements = elements_of(owner)
    for element in _in_order(members, elements, at):
        value, extra = members.get(element.name), members.get(f"_{element.name}")
        place = f"{at}.{element.name}"
        if element.is_attribute:
            _set(node, element, value, place)
            continue
        for rank, pair in enumerate(_pairs(element, value, extra, place)):
            _write_one(node, element, pair, f"{place}[{rank}]" if element.repeats else place)


def _in_order(members: Resource, elements: dict[str, Element], at: str) -> list[Element]:
    """Return the elements that members write, in base order; refuse a member that writes none."""
    found: dict[str, Element] = {}
    for key, value in members.items():
        element = elements.get(key.removeprefix("_"))
        beside = key.startswith("_")
        if element is None or (beside and (not element.is_primitive or element.is_attribute)):
            message = f"there is no element {key!r} here"
            raise Malformed(STRUCTURE, at, message)
        if value is None:
            message = f"{key} is null: null stands in arrays only"
            raise Malformed(STRUCTURE, at, message)
        found[element.name] = element
    return sorted(found.values(), key=lambda element: element.rank)


def _set(node: Node, element: Element, value: Json, at: str) -> None:
    """Write a primitive as an attribute: `value`, or the element's own name."""
    text = write_primitive(element.type, value, at)
    try:
        node.set(element.name if element.is_attribute else "value", text)
    except ValueError:
        message = "the text holds a character that XML does not"
        raise Malformed(VALUE, at, message) from None


def _pairs(element: Element, value: Json, beside: Json, at: str) -> list[Pair]:
    """Pair values with what stands beside them."""
    if not element.repeats:
        return [(value, beside)]
    values, besides = ([] if one is None else one for one in (value, beside))
    if not isinstance(values, list) or not isinstance(besides, list):
        message = f"{element.name} repeats: write an array"
        raise Malformed(STRUCTURE, at, message)
    if [] in (value, beside):
        message = f"{element.name} is an empty array: leave it out"
        raise Malformed(STRUCTURE, at, message)
    if values and besides and len(values) != len(besides):
        message = f"{element.name} and _{element.name} differ in length: fill with null"
        raise Malformed(STRUCTURE, at, message)
    return list(zip_longest(values, besides))


def _write_one(parent: Node, element: Element, pair: Pair, at: str) -> None:
    """Write one value as a child of its owner."""
    value, beside = pair
    if element.type == "xhtml":
        parent.append(_write_narrative(value, at))
        return
    node = etree.SubElement(parent, f"{{{FHIR}}}{element.name}")
    if element.type == "Resource":
        node.append(_write_resource(value, at))
        return
    members = beside if element.is_primitive else value
    if element.is_primitive and value is not None:
        _set(node, element, value, at)
        if beside is None:
            return
    if not isinstance(members, dict) or not members:
        message = f"{element.name} is an object with at least one member"
        raise Malformed(STRUCTURE, at, message)
    owner = PARTS_OF_A_PRIMITIVE if element.is_primitive else element.type
    _write_members(node, owner, members, at)


def _write_narrative(value: Json, at: str) -> Node:
    """Write a narrative as the element that its text is."""
    if not isinstance(value, str):
        message = "a narrative is a text"
        raise Malformed(STRUCTURE, at, message)
    try:
        node = parse_xml(value.encode("utf-8"))
    except Malformed as error:
        message = f"the narrative is not XHTML: {error.message}"
        raise Malformed(STRUCTURE, at, message) from None
    if node.tag != f"{{{XHTML}}}div":
        message = "a narrative is one div of XHTML"
        raise Malformed(STRUCTURE, at, message)
    return node
