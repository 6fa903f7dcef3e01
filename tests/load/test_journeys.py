"""Journeys of real users end to end, and what becomes of servers that answer them wrong.

The server has a process of its own, and so has the generator: gevent and pytest stay apart.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from etalon_load.journeys import on_our_wire, steps, users, wanted_of
from etalon_load.people.wanted import kinds_wanted
from etalon_target.targets import Options, target_of

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("model", "conformance", "load", "reports", "cli")
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / one) for one in PACKAGES)}
SOMETIMES: Mapping[str, frozenset[str]] = {
    "hotline": frozenset({"regenerate", "oppose"}),
    "deposit": frozenset({"publish", "provide"}),
}
"""Steps of which each takes one, whoever it is."""

BY_CHANCE = frozenset({"password", "refresh", "next-page"})
"""Steps that not everybody takes: by which means, how late, how many documents."""

LOGGED_IN = frozenset({"login-page", "log-in", "token", "exchange"})
"""Steps of a professional that a colleague's journey may have taken before."""


@dataclass(frozen=True)
class Told:
    """What was taken of journeys."""

    plain: Mapping[str, Any]

    @property
    def outcomes(self) -> Counter[str]:
        """How many steps were right, wrong, and failed."""
        return Counter(one["outcome"] for one in self.plain["steps"])

    @property
    def surprises(self) -> Counter[tuple[str, str, str]]:
        """What was not right: step, outcome, and why."""
        return Counter(
            (one["step"], one["outcome"], one["wrong"])
            for one in self.plain["steps"]
            if one["outcome"] != "right"
        )

    def steps_of(self, journey: str) -> Counter[str]:
        """How often each step of a journey was taken."""
        parted = (one["step"].partition("/") for one in self.plain["steps"])
        return Counter(step for name, _, step in parted if name == journey)


@contextmanager
def impostor(right: str) -> Generator[str]:
    """The address of a server that stands before a right one."""
    line = [sys.executable, "scripts/load_impostor.py", right]
    with subprocess.Popen(line, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            yield str(json.loads(process.stdout.readline())["address"])
        finally:
            process.terminate()


def sent(address: str, asked: Sequence[Mapping[str, object]]) -> list[Told]:
    """What was taken of journeys, one thing asked after the other."""
    line = [sys.executable, "scripts/load_journeys.py", address, *map(json.dumps, asked)]
    done = subprocess.run(
        line, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return [Told(json.loads(one)) for one in done.stdout.splitlines()]


WAYS: Mapping[str, tuple[str, tuple[str, str, str] | None]] = {
    "honest": ("visit", None),
    "slow": ("visit", None),
    "small-pages": ("consult", None),
    "list-of-another": ("visit", ("visit/list", "wrong", "person")),
    "entry-of-another": ("visit", ("visit/list", "wrong", "person")),
    "document-of-another": ("represent", ("represent/read", "wrong", "person")),
    "content-of-another": ("visit", ("visit/content", "wrong", "content")),
    "patient-of-another": ("consult", ("consult/patient", "wrong", "person")),
    "space-of-another": ("close", ("close/close", "wrong", "person")),
    "token-of-another": ("glance", ("glance/token", "wrong", "person")),
    "forgets": ("upload", ("upload/list", "wrong", "documents_counted")),
    "refuses": ("visit", ("visit/content", "wrong", "status")),
    "page-for-resource": ("glance", ("glance/list", "wrong", "shape")),
    "fails": ("glance", ("glance/list", "failed", "status")),
    "too-many": ("glance", ("glance/list", "failed", "status")),
}
"""By way of `scripts/load_impostor.py`: the journey, and what becomes of its steps."""

OTHERS: Mapping[str, Mapping[str, object]] = {
    "early": {"journeys": ["visit", "represent"], "each": 4},
    "all": {"journeys": sorted(steps()), "each": 4, "after": "P6M"},
    "unsampled": {"journeys": ["upload"], "sample": 0.0},
    "hurried": {"journeys": ["consult"], "rate": 3, "time_scale": 1000},
    "restarted": {"journeys": ["consult"], "rate": 2, "each": 2, "time_scale": 1000},
    "renewed": {"journeys": ["consult"]},
    "borne": {"journeys": ["visit", "consult", "break-glass"], "by_tokens": True, "each": 2},
}


THROUGH = {
    "unsampled": "forgets",
    "restarted": "restarts",
    "renewed": "revokes",
    "borne": "revokes",
}
"""What some of them go through."""


@pytest.fixture(scope="module")
def told() -> dict[str, Told]:
    """What was taken of every journey on a right server, and of some on those that are wrong."""
    options = Options(serve=("--vintage", "launch-2022"))
    with target_of("embedded", options) as right, impostor(right.root) as wrong:
        ways = {name: f"{wrong}/{THROUGH[name]}" for name in THROUGH}
        asked = [{**one, "through": ways.get(name, "")} for name, one in OTHERS.items()]
        asked += [
            {"journeys": [journey], "through": f"{wrong}/{way}"}
            for way, (journey, _) in WAYS.items()
        ]
        done = sent(right.root, asked)
    return dict(zip([*OTHERS, *WAYS], done, strict=True))


@pytest.mark.parametrize("journey", sorted(steps()))
def test_every_journey_comes_to_its_end(told: dict[str, Told], journey: str) -> None:
    """Each of its steps is taken, and all are right, in the eyes of the model too."""
    every = told["all"]
    taken = every.steps_of(journey)
    either = SOMETIMES.get(journey, frozenset())
    before = LOGGED_IN if users()[journey] == "professional" else frozenset[str]()
    always = set(steps()[journey]) - BY_CHANCE - either - before

    assert every.surprises == {}
    assert set(taken) <= set(steps()[journey])
    assert always <= set(taken)
    assert sum(taken[step] for step in either) == (4 if either else 0)
    assert every.plain["broken"] == []
    assert every.plain["finished"] == every.plain["held"] == 4 * len(steps())


@pytest.mark.parametrize("way", WAYS)
def test_a_wrong_answer_is_no_slow_and_no_failed_one(told: dict[str, Told], way: str) -> None:
    """Another person's data are wrong; 5xx and 429 have failed; what is late and right is right."""
    expected, surprises = WAYS[way][1], told[way].surprises

    assert set(surprises) == ({expected} if expected else set())
    assert told[way].plain["broken"] == []
    # Whom the first answer was about got their own.
    assert expected is None or 1 <= surprises[expected] <= 3


def test_only_the_model_knows_that_an_upload_is_missing(told: dict[str, Told]) -> None:
    """Outside the sampled share nothing is expected of a list but what was there before."""
    assert told["forgets"].plain["held"] == 3
    assert told["forgets"].outcomes["wrong"] == 3
    assert told["unsampled"].plain["held"] == 0
    assert told["unsampled"].surprises == {}


def test_a_first_consultation_goes_through_every_page(told: dict[str, Told]) -> None:
    """Where two documents are on two pages, the second is asked for too."""
    taken = told["small-pages"].steps_of("consult")

    assert taken["list"] == taken["next-page"] == taken["content"] == 3


def test_a_password_was_enough_before_second_factors(told: dict[str, Told]) -> None:
    """In February 2022 somebody who gives it is in, or chooses whose space to enter."""
    early = told["early"]
    visits, others = early.steps_of("visit"), early.steps_of("represent")

    assert early.surprises == {}
    assert early.plain["held"] == 8
    assert visits["password"] + visits["log-in"] == visits["token"] == 4
    assert others["password"] + others["prove"] == others["log-in"] == 4
    assert visits["password"] + others["password"] > 0


def test_a_professional_logs_in_once_and_is_refreshed(told: dict[str, Told]) -> None:
    """At two minutes, here a thousandth of them, the login is refreshed and exchanged again."""
    taken = told["hurried"].steps_of("consult")

    assert told["hurried"].surprises == {}
    # Whoever comes while a colleague's journey logs in or refreshes, logs in beside it.
    assert taken["refresh"] >= 1
    assert taken["log-in"] + taken["refresh"] == 3
    assert taken["exchange"] == taken["patient"] == 3


def test_a_login_that_is_over_is_begun_again(told: dict[str, Told]) -> None:
    """As after a restart: the refresh is refused, and that is right."""
    taken = told["restarted"].steps_of("consult")

    assert told["restarted"].surprises == {}
    assert taken["refresh"] == 1
    assert taken["log-in"] == taken["exchange"] == taken["content"] == 2


def test_a_token_that_is_refused_is_asked_for_once_more(told: dict[str, Told]) -> None:
    """Refreshed where a professional logged in; asked for where tokens are given by a profile."""
    renewed, borne = told["renewed"], told["borne"]
    taken = borne.steps_of("visit")

    assert renewed.surprises == borne.surprises == {}
    assert taken == {"token": 2, "list": 2, "read": 2, "content": 2}


def test_requests_of_a_journey_share_its_trace(told: dict[str, Told]) -> None:
    """One trace a journey. Every request bears it, and the run: the impostor refuses others."""
    traces = {one["trace"] for one in told["honest"].plain["steps"]}

    assert len(traces) == 3
    assert all(len(one) == 32 and int(one, 16) for one in traces)


def test_journeys_want_people_that_there_are() -> None:
    """Each kind wanted can be made; a journey that ends a space takes people once."""
    kinds = kinds_wanted()

    assert set(wanted_of().values()) <= set(kinds)
    assert all(kinds[wanted_of()[name]].once for name in ("activate", "oppose", "close"))


def test_what_is_ours_alone_is_known() -> None:
    """On the wire of others people read, add and deposit; the life of a space is ours to ask."""
    assert on_our_wire() == {"activate", "oppose", "close", "hotline", "break-glass"}
