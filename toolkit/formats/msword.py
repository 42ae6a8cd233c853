"""Word documents → PDF by the Word of the person at the desktop; the only module that knows it, through COM.

Word is made for someone who looks at it: it may stop at a question that nobody sees. So it never serves the watcher;
it works in a child process under a time limit, as an instance of its own that ends with it, and the Word in which the
person is typing is never touched.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from toolkit.formats.conversion import NoPdf, made
from toolkit.system.child import command
from toolkit.system.kept import kill
from toolkit.system.workplace import workplace

START_SECONDS = 60
PER_DOCUMENT_SECONDS = 30
PROGID = "Word.Application"
_PROCESS = "word.pid"
"""Where the child notes which process is its Word: Windows starts it, so killing the child would not end it."""
_NO_ALERTS, _NO_MACROS, _AS_PDF, _SAVE_NOTHING = 0, 3, 17, 0


def convert(documents: Sequence[bytes]) -> list[bytes | NoPdf]:
    """The PDF of each .docx, in order, in one start of Word."""
    with workplace() as folder:
        for index, content in enumerate(documents):
            (folder / f"{index}.docx").write_bytes(content)
        why = _drive(folder, START_SECONDS + PER_DOCUMENT_SECONDS * len(documents))
        pdfs = [made(folder / f"{index}.pdf") for index in range(len(documents))]
        return [NoPdf(f"Word {why}") if pdf is None else pdf for pdf in pdfs]


def _drive(folder: Path, seconds: float) -> str:
    """Have the documents of a folder made into PDFs; gives why one may be missing."""
    try:
        # Killed with us it would leave Word behind, with the document open: it is left to finish.
        process = subprocess.Popen(
            command("toolkit.formats.msword", str(folder)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        return f"ne démarre pas ({error.strerror or error})"
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return "n'a pas répondu à temps"
    finally:
        if process.poll() is None:
            kill(process.pid)
            process.wait()
        if (folder / _PROCESS).is_file():
            kill(int((folder / _PROCESS).read_text(encoding="ascii")))
    return "n'en a pas fait de PDF"


if sys.platform == "win32":
    import ctypes
    import winreg
    from typing import Any

    import pythoncom
    import pywintypes
    import win32process
    from win32com.client import DispatchEx

    def is_there() -> bool:
        """Whether Word is installed, in the session of a person: where services run, nobody sees its questions."""
        session = ctypes.c_ulong()
        ctypes.windll.kernel32.ProcessIdToSessionId(os.getpid(), ctypes.byref(session))
        if session.value == 0:
            return False
        try:
            winreg.OpenKey(winreg.HKEY_CLASSES_ROOT, rf"{PROGID}\CLSID").Close()
        except OSError:
            return False
        return True

    def _convert_here(folder: Path) -> None:
        """The work of the child: a document that Word refuses is left without PDF, the others are made."""
        pythoncom.CoInitialize()
        word = DispatchEx(PROGID)  # type: ignore[no-untyped-call]
        try:
            word.Visible = False
            word.DisplayAlerts = _NO_ALERTS
            word.AutomationSecurity = _NO_MACROS
            (folder / _PROCESS).write_text(str(_process_of(word)), encoding="ascii")
            for source in sorted(folder.glob("*.docx")):
                try:
                    _convert_one(word, source)
                except pywintypes.com_error:
                    continue
        finally:
            word.Quit(_SAVE_NOTHING)
            (folder / _PROCESS).unlink(missing_ok=True)

    def _process_of(word: Any) -> int:
        """Told by the window of an empty document, before any other is opened."""
        empty = word.Documents.Add()
        try:
            _thread, process = win32process.GetWindowThreadProcessId(empty.ActiveWindow.Hwnd)
            return process
        finally:
            empty.Close(_SAVE_NOTHING)

    def _convert_one(word: Any, source: Path) -> None:
        confirm_conversions, read_only, among_recent_files = False, True, False
        document = word.Documents.Open(str(source), confirm_conversions, read_only, among_recent_files)
        try:
            document.ExportAsFixedFormat(str(source.with_suffix(".pdf")), _AS_PDF)
        finally:
            document.Close(_SAVE_NOTHING)

    if __name__ == "__main__":
        _convert_here(Path(sys.argv[1]))

else:

    def is_there() -> bool:
        """Word through COM is of Windows."""
        return False
