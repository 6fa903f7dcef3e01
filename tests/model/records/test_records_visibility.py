"""The truth table: each of its 37 rows, as data and through the service."""

import pytest

from etalon_model.records.confidentiality import ALL, VISIBILITY_CODES, confidentiality_of
from etalon_model.records.record import Status
from etalon_model.records.visibility import (
    TRUTH_TABLE,
    Facts,
    Row,
    Stance,
    Viewer,
    holds,
    sees,
    sight,
)

PUBLISHED = tuple(row for row in TRUTH_TABLE if row.number <= 37)


def _case(row: Row) -> tuple[Viewer, tuple[str, ...], Facts]:
    """A viewer, codes and facts of which `row` speaks, and in which nothing else hides."""
    stance = Stance.PROFESSIONAL if row.viewer == "anyone" else Stance(row.viewer)
    viewer = Viewer(
        stance,
        "product" if row.policy == "product" else "law",
        admitted=row.circumstance != "not_admitted",
        reads_masked=row.circumstance == "masked_permitted",
    )
    status = (
        Status(row.circumstance)
        if row.circumstance in ("deleted", "superseded")
        else Status.CURRENT
    )
    facts = Facts(
        hidden=row.circumstance == "hidden",
        announced=row.circumstance == "announced",
        type_allowed=row.circumstance != "type_denied",
        status=status,
    )
    codes = ("N",) if row.code in ("BASE", "ANY") else ("N", row.code)
    return viewer, codes, facts


@pytest.mark.rule("VIS-01", "VIS-03", "VIS-04", "VIS-06")
@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: f"{row.number}-{row.viewer}-{row.code}")
def test_each_row_of_the_published_table_decides(row: Row) -> None:
    """The decision of the function is that of the row, and the row speaks of the case."""
    viewer, codes, facts = _case(row)
    confidentiality = confidentiality_of(codes)

    assert confidentiality is not None
    assert holds(row, viewer, facts)
    assert sees(viewer, confidentiality, facts) is row.visible


def test_the_published_table_has_37_rows() -> None:
    """Rows 1 to 37, in order; those after complete it."""
    assert [row.number for row in TRUTH_TABLE] == list(range(1, len(TRUTH_TABLE) + 1))
    assert len(PUBLISHED) == 37
    assert sum(row.visible for row in PUBLISHED) == 20


@pytest.mark.parametrize(
    "row", TRUTH_TABLE[37:], ids=lambda row: f"{row.number}-{row.viewer}-{row.code}"
)
def test_each_row_that_completes_the_table_decides(row: Row) -> None:
    """Our own rows decide too."""
    viewer, codes, facts = _case(row)
    confidentiality = confidentiality_of(codes)

    assert confidentiality is not None
    assert sees(viewer, confidentiality, facts) is row.visible


@pytest.mark.parametrize("stance", list(Stance))
def test_one_code_more_never_shows_more(stance: Stance) -> None:
    """What a viewer sees with more visibility codes they see with fewer."""
    for masked in (False, True):
        viewer = Viewer(stance, reads_masked=masked)
        shown = sight(viewer)
        for more in ALL:
            for fewer in ALL:
                if fewer.base == more.base and set(fewer.codes) <= set(more.codes):
                    assert shown[more.index] <= shown[fewer.index]


@pytest.mark.rule("VIS-07")
@pytest.mark.parametrize(
    ("codes", "accepted"),
    [
        (("N",), True),
        (("R",), True),
        (("V", "MASQUE_PS"), True),
        (("MASQUE_PS", "N"), True),
        (("N", *VISIBILITY_CODES), True),
        ((), False),
        (("MASQUE_PS",), False),
        (("N", "R"), False),
        (("N", "MASQUE_PS", "MASQUE_PS"), False),
        (("N", "MASQUE_PT"), False),
        (("N", *VISIBILITY_CODES, "R"), False),
    ],
)
def test_a_document_bears_one_base_level_and_up_to_three_codes(
    codes: tuple[str, ...], *, accepted: bool
) -> None:
    """Between one and four codes, one of them N, R or V."""
    confidentiality = confidentiality_of(codes)

    assert (confidentiality is not None) is accepted
    if confidentiality is not None:
        assert set(confidentiality.codes) == set(codes)
