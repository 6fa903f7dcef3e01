"""A register that holds one number: a specification that has nothing to do with the model.

A history is written a line an operation: who, what, when invoked, when returned. `w1` writes 1,
`r1` reads 1, `r?` reads and nobody knows what, `w1?` writes and nobody knows whether; `c01` puts 1
in the place of 0 and is told that it did, `c01x` that it did not. `-` stands for never.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from etalon_conformance.histories.history import Operation

Asked = str
Told = str | int
History = tuple[Operation[Asked, Told], ...]


@dataclass(frozen=True, slots=True)
class Register:
    """One number; it starts at any of some."""

    first: tuple[int, ...] = (0,)

    def starts(self) -> Iterable[int]:
        """Return what it may hold."""
        return self.first

    def steps(self, state: int, asked: Asked) -> Iterable[tuple[Told, int]]:
        """Read, write, exchange; `flip` holds 0 or 1, and says neither."""
        match asked[0]:
            case "r":
                return [(state, state)]
            case "w":
                return [("done", int(asked[1]))]
            case "c" if state == int(asked[1]):
                return [("done", int(asked[2]))]
            case "c":
                return [("refused", state)]
            case _:
                return [("done", 0), ("done", 1)]

    def key(self, state: int) -> Hashable:
        """Return what it holds."""
        return state

    def agrees(self, observed: Told, allowed: Told) -> bool:
        """Whether it is the same."""
        return observed == allowed


def written(*lines: str) -> History:
    """Read a history written as above."""
    return tuple(_operation(*line.split()) for line in lines)


def _operation(client: str, said: str, invoked: str, returned: str) -> Operation[Asked, Told]:
    known = returned != "-" and not said.endswith("?")
    told: Told = "refused" if said.endswith("x") else "done"
    return Operation(
        client=client,
        asked="r" if said[0] == "r" else said.rstrip("?x"),
        invoked=int(invoked),
        returned=None if returned == "-" else int(returned),
        observed=None if not known else int(said[1:]) if said[0] == "r" else told,
    )


def has_an_order(history: History, register: Register) -> bool:
    """Try every order of every set of operations that may have happened."""
    return any(
        is_an_order(order, history, register)
        for size in range(len(history) + 1)
        for order in permutations(history, size)
    )


def is_an_order(
    order: Sequence[Operation[Asked, Told]], history: History, register: Register
) -> bool:
    """Whether `order` has every answered operation, follows time and gives the answers."""
    placed = {id(one) for one in order}
    if any(one.observed is not None and id(one) not in placed for one in history):
        return False
    in_time = all(
        later.returned is None or later.returned >= earlier.invoked
        for rank, earlier in enumerate(order)
        for later in order[rank:]
    )
    return in_time and any(_after(first, order, register) for first in register.starts())


def _after(first: int, order: Sequence[Operation[Asked, Told]], register: Register) -> bool:
    states: set[int] = {first}
    for one in order:
        states = {state for held in states for state in _led(held, one, register)}
    return bool(states)


def _led(held: int, one: Operation[Asked, Told], register: Register) -> Iterator[int]:
    for told, state in register.steps(held, one.asked):
        if one.observed is None or register.agrees(one.observed, told):
            yield state
