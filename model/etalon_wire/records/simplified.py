"""A deposit of one document with its content inside (ITI-105).

The profile asks for little; a record asks for more, and answers by the comprehensive profile. What
is not said is worked out: traits are those of the Patient that `subject` refers to, the kind of
structure and the setting follow from who deposits (`data/simplified_defaults.csv`), author and
structure named by a reference become contained. The type cannot be worked out: the model refuses a
document without one. The submission set follows from the document (`lists.derived_set`).

Sources: IHE MHD, ITI-105 (2:3.105.4.1.3); PDSm 3.1.1, flux 09 and 10; decision 0084.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Final, cast

from etalon_model.actors import ActorKind
from etalon_model.identities import Identity
from etalon_model.records.changes import ArchiveDocument
from etalon_model.records.deposit import DepositDocument, Subject
from etalon_model.records.nomenclature import DEPOSIT_MIMES
from etalon_model.records.record import Form, Sheet
from etalon_wire.base64_text import bytes_of
from etalon_wire.clinical_deposits import header_findings, is_clinical
from etalon_wire.findings import Finding
from etalon_wire.json_body import Json, Resource
from etalon_wire.malformed import REQUIRED, VALUE, Malformed
from etalon_wire.modes import Mode
from etalon_wire.records.document_encoding import described_by, keep, patient_contained
from etalon_wire.records.documents import (
    Described,
    deposit_of,
    describe,
    known_subject,
    named_subject,
    refuse_several,
    subject_in,
)
from etalon_wire.records.origins import Unsaid
from etalon_wire.records.plans import (
    Depositing,
    Entry,
    Plan,
    Step,
    Stored,
    archived,
    measured,
    relation_warnings,
)
from etalon_wire.records.templates import Template, filled, template_of, told_by
from etalon_wire.records.uploading import is_upload, upload_errors, upload_step
from etalon_wire.tables import rows_of
from etalon_wire.validation.reading import first, part, parts, text

_DATA: Final = "DocumentReference.content[0].attachment.data"
_LANGUAGE: Final = "fr-FR"
_OTHERS: Final = Unsaid(language=_LANGUAGE)
_NOTHING_HELD: Final[Mapping[str, Resource]] = {}
_TEMPLATES: Final[dict[tuple[bytes, ActorKind, Mode], Template]] = {}
_TEMPLATES_MOST: Final = 1024
_AUTHORS: Final = frozenset({"Practitioner", "PractitionerRole", "Device", "Patient"})
_AUTHENTICATORS: Final = frozenset({"Practitioner", "PractitionerRole", "Organization"})


def simplified_plan(resource: Resource, who: Depositing) -> Plan | list[Finding]:
    """Return what a simplified deposit becomes, or why it is refused.

    Raises:
        Malformed: The content is missing or no base64, or a date cannot be kept.
    """
    found = refuse_several(resource)
    if found:
        return found
    named = named_subject(resource, who.base)
    identity = None if named is None else who.find(named)
    ins = identity.ins if identity is not None else (named.ins if named is not None else "")
    if not ins:
        message = "nobody is known by that name: say whose it is by matricule INS"
        return [Finding("error", "not-found", "DocumentReference.subject", "W-REC-14", message)]
    content = _content(resource)
    differing = _differing(resource, content, ins, who)
    if identity is not None and not differing and not is_upload(who):
        alike = _from_template(resource, content, identity, who)
        if alike is not None:
            return alike
    described = _described(resource, content, identity, who)
    sheet = described.sheet
    wrong = [one for one in differing if one.severity == "error"] or _unknown_type(sheet)
    if wrong:
        return wrong
    entries = (Entry("document", sheet.unique_id),)
    if is_upload(who):
        found = upload_errors(resource, described, "DocumentReference")
        return found or Plan(
            ins, (upload_step(resource, described, content, ins, who, 0),), (), entries
        )
    replaced = who.unique_id(described.replaced)
    command = deposit_of(described, who.at, who.actor, ins, who.means, replaced=replaced)
    kept = None if identity is None else keep(complete(resource, sheet, identity))
    steps = [Step(command, 0, Stored(sheet.unique_id, kept, sheet.form.mime, content))]
    if archived(resource):
        set_aside = ArchiveDocument(who.at, who.actor, ins, sheet.unique_id, who.means)
        steps.append(Step(set_aside))
    warnings = (*differing, *relation_warnings(resource, "DocumentReference"))
    return Plan(ins, tuple(steps), (), entries, warnings)


def _differing(resource: Resource, content: bytes, ins: str, who: Depositing) -> list[Finding]:
    """Say where a deposit says other than the clinical document in it, which few are.

    Raises:
        Malformed: What comes as XML is no clinical document.
    """
    if not is_clinical(text(part(first(resource, "content"), "attachment"), "contentType")):
        return []
    said = describe(resource, content, lenient=who.mode == "lenient")
    return header_findings(resource, said, content, ins, "DocumentReference", who.mode)


def _from_template(
    resource: Resource, content: bytes, identity: Identity, who: Depositing
) -> Plan | None:
    """Return what a deposit becomes that is like others, None when it is like none.

    Raises:
        Malformed: A date cannot be kept.
    """
    told = told_by(resource)
    if told is None:
        return None
    alike = (told.shared, who.actor.kind, who.mode)
    template = _TEMPLATES.get(alike)
    if template is None:
        template = _new_template(resource, content, identity, who)
        if template is None:
            return None
        if len(_TEMPLATES) >= _TEMPLATES_MOST:
            _TEMPLATES.clear()
        _TEMPLATES[alike] = template
    sheet, kept = filled(template, told, resource, content, identity)
    subject = _subject_known(subject_in(resource, _NOTHING_HELD), identity)
    ins, codes = identity.ins, template.codes
    command = DepositDocument(who.at, who.actor, ins, sheet, subject, who.means, codes)
    step = Step(command, 0, Stored(sheet.unique_id, kept, sheet.form.mime, content))
    return Plan(ins, (step,), (), (Entry("document", sheet.unique_id),))


def _new_template(
    resource: Resource, content: bytes, identity: Identity, who: Depositing
) -> Template | None:
    """Return the template of the deposits that share what this one says, None for an unknown type.

    Raises:
        Malformed: A date cannot be kept.
    """
    described = _described(resource, content, identity, who)
    sheet = described.sheet
    if sheet.type_code and not sheet.class_code:
        return None
    return template_of(complete(resource, sheet, identity), sheet, described.codes)


def _unknown_type(sheet: Sheet) -> list[Finding]:
    """Say that the class of a document follows from its type, where nobody knows this one."""
    if not sheet.type_code or sheet.class_code:
        return []
    message = (
        f"no type {sheet.type_code[:64]} is known here: take one of the nomenclature, or say the "
        "category"
    )
    return [Finding("error", "code-invalid", "DocumentReference.type", "REC-03", message)]


def _content(resource: Resource) -> bytes:
    """Return the document itself.

    Raises:
        Malformed: It is missing, or no base64.
    """
    encoded = text(part(first(resource, "content"), "attachment"), "data")
    if not encoded:
        raise Malformed(REQUIRED, _DATA, "the document is missing: send it here, in base64")
    content = bytes_of(encoded)
    if content is None:
        raise Malformed(VALUE, _DATA, "not base64: send the document in base64")
    return content


@cache
def _unsaid() -> Mapping[str, Unsaid]:
    """Return what counts where a document does not say it, by kind of who deposits."""
    return {
        row["actor"]: Unsaid(row["facility"], row["setting"], _LANGUAGE)
        for row in rows_of("simplified_defaults.csv")
    }


def _described(
    resource: Resource, content: bytes, identity: Identity | None, who: Depositing
) -> Described:
    """Return what a deposit says, with what the profile does not ask for and the record does.

    Raises:
        Malformed: A date cannot be kept.
    """
    unsaid = _unsaid().get(who.actor.kind.value, _OTHERS)
    described = describe(resource, content, lenient=who.mode == "lenient", unsaid=unsaid)
    sheet, subject = described.sheet, described.subject
    if identity is not None and not _source(resource):
        subject = _subject_known(subject, identity)
    if not sheet.form.format_code and sheet.form.mime not in DEPOSIT_MIMES:
        # A form of content that no record holds has no format either: it is refused as what it is.
        sheet = replace(sheet, form=Form(sheet.form.mime, sheet.form.mime))
    codes = described.codes if "securityLabel" in resource else ("N",)
    return Described(sheet, subject, codes, described.replaced, described.url)


def _subject_known(said: Subject | None, identity: Identity) -> Subject:
    """Return whose document it is: traits are worked out, the object identifier was said."""
    known = known_subject(identity)
    oid = said.oid if said is not None else ""
    return known if oid in ("", known.oid) else replace(known, oid=oid)


def _source(resource: Resource) -> Resource:
    return part(part(resource, "context"), "sourcePatientInfo")


def complete(resource: Resource, sheet: Sheet, identity: Identity) -> Resource:
    """Return a simplified DocumentReference as the comprehensive profile wants it.

    Args:
        resource: As received.
        sheet: What the model keeps of it, complete.
        identity: Whose record it goes to.
    """
    made = described_by(identity, sheet)
    own_parties = _has_parties(resource)
    whole: Resource = {
        **made,
        **resource,
        "content": [_content_of(resource, made)],
        "context": {**part(made, "context"), **part(resource, "context")},
    }
    if own_parties:
        contained = parts(resource, "contained")
        source = _source(resource) or _patient_added(contained, identity)
        if "authenticator" not in resource:
            whole.pop("authenticator", None)
    else:
        contained = parts(made, "contained")
        source = _source(made)
        for name in ("author", "authenticator", "custodian"):
            whole.pop(name, None)
            if name in made:
                whole[name] = made[name]
    whole["contained"] = cast("Json", contained)
    whole["context"] = {**part(whole, "context"), "sourcePatientInfo": source}
    return measured(whole, sheet)


def _content_of(resource: Resource, made: Resource) -> Json:
    received, written = first(resource, "content"), first(made, "content")
    attachment: Json = {**part(written, "attachment"), **part(received, "attachment")}
    return {**written, **received, "attachment": attachment}


def _has_parties(resource: Resource) -> bool:
    """Whether authors and authenticator are contained already, as the profile wants them."""
    if "contained" not in resource:
        return False
    kinds = {f"#{text(one, 'id')}": one.get("resourceType") for one in parts(resource, "contained")}
    authors = [kinds.get(text(one, "reference")) for one in parts(resource, "author")]
    answers = kinds.get(text(part(resource, "authenticator"), "reference"))
    fit = answers in _AUTHENTICATORS or "authenticator" not in resource
    return bool(authors) and fit and _AUTHORS.issuperset(authors)


def _patient_added(contained: list[Resource], identity: Identity) -> Resource:
    """Contain the patient under an identifier that is free; return the reference to them."""
    taken = {text(one, "id") for one in contained}
    free = next(name for rank in range(len(taken) + 1) if (name := f"patient-{rank}") not in taken)
    contained.append({**patient_contained(identity), "id": free})
    return {"reference": f"#{free}"}
