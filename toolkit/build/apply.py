"""The documents of a dossier put in place: what the plan says is written, then remembered, and nothing else."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from glob import escape as glob_escape
from pathlib import Path, PurePosixPath

from toolkit import french
from toolkit.build.case import Case
from toolkit.build.means import Atelier
from toolkit.build.options import Options
from toolkit.build.plan import Action, Step, Written
from toolkit.build.render import Pending
from toolkit.build.report import Report, note
from toolkit.build.state import State, save_state, write_journal
from toolkit.dossier.etat import LIBELLES
from toolkit.errors import EnvironmentRefused
from toolkit.formats.conversion import ConversionFailed
from toolkit.formats.pdf_marks import PdfRefused
from toolkit.system import files
from toolkit.tree import layout, path_limits


def apply(pending: Sequence[Pending], cases: Sequence[Case], atelier: Atelier, report: Report) -> None:
    """Write what the plan says, then remember it; a refusal of one dossier stops no other.

    New documents first, former ones put away last: a kill in between leaves both.
    """
    done: dict[int, list[str]] = defaultdict(list)
    made = _convert([one for one in pending if one.finish], atelier)
    order = sorted(pending, key=lambda one: (one.step.action is Action.ARCHIVER, one.finish is not None))
    for one in order:
        try:
            done[id(one.case)].append(_do(one, made, atelier))
        except (EnvironmentRefused, PdfRefused, ConversionFailed) as refusal:
            # A folder that is gone is no refusal to be tried again: it is met anew under its new name.
            if not isinstance(refusal, files.FolderGone):
                report.refus.append(_refusal(one, refusal))
            etapes = one.case.report.etapes
            etapes[etapes.index(one.step)] = Step(Action.ATTENDRE, one.step.fichier, str(refusal))
    for case in cases:
        try:
            _record(case, done[id(case)], atelier.options)
        except files.FolderGone:
            continue
        except EnvironmentRefused as refusal:
            report.refus.append(str(refusal))


def _refusal(one: Pending, refusal: Exception) -> str:
    if isinstance(refusal, EnvironmentRefused):
        return str(refusal)
    return f"« {PurePosixPath(one.step.fichier).name} » n'est pas fait : {refusal}. Il le sera au prochain passage."


def _convert(pdfs: Sequence[Pending], atelier: Atelier) -> dict[bytes, bytes | ConversionFailed]:
    """Every Word document that a PDF is wanted of, once, in one start of LibreOffice or Word."""
    sources = list(dict.fromkeys(one.word for one in pdfs))
    if not sources or atelier.convert is None:
        return {}
    atelier.options.progress(f"{french.pluriel(len(sources), 'document')} à mettre en PDF…")
    return dict(zip(sources, atelier.convert(sources), strict=True))


def _do(one: Pending, made: Mapping[bytes, bytes | ConversionFailed], atelier: Atelier) -> str:
    """Put one file in place or away; gives the line for the journal."""
    path, name = one.case.path / one.step.fichier, PurePosixPath(one.step.fichier).name
    known = one.case.state.written.get(one.step.fichier)
    if one.written is None:
        files.move(path, _free_name(path, known, atelier), home=one.case.path)
        one.case.state = one.case.state.forget(one.step.fichier)
        return f"« {name} » rangé dans « {layout.REMPLACES} »"
    content = one.content
    if content is None:
        converted = made[one.word]
        if isinstance(converted, ConversionFailed):
            raise converted
        content = one.finish(converted) if one.finish else converted
    if one.step.action is Action.REMPLACER:
        _keep_former(path, known, atelier, home=one.case.path)
    # Noted first: were we killed between the two, the file must not be taken for a human's.
    avant = files.sha256(files.read_if_there(path) or b"") if one.step.action is Action.REMPLACER else ""
    one.case.state = one.case.state.record(
        one.step.fichier, replace(one.written, sha256=files.sha256(content), avant=avant)
    )
    save_state(one.case.path, _signed(one.case), is_durable=False)
    files.write(path, content, home=one.case.path)
    return f"« {name} » {'remplacé' if one.step.action is Action.REMPLACER else 'établi'}"


def _keep_former(path: Path, known: Written | None, atelier: Atelier, home: Path) -> None:
    """A copy in « Remplacés », unless a run that was killed made it already."""
    former = files.read_if_there(path)
    kept = (path.parent / layout.REMPLACES).glob(f"{glob_escape(path.stem)} du *{path.suffix}")
    if former is not None and former not in (files.read_if_there(one) for one in kept):
        files.write(_free_name(path, known, atelier), former, home=home)


def _free_name(path: Path, known: Written | None, atelier: Atelier) -> Path:
    """Where a former version is kept: dated, under a name that no file bears and that the desktops can open."""
    day = f" du {known.fait_le}" if known else ""
    number, target = 1, path
    while number == 1 or target.exists():
        end = day if number == 1 else f"{day} ({number})"
        target = path.parent / layout.REMPLACES / f"{path.stem}{end}{path.suffix}"
        if over := path_limits.excess(atelier.settings.root, atelier.settings.office, target):
            target = target.with_stem(f"{layout.safe_name(path.stem, max(1, len(path.stem) - over))}{end}")
        number += 1
    return target


def _record(case: Case, done: Sequence[str], options: Options) -> None:
    """State, journal and note of one dossier, each written only when it says something new."""
    content = note(case.report.problemes, options.aujourd_hui)
    path = case.path / layout.NOTE
    if content is None:
        files.remove_if_there(path)
    elif _without_day(files.read_if_there(path)) != _without_day(content):
        files.write(path, content, home=case.path)
    if case.fiche is None or case.is_double:
        return
    lines = list(done)
    if case.state.etat != case.fiche.etat:
        lines.insert(0, f"État du dossier : {LIBELLES[case.fiche.etat]}")
    if lines:
        day = french.date_courte(options.aujourd_hui)
        write_journal(case.path, [french.typography(f"{day} – {line}") for line in lines])
    state = replace(_signed(case), etat=case.fiche.etat.value)
    save_state(case.path, state)


def _signed(case: Case) -> State:
    """The state with the name of the dossier it belongs to."""
    return replace(case.state, reference=case.report.reference, folder=case.path.name)


def _without_day(content: bytes | None) -> bytes | None:
    """A note less its first line, which bears the day: the same mistakes on another day are no news."""
    return None if content is None else content.partition(b"\n")[2]
