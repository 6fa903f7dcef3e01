"""Clinical documents judged with the kit of the ANS: its XML schema, and its schematrons.

The kit is a folder that whoever runs the server has: nothing of it is carried here. Its schema is
`CDA_extended.xsd`. Its schematrons are of XSLT 2, compiled by the stylesheets of ISO Schematron
that stand in the kit: `CI-SIS_ModelesDeContenusCDA`, for every document, and that of the model
whose identifier the document bears. They need SaxonC, the extra `cda`.

Sources: ANS, TestContenuCDA 3.0; ISO/IEC 19757-3 (SVRL); requirements W-CDA-01 and W-CDA-02.
Readings: the latest schematron that names the identifier of a model is that of the model; a folder
without schematrons judges by the schema alone; paths of includes are found whatever their case, as
on the system that the kit was written on.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final, Protocol

from lxml import etree

from etalon_wire.findings import Finding
from etalon_wire.mail.clinical_documents import read_header
from etalon_wire.xml_body import parse_xml

SCHEMA: Final = "CDA_extended.xsd"
FINDINGS_MOST: Final = 20
"""Most findings of one document that are told."""

_LONGEST: Final = 300
_AT: Final = "ClinicalDocument"


class KitRefusedError(Exception):
    """The folder of the kit cannot be used.

    Attributes:
        problem: What is wrong, and with which file.
    """

    def __init__(self, problem: str) -> None:
        """Keep what is wrong."""
        super().__init__(problem)
        self.problem = problem


class Schematrons(Protocol):
    """Judges a document by the schematrons of its model."""

    def failures(self, content: bytes, templates: tuple[str, ...]) -> list[str]:
        """Return what the schematrons that apply to a document find wrong with it.

        Args:
            content: The document.
            templates: Models that it says it follows.
        """
        ...


@dataclass(frozen=True, slots=True)
class ClinicalKit:
    """The kit, compiled.

    Attributes:
        schema: The schema.
        schematrons: The schematrons, or None where the folder has none.
        alone: Held while the schema judges.
    """

    schema: etree.XMLSchema
    schematrons: Schematrons | None
    alone: Lock = field(default_factory=Lock)

    def judge(self, content: bytes) -> list[Finding]:
        """Return what is wrong with a clinical document: the schema first (W-CDA-01, W-CDA-02).

        A document that breaks the schema is not judged by schematrons, which count on it.

        Raises:
            Malformed: It is no clinical document.
        """
        header = read_header(content)
        broken = list(self._broken(content))
        if broken or self.schematrons is None:
            return broken
        try:
            failed = self.schematrons.failures(content, header.templates)
        except KitRefusedError as error:
            # What cannot be judged does not pass as if it had been.
            failed = [f"the kit cannot judge it: {error.problem}"]
        return [_finding("W-CDA-02", message) for message in failed[:FINDINGS_MOST]]

    def _broken(self, content: bytes) -> Iterator[Finding]:
        root = parse_xml(content)
        # A schema remembers what it last found.
        with self.alone:
            if self.schema.validate(root):
                return
            errors = list(self.schema.error_log)[:FINDINGS_MOST]
        for error in errors:
            yield _finding("W-CDA-01", f"line {error.line}: {error.message}")


def open_kit(folder: Path) -> ClinicalKit:
    """Return the kit in a folder.

    Raises:
        KitRefusedError: There is no schema in it, or what is there cannot be compiled, or its
            schematrons are there and what compiles them is not.
    """
    found = sorted(folder.rglob(SCHEMA)) if folder.is_dir() else []
    if not found:
        message = f"no {SCHEMA} in it: give the folder TestContenuCDA of the ANS"
        raise KitRefusedError(message)
    try:
        schema = etree.XMLSchema(etree.parse(found[0], etree.XMLParser(no_network=True)))
    except (OSError, etree.LxmlError) as error:
        message = f"{found[0].name} cannot be compiled: {str(error)[:_LONGEST]}"
        raise KitRefusedError(message) from error
    if not any(folder.rglob("*.sch")):
        return ClinicalKit(schema, None)
    # The library is large, and only those who have schematrons need it.
    from etalon_wire.schematrons import compiled_schematrons  # noqa: PLC0415

    return ClinicalKit(schema, compiled_schematrons(folder))


def _finding(requirement: str, message: str) -> Finding:
    plain = " ".join(message.split())[:_LONGEST]
    return Finding("error", "invariant", _AT, requirement, plain)
