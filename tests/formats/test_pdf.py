"""Marks over pages of every geometry, refusals with their reason, and PDFs bound together."""

import io
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    PdfObject,
    RectangleObject,
    TextStringObject,
)

from tests.conftest import Bureau
from toolkit.errors import FileRefused
from toolkit.formats import pdf
from toolkit.formats.pdf_marks import Bound, Filigrane, Mention, PdfRefused
from toolkit.system.isolated import run_isolated

A4 = (595.0, 842.0)
A5 = (420.0, 595.0)


def document(
    pages: int = 1, size: tuple[float, float] = A4, change: Callable[[PageObject], object] = lambda page: None
) -> bytes:
    """A PDF with a line of text on each page."""
    writer = PdfWriter()
    for number in range(1, pages + 1):
        page = writer.add_blank_page(*size)
        stream = DecodedStreamObject()
        stream.set_data(b"BT /F1 12 Tf 60 60 Td (Bon 2027-G-014 page %d) Tj ET" % number)
        page[NameObject("/Contents")] = writer._add_object(stream)
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
        change(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def centre_and_slope(page: PageObject) -> tuple[float, float, float]:
    """Where the last form is drawn, as the reader of the page sees it: x and y shares of the page, angle in degrees."""
    contents = page["/Contents"]
    assert isinstance(contents, ArrayObject)
    last = contents[-1].get_object().get_data().decode()
    a, b, _, _, x, y = map(float, last.split("q")[1].split("cm")[0].split())
    box, media = page.cropbox, page.mediabox
    left, right = max(box.left, media.left), min(box.right, media.right)
    bottom, top = max(box.bottom, media.bottom), min(box.top, media.top)
    rotation = page.rotation % 360
    across, up = (x - left) / (right - left), (y - bottom) / (top - bottom)
    seen = {0: (across, up), 90: (up, 1 - across), 180: (1 - across, 1 - up), 270: (1 - up, across)}[rotation]
    return (*seen, math.degrees(math.atan2(b, a)) - rotation)


GEOMETRIES: dict[str, tuple[tuple[float, float], Callable[[PageObject], object]]] = {
    "droite": (A4, lambda page: None),
    "tournée de 90°": (A4, lambda page: page.rotate(90)),
    "tournée de 180°": (A4, lambda page: page.rotate(180)),
    "tournée de 270°": (A4, lambda page: page.rotate(270)),
    "paysage": ((842.0, 595.0), lambda page: None),
    "A5": (A5, lambda page: None),
    "décalée": (A4, lambda page: setattr(page, "mediabox", RectangleObject((-300, -400, 295, 442)))),
    "rognée": (A4, lambda page: setattr(page, "cropbox", RectangleObject((100, 300, 500, 700)))),
    "rognée hors de la page": (A4, lambda page: setattr(page, "cropbox", RectangleObject((-100, -100, 900, 900)))),
    "unité double": (A4, lambda page: page.__setitem__(NameObject("/UserUnit"), FloatObject(2))),
    "sans contenu": (A4, lambda page: page.__delitem__("/Contents")),
}


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_copie_is_centred_and_rises_to_the_right_for_its_reader(geometry: str) -> None:
    size, change = GEOMETRIES[geometry]
    marked = pdf.mark(document(1, size, change), [Filigrane("COPIE")])
    page = PdfReader(io.BytesIO(marked)).pages[0]
    across, up, angle = centre_and_slope(page)
    assert (round(across, 3), round(up, 3)) == (0.5, 0.5)
    assert 20 < angle % 360 < 70
    assert "COPIE" in page.extract_text()


def test_200_pages_hardly_grow() -> None:
    plain = document(200)
    marked = pdf.mark(plain, [Filigrane("COPIE")])
    assert len(marked) <= 1.10 * len(plain) + 20_000
    texts = [page.extract_text() for page in PdfReader(io.BytesIO(marked)).pages]
    assert len(texts) == 200
    assert all("COPIE" in text for text in texts)


def test_the_letters_are_one_object_shared_by_all_pages() -> None:
    marked = pdf.mark(document(5), [Filigrane("COPIE")])
    pages = PdfReader(io.BytesIO(marked)).pages
    forms = {page["/Resources"]["/XObject"].raw_get("/ToolkitFiligrane").idnum for page in pages}  # type: ignore[index]
    assert len(forms) == 1


def test_a_mention_stands_at_the_top_right() -> None:
    marked = pdf.mark(document(), [Mention("Exemplaire client")])
    page = PdfReader(io.BytesIO(marked)).pages[0]
    across, up, angle = centre_and_slope(page)
    assert across > 0.8 and up > 0.95 and angle == 0
    assert "Exemplaire client" in page.extract_text()


def test_the_same_pdf_gives_the_same_bytes() -> None:
    plain = document(2)
    once = pdf.mark(plain, [Filigrane("COPIE")], titre="BE 2027-G-014")
    assert once == pdf.mark(plain, [Filigrane("COPIE")], titre="BE 2027-G-014")


def protected(password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(document())))
    writer.encrypt(password, "secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def signed() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(document())))
    field = DictionaryObject(
        {
            NameObject("/FT"): NameObject("/Sig"),
            NameObject("/T"): TextStringObject("Signature"),
            NameObject("/V"): DictionaryObject({NameObject("/Type"): NameObject("/Sig")}),
        }
    )
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject(
        {NameObject("/Fields"): ArrayObject([writer._add_object(field)]), NameObject("/SigFlags"): NumberObject(3)}
    )
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (protected("ouvrir"), "PDF protégé"),
        (protected(""), "PDF protégé"),
        (signed(), "PDF signé"),
        (pdf.mark(document(), [Filigrane("COPIE")]), "déjà filigrané"),
        (document()[:300], "abîmé"),
        (b"%PDF-1.4\n", "abîmé"),
        (b"", "abîmé"),
    ],
)
def test_what_cannot_be_marked_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    with pytest.raises(PdfRefused, match=reason):
        pdf.mark(content, [Filigrane("COPIE")])


def test_bound_parts_have_bookmarks_and_page_numbers() -> None:
    bound = pdf.bind([Bound("Programme", document(2)), Bound("Bon P1", document(1, A5))], "Carnet X")
    reader = PdfReader(io.BytesIO(bound))
    assert [page.extract_text().split("Carnet X")[-1].strip(" –") for page in reader.pages] == ["1/3", "2/3", "3/3"]
    places = {item.title: reader.get_destination_page_number(item) for item in reader.outline}  # type: ignore[union-attr, arg-type]
    assert places == {"Programme": 0, "Bon P1": 2}


# --- what a PDF of others would do ----------------------------------------------------------------------------------


def said(**entries: PdfObject | str) -> DictionaryObject:
    """A dictionary by its keys; a text that begins with a slash is a name."""
    return DictionaryObject(
        {
            NameObject(f"/{key}"): (NameObject(one) if one.startswith("/") else TextStringObject(one))
            if type(one) is str
            else one
            for key, one in entries.items()
        }
    )


PLAIN = ["https://example.org", "mailto:a@example.org", "tel:+33235000001", "www.example.org"]


def armed() -> bytes:
    """Two pages that hold whatever a PDF may do; all of it says « PIEGE », and what is innocent does not."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(document(2))))
    add, root, page = writer._add_object, writer.root_object, writer.pages[0]
    second = ArrayObject([writer.pages[1].indirect_reference, NameObject("/Fit")])

    def stream(text: bytes, **entries: PdfObject | str) -> PdfObject:
        made = DecodedStreamObject()
        made.update(said(**entries))
        made.set_data(text)
        return add(made)

    script = add(said(S="/JavaScript", JS="app.alert('PIEGE')"))
    long_script = add(said(S=add(NameObject("/JavaScript")), JS=stream(b"app.alert('PIEGE')")))
    launch = add(said(S="/Launch", F=said(F="PIEGE.exe"), Win=said(F="PIEGE.exe")))
    submit = add(said(S="/SubmitForm", F=said(FS="/URL", F="http://PIEGE.example.org")))
    file = add(
        said(
            Type="/Filespec",
            F="PIEGE.txt",
            EF=said(F=stream(b"PIEGE", Type="/EmbeddedFile"), UF=stream(b"PIEGE sans type")),
        )
    )
    names = said(Names=ArrayObject([TextStringObject("a"), script, TextStringObject("b"), long_script]))
    files = said(Kids=ArrayObject([add(said(Names=ArrayObject([TextStringObject("c"), file])))]))
    there = said(Names=ArrayObject([TextStringObject("ici"), second]))
    field = add(
        said(
            Type="/Annot",
            Subtype="/Widget",
            FT="/Tx",
            T="nom",
            V="Dupont",
            Rect=ArrayObject([NumberObject(9)] * 4),
            AA=said(K=script),
            A=submit,
        )
    )
    root.update(
        said(
            OpenAction=script,
            AA=said(WC=script, DP=said(S="/JavaScript", JS="PIEGE")),
            Names=said(JavaScript=names, EmbeddedFiles=files, Dests=there),
            AcroForm=said(
                Fields=ArrayObject([field]), XFA=ArrayObject([TextStringObject("t"), stream(b"<xdp>PIEGE</xdp>")])
            ),
            AF=ArrayObject([file]),
        )
    )
    page[NameObject("/AA")] = said(O=script, C=said(S="/GoTo", D=second))

    def link(**action: PdfObject | str) -> PdfObject:
        return annotation("/Link", A=said(**action))

    def annotation(kind: str, **entries: PdfObject | str) -> PdfObject:
        return add(said(Type="/Annot", Subtype=kind, Rect=ArrayObject([NumberObject(9)] * 4), **entries))

    page[NameObject("/Annots")] = add(
        ArrayObject(
            [
                field,
                *(link(S="/URI", URI=one) for one in PLAIN),
                *(link(S="/URI", URI=f"{one}PIEGE") for one in ("file:///", "javascript:", "C:\\", "\\\\", "")),
                *(annotation("/Link", A=one) for one in (launch, submit, script, long_script)),
                link(S="/GoToR", F="PIEGE.pdf"),
                link(S="/Named", N="/NextPage"),
                link(S="/Named", N="/PIEGE"),
                link(S="/GoTo", D=second, Next=ArrayObject([script, launch])),
                annotation("/Link", Dest="ici", PA=said(S="/URI", URI="http://PIEGE")),
                annotation("/FileAttachment", FS=file, Contents="PIEGE"),
                annotation("/RichMedia", RichMediaContent=said(Assets=file)),
                annotation("/Screen", A=said(S="/Rendition", JS="PIEGE")),
                annotation("/Text", Contents="remarque"),
            ]
        )
    )
    writer.add_outline_item(title="Chapitre", page_number=0)
    first = root["/Outlines"]["/First"].get_object()  # type: ignore[index]
    first[NameObject("/A")] = long_script
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("made", "at"),
    [
        (lambda content: pdf.mark_copie(content, "COPIE"), 0),
        (lambda content: pdf.bind([Bound("Programme", document()), Bound("Plan", content)], "Carnet"), 1),
    ],
    ids=["copie", "carnet"],
)
def test_a_pdf_of_others_does_nothing_any_more(made: Callable[[bytes], bytes], at: int) -> None:
    before = armed()
    assert before.count(b"PIEGE") == 20
    # A letter of a name may be written as its number.
    before = before.replace(b"/JavaScript", b"/J#61vaScript").replace(b"/Launch", b"/L#61unch")
    content = made(before)
    # Nothing of it is left, be it out of reach.
    out = io.BytesIO()
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    writer.write(out)
    for written in (content, out.getvalue()):
        assert b"PIEGE" not in written
        for key in (b"/AA", b"/JS", b"/EF", b"/OpenAction", b"/XFA", b"/EmbeddedFiles", b"/PA"):
            assert key not in written
    reader = PdfReader(io.BytesIO(content))
    page = reader.pages[at]
    annotations = [one.get_object() for one in page["/Annots"]]  # type: ignore[attr-defined]
    # Over what is shown over the page, the mark of a copy is laid once more.
    annotations = [one for one in annotations if one["/Subtype"] != "/Stamp"]
    assert [one["/Subtype"] for one in annotations] == ["/Widget", *["/Link"] * 18, "/Text"]
    actions = [one["/A"] for one in annotations if "/A" in one]
    assert [action.get("/URI", action["/S"]) for action in actions] == [
        *PLAIN,
        *["/Named", "/GoTo"],
    ]
    assert annotations[0]["/V"] == "Dupont" and "Bon 2027-G-014" in page.extract_text()
    assert not any("/Next" in action for action in actions)


def test_what_we_make_ourselves_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = document(3)
    marked = pdf.mark(plain, [Filigrane("COPIE")], titre="BE")
    monkeypatch.setattr(pdf, "disarm", lambda writer: None)
    assert pdf.mark(plain, [Filigrane("COPIE")], titre="BE") == marked


@pytest.mark.slow
def test_a_pdf_that_is_never_read_to_its_end_keeps_no_carnet_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "BIND_SECONDS", 0.001)
    monkeypatch.setattr(pdf, "_BAD", {})
    with pytest.raises(PdfRefused, match="trop long"):
        pdf.bind([Bound("Programme", document(2)), Bound("Plan", document(3))], "Carnet")


def test_a_damaged_town_map_is_named_and_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Bound("Plan", b"%PDF-1.4 rien")
    monkeypatch.setattr(pdf, "_BAD", {})
    with pytest.raises(PdfRefused, match="un des PDF à réunir est abîmé"):
        pdf.bind([Bound("Programme", document()), plan], "Carnet")
    assert pdf.bind([Bound("Programme", document()), Bound("Plan", document())], "Carnet")
    monkeypatch.delattr(pdf, "bind_here")
    with pytest.raises(PdfRefused, match="« Plan » : un des PDF à réunir est abîmé"):
        pdf.bind([Bound("Programme", document(2)), plan], "Carnet")


def test_copie_of_any_pdf_beside_it(bureau: Bureau, tmp_path: Path) -> None:
    good, bad, other = tmp_path / "bon We Login.pdf", tmp_path / "signé.pdf", tmp_path / "notes.txt"
    good.write_bytes(document())
    bad.write_bytes(signed())
    other.write_bytes(b"bonjour")
    run = bureau.run("copie", good, bad, other, tmp_path / "absent.pdf", "--json", le=None)
    assert run.status == 1
    made = {Path(one["fichier"]).name: one for one in run.json["copies"]}
    assert Path(made["bon We Login.pdf"]["copie"]).name == "bon We Login COPIE.pdf"
    assert "signé" in made["signé.pdf"]["refus"]
    assert made["notes.txt"]["refus"] == "ce n'est pas un PDF"
    assert made["absent.pdf"]["refus"] == "fichier introuvable"
    copy = PdfReader(tmp_path / "bon We Login COPIE.pdf").pages[0]
    assert "COPIE" in copy.extract_text()
    assert good.read_bytes() == document()


def test_copie_with_other_words(bureau: Bureau, tmp_path: Path) -> None:
    path = tmp_path / "programme.pdf"
    path.write_bytes(document())
    assert bureau.run("copie", path, "--texte", "ANNULÉ", le=None).status == 0
    assert "ANNULÉ" in PdfReader(tmp_path / "programme ANNULÉ.pdf").pages[0].extract_text()


@pytest.mark.slow
def test_a_pdf_that_never_ends_is_killed() -> None:
    with pytest.raises(FileRefused, match="trop long"):
        run_isolated("toolkit.formats.pdf:mark_copie", document(), "COPIE", seconds=0.001)


CORPUS = Path(__file__).parents[3] / "shared/corpus/pdf"


@pytest.mark.slow
@pytest.mark.skipif(not CORPUS.is_dir(), reason="le corpus de PDF réels n'est pas à côté du projet")
def test_real_pdfs_are_marked_or_refused_with_a_reason(bureau: Bureau, tmp_path: Path) -> None:
    paths = []
    for source in sorted(CORPUS.glob("*.pdf")):
        paths.append(tmp_path / source.name)
        paths[-1].write_bytes(source.read_bytes())
    copies = bureau.run("copie", *paths, "--json", le=None).json["copies"]
    marked = [one for one in copies if one["copie"]]
    assert len(marked) >= 12
    for one in copies:
        assert one["copie"] or one["refus"]
    for one in marked:
        before, after = Path(one["fichier"]).stat().st_size, Path(one["copie"]).stat().st_size
        assert after <= 1.10 * before + 20_000, one
