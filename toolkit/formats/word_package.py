"""The zip package that a Word file is, opened within limits.

A small file may unfold into gigabytes, and docxtpl was seen busy for 441 s on a 474 KB model whose body is 12.6 MB
(constats.md §3.1): sizes are read from the directory of the package, before anything is unfolded.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from toolkit import french
from toolkit.errors import FileRefused
from toolkit.formats.package import PackageRefused, Paquet

PARTS_MAX = 500
XML_MAX = 5 << 20
"""Bytes of one part in XML: the contract of the office has 57 KB."""
TOTAL_MAX = 64 << 20
"""Bytes of all parts together, pictures included."""
RATIO_MAX = 200
"""Unfolded bytes for one byte of the file; XML of Word seldom passes 30."""
_RATIO_FROM = 4 << 20
"""Smaller than this once unfolded, a package does no harm."""
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
"""First bytes of the old .doc, and of a .docx under a password."""


class WordRefused(FileRefused):
    """A Word file that is not opened; ``correction`` is what to do about it."""

    def __init__(self, cause: str, correction: str) -> None:
        super().__init__(cause, correction)
        self.cause = cause
        self.correction = correction

    def __str__(self) -> str:
        return f"{self.cause} : {self.correction}"


_SAVE_AS = "dans Word, Fichier > Enregistrer sous > Document Word (.docx)"


def open_package(content: bytes) -> Paquet:
    """The package, none of its parts unfolded yet; raises WordRefused."""
    if content.startswith(_OLE):
        raise WordRefused(
            "fichier protégé par un mot de passe, ou ancien document Word (.doc)",
            f"ôter le mot de passe, puis {_SAVE_AS}",
        )
    with _refused():
        paquet = Paquet(content)
    _check_sizes(paquet.sizes, len(content))
    return paquet


def read_package(content: bytes) -> dict[str, bytes]:
    """Every part by its name, in the order of the package; raises WordRefused."""
    paquet = open_package(content)
    with _refused():
        return {name: paquet.read(name) for name in paquet.sizes}


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except PackageRefused as error:
        raise WordRefused("ce n'est pas un document Word (.docx) ordinaire, ou il est abîmé", _SAVE_AS) from error


def _check_sizes(parts: Mapping[str, int], size: int) -> None:
    total = sum(parts.values())
    # A drawing of Windows is nearly all emptiness, and is never unfolded but to be copied.
    texts = sum(unfolded for name, unfolded in parts.items() if name.endswith((".xml", ".rels")))
    refaire = "refaire le modèle à partir d'un document sain"
    if len(parts) > PARTS_MAX:
        raise WordRefused(f"document fait de {french.pluriel(len(parts), 'partie')}", refaire)
    if total > TOTAL_MAX or (texts > _RATIO_FROM and texts > RATIO_MAX * size):
        raise WordRefused(f"document qui se déplie en {total >> 20} Mo", refaire)
    for name, unfolded in parts.items():
        if name.endswith((".xml", ".rels")) and unfolded > XML_MAX:
            raise WordRefused(f"texte de {unfolded >> 20} Mo dans « {name} »", refaire)
