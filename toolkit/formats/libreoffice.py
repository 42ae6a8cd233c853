"""Word documents and workbooks → PDF by LibreOffice, the only module that starts it.

LibreOffice's exit status means nothing: only the PDF itself is believed. It runs in a private folder with a profile
of its own, under a time limit, and its whole process tree is killed when it hangs.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from toolkit.formats import conversion
from toolkit.formats.conversion import NoPdf
from toolkit.system.child import find_program

START_SECONDS = 60
PER_DOCUMENT_SECONDS = 30
WORTH_A_START = 4
"""Documents that take as long as one more start of LibreOffice."""
HOW_TO_GET = (
    "winget install TheDocumentFoundation.LibreOffice"
    if sys.platform == "win32"
    else "sudo apt install libreoffice-writer-nogui"
)
"""The command that brings it."""
_FILTERS = {"docx": "--infilter=MS Word 2007 XML", "xlsx": "--infilter=Calc MS Excel 2007 XML"}


def find_libreoffice() -> Path | None:
    """The soffice program, or None: the PDFs then wait."""
    chosen = os.environ.get("TOOLKIT_SOFFICE")
    if chosen is not None:
        return Path(chosen) if Path(chosen).is_file() else None
    for name in ("soffice", "libreoffice"):
        if found := find_program(name):
            return found
    return next((program for folder in _folders() if (program := folder / "soffice.exe").is_file()), None)


if sys.platform == "win32":
    import winreg

    _INSTALL_PATH = r"SOFTWARE\LibreOffice\UNO\InstallPath"

    def _folders() -> Iterator[Path]:
        """Where it says it is, be it of 64 or of 32 bits, for everyone or for this person; then where it usually is."""
        for owner in (winreg.HKEY_LOCAL_MACHINE, winreg.HKEY_CURRENT_USER):
            for view in (winreg.KEY_WOW64_64KEY, winreg.KEY_WOW64_32KEY):
                try:
                    with winreg.OpenKey(owner, _INSTALL_PATH, 0, winreg.KEY_READ | view) as key:
                        yield Path(winreg.QueryValue(key, None))
                except OSError:
                    continue
        for variable in ("ProgramW6432", "ProgramFiles", "ProgramFiles(x86)"):
            if programs := os.environ.get(variable):
                yield Path(programs, "LibreOffice", "program")

else:

    def _folders() -> Iterator[Path]:
        """Elsewhere it is on the path of programs."""
        return iter(())


def convert(documents: Sequence[bytes], soffice: Path, cores: int = 1) -> list[bytes | NoPdf]:
    """The PDF of each .docx, in order: in one start of LibreOffice a core, those that failed once more alone."""
    results = _convert(documents, soffice, count=max(1, min(cores, len(documents) // WORTH_A_START)))
    for index, result in enumerate(results):
        if isinstance(result, NoPdf) and len(documents) > 1:
            results[index] = _convert([documents[index]], soffice)[0]
    return results


def convert_workbook(workbook: bytes, soffice: Path) -> bytes | NoPdf:
    """The PDF of the sheets of an .xlsx that are not hidden."""
    return _convert([workbook], soffice, kind="xlsx")[0]


def _convert(documents: Sequence[bytes], soffice: Path, *, kind: str = "docx", count: int = 1) -> list[bytes | NoPdf]:
    """By ``count`` processes side by side, dealt out like cards; all are killed when this one is interrupted."""
    results: dict[int, bytes | NoPdf] = {}
    with ExitStack() as running:
        starts = [running.enter_context(_started(documents[start::count], soffice, kind)) for start in range(count)]
        for start, finish in enumerate(starts):
            results |= zip(range(start, len(documents), count), finish(), strict=True)
    return [results[index] for index in range(len(documents))]


@contextmanager
def _started(documents: Sequence[bytes], soffice: Path, kind: str) -> Iterator[Callable[[], list[bytes | NoPdf]]]:
    """One LibreOffice at work in a folder and with a profile of its own; gives how to wait for what it makes."""
    with tempfile.TemporaryDirectory(prefix="toolkit-pdf-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for index, content in enumerate(documents):
            (folder / f"{index}.{kind}").write_bytes(content)
        process = conversion.start(
            "LibreOffice",
            [
                str(soffice),
                f"-env:UserInstallation={(folder / 'profil').as_uri()}",
                "--headless",
                "--norestore",
                _FILTERS[kind],
                "--convert-to",
                "pdf",
                "--outdir",
                str(folder),
                *(str(folder / f"{index}.{kind}") for index in range(len(documents))),
            ],
        )

        def finish() -> list[bytes | NoPdf]:
            is_finished = conversion.wait(process, START_SECONDS + PER_DOCUMENT_SECONDS * len(documents))
            pdfs = [folder / f"{index}.pdf" for index in range(len(documents))]
            return [conversion.made(path, "LibreOffice", is_finished=is_finished) for path in pdfs]

        try:
            yield finish
        finally:
            conversion.stop(process)
