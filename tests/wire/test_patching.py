"""Patches change status, labels and the archive flag, and nothing else."""

from copy import deepcopy
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_model import Refusal
from etalon_model.records.changes import PATCHABLE
from etalon_model.records.confidentiality import ALL, confidentiality_of
from etalon_wire.json_body import Json, Resource
from etalon_wire.labels import LEVELS, V3_CONFIDENTIALITY, VISIBILITY
from etalon_wire.malformed import Malformed
from etalon_wire.operation_outcomes import Fault, status_of
from etalon_wire.patching import IS_ARCHIVED, StatusChange, status_change

Operation = dict[str, Json]
Codes = tuple[str, ...]


def label(code: str, system: str = "") -> Json:
    """A security label of the code's own system."""
    own = V3_CONFIDENTIALITY if len(code) == 1 else VISIBILITY
    return {"coding": [{"system": system or own, "code": code}]}


def document(*codes: str, archived: bool | None = None, others: tuple[str, ...] = ()) -> Resource:
    """A document that bears these codes and extensions."""
    extensions: list[Json] = [{"url": url, "valueString": "a"} for url in others]
    if archived is not None:
        extensions.append({"url": IS_ARCHIVED, "valueBoolean": archived})
    return {
        "resourceType": "DocumentReference",
        **({"extension": extensions} if extensions else {}),
        "status": "current",
        "type": {"coding": [{"code": "34112-3"}]},
        "securityLabel": [label(code) for code in codes or ("N",)],
    }


def op(verb: str, path: str, value: Json = None) -> Operation:
    """One operation of a JSON Patch."""
    return {"op": verb, "path": path, **({} if verb == "remove" else {"value": value})}


def fhirpath(verb: str, path: str, **parts: Json) -> Resource:
    """A FHIRPath Patch of one operation; each part is named after its parameter."""
    told: list[Json] = [{"name": "type", "valueCode": verb}, {"name": "path", "valueString": path}]
    for name, value in parts.items():
        kind = {bool: "valueBoolean", str: "valueCode", int: "valueInteger"}.get(
            cast("type", type(value)), "valueCodeableConcept"
        )
        told.append({"name": name, kind: value})
    return {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": told}]}


def archive_part(*, archived: bool) -> list[Json]:
    """The parts that write the extension isArchived."""
    return [
        {"name": "type", "valueCode": "add"},
        {"name": "path", "valueString": "DocumentReference"},
        {"name": "name", "valueString": "extension"},
        {
            "name": "value",
            "part": [
                {"name": "url", "valueUri": IS_ARCHIVED},
                {"name": "value", "valueBoolean": archived},
            ],
        },
    ]


@pytest.mark.rule("REC-13")
@pytest.mark.parametrize(
    ("codes", "written", "wanted"),
    [
        (("N",), "MASQUE_PS", {"N", "MASQUE_PS"}),
        (("N", "MASQUE_PS"), "N", {"N"}),
        (("N",), "INVISIBLE_PATIENT", {"N", "INVISIBLE_PATIENT"}),
        (("N", "INVISIBLE_PATIENT"), "MASQUE_PS", {"N", "INVISIBLE_PATIENT", "MASQUE_PS"}),
        (("N", "MASQUE_PS", "INVISIBLE_PATIENT"), "N", {"N", "INVISIBLE_PATIENT"}),
        (("INVISIBLE_PATIENT", "N", "MASQUE_PS"), "N", {"N", "INVISIBLE_PATIENT"}),
        (("R", "INVISIBLE_PATIENT"), "N", {"N"}),
        (("R",), "INVISIBLE_REPRESENTANTS_LEGAUX", {"R", "INVISIBLE_REPRESENTANTS_LEGAUX"}),
        (("N", "MASQUE_PS"), "R", {"R", "MASQUE_PS"}),
    ],
)
def test_the_official_patch_of_the_first_label_keeps_every_other(
    codes: Codes, written: str, wanted: set[str]
) -> None:
    """Masking and invisibility join the level; N makes visible again, one step at a time."""
    change = status_change(document(*codes), [op("replace", "/securityLabel/0", label(written))])

    assert isinstance(change, StatusChange)
    assert set(change.codes or ()) == wanted
    assert (change.status, change.archived) == (None, None)


@pytest.mark.parametrize(
    "patch",
    [
        [op("replace", "/securityLabel/0", label("MASQUE_PS"))],
        [op("add", "/securityLabel/-", label("MASQUE_PS"))],
        [op("add", "/securityLabel/0", label("MASQUE_PS"))],
        [op("replace", "/securityLabel", [label("N"), label("MASQUE_PS")])],
        [op("replace", "/securityLabel", [label("N", LEVELS), label("MASQUE_PS")])],
        [
            op("test", "/type/coding/0/code", "34112-3"),
            op("add", "/securityLabel/1", label("MASQUE_PS")),
        ],
        fhirpath("replace", "DocumentReference.securityLabel[0]", value=label("MASQUE_PS")),
        fhirpath("add", "DocumentReference", name="securityLabel", value=label("MASQUE_PS")),
        fhirpath("insert", "DocumentReference.securityLabel", index=1, value=label("MASQUE_PS")),
    ],
)
def test_masking_is_asked_in_each_form(patch: Json) -> None:
    """JSON Patch and FHIRPath Patch, by replacement or by addition, say the same."""
    change = status_change(document("N"), patch)

    assert isinstance(change, StatusChange)
    assert list(change.by_element()) in (
        [("securityLabel", "N MASQUE_PS")],
        [("securityLabel", "MASQUE_PS N")],
    )


@pytest.mark.parametrize(
    ("codes", "patch", "wanted"),
    [
        (("N", "MASQUE_PS"), [op("remove", "/securityLabel/1")], {"N"}),
        (
            ("N", "MASQUE_PS", "INVISIBLE_PATIENT"),
            [op("replace", "/securityLabel/1", label("INVISIBLE_REPRESENTANTS_LEGAUX"))],
            {"N", "INVISIBLE_REPRESENTANTS_LEGAUX", "INVISIBLE_PATIENT"},
        ),
        (
            ("N", "MASQUE_PS"),
            fhirpath("delete", "DocumentReference.securityLabel.where(coding.code='MASQUE_PS')"),
            {"N"},
        ),
    ],
)
def test_any_other_rank_is_read_to_the_letter(codes: Codes, patch: Json, wanted: set[str]) -> None:
    """Who names another label than the first means that one."""
    change = status_change(document(*codes), patch)

    assert isinstance(change, StatusChange)
    assert set(change.codes or ()) == wanted


@pytest.mark.parametrize("before", [None, False])
@pytest.mark.parametrize(
    "others", [(), ("urn:x",)], ids=["no other extension", "another extension"]
)
def test_archiving_is_asked_in_each_form(before: bool | None, others: Codes) -> None:  # noqa: FBT001 (a case of a table)
    """By the rank of the extension, by addition, by FHIRPath; an absent one is not archived."""
    resource = document("N", archived=before, others=others)
    flag: Json = {"url": IS_ARCHIVED, "valueBoolean": True}
    adding: Resource = {
        "resourceType": "Parameters",
        "parameter": [{"name": "operation", "part": archive_part(archived=True)}],
    }
    patches: list[Json] = [[op("add", "/extension/-", flag)], adding]
    if before is not None:
        at = f"/extension/{len(others)}"
        ask = f"DocumentReference.extension('{IS_ARCHIVED}').value"
        where = f"DocumentReference.extension.where(url = '{IS_ARCHIVED}').valueBoolean"
        patches = [
            [op("replace", f"{at}/valueBoolean", value=True)],
            [op("replace", at, flag)],
            fhirpath("replace", ask, value=True),
            fhirpath("replace", where, value=True),
        ]

    for patch in patches:
        assert status_change(resource, patch) == StatusChange(archived=True), patch


def test_taking_the_extension_away_ends_the_archiving() -> None:
    """A document without it is not archived."""
    resource = document("N", archived=True)
    path = f"DocumentReference.extension('{IS_ARCHIVED}')"

    for patch in ([op("remove", "/extension/0")], [op("remove", "/extension")]):
        assert status_change(resource, cast("Json", patch)) == StatusChange(archived=False)
    assert status_change(resource, fhirpath("delete", path)) == StatusChange(archived=False)


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("before", [None, False])
def test_the_path_of_the_official_example_is_taken_when_asked_only(
    quote: str,
    before: bool | None,  # noqa: FBT001 (a case of a table)
) -> None:
    """It is no JSON Pointer: strictly, the patch names no element that exists."""
    path = f"/extension[url:{quote}{IS_ARCHIVED}{quote}]/valueBoolean"
    patch: Json = [op("replace", path, value=True)]
    resource = document("N", archived=before)

    assert status_change(resource, patch, lenient_ans_patch_path=True) == StatusChange(
        archived=True
    )
    strictly = status_change(resource, patch)
    assert isinstance(strictly, Refusal)
    assert strictly.code == "NOT_PATCHABLE"


@pytest.mark.parametrize("status", ["superseded", "entered-in-error"])
def test_status_is_asked_in_each_form(status: str) -> None:
    """As deletion and replacement need."""
    for patch in (
        [op("replace", "/status", status)],
        [op("add", "/status", status)],
        fhirpath("replace", "DocumentReference.status", value=status),
    ):
        assert status_change(document(), cast("Json", patch)) == StatusChange(status=status)


def test_several_elements_change_at_once() -> None:
    """Each is asked of the model in its own words, the status last."""
    change = status_change(
        document("N", archived=False),
        [
            op("replace", "/status", "entered-in-error"),
            op("replace", "/extension/0/valueBoolean", value=True),
            op("add", "/securityLabel/-", label("MASQUE_PS")),
        ],
    )

    assert isinstance(change, StatusChange)
    assert list(change.by_element()) == [
        ("securityLabel", "N MASQUE_PS"),
        ("extension", "true"),
        ("status", "entered-in-error"),
    ]
    assert {element for element, _ in change.by_element()} <= PATCHABLE


@pytest.mark.parametrize(
    "patch",
    [
        [op("test", "/status", "current")],
        [op("replace", "/status", "current")],
        [op("replace", "/securityLabel", [label("N")])],
        [op("add", "/extension/-", {"url": IS_ARCHIVED, "valueBoolean": False})],
    ],
)
def test_a_patch_that_changes_nothing_asks_for_nothing(patch: Json) -> None:
    """What stands already is not asked again."""
    change = status_change(document("N"), patch)

    assert change == StatusChange()


@pytest.mark.parametrize(
    ("patch", "element"),
    [
        ([op("replace", "/type", {})], "type"),
        ([op("replace", "/type", {"coding": [{"code": "34112-3"}]})], "type"),
        ([op("add", "/content/0/attachment/title", "x")], "content"),
        ([op("remove", "/subject")], "subject"),
        ([op("replace", "", {})], "resource"),
        ([op("replace", "/status", "superseded"), op("remove", "/type")], "type"),
        ([op("add", "/extension/-", {"url": "urn:x", "valueString": "a"})], "extension"),
        ([op("replace", "/extension", ["a"])], "extension"),
        (fhirpath("replace", "DocumentReference.description", value="x"), "description"),
        (fhirpath("delete", "DocumentReference.content[0].attachment"), "content"),
        (fhirpath("add", "DocumentReference", name="author", value="x"), "author"),
    ],
)
def test_any_other_element_is_refused(patch: Json, element: str) -> None:
    """405 under PDSm, 422 under its draft for the record; one wrong operation refuses all."""
    refusal = status_change(document("N", others=("urn:y",)), patch, ins="231042A94593971")

    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.facts) == ("NOT_PATCHABLE", (element,))
    assert (status_of(refusal), status_of(refusal, "pdsm4dmp")) == (405, 422)


@pytest.mark.parametrize(
    ("patch", "element"),
    [
        ([op("replace", "/status", "current ")], "status"),
        ([op("replace", "/status", "deleted")], "status"),
        ([op("replace", "/status", 1)], "status"),
        ([op("remove", "/status")], "status"),
        ([op("replace", "/securityLabel", "MASQUE_PS")], "securityLabel"),
        ([op("replace", "/securityLabel", [])], "securityLabel"),
        ([op("remove", "/securityLabel")], "securityLabel"),
        ([op("replace", "/securityLabel/0", "MASQUE_PS")], "securityLabel"),
        ([op("replace", "/securityLabel/0", label("MASQUE_PS", LEVELS))], "securityLabel"),
        ([op("add", "/securityLabel/-", label("MASQUE_PT"))], "securityLabel"),
        ([op("add", "/securityLabel/-", label("X", "urn:x"))], "securityLabel"),
        ([op("add", "/extension", "a")], "extension"),
        ([op("add", "/extension/-", {"url": IS_ARCHIVED, "valueBoolean": "true"})], "extension"),
        ([op("add", "/extension/-", {"url": IS_ARCHIVED})], "extension"),
        ([op("add", "/extension/-", {"url": IS_ARCHIVED, "valueBoolean": True})] * 2, "extension"),
        (
            [op("add", "/extension/-", {"url": IS_ARCHIVED, "valueBoolean": True, "x": 1})],
            "extension",
        ),
    ],
)
def test_a_value_that_its_element_cannot_take_is_refused(patch: Json, element: str) -> None:
    """The defects of the official example are among them."""
    refusal = status_change(document("N"), patch)

    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.facts[0]) == ("PATCH_REFUSED", element)
    assert status_of(refusal) == 422


@pytest.mark.parametrize(
    "patch",
    [
        [op("remove", "/securityLabel/3")],
        [op("replace", "/securityLabel/7", label("N"))],
        [op("replace", "/securityLabel/01", label("N"))],
        [op("replace", "/extension/0/valueBoolean", value=True)],
        [op("test", "/status", "superseded"), op("replace", "/status", "entered-in-error")],
        [{"op": "copy", "from": "/securityLabel", "path": "/securityLabel/-"}],
        [{"op": "move", "from": "/status", "path": "/securityLabel/0"}],
        fhirpath("replace", f"DocumentReference.extension('{IS_ARCHIVED}').value", value=True),
        fhirpath("delete", "DocumentReference.securityLabel.where(coding.code='R')"),
        fhirpath("replace", "Patient.name", value="x"),
        fhirpath("replace", "DocumentReference.status.toString()", value="x"),
        fhirpath("move", "DocumentReference.securityLabel"),
        fhirpath("insert", "DocumentReference.securityLabel", index=9, value=label("MASQUE_PS")),
    ],
)
def test_a_patch_that_does_not_apply_to_this_version_is_a_fault(patch: Json) -> None:
    """422, with what to do; copying is never done, since a copy of a copy grows without end."""
    fault = status_change(document("N"), patch)

    assert isinstance(fault, Fault)
    assert status_of(fault) == 422


@pytest.mark.parametrize(
    "patch",
    [
        {},
        "replace",
        [],
        [1],
        [{"op": "replace"}],
        [op("replace", "status", "superseded")],
        [{"op": "replace", "path": "/status"}],
        [{"op": "zap", "path": "/status", "value": "x"}],
        [{"op": 1, "path": "/status", "value": "x"}],
        [{"op": "add", "path": 1, "value": "x"}],
        [op("replace", "/status", "superseded")] * 65,
        {"resourceType": "Bundle"},
        {"resourceType": "Parameters"},
        {"resourceType": "Parameters", "parameter": [{"name": "other"}]},
        {"resourceType": "Parameters", "parameter": [{"name": "operation"}]},
        fhirpath("replace", "DocumentReference.status"),
        fhirpath("add", "DocumentReference", value="x"),
        fhirpath("zap", "DocumentReference.status", value="x"),
    ],
)
def test_what_is_no_patch_is_malformed(patch: Json) -> None:
    """400: nothing was tried."""
    with pytest.raises(Malformed) as caught:
        status_change(document("N"), patch)

    assert status_of(caught.value) == 400


PATHS = st.sampled_from(
    [
        *("/status", "/securityLabel", "/securityLabel/0", "/securityLabel/-", "/securityLabel/1"),
        *("/extension", "/extension/0", "/extension/-", "/extension/0/valueBoolean", "", "/type"),
        "/securityLabel/0/coding/0/code",
    ]
)
ARCHIVED: Json = {"url": IS_ARCHIVED, "valueBoolean": True}
ANYTHING: st.SearchStrategy[Json] = st.sampled_from(
    [
        *(None, True, 0, "current", "superseded", "N", [], {}),
        *(label("N"), label("MASQUE_PS"), label("INVISIBLE_PATIENT"), [label("R")]),
        ARCHIVED,
    ]
)
OPERATIONS = st.builds(
    op, st.sampled_from(["add", "remove", "replace", "test", "copy"]), PATHS, ANYTHING
)


@given(patch=st.lists(OPERATIONS, min_size=1, max_size=5), codes=st.sampled_from(ALL))
def test_whatever_the_patch_the_answer_is_typed_and_the_document_untouched(
    patch: list[Operation], codes: object
) -> None:
    """A change names values that their elements can take; everything else is a refusal."""
    bears = cast("Codes", getattr(codes, "codes", ()))
    resource = document(*bears, archived=False, others=("urn:x",))
    before = deepcopy(resource)

    try:
        change = status_change(resource, cast("Json", patch))
    except Malformed:
        change = None

    assert resource == before
    if isinstance(change, StatusChange):
        assert change.status in {None, "superseded", "entered-in-error"}
        assert change.codes is None or set(change.codes) != set(bears)


@given(codes=st.sampled_from(ALL), written=st.sampled_from(["N", "R", "V", "MASQUE_PS"]))
def test_the_official_patch_always_leaves_codes_that_the_model_takes(
    codes: object, written: str
) -> None:
    """One level and at most one of each code of visibility, whatever stood there."""
    bears = cast("Codes", getattr(codes, "codes", ()))
    change = status_change(document(*bears), [op("replace", "/securityLabel/0", label(written))])

    assert isinstance(change, StatusChange)
    assert confidentiality_of(change.codes or bears) is not None


@pytest.mark.parametrize("system", [["a"], {"a": 1}, 1, None, True])
def test_a_system_that_is_no_text_makes_no_label(system: Json) -> None:
    """Whatever stands in its place, the patch is refused and nothing breaks."""
    value: Json = {"coding": [{"system": system, "code": "MASQUE_PS"}]}
    refused = status_change(document(), [op("replace", "/securityLabel", [value])])
    assert isinstance(refused, Refusal)
    assert refused.code == "PATCH_REFUSED"
