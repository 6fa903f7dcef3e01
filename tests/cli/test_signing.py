"""Keys, signatures, contests and questions at the command line: what is said, what is refused."""

import json
import stat
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from etalon_cli.command import main
from etalon_text.language import LANGUAGES

VERDICTS = """{"target": {"name": "Dossier 4.2"}, "suite": "records-server", "status": "complete",
"exit_code": 1, "results": [
{"requirement": "VIS-01", "check": "masked", "wire": "official", "verdict": "fail"}]}"""

Etalon = Callable[..., tuple[int, str, str]]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a run `R`, where the user has no key yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "R").mkdir()
    (tmp_path / "R" / "run.json").write_text("{}\n", "utf-8")
    (tmp_path / "R" / "verdicts.json").write_text(VERDICTS, "utf-8")
    return tmp_path


@pytest.fixture
def etalon(place: Path, capsys: pytest.CaptureFixture[str]) -> Etalon:
    """Carry out a command line there: exit code, stdout, stderr."""
    assert place.is_dir()

    def carried_out(*typed: str, lang: str = "en") -> tuple[int, str, str]:
        code = main([*typed, "--lang", lang])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return carried_out


@pytest.fixture
def signed(place: Path, etalon: Etalon) -> Path:
    """The run, signed by somebody whom the user trusts."""
    etalon("keys", "new", "--holder", "Jeanne Martin")
    etalon("keys", "trust", "configuration/etalon/signing-key.pub.toml")
    assert etalon("report", "sign", "R", "--by", "Jeanne Martin", "--role", "qualité")[0] == 0
    return place / "R"


def test_a_new_key_is_its_owners_alone_and_its_fingerprint_is_told(
    place: Path, etalon: Etalon
) -> None:
    """Mode 600; the file to give away holds the same fingerprint and no private key."""
    code, out, _ = etalon("keys", "new", "--holder", "Jeanne Martin", "--json")

    made = json.loads(out)
    key = place / "configuration" / "etalon" / "signing-key.pem"
    given = tomllib.loads(Path(made["public"]).read_text("utf-8"))["signer"][0]
    assert (code, made["key"], made["holder"]) == (0, str(key), "Jeanne Martin")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert made["fingerprint"] in Path(made["public"]).read_text("utf-8")
    assert given["holder"] == "Jeanne Martin"
    assert "PRIVATE" not in Path(made["public"]).read_text("utf-8")


def test_a_protected_key_signs_with_its_passphrase_and_never_without(
    etalon: Etalon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read from where the option says, and printed nowhere."""
    monkeypatch.setenv("PHRASE", "trois mots secrets")
    where = ("--passphrase", "env:PHRASE")
    contest = ("conformance", "contest", "VIS-01", "R", "--by", "P", "--reason", "x")
    made = etalon("keys", "new", *where)

    refused, carried = etalon(*contest), etalon(*contest, *where)

    assert (made[0], refused[0], carried[0]) == (0, 2, 0)
    assert "protected by a passphrase: give it with --passphrase" in refused[2]
    assert "trois" not in "".join(map(str, (*made, *refused, *carried)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_verifying_says_who_signed_and_what_changed(
    signed: Path, etalon: Etalon, language: str
) -> None:
    """0 when intact, 3 for a signer nobody here trusts, 1 once a byte changed, with its file."""
    words = {
        "en": ("trusted signer", "Unknown signer", "changed: verdicts.json", "added: x"),
        "fr": ("signataire de confiance", "Signataire inconnu", "verdicts.json", "ajouté"),
    }[language]
    (signed.parent / "nobody.toml").write_text("", "utf-8")
    verify = ("conformance", "verify", "R")

    intact = etalon(*verify, lang=language)
    unknown = etalon(*verify, "--trusted", "nobody.toml", lang=language)
    (signed / "verdicts.json").write_text(VERDICTS.replace("fail", "pass"), "utf-8")
    (signed / "x").touch()
    altered = etalon(*verify, lang=language)

    assert [intact[0], unknown[0], altered[0]] == [0, 3, 1]
    assert words[0] in intact[1]
    assert words[1] in unknown[1]
    assert words[2] in altered[1]
    assert words[3] in altered[1]


def test_an_unsigned_run_is_not_verified(etalon: Etalon) -> None:
    """1: nobody answers for it; machines read the same."""
    assert etalon("conformance", "verify", "R")[0] == 1

    code, out, _ = etalon("conformance", "verify", "R", "--json")

    assert code == 1
    assert json.loads(out) == {
        "answer": "unsigned",
        "signatures": [],
        "contests": [],
        "unreadable": [],
    }


def test_a_signature_that_is_none_is_named(signed: Path, etalon: Etalon) -> None:
    """The run is altered, and no traceback is shown."""
    (signed / "signatures" / "0001.json").write_text("[" * 100_000, "utf-8")

    code, out, _ = etalon("conformance", "verify", "R")

    assert code == 1
    assert "signatures/0001.json: neither a signature nor a contest" in out


def test_contests_stand_beside_the_verdict_signed_or_marked_unsigned(
    signed: Path, etalon: Etalon
) -> None:
    """The run is signed and stays intact; identifiers are found in any case, in either order."""
    contest = ("--by", "Paul Roux", "--reason", "Lent.")
    first = etalon("conformance", "contest", "vis-01", "R", *contest)
    second = etalon("conformance", "contest", "R", "VIS-01", *contest, "--unsigned", "--json")

    code, out, _ = etalon("conformance", "verify", "R")

    assert (first[0], second[0], code) == (0, 0, 0)
    assert json.loads(second[1])["signed"] is False
    assert (signed / "verdicts.json").read_text("utf-8") == VERDICTS
    assert out.count("VIS-01 (masked: fail) contested by Paul Roux") == 2
    assert out.count("  unsigned") == 1


def test_what_others_wrote_cannot_play_with_the_terminal(signed: Path, etalon: Etalon) -> None:
    """Escape sequences and line breaks in a contest are shown as such."""
    reason = "x\x1b[2J\nIntact: nothing changed"
    etalon("conformance", "contest", "VIS-01", "R", "--by", "P", "--reason", reason)

    out = etalon("conformance", "verify", "R")[1]

    assert "x\ufffd[2J\ufffdIntact: nothing changed" in out
    assert len(list((signed / "contests").iterdir())) == 1


def test_a_signed_run_that_changed_is_not_signed_again(signed: Path, etalon: Etalon) -> None:
    """Who signs would answer for what somebody changed."""
    (signed / "run.json").write_text("{ }\n", "utf-8")

    code, _, err = etalon("report", "sign", "R", "--by", "A", "--role", "B")

    assert code == 2
    assert "was signed, and has changed since" in err


def test_trusting_twice_adds_once(place: Path, etalon: Etalon) -> None:
    """A list may hold several signers, and keeps those it had."""
    etalon("keys", "new", "--holder", "A", "--out", "a.pem")
    etalon("keys", "new", "--holder", "B", "--out", "b.pem")
    both = (place / "a.pub.toml").read_text("utf-8") + (place / "b.pub.toml").read_text("utf-8")
    (place / "both.toml").write_text(both, "utf-8")

    first = etalon("keys", "trust", "a.pub.toml")
    second = json.loads(etalon("keys", "trust", "both.toml", "--json")[1])

    assert "A, sha256:" in first[1]
    assert [(one["holder"], one["added"]) for one in second["signers"]] == [
        ("A", False),
        ("B", True),
    ]
    listed = tomllib.loads(Path(second["trusted"]).read_text("utf-8"))["signer"]
    assert [one["holder"] for one in listed] == ["A", "B"]


def test_questions_make_a_file_to_fill_in_once(place: Path, etalon: Etalon) -> None:
    """On stdout, in a file that is never written over, or as JSON with both languages."""
    ask = ("conformance", "questions", "--suite", "records-server")
    printed, written = etalon(*ask), etalon(*ask, "--out", "answers.toml")
    again = etalon(*ask, "--out", "answers.toml")
    asked = json.loads(etalon(*ask, "--json")[1])

    assert printed[1] == (place / "answers.toml").read_text("utf-8")
    assert (written[0], again[0]) == (0, 2)
    assert list(tomllib.loads(printed[1])["answers"]) == [one["requirement"] for one in asked]
    assert all(set(one["question"]) == {"fr", "en"} for one in asked)


def link(place: Path) -> None:
    """Put a link into the run."""
    (place / "R" / "latest").symlink_to("run.json")


def opened(place: Path) -> None:
    """Let everybody read the key."""
    (place / "k.pem").chmod(0o644)


def in_the_run(place: Path) -> None:
    """Put the key into the run."""
    (place / "k.pem").rename(place / "R" / "k.pem")


def signed_simulation(place: Path) -> None:
    """Make it a run that is no run of conformance, and signed."""
    (place / "R" / "verdicts.json").unlink()
    (place / "R" / "signatures").mkdir()
    (place / "R" / "signatures" / "0001.json").write_text("{}", "utf-8")


def no_verdicts(place: Path) -> None:
    """Empty the file of verdicts."""
    (place / "R" / "verdicts.json").write_text("{}", "utf-8")


def nothing(place: Path) -> None:
    """Leave everything as it is."""


SIGN = ("report", "sign", "R", "--by", "A", "--role", "B", "--key")
CONTEST = ("conformance", "contest")
BAD: dict[str, tuple[Callable[[Path], None], tuple[str, ...], str]] = {
    "a key that is there": (nothing, ("keys", "new", "--out", "k.pem"), "k.pem exists"),
    "a key in a run": (nothing, ("keys", "new", "--out", "R/k.pem"), "lies in the run directory"),
    "no place for a key": (
        nothing,
        ("keys", "new", "--out", "k.pem/x.pem"),
        "k.pem/x.pem: cannot be written",
    ),
    "an empty holder": (nothing, ("keys", "new", "--holder", " "), "--holder: nothing is written"),
    "no such passphrase": (
        nothing,
        ("keys", "new", "--out", "l.pem", "--passphrase", "env:NONE"),
        "--passphrase: env:NONE: the environment has no such variable",
    ),
    "trust in a private key": (nothing, ("keys", "trust", "k.pem"), "a private key stands there"),
    "trust in nobody": (nothing, ("keys", "trust", "empty"), "no signer in this file"),
    "trust in no file": (nothing, ("keys", "trust", "none"), "none: no such file"),
    "signed by nobody": (nothing, ("report", "sign", "R", "--role", "B"), "--by is missing"),
    "signed in no role": (nothing, ("report", "sign", "R", "--by", "A"), "--role is missing"),
    "no run to sign": (nothing, ("report", "sign", ".", *SIGN[3:], "k.pem"), "is no run directory"),
    "no key": (nothing, (*SIGN, "none.pem"), "none.pem: there is no key"),
    "a key that is none": (nothing, (*SIGN, "empty"), "no private key in PEM"),
    "a key that others read": (opened, (*SIGN, "k.pem"), "others than its owner"),
    "a key given away": (in_the_run, (*SIGN, "R/k.pem"), "lies in the run directory"),
    "a link": (link, (*SIGN, "k.pem"), "latest is a link or a device"),
    "no run to verify": (nothing, ("conformance", "verify", "nowhere"), "is no run directory"),
    "no list": (nothing, ("conformance", "verify", "R", "--trusted", "none"), "no such file"),
    "a list that is none": (
        nothing,
        ("conformance", "verify", "R", "--trusted", "R/verdicts.json"),
        "it is not complete TOML",
    ),
    "no verdict on that": (
        nothing,
        (*CONTEST, "VIS-02", "R", "--by", "A", "--reason", "B"),
        "no verdict on 'VIS-02'; nearest: VIS-01",
    ),
    "no reason": (nothing, (*CONTEST, "VIS-01", "R", "--by", "A"), "--reason is missing"),
    "an empty reason": (
        nothing,
        (*CONTEST, "VIS-01", "R", "--by", "A", "--reason", " "),
        "--reason: nothing is written",
    ),
    "a reason without end": (
        nothing,
        (*CONTEST, "VIS-01", "R", "--by", "A", "--reason", "x" * 10_001),
        "10001 characters, 10000 at most",
    ),
    "no verdicts": (
        no_verdicts,
        (*CONTEST, "VIS-01", "R", "--by", "A", "--reason", "B"),
        "the file holds no verdicts",
    ),
    "a signed simulation drawn again": (
        signed_simulation,
        ("report", "R"),
        "R is signed: drawing its reports again would change them.",
    ),
    "no suite": (nothing, ("conformance", "questions"), "--suite is missing"),
}


def written_in(place: Path) -> list[Path]:
    """Everything there but what libraries keep in the configuration of the user."""
    mine = "configuration"
    return sorted(path for path in place.rglob("*") if mine not in path.parts)


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_told_in_one_line_and_nothing_is_written(
    place: Path, etalon: Etalon, name: str
) -> None:
    """Exit code 2, one line on stderr, the run as it was."""
    etalon("keys", "new", "--holder", "Jeanne Martin", "--out", "k.pem")
    (place / "empty").touch(0o600)
    prepare, typed, told = BAD[name]
    prepare(place)
    before = written_in(place)

    code, out, err = etalon(*typed)

    assert (code, out) == (2, "")
    assert told in err
    assert err.count("\n") == 1
    assert written_in(place) == before
