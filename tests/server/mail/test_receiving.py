"""A mail is one mail however the network cuts it, and what could be two is refused."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_server.mail.receiving import MailRefused, Receiving

LINES = st.lists(st.sampled_from([b"", b".", b"..", b".a", b"a.", b"text"]), max_size=8)
CUTS = st.lists(st.integers(0, 80), max_size=6)
MOST = 1_000


def pieces(sent: bytes, cuts: list[int]) -> list[bytes]:
    """Bytes as a network cuts them."""
    places = [0, *sorted(min(cut, len(sent)) for cut in cuts), len(sent)]
    return [sent[start:end] for start, end in pairwise(places) if end > start]


def received(sent: bytes, cuts: list[int], most: int = MOST) -> bytes | None:
    """What comes of some bytes; None while the end is missing."""
    receiving = Receiving(most)
    bodies = [receiving.take(one) for one in pieces(sent, cuts)]
    assert all(body is None for body in bodies[:-1])
    return bodies[-1] if bodies else None


@given(LINES, CUTS)
def test_whatever_a_client_sends_comes_out_as_it_was_written(
    lines: list[bytes], cuts: list[int]
) -> None:
    """Dots at the start of lines too, wherever pieces end; and nothing before the end."""
    written = b"".join(line + b"\r\n" for line in lines)
    # A client puts a dot before a dot (RFC 5321, 4.5.2).
    sent = b"".join(b"." * line.startswith(b".") + line + b"\r\n" for line in lines)

    assert received(sent + b".\r\n", cuts) == written
    assert received(sent, cuts) is None


def outcome(sent: bytes, cuts: list[int]) -> bytes | tuple[int, bool] | None:
    """What comes of some bytes: a mail, nothing yet, or a refusal and whether it closes."""
    try:
        return received(sent, cuts)
    except MailRefused as refused:
        return refused.reply.code, refused.closes


@given(LINES, st.binary(min_size=1, max_size=20))
def test_what_comes_with_the_end_and_follows_it_is_never_taken(
    lines: list[bytes], behind: bytes
) -> None:
    """Nor is the mail, and the conversation ends."""
    written = b"".join(b"a" + line + b"\r\n" for line in lines)

    assert outcome(written + b".\r\n" + behind, []) == (554, True)


@given(st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a."]), max_size=12), CUTS)
def test_a_mail_taken_has_no_line_that_ends_otherwise(parts: list[bytes], cuts: list[int]) -> None:
    """So that no other server finds an end in it; any other is refused."""
    sent = b"".join(parts)
    rest = sent.replace(b"\r\n", b"")

    found = outcome(sent + b"\r\n.\r\n", cuts)

    if b"\r" in rest or b"\n" in rest:
        assert found == (550, False)
    else:
        assert isinstance(found, bytes)


@pytest.mark.parametrize(
    ("size", "code"), [(MOST - 5, None), (MOST - 4, (552, False)), (2 * MOST + 1, (552, True))]
)
def test_a_mail_too_long_is_read_to_its_end_but_not_held(
    size: int, code: tuple[int, bool] | None
) -> None:
    """And no further than twice the bound."""
    sent = b"x" * size + b"\r\n"
    receiving = Receiving(MOST)
    for start in range(0, min(size, 2 * MOST - 100), 100):
        assert receiving.take(sent[start : start + 100]) is None
        assert receiving.weighs <= MOST + 2

    assert outcome(sent + b".\r\n", [size]) == (code or sent)
