"""Patches of an entry of the directory: what they change of its mailboxes, and what is refused."""

from typing import Final

import pytest

from etalon_model import Refusal
from etalon_model.messaging.correspondents import Correspondent, MailboxType
from etalon_wire.directory.entries import Entry, entry_resource
from etalon_wire.directory.mailboxes import MAILBOX_TYPES, METADATA, Written, telecom_of
from etalon_wire.directory.patching import STEPS_MOST, MailboxChanges, mailbox_changes
from etalon_wire.json_body import Json, Resource
from etalon_wire.malformed import Malformed
from etalon_wire.operation_outcomes import Fault

ADDRESS: Final = "jean.rey@medecin.mssante.fr"
OTHER: Final = "cabinet.rey@medecin.mssante.fr"
NEW: Final = "marie.rey@medecin.mssante.fr"
MAILBOX: Final = f"Practitioner.telecom.where(value='{ADDRESS}')"
RED_LIST: Final = f"{MAILBOX}.extension('{METADATA}').extension('listeRouge').value"
BEARER: Final = "899700366240"


def standing(address: str = ADDRESS, kind: str = "PER", *, red: bool = False) -> Correspondent:
    """A mailbox of the professional."""
    return Correspondent(address, MailboxType(kind), BEARER, red_listed=red)


def before() -> Resource:
    """The professional, who bears two."""
    mailboxes = (standing(), standing(OTHER, "CAB"))
    return entry_resource("Practitioner", Entry(BEARER, "Rey", "Jean", "10", mailboxes=mailboxes))


def operation(verb: str, path: str, **parts: Json) -> Json:
    """One operation of a patch; the name of a value is that of its part, but for `value`."""
    said: list[Json] = [{"name": "type", "valueCode": verb}, {"name": "path", "valueString": path}]
    for name, value in parts.items():
        said.append({"name": name.partition("_")[0], name.partition("_")[2] or "valueCode": value})
    return {"name": "operation", "part": said}


def patched(*operations: Json) -> MailboxChanges | Fault | Refusal:
    """What a patch of the professional changes."""
    return mailbox_changes(before(), {"resourceType": "Parameters", "parameter": [*operations]})


def telecom(address: str = NEW, kind: str = "PER", *, red: bool = False) -> Resource:
    """A mailbox as it is written."""
    return telecom_of(standing(address, kind, red=red), 1)


INSERTED: Final = operation(
    "insert", "Practitioner.telecom", index_valueInteger=0, value_valueContactPoint=telecom()
)
PUBLISHED: Final = MailboxChanges((Written(NEW, MailboxType.PER, red_listed=False),), ())
RED: Final = MailboxChanges((Written(ADDRESS, MailboxType.PER, red_listed=True),), ())

CHANGES: Final = {
    "a mailbox is inserted": ([INSERTED], PUBLISHED),
    "a mailbox is added": (
        [
            operation(
                "add",
                "Practitioner",
                name_valueString="telecom",
                value_valueContactPoint=telecom(),
            )
        ],
        PUBLISHED,
    ),
    "a mailbox is taken out": (
        [operation("delete", MAILBOX)],
        MailboxChanges((), (ADDRESS,)),
    ),
    "the second by its rank is taken out": (
        [operation("delete", "Practitioner.telecom[1]")],
        MailboxChanges((), (OTHER,)),
    ),
    "a mailbox goes on the red list": (
        [operation("replace", RED_LIST, value_valueBoolean=True)],
        RED,
    ),
    "a whole mailbox is replaced, on the red list from now on": (
        [operation("replace", MAILBOX, value_valueContactPoint=telecom(ADDRESS, red=True))],
        RED,
    ),
    "several operations hold in their order": (
        [
            INSERTED,
            operation("delete", "Practitioner.telecom[0]"),
            operation("replace", RED_LIST, value_valueBoolean=True),
        ],
        RED,
    ),
    "nothing changes": (
        [operation("replace", RED_LIST, value_valueBoolean=False)],
        MailboxChanges((), ()),
    ),
}


@pytest.mark.requirement("W-MSS-11", "MSG-12")
@pytest.mark.parametrize(("operations", "changes"), CHANGES.values(), ids=CHANGES)
def test_a_patch_publishes_takes_out_and_puts_on_the_red_list(
    operations: list[Json], changes: MailboxChanges
) -> None:
    """Operations are carried out in order; what they change in the end is told."""
    assert patched(*operations) == changes


FIXED: Final = {
    "its address": operation("replace", f"{MAILBOX}.value", value_valueString=NEW),
    "its address, as a whole": operation("replace", MAILBOX, value_valueContactPoint=telecom()),
    "its type": operation(
        "replace",
        f"{MAILBOX}.extension('{METADATA}').extension('type').value.coding[0].code",
        value_valueCode="CAB",
    ),
    "its type, as a whole": operation(
        "replace", MAILBOX, value_valueContactPoint=telecom(ADDRESS, "CAB")
    ),
}


@pytest.mark.requirement("W-MSS-11", "MSG-12")
@pytest.mark.parametrize("fixed", FIXED.values(), ids=FIXED)
def test_neither_the_address_nor_the_type_of_a_mailbox_changes(fixed: Json) -> None:
    """However the patch writes it."""
    assert patched(fixed) == Refusal("MSG-12", "MAILBOX_FIXED", "", (ADDRESS,))


UNAPPLIED: Final = {
    "another element": operation("replace", "Practitioner.active", value_valueBoolean=False),
    "another resource": operation("delete", "Organization.telecom[0]"),
    "the resource": operation("delete", "Practitioner"),
    "nothing there": operation("delete", "Practitioner.telecom[2]"),
    "several places": operation("delete", "Practitioner.telecom"),
    "a rank beyond the end": operation(
        "insert", "Practitioner.telecom", index_valueInteger=3, value_valueContactPoint=telecom()
    ),
    "a rank that is none": operation(
        "insert", "Practitioner.telecom", index_valueString="x", value_valueContactPoint=telecom()
    ),
    "a list that is none": operation(
        "insert", "Practitioner.name", index_valueInteger=0, value_valueContactPoint=telecom()
    ),
    "a function": operation("delete", "Practitioner.telecom.last()"),
    "a path too long": operation("delete", f"Practitioner{'.telecom' * 200}"),
    "a move": operation("move", "Practitioner.telecom"),
    "a mailbox twice": operation(
        "add", "Practitioner", name_valueString="telecom", value_valueContactPoint=telecom(ADDRESS)
    ),
    "an addition to a text": operation(
        "add", f"{MAILBOX}.value", name_valueString="id", value_valueString="1"
    ),
    "what is not kept": operation("add", MAILBOX, name_valueString="use", value_valueCode="work"),
    "the list made a text": operation(
        "add", "Practitioner", name_valueString="active", value_valueString="x"
    ),
}


@pytest.mark.parametrize("unapplied", UNAPPLIED.values(), ids=UNAPPLIED)
def test_a_patch_of_anything_else_is_refused(unapplied: Json) -> None:
    """With what is wrong."""
    refused = patched(unapplied)

    assert isinstance(refused, Fault)
    assert refused.code == "PATCH_FAILED"


def typed(code: str | None) -> Resource:
    """A mailbox whose type is written some way."""
    said = telecom()
    kind: Json = {"coding": [{"system": MAILBOX_TYPES, "code": code or "PER"}]}
    inner: list[Json] = [{"url": "type", "valueCodeableConcept": kind}] if code else []
    said["extension"] = [{"url": METADATA, "extension": inner}]
    return said


MALFORMED: Final = {
    "no mailbox": {"system": "phone", "value": "0600000000"},
    "no address": {"system": "email"},
    "no type": typed(None),
    "a type that is none": typed("PATIENT"),
    "a text": "jean.rey@medecin.mssante.fr",
}


@pytest.mark.parametrize("value", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_mailbox_is_not_published(value: Json) -> None:
    """The body is what is wrong."""
    added = operation(
        "add", "Practitioner", name_valueString="telecom", value_valueContactPoint=value
    )

    with pytest.raises(Malformed):
        patched(added)


def test_a_bare_code_says_the_type_as_in_the_examples_of_the_draft() -> None:
    """Which have it where the extension needs a concept."""
    said = typed("PER")
    said["extension"] = [
        {"url": METADATA, "extension": [{"url": "type", "valueCode": "PER"}]},
    ]

    assert (
        patched(
            operation(
                "add", "Practitioner", name_valueString="telecom", value_valueContactPoint=said
            )
        )
        == PUBLISHED
    )


def test_a_patch_has_operations_and_not_too_many_of_them() -> None:
    """None, too many, or another resource: the body is refused."""
    for parameters in ([], [INSERTED] * (STEPS_MOST + 1)):
        with pytest.raises(Malformed):
            patched(*parameters)
    with pytest.raises(Malformed):
        mailbox_changes(before(), {"resourceType": "Practitioner", "parameter": [INSERTED]})
