"""The requirements as the tables give them today: the rules of the model, then the wire's own.

A rule of `etalon_model` gains here what a verdict needs and the model does not: a level, an actor,
a condition, and for a rule of mixed certainty the part on which a failure can rest
(`data/rule_levels.csv`). Its text and sources stay where they are. Standing and certainty are those
of the model, unless evidence against somebody else asks for more than a model does: the table then
lowers them, and its column `why` says for what reason.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from etalon_conformance.requirement import (
    Actor,
    Level,
    Requirement,
    Source,
    Standing,
    Wire,
    Words,
    words,
)
from etalon_conformance.suites import Membership, memberships
from etalon_conformance.tables import rows_of
from etalon_model.rulebook import Origin, Rule, rulebook

DOMAINS: Final[Mapping[str, str]] = {
    "LIF": "life cycle",
    "REP": "representation",
    "REC": "records",
    "VIS": "visibility",
    "ACC": "access",
    "EMG": "emergency",
    "TRC": "access log",
    "MTX": "matrix",
    "MSG": "messaging",
    "AGD": "agenda",
    "CAT": "catalogue",
    "MEA": "measures",
    "ID": "identity",
    "SEC": "security",
}
"""Prefix of a rule -> the part of the service it is about."""

_STANDINGS: Final[Mapping[str, Standing]] = {
    "law": Standing.LAW,
    "published specification": Standing.SPECIFICATION,
    "draft": Standing.DRAFT,
    "product observed": Standing.PRODUCT,
    "own design": Standing.OWN,
}
"""The words of the model for a standing -> ours."""


def current_requirements() -> Iterator[Requirement]:
    """Give every requirement: the rules in the order of the model, then the assertions.

    Raises:
        ValueError: A table names what there is not, or leaves a rule without its row.
    """
    belongs, reasons = memberships(), _reasons()
    yield from _rules(belongs, reasons)
    yield from _assertions(belongs, reasons)
    if reasons:
        message = f"untested.csv names no requirement: {', '.join(sorted(reasons))}"
        raise ValueError(message)


def _rules(belongs: Membership, reasons: dict[str, Words]) -> Iterator[Requirement]:
    levels = {row["id"]: row for row in rows_of("rule_levels.csv")}
    for rule in rulebook():
        row = levels.pop(rule.ident, None)
        if row is None:
            message = f"rule_levels.csv has no row for {rule.ident}"
            raise ValueError(message)
        yield _rule(rule, row, belongs, reasons.pop(rule.ident, words()))
    if levels:
        message = f"rule_levels.csv names no rule: {', '.join(sorted(levels))}"
        raise ValueError(message)


def _rule(rule: Rule, row: Mapping[str, str], belongs: Membership, untested: Words) -> Requirement:
    domain, actor = DOMAINS[rule.ident.partition("-")[0]], Actor(row["actor"])
    return Requirement(
        ident=rule.ident,
        domain=domain,
        text=words(rule.text_fr, rule.text),
        level=Level(row["level"]),
        actor=actor,
        sources=tuple(_of_origin(origin) for origin in rule.origins if origin.key != "model"),
        certainty=row["certainty"] or rule.certainty,
        certain_part=_both(row, "certain_part"),
        condition=_both(row, "condition"),
        standing=Standing(row["standing"] or _STANDINGS[rule.standing]),
        wire=None,
        suites=belongs(rule.ident, domain, actor),
        untested=untested,
    )


def _of_origin(origin: Origin) -> Source:
    return Source(
        key=origin.key,
        title=words(origin.title_fr, origin.title),
        link=origin.link or _links().get(origin.key, ""),
        published_on=origin.dated,
        checked_on=origin.last_checked,
    )


@cache
def _links() -> Mapping[str, str]:
    """Return the addresses of texts that the model names by the number they were published under.

    A statute has that of its code: nobody of this project has that of each article.
    """
    return {row["key"]: row["link"] for row in rows_of("source_links.csv")}


def _assertions(belongs: Membership, reasons: dict[str, Words]) -> Iterator[Requirement]:
    texts = _wire_sources()
    for row in rows_of("wire_assertions.csv"):
        actor = Actor(row["actor"])
        yield Requirement(
            ident=row["id"],
            domain=row["domain"],
            text=_both(row, "text"),
            level=Level(row["level"]),
            actor=actor,
            sources=tuple(_cited(texts, cell) for cell in row["sources"].split(" ; ") if cell),
            certainty=row["certainty"],
            certain_part=_both(row, "certain_part"),
            condition=_both(row, "condition"),
            standing=Standing(row["standing"]),
            wire=Wire(row["wire"]),
            suites=belongs(row["id"], row["domain"], actor),
            untested=reasons.pop(row["id"], words()),
        )


@cache
def _wire_sources() -> Mapping[str, Source]:
    return {
        row["key"]: Source(
            key=row["key"],
            title=_both(row, "title"),
            link=row["link"],
            published_on=row["published_on"],
            checked_on=row["checked_on"],
        )
        for row in rows_of("wire_sources.csv")
    }


def _cited(texts: Mapping[str, Source], cell: str) -> Source:
    """Return the source that a cell names as `KEY` or `KEY, place`."""
    key, _, place = cell.partition(", ")
    if key not in texts:
        message = f"wire_assertions.csv cites {key!r}, which wire_sources.csv does not hold"
        raise ValueError(message)
    source = texts[key]
    return Source(
        key=source.key,
        title=source.title,
        link=source.link,
        published_on=source.published_on,
        checked_on=source.checked_on,
        place=place,
    )


def _reasons() -> dict[str, Words]:
    """Return why requirements are not tested, by identifier."""
    told = {row["key"]: _both(row, "text") for row in rows_of("untested_reasons.csv")}
    reasons = {row["id"]: row["reason"] for row in rows_of("untested.csv")}
    if unknown := set(reasons.values()) - told.keys():
        message = f"untested.csv gives reasons that are not told: {', '.join(sorted(unknown))}"
        raise ValueError(message)
    return {ident: told[key] for ident, key in reasons.items()}


def _both(row: Mapping[str, str], name: str) -> Words:
    return words(row[f"{name}_fr"], row[f"{name}_en"])
