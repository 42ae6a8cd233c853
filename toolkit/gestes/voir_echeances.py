"""One look over every dossier of a tree: what each says today, for the registers. Writes nothing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

from toolkit import french
from toolkit.documents.document import Document
from toolkit.documents.wanted import wanted_documents
from toolkit.dossier.cadre import Cadre
from toolkit.dossier.classement import Statut, Typologie
from toolkit.dossier.echeances import Echeance, Urgence, echeance_affichage, echeance_reaffichage, echeances_office
from toolkit.dossier.qualification import is_qualifie
from toolkit.errors import Problem
from toolkit.gestes.afficher import changes_since_posted, is_posted
from toolkit.registres.lignes import ligne
from toolkit.registres.tableau import AFaire, Suivi, a_faire
from toolkit.tree.settings import Settings
from toolkit.walk.case import Case, find_folders, read_case
from toolkit.walk.corrections import Corrections
from toolkit.walk.options import Options
from toolkit.walk.references import References
from toolkit.walk.report import Report, problem_as_json, problem_as_text

_PROGRESS = 500
"""Dossiers between two words of progress: a second or two."""


@dataclass
class Survey:
    """What the dossiers and the papers of the office say on one day."""

    aujourd_hui: date
    suivis: list[Suivi] = field(default_factory=list)
    office: list[Echeance] = field(default_factory=list)
    report: Report = field(default_factory=Report)
    """What could not be read at all, and what is wrong with the tree itself."""

    def a_faire(self, jours: int | None = None) -> list[AFaire]:
        """Every open deadline, soonest first; within so many days when told."""
        end = date.max if jours is None else self.aujourd_hui + timedelta(days=jours)
        return [one for one in a_faire(self.suivis, self.office) if one.echeance.limite <= end]


def survey(settings: Settings, paths: Sequence[Path], options: Options) -> Survey:
    """Read the dossiers below the given paths; those of the office come with the whole tree only."""
    today = options.aujourd_hui
    found = Survey(today, report=Report(problemes=list(settings.problems)))
    folders = find_folders(settings, paths, found.report)
    references = References.of_tree(settings)
    corrections = Corrections(settings, options, references)
    months: set[tuple[Typologie, int, int]] = set()
    for count, folder in enumerate(folders):
        if count and count % _PROGRESS == 0:
            options.progress(f"{count} dossiers sur {len(folders)}…")
        with found.report.without_stopping(folder.path):
            case = read_case(folder, settings, today, references)
            found.suivis.append(_suivi(case, corrections.of(case)))
            if case.fiche and (row := ligne(case.fiche)) and row.is_attendue:
                months.add((row.typologie, row.annee, row.mois))
    if settings.root in paths:
        found.office += echeances_office(Cadre(today, settings.office, settings.prestataires))
        found.office += _affichages(settings, months, today, found.report)
    return found


def _suivi(case: Case, problems: Sequence[Problem]) -> Suivi:
    chemin, statut = case.chemin, case.folder.statut
    erreurs = tuple(french.typography(one.told) for one in problems if one.is_error)
    if case.fiche is None:
        return Suivi(chemin, statut, case.reference, None, None, erreurs=erreurs)
    fiche = case.fiche
    valeurs, agent = fiche.en_vigueur, fiche.agent
    return Suivi(
        chemin=chemin,
        statut=statut,
        reference=fiche.dossier.reference,
        client=fiche.dossier.client.nom,
        agent=" ".join(filter(None, (agent.prenom, agent.nom))) if agent else None,
        etat=fiche.etat,
        debut=valeurs.debut,
        fin=valeurs.fin,
        effectif=valeurs.participants,
        echeances=fiche.echeances,
        erreurs=erreurs,
        attentes=tuple(_attentes(wanted_documents(fiche, problems))) if statut is Statut.EN_COURS else (),
        is_qualifie=is_qualifie(fiche.dossier),
    )


def _attentes(wanted: Iterable[Document]) -> Iterable[str]:
    """One line for the documents that wait for the same."""
    waiting = sorted((one for one in wanted if one.attend), key=lambda one: one.attend)
    for attend, ones in groupby(waiting, key=lambda one: one.attend):
        yield f"{french.liste([one.titre for one in ones])} : {french.liste(attend)}"


def _affichages(
    settings: Settings, months: Iterable[tuple[Typologie, int, int]], today: date, report: Report
) -> Iterator[Echeance]:
    """The current month and the next, when someone arrives in them and the wall does not say so."""
    after = (today.replace(day=1) + timedelta(days=31)).replace(day=1)
    for typologie, annee, mois in sorted(months):
        is_due = (annee, mois) in ((today.year, today.month), (after.year, after.month))
        if not is_due:
            continue
        nom = Path(settings.office.nom_recap(typologie))
        with report.without_stopping(nom):
            if not is_posted(settings, typologie, annee, mois):
                yield echeance_affichage(nom.stem, annee, mois, today)
            elif changes := changes_since_posted(settings, typologie, annee, mois):
                yield echeance_reaffichage(nom.stem, annee, mois, changes, today)


_MARQUES = {Urgence.DEPASSEE: "en retard", Urgence.PROCHE: "bientôt", Urgence.A_VENIR: ""}


@dataclass(frozen=True, slots=True)
class Echeances:
    """The deadlines of a survey, soonest first."""

    surveyed: Survey
    jours: int | None = None
    """Within so many days, and those that are past; all of them otherwise."""

    @property
    def exit_status(self) -> int:
        return self.surveyed.report.exit_status

    def as_json(self) -> dict[str, object]:
        report = self.surveyed.report
        return {
            "echeances": [_as_json(one) for one in self.surveyed.a_faire(self.jours)],
            "problemes": [problem_as_json(one) for one in report.problemes],
            "refus": report.refus,
        }

    def as_text(self) -> str:
        """What is wrong with the tree itself and what could not be read, then a line a deadline."""
        report = self.surveyed.report
        lines = [f"REPORTÉ : {refusal}" for refusal in report.refus]
        lines += [_as_line(one) for one in self.surveyed.a_faire(self.jours)] or ["Aucune échéance."]
        return "\n".join([*map(problem_as_text, report.problemes), french.typography("\n".join(lines))])


def _as_line(one: AFaire) -> str:
    suivi, echeance = one.suivi, one.echeance
    who = " ".join(filter(None, (suivi.reference, suivi.nom))) if suivi else "l'office"
    return f"{french.date_courte(echeance.limite)}  {_MARQUES[echeance.urgence]:<9}  {echeance.libelle} – {who}"


def _as_json(one: AFaire) -> dict[str, object]:
    return {
        "code": one.echeance.code,
        "libelle": french.typography(one.echeance.libelle),
        "limite": one.echeance.limite.isoformat(),
        "etat": one.echeance.urgence,
        "chemin": one.suivi.chemin if one.suivi else None,
        "reference": one.suivi.reference if one.suivi else None,
        "client": one.suivi.client if one.suivi else None,
        "agent": one.suivi.agent if one.suivi else None,
    }
