"""What it costs to validate a deposit of three documents, once the profiles are compiled.

The limit is for a deposit of which nothing was seen before; one seen before is told beside it.

The deposit is `tests/wire/examples/deposit.json`: a submission set, three DocumentReferences of
the comprehensive profile, between four and five kilobytes each, and three short documents. Reading
the same bytes as JSON, in the same run, is the yardstick.
"""

import statistics
import sys
from pathlib import Path
from time import process_time

from etalon_wire.json_body import Resource, read_json
from etalon_wire.validation.validator import Validator
from stopwatch import cpu_seconds, median_cpu_seconds, write_figures

DEPOSIT = Path(__file__).resolve().parent.parent / "tests" / "wire" / "examples" / "deposit.json"
PROFILE = "pdsm-comprehensive-provide-document-bundle"
ROUNDS = 200
AT_MOST_MILLISECONDS = 3.0
MILLISECOND = 1e-3


def validation_seconds(validator: Validator, deposit: Resource) -> float:
    """Return the median CPU seconds that a validator takes for a deposit; it must be right."""
    found = validator.validate(deposit, PROFILE, "pdsm-strict")
    if found:
        sys.exit(f"validation: the deposit is no longer right: {found[0].message}")
    each: list[float] = []
    for _ in range(ROUNDS):
        started = process_time()
        validator.validate(deposit, PROFILE, "pdsm-strict")
        each.append(process_time() - started)
    return statistics.median(each)


def main() -> None:
    """Measure and write the figures; fail above the limit."""
    body = DEPOSIT.read_bytes()
    deposit = read_json(body)
    compiling = cpu_seconds(Validator)
    # Each deposit counts as the first of its kind: the same one again would be remembered.
    validating = validation_seconds(Validator(remembers=False), deposit)
    remembering = validation_seconds(Validator(), deposit)
    reading = median_cpu_seconds(lambda: [read_json(body) for _ in range(ROUNDS)]) / ROUNDS
    write_figures(
        {
            "bytes_of_the_deposit": len(body),
            "documents": 3,
            "milliseconds": round(validating / MILLISECOND, 2),
            "milliseconds_for_the_same_deposit_again": round(remembering / MILLISECOND, 2),
            "milliseconds_to_read_the_same_bytes": round(reading / MILLISECOND, 2),
            "ratio_to_reading": round(validating / reading, 1),
            "milliseconds_to_compile_the_profiles": round(compiling / MILLISECOND),
            "at_most_milliseconds": AT_MOST_MILLISECONDS,
        }
    )
    if validating / MILLISECOND > AT_MOST_MILLISECONDS:
        sys.exit(f"validation: {validating / MILLISECOND:.2f} ms, {AT_MOST_MILLISECONDS} at most")


if __name__ == "__main__":
    main()
