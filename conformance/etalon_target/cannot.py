"""What could not be tested, and why: never a pass, and never a fault of the target."""

from etalon_text.language import Language
from etalon_text.strings import text


class CannotTest(Exception):  # noqa: N818 (what happens to a check, not a fault of the program)
    """Something a check needs is not to be had.

    Attributes:
        key: Key of the text that says why, `target.…`.
        values: What its placeholders stand for.
    """

    def __init__(self, key: str, **values: object) -> None:
        """Keep the cause as a key and its values, so that it can be told in both languages."""
        self.key = key
        self.values = {name: str(value) for name, value in values.items()}
        super().__init__(key, self.values)

    def __str__(self) -> str:
        """The cause, in English."""
        return self.told("en")

    def told(self, language: Language) -> str:
        """Return the cause in a language."""
        return text(self.key, language, **self.values)
