"""Sample documents of a kit: what a client may deposit as it stands, and what it looks like sent.

Sources: as `etalon_conformance.deposits` and `etalon_conformance.structured`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from uuid import UUID

from etalon_conformance.deposits import bundle, simplified
from etalon_conformance.specimens import Specimen, specimen
from etalon_conformance.structured import structured
from etalon_conformance.witness.connecting.identities import KitIdentity
from etalon_target.people import TestPerson, TestProfessional
from etalon_wire.json_body import Resource


@dataclass(slots=True)
class _Drawn:
    """Gives what samples are made of: the same for a seed and an instant.

    Attributes:
        random: Random numbers.
        at: The instant of the samples.
    """

    random: Random
    at: datetime
    _uuids: Random = field(default_factory=lambda: Random(0))  # noqa: S311 (no secret)

    def now(self) -> datetime:
        return self.at

    def unique_oid(self) -> str:
        return f"urn:oid:2.25.{self.unique_uuid().int}"

    def unique_uuid(self) -> UUID:
        return UUID(int=self._uuids.getrandbits(128), version=4)


def sample_documents(
    who: KitIdentity, author: KitIdentity, seed: int, at: datetime
) -> Mapping[str, bytes]:
    """Return the files of the samples by name: documents, and deposits of them as they are sent.

    Args:
        who: Whose documents they are.
        author: Who writes and deposits them.
        seed: Of what is free in them.
        at: When they are written; a service refuses those of its future.
    """
    drawn = _Drawn(Random(seed), at, Random(seed + 1))  # noqa: S311 (no secret)
    person, writer = _person(who), _professional(author)
    report = specimen(drawn, person, writer, kind="11488-4", media_type="application/pdf")
    coded = structured(drawn, person, writer)
    return {
        "report.pdf": report.content,
        "structured-document.xml": coded.content,
        "simplified-publication.json": _written(simplified(report)),
        "document-bundle.json": _written(bundle(drawn, [_another(drawn, person, writer), coded])),
    }


def _another(drawn: _Drawn, person: TestPerson, writer: TestProfessional) -> Specimen:
    return specimen(drawn, person, writer, kind="11490-0")


def _written(resource: Resource) -> bytes:
    return (json.dumps(resource, ensure_ascii=False, indent=2) + "\n").encode()


def _person(who: KitIdentity) -> TestPerson:
    return TestPerson(
        ins=who.ident,
        oid=who.oid,
        patient_id="",
        family=who.family,
        given=who.given,
        sex=who.sex,
        birth_date=date.fromisoformat(who.birth_date),
        department="",
        state="",
        vitale_serial=who.vitale_serial,
        provisional_code="",
        guardian="",
        tag="",
    )


def _professional(who: KitIdentity) -> TestProfessional:
    return TestProfessional(
        rpps=who.ident,
        idnps=who.idnps,
        profession=who.role,
        family=who.family,
        given=who.given,
        structure=who.structure,
        tag="",
    )
