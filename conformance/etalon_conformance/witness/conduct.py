"""How a client behaves after what it was told: what a right one may do next.

Sources: RFC 9110 (10.2.3, 15.5, 15.6), RFC 6750 (3.1), FHIR R4 (http.html), the specification of
the ANS on Pro Santé Connect (errors).
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from etalon_conformance.places import steps, values_at
from etalon_conformance.witness.seeing_traffic import (
    CHANGES,
    DEPOSITS,
    READINGS,
    SEARCHES,
    Point,
    Read,
    Scene,
    is_refresh,
    point,
)
from etalon_conformance.witness.traffic import Witnessed, resources_in

_SAFE: Final = frozenset({"GET", "HEAD"})
_UNAUTHORISED: Final = 401
_FORBIDDEN: Final = 403
_GONE: Final = (404, 410)
_CONTENT: Final = (400, 422)
_CONFLICTS: Final = (409, 412)
_FAULTS: Final = range(500, 600)
_AT_ONCE_SECONDS: Final = 0.2
"""A request repeated sooner than that after a fault is repeated at once."""
_AT_ONCE_MOST: Final = 1
"""How often that may be: libraries do it once by themselves."""
_SOON_SECONDS: Final = 5.0
_CLOCKS_SECONDS: Final = 0.05
_BREAK_GLASS: Final = "break_glass"


def repeats(scene: Scene) -> Iterator[Point]:
    """Yield what is sent again, and when (W-CLI-04, 05, 06, 13; W-REC-16)."""
    for read in scene.reads:
        one = read.one
        again = [later.one for later in scene.after(one) if later.one.same_request(one)]
        if one.verb not in _SAFE and (again or "slow-answer" in one.played):
            early = [each for each in again if each.began < one.ended - _CLOCKS_SECONDS]
            yield point("W-CLI-04", "not_awaited", one, *early, holds=not early)
        if one.status in _CONTENT and one.is_call:
            yield point("W-CLI-06", "same_content", one, *again, holds=not again)
        if one.status in _GONE and one.verb == "GET":
            soon = [each for each in again if each.began - one.ended < _SOON_SECONDS]
            yield point("W-CLI-13", "gone_again", one, *soon, holds=not soon)
        if (one.status in _FAULTS or "cut-answer" in one.played) and one.is_call:
            yield from _restraint(one, again)
            if one.interaction in DEPOSITS:
                yield from _same_document(scene, one)


def _restraint(one: Witnessed, again: list[Witnessed]) -> Iterator[Point]:
    row = [one, *again]
    at_once = sum(
        later.began - before.ended < _AT_ONCE_SECONDS
        for before, later in pairwise(row)
        if before.status in _FAULTS or not before.status or before.played
    )
    yield point("W-CLI-05", "hammered", *row, holds=at_once <= _AT_ONCE_MOST, times=str(at_once))


def _same_document(scene: Scene, one: Witnessed) -> Iterator[Point]:
    """Compare a deposit that may have been taken with those after it, by content."""
    mine = _documents(one)
    wrong = [
        read.one
        for read in scene.after(one)
        if read.one.interaction in DEPOSITS
        for unique, digest in _documents(read.one)
        if any(digest == known and unique != name for name, known in mine)
    ]
    yield point("W-REC-16", "another_name", one, *wrong, holds=not wrong)


def _documents(one: Witnessed) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for document in resources_in(one.sent, "DocumentReference"):
        unique = values_at(document, steps("masterIdentifier.value"))
        digest = values_at(document, steps("content.attachment.hash"))
        found.append((" ".join(unique), " ".join(digest)))
    return found


def waiting(scene: Scene) -> Iterator[Point]:
    """Yield whether the delay of Retry-After is waited for (W-CLI-12)."""
    for read in scene.reads:
        told = read.one.exchange.header("retry-after")
        if not told.isdigit():
            continue
        until = read.one.ended + int(told) - _CLOCKS_SECONDS
        early = [
            later.one
            for later in scene.after(read.one)
            if later.one.interaction == read.one.interaction and later.one.began < until
        ]
        yield point("W-CLI-12", "too_early", read.one, *early[:1], holds=not early, seconds=told)


def renewal(scene: Scene) -> Iterator[Point]:
    """Yield whether an expired token is given up for a new one (W-SEC-04)."""
    for token in dict.fromkeys(read.one.token for read in scene.reads if _is_expired(read.one)):
        refused = [read.one for read in scene.reads if read.one.token == token]
        first = next(one for one in refused if _is_expired(one))
        if _is_over(scene, first):
            continue
        later = [read.one for read in scene.after(first) if read.one.is_call]
        again = [one for one in later if one.token == token]
        # Calls that were under way when the first refusal came say nothing.
        again = [one for one in again if one.began > first.ended]
        renewed = [one for one in later if one.token and one.token != token]
        holds = not again and bool(renewed)
        yield point("W-SEC-04", "not_renewed", first, *again[:3], holds=holds)


def _is_over(scene: Scene, refused: Witnessed) -> bool:
    """Whether what was granted has ended: nothing renews its tokens any more."""
    return any(read.one.is_refused and is_refresh(read.one) for read in scene.after(refused))


def _is_expired(one: Witnessed) -> bool:
    return one.status == _UNAUTHORISED and bool(one.token) and one.is_call


def versions(scene: Scene) -> Iterator[Point]:
    """Yield how documents are changed (W-CLI-15, W-CLI-16)."""
    changes = [read.one for read in scene.reads if read.one.interaction in CHANGES]
    for one in changes:
        conditional = bool(one.exchange.request.header("if-match"))
        yield point("W-CLI-16", "unconditional", one, holds=conditional)
        if one.status in _CONFLICTS:
            after = [read.one for read in scene.after(one)]
            again = next(
                (each for each in after if each.path == one.path and each in changes), None
            )
            if again is None:
                yield point("W-CLI-15", "not_read_again", one, holds=True)
                continue
            between = [each for each in after if each.number < again.number]
            was_read = any(
                each.path == one.path or each.interaction in SEARCHES for each in between
            )
            yield point("W-CLI-15", "not_read_again", one, again, holds=was_read)


def refusals(scene: Scene) -> Iterator[Point]:
    """Yield whether a refusal of access is respected (W-CLI-17)."""
    told: set[str] = set()
    for read in scene.reads:
        one, patient = read.one, read.patient
        if not _is_denied(one) or patient in told:
            continue
        told.add(patient)
        more = [later.one for later in scene.after(one) if _insists(later, one, patient)]
        yield point("W-CLI-17", "insists", one, *more[:3], holds=not more)


def _is_denied(one: Witnessed) -> bool:
    """Whether an answer says that a record may not be read."""
    if one.interaction == "ask_authorisation" and one.is_accepted:
        return not set(one.told("parameter[name=status].valueCode")) & {"valid"}
    return one.status == _FORBIDDEN and one.is_call


def _insists(later: Read, refused: Witnessed, patient: str) -> bool:
    """Whether a later call asks for the same, or for more of the same record."""
    if later.one.began < refused.ended or later.one.token != refused.token:
        return False
    if later.one.same_request(refused):
        return True
    return bool(patient) and later.patient == patient and later.one.interaction in READINGS


def emergencies(scene: Scene) -> Iterator[Point]:
    """Yield how the glass is broken (W-CLI-18)."""
    for read in scene.reads:
        one = read.one
        if one.interaction != "open_record":
            continue
        if _BREAK_GLASS not in one.said("parameter[name=mode].valueCode"):
            continue
        said = "true" in one.said("parameter[name=incapable].valueBoolean")
        treated = read.patient in scene.treated
        yield point(
            "W-CLI-18", "glass", one, holds=said and not treated, treated=str(treated).lower()
        )
