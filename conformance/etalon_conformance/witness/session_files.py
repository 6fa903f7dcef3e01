"""The files of a session under way: `session.json`, `events.ndjson` and the exchanges.

Whoever follows a session reads them; a session that was stopped is taken up from them.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Final, TextIO, cast

from etalon_conformance.evidence.redacting import redacted_line
from etalon_conformance.evidence.traces import exchange_of
from etalon_conformance.exchange_lines import exchange_line, instant
from etalon_conformance.witness.scenario import check_name
from etalon_conformance.witness.session import Event, Session
from etalon_conformance.witness.traffic import Witnessed
from etalon_target.secrecy import Redaction
from etalon_wire.json_body import Json

SESSION: Final = "session.json"
EVENTS: Final = "events.ndjson"
EXCHANGES: Final = "exchanges.ndjson"
SHARED: Final = "exchanges-redacted.ndjson"
_OWNER_ONLY: Final = 0o600
_OFTEN_SECONDS: Final = 0.25
_FREQUENT: Final = frozenset({"exchange", "verdict"})
"""Events that come many at a time; the next step, or the end, writes the state after them."""
_SECRETS: Final = ("access_token", "refresh_token", "id_token", "client_secret", "code")


class SessionFiles:
    """The files of one session, open.

    Attributes:
        told: How many events were there already.
    """

    def __init__(self, folder: Path, profile: str, redaction: Redaction) -> None:
        """Open them, to be added to.

        Args:
            folder: The directory of the session.
            profile: Name of what is walked through.
            redaction: What is known to be secret.

        Raises:
            OSError: One cannot be written.
        """
        self._folder = folder
        self._profile = profile
        self._redaction = redaction
        self._written = 0.0
        self.told = _lines_of(folder / EVENTS)
        self._whole = _appended(folder / EXCHANGES, _OWNER_ONLY)
        self._shared = _appended(folder / SHARED, 0o644)
        self._events = _appended(folder / EVENTS, 0o644)

    def keep(self, one: Witnessed) -> None:
        """Add an exchange, and the copy of it that may be shared."""
        check = check_name(self._profile, one.step) if one.step else ""
        line = cast("dict[str, Json]", exchange_line(check, one.exchange)) | {"view": _view(one)}
        add_secrets(self._redaction, one)
        self._whole.write(json.dumps(line, ensure_ascii=False) + "\n")
        shared = redacted_line(line, self._redaction)
        self._shared.write(json.dumps(shared, ensure_ascii=False) + "\n")

    def changed(self, session: Session, event: Event) -> None:
        """Add an event, and write the state anew; rarely where events come fast."""
        self._events.write(json.dumps(event, ensure_ascii=False) + "\n")
        often = event["kind"] in _FREQUENT and monotonic() - self._written < _OFTEN_SECONDS
        if not often:
            self.write(session)

    def write(self, session: Session) -> None:
        """Write the state of a session, whole or not at all, and what was added so far."""
        self._written = monotonic()
        for stream in (self._whole, self._shared, self._events):
            stream.flush()
        beside = self._folder / f"{SESSION}.unfinished"
        # Indenting takes ten times as long: it is for people, who read the file afterwards.
        indent = None if session.ended_at is None else 2
        text = json.dumps(session.plain(), ensure_ascii=False, indent=indent) + "\n"
        beside.write_text(text, encoding="utf-8")
        beside.replace(self._folder / SESSION)

    def close(self) -> None:
        """Close them."""
        for stream in (self._whole, self._shared, self._events):
            stream.close()


@dataclass(frozen=True, slots=True)
class Former:
    """What a session that was stopped left.

    Attributes:
        state: Its `session.json`.
        traffic: Its exchanges.
    """

    state: Mapping[str, Json]
    traffic: tuple[Witnessed, ...]

    @property
    def statuses(self) -> dict[str, str]:
        """Name of a step -> where it stood."""
        found = cast("list[Mapping[str, Json]]", self.state["steps"])
        return {str(one["name"]): str(one["status"]) for one in found}

    @property
    def identities(self) -> list[Mapping[str, Json]]:
        """Everybody of it."""
        return cast("list[Mapping[str, Json]]", self.state["identities"])


def former_session(folder: Path) -> Former:
    """Read what a session that was stopped left.

    Raises:
        OSError: A file cannot be read.
        ValueError: A file is none of a session.
    """
    try:
        return _former((folder / SESSION).read_text(encoding="utf-8"), folder / EXCHANGES)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        message = f"{SESSION}, {EXCHANGES}: {type(error).__name__}: {error}"
        raise ValueError(message) from error


def _former(text: str, exchanges: Path) -> Former:
    state = cast("dict[str, Json]", json.loads(text))
    lines = exchanges.read_text(encoding="utf-8").splitlines()
    # A line that was being written when the session ended is not there.
    whole = [one for one in lines if one.endswith("}")]
    former = Former(state, tuple(_witnessed(json.loads(one)) for one in whole))
    if not former.statuses or "identities" not in state:
        raise ValueError(state["profile"])
    int(str(state["seed"]))
    return former


def add_secrets(redaction: Redaction, one: Witnessed) -> None:
    """Keep out of outputs what an exchange shows of who a client or a person is."""
    redaction.add(one.token)
    for name in _SECRETS:
        for value in (dict(one.form).get(name), one.answered.get(name)):
            if isinstance(value, str):
                redaction.add(value)


def _view(one: Witnessed) -> Json:
    who = one.exchange.who
    return {
        "step": one.step,
        "base": one.base,
        "actor": None if who is None else f"{who.kind.value} {who.ident}".strip(),
        "patient": one.patient,
        "client": one.client,
        "correlation": one.correlation,
        "played": one.played,
        "now": instant(one.now),
        "began": str(one.began),
        "ended": str(one.ended),
    }


def _witnessed(line: Mapping[str, Json]) -> Witnessed:
    view = cast("Mapping[str, str]", line["view"])
    return Witnessed(
        exchange=exchange_of(line),
        step=view["step"],
        base=view["base"],
        began=float(view["began"]),
        ended=float(view["ended"]),
        now=datetime.fromisoformat(view["now"]),
        client=view["client"],
        patient=view["patient"],
        correlation=view["correlation"],
        played=view["played"],
    )


def _lines_of(path: Path) -> int:
    return len(path.read_bytes().splitlines()) if path.exists() else 0


def _appended(path: Path, mode: int) -> TextIO:
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, mode)
    return os.fdopen(number, "w", encoding="utf-8", newline="\n")
