"""The guide for vendors, and the pipelines it hands over, do what they say."""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
import yaml  # type: ignore[import-untyped]

ROOT: Final = Path(__file__).parents[2]
GUIDE: Final = (ROOT / "docs" / "guides" / "conformance.md").read_text(encoding="utf-8")
PIPELINES: Final = ROOT / "docs" / "guides" / "pipelines"
FOLDERS: Final = ("model", "scenarios", "conformance", "reports", "cli")
PRINTED: Final = "127.0.0.1:8080"
FENCE: Final = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
MARK: Final = "@@ the block ends @@"
WHOLE: Final = "fhir --suite records-server \\\n"
NARROW: Final = "fhir --suite records-server --requirement W-REC-12 \\\n"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="they are for a POSIX shell")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment in which `etalon` is that of this repository, and speaks English."""
    program = tmp_path / "bin" / "etalon"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m etalon_cli "$@"\n', encoding="utf-8"
    )
    program.chmod(0o755)
    paths = os.pathsep.join(str(ROOT / name) for name in FOLDERS)
    searched = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": searched, "PYTHONPATH": paths, "LC_ALL": "C.UTF-8"}


@contextmanager
def serving(line: str, environment: dict[str, str]) -> Generator[str]:
    """Run a line of `etalon serve` on a port that is free; give the host and the port."""
    command = [*shlex.split(line), "--port", "0", "--json"]
    command[0] = shutil.which("etalon", path=environment["PATH"]) or ""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True
    ) as server:
        assert server.stdout is not None
        yield json.loads(server.stdout.readline())["address"].removeprefix("http://")
        server.terminate()


def shell(lines: str, folder: Path, environment: dict[str, str]) -> str:
    """What a shell prints for these lines, which all end well."""
    ran = subprocess.run(
        ["/bin/bash", "-eu", "-c", lines],
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
        env=environment,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_every_line_of_the_guide_does_what_it_says(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """Its blocks one after the other in one shell; what it prints is printed, in that order.

    The suite is narrowed to the requirement that is broken; `make shows X=E` runs it whole.
    """
    blocks: list[tuple[str, str]] = FENCE.findall(GUIDE)
    started = next(body for kind, body in blocks if kind == "console" and "--impostor" in body)
    said: list[tuple[str, list[str]]] = []
    for kind, body in blocks:
        if kind == "sh":
            said.append((body, []))
        elif kind == "text":
            said[-1][1].extend(body.splitlines())
    with serving(started.removeprefix("$ "), environment) as address:
        lines = "".join(f"{body}\necho '{MARK}'\n" for body, _ in said)
        assert lines.count(WHOLE) == 1
        narrow = lines.replace(WHOLE, NARROW).replace(PRINTED, address)
        printed = shell(narrow, tmp_path, environment).split(MARK)

    for (body, expected), found in zip(said, printed[:-1], strict=True):
        places = [found.splitlines().index(line) for line in expected]
        assert places == sorted(places), (body, found)
    assert {kind for kind, _ in blocks} == {"console", "sh", "text"}
    reports = {"report.html", "report.fr.html", "verdicts.json", "exchanges-redacted.ndjson"}
    assert reports <= {file.name for file in (tmp_path / "first").iterdir()}


def gitlab() -> str:
    """The lines of the job of GitLab CI."""
    job = yaml.safe_load((PIPELINES / "gitlab-ci.yml").read_text("utf-8"))["conformance"]
    assert job["artifacts"]["reports"]["junit"] == "conformance/junit.xml"
    assert job["artifacts"]["exclude"] == ["conformance/exchanges.ndjson"]
    assert job["variables"]["TARGET"] == f"http://{PRINTED}/fhir"
    return "\n".join([*job["before_script"], *job["script"], *job["after_script"]])


def github() -> str:
    """The lines of the job of GitHub Actions."""
    read = yaml.safe_load((PIPELINES / "github-actions.yml").read_text("utf-8"))
    job = read["jobs"]["records-server"]
    kept = job["steps"][-1]["with"]["path"].split()
    assert kept == ["conformance", "!conformance/exchanges.ndjson"]
    assert job["env"]["TARGET"] == f"http://{PRINTED}/fhir"
    return "\n".join(step["run"] for step in job["steps"] if "run" in step)


def jenkins() -> str:
    """The lines of the shell steps of Jenkins; each step is a shell of its own."""
    text = (PIPELINES / "Jenkinsfile").read_text("utf-8")
    assert text.count("{") == text.count("}")
    assert "excludes: 'conformance/exchanges.ndjson'" in text
    assert f"TARGET = 'http://{PRINTED}/fhir'" in text
    return "\n".join(f"(:\n{step})" for step in re.findall(r"sh '''(.*?)'''", text, re.DOTALL))


@pytest.mark.parametrize("lines", [gitlab, github, jenkins], ids=lambda one: one.__name__)
def test_the_shell_lines_of_a_pipeline_give_a_verdict_and_its_reports(
    lines: Callable[[], str], tmp_path: Path, environment: dict[str, str]
) -> None:
    """Against the sandbox that stands in the place of the server; one requirement of the suite."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    written = lines().replace("--port 8080", f"--port {address.partition(':')[2]}")
    kept = [one for one in written.splitlines() if not re.search(r"pip install|-m venv", one)]
    assert len(kept) == len(written.splitlines()) - len(re.findall("pip install|-m venv", written))
    ran = "\n".join(kept).replace("--suite records-server", "--requirement W-COM-03")
    environment |= {"TARGET": f"http://{address}/fhir"}

    shell(f"trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{ran}", tmp_path, environment)

    verdicts = json.loads((tmp_path / "conformance" / "verdicts.json").read_text("utf-8"))
    assert verdicts["conforms"] is True
    assert (tmp_path / "conformance" / "junit.xml").read_text("utf-8").count("<testcase") >= 1
    assert (tmp_path / "conformance" / "report.html").is_file()
