"""What is put in a space on a walk: documents, measures, messages, apt most often."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Final

from etalon_model.actors import SYSTEM, Actor, ActorKind
from etalon_model.agenda.prevention_calendar import RULES
from etalon_model.catalogue.catalogue import Purpose
from etalon_model.catalogue.exchange import AppTokens, IdToken
from etalon_model.catalogue.measure_checks import BundleEntry, MeasureDraft
from etalon_model.catalogue.measures import WEIGHT
from etalon_model.catalogue.measuring import SearchMeasures, WriteMeasure
from etalon_model.catalogue.pairings import opaque_identifier
from etalon_model.catalogue.rehearsal import SOLUTION, USES
from etalon_model.command import Command
from etalon_model.messaging.delivery import FINAL_HEADER
from etalon_model.people import Person
from etalon_model.records.changes import ReplaceDocument
from etalon_model.records.confidentiality import ALL
from etalon_model.records.deposit import DepositDocument, Means, Subject
from etalon_model.records.nomenclature import CATEGORIES, DOCUMENT_TYPES
from etalon_model.records.record import Document, Origin, Sheet, documents_of
from etalon_model.records.rehearsal import PDF, SURGERY
from etalon_model.records.search import EVERYTHING, Criteria
from etalon_model.records.sections import SECTIONS
from etalon_model.rights.modes import AccessMode
from etalon_model.rights.rights import standing_of
from etalon_model.walks.chance import Chance
from etalon_model.walks.values import Draw

_WRONG: Final = 0.04
_MARKED: Final = 0.6
_MEANS: Final = {
    ActorKind.PROFESSIONAL: Means.CPS,
    ActorKind.STRUCTURE: Means.STRUCTURE_CERTIFICATE,
    ActorKind.INSURER: Means.INSURER_FEED,
    ActorKind.SYSTEM: Means.SERVICE,
}
_MODES: Final[tuple[AccessMode, ...]] = (AccessMode.NORMAL, AccessMode.NORMAL, *AccessMode)
_WITH_MODE: Final = ("OpenRecord", "ReadDocument", "ReadVersions", "SearchDocuments")
_DIRECTIVES: Final = "EXPPAT_3"
_MIMES: Final = ("application/pdf", "application/pdf", "image/png", "text/xml")
_TYPES: Final = tuple(kind for kind in DOCUMENT_TYPES.values() if kind.author == "care")
_EVERY_TYPE: Final = tuple(DOCUMENT_TYPES.values())
_CATEGORIES: Final = (*CATEGORIES, "DIR_ANT", "DIR_ANT", "DIR_ANT")
_SECTIONS: Final = tuple(SECTIONS)
_RULES: Final = tuple(RULES)

Moment = Callable[[], tuple[datetime, Person]]
"""Where the walk stands: the instant, and the person concerned."""


class Contents:
    """Draws what commands carry.

    Attributes:
        actor: Who acts now.
        solution: Object identifier of the service that calls.
        made: How many sheets were made; it numbers their identifiers.
    """

    __slots__ = ("_chance", "_chosen", "actor", "made", "solution")

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._chosen = ""
        self.actor = SYSTEM
        self.solution = SOLUTION
        self.made = 0

    def depositor(self, person: Person) -> Actor | None:
        """Choose a document on which the command will bear; return who deposited it."""
        documents = documents_of(person)
        if not documents:
            return None
        chosen = self._chance.pick(tuple(documents.values()))
        self._chosen = chosen.unique_id
        return chosen.depositor

    def pools(self, person: Callable[[], Person], seed: int) -> dict[str, Draw]:
        """Return by field what draws its value, for the person of the moment."""
        chance = self._chance

        def tokens() -> AppTokens:
            own = opaque_identifier(seed, person().ins, self.solution)
            known = IdToken(own, self.solution)
            return AppTokens(known, access_valid=not chance.happens(_WRONG))

        def mode() -> AccessMode:
            standing = standing_of(person(), self.actor.ident)
            if standing is not None and standing.emergency is not None:
                return chance.pick((standing.emergency, AccessMode.NORMAL))
            return chance.pick(_MODES)

        return {
            "ReadLog.page": partial(chance.pick, (1, 1, 1, 2, 3, 0)),
            **dict.fromkeys((f"{name}.mode" for name in _WITH_MODE), mode),
            "criteria": lambda: self._criteria(person()),
            "tokens": tokens,
            **self._identifiers(person),
            **self._choices(),
        }

    def _identifiers(self, person: Callable[[], Person]) -> dict[str, Draw]:
        """Return by field what draws the identifier of a document."""
        chance, fresh = self._chance, self.fresh

        def known() -> str:
            chosen, self._chosen = self._chosen, ""
            documents = documents_of(person())
            if chosen in documents:
                return chosen
            return chance.pick(tuple(documents)) if documents else "urn:oid:1.2.3"

        def one_that(suits: Callable[[Document], bool]) -> str:
            apt = [one.unique_id for one in documents_of(person()).values() if suits(one)]
            return chance.pick(apt) if apt else known()

        def own() -> str:
            ins = person().ins
            return one_that(lambda one: one.depositor.ident == ins)

        return {
            "unique_id": known,
            "unique_ids": lambda: (own(),),
            "EditOwnDocument.unique_id": own,
            "DeclareDirectives.unique_id": lambda: one_that(
                lambda one: one.kind.code == _DIRECTIVES
            ),
            "replaced": known,
            **dict.fromkeys(("UploadDocument.unique_id", "GenerateSynthesis.unique_id"), fresh),
            "Attachment.reference": lambda: (
                known() if chance.happens(0.5) else chance.pick(_SECTIONS)
            ),
        }

    def _choices(self) -> dict[str, Draw]:
        """Return by field what draws its value, whoever the person is."""
        chance = self._chance
        return {
            "category": partial(chance.pick, _CATEGORIES),
            "mime": partial(chance.pick, _MIMES),
            "extension": partial(chance.pick, ("pdf", "txt", "exe")),
            "size_bytes": partial(chance.pick, (20_000, 20_000, 20_000, 0, 5_000_001)),
            "sha1": lambda: f"{chance.number():040x}",
            "section": partial(chance.pick, _SECTIONS),
            "PairService.consents": lambda: USES,
            "use": partial(chance.pick, USES),
            "purpose": lambda: Purpose.CARE,
            "means": lambda: _MEANS.get(self.actor.kind, Means.NONE),
            "key": lambda: f"{chance.pick(_RULES)}.{1 + chance.below(3)}",
            "element": partial(chance.pick, ("status", "extension", "securityLabel", "title")),
            "PatchDocument.value": partial(chance.pick, ("deleted", "true", "false", "MASQUE_PS")),
            **dict.fromkeys(("EnterMeasure.code", "ReadMeasures.code"), lambda: WEIGHT),
            "values": lambda: (70.0 + chance.below(9),),
            **dict.fromkeys(("thread", "number", "draft"), lambda: 1 + chance.below(2)),
            "headers": lambda: (FINAL_HEADER,) if chance.happens(_WRONG) else (),
        }

    def fresh(self) -> str:
        """Return an identifier that no document bears."""
        self.made += 1
        return f"urn:oid:1.2.250.1.213.1.4.10.{self.made}"

    def _criteria(self, person: Person) -> Criteria:
        chance = self._chance
        if chance.happens(0.5):
            return EVERYTHING
        kind = chance.pick(_EVERY_TYPE)
        archived = chance.happens(0.5)
        criteria: tuple[Callable[[], Criteria], ...] = (
            lambda: Criteria(types=(kind.code,)),
            lambda: Criteria(classes=(kind.class_code,)),
            lambda: Criteria(categories=(kind.category,)),
            lambda: Criteria(security_labels=("MASQUE_PS",)),
            lambda: Criteria(identifiers=tuple(documents_of(person))[:1]),
            lambda: Criteria(author_family="mor"),
            lambda: Criteria(archived=archived),
        )
        return chance.pick(criteria)()

    def makers(self, moment: Moment, seed: int) -> dict[str, Callable[[Actor], Command]]:
        """Return how the commands are made whose fields depend on one another."""
        return {
            "DepositDocument": lambda actor: self._deposit(*moment(), actor),
            "ReplaceDocument": lambda actor: self._replacement(*moment(), actor),
            "WriteMeasure": lambda actor: self._measure(*moment(), actor, seed),
            "SearchMeasures": lambda actor: self._last_weight(*moment(), actor, seed),
        }

    def _measure(self, at: datetime, person: Person, actor: Actor, seed: int) -> WriteMeasure:
        own = opaque_identifier(seed, person.ins, self.solution)
        kilograms = 40.0 + self._chance.below(60)
        profile = "mes-observation-bodyweight"
        draft = MeasureDraft(profile, f"{self.solution}.1", WEIGHT, own, at, kilograms)
        entries = (BundleEntry(full_url="urn:m0", measure=draft),)
        return WriteMeasure(at, actor, person.ins, self._tokens(own), Purpose.CARE, entries)

    def _last_weight(self, at: datetime, person: Person, actor: Actor, seed: int) -> SearchMeasures:
        own = opaque_identifier(seed, person.ins, self.solution)
        tokens = self._tokens(own)
        return SearchMeasures(
            at, actor, person.ins, tokens, Purpose.CARE, own, WEIGHT, count=1, sort="-date"
        )

    def _tokens(self, own: str) -> AppTokens:
        return AppTokens(IdToken(own, self.solution))

    def _sheet(self, at: datetime, actor: Actor, like: Document | None = None) -> Sheet:
        """Return a sheet of the type of another document, or of any."""
        chance = self._chance
        kind = chance.pick(_EVERY_TYPE if chance.happens(_WRONG) else _TYPES)
        return Sheet(
            self.fresh(),
            kind.code if like is None else like.sheet.type_code,
            kind.class_code if like is None else like.sheet.class_code,
            f"Document {self.made}",
            at,
            at,
            0 if chance.happens(_WRONG) else 20_000,
            f"{self.made:040x}",
            _surgery_by(actor.ident) if actor.ident else SURGERY,
            PDF,
        )

    def _deposit(self, at: datetime, person: Person, actor: Actor) -> DepositDocument:
        means = _MEANS.get(actor.kind, Means.NONE)
        return DepositDocument(
            at,
            actor,
            person.ins,
            self._sheet(at, actor),
            self._subject(person),
            means,
            self._codes(),
        )

    def _replacement(self, at: datetime, person: Person, actor: Actor) -> ReplaceDocument:
        document = self._chance.pick(tuple(documents_of(person).values()) or (None,))
        depositor = actor if document is None else document.depositor
        return ReplaceDocument(
            at,
            depositor,
            person.ins,
            self._sheet(at, depositor, document),
            self._subject(person),
            _MEANS.get(depositor.kind, Means.NONE),
            self._codes(),
            replaced="urn:oid:1.2.3" if document is None else document.unique_id,
        )

    def _codes(self) -> tuple[str, ...]:
        if self._chance.happens(_WRONG):
            return ("N", "R")
        return self._chance.pick(ALL if self._chance.happens(_MARKED) else ALL[:1]).codes

    def _subject(self, person: Person) -> Subject | None:
        if self._chance.happens(_WRONG):
            return None
        known = person.identity
        return Subject(known.ins, known.oid, known.birth_on, known.sex)


@lru_cache
def _surgery_by(ident: str) -> Origin:
    """Return where a document comes from that somebody authenticated."""
    return replace(SURGERY, authenticator=ident)
