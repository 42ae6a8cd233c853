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
from typing import Any

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


class Poste:
    """A desktop of the share: what Explorer, Word and Excel ask of it, each desktop by a session of its own."""

    def __init__(self, share: Partage) -> None:
        import smbclient

        self._client = smbclient
        self._share = share
        self._cache: dict[str, Any] = {}
        self._connect()

    def _connect(self) -> None:
        self._client.ClientConfig(require_secure_negotiate=False)
        self._client.register_session("127.0.0.1", username="guest", password="x", require_signing=False, **self._by())

    def _by(self) -> dict[str, Any]:
        return {"port": self._share.port, "connection_cache": self._cache}

    @staticmethod
    def _name(path: str) -> str:
        return "\\\\127.0.0.1\\partage\\" + path.replace("/", "\\")

    def crash(self) -> None:
        """The desktop loses power: its files are let go without being closed; it comes back."""
        for connection in self._cache.values():
            connection.transport.close()
        self._cache.clear()
        self._connect()

    def opened(self, path: str, mode: str = "r+b", share: str = "r") -> Any:
        """A file held open: the others may only read it, unless ``share`` says otherwise."""
        return self._client.open_file(self._name(path), mode=mode, share_access=share, **self._by())

    def read(self, path: str) -> bytes:
        with self.opened(path, "rb", "rwd") as file:
            content: bytes = file.read()
            return content

    def write(self, path: str, content: bytes) -> None:
        with self.opened(path, "wb") as file:
            file.write(content)

    def names(self, folder: str) -> list[str]:
        return sorted(self._client.listdir(self._name(folder), **self._by()))

    def make(self, folder: str) -> None:
        self._client.makedirs(self._name(folder), exist_ok=True, **self._by())

    def rename(self, path: str, target: str) -> None:
        self._client.rename(self._name(path), self._name(target), **self._by())

    def replace(self, path: str, target: str) -> None:
        self._client.replace(self._name(path), self._name(target), **self._by())

    def remove(self, path: str) -> None:
        self._client.remove(self._name(path), **self._by())


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
