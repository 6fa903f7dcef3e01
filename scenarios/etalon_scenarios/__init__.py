"""Campaigns of enrolment, simulated: populations, policies, laws of chance, and two engines.

`agents` lets each person be a process that sends commands to the model; `cohort` holds the nation
in arrays. Both draw the same chance and enter the same ledger.

`run` and `compare` answer a question in a few lines of Python; they are brought in when first
named, since they need the engines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from etalon_scenarios.asking import Answer, Compared, compare, run

__all__ = ["Answer", "Compared", "compare", "run"]


def __getattr__(name: str) -> object:
    """Bring in what Python is asked questions with.

    Raises:
        AttributeError: The package has no such name.
    """
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from etalon_scenarios import asking  # noqa: PLC0415 (see above)

    return vars(asking)[name]
