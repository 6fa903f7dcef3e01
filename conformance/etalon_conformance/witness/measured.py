"""What measures show: one at a time, under the name of the pairing, asked for within bounds.

Source: measures API v1.5.2 (2.1 profiles, 2.2 writing, 2.3 searching).
"""

import re
from collections.abc import Iterator
from typing import Final

from etalon_conformance.forgeries import claims_of
from etalon_conformance.places import steps, values_at
from etalon_conformance.witness.seeing_traffic import MEASURES, Point, Scene, point
from etalon_conformance.witness.traffic import Witnessed, resources_in
from etalon_model.catalogue.measures import KINDS
from etalon_wire.json_body import Resource
from etalon_wire.measures.kinds import DAYS, MOMENT

_FEED: Final = "feed_measure"
_IDENTITY: Final = "id-token"
_MATRICULE: Final = re.compile(r"[0-9][0-9AB]{14}")
_MOST: Final = 100
_OID: Final = "urn:oid:"


def measures(scene: Scene) -> Iterator[Point]:
    """Yield what each measure that is sent shows (W-MEA-01, W-MEA-02, W-MEA-06, W-MEA-07)."""
    for read in scene.reads:
        one = read.one
        if one.interaction in {_FEED, *MEASURES}:
            both = bool(one.token) and bool(one.exchange.request.header(_IDENTITY))
            yield point("W-MEA-07", "one_token", one, holds=both)
        if one.interaction == _FEED and one.sent:
            wrong = ", ".join(_bundle(one))
            yield point("W-MEA-01", "measure", one, holds=not wrong, lacking=wrong)
            known = _paired(scene, one)
            for each in resources_in(one.sent, "Observation"):
                wrong = ", ".join(_observation(each, *known))
                yield point("W-MEA-02", "named", one, holds=not wrong, lacking=wrong)
                yield from _marks(one, each)


def _bundle(one: Witnessed) -> Iterator[str]:
    """Yield what is wrong with a bundle that sends a measure."""
    if one.said("type") != ("transaction",):
        yield "type=transaction"
    count = len(list(resources_in(one.sent, "Observation")))
    if count != 1:
        yield f"{count} Observation"
    devices = len(list(resources_in(one.sent, "Device")))
    if devices > 1:
        yield f"{devices} Device"
    if len(one.said("entry.request.ifNoneExist")) < devices:
        yield "ifNoneExist"


def _paired(scene: Scene, one: Witnessed) -> tuple[str, str]:
    """Return under which name, and as which solution, a service knows somebody; or empty texts."""
    name = solution = ""
    for read in (*scene.before, *scene.reads):
        told = read.one.answered if read.one.interaction == "oauth2_token" else {}
        if read.one.number < one.number and "id_token" in told and "patient" in told:
            name = str(told["patient"])
            solution = str(claims_of(str(told["id_token"])).get("solution") or "")
    return name, solution


def _observation(one: Resource, name: str, solution: str) -> Iterator[str]:
    """Yield what a measure says wrong of whom it is about, and where it comes from."""
    named = _at(one, "subject.identifier.value")
    if len(named) != 1 or _MATRICULE.fullmatch(named[0]) or (name and named[0] != name):
        yield "subject.identifier"
    sources = _at(one, "meta.source")
    if not any(_is_below(each, solution) for each in sources):
        yield "meta.source"
    if not _at(one, "meta.profile"):
        yield "meta.profile"


def _is_below(source: str, solution: str) -> bool:
    """Whether a source begins with the identifier of the solution; with any where it is unknown."""
    own = f"{_OID}{solution}"
    return source.startswith(own) if not solution else source == own or source.startswith(f"{own}.")


def _marks(sent: Witnessed, one: Resource) -> Iterator[Point]:
    """Yield whether the moment and the number of days are said where they have to be."""
    kind = next((KINDS[code] for code in _at(one, "code.coding.code") if code in KINDS), None)
    if kind is None:
        return
    said = _at(one, "extension.url")
    wanted = {MOMENT: kind.moment, DAYS: kind.days}
    wrong = [
        url.rpartition("/")[2]
        for url, rule in wanted.items()
        if (rule == "mandatory" and url not in said) or (rule == "forbidden" and url in said)
    ]
    if "mandatory" in wanted.values() or wrong:
        yield point("W-MEA-06", "marks", sent, holds=not wrong, wrong=", ".join(wrong))


def measure_searches(scene: Scene) -> Iterator[Point]:
    """Yield how measures are asked for (W-MEA-08)."""
    for read in scene.reads:
        one = read.one
        if one.interaction not in MEASURES or any(name == "_offset" for name, _ in one.query):
            continue
        wrong = ", ".join(_search(one))
        yield point("W-MEA-08", "measure_search", one, holds=not wrong, lacking=wrong)


def _search(one: Witnessed) -> Iterator[str]:
    named = [value.rpartition("|")[2] for value in one.asked("subject.identifier")]
    if len(named) != 1 or _MATRICULE.fullmatch(named[0]):
        yield "subject.identifier"
    if not any(one.asked("code")):
        yield "code"
    counts = one.asked("_count")
    if any(not each.isdigit() or int(each) > _MOST for each in counts):
        yield f"_count={counts[0]}"
    if one.asked("_sort"):
        if one.asked("_sort") != ["-date"] or counts != ["1"]:
            yield "_sort=-date&_count=1"
    elif not _is_bounded(one.asked("date")):
        yield "date"


def _is_bounded(dates: list[str]) -> bool:
    """Whether dates bound a search on both sides; one without a prefix is both bounds."""
    below = any(each.startswith(("ge", "gt")) for each in dates)
    above = any(each.startswith(("le", "lt")) for each in dates)
    return (below and above) or any(each[:1].isdigit() or each.startswith("eq") for each in dates)


def _at(one: Resource, path: str) -> tuple[str, ...]:
    return values_at(one, steps(path))
