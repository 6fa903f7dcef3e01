"""What stands in a record beside documents: vaccinations, wishes, medical profile, health history.

Sources: official application (sections, limits); CSP art. R. 1111-17 and R. 1111-19 (directives).
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from etalon_model.actors import Actor


@dataclass(frozen=True, slots=True)
class Vaccination:
    """One vaccination of the section of vaccinations.

    Attributes:
        code: Vaccine or disease.
        done_on: Day of the injection.
        lot: Number of the lot, or an empty string.
        comment: A comment, or an empty string.
        author: Who entered it.
        confirmed_by: The professional who confirmed it, or None.
    """

    code: str
    done_on: date
    lot: str
    comment: str
    author: Actor
    confirmed_by: Actor | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody of the entourage.

    Attributes:
        name: Name or label, as the holder gave it.
        trusted: The trusted person (personne de confiance).
    """

    name: str
    trusted: bool


@dataclass(frozen=True, slots=True)
class Reimbursement:
    """One act of the health history, fed by the insurer.

    Attributes:
        act: Code of the act.
        done_on: Day of the act.
    """

    act: str
    done_on: date


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a section of the medical profile.

    Attributes:
        label: What it says.
        comment: A comment or a posology, or an empty string.
    """

    label: str
    comment: str = ""


@dataclass(slots=True)
class Profile:
    """The data of one record that are not documents.

    Attributes:
        vaccinations: By number, from 1.
        vaccinations_entered: How many were ever entered.
        sections: Items of each section of the medical profile, by name.
        not_concerned: Sections the holder declared not concerned by.
        contacts: The entourage, the trusted person included.
        directives: Unique identifier of the advance directives, or an empty string.
        directives_recalled_at: When they were last recalled or written (UTC), or None.
        reimbursements: The health history, in order of feeding.
        automatic: Documents may be read for measures (TRAITEMENT_AUTO_DOCS).
    """

    vaccinations: dict[int, Vaccination] = field(default_factory=dict[int, Vaccination])
    vaccinations_entered: int = 0
    sections: dict[str, tuple[Item, ...]] = field(default_factory=dict[str, tuple[Item, ...]])
    not_concerned: frozenset[str] = frozenset()
    contacts: tuple[Contact, ...] = ()
    directives: str = ""
    directives_recalled_at: datetime | None = None
    reimbursements: tuple[Reimbursement, ...] = ()
    automatic: bool = True
