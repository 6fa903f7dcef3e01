"""Other answers to the open questions: read from the table, and worked out where they matter."""

from dataclasses import replace
from datetime import date

import pytest

from etalon_model import Period, vintage
from etalon_model.policies import open_questions
from etalon_model.vectors import VINTAGE
from etalon_model.vectors.answers import plain
from etalon_model.vectors.functions import answer
from etalon_model.vectors.scenes import played_stories
from etalon_model.vectors.stories import questions, told
from etalon_model.vectors.switches import noting, switches, under

PARAMETERS = vintage(VINTAGE)


@pytest.mark.parametrize(
    ("setting", "value", "read"),
    [
        ("opposition_window", "P1M", Period("P1M")),
        ("national_start_on", "2022-02-03", date(2022, 2, 3)),
        ("nir_months", "strict", "strict"),
        ("policies.masking_policy", "product", "product"),
        ("policies.message_limit_bytes", "5000000", 5_000_000),
        ("policies.opinion_days", "60", 60),
        ("policies.emergency_masked", "yes", True),
        ("policies.emergency_samu", "no", False),
    ],
)
def test_an_answer_is_read_as_the_type_of_its_setting(
    setting: str, value: str, read: object
) -> None:
    """Everything else stays as it was."""
    changed = under(PARAMETERS, setting, value)

    name = setting.removeprefix("policies.")
    holder = changed.policies if name != setting else changed
    assert getattr(holder, name) == read
    assert type(getattr(holder, name)) is type(read)
    before = PARAMETERS.policies if name != setting else PARAMETERS
    back = replace(holder, **{name: getattr(before, name)})
    assert back == before


def test_an_unknown_setting_is_an_error() -> None:
    """Neither a value of a vintage nor a policy."""
    with pytest.raises(AttributeError):
        under(PARAMETERS, "policies.colour", "blue")
    with pytest.raises(ValueError, match="not understood"):
        under(PARAMETERS, "opposition_window", "six weeks")


def test_every_switch_of_the_table_can_be_tried() -> None:
    """Each gives other parameters than those of the vintage."""
    tried = [under(PARAMETERS, one.setting, one.value) for one in switches()]

    assert all(one != PARAMETERS for one in tried)
    assert {one.question for one in switches()} == {
        question.ident for question in open_questions() if question.form == "switch"
    }


def test_what_is_read_is_noted() -> None:
    """Of the settings that are switches; the parameters are otherwise the same."""
    noted_parameters, noted = noting(PARAMETERS)

    assert noted_parameters.consultation_hours == PARAMETERS.consultation_hours
    assert noted == set()
    assert noted_parameters.opposition_window == PARAMETERS.opposition_window
    assert noted_parameters.policies.matrix_policy == "strict"
    assert noted == {"opposition_window", "policies.matrix_policy"}


@pytest.mark.parametrize("kind", ["open_questions", "records", "spaces"])
def test_a_setting_that_a_story_does_not_read_leaves_it_as_it_is(kind: str) -> None:
    """Each switch is tried on some of the scenes, those that are not worked out included."""
    scenes = [story for (of, _), story in played_stories(PARAMETERS, 7).items() if of == kind]
    left = 0
    for story in scenes[::5]:
        views = questions(PARAMETERS, story)
        noted_parameters, noted = noting(PARAMETERS)
        telling = told(noted_parameters, story, views)
        for one in switches():
            if one.setting not in noted:
                assert told(under(PARAMETERS, one.setting, one.value), story, views) == telling
                left += 1
    assert left > 0


def test_a_function_or_a_value_that_vectors_do_not_know_is_an_error() -> None:
    """The message names what there is."""
    with pytest.raises(LookupError, match="no function 'guess'; functions are nir_key"):
        answer({"function": "guess"}, PARAMETERS)
    with pytest.raises(TypeError, match="object cannot be written"):
        plain(object())
