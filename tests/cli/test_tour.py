"""The tour: parts as commands, a page that explains them, what is left out and what is stopped."""

from __future__ import annotations

import json
import os
import signal
import threading
from typing import TYPE_CHECKING

import jsonschema
import pytest

from etalon_cli import demo_command, tour
from etalon_cli.command import main
from etalon_cli.installed_parts import Finding
from etalon_cli.tour import IMPOSTOR, Part
from etalon_cli.usage import parse
from etalon_conformance.impostors import impostors
from etalon_text.schema_files import schema

if TYPE_CHECKING:
    from pathlib import Path

SHORT = ("--population", "300", "--knowledge", "0", "--until", "2021-09-05")
PILOT = Part("pilot", ("simulate", "pilot-2021", *SHORT))
LOAD = Part("load", ("load", "run", "--profile", "launch-day"), ("load",))


def shown(monkeypatch: pytest.MonkeyPatch, directory: Path, *parts: Part) -> int:
    """Show these parts instead of those of the tour, without the extra `load`."""
    lacking = Finding("load", "extra", None, good=False, missing=("locust",))
    monkeypatch.setattr(tour, "extra_parts", lambda: [lacking])
    monkeypatch.setattr(demo_command, "tour", lambda: parts)
    return main(["demo", "--out", str(directory), "--lang", "en"])


@pytest.fixture(scope="module")
def toured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tour of a small pilot, whose part on load is left out."""
    directory = tmp_path_factory.mktemp("tour") / "T"
    with pytest.MonkeyPatch.context() as patched:
        assert shown(patched, directory, PILOT, LOAD) == 0
    return directory


def test_the_parts_are_commands_that_a_user_could_type() -> None:
    """Each line parses; the impostor is one that there is."""
    typed = [line.split()[1:] for part in tour.tour() for line in part.commands]

    assert len(typed) == 5
    assert all(parse(line)[0].words[0] == line[0] for line in typed)
    assert IMPOSTOR in impostors()


def test_a_tour_leaves_the_directory_of_each_part_and_says_what_was_left_out(toured: Path) -> None:
    """As published; a part without its extra was not run, and is not called done."""
    told = json.loads((toured / "tour.json").read_text(encoding="utf-8"))

    jsonschema.validate(told, dict(schema("tour")))
    assert told["status"] == "complete"
    assert [(one["name"], one["exit_code"], one["missing"]) for one in told["parts"]] == [
        ("pilot", 0, []),
        ("load", None, ["load"]),
    ]
    assert (toured / "pilot" / "report.html").is_file()
    assert not (toured / "load").exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("report.html", ["For those who doubt a model", "People simulated: 300", "Left out"]),
        ("report.fr.html", ["Pour qui doute d", "Personnes simulées", "Laissée de côté"]),
    ],
)
def test_the_page_explains_each_part_in_both_languages(
    toured: Path, name: str, said: list[str]
) -> None:
    """With its command, a link to its report and one to its guide, which are there."""
    page = (toured / name).read_text(encoding="utf-8").replace("\u202f", " ").replace("\xa0", " ")

    assert all(words in page for words in said)
    assert "etalon simulate pilot-2021 --population 300" in page
    assert 'href="pilot/report.html"' in page
    guides = json.loads((toured / "tour.json").read_text(encoding="utf-8"))["guides"]
    assert f'href="{guides}/policy.md"' in page
    assert (toured / guides / "policy.md").is_file()


def test_the_page_is_drawn_again_from_the_files(toured: Path) -> None:
    """In the other language, by `etalon report`."""
    assert main(["report", str(toured), "--lang", "fr"]) == 0

    assert 'lang="fr"' in (toured / "report.html").read_text(encoding="utf-8")
    assert main(["report", str(toured), "--lang", "en"]) == 0


@pytest.mark.skipif(os.name == "nt", reason="a console passes Ctrl-C on by itself")
def test_a_signal_ends_the_part_under_way_and_the_tour(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Exit code 3; the page tells what had begun, and nothing goes on alone."""
    long = Part("pilot", ("simulate", "pilot-2021", "--population", "8000", "--knowledge", "0"))
    run = tmp_path / "T" / "pilot" / "run.json"

    def interrupt() -> None:
        while not run.exists():
            ended.wait(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    ended = threading.Event()
    threading.Thread(target=interrupt, daemon=True).start()
    code = shown(monkeypatch, tmp_path / "T", long, PILOT)
    ended.set()

    assert code == 3
    told = json.loads((tmp_path / "T" / "tour.json").read_text(encoding="utf-8"))
    assert (told["status"], len(told["parts"])) == ("partial", 1)
    assert json.loads(run.read_text(encoding="utf-8"))["status"] == "partial"
    assert (tmp_path / "T" / "report.html").is_file()
