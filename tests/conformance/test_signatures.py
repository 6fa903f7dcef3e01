"""Keys, signatures and contests: what was signed is what is there, and who said so."""

import json
import shutil
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from etalon_conformance.bad_files import BadFileError
from etalon_conformance.contests import Contested, contest
from etalon_conformance.dossiers import add_statement, read_verdicts, verify
from etalon_conformance.keys import (
    LONGEST_NAME,
    Signer,
    SigningKey,
    new_key,
    read_key,
    read_signers,
    written_key,
    written_signers,
)
from etalon_conformance.manifest import (
    CONTESTS,
    SIGNATURES,
    Differences,
    FileDigest,
    UnsignableError,
    differences,
    files_of,
    signable,
)
from etalon_conformance.signatures import run_signature
from etalon_conformance.statements import Seal
from etalon_text.schema_files import schema

KEY = new_key("Jeanne Martin")
OTHER = new_key("Jeanne Martin")
TRUSTED = (KEY.signer,)
AT = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
VERDICTS = """{"results": [{"requirement": "VIS-01", "check": "a_check", "wire": "official",
"verdict": "fail"}]}"""


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The directory of a small run."""
    directory = tmp_path / "R"
    (directory / "counterexamples" / "VIS-01-a_check").mkdir(parents=True)
    (directory / "run.json").write_text("{}\n", "utf-8")
    (directory / "verdicts.json").write_text(VERDICTS, "utf-8")
    (directory / "counterexamples" / "VIS-01-a_check" / "replay.sh").write_text("exit 1\n", "utf-8")
    return directory


def sign(directory: Path, key: SigningKey = KEY) -> Path:
    """Sign a run as it stands."""
    statement = run_signature(
        files_of(directory), by="Jeanne Martin", role="qualité", at=AT, version="1", key=key
    )
    return add_statement(directory, SIGNATURES, statement)


def contest_it(directory: Path, key: SigningKey | None = KEY, reason: str = "No.") -> Path:
    """Contest the verdict on VIS-01."""
    verdicts = read_verdicts(directory)
    said = contest(
        "VIS-01",
        verdicts.by_requirement["VIS-01"],
        verdicts_sha256=verdicts.digest,
        by="Paul Roux",
        reason=reason,
        at=AT,
        key=key,
    )
    return add_statement(directory, CONTESTS, said)


def test_a_key_read_again_signs_as_it_did() -> None:
    """Holder, fingerprint and signatures survive the file, with a passphrase and without."""
    for passphrase in ("", "une phrase secrète"):
        read = read_key(written_key(KEY, passphrase), passphrase)

        assert read.signer == KEY.signer
        assert read.sign(b"x") == KEY.sign(b"x")
    assert read_signers(written_signers(KEY.signer, OTHER.signer).encode()) == (
        KEY.signer,
        OTHER.signer,
    )


def of_another_kind() -> bytes:
    """Return the file of a key that is not of Ed25519."""
    pem = Ed448PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    return b"Holder: Jeanne Martin\n" + pem


PROTECTED = written_key(KEY, "une phrase secrète")
BAD_KEYS: dict[str, tuple[Callable[[], object], str]] = {
    "no name": (lambda: new_key("  "), "nothing is written; a name is expected"),
    "two lines": (lambda: new_key("Jeanne\nMartin"), "a line break"),
    "too long": (lambda: new_key("J" * (LONGEST_NAME + 1)), "201 characters, 200 at most"),
    "no key": (lambda: read_key(b"Holder: Jeanne Martin\n"), "no private key in PEM"),
    "another kind": (lambda: read_key(of_another_kind()), "one of Ed25519 is expected"),
    "no holder": (
        lambda: read_key(written_key(KEY).split(b"\n", 1)[1]),
        "the holder is missing",
    ),
    "no passphrase": (lambda: read_key(PROTECTED), "protected by a passphrase"),
    "a wrong passphrase": (lambda: read_key(PROTECTED, "une autre"), "does not open the key"),
    "a passphrase for nothing": (
        lambda: read_key(written_key(KEY), "une phrase"),
        "the key has no passphrase",
    ),
    "a private key among signers": (lambda: read_signers(written_key(KEY)), "a private key stands"),
    "a list that is no TOML": (lambda: read_signers(b"[[signer"), "not complete TOML"),
    "bytes": (lambda: read_signers(b"\xff"), "bytes that are no UTF-8"),
    "a misspelt key": (
        lambda: read_signers(b'[[signer]]\nowner = "J"'),
        "signer 1 owner: this key is not known here",
    ),
    "no key of a signer": (
        lambda: read_signers(b'[[signer]]\nholder = "J"'),
        "signer 1 public_key: a value is missing",
    ),
    "a number for a name": (
        lambda: read_signers(b"[[signer]]\nholder = 1\npublic_key = 'A'"),
        "signer 1 holder: the value is not of the shape expected (a valid string)",
    ),
    "what is no public key": (
        lambda: read_signers(b'[[signer]]\nholder = "J"\npublic_key = "AAAA"'),
        "signer 1, public_key: it is no public key of Ed25519",
    ),
}


@pytest.mark.parametrize("name", BAD_KEYS)
def test_a_key_that_cannot_be_used_is_told_in_one_sentence(name: str) -> None:
    """Each names what was found or what is expected; none shows a private key."""
    act, told = BAD_KEYS[name]

    with pytest.raises(BadFileError) as error:
        act()

    assert told in str(error.value)
    assert error.value.told("fr") != str(error.value)


def test_a_signed_run_is_intact_and_its_signer_known_to_who_trusts_the_key(run: Path) -> None:
    """The same signature is one of an unknown signer for who does not, whatever name it bears."""
    sign(run)

    known, unknown = verify(run, TRUSTED), verify(run, (OTHER.signer,))

    assert (known.altered, known.trusted) == (False, True)
    assert (unknown.altered, unknown.trusted) == (False, False)
    assert [one.seal for one in (*known.signatures, *unknown.signatures)] == [
        Seal.TRUSTED,
        Seal.UNKNOWN,
    ]
    assert known.signatures[0].files == 3


def test_a_signer_bears_the_name_that_who_trusts_gave(run: Path) -> None:
    """Whatever the key says of itself; a contest likewise."""
    sign(run)
    contest_it(run)

    found = verify(run, (Signer("Martin, of Dossier SA", KEY.signer.public_key),))

    assert [one.holder for one in found.signatures] == ["Martin, of Dossier SA"]
    assert [one.holder for one in found.contests] == ["Martin, of Dossier SA"]


def test_one_byte_in_any_file_breaks_the_signature_and_the_file_is_named(run: Path) -> None:
    """Every byte of every file, each bit turned once; the last one put back mends it."""
    sign(run)
    for file in [
        path for path in run.rglob("*") if path.is_file() and SIGNATURES not in path.parts
    ]:
        content = file.read_bytes()
        for at in range(0, len(content), max(1, len(content) // 8)):
            file.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])

            found = verify(run, TRUSTED)

            assert found.altered
            assert not found.trusted
            assert found.signatures[0].differing.changed == (file.relative_to(run).as_posix(),)
        file.write_bytes(content)
    assert verify(run, TRUSTED).trusted


def rewritten(file: Path, old: str, new: str) -> None:
    """Replace a text in a file, which holds it."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def another_holder(file: Path) -> None:
    """Put somebody else's key under a statement."""
    rewritten(file, KEY.signer.public_key, OTHER.signer.public_key)
    rewritten(file, KEY.signer.fingerprint, OTHER.signer.fingerprint)


FORGERIES: dict[str, Callable[[Path], None]] = {
    "another role": lambda file: rewritten(file, "qualit", "direction de la qualit"),
    "another instant": lambda file: rewritten(file, "06:30:00Z", "06:31:00Z"),
    "another fingerprint": lambda file: rewritten(
        file, KEY.signer.fingerprint, OTHER.signer.fingerprint
    ),
    "somebody else's key": another_holder,
    "no signature": lambda file: rewritten(file, '"signature": "', '"signature": null, "was": "'),
    "a signature that is none": lambda file: rewritten(
        file, '"signature": "', f'"signature": "{b64encode(b"x").decode()}'
    ),
    "no JSON": lambda file: rewritten(file, "{", "["),
    "a contest in its place": lambda file: rewritten(file, '"kind": "run"', '"kind": "contest"'),
    "a key too many": lambda file: rewritten(file, '"role"', '"rôle": 1, "role"'),
    "an empty file": lambda file: rewritten(file, file.read_text("utf-8"), ""),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_signature_is_none(run: Path, name: str) -> None:
    """Whatever is changed in it, nobody is trusted any more."""
    file = sign(run)

    FORGERIES[name](file)

    found = verify(run, (KEY.signer, OTHER.signer))
    assert found.altered
    assert not found.trusted


def sealed_by_hand(content: dict[str, object], key: SigningKey) -> str:
    """Seal a statement as docs/reference/files.md says, without the code that does."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return key.sign(f"etalon run 1\n{canonical}".encode())


def test_a_seal_covers_what_the_reference_of_files_says(run: Path) -> None:
    """Made again by hand, it is the same; over somebody else's fingerprint it is broken."""
    file = sign(run)
    written = json.loads(file.read_text("utf-8"))
    said = written["statement"]

    assert sealed_by_hand(said, KEY) == written["signature"]
    said["fingerprint"] = OTHER.signer.fingerprint
    written["signature"] = sealed_by_hand(said, KEY)
    file.write_text(json.dumps(written), "utf-8")
    assert [one.seal for one in verify(run, TRUSTED).signatures] == [Seal.BROKEN]


def test_a_signature_without_its_seal_is_broken_and_not_merely_unsigned(run: Path) -> None:
    """It still names a key: somebody took the seal away."""
    file = sign(run)
    text = file.read_text("utf-8")
    at = text.index('"signature":')

    file.write_text(text[:at] + '"signature": null}', "utf-8")

    assert [one.seal for one in verify(run, TRUSTED).signatures] == [Seal.BROKEN]


def test_what_comes_and_goes_is_named(run: Path) -> None:
    """Added, removed and renamed files, a folder of statements used for something else, a link."""
    sign(run)
    (run / "notes.txt").write_text("x", "utf-8")
    (run / "contests").mkdir()
    (run / "contests" / "0001.json.html").write_text("x", "utf-8")
    (run / "run.json").rename(run / "Run.json")
    (run / "latest").symlink_to(run / "verdicts.json")

    differing = verify(run, TRUSTED).signatures[0].differing

    assert differing == Differences(
        added=("Run.json", "contests/0001.json.html", "latest", "notes.txt"), removed=("run.json",)
    )


@pytest.mark.parametrize("target", ["verdicts.json", "counterexamples", "nowhere", "/"])
def test_a_link_is_not_signed(run: Path, target: str) -> None:
    """What it leads to, file or folder, is not part of the run."""
    (run / "latest").symlink_to(target)

    with pytest.raises(UnsignableError, match="latest"):
        signable(files_of(run))


def test_reports_drawn_again_leave_a_signature_as_it_is(run: Path) -> None:
    """They stand in a folder that no signature covers."""
    sign(run)
    (run / "redrawn").mkdir()
    (run / "redrawn" / "report.html").write_text("x", "utf-8")

    assert verify(run, TRUSTED).trusted


def test_a_second_signature_covers_the_first(run: Path) -> None:
    """Both hold; taking the first away breaks the second."""
    first = sign(run)
    sign(run, OTHER)
    both = verify(run, TRUSTED)
    first.unlink()

    assert [one.seal for one in both.signatures] == [Seal.TRUSTED, Seal.UNKNOWN]
    assert both.trusted
    assert verify(run, (OTHER.signer,)).signatures[0].differing.removed == ("signatures/0001.json",)


def test_contests_join_a_signed_run_and_no_verdict_moves(run: Path) -> None:
    """Two of them, one without a key: each stands beside the verdict as it was."""
    sign(run)
    contest_it(run)
    contest_it(run, key=None, reason="Still no.")

    found = verify(run, TRUSTED)

    assert found.trusted
    assert (run / "verdicts.json").read_text("utf-8") == VERDICTS
    assert [(one.requirement, one.reason, one.seal) for one in found.contests] == [
        ("VIS-01", "No.", Seal.TRUSTED),
        ("VIS-01", "Still no.", Seal.UNSIGNED),
    ]
    assert found.contests[0].verdicts == (Contested("a_check", "official", "fail"),)


def test_a_contest_signed_and_changed_is_broken(run: Path) -> None:
    """So is one that a later signature covers, signed or not."""
    sign(run)
    rewritten(contest_it(run), "No.", "Yes.")
    assert verify(run, TRUSTED).altered

    shutil.rmtree(run / "contests")
    shutil.rmtree(run / "signatures")
    unsigned = contest_it(run, key=None)
    sign(run)
    rewritten(unsigned, "No.", "Yes.")

    assert verify(run, TRUSTED).signatures[0].differing.changed == ("contests/0001.json",)


def test_a_statement_that_stands_elsewhere_is_none(run: Path, tmp_path: Path) -> None:
    """A link, to a good contest even, is named and alters the run."""
    sign(run)
    contest_it(run).rename(tmp_path / "contest.json")
    (run / "contests" / "0001.json").symlink_to(tmp_path / "contest.json")

    found = verify(run, TRUSTED)

    assert found.altered
    assert found.unreadable == ("contests/0001.json",)


def test_a_contest_of_another_run_says_so(run: Path, tmp_path: Path) -> None:
    """It names the verdicts it was made against; a copy under others is told apart."""
    contest_it(run)
    other = tmp_path / "S"
    shutil.copytree(run, other)
    rewritten(other / "verdicts.json", '"fail"', '"pass"')

    assert [one.of_this_run for one in verify(run, TRUSTED).contests] == [True]
    assert [one.of_this_run for one in verify(other, TRUSTED).contests] == [False]


def test_statements_are_never_written_over(run: Path) -> None:
    """The next number is taken, even when another stands after it."""
    contest_it(run)
    second = contest_it(run)
    third = second.with_name("0003.json")
    second.rename(third)

    assert [contest_it(run).name for _ in range(2)] == ["0002.json", "0004.json"]


@given(
    st.dictionaries(st.text(min_size=1), st.integers(0, 3)),
    st.dictionaries(st.text(min_size=1), st.integers(0, 3)),
)
def test_differences_say_exactly_what_became_of_each_file(
    before: dict[str, int], after: dict[str, int]
) -> None:
    """Whatever two directories hold: no difference between equals, each file told once."""

    def listed(files: dict[str, int]) -> list[FileDigest]:
        return [FileDigest(path, 1, str(digest)) for path, digest in files.items()]

    found = differences(listed(before), listed(after))

    assert bool(found) == (before != after)
    told = [*found.changed, *found.added, *found.removed]
    assert sorted(told) == sorted(
        path for path in before.keys() | after.keys() if before.get(path) != after.get(path)
    )


def test_statements_are_of_the_form_that_their_schemas_give(run: Path) -> None:
    """A signature, a contest that is signed, and one that is not."""
    written = {
        "signature": [sign(run)],
        "contest": [contest_it(run), contest_it(run, key=None)],
    }

    for name, files in written.items():
        for file in files:
            jsonschema.validate(json.loads(file.read_text("utf-8")), dict(schema(name)))
