"""What comparing two targets came to, as `differential.json` holds it."""

from typing import Final

from etalon_conformance.differential.comparing import Compared, Difference
from etalon_conformance.differential.sides import Said, Standing
from etalon_conformance.requirements import requirement_set
from etalon_wire.json_body import Json

FILE: Final = "differential.json"
FORMAT: Final = 1


def difference_record(
    found: Compared, targets: tuple[str, str], *, seed: int, version: str
) -> dict[str, Json]:
    """Return the record of a comparison.

    Args:
        found: What it came to.
        targets: What each target was asked for as.
        seed: Of what was asked.
        version: Of this product.
    """
    return {
        "format": FORMAT,
        "etalon_version": version,
        "seed": seed,
        "first": targets[0],
        "second": targets[1],
        "answer": answer_of(found),
        "seconds": round(found.seconds),
        "sequences": found.sequences,
        "calls": found.calls,
        "situations": found.situations,
        "either": found.either,
        "unknown": found.unknown,
        "unsteady": found.unsteady,
        "stopped": found.stopped,
        "met": {
            one.value: found.met.get(one, 0)
            for one in (
                Standing.FIRST_WRONG,
                Standing.SECOND_WRONG,
                Standing.BOTH_WRONG,
                Standing.MODEL_SUSPECT,
            )
        },
        "differences": [_difference(one) for one in found.differences],
    }


def answer_of(found: Compared) -> str:
    """Return the answer: `alike`, `different`, or `not-known` where nothing could be compared."""
    if found.met:
        return "different"
    return "alike" if found.sequences and not found.stopped else "not-known"


def _difference(one: Difference) -> dict[str, Json]:
    pair = one.pair
    known = requirement_set().get(pair.rule)
    return {
        "standing": pair.standing.value,
        "rule": pair.rule,
        "text_fr": "" if known is None else known.text["fr"],
        "text_en": "" if known is None else known.text["en"],
        "calls": [str(call) for call in one.calls],
        "first": _said(pair.first),
        "second": _said(pair.second),
        "model": _said(pair.model),
    }


def _said(one: Said) -> dict[str, Json]:
    documents: Json = None if one.documents is None else list(one.documents)
    return {"accepted": one.accepted, "documents": documents}
