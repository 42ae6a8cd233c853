"""A recap that the office had before the toolkit: which of its columns are ours, which sheet is which month."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from toolkit import french
from toolkit.dossier.classement import Typologie
from toolkit.formats.excel_sheet import Feuille
from toolkit.formats.excel_workbook import Classeur
from toolkit.formats.openpyxl_parts import shift_formula
from toolkit.registres.colonnes import Colonne, colonnes_de
from toolkit.registres.livre import HEADER_SEARCH_ROWS, parse_month, sheet_name

_HEADINGS_MIN = 3


@dataclass(frozen=True)
class Proposition:
    """What office.toml would say of a workbook, to be checked by whoever knows it."""

    fichier: str
    typologie: Typologie
    colonnes: Mapping[str, str]
    """Their heading by key of ours."""
    absentes: tuple[str, ...]
    """Headings of ours that nothing there answers to."""
    feuilles: Mapping[str, str]
    """Their sheet by month of ours."""
    exit_status = 0

    def as_json(self) -> dict[str, object]:
        """``fichier``, ``typologie``, ``colonnes``, ``absentes``, ``feuilles`` (promesses.md §5)."""
        return {
            "fichier": self.fichier,
            "typologie": self.typologie,
            "colonnes": dict(self.colonnes),
            "absentes": list(self.absentes),
            "feuilles": dict(self.feuilles),
        }

    def as_text(self) -> str:
        """Lines to copy into office.toml."""
        sheets = french.liste([f"{month} (« {name} »)" for month, name in self.feuilles.items()]) or "aucune"
        lines = ["# À vérifier, puis à copier dans office.toml :", "[recap]"]
        lines += [f"{self.typologie.value} = {_quoted(self.fichier)}", "", "[recap.colonnes]"]
        lines += [f"{key} = {_quoted(heading)}" for key, heading in self.colonnes.items()]
        lines += ["", f"# Feuilles reconnues : {sheets}."]
        if self.absentes:
            lines += [f"# Sans colonne, donc pas écrits : {french.liste(self.absentes)}."]
        titres = {key: one.titre(self.typologie) for key, one in colonnes_de(self.typologie).items()}
        hidden = f"(« {titres['cle']} », « {titres['empreinte']} »)"
        lines += [f"# « {titres['modifications']} » et deux colonnes masquées {hidden} seront ajoutées à droite."]
        return "\n".join(lines)


def propose(content: bytes, fichier: str, typologie: Typologie) -> Proposition | None:
    """Read the headings of a workbook; None when no row of it looks like ours. Raises PackageRefused."""
    sheets = Classeur(content, shift_formula).feuilles
    found = [columns for feuille in sheets for columns in _headers(feuille, typologie)]
    best = max(found, key=len, default={})
    if len(best) < _HEADINGS_MIN:
        return None
    ours = colonnes_de(typologie)
    months = {sheet_name(month): one.nom for one in sheets if (month := parse_month(one.nom))}
    absent = tuple(one.titre(typologie) for key, one in ours.items() if one.valeur and key not in best)
    ordered = {key: best[key] for key in ours if key in best}
    return Proposition(fichier, typologie, ordered, absent, months)


def _headers(feuille: Feuille, typologie: Typologie) -> Iterator[dict[str, str]]:
    """For each of the first rows, the heading that each of our columns would have there."""
    for row in range(1, min(feuille.last_row, HEADER_SEARCH_ROWS) + 1):
        cells = [feuille.read(row, column) for column in feuille.columns(row)]
        headings = [" ".join(text.split()) for text in cells if isinstance(text, str) and len(text) < 60]
        columns: dict[str, str] = {}
        for is_sure in (True, False):
            for key, colonne in colonnes_de(typologie).items():
                free = (heading for heading in headings if heading not in columns.values())
                fitting = next((one for one in free if _fits(one, colonne, typologie, is_sure=is_sure)), None)
                if key not in columns and fitting:
                    columns[key] = fitting
        yield columns


def _fits(heading: str, colonne: Colonne, typologie: Typologie, *, is_sure: bool) -> bool:
    if not colonne.mots:
        return False
    text = french.fold(heading)
    if is_sure:
        return text == french.fold(colonne.titre(typologie)) or text in colonne.mots
    return any(word.startswith(colonne.mots) for word in re.findall("[a-z]+", text))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
