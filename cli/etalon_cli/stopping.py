"""How a command stops without its result: an entry of the error catalogue, with its values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etalon_text.error_catalogue import catalogued
from etalon_text.refusals import values_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from etalon_text.language import Language


def because(*, reason: str, **values: object) -> Stopped:
    """Give what to raise for a reason of the catalogue."""
    return Stopped(reason, values)


class Stopped(Exception):  # noqa: N818 (several of these are answers, not errors)
    """A command stops for a reason that the catalogue explains.

    Attributes:
        key: The reason, a key of `etalon_text/errors.csv`.
        values: What fills the placeholders of its sentences.
    """

    def __init__(self, key: str, values: Mapping[str, object]) -> None:
        """State the reason and the values of its sentences."""
        super().__init__(key, values)
        self.key = key
        self.values = values

    @property
    def exit_code(self) -> int:
        """The exit code that the catalogue gives to this reason."""
        return catalogued(self.key).exit_code

    def told(self, language: Language) -> str:
        """Say what happened, where, and what to do next.

        A problem that was raised in English, by a part that knows no reader, is translated.
        """
        return catalogued(self.key).told(language, **values_in(self.values, language))
