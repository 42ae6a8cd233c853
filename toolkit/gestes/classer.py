"""A dossier moved to another statut: the gesture that an agent also does in the file explorer, with the same end.

The facts are looked at first, since the folder says what they should say too; the move is one rename, never a copy.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from toolkit import french
from toolkit.dossier.classement import Statut
from toolkit.dossier.etat import Etat
from toolkit.dossier.fiche import Fiche
from toolkit.errors import AgentError, EnvironmentRefused
from toolkit.gestes.noter import Fait, Noted, notes_as_json, notes_as_text, write_facts
from toolkit.system import files, holders
from toolkit.tree import layout, path_limits
from toolkit.tree.layout import DossierFolder
from toolkit.tree.settings import Settings
from toolkit.walk.case import read_case
from toolkit.walk.generate import generate
from toolkit.walk.options import Options
from toolkit.walk.report import Report


@dataclass(frozen=True)
class Moved:
    """What one move did."""

    root: Path
    avant: Path
    apres: Path
    notes: tuple[Noted, ...]
    """The facts written on the way."""
    reste: tuple[str, ...]
    """What is still to do in a dossier that is put away."""
    report: Report
    """Of the run that followed, as ``generer`` on the dossier would give it."""

    @property
    def exit_status(self) -> int:
        return self.report.exit_status

    def as_json(self) -> dict[str, object]:
        return {
            "chemin": self.apres.relative_to(self.root).as_posix(),
            "avant": self.avant.relative_to(self.root).as_posix(),
            "faits": notes_as_json(self.notes),
            "reste": list(self.reste),
            **self.report.as_json(),
        }

    def as_text(self) -> str:
        """What was moved and noted, then the run that followed."""
        lines = [notes_as_text(self.notes)] if self.notes else []
        verb = "est maintenant" if self.avant != self.apres else "était déjà"
        lines.append(french.typography(f"« {self.apres.name} » {verb} dans « {self.apres.parent.name} »."))
        if self.reste:
            lines += [french.typography("Il y reste à faire :"), *(f"  {one}" for one in self.reste)]
        return "\n".join([*lines, "", self.report.as_text()])


def move_to_statut(
    settings: Settings, folder: DossierFolder, statut: Statut, motif: str | None, options: Options
) -> Moved:
    """Put a dossier where its new statut wants it, then bring documents and recap in sync.

    Raises AgentError when the facts say otherwise or the name is taken, EnvironmentRefused when a file is held.
    """
    case = read_case(folder, settings, options.aujourd_hui)
    if case.fiche is None:
        raise AgentError(f"« {folder.path.name} » ne peut pas être classé : corriger d'abord son {layout.DOSSIER}.")
    faits = _faits(case.fiche, statut, motif)
    target = _target(settings, folder, statut)
    _refuse_held(folder.path)
    notes = tuple(write_facts(settings, folder, faits, options.aujourd_hui).notes) if faits else ()
    if target != folder.path:
        _move(folder.path, target)
    report = generate(settings, [target], options)
    moved = replace(folder, path=target, statut=statut)
    reste = tuple(_reste(moved, settings, options.aujourd_hui))
    return Moved(settings.root, folder.path, target, notes, reste, report)


def _faits(fiche: Fiche, statut: Statut, motif: str | None) -> list[Fait]:
    """The facts that the new statut asks for; raises AgentError when those that stand forbid it."""
    ended = fiche.etat in (Etat.ANNULE, Etat.SANS_SUITE)
    if statut is Statut.ANNULE:
        return _faits_de_fin(fiche, motif)
    if motif:
        raise AgentError("Un motif ne se note que pour un dossier annulé ou sans suite.")
    if ended:
        raise AgentError(
            f"Les faits disent que ce dossier est {'annulé' if fiche.etat is Etat.ANNULE else 'sans suite'} : "
            f"il reste où il est. Pour le reprendre, effacer d'abord {french.liste(_noted_ends(fiche))}."
        )
    fin = fiche.en_vigueur.fin
    if statut is Statut.TRAITE and (fin is None or fin >= fiche.cadre.aujourd_hui):
        when = f"il finit le {french.date_simple(fin)}" if fin else "sa date n'est pas notée"
        raise AgentError(
            f"Un dossier est traité après le séjour : {when}. S'il n'aura pas lieu, le classer annulé, avec son motif."
        )
    return []


def _faits_de_fin(fiche: Fiche, motif: str | None) -> list[Fait]:
    """A proposal that is out and not accepted is refused; anything else is cancelled."""
    devis, today = fiche.dossier.devis, french.date_courte(fiche.cadre.aujourd_hui)
    is_refus = bool(devis.envoye_le and not devis.accepte_le) and fiche.etat is not Etat.ANNULE
    day, reason = ("devis.refuse_le", "devis.refus_motif") if is_refus else ("annulation.le", "annulation.motif")
    if fiche.etat in (Etat.ANNULE, Etat.SANS_SUITE):
        return [Fait(reason, motif)] if motif else []
    if not motif:
        raise AgentError(
            "Rien dans ce dossier ne dit pourquoi il s'arrête : donner le motif, par exemple --motif "
            f'"Trop cher". Il sera noté dans {reason}, avec la date du jour.'
        )
    return [Fait(day, today), Fait(reason, motif)]


def _noted_ends(fiche: Fiche) -> list[str]:
    devis = fiche.dossier.devis
    ends = {
        "annulation.le": fiche.dossier.annulation.le,
        "devis.refuse_le": devis.refuse_le,
        "devis.sans_suite_le": devis.sans_suite_le,
    }
    return [champ for champ, day in ends.items() if day]


def _target(settings: Settings, folder: DossierFolder, statut: Statut) -> Path:
    """Where the dossier goes, in its own month; raises AgentError when the name is taken there."""
    if folder.statut is statut:
        return folder.path
    parent = layout.statut_folder(folder.path.parent.parent, settings.office, statut)
    target = parent / folder.path.name
    taken = {layout.name_key(entry.name) for entry in files.entries(parent)}
    if layout.name_key(target.name) in taken:
        free = layout.first_free(
            lambda number: f"{target.name} ({number})", lambda name: layout.name_key(name) in taken
        )
        raise AgentError(
            f"« {target.name} » existe déjà dans « {parent.name} ». Renommer d'abord celui-ci, par exemple "
            f"« {free} », puis recommencer."
        )
    return target


def _refuse_held(folder: Path) -> None:
    """Before anything is written: on a server, a rename would succeed under the feet of who works there."""
    held = next((path for path in _files(folder) if holders.is_open_elsewhere(path)), None)
    if held:
        raise _held(folder, [f"« {held.name} » (ouvert par {holders.holder(held) or 'un autre programme'})"])


def _move(source: Path, target: Path) -> None:
    try:
        files.move_folder(source, target)
    except EnvironmentRefused as refusal:
        if not source.is_dir():
            raise
        owned = [(path, holders.holder(path)) for path in _files(source)]
        raise _held(source, [f"« {path.name} » (ouvert par {who})" for path, who in owned if who]) from refusal


def _held(folder: Path, names: list[str]) -> EnvironmentRefused:
    what = french.liste(names) if names else "un document, ou le dossier dans une fenêtre de l'explorateur"
    return EnvironmentRefused(
        f"« {folder.name} » n'a pas été déplacé, quelqu'un y travaille : {what}. Fermer, puis recommencer."
    )


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith(("~$", files.TEMPORARY_PREFIX)):
            yield path


def _reste(folder: DossierFolder, settings: Settings, today: date) -> Iterator[str]:
    """What a dossier put away leaves to do: its open deadlines, and names that have become too long to be opened."""
    if folder.statut is Statut.EN_COURS:
        return
    fiche = read_case(folder, settings, today).fiche
    if fiche is not None:
        yield from (one.libelle for one in fiche.echeances if one.code != "E31")
    over = max((path_limits.excess(settings.root, settings.office, path) for path in _files(folder.path)), default=0)
    if over:
        short = path_limits.shorten(folder.path.name, over)
        example = f", par exemple « {short[1]} »" if short else ""
        yield (
            f"Abréger le nom du dossier de {french.pluriel(over, 'caractère')}{example} : "
            "des documents y ont un chemin trop long pour que Windows les ouvre"
        )
