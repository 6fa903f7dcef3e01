"""The values of the service, each with its source, chosen by vintage.

Three vintages: `pilot-2021` (three départements, record and messaging), `launch-2022` (the whole
country, agenda then catalogue) and `steady-2023` (2023 and after). Values stand in
`data/parameters.toml`; a scenario changes one with `dataclasses.replace`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Final, Literal, cast

from etalon_model.periods import Period
from etalon_model.policies import Policies
from etalon_model.tables import text_of

VINTAGES: Final = ("pilot-2021", "launch-2022", "steady-2023")

NirMonths = Literal["lenient", "strict"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a value comes from; an empty string means that nobody of this project knows.

    Attributes:
        source: Keys of `data/sources.csv`, or articles of the code de la santé publique.
        certainty: How sure it is.
        legal_text: The text that fixes the value.
        link: Where that text is published.
        published_on: Day of publication, or None.
        last_checked_on: Day the value was last compared with the text, or None.
    """

    source: str
    certainty: str
    legal_text: str
    link: str
    published_on: date | None
    last_checked_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What changes from one vintage to another, and what a scenario may change.

    Attributes:
        vintage: Name of the vintage.
        opposition_window: From the notice to the earliest automatic opening.
        code_validity: Life of a provisional code.
        code_delay_seconds: Seconds between two sendings of a code.
        archive: From the closing of a space to the erasure of its content.
        erasure_limit: Longest time from a request of erasure to its end.
        suspension: From a suspension to the closing when the holder does not object.
        newcomer_batch: Longest time from an affiliation to the notice.
        national_start_on: First day of the service for the whole country.
        pilot_start_on: First day of the service in the pilot départements.
        pilot_departments: Codes of the pilot départements.
        legacy_creation_end_on: First day on which no legacy record (DMP) is created.
        legacy_opponent_end_on: Last day an opponent's legacy record is read by professionals.
        agenda_from: First day of the agenda.
        catalogue_from: First day of the catalogue.
        exchange_from: First day on which a referenced service may exchange data.
        reapproval_limit: Time to approve a new version, or one's consents at majority.
        synchronised_list: Between two lists of synchronised services by e-mail.
        second_factor_from: First day on which a login needs two factors.
        substantial_from: First day on which a login needs the substantial level of eIDAS.
        digital_card_age_years: Age from which a digital carte Vitale (ApCV) exists.
        caregivers_per_holder: Most caregivers of one holder.
        holders_per_caregiver: Most holders of one caregiver.
        profiles_per_account: Most attached profiles that an account shows.
        invitation_validity: From an invitation to its expiry.
        log_page_rows: Rows in a page of the access log.
        consultation_hours: Longest consultation that one consent outside the care team opens.
        access_reports: Most accesses that a holder may report as unauthorised.
        nir_months: Which months a NIR may have (contradiction C7).
        terms: Versions of the conditions of use, with the day each takes effect, ascending.
        policies: The choices that the texts leave open.
    """

    vintage: str
    opposition_window: Period
    code_validity: Period
    code_delay_seconds: int
    archive: Period
    erasure_limit: Period
    suspension: Period
    newcomer_batch: Period
    national_start_on: date
    pilot_start_on: date
    pilot_departments: frozenset[str]
    legacy_creation_end_on: date
    legacy_opponent_end_on: date
    agenda_from: date
    catalogue_from: date
    exchange_from: date
    reapproval_limit: Period
    synchronised_list: Period
    second_factor_from: date
    substantial_from: date
    digital_card_age_years: int
    caregivers_per_holder: int
    holders_per_caregiver: int
    profiles_per_account: int
    invitation_validity: Period
    log_page_rows: int
    consultation_hours: int
    access_reports: int
    nir_months: NirMonths
    terms: tuple[tuple[date, str], ...]
    policies: Policies = field(default_factory=Policies)

    def terms_on(self, day: date) -> str:
        """Return the version of the conditions of use in force on `day`."""
        version = self.terms[0][1]
        for from_on, published in self.terms:
            if from_on <= day:
                version = published
        return version


@cache
def vintage(name: str) -> Parameters:
    """Return the parameters of the vintage `name`.

    Raises:
        LookupError: There is no such vintage.
    """
    if name not in VINTAGES:
        message = f"no vintage {name!r}; vintages are {', '.join(VINTAGES)}"
        raise LookupError(message)
    rows = _rows(name)
    return Parameters(
        vintage=name,
        opposition_window=Period(_text(rows, "opposition_window")),
        code_validity=Period(_text(rows, "code_validity")),
        code_delay_seconds=_integer(rows, "code_delay_seconds"),
        archive=Period(_text(rows, "archive")),
        erasure_limit=Period(_text(rows, "erasure_limit")),
        suspension=Period(_text(rows, "suspension")),
        newcomer_batch=Period(_text(rows, "newcomer_batch")),
        national_start_on=_day(rows, "national_start_on"),
        pilot_start_on=_day(rows, "pilot_start_on"),
        pilot_departments=_texts(rows, "pilot_departments"),
        legacy_creation_end_on=_day(rows, "legacy_creation_end_on"),
        legacy_opponent_end_on=_day(rows, "legacy_opponent_end_on"),
        agenda_from=_day(rows, "agenda_from"),
        catalogue_from=_day(rows, "catalogue_from"),
        exchange_from=_day(rows, "exchange_from"),
        reapproval_limit=Period(_text(rows, "reapproval_limit")),
        synchronised_list=Period(_text(rows, "synchronised_list")),
        second_factor_from=_day(rows, "second_factor_from"),
        substantial_from=_day(rows, "substantial_from"),
        digital_card_age_years=_integer(rows, "digital_card_age_years"),
        caregivers_per_holder=_integer(rows, "caregivers_per_holder"),
        holders_per_caregiver=_integer(rows, "holders_per_caregiver"),
        profiles_per_account=_integer(rows, "profiles_per_account"),
        invitation_validity=Period(_text(rows, "invitation_validity")),
        log_page_rows=_integer(rows, "log_page_rows"),
        consultation_hours=_integer(rows, "consultation_hours"),
        access_reports=_integer(rows, "access_reports"),
        nir_months="strict" if _text(rows, "nir_months") == "strict" else "lenient",
        terms=tuple((_from(row), str(row["value"])) for row in rows["terms_version"]),
    )


def provenance(name: str) -> Mapping[str, Provenance]:
    """Return where each value of the vintage `name` comes from, by parameter."""
    return {key: _provenance(rows[0]) for key, rows in _rows(name).items()}


Row = dict[str, object]
Rows = dict[str, list[Row]]


def _provenance(row: Row) -> Provenance:
    return Provenance(
        source=str(row["source"]),
        certainty=str(row["certainty"]),
        legal_text=str(row["legal_text"]),
        link=str(row["link"]),
        published_on=_known_day(row["published_on"]),
        last_checked_on=_known_day(row["last_checked_on"]),
    )


def _known_day(value: object) -> date | None:
    return value if isinstance(value, date) else None


# What a value is stands in the file; a test compares each with the type of its field.
def _text(rows: Rows, key: str) -> str:
    return cast("str", rows[key][0]["value"])


def _integer(rows: Rows, key: str) -> int:
    return cast("int", rows[key][0]["value"])


def _day(rows: Rows, key: str) -> date:
    return cast("date", rows[key][0]["value"])


def _texts(rows: Rows, key: str) -> frozenset[str]:
    return frozenset(cast("list[str]", rows[key][0]["value"]))


def _from(row: Row) -> date:
    return _known_day(row["from"]) or date.min


@cache
def _rows(name: str) -> Rows:
    document: Rows = tomllib.loads(text_of("parameters.toml"))
    return {
        key: [row for row in rows if {"*", name} & _vintages(row)] for key, rows in document.items()
    }


def _vintages(row: Row) -> set[str]:
    return set(cast("list[str]", row["vintages"]))
