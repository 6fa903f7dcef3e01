"""Secrets come from outside, bounded, and no form of them is left in what is written."""

import base64
import json
import shlex
import sys
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_target.programs import ProgramError, run_program
from etalon_target.secrecy import Redaction, SecretError, Secrets

SECRET = 'pässword+with/"quotes"'  # noqa: S105 (of a test)


def printing(code: str) -> str:
    """A command that runs a line of Python."""
    return f"command:{shlex.quote(sys.executable)} -c {shlex.quote(code)}"


def test_a_secret_comes_from_the_environment_a_file_or_a_command(tmp_path: Path) -> None:
    """What ends the line is no part of it."""
    (tmp_path / "secret").write_text(f"{SECRET}\n", encoding="utf-8")
    secrets = Secrets(folder=tmp_path, environment={"NAME": SECRET})
    for reference in ("env:NAME", "file:secret", printing(f"print({SECRET!r})")):
        assert secrets.read(reference) == SECRET
    assert SECRET not in secrets.redaction.text(f"it is {SECRET}")


@pytest.mark.parametrize(
    "reference",
    [
        "env:NONE",
        "file:none",
        "file:.",
        SECRET,
        printing("raise SystemExit(3)"),
        printing("print()"),
        printing("print('1234567')"),
        "command:none-such",
        "command:'",
        "command: ",
    ],
)
def test_a_secret_that_is_not_there_is_said_without_its_value(
    tmp_path: Path, reference: str
) -> None:
    """From where, and why."""
    with pytest.raises(SecretError) as missing:
        Secrets(folder=tmp_path, environment={}).read(reference)
    assert SECRET not in str(missing.value)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=8, max_size=40))
def test_no_form_of_a_secret_is_left(secret: str) -> None:
    """As it is, in an address, a form, JSON, and base64 whatever stands before it."""
    redaction = Redaction()
    redaction.add(secret)
    encoded = [base64.b64encode(b"a" * n + secret.encode()).decode() for n in range(3)]
    forms = [
        secret,
        quote(secret, safe=""),
        urlencode({"k": secret})[2:],
        json.dumps(secret),
        json.dumps(secret, ensure_ascii=False),
    ]
    for form in forms:
        assert form not in redaction.text(f"<{form}>")
    for form in encoded:
        assert form not in redaction.text(form)


@pytest.mark.parametrize(
    "text",
    [
        '{"access_token": "unknown-to-us", "expires_in": 3}',
        "grant_type=refresh_token&refresh_token=unknown-to-us",
        "Authorization: Bearer unknown-to-us",
        "a=1&client_secret=unknown-to-us&b=2",
        "x eyJhbGciOiJub25lIn0.unknown-to-us.c2ln y",
    ],
)
def test_tokens_that_nobody_told_are_recognised(text: str) -> None:
    """By the name they go by."""
    assert "unknown-to-us" not in Redaction().text(text)


def test_headers_that_prove_who_asks_lose_their_value() -> None:
    """Others keep theirs; bytes that are no text stay as they are."""
    redaction = Redaction()
    redaction.add(SECRET)
    headers = (("Cookie", "a=b"), ("X-Other", f"-{SECRET}-"), ("Accept", "text/html"))
    shown = dict(redaction.headers(headers))
    assert shown == {"Cookie": "[redacted]", "X-Other": "-[redacted 1]-", "Accept": "text/html"}
    assert redaction.body(b"\xff\xfe\x00") == b"\xff\xfe\x00"


@pytest.mark.skipif(sys.platform == "win32", reason="sleep and yes as a POSIX shell has them")
def test_a_program_is_bounded_in_time_and_output(tmp_path: Path) -> None:
    """One that never ends, one that never stops writing, one that leaves another behind."""
    with pytest.raises(ProgramError, match=r"more than 0\.3 seconds"):
        run_program(["sleep", "60"], tmp_path, 0.3, 10)
    with pytest.raises(ProgramError, match="more than 1000 bytes"):
        run_program(["yes"], tmp_path, 30, 1000)
    left = run_program(["sh", "-c", "sleep 60 & echo done"], tmp_path, 30, 100)
    assert (left.code, left.output) == (0, b"done\n")


def test_many_secrets_are_found_as_few_are() -> None:
    """However many ways there are for one to begin."""
    redaction = Redaction()
    secrets = [f"{rank:08x}-of-a-run" for rank in range(0, 4_000_000, 10_000)]
    for secret in secrets:
        redaction.add(secret)
    text = " ".join(f"x{one}y {one[:-1]}" for one in secrets)
    hidden = redaction.text(text)
    assert [one for one in secrets if one in hidden] == []
    assert hidden.count(secrets[7][:-1]) == 1
