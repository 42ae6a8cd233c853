"""Stands in for LibreOffice: of each document a small PDF that says all its words, in a few hundredths of a second.

Run as the program itself, without anything of the toolkit. The same document gives the same PDF.
"""

import re
import sys
import zipfile
from html import unescape
from pathlib import Path

_PARAGRAPH = re.compile(r"<w:p[ >].*?</w:p>|<t[ >].*?</t>", re.DOTALL)
_TEXT = re.compile(r"<(?:w:)?t(?: [^>]*)?>([^<]*)<")


def install(folder: Path) -> Path:
    """A program of this kind in a folder, for TOOLKIT_SOFFICE."""
    program = folder / "soffice"
    program.write_text(f"#!{sys.executable} -IS\n{Path(__file__).read_text(encoding='utf-8')}", encoding="utf-8")
    program.chmod(0o755)
    return program


def pdf(lines: list[str]) -> bytes:
    """One page with these lines."""
    shown = (line.encode("cp1252", "replace") for line in lines)
    drawn = b"".join(b"(%s) Tj T*\n" % re.sub(rb"([\\()])", rb"\\\1", line) for line in shown)
    content = b"BT /F 6 Tf 7 TL 30 800 Td\n%sET" % drawn
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (len(objects) + 1, table, end)


def words(path: Path) -> list[str]:
    """Of a Word document by paragraph, or of a workbook by text."""
    with zipfile.ZipFile(path) as package:
        names = [name for name in package.namelist() if name in ("word/document.xml", "xl/sharedStrings.xml")]
        xml = "".join(package.read(name).decode() for name in names)
    return [unescape("".join(_TEXT.findall(one))) for one in _PARAGRAPH.findall(xml)]


if __name__ == "__main__":
    _folder = Path(sys.argv[sys.argv.index("--outdir") + 1])
    for _path in map(Path, sys.argv[1:]):
        if _path.suffix in (".docx", ".xlsx"):
            (_folder / f"{_path.stem}.pdf").write_bytes(pdf(words(_path)))
