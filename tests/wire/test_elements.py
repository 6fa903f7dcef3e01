"""The table of elements: what it carries, and that official snapshots have its order."""

import json
from pathlib import Path

import pytest

import elements_table
from etalon_wire.elements import elements_of, resource_types
from etalon_wire.tables import rows_of

SNAPSHOTS = (
    "Appointment",
    "Bundle",
    "DocumentReference",
    "List",
    "Observation",
    "Schedule",
    "Slot",
)


def test_the_table_carries_every_resource_of_the_exchanges() -> None:
    """Records first, then mail, agenda, directory and measures, and what describes a server."""
    assert {
        *("AuditEvent", "Binary", "Bundle", "CapabilityStatement", "Consent", "Device"),
        *("DocumentReference", "List", "OperationOutcome", "Organization", "Parameters", "Patient"),
        *("Practitioner", "PractitionerRole", "RelatedPerson"),
        *("Appointment", "Communication", "Endpoint", "Observation", "Provenance", "Schedule"),
        "Slot",
    } <= resource_types()


def test_every_type_that_is_named_is_in_the_table() -> None:
    """No element leads out of it."""
    named = {row["type"] for row in rows_of("elements.csv") if row["type"][0].isupper()}

    assert named - {"Resource"} <= {row["owner"] for row in rows_of("elements.csv")}


def test_no_datatype_of_a_later_version_is_in_the_table() -> None:
    """R4B brought two, which R4 does not know; each correction says why it is one."""
    types = {row["type"] for row in rows_of("elements.csv")}

    assert not types & {"CodeableReference", "RatioRange"}
    assert all(row["reason"] for row in rows_of("element_corrections.csv"))


@pytest.mark.parametrize("kind", ["DocumentReference", "Patient", "Bundle.entry", "Extension"])
def test_ranks_count_from_nought_in_the_order_of_the_table(kind: str) -> None:
    """The order of the file is the order of the XML."""
    assert [element.rank for element in elements_of(kind).values()] == list(
        range(len(elements_of(kind)))
    )


def test_a_snapshot_has_the_order_of_the_table(sample: Path) -> None:
    """Where an official profile stands here, its elements stand in our order."""
    resource = json.loads(sample.read_text(encoding="utf-8"))
    if resource["resourceType"] != "StructureDefinition" or resource["type"] not in SNAPSHOTS:
        return
    kind = resource["type"]
    names = [element["path"].split(".")[1:] for element in resource["snapshot"]["element"]]
    first = dict.fromkeys(name[0].removesuffix("[x]") for name in names if name)

    ours = dict.fromkeys(
        next((name for name in first if element.name.startswith(name)), element.name)
        if element.name not in first
        else element.name
        for element in elements_of(kind).values()
    )

    assert list(first) == [name for name in ours if name in first]
    assert set(first) <= set(ours)


def test_a_difference_between_versions_that_is_not_listed_stops_the_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without corrections the table would be that of R4B: nothing is written."""
    header = elements_table.CORRECTIONS.read_text(encoding="utf-8").partition("\n")[0]
    (tmp_path / "corrections.csv").write_text(header + "\n", encoding="utf-8")
    monkeypatch.setattr(elements_table, "CORRECTIONS", tmp_path / "corrections.csv")
    monkeypatch.setattr(elements_table, "TABLE", tmp_path / "elements.csv")
    monkeypatch.setattr("sys.argv", ["elements_table.py"])

    assert elements_table.main() == 2
    assert "CodeableReference" in capsys.readouterr().err
    assert not (tmp_path / "elements.csv").exists()


def test_a_correction_that_corrects_nothing_stops_the_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A list of differences that no longer differ would mislead."""
    listed = elements_table.CORRECTIONS.read_text(encoding="utf-8")
    text = listed + "Period,middle,remove,,,there is none\n"
    (tmp_path / "corrections.csv").write_text(text, encoding="utf-8")
    monkeypatch.setattr(elements_table, "CORRECTIONS", tmp_path / "corrections.csv")
    monkeypatch.setattr("sys.argv", ["elements_table.py", "--check"])

    assert elements_table.main() == 2
    assert "('Period', 'middle')" in capsys.readouterr().err
