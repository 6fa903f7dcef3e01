"""The attestation sheet: what a vendor states of the system tested, to be signed by a person."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, NamedTuple

from etalon_reports.conformance.conformance_page import STYLES, people
from etalon_reports.conformance.entries import Telling, entry
from etalon_reports.conformance.front_page import conformance_cover, front_page, system_name
from etalon_reports.conformance.judgements import judgements, with_verdict
from etalon_reports.conformance.sentences import day_of
from etalon_reports.conformance.verdict_file import VERDICTS_FILE, read_conformance
from etalon_reports.page import write_page
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from etalon_reports.conformance.verdict_file import ConformanceRun
    from etalon_text.language import Language

ATTESTATION_NAME: Final = "attestation.html"


class Attestation(NamedTuple):
    """What is filled in beforehand; what is empty is left to write by hand."""

    organisation: str
    product: str
    version: str
    by: str
    role: str
    date: str
    place: str


def draw_attestation(directory: Path, language: Language, out: Path) -> Path:
    """Write `attestation.html` and return its path.

    Args:
        directory: The run directory.
        language: Of the sheet.
        out: Folder written to.

    Raises:
        RunFileError: A result file is missing, truncated or not as published.
        OSError: The sheet cannot be written.
    """
    run = read_conformance(directory)
    telling = Telling(language, {}, "", "")
    inapplicable = with_verdict(judgements(run), "not-applicable")
    stated = attestation(run, language)
    content = {
        "cover": conformance_cover(run, language)._replace(
            kind=text("attestation.kind", language),
            title=_title(stated, language),
        ),
        "front": front_page(run, language),
        "attestation": stated,
        "prerequisites": prerequisites(run, language),
        "people": people(run, language),
        "not_applicable": [entry(one, telling) for one in inapplicable],
        "accepted": _accepted(run, language),
        "verdicts_digest": digest_of(directory / VERDICTS_FILE),
    }
    return write_page(
        out / ATTESTATION_NAME, "attestation.html", language, str, content, styles=STYLES
    )


def attestation(run: ConformanceRun, language: Language) -> Attestation:
    """Return what the file of answers says of product and signatory."""
    found = run.verdicts.optional_record("attestation")
    by_address = run.verdicts.record("target").text("kind") == "address"
    name = "" if by_address else system_name(run, language)
    if found is None:
        return Attestation("", name, "", "", "", "", "")
    given = {key: found.optional_text(key) or "" for key in Attestation._fields}
    given["product"] = given["product"] or name
    given["date"] = day_of(given["date"], language)
    return Attestation(**given)


def prerequisites(run: ConformanceRun, language: Language) -> Sequence[str]:
    """Return what the suite asks of a system before it can say anything."""
    if run.verdicts.values.get("prerequisites") is None:
        return []
    return [row.sentence("", language) for row in run.verdicts.rows("prerequisites")]


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _title(stated: Attestation, language: Language) -> str:
    if not stated.product:
        return text("attestation.title_bare", language)
    return text("attestation.title", language, name=stated.product)


def _accepted(run: ConformanceRun, language: Language) -> Sequence[str]:
    return [
        text(
            "attestation.accepted_row",
            language,
            ident=one.requirement,
            check=one.check,
            until=day_of(one.accepted.until, language),
            reason=one.accepted.reason,
        )
        for one in run.results
        if one.accepted
    ]
