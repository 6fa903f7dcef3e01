"""Faults put on a target while a run goes, each at its time, and put out at the end."""

import json
import threading
import time
from collections.abc import Mapping
from typing import Final

from etalon_load.faults import AskedFault
from etalon_load.not_run import NotRunError
from etalon_target.messages import HttpRequest, HttpResponse
from etalon_target.targets import Target, UnreachableError

_SUCCESS: Final = range(200, 300)
_SECOND: Final = 1_000_000


class Switches:
    """The faults of a target during a run: its switches, and the end of its process.

    They are turned beside the run: a target that is behind answers its controls late too.

    Attributes:
        began_at: When the run began, on the monotonic clock.
        restarts: When the server was killed (µs from there), and how long it was away.
    """

    def __init__(self, target: Target, faults: tuple[AskedFault, ...], seconds: float) -> None:
        """Switch nothing yet."""
        self._target = target
        self._waiting = sorted(faults, key=lambda one: one.begins(seconds))
        self._seconds = seconds
        self.began_at = float("inf")
        self._turning: list[threading.Thread] = []
        self._problems: list[str] = []
        self.restarts: list[dict[str, int]] = []

    def begin(self, in_seconds: float) -> None:
        """Count from when the run begins."""
        self.began_at = time.monotonic() + in_seconds

    def turn(self) -> None:
        """Put on the faults whose time has come."""
        while self._waiting:
            due = self.began_at + self._waiting[0].begins(self._seconds)
            if time.monotonic() < due:
                return
            fault = self._waiting.pop(0)
            turning = threading.Thread(target=self._turn, args=(fault,), daemon=True)
            self._turning.append(turning)
            turning.start()

    def end(self) -> None:
        """Put out every fault that was put on."""
        for turning in self._turning:
            turning.join()
        if self._turning:
            problems = list(self._problems)
            self._say({})
            self._problems = problems

    def refuse_failed(self) -> None:
        """Refuse a run without the faults that were asked for.

        Raises:
            NotRunError: One could not be put on.
        """
        if self._problems:
            raise NotRunError(key="not_switched", found=self._problems[0])

    def _turn(self, fault: AskedFault) -> None:
        if fault.is_restart:
            self._restart(fault.lasts)
        else:
            self._say(fault.body())

    def _restart(self, away_seconds: float) -> None:
        killed_at = time.monotonic()
        try:
            self._target.restart(away_seconds)
        except UnreachableError as error:
            self._problems.append(str(error))
            return
        at, away = killed_at - self.began_at, time.monotonic() - killed_at
        self.restarts.append({"at_us": int(at * _SECOND), "length_us": int(away * _SECOND)})

    def _say(self, body: Mapping[str, object]) -> None:
        address = f"{self._target.sandbox_address}/faults"
        headers = (("Content-Type", "application/json"),)
        answer = self._target.send(
            HttpRequest("POST", address, headers, json.dumps(body).encode("utf-8"))
        )
        if not isinstance(answer, HttpResponse):
            self._problems.append(str(answer.kind))
        elif answer.status not in _SUCCESS:
            self._problems.append(f"HTTP {answer.status}")
