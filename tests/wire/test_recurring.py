"""A validator that remembers what was right finds what one that remembers nothing finds."""

import copy
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deposit_scene import EXAMPLES
from etalon_wire.json_body import Json, Resource, read_json
from etalon_wire.validation import recurring
from etalon_wire.validation.flaws import NONE, Check, Flaw, Flaws, Scope
from etalon_wire.validation.recurring import RightValues
from etalon_wire.validation.validator import Validator

REMEMBERING: Final = Validator()
FORGETFUL: Final = Validator(remembers=False)
PROFILES: Final = {
    "deposit": "pdsm-comprehensive-provide-document-bundle",
    "document_reference": "pdsm-comprehensive-document-reference",
    "simplified_publish": "pdsm-simplified-publish",
    "folder": "pdsm-folder-comprehensive",
    "patient": "fr-core-patient-ins",
}
BODIES: Final = {name: (EXAMPLES / f"{name}.json").read_bytes() for name in PROFILES}
STRANGE: Final[st.SearchStrategy[object]] = st.sampled_from(
    [None, True, 5, Decimal("5E0"), "", "#auteur", "Patient/1", "#", [], {}, [None], "N", "2022-13"]
)


def holders(value: Json) -> Iterator[dict[str, Json] | list[Json]]:
    """Yield every object and array of a resource."""
    if isinstance(value, dict | list):
        yield value
        for part in value.values() if isinstance(value, dict) else value:
            yield from holders(part)


def changed(data: st.DataObject, resource: Resource) -> None:
    """Put something elsewhere: a strange value, nothing, or what stands at another place."""
    everywhere = list(holders(resource))
    holder = data.draw(st.sampled_from(everywhere))
    value = data.draw(STRANGE | st.sampled_from(everywhere).map(copy.deepcopy))
    if isinstance(holder, dict):
        name = data.draw(st.sampled_from([*holder, "reference", "extension", "coding", "_value"]))
        holder[name] = cast("Json", value)
        if data.draw(st.booleans()):
            del holder[name]
    elif holder:
        holder[data.draw(st.integers(0, len(holder) - 1))] = cast("Json", value)


@given(data=st.data(), name=st.sampled_from([*PROFILES]))
def test_what_was_right_elsewhere_hides_nothing(data: st.DataObject, name: str) -> None:
    """Whatever is changed, in a body whose parts were right before: the same findings, twice."""
    resource, profile = read_json(BODIES[name]), PROFILES[name]
    for _ in range(data.draw(st.integers(0, 3))):
        changed(data, resource)
    if resource.get("resourceType") != read_json(BODIES[name])["resourceType"]:
        return
    expected = FORGETFUL.validate(resource, profile, "pdsm-strict")
    assert REMEMBERING.validate(resource, profile, "pdsm-strict") == expected
    assert REMEMBERING.validate(resource, profile, "pdsm-strict") == expected


def test_a_reference_that_led_somewhere_is_followed_again() -> None:
    """What it leads to stands beside it: its own text says nothing of that."""
    whole = read_json(BODIES["document_reference"])
    assert REMEMBERING.validate(whole, PROFILES["document_reference"], "pdsm-strict") == []
    del whole["contained"]
    told = REMEMBERING.validate(whole, PROFILES["document_reference"], "pdsm-strict")
    assert any("ref-1" in one.message for one in told)


def counted(asked: list[Json], found: Flaws, *, looks: bool = False) -> Check:
    """Return a check that notes what it is asked about."""

    def check(value: Json, scope: Scope) -> Flaws:
        asked.append(value)
        assert not looks or scope.container is not None
        return found

    return check


@pytest.mark.parametrize(
    ("first", "second", "times"),
    [
        ({"a": 1}, {"a": 1}, 1),
        ({"a": 5}, {"a": Decimal("5E0")}, 2),
        ({"a": "5"}, {"a": Decimal("5E0")}, 2),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, 2),
        ({"a": True}, {"a": 1}, 2),
        ({"a": "\ud800"}, {"a": "\ud800"}, 2),
        ({"a": "x" * recurring.LONGEST}, {"a": "x" * recurring.LONGEST}, 2),
    ],
)
def test_a_value_is_known_by_its_exact_text(first: Json, second: Json, times: int) -> None:
    """Two that JSON tells apart, or that cannot be written, are both checked."""
    asked: list[Json] = []
    check = RightValues().remembering(counted(asked, NONE))
    assert (check(first, Scope({})), check(second, Scope({}))) == (NONE, NONE)
    assert len(asked) == times


def test_what_was_wrong_or_looked_around_is_checked_again() -> None:
    """Each flaw is told each time, and is another object: its path grows."""
    asked: list[Json] = []
    flaw = Flaw("", "value", "base", "type", "", "wrong")
    wrong = RightValues().remembering(counted(asked, [flaw]))
    around = RightValues().remembering(counted(asked, NONE, looks=True))
    for _ in range(2):
        assert wrong({"a": 1}, Scope({})) == [flaw]
        assert around({"a": 1}, Scope({})) == NONE
    assert len(asked) == 4


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values that never come again do not stay: beyond the bound all are let go."""
    monkeypatch.setattr(recurring, "BYTES_MOST", 1000)
    asked: list[Json] = []
    check = RightValues().remembering(counted(asked, NONE))
    for number in range(100):
        check({"a": number}, Scope({}))
    check({"a": 99}, Scope({}))
    assert len(asked) == 100
    check({"a": 0}, Scope({}))
    assert len(asked) == 101
