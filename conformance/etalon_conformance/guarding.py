"""What ends a run before its plan does: its budget, somebody, or a target that is gone."""

import threading
import time
from collections.abc import Callable

from etalon_conformance.concluding import Cut
from etalon_target.cannot import CannotTest
from etalon_target.messages import Answer, FailureKind, HttpRequest, TransportFailure

PATIENCE = 6
"""Exchanges without an answer, one after the other, after which a target is taken for gone."""

_OURS = frozenset({FailureKind.WITHHELD, FailureKind.UNSENDABLE})


class Guard:
    """Says whether more may be asked of a target.

    Attributes:
        cut: `budget` or `interrupted` once one of them ended the run; empty before.
        unreachable: Why the target is not asked any more; empty while it is.
    """

    def __init__(self, ends_at: float, is_interrupted: Callable[[], bool]) -> None:
        """Allow everything for now."""
        self.cut = ""
        self.unreachable = ""
        self._ends_at = ends_at
        self._is_interrupted = is_interrupted
        self._unanswered = 0
        self._lock = threading.Lock()

    def is_over(self) -> bool:
        """Whether the budget is spent, or somebody asked to stop."""
        if not self.cut:
            if self._is_interrupted():
                self.cut = "interrupted"
            elif time.monotonic() >= self._ends_at:
                self.cut = "budget"
        return bool(self.cut)

    def allow(self) -> None:
        """Let a check go on.

        Raises:
            Cut: The run is over.
            CannotTest: The target does not answer any more.
        """
        if self.is_over():
            raise Cut
        if self.unreachable:
            raise CannotTest(key="cause.unreachable", problem=self.unreachable)

    def observe(self, request: HttpRequest, answer: Answer) -> None:
        """Count the exchanges that had no answer, one after the other."""
        if isinstance(answer, TransportFailure) and answer.kind in _OURS:
            return
        with self._lock:
            if not isinstance(answer, TransportFailure):
                self._unanswered = 0
                return
            self._unanswered += 1
            if self._unanswered >= PATIENCE and not self.unreachable:
                self.unreachable = f"{request.url}: {answer.kind}: {answer.detail}"
