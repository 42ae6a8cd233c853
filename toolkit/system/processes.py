"""Which processes of this machine run."""

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    _kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
    _kernel32.OpenProcess.restype = wintypes.HANDLE
    _kernel32.OpenProcess.argtypes = [wintypes.DWORD, wintypes.BOOL, wintypes.DWORD]
    _kernel32.GetExitCodeProcess.argtypes = [wintypes.HANDLE, wintypes.LPDWORD]
    _kernel32.GetProcessTimes.argtypes = [wintypes.HANDLE, *[ctypes.POINTER(wintypes.FILETIME)] * 4]
    _kernel32.CloseHandle.argtypes = [wintypes.HANDLE]
    _QUERY_LIMITED_INFORMATION, _ACCESS_DENIED, _STILL_ACTIVE = 0x1000, 5, 259

    def is_alive(process: int) -> bool:
        """Whether a process of this number runs; os.kill would end it here, even with signal 0."""
        handle = _kernel32.OpenProcess(_QUERY_LIMITED_INFORMATION, False, process)
        if not handle:
            return ctypes.get_last_error() == _ACCESS_DENIED
        status = wintypes.DWORD()
        _kernel32.GetExitCodeProcess(handle, ctypes.byref(status))
        _kernel32.CloseHandle(handle)
        return status.value == _STILL_ACTIVE

    def birth(process: int) -> str | None:
        """What tells a process from another that bears its number later; None when the system does not say."""
        handle = _kernel32.OpenProcess(_QUERY_LIMITED_INFORMATION, False, process)
        if not handle:
            return None
        began, *others = (wintypes.FILETIME() for _ in range(4))
        is_told = _kernel32.GetProcessTimes(handle, *map(ctypes.byref, (began, *others)))
        _kernel32.CloseHandle(handle)
        return f"{began.dwHighDateTime:x}{began.dwLowDateTime:08x}" if is_told else None

else:

    def is_alive(process: int) -> bool:
        """Whether a process of this number runs, of whatever account."""
        try:
            os.kill(process, 0)
        except PermissionError:  # of another account, but there
            return True
        except (OSError, OverflowError):
            return False
        return True

    def birth(process: int) -> str | None:
        """What tells a process from another that bears its number later; None when the system does not say."""
        try:
            fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
            start = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
            return f"{start} {fields.split()[19]}"  # in ticks since that start of the machine
        except (OSError, IndexError):
            return None
