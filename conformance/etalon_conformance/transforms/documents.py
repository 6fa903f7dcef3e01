"""Servers that keep, find or show documents otherwise."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from etalon_conformance.transforms.commands import as_they_stand
from etalon_conformance.transforms.facts import FACTS, FLAGS, held
from etalon_conformance.transforms.service import Case, deciding
from etalon_model.outcomes import Accepted, Outcome
from etalon_model.records.changes import ReplaceDocument
from etalon_model.records.confidentiality import changed
from etalon_model.records.masking import MaskDocument
from etalon_model.records.reading import ReadDocument, ReadVersions
from etalon_model.records.record import Status, documents_of, record_or_none
from etalon_model.records.search import Criteria, DocumentPage, SearchDocuments, find
from etalon_model.records.sighting import Sighting, sighting
from etalon_wire.json_body import Json, Resource
from etalon_wire.parts import Application, Codec, Deciding, Transform

_READINGS: Final = (SearchDocuments, ReadVersions, ReadDocument)
_CARE: Final = frozenset({"professional", "structure"})


def withhold(*, fact: str, readers: str) -> Transform:
    """Keep marked documents from readers who should see them, those they deposited excepted."""
    marked, kinds = FLAGS[fact], readers.split(",")

    def act(case: Case) -> Outcome:
        record, actor = record_or_none(case.person), case.command.actor
        if record is None or actor.kind.value not in kinds:
            return case.decided()
        shown = {
            name: one
            for name, one in record.documents.items()
            if not marked(one) or one.depositor.ident == actor.ident
        }
        with held(record, documents=shown):
            return case.decided()

    return deciding(act, *_READINGS)


def masked_counted() -> Transform:
    """Count masked documents in the total of a search that does not show them."""

    def act(case: Case) -> Outcome:
        command, count = case.command, 0
        if isinstance(command, SearchDocuments) and command.actor.kind.value in _CARE:
            view = sighting(case.register, case.person, command, command.mode)
            with FACTS["masked"](case):
                if isinstance(view, Sighting):
                    count = len(find(case.person, view, command.criteria))
        outcome = case.decided()
        if isinstance(outcome, Accepted) and isinstance(outcome.answer, DocumentPage):
            total = max(count, outcome.answer.total)
            return Accepted(replace(outcome.answer, total=total))
        return outcome

    return deciding(act, SearchDocuments)


def labels_overwritten() -> Transform:
    """Let masking take the place of the other visibility codes."""

    def act(case: Case) -> Outcome:
        command, outcome = case.command, case.decided()
        documents = documents_of(case.person)
        if isinstance(command, MaskDocument) and isinstance(outcome, Accepted):
            document = documents[command.unique_id]
            codes = changed(document.confidentiality, hidden=False, not_for_representatives=False)
            documents[command.unique_id] = replace(document, confidentiality=codes)
        return as_they_stand(case.person, outcome)

    return deciding(act, MaskDocument)


def replaced_stays_current() -> Transform:
    """Leave the version that is replaced as it was."""

    def act(case: Case) -> Outcome:
        command, outcome = case.command, case.decided()
        if isinstance(command, ReplaceDocument) and isinstance(outcome, Accepted):
            documents = documents_of(case.person)
            old = documents[command.replaced]
            documents[command.replaced] = replace(old, status=Status.CURRENT)
        return outcome

    return deciding(act, ReplaceDocument)


def _asking(other: Callable[[Case, Criteria], Criteria]) -> Transform:
    """Return the transform that searches by other criteria than those given."""

    def act(case: Case) -> Outcome:
        command = case.command
        if isinstance(command, SearchDocuments):
            command = replace(command, criteria=other(case, command.criteria))
        return case.service.apply(command)

    return deciding(act, SearchDocuments)


def accents_not_found() -> Transform:
    """Search authors by names that have lost what is not ASCII."""

    def other(_case: Case, criteria: Criteria) -> Criteria:
        return replace(
            criteria,
            author_family=_ascii(criteria.author_family),
            author_given=_ascii(criteria.author_given),
        )

    return _asking(other)


def _ascii(name: str) -> str:
    return name.encode("ascii", "replace").decode("ascii")


def superseded_never_found() -> Transform:
    """Search current documents only."""

    def other(_case: Case, criteria: Criteria) -> Criteria:
        wanted = tuple(one for one in criteria.status if one is Status.CURRENT)
        return replace(criteria, status=wanted)

    return _asking(other)


def unique_identifier_only() -> Transform:
    """Find documents by their unique identifier, and by no other."""

    def other(case: Case, criteria: Criteria) -> Criteria:
        if not criteria.identifiers:
            return criteria
        known = documents_of(case.person).keys() & set(criteria.identifiers)
        return replace(criteria, identifiers=tuple(sorted(known)) or ("",))

    return _asking(other)


def without_element(*, kind: str, path: str) -> Transform:
    """Leave one element out of the resources of a kind."""
    steps = path.split(".")
    return _written(kind, lambda resource: _without(resource, steps))


def _without(value: Json, steps: list[str]) -> Json:
    if isinstance(value, list):
        return [_without(one, steps) for one in value]
    if not isinstance(value, dict):
        return value
    first, *others = steps
    return {
        name: _without(held_there, others) if name == first else held_there
        for name, held_there in value.items()
        if name != first or others
    }


def change_date_frozen() -> Transform:
    """Date the last change of a document from its deposit."""

    def other(resource: Resource) -> Json:
        meta = resource.get("meta")
        if not isinstance(meta, dict) or "date" not in resource:
            return resource
        return {**resource, "meta": {**meta, "lastUpdated": resource["date"]}}

    return _written("DocumentReference", other)


def _written(kind: str, other: Callable[[Resource], Json]) -> Transform:
    """Return the transform that writes resources of a kind otherwise."""

    def transform(
        service: Deciding, codec: Codec, app: Application
    ) -> tuple[Deciding, Codec, Application]:
        return service, _Writing(codec, kind, other), app

    return transform


class _Writing:
    """A codec that writes resources of a kind otherwise."""

    __slots__ = ("_codec", "_kind", "_other")

    def __init__(self, codec: Codec, kind: str, other: Callable[[Resource], Json]) -> None:
        self._codec = codec
        self._kind = kind
        self._other = other

    def arriving(self, resource: Resource) -> Resource:
        return self._codec.arriving(resource)

    def leaving(self, resource: Resource) -> Resource:
        left = self._codec.leaving(resource)
        if left.get("resourceType") != self._kind:
            return left
        other = self._other(left)
        return other if isinstance(other, dict) else left


MAKERS: Final = (
    withhold,
    masked_counted,
    labels_overwritten,
    replaced_stays_current,
    accents_not_found,
    superseded_never_found,
    unique_identifier_only,
    without_element,
    change_date_frozen,
)
