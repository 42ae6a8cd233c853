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
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from toolkit.errors import EnvironmentRefused

START_SECONDS = 60
PER_DOCUMENT_SECONDS = 30
WORTH_A_START = 5
"""Documents that take as long as one more start of LibreOffice."""
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


def convert(documents: Sequence[bytes], soffice: Path, cores: int = 1) -> list[bytes | ConversionFailed]:
    """The PDF of each .docx, in order: in one start of LibreOffice a core, those that failed once more alone."""
    results = _convert(documents, soffice, count=max(1, min(cores, len(documents) // WORTH_A_START)))
    for index, result in enumerate(results):
        if isinstance(result, ConversionFailed) and len(documents) > 1:
            results[index] = _convert([documents[index]], soffice)[0]
    return results


def convert_workbook(workbook: bytes, soffice: Path) -> bytes | ConversionFailed:
    """The PDF of the sheets of an .xlsx that are not hidden."""
    return _convert([workbook], soffice, kind="xlsx")[0]


def _convert(
    documents: Sequence[bytes], soffice: Path, *, kind: str = "docx", count: int = 1
) -> list[bytes | ConversionFailed]:
    """By ``count`` processes side by side, dealt out like cards; all are killed when this one is interrupted."""
    results: dict[int, bytes | ConversionFailed] = {}
    with ExitStack() as running:
        starts = [running.enter_context(_started(documents[start::count], soffice, kind)) for start in range(count)]
        for start, finish in enumerate(starts):
            results |= zip(range(start, len(documents), count), finish(), strict=True)
    return [results[index] for index in range(len(documents))]


@contextmanager
def _started(
    documents: Sequence[bytes], soffice: Path, kind: str
) -> Iterator[Callable[[], list[bytes | ConversionFailed]]]:
    """One LibreOffice at work in a folder and with a profile of its own; gives how to wait for what it makes."""
    with tempfile.TemporaryDirectory(prefix="toolkit-pdf-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for index, content in enumerate(documents):
            (folder / f"{index}.{kind}").write_bytes(content)
        process = _start(
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
            ]
        )

        def finish() -> list[bytes | ConversionFailed]:
            is_finished = _wait(process, START_SECONDS + PER_DOCUMENT_SECONDS * len(documents))
            return [_made(folder / f"{index}.pdf", is_finished=is_finished) for index in range(len(documents))]

        try:
            yield finish
        finally:
            if process.poll() is None:
                _kill_tree(process)


def _made(path: Path, *, is_finished: bool) -> bytes | ConversionFailed:
    if path.is_file():
        return path.read_bytes()
    why = "n'en a pas fait de PDF" if is_finished else "n'a pas répondu à temps"
    return ConversionFailed(f"LibreOffice {why}")


def _start(command: list[str]) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise EnvironmentRefused(f"LibreOffice ne démarre pas ({error.strerror or error}).") from error


def _wait(process: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """Whether it ended by itself in this time; it is killed otherwise."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        _kill_tree(process)
        return False
    return True


def _kill_tree(process: "subprocess.Popen[bytes]") -> None:
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
