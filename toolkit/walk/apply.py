"""The plans of some dossiers put in place: what they say is written, then remembered, and nothing else.

Word files first, which serve by themselves; then every PDF, of one start of LibreOffice; former versions are put away
last: whatever stops in between, the old or the new is there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from glob import escape as glob_escape
from pathlib import Path, PurePosixPath

from toolkit import french
from toolkit.dossier.etat import LIBELLES
from toolkit.errors import EnvironmentRefused
from toolkit.formats.conversion import NoPdf
from toolkit.formats.pdf_marks import PdfRefused
from toolkit.system import files
from toolkit.tree import layout, path_limits
from toolkit.walk.decide import Action, MakePdf, PutAway, Step, WriteWord, Written
from toolkit.walk.means import Means
from toolkit.walk.plan import Plan
from toolkit.walk.report import DossierReport, note
from toolkit.walk.state import State, save_state, write_journal

Converted = dict[bytes, bytes | NoPdf]


@dataclass
class Applied:
    """One dossier, done."""

    report: DossierReport
    refus: list[str] = field(default_factory=list)
    """What the machine refused; tried again at the next run."""


def apply_plans(plans: Sequence[Plan], means: Means) -> list[Applied]:
    """Do what the plans say; a refusal of one dossier stops no other."""
    hands = [_Hand(plan, means) for plan in plans]
    for hand in hands:
        hand.do_all(WriteWord)
    converted = _convert(plans, means)
    for hand in hands:
        hand.do_all(MakePdf, converted)
        hand.do_all(PutAway)
        hand.record()
    return [hand.applied() for hand in hands]


def shown(plan: Plan) -> Applied:
    """The same plan, told and not done."""
    return Applied(plan.case.as_report(plan.steps, plan.problems))


def _convert(plans: Sequence[Plan], means: Means) -> Converted:
    """Every Word document that a PDF is wanted of, once."""
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
        self._refus: list[str] = []
        self._lines: list[str] = []
        """For the journal."""

    def do_all(self, kind: type[Step], converted: Converted | None = None) -> None:
        for step in self._plan.steps:
            if not isinstance(step, kind):
                continue
            try:
                self._lines.append(self._do(step, converted or {}))
            except (EnvironmentRefused, PdfRefused) as refusal:
                # A folder that is gone is no refusal to be tried again: it is met anew under its new name.
                if not isinstance(refusal, files.FolderGone):
                    self._refus.append(_refusal(step, refusal))
                self._refused[id(step)] = Step(Action.ATTENDRE, step.fichier, str(refusal))

    def applied(self) -> Applied:
        steps = [self._refused.get(id(step), step) for step in self._plan.steps]
        return Applied(self._plan.case.as_report(steps, self._plan.problems), self._refus)

    def _do(self, step: Step, converted: Converted) -> str:
        """Put one file in place or away; gives the line for the journal."""
        match step:
            case WriteWord(content=content, written=written):
                return self._put(step, content, written)
            case MakePdf(word=word, finish=finish, written=written):
                made = converted[word]
                if isinstance(made, NoPdf):
                    raise PdfRefused(made.raison)
                return self._put(step, finish(made), written)
            case _:
                return self._put_away(step)

    def _put(self, step: Step, content: bytes, written: Written) -> str:
        path, name = self._home / step.fichier, PurePosixPath(step.fichier).name
        is_former = step.action is Action.REMPLACER
        if is_former:
            self._keep_former(path, self._state.written.get(step.fichier))
        # Noted first: were we killed between the two, the file must not be taken for a human's.
        avant = files.sha256(files.read_if_there(path) or b"") if is_former else ""
        self._state = self._state.record(step.fichier, replace(written, sha256=files.sha256(content), avant=avant))
        save_state(self._home, self._signed(), is_durable=False)
        over = self._plan.disk.hashes[step.fichier] if is_former else None
        files.write(path, content, over=over, home=self._home)
        return f"« {name} » {'remplacé' if is_former else 'établi'}"

    def _put_away(self, step: Step) -> str:
        path = self._home / step.fichier
        target = layout.first_free(self._former(path, self._state.written.get(step.fichier)), Path.exists, start=1)
        files.move(path, target, over=self._plan.disk.hashes[step.fichier], home=self._home)
        self._state = self._state.forget(step.fichier)
        return f"« {path.name} » rangé dans « {layout.REMPLACES} »"

    def _keep_former(self, path: Path, known: Written | None) -> None:
        """A copy in « Remplacés », unless a run that was killed made it already."""
        former = files.read_if_there(path)
        kept = (path.parent / layout.REMPLACES).glob(f"{glob_escape(path.stem)} du *{path.suffix}")
        if former is not None and former not in (files.read_if_there(one) for one in kept):
            files.write_beside(self._former(path, known), former, home=self._home)

    def _former(self, path: Path, known: Written | None) -> Callable[[int], Path]:
        """Where a former version is kept: dated, under names that the desktops can open."""
        settings = self._means.settings
        day = f" du {known.fait_le}" if known else ""

        def former(number: int) -> Path:
            end = day if number == 1 else f"{day} ({number})"
            target = path.parent / layout.REMPLACES / f"{path.stem}{end}{path.suffix}"
            over = path_limits.excess(settings.root, settings.office, target)
            short = layout.safe_name(path.stem, max(1, len(path.stem) - over))
            return target.with_stem(f"{short}{end}") if over else target

        return former

    def record(self) -> None:
        """State, journal and note of the dossier, each written only when it says something new."""
        try:
            self._record()
        except files.FolderGone:
            pass
        except EnvironmentRefused as refusal:
            self._refus.append(str(refusal))

    def _record(self) -> None:
        case, today = self._plan.case, self._means.options.aujourd_hui
        content = note(self._plan.problems, today)
        path = self._home / layout.NOTE
        standing = files.read_if_there(path)
        if content is None and standing is not None:
            files.remove(path, over=files.sha256(standing))
        elif content is not None and _without_day(standing) != _without_day(content):
            files.write(path, content, over=None if standing is None else files.sha256(standing), home=self._home)
        if case.fiche is None or case.is_double:
            return
        lines = list(self._lines)
        if self._state.etat != case.fiche.etat:
            lines.insert(0, f"État du dossier : {LIBELLES[case.fiche.etat]}")
        if lines:
            day = french.date_courte(today)
            write_journal(self._home, [french.typography(f"{day} – {line}") for line in lines])
        save_state(self._home, replace(self._signed(), etat=case.fiche.etat.value))

    def _signed(self) -> State:
        """The state with the name of the dossier it belongs to."""
        return replace(self._state, reference=self._plan.case.reference, folder=self._home.name)


def _refusal(step: Step, refusal: Exception) -> str:
    if isinstance(refusal, EnvironmentRefused):
        return str(refusal)
    return f"« {PurePosixPath(step.fichier).name} » n'est pas fait : {refusal}. Il le sera au prochain passage."


def _without_day(content: bytes | None) -> bytes | None:
    """A note less its first line, which bears the day: the same mistakes on another day are no news."""
    return None if content is None else content.partition(b"\n")[2]
