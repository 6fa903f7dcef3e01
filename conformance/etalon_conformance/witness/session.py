"""A session: the steps of a profile, what was seen of each, and what an operator is told.

The recorder hands exchanges over on the thread of the server; everything else happens where `pump`
is called. A session that was stopped is taken up from its directory: steps that ended stay ended.
"""

import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Final, Literal, cast

from etalon_conformance.exchange_lines import instant
from etalon_conformance.requirement import Words, words
from etalon_conformance.verdicts import Result
from etalon_conformance.witness.recorder import Arrival
from etalon_conformance.witness.scenario import Profile, Step
from etalon_conformance.witness.traffic import Witnessed, nothing_known
from etalon_model.catalogue.pairings import opaque_identifier
from etalon_text.language import LANGUAGES
from etalon_text.strings import has_text, text
from etalon_wire.json_body import Json

FORMAT: Final = 1
Status = Literal["pending", "current", "seen", "done", "timed-out", "skipped"]
Word = Literal["done", "skip", "stop"]
Mode = Literal["operator", "driver", "self-play"]
ENDED: Final = frozenset({"done", "timed-out", "skipped"})
_BAD_REQUEST: Final = 400
_NATIONAL: Final = "8"
"""What stands before an RPPS number in the national identifier of a professional."""
_SOAP: Final = ("text/xml", "application/soap+xml")

_ELIDED: Final = re.compile(r"\b([Dd]|[Qq]u)e (?=[AEIOUYÀÂÆÉÈÊËÎÏÔŒÛ])")
"""What French writes with an apostrophe before a name that begins with a vowel."""

Event = dict[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a session is made of.

    Attributes:
        profile: What is walked through.
        mode: Who carries the steps out.
        seed: Of every draw.
        version: Version of this program.
        addresses: Of the root, of FHIR and of the login.
        identities: Everybody, as drivers are told of them.
        matricules: Name of a person -> matricule.
        solution: Object identifier of the referenced service that the client is, or empty.
    """

    profile: Profile
    mode: Mode
    seed: int
    version: str
    addresses: Mapping[str, str]
    identities: Sequence[Mapping[str, Json]]
    matricules: Mapping[str, str]
    solution: str = ""


@dataclass(slots=True)
class Walked:
    """How far a step came.

    Attributes:
        status: Where it stands.
        exchanges: Numbers of its exchanges.
        verdicts: What was concluded of it.
    """

    status: Status = "pending"
    exchanges: list[int] = field(default_factory=list[int])
    verdicts: list[dict[str, Json]] = field(default_factory=list[dict[str, Json]])


class Session:
    """A session under way.

    Attributes:
        setting: What it is made of.
        traffic: Every exchange, in order.
        walked: How far each step came, by name.
        current: The step under way, or None.
        changed: Called with each event, after the state has changed.
    """

    def __init__(
        self,
        setting: Setting,
        changed: Callable[[Event], None] = lambda _: None,
        kept: Callable[[Witnessed], None] = lambda _: None,
        told: int = 0,
    ) -> None:
        """Begin nothing yet.

        Args:
            setting: What it is made of.
            changed: Called with each event.
            kept: Called with each exchange.
            told: How many events a session that is taken up has told already.
        """
        self.setting = setting
        self.traffic: list[Witnessed] = []
        self.walked = {step.name: Walked() for step in setting.profile.steps}
        self.current: Step | None = None
        self.problems: list[dict[str, Json]] = []
        self.started_at = datetime.now(UTC)
        self.ended_at: datetime | None = None
        self.stopped = False
        self.changed = changed
        self._kept = kept
        self._known = nothing_known()
        self._arrived: SimpleQueue[Arrival] = SimpleQueue()
        self._words: SimpleQueue[Word] = SimpleQueue()
        self._events: list[Event] = []
        self._told = told
        self._deadline: datetime | None = None
        self._last = 0.0
        self._lock = threading.Lock()
        named = [str(one["ident"]) for one in setting.identities]
        national = (f"{_NATIONAL}{one}" for one in named)
        self._idents = {*named, *national, *_opaque(setting)}

    def arrived(self, one: Arrival) -> None:
        """Take an exchange over from the recorder, on any thread; it is read by `pump`."""
        self._arrived.put(one)

    def tell(self, word: Word) -> None:
        """Take a word of the operator: the step is done, is to be skipped, the session stops."""
        self._words.put(word)

    def told(self) -> Word | None:
        """Return the next word of the operator, None when there is none."""
        try:
            return self._words.get_nowait()
        except Empty:
            return None

    def restore(self, traffic: Iterable[Witnessed], statuses: Mapping[str, str]) -> None:
        """Take up what a former session saw: steps that ended stay ended."""
        for one in traffic:
            self.traffic.append(one)
            self._known.learn(one)
            if one.step in self.walked:
                self.walked[one.step].exchanges.append(one.number)
        for name, status in statuses.items():
            if status in ENDED and name in self.walked:
                self.walked[name].status = cast("Status", status)

    def begin(self, step: Step, deadline: datetime | None = None) -> None:
        """Announce a step."""
        self.current, self._deadline = step, deadline
        self.walked[step.name].status = "current"
        self._event("step", {"step": step.name, "status": "current"})

    def end(self, status: Status) -> None:
        """End the step under way."""
        if self.current is None:
            return
        name, self.current, self._deadline = self.current.name, None, None
        self.walked[name].status = status
        self._event("step", {"step": name, "status": status})

    def conclude(self, results: Iterable[Result], step: str) -> None:
        """Note what was concluded of a step."""
        self.walked[step].verdicts = [_verdict(one) for one in results]
        for one in self.walked[step].verdicts:
            told = {key: one[key] for key in ("requirement", "verdict", "exchanges")}
            self._event("verdict", {"step": step, **told})

    def recall(self, results: Iterable[Result], step: str) -> None:
        """Note what a step that ended before the session was stopped shows; it was told then."""
        self.walked[step].verdicts = [_verdict(one) for one in results]

    def finish(self, *, stopped: bool) -> None:
        """End the session."""
        # A clock set back during the session does not make it end before it began.
        self.stopped, self.ended_at = stopped, max(datetime.now(UTC), self.started_at)
        self._event("ended", {"status": self.status})

    @property
    def is_seen(self) -> bool:
        """Whether the step under way was recognised in the traffic."""
        return self.current is not None and self.walked[self.current.name].status == "seen"

    @property
    def quiet_seconds(self) -> float:
        """For how long nothing has come."""
        return monotonic() - self._last

    def pump(self) -> int:
        """Read what arrived; return how many exchanges."""
        count = 0
        while True:
            try:
                one = self._arrived.get_nowait()
            except Empty:
                return count
            self._take(one())
            count += 1

    def problem(self, key: str, **values: str) -> None:
        """Note what the operator should know, once."""
        told: dict[str, Json] = {"key": key, "values": cast("Json", dict(values))}
        if any(one["key"] == key and one["values"] == told["values"] for one in self.problems):
            return
        self.problems.append({"at": instant(datetime.now(UTC)), **told})
        self._event("problem", told)

    def _take(self, one: Witnessed) -> None:
        self._last = monotonic()
        self.traffic.append(one)
        self._kept(one)
        patient = self._known.patient_of(one)
        step = self.current
        if one.step in self.walked:
            self.walked[one.step].exchanges.append(one.number)
        is_new = step is not None and one.step == step.name and not self.is_seen
        if step is not None and is_new and step.is_seen(one, self._known, self.setting.matricules):
            self.walked[step.name].status = "seen"
            self._event("step", {"step": step.name, "status": "seen"})
        self._known.learn(one)
        self._look(one)
        self._event("exchange", _told(one, patient))

    def _look(self, one: Witnessed) -> None:
        """Say what looks like another protocol, or like another session."""
        request, who = one.exchange.request, one.exchange.who
        typed = request.header("content-type").lower()
        if typed.startswith(_SOAP):
            self.problem("soap", path=one.path)
        elif not one.interaction and one.status >= _BAD_REQUEST:
            self.problem("unknown_call", verb=one.verb, path=one.path[:120])
        if who is not None and who.ident and who.ident not in self._idents:
            self.problem("stranger", kind=who.kind.value, ident=who.ident)

    def _event(self, kind: str, told: Mapping[str, Json]) -> None:
        with self._lock:
            number = self._told + len(self._events) + 1
            event: Event = {"number": number, "at": instant(datetime.now(UTC)), "kind": kind}
            event |= told
            self._events.append(event)
        self.changed(event)

    def events_after(self, number: int) -> list[Event]:
        """Return the events of this session after one, on any thread."""
        with self._lock:
            return self._events[max(0, number - self._told) :]

    @property
    def status(self) -> str:
        """`running`, `complete` or `stopped`."""
        if self.ended_at is None:
            return "running"
        return "stopped" if self.stopped else "complete"

    def plain(self) -> dict[str, Json]:
        """Return the content of `session.json`, on any thread."""
        setting, profile = self.setting, self.setting.profile
        current, deadline = self.current, self._deadline
        return {
            "format": FORMAT,
            "etalon_version": setting.version,
            "role": "client",
            "profile": profile.name,
            "title": _both(profile.title),
            "mode": setting.mode,
            "status": self.status,
            "seed": setting.seed,
            "addresses": cast("Json", dict(setting.addresses)),
            "started_at": instant(self.started_at),
            "ended_at": None if self.ended_at is None else instant(self.ended_at),
            "identities": [dict(one) for one in setting.identities],
            "current": None if current is None else current.name,
            "deadline_at": None if deadline is None else instant(deadline),
            "steps": [self._plain_step(step) for step in profile.steps],
            "problems": list(self.problems),
        }

    def _plain_step(self, step: Step) -> Json:
        walked = self.walked[step.name]
        return {
            "name": step.name,
            "title": _both(step.title),
            "instruction": _both(instruction(step, self.setting.identities)),
            "identities": list(step.people),
            "requirements": list(step.requirements),
            "misbehaviours": list(step.plays),
            "status": walked.status,
            "exchanges": list(walked.exchanges),
            "verdicts": list(walked.verdicts),
        }


def _opaque(setting: Setting) -> set[str]:
    """Return under what names the service that the client is knows the people of a session."""
    if not setting.solution:
        return set()
    people = setting.matricules.values()
    return {opaque_identifier(setting.seed, ins, setting.solution) for ins in people}


def instruction(step: Step, identities: Sequence[Mapping[str, Json]]) -> Words:
    """Return what a step asks to do, the people in it named."""
    named = {str(one["name"]): _named(one) for one in identities}
    french, english = (step.do[language].format(**named) for language in LANGUAGES)
    return words(_ELIDED.sub(r"\1'", french), english)


def _named(one: Mapping[str, Json]) -> str:
    told = ", ".join(str(one[key]) for key in ("ident", "mailbox") if key in one)
    return f"{one['given']} {one['family']} ({told})"


def _told(one: Witnessed, patient: str) -> dict[str, Json]:
    who = one.exchange.who
    whose: Json = None
    if who is not None:
        whose = {"kind": who.kind.value, "ident": who.ident, "profession": who.profession}
        whose["client"] = one.client
    return {
        "exchange": one.number,
        "step": one.step,
        "verb": one.verb,
        "path": one.path,
        "status": one.status,
        "milliseconds": round((one.ended - one.began) * 1000),
        "who": whose,
        "patient": patient,
        "played": one.played or None,
    }


def _verdict(one: Result) -> dict[str, Json]:
    key, values = one.message.key, one.message.values
    words: dict[str, Json] = {"fr": key, "en": key}
    if has_text(key):
        words = {"fr": text(key, "fr", **values), "en": text(key, "en", **values)}
    return {
        "requirement": one.requirement,
        "verdict": one.verdict.value,
        "message": words,
        "exchanges": list(one.exchanges),
    }


def _both(said: Words) -> Json:
    return {"fr": said["fr"], "en": said["en"]}
