"""Answers of people: what is asked, what each answer concludes, which files are refused."""

from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path, PurePosixPath

import pytest

from etalon_conformance.answers import (
    CHECK,
    MOST_BYTES,
    Answers,
    kept_files,
    manual_results,
    plain_attestation,
    plain_manual,
    read_answers,
)
from etalon_conformance.bad_files import BadFileError
from etalon_conformance.concluding import Concluded
from etalon_conformance.planning import Choice, planned
from etalon_conformance.questions import asked, questions, written_questions
from etalon_conformance.requirements import Wire, can_fail, requirement_set
from etalon_conformance.running import RunOutcome
from etalon_conformance.suites import requirements_of, suites
from etalon_conformance.verdict_file import Circumstances, judgement
from etalon_conformance.verdicts import Message, Result, Status, Verdict, exit_code
from etalon_text.language import LANGUAGES, Language

ALL = requirement_set()
TODAY = date(2026, 11, 22)
HELD = (ALL["VIS-05"], ALL["TRC-03"], ALL["VIS-01"])
"""One that can fail, one of the product, one that nobody asks about."""


def answers(folder: Path, text: str) -> Answers:
    """Read a file of answers of this text."""
    file = folder / "answers.toml"
    file.write_text(text, encoding="utf-8")
    return read_answers(file, TODAY)


def answer(said: str, ident: str = "VIS-05", **changed: str) -> str:
    """Return an answer in TOML."""
    values = {"author": '"Jeanne Martin"', "date": "2026-11-20", **changed}
    lines = "".join(f"{name} = {value}\n" for name, value in values.items())
    return f'[answers.{ident}]\nanswer = "{said}"\n{lines}'


def verdicts(held: Answers | None) -> dict[str, tuple[Verdict, Status]]:
    """Return what answers conclude, by requirement."""
    found = manual_results(HELD, held, checked=())
    return {one.requirement: (one.verdict, one.status) for one in found}


def test_a_flipped_answer_flips_the_verdict(tmp_path: Path) -> None:
    """Yes is a person's word, never a pass; no is a breach, and ends the run with 1."""
    yes, no = answers(tmp_path, answer("yes")), answers(tmp_path, answer("no"))

    assert verdicts(yes)["VIS-05"] == (Verdict.MANUAL, Status.FINISHED)
    assert verdicts(no)["VIS-05"] == (Verdict.FAIL, Status.FINISHED)
    assert exit_code(manual_results(HELD, no, checked=())) == 1


def test_oui_and_non_are_understood_too(tmp_path: Path) -> None:
    """As yes and no."""
    for said, verdict in (("oui", Verdict.MANUAL), ("non", Verdict.FAIL)):
        assert verdicts(answers(tmp_path, answer(said)))["VIS-05"][0] is verdict


def test_an_answer_of_today_counts(tmp_path: Path) -> None:
    """One of tomorrow is refused (below)."""
    assert verdicts(answers(tmp_path, answer("no", date=TODAY.isoformat())))["VIS-05"][0] is (
        Verdict.FAIL
    )


def test_a_no_is_a_failure_exactly_where_the_requirement_can_fail(tmp_path: Path) -> None:
    """Over the whole table of questions; elsewhere it is a finding."""
    text = "".join(answer("no", ident) for ident in questions())
    found = manual_results(ALL.values(), answers(tmp_path, text), checked=())

    assert len(found) == len(questions())
    for one in found:
        fails = can_fail(ALL[one.requirement], Wire.VENDOR_MAPPED)
        assert one.verdict is (Verdict.FAIL if fails else Verdict.FINDING)


def test_what_nobody_answered_waits(tmp_path: Path) -> None:
    """Without a file, with one that says nothing, with one that leaves the answer empty."""
    waiting = {
        "VIS-05": (Verdict.MANUAL, Status.WAITING),
        "TRC-03": (Verdict.MANUAL, Status.WAITING),
    }
    left_empty = '[answers.VIS-05]\nanswer = ""\nauthor = ""\n'

    assert verdicts(None) == waiting
    assert verdicts(answers(tmp_path, "")) == waiting
    assert verdicts(answers(tmp_path, left_empty)) == waiting


def test_a_check_comes_before_any_answer(tmp_path: Path) -> None:
    """What a check looks at is not asked, and an answer about it concludes nothing."""
    held = answers(tmp_path, answer("no"))

    assert [one.requirement for one in manual_results(HELD, held, checked={"VIS-05"})] == ["TRC-03"]
    assert [one["requirement"] for one in plain_manual(HELD, held, checked={"VIS-05"})] == [
        "TRC-03"
    ]


def asked_after(choice: Choice, *results: Result) -> list[str]:
    """Return the requirements that people are asked about after a run."""
    outcome = RunOutcome(plan=planned(choice), concluded=tuple(map(Concluded, results)))
    judged = judgement(outcome, Circumstances(version="1"))
    return [one.requirement for one in judged.results if one.check == CHECK]


def test_nothing_is_asked_that_the_profile_declares_without_object() -> None:
    """Nor anything where checks were chosen by name: these alone are asked for."""
    idents = frozenset({"REC-23", "VIS-05"})
    declared = Result(
        requirement="REC-23",
        check="declared",
        verdict=Verdict.NOT_APPLICABLE,
        wire=Wire.OFFICIAL,
        message=Message("message.declared", {"reason": "No profile"}),
    )
    choice = Choice(suite="records-server", requirements=idents)

    assert asked_after(choice) == ["REC-23", "VIS-05"]
    assert asked_after(choice, declared) == ["VIS-05"]
    assert asked_after(replace(choice, checks=frozenset({"some_check"}))) == []


def test_every_question_is_about_a_requirement_of_a_suite_in_both_languages() -> None:
    """Each ends as a question does, and says what to enclose."""
    in_suites = {one.ident for name in suites() for one in requirements_of(name, ALL)}

    assert questions().keys() <= in_suites
    for one in questions().values():
        assert one.asks["fr"].endswith("\u202f?")
        assert one.asks["en"].endswith("?")
        assert one.enclose["fr"].endswith(".")
        assert one.enclose["en"].endswith(".")
    assert len(asked(requirements_of("records-server", ALL), checked=())) > 5


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_with_every_question_can_be_read_before_anybody_answers(
    tmp_path: Path, language: Language
) -> None:
    """It answers nothing, and names nobody."""
    held = answers(tmp_path, written_questions(questions().values(), language))

    assert held.by_requirement == {}
    assert set((plain_attestation(held) or {"": ""}).values()) == {None}


def test_the_file_of_an_answer_is_held_with_its_digest(tmp_path: Path) -> None:
    """It is looked for beside the answers; the run keeps it under the requirement's name."""
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails" / "notice.eml").write_bytes(b"Subject: x\n")
    digest = sha256(b"Subject: x\n").hexdigest()
    held = answers(
        tmp_path,
        answer("yes", file='"mails/notice.eml"', sha256=f'"{digest}"', comment='"Sent by hand"'),
    )

    told = plain_manual(HELD, held, checked=())[0]

    assert told == {
        "requirement": "VIS-05",
        "question": dict(questions()["VIS-05"].asks),
        "answer": "yes",
        "author": "Jeanne Martin",
        "date": "2026-11-20",
        "comment": "Sent by hand",
        "file": "answers/VIS-05/notice.eml",
        "sha256": digest,
    }
    assert list(kept_files(held, {"VIS-05"})) == [
        (tmp_path / "mails" / "notice.eml", PurePosixPath("answers/VIS-05/notice.eml"))
    ]
    assert list(kept_files(held, {"TRC-03"})) == []


def test_a_file_too_large_to_keep_is_refused(tmp_path: Path) -> None:
    """It is not read: a run keeps a copy of what it takes."""
    with (tmp_path / "film.mp4").open("wb") as film:
        film.truncate(MOST_BYTES + 1)

    with pytest.raises(BadFileError, match="52428801 bytes; 52428800 at most"):
        answers(tmp_path, answer("yes", file='"film.mp4"'))


def test_who_attests_is_told_and_the_rest_left_to_the_pen(tmp_path: Path) -> None:
    """A file without that table names nobody."""
    told = plain_attestation(
        answers(
            tmp_path,
            '[attestation]\norganisation = "Dossier SA"\nby = "Jeanne Martin"\ndate = 2026-11-22\n',
        )
    )

    assert told == {
        "organisation": "Dossier SA",
        "product": None,
        "version": None,
        "by": "Jeanne Martin",
        "role": None,
        "place": None,
        "date": "2026-11-22",
    }
    assert plain_attestation(answers(tmp_path, "")) is None
    assert plain_attestation(None) is None


BAD: dict[str, tuple[str, str]] = {
    "neither yes nor no": (answer("maybe"), "answers VIS-05 answer: the value is not of the shape"),
    "nobody": (answer("yes", author='""'), "answers VIS-05 author: nothing is written"),
    "no day": (
        '[answers.VIS-05]\nanswer = "yes"\nauthor = "J"\n',
        "answers VIS-05 date: the date is missing",
    ),
    "a day to come": (
        answer("yes", date="2026-11-23"),
        "answers VIS-05 date: 2026-11-23 is after today (2026-11-22)",
    ),
    "a question that nobody asks": (
        answer("yes", "VIS-01"),
        "answers VIS-01: there is no question about this requirement",
    ),
    "a file that is not there": (answer("yes", file='"x.eml"'), "answers VIS-05 file: "),
    "another digest": (
        answer("yes", file='"answers.toml"', sha256=f'"{"0" * 64}"'),
        "answers VIS-05 file: the file has the digest",
    ),
    "a digest that is none": (
        answer("yes", file='"answers.toml"', sha256='"abc"'),
        "answers VIS-05 sha256: the value is not of the shape",
    ),
    "a digest alone": (
        answer("yes", sha256=f'"{"0" * 64}"'),
        "answers VIS-05 sha256: a digest without a file",
    ),
    "a misspelt key": (answer("yes", autor='"J"'), "answers VIS-05 autor: this key is not known"),
    "two lines for a name": (
        '[attestation]\nby = "J\\nM"\n',
        "attestation by: a line break",
    ),
    "an attestation to come": (
        "[attestation]\ndate = 2026-11-23\n",
        "attestation date: 2026-11-23 is after today",
    ),
    "no TOML": ("[answers", "it is not complete TOML"),
}


@pytest.mark.parametrize("name", BAD)
def test_answers_that_cannot_be_used_are_told_with_their_place(tmp_path: Path, name: str) -> None:
    """Which requirement, which key, what was found, what is expected."""
    text, told = BAD[name]

    with pytest.raises(BadFileError) as error:
        answers(tmp_path, text)

    assert str(error.value).startswith(told)
    assert error.value.told("fr") != str(error.value)
