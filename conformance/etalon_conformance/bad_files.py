"""A file that a person wrote and that cannot be used: what was found where, what is expected."""

from pydantic import ValidationError

from etalon_text.language import Language
from etalon_text.refusals import refusal_in, values_in
from etalon_text.strings import text


class BadFileError(ValueError):
    """A file, or a value in it, that the user can mend.

    Attributes:
        problem: What is wrong: the string `bad_file.PROBLEM` says it.
        place: Where in the file: a key, a line; empty for the whole of it.
        values: What fills the string.
    """

    def __init__(self, *, problem: str, place: str = "", **values: object) -> None:
        """State the problem, its place and its values."""
        super().__init__(problem, place, values)
        self.problem = problem
        self.place = place
        self.values = values

    def __str__(self) -> str:
        """The message in English."""
        return self.told("en")

    def told(self, language: Language) -> str:
        """Say what was found and what is expected, after its place."""
        said = text(f"bad_file.{self.problem}", language, **values_in(self.values, language))
        if not self.place:
            return said
        return text("bad_file.at", language, place=refusal_in(self.place, language), said=said)


def first_error(error: ValidationError) -> BadFileError:
    """Return the error to report first: a misspelt key explains the one that is missing."""
    details = error.errors(include_url=False)
    misspelt = [detail for detail in details if detail["type"] == "extra_forbidden"]
    detail = (misspelt or details)[0]
    steps = [str(step + 1) if isinstance(step, int) else step for step in detail["loc"]]
    place = " ".join(steps)
    if detail["type"] == "extra_forbidden":
        return BadFileError(problem="unknown_key", place=place)
    if detail["type"] == "missing":
        return BadFileError(problem="missing", place=place)
    expected = detail["msg"].removeprefix("Input should be ")
    return BadFileError(problem="other_shape", place=place, why=expected)


def not_toml(error: Exception) -> BadFileError:
    """Return the error of a file that is no TOML."""
    why = "bytes that are no UTF-8" if isinstance(error, UnicodeError) else str(error)
    return BadFileError(problem="no_toml", why=why)
