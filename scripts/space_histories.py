"""Histories of one space under the hands of several clients, as a right service would answer.

The holder, a friend and doctors act on the same space within seconds.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from etalon_conformance.histories.history import Answer, Operation
from etalon_conformance.histories.history_lines import CommandOperation
from etalon_conformance.histories.sequential import answer_of
from etalon_model import vintage
from etalon_model.actors import INSURER, caregiver, professional
from etalon_model.closing import CloseSpace
from etalon_model.command import Command
from etalon_model.delegation import AnswerInvitation, InviteCaregiver
from etalon_model.opposition import Oppose
from etalon_model.people import Route
from etalon_model.policies import Policies
from etalon_model.records.masking import MaskDocument, UnmaskDocument
from etalon_model.records.reading import ReadDocument
from etalon_model.records.rehearsal import DOCTOR, OTHER_DOCTOR, RecordRehearsal
from etalon_model.records.search import SearchDocuments
from etalon_model.rights.blocks import BlockProfessional, DeclareAttendingDoctor
from etalon_model.states import State
from etalon_model.value_codec import Json

Commands = dict[str, Command]

ATTENDING: Final = professional("899700366331", "doctor")
STEP: Final = 1_000_000
"""Nanoseconds between two instants of a history written by hand."""


class SpaceScene:
    """An open space with a document, somebody with a code to enter theirs, and what may be asked.

    Attributes:
        ins: Matricule of the holder.
        friend: Matricule of somebody whom the holder may ask for help.
        newcomer: Matricule of the person with the code.
        service: Where the service stands before a history.
        commands: What may be asked, by a short name.
    """

    def __init__(self, policies: Policies | None = None) -> None:
        """Open the spaces and deposit the document, under the policies of the model or others."""
        launch = replace(vintage("launch-2022"), policies=policies or Policies())
        rehearsal = RecordRehearsal(launch)
        box = rehearsal.sandbox
        box.do(DeclareAttendingDoctor(box.now, INSURER, rehearsal.ins, ATTENDING.ident))
        for actor in (DOCTOR, OTHER_DOCTOR):
            rehearsal.team(actor)
        known = rehearsal.put().unique_id
        deposits = [rehearsal.deposit() for _ in range(3)]
        self.ins, own = rehearsal.ins, rehearsal.holder
        self.friend, self.newcomer = box.person(), box.person()
        box.bring(self.friend, State.OPEN_ACTIVE)
        box.bring(self.newcomer, State.NOTIFIED)
        code = box.fresh_code(self.newcomer)
        now, entry = box.now, box.activation(self.newcomer, code)
        self.service = box.service
        self.commands: Commands = {
            "search": SearchDocuments(now, own, self.ins),
            "consult": SearchDocuments(now, DOCTOR, self.ins),
            "read": ReadDocument(now, OTHER_DOCTOR, self.ins, known),
            "attend": ReadDocument(now, ATTENDING, self.ins, known),
            "mask": MaskDocument(now, own, self.ins, known),
            "unmask": UnmaskDocument(now, own, self.ins, known),
            "block": BlockProfessional(now, own, self.ins, OTHER_DOCTOR.ident),
            "close": CloseSpace(now, own, self.ins, Route.WEB, password_reentered=True),
            "invite": InviteCaregiver(now, own, self.ins, self.friend),
            "help": AnswerInvitation(now, caregiver(self.friend), self.ins, accept=True),
            "enter": entry,
            "oppose": Oppose(now, entry.actor, self.newcomer, Route.WEB, entry.inputs, code),
        }
        for rank, one in enumerate(deposits, 1):
            self.commands[f"deposit{rank}"] = replace(one, at=now)

    def recorded(self, *lines: str) -> tuple[CommandOperation, ...]:
        """Return a history written by hand, each line `client command invoked returned answer`.

        An answer is `done`, `refused`, a code, or the ranks of the documents seen, like `[0,2]`;
        nobody knows one that is not there.
        """
        return tuple(self._operation(*line.split()) for line in lines)

    def _operation(
        self, client: str, name: str, invoked: str, returned: str, told: str = ""
    ) -> CommandOperation:
        return Operation(
            client=client,
            asked=self.commands[name],
            invoked=int(invoked) * STEP,
            returned=None if returned == "-" else int(returned) * STEP,
            observed=self._told(told) if told else None,
        )

    def _told(self, told: str) -> Answer:
        if told.startswith("["):
            ranks = told[1:-1].split(",") if told != "[]" else []
            return Answer(accepted=True, seen={"documents": self._documents(ranks)})
        if told == "done":
            return Answer(accepted=True)
        return Answer(accepted=False, codes=() if told == "refused" else (told,))

    def _documents(self, ranks: Iterable[str]) -> list[Json]:
        return [{"unique_id": self.unique_id(rank)} for rank in ranks]

    def unique_id(self, rank: str) -> str:
        """Return the identifier of a document: 0 is there before, others are to be deposited."""
        return f"urn:oid:1.2.250.1.213.1.4.10.{int(rank) + 1}"

    def answers(self, names: Iterable[str]) -> list[Answer]:
        """Return what the service answers to commands given one after the other."""
        service = self.service.fork()
        return [answer_of(service.apply(self.commands[name])) for name in names]


Interval = tuple[int, int]
Placed = Callable[[int], Interval]


def overlapping(
    scene: SpaceScene, names: Sequence[str], placed: Placed
) -> tuple[CommandOperation, ...]:
    """Return a history whose operations took effect in the order of `names`.

    Args:
        scene: Where they do.
        names: What was asked.
        placed: For a rank, how long before its effect it was invoked, how long after it returned.
    """
    operations: list[CommandOperation] = []
    for rank, (name, answer) in enumerate(zip(names, scene.answers(names), strict=True)):
        before, after = placed(rank)
        operations.append(
            Operation(
                client=f"c{rank}",
                asked=scene.commands[name],
                invoked=rank * STEP - before,
                returned=rank * STEP + after,
                observed=answer,
            )
        )
    return tuple(operations)
