"""Random scenarios to extremes, each a function of its rank: what two engines are compared on.

Every setting is left alone or drawn from a few values that make rare paths common: one agent, one
line, one admission a minute, a printer of a letter a day, everybody dying or giving birth.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from etalon_scenarios.loading import load_scenario
from etalon_scenarios.parameters import AGE_BANDS
from etalon_scenarios.scenario import Scenario

SHARES = ("0", "0.05", "0.3", "0.7", "1")
SMALL_SHARES = ("0", "0.02", "0.1", "0.25")
STARTS_ON = date(2021, 8, 30)

SETTINGS: dict[str, tuple[str, ...]] = {
    "population.children_per_household": ("1", "1.3", "3", "10"),
    "population.twin_share": SHARES,
    "population.protected_share": SHARES,
    "population.vital_events": ("true", "true", "false"),
    "population.deaths_per_year": ("0.5", "9", "2000"),
    "population.births_per_year": ("1", "9"),
    "enrolment.opposition_window": ("P3D", "P10D", "P3W", "P1M", "P6W"),
    "enrolment.code_validity": ("P1D", "P5D", "P2W", "P6W"),
    "notices.email_share": ("0", "0.3", "0.8", "1"),
    "notices.email_bounce": SHARES,
    "notices.bounce_delay_days": ("0", "1", "3", "30"),
    "notices.excluded_share": ("0.3", "1"),
    "notices.letter_from_age": ("50", "75"),
    "notices.letter_to_excluded": ("true",),
    "notices.second_channel": ("none", "none", "letter"),
    "post.letters_per_day": ("1", "5000", "100000", "3000000"),
    "post.delay_days": ("[1]", "[0.2, 0.3, 0.5]", "[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.5, 0.5]"),
    "post.undelivered": SHARES,
    "reading.email": SHARES,
    "reading.letter": SHARES,
    "reading.excluded_factor": ("0", "0.3"),
    "reading.uninformed_factor": ("0", "0.5", "1"),
    "response.tau_days": ("0.3", "2", "15"),
    "response.activation_fast_share": SHARES,
    "response.activation_fast_tau_days": ("0.3", "2"),
    "response.activation_slow_tau_days": ("3", "30"),
    "response.deadline_surge": ("0", "0.3", "1"),
    "response.deadline_surge_days": ("1", "7"),
    "response.deadline_publicity": ("0.5", "3"),
    "response.reminder_surge": ("0", "0.3", "1"),
    "intent.opposition": ("0.02", "0.2", "0.6", "1"),
    "intent.opposition_female": ("0.1", "2"),
    "intent.department_sd": ("0", "1"),
    "intent.activation": ("0.02", "0.3", "0.9"),
    "intent.child_opposition": ("0", "0.5", "1"),
    "intent.child_activation": ("0", "0.5", "1"),
    "intent.trust_shift": ("-60", "30"),
    "friction.identity_failure": SHARES,
    "friction.calls_after_failure": SHARES,
    "friction.lost_code": SHARES,
    "friction.contact_known_email": SHARES,
    "friction.contact_known_letter": SHARES,
    "friction.regeneration_days": ("0", "1", "3", "20"),
    "routes.phone": ("0", "0.1", "0.5"),
    "routes.post": SMALL_SHARES,
    "routes.counter": SMALL_SHARES,
    "routes.post_days": ("0", "1", "20"),
    "hotline.opens": ("08:00", "10:00"),
    "hotline.closes": ("11:00", "19:00", "22:00"),
    "hotline.open_on": ("working-days", "monday-to-saturday", "every-day"),
    "hotline.agents": ("1", "1", "10000"),
    "hotline.lines": ("1", "1", "5000"),
    "hotline.service_minutes": ("1", "60", "600"),
    "hotline.patience_minutes": ("0.1", "10", "300"),
    "hotline.retry": SHARES,
    "hotline.attempts": ("1", "2", "10"),
    "hotline.information_calls": ("0", "0.1", "0.6"),
    "website.admissions_per_minute": ("1", "1", "5000"),
    "website.returns": ("0", "1", "5", "18"),
    "website.return_within_minutes": ("1", "30", "2000"),
    "website.calls_after_refusal": SHARES,
    "creation.starts_on": ("2021-08-30", "2021-09-10", "2021-10-01"),
    "creation.clock": ("own-notice", "last-wave"),
    "creation.per_day": ("1", "60000", "5000000"),
    "creation.impossible_share": SMALL_SHARES,
    "creation.retry_after": ("P1D", "P3D", "P2W"),
    "closing.per_year": ("0", "0.5", "1"),
    "minors.rule": ("parents", "not-opened", "own-from-16"),
    "media.shock_on": ("2021-08-30", "2021-09-08", "2021-09-25"),
    "media.shock_size": ("0.2", "3", "100"),
    "media.half_life_days": ("1", "12"),
    "scenario.random": ("splitmix64", "philox4x32-10"),
}
"""Path -> values that a scenario may take."""

BY_AGE = frozenset({"notices.email_share", "notices.excluded_share", "routes.phone"})
"""Series by age band that take one value for all."""

PILOT = load_scenario("pilot-2021")
FACTORS = {
    "population.deaths_per_year": PILOT.population.deaths_per_year,
    "population.births_per_year": PILOT.population.births_per_year,
}
"""Series by age band that are multiplied."""

DEPARTMENTS = ('["31", "44", "80"]', '["48"]', '["2A", "75", "971", "976"]', '"all"')
ORDERS = ("spread", "department", "reverse", "descending", "ascending", "region")
TRIGGER = (
    "media.trigger_share={{value = {0}, low = {0}, high = {0}, "
    'unit = "share", certainty = "assumption", source = "none"}}'
)


@dataclass(frozen=True, slots=True)
class Case:
    """One random run: what to simulate, with how many people, under which seed, until when."""

    scenario: Scenario
    population: int
    seed: int
    until: date
    changes: tuple[str, ...]


def random_case(rank: int, folder: Path, *, population: int | None = None) -> Case:
    """Draw the run of a rank.

    Args:
        rank: Which run; the same rank gives the same run.
        folder: Where files that the scenario reads are written.
        population: People, or None for 300 to 3000 of them, mostly few.
    """
    chance = random.Random(rank)  # noqa: S311 (a sequence, the same everywhere; not a secret)
    opt_in = chance.random() < 1 / 7
    people = int(300 * 10 ** (chance.random() ** 3)) if population is None else population
    changes: list[str] = []
    if opt_in:
        share = chance.choice(("0.0005", "0.01", "0.2"))
        changes += [f"optin.segments.0.per_day={share}", "population.vital_events=true"]
    else:
        changes += [*_settings(chance), *_people(chance, folder), *_reminders(chance)]
        if chance.random() < 1 / 6:
            changes.append(f"platform.capacity={_capacity(chance, folder)}")
    scenario = load_scenario("dmp-opt-in" if opt_in else "pilot-2021", changes)
    until = scenario.starts_on + timedelta(days=chance.randint(42, 56))
    return Case(scenario, people, chance.randrange(2**32), until, tuple(changes))


def _settings(chance: random.Random) -> list[str]:
    """Draw some settings; those not drawn keep the pilot's."""
    changes: list[str] = []
    for path, values in SETTINGS.items():
        value, drawn = chance.choice(values), chance.random() < 1 / 2
        if not drawn:
            continue
        if path in BY_AGE:
            value = f"[{', '.join([value] * len(AGE_BANDS))}]"
        elif path in FACTORS:
            by_age = (min(Decimal(1), share * Decimal(value)) for share in FACTORS[path].values)
            value = f"[{', '.join(map(str, by_age))}]"
        changes.append(f"{path}={value}")
    if chance.random() < 1 / 3:
        changes.append(TRIGGER.format(chance.choice(("0.0005", "0.005", "0.02"))))
    return changes


def _people(chance: random.Random, folder: Path) -> list[str]:
    """Draw départements, or a table of one's own, and the waves that go to them."""
    kind = chance.choice(("few", "few", "all", "two waves", "own table"))
    order = chance.choice(ORDERS)
    last_on = STARTS_ON + timedelta(days=chance.choice((0, 4, 16)))
    changes = [f"waves.0.order={order}", f"waves.0.last_on={last_on}"]
    if kind == "two waves":
        # Nobody of the Somme is notified.
        first = f'first_on=2021-08-30, last_on=2021-09-03, departments=["44"], order="{order}"'
        second = 'first_on=2021-09-02, last_on=2021-09-10, departments=["31"], order="spread"'
        return [f"waves=[{{{first}}}, {{{second}}}]"]
    if kind == "own table":
        return [*changes, f"population.table={_table(chance, folder)}"]
    codes = '"all"' if kind == "all" else chance.choice(DEPARTMENTS)
    if chance.random() < 1 / 6:
        volume = 5_000_000 if codes == '"all"' else chance.choice((100_000, 400_000))
        first = f'first_on=2021-08-30, volume={volume}, departments="all", order="{order}"'
        changes = [f"waves=[{{{first}}}]"]
    return [*changes, f"population.departments={codes}"]


def _table(chance: random.Random, folder: Path) -> Path:
    """Write a population of one's own: cells nobody lives in, e-mails and accounts of any share."""
    rows = ["department,age_band,sex,people,email_share,account_share"]
    for code in ("31", "44"):
        for band in AGE_BANDS:
            for sex in ("F", "M"):
                people = chance.choice((0, 1, 40, 1000))
                shares = chance.choice(SHARES), chance.choice(SHARES)
                rows.append(f"{code},{band},{sex},{people},{shares[0]},{shares[1]}")
    path = folder / "people.csv"
    path.write_text("\n".join([*rows, ""]), encoding="utf-8")
    return path


def _reminders(chance: random.Random) -> list[str]:
    """Draw up to two reminders."""
    rules: list[str] = []
    for after in (31, 35):
        if chance.random() < 1 / 4:
            channel = chance.choice(("same", "email", "letter"))
            to = chance.choice(("silent", "adults", "minors"))
            age = chance.choice((0, 0, 40))
            rules.append(f'{{after_days={after}, channel="{channel}", to="{to}", from_age={age}}}')
    return [f"reminders=[{', '.join(rules)}]"] if rules else []


def _capacity(chance: random.Random, folder: Path) -> Path:
    """Write a capacity of the platform: down, narrow or wide, stretch by stretch."""
    rows = ["scenario,version,from,to,admissions_per_minute"]
    for day in range(0, 40, 4):
        start = STARTS_ON + timedelta(days=day)
        for opens, closes in ((8, 12), (15, 22)):
            admissions = chance.choice((0, 1, 8000))
            rows.append(f"pilot-2021,1,{start}T{opens:02}:00,{start}T{closes}:00,{admissions}")
    path = folder / "capacity.csv"
    path.write_text("\n".join([*rows, ""]), encoding="utf-8")
    return path
