"""The matrix of professions: what commentaries say of it, under two policies."""

from dataclasses import replace

import pytest

from etalon_model import professional, vintage
from etalon_model.policies import MatrixPolicy, Policies
from etalon_model.records.reading import ReadDocument
from etalon_model.records.rehearsal import RecordRehearsal
from etalon_model.rights.habilitation import Matrix
from etalon_model.rights.matrix import (
    MATRICES,
    OTHER_PROFESSION,
    PROFESSIONS,
    profession_of_role,
    reads_type,
)
from etalon_model.tables import rows_of

TYPES = tuple(row["code"] for row in rows_of("document_types.csv"))
POLICIES: tuple[MatrixPolicy, ...] = ("strict", "permissive")
CLASSES = ["10", "11", "31", "42", "43", "44", "45", "52", "60", "90", "95"]

DENIED_TO_DENTISTS = ("80788-3", "75496-0", "83981-1", "83901-9", "68599-0")
READ_BY_NURSES = (
    "83981-1",
    "DOCPAT03",
    "DOCPAT06",
    "47420-5",
    "11502-2",
    "15507-7",
    "56445-0",
    "PROT_ALD",
)
DENIED_TO_NURSES = ("75496-0", "68599-0", "83901-9", "68817-6", "89601-9")
READ_BY_PHARMACISTS = ("11502-2", "77436-4", "34112-3", "57833-6", "PROT_ALD", "18748-4")
READ_BY_COORDINATORS = ("11488-4", "11490-0", "83981-1", "18761-7", "74207-2", "34842-5")


@pytest.mark.rule("MTX-01")
def test_the_matrix_has_nineteen_professions_and_eleven_classes() -> None:
    """Each profession has a word on each class, or on all; each cell a source."""
    assert len(PROFESSIONS) == 19
    for profession in PROFESSIONS:
        rows = [row for row in rows_of("matrix.csv") if row["profession"] == profession]
        assert all(row["source"] and row["certainty"] for row in rows)
        said = {part for row in rows for part in row["of"].split("|")}
        assert said >= set(CLASSES) or "*" in said, profession
        assert said - {"*", *CLASSES} <= set(TYPES), profession


@pytest.mark.rule("ACC-07")
@pytest.mark.parametrize("policy", POLICIES)
def test_who_is_not_in_the_matrix_reads_nothing(policy: MatrixPolicy) -> None:
    """Neither do social workers, of whom too little is known; nobody reads an unknown type."""
    for profession in (OTHER_PROFESSION, "social_worker", "", "a profession nobody knows"):
        assert not any(reads_type(policy, profession, code) for code in TYPES)
    assert not any(reads_type(policy, profession, "no such type") for profession in PROFESSIONS)


@pytest.mark.rule("ACC-07")
def test_strict_never_allows_what_permissive_denies() -> None:
    """What we infer only adds; for most professions it is all there is."""
    nothing_known: list[str] = []
    for profession in PROFESSIONS:
        strict, permissive = (MATRICES[policy].types_of(profession) for policy in POLICIES)
        assert strict <= permissive
        if not strict and permissive:
            nothing_known.append(profession)
    assert len(nothing_known) == 13
    assert reads_type("permissive", "midwife", "11502-2")
    assert not reads_type("strict", "midwife", "11502-2")


@pytest.mark.rule("MTX-02")
@pytest.mark.parametrize("policy", POLICIES)
def test_doctors_read_everything_but_attestations_of_residence(policy: MatrixPolicy) -> None:
    """One type of all."""
    denied = [code for code in TYPES if not reads_type(policy, "doctor", code)]
    assert denied == ["ATTEST-RESID"]


@pytest.mark.rule("MTX-03")
def test_dentists_are_denied_five_types() -> None:
    """Beside the types whose class nobody knows."""
    denied = {code for code in TYPES if not reads_type("permissive", "dentist", code)}
    assert denied == {*DENIED_TO_DENTISTS, "101881-1", "E1762"}
    assert not any(reads_type("strict", "dentist", code) for code in DENIED_TO_DENTISTS)


@pytest.mark.rule("MTX-04")
@pytest.mark.parametrize("policy", POLICIES)
def test_nurses_read_what_is_named_and_not_what_is_denied(policy: MatrixPolicy) -> None:
    """Certificates are denied as a class."""
    assert all(reads_type(policy, "nurse", code) for code in READ_BY_NURSES)
    assert not any(reads_type(policy, "nurse", code) for code in DENIED_TO_NURSES)
    certificates = [row["code"] for row in rows_of("document_types.csv") if row["class"] == "52"]
    assert certificates
    assert not any(reads_type(policy, "nurse", code) for code in certificates)


@pytest.mark.rule("MTX-05")
@pytest.mark.parametrize("policy", POLICIES)
def test_pharmacists_read_nearly_everything(policy: MatrixPolicy) -> None:
    """Reports, imaging, prescriptions and care plans for sure."""
    assert all(reads_type(policy, "pharmacist", code) for code in READ_BY_PHARMACISTS)
    for row in rows_of("document_types.csv"):
        sure = row["class"] in {"10", "31", "42", "44"}
        inferred = policy == "permissive" and row["class"] != ""
        assert reads_type(policy, "pharmacist", row["code"]) is (sure or inferred), row["code"]


@pytest.mark.rule("MTX-06")
@pytest.mark.parametrize("policy", POLICIES)
def test_coordinators_read_six_types(policy: MatrixPolicy) -> None:
    """And nothing else."""
    read = {code for code in TYPES if reads_type(policy, "coordinator", code)}
    assert read == set(READ_BY_COORDINATORS)


@pytest.mark.rule("MTX-07")
def test_a_profession_denied_everything_deposits() -> None:
    """The matrix limits readings only: a colleague of the same profession reads nothing of it."""
    care = RecordRehearsal(vintage("steady-2023"))
    author = professional("810000000124", OTHER_PROFESSION)
    colleague = care.team(professional("810000000132", OTHER_PROFESSION))
    document = care.put(by=author)

    read = ReadDocument(care.now, colleague, care.ins, document.unique_id)
    assert care.sandbox.refusal(read) == ("VIS-01", "DOCUMENT_NOT_FOUND")
    doctor = care.team(professional("810000000017", "doctor"))
    assert care.sandbox.do(replace(read, actor=doctor)) is document


@pytest.mark.parametrize(
    ("role", "profession"),
    [("10", "doctor"), ("21", "pharmacist"), ("41", "social_worker"), ("51", "social_worker")]
    + [(role, "other") for role in ("35", "69", "72", "99", "ALIM_AM", "")],
)
def test_roles_of_the_nomenclature_lead_to_professions(role: str, profession: str) -> None:
    """A role that may authenticate may still read nothing."""
    assert profession_of_role(role) == profession


@pytest.mark.rule("ACC-07")
@pytest.mark.parametrize(
    ("policy", "reads"),
    [
        ("strict", False),
        ("permissive", True),
        (Matrix((("midwife", frozenset({"11488-4"})),)), True),
        (Matrix((("midwife", frozenset({"REMB"})),)), False),
    ],
    ids=["strict", "permissive", "imported, read", "imported, denied"],
)
def test_a_reading_follows_the_matrix_of_the_policy(
    policy: MatrixPolicy | Matrix, *, reads: bool
) -> None:
    """Gap G1: the same reading, four answers; what is denied is as if it were not there."""
    policies = Policies(matrix_policy=policy)
    care = RecordRehearsal(replace(vintage("steady-2023"), policies=policies))
    midwife = care.team(professional("810000000140", "midwife"))
    document = care.put()

    read = ReadDocument(care.now, midwife, care.ins, document.unique_id)
    if reads:
        assert care.sandbox.do(read) is document
    else:
        assert care.sandbox.refusal(read) == ("VIS-01", "DOCUMENT_NOT_FOUND")
