"""The one place that writes, moves or removes a file, so that a kill at any instant leaves the old or the new, whole.

Every write is a temporary file in the same folder, fsync, replace. What the machine refuses becomes an
``EnvironmentRefused`` with a French sentence; a file held for a moment by an antivirus is tried again first.
"""

import contextlib
import errno
import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from toolkit.errors import EnvironmentRefused
from toolkit.system import holders

TEMPORARY_PREFIX = ".~toolkit-"
_RETRY_SECONDS = 2.5
_RETRY_STEP = 0.1

Result = TypeVar("Result")


def sha256(content: bytes) -> str:
    """64 hexadecimal figures, by which a content is known again."""
    return hashlib.sha256(content).hexdigest()


def read_if_there(path: Path) -> bytes | None:
    """The bytes of a file, or None when there is no such file; raises EnvironmentRefused."""
    try:
        with holders.open_shared(path) as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _refused(path, error) from error


class FolderGone(EnvironmentRefused):
    """Someone renamed, moved or removed a folder while it was being worked on."""


def write(path: Path, content: bytes, *, home: Path | None = None, is_durable: bool = True) -> None:
    """Put a whole file in place, making its folder when it is missing.

    ``home`` is a folder above that is never made: people rename it at any moment, and a second one under its old name
    would hold documents of nobody; raises FolderGone. A file that is not durable outlives a kill of the program, but
    perhaps not a power cut. Raises EnvironmentRefused for whatever else the machine refuses.
    """
    _patiently(path, lambda: _write(path, content, home, is_durable), home)


def _write(path: Path, content: bytes, home: Path | None, is_durable: bool) -> None:
    _make_below(home, path.parent)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=TEMPORARY_PREFIX, suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if is_durable:
                os.fsync(file.fileno())
        # mkstemp makes a private file; the share's people must be able to read what replaces it.
        temporary.chmod(_mode(path))
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    if is_durable:
        _sync_folder(path.parent)


def _make_below(home: Path | None, folder: Path) -> None:
    if home is None:
        folder.mkdir(parents=True, exist_ok=True)
    elif folder != home and not folder.is_dir():
        _make_below(home, folder.parent)
        folder.mkdir(exist_ok=True)


def _mode(path: Path) -> int:
    """The mode of the file that is replaced, or of its folder without the right to enter."""
    try:
        return path.stat().st_mode & 0o777
    except FileNotFoundError:
        return path.parent.stat().st_mode & 0o666


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:  # some network file systems cannot; the file itself is safe
        pass
    finally:
        os.close(descriptor)


def refuse_if_touched(path: Path, before: bytes | None, *, held: str, saved: str) -> None:
    """A last look at a file that is about to be replaced, from what was read of it before.

    Raises EnvironmentRefused, with ``held`` when someone has it open (``{who}`` stands for a name, or « un collègue »),
    with ``saved`` when it is no longer what it was.
    """
    if holders.is_open_elsewhere(path):
        told = held.format(who=holders.holder(path) or "un collègue") if "{who}" in held else held
        raise EnvironmentRefused(f"« {path.name} » est ouvert {told}")
    if read_if_there(path) != before:
        raise EnvironmentRefused(f"« {path.name} » vient d'être enregistré par quelqu'un : {saved}")


def append(path: Path, content: bytes, *, home: Path | None = None) -> None:
    """Add to the end of a file that only ever grows; ``home``, EnvironmentRefused and FolderGone as for ``write``."""

    def add() -> None:
        _make_below(home, path.parent)
        with path.open("ab") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    _patiently(path, add, home)


def move(source: Path, target: Path, *, home: Path | None = None) -> None:
    """Rename within one file system, making the folder of the target.

    ``home``, EnvironmentRefused and FolderGone as for ``write``.
    """

    def rename() -> None:
        _make_below(home, target.parent)
        source.rename(target)

    _patiently(source, rename, home)


def make_folder(path: Path) -> None:
    """With those above it; raises EnvironmentRefused."""
    _patiently(path, lambda: path.mkdir(parents=True, exist_ok=True))


def remove_if_there(path: Path) -> None:
    """Raises EnvironmentRefused when the file is held, or is not ours to remove."""
    _patiently(path, lambda: path.unlink(missing_ok=True))


def _patiently(path: Path, act: Callable[[], Result], home: Path | None = None) -> Result:
    """Try again for a moment while someone holds the file, then say who."""
    deadline = time.monotonic() + _RETRY_SECONDS
    while True:
        try:
            return act()
        except OSError as error:
            if home and not home.is_dir():
                raise FolderGone(
                    f"« {home.name} » a été renommé, déplacé ou supprimé pendant le travail : rien n'y est ajouté."
                ) from error
            if not holders.is_held(error) or time.monotonic() > deadline:
                raise _refused(path, error) from error
        time.sleep(_RETRY_STEP)


def _refused(path: Path, error: OSError) -> EnvironmentRefused:
    if error.errno == errno.ENOSPC:
        return EnvironmentRefused(
            f"Disque plein : « {path.name} » n'a pas été écrit. Libérer de la place, puis relancer."
        )
    if held := _held(path, error):
        who = holders.holder(held) or "un autre programme"
        return EnvironmentRefused(f"« {held.name} » est ouvert par {who} : le fermer, puis relancer.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return EnvironmentRefused(
            f"Pas le droit de lire ou d'écrire « {path} » : voir avec la personne qui gère le serveur."
        )
    return EnvironmentRefused(f"« {path} » n'est pas accessible ({error.strerror or error}) : vérifier le partage.")


def _held(path: Path, error: OSError) -> Path | None:
    """The file that someone's program keeps from us: this one, or one inside a folder that was to be moved."""
    if not holders.is_held(error):
        return None
    if path.is_dir():
        return next((one for one in sorted(path.rglob("*")) if one.is_file() and holders.is_open_elsewhere(one)), None)
    # « Access denied » is the same refusal as for want of a right.
    is_sure = getattr(error, "winerror", None) in (32, 33)
    return path if is_sure or holders.is_open_elsewhere(path) else None
