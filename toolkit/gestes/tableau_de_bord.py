"""« Tableau de bord.html » at the root of a tree, from one look over its dossiers."""

from dataclasses import dataclass
from pathlib import Path

from toolkit import french
from toolkit.dossier.echeances import Urgence
from toolkit.errors import EnvironmentRefused
from toolkit.gestes.voir_echeances import Survey, survey
from toolkit.registres.tableau import is_as_made, tableau
from toolkit.system import files
from toolkit.tree import layout
from toolkit.tree.settings import Settings
from toolkit.walk.options import Options
from toolkit.walk.report import problem_as_text

TABLEAU = "Tableau de bord.html"
ANNOTE = "Tableau de bord (annoté).html"
"""What someone wrote in it, or put in its place."""
TRIES = 3
"""Pages that others make, or write in, at that very moment."""


@dataclass(frozen=True)
class Tableau:
    """The page, and what it was made from."""

    path: Path
    is_new: bool
    """Whether it says something else than it did."""
    surveyed: Survey
    garde: Path | None = None
    """Where what someone had written in it lies now."""

    @property
    def exit_status(self) -> int:
        return self.surveyed.report.exit_status

    def as_json(self) -> dict[str, object]:
        garde = self.garde.name if self.garde else None
        told = {"fichier": self.path.name, "change": self.is_new, "garde": garde}
        return {**told, **self._counts(), **self.surveyed.report.as_json()}

    def as_text(self) -> str:
        counts = self._counts()
        lines = [problem_as_text(one) for one in self.surveyed.report.problemes]
        lines += [f"REPORTÉ : {refusal}" for refusal in self.surveyed.report.refus]
        lines.append(
            f"Tableau de bord {'mis à jour' if self.is_new else 'déjà à jour'} : "
            f"{counts['en_retard']} en retard, {counts['proches']} à faire bientôt, {counts['erreurs']} à corriger."
        )
        if self.garde:
            lines.append(f"La page d'avant, où quelqu'un a écrit, est gardée dans « {self.garde.name} ».")
        return french.typography("\n".join(lines)) + f"\n  {self.path}"

    def _counts(self) -> dict[str, int]:
        urgences = [one.echeance.urgence for one in self.surveyed.a_faire()]
        return {
            "en_retard": urgences.count(Urgence.DEPASSEE),
            "proches": urgences.count(Urgence.PROCHE),
            "erreurs": sum(bool(one.erreurs) for one in self.surveyed.suivis),
        }


def write_tableau(settings: Settings, options: Options) -> Tableau:
    """Bring the page up to date; raises EnvironmentRefused when it cannot be written."""
    found = survey(settings, [settings.root], options)
    titre = settings.office.identite.raison_sociale or "Office de tourisme"
    content = tableau(titre, options.aujourd_hui, found.suivis, found.office)
    path = settings.root / TABLEAU
    files.sweep(settings.root)
    for left in reversed(range(TRIES)):
        before = files.read_if_there(path)
        if before == content:
            return Tableau(path, is_new=False, surveyed=found)
        try:
            return Tableau(path, is_new=True, surveyed=found, garde=_put(path, before, content))
        except files.LeftAlone as alone:
            if isinstance(alone, files.Held) or not left:
                raise EnvironmentRefused(f"{alone.constat}. Le fermer, puis relancer.") from alone
    raise AssertionError("the last try gives or raises")


def _put(path: Path, before: bytes | None, content: bytes) -> Path | None:
    """Gives where what a person wrote in the former page is kept."""
    garde = None
    if before is not None and not is_as_made(before):
        garde = files.write_beside(layout.numbered(path.with_name(ANNOTE)), before, home=path.parent).path
    files.write(path, content, over=None if before is None else files.sha256(before), home=path.parent)
    return garde
