"""Profiles plan journeys that there are, follow their course, and are the same twice."""

import hashlib
import tomllib
from importlib.resources import files

import pytest

from etalon_load import profiles
from etalon_load.arrivals import ArrivalsError
from etalon_load.curves import Curve, plan_of_curve
from etalon_load.journeys.table import steps
from etalon_load.objectives import default_file, read_objectives

NAMES = {
    "launch-day",
    "media-shock",
    "tuesday",
    "winter-peak",
    "constant",
    "poisson",
    "ramp",
    "surge",
    "soak",
    "outage",
    "restart",
}
SIMULATED = ("launch-day", "media-shock", "tuesday", "winter-peak")


def test_every_profile_of_the_documentation_is_there() -> None:
    """Eleven profiles, by name."""
    assert set(profiles.names()) == NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_profile_plans_known_journeys_at_about_its_peak(name: str) -> None:
    """No journey is unknown; the busiest tenth of the run comes near the peak; twice the same."""
    profile = profiles.named(name, peak=40, seconds=60, seed=5)
    counts = profile.plan.by_second()
    busiest = max(sum(counts[first : first + 6]) / 6 for first in range(len(counts) - 5))

    assert {arrival.kind for arrival in profile.plan.arrivals} <= set(steps())
    assert 0.8 * 40 <= busiest <= 1.25 * 40
    again = profiles.named(name, peak=40, seconds=60, seed=5)
    assert again.plan.digest == profile.plan.digest
    assert profiles.named(name, peak=40, seconds=60, seed=6).plan.digest != profile.plan.digest


@pytest.mark.parametrize("name", SIMULATED)
def test_a_simulated_course_is_the_one_its_source_names(name: str) -> None:
    """The digest beside the source is that of the course."""
    folder = files("etalon_load").joinpath("data/profiles")
    table = tomllib.loads(folder.joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    course = folder.joinpath(f"{name}.csv").read_bytes()

    assert hashlib.sha256(course).hexdigest() == table["source"]["course_sha256"]


@pytest.mark.parametrize("name", sorted(NAMES))
def test_the_mix_of_a_profile_adds_up_to_one(name: str) -> None:
    """Shares of journeys that there are."""
    mix = profiles.mix_of(name)

    assert sum(mix.values()) == pytest.approx(1)
    assert set(mix) <= set(steps())


def test_people_come_once_unless_a_profile_says_that_they_come_again() -> None:
    """A launch has another person each time; a soak has a few hundred who come again."""
    launch = profiles.named("launch-day", peak=40, seconds=60, seed=5).plan.arrivals
    soak = profiles.named("soak", peak=40, seconds=60, seed=5).plan.arrivals

    assert len({arrival.person for arrival in launch}) == len(launch)
    assert len({arrival.person for arrival in soak}) == 500


def test_an_outage_names_its_fault_in_the_words_of_the_command() -> None:
    """Nobody logs in for the middle third of the run."""
    profile = profiles.named("outage", peak=40, seconds=60, seed=5)

    assert profile.faults == ("error:100%:20.0s/oauth2@20.0s",)
    assert profile.hours == 18


@pytest.mark.parametrize(
    ("name", "peak", "seconds", "people", "words"),
    [
        ("launch-night", 40, 60, None, "no profile 'launch-night'; there are constant"),
        ("tuesday", 0, 60, None, "above 0"),
        ("constant", -1, 60, None, "above 0"),
        ("constant", 40, 0, None, "above 0"),
        ("constant", float("inf"), 60, None, "above 0"),
        ("constant", 0.001, 1, None, "raise the peak"),
        ("launch-day", 0.0001, 1, None, "raise the peak"),
        ("constant", 40, 60, 0, "0 people"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_one_sentence(
    name: str, peak: float, seconds: float, people: int | None, words: str
) -> None:
    """The message names what is wrong."""
    with pytest.raises(ArrivalsError, match=words):
        profiles.named(name, peak=peak, seconds=seconds, seed=5, people=people)


def test_kinds_arrive_when_their_stretch_holds_them() -> None:
    """A kind of the first half comes in the first half, one of the second in the second."""
    curve = Curve({"visit": (30.0, 0.0), "oppose": (0.0, 30.0)}, 60.0)
    plan = plan_of_curve(curve, peak=None, seconds=120, seed=1)

    assert len(plan.arrivals) > 30
    for at, kind, _ in plan.arrivals:
        assert (kind == "visit") == (at < 60_000_000)


def test_the_default_objectives_ask_something_of_every_journey() -> None:
    """A journey without objective would count for nothing."""
    objectives = read_objectives(default_file(), steps())

    assert {objective.journey for objective in objectives} == set(steps())


def test_what_belongs_to_a_profile_comes_with_it() -> None:
    """Clients that come again to a server killed in mid-run; a soak that has to stay steady."""
    restart = profiles.named("restart", peak=40, seconds=60, seed=5)
    soak = profiles.named("soak", peak=40, seconds=60, seed=5)

    assert (restart.faults, restart.retries) == (("restart:2.0s@24.0s",), 5)
    assert (restart.is_steady, soak.is_steady) == (False, True)
    assert soak.retries == 0


def test_some_journeys_of_a_profile_are_planned_alone_at_the_peak_asked() -> None:
    """A platform that knows not every journey is loaded with those it knows."""
    among = {"visit", "consult"}
    drawn = profiles.named("constant", peak=40, seconds=60, seed=5, among=among)
    simulated = profiles.named("launch-day", peak=40, seconds=60, seed=5, among=among)

    assert {arrival.kind for arrival in drawn.plan.arrivals} == {"visit", "consult"}
    assert max(drawn.plan.by_second()) == 40
    assert {arrival.kind for arrival in simulated.plan.arrivals} == {"visit"}
    assert profiles.mix_of("launch-day", among) == {"visit": 1.0}
    whole, part = profiles.national_peak("launch-day"), profiles.national_peak("launch-day", among)
    assert whole is not None
    assert part is not None
    assert part < whole / 5


@pytest.mark.parametrize("name", ["constant", "launch-day"])
def test_a_profile_without_any_of_the_journeys_asked_is_refused(name: str) -> None:
    """The message names those that it has."""
    with pytest.raises(ArrivalsError, match=r"none of mending .*visit"):
        profiles.named(name, peak=40, seconds=60, seed=5, among={"mending"})
