"""The plans of some dossiers put in place: what they say is written, then remembered, and nothing else.

Each dossier is worked on under its lock, and only while what its plan was made from still stands; else it is planned
anew. Word files first, which serve by themselves; former versions are put away last: whatever stops in between, the old
or the new is there.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from glob import escape as glob_escape
from pathlib import Path, PurePosixPath

from toolkit import french
from toolkit.errors import EnvironmentRefused, erreur
from toolkit.formats.conversion import NoPdf
from toolkit.formats.pdf_marks import PdfRefused, PdfUntrue
from toolkit.system import files, locks
from toolkit.tree import layout, path_limits
from toolkit.walk.decide import Action, MakePdf, PutAway, Step, WriteWord, Written
from toolkit.walk.means import Means
from toolkit.walk.note import ANNOTEE
from toolkit.walk.plan import Plan
from toolkit.walk.report import DossierReport
from toolkit.walk.state import State, save_state, write_journal

CHANGED = "quelqu'un y travaille en ce moment : il sera repris"
GONE = "le dossier a été renommé, déplacé ou supprimé pendant le travail"
Converted = Mapping[bytes, bytes | NoPdf]
"""PDFs by the Word documents that they are made of."""


@dataclass
class Applied:
    """One dossier, done."""

    report: DossierReport
    refus: list[str] = field(default_factory=list)
    """What the machine refused; tried again at the next run."""
    has_pdfs_left: bool = False
    """All is in place but PDFs, and what is put away once they are there."""


def apply_plan(plan: Plan, means: Means, converted: Converted | None) -> Applied:
    """Do what a plan says, or only tell it in a simulation.

    Without ``converted``, where a dossier wants PDFs its Word files are put in place, and the rest is left.
    """
    if means.options.simulate:
        return Applied(plan.case.as_report(plan.steps, plan.problems), plan.refus)
    return _Hand(plan, means).do(converted)


def convert_all(plans: Sequence[Plan], means: Means) -> Converted:
    """Every Word document that a PDF is wanted of, once, by one start of LibreOffice."""
    sources = list(dict.fromkeys(step.word for plan in plans for step in plan.steps if isinstance(step, MakePdf)))
    if not sources or means.convert is None:
        return {}
    means.options.progress(f"{french.pluriel(len(sources), 'document')} à mettre en PDF…")
    return dict(zip(sources, means.convert(sources), strict=True))


class _Hand:
    """Does the steps of one dossier, and remembers each as it is done."""

    def __init__(self, plan: Plan, means: Means) -> None:
        self._plan = plan
        self._means = means
        self._home = plan.case.path
        self._state = plan.state
        self._refused: dict[int, Step] = {}
        """Steps that could not be done, as they now stand."""
        self._refus = list(plan.refus)
        self._lines: list[str] = []
        """For the journal."""

    def do(self, converted: Converted | None) -> Applied:
        """All of it, or without ``converted`` what does not come after a PDF."""
        wants_pdfs = any(isinstance(step, MakePdf) for step in self._plan.steps)
        has_pdfs_left = wants_pdfs and converted is None
        kinds = (WriteWord,) if has_pdfs_left else (WriteWord, MakePdf, PutAway)
        todo = [step for kind in kinds for step in self._plan.steps if isinstance(step, kind)]
        if todo or self._has_news():
            try:
                self._do_alone(todo, converted or {})
            except files.FolderGone:  # no refusal to be tried again: it is met anew under its new name
                pass
            except EnvironmentRefused as refusal:
                self._refus.append(str(refusal))
        return Applied(
            self._plan.case.as_report(self._steps(has_pdfs_left=has_pdfs_left), self._plan.problems),
            self._refus,
            has_pdfs_left=has_pdfs_left,
        )

    def _do_alone(self, todo: Sequence[Step], converted: Converted) -> None:
        root, what = self._means.settings.root, f"« {self._home.name} »"
        with locks.alone(layout.verrou(root, self._home), what, home=root):
            if not self._plan.case.is_current():
                self._plan.is_stale = self._home.is_dir()
                raison = CHANGED if self._plan.is_stale else GONE
                self._refused = {id(step): Step(Action.ATTENDRE, step.fichier, raison) for step in todo}
                return
            for folder in self._plan.to_sweep:
                files.sweep(folder)
            for step in todo:
                self._try(step, converted)
            self._record()

    def _try(self, step: Step, converted: Converted) -> None:
        try:
            self._lines.append(self._do(step, converted))
        except files.Touched as refusal:
            self._plan.is_stale = True
            self._refused[id(step)] = Step(Action.ATTENDRE, step.fichier, str(refusal))
        except PdfUntrue as refusal:
            what = f"« {PurePosixPath(step.fichier).name} » n'est pas fait : {refusal}"
            remedy = "remplacer dans le modèle ce que Word y calcule (champ, contrôle) par une balise ou du texte"
            self._means.tell([erreur(f"{what}. Remède : {remedy}").at(fichier=f"{layout.MODELES}/{refusal.modele}")])
            self._refused[id(step)] = Step(Action.ATTENDRE, step.fichier, str(refusal))
        except (EnvironmentRefused, PdfRefused) as refusal:
            if not isinstance(refusal, files.FolderGone):
                self._refus.append(_refusal(step, refusal))
            self._refused[id(step)] = Step(Action.ATTENDRE, step.fichier, str(refusal))

    def _steps(self, *, has_pdfs_left: bool) -> Iterator[Step]:
        """Those of the plan, as they ended."""
        for step in self._plan.steps:
            if has_pdfs_left and isinstance(step, (MakePdf, PutAway)):
                yield Step(Action.ATTENDRE, step.fichier, "après les documents Word")
            else:
                yield self._refused.get(id(step), step)

    def _do(self, step: Step, converted: Converted) -> str:
        """Put one file in place or away; gives the line for the journal."""
        match step:
            case WriteWord(content=content, written=written):
                return self._put(step, content, written)
            case MakePdf(word=word, finish=finish, written=written):
                made = converted.get(word) or NoPdf("LibreOffice n'a pas été lancé")
                if isinstance(made, NoPdf):
                    raise PdfRefused(made.raison)
                return self._put(step, finish(word, made), written)
            case _:
                return self._put_away(step)

    def _put(self, step: Step, content: bytes, written: Written) -> str:
        path, name = self._plan.path(step.fichier), PurePosixPath(step.fichier).name
        over = self._plan.disk.hashes[step.fichier] if step.action is Action.REMPLACER else None
        if over:
            self._keep_former(path, over, self._state.written.get(step.fichier))
        before = self._state
        # Noted first: were we killed between the two, the file must not be taken for a human's.
        self._note(before.record(step.fichier, replace(written, sha256=files.sha256(content), avant=over or "")))
        try:
            files.write(path, content, over=over, home=self._home)
        except EnvironmentRefused:
            with suppress(EnvironmentRefused):
                self._note(before)
            raise
        return f"« {name} » {'remplacé' if over else 'établi'}"

    def _note(self, state: State) -> None:
        self._state = state
        save_state(self._home, self._signed(), is_durable=False)

    def _put_away(self, step: Step) -> str:
        path = self._plan.path(step.fichier)
        former = self._former(path, self._state.written.get(step.fichier))
        files.move_beside(path, former, over=self._plan.disk.hashes[step.fichier], home=self._home)
        self._state = self._state.forget(step.fichier)
        return f"« {path.name} » rangé dans « {layout.REMPLACES} »"

    def _keep_former(self, path: Path, digest: str, known: Written | None) -> None:
        """A copy in « Remplacés », unless a run that was killed made it already."""
        former = files.read_if_there(path)
        if former is None or files.sha256(former) != digest:
            return  # not what was planned: it will not be replaced
        kept = layout.named(path.parent, layout.REMPLACES).glob(f"{glob_escape(path.stem)} du *{path.suffix}")
        if former not in (files.read_if_there(one) for one in kept):
            files.write_beside(self._former(path, known), former, home=self._home)

    def _former(self, path: Path, known: Written | None) -> Callable[[int], Path]:
        """Where a former version is kept: dated, under names that the desktops can open."""
        settings = self._means.settings
        day = f" du {known.fait_le}" if known else ""

        def former(number: int) -> Path:
            end = day if number == 1 else f"{day} ({number})"
            target = layout.named(path.parent, layout.REMPLACES) / f"{path.stem}{end}{path.suffix}"
            over = path_limits.excess(settings.root, settings.office, target)
            short = layout.safe_name(path.stem, max(1, len(path.stem) - over))
            return target.with_stem(f"{short}{end}") if over else target

        return former

    def _has_news(self) -> bool:
        """Whether state, journal or note would say something new."""
        plan = self._plan
        return bool(plan.note or plan.to_sweep) or (self._is_recorded and self._signed_as_of_now() != plan.case.state)

    @property
    def _is_recorded(self) -> bool:
        """A dossier that cannot be read, or bears the reference of another, has no state of its own."""
        return self._plan.case.fiche is not None and not self._plan.case.is_double

    def _record(self) -> None:
        """State, journal and note of the dossier, each written only when it says something new."""
        case, today = self._plan.case, self._means.options.aujourd_hui
        self._change_note()
        if case.fiche is None or not self._is_recorded:
            return
        lines = list(self._lines)
        if self._state.etat != case.fiche.etat:
            lines.insert(0, f"État du dossier : {case.fiche.libelle_etat}")
        if lines:
            day = french.date_courte(today)
            write_journal(self._home, [french.typography(f"{day} – {line}") for line in lines])
        save_state(self._home, self._signed_as_of_now())

    def _change_note(self) -> None:
        note = self._plan.note
        if note is None:
            return
        path, before = self._plan.path(layout.NOTE), note.before
        try:
            if before is not None and (note.is_annotated or note.content is None):
                if note.is_annotated:
                    files.write_beside(layout.numbered(self._home / ANNOTEE), before, home=self._home)
                files.remove(path, over=files.sha256(before))
                before = None
            if note.content is not None:
                over = None if before is None else files.sha256(before)
                files.write(path, note.content, over=over, home=self._home)
        except files.Touched:
            self._plan.is_stale = True
        except files.Held as refusal:
            self._refus.append(str(refusal))

    def _signed_as_of_now(self) -> State:
        """The same with the state that the dossier has reached."""
        fiche = self._plan.case.fiche
        return replace(self._signed(), etat=fiche.etat.value) if fiche else self._signed()

    def _signed(self) -> State:
        """The state with the name of the dossier it belongs to."""
        return replace(self._state, reference=self._plan.case.reference, folder=self._home.name)


def _refusal(step: Step, refusal: Exception) -> str:
    if isinstance(refusal, EnvironmentRefused):
        return str(refusal)
    return f"« {PurePosixPath(step.fichier).name} » n'est pas fait : {refusal}. Il le sera au prochain passage."
