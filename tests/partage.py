"""A real Samba server for the tests: started on the loopback in a moment, thrown away at the end."""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_CONF = """[global]
server role = standalone server
map to guest = Bad User
guest account = {user}
interfaces = 127.0.0.1
bind interfaces only = yes
smb ports = {port}
disable netbios = yes
load printers = no
disable spoolss = yes
printcap name = /dev/null
server min protocol = SMB2_10
passdb backend = tdbsam:{home}/private/passdb.tdb
private dir = {home}/private
state directory = {home}/state
cache directory = {home}/cache
lock directory = {home}/lock
pid directory = {home}/lock
ncalrpc dir = {home}/lock/ncalrpc
log file = {home}/log.smbd
[partage]
path = {home}/share
read only = no
guest ok = yes
guest only = yes
"""


def smbd() -> str | None:
    """The server program, where it is installed."""
    return shutil.which("smbd") or ("/usr/sbin/smbd" if Path("/usr/sbin/smbd").exists() else None)


@dataclass(frozen=True)
class Partage:
    """A share, seen from its server (``folder``) and from its clients (``do``)."""

    port: int
    folder: Path

    def do(self, *commands: str) -> None:
        """What a client does, in smbclient's words."""
        done = subprocess.run(
            ["smbclient", "-p", str(self.port), "-N", "//127.0.0.1/partage", "-c", "; ".join(commands)],
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def partage() -> Iterator[Partage]:
    """A share on a free port of the loopback."""
    program = smbd()
    assert program is not None
    home = Path(tempfile.mkdtemp(prefix="partage-"))
    for name in ("share", "private", "state", "cache", "lock"):
        home.joinpath(name).mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    conf = home / "smb.conf"
    conf.write_text(_CONF.format(user=getpass.getuser(), port=port, home=home))
    server = subprocess.Popen(
        [program, "-F", "--no-process-group", "-s", str(conf), "-l", str(home)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
            time.sleep(0.05)
        yield Partage(port, home / "share")
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(10)
        shutil.rmtree(home, ignore_errors=True)
