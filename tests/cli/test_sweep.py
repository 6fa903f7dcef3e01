"""`etalon sweep`: on processes and on a cluster the same runs, and what a user is told."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from etalon_cli.command import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXPERIMENT = """
[experiment]
name = "two-values"
scenario = "pilot-2021"
population = 400
replications = 3
until = 2021-10-20

[vary]
"reading.email" = [0.35, 0.5, 0.65]
"""


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sweep made by one process, with its experiment beside it."""
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "experiment.toml").write_text(EXPERIMENT, encoding="utf-8")
    typed = ["sweep", str(folder / "experiment.toml"), "--workers", "1", "--out"]
    assert main([*typed, str(folder / "S"), "--lang", "en"]) == 0
    return folder


@pytest.fixture
def cluster() -> Iterator[tuple[str, list[subprocess.Popen[str]]]]:
    """A Dask scheduler and two workers of one thread, on loopback, as the guide starts them."""
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    here = ["--host", "127.0.0.1", "--no-dashboard"]
    same = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    scheduler = subprocess.Popen(
        [*dask, *here, "--port", "0"], stderr=subprocess.PIPE, encoding="utf-8", env=same
    )
    assert scheduler.stderr is not None
    found = (re.search(r"Scheduler at:\s+(tcp://\S+)", line) for line in scheduler.stderr)
    address = next(match[1] for match in found if match)
    drained = threading.Thread(target=scheduler.stderr.read, daemon=True)
    drained.start()
    one = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1"]
    workers = [
        subprocess.Popen(
            [*one, "--no-nanny", *here],
            encoding="utf-8",
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=same,
        )
        for _ in range(2)
    ]
    yield address, workers
    for process in (*workers, scheduler):
        process.kill()
        process.wait()
    drained.join()
    scheduler.stderr.close()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_a_cluster_one_of_whose_workers_is_killed_makes_the_same_runs(
    swept: Path,
    cluster: tuple[str, list[subprocess.Popen[str]]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`runs.parquet` has the same bytes; when and by whom stands beside."""
    address, workers = cluster
    out = swept / "C"

    ended = threading.Event()

    def kill_one_in_the_middle() -> None:
        while not (out / "kept-runs.jsonl").is_file() and not ended.wait(0.05):
            pass
        os.kill(workers[0].pid, signal.SIGKILL)

    killer = threading.Thread(target=kill_one_in_the_middle)
    killer.start()
    code = main(["sweep", str(swept / "experiment.toml"), "--cluster", address, "--out", str(out)])
    ended.set()
    killer.join()

    assert code == 0, capsys.readouterr().err
    assert (out / "runs.parquet").read_bytes() == (swept / "S/runs.parquet").read_bytes()
    assert json.loads((out / "sweep.json").read_text(encoding="utf-8")) == json.loads(
        (swept / "S/sweep.json").read_text(encoding="utf-8")
    )


def test_a_sweep_taken_up_makes_nothing_again_and_says_what_moves(
    swept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The kept runs are enough; the report is drawn again, in French."""
    before = (swept / "S/kept-runs.jsonl").read_bytes()
    typed = ["sweep", str(swept / "experiment.toml"), "--out", str(swept / "S"), "--resume"]
    code = main([*typed, "--json", "--lang", "fr"])
    told = json.loads(capsys.readouterr().out)

    assert code == 0
    assert (swept / "S/kept-runs.jsonl").read_bytes() == before
    assert told["effects"][0]["path"] == "reading.email"
    assert "Balayage mené à son terme" in (swept / "S/report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[experiment]\n", "experiment.scenario"),
        (EXPERIMENT.replace("pilot-2021", "pilot-2012"), "pilot-2021"),
        (EXPERIMENT.replace("reading.email", "reading.emial"), "Did you mean email?"),
        ("[experiment", "TOML"),
    ],
)
def test_a_wrong_experiment_ends_with_exit_code_2_and_one_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    """Nothing is written."""
    file = tmp_path / "experiment.toml"
    file.write_text(text, encoding="utf-8")
    code = main(["sweep", str(file), "--out", str(tmp_path / "S"), "--lang", "en"])
    err = capsys.readouterr().err

    assert code == 2
    assert said in err
    assert "Traceback" not in err


def test_a_scheduler_that_does_not_answer_is_told(
    swept: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 3, the address, and how to go on."""
    monkeypatch.setattr("etalon_scenarios.sweeps.cluster.CONNECT_SECONDS", 0.5)
    typed = ["sweep", str(swept / "experiment.toml"), "--cluster", "tcp://127.0.0.1:9"]
    code = main([*typed, "--out", str(swept / "G"), "--lang", "en"])
    err = capsys.readouterr().err

    assert code == 3
    assert "tcp://127.0.0.1:9" in err
    assert "--resume" in err
