"""« COPIE » is seen on whatever a page does, or refused; all the rest is shown as it was."""

import io
import random
import re
import subprocess
from collections.abc import Sequence

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from toolkit.errors import FileRefused
from toolkit.formats.pdf import mark_copie
from toolkit.formats.pdf_marks import PdfRefused
from toolkit.formats.pdf_pen import is_balanced
from toolkit.gestes.copie_vue import refuse_unseen
from toolkit.system.child import find_program

needs_renderer = pytest.mark.skipif(find_program("pdftoppm") is None, reason="no pdftoppm to look at pages with")
TEXT = b"BT /F 24 Tf 72 760 Td (Bon d echange 2027) Tj ET"
FORM = b"<</Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<<>>/Length %d>>stream\n%s\nendstream"


def document(
    contents: Sequence[bytes], *, extra: Sequence[bytes] = (), page: bytes = b"", catalog: bytes = b""
) -> bytes:
    """One A4 page of these content streams; ``extra`` objects are numbered from 20 on."""
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 5 0 R>>/Properties<</L 20 0 R>>>>"
        b"/Contents[%s]%s>>" % (b" ".join(b"%d 0 R" % (6 + n) for n in range(len(contents))), page),
        5: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    }
    for number, data in enumerate(contents, start=6):
        objects[number] = b"<</Length %d>>stream\n%s\nendstream" % (len(data), data)
    objects |= dict(enumerate(extra, start=20))
    out, places = b"%PDF-1.5\n", {}
    for number, one in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    start = len(out)
    out += b"xref\n"
    for number, place in places.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, place)
    return out + b"trailer<</Size 99/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start


def shades(pdf: bytes) -> tuple[int, int, bytes]:
    command = ["pdftoppm", "-r", "30", "-gray", "-l", "1", "-"]
    drawn = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout
    head = re.match(rb"P5\s(\d+) (\d+)\s255\s", drawn)
    assert head
    width, height = int(head[1]), int(head[2])
    return width, height, drawn[head.end() : head.end() + width * height]


def is_seen(original: bytes, copie: bytes) -> bool:
    """Large, in the middle, rising to the right."""
    width, height, before = shades(original)
    _, _, after = shades(copie)
    points = [(i % width, i // width) for i in range(width * height) if abs(before[i] - after[i]) > 12]
    if not points:
        return False
    xs, ys = [x for x, _ in points], [y for _, y in points]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    rises = sum((a - x) * (b - y) for a, b in points) < 0
    return abs(x / width - 0.5) < 0.06 and abs(y / height - 0.5) < 0.06 and max(xs) - min(xs) > 0.4 * width and rises


HIDDEN_LAYER = b"/OCProperties<</OCGs[20 0 R]/D<</OFF[20 0 R]>>>>"
LAYER = b"<</Type/OCG/Name(cache)>>"
OPAQUE = b"1 g 0 0 595 842 re f 0 g"
COVER = FORM % (len(OPAQUE), OPAQUE)
HOSTILE = {
    "plain": document([TEXT]),
    "two q never closed": document([b"q 0.5 0 0 0.5 0 0 cm q " + TEXT]),
    "one Q too many, then a matrix": document([TEXT + b" Q 0.2 0 0 0.2 0 0 cm"]),
    "a clip left open": document([TEXT + b" 0 0 10 10 re W n"]),
    "a hidden layer never closed": document([TEXT + b" /OC /L BDC"], extra=[LAYER], catalog=HIDDEN_LAYER),
    "a cut string": document([TEXT + b" (jamais ferm"]),
    "a text object never ended": document([b"BT /F 24 Tf 3 Tr 72 760 Td (Bon) Tj"]),
    "an operator over two streams": document([b"q 0.5 0 0 0.5 0 0 c", b"m " + TEXT]),
    "a grey page": document([b"0.4 g 0 0 595 842 re f 1 g " + TEXT]),
    "a black page": document([b"0 g 0 0 595 842 re f 1 g " + TEXT]),
    "a page under a note": document(
        [TEXT],
        extra=[b"<</Type/Annot/Subtype/Stamp/Rect[0 0 595 842]/F 4/AP<</N 21 0 R>>>>", COVER],
        page=b"/Annots[20 0 R]",
    ),
    "a page under an opaque field": document(
        [TEXT],
        extra=[b"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(b)/Rect[0 0 595 842]/F 4/AP<</N 21 0 R>>>>", COVER],
        page=b"/Annots[20 0 R]",
        catalog=b"/AcroForm<</Fields[20 0 R]>>",
    ),
}


@needs_renderer
@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_the_mark_is_seen_whatever_the_page_left_open(name: str) -> None:
    copie = mark_copie(HOSTILE[name], "COPIE")
    assert is_seen(HOSTILE[name], copie)
    refuse_unseen(HOSTILE[name], copie)


OPERATORS = (
    b"q", b"Q", b"0.3 0 0 0.3 50 50 cm", b"100 100 50 50 re W n", b"/OC /L BDC", b"EMC", b"BT", b"ET", b"3 Tr",
    b"0.5 g", b"(parenth\\) ese)", b"(jamais ferm", b"[1 2", b"/P BMC", b"0 0 595 842 re f",
    b"1 0 0 RG", b"<48", b"% remarque",
    TEXT,
)  # fmt: skip


@needs_renderer
@pytest.mark.slow
def test_the_mark_is_seen_over_any_soup_of_operators() -> None:
    dice = random.Random(20270617)
    for _ in range(40):
        soup = [b"\n".join(dice.choices(OPERATORS, k=dice.randint(1, 12))) for _ in range(dice.randint(1, 3))]
        pdf = document(soup, extra=[LAYER], catalog=HIDDEN_LAYER)
        assert is_seen(pdf, mark_copie(pdf, "COPIE")), soup


@needs_renderer
def test_what_is_not_seen_or_is_lost_is_refused() -> None:
    with pytest.raises(FileRefused, match="ne se verrait pas sur la page 1"):
        refuse_unseen(HOSTILE["plain"], HOSTILE["plain"])
    with pytest.raises(FileRefused, match="ne montrerait plus tout ce que montre l'original"):
        refuse_unseen(document([b"0 g 0 700 595 142 re f"]), mark_copie(document([b"1 g"]), "COPIE"))


def test_an_update_that_uses_the_number_of_an_old_table_again_loses_nothing() -> None:
    page = b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 5 0 R>>>>/Contents"
    first = (
        b"%PDF-1.5\n1 0 obj<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
        + page
        + b" 4 0 R>>\nendobj\n"
        b"4 0 obj<</Length 33>>stream\nBT /F 24 Tf 72 760 Td (total) Tj ET\nendstream\nendobj\n"
        b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>\nendobj\n"
    )
    updated = _with_table(first, 6, 7, None)
    start = len(updated)
    updated += (
        page + b"[4 0 R 6 0 R]>>\n"
        b"endobj\n6 0 obj<</Length 38>>stream\nBT /F 24 Tf 330 760 Td (1234 EUR) Tj ET\nendstream\nendobj\n"
    )
    whole = _with_table(updated, 7, 8, start)
    assert "1234 EUR" in PdfReader(io.BytesIO(mark_copie(whole, "COPIE"))).pages[0].extract_text()


def _with_table(pdf: bytes, number: int, size: int, update_at: int | None) -> bytes:
    """A table of contents in a stream, as PDF 1.5 has them: of the whole file, or of what came after a place."""
    at = len(pdf)
    places = {
        int(found[1]): found.start() for found in re.finditer(rb"(\d+) 0 obj", pdf) if found.start() >= (update_at or 0)
    }
    places[number] = at
    rows = b"".join(b"\1" + places[one].to_bytes(4, "big") + b"\0\0" for one in sorted(places))
    index = b" ".join(b"%d 1" % one for one in sorted(places))
    before = b"/Prev %d" % int(re.findall(rb"startxref\n(\d+)", pdf)[-1]) if update_at else b""
    head = b"/Type/XRef/W[1 4 2]/Size %d/Root 1 0 R/Index[%s]%s/Length %d" % (size, index, before, len(rows))
    table = b"%d 0 obj<<%s>>stream\n%s\nendstream\nendobj\n" % (number, head, rows)
    return pdf + table + b"startxref\n%d\n%%%%EOF\n" % at


def test_a_name_that_is_not_surely_read_is_refused() -> None:
    picture = b"<</Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace[/DeviceGray\0]/Length 1>>"
    pdf = document([TEXT], extra=[picture + b"stream\n0\nendstream"])
    with pytest.raises(PdfRefused, match="ne se lit pas sûrement"):
        mark_copie(pdf, "COPIE")


@pytest.mark.parametrize("texte", ["КОПИЯ", "副本", "COPIE ✂"])
def test_letters_that_the_mark_has_not_are_refused(texte: str) -> None:
    with pytest.raises(PdfRefused, match="ne sait pas écrire"):
        mark_copie(HOSTILE["plain"], texte)
    assert mark_copie(HOSTILE["plain"], "DUPLICATA n° 2 – œuvre")


def test_a_signature_below_another_field_is_a_signature() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(HOSTILE["plain"])))
    name = NameObject
    signature = DictionaryObject({name("/FT"): name("/Sig"), name("/V"): DictionaryObject()})
    child = DictionaryObject({name("/T"): TextStringObject("fils"), name("/Kids"): ArrayObject([signature])})
    parent = DictionaryObject({name("/T"): TextStringObject("pere"), name("/Kids"): ArrayObject([child])})
    writer.root_object[name("/AcroForm")] = DictionaryObject({name("/Fields"): ArrayObject([parent])})
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(PdfRefused, match="signé"):
        mark_copie(out.getvalue(), "COPIE")


@pytest.mark.parametrize(
    ("data", "is_whole"),
    [
        (b"q 1 0 0 1 0 0 cm BT (a \\) b) Tj ET Q", True),
        (b"/P <</MCID 0>> BDC (q Q) Tj EMC % q", True),
        (b"q", False),
        (b"Q q", False),
        (b"(jamais", False),
        (b"BI /W 1 ID \x00q EI", False),
        (b"BT", False),
        (b"", True),
    ],
)
def test_a_stream_that_closes_all_it_opens_is_known(data: bytes, is_whole: bool) -> None:
    assert is_balanced(data) is is_whole
