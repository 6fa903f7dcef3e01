"""The rules of Mon espace santé, as a pure model: no clock, no network, no randomness.

Everything that happens is a command given to `Service.apply`, which answers `Accepted` or a
`Refusal` that names its rule. Standard library only.
"""

from etalon_model.activation import Activate
from etalon_model.actors import INSURER, SYSTEM, Actor, ActorKind, caregiver, holder, representative
from etalon_model.affiliation import Affiliate
from etalon_model.closing import CloseSpace, CloseThroughSupport
from etalon_model.command import Command
from etalon_model.identification import IdentityInputs
from etalon_model.identities import Identity, Traits, identity
from etalon_model.legacy import CreateLegacyRecord
from etalon_model.notification import (
    Notice,
    RegenerateCode,
    ReportBounce,
    ReportUndelivered,
    SendNotice,
)
from etalon_model.opening import OpenAutomatically, ReportOpeningFailure
from etalon_model.opposition import Oppose, OppositionProof
from etalon_model.outcomes import Accepted, Outcome, Refusal
from etalon_model.parameters import Parameters, vintage
from etalon_model.people import Channel, Contacts, Person, Route
from etalon_model.periods import Period
from etalon_model.service import Service
from etalon_model.states import State
from etalon_model.vital_events import RecordDeath

__all__ = [
    "INSURER",
    "SYSTEM",
    "Accepted",
    "Activate",
    "Actor",
    "ActorKind",
    "Affiliate",
    "Channel",
    "CloseSpace",
    "CloseThroughSupport",
    "Command",
    "Contacts",
    "CreateLegacyRecord",
    "Identity",
    "IdentityInputs",
    "Notice",
    "OpenAutomatically",
    "Oppose",
    "OppositionProof",
    "Outcome",
    "Parameters",
    "Period",
    "Person",
    "RecordDeath",
    "Refusal",
    "RegenerateCode",
    "ReportBounce",
    "ReportOpeningFailure",
    "ReportUndelivered",
    "Route",
    "SendNotice",
    "Service",
    "State",
    "Traits",
    "caregiver",
    "holder",
    "identity",
    "representative",
    "vintage",
]
