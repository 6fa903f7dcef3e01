"""What journeys send keeps the profiles of those who receive it."""

from collections.abc import Callable

import pytest

from etalon_load.journeys.bodies import (
    NOTE,
    RESULTS,
    Sheet,
    Value,
    body_of,
    digest_of,
    mask,
    parameters,
    provided,
    simplified,
    uploaded,
)
from etalon_load.people.credential import Credential
from etalon_wire.json_body import Resource, read_json
from etalon_wire.operations import read_parameters
from etalon_wire.patching import StatusChange, status_change
from etalon_wire.validation.validator import Validator

VALIDATOR = Validator()
ONE = Credential(
    "in-care-team",
    "289033191000240",
    patient_id="29fc0cc9-638d-8b53-8a1a-000000000000",
    family="Guillou",
    given="Élisabeth",
    sex="F",
    birth_date="1989-03-26",
    rpps="99710000037",
    profession="10",
    structure="0B1000003",
)
BARE = Credential("in-care-team", "289033191000240", rpps="99710000037")
GRAVE = {"fatal", "error"}
ALONE, BUNDLED = "pdsm-simplified-publish", "pdsm-comprehensive-provide-document-bundle"


Made = Callable[[Credential], Resource]
SENT: list[tuple[Made, str]] = [
    (lambda one: simplified(Sheet(one, 3, NOTE)), ALONE),
    (lambda one: uploaded(Sheet(one, 4)), ALONE),
    (lambda one: provided([Sheet(one, 5)]), BUNDLED),
    (lambda one: provided([Sheet(one, 6 + rank, RESULTS) for rank in range(3)]), BUNDLED),
]


@pytest.mark.parametrize("one", [ONE, BARE], ids=["known", "bare"])
@pytest.mark.parametrize(("made", "profile"), SENT, ids=["alone", "own", "bundled", "results"])
def test_what_is_sent_keeps_its_profile(one: Credential, made: Made, profile: str) -> None:
    """As it stands on the wire, whatever is known of the person."""
    findings = VALIDATOR.validate(read_json(body_of(made(one))), profile, "pdsm-strict")

    assert [each for each in findings if each.severity in GRAVE] == []


def test_a_document_follows_from_whose_it_is_and_its_number() -> None:
    """The same twice; another person and another number have others, their words too."""
    sheets = [Sheet(ONE, 1), Sheet(ONE, 2), Sheet(Credential("x", "190043191000288"), 1)]

    assert body_of(simplified(Sheet(ONE, 1))) == body_of(simplified(sheets[0]))
    assert len({one.unique_id for one in sheets}) == len(sheets)
    assert len({digest_of(one.content) for one in sheets}) == len(sheets)


def test_a_mask_adds_a_label() -> None:
    """And leaves the level as it was."""
    found = status_change(simplified(Sheet(ONE, 1)), mask())

    assert isinstance(found, StatusChange)
    assert found.codes is not None
    assert set(found.codes) == {"N", "MASQUE_PS"}
    assert (found.status, found.archived) == (None, None)


def test_parameters_are_read_as_they_were_meant() -> None:
    """A matricule by its system, a switch, a code."""
    values: dict[str, Value] = {
        "patient": f"{ONE.system}|{ONE.ins}",
        "mode": "break_glass",
        "incapable": True,
    }
    read = read_parameters(
        "mes-open-record", read_json(body_of(parameters("mes-open-record", values)))
    )

    assert read == {"patient": ONE.ins, "mode": "break_glass", "incapable": True}
