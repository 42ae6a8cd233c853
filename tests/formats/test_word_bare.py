"""A model loses what would say something else, or more, than what is filled in; the rest keeps its bytes."""

import io
import re
import zipfile
from collections.abc import Callable

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from tests.modeles_word import changed, modele, saved
from toolkit.formats.word import Modele
from toolkit.formats.word_bare import bare
from toolkit.modele.reading import read_source

BODY = "word/document.xml"


def parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name).decode("utf-8", "replace") for name in package.namelist()}


def words(content: bytes) -> list[str]:
    return [one.text for one in docx.Document(io.BytesIO(content)).paragraphs if one.text]


def test_a_model_with_nothing_to_leave_out_is_not_touched() -> None:
    content = modele("Bonjour {{ client.nom }}")
    assert bare(content) is content


def test_comments_stay_with_colleagues() -> None:
    document = docx.Document(io.BytesIO(modele("Bonjour {{ client.nom }}", "Fin")))
    document.add_comment(document.paragraphs[0].runs, "Paul : à revoir avant l'été", author="Paul")
    content = saved(document)
    assert "Paul" in parts(content)["word/comments.xml"]

    made = parts(bare(content))

    assert not any("Paul" in text or "omment" in text for text in made.values())
    assert words(bare(content)) == ["Bonjour {{ client.nom }}", "Fin"]


def test_a_template_makes_documents() -> None:
    kinds = ("document.main+xml", "template.main+xml")
    content = changed(modele("{{ client.nom }}"), {"[Content_Types].xml": kinds})
    assert kinds[0] in parts(bare(content))["[Content_Types].xml"]
    assert words(bare(content)) == ["{{ client.nom }}"]


def test_an_attached_template_stays_on_its_machine() -> None:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{kind}" Target="file:///L:/Courrier.dotx" TargetMode="External"/>'
        "</Relationships>"
    )
    r = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    content = changed(
        modele("Bonjour"),
        {
            "word/settings.xml": ("<w:zoom", f'<w:attachedTemplate {r} r:id="rId1"/><w:zoom'),
            "word/_rels/settings.xml.rels": rels,
        },
    )
    made = parts(bare(content))
    assert "attachedTemplate" not in made["word/settings.xml"] and "L:/" not in made["word/_rels/settings.xml.rels"]


@pytest.mark.parametrize("two_bodies", [False, True])
def test_a_body_that_word_calls_otherwise_is_the_body(two_bodies: bool) -> None:
    content = modele("Bonjour {{ client.nom }}")
    old = parts(content)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            renamed = name.replace("document.xml", "document2.xml")
            text = before.read(name)
            if name in ("_rels/.rels", "[Content_Types].xml"):
                text = text.replace(b"word/document.xml", b"word/document2.xml")
            after.writestr(renamed, text)
        if two_bodies:
            after.writestr(BODY, old[BODY].replace("Bonjour", "Adieu"))
    assert words(bare(out.getvalue())) == ["Bonjour {{ client.nom }}"]
    assert [one.texte for one in read_source(out.getvalue()).parties[0].paragraphes if one.texte] == [
        "Bonjour {{ client.nom }}"
    ]


def _bound(document: Document) -> None:
    binding = '<w:dataBinding w:xpath="/ns0:Properties[1]/ns0:Company[1]" w:storeItemID="{6668398D}"/>'
    control = (
        f"<w:sdt {nsdecls('w')}><w:sdtPr>{binding}<w:text/></w:sdtPr><w:sdtContent>"
        "<w:p><w:r><w:t>{{ client.nom }}</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )
    document.element.body.insert(0, parse_xml(control))


def _form_field(document: Document) -> None:
    paragraph = document.add_paragraph("Nom : ")._p
    for inside in (
        '<w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="Nom"/><w:textInput/></w:ffData></w:fldChar>',
        "<w:instrText> FORMTEXT </w:instrText>",
        '<w:fldChar w:fldCharType="separate"/>',
        "<w:t>{{ client.nom }}</w:t>",
        '<w:fldChar w:fldCharType="end"/>',
        "<w:t> ; page </w:t>",
        '<w:fldChar w:fldCharType="begin"/>',
        "<w:instrText> PAGE </w:instrText>",
        '<w:fldChar w:fldCharType="end"/>',
    ):
        paragraph.append(parse_xml(f"<w:r {nsdecls('w')}>{inside}</w:r>"))


@pytest.mark.parametrize(
    ("build", "gone", "kept"),
    [(_bound, "dataBinding", "<w:text/>"), (_form_field, "FORMTEXT|ffData", "PAGE")],
)
def test_what_stands_in_a_control_or_a_form_is_what_is_shown(
    build: Callable[[Document], None], gone: str, kept: str
) -> None:
    content = modele("{{ dossier.reference }}", build=build)
    body = parts(bare(content))[BODY]
    assert not re.search(gone, body) and kept in body and "{{ client.nom }}" in body
    assert Modele(content, "programme.docx").names == {"client.nom", "dossier.reference"}


def test_quotes_that_libreoffice_writes_as_entities_are_quotes() -> None:
    typed = '{% if paiement.mode == "virement" %}par virement{% endif %}'
    content = modele(typed)
    written = changed(content, {BODY: ('"virement"', "&quot;virement&quot;")})
    assert Modele(written, "contrat_groupe.docx").names == Modele(content, "contrat_groupe.docx").names


def test_a_drawing_that_is_nearly_all_emptiness_is_no_bomb() -> None:
    content = changed(modele("{{ client.nom }}"), {"word/media/logo.emf": b"\x01\x00\x00\x00" + b"\0" * (10 << 20)})
    assert Modele(content, "programme.docx").names == {"client.nom"}
