"""The zip package that a Word file is, opened within limits.

A small file may unfold into gigabytes, and docxtpl was seen busy for 441 s on a 474 KB model whose body is 12.6 MB
(documents.md, finding 8): sizes are read from the directory of the package, before anything is unfolded.
"""

import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping

from toolkit import french

PARTS_MAX = 500
XML_MAX = 5 << 20
"""Bytes of one part in XML: the contract of the office has 57 KB."""
TOTAL_MAX = 64 << 20
"""Bytes of all parts together, pictures included."""
RATIO_MAX = 200
"""Unfolded bytes for one byte of the file; XML of Word seldom passes 30."""
_RATIO_FROM = 4 << 20
"""Smaller than this once unfolded, a package does no harm."""
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_PRESSED = (".png", ".jpg", ".jpeg", ".gif")
"""Pictures are compressed already: half the time of a contract went into trying again."""
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
"""First bytes of the old .doc, and of a .docx under a password."""


class PaquetRefused(Exception):
    """Not opened; ``str()`` is a French clause, and ``correction`` what to do about it."""

    def __init__(self, cause: str, correction: str) -> None:
        super().__init__(f"{cause} : {correction}")
        self.cause = cause
        self.correction = correction


_SAVE_AS = "dans Word, Fichier > Enregistrer sous > Document Word (.docx)"


def read_package(content: bytes) -> dict[str, bytes]:
    """Every part by its name, in the order of the package; raises PaquetRefused."""
    if content.startswith(_OLE):
        raise PaquetRefused(
            "fichier protégé par un mot de passe, ou ancien document Word (.doc)",
            f"ôter le mot de passe, puis {_SAVE_AS}",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _check_sizes(package.infolist(), len(content))
            return {name: package.read(name) for name in package.namelist()}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        # zipfile says a password with RuntimeError, an unknown compression with NotImplementedError.
        raise PaquetRefused("ce n'est pas un document Word (.docx) ordinaire, ou il est abîmé", _SAVE_AS) from error


def write_package(parts: Mapping[str, bytes]) -> bytes:
    """A package whose bytes do not depend on the hour."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            method = zipfile.ZIP_STORED if name.endswith(_PRESSED) else zipfile.ZIP_DEFLATED
            package.writestr(zipfile.ZipInfo(name, _ZIP_EPOCH), part, method)
    return out.getvalue()


def _check_sizes(parts: list[zipfile.ZipInfo], size: int) -> None:
    total = sum(part.file_size for part in parts)
    refaire = "refaire le modèle à partir d'un document sain"
    if len(parts) > PARTS_MAX:
        raise PaquetRefused(f"document fait de {french.pluriel(len(parts), 'partie')}", refaire)
    twice = [name for name, count in Counter(part.filename for part in parts).items() if count > 1]
    if twice:
        raise PaquetRefused(f"document abîmé (« {twice[0]} » s'y trouve deux fois)", _SAVE_AS)
    if total > TOTAL_MAX or (total > _RATIO_FROM and total > RATIO_MAX * size):
        raise PaquetRefused(f"document qui se déplie en {total >> 20} Mo", refaire)
    for part in parts:
        if part.filename.endswith((".xml", ".rels")) and part.file_size > XML_MAX:
            raise PaquetRefused(f"texte de {part.file_size >> 20} Mo dans « {part.filename} »", refaire)
