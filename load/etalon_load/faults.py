"""Faults of a target during a run: what is asked for, and what the fault switches are told.

A fault is written `KIND:…:LENGTH`, with the routes it is about and the second at which it begins:

    stall:2s                          nothing is answered for 2 s
    slow:5%:500ms:10s                 a twentieth of requests waits 500 ms, for 10 s
    error:10%:10s/fhir/Patient@30s    a tenth of these is answered 500, from second 30 on
    refuse:10%:10s                    429 with Retry-After
    reset:10%:10s                     the connection is cut
    slow-body:10%:1s:10s              bodies take a second
    restart:2s                        the server is killed, and started again 2 s later

Left out, a fault begins at 40 % of the run. Targets without a sandbox of ours have no switches, and
only a server that the run started itself can be restarted by it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

USUAL_BEGINNING: Final = 0.4
"""The share of the run after which a fault begins."""

_SHAPE: Final = re.compile(
    r"(?P<kind>[a-z-]+):(?P<rest>[^/@]+)(?P<route>/[^@]*)?(?:@(?P<at>[^@]+))?"
)
_LENGTH: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_SHARE: Final = re.compile(r"(\d+(?:\.\d+)?)%")
_ALL: Final = 100.0
_SWITCHES: Final = {
    "stall": "stall",
    "slow": "slow_share",
    "error": "error_share",
    "refuse": "too_many_share",
    "reset": "reset_share",
    "slow-body": "slow_body_share",
}
_HELD: Final = frozenset({"slow", "slow-body"})
_RESTART: Final = "restart"
_KINDS: Final = (*_SWITCHES, _RESTART)


class FaultError(ValueError):
    """A fault that is none; the message says what was found and what is expected."""


@dataclass(frozen=True, slots=True)
class AskedFault:
    """A fault that a target is to have.

    Attributes:
        written: As it was typed.
        kind: What happens.
        share: To which share of the requests, above 0 and at most 1.
        by: How long requests or bodies are held (seconds), 0 where nothing is held.
        lasts: How long the fault lasts (seconds).
        at: When it begins (seconds from the start of the run), or None for the usual moment.
        route: Beginning of the paths it is about, or an empty string for all.
    """

    written: str
    kind: str
    share: float
    by: float
    lasts: float
    at: float | None
    route: str

    def begins(self, seconds: float) -> float:
        """Return when it begins in a run of so many seconds."""
        return USUAL_BEGINNING * seconds if self.at is None else self.at

    @property
    def is_restart(self) -> bool:
        """Whether the server is killed and started again; else a switch is turned."""
        return self.kind == _RESTART

    def body(self) -> dict[str, object]:
        """Return what the fault switches of the sandbox are asked for."""
        asked: dict[str, object] = {"for": _iso(self.lasts)}
        asked[_SWITCHES[self.kind]] = True if self.kind == "stall" else self.share
        if self.by:
            asked["by"] = _iso(self.by)
        if self.route:
            asked["routes"] = [self.route]
        return asked


def fault_of(written: str) -> AskedFault:
    """Read a fault.

    Raises:
        FaultError: It is none.
    """
    shape = _SHAPE.fullmatch(written.strip())
    kind = shape["kind"] if shape else ""
    if shape is None or kind not in _KINDS:
        raise _wrong(written, f"one of {', '.join(sorted(_KINDS))}, as in stall:2s or restart:2s")
    if kind == _RESTART and shape["route"]:
        raise _wrong(written, "no route: the whole server is restarted")
    parts = [part.strip() for part in shape["rest"].split(":")]
    share, by = 1.0, 0.0
    if kind not in {"stall", _RESTART}:
        share = _share(written, parts.pop(0))
    if kind in _HELD:
        by = _seconds(written, parts.pop(0) if parts else "")
    if len(parts) != 1:
        raise _wrong(written, "its length last, as in stall:2s or slow:5%:500ms:10s")
    at = None if shape["at"] is None else _seconds(written, shape["at"])
    return AskedFault(
        written.strip(), kind, share, by, _seconds(written, parts[0]), at, shape["route"] or ""
    )


def refuse_late(faults: Iterable[AskedFault], seconds: float) -> None:
    """Refuse faults that begin after the run.

    Raises:
        FaultError: One does.
    """
    for fault in faults:
        if fault.begins(seconds) >= seconds:
            raise _wrong(fault.written, f"a beginning before the run ends, at {seconds:g} s")


def _wrong(written: str, expected: str) -> FaultError:
    message = f"{written!r}: expected {expected}"
    return FaultError(message)


def _share(written: str, text: str) -> float:
    match = _SHARE.fullmatch(text)
    share = float(match[1]) / _ALL if match else 0.0
    if not 0 < share <= 1:
        raise _wrong(written, f"a share above 0 % and at most 100 %, such as 10%, not {text!r}")
    return share


def _seconds(written: str, text: str) -> float:
    match = _LENGTH.fullmatch(text.strip())
    seconds = float(match[1]) * _UNITS[match[2]] if match else 0.0
    if not seconds > 0:
        raise _wrong(written, f"a length such as 500ms, 2s or 1m, not {text!r}")
    return seconds


def _iso(seconds: float) -> str:
    return f"PT{seconds:.3f}".rstrip("0").rstrip(".") + "S"
