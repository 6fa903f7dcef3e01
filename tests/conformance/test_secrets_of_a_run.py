"""No output of a run holds a secret, but for the file that is its owner's alone."""

import json
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from counterexample_scene import ran, served
from etalon_cli.command import main

KEY = "k3y-of-the-vendor-0123456789"
CHECK = "publish_answers_what_was_made"
MINT = """
import json, sys, urllib.request
actor = {"kind": "professional", "rpps": sys.argv[2]}
asked = urllib.request.Request(sys.argv[1] + "/tokens", json.dumps({"actor": actor}).encode())
asked.add_header("Content-Type", "application/json")
print(json.load(urllib.request.urlopen(asked))["access_token"])
"""


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[str, str]]:
    """FHIR base of an impostor, and of the reference."""
    with ExitStack() as stack:
        yield (
            stack.enter_context(served("publish-without-location")),
            stack.enter_context(served()),
        )


@pytest.fixture(scope="module")
def directory(servers: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run against a profile whose sandbox wants a key, and whose tokens a program prints."""
    folder = tmp_path_factory.mktemp("vendor")
    root = servers[0].removesuffix("/fhir")
    (folder / "mint.py").write_text(MINT, encoding="utf-8")
    profile = folder / "target.toml"
    profile.write_text(
        f"""
[target]
name = "Dossier"

[addresses]
fhir = "{servers[0]}"
sandbox = "{root}/sandbox"

[authentication.professional]
source = "command"
command = ["{sys.executable}", "mint.py", "{root}/sandbox", "{{ident}}"]

[operations.create_person]
http = "POST root:/sandbox/people"
headers = {{X-Key = "env:VENDOR_KEY"}}
body = {{age = "{{age}}", sex = "F"}}

[operations.create_person.capture]
ins = "/0/ins"
oid = "/0/oid"
birth_date = "/0/birth_date"
family = "/0/family"
given = "/0/given"
sex = "/0/sex"
patient_id = "/0/patient_id"
""",
        encoding="utf-8",
    )
    out = folder / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VENDOR_KEY", KEY)
        typed = ["--target", str(profile), "--suite", "records-server", "--check", CHECK]
        assert main(["conformance", "run", *typed, "--out", str(out)]) == 1
    return out


def test_no_output_holds_a_key_or_a_token(directory: Path) -> None:
    """Each file, whatever it is, but the exchanges as they went."""
    whole = directory / "exchanges.ndjson"
    lines = [json.loads(line) for line in whole.read_text(encoding="utf-8").splitlines()]
    headers = [pair for line in lines for pair in line["request"]["headers"]]
    tokens = {text.removeprefix("Bearer ") for name, text in headers if name == "Authorization"}
    secrets = {KEY, *tokens}
    assert KEY in whole.read_text(encoding="utf-8")
    assert len(secrets) > 1
    others = [path for path in directory.rglob("*") if path.is_file() and path != whole]
    assert {"report.html", "verdicts.json", "replay.sh"} <= {path.name for path in others}
    for path in others:
        held = path.read_bytes()
        assert not [secret for secret in secrets if secret.encode() in held], path


def test_the_exchanges_as_they_went_are_their_owners_alone(directory: Path) -> None:
    """Nobody else of the machine reads them."""
    mode = (directory / "exchanges.ndjson").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_a_script_is_told_the_key_and_takes_tokens_as_the_profile_does(
    directory: Path, servers: tuple[str, str]
) -> None:
    """Without the key nothing can be said; with it the defect shows, and not on the reference."""
    (script,) = directory.glob("counterexamples/*/replay.sh")
    assert ran(script, servers[0])[0] == 2
    names = [word for word in script.read_text(encoding="utf-8").split("${") if "SECRET" in word]
    known = {names[0].partition(":")[0]: KEY}
    code, said = ran(script, servers[0], known)
    assert code == 1, said
    # The program prints tokens of the impostor, which the reference refuses: no defect of its own.
    code, said = ran(script, servers[1], known)
    assert code == 2, said
    assert "token of call" in said
