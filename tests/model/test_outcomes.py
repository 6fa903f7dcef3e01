"""What a refusal says to whoever reads it."""

from datetime import UTC, datetime

from etalon_model import Refusal


def test_a_message_names_person_fact_rule_and_next_step() -> None:
    """In that order, in one line."""
    refusal = Refusal("LIF-09", "CONTACTS_NOT_FOUND", "280010131000175", ("email",))

    assert refusal.message == (
        "person 280010131000175: the insurer knows no contact for email (LIF-09); "
        "declare one to the insurer or call 3422"
    )


def test_the_next_step_quotes_facts_too() -> None:
    """A limit is told as a number; where nobody is concerned, nobody is named."""
    refusal = Refusal("AGD-07", "COMMENT_TOO_LONG", "", (1001, 1000))

    assert refusal.message == ("the comment has 1001 characters (AGD-07); write at most 1000")


def test_instants_are_told_in_the_time_of_paris() -> None:
    """Whatever the season."""
    winter = datetime(2022, 1, 31, 23, 30, tzinfo=UTC)
    summer = datetime(2022, 6, 30, 22, 30, tzinfo=UTC)

    late = Refusal("TRC-01", "OUT_OF_ORDER", "", (winter, summer)).message

    assert "2022-02-01 00:30 (Paris)" in late
    assert "2022-07-01 00:30 (Paris)" in late
