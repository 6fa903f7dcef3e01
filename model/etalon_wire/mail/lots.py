"""IHE_XDM.zip: a lot of documents with its metadata, as it is attached to a mail.

A lot holds what its metadata name, with the sizes and digests that they say, or is refused whole.
Other files in it (a style sheet, say) are passed over: nothing refers to them.

Sources: IHE XDM, ITI-32 and ITI TF-2 3.32.4.1.2 (folders and names); W-MSS-03.
"""

import hashlib
from dataclasses import dataclass, replace
from html import escape
from typing import Final

from etalon_wire.mail.archives import BOUNDS, Bounds, read_archive, write_archive
from etalon_wire.mail.metadata_reading import read_metadata
from etalon_wire.mail.metadata_writing import write_metadata
from etalon_wire.mail.submissions import Contents, Submission
from etalon_wire.malformed import NOT_SUPPORTED, REQUIRED, VALUE, Malformed
from etalon_wire.records.documents import Described

ARCHIVE_NAME: Final = "IHE_XDM.zip"
"""The name under which a lot is attached to a mail."""

_INDEX: Final = "INDEX.HTM"
_README: Final = "README.TXT"
_ROOT: Final = "IHE_XDM/"
_SUBSET: Final = f"{_ROOT}SUBSET01/"
_METADATA: Final = f"{_SUBSET}METADATA.XML"


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A document in a lot: what is said of it, and its bytes."""

    described: Described
    content: bytes


@dataclass(frozen=True, slots=True)
class Lot:
    """A submission and its documents."""

    submission: Submission
    documents: tuple[Enclosed, ...]


def read_lot(body: bytes, bounds: Bounds = BOUNDS) -> Lot:
    """Read IHE_XDM.zip.

    Raises:
        Malformed: It is no archive within the bounds, lacks a file that it must hold, or holds
            another document than its metadata say (size, digest).
    """
    files = read_archive(body, bounds)
    for name in (_INDEX, _README, _METADATA):
        if name not in files:
            raise Malformed(REQUIRED, name, f"the archive holds no {name}: XDM asks for it")
    subsets = {name.split("/")[1] for name in files if name.startswith(_ROOT) and "/" in name[8:]}
    if len(subsets) > 1:
        raise Malformed(NOT_SUPPORTED, "", f"{len(subsets)} lots in one archive: send them apart")
    contents = read_metadata(files[_METADATA])
    urls = [one.url for one in contents.documents]
    if len(set(urls)) < len(urls):
        raise Malformed(VALUE, _METADATA, "two documents have one URI")
    documents = tuple(_enclosed(one, files) for one in contents.documents)
    return Lot(contents.submission, documents)


def write_lot(lot: Lot) -> bytes:
    """Write IHE_XDM.zip; sizes, digests and missing names of documents are worked out.

    Raises:
        Malformed: `value`: two documents have one name, a name leads elsewhere, or a text holds a
            character that XML does not.
    """
    documents = [_named(one, rank) for rank, one in enumerate(lot.documents, 1)]
    contents = Contents(lot.submission, tuple(one.described for one in documents))
    names = [one.described.url for one in documents]
    if len({name.casefold() for name in [*names, "METADATA.XML"]}) <= len(names):
        raise Malformed(VALUE, "", "two documents have one name, or that of the metadata")
    files = {
        _INDEX: _index(documents).encode(),
        _README: _README_TEXT.encode(),
        _METADATA: write_metadata(contents),
        **{f"{_SUBSET}{one.described.url}": one.content for one in documents},
    }
    return write_archive(files)


def _enclosed(described: Described, files: dict[str, bytes]) -> Enclosed:
    """W-MSS-03: the document is there, with the size and the digest that are said."""
    name = described.url
    content = files.get(f"{_SUBSET}{name}")
    if not name or content is None or f"{_SUBSET}{name}" == _METADATA:
        message = f"the archive holds no document {name[:80]!r}: its URI is its name in SUBSET01"
        raise Malformed(REQUIRED, _METADATA, message)
    sheet = described.sheet
    if sheet.size_bytes != len(content) or sheet.sha1 != _sha1(content):
        message = f"{name[:80]!r} has {len(content)} bytes of another size or digest than is said"
        raise Malformed(VALUE, _METADATA, message)
    return Enclosed(described, content)


def _named(enclosed: Enclosed, rank: int) -> Enclosed:
    described, content = enclosed.described, enclosed.content
    sheet = replace(described.sheet, size_bytes=len(content), sha1=_sha1(content))
    url = described.url or f"DOC{rank:05}.{'XML' if 'xml' in sheet.form.mime else 'BIN'}"
    return Enclosed(replace(described, sheet=sheet, url=url), content)


def _sha1(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


_README_TEXT: Final = """\
Lot de documents de santé (IHE XDM).\r
INDEX.HTM en donne la liste ; les documents sont dans IHE_XDM/SUBSET01.\r
\r
Set of health documents (IHE XDM).\r
INDEX.HTM lists them; the documents are in IHE_XDM/SUBSET01.\r
"""


def _index(documents: list[Enclosed]) -> str:
    """Return a page that lists the documents, in French and in English."""
    rows = "".join(
        f'<li><a href="{escape(_SUBSET + one.described.url)}">'
        f"{escape(one.described.sheet.title or one.described.url)}</a></li>\n"
        for one in documents
    )
    return (
        '<!DOCTYPE html>\n<html lang="fr"><head><meta charset="utf-8">'
        "<title>Lot de documents de santé</title></head>\n<body>\n"
        "<h1>Lot de documents de santé</h1>\n"
        '<p lang="en">Set of health documents</p>\n'
        f'<ul>\n{rows}</ul>\n<p><a href="README.TXT">README.TXT</a></p>\n</body></html>\n'
    )
