"""What other distributions bring is used as ours is, and what is wrong with one is said of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from etalon_cli.command import main
from etalon_conformance.frozen_sets import frozen_requirements
from etalon_conformance.suites import suites_of_pack
from etalon_load.packed_journeys import journeys_of_pack, pack_among
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.packed import packed_scenarios
from etalon_scenarios.scenario_errors import ScenarioError
from etalon_text.packs import PackError

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
MAKING = "from etalon_load.packed_journeys import Journeys;"
SAMPLE = ROOT / "tests" / "packs" / "sample"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where the sample pack is installed."""
    site = tmp_path_factory.mktemp("site")
    install = (sys.executable, "-m", "uv", "--quiet", "--offline", "pip", "install", "--no-deps")
    options = ("--no-build-isolation", "--python", sys.executable, "--target", str(site))
    subprocess.run([*install, *options, str(SAMPLE)], check=True)
    return site


@pytest.fixture
def etalon(
    installed: Path, find_packs_in: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """The command, where the sample pack is installed; returns what it says."""
    find_packs_in(installed)

    def run(*words: str, code: int = 0) -> str:
        answered = main([*words, "--lang", "en"])
        printed = capsys.readouterr()
        assert answered == code, printed.err
        return printed.out if code == 0 else printed.err

    return run


def test_another_process_finds_what_is_installed(installed: Path) -> None:
    """By the path alone."""
    path = os.pathsep.join([str(installed), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-m", "etalon_cli", "scenarios", "list", "--json"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": path},
    )

    assert "north:three-weeks" in {one["name"] for one in json.loads(done.stdout)}


def test_a_scheme_and_a_policy_of_a_pack_are_listed_simulated_and_reproduced(
    etalon: Callable[..., str], tmp_path: Path
) -> None:
    """A policy extends the scheme of its pack by its full name."""
    listed = {one["name"] for one in json.loads(etalon("scenarios", "list", "--json"))}
    out = tmp_path / "run"
    few = ("--population", "300", "--knowledge", "0")
    etalon("simulate", "north:three-weeks-staffed", *few, "--out", str(out))
    summary = json.loads((out / "summary.json").read_bytes())
    recorded = json.loads((out / "run.json").read_bytes())["inputs"]

    assert {"north:three-weeks", "north:three-weeks-staffed"} <= listed
    assert summary["notified_by_channel"].keys() == {"letter"} or (
        summary["notified_by_channel"]["email"] == 0
    )
    paths = [one["path"] for one in recorded]
    assert paths[:3] == [
        "north:three-weeks-staffed",
        "north:three-weeks",
        "data/scenarios/launch-2022.toml",
    ]
    assert etalon("reproduce", str(out), "--workers", "1")


def test_a_suite_and_a_set_of_a_pack_are_read_as_ours_are(etalon: Callable[..., str]) -> None:
    """Wherever a suite or a set is named."""
    asked = ("conformance", "requirements", "--suite", "north:clinic", "--json")
    held = {one["id"] for one in json.loads(etalon(*asked))["requirements"]}
    changed = etalon("conformance", "requirements", "diff", "north:2026", "current")
    questions = etalon("conformance", "questions", "--suite", "north:clinic")

    assert {"W-REC-01", "W-REC-27", "VIS-01"} <= held
    assert "VIS-09" not in held
    assert "W-REC-02  added" in changed
    assert questions


def test_journeys_of_a_pack_are_sent_and_held_to_its_objectives(
    etalon: Callable[..., str], tmp_path: Path
) -> None:
    """On a course of ours; the report calls them by their full name."""
    out = tmp_path / "load"
    few = ("--profile", "constant", "--peak", "10", "--duration", "2s", "--out", str(out))
    etalon("load", "run", "--target", "embedded", "--journeys", "north:monitor", *few)
    workload = json.loads((out / "workload.json").read_bytes())
    measured = json.loads((out / "measured.json").read_bytes())["measures"]["steps"]

    assert workload["planned"] == [10, 10]
    assert [one["journey"] for one in workload["objectives"]] == ["north:monitor"]
    assert "north:monitor/read" in json.dumps(measured) or "north:monitor" in json.dumps(measured)
    assert "north:monitor" in (out / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("scenarios", "show", "north:four-weeks"), "north:three-weeks"),
        (("scenarios", "show", "south:three-weeks"), "installed: north"),
        (("conformance", "requirements", "--suite", "north:hospital"), "north:clinic"),
        (("conformance", "requirements", "--requirement-set", "north:1999"), "north:2026"),
        (
            ("load", "run", "--profile", "constant", "--journeys", "north:monitor,visit"),
            "journeys beside others",
        ),
        (("load", "run", "--profile", "launch-day", "--journeys", "north:monitor"), "constant"),
        (("load", "run", "--profile", "constant", "--journeys", "north:watch"), "north:monitor"),
    ],
)
def test_what_a_pack_does_not_bring_is_refused_with_what_it_brings(
    etalon: Callable[..., str], words: tuple[str, ...], said: str
) -> None:
    """Exit code 2, and one line."""
    message = etalon(*words, code=2)

    assert said in message
    assert message.count("\n") == 1


class Site:
    """A folder on the path of this process, in which packs are written."""

    def __init__(self, folder: Path, find: Callable[[Path], None]) -> None:
        """Hold none."""
        self.folder = folder
        self._find = find

    def put(self, distribution: str, points: str, **files: str) -> None:
        """Put a distribution there: its entry points, and files by path (`/` as `__`)."""
        held = self.folder / f"{distribution}-1.0.dist-info"
        held.mkdir()
        (held / "METADATA").write_text(f"Name: {distribution}\nVersion: 1.0\n", encoding="utf-8")
        (held / "entry_points.txt").write_text(points, encoding="utf-8")
        for name, content in files.items():
            file = self.folder / name.replace("__", "/").replace("_DOT_", ".")
            file.parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name.partition("__")[0] / "__init__.py").touch()
            file.write_text(content, encoding="utf-8")
        self._find(self.folder)


@pytest.fixture
def site(tmp_path: Path, find_packs_in: Callable[[Path], None]) -> Site:
    """Such a folder, for one test."""
    return Site(tmp_path, find_packs_in)


def test_a_pack_that_cannot_be_imported_leaves_the_others_listed(site: Site) -> None:
    """And is told of by its name."""
    points = "[mes_etalon.scenarios]\nbroken = no_such_package\n"
    site.put("broken-pack", points)
    points = "[mes_etalon.scenarios]\nwhole = whole_pack\n"
    site.put("whole-pack", points, whole_pack__one_DOT_toml="")

    names, broken = packed_scenarios()

    assert names == ("whole:one",)
    assert [one.pack for one in broken] == ["broken"]
    with pytest.raises(ScenarioError, match="cannot be imported, no_such_package"):
        load_scenario("broken:one")


def test_two_distributions_that_bring_a_pack_of_one_name_are_both_named(site: Site) -> None:
    """Neither is chosen by chance."""
    for name in ("first", "second"):
        site.put(name, "[mes_etalon.suites]\ntwice = pack_twice\n")

    with pytest.raises(PackError, match=r"several packs of this name: first 1\.0 and second 1\.0"):
        suites_of_pack("twice")


@pytest.mark.parametrize(
    ("suites", "said"),
    [
        ("", "suites that cannot be read"),
        ("not toml", "suites that cannot be read"),
        ("[a]\ntitle.fr = 'A'\n", "suites that cannot be read"),
        (
            """
            [a]
            title.fr = 'A'
            domains = []
            identifiers = ['W-XYZ-01']
            without = []
            prerequisites = []
            """,
            "W-XYZ-01, which is no requirement",
        ),
    ],
)
def test_suites_that_break_the_contract_are_refused_with_what_is_wrong(
    site: Site, suites: str, said: str
) -> None:
    """A requirement that does not exist would hold nothing, and nobody would notice."""
    files = {"west_suites__profiles__a_DOT_toml": "[target]\n"}
    if suites:
        files["west_suites__suites_DOT_toml"] = suites
    site.put("west-pack", "[mes_etalon.suites]\nwest = west_suites\n", **files)

    with pytest.raises(PackError, match=said):
        suites_of_pack("west")


def test_a_set_that_holds_no_requirements_is_refused(site: Site) -> None:
    """With the place that cannot be read."""
    points = "[mes_etalon.requirement_sets]\neast = east_sets\n"
    site.put("east-pack", points, east_sets__old_DOT_json="[{}]")

    with pytest.raises(PackError, match="a set old that cannot be read"):
        list(frozen_requirements("east:old"))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("JOURNEYS = 1", "a int, no Journeys"),
        ("raise RuntimeError('not today')", "not today"),
        (
            f"{MAKING} JOURNEYS = Journeys(mix={{'a': 1}}, steps={{}}, objectives='', made=0)",
            "not of the same journeys",
        ),
        (
            f"{MAKING} JOURNEYS = Journeys(mix={{1: 0}}, steps={{1: 'b'}}, objectives='', made=0)",
            "not above 0",
        ),
    ],
)
def test_journeys_that_break_the_contract_are_refused(site: Site, written: str, said: str) -> None:
    """Whatever the module of a pack does when it is imported."""
    module = f"own_journeys_{abs(hash(written))}"
    points = f"[mes_etalon.journeys]\nown = {module}:JOURNEYS\n"
    site.put("own-pack", points)
    (site.folder / f"{module}.py").write_text(written, encoding="utf-8")

    with pytest.raises(PackError, match=said):
        journeys_of_pack("own")


def test_journeys_of_one_run_come_from_one_place() -> None:
    """Ours, or those of one pack."""
    assert pack_among(()) is None
    assert pack_among({"visit"}) is None
    assert pack_among({"a:one", "a:two"}) == "a"
    for mixed in ({"a:one", "b:two"}, {"a:one", "visit"}):
        with pytest.raises(PackError, match="journeys beside others"):
            pack_among(mixed)
