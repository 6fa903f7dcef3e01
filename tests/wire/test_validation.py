"""The validator finds what is wrong, where it is, and nothing else."""

import copy
import csv
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_wire.findings import Finding
from etalon_wire.json_body import Json, Resource, read_json, read_value
from etalon_wire.malformed import LIMITS
from etalon_wire.modes import Mode
from etalon_wire.validation.profiles import ElementRule
from etalon_wire.validation.tables import own_profiles
from etalon_wire.validation.validator import UnknownProfile, Validator
from import_table import ROOT

HERE: Final = Path(__file__).parent
FOLDERS: Final = {
    "own": HERE / "examples",
    "pdsm": ROOT.parent / "shared" / "samples" / "pdsm" / "examples",
    "mesures": ROOT.parent / "shared" / "samples" / "mesures" / "mes_api_v1.5.2",
    "agenda": ROOT.parent / "shared" / "samples" / "agenda" / "examples",
}
OFFICIAL: Final = {"pdsm": 8, "mesures": 5, "agenda": 3}
"""How many examples each official folder has."""

COMPREHENSIVE: Final = "pdsm-comprehensive-document-reference"
SIMPLIFIED: Final = "pdsm-simplified-publish"
SUBMISSION_SET: Final = "pdsm-submissionset-comprehensive"
DEPOSIT: Final = "pdsm-comprehensive-provide-document-bundle"
VALIDATOR: Final = Validator()


def table(name: str) -> list[dict[str, str]]:
    """Return the rows of a table of this folder."""
    with (HERE / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file, strict=True))


@cache
def example(name: str, folder: str = "own") -> bytes:
    """Return an example as it stands on disk."""
    return (FOLDERS[folder] / f"{name}.json").read_bytes()


def fresh(name: str) -> Resource:
    """Return an example of ours, to be changed freely."""
    return read_json(example(name))


def at(resource: Json, *steps: str | int) -> Resource:
    """Return the object at a place of a resource."""
    for step in steps:
        held = cast("dict[str | int, Json]", resource)
        resource = held[step]
    return cast("Resource", resource)


def found(resource: Resource, profile: str, mode: Mode = "pdsm-strict") -> list[Finding]:
    """Return the findings of a server."""
    return VALIDATOR.validate(resource, profile, mode)


PRESENT: Final = [
    row
    for row in table("examples.csv")
    if (FOLDERS[row["folder"]] / f"{row['example']}.json").exists()
]


@pytest.mark.parametrize("row", PRESENT, ids=lambda row: f"{row['folder']}/{row['example']}")
def test_each_example_has_the_findings_that_the_table_explains(row: dict[str, str]) -> None:
    """Ours everywhere, the official ones where they are: no finding more, none less."""
    resource = read_json(example(row["example"], row["folder"]))
    strict, dmp = found(resource, row["profile"]), found(resource, row["profile"], "pdsm4dmp")
    told = sorted((f.severity, f.code, f.expression, f.requirement) for f in strict)
    told_dmp = sorted((f.severity, str(f.other_severity), f.expression) for f in dmp)
    rows = [
        expected
        for expected in table("expected_findings.csv")
        if (expected["folder"], expected["example"]) == (row["folder"], row["example"])
    ]
    assert told == sorted((r["strict"], r["code"], r["expression"], r["requirement"]) for r in rows)
    assert told_dmp == sorted((r["dmp"], r["client"], r["expression"]) for r in rows)
    assert all(r["explanation"] for r in rows)


@pytest.mark.parametrize("folder", OFFICIAL)
def test_every_official_example_stands_in_the_table(folder: str) -> None:
    """Where the folder of samples is, no example of it is passed over."""
    told = {row["example"] for row in table("examples.csv") if row["folder"] == folder}
    assert len(told) == OFFICIAL[folder]
    assert {file.stem for file in FOLDERS[folder].glob("*.json")} in (set(), told)


def mandatory(profile: str) -> list[ElementRule]:
    """Return the elements that a profile asks for, slices apart."""
    elements = own_profiles().profiles[profile].elements
    return [rule for rule in elements if rule.minimum and ":" not in rule.path]


def places(resource: Json, steps: list[str]) -> Iterator[tuple[Resource, str, str]]:
    """Yield each object that holds the last step, the key, and the path of the object."""
    stack: list[tuple[Json, list[str], str]] = [(resource, steps, "")]
    while stack:
        value, rest, path = stack.pop()
        if isinstance(value, list):
            stack += [(item, rest, f"{path}[{rank}]") for rank, item in enumerate(value)]
        elif isinstance(value, dict) and rest:
            name = rest[0].removesuffix("[x]")
            keys = [
                key for key in value if key == name or (rest[0] != name and key.startswith(name))
            ]
            for key in keys:
                if len(rest) == 1:
                    yield value, key, path
                else:
                    stack.append((value[key], rest[1:], f"{path}.{key}"))


def deletions() -> list[tuple[str, str, str]]:
    """Return each mandatory element present in an example of its profile."""
    asked = [
        ("document_reference", COMPREHENSIVE),
        ("simplified_publish", SIMPLIFIED),
        ("submission_set", SUBMISSION_SET),
        ("folder", "pdsm-folder-comprehensive"),
        ("deposit", DEPOSIT),
        ("patient", "fr-core-patient-ins"),
        ("audit_event", "tde-auditevent"),
        ("consent", "mes-consent"),
        ("found_documents", "pdsm-find-documentreferences-comprehensive-response"),
    ]
    return [
        (name, profile, rule.path)
        for name, profile in asked
        for rule in mandatory(profile)
        if list(places(fresh(name), rule.path.split(".")[1:]))
    ]


@pytest.mark.requirement("W-REC-04")
@pytest.mark.parametrize(("name", "profile", "path"), deletions())
def test_removing_a_mandatory_element_is_detected(name: str, profile: str, path: str) -> None:
    """Wherever the element stands, its removal is said at its place, as missing."""
    for rank in range(len(list(places(fresh(name), path.split(".")[1:])))):
        resource = fresh(name)
        holder, key, where = list(places(resource, path.split(".")[1:]))[rank]
        del holder[key]
        missing = path.rpartition(".")[2].removesuffix("[x]")
        told = [f for f in found(resource, profile) if f.code == "required"]
        root = path.partition(".")[0]
        assert f"{root}{where}.{missing}" in [f.expression for f in told]
        assert all(f.severity == "error" for f in told)


def test_the_deletions_cover_the_three_profiles_of_a_deposit() -> None:
    """Every mandatory element of the three profiles is present in our examples, so is removed."""
    told = deletions()
    for name, profile in (
        ("document_reference", COMPREHENSIVE),
        ("simplified_publish", SIMPLIFIED),
        ("submission_set", SUBMISSION_SET),
    ):
        covered = {path for example_name, _, path in told if example_name == name}
        top = {
            rule.path
            for rule in mandatory(profile)
            if all(
                step.minimum
                for step in own_profiles().profiles[profile].elements
                if step.path.count(".") and rule.path.startswith(step.path + ".")
            )
            and rule.path.count(".")
        }
        assert top <= covered
        assert len(covered) == {COMPREHENSIVE: 26, SIMPLIFIED: 11, SUBMISSION_SET: 9}[profile]


@pytest.mark.requirement("W-REC-09")
@pytest.mark.parametrize(("rank", "slice_name"), [(0, "designationType"), (1, "sourceId")])
def test_removing_a_mandatory_slice_is_detected(rank: int, slice_name: str) -> None:
    """A submission set without one of its two extensions is told which one."""
    resource = fresh("submission_set")
    del cast("list[Json]", resource["extension"])[rank]
    assert [(f.code, f.expression) for f in found(resource, SUBMISSION_SET)] == [
        ("required", "List.extension")
    ]
    assert slice_name in found(resource, SUBMISSION_SET)[0].message


@pytest.mark.requirement("W-REC-05b")
def test_what_only_the_profile_asks_is_a_warning_for_a_robust_server() -> None:
    """A client that leaves it out fails in both modes; a server may let it pass, or refuse it."""
    resource = fresh("document_reference")
    del resource["description"], resource["type"]
    told = {
        (mode, role): [
            f.severity
            for f in VALIDATOR.validate(resource, COMPREHENSIVE, mode, role)
            if f.expression == "DocumentReference.type"
        ]
        for mode in ("pdsm-strict", "pdsm4dmp", "lenient")
        for role in ("client", "server")
    }
    assert told == {
        ("pdsm-strict", "client"): ["error"],
        ("pdsm-strict", "server"): ["error"],
        ("pdsm4dmp", "client"): ["error"],
        ("pdsm4dmp", "server"): ["warning"],
        ("lenient", "client"): ["warning"],
        ("lenient", "server"): ["warning"],
    }


@pytest.mark.requirement("W-REC-05a")
@pytest.mark.parametrize("mode", ["pdsm-strict", "pdsm4dmp", "lenient"])
@pytest.mark.parametrize("key", ["status", "content"])
def test_what_fhir_itself_asks_is_refused_in_every_mode(mode: Mode, key: str) -> None:
    """No mode lets through a resource that is not FHIR R4."""
    resource = fresh("document_reference")
    del resource[key]
    assert [f.severity for f in found(resource, COMPREHENSIVE, mode) if f.code == "required"] == [
        "error"
    ]


def test_a_status_out_of_fhir_is_refused_where_one_out_of_the_profile_may_pass() -> None:
    """`entered-in-error` is FHIR's, not IHE's; `gone` is nobody's."""
    resource = fresh("document_reference")
    resource["status"] = "entered-in-error"
    assert [f.severity for f in found(resource, COMPREHENSIVE, "pdsm4dmp")] == ["warning"]
    resource["status"] = "gone"
    assert "error" in [f.severity for f in found(resource, COMPREHENSIVE, "pdsm4dmp")]


WRONG: Final[list[tuple[str, list[str | int], Json, str]]] = [
    ("document_reference", ["date"], "2022-03-02", "value"),
    ("document_reference", ["date"], "2022-02-30T10:05:00+01:00", "value"),
    ("document_reference", ["date"], "2022-03-02T10:05:00", "value"),
    ("document_reference", ["status"], 1, "value"),
    ("document_reference", ["status"], ["current"], "value"),
    ("document_reference", ["author"], {"reference": "#auteur"}, "structure"),
    ("document_reference", ["author"], [], "structure"),
    ("document_reference", ["type"], {}, "structure"),
    ("document_reference", ["docStatus"], "final", "structure"),
    ("document_reference", ["nothing"], 1, "structure"),
    ("document_reference", ["custodian", "reference"], "#nobody", "invariant"),
    ("document_reference", ["custodian", "reference"], "#patient", "value"),
    ("document_reference", ["custodian", "reference"], "organisation 1", "invariant"),
    ("document_reference", ["custodian", "reference"], "Organization", "invariant"),
    ("document_reference", ["masterIdentifier", "value"], "urn:oid:1.02.3", "business-rule"),
    ("document_reference", ["context", "period", "end"], "2022-03-02T09:29:00+01:00", "invariant"),
    ("document_reference", ["content", 0, "attachment", "hash"], "QUJD", "business-rule"),
    ("document_reference", ["content", 0, "attachment", "hash"], "QUJ", "value"),
    ("document_reference", ["content", 0, "attachment", "size"], -1, "value"),
    ("document_reference", ["content", 0, "attachment", "size"], True, "value"),
    ("document_reference", ["content", 0, "attachment", "contentType"], "pdf", "code-invalid"),
    ("document_reference", ["relatesTo"], [{"code": "replaces"}], "required"),
    ("simplified_publish", ["content", 0, "attachment", "data"], "Tm90ZQ==", "business-rule"),
    ("simplified_publish", ["status"], "superseded", "value"),
    ("submission_set", ["code", "coding", 0, "code"], "folder", "value"),
    ("submission_set", ["identifier", 1, "value"], "urn:oid:1.2.3", "invariant"),
    ("submission_set", ["extension", 2, "valueBoolean"], "false", "value"),
    ("submission_set", ["extension", 2, "valueString"], "x", "structure"),
    ("submission_set", ["source"], {"reference": "PractitionerRole/1"}, "value"),
    ("deposit", ["type"], "batch", "value"),
    ("deposit", ["entry", 1, "fullUrl"], "aaaa", "invariant"),
    ("deposit", ["entry", 1, "request", "method"], "PUT", "structure"),
    (
        "deposit",
        ["entry", 2, "fullUrl"],
        "urn:uuid:bbbbbbbb-0000-4000-8000-000000000099",
        "invariant",
    ),
    ("deposit", ["entry", 2, "resource", "data"], "QUJD", "business-rule"),
    ("replacement", ["entry", 3, "request", "url"], "DocumentReference/42", "business-rule"),
    ("replacement", ["entry", 3, "request", "method"], "POST", "business-rule"),
    ("replacement", ["entry", 3, "resource", "parameter", 0, "part", 2, "valueCode"], "x", "value"),
    ("patient", ["identifier", 0, "value"], "279035121518988", "business-rule"),
    ("patient", ["identifier", 0, "use"], "usual", "invariant"),
    ("patient", ["gender"], "other", "code-invalid"),
    ("patient", ["name", 0, "given"], ["Chloé", "Marie"], "structure"),
    ("consent", ["category", 0, "coding", 0, "code"], "whatever", "code-invalid"),
    (
        "audit_event",
        ["agent"],
        [{"requestor": True}, {"requestor": True}, {"requestor": False}],
        "structure",
    ),
]


@pytest.mark.parametrize(("name", "place", "value", "code"), WRONG)
def test_a_wrong_value_is_found_at_its_place(
    name: str, place: list[str | int], value: Json, code: str
) -> None:
    """One change, and a finding of the right kind at the place changed or in what holds it."""
    profiles = {row["example"]: row["profile"] for row in table("examples.csv")}
    resource = fresh(name)
    at(resource, *place[:-1])[cast("str", place[-1])] = value
    told = found(resource, profiles[name])
    assert code in [f.code for f in told if f.severity == "error"]
    assert all(f.expression.startswith(str(resource["resourceType"])) for f in told)


def test_the_number_of_security_insurance_shares_the_oid_but_not_the_check() -> None:
    """Typed NH, a value under the OID of the NIR is the billing number."""
    resource = fresh("patient")
    cast("list[Json]", resource["identifier"]).append(
        {
            "use": "usual",
            "type": {"coding": [{"code": "NH"}]},
            "system": "urn:oid:1.2.250.1.213.1.4.8",
            "value": "2790351215189",
        }
    )
    assert found(resource, "fr-core-patient-ins") == []


def test_the_switch_lets_a_wrong_ins_key_pass_as_a_warning() -> None:
    """The examples of PDSm4DMP hold such keys; nothing else is let through with them."""
    resource = fresh("as_the_dmp_writes")
    lenient = Validator(lenient_ins_key=True)
    told = {f.requirement: f.severity for f in lenient.validate(resource, COMPREHENSIVE, "lenient")}
    assert told["W-COM-05"] == "warning"
    strict = {f.requirement: f.severity for f in found(resource, COMPREHENSIVE, "lenient")}
    assert strict["W-COM-05"] == "error"


def test_an_extension_beside_a_primitive_stands_for_its_value() -> None:
    """`_date` with an extension is a date that is there, and nulls may stand for missing names."""
    resource = fresh("patient")
    del resource["birthDate"]
    absent: Json = {"extension": [{"url": "http://example.org/why", "valueCode": "unknown"}]}
    resource["_birthDate"] = absent
    assert found(resource, "fr-core-patient-ins") == []
    name = at(resource, "name", 0)
    name["prefix"] = [None]
    assert [f.expression for f in found(resource, "fr-core-patient-ins")] == [
        "Patient.name[0].prefix[0]"
    ]
    name["_prefix"] = [absent]
    assert found(resource, "fr-core-patient-ins") == []


def test_a_conditional_reference_is_legal_in_a_transaction_only() -> None:
    """Contradiction 11: the example of ITI-105 uses one."""
    reference: Json = {
        "reference": "Patient?identifier=urn:oid:1.2.250.1.213.1.4.10|279035121518989"
    }
    alone = fresh("simplified_publish")
    alone["subject"] = reference
    assert [f.expression for f in found(alone, SIMPLIFIED)] == [
        "DocumentReference.subject.reference"
    ]
    deposit = fresh("deposit")
    at(deposit, "entry", 1, "resource")["subject"] = reference
    assert found(deposit, DEPOSIT) == []


def test_an_unknown_profile_is_refused_by_name() -> None:
    """Neither a profile of ours nor of a package loaded."""
    with pytest.raises(UnknownProfile, match="no-such-profile"):
        found(fresh("patient"), "no-such-profile")


def test_another_resource_than_asked_is_said_at_once() -> None:
    """A List is no DocumentReference."""
    assert [f.code for f in found(fresh("folder"), COMPREHENSIVE)] == ["structure"]


@pytest.mark.parametrize("hostile", [b"null", b"{}", b"[]"])
def test_a_resource_with_very_many_flaws_is_refused_before_all_are_told(hostile: bytes) -> None:
    """The findings stay few, and one of them says that the rest was not checked."""
    resource = fresh("document_reference")
    resource["identifier"] = read_value(b"[" + b",".join([hostile] * 50_000) + b"]")
    told = found(resource, COMPREHENSIVE)
    assert len(told) < 1100
    assert ("error", "too-costly") in {(f.severity, f.code) for f in told}


def test_what_is_wrong_behind_many_warnings_is_no_way_in() -> None:
    """Warnings enough to end the check leave an error, in every mode."""
    resource = fresh("document_reference")
    odd: Json = {"coding": [{"system": "urn:a:b", "code": "x"}]}
    resource["securityLabel"] = [odd for _ in range(2000)]
    resource["nothing"] = 1
    for mode in ("pdsm-strict", "pdsm4dmp", "lenient"):
        assert "error" in {f.severity for f in found(resource, COMPREHENSIVE, mode)}


LONG: Final = 200_000
HOSTILE: Final[list[tuple[list[str | int], str]]] = [
    (["subject", "reference"], "Patient?" + "=" * LONG + " "),
    (["subject", "reference"], "http://" + "A/" * LONG + " "),
    (["content", 0, "attachment", "contentType"], "a/b;c=" + " " * LONG + ";"),
    (["content", 0, "attachment", "contentType"], "a/b" + ";c=d" * LONG + ";"),
    (["content", 0, "attachment", "language"], "fr" + "-ab" * LONG + "-"),
    (["masterIdentifier", "value"], "urn:oid:1" + ".1" * LONG + "."),
    (["text", "div"], "<div>" + "</div> " * LONG + "x"),
    (["description"], " " * LONG),
    (["status"], "a " * LONG),
    (["date"], "2022-03-02T10:05:00." + "1" * LONG),
]


@pytest.mark.parametrize(("place", "value"), HOSTILE)
def test_a_long_hostile_string_costs_what_its_length_costs(
    place: list[str | int], value: str
) -> None:
    """No regular expression goes back over itself: a quadratic one would not end here."""
    resource = fresh("document_reference")
    at(resource, *place[:-1])[cast("str", place[-1])] = value
    assert found(resource, COMPREHENSIVE)


def test_the_deepest_body_that_is_read_is_validated() -> None:
    """Extensions within extensions, as far as the reader of bodies lets them go."""
    extension: Json = {"url": "http://example.org/a", "valueString": "a"}
    for _ in range((LIMITS.depth - 3) // 2):
        extension = {"url": "http://example.org/a", "extension": [extension]}
    body = json.dumps({"resourceType": "Patient", "extension": [extension]}).encode()
    assert {f.severity for f in found(read_json(body), "Patient")} == {"warning"}


@pytest.mark.parametrize(
    ("start", "end", "right"),
    [
        ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:60-12:00", True),
        ("2022-03-02T10:00:00.1234567891Z", "2022-03-02T10:00:00.2Z", True),
        ("9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00Z", False),
    ],
)
def test_the_ends_of_time_compare(start: str, end: str, *, right: bool) -> None:
    """Periods hold the first and last instants, leap seconds and long fractions."""
    resource = fresh("document_reference")
    at(resource, "context")["period"] = {"start": start, "end": end}
    assert (found(resource, COMPREHENSIVE) == []) is right


def test_there_is_no_year_zero() -> None:
    """FHIR's dates begin with the year 1."""
    resource = fresh("document_reference")
    at(resource, "context")["period"] = {"start": "0000-01-01T00:00:00Z", "end": "2022"}
    assert [f.expression for f in found(resource, COMPREHENSIVE)] == [
        "DocumentReference.context.period.start"
    ]


def test_a_document_that_very_many_attachments_describe_is_read_once() -> None:
    """Two thousand attachments of one Binary of 750 kB: a check that reread it would not end."""
    deposit = fresh("deposit")
    at(deposit, "entry", 2, "resource")["data"] = "QUJD" * 250_000
    content = cast("list[Json]", at(deposit, "entry", 1, "resource")["content"])
    content += [content[0] for _ in range(2_000)]
    assert "too-costly" in {f.code for f in found(deposit, DEPOSIT)}


JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("#auteur"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


def spots(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield every place of a resource, the deeper after the higher."""
    if path:
        yield path
    pairs = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, part in pairs:
        yield from spots(part, (*path, key))


@given(data=st.data(), value=JSON, name=st.sampled_from(["deposit", "patient", "submission_set"]))
def test_whatever_stands_anywhere_the_validator_answers(
    data: st.DataObject, value: Json, name: str
) -> None:
    """Any JSON at any place gives findings or none, never an exception, and changes nothing."""
    profiles = {row["example"]: row["profile"] for row in table("examples.csv")}
    resource = fresh(name)
    place = data.draw(st.sampled_from(list(spots(resource))))
    at(resource, *place[:-1])[cast("str", place[-1])] = value
    before = copy.deepcopy(resource)
    told = found(resource, profiles[name])
    assert resource == before
    assert all(f.severity in {"error", "warning", "information"} for f in told)


@pytest.mark.parametrize(
    ("name", "profile", "place"),
    [
        ("patient", "fr-core-patient-ins", ["identifier", 0, "system"]),
        ("folder", "pdsm-folder-comprehensive", ["code", "coding", 0, "system"]),
        ("document_reference", COMPREHENSIVE, ["securityLabel", 0, "coding", 0, "system"]),
        ("document_reference", COMPREHENSIVE, ["type", "coding", 0, "code"]),
    ],
)
def test_an_array_where_a_system_or_a_code_is_asked_breaks_nothing(
    name: str, profile: str, place: list[str | int]
) -> None:
    """Found at its place like any other value of a wrong type."""
    resource = fresh(name)
    at(resource, *place[:-1])[cast("str", place[-1])] = ["a"]
    assert "error" in {one.severity for one in found(resource, profile)}


def test_findings_come_gravest_first_and_always_in_the_same_order() -> None:
    """Two validations of one resource agree to the letter."""
    resource = fresh("as_the_dmp_writes")
    told = found(resource, COMPREHENSIVE)
    assert told == found(cast("Resource", read_value(json.dumps(resource).encode())), COMPREHENSIVE)
    ranks = ["error", "warning", "information"]
    assert [ranks.index(f.severity) for f in told] == sorted(ranks.index(f.severity) for f in told)
