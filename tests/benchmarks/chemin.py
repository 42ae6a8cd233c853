"""How far the door is from the work: what a stranger has to go through to follow one dossier. Counts, not times.

python -m tests.benchmarks.chemin
"""

import contextlib
import io
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import toolkit
from tests.conftest import Bureau, exemple
from toolkit import cli
from toolkit.formats.excel_sheet import Feuille
from toolkit.formats.word import Modele
from toolkit.toml.read import read

PACKAGE = str(Path(toolkit.__file__).parent)
POINTS = {
    "lire dossier.toml": (read.__code__, 6),
    "remplir un contrat": (Modele.fill.__code__, 7),
    "écrire une case du récapitulatif": (Feuille.write.__code__, 8),
}
"""Where the work is done, and how many functions of ours may stand between it and the door."""
MODULES_MAX = 60


@dataclass
class Chemin:
    """What one run went through."""

    depths: dict[str, int] = field(default_factory=dict)
    """The deepest stack of our own functions, the door's included, by point."""
    modules: set[str] = field(default_factory=set)
    """Those of which a function was called."""

    @contextlib.contextmanager
    def followed(self) -> Iterator[None]:
        codes = {code: name for name, (code, _) in POINTS.items()}

        def follow(frame: FrameType, event: str, _: object) -> None:
            if event != "call" or not frame.f_code.co_filename.startswith(PACKAGE):
                return
            if frame.f_code.co_name != "<module>":
                self.modules.add(frame.f_code.co_filename)
            name = codes.get(frame.f_code)
            if name and name not in self.depths:
                self.depths[name] = _depth(frame)

        sys.setprofile(follow)
        try:
            yield
        finally:
            sys.setprofile(None)


def _depth(frame: FrameType | None) -> int:
    count = 0
    while frame is not None:
        count += frame.f_code.co_filename.startswith(PACKAGE)
        if frame.f_code is cli.main.__code__:
            return count
        frame = frame.f_back
    return count


def mesurer() -> Chemin:
    """One dossier that is ready, made from nothing: its Word files and its row of the recap."""
    _generate()  # what is done once when a module is imported is no part of the way
    chemin = Chemin()
    with chemin.followed():
        _generate()
    return chemin


def _generate() -> None:
    with tempfile.TemporaryDirectory() as name, contextlib.redirect_stdout(io.StringIO()):
        folder = Bureau(Path(name)).dossier(exemple("dossier_groupe"))
        cli.main(["generer", "--sans-pdf", "--le", "2027-06-04", str(folder)])


if __name__ == "__main__":
    found = mesurer()
    for name, (_, most) in POINTS.items():
        print(f"de la porte à « {name} » : {found.depths[name]} fonctions (but : {most})")
    print(f"modules où l'on entre pour un dossier : {len(found.modules)} (but : {MODULES_MAX})")
    for module in sorted(found.modules) if "--modules" in sys.argv else ():
        print(f"   {Path(module).relative_to(PACKAGE)}")
