"""One history after the other, on people of its own, judged by the model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from etalon_conformance.bench import Bench
from etalon_conformance.exchanges import Exchange
from etalon_conformance.histories.diagram import diagram
from etalon_conformance.histories.history_lines import CommandOperation, history_lines
from etalon_conformance.histories.judging import Judgement, judged
from etalon_conformance.histories.linearizing import NotKnown
from etalon_conformance.histories.shrinking import Violation
from etalon_conformance.races.recorder import recorded
from etalon_conformance.races.scene import Scene
from etalon_conformance.races.stage import Stage, staged
from etalon_target.people import TestProfessional
from etalon_text.language import Language


@dataclass(frozen=True, slots=True)
class Race:
    """A history and what the model says of it.

    Attributes:
        scene: The scene it was drawn from.
        stage: Where it began.
        history: What was asked and answered.
        exchanges: What went over the wire meanwhile.
        judgements: What was found, for people who have to do with one another.
    """

    scene: str
    stage: Stage
    history: tuple[CommandOperation, ...]
    exchanges: tuple[Exchange, ...]
    judgements: tuple[Judgement, ...]

    @property
    def violations(self) -> tuple[Judgement, ...]:
        """Those judgements by which no order explains the answers."""
        return tuple(one for one in self.judgements if isinstance(one.verdict, Violation))

    @property
    def is_explained(self) -> bool:
        """Whether nothing contradicts the model."""
        return not self.violations

    @property
    def is_known(self) -> bool:
        """Whether every search came to its end."""
        return not any(isinstance(one.verdict, NotKnown) for one in self.judgements)

    @property
    def unanswered(self) -> int:
        """How many operations nobody knows the outcome of."""
        return sum(one.observed is None for one in self.history)

    def drawn(self, language: Language) -> str:
        """Return the drawing of what contradicts the model; empty where nothing does."""
        drawings = [
            diagram(one.verdict, language)
            for one in self.judgements
            if isinstance(one.verdict, Violation)
        ]
        return "\n".join(drawings)

    def lines(self) -> str:
        """Return the history as JSON lines."""
        return "".join(history_lines(self.history))


def raced(
    bench: Bench,
    scene: Scene,
    cast: dict[str, TestProfessional],
    random: Random,
    acts: Mapping[str, Sequence[str]] | None = None,
) -> Race:
    """Record one history and judge it.

    Args:
        bench: What people are asked for with; it serves one target.
        scene: What clients do.
        cast: Professionals met before, by role; those that lack are added.
        random: Chance.
        acts: What each client does, instead of what is drawn.

    Raises:
        CannotTest: The target offers no such people, or is gone.
    """
    stage = staged(bench, scene, cast)
    found = recorded(stage, scene.drawn(random) if acts is None else acts)
    judgements = judged(found.history, stage.readings)
    return Race(scene.name, stage, found.history, found.exchanges, judgements)
