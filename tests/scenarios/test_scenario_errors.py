"""Broken scenario files: one message each, with the key, the value and what is accepted."""

from __future__ import annotations

import pickle
from importlib import resources
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_scenarios.loading import load_scenario
from etalon_scenarios.scenario_errors import ScenarioError, nearest_name

if TYPE_CHECKING:
    from pathlib import Path

    from etalon_scenarios.scenario import Scenario

PILOT = """
[scenario]
extends = "pilot-2021"
name = "broken"
title_fr = "Cassé"
title_en = "Broken"
"""
NUMBER = '[{path}]\nvalue = {value}\nlow = {value}\nhigh = {value}\nunit = "{unit}"\n'
KNOWN = 'certainty = "user"\nsource = "us"\n'


def number(path: str, value: str, unit: str) -> str:
    """The text of a number of the user's."""
    return NUMBER.format(path=path, value=value, unit=unit) + KNOWN


BROKEN = {
    "misspelt key": (
        '[enrolment]\noposition_window = "P6W"\n',
        (
            'enrolment.oposition_window: found an unknown key "oposition_window"; accepted: mode, '
            "opposition_window, code_validity, source (nearest valid name: opposition_window)"
        ),
    ),
    "wrong unit": (
        number("reading.email", "40", "percent"),
        'reading.email.unit: found "percent"; accepted: "share"',
    ),
    "share above one": (
        number("reading.email", "1.2", "share"),
        "reading.email.value: found 1.2; accepted: a number between 0 and 1 (unit: share)",
    ),
    "wave before the scenario": (
        (
            '[[waves]]\nfirst_on = 2021-08-01\nlast_on = 2021-09-15\ndepartments = "all"\n'
            'order = "spread"\n'
        ),
        (
            "waves.0.first_on: found 2021-08-01; accepted: "
            "a day on or after scenario.starts_on = 2021-08-30"
        ),
    ),
    "overlapping waves": (
        (
            '[[waves]]\nfirst_on = 2021-08-30\nlast_on = 2021-09-15\ndepartments = "all"\n'
            'order = "spread"\n[[waves]]\nfirst_on = 2021-09-10\nlast_on = 2021-09-20\n'
            'departments = ["44"]\norder = "spread"\n'
        ),
        (
            'waves.1.departments: found "44", overlapping waves.0 (2021-08-30 to 2021-09-15); '
            "accepted: each département in one wave"
        ),
    ),
    "end before start": (
        "#",
        (
            "scenario.ends_on: found 2021-08-29; accepted: "
            "a day on or after scenario.starts_on = 2021-08-30"
        ),
    ),
    "negative number": (
        number("hotline.agents", "-3", "agents"),
        "hotline.agents.value: found -3; accepted: a whole number, 1 or more (unit: agents)",
    ),
    "no such département": (
        '[population]\ndepartments = ["31", "20"]\n',
        (
            'population.departments: found "20"; accepted: a département code in quotes: '
            "01 to 95, 2A, 2B, 971 to 974 or 976"
        ),
    ),
    "no département left": (
        '[population]\ndepartments = ["31"]\nexcept = ["31", "44"]\n',
        (
            "population.departments: found no département left; accepted: one or more that "
            'population.except = ["31", "44"] does not leave out, or that key stated anew'
        ),
    ),
    "shares that miss one": (
        '[post.delay_days]\nvalues = [0.5, 0.4]\nby = "delay_days"\nunit = "share"\n'
        "low_factor = 1\nhigh_factor = 1\n" + KNOWN,
        "post.delay_days.values: found a sum of 0.9; accepted: shares that sum to 1",
    ),
    "no period": (
        '[enrolment]\nopposition_window = "six weeks"\n',
        (
            'enrolment.opposition_window: found "six weeks"; accepted: '
            "an ISO period of one unit: P6W, P30D, P1M"
        ),
    ),
    "source of an assumption": (
        number("reading.email", "0.4", "share").replace('"user"', '"assumption"'),
        'reading.email.source: found "us"; accepted: "none", because the certainty is "assumption"',
    ),
    "bare number": (
        "[reading]\nemail = 0.4\n",
        (
            "reading.email: found 0.4; accepted: "
            'a table of value, unit = "share", low, high, certainty, source'
        ),
    ),
    "too many routes": (
        number("routes.post", "0.9", "share"),
        (
            "routes.phone.values: found 0.12 at 70-74, hence 1.03 with post and counter; "
            "accepted: shares that sum to 1 at most"
        ),
    ),
    "hotline that never opens": (
        '[hotline]\nopens = "18:00"\n',
        'hotline.closes: found "17:30"; accepted: a time after opens = "18:00"',
    ),
    "hotline before the post": (
        '[hotline]\nopens = "07:30"\n',
        'hotline.opens: found "07:30"; accepted: 08:00 or later',
    ),
    "hotline in the night": (
        '[hotline]\ncloses = "23:00"\n',
        'hotline.closes: found "23:00"; accepted: 22:00 or earlier',
    ),
    "date in quotes": (
        '[creation]\nstarts_on = "2021-10-10"\n',
        'creation.starts_on: found "2021-10-10"; accepted: a date without quotes, as 2021-08-30',
    ),
    "wave of strangers": (
        (
            '[[waves]]\nfirst_on = 2021-08-30\nlast_on = 2021-09-15\ndepartments = ["75"]\n'
            'order = "spread"\n'
        ),
        'waves.0.departments: found "75"; accepted: départements of [population]',
    ),
    "wave of a week-end": (
        (
            '[[waves]]\nfirst_on = 2021-09-04\nlast_on = 2021-09-05\ndepartments = "all"\n'
            'order = "spread"\n'
        ),
        "waves.0.first_on: found 2021-09-04 to 2021-09-05; accepted: one working day or more",
    ),
    "opt-in with waves": (
        '[enrolment]\nmode = "opt-in"\n',
        "waves: found 1 of them; accepted: none in opt-in mode",
    ),
    "value out of its range": (
        number("reading.email", "0.4", "share").replace("low = 0.4", "low = 0.5"),
        "reading.email.value: found 0.4; accepted: a value between low = 0.5 and high = 0.4",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_gets_one_message(case: str, tmp_path: Path) -> None:
    """The message names the file, the key path, the value found and what is accepted."""
    text, message = BROKEN[case]
    heading = PILOT + ("ends_on = 2021-08-29\n" if case == "end before start" else "")
    path = tmp_path / "broken.toml"
    path.write_text(heading + text, encoding="utf-8")

    with pytest.raises(ScenarioError) as caught:
        load_scenario(str(path))

    assert str(caught.value) == f"{path}: {message}"


def test_an_unknown_scenario_is_told_the_nearest_name() -> None:
    """A name typed from memory finds its scenario."""
    with pytest.raises(ScenarioError) as caught:
        load_scenario("pilote-2021")

    assert caught.value.nearest == "pilot-2021"
    assert "opt-in, pilot-2021, pilot-announced, press-scare" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (PILOT.encode()[:-8], "text that is not TOML"),
        (b'[scenario]\nname = "caf\xe9"\n', "line 2: found the byte 0xE9"),
        (b"", "scenario: found nothing; accepted: a value: this key is required"),
        (b"\x00\x01\x02", "text that is not TOML"),
    ],
    ids=["truncated", "not UTF-8", "empty", "binary"],
)
def test_an_unreadable_file_is_refused(content: bytes, found: str, tmp_path: Path) -> None:
    """Half a file, another encoding, no text at all: never taken for a scenario."""
    path = tmp_path / "broken.toml"
    path.write_bytes(content)

    with pytest.raises(ScenarioError) as caught:
        load_scenario(str(path))

    assert str(caught.value).startswith(f"{path}: ")
    assert found in str(caught.value)


def test_every_truncation_of_a_scenario_is_refused(tmp_path: Path) -> None:
    """Wherever a complete file is cut before its last table, something required is missing."""
    complete = _pilot_text()
    last_table = complete.rindex("[costs.call]")
    path = tmp_path / "cut.toml"
    for end in range(0, last_table, 997):
        path.write_text(complete[:end], encoding="utf-8")
        with pytest.raises(ScenarioError):
            load_scenario(str(path))


def _pilot_text() -> str:
    file = resources.files("etalon_scenarios").joinpath("data/scenarios/pilot-2021.toml")
    return file.read_text(encoding="utf-8")


def test_a_missing_file_is_named() -> None:
    """The message gives the path that was tried."""
    with pytest.raises(ScenarioError, match=r"nowhere\.toml: found no readable file"):
        load_scenario("nowhere.toml")


def test_scenarios_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    """A circle is said as a circle, not as a recursion error."""
    for one, other in (("a.toml", "b.toml"), ("b.toml", "a.toml")):
        text = PILOT.replace('"pilot-2021"', f'"{other}"')
        (tmp_path / one).write_text(text, encoding="utf-8")

    with pytest.raises(ScenarioError, match="a chain that ends"):
        load_scenario(str(tmp_path / "a.toml"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("reading.email=1.4", "--set reading.email=1.4: reading.email.value: found 1.4"),
        ("readin.email=0.4", "--set readin.email=0.4: readin: found an unknown key"),
        ("reading.emial=0.4", "(nearest valid name: email)"),
        ("reading.email", 'found "reading.email"; accepted: path=value'),
        ("enrolment.mode.now=1", "a path that goes on below a value"),
        ("waves.4.first_on=2021-09-01", "accepted: a rank between 0 and 0"),
        ("scenario.vintage=2021", "'pilot-2021', 'launch-2022' or 'steady-2023'"),
        ("hotline.agents=2.5", "accepted: a whole number, 1 or more"),
        ("reading.email=nan", "found NaN; accepted: a number"),
        ("population.table=insee-2020", "(nearest valid name: insee-2021)"),
        ("scenario.ends_on=2041-01-01", "a day of the calendar, from 2010-01-01 to 2040-12-31"),
        ("hotline.agents=2000000000", "accepted: a whole number, 1 or more"),
        ("waves=[]", "waves: found nothing; accepted: one wave or more in opt-out mode"),
    ],
)
def test_a_change_that_cannot_be_made_is_named(change: str, message: str) -> None:
    """The message shows the change as typed, not a file that the user never opened."""
    with pytest.raises(ScenarioError) as caught:
        load_scenario("pilot-2021", [change])

    assert message in str(caught.value)


PATHS = (
    "scenario.seed",
    "scenario.starts_on",
    "scenario.calibrated_on",
    "population.departments",
    "population.table",
    "population.except",
    "population.scale",
    "enrolment.mode",
    "enrolment.code_validity",
    "waves",
    "waves.0",
    "waves.0.last_on",
    "notices.email_share",
    "notices.email_share.values",
    "post.delay_days",
    "reading",
    "reading.email",
    "reading.email.unit",
    "hotline.opens",
    "media.shock_on",
    "optin",
    "targets",
    "parameters",
    "nowhere.at.all",
)
VALUES = (
    "", "1", "-1", "0.5", "1e400", "nan", "-inf", "true", "text", '"text"', "[]", "{}", "[[]]",
    "[1, 2]", '["31"]', "{value = 1}", "{values = [1]}", "2021-09-10", "2021-09-10T08:00:00Z",
    "08:30:00", "1900-01-01", "9999-12-31", "9" * 5000, "[" * 5000, "all", '"P6W"', "insee-2021",
    "a=b", "\x00", "é",
)  # fmt: skip


@given(changes=st.lists(st.tuples(st.sampled_from(PATHS), st.sampled_from(VALUES)), max_size=3))
def test_any_change_gives_a_scenario_or_one_message(changes: list[tuple[str, str]]) -> None:
    """Nothing that can be typed after --set ends in anything but a scenario or its message."""
    texts = tuple(f"{path}={value}" for path, value in changes)

    outcome = loaded_or_refused(texts)

    if isinstance(outcome, ScenarioError):
        assert "\n" not in str(outcome)
        assert len(str(outcome)) < 1000
        assert outcome.accepted
    else:
        assert outcome.changes == texts


def loaded_or_refused(changes: tuple[str, ...]) -> Scenario | ScenarioError:
    """The pilot with some changes, or why it cannot have them."""
    try:
        return load_scenario("pilot-2021", changes)
    except ScenarioError as error:
        return error


def test_an_error_travels_to_another_process() -> None:
    """A worker's refusal reaches the user with all its parts."""
    error = ScenarioError("a.toml", "x.y", found="1", accepted="2", nearest="3")

    there = pickle.loads(pickle.dumps(error))  # noqa: S301 (bytes made one call before)

    assert str(there) == str(error) == "a.toml: x.y: found 1; accepted: 2 (nearest valid name: 3)"


def test_a_name_like_no_other_has_no_nearest() -> None:
    """A guess is worse than none when nothing looks like the name."""
    assert nearest_name("xyz", ["pilot-2021", "launch-2022"]) is None
