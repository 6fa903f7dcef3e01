"""What journeys ask of a record: pages of documents, one of them, its bytes, an operation.

Each answer is judged for whose it is, and in the sampled share against the model.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from etalon_load.expecting import Expectation
from etalon_load.journeys.bodies import Value, body_of, parameters
from etalon_load.journeys.judging import (
    RIGHT,
    Found,
    Page,
    content_wrong,
    document_of,
    page_of,
)
from etalon_load.measures import Wrong
from etalon_model.command import Command
from etalon_model.records.reading import ReadDocument, ReadVersions
from etalon_model.rights.modes import AccessMode

if TYPE_CHECKING:
    from etalon_load.calling import Grant
    from etalon_load.http_client import Answer
    from etalon_load.journeys.errands import Errand
    from etalon_load.journeys.judging import Judge
    from etalon_model.actors import Actor

Made = Callable[[Expectation], Command]
"""Makes the command that a request stands for."""


def held(errand: "Errand", made: Made, answer: "Answer") -> str | Wrong:
    """Hold an answer against the model in the sampled share."""
    expected = errand.expecting
    return RIGHT if expected is None else expected.judge(made(expected), answer.status) or RIGHT


def operate(
    errand: "Errand",
    asked: tuple[str, str],
    grant: "Grant",
    judge: "Judge",
    values: Mapping[str, Value],
) -> "Answer | None":
    """Ask for an operation; return its answer when it was right.

    Args:
        errand: The journey.
        asked: The step, and the interaction.
        grant: Whose token.
        judge: Says what is wrong with the answer.
        values: Parameters, by name.
    """
    step, interaction = asked
    operation = errand.caller.call(interaction).path.rpartition("$")[2]
    body = body_of(parameters(operation, values))
    return errand.ask(step, interaction, judge, grant=grant, body=body)


def list_documents(  # noqa: PLR0913 (who asks for which page, how)
    errand: "Errand",
    grant: "Grant",
    actor: "Actor",
    *,
    step: str = "list",
    query: str = "",
    path: str = "",
    mode: AccessMode = AccessMode.NORMAL,
) -> Page | None:
    """Ask for a page of documents; return it when it was right.

    Args:
        errand: The journey.
        grant: Whose token.
        actor: Who reads, as the model names them.
        step: Of the journey.
        query: What is asked beside whose documents, after an ampersand.
        path: Of the next page, with its query; empty for the first.
        mode: How the actor comes to the record.
    """
    pages: list[Page] = []

    def judge(answer: "Answer") -> str | Wrong:
        page = page_of(answer, errand.one)
        if isinstance(page, Wrong):
            return page
        pages.append(page)
        known = len(errand.one.documents)
        if page.total is not None and page.total < known:
            return Wrong("documents_counted", {"expected": str(known), "found": str(page.total)})
        expected = errand.expecting
        if expected is None:
            return RIGHT
        found = [one.unique_id for one in page.documents]
        return expected.judge_list(actor, found, page.total, mode) or RIGHT

    whose = f"patient.identifier={errand.one.system}%7C{errand.one.ins}"
    asked = "" if path else f"{whose}&status=current{query}"
    answer = errand.ask(step, "find_documents", judge, path=path, query=asked, grant=grant)
    return None if answer is None else pages[0]


def read_one(errand: "Errand", grant: "Grant", page: Page, actor: "Actor") -> None:
    """Read a document of a list, the choice of this person, and its bytes."""
    if not page.documents:
        return
    document = page.documents[int(errand.chance * len(page.documents))]
    if read_document(errand, grant, document, actor):
        _read_content(errand, grant, document, actor)


def read_document(errand: "Errand", grant: "Grant", document: Found, actor: "Actor") -> bool:
    """Read what a record says of a document; tell whether the answer was right."""

    def made(expected: Expectation) -> Command:
        return ReadVersions(expected.at, actor, errand.one.ins, document.unique_id)

    def judge(answer: "Answer") -> str | Wrong:
        found = document_of(answer, errand.one)
        if isinstance(found, Wrong):
            return found
        if found.ident != document.ident:
            return Wrong("document", {})
        return held(errand, made, answer)

    path = errand.path_of("read_document", document.ident)
    return errand.ask("read", "read_document", judge, path=path, grant=grant) is not None


def _read_content(errand: "Errand", grant: "Grant", document: Found, actor: "Actor") -> None:
    def made(expected: Expectation) -> Command:
        return ReadDocument(expected.at, actor, errand.one.ins, document.unique_id)

    def judge(answer: "Answer") -> str | Wrong:
        return content_wrong(answer, document) or held(errand, made, answer)

    path = urlsplit(document.content).path
    if not path.startswith("/"):
        path = errand.caller.call("read_content").path.replace("Binary/{id}", path)
    errand.ask("content", "read_content", judge, path=path, grant=grant)
