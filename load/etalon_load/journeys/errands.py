"""One journey of one person: its requests, how long they think, what is expected of answers."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from etalon_load.calling import NOBODY, Caller, Grant
from etalon_load.expecting import Expectation, person_acting
from etalon_load.http_client import Answer
from etalon_load.journeys.table import think_seconds
from etalon_load.journeys.thinking import drawn, thought
from etalon_model.actors import Actor

if TYPE_CHECKING:
    from etalon_load.dispatching import Walk
    from etalon_load.journeys.judging import Judge
    from etalon_load.people.credential import Credential


class Errand:
    """One journey of one person: its requests, and what is expected of their answers.

    Attributes:
        walk: The journey.
        caller: Who sends.
        one: The test person.
        trace: Of every request.
        chance: A number from 0 to 1 that is the person's own.
    """

    __slots__ = ("_expected", "_rank", "caller", "chance", "one", "trace", "walk")

    def __init__(self, caller: Caller, walk: "Walk", one: "Credential") -> None:
        """Begin."""
        self.caller, self.walk, self.one = caller, walk, one
        self.trace = walk.trace.encode("ascii")
        self.chance = drawn(caller.settings.seed, walk.arrival.person)
        self._rank = 0
        sampled = drawn(caller.settings.seed + 1, walk.arrival.person) < caller.settings.sample
        expecting = caller.expecting if sampled else None
        self._expected = None if expecting is None else expecting.begin(one)

    @property
    def actor(self) -> Actor:
        """Who acts on the space: the representative of a minor, else its holder."""
        return person_acting(self.one)

    @property
    def expecting(self) -> Expectation | None:
        """What the model expects from now on, None outside the sampled share."""
        expected = self._expected
        if expected is None or expected.is_over:
            return None
        return expected.moved_to(self.caller.now)

    def knows(self, login: str, password: str) -> None:
        """Log in with credentials that the person chose, from now on."""
        self.one = replace(self.one, login=login, password=password)

    def number(self, count: int = 1) -> int:
        """Return the number of the next document of the person, and reserve so many."""
        numbers = self.caller.numbers
        first = numbers.get(self.one.ins) or self.caller.first_number + len(self.one.documents)
        numbers[self.one.ins] = first + count
        return first

    def path_of(self, interaction: str, ident: str) -> str:
        """Return the path of an interaction with one resource."""
        return self.caller.call(interaction).path.replace("{id}", quote(ident))

    def ask(  # noqa: PLR0913 (what is asked, and what is right)
        self,
        step: str,
        interaction: str,
        judge: "Judge",
        *,
        path: str = "",
        query: str = "",
        grant: Grant = NOBODY,
        body: bytes = b"",
    ) -> Answer | None:
        """Think, ask, judge.

        Args:
            step: Of the journey.
            interaction: Of the wire.
            judge: Says what is wrong with an answer.
            path: In place of that of the interaction.
            query: After a question mark, as written on the wire.
            grant: Whose token.
            body: Of the request.

        Returns:
            The answer when it was right, else None.
        """
        caller, trace = self.caller, self.trace
        call = caller.call(interaction)
        whole = path or call.path
        if query:
            whole = f"{whole}?{query}"
        return self.take(step, lambda: caller.send(call, whole, trace, grant, body), judge)

    def take(self, step: str, send: Callable[[], Answer], judge: "Judge") -> Answer | None:
        """Think, send, judge; after a surprise the model is asked no more about the person."""
        self.think(step)
        answer = self.walk.step(step, send, judge)
        if answer is None and self._expected is not None:
            self._expected.give_up()
        return answer

    def end(self) -> None:
        """Be over: the person may come again."""
        if self._expected is not None:
            self._expected.is_busy = False

    def think(self, step: str) -> None:
        """Wait as somebody does before a step."""
        median = think_seconds()[self.walk.arrival.kind, step] * self.caller.settings.pace
        self._rank += 1
        if median:
            arrival, seed = self.walk.arrival, self.caller.settings.seed
            chance = drawn(seed ^ arrival.at_microsecond, arrival.person + (self._rank << 40))
            self.walk.think(thought(median, chance))
