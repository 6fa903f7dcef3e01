"""The catalogue: every requirement says what, who, how strongly, on whose word, and is ours."""

import re
from collections import Counter

import pytest

from etalon_cli.grammar_conformance import SUITES
from etalon_conformance.requirements import (
    Actor,
    Level,
    Standing,
    UnknownSetError,
    Wire,
    can_fail,
    requirement_set,
)
from etalon_conformance.suites import denominator, requirements_of, suites
from etalon_conformance.tables import rows_of
from etalon_model.rulebook import rulebook
from etalon_text.language import NARROW_NO_BREAK, NO_BREAK
from etalon_text.strings import has_text
from etalon_wire.interactions import interactions

ALL = requirement_set()
ASSERTIONS = [one for one in ALL.values() if one.ident.startswith("W-")]
SERVED = {Actor.SERVER, Actor.BOTH}
STANDINGS = (
    Standing.LAW,
    Standing.SPECIFICATION,
    Standing.DRAFT,
    Standing.PRODUCT,
    Standing.OWN,
)
WORDS_OF_THE_MODEL = (
    "law",
    "published specification",
    "draft",
    "product observed",
    "own design",
)
READ_IN_FULL = {"official site", "mirror"}
FROM_THE_MODEL: dict[str, Standing] = dict(zip(WORDS_OF_THE_MODEL, STANDINGS, strict=True))


def test_the_catalogue_holds_191_rules_and_127_assertions() -> None:
    """The rules are those of the model, in its order and in its words."""
    assert [one for one in ALL if not one.startswith("W-")] == [rule.ident for rule in rulebook()]
    assert all(ALL[rule.ident].text["en"] == rule.text for rule in rulebook())
    assert len(ASSERTIONS) == 127


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_requirement_speaks_both_languages(language: str) -> None:
    """Texts are whole sentences; what else is said is said in both languages or in none."""
    for one in ALL.values():
        said = {"fr": one.text["fr"], "en": one.text["en"]}[language]
        assert said.endswith("."), one.ident
        assert said[0].isupper(), one.ident
        for words in (one.condition, one.certain_part, one.untested):
            assert bool(words["fr"]) is bool(words["en"]), one.ident
            assert words["en"] == "" or words["en"].endswith("."), one.ident
    assert len({one.text["fr"] for one in ALL.values()}) == len(ALL)


def test_french_texts_are_spaced_as_french_is() -> None:
    """Nothing but a no-break space stands before a double sign."""
    for one in ALL.values():
        for words in (one.text, one.condition, one.certain_part, one.untested):
            assert not re.search(rf"[^\s{NO_BREAK}{NARROW_NO_BREAK}] [;:!?»]", words["fr"]), one


def test_an_assertion_cites_a_text_unless_it_is_ours() -> None:
    """A source of an assertion has its title, its link and, where it is known, its date."""
    for one in ASSERTIONS:
        assert one.sources or one.standing is Standing.OWN, one.ident
        for source in one.sources:
            assert source.title["fr"], source.key
            assert source.title["en"], source.key
            assert source.link.startswith("https://"), source.key
            assert re.fullmatch(r"(\d{4}-\d{2}(-\d{2})?)?", source.published_on), source.key


def test_a_link_is_added_to_sources_of_the_model_that_have_none() -> None:
    """What the model holds is never replaced, and no row stands for nothing."""
    without = {origin.key for rule in rulebook() for origin in rule.origins if not origin.link}
    added = {row["key"] for row in rows_of("source_links.csv")}
    law = [one for one in ALL.values() if one.standing is Standing.LAW and "W-" not in one.ident]

    assert added <= without
    assert sum(any(source.link for source in one.sources) for one in law) > 45


def test_every_source_of_the_wire_is_cited() -> None:
    """No row of the sources stands for nothing."""
    cited = {source.key for one in ASSERTIONS for source in one.sources}
    assert cited == {row["key"] for row in rows_of("wire_sources.csv")}


def test_the_interactions_of_the_wire_answer_requirements_that_exist() -> None:
    """The table of the wire and the catalogue name the same assertions."""
    assert {ident for one in interactions().values() for ident in one.requirements} <= ALL.keys()


FAILING = {
    "law over an official exchange": ("VIS-01", Wire.OFFICIAL, True),
    "law over the vendor's own exchange": ("VIS-01", Wire.VENDOR_MAPPED, True),
    "law over the exchange of a draft": ("VIS-01", Wire.DRAFT, False),
    "law over our own exchange": ("VIS-01", Wire.OWN, False),
    "a published specification": ("W-REC-27", Wire.OFFICIAL, True),
    "a published specification that only recommends": ("W-REC-05b", Wire.OFFICIAL, False),
    "metadata that a profile alone makes mandatory": ("REC-04", Wire.OFFICIAL, False),
    "a draft": ("W-REC-43", Wire.OFFICIAL, False),
    "what the product shows": ("LIF-10", Wire.OFFICIAL, False),
    "a choice of ours": ("W-CON-04", Wire.OFFICIAL, False),
    "law that is only probable": ("MTX-02", Wire.OFFICIAL, False),
    "a specification with a certain part": ("W-AUD-01", Wire.OFFICIAL, True),
    "a specification whose breach is in the inferred part": ("W-MSS-08", Wire.OFFICIAL, False),
    "law and product that disagree": ("VIS-03", Wire.OFFICIAL, False),
    "an unofficial transcription": ("MEA-03", Wire.OFFICIAL, False),
    "a duty of an institution": ("SEC-02", Wire.OFFICIAL, False),
}


@pytest.mark.parametrize(("ident", "wire", "fails"), FAILING.values(), ids=FAILING)
def test_only_certain_law_and_specification_over_an_offered_wire_can_fail(
    ident: str, wire: Wire, *, fails: bool
) -> None:
    """Everything else gives a finding."""
    assert can_fail(ALL[ident], wire) is fails


def test_nothing_that_can_fail_is_uncertain_or_optional() -> None:
    """The rule over the whole catalogue, on every wire."""
    for one in ALL.values():
        for wire in Wire:
            if can_fail(one, wire):
                assert one.level is Level.SHALL
                assert one.standing in {Standing.LAW, Standing.SPECIFICATION}
                assert wire in {Wire.OFFICIAL, Wire.VENDOR_MAPPED}
                assert one.certainty == "certain" or one.certain_part["fr"]


def test_law_that_can_fail_was_read_in_its_text() -> None:
    """What the press alone tells is evidence against nobody."""
    for rule in rulebook():
        one = ALL[rule.ident]
        if one.standing is Standing.LAW and can_fail(one, Wire.OFFICIAL):
            assert {origin.read_at for origin in rule.origins} & READ_IN_FULL, rule.ident


def test_the_model_is_never_made_surer_than_it_says() -> None:
    """A standing, a certainty or a level that departs from the model's is lower, and says why."""
    whys = {row["id"]: row["why"] for row in rows_of("rule_levels.csv")}
    for rule in rulebook():
        ours = ALL[rule.ident]
        before = FROM_THE_MODEL[rule.standing]
        assert STANDINGS.index(ours.standing) >= STANDINGS.index(before), rule.ident
        assert ours.certainty != "certain" or rule.certainty == "certain", rule.ident
        kept = (ours.standing, ours.certainty, ours.level) == (before, rule.certainty, Level.SHALL)
        assert kept or whys[rule.ident], rule.ident


def test_a_suite_holds_requirements_of_servers_only() -> None:
    """Every requirement of a server is in a suite, and the whole service holds them all."""
    for one in ALL.values():
        assert bool(one.suites) is (one.actor in SERVED), one.ident
        assert ("whole-service" in one.suites) is (one.actor in SERVED), one.ident


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_has_its_prerequisites_and_its_denominator(name: str) -> None:
    """The command line knows every suite; each counts what it holds, and its names exist."""
    suite, held = suites()[name], requirements_of(name, ALL)
    counts = denominator(held)

    assert tuple(suites()) == SUITES
    assert counts.requirements == len(held) > 0
    assert sum(counts.by_standing.values()) == counts.requirements
    assert counts.binding == sum(can_fail(one, Wire.OFFICIAL) for one in held)
    assert suite.identifiers | suite.without <= ALL.keys()
    assert all(ALL[ident] in held for ident in suite.identifiers)
    assert {one.domain for one in ALL.values()} >= suite.domains
    assert all(ALL[ident].domain in suite.domains for ident in suite.without)
    assert all(words["fr"] and words["en"] for words in suite.prerequisites)
    assert suite.prerequisites


def test_a_set_that_does_not_exist_is_named_with_those_that_do() -> None:
    """The message is enough to type it again."""
    with pytest.raises(UnknownSetError, match=r"'next'; there are .*current"):
        requirement_set("next")


def test_a_domain_has_one_name() -> None:
    """Rules and assertions about the same part of the service use the same word."""
    domains = Counter(one.domain for one in ALL.values())
    assert domains["records"] > 60
    assert domains["audit"] == 0
    assert len(domains) == 18


def test_the_catalogue_repeats_no_rule_of_the_model() -> None:
    """The table of levels holds no text of a rule, only what the model lacks."""
    columns = set(rows_of("rule_levels.csv")[0])
    assert columns.isdisjoint({"text", "text_fr", "source", "text_en"})


def test_a_certainty_is_said_in_french_down_to_its_last_part() -> None:
    """Every word of every certainty has its French: `certain (codes) / inferred (…)`."""
    kept = {
        part
        for one in ALL.values()
        for part in re.findall(r"[^()/ ](?:[^()/]*[^()/ ])?", one.certainty)
        if not has_text(f"certainty.{part.replace(' ', '_')}")
    }
    assert kept <= {"idPe", "1..4"}
