"""A sandbox makes many test people at once, with what they need to be worked with."""

import hashlib

from etalon_model.professionals import professional_of
from etalon_model.records.record import documents_of
from etalon_model.rights.rights import standing_of
from etalon_server.identity.accounts import Accounts
from etalon_server.identity.store import Store
from etalon_server.records.places import kept_bytes_of
from etalon_wire.records.addresses import document_id
from sandbox_scene import SEED, ask, desk_of


def test_several_guardians_represent_the_children_in_turn() -> None:
    """Thirty children of one guardian would be nobody's account."""
    desk = desk_of()
    guardians = [one["ins"] for one in ask(desk, "sandbox_people", {"count": 2})]

    children = ask(desk, "sandbox_people", {"age": 3, "count": 5, "guardians": guardians})

    assert [one["guardian"] for one in children] == [guardians[rank % 2] for rank in range(5)]


def test_people_come_with_documents_that_are_what_their_sheets_say() -> None:
    """Deposited by the command that exists, and kept like any others."""
    desk = desk_of()

    made = ask(desk, "sandbox_people", {"count": 2, "documents": 3})

    for one in made:
        held = list(documents_of(desk.host.service.person(one["ins"])).values())
        contents = desk.host.contents.bodies([kept_bytes_of(one["ins"], each) for each in held])
        digests = [hashlib.sha1(body, usedforsecurity=False) for body in contents.values()]
        told = [(each["id"], each["unique_id"], each["sha1"]) for each in one["documents"]]
        assert told == [
            (document_id(one["ins"], each), each.unique_id, each.sheet.sha1) for each in held
        ]
        assert len(set(told)) == 3
        assert [digest.hexdigest() for digest in digests] == [each.sheet.sha1 for each in held]
    desk.host.contents.close()


def test_a_person_who_was_made_logs_in_with_what_was_told() -> None:
    """Until they choose credentials of their own."""
    desk = desk_of()
    made = ask(desk, "sandbox_people")[0]
    accounts = Accounts(Store(None))

    known = accounts.proved(desk.host.service, made["login"], made["password"])

    assert known == made["ins"]


def test_a_relation_of_several_holders_is_that_of_each() -> None:
    """In one call."""
    desk = desk_of()
    holders = [one["ins"] for one in ask(desk, "sandbox_people", {"count": 3})]
    rpps = ask(desk, "sandbox_professionals")[0]["rpps"]

    ask(desk, "sandbox_relations", {"kind": "care_team", "holders": holders, "who": rpps})

    ident = professional_of(SEED, rpps).idnps
    standings = [standing_of(desk.host.service.person(ins), ident) for ins in holders]
    assert [one is not None and one.in_team for one in standings] == [True] * 3
