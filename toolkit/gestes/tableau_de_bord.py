"""« Tableau de bord.html » at the root of a tree, from one look over its dossiers."""

from dataclasses import dataclass
from pathlib import Path

from toolkit import french
from toolkit.dossier.echeances import Urgence
from toolkit.gestes.voir_echeances import Survey, survey
from toolkit.registres.tableau import tableau
from toolkit.system import files
from toolkit.tree.settings import Settings
from toolkit.walk.options import Options
from toolkit.walk.report import problem_as_text

TABLEAU = "Tableau de bord.html"


@dataclass(frozen=True)
class Tableau:
    """The page, and what it was made from."""

    path: Path
    is_new: bool
    """Whether it says something else than it did."""
    surveyed: Survey

    @property
    def exit_status(self) -> int:
        return self.surveyed.report.exit_status

    def as_json(self) -> dict[str, object]:
        return {"fichier": self.path.name, "change": self.is_new, **self._counts(), **self.surveyed.report.as_json()}

    def as_text(self) -> str:
        counts = self._counts()
        lines = [problem_as_text(one) for one in self.surveyed.report.problemes]
        lines += [f"REPORTÉ : {refusal}" for refusal in self.surveyed.report.refus]
        lines.append(
            f"Tableau de bord {'mis à jour' if self.is_new else 'déjà à jour'} : "
            f"{counts['en_retard']} en retard, {counts['proches']} à faire bientôt, {counts['erreurs']} à corriger."
        )
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
    before = files.read_if_there(path)
    is_new = before != content
    if is_new:
        files.write(path, content, over=None if before is None else files.sha256(before), home=settings.root)
    return Tableau(path, is_new, found)
