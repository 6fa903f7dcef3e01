"""Sections of a scenario file about open spaces: care, equipment, holders, prevention.

Months count from January 2022. A share that spreads goes from its first to its last value along a
logistic curve: half of the way at the month given, three quarters `spread_months` x 1.1 later.
"""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from etalon_scenarios.parameters import Expected, Number, Quantity, Series
from etalon_scenarios.section_base import Days, Section, Share, SharePerYear

Months = Annotated[Number, Expected("month", low=Decimal(-240), high=Decimal(600))]
PerPersonYear = Annotated[Number, Expected("events/person/year", high=Decimal(1000))]


class Spreading(Section):
    """A share that spreads from month to month."""

    first: Share = Field(description="share long before")
    last: Share = Field(description="share in the long run")
    half_month: Months = Field(description="month at which half of the way is gone")


class Sender(Section):
    """A profession whose acts lead to documents."""

    acts: Annotated[Series, Expected("acts/person/year", high=Decimal(1000), by="age_band")] = (
        Field(description="acts by age band of the patient")
    )
    documents: Annotated[Number, Expected("documents/act", high=Decimal(100))] = Field(
        description="documents that an act leads to where the sender is equipped, the patient's "
        "identity is qualified and nobody refuses"
    )
    equipped: Spreading = Field(description="share of acts whose sender is equipped")
    refusing: Share = Field(description="share of equipped senders who send nothing")


class Adoption(Section):
    """What the professions have in common."""

    spread_months: Annotated[Number, Expected("month", low=Decimal("0.1"), high=Decimal(600))] = (
        Field(description="how slowly shares spread: the scale of the logistic curve")
    )
    identity: Spreading = Field(description="share of patients whose identity is qualified")
    training_effect: Share = Field(
        description="share of refusing senders whom training wins over; an assumed effect"
    )
    training_month: Months = Field(description="month from which it does")
    prescriptions: Share = Field(
        description="share of prescriptions among the documents of doctors in town"
    )
    unevenness: Annotated[Number, Expected("ratio", high=Decimal(3))] = Field(
        description="how unevenly people of one age seek care: 0 all alike, 1 as an exponential "
        "law, more beyond"
    )
    saturday: Share = Field(description="documents of a Saturday, relative to a working day")
    sunday: Share = Field(
        description="documents of a Sunday or a public holiday, relative to a working day"
    )
    volume: Annotated[Quantity, Field(gt=0, le=1000)] = Field(
        default=Decimal(1),
        description="documents for one that care and equipment lead to: 1, but to stress a service",
    )


class Holders(Section):
    """What people do with an open space."""

    activation: SharePerYear = Field(
        description="share of spaces opened automatically that are entered in a year, once the "
        "campaign is over for their holder"
    )
    by_phone: Share = Field(description="share who enter by telephone rather than by a browser")
    own_documents: PerPersonYear = Field(description="documents added by people who have entered")
    messages: PerPersonYear = Field(description="messages of people who have entered")
    pairing: Share = Field(description="share of people who have entered who then pair an app")
    pairing_days: Days = Field(description="mean days until they do")
    return_share: Share = Field(description="share of closed spaces that are opened again")
    return_days: Days = Field(description="mean days until they are")
    legacy_share: Share = Field(
        description="share of people with documents in a shared record of before, which the space "
        "takes over"
    )
    legacy_documents: Annotated[Number, Expected("documents", high=Decimal(1000))] = Field(
        description="mean documents in such a record"
    )


class Prevention(Section):
    """Reminders of screening and vaccination."""

    breast_screening: Share = Field(description="share followed without a reminder")
    colorectal_screening: Share = Field(description="share followed without a reminder")
    cervical_screening: Share = Field(description="share followed without a reminder")
    flu_vaccination: Share = Field(description="share followed without a reminder")
    effect: Annotated[Number, Expected("ratio", high=Decimal(10))] = Field(
        description="reminders followed by people who have entered, relative to others"
    )
    follow_days: Days = Field(description="mean days from the reminder to the act")

    def share(self, programme: str) -> Number:
        """The share followed of a programme of `PROGRAMMES`.

        Raises:
            KeyError: There is none of this name.
        """
        return {
            "breast_screening": self.breast_screening,
            "colorectal_screening": self.colorectal_screening,
            "cervical_screening": self.cervical_screening,
            "flu_vaccination": self.flu_vaccination,
        }[programme]


class Life(Section):
    """The life of open spaces: documents, messages, reminders, over years."""

    counted: bool = Field(
        default=False,
        description="whether it is simulated; a run beyond the last day of the scenario does",
    )
    laboratory: Sender
    doctor: Sender
    hospital: Sender
    radiologist: Sender
    pharmacist: Sender
    adoption: Adoption
    holders: Holders
    prevention: Prevention

    def sender(self, name: str) -> Sender:
        """The profession of a name of `SENDERS`.

        Raises:
            KeyError: There is none of this name.
        """
        return {
            "laboratory": self.laboratory,
            "doctor": self.doctor,
            "hospital": self.hospital,
            "radiologist": self.radiologist,
            "pharmacist": self.pharmacist,
        }[name]
