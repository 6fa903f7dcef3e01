"""What every request passes through: parameters, the line of the log."""

import json
from datetime import UTC, datetime
from io import BytesIO
from typing import Final
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_server.limits import PARAMETERS_MOST, ParametersRefused, parameters_of
from etalon_server.log import Log

PIECES: Final = ["a", "=", "&", "+", "%20", "%C3%A9", "%c3", "%2", "%", "%zz", "|", ",", "\xe9"]


@given(text=st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_parameters_are_read_as_the_library_reads_them(text: str) -> None:
    """In order, empty ones too; what is no UTF-8 is refused by both."""
    written = text.encode("latin-1")
    try:
        expected = parse_qsl(written.decode("ascii"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        with pytest.raises(ParametersRefused, match="UTF-8"):
            parameters_of(written)
    else:
        assert list(parameters_of(written)) == expected


def test_parameters_are_so_many_at_most() -> None:
    """One more is refused."""
    most = b"&".join([b"a=1"] * PARAMETERS_MOST)

    assert len(parameters_of(most)) == PARAMETERS_MOST
    with pytest.raises(ParametersRefused, match="more than"):
        parameters_of(most + b"&")


def test_the_line_of_an_answer_is_json() -> None:
    """With the instant, to the millisecond, and what was answered."""
    written = BytesIO()
    log = Log(written)
    before = datetime.now(UTC).replace(microsecond=0)
    log.answer("r-1.a", "read_document", 'G"T', 200, 0.0012345, 4204)
    log.flush()
    line = json.loads(written.getvalue())

    assert before <= datetime.fromisoformat(line.pop("at")) <= datetime.now(UTC)
    assert line == {
        "event": "answer",
        "request": "r-1.a",
        "interaction": "read_document",
        "verb": 'G"T',
        "status": 200,
        "milliseconds": 1.234,
        "bytes": 4204,
    }
