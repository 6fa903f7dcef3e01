"""`etalon witness setup`: what connects a client, in a folder."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_cli.answers import print_json
from etalon_cli.console import print_result, say
from etalon_cli.exit_codes import ExitCode
from etalon_cli.stopping import because
from etalon_cli.storage_explanations import cannot_write
from etalon_cli.whole_numbers import LARGEST_SEED, whole_number
from etalon_cli.witness_running import identities_for, stage_day
from etalon_conformance.witness.connecting.identities import (
    PROFESSIONAL,
    KitIdentity,
    identities_csv,
    kit_identities,
)
from etalon_conformance.witness.connecting.kit import (
    DAYS,
    IDENTITIES,
    PKCS12_PASSWORD,
    Kit,
    KitError,
    check_address,
    check_names,
    write_kit,
)
from etalon_conformance.witness.connecting.samples import sample_documents
from etalon_conformance.witness.connecting.trusting import (
    HOSTS_FILES,
    hosts_lines,
    trust_commands,
)
from etalon_conformance.witness.scenario import profiles
from etalon_reports.missing_pdf import NoPdfError
from etalon_reports.witness_sheets import Identity, Sheets, System, print_sheets, write_sheets
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Generator, Sequence

    from etalon_scenarios.run_directory import Json
    from etalon_text.language import Language

DEFAULT_PORT: Final = 8443
DEFAULT_PROFILE: Final = "lps"
_HIGHEST_PORT: Final = 65_535

_PLACES: Final = (
    ("fhir", "/fhir"),
    ("psc", "/oauth2/psc/.well-known/openid-configuration"),
    ("people", "/.well-known/openid-configuration"),
    ("register", "/oauth2/register"),
    ("page", "/witness"),
)
"""What a client is told the address of, as `witness.place.NAME`."""


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    kit = _asked_for(options, language)
    identities = kit_identities(identities_for(kit.profile, kit.seed, kit.day), kit.seed)
    with _whole_or_nothing(kit.folder):
        write_kit(kit)
        (kit.folder / IDENTITIES).write_text(
            identities_csv(identities), encoding="utf-8", newline=""
        )
        samples = _write_samples(kit, identities)
        sheets = write_sheets(_sheets(kit, identities, samples), language, kit.folder)
        printed = _printed(sheets, language)
    if options.json:
        print_json(_plain(kit, sheets, printed))
    else:
        _tell(kit, printed or sheets, language)
    return ExitCode.DONE


@contextmanager
def _whole_or_nothing(folder: Path) -> Generator[None]:
    """Leave a folder empty, as it was found, unless the block succeeds.

    Raises:
        Stopped: It cannot be written.
    """
    try:
        yield
    except BaseException as error:
        for one in folder.iterdir() if folder.is_dir() else ():
            if one.is_dir():
                shutil.rmtree(one, ignore_errors=True)
            else:
                one.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise cannot_write(folder, error) from error
        raise


def _printed(sheets: Path, language: Language) -> Path | None:
    """Return the sheets as PDF; None, said with what to do instead, where PDF cannot be written."""
    try:
        return print_sheets(sheets)
    except NoPdfError:
        say(text("witness.setup.no_pdf", language, file=sheets))
        return None


def _write_samples(kit: Kit, identities: Sequence[KitIdentity]) -> Sequence[str]:
    """Write the sample documents, and return their names; none where nobody writes documents."""
    person = next(one for one in identities if one.kind == "person")
    author = next((one for one in identities if one.kind == PROFESSIONAL), None)
    if author is None:
        return []
    samples = sample_documents(person, author, seed=kit.seed, at=kit.day)
    folder = kit.folder / "documents"
    folder.mkdir()
    for name, content in samples.items():
        (folder / name).write_bytes(content)
    return list(samples)


def _asked_for(options: Namespace, language: Language) -> Kit:
    """Return the kit to make.

    Raises:
        Stopped: Something asked for cannot be had.
    """
    address = options.address or "127.0.0.1"
    names = tuple(dict.fromkeys(options.name or ["localhost"]))
    try:
        check_names(names)
        check_address(address)
    except KitError as error:
        raise because(reason="witness_kit", problem=error.told(language)) from error
    folder = Path(options.folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise because(reason="out_not_empty", file=folder)
    return Kit(
        folder=folder,
        names=names,
        address=address,
        port=whole_number("--port", options.port, DEFAULT_PORT, 1, _HIGHEST_PORT),
        profile=_profile(options.profile),
        seed=whole_number("--seed", options.seed, 1, 0, LARGEST_SEED),
        day=stage_day(),
    )


def _profile(typed: str | None) -> str:
    """Return the profile asked for.

    Raises:
        Stopped: There is none of that name.
    """
    name, known = typed or DEFAULT_PROFILE, tuple(profiles())
    if name not in known:
        accepted = ", ".join(known)
        reason = "unknown_option_value"
        raise because(reason=reason, option="--profile", found=name, accepted=accepted)
    return name


def _sheets(kit: Kit, identities: Sequence[KitIdentity], documents: Sequence[str]) -> Sheets:
    """Return what the sheets show."""
    return Sheets(
        root=kit.root,
        places=[(name, kit.root + path) for name, path in _PLACES],
        hosts=hosts_lines(kit.names, kit.address),
        hosts_files=list(HOSTS_FILES),
        systems=[
            System(one.system, one.trust, one.undo)
            for one in trust_commands("certificates/authority.pem")
        ],
        password=PKCS12_PASSWORD,
        days=DAYS,
        identities=[_shown(one) for one in identities],
        documents=list(documents),
        seed=kit.seed,
    )


def _shown(one: KitIdentity) -> Identity:
    return Identity(
        label=one.name,
        kind="professional" if one.kind == PROFESSIONAL else "person",
        name=f"{one.given} {one.family}",
        number=one.ident,
        detail=", ".join(filter(None, (one.profession or one.sex, one.mailbox))),
        born_on=one.birth_date,
        second=one.structure or one.vitale_serial,
        guardian=one.guardian,
    )


def _plain(kit: Kit, sheets: Path, printed: Path | None) -> Json:
    files = kit.certificates
    return {
        "folder": str(kit.folder),
        "address": kit.root,
        "names": list(kit.names),
        "hosts": hosts_lines(kit.names, kit.address),
        "authority": str(files.authority),
        "client_certificates": [str(files.first), str(files.second)],
        "identities": str(kit.folder / IDENTITIES),
        "sheets": str(sheets),
        "printed": None if printed is None else str(printed),
    }


def _tell(kit: Kit, sheets: Path, language: Language) -> None:
    def tell(key: str, **values: object) -> None:
        print_result(text(key, language, **values))

    tell("witness.setup.made", folder=kit.folder, address=kit.root)
    lines = hosts_lines(kit.names, kit.address)
    if lines:
        print_result("")
        tell(
            "witness.setup.hosts",
            files=", ".join(f"{file} ({system})" for system, file in HOSTS_FILES),
        )
        for line in lines:
            print_result(f"  {line}")
    print_result("")
    tell("witness.setup.trust")
    for one in trust_commands(str(kit.certificates.authority)):
        print_result(f"  {text(f'witness.trust.{one.system}', language)}")
        print_result(f"    {one.trust}")
        if one.undo:
            print_result(f"    {text('witness.setup.undo', language)} {one.undo}")
    print_result("")
    tell("witness.setup.sheets", file=sheets)
    tell("witness.setup.next", folder=kit.folder)
