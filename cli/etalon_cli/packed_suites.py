"""Suites and sets of requirements as they are asked for: ours, or those that packs bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etalon_cli.stopping import because
from etalon_conformance.requirements import UnknownSetError, requirement_set
from etalon_conformance.suites import Suite, suites, suites_of_pack
from etalon_text.packs import PackError, parted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from etalon_conformance.requirement import Requirement


def suite_named(name: str) -> Suite:
    """Return a suite.

    Raises:
        Stopped: There is none of this name, or its pack cannot be used.
    """
    named = parted(name)
    try:
        known = suites() if named is None else suites_of_pack(named[0])
    except PackError as error:
        raise because(reason="pack", pack=error.pack, problem=error.problem) from error
    if name not in known:
        accepted = ", ".join(known)
        raise because(
            reason="unknown_option_value", option="--suite", found=name, accepted=accepted
        )
    return known[name]


def requirements_named(name: str, option: str) -> Mapping[str, Requirement]:
    """Return the requirements of a set.

    Raises:
        Stopped: There is no set of this name, or its pack cannot be used.
    """
    try:
        return requirement_set(name)
    except UnknownSetError as error:
        accepted = ", ".join(error.known)
        raise because(
            reason="unknown_option_value", option=option, found=name, accepted=accepted
        ) from error
    except PackError as error:
        raise because(reason="pack", pack=error.pack, problem=error.problem) from error
