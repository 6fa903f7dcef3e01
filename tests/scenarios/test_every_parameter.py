"""Every parameter, perturbed, changes what a run counts: none is decoration."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from etalon_scenarios.agents import simulate
from etalon_scenarios.arrivals import NEVER_DAY
from etalon_scenarios.forecasts import courses, scheme
from etalon_scenarios.forecasts.forecast import forecast_scheme
from etalon_scenarios.life.law_building import life_law
from etalon_scenarios.life.living import live
from etalon_scenarios.life.spaces import Spaces
from etalon_scenarios.loading import load_scenario, shipped_scenarios
from etalon_scenarios.parameters import Series
from etalon_scenarios.setting import setting_of
from etalon_scenarios.summary import summarise
from etalon_scenarios.usage import usage_law

if TYPE_CHECKING:
    from etalon_scenarios.forecasts.observed import Observed

UNTIL = dt.date(2021, 10, 25)
PEOPLE, OPEN_PEOPLE, ASKING_PEOPLE, SEED = 400, 1_000, 350, 5
BIG_BANG = "waves.0.last_on=2021-08-30"
KEEN = ("intent.opposition=0.2", "intent.activation=0.6")
HALF = ", ".join(["0.5"] * 20)
SETTINGS = {
    "keen": (
        *KEEN,
        "reminders=[{after_days=14}]",
        "response.reminder_surge=0.5",
        "media.shock_on=2021-09-20",
        "intent.trust_shift=-10",
        "closing.per_year=0.5",
        "reading.excluded_factor=0.2",
        "response.deadline_surge=1",
    ),
    "crowd": (
        BIG_BANG,
        *KEEN,
        f"routes.phone=[{HALF}]",
        "routes.post=0.2",
        "friction.identity_failure=0.3",
        "website.admissions_per_minute=1",
        "response.activation_fast_share=1",
        "response.activation_fast_tau_days=0.1",
    ),
    "queue": (
        BIG_BANG,
        "hotline.information_calls=1",
        "hotline.agents=1",
        "hotline.lines=1",
        "hotline.service_minutes=30",
    ),
}
"""Runs of the pilot in which numbers bite: nothing acts on a queue that is empty."""

TIMES = {
    "population.scale": 2,
    "population.twin_share": 20,
    "population.deaths_per_year": 3,
    "population.births_per_year": 3,
    "response.deadline_surge_days": 3,
    "intent.opposition": 0.1,
    "intent.activation": 0.1,
    "closing.per_year": 0.1,
    "friction.contact_known_email": 0.5,
    "hotline.agents": 100_000,
    "hotline.lines": 100_000,
    "response.reminder_surge": 0,
    "website.returns": 0,
    "hotline.attempts": 0.25,
    "hotline.retry": 0,
}
"""What is multiplied by how much, where the range of what is known is too narrow for so few."""

ELSEWHERE = ("usage.", "life.", "optin.")
"""Of these: what people do with an open space, and schemes without notices, tested below."""


def perturbed(path: str, parameter: object) -> str:
    """Return the change that perturbs a parameter: the far end of its range, or further."""
    factor = TIMES.get(path)
    if isinstance(parameter, Series):
        values = parameter.values
        if parameter.by == "delay_days":
            values = tuple(reversed(values))
        elif parameter.unit == "ratio":
            values = tuple(value * value for value in values)
        else:
            values = tuple(
                min(value * type(value)(factor or 0.5), type(value)(1)) for value in values
            )
        return f"{path}=[{', '.join(map(str, values))}]"
    value, low, high = (getattr(parameter, name) for name in ("value", "low", "high"))
    if factor is not None:
        return f"{path}={value * type(value)(factor)}"
    return f"{path}={high if high != value else low}"


@cache
def counted(setting: str, *changes: str) -> tuple[str, object]:
    """Return the digest of a small pilot, and its cost."""
    scenario = load_scenario("pilot-2021", [*SETTINGS[setting], *changes])
    run = simulate(scenario, population=PEOPLE, seed=SEED, until=UNTIL)
    return run.ledger.digest(), summarise(run, scenario)["cost_eur"]


@cache
def parameters_of(name: str, *changes: str) -> dict[str, object]:
    """Return the parameters of a scenario by their path."""
    return dict(load_scenario(name, changes).parameters())


PILOT = {
    path: setting
    for setting in reversed(SETTINGS)
    for path in parameters_of("pilot-2021", *SETTINGS[setting])
    if not path.startswith(ELSEWHERE)
}
"""The parameters of the pilot, each with a setting that has it."""


@pytest.mark.parametrize("path", PILOT)
def test_a_parameter_that_is_perturbed_moves_the_ledger_or_its_cost(path: str) -> None:
    """In one at least of the settings that have it."""
    moved: list[str] = []
    for setting, changes in SETTINGS.items():
        parameter = parameters_of("pilot-2021", *changes).get(path)
        if parameter is not None:
            change = perturbed(path, parameter)
            if counted(setting) != counted(setting, change):
                moved.append(setting)
                break

    assert moved


@cache
def lived(*changes: str) -> str:
    """Return the digest of what happens in spaces that are all open for some years."""
    years = ("scenario.ends_on=2024-12-31", "life.counted=true")
    scenario = load_scenario("pilot-2021", [*years, *changes])
    layout = setting_of(scenario, OPEN_PEOPLE, None).layout
    days = (scenario.ends_on - scenario.starts_on).days + 1
    law = life_law(scenario, days)
    assert law is not None
    half = np.arange(OPEN_PEOPLE) % 2 == 0
    spaces = Spaces(
        np.zeros(OPEN_PEOPLE, np.uint16),
        np.full(OPEN_PEOPLE, NEVER_DAY, np.uint16),
        np.where(half, days, days // 3).astype(np.uint16),
        np.full(OPEN_PEOPLE, NEVER_DAY, np.uint16),
        np.empty(0, np.int64),
    )
    return live(law, spaces, layout, SEED).digest()


LIFE = {
    path: parameter
    for path, parameter in parameters_of("pilot-2021", "life.counted=true").items()
    if path.startswith("life.")
}


@pytest.mark.parametrize("path", LIFE)
def test_a_parameter_of_the_life_of_spaces_that_is_perturbed_moves_what_is_counted(
    path: str,
) -> None:
    """Documents, moments or reminders."""
    assert lived(perturbed(path, LIFE[path])) != lived()


def test_the_volume_of_a_stress_scenario_moves_what_is_counted() -> None:
    """It is no parameter, since nothing is known of it: a factor that a scenario sets."""
    assert lived("life.adoption.volume=2") != lived()


def test_the_parameters_of_use_move_the_law_of_logins() -> None:
    """They load the service, outside the ledger."""
    before = usage_law(load_scenario("pilot-2021"))
    use = {
        path: parameter
        for path, parameter in parameters_of("pilot-2021").items()
        if path.startswith("usage.")
    }

    assert use
    for path, parameter in use.items():
        assert usage_law(load_scenario("pilot-2021", [perturbed(path, parameter)])) != before


def test_every_stretch_of_a_scheme_on_request_moves_its_ledger() -> None:
    """Stretch by stretch."""

    def asked(*changes: str) -> str:
        scenario = load_scenario("dmp-opt-in", changes)
        return simulate(scenario, population=ASKING_PEOPLE, seed=SEED).ledger.digest()

    before = asked()
    for path, parameter in parameters_of("dmp-opt-in").items():
        if path.startswith("optin."):
            assert asked(perturbed(path, parameter)) != before, path


def test_every_number_of_a_scheme_without_notice_moves_its_forecast(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fixed at the far end of its range, or at twice its value where it has none."""
    monkeypatch.setattr(courses, "DRAWS", 2_000)
    for name in scheme.shipped_schemes():
        shipped = scheme.read_scheme(name)
        series = scheme.own_series(shipped)
        assert series is not None
        known = series.first(4)

        def foretold(given: scheme.Scheme, known: Observed = known) -> list[tuple[int, int, int]]:
            found = forecast_scheme(given, known, 4, SEED)
            return [found.interval(group, 3) for group in found.totals]

        before = foretold(shipped)
        for path, number in shipped.course.items():
            end = number.high if number.high != number.low else 2 * number.value
            fixed = number.model_copy(update={"value": end, "low": end, "high": end})
            assert foretold(replace(shipped, course={**shipped.course, path: fixed})) != before, (
                path
            )


def test_no_shipped_scenario_has_a_parameter_that_is_not_perturbed_here() -> None:
    """A new one is seen by the tests above, or fails this one; the life of spaces included."""
    asked = (("pilot-2021", "usage."), ("dmp-opt-in", "optin."))
    listed = {p for name, kind in asked for p in parameters_of(name) if p.startswith(kind)}
    shipped: set[str] = set()
    for name in shipped_scenarios():
        shipped |= set(parameters_of(name))
        if load_scenario(name).life is not None:
            shipped |= set(parameters_of(name, "life.counted=true"))

    assert shipped <= {*PILOT, *LIFE, *listed}
