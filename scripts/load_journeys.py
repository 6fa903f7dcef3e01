"""Journeys on a target of ours, in a process of their own: gevent and pytest stay apart.

    python scripts/load_journeys.py ADDRESS '{"journeys": ["visit", "consult"]}'…

Test people are made at ADDRESS, which has a sandbox; the journeys go there, or through what answers
in its place. One thing asked (`Asked`) after the other: a line of JSON tells what was taken of it.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.request import Request, urlopen

from etalon_load.arrivals import Arrival
from etalon_load.dispatching import Clock, Dispatcher, Taken
from etalon_load.journeys import wanted_of
from etalon_load.journeys.repertoire import journeys_of
from etalon_load.measures import Measures
from etalon_load.own_journeys import caller_of
from etalon_load.people.credential import Credential
from etalon_load.people.known_documents import KnownDocument
from etalon_load.people.pool import Pool, demand
from etalon_load.people.wanted import Wanted, kinds_wanted
from etalon_load.target_spec import TargetSpec
from etalon_load.workload import Workload

DRAIN_SECONDS = 30.0
MAJORITY = 18
_TOLD = ("ins", "oid", "patient_id", "family", "given", "sex", "birth_date", "department")
_PROVES = ("state", "vitale_serial", "provisional_code")


@dataclass(frozen=True)
class Sandbox:
    """The controls of a target."""

    address: str

    def ask(self, control: str, body: object = None) -> Any:  # noqa: ANN401 (JSON of many shapes)
        """Return what a control answers."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        address = f"{self.address}/sandbox{control}"
        with urlopen(Request(address, data, headers)) as answer:  # noqa: S310 (loopback)
            told = answer.read()
        return json.loads(told) if told else None

    def people(self, kind: Wanted, count: int) -> list[Credential]:
        """Make test people of a kind."""
        asked: dict[str, object] = {"count": count, "state": kind.state.value, "age": kind.age}
        if kind.documents:
            asked["documents"] = kind.documents
        guardian: Mapping[str, Any] = {}
        if kind.age < MAJORITY:
            guardian = self.ask("/people", {"age": 38})[0]
            asked["guardian"] = guardian["ins"]
        made = self.ask("/people", asked)
        doctor = self.ask("/professionals", {})[0]
        if kind.relation:
            for one in made:
                body = {"kind": kind.relation, "holder": one["ins"], "who": doctor["rpps"]}
                self.ask("/relations", body)
        return [credential(kind, one, doctor, guardian or one) for one in made]


def credential(
    kind: Wanted, one: Mapping[str, Any], doctor: Mapping[str, str], decides: Mapping[str, str]
) -> Credential:
    """Return a person as journeys know them; who decides for them logs in."""
    known = {name: one[name] or "" for name in (*_TOLD, *_PROVES)}
    known |= {name: decides[name] for name in ("login", "password")}
    return Credential(
        wanted=kind.name,
        **known,
        representative=one["guardian"] or "",
        rpps=doctor["rpps"],
        profession=doctor["profession"],
        structure=doctor["structure"],
        documents=tuple(known_document(each) for each in one["documents"]),
    )


def known_document(told: Mapping[str, Any]) -> KnownDocument:
    """Return a document as its sandbox tells it."""
    return KnownDocument(kind=told["type"], **{k: v for k, v in told.items() if k != "type"})


@dataclass(frozen=True)
class Asked:
    """What is to be sent.

    Attributes:
        journeys: Names, one after the other, `each` times.
        each: How often.
        through: What answers in the place of the target, or empty.
        rate: Journeys a second.
        sample: Share of people whose answers are held against the model.
        seed: What chance starts from.
        time_scale: What the lives of tokens are divided by.
        by_tokens: Nobody logs in on pages.
        after: A period that the clock of the target is moved by first, or empty.
    """

    journeys: Sequence[str]
    each: int = 3
    through: str = ""
    rate: float = 60.0
    sample: float = 1.0
    seed: int = 1
    time_scale: float = 1.0
    by_tokens: bool = False
    after: str = ""


def main() -> int:
    """Send journeys, and tell what was taken."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("address")
    parser.add_argument("asked", nargs="+", type=json.loads)
    given = parser.parse_args()
    for one in given.asked:
        sys.stdout.write(json.dumps(taken(given.address, Asked(**one))) + "\n")
    return 0


def taken(address: str, asked: Asked) -> dict[str, object]:
    """Send journeys, evenly; return what was taken of them."""
    sandbox = Sandbox(address)
    if asked.after:
        sandbox.ask("/clock", {"advance": asked.after})
    names = [name for _ in range(asked.each) for name in asked.journeys]
    pause = 1e6 / asked.rate
    arrivals = [Arrival(int(rank * pause), name, rank) for rank, name in enumerate(names)]
    people = [
        one
        for kind, count in demand(arrivals, wanted_of()).items()
        for one in sandbox.people(kinds_wanted()[kind], count)
    ]
    told: list[Taken] = []
    caller = caller_of(workload_of(asked, asked.through or address, sandbox.ask("")))
    journeys = journeys_of(caller, Pool(people, arrivals, wanted_of()), asked.journeys)
    measures = Measures()
    cpu = time.process_time()
    dispatcher = Dispatcher(journeys, measures, Clock(time.perf_counter() + 0.1), told.append)
    dispatcher.run(arrivals, DRAIN_SECONDS)
    return {
        "steps": [plain(one) for one in told],
        "finished": measures.finished,
        "broken": dispatcher.broken,
        "dry": dispatcher.dry,
        "unfinished": dispatcher.flight.now,
        "held": 0 if caller.expecting is None else caller.expecting.count,
        "cpu_seconds": time.process_time() - cpu,
    }


def workload_of(asked: Asked, root: str, state: Mapping[str, str]) -> Workload:
    """Return what a worker is told; nobody thinks."""
    controls, pages = f"{root}/sandbox", not asked.by_tokens
    spec = TargetSpec(
        "test",
        "address",
        f"{root}/fhir",
        root,
        controls,
        own_wire=pages,
        vintage=state["vintage"],
        now=state["now"],
    )
    return Workload(
        run_id="0" * 31 + "1",
        started_at=state["now"],
        etalon_version=state["version"],
        target={},
        speaking=spec.plain(),
        profile={},
        seed=asked.seed,
        seconds=0.0,
        workers=1,
        plan_digest="",
        planned=(),
        objectives=(),
        objectives_name="",
        bounds={},
        sample=asked.sample,
        time_scale=asked.time_scale,
        pace=0.0,
    )


def plain(one: Taken) -> dict[str, object]:
    """Return a step as it is told."""
    return {
        "step": str(one.step),
        "status": one.status,
        "outcome": one.outcome.value,
        "wrong": one.wrong.key,
        "values": dict(one.wrong.values),
        "trace": one.trace,
    }


if __name__ == "__main__":
    sys.exit(main())
