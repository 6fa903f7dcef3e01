"""Files that users give: whatever stands in them, one message and no fault of ours."""

from __future__ import annotations

import io
import json
import tarfile
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etalon_cli.command import main
from etalon_conformance.witness.connecting.kit import KitError, read_kit
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.scenario_errors import ScenarioError
from etalon_scenarios.sweeps.experiment import read_experiment
from etalon_wire.validation.official_package import PackageRefused, read_package
from etalon_wire.validation.tables import own_profiles

if TYPE_CHECKING:
    from pathlib import Path

SCENARIO = """[scenario]
extends = "launch-2022"
name = "mine"
title_fr = "À moi"
title_en = "Mine"

[notices]
letter_from_age = 0

[creation.per_day]
value = 500000
"""
PROFILE = """[target]
name = "Dossier"
claims = ["records-server"]

[addresses]
fhir = "https://dossier.example/fhir/"

[authentication.professional]
source = "client_credentials"
token_endpoint = "https://dossier.example/token"
client = "etalon"
secret = "env:DOSSIER_SECRET"

[operations.oppose]
http = "POST root:/people/{patient}/objection"
as = "holder"
body = {reason = "{reason}", by = "etalon"}

[[people]]
name = "Camille"
ins = "269113191000281"
birth_date = 1990-01-01
sex = "F"
"""
ENTRY = {
    "startedDateTime": "2026-01-02T10:00:00Z",
    "request": {
        "method": "GET",
        "url": "https://dossier.example/fhir/DocumentReference?status=current",
        "headers": [{"name": "Accept", "value": "application/fhir+json"}],
    },
    "response": {
        "status": 200,
        "headers": [{"name": "Content-Type", "value": "application/fhir+json"}],
        "content": {"text": '{"resourceType": "Bundle", "type": "searchset", "entry": []}'},
    },
}
HAR = json.dumps({"log": {"version": "1.2", "creator": {"name": "a"}, "entries": [ENTRY]}})
ODD = (b"", b"\x00", b"\xff\xfe", b'"', b"[", b"]", b"{}", b"=", b"\n", b"-1", b"1e999", b"null")


@st.composite
def spoilt(draw: st.DrawFn, whole: bytes) -> bytes:
    """A file that was right once: parts are lost, doubled, or in the place of others."""
    content = whole
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 24)))
        put = draw(st.sampled_from(ODD) | st.binary(max_size=8) | st.just(content[start:end] * 2))
        content = content[:start] + put + content[end:]
    return content


FEW = settings(
    max_examples=max(5, settings().max_examples // 12),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""More of them by ETALON_EFFORT."""


def answered(capsys: pytest.CaptureFixture[str], *words: str) -> int:
    """Carry a command out; a traceback, or a refusal without a word, is a failure."""
    code = main([*words, "--lang", "en"])
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert code in (0, 1, 3) or said.strip()
    return code


@FEW
@given(content=spoilt(SCENARIO.encode()))
def test_a_scenario_file_is_valid_or_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    """Exit code 0 or 2."""
    file = tmp_path / "mine.toml"
    file.write_bytes(content)

    assert answered(capsys, "scenarios", "validate", str(file)) in (0, 2), content


@FEW
@given(content=spoilt(PROFILE.encode()))
def test_a_target_profile_is_read_or_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    """Exit code 0 or 2; nobody is spoken to."""
    file = tmp_path / "target.toml"
    file.write_bytes(content)

    assert answered(capsys, "conformance", "prepare", "--target", str(file)) in (0, 2), content


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A journal of a few commands."""
    file = tmp_path_factory.mktemp("journal") / "journal.jsonl"
    assert main(["model", "record", "--commands", "12", "--out", str(file)]) == 0
    return file.read_bytes()


@FEW
@given(data=st.data())
def test_a_journal_is_replayed_or_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], journal: bytes, data: st.DataObject
) -> None:
    """Exit code 0, 1 where its digest differs, or 3."""
    content = data.draw(spoilt(journal))
    file = tmp_path / "journal.jsonl"
    file.write_bytes(content)

    assert answered(capsys, "model", "replay", str(file)) in (0, 1, 3), content


@FEW
@given(content=spoilt(HAR.encode()))
def test_a_trace_is_judged_or_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    """Exit code as for a verdict, or 2."""
    file = tmp_path / "trace.har"
    file.write_bytes(content)

    assert answered(capsys, "conformance", "judge", str(file)) in (0, 1, 2, 3), content


def package() -> bytes:
    """A package of one profile, as an implementation guide publishes it."""
    element = {"id": "List", "path": "List", "min": 0, "max": "*"}
    profile = {
        "resourceType": "StructureDefinition",
        "url": "https://example.org/List",
        "type": "List",
        "derivation": "constraint",
        "kind": "resource",
        "snapshot": {"element": [element, {**element, "id": "List.code", "path": "List.code"}]},
    }
    held = io.BytesIO()
    with tarfile.TarFile(fileobj=held, mode="w") as archive:
        for name, content in (("package.json", {"name": "a", "version": "1"}), ("p.json", profile)):
            text = json.dumps(content).encode()
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))
    return held.getvalue()


KIT = """format = 1
names = ["temoin.example"]
address = "127.0.0.1"
port = 8443
profile = "lps"
seed = 1
day = 2026-11-23T10:00:00+00:00
"""
EXPERIMENT = """[experiment]
name = "two-values"
scenario = "pilot-2021"
population = 100
replications = 2
until = 2021-09-20

[vary]
"reading.email" = [0.35, 0.5, 0.65]
"""
FIGURES = """id,scenario,quantity,day,value,low,high,unit,source
O1,pilot-2021,opt_out_rate,22,0.0068,0.006,0.008,share,our own count
"""


@FEW
@given(content=spoilt(KIT.encode()))
def test_a_kit_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    """Its certificates are missing here, so that it is always refused, in words."""
    (tmp_path / "kit.toml").write_bytes(content)

    with pytest.raises(KitError) as caught:
        read_kit(tmp_path)
    assert caught.value.told("fr")


@FEW
@given(content=spoilt(EXPERIMENT.encode()))
def test_an_experiment_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    """As the command that runs it reads it."""
    file = tmp_path / "mine.toml"
    file.write_bytes(content)

    with suppress(ScenarioError):
        assert read_experiment(file).name


@FEW
@given(content=spoilt(FIGURES.encode()))
def test_figures_of_ones_own_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    """A table of targets, with the scenario that it is given to."""
    file = tmp_path / "figures.csv"
    file.write_bytes(content)

    with suppress(ScenarioError):
        assert load_scenario("pilot-2021", [f"targets={file}"]).own_targets is not None


@pytest.mark.parametrize("words", ["conformance judge", "model replay", "report", "sweep"])
def test_what_is_nested_without_end_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    """Python gives up reading it; the command says so."""
    file, run = tmp_path / "deep", tmp_path / "run"
    run.mkdir()
    deep = "[" * 100_000
    file.write_text(f'{{"log": {deep}' if "judge" in words else deep, encoding="utf-8")
    (run / "run.json").write_text(deep, encoding="utf-8")

    given = run if words == "report" else file
    assert answered(capsys, *words.split(), str(given)) in (2, 3)


@FEW
@given(content=spoilt(package()))
def test_a_package_is_read_or_refused(content: bytes) -> None:
    """Either our profiles stand beside its own, or the refusal says why; nothing else is raised."""
    try:
        read = read_package(content, own_profiles())
        right = read.profiles.profiles.keys() >= own_profiles().profiles.keys()
    except PackageRefused as refused:
        right = bool(str(refused))
    assert right, content
