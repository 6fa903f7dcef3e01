"""What a person wishes, read from the model, and the commands that change it.

Reading: who takes part in the care of somebody is deemed authorised (CSP art. L. 1110-4), and
shown like a consent heard by nobody. Opposition to a space and its closing are not changed here:
they need what proves who asks, which the operations `$mes-oppose` and `$mes-close` take.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from etalon_model import (
    Actor,
    ActorKind,
    BlockProfessional,
    ChangeServiceConsent,
    Command,
    DeclareAttendingDoctor,
    DeclareConsent,
    EmergencyChoices,
    LeaveCareTeam,
    ObjectToProfessional,
    PairService,
    Person,
    Policies,
    SetEmergencyChoices,
    UnblockProfessional,
    UnpairService,
)
from etalon_model.access_log import rows_of_person
from etalon_model.catalogue.pairings import pairing_of
from etalon_model.records.feeding import Ground, ObjectToFeeding
from etalon_model.records.record import record_or_none
from etalon_model.rights.rights import Rights, emergency_choices
from etalon_wire.consents import Stance, Wish
from etalon_wire.findings import Finding

CARERS: Final = frozenset({ActorKind.PROFESSIONAL, ActorKind.STRUCTURE})
"""Who declares consents, and knows of the wishes about them alone."""

_Since = Mapping[tuple[str, str], datetime]
_ABOUT_CARERS: Final = frozenset(
    {"feeding-opposition", "consultation-consent", "professional-block", "treating-physician"}
)


def wishes_of(person: Person, policies: Policies) -> list[Wish]:
    """Return what a person wishes now, as the service remembers it.

    Args:
        person: Whose wishes.
        policies: The choices in force, for what holds before any was made.
    """
    since = {
        (row.deed.action, row.deed.detail): row.at
        for row in rows_of_person(person.ins, person.entries)
        if not row.deed.refused
    }
    found = list(_emergency_wishes(person, policies, since))
    record = record_or_none(person)
    for ident, ground in ((record.objections or {}) if record is not None else {}).items():
        found.append(Wish("feeding-opposition", "deny", ident, ground=ground))
    holdings = person.holdings
    if holdings is not None and holdings.rights is not None:
        found += _rights_wishes(holdings.rights, since)
    if holdings is not None and holdings.pairings is not None:
        found += [
            Wish("app-sharing", "permit", service, pairing.approved_at, uses=pairing.consents)
            for service, pairing in holdings.pairings.by_service.items()
        ]
    return found


def concerns(wish: Wish, ident: str) -> bool:
    """Tell whether a wish is about whoever cares under `ident`, who may then know of it."""
    return wish.about == ident and wish.kind in _ABOUT_CARERS


def _emergency_wishes(person: Person, policies: Policies, since: _Since) -> Iterator[Wish]:
    """Say both choices; before any was made what holds is a policy, and nobody chose it."""
    choices = emergency_choices(person, policies)
    made = [at for (action, _), at in since.items() if action == "SetEmergencyChoices"]
    at = max(made, default=None)
    for kind, permitted in (
        ("emergency-access-opposition", choices.break_glass),
        ("samu-access-opposition", choices.regulator),
    ):
        yield Wish(kind, "permit" if permitted else "deny", "", at, masked=choices.masked)


def _rights_wishes(rights: Rights, since: _Since) -> Iterator[Wish]:
    """Say where each professional stands."""
    for ident, standing in rights.standings.items():
        if standing.blocked:
            at = since.get(("BlockProfessional", ident))
            yield Wish("professional-block", "deny", ident, at)
        elif standing.consent is not None:
            consent = standing.consent
            yield Wish("consultation-consent", "permit", ident, consent.given_at, consent.collector)
        elif standing.in_team:
            yield Wish("consultation-consent", "permit", ident)
        elif standing.must_consent:
            at = since.get(("ObjectToProfessional", ident))
            yield Wish("consultation-consent", "deny", ident, at)
    if rights.attending:
        at = since.get(("DeclareAttendingDoctor", rights.attending))
        yield Wish("treating-physician", "permit", rights.attending, at)


def command_of(
    wish: Wish, at: datetime, actor: Actor, person: Person, policies: Policies
) -> Command | list[Finding]:
    """Return the command that a wish asks for, or why none does.

    Args:
        wish: What is wished.
        at: The present instant (UTC).
        actor: Who says so.
        person: Whose wish it is.
        policies: The choices in force.
    """
    if wish.kind == "app-sharing":
        return _sharing(wish, at, actor, person)
    if wish.kind == "consultation-consent" and wish.stance == "withdrawn" and _is_own(wish, actor):
        return LeaveCareTeam(at, actor, person.ins)
    if wish.kind == "feeding-opposition" and wish.stance == "deny":
        ground = Ground(wish.ground) if wish.ground in set(Ground) else None
        return ObjectToFeeding(at, actor, person.ins, wish.about, ground)
    if wish.kind in {"emergency-access-opposition", "samu-access-opposition"}:
        choices = _choices(wish, emergency_choices(person, policies))
        return SetEmergencyChoices(at, actor, person.ins, choices)
    make = _COMMANDS.get((wish.kind, wish.stance))
    return make(at, actor, person.ins, wish.about) if make is not None else _no_command(wish)


def _is_own(wish: Wish, actor: Actor) -> bool:
    return actor.kind in CARERS and wish.about == actor.ident


def _choices(wish: Wish, now: EmergencyChoices) -> EmergencyChoices:
    """Return the three choices with one changed; no opposition any more is a permission."""
    permitted = wish.stance != "deny"
    masked = now.masked if wish.masked is None else wish.masked
    if wish.kind == "samu-access-opposition":
        return replace(now, regulator=permitted, masked=masked)
    return replace(now, break_glass=permitted, masked=masked)


def _sharing(wish: Wish, at: datetime, actor: Actor, person: Person) -> Command | list[Finding]:
    """Pair, part, or change one consent; two at once are two acts, and two requests."""
    if wish.stance != "permit":
        return UnpairService(at, actor, person.ins, wish.about)
    pairing = pairing_of(person, wish.about)
    if pairing is None:
        uses = tuple(sorted(wish.uses, key=repr))
        return PairService(at, actor, person.ins, wish.about, uses)
    changed = pairing.consents ^ wish.uses
    if len(changed) != 1:
        message = (
            f"{len(changed)} uses of data differ from those consented to now: change one use at a "
            "time, each being a consent of its own"
        )
        return [Finding("error", "business-rule", "Consent.provision", "W-CAT-02", message)]
    use = next(iter(changed))
    return ChangeServiceConsent(at, actor, person.ins, wish.about, use, use in wish.uses)


def _no_command(wish: Wish) -> list[Finding]:
    other = {
        "account-creation-opposition": "use $mes-oppose, which takes what proves who asks",
        "account-closure": "use $mes-close or $mes-reopen",
        "feeding-opposition": "an objection with a legitimate ground is not taken back here",
    }.get(wish.kind, "this kind of wish has no such act")
    message = f"{wish.kind} cannot be {_ACTS[wish.stance]} by a Consent: {other}"
    return [Finding("error", "business-rule", "Consent.category[0]", "W-CON-04", message)]


_ACTS: Final[Mapping[Stance, str]] = {
    "permit": "permitted",
    "deny": "denied",
    "withdrawn": "withdrawn",
}
_Made = Callable[[datetime, Actor, str, str], Command]


def _nobody_attends(at: datetime, actor: Actor, ins: str, about: str) -> Command:
    del about
    return DeclareAttendingDoctor(at, actor, ins, "")


_COMMANDS: Final[Mapping[tuple[str, Stance], _Made]] = {
    ("professional-block", "deny"): BlockProfessional,
    ("professional-block", "permit"): UnblockProfessional,
    ("professional-block", "withdrawn"): UnblockProfessional,
    ("consultation-consent", "permit"): DeclareConsent,
    ("consultation-consent", "deny"): ObjectToProfessional,
    ("consultation-consent", "withdrawn"): ObjectToProfessional,
    ("treating-physician", "permit"): DeclareAttendingDoctor,
    ("treating-physician", "withdrawn"): _nobody_attends,
}
