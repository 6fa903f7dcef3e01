"""The file of test people: read as written, and what cannot be used said in one sentence."""

import csv
import json
import stat
from dataclasses import asdict, fields, replace
from importlib.resources import files
from pathlib import Path

import pytest

from etalon_load.people.credential import Credential
from etalon_load.people.known_documents import KnownDocument
from etalon_load.people.people_errors import PeopleError
from etalon_load.people.people_file import (
    Origin,
    read_people,
    write_people,
)
from etalon_load.people.spending import spend
from etalon_load.people.wanted import kinds_wanted

INS = ("289033191000240", "289023191005271", "215073191055276")
SECRET = "Vitale-04106118243"  # noqa: S105 (of a test)
GOOD = {"wanted": "open-with-password", "ins": INS[0], "login": "test.1", "password": SECRET}
DOCUMENT = KnownDocument("a", "urn:uuid:1", "11488-4", "Un", "application/pdf", 3, "0" * 40, "8997")
PEOPLE = (
    Credential(**GOOD, sex="F", birth_date="1989-03-26"),  # type: ignore[arg-type]
    Credential("in-care-team", INS[1], rpps="99710000037", documents=(DOCUMENT,)),
)
ORIGIN = Origin("Étalon", "http://127.0.0.1:1/fhir", "etalon-load-1", vanishes=True)


def written(tmp_path: Path, *rows: object, name: str = "people.ndjson") -> Path:
    """A file of these lines."""
    file = tmp_path / name
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    file.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return file


def test_people_are_read_as_they_were_written(tmp_path: Path) -> None:
    """With where they were made, for their owner alone, and never written over."""
    file = tmp_path / "people.ndjson"
    write_people(file, PEOPLE, ORIGIN)

    read = read_people(file)

    assert (read.people, read.origin) == (PEOPLE, ORIGIN)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write_people(file, PEOPLE)


def test_people_of_a_spreadsheet_are_the_same(tmp_path: Path) -> None:
    """Documents by their identifiers, where nothing else is known of them."""
    known = tuple(replace(one, documents=()) for one in PEOPLE)
    file = tmp_path / "people.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.DictWriter(opened, [field.name for field in fields(Credential)])
        writer.writeheader()
        writer.writerows({**asdict(one), "documents": "a b"} for one in known)

    documents = (KnownDocument("a"), KnownDocument("b"))
    assert read_people(file).people == tuple(replace(one, documents=documents) for one in known)
    assert not documents[0].is_whole


def test_every_column_has_a_meaning_in_both_languages() -> None:
    """And no other is told."""
    table = (files("etalon_load") / "data" / "people_columns.csv").read_text("utf-8")
    rows = list(csv.DictReader(table.splitlines(), strict=True))

    assert [row["column"] for row in rows] == [field.name for field in fields(Credential)]
    assert all(row["meaning_en"] and row["meaning_fr"] for row in rows)


def test_what_proves_who_somebody_is_is_not_shown() -> None:
    """Not even when a fault prints the person."""
    secret = dict.fromkeys(("vitale_serial", "provisional_code", "password"), "not shown")

    assert "not shown" not in repr(Credential("caller", INS[0], **secret))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rows", "key", "values"),
    [
        ([], "nobody", {}),
        (["{"], "not_an_object", {"line": 1}),
        ([GOOD, "[1]"], "not_an_object", {"line": 2}),
        ([GOOD | {"pasword": "x"}], "column_unknown", {"line": 1, "column": "pasword"}),
        ([GOOD | {"wanted": "king"}], "kind_unknown", {"found": "king"}),
        ([{"wanted": "caller"}], "column_missing", {"column": "ins", "wanted": "caller"}),
        ([GOOD | {"password": ""}], "column_missing", {"column": "password"}),
        ([GOOD | {"password": 1}], "not_a_text", {"column": "password"}),
        ([GOOD | {"wanted": ["caller"]}], "not_a_text", {"column": "wanted"}),
        ([GOOD | {"documents": "a"}], "documents_wrong", {"line": 1}),
        ([GOOD | {"documents": [{"size": 1}]}], "documents_wrong", {"line": 1}),
        ([GOOD | {"oid": "1.2.250.1.213.1.4.8"}], "production", {"line": 1}),
        ([GOOD | {"ins": "289033191000241"}], "no_matricule", {"column": "ins"}),
        ([GOOD | {"representative": "1"}], "no_matricule", {"column": "representative"}),
        ([GOOD | {"sex": "female"}], "sex_wrong", {"line": 1}),
        ([GOOD | {"birth_date": "26/03/1989"}], "date_wrong", {"line": 1}),
        ([GOOD | {"state": "NOTIFIED"}], "state_wrong", {"found": "NOTIFIED"}),
        ([GOOD, GOOD], "twice", {"line": 2, "first": 1}),
        ([{"made_on": {"target": 1}}, GOOD], "not_an_object", {"line": 1}),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_sentence(
    tmp_path: Path, rows: list[object], key: str, values: dict[str, object]
) -> None:
    """With the file and the line, in both languages; nothing secret is in it."""
    file = written(tmp_path, *rows)

    with pytest.raises(PeopleError) as refused:
        read_people(file)

    assert refused.value.key == f"load.people.{key}"
    assert values.items() <= refused.value.values.items()
    for told in (refused.value.told("fr"), refused.value.told("en")):
        assert str(file) in told
        assert "\n" not in told
        assert SECRET not in told


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"\xff\xfe\x00", "not_text"),
        (b"wanted,ins\ncaller\n", "ragged"),
        (b'wanted,ins\ncaller,"1\n', "not_csv"),
        (b"wanted,ins\ncaller,1,2\n", "ragged"),
    ],
)
def test_a_spreadsheet_that_is_none_is_refused(tmp_path: Path, content: bytes, key: str) -> None:
    """With where it breaks off."""
    file = tmp_path / "people.csv"
    file.write_bytes(content)

    with pytest.raises(PeopleError) as refused:
        read_people(file)

    assert refused.value.key == f"load.people.{key}"


def test_a_file_that_is_not_there_is_said_to_be_unreadable(tmp_path: Path) -> None:
    """And so is a directory."""
    for place in (tmp_path / "none.ndjson", tmp_path):
        with pytest.raises(PeopleError, match="cannot be read"):
            read_people(place)


def test_too_few_people_for_a_plan_are_refused(tmp_path: Path) -> None:
    """Before anything is sent."""
    file = tmp_path / "people.ndjson"
    write_people(file, PEOPLE)

    with pytest.raises(PeopleError, match="people “in-care-team”: 1, and the plan needs 2"):
        spend(file, {"in-care-team": 2})

    assert spend(file, {"in-care-team": 1, "open-with-password": 1}).people == PEOPLE


def test_people_whom_a_load_leaves_changed_do_not_come_again(tmp_path: Path) -> None:
    """Until their list is deleted; others come as often as they are wanted."""
    file = tmp_path / "people.ndjson"
    callers = tuple(
        Credential("caller", ins, birth_date="1989-03-26", vitale_serial="1") for ins in INS[:2]
    )
    other = Credential(**GOOD | {"ins": INS[2]})  # type: ignore[arg-type]
    write_people(file, (*callers, other))
    needed = {"caller": 1, "open-with-password": 1}

    assert spend(file, needed).people == (*callers, other)
    assert spend(file, needed).people == (callers[1], other)
    with pytest.raises(PeopleError, match="earlier loads spent 2"):
        spend(file, needed)

    spent = tmp_path / "people.ndjson.spent"
    assert spent.read_text(encoding="utf-8").split() == [one.ins for one in callers]
    assert stat.S_IMODE(spent.stat().st_mode) == 0o600
    spent.unlink()
    assert len(spend(file, needed).people) == 3


def test_every_kind_needs_columns_there_are() -> None:
    """And has a meaning in both languages."""
    columns = {field.name for field in fields(Credential)}
    for kind in kinds_wanted().values():
        assert columns.issuperset(kind.needs), kind.name
        assert kind.meaning_en, kind.name
        assert kind.meaning_fr, kind.name
