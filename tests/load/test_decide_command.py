# pyright: reportUnknownMemberType=false
"""`etalon load decide`: a sentence, a page in both languages, an exit code for scripts."""

import json
from pathlib import Path

import jsonschema
import pytest
from tests.load.invented_launch import write_launch

from etalon_cli.command import main
from etalon_reports.missing_pdf import NoPdfError
from etalon_text.schema_files import schema

DRAWS = [0.7 + rank / 64 * 0.6 for rank in range(64)]


@pytest.fixture(autouse=True)
def _without_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave WeasyPrint out: it takes seconds to load, and the page is there without it."""

    def refuse(_html: str, _target: Path) -> Path:
        message = "not asked for here"
        raise NoPdfError(message)

    monkeypatch.setattr("etalon_reports.note_pdf.write_pdf", refuse)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A launch whose busiest minute has about two hundred and fifty arrivals at most."""
    return write_launch(tmp_path_factory.mktemp("runs") / "C", ratios=DRAWS)


def _capacity(folder: Path, held: float, missed: float | None, **more: object) -> Path:
    folder.mkdir(exist_ok=True)
    record = {"held": held, "missed": missed, "target": "embedded", **more}
    (folder / "capacity.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


def test_a_go_ends_with_0_and_leaves_a_page_in_both_languages(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first sentence says go; the file is as its schema says; nothing is missing."""
    capacity = _capacity(
        tmp_path / "L",
        10.0,
        10.5,
        profile="launch-day",
        mix={"activate": 1.0},
        server={"cpu_seconds_per_request": 0.001},
        requests_per_journey=6.0,
    )
    out = tmp_path / "D"
    asked = ["--runs", str(runs), "--capacity", str(capacity), "--out", str(out)]
    code = main(["load", "decide", *asked, "--lang", "fr"])
    said = capsys.readouterr().out

    assert code == 0
    assert said.startswith("Feu vert. La généralisation de 2022")
    decision = json.loads((out / "decision.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema("decision")).validate(decision)
    assert decision["answer"] == "go"
    assert decision["sizing"]["cores"][1] > 0
    french, english = (
        (out / name).read_text(encoding="utf-8") for name in ("report.html", "report.en.html")
    )
    assert "Feu vert" in french
    assert "the busiest minute stays within" in english
    platform = json.loads((out / "platform-capacity.json").read_text(encoding="utf-8"))
    assert platform["ranges"][0]["admissions_per_minute"] == 600


@pytest.mark.parametrize(
    ("capacity", "code", "answer"),
    [((2.0, 2.1), 1, "no-go"), ((3.0, 6.0), 3, "not-known")],
)
def test_the_exit_code_is_the_answer(  # noqa: PLR0913, PLR0917 (fixtures and a row)
    runs: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    capacity: tuple[float, float],
    code: int,
    answer: str,
) -> None:
    """1 for a no-go, 3 for what is not known, with the decision as JSON."""
    folder = _capacity(tmp_path / "L", *capacity)
    asked = ["--runs", str(runs), "--capacity", str(folder), "--out", str(tmp_path / "D")]

    assert main(["load", "decide", *asked, "--json"]) == code
    assert json.loads(capsys.readouterr().out)["answer"] == answer


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--capacity", "{L}"], "--runs is missing"),
        (["--runs", "{C}"], "--capacity is missing"),
        (["--runs", "{C}", "--capacity", "{L}/none"], "cannot be read"),
        (["--runs", "{L}", "--capacity", "{L}"], "holds no simulation"),
        (["--runs", "{C}/none", "--capacity", "{L}"], "holds no simulation"),
        (["--runs", "{C}", "--capacity", "{L}", "--probability", "1"], "--probability '1'"),
        (["--runs", "{C}", "--capacity", "{L}", "--probability", "sure"], "--probability 'sure'"),
        (["--runs", "{C}", "--capacity", "{L}", "--out", "{L}"], "not empty"),
        (["--runs", "{partial}", "--capacity", "{L}"], "let it end first"),
    ],
)
def test_bad_input_ends_with_2_and_one_sentence(
    runs: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    words: str,
) -> None:
    """Nothing is written."""
    places = {
        "L": _capacity(tmp_path / "L", 10.0, 10.5),
        "C": runs,
        "partial": write_launch(tmp_path / "P", status="partial"),
    }
    before = sorted(tmp_path.rglob("*"))
    typed = [option.format(**places) for option in options]

    assert main(["load", "decide", *typed, "--lang", "en"]) == 2
    assert words in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before
