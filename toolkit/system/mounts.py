"""Where a folder lies: on a disk of this machine, or on a share of another one."""

import sys
from pathlib import Path

_REMOTE = {"cifs", "smb3", "smbfs", "nfs", "nfs4", "9p", "fuse.sshfs", "fuse.gvfsd-fuse", "vboxsf", "ncpfs"}

if sys.platform == "win32":
    import ctypes

    def is_remote(path: Path) -> bool:
        """On a share of another machine, where events are lost without a word."""
        drive_remote = 4
        return str(path).startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(path.anchor) == drive_remote

else:

    def is_remote(path: Path) -> bool:
        """On a share of another machine, where the system tells of no change made elsewhere."""
        try:
            mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return False
        kinds: dict[str, str] = {}
        for line in mounts.splitlines():
            before, _, after = line.partition(" - ")
            kinds[before.split()[4].replace("\\040", " ")] = after.split()[0]
        home = path.resolve()
        mount = next((folder for folder in (home, *home.parents) if str(folder) in kinds), None)
        return mount is not None and kinds[str(mount)] in _REMOTE
