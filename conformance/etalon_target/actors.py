"""Who a request comes from, as a target has to be told."""

from dataclasses import dataclass

from etalon_model.actors import ActorKind


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who asks a target for something.

    Attributes:
        kind: The capacity in which they act.
        ident: Matricule INS of a person, RPPS number of a professional, identifier of a client;
            empty where the kind says enough.
        profession: Code of the profession of a professional (`10` for doctors), or empty.
        on_behalf_of: Matricule of the person whose space it is about, or empty.
        scope: Scopes asked for, one space between two; empty for those of the kind.
        label: Name of the person in the profile, or empty.
        role: Right that a professional bears beside the profession (`regulator`), or empty.
        mode: How they come to a record, as their token says (`samu`, `break_glass`), or empty.
    """

    kind: ActorKind
    ident: str = ""
    profession: str = ""
    on_behalf_of: str = ""
    scope: str = ""
    label: str = ""
    role: str = ""
    mode: str = ""

    def __str__(self) -> str:
        """Who, for a message."""
        named = self.label or self.ident
        return f"{self.kind} {named}" if named else str(self.kind)
