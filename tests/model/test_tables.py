"""The tables of the model: each value has its source, each refusal its words."""

import ast
import re
from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import etalon_model
from etalon_model import VINTAGES, Parameters, Period, Refusal, provenance, vintage
from etalon_model.access import OPERATIONS
from etalon_model.rules import enforcers
from etalon_model.states import ACCESS, TRANSITIONS, State
from etalon_model.tables import rows_of
from rule_table import marks, rules

PACKAGE = Path(etalon_model.__file__).parent
REFUSED = re.compile(r'Refusal\(\s*"([A-Z]+-\d+)",\s*"([A-Z_]+)"')
SOURCES = {row["key"] for row in rows_of("sources.csv")}


def keys_of(cell: str) -> set[str]:
    """Return the keys of sources in a cell, without what stands in brackets."""
    return {part.strip() for part in re.sub(r"\(.*?\)", "", cell).split(";")}


@pytest.mark.rule("LIF-02", "LIF-04")
@pytest.mark.parametrize(
    ("name", "window"), [("pilot-2021", "P1M"), ("launch-2022", "P6W"), ("steady-2023", "P6W")]
)
def test_each_vintage_has_its_window(name: str, window: str) -> None:
    """A month announced for the pilot, six weeks by decree."""
    parameters = vintage(name)

    assert parameters.vintage == name
    assert parameters.opposition_window == Period(window)
    assert parameters.code_validity == parameters.opposition_window
    assert parameters.pilot_departments == {"31", "44", "80"}
    assert parameters.terms_on(date(2022, 1, 1)) == "1"


@pytest.mark.parametrize("name", VINTAGES)
def test_every_value_is_of_the_type_of_its_field(name: str) -> None:
    """Periods, days, numbers and texts are what the parameters say."""
    parameters = vintage(name)

    kinds: dict[object, type] = {Period: Period, int: int, date: date, str: str}
    for field in fields(Parameters):
        kind = kinds.get(field.type)
        assert kind is None or type(getattr(parameters, field.name)) is kind, field.name


def test_an_unknown_vintage_is_named_with_those_that_exist() -> None:
    """The message lists the three."""
    with pytest.raises(LookupError, match=r"no vintage 'pilot'; vintages are pilot-2021, launch"):
        vintage("pilot")


@pytest.mark.parametrize("name", VINTAGES)
def test_every_parameter_has_a_source_and_a_certainty(name: str) -> None:
    """A missing link or date is an empty value, and a link without a text is a mistake."""
    origins = provenance(name)

    fields = set(Parameters.__dataclass_fields__) - {"vintage", "policies", "terms"} | {
        "terms_version"
    }
    assert origins.keys() == fields
    for key, origin in origins.items():
        assert origin.source, key
        assert origin.certainty, key
        assert not origin.link or origin.legal_text, key


@pytest.mark.parametrize("table", ["rules.csv", "transitions.csv", "states.csv", "refusals.csv"])
def test_every_row_names_a_known_source(table: str) -> None:
    """Each key stands in the table of sources."""
    known = SOURCES | {"e-mail"}
    unknown = {key for row in rows_of(table) for key in keys_of(row["source"])} - known

    assert unknown == set()


def test_the_states_of_the_table_are_those_of_the_code() -> None:
    """Twelve states, each with its access; transitions join them."""
    assert set(ACCESS) == set(State)
    assert len(State) == 12
    assert {target for row in TRANSITIONS.values() for target in row.targets} | {
        State.NOT_ELIGIBLE
    } == set(State)


def test_every_refusal_of_the_code_has_its_words_and_a_rule_that_exists() -> None:
    """Codes are read in the sources of the package, so none is forgotten."""
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py")))
    found = set(REFUSED.findall(text))
    worded = {row["code"] for row in rows_of("refusals.csv")}
    rules = {row["id"] for row in rows_of("rules.csv")}

    assert len(found) > 60
    assert {code for _, code in found} <= worded
    assert {rule for rule, _ in found} <= rules
    assert worded - {code for _, code in found} <= {
        "SAME_INVITATION_ALREADY_EXISTS",
        "SAME_DELEGATION_ALREADY_EXISTS",
        "ANOTHER_DELEGATION_ALREADY_EXISTS",
    }


def test_a_refusal_says_what_where_under_which_rule_and_what_next() -> None:
    """Instants are those of Paris."""
    at = datetime(2022, 3, 15, 9, tzinfo=UTC)
    opposed = Refusal("LIF-04", "OPPOSED", "279035121518989", (at,))

    assert opposed.message == (
        "person 279035121518989: an objection was recorded on 2022-03-15 10:00 (Paris) (LIF-04); "
        "leave the space unopened"
    )


def test_enforcing_functions_are_of_the_package_and_of_known_rules() -> None:
    """The registry holds dotted names; each function exists."""
    registry = enforcers()

    assert registry.keys() <= {row["id"] for row in rows_of("rules.csv")}
    assert all(name.startswith("etalon_model.") for names in registry.values() for name in names)
    assert "etalon_model.opening.open_automatically" in registry["LIF-04"]


def test_the_page_of_rules_reads_the_same_functions_as_the_program_registers() -> None:
    """Marks found in the sources are those found at import."""
    read: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "enforces" not in text:
            continue
        for rule, names in marks(ast.parse(text), "enforces").items():
            module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
            read.setdefault(rule, set()).update(f"{module}.{name}" for name in names)

    assert {rule: set(names) for rule, names in enforcers().items()} == read


def test_every_rule_is_enforced_and_shown_or_says_why_not() -> None:
    """None without both, or a reason."""
    assert [rule.ident for rule in rules() if not rule.is_settled] == []


def test_operations_are_of_features_that_exist() -> None:
    """Record, messaging, account, agenda, catalogue."""
    assert {row["feature"] for row in OPERATIONS.values()} == {
        "record",
        "messaging",
        "account",
        "agenda",
        "catalogue",
    }
