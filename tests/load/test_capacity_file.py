"""A measured capacity is read by decisions, and written for scenarios."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from etalon_load.capacity_file import (
    CapacityFileError,
    MeasuredCapacity,
    platform_capacity,
    read_capacity,
)
from etalon_scenarios.capacity_file import capacity_of

WHOLE: dict[str, object] = {
    "held": 118.0,
    "missed": 124.0,
    "target": {"kind": "embedded", "name": "Étalon (embedded)"},
    "profile": "launch-day",
    "mix": {"activate": 0.6, "visit": 0.4},
    "server": {"cpu_seconds_per_request": 0.002, "cores": 1},
    "generator": {"cpu_seconds_per_request": None},
    "requests_per_journey": 5.5,
    "etalon_version": "0.1.0",
    "started_at": "2026-11-22T09:00:00+00:00",
    "probes": [],
}


def test_a_capacity_is_read_from_its_directory_or_its_file(tmp_path: Path) -> None:
    """Every figure that a decision or its report needs; what is not there is not known."""
    file = tmp_path / "capacity.json"
    file.write_text(json.dumps(WHOLE), encoding="utf-8")

    capacity = read_capacity(tmp_path)

    assert capacity == read_capacity(file)
    assert (capacity.held, capacity.missed, capacity.rate) == (118.0, 124.0, 121.0)
    assert (capacity.target, capacity.profile) == ("embedded", "launch-day")
    assert capacity.mix == {"activate": 0.6, "visit": 0.4}
    assert capacity.cpu_seconds_per_answer == 0.002
    assert capacity.own_cpu_seconds_per_answer is None
    assert capacity.answers_per_journey == 5.5


def test_a_capacity_without_an_upper_end_is_what_held(tmp_path: Path) -> None:
    """Every rate that was tried held."""
    file = tmp_path / "capacity.json"
    file.write_text('{"held": 80, "missed": null}', encoding="utf-8")

    assert read_capacity(file) == MeasuredCapacity(80.0, None)
    assert read_capacity(file).rate == 80


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "cannot be read"),
        ("[1]", "a JSON object is expected"),
        ("{}", "held = None: no rate held"),
        ('{"held": 0, "missed": 20}', "no rate held"),
        ('{"held": -3, "missed": 20}', "0 or more"),
        ('{"held": true}', "a number is expected"),
        ('{"held": "many"}', "a number is expected"),
        ('{"held": NaN}', "a number is expected"),
        ('{"held": 20, "missed": 20}', "missed = 20 is not above held = 20"),
        ('{"held": 20, "mix": {"visit": "half"}}', "visit = 'half'"),
    ],
)
def test_a_file_that_says_no_capacity_is_refused(tmp_path: Path, content: str, words: str) -> None:
    """The message names the file, the key and what was found."""
    file = tmp_path / "capacity.json"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(CapacityFileError, match=words):
        read_capacity(tmp_path)


def test_a_scenario_accepts_the_capacity_that_is_written_for_it() -> None:
    """The rate that held, as visits admitted a minute, over the days of the scenario."""
    record = platform_capacity(
        MeasuredCapacity(10.0, 12.0),
        scenario="launch-2022",
        version="0.1.0",
        share_of_visits=0.25,
        starts_at=datetime(2022, 1, 31),  # noqa: DTZ001 (civil time)
        ends_at=datetime(2022, 7, 1),  # noqa: DTZ001 (civil time)
    )

    (stretch,) = capacity_of(json.dumps(record), "L/platform-capacity.json", ("launch-2022",))

    assert stretch.admissions == 150
    assert (stretch.ends - stretch.starts).days == 151
