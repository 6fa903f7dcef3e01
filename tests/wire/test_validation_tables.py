# pyright: standard
"""The tables of profiles and value sets agree with FHIR, with the guides, and with themselves."""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest

from etalon_wire.findings import Finding
from etalon_wire.json_body import Resource, read_json
from etalon_wire.tables import rows_of
from etalon_wire.validation.invariants import RULES, known_invariants
from etalon_wire.validation.profiles import ElementRule, ProfileSet, TypeRule
from etalon_wire.validation.severities import severities
from etalon_wire.validation.snapshots import read_snapshot
from etalon_wire.validation.tables import base_types, own_profiles
from etalon_wire.validation.terminologies import value_sets
from etalon_wire.validation.validator import Validator
from import_table import ROOT

EXAMPLES: Final = Path(__file__).parent / "examples"
SAMPLES: Final = ROOT.parent / "shared" / "samples"
CONFORMANCE: Final = SAMPLES / "pdsm" / "conformance"
MEASURES: Final = SAMPLES / "mesures" / "conformance"
AGENDA: Final = SAMPLES / "agenda" / "conformance"
BACKBONES: Final = frozenset({"BackboneElement", "Element"})
REQUIREMENT: Final = re.compile(r"W-[A-Z]{3}-[0-9]{2}[a-z]?")


def model_of(name: str) -> Any:  # noqa: ANN401 (a class of an untyped library)
    """Return the class of `fhir.resources` for a type of R4B."""
    return getattr(import_module(f"fhir.resources.R4B.{name.lower()}"), name)


def oracle(kind: Any, path: str) -> Iterator[tuple[str, bool, bool]]:  # noqa: ANN401
    """Yield each element of a type: its path, whether it repeats, whether it has to be there."""
    seen: set[str] = set()
    for name, field in kind.model_fields.items():
        extra = field.json_schema_extra or {}
        alias = field.alias or name
        if (
            name.endswith("__ext")
            or alias.startswith("_")
            or name in ("resource_type", "fhir_comments")
        ):
            continue
        choice = extra.get("one_of_many")
        if choice:
            if choice not in seen:
                seen.add(choice)
                yield f"{path}.{choice}[x]", False, bool(extra.get("one_of_many_required"))
            continue
        repeats = "List[" in repr(field.annotation)
        yield f"{path}.{alias}", repeats, bool(extra.get("element_required")) or field.is_required()


def backbone(kind: Any, step: str) -> Any:  # noqa: ANN401
    """Return the class of the backbone element under the key `step` of a class."""
    field = next(f for n, f in kind.model_fields.items() if (f.alias or n) == step)
    name = re.findall(r"abc\.(\w+)Type", repr(field.annotation))[0]
    return getattr(import_module(kind.__module__), name)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", sorted(base_types()))
def test_the_elements_of_r4_are_those_of_an_independent_model(name: str) -> None:
    """Every element, its repetition and whether it is mandatory, against `fhir.resources` R4B."""
    ours = {rule.path: rule for rule in base_types()[name]}
    told: dict[str, tuple[bool, bool]] = {}
    classes: dict[str, Any] = {name: model_of(name)}
    for rule in base_types()[name]:
        if rule.types and rule.types[0].code in ("BackboneElement", "Element"):
            parent, _, step = rule.path.rpartition(".")
            classes[rule.path] = backbone(classes[parent], step)
    for path, kind in classes.items():
        told |= {element: (many, needed) for element, many, needed in oracle(kind, path)}
    assert set(told) == set(ours) - {name}
    assert {
        path: (rule.maximum is None, rule.minimum > 0)
        for path, rule in ours.items()
        if path in told
    } == told


def keys_of(rule: ElementRule) -> dict[str, str]:
    """Return each key that an element may be written under, with its type."""
    name = rule.path.rpartition(".")[2]
    backbone_type = rule.path if rule.types and rule.types[0].code in BACKBONES else rule.same_as
    if not name.endswith("[x]"):
        return {name: backbone_type or rule.types[0].code}
    stem = name.removesuffix("[x]")
    return {stem + kind.code[:1].upper() + kind.code[1:]: kind.code for kind in rule.types}


def test_the_table_of_elements_and_the_base_of_profiles_agree() -> None:
    """What the readers of bodies know and what the validator asks are one R4."""
    told = {
        (row["owner"], row["element"]): (row["type"], row["repeats"] == "yes")
        for row in rows_of("elements.csv")
    }
    compared = 0
    for rules in base_types().values():
        for rule in rules[1:]:
            owner = rule.path.rpartition(".")[0]
            repeats = rule.maximum is None
            for key, kind in keys_of(rule).items() if rule.types != (TypeRule("*"),) else ():
                assert told[owner, key] == (kind, repeats), f"{owner}.{key}"
                compared += 1
    assert compared > 600


def definitions() -> list[Path]:
    """Return the StructureDefinitions of the guide, where they are; else a sign of absence."""
    return sorted(CONFORMANCE.glob("StructureDefinition-*.json"))


def agreeing(ours: ElementRule, theirs: ElementRule, known: ProfileSet) -> list[str]:
    """Return what differs between our row and the snapshot's, said."""
    pairs = {
        "minimum": (ours.minimum, theirs.minimum),
        "maximum": (ours.maximum, theirs.maximum),
        "fixed": (ours.fixed, theirs.fixed),
        "pattern": (ours.pattern, theirs.pattern),
        "contained": (
            any(kind.contained for kind in ours.types),
            any(kind.contained for kind in theirs.types),
        ),
        "targets": (targets(ours, known), targets(theirs, known)),
        "binding": (bound(ours), bound(theirs)),
    }
    return [f"{ours.path}: {what} {a} for {b}" for what, (a, b) in pairs.items() if a != b]


def targets(rule: ElementRule, known: ProfileSet) -> set[str | None]:
    """Return the types of resource a reference may name."""
    kinds = [kind for kind in rule.types if kind.code == "Reference"]
    return {known.type_of(target) for kind in kinds for target in kind.targets} - {"Resource"}


def bound(rule: ElementRule) -> tuple[str, str] | None:
    """Return the strength and name of a binding that we hold, None for the others."""
    binding = rule.binding
    held = value_sets().get(binding.value_set) if binding is not None else None
    return (binding.strength, held.name) if binding is not None and held is not None else None


def folded(elements: tuple[ElementRule, ...]) -> dict[str, ElementRule]:
    """Return the rules by path."""
    return {rule.path: rule for rule in elements}


EXPLAINED: Final = {
    (
        "Observation.meta.profile:fr-canonical: fixed "
        "https://fhir.monespacesante.fr/ref/mesure/StructureDefinition/mes-observation-bp for None"
    ),
    (
        "Observation.extension:MesMomentOfMeasurement.value[x]:valueCodeableConcept: "
        "binding ('required', 'JDV-J157') for None"
    ),
}
"""Where a slice of ours says again what holds of all it is cut from. The first is a contradiction
of the guide: every `meta.profile` of a blood pressure is fixed to one address, and the slice asks
for another beside it, so that no observation can name both."""


def measured() -> list[Path]:
    """Return the StructureDefinitions of the measures, where they are."""
    return sorted(MEASURES.glob("StructureDefinition-*.json"))


def of_the_agenda() -> list[Path]:
    """Return the profiles of single resources of shared agendas, where they are."""
    return sorted(AGENDA.glob("StructureDefinition-gap-fr-*.json"))


def our_name(definition: Resource) -> str:
    """Return what we call a profile; those of the measures by the last word of their address."""
    name = str(definition["id"])
    kind = name.removeprefix("MESObservation")
    return name if kind == name else f"mes-observation-{kind.lower()}"


def test_every_kind_of_measure_has_its_profile() -> None:
    """Eleven, those of the guide where it is."""
    ours = {profile.name for profile in own_profiles() if profile.name.startswith("mes-obs")}
    theirs = {our_name({"id": file.stem.partition("-")[2]}) for file in measured()}
    assert len(ours) == 11
    assert theirs in (set(), ours)


@pytest.mark.parametrize(
    "file",
    [*definitions(), *measured(), *of_the_agenda(), None],
    ids=lambda file: file.stem if file else "own",
)
def test_our_tables_say_what_the_snapshots_of_the_guide_say(file: Path | None) -> None:
    """Cardinalities, fixed values, patterns, targets and bindings, element for element.

    Where the guide's files are not, our own profile written as a snapshot stands for them.
    """
    known = own_profiles()
    definition = (
        read_json(file.read_bytes())
        if file is not None
        else as_definition("pdsm-folder-comprehensive")
    )
    theirs = folded(read_snapshot(definition, known, {}).elements)
    ours = folded(known.profiles[our_name(definition)].elements)
    differing = [
        line
        for path, rule in theirs.items()
        if path in ours
        for line in agreeing(ours[path], rule, known)
    ]
    assert set(differing) <= EXPLAINED
    assert set(ours) - set(theirs) == set()
    unfolded = [theirs[path] for path in set(theirs) - set(ours)]
    assert [rule.path for rule in unfolded if narrows(rule)] == []


def narrows(rule: ElementRule) -> bool:
    """Whether a rule of a snapshot asks for more than R4 does."""
    base = rule.base
    return base is not None and (
        rule.minimum > base.minimum
        or rule.maximum != base.maximum
        or rule.fixed is not None
        or rule.pattern is not None
    )


def as_definition(name: str) -> Resource:
    """Return a profile of ours written as the StructureDefinition of a guide."""
    profile = own_profiles().profiles[name]
    return {
        "resourceType": "StructureDefinition",
        "id": profile.name,
        "url": profile.url,
        "version": profile.version,
        "type": profile.resource,
        "derivation": "constraint",
        "kind": "resource",
        "snapshot": {"element": [as_element(rule) for rule in profile.elements]},
    }


def as_element(rule: ElementRule) -> Resource:
    """Return one rule written as an ElementDefinition."""
    element: Resource = {
        "id": rule.path,
        "min": rule.minimum,
        "max": "*" if rule.maximum is None else str(rule.maximum),
        "type": [
            {
                "code": kind.code,
                "profile": [rule.profile] if rule.profile else [],
                "targetProfile": list(kind.targets),
                "aggregation": ["contained"] if kind.contained else [],
            }
            for kind in rule.types
        ],
        "contentReference": f"#{rule.same_as}" if rule.same_as else "",
    }
    if rule.fixed is not None:
        element["fixedX"] = rule.fixed
    if rule.pattern is not None:
        element["patternX"] = rule.pattern
    if rule.binding is not None:
        element["binding"] = {"strength": rule.binding.strength, "valueSet": rule.binding.value_set}
    if rule.slicing is not None:
        element["slicing"] = {
            "discriminator": [
                {"type": kind, "path": path} for kind, path in rule.slicing.discriminators
            ],
            "rules": "closed" if rule.slicing.closed else "open",
        }
    return element


FOUND_ALIKE: Final = {
    "document_reference": "pdsm-comprehensive-document-reference",
    "uncontained_author": "pdsm-comprehensive-document-reference",
    "as_the_dmp_writes": "pdsm-comprehensive-document-reference",
    "wrong_bytes": "pdsm-simplified-publish",
    "set_named_by_uuid": "pdsm-submissionset-comprehensive",
    "folder": "pdsm-folder-comprehensive",
    "deposit": "pdsm-comprehensive-provide-document-bundle",
    "replacement": "pdsm-comprehensive-provide-document-bundle",
}


def guides() -> dict[str, list[Resource]]:
    """Return our profiles written as definitions, and those of the guide where they are."""
    ours = [as_definition(name) for name in {*FOUND_ALIKE.values()}]
    official = [read_json(file.read_bytes()) for file in definitions()]
    return {"own": ours} | ({"official": official} if official else {})


@pytest.mark.parametrize("guide", sorted(guides()))
def test_definitions_find_in_each_example_what_our_tables_find(guide: str) -> None:
    """The same severity, kind and place, whether a profile comes as a table or as a snapshot."""
    known = own_profiles()
    read = [read_snapshot(definition, known, {}) for definition in guides()[guide]]
    profiles = dict(known.profiles) | {profile.url: profile for profile in read}
    profiles |= {profile.name: profile for profile in read}
    theirs, ours = Validator(ProfileSet(known.base, profiles, known.targets)), Validator()
    for name, profile in FOUND_ALIKE.items():
        resource = read_json((EXAMPLES / f"{name}.json").read_bytes())
        for changed in (resource, {**resource, "status": "gone"}, {**resource, "author": []}):
            other = theirs.validate(changed, profile, "pdsm-strict")
            assert brief(other) == brief(ours.validate(changed, profile, "pdsm-strict")), name


def brief(findings: list[Finding]) -> list[tuple[str, str, str]]:
    """Return what of the findings has to be alike."""
    return sorted((f.severity, f.code, f.expression) for f in findings)


def test_every_row_of_a_profile_names_its_requirement() -> None:
    """An identifier of the requirements, in each row of each profile."""
    for profile in own_profiles():
        rows = rows_of(f"profiles/{profile.name}.csv")
        assert [
            row["element"] for row in rows if not REQUIREMENT.fullmatch(row["requirement"])
        ] == []


def test_every_profile_and_value_set_has_a_source_and_a_date() -> None:
    """Terminologies and constraints are facts of someone, at some date."""
    for table in ("profiles/index.csv", "valuesets/index.csv"):
        rows = rows_of(table)
        assert [
            row
            for row in rows
            if not row["source"] or not re.fullmatch(r"\d{4}-\d\d-\d\d", row["date"])
        ] == []
        assert len({row["url"] for row in rows}) == len(rows)


def test_no_code_stands_twice_in_a_value_set() -> None:
    """A system and a code are one row."""
    files = {row["file"] for row in rows_of("valuesets/index.csv")}
    for file in files:
        rows = [json.dumps(row) for row in rows_of(f"valuesets/{file}")]
        assert len(rows) == len(set(rows)), file
        codes = [
            (row.get("system", row.get("value_set")), row.get("code"))
            for row in rows_of(f"valuesets/{file}")
        ]
        assert len(codes) == len(set(codes)) or file == "patterns.csv", file


def test_every_invariant_has_a_row_and_a_function() -> None:
    """Neither a rule in words without its function nor a function that nothing says."""
    assert set(known_invariants()) - {"ele-1"} == set(RULES)
    used = {key for rules in base_types().values() for rule in rules for key in rule.invariants}
    used |= {key for p in own_profiles() for rule in p.elements for key in rule.invariants}
    assert set(RULES) == used


def test_every_binding_of_ours_names_a_value_set_that_we_hold() -> None:
    """A binding to nothing would check nothing."""
    for profile in own_profiles():
        named = [rule.binding.value_set for rule in profile.elements if rule.binding is not None]
        assert [name for name in named if name not in value_sets()] == []


def test_every_level_has_a_severity_in_each_mode_and_role() -> None:
    """No flaw is without severity."""
    levels = {level for level, _, _ in severities().levels}
    assert levels >= {invariant.level for invariant in known_invariants().values()}
    assert len(severities().levels) == len(levels) * 2 * 3


def test_a_departure_names_an_element_of_a_profile() -> None:
    """And says why."""
    paths = {rule.path for profile in own_profiles() for rule in profile.elements}
    for row in rows_of("profiles/departures.csv"):
        assert row["element"] in paths
        assert row["reason"]
