"""What is wrong with people who were given or made, as a text in each language."""

from etalon_text.language import Language
from etalon_text.refusals import values_in
from etalon_text.strings import text


class PeopleError(ValueError):
    """People who cannot be used, or could not be made.

    Attributes:
        key: Key of the text that says why, `load.people.…`.
        values: What its placeholders stand for; nothing secret.
    """

    def __init__(self, key: str, **values: object) -> None:
        """Keep the cause as a key and its values, so that it can be told in both languages."""
        self.key = f"load.people.{key}"
        self.values = values
        super().__init__(self.key, values)

    def __str__(self) -> str:
        """The cause, in English."""
        return self.told("en")

    def told(self, language: Language) -> str:
        """Return the cause in a language."""
        return text(self.key, language, **values_in(self.values, language))


class NotMadeError(PeopleError):
    """Test people whom a target did not make, or does not know afterwards."""
