"""An official package compiles to the same checks, and is read without trusting it."""

import io
import json
import tarfile
from typing import Final, cast

import pytest

from etalon_wire.json_body import Json, Resource
from etalon_wire.validation import official_package
from etalon_wire.validation.official_package import OfficialPackage, PackageRefused, read_package
from etalon_wire.validation.tables import own_profiles
from etalon_wire.validation.validator import Validator

URL: Final = "https://example.org/fhir/StructureDefinition/short-list"


def element(path: str, least: int, most: str, **more: Json) -> Resource:
    """Return one ElementDefinition."""
    return {"id": path, "min": least, "max": most, **more}


def short_list(*more: Resource) -> Resource:
    """Return a profile that asks a title of a List, and what `more` asks."""
    elements: list[Json] = [
        element("List", 0, "*"),
        element("List.text", 0, "1", type=[{"code": "Narrative"}]),
        element("List.status", 1, "1", type=[{"code": "code"}]),
        element("List.mode", 1, "1", type=[{"code": "code"}]),
        element("List.title", 1, "1", type=[{"code": "string"}]),
        *more,
    ]
    return {
        "resourceType": "StructureDefinition",
        "id": "short-list",
        "url": URL,
        "version": "9.1.0",
        "type": "List",
        "kind": "resource",
        "derivation": "constraint",
        "snapshot": {"element": elements},
    }


def packed(files: dict[str, bytes], name: str = "package/{}") -> bytes:
    """Return a package of these files."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz", encoding="utf-8") as archive:
        for file, content in files.items():
            entry = tarfile.TarInfo(name.format(file))
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return held.getvalue()


def package_of(*definitions: Resource) -> bytes:
    """Return a package that holds these definitions."""
    files = {"package.json": b'{"name": "example.guide", "version": "9.1.0"}'}
    for rank, definition in enumerate(definitions):
        files[f"StructureDefinition-{rank}.json"] = json.dumps(definition).encode()
    return packed(files)


def read(*definitions: Resource) -> OfficialPackage:
    """Return the package of these definitions, read over our tables."""
    return read_package(package_of(*definitions), own_profiles())


def told(package: OfficialPackage, resource: Resource) -> list[tuple[str, str]]:
    """Return code and place of what is wrong with `resource` under the short list."""
    found = Validator(package.profiles).validate(resource, URL, "pdsm-strict")
    return [(finding.code, finding.expression) for finding in found]


LIST: Final[Resource] = {
    "resourceType": "List",
    "status": "current",
    "mode": "working",
    "title": "a",
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">a</div>'},
}


def listing(**more: Json) -> Resource:
    """Return a List that the short profile allows, with more in it."""
    return {**LIST, **more}


def test_a_package_brings_its_profiles_and_its_version() -> None:
    """The profile is known by its address, with or without a version."""
    package = read(short_list())
    assert (package.name, package.version) == ("example.guide", "9.1.0")
    assert told(package, LIST) == []
    untitled = {key: value for key, value in LIST.items() if key != "title"}
    assert told(package, untitled) == [("required", "List.title")]


def slicing(kind: str, path: str) -> Resource:
    """Return the slicing of entries by one discriminator, closed."""
    return {"discriminator": [{"type": kind, "path": path}], "rules": "closed"}


def test_slices_by_value_pattern_and_type_are_counted_and_closed() -> None:
    """An item outside a closed slicing, or one too few in a slice, is found."""
    for kind, more in (("value", {"fixedCode": "usual"}), ("pattern", {"patternCode": "usual"})):
        package = read(
            short_list(
                element("List.identifier", 1, "*", slicing=slicing(kind, "use")),
                element("List.identifier:one", 1, "1", type=[{"code": "Identifier"}]),
                element("List.identifier:one.use", 1, "1", type=[{"code": "code"}], **more),
                element("List.identifier:one.value", 1, "1", type=[{"code": "string"}]),
            )
        )
        usual: Json = {"use": "usual", "value": "a"}
        assert told(package, listing(identifier=[usual])) == []
        assert told(package, listing(identifier=[{"use": "usual"}])) == [
            ("required", "List.identifier[0].value")
        ]
        assert told(package, listing(identifier=[usual, usual])) == [
            ("structure", "List.identifier")
        ]
        other: Json = {"use": "old"}
        assert ("structure", "List.identifier[1]") in told(
            package, listing(identifier=[usual, other])
        )


def test_slices_by_profile_are_told_by_the_resource_they_hold() -> None:
    """In a bundle, entries fall to the profile of their resource."""
    bundle: Resource = {
        "resourceType": "StructureDefinition",
        "id": "lists",
        "url": "https://example.org/fhir/StructureDefinition/lists",
        "type": "Bundle",
        "kind": "resource",
        "derivation": "constraint",
        "snapshot": {
            "element": [
                element("Bundle", 0, "*"),
                element("Bundle.type", 1, "1", type=[{"code": "code"}]),
                element("Bundle.entry", 1, "*", slicing=slicing("profile", "resource")),
                element("Bundle.entry:short", 1, "1"),
                element(
                    "Bundle.entry:short.resource", 1, "1", type=[{"code": "List", "profile": [URL]}]
                ),
            ]
        },
    }
    package = read(short_list(), bundle)
    untitled = {key: value for key, value in LIST.items() if key != "title"}
    message: Resource = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": cast("Json", untitled)}],
    }
    found = Validator(package.profiles).validate(message, str(bundle["url"]), "pdsm-strict")
    assert [(f.code, f.expression) for f in found] == [
        ("required", "Bundle.entry[0].resource.title")
    ]


def test_what_is_not_evaluated_is_listed() -> None:
    """Invariants without a function, other expressions, unknown discriminators, lost value sets."""
    package = read(
        short_list(
            element("List.code", 0, "1", constraint=[{"key": "odd-1", "expression": "true"}]),
            element("List.note", 0, "*", constraint=[{"key": "said", "human": "in words"}]),
            element("List.entry", 0, "*", slicing=slicing("exists", "item")),
            element(
                "List.orderedBy",
                0,
                "1",
                type=[{"code": "CodeableConcept"}],
                binding={"strength": "required", "valueSet": "http://example.org/nowhere"},
            ),
        )
    )
    listed = "\n".join([*package.not_evaluated, *Validator(package.profiles).not_evaluated])
    for word in ("odd-1", "said is said in words", "exists", "http://example.org/nowhere"):
        assert word in listed


def test_an_invariant_of_the_package_is_evaluated_when_it_is_ours() -> None:
    """lst-1, under the expression of FHIR."""
    lst_1: Json = {"key": "lst-1", "expression": "emptyReason.empty() or entry.empty()"}
    definition = short_list()
    cast("list[Resource]", cast("Resource", definition["snapshot"])["element"])[0]["constraint"] = [
        lst_1
    ]
    package = read(definition)
    assert package.not_evaluated == ()


REFUSED: Final[list[tuple[str, bytes, str]]] = [
    ("not an archive", b"no archive", "not a gzip"),
    ("cut short", package_of(short_list())[:200], "not a gzip"),
    ("no manifest", packed({"a.json": b"{}"}), "package.json"),
    ("outside", packed({"package.json": b"{}"}, "package/../../{}"), "outside"),
    ("absolute", packed({"package.json": b"{}"}, "/package/{}"), "outside"),
    ("not JSON", packed({"package.json": b"{"}), "package.json"),
    ("no cardinality", package_of(short_list(element("List.date", 0, "many"))), "snapshot"),
    ("an orphan", package_of(short_list(element("List.nothing.below", 0, "1"))), "snapshot"),
]


@pytest.mark.parametrize(
    ("content", "why"), [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_a_package_that_cannot_be_trusted_is_refused(content: bytes, why: str) -> None:
    """One exception of ours, that says what is wrong."""
    with pytest.raises(PackageRefused, match=why):
        read_package(content, own_profiles())


def test_a_package_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """In bytes as sent, in bytes unpacked, and in number of files."""
    content = package_of(short_list())
    for name in ("MOST_BYTES", "MOST_UNPACKED", "MOST_FILES"):
        with monkeypatch.context() as patch:
            patch.setattr(official_package, name, 1)
            with pytest.raises(PackageRefused, match="package"):
                read_package(content, own_profiles())
