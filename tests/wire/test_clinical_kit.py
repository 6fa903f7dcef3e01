"""The kit that judges clinical documents: a folder of others, here a small one of our own."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

from etalon_wire.clinical_kit import (
    FINDINGS_MOST,
    SCHEMA,
    ClinicalKit,
    KitRefusedError,
    open_kit,
)
from etalon_wire.malformed import Malformed
from etalon_wire.schematrons import (
    COMPILE,
    EXPAND,
    GENERAL,
    failed_asserts,
    model_files,
    with_includes,
)

HAS_SAXON: Final = find_spec("saxonche") is not None
NS: Final = 'xmlns="urn:hl7-org:v3"'
SCH: Final = 'xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2"'
MODEL: Final = "1.2.250.1.213.1.1.1.5.1"
"""Of the certificate of the eighth day (ASS_A11)."""

XSD: Final = f"""\
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:hl7-org:v3" {NS}
  elementFormDefault="qualified">
  <xs:include schemaLocation="general/parts.xsd"/>
  <xs:element name="ClinicalDocument"><xs:complexType><xs:sequence>
    <xs:element name="realmCode" type="coded"/>
    <xs:any minOccurs="0" maxOccurs="unbounded" processContents="skip"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>"""
PARTS: Final = f"""\
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:hl7-org:v3" {NS}>
  <xs:complexType name="coded"><xs:attribute name="code" fixed="FR"/></xs:complexType>
</xs:schema>"""

GENERAL_RULES: Final = f"""\
<schema {SCH}><ns prefix="cda" uri="urn:hl7-org:v3"/>
  <include href="../ABSTRACT/Titled.sch"/>
</schema>"""
TITLED: Final = f"""\
<pattern {SCH}><rule context="cda:ClinicalDocument">
  <assert test="cda:title != ''">The document has a title.</assert>
</rule></pattern>"""
MODEL_RULES: Final = f"""\
<schema {SCH}><ns prefix="cda" uri="urn:hl7-org:v3"/>
  <include href="include/Entete/Entete_CS8.sch"/>
</schema>"""
HEADER_RULES: Final = f"""\
<pattern {SCH}><rule context="cda:ClinicalDocument">
  <assert test="cda:templateId[@root='{MODEL}']">The model is named.</assert>
  <assert test="cda:code[@code='CERT_DECL']">The type is that of the model.</assert>
</rule></pattern>"""

IDENTITY: Final = """\
<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:template match="@*|node()"><xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy>
  </xsl:template>
</xsl:stylesheet>"""
TO_SVRL: Final = """\
<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
  xmlns:out="urn:out" xmlns:sch="http://purl.oclc.org/dsdl/schematron"
  xmlns:svrl="http://purl.oclc.org/dsdl/svrl">
  <xsl:namespace-alias stylesheet-prefix="out" result-prefix="xsl"/>
  <xsl:template match="sch:schema">
    <out:stylesheet version="2.0">
      <xsl:namespace name="cda" select="'urn:hl7-org:v3'"/>
      <out:template match="/"><svrl:schematron-output>
        <xsl:for-each select="//sch:rule">
          <out:for-each select="//{@context}">
            <xsl:for-each select="sch:assert">
              <out:if test="not({@test})"><svrl:failed-assert><svrl:text>
                <xsl:value-of select="."/>
              </svrl:text></svrl:failed-assert></out:if>
            </xsl:for-each>
          </out:for-each>
        </xsl:for-each>
      </svrl:schematron-output></out:template>
    </out:stylesheet>
  </xsl:template>
</xsl:stylesheet>"""
"""What stands here for the stylesheets of ISO Schematron: enough of them for rules as these."""

SCHEMAS: Final = {
    f"infrastructure/cda/{SCHEMA}": XSD,
    "infrastructure/cda/general/parts.xsd": PARTS,
}
SCHEMATRONS: Final = {
    f"schematrons/profils/{GENERAL}": GENERAL_RULES,
    "schematrons/abstract/titled.sch": TITLED,
    "schematrons/CI-SIS_CSE-CS8_2022.01.sch": MODEL_RULES,
    "schematrons/CI-SIS_CSE-CS8_2024.01.sch": MODEL_RULES,
    "schematrons/include/entete/Entete_CS8.sch": HEADER_RULES,
    f"moteur/{EXPAND}": IDENTITY,
    f"moteur/{COMPILE}": TO_SVRL,
}


def written(folder: Path, files: Mapping[str, str]) -> Path:
    """A kit of some files."""
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return folder


def document(*parts: str, realm: str = '<realmCode code="FR"/>') -> bytes:
    """A clinical document."""
    said = f'{realm}<id root="1.2.3"/>{"".join(parts)}<effectiveTime value="20220302"/>'
    return f"<ClinicalDocument {NS}>{said}</ClinicalDocument>".encode()


def told(kit: ClinicalKit, content: bytes) -> list[tuple[str, str]]:
    """What a kit says of a document: the requirement and the words."""
    return [(one.requirement, one.message) for one in kit.judge(content)]


@pytest.mark.requirement("W-CDA-01")
def test_a_kit_without_schematrons_judges_by_its_schema_and_what_that_includes(
    tmp_path: Path,
) -> None:
    """What breaks it is told with its line."""
    kit = open_kit(written(tmp_path, SCHEMAS))

    assert told(kit, document()) == []
    found = told(kit, document(realm='<realmCode code="US"/>'))
    assert {requirement for requirement, _ in found} == {"W-CDA-01"}
    assert all(message.startswith("line 1: ") for _, message in found)


def test_no_more_findings_are_told_than_somebody_reads(tmp_path: Path) -> None:
    """However many there are."""
    many = XSD.replace('maxOccurs="unbounded" processContents="skip"', 'processContents="lax"')
    kit = open_kit(written(tmp_path, {**SCHEMAS, f"infrastructure/cda/{SCHEMA}": many}))

    assert 0 < len(told(kit, document(*(["<title/>"] * 100)))) <= FINDINGS_MOST


@pytest.mark.parametrize("content", [b"%PDF", b"<a/>", b"<!DOCTYPE a><a/>"])
def test_what_is_no_clinical_document_is_not_judged_but_refused(
    tmp_path: Path, content: bytes
) -> None:
    """As a body that cannot be read."""
    kit = open_kit(written(tmp_path, SCHEMAS))

    with pytest.raises(Malformed):
        kit.judge(content)


WRONG: Final[dict[str, tuple[Mapping[str, str], str]]] = {
    "an empty folder": ({}, f"no {SCHEMA}"),
    "a schema that is no XML": ({SCHEMA: "<xs:schema"}, "cannot be compiled"),
    "a schema that includes what is not there": ({SCHEMA: XSD}, "cannot be compiled"),
}


@pytest.mark.parametrize(("files", "problem"), WRONG.values(), ids=WRONG)
def test_a_folder_that_is_no_kit_is_refused(
    tmp_path: Path, files: Mapping[str, str], problem: str
) -> None:
    """With what is wrong with it."""
    with pytest.raises(KitRefusedError, match=problem):
        open_kit(written(tmp_path, files))
    with pytest.raises(KitRefusedError, match=SCHEMA):
        open_kit(tmp_path / "nowhere")


def test_schematrons_without_saxonc_are_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the extra."""
    monkeypatch.setitem(__import__("sys").modules, "saxonche", None)

    with pytest.raises(KitRefusedError, match=r"mes-etalon\[cda\]"):
        open_kit(written(tmp_path, SCHEMAS | SCHEMATRONS))


def test_inclusions_are_found_whatever_the_case_of_their_names(tmp_path: Path) -> None:
    """As on the system that the kit was written on."""
    kit = written(tmp_path, SCHEMATRONS)

    whole = with_includes(kit / "schematrons" / "profils" / GENERAL)

    assert [one.text for one in whole.iter("{*}assert")] == ["The document has a title."]
    assert not list(whole.iter("{*}include"))


def test_an_inclusion_of_nothing_or_of_itself_is_refused(tmp_path: Path) -> None:
    """And named."""
    own = f'<schema {SCH}><include href="own.sch"/></schema>'
    kit = written(tmp_path, {"own.sch": own, "lost.sch": own.replace("own.sch", "none.sch")})

    for name in ("own.sch", "lost.sch"):
        with pytest.raises(KitRefusedError, match="includes"):
            with_includes(kit / name)


def test_the_latest_schematron_that_names_a_model_is_that_of_the_model(tmp_path: Path) -> None:
    """The one for every document is that of none."""
    kit = written(tmp_path, SCHEMATRONS)

    found = model_files(kit / "schematrons" / "profils" / GENERAL, kit)

    assert {one: file.name for one, file in found.items()} == {MODEL: "CI-SIS_CSE-CS8_2024.01.sch"}


def test_a_report_tells_what_failed_once_each() -> None:
    """On one line, whatever stood around it."""
    failed = "<s:failed-assert><s:text>\n  Un\n titre. </s:text></s:failed-assert>"
    report = f'<s:o xmlns:s="http://purl.oclc.org/dsdl/svrl">{failed}<s:fired-rule/>{failed}</s:o>'

    assert failed_asserts(report) == ["Un titre."]
    assert failed_asserts("") == []


@pytest.mark.skipif(not HAS_SAXON, reason="SaxonC runs them")
@pytest.mark.requirement("W-CDA-02")
def test_a_document_is_judged_by_the_general_schematron_and_that_of_its_model(
    tmp_path: Path,
) -> None:
    """Where SaxonC is installed; a schematron that does not compile lets nothing pass."""
    kit = open_kit(written(tmp_path, SCHEMAS | SCHEMATRONS))
    title, model, kind = (
        "<title>T</title>",
        f'<templateId root="{MODEL}"/>',
        '<code code="CERT_DECL"/>',
    )

    assert told(kit, document(title)) == []
    assert told(kit, document()) == [("W-CDA-02", "The document has a title.")]
    assert told(kit, document(title, model, kind)) == []
    assert told(kit, document(title, model)) == [("W-CDA-02", "The type is that of the model.")]

    empty = {"schematrons/CI-SIS_CSE-CS8_2024.01.sch": f"<x id=\"'{MODEL}'\""}
    broken = open_kit(written(tmp_path / "broken", SCHEMAS | SCHEMATRONS | empty))
    assert [one[0] for one in told(broken, document(title, model, kind))] == ["W-CDA-02"]
