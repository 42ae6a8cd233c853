"""Word documents and workbooks → PDF by LibreOffice, the only module that starts it.

LibreOffice's exit status means nothing: only the PDF itself is believed. It runs in a private folder with a profile
of its own, under a time limit, and its whole process tree is killed when it hangs.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from toolkit.errors import EnvironmentRefused

START_SECONDS = 60
PER_DOCUMENT_SECONDS = 30
_FILTERS = {"docx": "--infilter=MS Word 2007 XML", "xlsx": "--infilter=Calc MS Excel 2007 XML"}


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


def convert_workbook(workbook: bytes, soffice: Path) -> bytes | ConversionFailed:
    """The PDF of the sheets of an .xlsx that are not hidden."""
    return _convert_together([workbook], soffice, "xlsx")[0]


def _convert_together(documents: Sequence[bytes], soffice: Path, kind: str = "docx") -> list[bytes | ConversionFailed]:
    with tempfile.TemporaryDirectory(prefix="toolkit-pdf-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for index, content in enumerate(documents):
            (folder / f"{index}.{kind}").write_bytes(content)
        is_finished = _run(
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
