"""Write `etalon_conformance/data/wanted.csv`: what each check asks of a target, as it ran.

Every check runs against the reference, and what it asks for is noted: test people by their state,
professionals by their profession, operations by their name.

    python scripts/wanted_table.py [--check]
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from etalon_cli.inside import application
from etalon_conformance.bench import Bench
from etalon_conformance.checking import MAIL, RESTART, Check, registry
from etalon_conformance.concluding import examine
from etalon_conformance.impostors import OF_TRANSPORT
from etalon_conformance.wanting import Kind, Wish
from etalon_target.ages import GROWN_UP
from etalon_target.people import TestPerson, TestProfessional, Wanted
from etalon_target.targets import Options, Target, target_of
from etalon_wire.json_body import Json
from generated import write_or_compare

ROOT: Final = Path(__file__).resolve().parent.parent
TABLE: Final = ROOT / "conformance" / "etalon_conformance" / "data" / "wanted.csv"
_MADE: Final = frozenset({"create_person", "create_professional", "tell_clock"})
"""Operations that a target has no need of, where its profile names people."""
_SERVED: Final = frozenset({MAIL, RESTART})
_INSIDE: Final = Options(inprocess=application(1))


class Noted(Bench):
    """A bench that notes what a check asks for."""

    def __init__(self, target: Target, check: Check) -> None:
        """Note nothing yet."""
        super().__init__(target, check, 1)
        self.wished: Counter[tuple[Kind, str]] = Counter()
        people, operations = target.people, target.operations
        person, professional, perform = people.person, people.professional, operations.perform

        def noted_person(wanted: Wanted) -> TestPerson:
            self.wished[Kind.PERSON, described(wanted)] += 1
            return person(wanted)

        def noted_professional(profession: str = "10", check: str = "") -> TestProfessional:
            self.wished[Kind.PROFESSIONAL, f"profession={profession}"] += 1
            return professional(profession, check)

        def noted_operation(name: str, *who: object, **values: Json) -> object:
            if name not in _MADE:
                self.wished[Kind.OPERATION, name] = 1
            return perform(name, *who, **values)  # type: ignore[arg-type]

        people.person = noted_person  # type: ignore[method-assign]
        people.professional = noted_professional  # type: ignore[method-assign]
        operations.perform = noted_operation  # type: ignore[method-assign,assignment]
        self._restore = (person, professional, perform)

    def forget(self) -> None:
        """Leave the target as it was."""
        people, operations = self.target.people, self.target.operations
        people.person, people.professional, operations.perform = self._restore  # type: ignore[method-assign]


def described(wanted: Wanted) -> str:
    """Describe a person as a profile can: any adult, and who represents them is another of it."""
    parts = str(replace(wanted, age=None, guardian="")).split(" ")
    if wanted.age is not None:
        parts.append(f"age={GROWN_UP}+" if wanted.age >= GROWN_UP else f"age={wanted.age}")
    return " ".join((*parts, "guardian=…") if wanted.guardian else parts)


def wished(target: Target, check: Check) -> list[Wish]:
    """Run a check and return what it asked for, sorted.

    Raises:
        RuntimeError: It did not come to its end.
    """
    bench = Noted(target, check)
    ended = examine(bench).ended
    bench.forget()
    if ended is not None:
        message = f"{check.name} did not come to its end: {ended!r}"
        raise RuntimeError(message)
    return [Wish(kind, what, count) for (kind, what), count in sorted(bench.wished.items())]


def rows(checks: Iterable[Check]) -> list[tuple[str, str, str, int]]:
    """Return the rows of the table for some checks.

    Most ask the application within this process; a server is started for those that cannot.
    """
    chosen = list(checks)
    served = [one for one in chosen if _has_to_be_served(one)]
    inside = [one for one in chosen if one not in served]
    return sorted([*_rows(inside, served=False), *_rows(served, served=True)])


def _rows(checks: Sequence[Check], *, served: bool) -> list[tuple[str, str, str, int]]:
    """Return the rows for checks on one target; those that move its clock are run last."""
    if not checks:
        return []
    found: list[tuple[str, str, str, int]] = []
    options = Options(over_tls=True, mail=True, durable=True) if served else _INSIDE
    with target_of("embedded" if served else "inprocess", options) as target:
        for check in sorted(checks, key=lambda one: one.alone):
            found += [(check.name, one.kind, one.what, one.count) for one in wished(target, check)]
    return found


def _has_to_be_served(check: Check) -> bool:
    """Whether a check looks at the connection, at mail or at what a restart leaves."""
    return not OF_TRANSPORT.isdisjoint(check.requirements) or not _SERVED.isdisjoint(check.needs)


def _written() -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(("check", "kind", "what", "count"))
    writer.writerows(rows(registry().values()))
    return written.getvalue()


if __name__ == "__main__":
    raise SystemExit(write_or_compare(__doc__, {TABLE: _written}))
