"""What makes another server of the reference: each transform breaks, or varies, one thing.

A transform is named in `data/impostors.csv` or `data/variants.csv` with its values; these modules
say what it does. None is read by a check.
"""

from collections.abc import Callable, Mapping
from typing import Final

from etalon_conformance.transforms import (
    answers,
    commands,
    documents,
    erasures,
    expired_tokens,
    mails,
    questions,
    races,
    restarts,
    rewriting,
    sequences,
    services,
    variants,
)
from etalon_wire.parts import Transform

Maker = Callable[..., Transform]
"""Makes a transform from the values of a row, each a text."""

MAKERS: Final[Mapping[str, Maker]] = {
    maker.__name__: maker
    for module in (
        answers,
        commands,
        documents,
        erasures,
        expired_tokens,
        mails,
        questions,
        races,
        restarts,
        rewriting,
        sequences,
        services,
        variants,
    )
    for maker in module.MAKERS
}
"""The transforms by name."""
