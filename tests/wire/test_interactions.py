"""The table of interactions: complete, consistent, and joined to the other tables."""

import re
from collections import Counter

from etalon_model import ActorKind
from etalon_wire.capability import search_parameters
from etalon_wire.interactions import (
    CATALOGUE,
    FHIR,
    MEASURES,
    Interaction,
    interactions,
    of_family,
)
from etalon_wire.operations import operation_parameters
from etalon_wire.tables import rows_of

FAMILIES = {
    *("metadata", "records", "life_cycle", "consents", "audit", "directory", "messages"),
    *("measures", "catalogue", "agenda"),
    *("identity", "pairing", "documents", "sandbox", "running"),
}


def rows() -> tuple[Interaction, ...]:
    """Every row of the table."""
    return tuple(interactions().values())


def test_one_verb_on_one_path_is_one_interaction() -> None:
    """No two rows answer the same request."""
    asked = Counter((row.verb, re.sub(r"\{\w+\}", "{}", row.path)) for row in rows())

    assert [request for request, times in asked.items() if times > 1] == []


def test_every_family_has_rows_and_no_row_another_family() -> None:
    """The families are the parts of the server."""
    assert {row.family for row in rows()} == FAMILIES
    assert sum(len(of_family(family)) for family in FAMILIES) == len(rows())


def test_a_row_that_names_actors_names_scopes_and_the_reverse() -> None:
    """Whoever must be known must hold a scope; whoever need not, cannot."""
    assert [row.name for row in rows() if bool(row.actors) is not bool(row.scopes)] == []


def test_every_profile_requirement_and_status_is_known() -> None:
    """Names lead to the table of profiles; statuses are those of a success."""
    profiles = {row["profile"] for row in rows_of("profiles/index.csv")}

    assert {row.profile for row in rows()} - {""} <= profiles
    assert all(re.fullmatch(r"W-[A-Z]{3}-\d\d[ab]?", ident) for ident in named_requirements())
    assert {row.status for row in rows()} <= {200, 201, 204, 303}


def named_requirements() -> set[str]:
    """The requirements that the table names."""
    return {ident for row in rows() for ident in row.requirements}


def test_every_operation_has_its_parameters_and_every_parameter_its_operation() -> None:
    """The two tables name the same operations."""
    named = {row.operation for row in rows() if row.operation}

    assert named == {row["operation"] for row in rows_of("operations.csv")}
    assert all(operation_parameters(operation) for operation in named)


def test_every_type_that_is_searched_is_searched_both_ways_with_parameters() -> None:
    """A search by address and one by form are the same search (W-REC-21)."""
    searches = [row for row in rows() if row.kind == "search-type"]
    by_address = {row.resource: row for row in searches if row.verb == "GET"}
    by_form = {row.resource: row for row in searches if row.verb == "POST"}

    assert by_address.keys() == by_form.keys() == search_parameters().keys()
    for kind, row in by_address.items():
        form = by_form[kind]
        assert form.path == f"{row.path}/_search"
        assert (form.actors, form.scopes) == (row.actors, row.scopes)


def test_a_row_of_fhir_stands_under_the_base_and_answers_fhir() -> None:
    """Paths and kinds agree."""
    for row in rows():
        if row.kind != "own":
            assert row.path.startswith((FHIR, MEASURES, CATALOGUE))
            assert row.answer in ({""} if row.kind == "delete" else {"fhir", "raw"})


def test_what_the_insurer_alone_does_is_closed_to_the_holder() -> None:
    """The table says who may ever be accepted."""
    for name in ("notify_creation", "suspend_space", "reinstate_space", "record_death"):
        assert interactions()[name].actors == {ActorKind.INSURER}


def test_every_parameter_that_is_declared_is_understood() -> None:
    """A client finds in the CapabilityStatement what a search reads."""
    understood = {(row["resource"], row["parameter"]) for row in rows_of("search_meanings.csv")}
    declared = {(one.resource, one.name) for all_ in search_parameters().values() for one in all_}

    assert declared <= understood
