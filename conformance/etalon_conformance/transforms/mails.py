"""Servers whose receipts by mail are not what they should be."""

import re
from collections.abc import Callable
from email import message_from_bytes
from typing import Final

from etalon_wire.json_body import Resource
from etalon_wire.mail.lots import ARCHIVE_NAME
from etalon_wire.parts import Application, Codec, Deciding, Transform


class _Posts:
    """A codec that has other receipts leave."""

    __slots__ = ("_change", "_codec")

    def __init__(self, codec: Codec, change: Callable[[bytes], bytes]) -> None:
        self._codec = codec
        self._change = change

    def arriving(self, resource: Resource) -> Resource:
        return self._codec.arriving(resource)

    def leaving(self, resource: Resource) -> Resource:
        return self._codec.leaving(resource)

    def posting(self, mail: bytes) -> bytes:
        return self._change(mail)


def _posting(change: Callable[[bytes], bytes]) -> Transform:
    def transform(
        service: Deciding, codec: Codec, app: Application
    ) -> tuple[Deciding, Codec, Application]:
        return service, _Posts(codec, change), app

    return transform


def receipts_withheld() -> Transform:
    """Have no receipt leave."""
    return _posting(lambda _: b"")


def receipts_rewritten(*, found: str, put: str) -> Transform:
    """Write other words than some of a receipt."""
    pattern, other = re.compile(found.encode()), put.encode()
    return _posting(lambda mail: pattern.sub(other, mail))


def receipts_without_files() -> Transform:
    """Leave the archive of the mail answered out of its receipt."""

    def change(mail: bytes) -> bytes:
        whole = message_from_bytes(mail)
        others = [one for one in whole.walk() if one.get_filename() == ARCHIVE_NAME]
        for one in others:
            # An attachment without its bytes is none: nothing else of the mail moves.
            one.set_payload("")
            del one["Content-Disposition"]
        return whole.as_bytes()

    return _posting(change)


MAKERS: Final = (receipts_withheld, receipts_rewritten, receipts_without_files)
