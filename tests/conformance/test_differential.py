"""Two targets and the model: who differs is named, and agreement against the model is its own."""

from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from typing import Final, cast

import jsonschema
import pytest

from etalon_cli.inside import application
from etalon_conformance.differential.comparing import Compared, Difference, compared
from etalon_conformance.differential.difference_file import FILE, answer_of, difference_record
from etalon_conformance.differential.sides import Pair, Said, Standing
from etalon_conformance.exploring.calls import Call
from etalon_conformance.impostors import transform_of
from etalon_conformance.transforms.answers import refused_outright
from etalon_reports.conformance.differential_page import difference_lines
from etalon_reports.record import Record
from etalon_target.targets import Options, Target, target_of
from etalon_text.language import LANGUAGES, Language
from etalon_text.schema_files import schema
from etalon_wire.parts import Transform
from etalon_wire.validation.validator import Validator

FEW: Final = 4
MANY: Final = 20
LONG: Final = 120.0
"""Seconds that nobody waits: so many sequences end before."""
WRONG: Final = "stranger-reads"

Open = Callable[[Transform | None], Target]


@pytest.fixture(scope="module")
def opened() -> Generator[Open]:
    """Opens servers of this process, which all share one validator."""
    validator = Validator()
    with ExitStack() as stack:

        def open_one(transform: Transform | None) -> Target:
            inside = application(1, transform, validator)
            return stack.enter_context(target_of("inprocess", Options(inprocess=inside)))

        yield open_one


def test_the_reference_and_a_right_variant_are_alike(opened: Open) -> None:
    """Entries in another order are no difference."""
    found = compared(
        opened(None), opened(transform_of("other-order")), seconds=LONG, seed=1, sequences=FEW
    )

    assert (found.met, found.differences, found.stopped) == ({}, [], "")
    assert found.sequences == FEW
    assert found.calls > FEW
    assert answer_of(found) == "alike"


def first_met(first: Target, second: Target) -> tuple[Standing, Difference]:
    """How the two stand where they first differ, with the calls that show it."""
    several = (
        compared(first, second, seconds=LONG, seed=seed, sequences=2) for seed in range(1, MANY)
    )
    found = next(one for one in several if one.differences)
    (standing,) = found.met
    return standing, found.differences[0]


@pytest.mark.parametrize(
    ("wrong", "standing"),
    [
        ((True, False), Standing.FIRST_WRONG),
        ((False, True), Standing.SECOND_WRONG),
        ((True, True), Standing.MODEL_SUSPECT),
    ],
)
def test_who_differs_is_named(wrong: tuple[bool, bool], standing: Standing, opened: Open) -> None:
    """Both together against the model make the model suspect, though we know better here."""
    first, second = (opened(transform_of(WRONG) if one else None) for one in wrong)

    met, difference = first_met(first, second)

    assert met is standing
    assert difference.pair.standing is standing
    assert difference.pair.rule == "ACC-01"
    assert len(difference.calls) <= 6
    assert difference.pair.model.accepted is False


def test_what_cannot_be_compared_is_no_agreement(opened: Open) -> None:
    """A server that makes nobody leaves the question open."""
    mute = refused_outright(verb="POST", path="/sandbox/people", status="503")

    found = compared(opened(None), opened(mute), seconds=LONG, seed=1, sequences=FEW)

    assert (found.sequences, found.met) == (0, {})
    assert found.stopped
    assert answer_of(found) == "not-known"


LISTED: Final = Said(accepted=True, documents=(1, 2))
REFUSED: Final = Said(accepted=False)
SHOWN: Final = Pair(
    Call("search", "reader"), Standing.MODEL_SUSPECT, "ACC-01", LISTED, LISTED, REFUSED
)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (LISTED, Said(accepted=True, documents=(1, 2)), True),
        (LISTED, Said(accepted=True, documents=(1,)), False),
        (REFUSED, Said(accepted=True, documents=()), True),
        (REFUSED, LISTED, False),
        (REFUSED, Said(accepted=True), False),
        (Said(accepted=True), Said(accepted=True), True),
    ],
)
def test_a_search_refused_shows_as_much_as_one_that_finds_nothing(
    one: Said,
    other: Said,
    alike: bool,  # noqa: FBT001 (a parameter of pytest)
) -> None:
    """What counts is what comes through."""
    assert (one.shows == other.shows) is alike


def record_of(*differences: Difference, met: Sequence[Standing] = ()) -> dict[str, object]:
    """The file of a comparison."""
    found = Compared(sequences=3, calls=9, differences=list(differences))
    for one in met:
        found.met[one] = found.met.get(one, 0) + 1
    written = difference_record(found, ("embedded", "other"), seed=1, version="0")
    return cast("dict[str, object]", written)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_is_as_published_and_says_that_the_model_is_suspect(language: Language) -> None:
    """In both languages, with the calls that show it."""
    record = record_of(
        Difference((Call("deposit", "author", document=1), SHOWN.call), SHOWN),
        met=[Standing.MODEL_SUSPECT],
    )
    jsonschema.validate(record, schema("differential"))

    said = "\n".join(difference_lines(Record(record, FILE), language))

    assert {"fr": "Modèle suspect", "en": "Model suspect"}[language] in said
    assert "author deposit #1" in said
    assert "#1, #2" in said
    assert record["answer"] == "different"


def test_a_comparison_without_a_difference_is_as_published() -> None:
    """And one in which nothing could be compared."""
    alike = record_of()
    open_ = cast("dict[str, object]", difference_record(Compared(), ("a", "b"), seed=1, version=""))
    for one in (alike, open_):
        jsonschema.validate(one, schema("differential"))

    assert (alike["answer"], open_["answer"]) == ("alike", "not-known")
