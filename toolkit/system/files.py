"""The one place that writes, moves or removes a file, so that a kill at any instant leaves the old or the new, whole.

Every write is a temporary file in the same folder, fsync, replace; what it replaces is looked at once more just before,
so that what a person did meanwhile is never lost. What the machine refuses becomes an ``EnvironmentRefused`` with a
French sentence; a file held for a moment by an antivirus is tried again first.
"""

import contextlib
import errno
import hashlib
import os
import shutil
import socket
import stat
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from io import BufferedReader
from itertools import count
from pathlib import Path
from typing import NamedTuple, TypeVar

from toolkit.errors import EnvironmentRefused
from toolkit.system import holders, processes
from toolkit.system.rights import give_rights


def sha256(content: bytes) -> str:
    """64 hexadecimal figures, by which a content is known again."""
    return hashlib.sha256(content).hexdigest()


TEMPORARY_PREFIX = ".~toolkit-"
_MACHINE = sha256(socket.gethostname().encode())[:8]
_PREFIX = f"{TEMPORARY_PREFIX}{_MACHINE}-{os.getpid()}-"
_LEFT_OVER_SECONDS = 24 * 3600
"""Nothing is being written for so long, on whatever machine."""
_RETRY_SECONDS = 2.5
_HELD_SECONDS = 0.5
"""Another process of ours that reads a file is gone by then; a person is not."""
_RETRY_STEP = 0.1

Result = TypeVar("Result")
BYTES_MAX = 200_000_000
"""No document, model, picture or workbook of an office comes near: what is larger is not read."""
_BYTES_MAX = {".toml": 4_000_000, ".ics": 32_000_000, ".json": 64_000_000}
"""Of the kinds that are never that large, so that hundreds of them can be held in memory."""


def read_if_there(path: Path) -> bytes | None:
    """The bytes of a file, or None when there is no such file; raises EnvironmentRefused.

    That is also raised, without a wait, for what is no plain file, and for one that is larger than its kind can be:
    4 MB for TOML, 32 MB for a calendar, 64 MB for JSON, BYTES_MAX for all others.
    """
    most = _BYTES_MAX.get(path.suffix.casefold(), BYTES_MAX)
    return _opened(path, lambda file: _read(path, file, most))


def _read(path: Path, file: BufferedReader, most: int) -> bytes:
    size = os.fstat(file.fileno()).st_size
    content = b""
    if size <= most:
        content = file.read(size + 1)
        if len(content) > size:  # someone makes it longer meanwhile
            content += file.read(most - size)
    size = max(size, len(content))
    if size > most:
        raise Unfit(
            f"« {path} » n'est pas lu : {-(-size // 1_000_000)} Mo, quand il en faut {most // 1_000_000} au plus. "
            "C'est sans doute une erreur : remettre le bon fichier à sa place, ou l'ôter."
        )
    return content


def sha256_of(path: Path) -> str | None:
    """``sha256`` of the bytes of a file of any size, which are never all in memory; None when there is no such file.

    Raises EnvironmentRefused, also for what is no plain file.
    """
    return _opened(path, lambda file: hashlib.file_digest(file, "sha256").hexdigest())


def list_folder(path: Path | str) -> list[os.DirEntry[str]]:
    """What lies in a folder, in no order; nothing when there is no such folder; raises EnvironmentRefused."""
    try:
        with os.scandir(path) as listing:
            return list(listing)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise refused(Path(path), error) from error


def list_files(folder: Path) -> list[Path]:
    """The files that lie in a folder, in the order of their names; raises EnvironmentRefused.

    A link to a file is one; a link to nothing, to itself or to where nobody may look is none.
    """
    # Path.is_file raises where nobody may look.
    return sorted(Path(entry.path) for entry in list_folder(folder) if os.path.isfile(entry.path))  # noqa: PTH113


def _opened(path: Path, take: Callable[[BufferedReader], Result]) -> Result | None:
    """None for a file that is not there; a link that leads nowhere is."""
    try:
        with holders.open_shared(path) as file:
            return take(file)
    except FileNotFoundError as error:
        if path.is_symlink():
            raise Unfit(f"« {path} » est un lien vers un fichier qui n'existe plus : l'ôter.") from error
        return None
    except OSError as error:
        raise refused(path, error) from error


class Unfit(EnvironmentRefused):
    """What lies there is no file, or larger than its kind can be."""


class FolderGone(EnvironmentRefused):
    """Someone renamed, moved or removed a folder while it was being worked on."""


class LeftAlone(EnvironmentRefused):
    """A file stays as it lies, since someone is at it."""

    _suite = "laissé tel quel"

    @property
    def constat(self) -> str:
        """What happened, as a French clause, for whoever does not come again by itself."""
        return str(self.args[0])

    def __str__(self) -> str:
        return f"{self.constat} : {self._suite}."


class Held(LeftAlone):
    """Someone has the file open: what was to be done waits for them."""

    _suite = "laissé tel quel, il sera repris dès qu'il sera fermé"


class Touched(LeftAlone):
    """Someone made, changed or removed the file since it was looked at: what was to be done is decided anew."""

    _suite = "laissé tel quel, il sera repris"


def is_held(path: Path) -> bool:
    """Whether someone keeps it open, and not only a process of ours that reads it for a moment."""
    started = time.monotonic()
    while holders.is_open_elsewhere(path):
        if time.monotonic() - started > _HELD_SECONDS:
            return True
        time.sleep(_RETRY_STEP)
    return False


# --- writing ------------------------------------------------------------------------------------------------------


def write(
    path: Path, content: bytes, *, over: str | None = None, home: Path | None = None, is_durable: bool = True
) -> None:
    """Put a whole file in place, making its folder when it is missing.

    ``over`` is the hash of the bytes that it replaces, None when nothing may lie there: both are looked at again at the
    last instant, and so is whether someone has the file open; raises Touched, Held. ``home`` is a folder above that is
    never made, and out of which no link may lead: people rename it at any moment, and a second one under its old name
    would hold documents of nobody; raises FolderGone. A file that is not durable outlives a kill of the program, but
    perhaps not a power cut. Raises EnvironmentRefused for whatever else the machine refuses.
    """

    def put(temporary: Path) -> None:
        if over is None:
            _put_where_nothing_is(temporary, path)
        else:
            _look_again(path, over)
            temporary.replace(path)

    _patiently(path, lambda: _write(path, content, put, home, is_durable), home)


def write_own(path: Path, content: bytes, *, home: Path | None = None, is_durable: bool = True) -> None:
    """The same for what only the toolkit writes, below a ``_suivi``: whatever file lies there is replaced.

    A folder in its place is put aside, and whatever else is no file. ``home`` as for ``write``; raises FolderGone,
    EnvironmentRefused.
    """

    def put(temporary: Path) -> None:
        make_room(path)
        temporary.replace(path)

    _patiently(path, lambda: _write(path, content, put, home, is_durable), home)


def make_room(path: Path) -> None:
    """What is no file, in the place of one of ours, is put aside; raises OSError."""
    if os.path.lexists(path) and not path.is_file():
        path.rename(path.with_name(f"{path.name} {time.time_ns()}"))


class Beside(NamedTuple):
    """Where something was put, beside what lay there."""

    path: Path
    is_new: bool
    """False: the very same lay there already."""


def write_beside(name: Callable[[int], Path], content: bytes, *, home: Path | None = None) -> Beside:
    """Under the first of ``name(1)``, ``name(2)``… that nothing bears, or that holds these very bytes.

    ``home`` as for ``write``; raises FolderGone, EnvironmentRefused.
    """
    sweep(name(1).parent)
    for path in map(name, count(1)):
        if _holds(path, content):
            return Beside(path, is_new=False)
        if os.path.lexists(path):
            continue
        try:
            write(path, content, home=home)
        except Touched:  # it was free a moment ago
            continue
        return Beside(path, is_new=True)
    raise AssertionError("there is always a next name")


def _holds(path: Path, content: bytes) -> bool:
    """These very bytes; no file that cannot be read does."""
    with contextlib.suppress(OSError):
        return path.stat().st_size == len(content) and _has(path, sha256(content))
    return False


def _has(path: Path, digest: str) -> bool:
    """The hash of its bytes; no file that cannot be read has one."""
    with contextlib.suppress(EnvironmentRefused):
        return sha256_of(path) == digest
    return False


def make_tree(
    folder: Path, content: Mapping[str, bytes], folders: Iterable[str] = (), *, home: Path | None = None
) -> None:
    """Put a new folder in place with its files, by name, and its empty folders: whole at once, or not at all.

    ``home`` as for ``write``; raises Touched when something bears its name, FolderGone, EnvironmentRefused.
    """

    def make() -> None:
        _make_below(home, folder.parent)
        temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=_PREFIX, suffix=".tmp"))
        try:
            give_rights(temporary, folder.parent)
            for name in folders:
                make_folder(temporary / name, home=temporary)
            for name, one in content.items():
                write(temporary / name, one, home=temporary)
            _rename_folder(temporary, folder)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        _sync_folder(folder.parent)

    _patiently(folder, make, home)


def _write(path: Path, content: bytes, put: Callable[[Path], None], home: Path | None, is_durable: bool) -> None:
    _make_below(home, path.parent)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=_PREFIX, suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if is_durable:
                os.fsync(file.fileno())
        # mkstemp makes a private file; the share's people must be able to go on with what replaces it.
        give_rights(temporary, path)
        put(temporary)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    if is_durable:
        _sync_folder(path.parent)


def _put_where_nothing_is(source: Path, path: Path) -> None:
    """Rename a file to a name that nothing may bear: the system itself makes sure of it, where it can."""
    try:
        if os.name == "nt":
            source.rename(path)
        else:
            os.link(source, path)
            source.unlink()
    except FileExistsError:
        raise _touched(path, "créé") from None
    except OSError as error:
        if error.errno not in _ONE_NAME:
            raise
        if os.path.lexists(path):
            raise _touched(path, "créé") from None
        source.rename(path)


_ONE_NAME = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK)
"""What a file system says that cannot give a file two names."""


def _rename_folder(source: Path, target: Path) -> None:
    """To a name that nothing bears; POSIX would lay it over an empty folder without a word."""
    if os.path.lexists(target):
        raise _touched(target, "créé")
    try:
        source.rename(target)
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
            raise _touched(target, "créé") from error
        raise


def _look_again(path: Path, before: str) -> None:
    """The last look at a file that is about to be replaced, moved or removed."""
    if holders.is_open_elsewhere(path):
        raise Held(f"« {path.name} » est ouvert par {holders.holder(path) or 'un collègue'}")
    now = read_if_there(path)
    if now is None or sha256(now) != before:
        raise _touched(path, "enregistré" if now else "supprimé")


def _touched(path: Path, what: str) -> Touched:
    return Touched(f"« {path.name} » vient d'être {what} par quelqu'un")


def _make_below(home: Path | None, folder: Path) -> None:
    """What is missing of a folder; below ``home``, with the rights of the one that it lies in."""
    if home is None:
        folder.mkdir(parents=True, exist_ok=True)
    elif folder != home:
        _make_below(home, folder.parent)
        if _is_link(folder):
            raise EnvironmentRefused(
                f"« {folder} » est un lien qui mène ailleurs : rien n'y est écrit. En faire un vrai dossier."
            )
        if not folder.is_dir():
            folder.mkdir(exist_ok=True)
            give_rights(folder, folder.parent)


def _is_link(folder: Path) -> bool:
    """A link, or what Windows calls a junction."""
    try:
        status = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == _JUNCTION


_JUNCTION = 0xA0000003


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


def append(path: Path, content: bytes, *, home: Path | None = None) -> None:
    """Add to a file of ours that only ever grows; ``home``, FolderGone, EnvironmentRefused as for ``write``."""

    def add() -> None:
        _make_below(home, path.parent)
        make_room(path)
        with path.open("ab") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    _patiently(path, add, home)


# --- moving, removing ---------------------------------------------------------------------------------------------


def move(source: Path, target: Path, *, over: str, home: Path | None = None) -> None:
    """Rename a file whose bytes have the hash ``over``, within one file system, to a name that nothing bears.

    The folder of the target is made. ``home`` as for ``write``; raises Touched, Held, FolderGone, EnvironmentRefused.
    """

    def rename() -> None:
        _look_again(source, over)
        _make_below(home, target.parent)
        _put_where_nothing_is(source, target)

    _patiently(source, rename, home)


def move_beside(source: Path, name: Callable[[int], Path], *, over: str, home: Path | None = None) -> Path:
    """Rename a file whose bytes have the hash ``over`` to the first of ``name(1)``, ``name(2)``… that is free.

    Where these very bytes lie under one of them, as a kill in the middle leaves them, that is where it went. Gives the
    name; ``home`` as for ``write``; raises Touched, Held, FolderGone, EnvironmentRefused.
    """
    for target in map(name, count(1)):
        if _has(target, over):
            remove(source, over=over)
            return target
        if os.path.lexists(target):
            continue
        try:
            move(source, target, over=over, home=home)
        except Touched:
            if not os.path.lexists(target):
                raise
            continue
        return target
    raise AssertionError("there is always a next name")


def move_folder(source: Path, target: Path, *, home: Path | None = None) -> None:
    """Rename a folder with all that lies in it to a name that nothing bears, making the one that it goes into.

    ``home`` as for ``write``; raises Touched, FolderGone, EnvironmentRefused.
    """

    def rename() -> None:
        _make_below(home, target.parent)
        _rename_folder(source, target)

    _patiently(source, rename, home)


def make_folder(path: Path, *, home: Path | None = None) -> None:
    """With those above it; ``home``, FolderGone and EnvironmentRefused as for ``write``."""
    _patiently(path, lambda: _make_below(home, path), home)


def remove(path: Path, *, over: str) -> None:
    """Take away a file whose bytes have the hash ``over``; raises Touched, Held, EnvironmentRefused."""

    def unlink() -> None:
        _look_again(path, over)
        path.unlink()

    _patiently(path, unlink)


def remove_own(path: Path) -> None:
    """Take away what only the toolkit writes, if it is there; raises EnvironmentRefused."""
    _patiently(path, lambda: path.unlink(missing_ok=True))


def sweep(folder: Path) -> None:
    """Take away the temporary files and folders that a kill left in a folder; those of a process that lives stay."""
    try:
        found = [path for path in folder.iterdir() if path.name.startswith(TEMPORARY_PREFIX)]
    except OSError:
        return
    for path in found:
        with contextlib.suppress(OSError):
            if not _is_left_over(path):
                continue
            if path.is_dir() and not _is_link(path):
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()


def _is_left_over(path: Path) -> bool:
    machine, _, rest = path.name.removeprefix(TEMPORARY_PREFIX).partition("-")
    process = rest.partition("-")[0]
    if machine == _MACHINE and process.isdecimal() and not processes.is_alive(int(process)):
        return True
    return time.time() - path.stat().st_mtime > _LEFT_OVER_SECONDS


def _patiently(path: Path, act: Callable[[], Result], home: Path | None = None) -> Result:
    """Try again for a moment while someone holds the file, then say who."""
    started = time.monotonic()
    while True:
        try:
            return act()
        except Held:
            if time.monotonic() - started > _HELD_SECONDS:
                raise
        except (OSError, Touched) as error:
            if home and not home.is_dir():
                raise FolderGone(
                    f"« {home.name} » a été renommé, déplacé ou supprimé pendant le travail : rien n'y est ajouté."
                ) from error
            if isinstance(error, Touched):
                raise
            if not holders.is_held(error) or time.monotonic() - started > _RETRY_SECONDS:
                raise refused(path, error) from error
        time.sleep(_RETRY_STEP)


_CAUSES = {
    errno.EISDIR: "c'est un dossier, là où il faut un fichier : le renommer ou l'ôter",
    errno.ENXIO: "ce n'est pas un fichier, mais un tube, une prise ou un périphérique : l'ôter",
    errno.ELOOP: "c'est un lien qui tourne en rond : l'ôter",
    errno.ENOTDIR: "un fichier y porte le nom d'un dossier : le renommer ou l'ôter",
    errno.ENAMETOOLONG: "nom trop long : l'abréger",
}


def refused(path: Path, error: OSError) -> EnvironmentRefused:
    """What the system refused of this file or folder, in French: what happened, where, what to do."""
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
    if error.errno in _CAUSES:
        return Unfit(f"« {path} » n'est pas accessible : {_CAUSES[error.errno]}.")
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
