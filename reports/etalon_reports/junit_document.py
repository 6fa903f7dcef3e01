# pyright: standard
"""JUnit XML on disk, whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.missing_part import MissingPartError
from etalon_reports.whole_files import named_when_whole

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from junitparser import TestSuite

JUNIT_NAME: Final = "junit.xml"


def write_document(target: Path, name: str, suites: Iterable[TestSuite]) -> Path:
    """Write a document and return its path.

    Args:
        target: Where it goes.
        name: Of what was tested.
        suites: Its suites, made only once junitparser is known to be there.

    Raises:
        MissingPartError: junitparser (extra `conformance`) is not installed.
        OSError: The file cannot be written.
    """
    try:
        import junitparser  # noqa: PLC0415 (of an extra)
    except ImportError as error:
        raise MissingPartError(feature="junit", extra="conformance") from error
    document = junitparser.JUnitXml(name=name)
    for suite in suites:
        document.add_testsuite(suite)
    with named_when_whole(target) as unfinished:
        document.write(str(unfinished), pretty=True)
    return target
