"""Who may read and write what the toolkit makes: those who could before, or who can in the folder that it lies in."""

import contextlib
import os
import stat
import sys
from pathlib import Path

if sys.platform == "win32":

    def give_rights(made: Path, path: Path) -> None:
        """What is made in a folder has the rights of the folder."""

else:

    def give_rights(made: Path, path: Path) -> None:
        """Those of what it replaces, or goes into, and its people as far as we may give it away; raises OSError."""
        try:
            model = path.stat()
        except OSError:  # nothing lies there, or a link to itself
            path = path.parent
            model = path.stat()
        now = made.stat()
        if (now.st_uid, now.st_gid) != (model.st_uid, model.st_gid):
            _give_to(made, model.st_uid, model.st_gid)
        if made.is_dir():
            made.chmod(stat.S_IMODE(model.st_mode))
        elif path.is_dir():
            made.chmod(model.st_mode & 0o666)
        else:
            made.chmod(model.st_mode & 0o777)
            _copy_access_list(path, made)

    def _give_to(made: Path, owner: int, group: int) -> None:
        """To these people; only root gives a file away, others may share it with a group of theirs."""
        for someone in (owner, -1):
            with contextlib.suppress(PermissionError):
                os.chown(made, someone, group)
                return


if sys.platform == "linux":
    _ACCESS_LIST = "system.posix_acl_access"

    def _copy_access_list(source: Path, target: Path) -> None:
        """Who else may read and write, where there is such a list."""
        with contextlib.suppress(OSError):
            os.setxattr(target, _ACCESS_LIST, os.getxattr(source, _ACCESS_LIST))

else:

    def _copy_access_list(source: Path, target: Path) -> None:
        """Python reads it on Linux only."""
