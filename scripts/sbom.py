# pyright: standard, reportCallIssue=false, reportArgumentType=false, reportAttributeAccessIssue=false
"""Write a bill of materials (CycloneDX 1.6, JSON) of what users install, or of a folder of wheels.

python scripts/sbom.py [--wheels FOLDER] FILE

The same inputs give the same bytes: the number of the document is drawn from its content, and it
bears no time of its own.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tomllib
import zipfile
from dataclasses import dataclass
from email.parser import BytesParser
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from dependencies import DEVELOPMENT, ROOT, licence_of, packages

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.metadata import PackageMetadata

OWN: Final = "mes-etalon"
_UNKNOWN: Final = ("not declared", "in its file")


@dataclass(frozen=True, slots=True)
class Part:
    """One component of the bill.

    Attributes:
        name: Name of the distribution.
        version: Its version.
        licence: As it declares it, None where that is not known here.
        sha256: Digest of the very file, None where several may be installed.
    """

    name: str
    version: str
    licence: str | None
    sha256: str | None = None


def main() -> int:
    """Write the bill; 0 written, 2 the folder holds no wheels."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--wheels", type=Path, help="folder of wheels, each with its digest")
    parser.add_argument("file", type=Path)
    asked = parser.parse_args()
    parts = parts_of_lock() if asked.wheels is None else parts_of_wheels(asked.wheels)
    if not parts:
        print(f"{asked.wheels} holds no wheels", file=sys.stderr)
        return 2
    asked.file.write_text(bill(parts), encoding="utf-8", newline="\n")
    return 0


def parts_of_lock() -> list[Part]:
    """Return what users may install on some system, extras included, as the lock pins it."""
    return [
        Part(one.name, version, one.licence)
        for one in packages()
        if one.comes_with != (DEVELOPMENT,)
        for version in one.versions
    ]


def parts_of_wheels(folder: Path) -> list[Part]:
    """Return what a folder of wheels holds, ours left out: the bill is of it."""
    found = [part_of(wheel) for wheel in sorted(folder.glob("*.whl"))]
    return [part for part in found if part.name != OWN]


def part_of(wheel: Path) -> Part:
    """Return what one wheel is.

    Raises:
        StopIteration: It has no metadata.
    """
    with zipfile.ZipFile(wheel) as archive:
        named = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        declared = BytesParser().parsebytes(archive.read(next(named)))
    licence = licence_of(cast("PackageMetadata", declared))
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return Part(str(declared["Name"]), str(declared["Version"]), licence, digest)


def bill(parts: Iterable[Part]) -> str:
    """Return the document."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    own = _component(Part(OWN, project["version"], project["license"]), ComponentType.APPLICATION)
    components = [_component(part, ComponentType.LIBRARY) for part in parts]
    content = "\n".join(f"{part.purl} {list(part.hashes)}" for part in (own, *components))
    bom = Bom(components=components, serial_number=uuid5(NAMESPACE_URL, content))
    bom.metadata.component = own
    bom.register_dependency(own, components)
    written = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string()
    document = json.loads(written)
    del document["metadata"]["timestamp"]
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _component(part: Part, kind: ComponentType) -> Component:
    known = part.licence is not None and not part.licence.startswith(_UNKNOWN)
    licences = [LicenseFactory().make_from_string(part.licence)] if known and part.licence else []
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=part.sha256)] if part.sha256 else []
    purl = PackageURL(type="pypi", name=part.name.lower(), version=part.version)
    return Component(
        name=part.name,
        version=part.version,
        type=kind,
        licenses=licences,
        hashes=hashes,
        purl=purl,
        bom_ref=purl.to_string(),
    )


if __name__ == "__main__":
    sys.exit(main())
