"""What clients asked, when, and what they were answered."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from etalon_model.value_codec import Json

C_co = TypeVar("C_co", covariant=True)
A_co = TypeVar("A_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[C_co, A_co]):
    """One thing that a client asked.

    Where no answer is known, it may have happened or not: until it returned, and at any later time
    when it never did.

    Attributes:
        client: Who asked, like `doctor 1`.
        asked: What was asked.
        invoked: When, in nanoseconds of the one clock of the recorder.
        returned: When its answer was there, or None: a timeout, a connection lost.
        observed: What was answered, or None when that is not known.
    """

    client: str
    asked: C_co
    invoked: int
    returned: int | None = None
    observed: A_co | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot have been recorded.

        Raises:
            ValueError: It returned before it was invoked, or was answered and never returned.
        """
        if self.returned is not None and self.returned < self.invoked:
            message = f"{self.client}: returned at {self.returned}, invoked at {self.invoked}"
            raise ValueError(message)
        if self.observed is not None and self.returned is None:
            message = f"{self.client}: an answer is known of an operation that never returned"
            raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a client learns from the answer to a command; what it did not look at is left out.

    Attributes:
        accepted: The command was carried out.
        codes: Of a refusal, the codes of the model that it may stand for; none for any.
        seen: Of what was shown, the part that was looked at, in the words of the model's vectors
            (`etalon_model.vectors.answers`), documents in the order of their identifiers; None
            when nobody looked.
    """

    accepted: bool
    codes: tuple[str, ...] = ()
    seen: Json = None

    def __post_init__(self) -> None:
        """Refuse a contradiction.

        Raises:
            ValueError: It was accepted with a code, or refused and something was shown.
        """
        if self.accepted and self.codes:
            message = f"accepted, and yet refused with {', '.join(self.codes)}"
            raise ValueError(message)
        if not self.accepted and self.seen is not None:
            message = "refused, and yet something was shown"
            raise ValueError(message)
