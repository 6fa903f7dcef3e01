"""Write the directory of an invented conformance run, in the published layout.

Nothing was tested: the requirements are those of the catalogue, the verdicts are invented, so that
each of them stands there. Its only use is to draw reports independently of any run.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from etalon_conformance.requirement import Wire
from etalon_conformance.requirements import digest, requirement_set
from etalon_conformance.suites import requirements_of, suites
from etalon_conformance.verdicts import Message, Result, Verdict, counted

if TYPE_CHECKING:
    from pathlib import Path

    from etalon_conformance.requirement import Requirement

SUITE = "records-server"
BASE = "https://records.example/fhir"
Plain = dict[str, Any]
FAILED = {
    "VIS-01": ("entry.resource.id", "excludes", ["doc-17"], "doc-11, doc-12, doc-17"),
    "W-REC-12": ("header:location", "matches", [r".*/DocumentReference/[^/]+"], "nothing"),
}
FOUND = {
    "REC-29": ("entry.resource.type.coding.code", "one-of", ["11488-4", "34133-9"], "11488-4"),
    "W-COM-02": ("issue.severity", "one-of", ["fatal", "error"], "nothing"),
}
CAUSES = {
    "operation-undeclared": {"operation": "erase_space"},
    "target.no_such_person": {"wanted": "a minor of 17 years"},
}
COULD_NOT = {
    "LIF-12": "operation-undeclared",
    "LIF-13": "operation-undeclared",
    "LIF-14": "operation-undeclared",
    "LIF-16": "operation-undeclared",
    "ACC-02": "target.no_such_person",
}
NOT_RUN = ("TRC-04",)
HARNESS = ("W-AUD-02",)
MANUAL = {"ID-10": "yes", "ID-11": None}
NOT_APPLICABLE = {"W-REC-30": "Folders are not offered: the product has none."}
NOT_TESTED = ("SEC-04", "W-CDA-03")
ACCEPTED = ("W-COM-02",)
CONTESTED = "VIS-01"
POWER = {
    "impostors": 73,
    "killed": 71,
    "variants": 12,
    "false_alarms": 0,
    "with_own_wire": {"impostors": 73, "killed": 71},
    "without_own_wire": {"impostors": 52, "killed": 50},
}
ATTESTATION = {
    "organisation": "Exemple SAS",
    "product": "Dossier Exemple",
    "version": "4.1",
    "by": "Camille Exemple",
    "role": "directrice qualité",
    "date": "2026-11-22",
    "place": None,
}
RUN = {
    "started_at": "2026-11-22T06:20:04Z",
    "ended_at": "2026-11-22T06:20:45Z",
    "seconds": 41.2,
    "workers": 2,
    "exchanges": 1843,
}
NO_GAPS: Plain = {
    "baseline": None,
    "causes": [],
    "not_tested": [],
    "not_applicable": [],
    "manual": [],
    "leftovers": [],
}


def write_invented_conformance(
    directory: Path, *, breaches: bool = True, brief: bool = False, **changed: object
) -> Path:
    """Write verdicts.json, exchanges-redacted.ndjson and a contest.

    Args:
        directory: Where; it is made.
        breaches: Whether something fails, is found, or is left open.
        brief: Whether to leave out most of the requirements that merely pass.
        changed: Keys of verdicts.json given another value.
    """
    directory.mkdir(parents=True)
    held = {one.ident: one for one in requirements_of(SUITE, requirement_set())}
    if brief:
        told = {*FAILED, *FOUND, *COULD_NOT, *NOT_RUN, *HARNESS, *MANUAL, *NOT_TESTED}
        kept = {*told, *NOT_APPLICABLE, "ACC-01", "W-REC-34"}
        held = {ident: one for ident, one in held.items() if ident in kept}
    results = list(_results(held)) if breaches else [_passed(one) for one in held.values()]
    verdicts = {**_verdicts(held, results, breaches=breaches), **changed}
    _write(directory / "verdicts.json", verdicts)
    lines = [json.dumps(line, ensure_ascii=False) for line in _exchanges(results)]
    exchanges = directory / "exchanges-redacted.ndjson"
    exchanges.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    if breaches:
        (directory / "contests").mkdir()
        _write(directory / "contests" / "0001.json", _contest())
        (directory / "signatures").mkdir()
        _write(directory / "signatures" / "0001.json", _signature())
    return directory


def _results(held: dict[str, Requirement]) -> list[Plain]:
    found: list[Plain] = []
    for ident, one in held.items():
        if ident in FAILED or ident in FOUND:
            found.append(_breach(one, FAILED.get(ident) or FOUND[ident], failed=ident in FAILED))
        elif ident in COULD_NOT:
            key = COULD_NOT[ident]
            cause = {"key": key, "values": CAUSES[key], "claimed": key == "operation-undeclared"}
            found.append(_result(one, "could-not-test", cause=cause))
        elif ident in NOT_RUN:
            found.append(_result(one, "not-run", status="cut"))
        elif ident in HARNESS:
            found.append(_result(one, "harness-error"))
        elif ident in MANUAL:
            status = "finished" if MANUAL[ident] else "waiting"
            found.append(_result(one, "manual", check="manual", status=status))
        elif ident not in NOT_TESTED and ident not in NOT_APPLICABLE:
            found.append(_passed(one))
    found.append(_result(held["VIS-01"], "pass", check="masked_documents_are_not_read"))
    return found


def _passed(one: Requirement) -> Plain:
    expectation = {"path": "status", "relation": "one-of", "values": ["200", "201"]}
    return _result(
        one,
        "pass",
        expectation=expectation,
        expected="status: one of 200, 201",
        got="200",
        path="status",
        exchanges=[2],
    )


def _breach(one: Requirement, seen: tuple[str, str, list[str], str], *, failed: bool) -> Plain:
    path, relation, values, got = seen
    check = f"check_of_{one.ident.lower().replace('-', '_')}"
    accepted = {"reason": "Mended in 4.2, out in March.", "until": "2027-03-31", "by": "A. Martin"}
    return _result(
        one,
        "fail" if failed else "finding",
        expectation={"path": path, "relation": relation, "values": values},
        expected=f"{path}: {relation} {', '.join(values)}",
        got=got,
        path=path,
        exchanges=[1, 3],
        likely="rights_only_on_read",
        counterexample=f"{one.ident}-{check}",
        accepted=accepted if one.ident in ACCEPTED else None,
    )


def _result(one: Requirement, verdict: str, **given: object) -> Plain:
    return {
        "requirement": one.ident,
        "check": f"check_of_{one.ident.lower().replace('-', '_')}",
        "verdict": verdict,
        "wire": one.wire or Wire.OFFICIAL,
        "status": "finished",
        "message": {"key": "verdict.told", "values": {}},
        "expectation": None,
        "expected": "",
        "got": "",
        "path": "",
        "exchanges": [],
        "likely": "",
        "cause": None,
        "counterexample": None,
        "accepted": None,
        **given,
    }


def _verdicts(held: dict[str, Requirement], results: list[Plain], *, breaches: bool) -> Plain:
    suite = suites()[SUITE]
    return {
        "format": 1,
        "etalon_version": "0.1.0",
        "role": "server",
        "suite": SUITE,
        "suite_title": dict(suite.title),
        "prerequisites": [dict(one) for one in suite.prerequisites],
        "target": {"kind": "profile", "address": BASE, "name": "Dossier Exemple 4.1"},
        "requirement_set": "2026-11",
        "digests": {ident: digest(one) for ident, one in held.items()},
        "seed": 1,
        "status": "partial" if breaches else "complete",
        "cut": "budget" if breaches else None,
        "unreachable": None,
        "environment_digest": "5e" * 32,
        "profile_digest": "9a" * 32,
        "findings_fail": False,
        "exit_code": 1 if breaches else 0,
        "conforms": not breaches,
        "counts": _counts(held, results),
        "results": results,
        "requirements": {ident: _requirement(one) for ident, one in held.items()},
        "power": {**POWER, "current": not breaches},
        "people": {"made": 41, "named": 2},
        "attestation": ATTESTATION,
        "run": RUN,
        **(_gaps() if breaches else NO_GAPS),
    }


def _gaps() -> Plain:
    """Return what was accepted, not tested, answered by people and left behind."""
    left = {"kind": "person", "ident": "279035121518989", "tag": "etalon-1", "cause": "refused"}
    return {
        "baseline": _baseline(),
        "causes": _causes(),
        "not_tested": [_untested(ident) for ident in NOT_TESTED],
        "not_applicable": [
            {"requirement": ident, "reason": reason} for ident, reason in NOT_APPLICABLE.items()
        ],
        "manual": [_manual(ident) for ident in MANUAL],
        "leftovers": [left],
    }


def _baseline() -> Plain:
    unused = {
        "requirement": "REC-04",
        "check": "check_of_rec_04",
        "verdict": "finding",
        "reason": "Known.",
        "until": "2027-01-31",
    }
    return {"file": "baseline.toml", "sha256": "b1" * 32, "accepted": 1, "unused": [unused]}


def _causes() -> list[Plain]:
    return [
        {
            "key": key,
            "values": values,
            "requirements": [i for i, k in COULD_NOT.items() if k == key],
        }
        for key, values in CAUSES.items()
    ]


def _untested(ident: str) -> Plain:
    reason = {"fr": "Le contrôle n'est pas encore écrit.", "en": "The check is not written yet."}
    return {"requirement": ident, "reason": reason}


def _manual(ident: str) -> Plain:
    answer = MANUAL[ident]
    return {
        "requirement": ident,
        "question": {"fr": "Le fait-il ?", "en": "Does it?"},
        "answer": answer,
        "author": "Camille Exemple" if answer else None,
        "date": "2026-11-20" if answer else None,
        "file": "procedure.pdf" if answer else None,
        "sha256": "f0" * 32 if answer else None,
        "comment": None,
    }


def _counts(held: dict[str, Requirement], results: list[Plain]) -> Plain:
    typed = [
        Result(
            requirement=one["requirement"],
            check=one["check"],
            verdict=Verdict(one["verdict"]),
            wire=Wire(one["wire"]),
            message=Message("verdict.told"),
        )
        for one in results
    ]
    plain: Plain = json.loads(json.dumps(counted(typed, held)))
    return plain


def _requirement(one: Requirement) -> Plain:
    return {
        "text": dict(one.text),
        "level": one.level,
        "standing": one.standing,
        "certainty": one.certainty,
        "actor": one.actor,
        "condition": dict(one.condition) if one.condition["en"] else None,
        "sources": [
            {
                "title": dict(source.title),
                "link": source.link,
                "place": source.place,
                "published_on": source.published_on,
                "checked_on": source.checked_on,
            }
            for source in one.sources
        ],
    }


def _exchanges(results: list[Plain]) -> list[Plain]:
    places = {(one["check"], number) for one in results for number in one["exchanges"]}
    return [_exchange(check, number) for check, number in sorted(places)]


def _exchange(check: str, number: int) -> Plain:
    search = f"{BASE}/DocumentReference?patient.identifier=urn:oid:1.2.250.1.213.1.4.10|27903"
    found = [
        {"resource": {"resourceType": "DocumentReference", "id": f"doc-{n}"}}
        for n in range(11, 18 if number == 1 else 60)
    ]
    body = json.dumps({"resourceType": "Bundle", "type": "searchset", "total": 2, "entry": found})
    refused = {"failure": "timeout", "detail": "no answer within 30 s", "seconds": 30.0}
    answer = {
        "status": 200,
        "headers": [["content-type", "application/fhir+json"]],
        "body": body,
        "seconds": 0.012,
        "truncated": False,
    }
    return {
        "check": check,
        "number": number,
        "at": "2026-11-22T06:20:05Z",
        "control": False,
        "who": {"kind": "professional", "ident": "10000000000", "label": ""},
        "request": {
            "verb": "GET",
            "url": search,
            "headers": [
                ["accept", "application/fhir+json"],
                ["authorization", "Bearer (redacted 1)"],
            ],
        },
        "answer": refused if check == "check_of_w_com_02" and number == 3 else answer,
    }


def _contest() -> Plain:
    return {
        "format": 1,
        "statement": {
            "kind": "contest",
            "requirement": CONTESTED,
            "verdicts": [{"check": "check_of_vis_01", "wire": "official", "verdict": "fail"}],
            "verdicts_sha256": "0c" * 32,
            "by": "Camille Exemple",
            "reason": "doc-17 was unmasked by hand between calls 1 and 3.",
            "at": "2026-11-22T09:00:00Z",
            "holder": None,
            "fingerprint": None,
            "public_key": None,
        },
        "signature": None,
    }


def _signature() -> Plain:
    return {
        "format": 1,
        "statement": {
            "kind": "run",
            "by": "Camille Exemple",
            "role": "directrice qualité",
            "at": "2026-11-22T08:00:00Z",
            "etalon_version": "0.1.0",
            "holder": "Exemple SAS",
            "fingerprint": "SHA256:3q2+7w",
            "public_key": "…",
            "files": [],
        },
        "signature": "…",
    }


def _write(file: Path, content: Plain) -> None:
    file.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
