"""An official package (`package.tgz`): its StructureDefinition snapshots become profiles of ours.

The archive is read in memory, bounded in size, never unpacked. What a snapshot asks and no check
of ours evaluates is listed: an invariant whose expression differs from the one we hold, a value
set we do not hold, a discriminator we do not know.

Sources: FHIR package specification; FHIR R4, StructureDefinition and ElementDefinition.
"""

import io
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from etalon_wire.json_body import Resource, read_value
from etalon_wire.malformed import Limits, Malformed
from etalon_wire.validation.nodes import tree_of
from etalon_wire.validation.profiles import Profile, ProfileSet
from etalon_wire.validation.reading import part, text
from etalon_wire.validation.snapshots import read_snapshot

MOST_BYTES: Final = 64 * 2**20
MOST_UNPACKED: Final = 512 * 2**20
MOST_FILES: Final = 20_000
_LIMITS: Final = Limits(bytes=16 * 2**20)
_FOLDER: Final = "package"
_SUFFIX: Final = ".json"


class PackageRefused(ValueError):  # noqa: N818 (the package is, the program is not)
    """The archive is no FHIR package, or not one that can be read safely."""


@dataclass(frozen=True, slots=True)
class OfficialPackage:
    """A package read: its name and version, its profiles over ours, what is not evaluated."""

    name: str
    version: str
    profiles: ProfileSet
    not_evaluated: tuple[str, ...]


def read_package(content: bytes, over: ProfileSet) -> OfficialPackage:
    """Return the profiles of a package laid over `over`: at the same address, the package's win.

    Raises:
        PackageRefused: Not a package, too large, or an entry outside `package/`.
    """
    files = _files(content)
    manifest = files.get("package.json")
    if manifest is None:
        message = "no package/package.json: give the package.tgz that the guide publishes"
        raise PackageRefused(message)
    missing: dict[str, None] = {}
    found: dict[str, Profile] = dict(over.profiles)
    for name, resource in sorted(files.items()):
        if resource.get("resourceType") != "StructureDefinition":
            continue
        profile = _profile(name, resource, over, missing)
        if profile is not None:
            found[profile.name] = found[profile.url] = profile
    return OfficialPackage(
        name=text(manifest, "name"),
        version=text(manifest, "version"),
        profiles=ProfileSet(over.base, found, over.targets),
        not_evaluated=tuple(missing),
    )


def _profile(
    name: str, resource: Resource, over: ProfileSet, missing: dict[str, None]
) -> Profile | None:
    """Return the profile of one StructureDefinition; why not is noted in `missing`."""
    kind = text(resource, "type")
    if resource.get("derivation") != "constraint" or resource.get("kind") == "logical":
        return None
    if kind not in over.base:
        missing[f"{name}: profiles of {kind} are not held"] = None
        return None
    if not part(resource, "snapshot"):
        missing[f"{name}: no snapshot"] = None
        return None
    try:
        profile = read_snapshot(resource, over, missing)
        tree_of(profile.elements)
    except (LookupError, ValueError) as broken:
        message = f"{name}: the snapshot cannot be read ({broken})"
        raise PackageRefused(message) from broken
    return profile


def _files(content: bytes) -> Mapping[str, Resource]:
    """Return the resources of the folder `package/`, by file name.

    Raises:
        PackageRefused: See `read_package`.
    """
    if len(content) > MOST_BYTES:
        message = f"the package has {len(content)} bytes, {MOST_BYTES} at most are read"
        raise PackageRefused(message)
    found: dict[str, Resource] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz", encoding="utf-8") as archive:
            total = 0
            for rank, member in enumerate(archive):
                total += member.size
                if rank >= MOST_FILES or total > MOST_UNPACKED:
                    message = f"the package unpacks to more than {MOST_UNPACKED} bytes"
                    raise PackageRefused(message)
                name = _name_in_package(member)
                if name:
                    found[name] = _resource(archive, member)
    except (tarfile.TarError, EOFError, OSError, zlib.error) as broken:
        message = f"not a gzip-compressed tar archive, or cut short ({broken})"
        raise PackageRefused(message) from broken
    return found


def _name_in_package(member: tarfile.TarInfo) -> str:
    """Return the file name of a resource of the package, empty for what is not one.

    Raises:
        PackageRefused: The entry points outside the archive.
    """
    steps = member.name.split("/")
    if ".." in steps or member.name.startswith("/") or member.issym() or member.islnk():
        message = f"the entry {member.name[:80]!r} points outside the package"
        raise PackageRefused(message)
    plain = member.isfile() and len(steps) == 2 and steps[0] == _FOLDER  # noqa: PLR2004
    return steps[1] if plain and steps[1].endswith(_SUFFIX) else ""


def _resource(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Resource:
    """Return the JSON object of one entry; the manifest and the index have no resource type."""
    if member.size > _LIMITS.bytes:
        message = f"{member.name}: {member.size} bytes, {_LIMITS.bytes} at most are read"
        raise PackageRefused(message)
    file = archive.extractfile(member)
    body = file.read() if file is not None else b""
    try:
        value = read_value(body, _LIMITS)
    except Malformed as broken:
        message = f"{member.name}: {broken.message}"
        raise PackageRefused(message) from broken
    return value if isinstance(value, dict) else {}
