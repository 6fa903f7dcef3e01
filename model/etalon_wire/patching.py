"""Patches of a DocumentReference: what PDSm lets change, and nothing else.

A JSON Patch (RFC 6902) or a FHIRPath Patch is applied to the resource as the caller sees it; what
changed becomes a `StatusChange`, which the records ask of the model. The elements are those of
REC-13: status, securityLabel, and the extension isArchived.

Sources: PDSm, flux 03 and 04; PDSm4DMP, TD3.3a to TD3.3d; RFC 6902; decision 0071.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import jsonpatch
from jsonpointer import JsonPointerException

from etalon_model import Refusal
from etalon_model.records.changes import PATCHABLE
from etalon_wire.fhirpath_patch import operations_of
from etalon_wire.json_body import Json, Resource
from etalon_wire.labels import relabelled, security_codes
from etalon_wire.malformed import STRUCTURE, TOO_COSTLY, Malformed
from etalon_wire.operation_outcomes import Fault

IS_ARCHIVED: Final = (
    "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/pdsm-ext-is-archived"
)
STATUSES: Final = ("current", "superseded", "entered-in-error")
MOST_OPERATIONS: Final = 64
MOST_SHOWN: Final = 64
"""Most characters of a value that a refusal repeats."""
_VERBS: Final = frozenset({"add", "remove", "replace", "test"})
_SLOT: Final = "/securityLabel/0"
_ANS_PATH: Final = re.compile(r"/extension\[url: ?(['\"])(?P<url>[^'\"]+)\1\]/valueBoolean")


@dataclass(frozen=True, slots=True)
class StatusChange:
    """What a patch changes; None where it leaves things as they are.

    Attributes:
        status: The new status, one of `STATUSES`.
        codes: The new confidentiality codes, all of them.
        archived: Whether the document is archived from now on.
    """

    status: str | None = None
    codes: tuple[str, ...] | None = None
    archived: bool | None = None

    def by_element(self) -> Iterator[tuple[str, str]]:
        """Yield the FHIR name of each changed element with its new value, as the model asks."""
        if self.codes is not None:
            yield "securityLabel", " ".join(self.codes)
        if self.archived is not None:
            yield "extension", "true" if self.archived else "false"
        if self.status is not None:
            yield "status", self.status


class _NotAppliedError(Exception):
    """Carries the answer out of the patch."""

    def __init__(self, answer: Refusal | Fault) -> None:
        super().__init__()
        self.answer = answer


def status_change(
    resource: Resource, patch: Json, *, ins: str = "", lenient_ans_patch_path: bool = False
) -> StatusChange | Refusal | Fault:
    """Return what a patch changes in a DocumentReference, or why it is not applied.

    Args:
        resource: The document as its caller sees it; it is not changed.
        patch: A JSON Patch (an array) or a FHIRPath Patch (`Parameters`).
        ins: Whose record it is, for the refusal.
        lenient_ans_patch_path: Take the path `/extension[url:'…']/valueBoolean` of the official
            example, which is no JSON Pointer, for the one it means.

    Raises:
        Malformed: The patch is neither, or lacks a part that it must have.
    """
    try:
        operations = _operations(resource, patch)
        if lenient_ans_patch_path:
            operations = [_with_pointer(resource, one) for one in operations]
        return _difference(resource, _patched(resource, operations, ins), ins)
    except _NotAppliedError as error:
        return error.answer


def _operations(resource: Resource, patch: Json) -> list[dict[str, Json]]:
    """Return the operations of a patch in either form as those of a JSON Patch."""
    if isinstance(patch, list):
        operations = [one for one in patch if isinstance(one, dict)]
        if len(operations) < len(patch) or not patch:
            message = "a JSON Patch is an array of at least one operation, each an object"
            raise Malformed(STRUCTURE, "", message)
    elif isinstance(patch, dict) and patch.get("resourceType") == "Parameters":
        found = operations_of(resource, patch)
        if isinstance(found, Fault):
            raise _NotAppliedError(found)
        operations = found
    else:
        message = "a patch is a JSON Patch (an array) or Parameters (FHIRPath Patch)"
        raise Malformed(STRUCTURE, "", message)
    if len(operations) > MOST_OPERATIONS:
        message = (
            f"the patch has {len(operations)} operations and at most {MOST_OPERATIONS} are read"
        )
        raise Malformed(TOO_COSTLY, "", message)
    return operations


def _with_pointer(resource: Resource, operation: dict[str, Json]) -> dict[str, Json]:
    """Put the pointer that the path of the official example means in its place."""
    path = operation.get("path")
    written = _ANS_PATH.fullmatch(path) if isinstance(path, str) else None
    if written is None:
        return operation
    extensions = _list_of(resource, "extension")
    for rank, extension in enumerate(extensions):
        if isinstance(extension, dict) and extension.get("url") == written["url"]:
            return {**operation, "path": f"/extension/{rank}/valueBoolean"}
    made: Json = {"url": written["url"], "valueBoolean": operation.get("value")}
    return {"op": "add", "path": "/extension/-", "value": made}


def _patched(resource: Resource, operations: Sequence[dict[str, Json]], ins: str) -> Resource:
    """Apply operations one after the other to the elements that may change.

    An element that repeats and has no value is an empty array here: JSON of FHIR cannot show one,
    and `add` needs an array to add to.
    """
    _check(operations, ins)
    patched: Resource = {**resource, "extension": _list_of(resource, "extension")}
    for operation in operations:
        labels = _list_of(patched, "securityLabel")
        if operation["op"] == "replace" and operation["path"] == _SLOT and labels:
            patched = {**patched, "securityLabel": relabelled(labels, operation.get("value"))}
            continue
        try:
            patched = jsonpatch.JsonPatch([operation]).apply(patched)
        except jsonpatch.InvalidJsonPatch as error:
            raise Malformed(STRUCTURE, "", f"the patch is no JSON Patch: {error}") from None
        except (jsonpatch.JsonPatchException, JsonPointerException):
            what = f"{operation['op']} at {operation['path']}"
            message = f"the patch does not apply to this version: {what} fails; read it again"
            raise _NotAppliedError(Fault("PATCH_FAILED", message)) from None
    return patched


def _check(operations: Sequence[dict[str, Json]], ins: str) -> None:
    """Refuse operations that are not ours to apply, before any is applied."""
    for operation in operations:
        verb, path = operation.get("op"), operation.get("path")
        if not isinstance(verb, str) or not isinstance(path, str):
            message = "an operation has an op and a path, both texts"
            raise Malformed(STRUCTURE, "", message)
        if verb in {"copy", "move"}:
            message = f"{verb} is not applied: write the value with add or replace"
            raise _NotAppliedError(Fault("PATCH_FAILED", message))
        if verb not in _VERBS:
            message = "an op is one of add, remove, replace, test"
            raise Malformed(STRUCTURE, "", message)
        if path and not path.startswith("/"):
            message = "a path is a JSON Pointer: it starts with /"
            raise Malformed(STRUCTURE, "", message)
        element = path.split("/")[1] if path else "resource"
        if verb != "test" and element not in PATCHABLE:
            refusal = Refusal("REC-13", "NOT_PATCHABLE", ins, (element[:MOST_SHOWN],))
            raise _NotAppliedError(refusal)


def _difference(before: Resource, after: Resource, ins: str) -> StatusChange:
    """Say what changed, in types; refuse a value that its element cannot take."""
    status, codes = after.get("status"), security_codes(after.get("securityLabel"))
    if status not in STATUSES:
        raise _NotAppliedError(_value_refused("status", status, ins))
    if codes is None:
        raise _NotAppliedError(_value_refused("securityLabel", after.get("securityLabel"), ins))
    if not isinstance(after.get("extension", []), list):
        raise _NotAppliedError(_value_refused("extension", after.get("extension"), ins))
    old, new = _archived(before, ins), _archived(after, ins)
    if _others(before) != _others(after):
        raise _NotAppliedError(Refusal("REC-13", "NOT_PATCHABLE", ins, ("extension",)))
    known = security_codes(before.get("securityLabel")) or ()
    return StatusChange(
        status=str(status) if status != before.get("status") else None,
        codes=codes if set(codes) != set(known) else None,
        archived=new if new != old else None,
    )


def _archived(resource: Resource, ins: str) -> bool:
    """Return the archive flag; a document without the extension is not archived."""
    found = [
        extension
        for extension in _list_of(resource, "extension")
        if isinstance(extension, dict) and extension.get("url") == IS_ARCHIVED
    ]
    if not found:
        return False
    flag = found[0].get("valueBoolean")
    more = len(found) > 1 or not found[0].keys() <= {"id", "url", "valueBoolean"}
    if more or not isinstance(flag, bool):
        raise _NotAppliedError(_value_refused("extension", flag, ins))
    return flag


def _others(resource: Resource) -> list[Json]:
    return [
        extension
        for extension in _list_of(resource, "extension")
        if not (isinstance(extension, dict) and extension.get("url") == IS_ARCHIVED)
    ]


def _list_of(resource: Resource, name: str) -> list[Json]:
    value = resource.get(name)
    return value if isinstance(value, list) else []


def _value_refused(element: str, value: Json, ins: str) -> Refusal:
    return Refusal("REC-13", "PATCH_REFUSED", ins, (element, _shown(value)))


def _shown(value: Json) -> str:
    """Show a short text, and of anything else only what it is."""
    if isinstance(value, str):
        return repr(value) if len(value) <= MOST_SHOWN else "this text"
    if isinstance(value, dict | list):
        return "this object" if isinstance(value, dict) else "this array"
    return "nothing" if value is None else str(value).lower()
