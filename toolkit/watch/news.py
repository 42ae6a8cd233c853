"""What of each run was not told yet: a night of the same mistakes, or of the same open workbook, is told once. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from toolkit.errors import Problem
from toolkit.walk.decide import Action, Step
from toolkit.walk.report import DossierReport, Report


class News:
    """What was told last of each dossier, of each register, and of the settings."""

    def __init__(self) -> None:
        self._told: dict[str, int] = {}
        """A hash by what it is about: there may be thousands."""
        self._problemes: set[Problem] = set()

    def keep(self, chemins: Collection[str]) -> None:
        """Forget the dossiers that are no longer there."""
        self._told = {about: one for about, one in self._told.items() if about in chemins or about.startswith("=")}

    def of(self, report: Report, saved: Collection[str], refusals: Sequence[str]) -> Report | None:
        """The report less what is known; None when nothing is left.

        ``saved`` are the dossiers, by ``chemin``, that someone has just saved: they hear all of it again. ``refusals``
        are those of the report that were not told yet.
        """
        told = replace(
            report,
            dossiers=[one if one.chemin in saved else self._of_dossier(one) for one in report.dossiers],
            problemes=[one for one in report.problemes if one not in self._problemes],
            registres=[step for step in report.registres if self._is_news(step)],
            defauts=report.defauts if refusals else [],
            refus=list(refusals),
        )
        self._remember(report)
        is_awaited = any(one.chemin in saved for one in report.dossiers)
        steps = [*told.registres, *(step for one in told.dossiers for step in one.etapes)]
        if not (is_awaited or told.all_problems or told.refus or any(map(_is_shown, steps))):
            return None
        return report if told == report else told

    def _of_dossier(self, one: DossierReport) -> DossierReport:
        """One that is as it was told last keeps only what was done for it."""
        if self._told.get(one.chemin) != _state(one):
            return one
        done = [step for step in one.etapes if step.action is not Action.ATTENDRE]
        return replace(one, problemes=[], etapes=done)

    def _is_news(self, step: Step) -> bool:
        return step.action is not Action.ATTENDRE or self._told.get(f"={step.fichier}") != hash(step.raison)

    def _remember(self, report: Report) -> None:
        self._told |= {one.chemin: _state(one) for one in report.dossiers}
        # A register that has nothing to change for these dossiers may wait for others.
        self._told |= {f"={step.fichier}": hash(step.raison) for step in report.registres if _is_shown(step)}
        if report.dossiers or report.problemes:  # else the settings were not looked into
            self._problemes = set(report.problemes)


def _state(one: DossierReport) -> int:
    """What stands in the way of a dossier."""
    waiting = ((step.fichier, step.raison) for step in one.etapes if step.action is Action.ATTENDRE)
    return hash((*one.problemes, *waiting))


def _is_shown(step: Step) -> bool:
    return step.action is not Action.CONSERVER
