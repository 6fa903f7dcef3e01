"""A deposit filled into a template becomes what it becomes when it is worked out whole."""

from dataclasses import replace
from typing import Final, TypeAlias, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deposit_scene import empty_record
from etalon_model import Actor, ActorKind
from etalon_model.records.deposit import Means
from etalon_wire.findings import Finding
from etalon_wire.json_body import Json, Resource, read_json, write_json
from etalon_wire.malformed import Malformed
from etalon_wire.records import simplified
from etalon_wire.records.plans import Depositing, Plan
from etalon_wire.records.simplified import simplified_plan
from etalon_wire.records.templates import told_by

Changes: TypeAlias = dict[str, Json]

PLACE: Final = empty_record()
SENT: Final = PLACE.example("simplified_publish")
TEXTS: Final = st.text(max_size=8) | st.sampled_from(['é"\\\n<&>', "\x7f", "a" * 300])
DATES: Final = st.sampled_from(
    ["2022-03-02T10:05:00+01:00", "2022-03-02", "2022", "2022-03-02T10:05:00.123456Z", "", "x"]
)
PARTY: Final[Json] = {"identifier": {"system": "https://rpps.esante.gouv.fr", "value": "1"}}
REPLACING: Final[Json] = [{"code": "replaces", "target": {"reference": "urn:oid:1.2"}}]
USUAL: Final[dict[str, st.SearchStrategy[Json]]] = {
    "masterIdentifier": TEXTS.map(lambda one: {"use": "usual", "value": one}),
    "text": st.sampled_from([None, {"status": "empty", "div": "<div>é</div>"}]),
    "date": DATES,
    "author": st.sampled_from([[PARTY], [], [{"display": "Dr"}], None]),
    "custodian": st.sampled_from([PARTY, {"display": "Parc"}]),
    "authenticator": st.sampled_from([PARTY, {}, None]),
    "securityLabel": st.sampled_from([[], [{"coding": [{"code": "N"}]}], None]),
    "subject": st.sampled_from([{"reference": "#patient"}, SENT["subject"]]),
    "type": st.sampled_from([{"coding": [{"code": "34133-9"}]}, {"coding": [{"code": "?"}]}]),
    "category": st.just([{"coding": [{"code": "11"}]}]),
    "docStatus": st.just("final"),
    "language": st.just("fr"),
}
UNUSUAL: Final[dict[str, st.SearchStrategy[Json]]] = {
    "description": TEXTS,
    "relatesTo": st.just(REPLACING),
    "extension": st.just([]),
    "context": st.just({"period": {"start": "2022-01-01"}}),
    "contained": st.just([{"resourceType": "Patient", "id": "patient"}]),
}
ATTACHED: Final[dict[str, st.SearchStrategy[Json]]] = {
    "title": TEXTS | st.just(None),
    "creation": DATES | st.just(None),
    "size": st.integers(0, 99),
    "hash": TEXTS,
    "language": TEXTS,
    "contentType": st.sampled_from(["text/plain", "application/pdf", "a/b", ""]),
    "data": st.binary(max_size=5).map(lambda one: one.hex() * 2),
}


def some_of(values: dict[str, st.SearchStrategy[Json]], most: int) -> st.SearchStrategy[Changes]:
    """Changes of a few members, so that most of them are alike."""
    pairs = [st.tuples(st.just(name), value) for name, value in values.items()]
    return st.lists(st.one_of(pairs), max_size=most).map(dict)


GONE: Final = st.lists(
    st.sampled_from(["masterIdentifier", "text", "date", "category"]), max_size=1
)
DEPOSITORS: Final = st.sampled_from(
    [
        (ActorKind.PROFESSIONAL, Means.CPS),
        (ActorKind.PROFESSIONAL, Means.CPS),
        (ActorKind.STRUCTURE, Means.STRUCTURE_CERTIFICATE),
        (ActorKind.APP, Means.NONE),
        (ActorKind.HOLDER, Means.NONE),
    ]
)


def made(resource: Resource, who: Depositing) -> Plan | list[Finding] | tuple[str, str]:
    """What a deposit becomes, or how it is malformed."""
    try:
        return simplified_plan(resource, who)
    except Malformed as malformed:
        return malformed.code, str(malformed)


def sent(changes: Changes, attached: Changes, gone: list[str]) -> Resource:
    """The example, some of it changed."""
    resource = read_json(write_json(SENT)) | changes
    for name in gone:
        resource.pop(name, None)
    content = cast("list[Json]", resource["content"])
    attachment = cast("Resource", cast("Resource", content[0])["attachment"])
    attachment.update(attached)
    return resource


def no_template(_resource: Resource) -> None:
    """Have a deposit worked out whole."""


@given(
    changes=some_of(USUAL, 4),
    unusual=some_of(UNUSUAL, 1),
    attached=some_of(ATTACHED, 4),
    gone=GONE,
    depositor=DEPOSITORS,
)
def test_a_template_changes_nothing_of_what_a_deposit_becomes(
    changes: Changes,
    unusual: Changes,
    attached: Changes,
    gone: list[str],
    depositor: tuple[ActorKind, Means],
) -> None:
    """The same plan, to the byte, from no template, from a new one and from one filled again."""
    kind, means = depositor
    who = replace(PLACE.who(), actor=Actor(kind, "810100000017"), means=means)
    resource = sent(changes | unusual, attached, gone)
    before = write_json(resource)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simplified, "told_by", no_template)
        whole = made(resource, who)
    assert made(resource, who) == whole
    assert made(sent(changes | unusual, attached, gone), who) == whole
    assert write_json(resource) == before


def shared(resource: Resource) -> bytes:
    """What a deposit shares with those like it."""
    told = told_by(resource)
    return b"" if told is None else told.shared


def test_deposits_that_differ_by_what_templates_fill_in_share_their_text() -> None:
    """Another name, patient, date, title and content are the same text; another author is not."""
    text = shared(SENT)
    assert text
    other: Json = {"value": "urn:oid:1.2.3"}
    alike = sent({"masterIdentifier": other, "date": "2021"}, {"title": "B", "data": ""}, [])
    assert shared(alike) == text
    assert shared(sent({"author": [PARTY]}, {}, [])) not in (b"", text)
    assert shared(sent({}, {}, ["text"])) not in (b"", text)


MORE_OR_LESS: Final[list[tuple[str, Json]]] = [
    ("contained", []),
    ("context", {}),
    ("relatesTo", []),
    ("identifier", []),
    ("_status", {}),
    ("content", []),
    ("content", [{}, {}]),
    ("masterIdentifier", {"value": ""}),
    ("subject", {"reference": "#patient"}),
]


@pytest.mark.parametrize(("name", "value"), MORE_OR_LESS)
def test_a_deposit_that_says_more_or_less_has_no_template(name: str, value: Json) -> None:
    """It is worked out whole."""
    assert told_by({**SENT, name: value}) is None


def test_templates_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Software that never says the same twice fills no memory."""
    templates: dict[object, object] = {}
    monkeypatch.setattr(simplified, "_TEMPLATES", templates)
    monkeypatch.setattr(simplified, "_TEMPLATES_MOST", 3)
    for number in range(10):
        changes: Changes = {"custodian": {"display": f"{number}"}}
        assert isinstance(simplified_plan(sent(changes, {}, []), PLACE.who()), Plan)
    assert 0 < len(templates) <= 3
