"""A load against a target, from its options to its files: what stops one, in words."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from etalon_cli.stopping import because
from etalon_load.not_run import NotRunError
from etalon_load.people.people_errors import PeopleError
from etalon_load.running import GeneratorFaultError
from etalon_load.target_spec import TargetSpecError
from etalon_scenarios.run_directory import storage_error
from etalon_target.profile_errors import ProfileError
from etalon_target.targets import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from etalon_target.targets import Target
    from etalon_text.language import Language

GENERATOR_LOG: Final = "generator.log"
_OPTION_OF: Final = {"port_taken": {"option": "--listen"}}


@contextmanager
def reached(target: Target) -> Generator[Target]:
    """Reach a target while the block lasts.

    Raises:
        Stopped: Nothing answers there.
    """
    try:
        with target as open_target:
            yield open_target
    except UnreachableError as error:
        problem = target.redaction.text(str(error))
        raise because(reason="load_unreachable", problem=problem) from error
    except ProfileError as error:
        raise because(reason="target", problem=error) from error


@contextmanager
def explained(folder: Path, language: Language) -> Generator[None]:
    """Turn what keeps a load from being sent and measured into a `Stopped`.

    Args:
        folder: Of the load.
        language: Of the words that frame a problem.

    Raises:
        Stopped: It could not begin, or broke.
        StorageError: The disk is full or refused a file.
    """
    try:
        yield
    except NotRunError as error:
        values = {**_OPTION_OF.get(error.key, {}), **error.values}
        raise because(reason=f"load_{error.key}", **values) from error
    except PeopleError as error:
        raise because(reason="load_people", problem=error.told(language)) from error
    except TargetSpecError as error:
        raise because(reason="target", problem=error) from error
    except GeneratorFaultError as error:
        last = str(error).strip().splitlines()[-1:]
        log = folder / GENERATOR_LOG
        raise because(reason="load_generator", problem="".join(last), file=log) from error
    except OSError as error:
        raise storage_error(folder, error) from error
