"""A dossier moved to another statut: the gesture that an agent also does in the file explorer, with the same end.

The facts are looked at first, since the folder says what they should say too; the move is one rename, never a copy.
"""

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from toolkit import french
from toolkit.dossier.classement import Statut
from toolkit.dossier.etat import Etat
from toolkit.dossier.fiche import Fiche
from toolkit.errors import AgentError, EnvironmentRefused
from toolkit.gestes.noter import (
    TRIES,
    Fait,
    Noted,
    notes_as_json,
    notes_as_text,
    read_source,
    write_facts_over,
)
from toolkit.system import files, holders, locks
from toolkit.tree import layout, path_limits
from toolkit.tree.layout import DossierFolder
from toolkit.tree.settings import Settings
from toolkit.walk.case import case_of, read_case
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
    target = _target(settings, folder, statut)
    with _alone(settings.root, folder.path, target):
        notes = _note_and_move(settings, folder, target, statut, motif, options.aujourd_hui)
    report = generate(settings, [target], options)
    moved = replace(folder, path=target, statut=statut)
    reste = tuple(_reste(moved, settings, options.aujourd_hui))
    return Moved(settings.root, folder.path, target, notes, reste, report)


@contextmanager
def _alone(root: Path, *folders: Path) -> Iterator[None]:
    """Always in the same order: two who change places never wait for each other."""
    with ExitStack() as held:
        for lock, name in sorted({layout.verrou(root, one): one.name for one in folders}.items()):
            held.enter_context(locks.alone(lock, f"« {name} »", home=root))
        yield


def _note_and_move(
    settings: Settings, folder: DossierFolder, target: Path, statut: Statut, motif: str | None, today: date
) -> tuple[Noted, ...]:
    """All over again when someone saves the facts meanwhile: what they say by now decides."""
    notes: tuple[Noted, ...] = ()
    files.sweep(folder.path)
    for _ in range(TRIES):
        before = read_source(folder)
        case = case_of(before, folder, settings, today)
        if case.fiche is None:
            raise AgentError(f"« {folder.path.name} » ne peut pas être classé : corriger d'abord son {layout.DOSSIER}.")
        faits = _faits(case.fiche, statut, motif)
        if target != folder.path:
            _refuse_taken(target)
        _refuse_held(folder.path, notes)
        try:
            if faits:
                noted = write_facts_over(settings, folder, before, faits, today)
                notes, case = notes or tuple(noted.notes), noted.case
        except files.Touched:
            continue
        except files.Held as held:
            raise _not_moved(folder.path, held.constat, notes) from held
        if target == folder.path:
            return notes
        if case.is_current():
            _move(folder.path, target, notes, settings.root)
            return notes
    raise _not_moved(folder.path, f"{layout.DOSSIER} y est enregistré sans cesse", notes)


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
    """Where the dossier goes, in its own month."""
    if folder.statut is statut:
        return folder.path
    return layout.statut_folder(folder.path.parent.parent, settings.office, statut) / folder.path.name


def _refuse_taken(target: Path) -> None:
    """Raises AgentError, with another name, when that one is taken as Windows compares names."""
    taken = {layout.name_key(entry.name) for entry in files.list_folder(target.parent)}
    if layout.name_key(target.name) in taken:
        raise _taken(target, taken)


def _taken(target: Path, taken: Collection[str]) -> AgentError:
    free = layout.first_free(lambda number: f"{target.name} ({number})", lambda name: layout.name_key(name) in taken)
    return AgentError(
        f"« {target.name} » existe déjà dans « {target.parent.name} ». Renommer d'abord celui-ci, par exemple "
        f"« {free} », puis recommencer."
    )


def _refuse_held(folder: Path, notes: Sequence[Noted]) -> None:
    """Before anything is written: on a server, a rename would succeed under the feet of who works there."""
    held = next((path for path in _files(folder) if files.is_held(path)), None)
    if held:
        who = holders.holder(held) or "un autre programme"
        raise _not_moved(folder, f"quelqu'un y travaille : « {held.name} » (ouvert par {who})", notes)


def _move(source: Path, target: Path, notes: Sequence[Noted], root: Path) -> None:
    try:
        files.move_folder(source, target, home=root)
    except files.Touched:
        _refuse_taken(target)
        raise
    except EnvironmentRefused as refusal:
        if not source.is_dir():
            raise
        owned = [(path, holders.holder(path)) for path in _files(source)]
        names = [f"« {path.name} » (ouvert par {who})" for path, who in owned if who]
        what = french.liste(names) if names else "un document, ou le dossier dans une fenêtre de l'explorateur"
        raise _not_moved(source, f"quelqu'un y travaille : {what}", notes) from refusal


def _not_moved(folder: Path, why: str, notes: Sequence[Noted]) -> EnvironmentRefused:
    noted = " Ce qui devait être noté l'est." if notes else ""
    return EnvironmentRefused(f"« {folder.name} » n'a pas été déplacé, {why}.{noted} Fermer, puis recommencer.")


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        is_file = os.path.isfile(path)  # noqa: PTH113 - False, too, where it cannot be told
        if is_file and not path.name.startswith(("~$", files.TEMPORARY_PREFIX)):
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
