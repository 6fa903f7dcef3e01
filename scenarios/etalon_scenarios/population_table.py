"""How many people live in each département, by age band and sex.

The shipped table is INSEE's estimate for 1 January 2021: 101 départements, 20 five-year age
bands, 2 sexes. A user's own table takes its place through `population.table`; it may also say
which share of people is notified by e-mail and which has an online account.

Sources: INSEE, Estimation de population par département, sexe et âge quinquennal (Licence
Ouverte 2.0); the file itself repeats this.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from etalon_scenarios.departments import departments, nearest_department
from etalon_scenarios.parameters import AGE_BANDS
from etalon_scenarios.scenario_errors import ScenarioError
from etalon_scenarios.user_tables import digest_of, rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from etalon_scenarios.scenario import Scenario
    from etalon_scenarios.user_tables import Row

SHIPPED_TABLE = "insee-2021"
SHIPPED_FILE = "data/population.csv"
SEXES = ("F", "M")
REQUIRED_COLUMNS = ("department", "age_band", "sex", "people")
OPTIONAL_COLUMNS = ("email_share", "account_share")

Counts = tuple[tuple[int, int], ...]
"""People of one département: by age band, then by sex (F, M)."""

Shares = tuple[tuple[Decimal, Decimal], ...]
"""Shares of one département: by age band, then by sex (F, M)."""


@dataclass(frozen=True, slots=True)
class PeopleTable:
    """People by département, age band and sex, before a scenario chooses among them.

    Attributes:
        counts: People, by département code.
        emails: Share notified by e-mail, by département code, or None when not given.
        accounts: Share holding an online account with the insurer, likewise.
        sha256: Digest of the file.
    """

    counts: Mapping[str, Counts]
    emails: Mapping[str, Shares] | None
    accounts: Mapping[str, Shares] | None
    sha256: str


@dataclass(frozen=True, slots=True)
class PopulationTable:
    """The people of one scenario, at full scale.

    Attributes:
        departments: Codes of the départements, in ascending order.
        counts: People, by département code, age band (0 to 19) and sex (0 = F, 1 = M).
        full: Their number.
        emails: Share notified by e-mail, likewise, or None: the scenario's shares by age hold.
        accounts: Share holding an online account with the insurer, or None when not given.
        sha256: Digest of the file that the table was read from.
    """

    departments: tuple[str, ...]
    counts: Mapping[str, Counts]
    full: int
    emails: Mapping[str, Shares] | None
    accounts: Mapping[str, Shares] | None
    sha256: str


def population_table(scenario: Scenario) -> PopulationTable:
    """The people of a scenario: the départements it names, counted on its basis.

    The shipped table is multiplied by `population.scale`; a user's own is taken as it is, and the
    run covers those of the scenario's départements that it holds.
    """
    own = scenario.own_people
    people = own if own is not None else shipped_people()
    chosen = tuple(code for code in scenario_departments(scenario) if code in people.counts)
    counts = {code: people.counts[code] for code in chosen}
    if own is None:
        counts = _scaled(counts, scenario.population.scale.value)
    full = sum(sum(pair) for cells in counts.values() for pair in cells)
    return PopulationTable(chosen, counts, full, people.emails, people.accounts, people.sha256)


def scenario_departments(scenario: Scenario) -> tuple[str, ...]:
    """Codes of the départements that a scenario names, in ascending order."""
    population = scenario.population
    named = departments() if population.departments == "all" else population.departments
    left_out = population.except_departments
    return tuple(code for code in departments() if code in named and code not in left_out)


@cache
def shipped_people() -> PeopleTable:
    """INSEE's table of residents on 1 January 2021."""
    content = resources.files("etalon_scenarios").joinpath(SHIPPED_FILE).read_bytes()
    lines = content.decode("utf-8").splitlines()
    by_sex: dict[tuple[str, str], list[int]] = {}
    for code, sex, *cells in csv.reader(line for line in lines if not line.startswith("#")):
        if code != "department":
            by_sex[code, sex] = [int(cell) for cell in cells]
    counts = {
        code: tuple(zip(by_sex[code, "F"], by_sex[code, "M"], strict=True))
        for code in departments()
    }
    return PeopleTable(counts, None, None, digest_of(content))


def people_of(text: str, file: str, sha256: str) -> PeopleTable:
    """A user's own table, checked.

    Every département it names must have a row for each age band and sex; a share column must be
    filled everywhere or not be there.

    Raises:
        ScenarioError: Wrong columns, a value that is not accepted, a row twice or missing.
    """
    rows = rows_of(text, file, required=REQUIRED_COLUMNS, optional=OPTIONAL_COLUMNS)
    cells: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        key = (
            _department(row),
            row.one_of("age_band", AGE_BANDS),
            row.one_of("sex", SEXES),
        )
        if key in cells:
            raise row.refused(
                column="department", accepted=f"one row per cell; line {cells[key].line} has it too"
            )
        cells[key] = row
    codes = [code for code in departments() if any(code == key[0] for key in cells)]
    _check_complete(file, codes, cells)
    counts: dict[str, Counts] = {}
    for code in codes:
        counts[code] = tuple(
            (cells[code, band, "F"].count("people"), cells[code, band, "M"].count("people"))
            for band in AGE_BANDS
        )
    if not sum(sum(pair) for table in counts.values() for pair in table):
        raise ScenarioError(file, "", found="nobody", accepted="one person or more")
    emails = _shares("email_share", codes, cells)
    return PeopleTable(counts, emails, _shares("account_share", codes, cells), sha256)


def _department(row: Row) -> str:
    code = row.cells["department"]
    if code not in departments():
        accepted = "a département code: 01 to 95, 2A, 2B, 971 to 974 or 976"
        raise row.refused(column="department", accepted=accepted, nearest=nearest_department(code))
    return code


def _check_complete(file: str, codes: list[str], cells: Mapping[tuple[str, str, str], Row]) -> None:
    for code in codes:
        for band in AGE_BANDS:
            for sex in SEXES:
                if (code, band, sex) not in cells:
                    raise ScenarioError(
                        file,
                        f"département {code}",
                        found=f"no row for age band {band}, sex {sex}",
                        accepted="a row for each age band and sex; write 0 where nobody lives",
                    )


def _shares(
    column: str, codes: list[str], cells: Mapping[tuple[str, str, str], Row]
) -> Mapping[str, Shares] | None:
    """A column of shares, or None when the table has none."""
    if all(column not in row.cells for row in cells.values()):
        return None

    def share(code: str, band: str, sex: str) -> Decimal:
        row = cells[code, band, sex]
        value = row.share(column)
        if value is None:
            raise row.refused(column, "a share between 0 and 1 on every line")
        return value

    return {
        code: tuple((share(code, band, "F"), share(code, band, "M")) for band in AGE_BANDS)
        for code in codes
    }


def _scaled(counts: Mapping[str, Counts], scale: Decimal) -> dict[str, Counts]:
    """The counts times a factor; what rounding takes from a cell goes to the next ones.

    Running totals are rounded, not cells, so that the whole is the whole times the factor.
    """
    if scale == 1:
        return dict(counts)
    before = 0
    total = Decimal(0)
    scaled: dict[str, Counts] = {}
    for code, cells in counts.items():
        pairs: list[tuple[int, int]] = []
        for pair in cells:
            new: list[int] = []
            for people in pair:
                total += people * scale
                until = int(total.to_integral_value(ROUND_HALF_EVEN))
                new.append(until - before)
                before = until
            pairs.append((new[0], new[1]))
        scaled[code] = tuple(pairs)
    return scaled
