"""A session: its view, the answers that come to it one by one, and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from etalon_explore import worker
from etalon_explore.answering import ENGINE, Question
from etalon_explore.controls import controls_of
from etalon_explore.desk import Lane, Request
from etalon_explore.scenario_file import policy_file
from etalon_explore.views import Refusals, View, view_at
from etalon_explore.words import moved_in_words, refusal_in_words
from etalon_scenarios.knowledge import DEFAULT_DRAWS
from etalon_scenarios.loading import SUFFIX, load_scenario
from etalon_scenarios.memory import memory_available, memory_needed
from etalon_scenarios.policies.comparable import first_apart
from etalon_scenarios.population_table import population_table
from etalon_scenarios.scenario_errors import ScenarioError
from etalon_text.refusals import refusal_in
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from etalon_explore.scenario_file import PolicyFile
    from etalon_explore.views import Choice
    from etalon_explore.worker import Drawn
    from etalon_scenarios.scenario import Scenario
    from etalon_text.language import Language

Stage = Literal["coarse", "whole", "intervals"]
_LONGEST_RUN: Final = 400
_OFF: Final = "nothing, since "
_GIGABYTE: Final = 1e9


@dataclass(slots=True, kw_only=True)
class House:
    """What all sessions share.

    Attributes:
        folder: Where scenario files, studies and answers stand.
        scenarios: Scenarios that a policy may start from, by name.
        first: The one that the page opens with.
        people: People of a coarse answer.
        language: Of a page whose address names none.
        quick: Worker of the coarse answers.
        whole: Worker of the runs of everybody; one at a time.
    """

    folder: Path
    scenarios: Mapping[str, Scenario]
    first: str
    people: int
    language: Language
    quick: Lane
    whole: Lane


@dataclass(slots=True)
class Seat:
    """One session.

    Attributes:
        name: Its identifier.
        house: What it shares.
        view: What it shows, once it was asked for something.
        refused: Controls of the policy -> why their value was left out.
        said: What else the page has to say: of the address, of the policy, of a failure.
        drawn: The answer shown; the one before stays until the next one is there.
        shown: How far the answer shown goes; None while it answers an earlier view.
        wanted: What is being worked out; None for nothing.
        changes: Grows whenever something above is replaced.
    """

    name: str
    house: House
    view: View | None = None
    refused: dict[str, str] = field(default_factory=dict[str, str])
    said: list[str] = field(default_factory=list[str])
    drawn: Drawn | None = None
    shown: Stage | None = None
    wanted: Stage | None = None
    changes: int = 0
    _asked: tuple[str, ...] = ()
    _seed: int = 0
    _full: int = 0

    def ask(self, address: str) -> None:
        """Show what an address asks for; whatever was asked for before is dropped."""
        house = self.house
        view, refusals = view_at(address, house.scenarios, house.first, house.language)
        self.leave()
        self.changes += 1
        self.view, self.shown, self.wanted = view, None, None
        self.said, self.refused = [], {}
        self._tell(refusals, view)
        scenarios = self._policies(view)
        if scenarios is None:
            return
        self._seed = scenarios[0].seed
        self._full = population_table(scenarios[0]).full
        self._next("coarse" if house.people < self._full else self._beyond_coarse(view))

    def leave(self) -> None:
        """Want nothing more."""
        self.house.quick.drop(self.name)
        self.house.whole.drop(self.name)

    def progress(self) -> tuple[str, int, int]:
        """Say how far what is wanted is: a stage, what is done of it and of how much."""
        lane = self.house.quick if self.wanted == "coarse" else self.house.whole
        return lane.progress(self.name) if self.wanted else ("", 0, 0)

    def people(self) -> tuple[int, int]:
        """Give the people of the answer shown, and those of the scope."""
        return (self.house.people if self.shown == "coarse" else self._full), self._full

    def policy_file(self) -> PolicyFile | None:
        """Give the scenario file of the policy; None when nothing was moved."""
        return None if self.view is None else self._file(self.view.policy)

    def _tell(self, refusals: Refusals, view: View) -> None:
        for control in controls_of(self.house.scenarios[view.policy.base]):
            if control.key in refusals.values:
                value = refusals.values[control.key]
                self.refused[control.key] = refusal_in_words(control, value, view.language)
        if refusals.others:
            what = ", ".join(refusals.others)
            self.said.append(text("explore.refused_others", view.language, what=what))

    def _file(self, choice: Choice) -> PolicyFile | None:
        if not choice.moved:
            return None
        scenario = self.house.scenarios[choice.base]
        return policy_file(choice, scenario, from_anywhere(choice.base), moved_in_words)

    def _policies(self, view: View) -> list[Scenario] | None:
        """Load both policies; None when one of them, or the pair, cannot be simulated."""
        asked: list[str] = []
        scenarios: list[Scenario] = []
        for choice in dict.fromkeys((view.reference, view.policy)):
            try:
                name, scenario = self._loaded(choice)
            except ScenarioError as error:
                self._refuse(error, view, at_controls=choice == view.policy)
                return None
            asked.append(name)
            scenarios.append(scenario)
        apart = first_apart(scenarios)
        if apart is not None:
            told = {"key": apart.key, "found": apart.found, "expected": apart.expected}
            self.said.append(text("explore.apart", view.language, **told))
            return None
        self._asked = tuple(asked)
        return scenarios

    def _loaded(self, choice: Choice) -> tuple[str, Scenario]:
        file = self._file(choice)
        if file is None:
            return from_anywhere(choice.base), self.house.scenarios[choice.base]
        path = self.house.folder / file.file
        path.write_text(file.text, encoding="utf-8", newline="\n")
        # A question names the file alone: workers stand in the folder.
        return file.file, load_scenario(str(path))

    def _refuse(self, error: ScenarioError, view: View, *, at_controls: bool) -> None:
        said = _why(error, view.language)
        path = ".".join(part for part in error.path.split(".") if not part.isdigit())
        moved = [key for key, _ in view.policy.moved if f"{path}.".startswith(f"{key}.")]
        if at_controls and moved:
            self.refused[moved[0]] = said
        else:
            self.said.append(said)

    def _beyond_coarse(self, view: View) -> Stage:
        """What comes once nothing coarse is left to show."""
        return "intervals" if view.intervals and self.shown == "whole" else "whole"

    def _next(self, stage: Stage) -> None:
        if self.view is None:
            return
        needed = memory_needed(self._full, _LONGEST_RUN, ENGINE)
        available = memory_available()
        if stage != "coarse" and available is not None and needed > available:
            size = f"{needed / _GIGABYTE:.0f}"
            self.said.append(text("explore.too_large", self.view.language, needed=size))
            return
        self.wanted = stage
        question = Question(
            policies=self._asked,
            people=self.house.people if stage == "coarse" else self._full,
            draws=DEFAULT_DRAWS if stage == "intervals" else 0,
            seed=self._seed,
        )
        lane = self.house.quick if stage == "coarse" else self.house.whole
        work = partial(worker.draw_answer, question, self.view.language)
        lane.ask(self.name, Request(work, partial(self._given, stage)))

    def _given(self, stage: Stage, drawn: Drawn | None, failure: str) -> None:
        """Show an answer that came, and ask for the next one."""
        self.changes += 1
        self.wanted = None
        if self.view is None:
            return
        if drawn is None:
            if failure:
                self.said.append(text(f"explore.failed_{failure}", self.view.language))
            return
        self.drawn, self.shown = drawn, stage
        if stage == "coarse" or (stage == "whole" and self.view.intervals):
            self._next(self._beyond_coarse(self.view))


def _why(error: ScenarioError, language: Language) -> str:
    """Say why a scenario cannot be simulated."""
    if error.accepted.startswith(_OFF):
        reason = refusal_in(error.accepted.removeprefix(_OFF), language)
        return text("explore.without_effect", language, reason=reason)
    key = "scenario.found" if error.found else "scenario.missing"
    found, accepted = (refusal_in(one, language) for one in (error.found, error.accepted))
    told = {"where": error.path, "found": found, "accepted": accepted}
    return text("explore.refused_policy", language, problem=text(key, language, **told))


def from_anywhere(base: str) -> str:
    """Name a scenario so that a worker, which stands elsewhere, finds its file."""
    is_path = base.endswith(SUFFIX) or "/" in base or "\\" in base
    return str(Path(base).resolve()) if is_path else base
