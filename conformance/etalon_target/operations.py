"""The operations of the model, carried out on a target in the way its profile says.

A profile maps an operation to one step or more: a control of a sandbox, a request with gaps and
captures, a program, a function of Python. Without a mapping, a sandbox like ours and our own wire
are used where the target has them; else it cannot be tested, and that is said.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final, Protocol, cast
from urllib.parse import urlencode

from etalon_model.actors import ActorKind
from etalon_target.actors import Who
from etalon_target.cannot import CannotTest
from etalon_target.messages import Answer, HttpRequest, HttpResponse, NotJson, TransportFailure
from etalon_target.own_wire import own_steps
from etalon_target.plain_values import is_table
from etalon_target.profile_sections import Step
from etalon_target.programs import ProgramError, run_program
from etalon_target.secrecy import REFERENCE, SecretError, Secrets
from etalon_target.templates import Values, at_pointer, filled, filled_address, filled_body
from etalon_wire.json_body import Json, read_value, write_json
from etalon_wire.malformed import Malformed

_ACCEPTED: Final = frozenset({200, 201, 202, 204})
_REFUSED: Final = frozenset({400, 403, 404, 405, 409, 410, 412, 422})
_OUTPUT_MOST: Final = 4 * 1024 * 1024
_SHOWN: Final = 200


class RefusedByTarget(Exception):  # noqa: N818 (an answer, not an error)
    """What a function of a profile raises to say that the target refuses the operation."""


@dataclass(frozen=True, slots=True)
class Performed:
    """An operation that the target answered.

    Attributes:
        accepted: It was done; False when the target refused it.
        status: HTTP status, or exit code, of the last step.
        captures: What was taken out of the answers, by name.
        answer: The last answer over HTTP, or None.
    """

    accepted: bool
    status: int
    captures: Mapping[str, Json]
    answer: HttpResponse | None = None


class Speaks(Protocol):
    """What operations need of a target."""

    sandbox_address: str

    @property
    def speaks_own_wire(self) -> bool:
        """Whether it takes the operations of our own wire."""
        ...

    def send(self, request: HttpRequest) -> Answer:
        """Send a request as it stands."""
        ...

    def send_as(self, who: Who, request: HttpRequest) -> Answer:
        """Send a request with the token of somebody."""
        ...

    def bearer(self, who: Who) -> str:
        """Return the token of somebody."""
        ...


class Operations:
    """What a target can be asked to do, by the names of `operation_names`."""

    def __init__(
        self,
        target: Speaks,
        mapped: Mapping[str, tuple[Step, ...]],
        secrets: Secrets,
        folder: Path,
    ) -> None:
        """Do nothing yet."""
        self._target = target
        self._mapped = mapped
        self._secrets = secrets
        self._folder = folder

    def can(self, name: str) -> bool:
        """Whether there is a way to carry an operation out."""
        return bool(self._steps(name, {}))

    def names(self) -> frozenset[str]:
        """Return the operations that the profile maps itself."""
        return frozenset(self._mapped)

    def perform(self, name: str, who: Who | None = None, /, **values: Json) -> Performed:
        """Carry an operation out, in the name of somebody.

        Args:
            name: The operation.
            who: Who asks; None when the way of the profile says it.
            values: What its gaps stand for.

        Raises:
            CannotTest: There is no way, or the target neither does it nor refuses it.
        """
        steps = self._steps(name, values)
        if not steps:
            raise CannotTest(key="target.no_way", operation=name)
        known: dict[str, Json] = {**_values_of(who), **values}
        done = Performed(accepted=True, status=0, captures={})
        for step in steps:
            one = self._carried_out(name, step, who, known)
            known |= one.captures
            captures = {**done.captures, **one.captures}
            done = Performed(one.accepted, one.status, captures, one.answer or done.answer)
            if not one.accepted:
                break
        return done

    def _steps(self, name: str, values: Values) -> tuple[Step, ...]:
        if name in self._mapped:
            return self._mapped[name]
        return own_steps(
            name,
            values,
            has_sandbox=bool(self._target.sandbox_address),
            speaks_own_wire=self._target.speaks_own_wire,
        )

    def _carried_out(self, name: str, step: Step, who: Who | None, values: Values) -> Performed:
        if step.http is not None or step.sandbox is not None:
            return self._asked(name, step, who, values)
        if step.command is not None:
            return self._run(name, step, who, values)
        return self._called(name, step, values)

    def _asked(self, name: str, step: Step, who: Who | None, values: Values) -> Performed:
        """Send the request of a step."""
        actor = None if step.sandbox else self._actor(step, who, values)
        request = self._request(step, actor, values)
        brings_token = actor is None or bool(request.header("authorization"))
        if brings_token:
            answer = self._target.send(request)
        else:
            answer = self._target.send_as(cast("Who", actor), request)
        if isinstance(answer, TransportFailure):
            found = f"{answer.kind}: {answer.detail}"
            raise CannotTest(key="target.surprised", operation=name, found=found)
        accepted = _verdict(name, step, answer.status, _ACCEPTED, _REFUSED)
        captures = _captured(name, step, answer) if accepted else {}
        if captures.pop("refused", None):
            accepted = False
        return Performed(accepted, answer.status, captures, answer)

    def _actor(self, step: Step, who: Who | None, values: Values) -> Who | None:
        """Return who asks in a step: as it says, or the actor of the operation."""
        if step.actor == "none":
            return None
        if step.actor == "" or (who is not None and step.actor is who.kind):
            return who
        kind = ActorKind(step.actor)
        ident = values.get("patient") or values.get("holder") or ""
        of_person = kind in {ActorKind.HOLDER, ActorKind.REPRESENTATIVE, ActorKind.CAREGIVER}
        return Who(kind, str(ident) if of_person else "")

    def _request(self, step: Step, actor: Who | None, values: Values) -> HttpRequest:
        if step.sandbox is not None:
            if not self._target.sandbox_address:
                raise CannotTest(key="target.no_sandbox", control=step.sandbox)
            verb = "GET" if step.sandbox == "" else "POST"
            url = f"{self._target.sandbox_address}/{step.sandbox}".rstrip("/")
        else:
            verb, _, template = str(step.http).partition(" ")
            url = filled_address(template, values)
        headers = [(name, self._header(text, actor, values)) for name, text in step.headers.items()]
        body, media_type = _body(step, values)
        if media_type and not any(name.lower() == "content-type" for name, _ in headers):
            headers.append(("Content-Type", media_type))
        return HttpRequest(verb, url, tuple(headers), body)

    def _header(self, text: str, actor: Who | None, values: Values) -> str:
        try:
            if REFERENCE.fullmatch(text):
                return self._secrets.read(text)
        except SecretError as error:
            raise CannotTest(key="target.no_secret", who=actor or "-", problem=error) from error
        token = self._target.bearer(actor) if "{token}" in text and actor is not None else None
        return filled(text, {**values, "token": token})

    def _run(self, name: str, step: Step, who: Who | None, values: Values) -> Performed:
        """Run the program of a step; a token goes by the environment, where no list shows it."""
        line = [filled(part, values) for part in step.command or ()]
        actor = self._actor(step, who, values)
        token = self._target.bearer(actor) if step.actor not in {"", "none"} and actor else ""
        environment = {"ETALON_OPERATION": name, **({"ETALON_TOKEN": token} if token else {})}
        try:
            ran = run_program(line, self._folder, step.seconds, _OUTPUT_MOST, environment)
        except ProgramError as error:
            raise CannotTest(key="target.surprised", operation=name, found=error) from error
        try:
            accepted = _verdict(name, step, ran.code, frozenset({0}), frozenset({1}))
        except CannotTest:
            said = self._secrets.redaction.text(f"{line[0]}: {ran.code} {ran.errors}".strip())
            raise CannotTest(key="target.surprised", operation=name, found=said[:_SHOWN]) from None
        printed: Json = {}
        if ran.output.strip() and accepted:
            try:
                printed = read_value(ran.output.strip())
            except Malformed as error:
                raise CannotTest(key="target.surprised", operation=name, found=error) from None
        return Performed(accepted, ran.code, _taken(name, step, printed) if accepted else {})

    def _called(self, name: str, step: Step, values: Values) -> Performed:
        """Call the function of a step, and wait for it no longer than the step says."""
        function = _function(name, str(step.python))
        results: list[object] = []
        failures: list[Exception] = []

        def call() -> None:
            try:
                results.append(function(dict(values)))
            except Exception as error:  # noqa: BLE001 (whatever a function of others raises)
                failures.append(error)

        calling = threading.Thread(target=call, name=f"etalon-{name}", daemon=True)
        calling.start()
        calling.join(step.seconds)
        if failures and isinstance(failures[0], RefusedByTarget):
            return Performed(accepted=False, status=1, captures={})
        if failures or not results:
            error = f"{type(failures[0]).__name__}: {failures[0]}" if failures else "no answer"
            said = self._secrets.redaction.text(f"{step.python}: {error}")
            raise CannotTest(key="target.surprised", operation=name, found=said[:_SHOWN])
        returned: object = {} if results[0] is None else results[0]
        if not is_table(returned):
            found = f"{step.python}: a dict or None is expected"
            raise CannotTest(key="target.surprised", operation=name, found=found)
        return Performed(
            accepted=True, status=0, captures=_taken(name, step, cast("Json", returned))
        )


def _values_of(who: Who | None) -> dict[str, Json]:
    if who is None:
        return {}
    return {"actor": who.kind.value, "ident": who.ident, "on_behalf_of": who.on_behalf_of}


def _body(step: Step, values: Values) -> tuple[bytes, str]:
    if step.form is not None:
        form = {name: filled(text, values) for name, text in step.form.items()}
        return urlencode(form).encode(), "application/x-www-form-urlencoded"
    if step.body is None:
        return b"", ""
    if isinstance(step.body, str):
        return filled(step.body, values).encode(), ""
    value = filled_body(step.body, values)
    is_fhir = isinstance(value, dict) and "resourceType" in value
    return write_json(value), "application/fhir+json" if is_fhir else "application/json"


def _verdict(
    name: str, step: Step, status: int, accepted: frozenset[int], refused: frozenset[int]
) -> bool:
    """Tell whether a status says done; raise where it says neither done nor refused.

    Raises:
        CannotTest: It is a surprise: a fault of the target is never a refusal.
    """
    if status in (accepted if step.accepted is None else step.accepted):
        return True
    if status in (refused if step.refused is None else step.refused):
        return False
    raise CannotTest(key="target.surprised", operation=name, found=f"HTTP {status}")


def _captured(name: str, step: Step, answer: HttpResponse) -> dict[str, Json]:
    wanted = {k: w for k, w in step.capture.items() if not w.startswith("header:")}
    body = answer.json() if wanted else None
    if isinstance(body, NotJson):
        raise CannotTest(key="target.no_capture", operation=name, name=next(iter(wanted)))
    found = _taken(name, step, body) if wanted else {}
    for key, where in step.capture.items():
        if where.startswith("header:"):
            found[key] = answer.header(where.removeprefix("header:"))
            if not found[key]:
                raise CannotTest(key="target.no_capture", operation=name, name=key)
    return found


_OPTIONAL: Final = "?"


def _taken(name: str, step: Step, body: Json) -> dict[str, Json]:
    """Take captures out of a value; without captures asked for, the whole of an object."""
    wanted = {k: w for k, w in step.capture.items() if not w.startswith("header:")}
    if not wanted:
        return dict(body) if isinstance(body, dict) else {}
    found: dict[str, Json] = {}
    for key, where in wanted.items():
        try:
            found[key] = at_pointer(body, where.removesuffix(_OPTIONAL))
        except LookupError:
            if not where.endswith(_OPTIONAL):
                raise CannotTest(key="target.no_capture", operation=name, name=key) from None
    return found


def _function(name: str, where: str) -> Callable[[dict[str, Json]], object]:
    module, _, function = where.partition(":")
    try:
        found = getattr(import_module(module), function)
    except Exception as error:
        said = f"{where}: {type(error).__name__}: {error}"
        raise CannotTest(key="target.surprised", operation=name, found=said[:_SHOWN]) from error
    if not callable(found):
        raise CannotTest(key="target.surprised", operation=name, found=f"{where} is no function")
    return cast("Callable[[dict[str, Json]], object]", found)
