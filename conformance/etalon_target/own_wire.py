"""The ways of our own server: the controls of its sandbox, and its operations `$mes-…`.

They are steps like those of any profile, so that a vendor who offers the same calls maps nothing.
"""

from collections.abc import Mapping
from typing import Final

from etalon_model.identifiers import InsOid
from etalon_target.operation_names import RELATIONS
from etalon_target.profile_sections import Step
from etalon_wire.consents import GROUNDS, KINDS
from etalon_wire.interactions import FHIR, interactions
from etalon_wire.json_body import Json
from etalon_wire.labels import VISIBILITY
from etalon_wire.operations import OperationParameter, operation_parameters

_PARTICIPATIONS: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_POLICIES: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_SCOPES: Final = "http://terminology.hl7.org/CodeSystem/consentscope"
_REFUSED_BY: Final[Mapping[str, tuple[int, ...]]] = {
    "regenerate_code": (400, 403, 404, 409, 422, 429),
    "close_space": (400, 401, 403, 404, 409, 422),
}
"""Statuses that refuse where others do too: a code asked for too soon, a password left out."""
_RPPS: Final = "https://rpps.esante.gouv.fr"
_PERSON: Final = (
    "ins",
    "oid",
    "patient_id",
    "family",
    "given",
    "sex",
    "birth_date",
    "department",
    "state",
    "vitale_serial",
    "provisional_code",
    "guardian",
)
_PROFESSIONAL: Final = ("rpps", "idnps", "profession", "family", "given", "structure")
_WANTED: Final = ("state", "age", "sex", "department", "guardian", "email", "mobile")

_CONTROLS: Final[Mapping[str, Step]] = {
    "create_person": Step(
        sandbox="people",
        body={name: f"{{{name}}}" for name in _WANTED},
        capture={name: f"/0/{name}" for name in _PERSON},
    ),
    "create_professional": Step(
        sandbox="professionals",
        body={"profession": "{profession}"},
        capture={name: f"/0/{name}" for name in _PROFESSIONAL},
    ),
    "create_service": Step(
        sandbox="services",
        body={"redirect_uris": ["https://service.example/callback"], "uses": "{uses}"},
        capture={"solution": "/solution"},
    ),
    "move_service": Step(sandbox="services", body={"id": "{solution}", "state": "{state}"}),
    "notify": Step(
        sandbox="notifications",
        body={"people": ["{patient}"], "channel": "{channel}"},
        capture={
            "refused": "/0/refused?",
            "code": "/0/code?",
            "window_ends_at": "/0/window_ends_at?",
        },
    ),
    "tell_clock": Step(sandbox="", capture={"now": "/now", "clock": "/clock?"}),
    "advance_clock": Step(sandbox="clock", body={"advance": "{period}"}, capture={"now": "/now"}),
    "set_clock": Step(sandbox="clock", body={"set": "{at}"}, capture={"now": "/now"}),
    "tell_notices": Step(sandbox="told", body={"about": "{patient}"}, capture={"told": "/told"}),
    **{
        kind: Step(sandbox="relations", body={"kind": kind, "holder": "{holder}", "who": "{who}"})
        for kind in RELATIONS
    },
}


def own_steps(
    name: str, values: Mapping[str, Json], *, has_sandbox: bool, speaks_own_wire: bool
) -> tuple[Step, ...]:
    """Return how our own server carries an operation out; nothing where the target has no such way.

    Args:
        name: The operation.
        values: What it is given; parameters that are not given are not sent.
        has_sandbox: The target has controls like ours.
        speaks_own_wire: It takes the operations of our wire.
    """
    if has_sandbox and name in _CONTROLS:
        return (_CONTROLS[name],)
    if speaks_own_wire and name == "give_consent":
        return (Step(http="POST /Consent", body=_wish(values)),)
    if speaks_own_wire and name == "end_pairing":
        return (Step(http="DELETE root:/pairings/{solution}"),)
    row = interactions().get(name)
    if not speaks_own_wire or row is None or not row.operation:
        return ()
    parts: list[object] = [
        {"name": one.name, one.element: _value(one)}
        for one in operation_parameters(row.operation)
        if one.use == "in" and values.get(one.name) is not None
    ]
    body: dict[str, object] = {"resourceType": "Parameters", "parameter": parts}
    http = f"{row.verb} {row.path.removeprefix(FHIR)}"
    return (Step(http=http, body=body, refused=_REFUSED_BY.get(name)),)


def _wish(values: Mapping[str, Json]) -> dict[str, object]:
    """Return a Consent of ours: `kind` and `stance`; `about` whom, `ground`, `masked` if given."""
    provision: dict[str, object] = {"type": "{stance}"}
    if values.get("about") is not None:
        role = {"coding": [{"system": _PARTICIPATIONS, "code": "PRCP"}]}
        reference = {"identifier": {"system": _RPPS, "value": "{about}"}}
        provision["actor"] = [{"role": role, "reference": reference}]
    if values.get("ground") is not None:
        provision["code"] = [{"coding": [{"system": GROUNDS, "code": "{ground}"}]}]
    if values.get("masked") is not None:
        label = {"system": VISIBILITY, "code": "MASQUE_PS"}
        stance = "permit" if values["masked"] else "deny"
        provision["provision"] = [{"type": stance, "securityLabel": [label]}]
    return {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [{"system": _SCOPES, "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": KINDS, "code": "{kind}"}]}],
        "patient": {"identifier": {"system": f"urn:oid:{InsOid.TEST}", "value": "{patient}"}},
        "dateTime": "{at}",
        "policyRule": {"coding": [{"system": _POLICIES, "code": "OPTOUT"}]},
        "provision": provision,
    }


def _value(one: OperationParameter) -> object:
    gap = f"{{{one.name}}}"
    if one.type != "Identifier":
        return gap
    of_person = one.name in {"patient", "chosen"}
    return {"system": f"urn:oid:{InsOid.TEST}" if of_person else _RPPS, "value": gap}
