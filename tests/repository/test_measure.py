"""Results of proofs and benchmarks: dated, sealed, resumed, older than their code or not."""

import json
import tomllib
from pathlib import Path

import pytest

import measure
from results import digests

COPY_A_NUMBER = """
import json, os, pathlib
made = pathlib.Path(os.environ["ETALON_FIGURES"])
number = int(pathlib.Path("source.txt").read_text(encoding="utf-8"))
(made / "curve.svg").write_text("<svg/>", encoding="utf-8")
(made / "figures.json").write_text(json.dumps({"number": number}), encoding="utf-8")
with open("runs.txt", "a", encoding="utf-8") as runs: runs.write("x")
raise SystemExit(number < 0)
"""


FOUR_HOURS = 240


def test_the_budgets_of_all_proofs_together_are_at_most_four_hours() -> None:
    """As the head of `prove/items.toml` says."""
    table = Path(__file__).parents[2] / "prove" / "items.toml"
    items = tomllib.loads(table.read_text(encoding="utf-8"))

    assert 0 < sum(item["budget_minutes"] for item in items.values()) <= FOUR_HOURS


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository of one proof, which copies a number into its figures and a plot beside it."""
    (tmp_path / "source.txt").write_text("7", encoding="utf-8")
    (tmp_path / "proof.py").write_text(COPY_A_NUMBER, encoding="utf-8")
    (tmp_path / "prove").mkdir()
    (tmp_path / "prove" / "items.toml").write_text(
        '[copy]\nquestion = "Is it copied?"\ncommand = ["{python}", "proof.py"]\n'
        'files = ["source.txt", "proof.py"]\nbudget_minutes = 1\n',
        encoding="utf-8",
    )
    return tmp_path


def result_of(root: Path) -> Path:
    """Path of the one result."""
    return root / "prove" / "results" / "copy.json"


def runs_of(root: Path) -> int:
    """How often the proof ran."""
    file = root / "runs.txt"
    return len(file.read_text(encoding="utf-8")) if file.is_file() else 0


def test_a_run_writes_a_dated_result_with_files_machine_and_figures(root: Path) -> None:
    """The result says what came out, from which files, when and where."""
    code = measure.main(["prove"], root)

    result = json.loads(result_of(root).read_text(encoding="utf-8"))
    assert code == 0
    assert result["figures"] == {"number": 7}
    assert sorted(result["files"]) == ["proof.py", "source.txt"]
    assert result["machine"]["cores"] >= 1
    assert result["ended_at"].endswith("+00:00")
    assert list(result["plots"]) == ["copy-curve.svg"]
    assert (root / "prove" / "results" / "copy-curve.svg").is_file()


def test_a_finished_proof_is_not_run_again_until_its_files_change(root: Path) -> None:
    """An interrupted series goes on where it stopped; `--again` insists."""
    measure.main(["prove"], root)
    measure.main(["prove"], root)
    assert runs_of(root) == 1

    measure.main(["prove", "--again"], root)
    assert runs_of(root) == 2

    (root / "source.txt").write_text("8", encoding="utf-8")
    measure.main(["prove", "copy"], root)
    assert runs_of(root) == 3


def test_a_failed_proof_fails_the_series_and_runs_again(root: Path) -> None:
    """A failure is recorded, and never counts as finished."""
    (root / "source.txt").write_text("-1", encoding="utf-8")

    codes = [measure.main(["prove"], root) for _ in range(2)]

    assert codes == [1, 1]
    assert runs_of(root) == 2


def test_a_command_beyond_its_budget_is_stopped_and_fails(root: Path) -> None:
    """A proof that hangs cannot hold up the series."""
    (root / "proof.py").write_text("import time\ntime.sleep(60)\n", encoding="utf-8")
    table = root / "prove" / "items.toml"
    short = table.read_text(encoding="utf-8").replace("budget_minutes = 1", "budget_minutes = 0.02")
    table.write_text(short, encoding="utf-8")

    assert measure.main(["prove"], root) == 1


def test_an_unknown_item_is_named_with_those_that_exist(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt name is bad usage."""
    assert measure.main(["prove", "copi"], root) == 2
    assert "no such item: copi; known: copy" in capsys.readouterr().err


def test_a_result_on_todays_files_is_up_to_date(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing to remark, nothing to fail."""
    measure.main(["prove"], root)

    assert measure.main(["check"], root) == 0
    assert "copy.json: up to date" in capsys.readouterr().out


def test_a_result_older_than_its_code_is_listed_and_does_not_fail(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reader learns that a printed figure is behind, and of which file."""
    measure.main(["prove"], root)
    (root / "source.txt").write_text("8", encoding="utf-8")

    assert measure.main(["check"], root) == 0
    assert "copy.json: older than its code (source.txt)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("found", "written"),
    [('"number": 7', '"number": 6'), ('"passed": true', '"passed": false'), ("{", "[")],
)
def test_a_result_edited_without_a_run_fails(
    root: Path, found: str, written: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A figure changed by hand no longer agrees with the seal."""
    measure.main(["prove"], root)
    file = result_of(root)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(found, written, 1), encoding="utf-8")

    assert measure.main(["check"], root) == 1
    assert "copy.json: edited without a run" in capsys.readouterr().out


def test_a_plot_edited_without_a_run_fails(root: Path) -> None:
    """The plot belongs to the result."""
    measure.main(["prove"], root)
    (root / "prove" / "results" / "copy-curve.svg").write_text("<svg></svg>", encoding="utf-8")

    assert measure.main(["check"], root) == 1


def test_a_result_that_no_item_explains_fails(root: Path) -> None:
    """A result whose item is gone can no longer be repeated."""
    measure.main(["prove"], root)
    result_of(root).rename(result_of(root).with_name("other.json"))

    assert measure.main(["check"], root) == 1


def test_files_that_match_nothing_are_refused(root: Path) -> None:
    """A proof that depends on no file would never grow old."""
    (root / "source.txt").unlink()

    with pytest.raises(LookupError, match=r"no file matches 'source\.txt'"):
        measure.main(["prove"], root)


def test_the_tables_of_this_repository_name_files_that_exist() -> None:
    """Every item can run: its table is readable and its patterns match."""
    for what in measure.TABLES:
        for item in measure.items(measure.ROOT, what):
            assert digests(item.files, measure.ROOT)
