"""Questions asked from Python have the answers of the command line, as frames."""

import subprocess
import sys
from collections import OrderedDict
from datetime import date
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from etalon_scenarios import Answer, Compared, compare, run
from etalon_scenarios.asking import changes_of
from etalon_scenarios.engine import engine_named
from etalon_scenarios.frames import columns_of, frame_of
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.scenario_errors import ScenarioError

ROOT = Path(__file__).parents[2]
UNTIL = date(2021, 9, 20)


@pytest.fixture(autouse=True)
def _without_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes seconds to import."""
    monkeypatch.setitem(sys.modules, "pandas", None)


@pytest.fixture(scope="module")
def answer() -> Answer:
    """A few weeks of the pilot, with a lever moved."""
    return run("pilot-2021", population=2000, seed=7, until=UNTIL, notices__letter_from_age=70)


@pytest.fixture(scope="module")
def compared() -> Compared:
    """The same lever as a policy of its own, for a few days."""
    policy = {"notices.letter_from_age": 70}
    return compare(
        "pilot-2021", population=200, seed=7, until=date(2021, 9, 2), letters_from_70=policy
    )


def test_a_run_asked_from_python_is_that_of_the_command_line(answer: Answer) -> None:
    """Either engine, under the change that `--set` makes, enters the same ledger."""
    scenario = load_scenario("pilot-2021", ["notices.letter_from_age=70"])
    other = engine_named("agents")
    same = other.simulate(
        scenario, population=2000, seed=7, until=UNTIL, on_day=None, stop=lambda: False
    )

    assert answer.scenario.changes == scenario.changes
    assert answer.summary["ledger_digest"] == other.summarise(same, scenario)["ledger_digest"]


def test_a_scenario_that_counts_the_life_of_spaces_tells_it_too(answer: Answer) -> None:
    """As the summary of a run directory does."""
    lively = run("stress-500-million", population=100, until=date(2022, 2, 6))

    assert "usage" in lively.summary
    assert "usage" not in answer.summary


def test_days_add_up_to_the_summary(answer: Answer) -> None:
    """One row a civil day, from the first of the scenario to the last asked for."""
    days = list(answer.daily["day"])

    assert len(days) == (UNTIL - answer.scenario.starts_on).days + 1
    assert sum(map(int, map(str, answer.daily["notified"]))) == answer.summary["notified"]


@pytest.mark.parametrize("name", ["rates", "measured", "by_age_band", "by_department"])
def test_a_table_of_the_summary_is_a_frame(answer: Answer, name: str) -> None:
    """Its columns have one length."""
    frame = getattr(answer, name)

    assert len({len(frame[column]) for column in frame}) == 1
    assert {"rates": "value", "measured": "within"}.get(name, "opened_uninformed") in list(frame)


def test_policies_by_their_levers_are_compared_with_the_first(compared: Compared) -> None:
    """Each difference has its interval of chance; that of knowledge is empty without draws."""
    differences = compared.differences

    assert set(differences["policy"]) == {"letters-from-70"}
    assert set(compared.figures["policy"]) == {"pilot-2021", "letters-from-70"}
    assert any(value == value for value in differences["chance_low"])  # noqa: PLR0124 (not nan)
    assert all(value != value for value in differences["knowledge_high"])  # noqa: PLR0124 (nan)


def test_frames_are_of_pandas_where_it_is_installed_and_else_dicts_of_arrays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The notebook of the documents runs with the true one."""
    columns = {"day": np.arange(3), "calls": np.arange(3)}
    alike = ModuleType("pandas")
    vars(alike)["DataFrame"] = OrderedDict

    assert frame_of(columns) is columns
    monkeypatch.setitem(sys.modules, "pandas", alike)
    assert isinstance(frame_of(columns), OrderedDict)


def test_what_is_not_known_is_nan_among_numbers_and_none_elsewhere() -> None:
    """An interval makes two columns, whether any row has it or not."""
    columns = columns_of(
        [
            {"key": "a", "value": 1, "share": 0.5, "kept": True, "chance": [1, 2], "known": None},
            {"key": None, "value": 2, "share": None, "kept": False, "chance": None, "known": None},
        ],
        pairs=("chance",),
    )

    assert {name: column.dtype.kind for name, column in columns.items()} == {
        "key": "O",
        "value": "i",
        "share": "f",
        "kept": "b",
        "chance_low": "f",
        "chance_high": "f",
        "known": "O",
    }
    assert np.isnan(columns["share"][1])
    assert columns["chance_high"].tolist()[0] == 2
    assert columns_of([]) == {}


def test_levers_are_written_as_a_scenario_file_has_them() -> None:
    """Dots are two underscores in a keyword, and stay as they are in a key."""
    asked = changes_of(
        {"enrolment__mode": "opt-in", "notices.letter_to_excluded": True, "reading__email": 0.5}
    )

    assert asked == (
        "enrolment.mode=opt-in",
        "notices.letter_to_excluded=true",
        "reading.email=0.5",
    )


def test_what_cannot_be_asked_says_what_to_mend() -> None:
    """A lever that does not exist, people that are not there, a policy alone or with other days."""
    with pytest.raises(ScenarioError, match=r"notices\.letter_from_age"):
        run("pilot-2021", notices__letter_from_ages=70)
    with pytest.raises(ValueError, match="pilot-2021 has 1 to 3450925 people"):
        run("pilot-2021", population=0)
    with pytest.raises(ValueError, match="pilot-2021 alone"):
        compare("pilot-2021")
    with pytest.raises(ScenarioError, match=r"scenario\.starts_on"):
        compare("pilot-2021", "launch-2022")


def test_naming_the_package_brings_in_no_engine() -> None:
    """The command line starts without arrays; a name that is not there is refused as usual."""
    code = (
        "import sys, etalon_scenarios as e\n"
        "assert not {'numpy', 'pandas', 'etalon_scenarios.asking'} & set(sys.modules)\n"
        "assert not hasattr(e, 'runn') and callable(e.run)\n"
    )
    folders = [str(ROOT / name) for name in ("model", "scenarios", "reports")]
    code = f"import sys; sys.path[:0] = {folders!r}\n{code}"

    subprocess.run([sys.executable, "-c", code], check=True)
