"""Every kind of page that a reader gets, drawn from invented files: no run, no server.

A page is called by its template, then by what tells it from others of that template
(`study-sweep`). Files that no other module invents stand in `invented/pages`.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.reports.invented_comparison import write_invented_comparison
from tests.reports.invented_conformance import write_invented_conformance
from tests.reports.invented_load import Platform, write_invented_load
from tests.reports.invented_run import write_invented_run

from etalon_load.files.compared_runs import compare_runs, write_comparison
from etalon_load.files.run_files import write_run_files
from etalon_reports import write_report
from etalon_reports.conformance.attestation_sheet import draw_attestation
from etalon_reports.conformance.differential_page import draw_differential
from etalon_reports.witness_sheets import Identity, Sheets, System, write_sheets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from etalon_text.language import Language

_FILES: Final = Path(__file__).with_name("invented") / "pages"
_PEOPLE: Final = 3_000
_STALL: Final = (14.3, 16.3)
_REPLAY: Final = "#!/bin/sh\n# VIS-01\ncurl https://records.example/fhir/DocumentReference\n"
SHEETS: Final = Sheets(
    root="https://dmp.test:8443",
    places=[("fhir", "https://dmp.test:8443/fhir")],
    hosts=["192.0.2.7 dmp.test"],
    hosts_files=[("Linux", "/etc/hosts")],
    systems=[System("debian", "cp authority.pem /usr/local/share", "rm authority.pem")],
    password="etalon",  # noqa: S106 (told to every tester)
    days=365,
    identities=[
        Identity("doctor", "professional", "Ada Roux", "899700000017", "Médecin", "", "", ""),
        Identity("claire", "person", "Claire Blanc", "280019900100", "F", "1980-01-02", "", ""),
    ],
    documents=["report.pdf"],
    seed=1,
)


def _simulation(folder: Path) -> None:
    write_invented_run(folder, people=_PEOPLE)


def _conformance(folder: Path) -> None:
    write_invented_conformance(folder, brief=True)
    shutil.rmtree(folder / "signatures")
    script = folder / "counterexamples" / "vis-01" / "replay.sh"
    script.parent.mkdir(parents=True)
    script.write_text(_REPLAY, encoding="utf-8")


def _client(folder: Path) -> None:
    target = {"kind": "client", "name": "Logiciel Exemple 2.0"}
    write_invented_conformance(folder, brief=True, role="client", target=target)
    shutil.rmtree(folder / "signatures")


def _load(folder: Path) -> None:
    platform = Platform(stall=_STALL, wrong=0.002, failed=0.003)
    write_invented_load(folder, platform, seconds=30)
    write_run_files(folder)


def _load_comparison(folder: Path) -> None:
    for name, seconds in (("before", 0.012), ("after", 0.018)):
        write_invented_load(folder / name, Platform(service_seconds=seconds), seconds=60, peak=10)
    found = compare_runs(folder / "before", folder / "after")
    write_comparison(folder, found)


def _tour(folder: Path) -> None:
    parts = {
        "pilot": _simulation,
        "nation": _simulation,
        "impostor": _conformance,
        "load": _load,
    }
    told = {
        "schema_version": 1,
        "etalon_version": "0.1.0",
        "started_at": "2026-11-22T09:30:00Z",
        "status": "complete",
        "guides": None,
        "parts": [
            {
                "name": name,
                "commands": [f"etalon {name}"],
                "exit_code": 0,
                "seconds": 62.4,
                "missing": [],
            }
            for name in parts
        ],
    }
    for name, write in parts.items():
        write(folder / name)
        (folder / name / "report.html").touch()
    (folder / "tour.json").write_text(json.dumps(told), encoding="utf-8")


def _held(name: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        folder.mkdir()
        shutil.copy(_FILES / f"{name}.json", folder)

    return write


def _reported(folder: Path, language: Language) -> Path:
    return write_report(folder, language)


def _attested(folder: Path, language: Language) -> Path:
    return draw_attestation(folder, language, folder)


def _sheets(folder: Path, language: Language) -> Path:
    return write_sheets(SHEETS, language, folder)


_Pair = tuple["Callable[[Path], object]", "Callable[[Path, Language], Path]"]
PAGES: Final[Mapping[str, _Pair]] = {
    "simulation": (_simulation, _reported),
    "comparison": (write_invented_comparison, _reported),
    "study-sweep": (_held("sweep"), _reported),
    "study-calibration": (_held("calibration"), _reported),
    "study-forecast": (_held("forecast"), _reported),
    "conformance": (_conformance, _reported),
    "conformance-client": (_client, _reported),
    "conformance_differential": (_held("differential"), draw_differential),
    "attestation": (_conformance, _attested),
    "witness_sheets": (Path.mkdir, _sheets),
    "load": (_load, _reported),
    "load_comparison": (_load_comparison, _reported),
    "load_capacity": (_held("capacity"), _reported),
    "load_decision": (_held("decision"), _reported),
    "tour": (_tour, _reported),
}
"""Page -> what writes its files into a new folder, and what draws it from them in a language."""
