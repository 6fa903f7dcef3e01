"""What is wrong with a message: one finding for each place and rule."""

from typing import Literal, NamedTuple

Severity = Literal["fatal", "error", "warning", "information"]


class Finding(NamedTuple):
    """One thing wrong with a resource, as an OperationOutcome says it.

    `code` is of the value set `issue-type`, `expression` a FHIRPath of simple steps,
    `requirement` an identifier of the requirements (`W-…`) or empty. `other_severity` is the
    severity for the opposite role, when the two differ in what they owe: what a server may let
    pass, a client must not send.
    """

    severity: Severity
    code: str
    expression: str
    requirement: str
    message: str
    other_severity: Severity | None = None
