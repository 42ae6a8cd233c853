"""A COM server that stands for Word as far as the order of the calls goes; run by the Python of the desktop.

``--poser JOURNAL [lent]`` registers it; Windows then starts it whenever someone asks for Word. It notes
each call in the journal, and with ``lent`` never finishes a PDF.
"""

import os
import sys
import time
import winreg
from pathlib import Path
from typing import Any

import pythoncom
import win32gui
from win32com.server.util import wrap

CLSID = "{6D3C1D0E-51B5-4C8B-9A53-2D1F6B0E7A11}"
CLASSES = r"Software\Classes"
JOURNAL = Path(sys.argv[2])
IS_SLOW = "lent" in sys.argv


class Word:
    """The application."""

    _public_methods_ = ("Quit",)
    _public_attrs_ = ("Visible", "DisplayAlerts", "AutomationSecurity", "Documents")
    _readonly_attrs_ = ("Documents",)
    _reg_clsid_ = CLSID

    def __init__(self) -> None:
        self.Visible: Any = True
        self.DisplayAlerts: Any = -1
        self.AutomationSecurity: Any = 1
        self.Documents = wrap(Documents(self))

    def note(self, what: str) -> None:
        with JOURNAL.open("a", encoding="utf-8") as file:
            file.write(f"{os.getpid()} {what}\n")

    def Quit(self, save: int) -> None:  # noqa: N802 - Word's own name
        self.note(f"Quit {save}")
        win32gui.PostQuitMessage(0)


class Documents:
    """The open documents."""

    _public_methods_ = ("Add", "Open")

    def __init__(self, word: Word) -> None:
        self._word = word

    def Add(self) -> Any:  # noqa: N802
        return wrap(Document(self._word, ""))

    def Open(self, path: str, *options: Any) -> Any:  # noqa: N802
        self._word.note(
            f"Open {Path(path).name} alertes={self._word.DisplayAlerts} macros={self._word.AutomationSecurity}"
        )
        if b"refuse" in Path(path).read_bytes():
            raise pythoncom.com_error(-2146824090, "Word", None, None)
        return wrap(Document(self._word, path))


class Document:
    """One of them."""

    _public_methods_ = ("Close", "ExportAsFixedFormat")
    _public_attrs_ = ("ActiveWindow",)

    def __init__(self, word: Word, path: str) -> None:
        self._word = word
        self._path = path
        self.ActiveWindow = wrap(Window())

    def ExportAsFixedFormat(self, path: str, kind: int) -> None:  # noqa: N802
        self._word.note(f"Export {kind}")
        if IS_SLOW:
            time.sleep(600)
        Path(path).write_bytes(b"%PDF- " + Path(self._path).read_bytes())

    def Close(self, save: int) -> None:  # noqa: N802
        self._word.note(f"Close {Path(self._path).name or 'vide'} {save}")


class Window:
    """Where Word shows it."""

    _public_methods_ = ()
    _public_attrs_ = ("Hwnd",)

    def __init__(self) -> None:
        message_only = -3
        self.Hwnd = win32gui.CreateWindow("Static", "Word", 0, 0, 0, 0, 0, message_only, 0, 0, None)


def register(arguments: list[str]) -> None:
    command = f'"{sys.executable}" "{Path(__file__)}" --servir {" ".join(arguments)}'
    for key, value in (
        (rf"{CLASSES}\Word.Application\CLSID", CLSID),
        (rf"{CLASSES}\CLSID\{CLSID}\ProgID", "Word.Application"),
        (rf"{CLASSES}\CLSID\{CLSID}\LocalServer32", command),
        (rf"{CLASSES}\CLSID\{CLSID}\PythonCOM", "faux_word.Word"),
        (rf"{CLASSES}\CLSID\{CLSID}\PythonCOMPath", str(Path(__file__).parent)),
    ):
        winreg.SetValue(winreg.HKEY_LOCAL_MACHINE, key, winreg.REG_SZ, value)


def serve() -> None:
    pythoncom.CoInitialize()
    local_server, one_for_all = 4, 1
    factory = pythoncom.MakePyFactory(CLSID)
    token = pythoncom.CoRegisterClassObject(CLSID, factory, local_server, one_for_all)
    pythoncom.PumpMessages()
    pythoncom.CoRevokeClassObject(token)


if __name__ == "__main__":
    register(sys.argv[2:]) if sys.argv[1] == "--poser" else serve()
