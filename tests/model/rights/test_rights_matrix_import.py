"""The public table of the matrix, imported from a text."""

import json
from dataclasses import replace
from io import StringIO

import pytest

from etalon_model import vintage
from etalon_model.journal import JournalWriter
from etalon_model.policies import Policies
from etalon_model.rights.habilitation import Matrix
from etalon_model.rights.matrix import reads_type
from etalon_model.rights.matrix_import import MatrixError, import_matrix

Json = dict[str, object]


def row(profession: str, code: str, *, reads: object = True, name: object = "Compte rendu") -> Json:
    """Return a row of the table."""
    return {
        "type": "node--matrice_professionnel_document",
        "field_consultation_document": reads,
        "field_categorie_de_document": {"name": "Bilans", "field_code_categorie_document": 10},
        "field_type_de_document": {"name": name, "field_code_loinc": code},
        "field_code_profession": {"name": profession, "field_code_profession": 1},
    }


def page(*rows: Json, following: str | None = None) -> Json:
    """Return a page of the table."""
    links = {} if following is None else {"next": {"href": following}}
    return {"data": list(rows), "links": links}


@pytest.mark.rule("MTX-01")
def test_a_table_of_several_pages_becomes_a_matrix() -> None:
    """Professions are matched by name; what is not named is denied; nameless rows are counted."""
    pages = [
        page(
            row("Sage-femme", "11502-2"),
            row("Sage-femme", "REMB", reads=False),
            row("Sage-femme", "SYNTH", name=""),
            following="https://example.org/jsonapi/node/x?page=1",
        ),
        page(row("Infirmier (libéral)", "11502-2"), row("M&eacute;decin", "ATTEST-RESID")),
        page(row("Nouvelle profession", "11502-2")),
    ]
    matrix = import_matrix(json.dumps(pages))

    assert matrix.skipped == 1
    assert dict(matrix.rows) == {
        "midwife": frozenset({"11502-2"}),
        "nurse": frozenset({"11502-2"}),
        "doctor": frozenset({"ATTEST-RESID"}),
        "Nouvelle profession": frozenset({"11502-2"}),
    }
    assert reads_type(matrix, "doctor", "ATTEST-RESID")
    assert not reads_type(matrix, "doctor", "11502-2")
    assert not reads_type(matrix, "pharmacist", "11502-2")


def test_one_page_alone_is_a_table_too() -> None:
    """As the site answers it."""
    matrix = import_matrix(json.dumps(page(row("Pharmacien", "REMB"))))
    assert matrix == Matrix((("pharmacist", frozenset({"REMB"})),))


@pytest.mark.rule("MTX-01")
@pytest.mark.parametrize(
    ("text", "path", "said"),
    [
        (
            "{",
            "",
            "JSON, found 'Expecting property name enclosed in double quotes at line 1…",
        ),
        ("3", "data", "an object, found 3"),
        ("{}", "data", "a list of rows, found None"),
        ('{"data": []}', "data", "rows, found {}"),
        ("[]", "data", "rows, found {}"),
        ('{"data": [3]}', "data[0]", "an object, found 3"),
        (
            json.dumps(page(row("Médecin", "REMB"), following="u")),
            "links.next",
            "the last page, found 'u'",
        ),
        (
            json.dumps([page(row("Médecin", "REMB"), following="u")]),
            "[0].links.next",
            "the last page, found 'u'",
        ),
        (
            json.dumps(page(row("Médecin", "REMB", reads="oui"))),
            "data[0].field_consultation_document",
            "true or false, found 'oui'",
        ),
        (
            json.dumps(page(row("Médecin", "REMB", reads="o" * 58))),
            "data[0].field_consultation_document",
            f"true or false, found '{'o' * 58}'",
        ),
        (
            json.dumps(page(row("Médecin", "REMB"), row("Médecin", "REMB", reads=False))),
            "data[1].field_consultation_document",
            "one answer for doctor and REMB, found False",
        ),
        (
            json.dumps(page(row("", "REMB"))),
            "data[0].field_code_profession.name",
            "the name of a profession, found ''",
        ),
        (
            json.dumps(page(row("Médecin", "REMB") | {"field_type_de_document": None})),
            "data[0].field_type_de_document",
            "an object, found None",
        ),
        (
            json.dumps(
                page(
                    row("Médecin", "REMB")
                    | {"field_type_de_document": {"name": "x", "field_code_loinc": 3}}
                )
            ),
            "data[0].field_type_de_document.field_code_loinc",
            "a code, found 3",
        ),
    ],
)
def test_what_is_not_the_table_is_refused_with_its_place(text: str, path: str, said: str) -> None:
    """The message says where, what was expected and what to do."""
    with pytest.raises(MatrixError) as raised:
        import_matrix(text)
    assert raised.value.path == path
    assert str(raised.value) == (
        f"matrix of professions: {path or 'the text'}: expected {said}; "
        "save every page of /jsonapi/node/matrice_professionnel_document with "
        "jsonapi_include=1 and give them as a list"
    )


def test_an_imported_matrix_takes_the_place_of_a_policy() -> None:
    """As a value of the parameters, written in a journal like the others."""
    matrix = import_matrix(json.dumps(page(row("Sage-femme", "11502-2"))))
    parameters = replace(vintage("steady-2023"), policies=Policies(matrix_policy=matrix))
    assert reads_type(parameters.policies.matrix_policy, "midwife", "11502-2")

    head = StringIO()
    JournalWriter(head, parameters, seed=1)
    assert "11502-2" in head.getvalue()
