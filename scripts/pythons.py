"""The other Pythons that the toolkit is promised for: found on this machine, or taken out of Debian's archive.

One that Debian's next release has and this machine has not is unpacked in a folder of its own beside the system's C
library, which it needs newer: nothing is installed, and ``apt-get`` checks the signature of what it fetches.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from environnement import LOCKED, RACINE, VERROU, follow, in_venv, lock_until, run, tell

DEBIAN = "forky"
"""The release of Debian that has the newest of them."""
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
LIBRARIES = ["libc6", "libbz2-1.0", "libexpat1", "libffi8", "liblzma5", "libsqlite3-0", "libssl3t64", "libuuid1"]
LIBRARIES += ["libzstd1", "zlib1g"]
CACHE = Path(os.environ.get("TOOLKIT_POSTE") or Path.home() / ".cache" / "toolkit-essais")
"""Kept between runs, like the desktop of the Windows tests."""
ASK = "import sys; print('%d.%d' % sys.version_info[:2])"
LAUNCHER = """#!/bin/sh
exec {loader} --library-path {libraries} --argv0 "$0" {program} "$@"
"""
"""``--argv0`` keeps the name that it was called by, from which a Python knows its environment."""


def find(version: str) -> Path | None:
    """A Python of this version that runs; None where there is none to be had."""
    return next((python for python in _candidates(version) if _is_version(python, version)), None)


def environment_of(python: Path, version: str) -> Path | None:
    """Its own private environment, filled from the same lock; None when that fails, which is told."""
    folder = RACINE / f".venv-{version}"
    own = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "toolkit.lock"
    wanted = lock_until()
    if _is_version(own, version) and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return own
    tell(f"Préparation de l'environnement de Python {version} (.venv-{version})…")
    shutil.rmtree(folder, ignore_errors=True)
    # Without a pip of its own: Debian keeps apart what makes one.
    if run([python, "-m", "venv", "--without-pip", folder]):
        return None
    pip = ["-m", "pip", "--disable-pip-version-check", "--python", str(own), "install", "--no-input"]
    for words in ([*LOCKED, "-r", str(VERROU)], ["--no-deps", "--no-build-isolation", "--editable", "."]):
        status, last = follow([in_venv("python"), *pip, *words], lambda line: None)
        if status:
            tell("\n".join(["pip dit :", *(f"   {line}" for line in last)]))
            return None
    stamp.write_text(wanted, encoding="utf-8")
    return own


def _candidates(version: str) -> Iterator[Path]:
    """From what costs nothing to what is fetched."""
    if named := shutil.which(f"python{version}"):
        yield Path(named)
    yield Path("/usr/bin") / f"python{version}"
    yield from sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"), reverse=True)
    if uv := shutil.which("uv"):
        found = _said([uv, "python", "find", "--no-python-downloads", version])
        if found:
            yield Path(found)
    if sys.platform == "linux" and (unpacked := _of_debian(version)):
        yield unpacked


def _is_version(python: Path, version: str) -> bool:
    return _said([python, "-c", ASK]) == version


def _said(command: Sequence[str | Path]) -> str:
    """What a program answers; nothing when it fails, as the stand-ins of pyenv do for a version that is not chosen."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _of_debian(version: str) -> Path | None:
    home = CACHE / f"python-{version}"
    launcher = home / "usr" / "bin" / f"python{version}"
    if launcher.exists():
        return launcher
    # As this machine names the archive: its own mirror, or none when it is not a Debian.
    archives = _said(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Origin: Debian", "Label: Debian"])
    if not archives or not KEYRING.exists():
        return None
    tell(f"Python {version} : recherche dans Debian « {DEBIAN} »…")
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as work:
        unpacked = _unpack(version, archives.split()[0], Path(work))
        if unpacked is None:
            return None
        _launch_from(unpacked, home, version)
        shutil.rmtree(home, ignore_errors=True)
        unpacked.rename(home)
    return launcher


def _unpack(version: str, archive: str, work: Path) -> Path | None:
    """Fetch the packages with lists and caches of our own: those of the system do not change."""
    for name in ("lists/partial", "archives/partial", "packages"):
        (work / name).mkdir(parents=True)
    sources = work / "sources.list"
    sources.write_text(f"deb [signed-by={KEYRING}] {archive} {DEBIAN} main\n", encoding="utf-8")
    apt = ["apt-get", "--quiet", "--option", f"Dir::Etc::SourceList={sources}", "--option", "Dir::Etc::SourceParts=-"]
    apt += ["--option", f"Dir::State::Lists={work / 'lists'}", "--option", f"Dir::Cache={work}"]
    pythons = (f"python{version}", f"python{version}-minimal", f"libpython{version}-minimal")
    wanted = [f"{name}/{DEBIAN}" for name in (*pythons, f"libpython{version}-stdlib", *LIBRARIES)]
    for words in (["update"], ["download", *wanted]):
        done = subprocess.run([*apt, *words], cwd=work / "packages", capture_output=True, check=False)
        if done.returncode:
            return None
    unpacked = work / "python"
    for package in sorted((work / "packages").glob("*.deb")):
        subprocess.run(["dpkg-deb", "--extract", package, unpacked], check=True)
    return unpacked


def _launch_from(unpacked: Path, home: Path, version: str) -> None:
    """Put in the place of the program what starts it with its own C library, at the place where it will be."""
    program = Path("usr", "lib", f"python{version}", "programme")
    launcher = unpacked / "usr" / "bin" / f"python{version}"
    launcher.rename(unpacked / program)
    loader = next(unpacked.glob("usr/lib/*-linux-gnu*/ld-linux-*.so.*")).relative_to(unpacked)
    words = {"loader": home / loader, "libraries": home / loader.parent, "program": home / program}
    launcher.write_text(LAUNCHER.format(**words), encoding="utf-8")
    launcher.chmod(0o755)
