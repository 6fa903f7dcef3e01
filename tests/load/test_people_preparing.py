"""Test people are made on a target as wanted, found there, and taken away again."""

import json
from collections import Counter
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from etalon_load.people.cleaning import clean
from etalon_load.people.credential import Credential
from etalon_load.people.known_documents import KnownDocument, deposits_of
from etalon_load.people.people_errors import NotMadeError, PeopleError
from etalon_load.people.people_file import Origin, PeopleFile
from etalon_load.people.preparing import Prepared, prepare
from etalon_load.people.wanted import kinds_wanted
from etalon_model.records.record import documents_of
from etalon_target.actors import Who
from etalon_target.messages import HttpRequest, HttpResponse
from etalon_target.targets import Target, target_of
from etalon_wire.records.addresses import document_id
from served_town import NOW, Town, served

TAG: Final = "etalon-load-test"
EACH: Final = dict.fromkeys(kinds_wanted(), 3)

FOREIGN: Final = """
[target]
name = "Dossier 4.2"
[addresses]
fhir = "{address}/fhir"
sandbox = "{address}/sandbox"

[operations.create_person]
http = "POST root:/sandbox/people"
as = "none"
body = {{ state = "{{state}}", age = "{{age}}", guardian = "{{guardian}}" }}
[operations.create_person.capture]
ins = "/0/ins"
oid = "/0/oid"
patient_id = "/0/patient_id"
family = "/0/family"
given = "/0/given"
sex = "/0/sex"
birth_date = "/0/birth_date"
vitale_serial = "/0/vitale_serial"
login = "/0/login"
password = "/0/password"
provisional_code = "/0/provisional_code?"

[operations.remove_person]
http = "POST root:/sandbox/told"
as = "none"
body = {{ about = "{{ident}}" }}
accepted = {accepted}
refused = [200]
"""
"""A platform with operations of its own; what it takes away, it takes away by name alone."""


@pytest.fixture(scope="module")
def town() -> Generator[Town]:
    """A sandbox that listens."""
    with served() as town:
        yield town
        town.desk.host.contents.close()


@pytest.fixture(scope="module")
def target(town: Town) -> Generator[Target]:
    """It, by its address."""
    with target_of(f"{town.address}/fhir") as target:
        yield target


@pytest.fixture(scope="module")
def prepared(target: Target) -> Prepared:
    """Three of each kind."""
    return prepare(target, EACH, TAG)


def foreign(town: Town, folder: Path, *, removes: bool = True) -> Target:
    """The same server behind a profile that maps operations of its own."""
    file = folder / "target.toml"
    accepted = "[200]\n" if removes else "[204]\n"
    text = FOREIGN.format(address=town.address, accepted=accepted)
    file.write_text(text.replace("refused = [200]\n", "") if removes else text, "utf-8")
    return target_of(str(file))


def found(target: Target, who: Who, one: Credential) -> list[str]:
    """The identifiers of the documents that somebody finds in a record, none where refused."""
    path = f"/DocumentReference?patient.identifier={one.system}%7C{one.ins}&status=current"
    answer = target.send_as(who, HttpRequest("GET", path))
    assert isinstance(answer, HttpResponse)
    told = json.loads(answer.body)
    return sorted(each["resource"]["id"] for each in told.get("entry", []))


def test_as_many_of_each_kind_are_made_as_were_asked_for(prepared: Prepared) -> None:
    """Everybody another person, with all that their kind needs."""
    people = prepared.people
    assert Counter(one.wanted for one in people) == EACH
    assert len({one.ins for one in people}) == len(people)
    for one in people:
        kind = kinds_wanted()[one.wanted]
        assert one.state == kind.state
        assert len(one.documents) == kind.documents
        assert all(getattr(one, column) for column in kind.needs)


def test_a_doctor_of_the_care_team_finds_the_documents_and_another_one_does_not(
    target: Target, prepared: Prepared
) -> None:
    """As journeys expect."""
    by_kind = {one.wanted: one for one in prepared.people}
    seen, strange = by_kind["in-care-team"], by_kind["unrelated-professional"]

    assert found(target, seen.professional, seen) == [one.id for one in seen.documents]
    assert found(target, strange.professional, strange) == []


def test_a_representative_finds_the_documents_of_a_minor(
    target: Target, prepared: Prepared
) -> None:
    """Each minor has their own."""
    minors = [one for one in prepared.people if one.wanted == "minor-with-representative"]

    assert len({one.representative for one in minors}) == len(minors)
    for one in minors:
        assert found(target, one.represented, one) == [each.id for each in one.documents]


def test_a_model_that_is_told_of_known_documents_holds_the_same(
    town: Town, prepared: Prepared
) -> None:
    """Their addresses, digests, titles and depositors."""
    one = next(each for each in prepared.people if each.wanted == "in-care-team")
    held = documents_of(town.desk.host.service.person(one.ins)).values()

    deposits = deposits_of(one, NOW)

    told = [(each.sheet.unique_id, each.sheet.sha1, each.sheet.title) for each in deposits]
    assert told == [(each.unique_id, each.sheet.sha1, each.sheet.title) for each in held]
    assert [each.actor for each in deposits] == [each.depositor for each in held]
    assert [each.id for each in one.documents] == [document_id(one.ins, each) for each in held]


def test_a_model_is_not_told_of_half_a_document(prepared: Prepared) -> None:
    """Of a file that gives identifiers alone."""
    one = replace(prepared.people[0], documents=(KnownDocument("a"),))

    with pytest.raises(ValueError, match="only a part is known"):
        deposits_of(one, NOW)


def test_a_platform_with_operations_of_its_own_makes_the_same_people(
    town: Town, tmp_path: Path
) -> None:
    """One by one; documents by the interface that every platform has."""
    with foreign(town, tmp_path) as platform:
        prepared = prepare(platform, EACH, TAG)

        by_kind = {one.wanted: one for one in prepared.people}
        seen, minor = by_kind["in-care-team"], by_kind["minor-with-representative"]
        opened = sum(kinds_wanted()[kind].state == "OPEN_ACTIVE" for kind in EACH) * 3
        assert Counter(one.wanted for one in prepared.people) == EACH
        assert prepared.looked_up == opened
        assert found(platform, seen.professional, seen) == [one.id for one in seen.documents]
        assert found(platform, minor.represented, minor) == [one.id for one in minor.documents]
        assert all(one.is_whole for one in seen.documents)


@pytest.mark.parametrize(("removes", "left"), [(True, 0), (False, 3)])
def test_what_was_made_is_taken_away_and_what_is_left_is_counted(
    town: Town, tmp_path: Path, *, removes: bool, left: int
) -> None:
    """By whoever has the file."""
    with foreign(town, tmp_path, removes=removes) as platform:
        made = prepare(platform, {"caller": 3}, TAG)
    with foreign(town, tmp_path, removes=removes) as platform:
        leftovers = clean(platform, PeopleFile(made.people, made.origin))

    assert (leftovers.removed, len(leftovers.left)) == (3 - left, left)
    assert {one.ident for one in leftovers.left} <= {one.ins for one in made.people}


def test_nobody_is_taken_away_who_was_not_made_here(target: Target, prepared: Prepared) -> None:
    """Neither people of a platform, nor those of another one."""
    elsewhere = Origin("another", "https://another.example/fhir", TAG)

    for origin, said in ((None, "does not say"), (elsewhere, "another.example")):
        with pytest.raises(PeopleError, match=said):
            clean(target, PeopleFile(prepared.people, origin))


def test_a_target_without_a_way_says_so_in_one_sentence(town: Town, tmp_path: Path) -> None:
    """Neither controls like ours, nor operations, nor people in its profile."""
    file = tmp_path / "target.toml"
    file.write_text(f'[target]\nname = "D"\n[addresses]\nfhir = "{town.address}/fhir"\n', "utf-8")

    with target_of(str(file)) as bare, pytest.raises(NotMadeError) as refused:
        prepare(bare, {"caller": 1}, TAG)

    assert "caller" in refused.value.told("fr")
    assert "\n" not in refused.value.told("en")


def test_what_had_been_made_is_taken_away_when_something_fails(town: Town, tmp_path: Path) -> None:
    """So that a second try begins with nothing left of the first."""
    with foreign(town, tmp_path) as platform:
        with pytest.raises(KeyError, match="nobody"):
            prepare(platform, {"caller": 2, "nobody": 1}, TAG)

        assert platform.people.clean().removed == 0
