"""Which processes of this machine run."""

import os
import sys

if sys.platform == "win32":
    import ctypes

    _kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
    _QUERY_LIMITED_INFORMATION, _ACCESS_DENIED, _STILL_ACTIVE = 0x1000, 5, 259

    def is_alive(process: int) -> bool:
        """Whether a process of this number runs; os.kill would end it here, even with signal 0."""
        handle = _kernel32.OpenProcess(_QUERY_LIMITED_INFORMATION, False, process)
        if not handle:
            return ctypes.get_last_error() == _ACCESS_DENIED
        status = ctypes.c_ulong()
        _kernel32.GetExitCodeProcess(handle, ctypes.byref(status))
        _kernel32.CloseHandle(handle)
        return status.value == _STILL_ACTIVE

else:

    def is_alive(process: int) -> bool:
        """Whether a process of this number runs, of whatever account."""
        try:
            os.kill(process, 0)
        except PermissionError:  # of another account, but there
            return True
        except OSError:
            return False
        return True
