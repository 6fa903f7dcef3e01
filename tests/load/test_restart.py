"""A server that is killed in mid-run comes back on what it kept, and the run tells for how long."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from etalon_load.faults import fault_of
from etalon_load.files.run_files import write_run_files
from etalon_load.patience import NOT_CONNECTED
from etalon_load.profiles import named
from etalon_load.running import Load, send
from etalon_scenarios.versions import installed_version
from etalon_target.embedded import EmbeddedServer
from etalon_target.targets import Options, target_of


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a run says whose server was away for a moment and for what a start takes."""
    folder = tmp_path_factory.mktemp("restarted")
    profile = named("restart", peak=6, seconds=5, seed=1, among={"visit", "deposit"})
    load = Load(
        plan=profile.plan,
        profile={"name": "restart", "peak": 6.0, "window": None, "source": None},
        objectives=(),
        objectives_name="none",
        seed=1,
        version=installed_version(),
        sample=1.0,
        faults=tuple(fault_of(one) for one in profile.faults),
        retries=profile.retries,
    )
    with target_of("embedded", Options(serve=("--clock", "real"), durable=True)) as target:
        send(load, target, folder, lambda _line: None, lambda: False)
    write_run_files(folder)
    return dict(json.loads((folder / "summary.json").read_bytes()))


def test_a_restart_is_told_with_its_instant_and_its_length(summary: dict[str, Any]) -> None:
    """At 40 % of the run."""
    (away,) = summary["restarts"]

    assert 1_900_000 < away["at_us"] < 4_000_000
    assert away["length_us"] > 160_000


def test_who_was_refused_comes_back_and_finds_what_was_kept(summary: dict[str, Any]) -> None:
    """Nobody is answered wrong, the model as a witness; journeys come to their end."""
    again = {one["reason"] for one in summary["retried"]}

    assert again == {NOT_CONNECTED}
    assert summary["wrong_answers"] == []
    assert summary["totals"]["finished"] == summary["totals"]["planned"]


def test_a_server_that_keeps_nothing_is_not_restarted() -> None:
    """It would come back empty."""
    server = EmbeddedServer()

    with pytest.raises(ValueError, match="keeps what happens"):
        server.restart(0.0)


def test_the_folder_of_a_durable_server_goes_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether or not it ever answered."""
    kept: list[Path] = []

    class Process(subprocess.Popen[bytes]):
        def __init__(self, line: list[str], **options: Any) -> None:  # noqa: ANN401 (Popen's)
            kept.append(Path(line[line.index("--data") + 1]).parent)
            super().__init__(["sleep", "60"], **options)

    monkeypatch.setattr(subprocess, "Popen", Process)
    server = EmbeddedServer(durable=True)
    server.launch()
    assert kept[0].is_dir()
    server.stop()

    assert not kept[0].exists()
