"""What the parts of Étalon raise, told as entries of the error catalogue."""

from __future__ import annotations

from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TYPE_CHECKING

from etalon_cli.stopping import Stopped, because
from etalon_cli.storage_explanations import storage_explained
from etalon_scenarios.checkpoints import CheckpointError
from etalon_scenarios.scenario_errors import ScenarioError, StudyFileError
from etalon_scenarios.window_error import WindowError
from etalon_text.refusals import refusal_in
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Generator

    from etalon_text.language import Language


@contextmanager
def explained(
    language: Language, population: int = 0, *, of_study: bool = False
) -> Generator[None]:
    """Turn what the user can mend or must know into a `Stopped`; let faults of ours pass.

    Args:
        language: Of the words that frame a scenario's problem.
        population: People simulated, for a message about memory.
        of_study: Whether tables are a study's own, which no scenario names.

    Raises:
        Stopped: The block raised one of the errors that the catalogue explains.
    """
    try:
        with storage_explained(language):
            yield
    except ScenarioError as error:
        raise _scenario_problem(error, language, of_study=of_study) from error
    except CheckpointError as error:
        problem = text(
            f"checkpoint.{error.reason}", language, found=error.found, expected=error.expected
        )
        raise because(reason="checkpoint_unusable", file=error.path, problem=problem) from error
    except WindowError as error:
        problem = text(f"window.{error.reason}", language)
        raise because(reason="arrivals_window", found=error.found, problem=problem) from error
    except (MemoryError, BrokenProcessPool) as error:
        raise because(reason="out_of_memory", population=population) from error


def _scenario_problem(error: ScenarioError, language: Language, *, of_study: bool) -> Stopped:
    """Say what is wrong, and what next: a study's own file is no scenario that can be validated."""
    path, found, accepted = (
        refusal_in(said, language) for said in (error.path, error.found, error.accepted)
    )
    where = text("scenario.where", language, file=error.file, path=path) if path else error.file
    key = "scenario.found" if found else "scenario.missing"
    problem = text(key, language, where=where, found=found, accepted=accepted)
    if error.nearest is not None:
        problem = text("usage.nearest", language, problem=problem, nearest=error.nearest)
    # No path: the file itself could not be read, and is not known to be a scenario.
    own = of_study and (error.file.endswith(".csv") or not error.path)
    own |= isinstance(error, StudyFileError)
    return because(reason="study_problem" if own else "scenario_problem", problem=problem)
