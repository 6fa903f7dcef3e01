"""Archives: equal bytes from equal files, and every hostile archive refused before it costs."""

import io
import stat
import struct
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etalon_wire.mail.archives import Bounds, read_archive, write_archive
from etalon_wire.malformed import Malformed

NAMES = st.lists(
    st.from_regex(r"[a-z0-9é_-]{1,8}(\.[a-z]{1,3})?", fullmatch=True), min_size=1, max_size=3
).map("/".join)
FEW = Bounds(archive_bytes=20_000, total_bytes=100_000, files=3, name_bytes=40, ratio=50)


def zipped(*entries: tuple[str, bytes], link: bool = False) -> bytes:
    """Return an archive with these entries, whatever their names."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        for name, content in entries:
            entry = zipfile.ZipInfo(name)
            if link:
                entry.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return into.getvalue()


def patched(body: bytes, at: int, value: bytes) -> bytes:
    """Return an archive with other bytes at an offset of the record of its first file."""
    start = body.rfind(b"PK\x01\x02") + at
    return body[:start] + value + body[start + len(value) :]


PLAIN = zipped(("a.txt", b"a" * 40))
HOSTILE: list[tuple[str, bytes, str]] = [
    ("nothing", b"", "no zip archive"),
    ("no archive", b"<html>", "no zip archive"),
    ("cut short", PLAIN[:-30], "no zip archive"),
    ("tail", PLAIN + b"more", "follows the end"),
    ("something before", b"#!/bin/sh\n" + PLAIN, "no zip archive"),
    ("large", b"PK\x03\x04" + b"a" * 20_000, "at most 20000"),
    ("bomb", zipped(("a", b"0" * 99_000)), "50 times"),
    ("many bombs", zipped(*((name, b"0" * 60_000) for name in "ab")), "120000 bytes unpacked"),
    ("many files", zipped(*((name, b"") for name in "abcd")), "at most 3"),
    ("very many files", zipped(*((f"{rank}", b"") for rank in range(100))), "at most 3 files"),
    ("climbing", zipped(("../a", b"")), "no plain relative"),
    ("climbing inside", zipped(("a/../../b", b"")), "no plain relative"),
    ("absolute", zipped(("/etc/passwd", b"")), "no plain relative"),
    ("drive", zipped(("C:/a", b"")), "no plain relative"),
    ("backslash", patched(zipped(("a_b", b"")), 46, b"a\\b"), "no plain relative"),
    ("null", patched(zipped(("a_b", b"")), 46, b"a\0b"), "no plain relative"),
    ("empty step", zipped(("a//b", b"")), "no plain relative"),
    ("long name", zipped(("a" * 41, b"")), "no plain relative"),
    ("line end", zipped(("a\nb", b"")), "no plain relative"),
    ("other name inside", patched(zipped(("a_b", b"")), 46, b"a-b"), "cannot be unpacked"),
    ("two of one name", zipped(("a.txt", b"1"), ("A.TXT", b"2")), "stands twice"),
    ("link", zipped(("a", b"/etc/passwd"), link=True), "link or a device"),
    ("encrypted", patched(PLAIN, 8, b"\x01\x00"), "encrypted"),
    ("bzip2", patched(PLAIN, 10, b"\x0c\x00"), "packed otherwise"),
    ("wrong sum", patched(PLAIN, 16, struct.pack("<L", 7)), "cannot be unpacked"),
    ("larger than said", patched(PLAIN, 24, struct.pack("<L", 10)), "cannot be unpacked"),
    ("smaller than said", patched(PLAIN, 24, struct.pack("<L", 60)), "cannot be unpacked"),
    ("64 bits", PLAIN[:-22] + b"PK\x06\x07" + bytes(16) + PLAIN[-22:], "64 bits"),
]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("body", "said"), [one[1:] for one in HOSTILE], ids=[h[0] for h in HOSTILE]
)
def test_a_hostile_archive_is_refused_with_a_reason(body: bytes, said: str) -> None:
    """Nothing of it is returned, and the message says why."""
    with pytest.raises(Malformed, match=said):
        read_archive(body, FEW)


@settings(max_examples=settings().max_examples // 4)
@given(st.dictionaries(NAMES, st.binary(max_size=200), max_size=5))
def test_files_come_back_equal_and_write_equal_bytes(files: dict[str, bytes]) -> None:
    """Archives are reproducible."""
    files = files or {"a": b""}
    body = write_archive(files)

    assert read_archive(body) == files
    assert write_archive(dict(files)) == body


@given(st.integers(0, len(PLAIN) - 1), st.integers(0, 255))
def test_an_archive_with_one_wrong_byte_is_read_or_refused(at: int, byte: int) -> None:
    """Never an error of another kind, never other bytes."""
    body = PLAIN[:at] + bytes([byte]) + PLAIN[at + 1 :]
    try:
        files = read_archive(body)
    except Malformed:
        return
    assert all(zlib.crc32(content) == zlib.crc32(b"a" * 40) for content in files.values())


@pytest.mark.parametrize("name", ["", "/a", "a/../b", "a\\b", "a\nb"])
def test_no_archive_is_written_with_a_name_that_leads_elsewhere(name: str) -> None:
    """What would be refused is not sent."""
    with pytest.raises(Malformed, match="no plain relative"):
        write_archive({name: b""})


def test_folders_are_passed_over() -> None:
    """They hold nothing of their own."""
    assert read_archive(zipped(("a/", b""), ("a/b", b"1"))) == {"a/b": b"1"}
