"""How a professional logs in: the sandbox asks which test professional, and proves nothing.

Sources: Pro Santé Connect (claims SubjectNameID, SubjectRefPro, SubjectRole,
Acces_Regulation_Medicale); rules ID-03 (national identifier), ID-11 (the right of a regulator comes
from a claim).
"""

from collections.abc import Iterable, Mapping
from typing import Final

from etalon_model.professionals import (
    Professional,
    professional_numbered,
    professional_of,
)
from etalon_model.rights.matrix import PROFESSION_OF_ROLE
from etalon_model.tables import rows_of
from etalon_server.identity.authorisation import Pending
from etalon_server.identity.grants import Bearer
from etalon_server.identity.views import Choice, View
from etalon_text.language import Language
from etalon_wire.claims import ROLES_OID
from etalon_wire.json_body import Json

MEANS: Final = "psc"
REGULATOR: Final = "regulator"
_FOR_DOCTORS: Final = "doctor"


class ProfessionalLogin:
    """The login of professionals."""

    __slots__ = ("_offered", "_seed")

    def __init__(self, seed: int) -> None:
        """Let in the test professionals of a seed."""
        self._seed = seed
        self._offered: tuple[Professional, ...] = ()

    def offer(self, numbers: Iterable[str]) -> None:
        """Put some professionals first on the page, in their order.

        Args:
            numbers: Their RPPS numbers.

        Raises:
            LookupError: One is no test professional of the seed.
        """
        self._offered = tuple(professional_of(self._seed, one) for one in numbers)

    def first(self, fault: str = "") -> View:
        """Return the page: which professional?"""
        usual = (professional_numbered(self._seed, role, 0) for role in PROFESSION_OF_ROLE)
        people = list(dict.fromkeys((*self._offered, *usual)))
        choices = {lang: [_choice(one, lang) for one in people] for lang in ("fr", "en")}
        return View("professional", fault, facts={"choices": choices})

    def advance(self, pending: Pending, form: Mapping[str, str]) -> View | Bearer:
        """Take the answer of the page; return who logged in, or the page again."""
        del pending
        ident = form.get("other", "").strip() or form.get("professional", "")
        try:
            who = professional_of(self._seed, ident)
        except LookupError:
            return self.first("login.no_professional")
        role = REGULATOR if form.get("regulator") else ""
        if role and who.profession != _FOR_DOCTORS:
            return self.first("login.not_a_doctor")
        return Bearer(who.actor(role), means=MEANS, level="low")


def professional_claims(seed: int, bearer: Bearer) -> dict[str, Json]:
    """Return what Pro Santé Connect says of a professional, as far as texts that we read say."""
    who = professional_of(seed, bearer.actor.ident)
    reference: Json = {
        "exercices": [
            {
                "codeProfession": who.role,
                "nomExercice": who.family,
                "prenomExercice": who.given,
                "activities": [{"numeroFinessSite": who.structure}],
            }
        ]
    }
    return {
        "SubjectNameID": who.idnps,
        "preferred_username": who.idnps,
        "given_name": who.given,
        "family_name": who.family,
        "SubjectRole": [f"{who.role}^{ROLES_OID}"],
        "SubjectRefPro": reference,
        "Acces_Regulation_Medicale": "TRUE" if bearer.actor.role == REGULATOR else "FALSE",
    }


def _choice(who: Professional, language: Language) -> Choice:
    label = f"{who.given} {who.family}"
    return Choice(who.rpps, label, f"{_profession(who.profession, language)} ({who.role})")


def _profession(name: str, language: Language) -> str:
    if language == "en":
        return name.replace("_", " ").capitalize()
    return next(row["label_fr"] for row in rows_of("professions.csv") if row["profession"] == name)
