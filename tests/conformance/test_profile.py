"""A profile is read as it is meant, or refused with its key, what stands there and what should."""

from pathlib import Path

import pytest

from etalon_model.actors import ActorKind
from etalon_target.profile import read_profile
from etalon_target.profile_errors import ProfileError

PROFILE = """
[target]
name = "Dossier"
claims = ["records-server"]
not_applicable = {"W-REC-40" = "no search of people"}

[addresses]
fhir = "https://dossier.example/fhir/"

[tls]
certificate = "client.p12"
password = "env:DOSSIER_P12"

[authentication.professional]
source = "client_credentials"
token_endpoint = "https://dossier.example/token"
client = "etalon"
secret = "env:DOSSIER_SECRET"

[authentication.holder]
source = "token_exchange"
subject = "professional"
token_endpoint = "https://dossier.example/token"
client = "etalon"
proof = "none"

[operations.oppose]
http = "POST root:/people/{patient}/objection"
as = "holder"
body = {reason = "{reason}", by = "etalon"}

[[operations.activate]]
command = ["./activate.sh", "{patient}"]

[[people]]
name = "Camille"
ins = "269113191000281"
state = "NOTIFIED"
since_days = 43
birth_date = 1990-01-01
sex = "F"
"""
SECRET = "hunter2-and-more"  # noqa: S105 (of a test)


def written(folder: Path, text: str) -> Path:
    """A profile file."""
    path = folder / "target.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_profile_says_what_it_says(tmp_path: Path) -> None:
    """Addresses lose their last slash, one step is a list of one."""
    profile = read_profile(written(tmp_path, PROFILE))
    assert profile.name == "Dossier"
    assert profile.addresses.fhir == "https://dossier.example/fhir"
    assert profile.operations["oppose"][0].actor is ActorKind.HOLDER
    assert [len(steps) for steps in profile.operations.values()] == [1, 1]
    assert profile.people[0].since_days == 43
    assert len(profile.digest) == 64


REFUSED = [
    ('"Dossier"', '"Dossier"\nclaim = []', "target.claim", "claims"),
    ("[addresses]\nfhir", "[addresses]\nroot", "addresses.fhir", "a value"),
    ("https://dossier.example/fhir/", "dossier.example", "addresses.fhir", "http://"),
    ('as = "holder"', 'as = "holdr"', "operations.oppose.as", "'holder'"),
    ("operations.oppose", "operations.opose", "operations.opose", "oppose"),
    ('http = "POST ', 'sandbox = "x"\nhttp = "POST ', "operations.oppose", "exactly one"),
    ("since_days = 43", 'since_days = "43"', "people.0.since_days", "a whole number"),
    ('"NOTIFIED"', '"NOTFIED"', "people.0.state", "'NOTIFIED'"),
    ("269113191000281", "269113191000282", "people.0", "with its key"),
    ('sex = "F"', 'sex = "F"\noid = "1.2.250.1.213.1.4.8"', "people.0", "an oid of tests"),
    ('subject = "professional"', 'subject = "me"', "authentication.holder.subject", "professional"),
    ("authentication.holder", "authentication.holdr", "authentication.holdr", "holder"),
    ('"client_credentials"', '"password"', "authentication.professional", "client_credentials"),
    ('secret = "env:DOSSIER_SECRET"\n', "", "authentication.professional", "secret"),
    (
        'source = "client_credentials"',
        'source = "token_exchange"\nsubject = "holder"',
        "authentication.professional.subject",
        "a chain of exchanges that ends",
    ),
    ("[target]", "[target", "", "a complete TOML file"),
    ('name = "Camille"', 'name = "Camille"\nguardian = "Paul"', "people.0.guardian", "Camille"),
]


@pytest.mark.parametrize(("old", "new", "path", "expected"), REFUSED)
def test_a_wrong_profile_is_refused_with_its_key_and_what_is_expected(
    tmp_path: Path, old: str, new: str, path: str, expected: str
) -> None:
    """One line, without a traceback."""
    file = written(tmp_path, PROFILE.replace(old, new, 1))
    with pytest.raises(ProfileError) as refused:
        read_profile(file)
    assert refused.value.path == path
    assert expected in refused.value.expected
    assert str(refused.value).startswith(f"{file}: ")
    assert "\n" not in str(refused.value)


def test_a_misspelt_key_names_the_nearest(tmp_path: Path) -> None:
    """As the user would have written it."""
    file = written(tmp_path, PROFILE.replace("since_days", "since_day"))
    with pytest.raises(ProfileError) as refused:
        read_profile(file)
    assert refused.value.nearest == "since_days"


JWT = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
IN_PLACE = [
    ("env:DOSSIER_SECRET", SECRET),
    ("env:DOSSIER_P12", SECRET),
    ("https://dossier.example/fhir/", f"https://user:{SECRET}@dossier.example/"),
    ('by = "etalon"', f'by = "Bearer {SECRET * 2}"'),
    ('as = "holder"', f'as = "holder"\nheaders = {{Authorization = "{SECRET}"}}'),
    ('as = "holder"', f'as = "holder"\nheaders = {{X-Api-Key = "{SECRET}"}}'),
    ("no search of people", JWT),
    ('secret = "env:DOSSIER_SECRET"', f'secret = {{value = "{SECRET}"}}'),
    ('secret = "env:DOSSIER_SECRET"', f'secrt = "{SECRET}"'),
    ('secret = "env:DOSSIER_SECRET"', f'secret = "{SECRET}'),
]


@pytest.mark.parametrize(("old", "new"), IN_PLACE)
def test_a_secret_in_the_profile_is_refused_and_not_shown(
    tmp_path: Path, old: str, new: str
) -> None:
    """Wherever it was put."""
    with pytest.raises(ProfileError) as refused:
        read_profile(written(tmp_path, PROFILE.replace(old, new, 1)))
    shown = f"{refused.value} {refused.value!r}"
    assert SECRET not in shown
    assert JWT not in shown


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"a" * 2_000_000, b"[" * 100_000])
def test_what_is_no_profile_is_refused(tmp_path: Path, content: bytes) -> None:
    """Empty, no text, too large, too deep."""
    file = tmp_path / "target.toml"
    file.write_bytes(content)
    with pytest.raises(ProfileError):
        read_profile(file)
    with pytest.raises(ProfileError):
        read_profile(tmp_path)
