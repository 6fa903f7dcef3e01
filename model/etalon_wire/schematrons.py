# pyright: standard
"""Schematrons of the ANS, run by SaxonC where it is installed (extra `cda`).

Includes are brought in here, so that their paths are found whatever their case; the rest of the
compilation is that of the stylesheets of ISO Schematron that stand in the kit. What the compiled
stylesheets look up, such as value sets, they find beside the schematron they come from.

Sources: ISO/IEC 19757-3, annexes on XSLT and SVRL; SaxonC, Python interface.
"""

import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from etalon_wire.clinical_kit import KitRefusedError
from etalon_wire.tables import rows_of
from etalon_wire.xml_body import parse_xml

if TYPE_CHECKING:
    from etalon_wire.xml_body import Node

GENERAL: Final = "CI-SIS_ModelesDeContenusCDA.sch"
"""The schematron that every document is judged by."""

EXPAND: Final = "iso_abstract_expand.xsl"
COMPILE: Final = "iso_svrl_for_xslt2.xsl"
"""The stylesheets of ISO Schematron."""

MISSING: Final = "its schematrons need SaxonC: install the extra, pip install 'mes-etalon[cda]'"

_SCHEMATRON: Final = "{http://purl.oclc.org/dsdl/schematron}"
_SVRL: Final = "{http://purl.oclc.org/dsdl/svrl}"
_BASE: Final = "{http://www.w3.org/XML/1998/namespace}base"
_DEEPEST: Final = 16
_QUOTED: Final = re.compile(r"""['"]([0-9]+(?:\.[0-9]+)+)['"]""")
_MODELS: Final = "CI-SIS_*.sch"


def compiled_schematrons(folder: Path) -> "CompiledSchematrons":
    """Return the schematrons of a kit, the one for every document compiled.

    Raises:
        KitRefusedError: SaxonC is not installed, or the kit lacks a file or has one that does not
            compile.
    """
    try:
        saxon = import_module("saxonche")
    except ImportError as error:
        raise KitRefusedError(MISSING) from error
    return CompiledSchematrons(folder, saxon)


class CompiledSchematrons:
    """The schematrons of a kit, each compiled when it is first needed.

    SaxonC works on the thread that made it: this has a thread of its own.
    """

    def __init__(self, folder: Path, saxon: Any) -> None:  # noqa: ANN401 (it announces no types)
        """Compile what every document is judged by.

        Raises:
            KitRefusedError: A file is missing or does not compile.
        """
        self._general = _file(folder, GENERAL)
        self._stylesheets = [_file(folder, name) for name in (EXPAND, COMPILE)]
        self._models = model_files(self._general, folder)
        self._compiled: dict[Path, Any] = {}
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="etalon-schematrons")
        self._worker.submit(self._open, saxon).result()

    def failures(self, content: bytes, templates: tuple[str, ...]) -> list[str]:
        """Return what the schematrons that apply to a document find wrong with it.

        Raises:
            KitRefusedError: A schematron does not compile, or breaks on the document.
        """
        named = [self._models[one] for one in templates if one in self._models]
        files = dict.fromkeys([self._general, *named])
        text = etree.tostring(parse_xml(content), encoding="unicode")
        return self._worker.submit(self._judged, list(files), text).result()

    def _open(self, saxon: Any) -> None:  # noqa: ANN401 (it announces no types)
        self._processor = saxon.PySaxonProcessor(license=False)
        self._api_error = saxon.PySaxonApiError
        self._run(self._general, "")

    def _judged(self, files: list[Path], text: str) -> list[str]:
        return [failure for file in files for failure in failed_asserts(self._run(file, text))]

    def _run(self, file: Path, text: str) -> str:
        """Return the report of a schematron on a document, none when it is only compiled."""
        try:
            if file not in self._compiled:
                self._compiled[file] = self._compile(file)
            if not text:
                return ""
            node = self._processor.parse_xml(xml_text=text)
            return str(self._compiled[file].transform_to_string(xdm_node=node))
        except (OSError, etree.LxmlError, self._api_error) as error:
            message = f"{file.name} cannot be run: {str(error)[:300]}"
            raise KitRefusedError(message) from error

    def _compile(self, file: Path) -> Any:  # noqa: ANN401 (it announces no types)
        xslt = self._processor.new_xslt30_processor()
        text = etree.tostring(with_includes(file), encoding="unicode")
        for stylesheet in self._stylesheets:
            step = xslt.compile_stylesheet(stylesheet_file=str(stylesheet))
            text = step.transform_to_string(xdm_node=self._processor.parse_xml(xml_text=text))
        made = etree.fromstring(text.encode())
        # What it looks up by a relative path stands beside the schematron.
        made.set(_BASE, file.resolve().as_uri())
        return xslt.compile_stylesheet(stylesheet_text=etree.tostring(made, encoding="unicode"))


def failed_asserts(report: str) -> list[str]:
    """Return what a report (SVRL) says that failed, once each, on one line."""
    if not report:
        return []
    root = etree.fromstring(report.encode())
    told = (" ".join("".join(one.itertext()).split()) for one in root.iter(f"{_SVRL}failed-assert"))
    return list(dict.fromkeys(told))


def with_includes(file: Path, depth: int = 0) -> "Node":
    """Return a schematron in which what it includes stands in the place of the inclusions.

    Raises:
        OSError: A file is not there.
        LxmlError: A file is no XML.
        KitRefusedError: Inclusions go too deep, or name a file that is nowhere.
    """
    if depth > _DEEPEST:
        message = f"{file.name} includes itself, or more than {_DEEPEST} files one in the other"
        raise KitRefusedError(message)
    root = etree.parse(file, etree.XMLParser(no_network=True, resolve_entities=False)).getroot()
    for one in list(root.iter(f"{_SCHEMATRON}include")):
        parent = one.getparent()
        if parent is not None:
            included = with_includes(_beside(file, one.get("href", "")), depth + 1)
            included.tail = one.tail
            parent.replace(one, included)
    return root


def _beside(file: Path, href: str) -> Path:
    """Return the file that a path leads to from another, whatever the case of its names."""
    found = file.parent
    for step in href.partition("#")[0].replace("\\", "/").split("/"):
        if step in {"", "."}:
            continue
        found = found.parent if step == ".." else _named(found, step)
    if not found.is_file():
        message = f"{file.name} includes {href[:200]!r}, which is not there"
        raise KitRefusedError(message)
    return found


def _named(folder: Path, name: str) -> Path:
    if (folder / name).exists() or not folder.is_dir():
        return folder / name
    alike = [one for one in folder.iterdir() if one.name.casefold() == name.casefold()]
    return alike[0] if alike else folder / name


def model_files(general: Path, folder: Path) -> Mapping[str, Path]:
    """Return the schematron of each model by its identifier, the latest where several name it.

    Args:
        general: The schematron of every document, which is that of none.
        folder: The kit.
    """
    templates = {row["template"] for row in rows_of("cda_formats.csv") if not row["media_type"]}
    found: dict[str, Path] = {}
    files = [one for one in folder.rglob(_MODELS) if one.parent != general.parent]
    for file in sorted(files, key=lambda one: one.name):
        for template in _identifiers(file) & templates:
            found[template] = file
    return found


def _identifiers(file: Path) -> set[str]:
    """Return the identifiers that a schematron names, in itself and in what it includes of headers.

    One that cannot be read names none: it is found out when a document needs it.
    """
    return {found for text in _headers(file) for found in _QUOTED.findall(text)}


def _headers(file: Path) -> Iterator[str]:
    text = file.read_text(encoding="utf-8", errors="replace")
    yield text
    for href in re.findall(r'<include\s+href="([^"]*/[Ee]ntete/[^"]*)"', text):
        try:
            yield _beside(file, href).read_text(encoding="utf-8", errors="replace")
        except (OSError, KitRefusedError):
            continue


def _file(folder: Path, name: str) -> Path:
    found = sorted(folder.rglob(name))
    if not found:
        message = f"no {name} in it: give the whole folder TestContenuCDA of the ANS"
        raise KitRefusedError(message)
    return found[0]
