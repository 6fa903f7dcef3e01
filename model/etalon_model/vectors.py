"""Test vectors: what the model answers, as data that a program in any language can read.

Files of JSON, the same bytes for the same seed. Three need no service: `identifiers`,
`calendars` and `truth_table`. Three are small stories: commands given to an empty service, one
more command, and its outcome: every transition, and the commands and refusals that walks meet.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import product
from typing import Final

from etalon_model.command_codec import plain_command
from etalon_model.identifiers import has_luhn_key, is_finess, is_nir, luhn_key, nir_key
from etalon_model.identities import identity
from etalon_model.parameters import vintage
from etalon_model.periods import Period, birthday
from etalon_model.records.confidentiality import ALL
from etalon_model.records.visibility import TRUTH_TABLE, Facts, Stance, Viewer, sees
from etalon_model.rulebook import rulebook
from etalon_model.states import ACCESS
from etalon_model.stories import Stories, Story, stories
from etalon_model.tables import rows_of, text_of
from etalon_model.value_codec import Json

FORMAT: Final = "etalon-vectors"
VERSION: Final = 1
VINTAGE: Final = "steady-2023"
_PEOPLE: Final = 40
_PERIODS: Final = ("P6W", "P1M", "P3M", "P10Y", "P30D", "P1Y2M3D")
_INSTANTS: Final = (
    "2022-01-31T08:00:00Z",
    "2022-02-12T09:30:00Z",
    "2022-02-13T01:30:00Z",
    "2021-09-18T22:30:00Z",
    "2022-09-18T00:30:00Z",
    "2021-11-30T23:00:00Z",
    "2024-02-29T12:00:00Z",
    "2024-01-31T23:59:59Z",
)
_BIRTHS: Final = ("2004-02-29", "2005-12-31", "1980-05-17")
_AGES: Final = (16, 18, 45)
_MARKS: Final = ("MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX")

Document = dict[str, Json]


def vector_files(seed: int) -> dict[str, str]:
    """Return the text of every file by its name, the schema and the manifest included."""
    found = stories(vintage(VINTAGE), seed)
    documents: dict[str, list[Json]] = {
        "identifiers": list(_identifiers(seed)),
        "calendars": list(_calendars()),
        "truth_table": list(_truths()),
        "transitions": _told(found, "transitions"),
        "accepted": _told(found, "accepted"),
        "refused": _told(found, "refused"),
    }
    files = {f"{name}.json": _file(name, seed, cases) for name, cases in documents.items()}
    counts: Document = {f"{name}.json": len(cases) for name, cases in documents.items()}
    head: Document = {"format": FORMAT, "version": VERSION, "seed": seed, "vintage": VINTAGE}
    files["manifest.json"] = _json({**head, "cases": counts, "needs_service": _NEEDS_SERVICE})
    files["vectors.schema.json"] = text_of("vectors.schema.json")
    return files


_NEEDS_SERVICE: Final[list[Json]] = ["accepted.json", "refused.json", "transitions.json"]


def _file(name: str, seed: int, cases: list[Json]) -> str:
    head: Document = {"format": FORMAT, "version": VERSION, "kind": name, "seed": seed}
    lines = ",\n".join(json.dumps(case, ensure_ascii=False, sort_keys=True) for case in cases)
    opened = json.dumps(head, sort_keys=True)[:-1]
    extra = f', "rows": {json.dumps(_rows(), sort_keys=True)}' if name == "truth_table" else ""
    return f'{opened}{extra}, "cases": [\n{lines}\n]}}\n'


def _json(document: Document) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _case(rule: str, given: Document, expected: Json) -> Document:
    return {"rule": rule, "given": given, "expected": expected}


def _identifiers(seed: int) -> Iterator[Json]:
    for number in range(_PEOPLE):
        ins = identity(seed, number).ins
        yield _case("ID-01", {"function": "nir_key", "text": ins[:13]}, nir_key(ins[:13]))
        spoilt = ins[:13] + f"{(int(ins[13:]) + number) % 97 + 1:02d}"
        yield _case("ID-01", {"function": "is_nir", "text": spoilt}, is_nir(spoilt))
    for row in rows_of("id_formats.csv"):
        text = row["value"]
        if row["name"] == "nir":
            yield _case("ID-01", {"function": "is_nir", "text": text}, is_nir(text))
        elif row["name"] == "finess":
            yield _case("ID-04", {"function": "is_finess", "text": text}, is_finess(text))
    for digits in (f"{seed % 1000}{number:07d}" for number in range(0, 997, 83)):
        whole = f"{digits}{luhn_key(digits)}"
        yield _case("ID-03", {"function": "luhn_key", "text": digits}, luhn_key(digits))
        yield _case("ID-03", {"function": "has_luhn_key", "text": whole}, has_luhn_key(whole))


def _calendars() -> Iterator[Json]:
    for period, text in product(_PERIODS, _INSTANTS):
        start = datetime.fromisoformat(text)
        end = Period(period).after(start.astimezone(UTC)).isoformat()[:-6] + "Z"
        yield _case("LIF-04", {"function": "after", "period": period, "from": text}, end)
    for text, age in product(_BIRTHS, _AGES):
        day = birthday(date.fromisoformat(text), age).isoformat()
        yield _case("REP-04", {"function": "birthday", "born": text, "age": age}, day)


def _rows() -> list[Json]:
    return [
        {
            "row": row.number,
            "viewer": row.viewer,
            "code": row.code,
            "circumstance": row.circumstance,
            "policy": row.policy,
            "visible": row.visible,
        }
        for row in TRUTH_TABLE
    ]


def _truths() -> Iterator[Json]:
    """Yield every viewer before every set of marks, in every circumstance of both."""
    switches = product(Stance, ("law", "product"), (True, False), (True, False))
    for stance, policy, admitted, reads_masked in switches:
        for marks, hidden, allowed in product(_subsets(), (True, False), (True, False)):
            viewer = Viewer(stance, "law" if policy == "law" else "product", admitted, reads_masked)
            facts = Facts(hidden=hidden, type_allowed=allowed)
            given: Document = {
                "viewer": stance.value,
                "policy": policy,
                "admitted": admitted,
                "reads_masked": reads_masked,
                "codes": ["BASE", *marks],
                "hidden": hidden,
                "type_allowed": allowed,
            }
            borne = next(one for one in ALL if one.codes == ("N", *marks))
            yield _case("VIS-01", given, sees(viewer, borne, facts))


def _subsets() -> list[tuple[str, ...]]:
    return [
        tuple(mark for mark, taken in zip(_MARKS, bits, strict=True) if taken)
        for bits in product((False, True), repeat=len(_MARKS))
    ]


def _told(found: Stories, kind: str) -> list[Json]:
    return [_plain_story(key, story) for (of, key), story in found.items() if of == kind]


def _plain_story(key: str, story: Story) -> Json:
    ending = story.ending
    after = ACCESS[ending.after]
    said: Document = {"accepted": True}
    if ending.code:
        said = {"accepted": False, "rule": ending.rule, "code": ending.code}
    return {
        "shows": key,
        "seed": story.seed,
        "rules": [ending.rule] if ending.rule else [],
        "given": [plain_command(command) for command in story.given],
        "when": plain_command(story.when),
        "outcome": said,
        "state": {"before": ending.before.value, "after": ending.after.value},
        "sees": {
            "holder_logs_in": after.holder_logs_in,
            "professionals_feed": after.professionals_feed,
            "professionals_read": after.professionals_read,
        },
        "alternatives": [*_alternatives(ending.rule)],
    }


def _alternatives(rule: str) -> Iterator[Json]:
    """Yield the open questions under which another outcome would be admissible too."""
    for known in rulebook():
        if known.ident == rule:
            for question in known.questions:
                yield {"question": question.ident, "values": question.values}
