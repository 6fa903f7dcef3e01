"""The rules of Mon espace santé, as a pure model: no clock, no network, no randomness.

Everything that happens is a command given to `Service.apply`, which answers `Accepted` or a
`Refusal` that names its rule. Standard library only.
"""

from etalon_model.access import (
    AcceptTerms,
    FeedSpace,
    LogIn,
    LogPage,
    ReadLog,
    ReadSpace,
    UseFeature,
)
from etalon_model.access_log import Deed, Family, LogKind, LogRow
from etalon_model.activation import Activate
from etalon_model.actors import (
    INSURER,
    SYSTEM,
    Actor,
    ActorKind,
    caregiver,
    holder,
    professional,
    representative,
)
from etalon_model.affiliation import Affiliate
from etalon_model.catalogue.catalogue import (
    Direction,
    EconomicModel,
    ExchangeFamily,
    Purpose,
    ReferencedService,
    ServiceState,
    Use,
)
from etalon_model.catalogue.criteria import FamilyScore
from etalon_model.catalogue.exchange import (
    AppTokens,
    CatalogueEntry,
    IdToken,
    ListServices,
    ReadExchanges,
    ReadThroughService,
)
from etalon_model.catalogue.measure_checks import BundleEntry, DeviceDraft, MeasureDraft
from etalon_model.catalogue.measures import Measure
from etalon_model.catalogue.measuring import (
    EnterMeasure,
    MeasurePage,
    MeasureWritten,
    ReadMeasures,
    SearchMeasures,
    WriteMeasure,
)
from etalon_model.catalogue.pairing import (
    ApproveService,
    ChangeServiceConsent,
    PairService,
    RemindApproval,
    ReportService,
    SendServiceList,
    UnpairService,
)
from etalon_model.catalogue.pairings import PairingState, opaque_identifier
from etalon_model.catalogue.referencing import (
    COMMISSION,
    MINISTER,
    DecideReferencing,
    GiveOpinion,
    MoveService,
    PublishVersion,
    RequestReferencing,
    SignAgreement,
    publisher,
)
from etalon_model.closing import CloseSpace, CloseThroughSupport
from etalon_model.command import Command
from etalon_model.credentials import login_faults, password_faults
from etalon_model.delegation import (
    AnswerInvitation,
    AnswerRepresentation,
    Attestation,
    EndSharing,
    InviteCaregiver,
    InviteRepresentative,
)
from etalon_model.duties import Duty
from etalon_model.erasure import EndArchive, Erasure, FinishErasure, RequestErasure, StartErasure
from etalon_model.identification import IdentityInputs
from etalon_model.identities import Identity, Traits, finess, identity, rpps
from etalon_model.legacy import CreateLegacyRecord
from etalon_model.notices import Notification
from etalon_model.notification import (
    Notice,
    RegenerateCode,
    ReportBounce,
    ReportUndelivered,
    SendNotice,
)
from etalon_model.opening import DeclareNotRepresentative, OpenAutomatically, ReportOpeningFailure
from etalon_model.opposition import Oppose, OppositionProof
from etalon_model.outcomes import Accepted, Outcome, Refusal
from etalon_model.parameters import VINTAGES, Parameters, Provenance, provenance, vintage
from etalon_model.people import Channel, Contacts, Dossier, FirstChoices, Person, Route
from etalon_model.periods import PARIS, Period
from etalon_model.policies import OpenQuestion, Policies, open_questions
from etalon_model.records.changes import ArchiveDocument, DeleteDocument, ReplaceDocument
from etalon_model.records.deposit import DepositDocument, Means, Subject
from etalon_model.records.masking import (
    Announce,
    HideFromPatient,
    HideFromRepresentatives,
    MaskDocument,
    UnmaskDocument,
)
from etalon_model.records.reading import ReadDocument
from etalon_model.records.record import Author, Document, Form, Origin, Sheet
from etalon_model.records.search import Criteria, DocumentPage, SearchDocuments
from etalon_model.records.uploads import UploadDocument
from etalon_model.rights.audit import Agent, AuditEvent, audit_event
from etalon_model.rights.blocks import (
    BlockProfessional,
    DeclareAttendingDoctor,
    SetAdministrator,
    UnblockProfessional,
)
from etalon_model.rights.consents import (
    DeclareConsent,
    JoinCareTeam,
    LeaveCareTeam,
    ListProfessional,
    ObjectToProfessional,
)
from etalon_model.rights.consultation import AskAuthorisation, OpenRecord, ReportAccess
from etalon_model.rights.emergencies import SetEmergencyChoices
from etalon_model.rights.habilitation import Matrix
from etalon_model.rights.matrix import profession_of_role, reads_type
from etalon_model.rights.matrix_import import MatrixError, import_matrix
from etalon_model.rights.modes import AccessMode, Authorisation, AuthorisationStatus
from etalon_model.rights.rights import AccessReport, EmergencyChoices
from etalon_model.rules import enforces
from etalon_model.service import Service
from etalon_model.sessions import (
    ProfessionalSession,
    SessionNeed,
    TransportStanding,
    session_need,
    transport_standing,
)
from etalon_model.states import TRANSITIONS, State, Transition
from etalon_model.suspension import CloseSuspended, ObjectToSuspension, Reinstate, Suspend
from etalon_model.vital_events import AnnounceMajority, ComeOfAge, RecordDeath

__all__ = [
    "COMMISSION",
    "INSURER",
    "MINISTER",
    "PARIS",
    "SYSTEM",
    "TRANSITIONS",
    "VINTAGES",
    "AcceptTerms",
    "Accepted",
    "AccessMode",
    "AccessReport",
    "Activate",
    "Actor",
    "ActorKind",
    "Affiliate",
    "Agent",
    "Announce",
    "AnnounceMajority",
    "AnswerInvitation",
    "AnswerRepresentation",
    "AppTokens",
    "ApproveService",
    "ArchiveDocument",
    "AskAuthorisation",
    "Attestation",
    "AuditEvent",
    "Author",
    "Authorisation",
    "AuthorisationStatus",
    "BlockProfessional",
    "BundleEntry",
    "CatalogueEntry",
    "ChangeServiceConsent",
    "Channel",
    "CloseSpace",
    "CloseSuspended",
    "CloseThroughSupport",
    "ComeOfAge",
    "Command",
    "Contacts",
    "CreateLegacyRecord",
    "Criteria",
    "DecideReferencing",
    "DeclareAttendingDoctor",
    "DeclareConsent",
    "DeclareNotRepresentative",
    "Deed",
    "DeleteDocument",
    "DepositDocument",
    "DeviceDraft",
    "Direction",
    "Document",
    "DocumentPage",
    "Dossier",
    "Duty",
    "EconomicModel",
    "EmergencyChoices",
    "EndArchive",
    "EndSharing",
    "EnterMeasure",
    "Erasure",
    "ExchangeFamily",
    "Family",
    "FamilyScore",
    "FeedSpace",
    "FinishErasure",
    "FirstChoices",
    "Form",
    "GiveOpinion",
    "HideFromPatient",
    "HideFromRepresentatives",
    "IdToken",
    "Identity",
    "IdentityInputs",
    "InviteCaregiver",
    "InviteRepresentative",
    "JoinCareTeam",
    "LeaveCareTeam",
    "ListProfessional",
    "ListServices",
    "LogIn",
    "LogKind",
    "LogPage",
    "LogRow",
    "MaskDocument",
    "Matrix",
    "MatrixError",
    "Means",
    "Measure",
    "MeasureDraft",
    "MeasurePage",
    "MeasureWritten",
    "MoveService",
    "Notice",
    "Notification",
    "ObjectToProfessional",
    "ObjectToSuspension",
    "OpenAutomatically",
    "OpenQuestion",
    "OpenRecord",
    "Oppose",
    "OppositionProof",
    "Origin",
    "Outcome",
    "PairService",
    "PairingState",
    "Parameters",
    "Period",
    "Person",
    "Policies",
    "ProfessionalSession",
    "Provenance",
    "PublishVersion",
    "Purpose",
    "ReadDocument",
    "ReadExchanges",
    "ReadLog",
    "ReadMeasures",
    "ReadSpace",
    "ReadThroughService",
    "RecordDeath",
    "ReferencedService",
    "Refusal",
    "RegenerateCode",
    "Reinstate",
    "RemindApproval",
    "ReplaceDocument",
    "ReportAccess",
    "ReportBounce",
    "ReportOpeningFailure",
    "ReportService",
    "ReportUndelivered",
    "RequestErasure",
    "RequestReferencing",
    "Route",
    "SearchDocuments",
    "SearchMeasures",
    "SendNotice",
    "SendServiceList",
    "Service",
    "ServiceState",
    "SessionNeed",
    "SetAdministrator",
    "SetEmergencyChoices",
    "Sheet",
    "SignAgreement",
    "StartErasure",
    "State",
    "Subject",
    "Suspend",
    "Traits",
    "Transition",
    "TransportStanding",
    "UnblockProfessional",
    "UnmaskDocument",
    "UnpairService",
    "UploadDocument",
    "Use",
    "UseFeature",
    "WriteMeasure",
    "audit_event",
    "caregiver",
    "enforces",
    "finess",
    "holder",
    "identity",
    "import_matrix",
    "login_faults",
    "opaque_identifier",
    "open_questions",
    "password_faults",
    "profession_of_role",
    "professional",
    "provenance",
    "publisher",
    "reads_type",
    "representative",
    "rpps",
    "session_need",
    "transport_standing",
    "vintage",
]
