"""An Office file as its zip parts: those that changed are packed anew, the others are copied as they lie."""

import io
import zipfile
from collections.abc import Mapping
from copy import copy
from functools import cached_property

from toolkit.errors import FileRefused

PART_BYTES_MAX = 200_000_000
_FIRST_DAY_OF_ZIP = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
"""Told of every part, or a desktop and the server would make different bytes of one document."""
_PRESSED = (".png", ".jpg", ".jpeg", ".gif")
"""Pictures are compressed already: half the time of a contract went into trying again."""
_COMPRESSION = 3
"""As small as Office's own within a few per cent, in half the time."""


class PackageRefused(FileRefused):
    """An Office file that is not understood in full, hence left as it is."""


class Paquet:
    """The parts of one file, by name, in the order in which they lie."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                self._infos = {info.filename: info for info in package.infolist()}
                is_doubled = len(self._infos) != len(package.infolist())
                self._end = package.start_dir
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
            raise PackageRefused("il est illisible ou protégé par un mot de passe") from error
        if is_doubled:
            raise PackageRefused("deux de ses parties portent le même nom")

    @cached_property
    def _package(self) -> zipfile.ZipFile:
        # It reads bytes in memory: there is no file to close.
        return zipfile.ZipFile(io.BytesIO(self._content))

    def __contains__(self, name: str) -> bool:
        return name in self._infos

    @property
    def sizes(self) -> Mapping[str, int]:
        """Bytes of each part once unfolded, as the directory of the file says: nothing is unfolded for it."""
        return {name: info.file_size for name, info in self._infos.items()}

    def read(self, name: str) -> bytes:
        """One part, its checksum proved; raises PackageRefused for one that is missing, oversized or damaged."""
        info = self._infos.get(name)
        if info is None:
            raise PackageRefused(f"il y manque la partie « {name} »")
        if info.file_size > PART_BYTES_MAX:
            raise PackageRefused(f"la partie « {name} » est démesurée")
        try:
            return self._package.read(info)
        except Exception as error:  # zipfile, zlib and struct each have their own words for damage
            raise PackageRefused(f"la partie « {name} » est abîmée") from error

    def replaced(self, changes: Mapping[str, bytes | None]) -> bytes:
        """The file with some parts changed, added, or left out (None); the others keep their very bytes.

        The same file and the same changes always give the same bytes.
        """
        starts = sorted(info.header_offset for info in self._infos.values())
        ends = dict(zip(starts, [*starts[1:], self._end], strict=True))
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION) as target:
            for name, info in self._infos.items():
                if name not in changes:
                    self._copy(target, out, info, ends[info.header_offset])
                    continue
                part = changes[name]
                if part is not None:
                    target.writestr(_header(name, info.date_time), part)
            for name, part in changes.items():
                if part is not None and name not in self._infos:
                    target.writestr(_header(name, _FIRST_DAY_OF_ZIP), part)
        return out.getvalue()

    def _copy(self, target: zipfile.ZipFile, out: io.BytesIO, info: zipfile.ZipInfo, end: int) -> None:
        """Header, data and whatever follows them, up to the next part."""
        moved = copy(info)
        moved.header_offset = target.start_dir
        out.seek(target.start_dir)
        out.write(self._content[info.header_offset : end])
        target.start_dir = out.tell()
        target.filelist.append(moved)
        target.NameToInfo[moved.filename] = moved


def write_package(parts: Mapping[str, bytes]) -> bytes:
    """A file made of these parts, whose bytes depend neither on the hour nor on the system."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            method = zipfile.ZIP_STORED if name.endswith(_PRESSED) else zipfile.ZIP_DEFLATED
            package.writestr(_header(name, _FIRST_DAY_OF_ZIP), part, method)
    return out.getvalue()


def _header(name: str, moment: tuple[int, int, int, int, int, int]) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, moment)
    info.create_system = _UNIX
    info.compress_type = zipfile.ZIP_DEFLATED
    return info
