"""Who has a file open: asked of the system, and told by what Word, Excel and LibreOffice put beside theirs.

Word and Excel keep the file open as long as they show it, and put a ``~$`` file beside it; LibreOffice may have closed
it, and puts a ``.~lock.…#``. Both may outlive a crash: they are believed for a day.
"""

import errno
import os
import signal
import stat
import sys
import time
from io import BufferedReader
from pathlib import Path

_WORD_OWNER_SIZE = 162
"""Bytes; Excel and PowerPoint write 165."""
_BELIEVED_SECONDS = 24 * 3600
_ACCESS_DENIED, _SHARING_VIOLATION, _LOCK_VIOLATION = 5, 32, 33


def is_held(error: OSError) -> bool:
    """Whether a refusal of the system is, or on Windows may be, someone's open file."""
    code = getattr(error, "winerror", None)
    if code is None:  # Python's own open() does not say which refusal it met
        return os.name == "nt" and error.errno == errno.EACCES
    return code in (_ACCESS_DENIED, _SHARING_VIOLATION, _LOCK_VIOLATION)


def holder(path: Path) -> str | None:
    """Who has a document open, as the file beside it says: a hint, for it may outlive a crash."""
    for beside, name_in in ((_owner_file(path), _name_in_owner_file), (_lock_file(path), _name_in_lock_file)):
        try:
            with open_shared(beside) as file:
                return name_in(file.read(_OWNER_MAX)).strip("\0 ") or "quelqu'un"
        except OSError:
            continue
    return None


_OWNER_MAX = 10_000


def _name_in_owner_file(content: bytes) -> str:
    """In Windows-1252 after its length, then in UTF-16 at a place that tells Word from Excel."""
    start = 54 if len(content) == _WORD_OWNER_SIZE else 55
    length = 2 * int.from_bytes(content[start : start + 2], "little")
    name = content[start + 2 : start + 2 + length].decode("utf-16-le", errors="replace")
    if not name and content:
        name = content[1 : 1 + content[0]].decode("cp1252", errors="replace")
    return name


def _name_in_lock_file(content: bytes) -> str:
    """``Ambre Roy,aroy,POSTE-3,04.06.2027 09:12,file:///…;``: the name in LibreOffice's settings, else the login."""
    fields = content.decode("utf-8", errors="replace").split(",")
    return next((field for field in fields[:2] if field.strip()), "")


def _lock_file(path: Path) -> Path:
    """What LibreOffice puts beside an open file."""
    return path.with_name(f".~lock.{path.name}#")


def _is_told_by(beside: Path) -> bool:
    """Whether a file put beside an open one is there, and not left by a crash of long ago."""
    try:
        return time.time() - beside.stat().st_mtime < _BELIEVED_SECONDS
    except OSError:
        return False


def _refuse_unless_plain(path: str, mode: int) -> None:
    """Raises OSError, with EISDIR for a folder, ENXIO for a pipe, a socket or a device: those may have no end."""
    if not stat.S_ISREG(mode):
        code = errno.EISDIR if stat.S_ISDIR(mode) else errno.ENXIO
        raise OSError(code, os.strerror(code), path)


def _owner_file(path: Path) -> Path:
    """The ``~$`` file beside an open one: Word drops the first letters of a long name, Excel none."""
    cut = 0
    if path.suffix.casefold() in (".doc", ".docx", ".docm", ".dotx"):
        cut = max(0, min(2, len(path.stem) - 6))
    return path.with_name(f"~${path.name[cut:]}")


if sys.platform == "win32":
    import ctypes
    import msvcrt
    from ctypes import wintypes

    _kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
    _kernel32.CreateFileW.restype = wintypes.HANDLE
    _kernel32.CreateFileW.argtypes = [
        wintypes.LPCWSTR,
        wintypes.DWORD,
        wintypes.DWORD,
        wintypes.LPVOID,
        wintypes.DWORD,
        wintypes.DWORD,
        wintypes.HANDLE,
    ]
    _kernel32.CloseHandle.argtypes = [wintypes.HANDLE]
    _kernel32.GetFileType.argtypes = [wintypes.HANDLE]
    _GENERIC_READ = 0x80000000
    _SHARE_NOTHING, _SHARE_ALL = 0, 7
    _OPEN_EXISTING, _ATTRIBUTE_NORMAL = 3, 0x80
    _TYPE_DISK = 1

    def _create_file(path: str, share: int) -> int:
        """A handle to read from; raises OSError with the ``winerror`` that open() hides."""
        handle = _kernel32.CreateFileW(path, _GENERIC_READ, share, None, _OPEN_EXISTING, _ATTRIBUTE_NORMAL, None)
        if handle == wintypes.HANDLE(-1).value:
            code = ctypes.get_last_error()
            if Path(path).is_dir():  # refused as if a right were wanting
                _refuse_unless_plain(path, stat.S_IFDIR)
            raise OSError(None, ctypes.FormatError(code).strip(), path, code)
        # « con.toml », « nul »: names that Windows keeps for devices, wherever they lie.
        if _kernel32.GetFileType(handle) != _TYPE_DISK:
            _kernel32.CloseHandle(handle)
            _refuse_unless_plain(path, stat.S_IFCHR)
        return int(handle)

    def open_shared(path: Path) -> BufferedReader:
        """Open to read, leaving everyone else free to write, rename and remove, as Word and Excel do when they save.

        Python's own open() forbids the renaming, and fails on a file whose owner may remove it. Raises OSError, also
        for what is no plain file.
        """
        return open(
            path,
            "rb",
            opener=lambda name, flags: msvcrt.open_osfhandle(_create_file(name, _SHARE_ALL), os.O_RDONLY | os.O_BINARY),
        )

    def is_open_elsewhere(path: Path) -> bool:
        """Whether someone has the file open, here or through the share: asking to be alone with it is refused."""
        if _is_told_by(_lock_file(path)):
            return True
        try:
            handle = _create_file(str(path), _SHARE_NOTHING)
        except OSError as error:
            return error.winerror == _SHARING_VIOLATION
        _kernel32.CloseHandle(handle)
        return False

else:

    def _open_plain(path: str, flags: int) -> int:
        """A descriptor of a plain file; a pipe without a writer would hold us for ever.

        It is looked at before, since some devices act on being opened; what took its place meanwhile is not waited for.
        """
        _refuse_unless_plain(path, os.stat(path).st_mode)  # noqa: PTH116
        try:
            return os.open(path, flags | os.O_NONBLOCK)
        except BlockingIOError:  # someone gives back a lease, which only a plain file has
            return os.open(path, flags)

    def open_shared(path: Path) -> BufferedReader:
        """Open to read, in nobody's way; raises OSError, also for what is no plain file."""
        return open(path, "rb", opener=_open_plain)

    def is_open_elsewhere(path: Path) -> bool:
        """Whether someone has the file open, on this machine or through a Samba share served by it.

        The replacement of an open file succeeds here and the other side's work is lost, so the kernel is asked for a
        write lease, which it grants only when nobody else has the file open.
        """
        import fcntl

        if _is_told_by(_lock_file(path)):
            return True
        try:
            descriptor = _open_plain(str(path), os.O_RDONLY)
        except FileNotFoundError:
            return False
        except OSError:  # not for us to open
            return _is_told_by(_owner_file(path))
        try:
            # Who opens the file in between makes the kernel send a signal, and its usual one, SIGIO, would end us.
            fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
            fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
            return False
        except BlockingIOError:
            return True
        except OSError:  # not the owner, or a file system without leases: the owner file is all there is
            return _is_told_by(_owner_file(path))
        finally:
            os.close(descriptor)
