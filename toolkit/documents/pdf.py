"""Word documents → PDF by LibreOffice, and the holder's mark on a contract's copies.

LibreOffice's exit status means nothing: only the PDF itself is believed. It runs in a private folder with a profile
of its own, under a time limit, and its whole process tree is killed when it hangs.
"""

import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, StreamObject

from toolkit.errors import EnvironmentRefused

START_SECONDS = 60
PER_DOCUMENT_SECONDS = 30
_WORD_FILTER = "--infilter=MS Word 2007 XML"


class ConversionFailed(Exception):
    """LibreOffice made no PDF, or not one of this document; the sentence is French."""


def find_libreoffice() -> Path | None:
    """The soffice program, or None: the PDFs then wait."""
    chosen = os.environ.get("TOOLKIT_SOFFICE")
    if chosen is not None:
        return Path(chosen) if Path(chosen).is_file() else None
    for name in ("soffice", "libreoffice"):
        if found := shutil.which(name):
            return Path(found)
    for variable in ("ProgramW6432", "ProgramFiles", "ProgramFiles(x86)"):
        program = Path(os.environ.get(variable, "")) / "LibreOffice" / "program" / "soffice.exe"
        if os.environ.get(variable) and program.is_file():
            return program
    return None


def convert(documents: Sequence[bytes], soffice: Path) -> list[bytes | ConversionFailed]:
    """The PDF of each .docx, in order: all in one start of LibreOffice, those that failed once more alone."""
    results = _convert_together(documents, soffice)
    for index, result in enumerate(results):
        if isinstance(result, ConversionFailed) and len(documents) > 1:
            results[index] = _convert_together([documents[index]], soffice)[0]
    return results


def _convert_together(documents: Sequence[bytes], soffice: Path) -> list[bytes | ConversionFailed]:
    with tempfile.TemporaryDirectory(prefix="toolkit-pdf-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for index, content in enumerate(documents):
            (folder / f"{index}.docx").write_bytes(content)
        is_finished = _run(
            [
                str(soffice),
                f"-env:UserInstallation={(folder / 'profil').as_uri()}",
                "--headless",
                "--norestore",
                _WORD_FILTER,
                "--convert-to",
                "pdf",
                "--outdir",
                str(folder),
                *(str(folder / f"{index}.docx") for index in range(len(documents))),
            ],
            START_SECONDS + PER_DOCUMENT_SECONDS * len(documents),
        )
        results: list[bytes | ConversionFailed] = []
        for index in range(len(documents)):
            path = folder / f"{index}.pdf"
            if path.is_file():
                results.append(path.read_bytes())
            else:
                why = "n'en a pas fait de PDF" if is_finished else "n'a pas répondu à temps"
                results.append(ConversionFailed(f"LibreOffice {why}"))
        return results


def _run(command: list[str], seconds: float) -> bool:
    """Run to the end, or kill the process and its children after so many seconds."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise EnvironmentRefused(f"LibreOffice ne démarre pas ({error.strerror or error}).") from error
    try:
        process.wait(seconds)
        return True
    except subprocess.TimeoutExpired:
        return False
    finally:
        if process.poll() is None:
            _kill_tree(process)


def _kill_tree(process: "subprocess.Popen[bytes]") -> None:
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def mark_holder(pdf: bytes, mention: str, expected: str) -> bytes:
    """The same pages with ``mention`` at the top right of each.

    Raises ConversionFailed when the PDF cannot be read, has no page, or does not hold the text ``expected``
    (the reference of the dossier): it is then not the PDF of this document.
    """
    try:
        reader = PdfReader(io.BytesIO(pdf))
        if not any(expected in page.extract_text() for page in reader.pages):
            raise ConversionFailed(f"le PDF ne porte pas la référence {expected}")
        writer = PdfWriter(clone_from=reader)
        for page in writer.pages:
            _draw_over(writer, page, _mention_operators(page, mention))
        # LibreOffice writes the hour into its PDFs; the same document should give the same bytes.
        writer.metadata = {"/Producer": "toolkit", "/Title": f"{expected} – {mention}"}
        out = io.BytesIO()
        writer.write(out)
    except PyPdfError as error:
        raise ConversionFailed(f"PDF illisible ({error})") from error
    return out.getvalue()


_FONT = "/ToolkitHelvetica"
_MENTION_SIZE = 8.5
_MENTION_MARGIN = 22
_MEAN_WIDTH = 0.56
"""Of a Helvetica-Bold letter, for one point of size: enough to right-align a short mention."""


def _mention_operators(page: PageObject, mention: str) -> bytes:
    right = float(page.cropbox.right) - _MENTION_MARGIN - len(mention) * _MENTION_SIZE * _MEAN_WIDTH
    top = float(page.cropbox.top) - _MENTION_MARGIN
    text = re.sub(rb"([\\()])", rb"\\\1", mention.encode("cp1252", errors="replace"))
    return b"0.25 0.35 0.45 rg BT %s %.1f Tf %.2f %.2f Td (%s) Tj ET" % (
        _FONT.encode(),
        _MENTION_SIZE,
        right,
        top,
        text,
    )


def _draw_over(writer: PdfWriter, page: PageObject, operators: bytes) -> None:
    """Add drawing operators after a page's own, which are closed in q … Q so that none of their state leaks."""
    # Resources may be shared between pages or inherited: what is added must belong to this page alone.
    resources = _copied(page, "/Resources")
    fonts = _copied(resources, "/Font")
    fonts[NameObject(_FONT)] = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica-Bold"),
            NameObject("/Encoding"): NameObject("/WinAnsiEncoding"),
        }
    )
    resources[NameObject("/Font")] = fonts
    page[NameObject("/Resources")] = resources

    contents = page.raw_get("/Contents") if "/Contents" in page else ArrayObject()
    inner = contents.get_object()
    own = list(inner) if isinstance(inner, ArrayObject) else [contents]
    page[NameObject("/Contents")] = ArrayObject(
        [_stream(writer, b"q\n"), *own, _stream(writer, b"\nQ\nq\n" + operators + b"\nQ\n")]
    )


def _copied(parent: DictionaryObject, key: str) -> DictionaryObject:
    found = parent.get(key)
    inner = found.get_object() if found is not None else None
    return DictionaryObject(inner) if isinstance(inner, DictionaryObject) else DictionaryObject()


def _stream(writer: PdfWriter, data: bytes) -> IndirectObject:
    stream = StreamObject()
    stream.set_data(data)
    return writer._add_object(stream)
