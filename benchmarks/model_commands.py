"""What a command of the model costs, and what a person weighs.

Fifty thousand adults are affiliated and notified; of a hundred, one objects on line, five activate
and the others' spaces open by silence. The weight is that of the objects the service keeps,
identities included, as `tracemalloc` counts them.
"""

import tracemalloc
from datetime import UTC, date, datetime, timedelta

from etalon_model import (
    INSURER,
    SYSTEM,
    Activate,
    Affiliate,
    Channel,
    Contacts,
    Identity,
    Notice,
    OpenAutomatically,
    Oppose,
    Refusal,
    Route,
    SendNotice,
    Service,
    Traits,
    holder,
    identity,
    vintage,
)
from etalon_model.command import Command
from stopwatch import cpu_seconds, median_cpu_seconds, write_figures

PEOPLE = 50_000
CELLS = 300
SENT_AT = datetime(2022, 1, 31, 9, tzinfo=UTC)
ACTED_AT = SENT_AT + timedelta(days=8)
OPENED_AT = datetime(2022, 3, 20, 9, tzinfo=UTC)
CONTACTS = Contacts(email=True, mobile=True)
COMMANDS_A_PERSON = 3
ACTIVE_OF_A_HUNDRED = 5
MICROSECOND = 1e-6


def person(number: int) -> Identity:
    """Return the adult `number`, of one of three hundred cells of birth and sex."""
    born = date(1950 + number % 50, 1 + number % 12, 1 + number % 28)
    return identity(1, number, Traits(born, "F" if number % 2 else "M", "31", number // CELLS))


def applied(service: Service, command: Command) -> object:
    """Apply a command that must be accepted; return its answer."""
    outcome = service.apply(command)
    if isinstance(outcome, Refusal):
        raise SystemExit(outcome.message)
    return outcome.answer


def live(service: Service, who: Identity) -> None:
    """Give one person the three commands of their life."""
    ins = who.ins
    applied(service, Affiliate(SENT_AT, INSURER, ins, who, CONTACTS))
    notice = applied(service, SendNotice(SENT_AT, INSURER, ins, Channel.EMAIL))
    lot = who.number % 100
    if lot > ACTIVE_OF_A_HUNDRED or not isinstance(notice, Notice):
        applied(service, OpenAutomatically(OPENED_AT, SYSTEM, ins))
        return
    inputs = service.inputs(ins, ACTED_AT)
    if lot == 0:
        applied(service, Oppose(ACTED_AT, holder(ins), ins, Route.WEB, inputs, notice.code))
    else:
        activation = Activate(ACTED_AT, holder(ins), ins, inputs, notice.code, terms_version="1")
        applied(service, activation)


def town() -> Service:
    """Return a service in which everybody has lived."""
    service = Service(vintage("launch-2022"), seed=1)
    for number in range(PEOPLE):
        live(service, person(number))
    return service


def main() -> None:
    """Measure and write the figures."""
    identities = median_cpu_seconds(lambda: [person(number) for number in range(PEOPLE)])
    all_of_it = median_cpu_seconds(town)
    tracemalloc.start()
    held = town()
    weight, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    commands = PEOPLE * COMMANDS_A_PERSON
    empty = cpu_seconds(lambda: [None for _ in range(commands)])
    write_figures(
        {
            "people": len(held),
            "commands": commands,
            "microseconds_per_command": (all_of_it - identities) / commands / MICROSECOND,
            "microseconds_per_identity": identities / PEOPLE / MICROSECOND,
            "bytes_per_person": weight / PEOPLE,
            "ratio_of_a_command_to_a_turn_of_an_empty_loop": (all_of_it - identities) / empty,
        }
    )


if __name__ == "__main__":
    main()
