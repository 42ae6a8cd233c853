"""Word documents and workbooks → PDF by LibreOffice, the only module that starts it.

LibreOffice's exit status means nothing: only the PDF itself is believed. It works in a folder of its own with a profile
of its own, which lets no document fetch anything or run anything, is ended with its children when nothing comes any
more, and never outlives this process.
"""

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path

from toolkit.formats.conversion import NoPdf, made
from toolkit.system.child import find_program
from toolkit.system.kept import Kept
from toolkit.system.workplace import workplace

FIRST_SECONDS = 45
"""From a start to its first PDF: a cold disk takes twenty."""
NEXT_SECONDS = 30
"""From one PDF to the next."""
LAST_SECONDS = 10
"""From the last PDF to the end of the program."""
ALONE_SECONDS = 90
"""For a document tried once more alone, when others were made."""
_STEP_SECONDS = 0.05
_STRIKES, _COSTLY = 6, 3
"""Starts that make nothing before it is given up for this run: two that hang or cannot be, six that end at once."""
_END, _TAIL = b"%%EOF", 1024
"""What a whole PDF has among its last bytes."""
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


_SETTINGS = {
    "org.openoffice.Office.Common/Security/Scripting": {
        "BlockUntrustedRefererLinks": "true",
        "DisableMacrosExecution": "true",
        "DisableActiveContent": "true",
        "MacroSecurityLevel": "3",
    },
    "org.openoffice.Office.Writer/Content/Update": {"Link": "2"},
    "org.openoffice.Office.Calc/Content/Update": {"Link": "1"},
    "org.openoffice.Office.Common/Misc": {"CollectUsageInformation": "false", "CrashReport": "false"},
}
"""No document may fetch a picture, a text or a value from elsewhere, nor run a program."""


def _lay_profile(folder: Path) -> None:
    items = "".join(
        f'<item oor:path="/{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, props in _SETTINGS.items()
        for name, value in props.items()
    )
    user = folder / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{items}</oor:items>',
        encoding="utf-8",
    )


def convert(documents: Sequence[bytes], soffice: Path, cores: int = 1) -> list[bytes | NoPdf]:
    """The PDF of each .docx, in order."""
    return LibreOffice(soffice, cores).convert(documents)


def convert_workbook(workbook: bytes, soffice: Path) -> bytes | NoPdf:
    """The PDF of the sheets of an .xlsx that are not hidden."""
    (printed,) = LibreOffice(soffice).convert([workbook], kind="xlsx")
    return printed


class LibreOffice:
    """The LibreOffice of this machine during one run, given up once it only costs time.

    One start a core makes many documents, and is left to work as long as PDFs come. When it hangs or ends early, those
    made are kept, the document that it had in hand is tried once more alone, and the others by another start.
    """

    def __init__(self, program: Path, cores: int = 1) -> None:
        self._program = program
        self._cores = cores
        self._strikes = 0
        """Of starts that made nothing, since the last PDF."""
        self._has_made = False
        """A PDF, since this run began."""
        self._given_up = ""
        """Why, as a clause."""

    def convert(self, documents: Sequence[bytes], *, kind: str = "docx") -> list[bytes | NoPdf]:
        """The PDF of each document, in order."""
        made: dict[int, bytes] = {}
        why: dict[int, str] = {}
        alone: dict[int, bytes] = {}
        left = dict(enumerate(documents))
        while left and not self._is_given_up:
            count = max(1, min(self._cores, len(left) // WORTH_A_START))
            hands = [dict(islice(left.items(), start, None, count)) for start in range(count)]
            starts, left = self._run(hands, kind, FIRST_SECONDS), {}
            for start in starts:
                made |= start.made
                why |= dict.fromkeys(start.in_hand, start.raison)
                left |= start.untried
                alone |= start.in_hand if len(start.documents) > 1 else {}
        for index, content in alone.items():
            if self._is_given_up:
                break
            for start in self._run([{index: content}], kind, ALONE_SECONDS if self._has_made else FIRST_SECONDS):
                made |= start.made
                why[index] = start.raison
        if self._is_given_up:
            why = dict.fromkeys(range(len(documents)), f"{self._given_up} : voir « toolkit diagnostic »")
        return [made[index] if index in made else NoPdf(why[index]) for index in range(len(documents))]

    @property
    def _is_given_up(self) -> bool:
        return self._strikes >= _STRIKES

    def _run(self, hands: Sequence[Mapping[int, bytes]], kind: str, first_seconds: float) -> "list[_Start]":
        """One start for each hand of documents, side by side; all are ended when this one is interrupted."""
        try:
            with ExitStack() as running:
                starts = [running.enter_context(_started(self._program, hand, kind, first_seconds)) for hand in hands]
                while any(start.goes_on() for start in starts):
                    time.sleep(_STEP_SECONDS)
                for start in starts:
                    start.collect()
        except OSError as error:
            self._strikes = _STRIKES
            self._given_up = f"le dossier des fichiers temporaires ne se prête à rien ({error.strerror or error})"
            return []
        self._judge(starts)
        return starts

    def _judge(self, starts: "Sequence[_Start]") -> None:
        if any(start.made for start in starts):
            self._strikes, self._has_made = 0, True
            return
        is_its_own = self._has_made and sum(len(start.documents) for start in starts) == 1
        if not is_its_own:
            costly = next((start for start in starts if start.is_costly), None)
            self._strikes += _COSTLY if costly else 1
            self._given_up = (costly or starts[0]).given_up


class _Start:
    """One LibreOffice at work on some documents, in a folder and with a profile of its own."""

    def __init__(self, folder: Path, program: Path, documents: Mapping[int, bytes], kind: str, seconds: float) -> None:
        self.documents = documents
        self.made: dict[int, bytes] = {}
        self.in_hand: dict[int, bytes] = {}
        """Those that it passed over, and the one that it was at when it ended."""
        self.untried: dict[int, bytes] = {}
        """Those after it."""
        self.raison = "LibreOffice n'en a pas fait de PDF"
        """Why a document in hand has no PDF, as a clause."""
        self.given_up = "LibreOffice ne fait aucun PDF"
        self.is_costly = False
        """It hung, or could not be started: trying again costs more time than it is worth."""
        self._folder = folder
        self._seen = 0
        self._deadline = time.monotonic() + seconds
        self._kept = self._launch(program, kind)

    def _launch(self, program: Path, kind: str) -> Kept | None:
        sources = {index: self._folder / f"{index}.{kind}" for index in self.documents}
        for index, source in sources.items():
            source.write_bytes(self.documents[index])
        profile, temporary = self._folder / "profil", self._folder / "tmp"
        _lay_profile(profile)
        temporary.mkdir()
        words = [str(program), f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", _FILTERS[kind]]
        words += ["--convert-to", "pdf", "--outdir", str(self._folder), *map(str, sources.values())]
        try:
            # What it puts aside while it works is of clients as well.
            return Kept(self._folder, words, dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)))
        except OSError as error:
            self._has_not_started(error.strerror or str(error))
            return None

    def _has_not_started(self, why: str) -> None:
        self.raison = self.given_up = f"LibreOffice ne démarre pas ({why})"
        self.is_costly = True

    def _pdf(self, index: int) -> Path:
        return self._folder / f"{index}.pdf"

    def goes_on(self) -> bool:
        """Whether it is still worth waiting for."""
        if self._kept is None or not self._kept.is_running:
            return False
        now = time.monotonic()
        there = sum(self._pdf(index).exists() for index in self.documents)
        if there > self._seen:
            self._seen = there
            self._deadline = now + (NEXT_SECONDS if there < len(self.documents) else LAST_SECONDS)
        return now < self._deadline

    def collect(self) -> None:
        """End it, and sort out what it made."""
        is_hung = self._kept is not None and self._kept.is_running
        if self._kept is not None:
            self.stop()
            if (why := self._kept.not_started()) is not None:
                self._has_not_started(why)
            elif is_hung:
                self.raison, self.given_up = "LibreOffice n'a pas répondu à temps", "LibreOffice ne répond pas"
                self.is_costly = True
        found = {index: pdf for index in self.documents if (pdf := made(self._pdf(index)))}
        # It may have been ended in the middle of one.
        self.made = {index: pdf for index, pdf in found.items() if not is_hung or _END in pdf[-_TAIL:]}
        order = list(self.documents)
        reached = max((order.index(index) for index in self.made), default=-1) + 1
        for rank, (index, content) in enumerate(self.documents.items()):
            if index not in self.made:
                (self.in_hand if rank <= reached else self.untried)[index] = content

    def stop(self) -> None:
        """End it, if it still runs."""
        if self._kept is not None:
            self._kept.stop()


@contextmanager
def _started(program: Path, documents: Mapping[int, bytes], kind: str, seconds: float) -> Iterator[_Start]:
    with workplace() as folder:
        start = _Start(folder, program, documents, kind, seconds)
        try:
            yield start
        finally:
            start.stop()
