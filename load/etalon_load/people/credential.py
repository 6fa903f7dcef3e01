"""All that a journey needs of one test person, and of who acts beside or for them."""

from dataclasses import dataclass, field

from etalon_load.people.known_documents import KnownDocument
from etalon_model.actors import ActorKind
from etalon_model.identifiers import InsOid
from etalon_target.actors import Who


@dataclass(frozen=True, slots=True)
class Credential:
    """A test person, with what proves who they are. Texts are empty where nothing is known.

    Attributes:
        wanted: The kind of person this is, of `kinds_wanted`.
        ins: Matricule, of tests.
        oid: The OID it goes with.
        patient_id: Identifier of the Patient.
        family: Birth name.
        given: First name.
        sex: `F` or `M`.
        birth_date: Day of birth, `YYYY-MM-DD`.
        department: Code of the département.
        state: Where the space stands when the run begins.
        vitale_serial: Serial number of the carte Vitale. Secret: it leads to a password.
        provisional_code: A code that can be used. Secret.
        login: With what the person logs in; for a minor, their representative.
        password: That goes with it. Secret.
        representative: Matricule of who represents a minor.
        rpps: RPPS number of the professional.
        profession: Role code of their profession.
        structure: National identifier of the structure or the laboratory.
        documents: Documents of the record, in the order they came, as far as known.
        label: Name in the profile of the target, where tokens of its own are given.
    """

    wanted: str
    ins: str
    oid: str = InsOid.TEST.value
    patient_id: str = ""
    family: str = ""
    given: str = ""
    sex: str = ""
    birth_date: str = ""
    department: str = ""
    state: str = ""
    vitale_serial: str = field(default="", repr=False)
    provisional_code: str = field(default="", repr=False)
    login: str = ""
    password: str = field(default="", repr=False)
    representative: str = ""
    rpps: str = ""
    profession: str = ""
    structure: str = ""
    documents: tuple[KnownDocument, ...] = ()
    label: str = ""

    @property
    def holder(self) -> Who:
        """The person, on their own space."""
        return Who(ActorKind.HOLDER, self.ins, label=self.label)

    @property
    def represented(self) -> Who:
        """Their representative, on their space."""
        return Who(ActorKind.REPRESENTATIVE, self.representative, on_behalf_of=self.ins)

    @property
    def professional(self) -> Who:
        """The professional, in no particular mode."""
        return Who(ActorKind.PROFESSIONAL, self.rpps, self.profession)

    @property
    def laboratory(self) -> Who:
        """The laboratory, or the structure of the professional."""
        return Who(ActorKind.STRUCTURE, self.structure)

    @property
    def system(self) -> str:
        """The system of the matricule in FHIR."""
        return f"urn:oid:{self.oid}"
