"""Counterexamples: run for real, against the server they were made of and against the reference."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from counterexample_scene import Broken, broken_by, ran, served
from etalon_cli.command import main
from etalon_conformance.evidence.replaying import Shown, counterexamples_in, replayed
from etalon_wire.validation.validator import Validator

CASES = {
    "publish-without-location": ("publish_answers_what_was_made", "W-REC-12"),
    "masked-read": ("representative_masks_for_a_child", "VIS-01"),
    "next-page-is-the-same": ("pages_join_to_the_whole", "W-REC-22"),
    "text-recoded": ("documents_are_read_byte_for_byte", "W-REC-27"),
    "lists-never-found": ("lists_lead_to_their_documents", "W-REC-26"),
    "red-list-not-read": ("mailboxes_change_by_condition_and_keep_their_address", "MSG-12"),
    "long-lived-token": ("login_of_professionals_gives_short_tokens", "ID-10"),
}
BY_SH = ("publish-without-location", "next-page-is-the-same")
"""Impostors whose script is run: each call of it starts curl, so that a few are enough here."""


@pytest.fixture(scope="module")
def validator() -> Validator:
    """One for all servers: compiling the profiles takes longest."""
    return Validator()


@pytest.fixture(scope="module")
def reference(validator: Validator) -> Iterator[str]:
    """The FHIR base of the reference."""
    with served(validator=validator) as address:
        yield address


@pytest.fixture(scope="module")
def impostors(validator: Validator) -> Iterator[dict[str, str]]:
    """The FHIR base of each impostor."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(served(name, validator)) for name in CASES}


@pytest.fixture(scope="module")
def broken(
    impostors: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Broken]:
    """A counterexample of each impostor."""
    out = tmp_path_factory.mktemp("run")
    return {
        name: broken_by(impostors[name], check, requirement, out)
        for name, (check, requirement) in CASES.items()
    }


@pytest.mark.parametrize("name", BY_SH)
def test_the_script_shows_the_defect_and_clears_the_reference(
    name: str, broken: dict[str, Broken], impostors: dict[str, str], reference: str
) -> None:
    """Exit codes 1 and 0, from real servers, by nothing but sh, curl and python3."""
    script = broken[name].folder / "replay.sh"
    code, said = ran(script, impostors[name])
    assert code == 1, said
    assert "BROKEN" in said
    code, said = ran(script, reference)
    assert code == 0, said
    assert "expected:" in said
    assert "got" in said


@pytest.mark.parametrize("name", CASES)
def test_the_pytest_file_shows_the_defect_and_clears_the_reference(
    name: str, broken: dict[str, Broken], impostors: dict[str, str], reference: str
) -> None:
    """The same by the standard library of Python alone."""
    test = broken[name].folder / "test_replay.py"
    code, said = ran(test, impostors[name])
    assert code == 1, said
    code, said = ran(test, reference)
    assert code == 0, said


def test_a_script_without_a_server_says_nothing_of_the_defect(broken: dict[str, Broken]) -> None:
    """Exit code 2 where nobody answers."""
    folder = broken["publish-without-location"].folder
    assert ran(folder / "replay.sh", "http://127.0.0.1:9/fhir")[0] == 2
    assert ran(folder / "test_replay.py", "http://127.0.0.1:9/fhir")[0] == 2


def test_a_script_says_what_it_says_in_french_too(broken: dict[str, Broken]) -> None:
    """As the locale of its reader asks."""
    script = broken["publish-without-location"].folder / "replay.sh"
    _, said = ran(script, "http://127.0.0.1:9/fhir", {"LANG": "fr_FR.UTF-8"})
    assert said.startswith("Pas de serveur à")


def test_a_server_that_refuses_the_scene_is_not_said_to_keep_the_requirement(
    broken: dict[str, Broken], reference: str
) -> None:
    """Exit code 2 where the set-up is refused."""
    elsewhere = f"{reference}/nowhere"
    script = broken["publish-without-location"].folder / "replay.sh"
    code, said = ran(script, elsewhere, {"ETALON_ROOT": elsewhere})
    assert code == 2, said
    assert "404" in said


def test_no_script_holds_an_identifier_or_a_token_of_the_run(broken: dict[str, Broken]) -> None:
    """All of them are captured, made anew, or taken again."""
    for one in broken.values():
        written = (one.folder / "replay.sh").read_text(encoding="utf-8")
        test = (one.folder / "test_replay.py").read_text(encoding="utf-8")
        # What was got stands in the comment at their heads, for who looks into a journal.
        calls = re.sub(r"(?m)^#.*$", "", written) + test.split('"""', 2)[2]
        for exchange in one.examined.exchanges:
            if exchange.control:
                for path in ("ins", "rpps", "access_token", "idnps"):
                    for value in exchange.value(path):
                        assert value not in calls
            for value in exchange.value("id"):
                assert value not in calls
        assert not re.search(r"\b2\.25\.[0-9]{8}", calls)


def test_no_file_of_a_counterexample_holds_a_secret(broken: dict[str, Broken]) -> None:
    """No token of the run, and nothing that looks like one."""
    for one in broken.values():
        tokens = {
            value for exchange in one.examined.exchanges for value in exchange.value("access_token")
        }
        assert tokens
        for path in one.folder.iterdir():
            text = path.read_text(encoding="utf-8")
            assert not any(token in text for token in tokens), path
            assert not re.search(r"\beyJ[A-Za-z0-9_-]{8,}\.", text), path


def test_scripts_are_right_for_sh(broken: dict[str, Broken]) -> None:
    """The shell reads each to its end."""
    for one in broken.values():
        done = subprocess.run(["/bin/sh", "-n", str(one.folder / "replay.sh")], check=False)
        assert done.returncode == 0


def test_the_page_tells_the_failure_in_one_sentence_of_each_language(
    broken: dict[str, Broken],
) -> None:
    """Requirement, expected, got, path, number of the call."""
    one = broken["publish-without-location"]
    page = (one.folder / "README.md").read_text(encoding="utf-8")
    assert "L\u2019exigence W-REC-12 n\u2019est pas tenue : attendu" in page.replace(
        "\u202f", " "
    ).replace("\u00a0", " ")
    number = one.concluded.result.exchanges[0]
    assert (
        "Requirement W-REC-12 is not kept: expected “header:location: a value”, got “nothing”, "
        f"at the path header:location of call {number} (POST /DocumentReference)."
    ) in page


def test_the_diagram_draws_every_call_and_names_nobody(broken: dict[str, Broken]) -> None:
    """Calls by number, people by what they are."""
    one = broken["masked-read"]
    for name in ("sequence.svg", "sequence.fr.svg"):
        text = (one.folder / name).read_text(encoding="utf-8")
        ET.fromstring(text)  # noqa: S314 (we have just written it)
        last = one.concluded.result.exchanges[-1]
        assert all(f">{number}. " in text for number in (1, last))
        people = [one.value("ins") for one in one.examined.exchanges if one.control]
        assert not any(value in text for values in people for value in values)


def test_replaying_a_run_tells_of_each_counterexample(
    broken: dict[str, Broken], reference: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the folder of one, or of a run."""
    folder = broken["publish-without-location"].folder
    assert [one.shown for one in replayed((folder,), reference)] == [Shown.KEPT]
    assert {one.name for one in counterexamples_in(folder.parent.parent)} == {
        one.folder.name for one in broken.values()
    }
    code = main(["conformance", "replay", str(folder), "--target", "http://127.0.0.1:9/fhir"])
    assert code == 3
    assert "nothing can be said" in capsys.readouterr().out


def test_the_command_says_that_a_defect_shows(
    broken: dict[str, Broken], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1, and the same as JSON."""
    folder = broken["publish-without-location"].folder
    assert main(["conformance", "replay", str(folder), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)["replays"]
    assert [one["shown"] for one in told] == ["defect"]


def test_a_directory_without_counterexample_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, and one line."""
    assert main(["conformance", "replay", str(tmp_path)]) == 2
    assert "no counterexample" in capsys.readouterr().err
