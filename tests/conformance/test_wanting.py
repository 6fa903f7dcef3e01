"""What a suite asks of a target is told before it is tested, by what it unlocks."""

import json
from pathlib import Path

import pytest

from etalon_cli.command import main
from etalon_conformance.checking import registry
from etalon_conformance.planning import Choice, planned
from etalon_conformance.wanting import Kind, Need, Wish, needs, wishes
from etalon_target.ages import is_as_old
from wanted_table import rows

PROFILE = """[target]
name = "Ours"
claims = ["records-server"]
[addresses]
fhir = "https://records.example/fhir"
[operations.care_team]
http = "POST root:/teams"
[[people]]
name = "a"
ins = "279035121518989"
state = "OPEN_ACTIVE"
birth_date = 1979-03-15
sex = "F"
[[people]]
name = "b"
ins = "269113191000281"
state = "NOTIFIED"
birth_date = 1979-03-15
sex = "F"
"""
PLAIN = ("capability_statement_says_fhir_r4", "publish_answers_what_was_made")


def test_the_table_names_checks_that_are_there() -> None:
    """And every check that makes people has its rows."""
    checks = registry()
    assert set(wishes()) <= set(checks)
    makers = {name for name, one in checks.items() if "create_person" in one.needs}
    assert makers <= set(wishes()), "run python scripts/wanted_table.py"


def test_the_table_says_what_checks_ask_for_when_they_run() -> None:
    """Two of them, run again."""
    told = rows([registry()[name] for name in PLAIN])
    table = [
        (name, one.kind, one.what, one.count) for name in PLAIN for one in wishes().get(name, ())
    ]
    assert told == sorted(table)
    assert [one for one in told if one[0] == PLAIN[0]] == []


def test_people_are_used_up_and_professionals_serve_again() -> None:
    """Each thing once, what unlocks most first."""
    plan = planned(Choice(suite="records-server", checks=frozenset(PLAIN)))
    wanted = {
        PLAIN[0]: (Wish(Kind.PERSON, "p", 2), Wish(Kind.OPERATION, "o", 1)),
        PLAIN[1]: (
            Wish(Kind.PERSON, "p", 1),
            Wish(Kind.PROFESSIONAL, "d", 3),
            Wish(Kind.PERSON, "q", 1),
        ),
    }
    first, second = ([one.ident for one in plan.looked_at(check)] for check in plan.checks)
    both = tuple(one for one in plan.requirements if one in (*first, *second))
    assert needs(plan, wanted) == (
        Need(Kind.PERSON, "p", 3, both),
        Need(Kind.PERSON, "q", 1, tuple(one for one in both if one in second)),
        Need(Kind.PROFESSIONAL, "d", 3, tuple(one for one in both if one in second)),
        Need(Kind.OPERATION, "o", 1, tuple(one for one in both if one in first)),
    )


@pytest.mark.parametrize(
    ("wanted", "age", "fits"),
    [
        (34, 20, True),
        (34, 71, True),
        (34, 19, False),
        (17, 17, True),
        (17, 18, False),
        (None, 3, True),
    ],
)
def test_one_adult_stands_for_another(wanted: int | None, age: int, fits: bool) -> None:  # noqa: FBT001 (a column of the table)
    """Around majority, the age is what was asked for."""
    assert is_as_old(wanted, age) is fits


def test_prepare_says_what_the_profile_has(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Named, mapped, missing; the target is not spoken to."""
    (tmp_path / "ours.toml").write_text(PROFILE, encoding="utf-8")
    code = main(["conformance", "prepare", "--target", str(tmp_path / "ours.toml"), "--json"])
    told = json.loads(capsys.readouterr().out)
    has = {one["what"]: one["has"] for one in told["needs"]}
    assert (code, told["suite"]) == (0, "records-server")
    assert has["state=OPEN_ACTIVE age=20+"] == "1"
    assert has["state=OPEN_ACTIVE sex=F age=20+"] == "1"
    assert has["state=OPPOSED age=20+"] == "missing"
    assert (has["care_team"], has["give_consent"]) == ("mapped", "missing")
    assert all(one["requirements"] for one in told["needs"])


@pytest.mark.parametrize("language", ["fr", "en"])
def test_prepare_prints_a_line_for_each_need(
    language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In both languages; the reference makes what is asked for."""
    typed = ["conformance", "prepare", "--suite", "records-server", "--lang", language]
    assert main(typed) == 0
    printed = capsys.readouterr().out
    assert "state=OPEN_ACTIVE age=20+" in printed
    assert ("manquent" in printed, "missing" in printed) == (False, False)
