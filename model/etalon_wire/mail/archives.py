"""Zip archives received from strangers, and archives that come out equal from equal files.

An archive is refused before it is unpacked when what it declares is too large, and while it is
unpacked when it declared too little. Nothing is written to a disk: names are keys, not paths, and
those that would leave a folder are refused all the same, for whoever unpacks them next.

Sources: PKWARE APPNOTE (format); IHE XDM (ITI-32). Bounds: ours.
"""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from etalon_wire.malformed import (
    NOT_SUPPORTED,
    STRUCTURE,
    TOO_COSTLY,
    TOO_LONG,
    VALUE,
    Malformed,
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large an archive may be.

    Attributes:
        archive_bytes: Most bytes of the archive.
        total_bytes: Most bytes of its files together, unpacked.
        files: Most files and folders.
        name_bytes: Most bytes of a name.
        ratio: How many times larger than its packed form a file of some size may be.
    """

    archive_bytes: int = 32 * 1024 * 1024
    total_bytes: int = 64 * 1024 * 1024
    files: int = 128
    name_bytes: int = 255
    ratio: int = 200


BOUNDS: Final = Bounds()
"""The bounds where nobody asks for others."""

_OPENS: Final = b"PK\x03\x04"
_CLOSES: Final = b"PK\x05\x06"
_LOCATES_64: Final = b"PK\x06\x07"
_CLOSING: Final = struct.Struct("<4s4H2LH")
_LOCATOR_BYTES: Final = 20
_RECORD_BYTES: Final = 1024
_ENCRYPTED: Final = 0x1 | 0x40
_PACKED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_SMALL: Final = 64 * 1024
_UNIX: Final = 16
_WRITTEN_AT: Final = (1980, 1, 1, 0, 0, 0)
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
)


def read_archive(body: bytes, bounds: Bounds = BOUNDS) -> dict[str, bytes]:
    """Return the files of an archive by name, in its order; folders are passed over.

    Raises:
        Malformed: `too-long` or `too-costly` beyond the bounds, `value` for a name that is no plain
            relative path or stands twice, `not-supported` for a link, an encrypted file or another
            packing, `structure` for what is no sound archive.
    """
    _check_ends(body, bounds)
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            entries = archive.infolist()
            _check_entries(entries, len(body), bounds)
            return {one.filename: _unpacked(archive, one) for one in entries if not one.is_dir()}
    except _BROKEN as error:
        message = f"the archive cannot be unpacked: {str(error)[:120] or type(error).__name__}"
        raise Malformed(STRUCTURE, "", message) from None


def write_archive(files: Mapping[str, bytes]) -> bytes:
    """Write files into an archive, in their order; equal files give equal bytes.

    Raises:
        Malformed: `value`: a name that is no plain relative path, or stands twice.
    """
    check_names(files)
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _WRITTEN_AT)
            entry.create_system = 0
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, 6)
    return into.getvalue()


def check_names(names: Iterable[str], bounds: Bounds = BOUNDS) -> None:
    """Refuse names that lead out of a folder, or that two file systems would read as one.

    Raises:
        Malformed: `value`, with the name.
    """
    seen: set[str] = set()
    for name in names:
        steps = name.removesuffix("/").split("/")
        plain = name.isprintable() and not set(name) & set('\\:*?"<>|')
        if not plain or set(steps) & {"", ".", ".."} or len(name.encode()) > bounds.name_bytes:
            message = f"{name[:80]!r} is no plain relative name: write folders/file"
            raise Malformed(VALUE, "", message)
        folded = name.removesuffix("/").casefold()
        if folded in seen:
            raise Malformed(VALUE, "", f"{name[:80]!r} stands twice in the archive")
        seen.add(folded)


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    content = archive.read(entry)
    if len(content) != entry.file_size:
        message = f"{entry.filename!r} has {len(content)} bytes and says {entry.file_size}"
        raise zipfile.BadZipFile(message)
    return content


def _check_ends(body: bytes, bounds: Bounds) -> None:
    """Bound the directory of the archive before anything builds it."""
    if len(body) > bounds.archive_bytes:
        message = f"the archive has {len(body)} bytes: at most {bounds.archive_bytes} are read"
        raise Malformed(TOO_LONG, "", message)
    closing = body.rfind(_CLOSES)
    if not body.startswith(_OPENS) or closing < 0 or closing + _CLOSING.size > len(body):
        raise Malformed(STRUCTURE, "", "this is no zip archive, or it is cut short")
    directory_bytes, comment_bytes = _CLOSING.unpack_from(body, closing)[5::2]
    if closing + _CLOSING.size + comment_bytes != len(body):
        raise Malformed(STRUCTURE, "", "something follows the end of the archive")
    if body[max(0, closing - _LOCATOR_BYTES) : closing].startswith(_LOCATES_64):
        raise Malformed(NOT_SUPPORTED, "", "archives of 64 bits are not read: nothing needs them")
    if directory_bytes > bounds.files * _RECORD_BYTES:
        message = (
            f"the directory has {directory_bytes} bytes: at most {bounds.files} files are read"
        )
        raise Malformed(TOO_COSTLY, "", message)


def _check_entries(entries: list[zipfile.ZipInfo], held: int, bounds: Bounds) -> None:
    if len(entries) > bounds.files:
        message = f"the archive has {len(entries)} files: at most {bounds.files} are read"
        raise Malformed(TOO_COSTLY, "", message)
    check_names((entry.filename for entry in entries), bounds)
    for entry in entries:
        _check_entry(entry, bounds)
    total = sum(entry.file_size for entry in entries)
    # Entries that share packed bytes declare more of them than there are.
    if total > bounds.total_bytes or sum(entry.compress_size for entry in entries) > held:
        message = f"the files have {total} bytes unpacked: at most {bounds.total_bytes} are read"
        raise Malformed(TOO_COSTLY, "", message)


def _check_entry(entry: zipfile.ZipInfo, bounds: Bounds) -> None:
    # A name is cut at a null character: what stood behind it is in the other name.
    if entry.filename != entry.orig_filename:
        raise Malformed(VALUE, "", f"{entry.orig_filename[:80]!r} is no plain relative name")
    mode = stat.S_IFMT(entry.external_attr >> _UNIX)
    if mode not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Malformed(NOT_SUPPORTED, "", f"{entry.filename!r} is a link or a device: send files")
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _PACKED:
        message = f"{entry.filename!r} is encrypted or packed otherwise: store or deflate it"
        raise Malformed(NOT_SUPPORTED, "", message)
    if entry.file_size > max(_SMALL, bounds.ratio * entry.compress_size):
        message = f"{entry.filename!r} unpacks to more than {bounds.ratio} times its size"
        raise Malformed(TOO_COSTLY, "", message)
