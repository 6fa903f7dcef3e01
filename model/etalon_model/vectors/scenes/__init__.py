"""Scenes: stories told on purpose, where a walk would need luck.

Records before everybody who may look at them (`records`), the other parts of a space (`spaces`),
and the open questions whose answer changes an outcome (`open_questions`).
"""

from typing import Final

from etalon_model.parameters import Parameters
from etalon_model.vectors.scenes.open_questions import OPEN_QUESTIONS
from etalon_model.vectors.scenes.records import RECORDS
from etalon_model.vectors.scenes.spaces import SPACES
from etalon_model.vectors.scenes.stage import Scene, Stage
from etalon_model.vectors.stories import Key, Story

SCENES: Final[dict[str, dict[str, Scene]]] = {
    "records": RECORDS,
    "open_questions": OPEN_QUESTIONS,
    "spaces": SPACES,
}
"""Scenes by the file of vectors that holds them, then by what they show."""

_LOOKS: Final = {"records": ("documents", "log", "told")}


def played_stories(parameters: Parameters, seed: int) -> dict[Key, Story]:
    """Return the scenes as stories, by file and by what they show."""
    return {
        (kind, shows): _played(parameters, seed, scene, _LOOKS.get(kind, ()))
        for kind, scenes in SCENES.items()
        for shows, scene in scenes.items()
    }


def _played(parameters: Parameters, seed: int, scene: Scene, looks: tuple[str, ...]) -> Story:
    stage = Stage(parameters, seed=seed)
    when = scene(stage)
    return Story(seed, tuple(stage.given), when, looks)
