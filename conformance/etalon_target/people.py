"""Test people: fresh and tagged for each check, or those that the profile names.

What was made is cleaned up at the end, and what is left is said. Nobody of production is ever one
of them.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from etalon_model.actors import ActorKind
from etalon_model.identifiers import InsOid
from etalon_model.states import State
from etalon_target.actors import Who
from etalon_target.ages import age_on, is_as_old
from etalon_target.cannot import CannotTest
from etalon_target.clock import TargetClock
from etalon_target.matricules import PRODUCTION
from etalon_target.operations import Operations
from etalon_target.profile_sections import NamedPerson, NamedProfessional
from etalon_wire.json_body import Json

ADULT: Final = 34


@dataclass(frozen=True, slots=True)
class Wanted:
    """The test person a check needs.

    Attributes:
        state: Where their space stands.
        age: Age in years; None for any.
        sex: `F`, `M`, or empty for either.
        department: Code of the département, or empty for any.
        guardian: Matricule of the representative of a minor, or empty.
        since: For how many days the space has stood there; None for any.
        email: An e-mail address is known.
        mobile: A mobile number is known.
        alters: The check changes something, so that the person serves no other.
        check: Name of the check, for the tag.
    """

    state: State = State.OPEN_ACTIVE
    age: int | None = ADULT
    sex: str = ""
    department: str = ""
    guardian: str = ""
    since: int | None = None
    email: bool = True
    mobile: bool = True
    alters: bool = True
    check: str = ""

    def __str__(self) -> str:
        """What is wanted, in the keys of a profile: the same in every language."""
        parts = {
            "state": self.state.value,
            "since_days": self.since,
            "age": self.age,
            "sex": self.sex,
            "department": self.department,
            "guardian": self.guardian,
        }
        return " ".join(f"{key}={value}" for key, value in parts.items() if value not in {None, ""})


@dataclass(frozen=True, slots=True)
class TestPerson:
    """Somebody to test with.

    Attributes:
        ins: Matricule, of tests.
        oid: The OID it goes with.
        patient_id: Identifier of the Patient, or empty when the target did not say.
        family: Family name.
        given: First name.
        sex: `F` or `M`, or empty.
        birth_date: Day of birth, or None.
        department: Code of the département, or empty.
        state: Where the space stands.
        vitale_serial: Serial number of the Vitale card, or empty.
        provisional_code: A code that can be used, or empty.
        guardian: Matricule of who represents them, or empty.
        tag: What marks everything made for them.
        label: Name in the profile, or empty.
    """

    __test__ = False

    ins: str
    oid: str
    patient_id: str
    family: str
    given: str
    sex: str
    birth_date: date | None
    department: str
    state: str
    vitale_serial: str
    provisional_code: str
    guardian: str
    tag: str
    label: str = ""

    @property
    def who(self) -> Who:
        """The person, on their own space."""
        return Who(ActorKind.HOLDER, self.ins, label=self.label)

    @property
    def system(self) -> str:
        """The system of the matricule in FHIR."""
        return f"urn:oid:{self.oid}"


@dataclass(frozen=True, slots=True)
class TestProfessional:
    """A professional to test with.

    Attributes:
        rpps: RPPS number.
        idnps: National identifier, or empty.
        profession: Code of the profession.
        family: Family name.
        given: First name.
        structure: Identifier of the structure, or empty.
        tag: What marks everything made for them.
        label: Name in the profile, or empty.
    """

    __test__ = False

    rpps: str
    idnps: str
    profession: str
    family: str
    given: str
    structure: str
    tag: str
    label: str = ""

    @property
    def who(self) -> Who:
        """The professional."""
        return Who(ActorKind.PROFESSIONAL, self.rpps, self.profession, label=self.label)


IN_SANDBOX: Final = "target.left_in_sandbox"
"""Why people of a sandbox like ours are still there: it keeps them until it is reset or stopped."""


@dataclass(frozen=True, slots=True)
class Left:
    """Something that was made and is still there.

    Attributes:
        kind: `person`, `document`, …
        ident: Its identifier.
        tag: Its tag.
        cause: Key of the text that says why.
    """

    kind: str
    ident: str
    tag: str
    cause: str


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What cleaning up did.

    Attributes:
        removed: How many things were removed.
        left: What is still there.
    """

    removed: int
    left: tuple[Left, ...]


class People:
    """The test people of a run. May be used by several threads at once."""

    def __init__(  # noqa: PLR0913 (what a run knows of people)
        self,
        operations: Operations,
        clock: TargetClock,
        people: Sequence[NamedPerson],
        professionals: Sequence[NamedProfessional],
        run: str,
        *,
        vanishes: bool = False,
    ) -> None:
        """Make nobody yet.

        Args:
            operations: What the target can be asked to do.
            clock: The clock it follows.
            people: Those that its profile names.
            professionals: Those that its profile names.
            run: What every tag begins with.
            vanishes: All that is made ends with the target, so that nothing is ever left.
        """
        self._vanishes = vanishes
        self._operations = operations
        self._clock = clock
        self._named = list(people)
        self._professionals = list(professionals)
        self._run = run
        self._made: list[tuple[str, str, str]] = []
        self._used: set[str] = set()
        self._tags: dict[str, int] = {}
        self._lock = threading.Lock()

    def tag(self, check: str) -> str:
        """Return a new tag for a check; the same run gives the same tags in the same order."""
        with self._lock:
            rank = self._tags[check] = self._tags.get(check, 0) + 1
        return f"etalon-{self._run}-{check or 'run'}-{rank}"

    def person(self, wanted: Wanted) -> TestPerson:
        """Return somebody who is as wanted: made for it, else named in the profile.

        Raises:
            CannotTest: There is nobody like that.
        """
        tag = self.tag(wanted.check)
        if self._operations.can("create_person"):
            return self._made_person(wanted, tag)
        return self._named_person(wanted, tag)

    def professional(self, profession: str = "10", check: str = "") -> TestProfessional:
        """Return a professional of a profession: made for it, else named in the profile.

        Raises:
            CannotTest: There is none.
        """
        tag = self.tag(check)
        if self._operations.can("create_professional"):
            done = self._operations.perform("create_professional", profession=profession, tag=tag)
            if not done.accepted or not done.captures.get("rpps"):
                raise CannotTest(key="target.no_professional", profession=profession)
            told = _texts(done.captures)
            if "create_professional" in self._operations.names():
                # A sandbox like ours names professionals, it makes none.
                self.remember("professional", told["rpps"], tag)
            return TestProfessional(
                rpps=told["rpps"],
                idnps=told.get("idnps", ""),
                profession=told.get("profession", profession),
                family=told.get("family", ""),
                given=told.get("given", ""),
                structure=told.get("structure", ""),
                tag=tag,
            )
        with self._lock:
            alike = [one for one in self._professionals if one.profession == profession]
            if not alike:
                raise CannotTest(key="target.no_professional", profession=profession)
            # One after the other, so that two asked for by a check are two.
            one = next((each for each in alike if each.name not in self._used), alike[0])
            self._used -= {each.name for each in alike} if one.name in self._used else set()
            self._used.add(one.name)
        return TestProfessional(
            one.rpps, "", one.profession, one.family, one.given, one.structure, tag, one.name
        )

    def remember(self, kind: str, ident: str, tag: str) -> None:
        """Note that something was made on the target, to be cleaned up."""
        with self._lock:
            self._made.append((kind, ident, tag))

    def clean(self) -> Leftovers:
        """Remove what was made, last first; say what is left."""
        with self._lock:
            made, self._made = self._made[::-1], []
        left: list[Left] = []
        if self._vanishes:
            return Leftovers(len(made), ())
        for kind, ident, tag in made:
            cause = self._why_left(kind, ident, tag)
            if cause:
                left.append(Left(kind, ident, tag, cause))
        return Leftovers(len(made) - len(left), tuple(left[::-1]))

    def _why_left(self, kind: str, ident: str, tag: str) -> str:
        """Remove one thing; return the key of why it is still there, or an empty string."""
        name = f"remove_{kind}"
        if not self._operations.can(name):
            made = "create_person"
            by_sandbox = self._operations.can(made) and made not in self._operations.names()
            return IN_SANDBOX if by_sandbox else "target.left_no_way"
        try:
            done = self._operations.perform(name, ident=ident, tag=tag)
        except CannotTest:
            return "target.left_failed"
        if done.accepted:
            return ""
        return "target.left_refused"

    def _made_person(self, wanted: Wanted, tag: str) -> TestPerson:
        if wanted.since:
            # Only time makes it old, and only a clock that moves makes time.
            raise CannotTest(key="target.no_such_person", wanted=wanted)
        asked: dict[str, Json] = {
            "state": wanted.state.value,
            "age": wanted.age,
            "sex": wanted.sex or None,
            "department": wanted.department or None,
            "guardian": wanted.guardian or None,
            "email": wanted.email,
            "mobile": wanted.mobile,
        }
        done = self._operations.perform("create_person", None, tag=tag, **asked)
        told = _texts(done.captures)
        if not done.accepted or not told.get("ins"):
            raise CannotTest(key="target.no_such_person", wanted=wanted)
        self.remember("person", told["ins"], tag)
        oid = told.get("oid", InsOid.TEST.value).removeprefix("urn:oid:")
        if oid in PRODUCTION:
            raise CannotTest(key="target.production", oid=oid)
        return TestPerson(
            ins=told["ins"],
            oid=oid,
            patient_id=told.get("patient_id", ""),
            family=told.get("family", ""),
            given=told.get("given", ""),
            sex=told.get("sex", ""),
            birth_date=_day(told.get("birth_date", "")),
            department=told.get("department", ""),
            state=told.get("state", wanted.state.value),
            vitale_serial=told.get("vitale_serial", ""),
            provisional_code=told.get("provisional_code", ""),
            guardian=told.get("guardian", ""),
            tag=tag,
        )

    def _named_person(self, wanted: Wanted, tag: str) -> TestPerson:
        today = self._clock.now().date() if self._named else date.min
        with self._lock:
            fitting = [
                one
                for one in self._named
                if one.name not in self._used and self._fits(one, wanted, today)
            ]
            if not fitting:
                raise CannotTest(key="target.no_such_person", wanted=wanted)
            one = fitting[0]
            if wanted.alters:
                self._used.add(one.name)
        return TestPerson(
            ins=one.ins,
            oid=one.oid,
            patient_id="",
            family=one.family,
            given=one.given,
            sex=one.sex,
            birth_date=one.birth_date,
            department=one.department,
            state=one.state.value,
            vitale_serial=one.vitale_serial,
            provisional_code=one.code,
            guardian=self._matricule_of(one.guardian),
            tag=tag,
            label=one.name,
        )

    def _fits(self, one: NamedPerson, wanted: Wanted, today: date) -> bool:
        return (
            one.state is wanted.state
            and is_as_old(wanted.age, age_on(today, one.birth_date))
            and wanted.sex in {"", one.sex}
            and wanted.department in {"", one.department}
            and wanted.guardian in {"", self._matricule_of(one.guardian)}
            and wanted.since in {None, one.since_days}
        )

    def _matricule_of(self, name: str) -> str:
        return next((one.ins for one in self._named if one.name == name), "")


def _texts(captures: Mapping[str, Json]) -> dict[str, str]:
    return {name: str(value) for name, value in captures.items() if value is not None}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
