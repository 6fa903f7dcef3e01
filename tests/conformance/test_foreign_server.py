"""A server that nobody here wrote is judged, and what is said of it is true."""

import re
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Final

import pytest

from etalon_conformance.planning import Choice, planned
from etalon_conformance.running import RunOrder, run
from etalon_conformance.verdicts import Verdict
from etalon_target.targets import Options, target_of
from foreign_server import SOURCES, IndexUnreachableError, foreign_server, install

ROOT: Final = Path(__file__).parents[2]
GUIDE: Final = (ROOT / "docs" / "guides" / "foreign-server.md").read_text(encoding="utf-8")
PRINTED: Final = "http://127.0.0.1:8090/fhir"
SAMPLE: Final = (
    "capability_statement_says_fhir_r4",
    "documents_are_read_byte_for_byte",
    "form_that_is_not_served_is_refused",
    "invalid_resource_is_refused",
    "pages_of_lists_join_to_the_whole",
    "resources_are_read_in_both_forms",
)
"""Checks that end soon there; `make shows X=E` runs the whole suite."""
TRUE: Final = {"W-COM-01", "W-REC-05a", "W-REC-26", "W-REC-27", "W-REC-28"}
"""What the sample is right to find."""

try:
    install()
except IndexUnreachableError as error:
    pytest.skip(str(error), allow_module_level=True)


@pytest.fixture(scope="module")
def base() -> Generator[str]:
    """Where the server answers."""
    with foreign_server() as address:
        yield address


def blocks(language: str) -> list[str]:
    """The blocks of the guide in a language."""
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


@pytest.mark.skipif(sys.platform == "win32", reason="the guide is for a POSIX shell")
def test_every_answer_of_the_guide_is_that_of_the_server(base: str, tmp_path: Path) -> None:
    """The requests one after the other in one shell."""
    ran = subprocess.run(
        ["/bin/bash", "-eu", "-c", "".join(blocks("sh")).replace(PRINTED, base)],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        encoding="utf-8",
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == "".join(blocks("text"))
    assert set(re.findall(r"^```(\w+)$", GUIDE, re.MULTILINE)) == {"console", "sh", "text"}


def test_a_sample_of_checks_says_of_it_what_is_true_and_nothing_else(
    base: str, tmp_path: Path
) -> None:
    """No harness error, no accusation that the guide does not confirm."""
    profile = tmp_path / "profile.toml"
    written = (SOURCES / "profile.toml").read_text(encoding="utf-8")
    profile.write_text(written.replace(PRINTED, base), encoding="utf-8")
    plan = planned(Choice(suite="records-server", checks=frozenset(SAMPLE)))

    with target_of(str(profile), Options(environment={"FOREIGN_TOKEN": "none-is-asked"})) as target:
        outcome = run(RunOrder(plan=plan, workers=2), target)

    broken = {one.requirement for one in outcome.results if one.verdict is Verdict.FAIL}
    assert {check.name for check in plan.checks} == set(SAMPLE)
    assert broken == TRUE
    assert all(f"| {one} |" in GUIDE for one in broken)
    assert Verdict.HARNESS_ERROR not in {one.verdict for one in outcome.results}
    assert Verdict.PASS in {one.verdict for one in outcome.results}
