"""The plan of one dossier: its documents made in memory, and what happens to each of its files. Nothing is written."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath

from toolkit import french
from toolkit.documents.document import Copie, Document
from toolkit.documents.wanted import type_of, wanted_documents
from toolkit.errors import EnvironmentRefused, Problem, avertissement, erreur
from toolkit.formats.office_xml import PartUnsound
from toolkit.formats.package import PackageRefused
from toolkit.formats.pdf_marks import VERSION, Bound, PdfRefused
from toolkit.formats.pdf_seal import Seal, read_seal, seal
from toolkit.formats.word import ModeleFaulty
from toolkit.formats.word_links import linked
from toolkit.formats.word_text import said_by
from toolkit.modele.usages import variants
from toolkit.system import files
from toolkit.system.fonts import without_font
from toolkit.tree import layout, path_limits
from toolkit.walk.case import Case
from toolkit.walk.decide import (
    Action,
    Disk,
    MakePdf,
    Rendered,
    Step,
    WriteWord,
    Written,
    current_version,
    decide_pdf,
    decide_put_away,
    decide_word,
    untrue,
)
from toolkit.walk.means import Means
from toolkit.walk.note import ANNOTEE, NoteChange, change
from toolkit.walk.render import digest, langue_of, render
from toolkit.walk.same_words import check_words, is_of_another
from toolkit.walk.state import State
from toolkit.walk.told import told_by


@dataclass
class Plan:
    """What happens to the files of one dossier, and why."""

    case: Case
    state: State
    """What we remember of its files, with those that turn out to be as we would make them."""
    disk: Disk = field(default_factory=lambda: Disk({}, {}))
    steps: list[Step] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    """Those of the case, and those that its documents show."""
    refus: list[str] = field(default_factory=list)
    """What could not be read of what its documents are made from."""
    note: NoteChange | None = None
    """What happens to the note of what is to be mended."""
    is_stale: bool = False
    """Someone has changed what it was made from: the rest of it is to be planned anew."""
    to_sweep: set[Path] = field(default_factory=set)
    """Folders where a kill left temporary files."""

    def path(self, fichier: str) -> Path:
        """Where a file of the dossier lies, or will."""
        return layout.named(self.case.path, *PurePosixPath(fichier).parts)

    def wait(self, fichier: str, raison: str) -> None:
        """One more file that is not made now; ``raison`` is French, as « attend les deux signatures du contrat »."""
        self.steps.append(Step(Action.ATTENDRE, fichier, raison))

    def remember(self, fichier: str, written: Written) -> None:
        """A file that stands turns out to be this one."""
        if self.state.written.get(fichier) != written:
            self.state = self.state.record(fichier, written)
            self.disk = replace(self.disk, written=self.state.written)

    def tell(self, *problems: Problem) -> None:
        """Problems of dossier.toml, unless they name another file."""
        self.problems += (problem.at(fichier=layout.DOSSIER) for problem in problems)


@dataclass(frozen=True)
class _Standing:
    """A Word file as it will lie once the plan is applied: what its PDFs are drawn from."""

    fichier: str
    sha256: str
    manquants: tuple[str, ...]
    read: Callable[[], bytes]
    is_as_made: bool = False
    """It stands already as its model makes it now."""
    is_ours: bool = True
    """Nobody wrote in it since."""


@dataclass(frozen=True)
class _InCarnet:
    """A PDF that goes into the carnet."""

    titre: str
    path: Path
    source: str
    """Hash of what it is drawn from."""
    is_made_now: bool
    """In this very run: it is not bound before it is there."""


def plan_dossier(case: Case, means: Means) -> Plan:
    """Every file that a dossier has or waits for, with what happens to it and why."""
    plan = Plan(case, case.state, problems=list(case.problemes))
    has_documents = case.fiche is not None and not case.is_double
    wanted = wanted_documents(case.fiche, case.problemes) if case.fiche and has_documents else []
    plan.disk = _look(plan, wanted)
    if has_documents:
        _plan_documents(plan, wanted, means)
    _plan_note(plan, means)
    return plan


def _plan_documents(plan: Plan, wanted: Sequence[Document], means: Means) -> None:
    case = plan.case
    _tell_language(plan, wanted, means)
    _tell_signs(plan)
    bound: list[_InCarnet] = []
    missing: list[str] = []
    """What goes into the carnet and waits: it then waits too."""
    too_long = 0
    for document in wanted:
        over = _excess(case, document, means)
        too_long = max(too_long, 0 if document.attend else over)
        parts: list[_InCarnet] = []
        if document.attend:
            plan.wait(document.fichier, f"attend {french.liste(document.attend)}")
        elif over:
            plan.wait(document.fichier, "chemin trop long pour Windows : abréger le nom du dossier")
        elif document.is_bound and missing:
            plan.wait(document.fichier, f"attend {french.liste(missing)}")
        else:
            try:
                parts = _plan_due(plan, document, bound, means)
            except ModeleFaulty as fault:
                means.tell(fault.problems)
                name = means.variante(document.modele, langue_of(case))
                plan.wait(document.fichier, f"le modèle « {name} » est à corriger")
            except EnvironmentRefused as refusal:  # a model or a picture that cannot be read: the others are made
                plan.refus.append(str(refusal))
                plan.wait(document.fichier, str(refusal))
        if document.in_carnet and not parts:
            missing.append(document.titre)
        bound += parts
    _put_away_abandoned(plan, wanted)
    if too_long:
        plan.tell(erreur(_shorten(case.path.name, too_long)))


def _plan_note(plan: Plan, means: Means) -> None:
    """Of all that is wrong by now; what an agent wrote in the one that stands is kept, and that is told."""
    path = plan.path(layout.NOTE)
    standing = files.read_if_there(path)
    plan.note = change(standing, plan.problems, means.options.aujourd_hui)
    if plan.note and plan.note.is_annotated:
        raison = f"quelqu'un y a écrit : c'est gardé dans « {ANNOTEE} »"
        plan.steps.append(Step(Action.ARCHIVER, layout.NOTE, raison))


_SWEPT = (PurePosixPath(), PurePosixPath(layout.SUIVI))
"""Where we write beside the folders of the documents."""


def _look(plan: Plan, wanted: Sequence[Document]) -> Disk:
    """Hashes of the files that lie where our documents go."""
    written = plan.case.state.written
    parents = {PurePosixPath(name).parent for name in (*written, *(one.fichier for one in wanted))}
    hashes = {}
    for parent in (*parents, *(one / layout.REMPLACES for one in parents), *_SWEPT):
        folder = plan.path(str(parent))
        for path in map(Path, files.list_folder(folder)):
            name = unicodedata.normalize("NFC", path.name)
            if name.startswith(files.TEMPORARY_PREFIX):
                plan.to_sweep.add(folder)
            elif parent in parents and path.suffix in (".docx", ".pdf") and name[:2] != "~$":
                hashes[str(parent / name)] = _digest(path)
    return Disk(hashes, written)


_UNKNOWN = "illisible"
"""In place of a hash: something has the name, and it is not ours."""


def _digest(path: Path) -> str:
    try:
        return files.sha256_of(path) or _UNKNOWN
    except EnvironmentRefused:
        return _UNKNOWN


def _plan_due(plan: Plan, document: Document, bound: Sequence[_InCarnet], means: Means) -> list[_InCarnet]:
    """One document that is due; gives what of it goes into the carnet."""
    if not document.is_bound:
        _adopt_word(plan, document, means)
        return _plan_files(plan, render(document, plan.case, plan.disk, means), means)
    parts = [*(one.source for one in bound), *(files.sha256(one.pdf) for one in means.annexes)]
    _plan_bound(plan, render(document, plan.case, plan.disk, means, parts), bound, parts, means)
    return []


# --- the files of one document ------------------------------------------------------------------------------------


def _plan_files(plan: Plan, rendered: Rendered, means: Means) -> list[_InCarnet]:
    """Its Word file, its PDFs, and the versions that it replaces; gives what of it goes into the carnet."""
    document = rendered.document
    standing = _plan_word(plan, rendered)
    stem = PurePosixPath(standing.fichier)
    copies: list[_InCarnet] = []
    for copie in document.copies:
        target = str(stem.with_name(f"{stem.stem}{copie.suffixe}.pdf"))
        source = digest(standing.sha256, repr(copie.marques), VERSION)
        written = Written(document.code, "", means.jour, source=source)
        modele = means.variante(document.modele, langue_of(plan.case)) if standing.is_ours else None
        finish = partial(_mark, copie, PurePosixPath(target).stem, source, modele)
        drafts = _drafts(copie, standing, plan.disk) if copie.brouillon != copie.marques else set()
        step = _plan_pdf(plan, document, target, standing, written, finish, means, drafts)
        if step.action is not Action.ATTENDRE or means.pdf_waits:
            copies.append(_InCarnet(document.titre, plan.path(step.fichier), source, isinstance(step, MakePdf)))
    formers = [f"{former}{end}" for former in document.formers for end in (".docx", ".pdf", " COPIE.pdf")]
    plan.steps += decide_put_away(formers, f"remplacé par « {PurePosixPath(document.fichier).stem} »", plan.disk)
    return copies[:1] if document.in_carnet and len(copies) == len(document.copies) else []


def _drafts(copie: Copie, standing: _Standing, disk: Disk) -> set[str]:
    """What a draft of this PDF is drawn from, also before someone changed the Word file."""
    word = disk.written.get(standing.fichier)
    return {digest(one, repr(copie.brouillon), VERSION) for one in (standing.sha256, word.sha256 if word else "")}


def _adopt_word(plan: Plan, document: Document, means: Means) -> None:
    """A Word document that stands and that nothing is remembered of: what it tells of itself is believed."""
    current = current_version(document.fichier, document.suite, plan.disk)
    if current is None or current in plan.disk.written:
        return
    content = _read_foreign(plan.path(current))
    if content and (known := told_by(content, plan.case.reference, document.code, means.jour)):
        plan.remember(current, known)


def _plan_word(plan: Plan, rendered: Rendered) -> _Standing:
    step = decide_word(rendered, plan.disk)
    plan.steps.append(step)
    if problem := untrue(rendered, plan.disk):
        plan.tell(problem)
    path = plan.path(step.fichier)
    if isinstance(step, WriteWord):
        for label in rendered.written.manquants:
            what = f"« {rendered.document.titre} » porte « [À COMPLÉTER : {label}] » : noter ce fait, le PDF attend"
            plan.tell(avertissement(what))
        return _Standing(step.fichier, rendered.written.sha256, rendered.written.manquants, lambda: step.content)
    known, stands = plan.disk.written.get(step.fichier), plan.disk.hashes[step.fichier]
    is_same = known is not None and known.made_of == rendered.written.made_of and plan.disk.is_as_written(step.fichier)
    is_as_made = is_same or stands == rendered.written.sha256
    if is_as_made:
        fait_le = known.fait_le if known else rendered.written.fait_le
        known = replace(rendered.written, fait_le=fait_le, sha256=stands)
        plan.remember(step.fichier, known)
    manquants = known.manquants if known and known.sha256 == stands else ()
    is_ours = is_as_made or plan.disk.is_ours(step.fichier)
    if not is_ours:
        _tell_links(plan, step.fichier)
    return _Standing(step.fichier, stands, manquants, partial(_read, path), is_as_made, is_ours)


def _plan_pdf(
    plan: Plan,
    document: Document,
    target: str,
    standing: _Standing,
    written: Written,
    finish: Callable[[bytes, bytes], bytes],
    means: Means,
    drafts: Set[str] = frozenset(),
) -> Step:
    """Gives its step, which is then one of the plan. Drawn from one of ``drafts``, it is none that was sent."""
    _adopt_pdf(plan, document, target, standing, written)
    known = plan.disk.written.get(current_version(target, document.suite, plan.disk) or "")
    is_frozen = document.is_frozen and (known is None or known.source not in drafts)
    step = decide_pdf(target, document.suite, written.source, plan.disk, is_frozen=is_frozen)
    if step.action is not Action.CONSERVER:
        if standing.manquants:
            step = Step(Action.ATTENDRE, step.fichier, f"attend {french.liste(standing.manquants)}")
        elif means.pdf_waits:
            step = Step(Action.ATTENDRE, step.fichier, means.pdf_waits)
        else:
            step = MakePdf(step.action, step.fichier, step.raison, standing.read(), finish, written)
    plan.steps.append(step)
    return step


def _adopt_pdf(plan: Plan, document: Document, target: str, standing: _Standing, written: Written) -> None:
    """A PDF that stands and that nothing is remembered of: what it says of itself, or else what its Word file tells."""
    current = current_version(target, document.suite, plan.disk)
    known = plan.disk.written.get(current) if current else None
    if current is None or (known and (known.source == written.source or plan.disk.is_ours(current))):
        return
    path = plan.path(current)
    content = _read_foreign(path)
    seal = read_seal(content) if content else None
    if seal is not None:
        ours = plan.disk.hashes[current] if seal.is_whole else ""
        if seal.source != written.source:
            written = replace(written, source=seal.source, inputs="", engagements={})
        plan.remember(current, replace(written, sha256=ours))
    elif not plan.case.state.etat and standing.is_as_made and _is_later(path, plan.path(standing.fichier)):
        # Without any state, from before they bore a line of their own or saved anew by someone: kept as a person's.
        plan.remember(current, written)


def _is_later(path: Path, other: Path) -> bool:
    try:
        return path.stat().st_mtime_ns >= other.stat().st_mtime_ns
    except OSError:
        return False


def _mark(copie: Copie, titre: str, source: str, modele: str | None, word: bytes, made: bytes) -> bytes:
    """``modele`` is the model of a document of ours, in which nobody wrote since."""
    from toolkit.formats import pdf

    _check_said(word, made, modele)
    return seal(pdf.mark(made, copie.marques, titre=titre), source)


def _check_said(word: bytes, made: bytes, modele: str | None) -> None:
    """Raises PdfRefused when the PDF is another's, or says something else."""
    from toolkit.formats import pdf

    try:
        said = said_by(word)
    except (PackageRefused, PartUnsound) as error:
        raise PdfRefused("le document Word est abîmé") from error
    shown = pdf.text_of(made)
    if modele is not None:
        check_words(said, shown, modele)
    elif is_of_another(said, shown):
        raise PdfRefused("le PDF n'est pas celui de ce document")


def _plan_bound(plan: Plan, rendered: Rendered, bound: Sequence[_InCarnet], parts: Sequence[str], means: Means) -> None:
    """Its own pages from a Word model, then the PDFs as they stand, then the office's annexes."""
    document = rendered.document
    if rendered.content is None:
        current = current_version(document.fichier, document.suite, plan.disk) or document.fichier
        plan.steps.append(Step(Action.CONSERVER, current, "à jour"))
        return
    content = rendered.content
    standing = _Standing(document.fichier, rendered.written.sha256, rendered.written.manquants, lambda: content)
    source = digest(standing.sha256, VERSION, *parts)
    parties = {one.titre: one.source for one in bound}
    inputs = rendered.written.inputs
    written = Written(document.code, "", means.jour, inputs=inputs, source=source, engagements=parties)
    titre = f"{document.titre} {plan.case.reference}"
    modele = means.variante(document.modele, langue_of(plan.case))
    finish = partial(_bind, titre, bound, means, source, modele)
    step = _plan_pdf(plan, document, document.fichier, standing, written, finish, means)
    if step.action is Action.CONSERVER and document.is_frozen:
        _tell_incomplete(plan, step.fichier, parties)


def _tell_incomplete(plan: Plan, fichier: str, parties: Iterable[str]) -> None:
    """A carnet that went out without some of its papers; which ones one of ours has, it says by its bookmarks."""
    known = plan.disk.written.get(fichier)
    if known is None or not plan.disk.is_ours(fichier):
        return
    if not known.engagements:
        from toolkit.formats import pdf

        known = replace(known, engagements=dict.fromkeys(pdf.bookmarks(_read(plan.path(fichier))), ""))
        plan.remember(fichier, known)
    missing = [titre for titre in parties if titre not in known.engagements]
    if missing:
        name = PurePosixPath(fichier).name
        what = (
            f"« {name} », déjà envoyé, est sans {french.liste(missing)} : effacer le jour de son envoi pour qu'il soit "
        )
        plan.tell(avertissement(f"{what}refait, l'envoyer, puis noter ce jour", "carnet", "envoye_le"))


def _bind(
    titre: str, bound: Sequence[_InCarnet], means: Means, source: str, modele: str, word: bytes, made: bytes
) -> bytes:
    from toolkit.formats import pdf

    _check_said(word, made, modele)
    parties = [Bound("Votre carnet", made)]
    for one in bound:
        content = files.read_if_there(one.path)
        if content is None:
            raise PdfRefused(f"« {one.path.name} » manque")
        if one.is_made_now and read_seal(content) != Seal(one.source, is_whole=True):
            raise PdfRefused(f"« {one.path.name} » n'est pas encore à jour")
        parties.append(Bound(one.titre, content))
    try:
        return seal(pdf.bind([*parties, *means.annexes], titre), source)
    except PdfRefused:
        # Nothing but an attempt tells of some of them.
        faults = [why for one in means.annexes if (why := pdf.why_unbound(one))]
        if not faults:
            raise
        means.tell_plan(faults[0])
        return seal(pdf.bind(parties, titre), source)


def _put_away_abandoned(plan: Plan, wanted: Sequence[Document]) -> None:
    """Documents of ours for a service or a supplier that the dossier does not have any more."""
    codes = {one.code for one in wanted}
    done = {step.fichier for step in plan.steps if step.action not in (Action.CONSERVER, Action.ATTENDRE)}
    names = [
        name
        for name, one in plan.disk.written.items()
        if (kind := type_of(one.code)) and kind.is_put_away and one.code not in codes and name not in done
    ]
    plan.steps += decide_put_away(names, "cette prestation n'est plus au programme", plan.disk)


# --- what is told -------------------------------------------------------------------------------------------------


def _tell_language(plan: Plan, wanted: Iterable[Document], means: Means) -> None:
    """Documents in French for a stay in another language, because no model is in that language."""
    langue = langue_of(plan.case)
    due = {one.modele for one in wanted if not one.attend}
    french_only = sorted(name for name in due if variants(name, langue)[0] != means.variante(name, langue))
    if french_only:
        missing = french.liste([f"« {variants(name, langue)[0]} »" for name in french_only])
        what = f"documents faits en français : pas de modèle {missing} dans « {layout.MODELES} »"
        plan.tell(avertissement(what, "sejour", "langue"))


def _tell_links(plan: Plan, fichier: str) -> None:
    """Of a document that people changed: pictures that lie elsewhere are in no PDF."""
    targets = linked(_read_foreign(plan.path(fichier)) or b"")
    if targets:
        name = PurePosixPath(fichier).name
        what = f"« {name} » montre ce qui se trouve ailleurs ({french.liste(targets[:_LINKS])})"
        remedy = "ce n'est pas dans le PDF : insérer l'image elle-même dans le document"
        plan.tell(avertissement(f"{what}, {remedy}"))


_LINKS = 3
"""That are told."""
_USUAL = re.compile(r"[\u0000-\u024f\u2000-\u206f\u20a0-\u20bf\u2100-\u2122]+")
"""What every font of an office has."""


def _tell_signs(plan: Plan) -> None:
    """Letters of other scripts, or pictures, that would be empty boxes in the PDFs."""
    assert plan.case.fiche is not None
    signs = set(_USUAL.sub("", plan.case.fiche.dossier.model_dump_json()))
    if signs and (missing := without_font(signs)):
        shown = french.liste([f"« {sign} »" for sign in missing[:_SIGNS]])
        what = f"aucune police de cette machine n'a {shown} : ce seraient des cases vides dans les PDF"
        plan.tell(avertissement(f"{what}. Écrire autrement, ou faire installer une police (Noto)"))


_SIGNS = 5
"""That are told."""


def _excess(case: Case, document: Document, means: Means) -> int:
    """By how many characters the desktops could not open the longest of its files."""
    stem = PurePosixPath(document.fichier)
    names = [stem.name, *(f"{stem.stem}{copie.suffixe}.pdf" for copie in document.copies)]
    longest = case.path / stem.with_name(max(names, key=len))
    return path_limits.excess(means.settings.root, means.settings.office, longest)


def _shorten(name: str, over: int) -> str:
    short = path_limits.shorten(name, over)
    remedy = (
        f"renommer le dossier, par exemple « {short[1]} »"
        if short
        else "la racine est trop profonde, voir avec la personne qui gère le serveur"
    )
    what = (
        f"des documents attendent, leur chemin dépasserait ce que Windows ouvre de {french.pluriel(over, 'caractère')}"
    )
    return f"{what} : {remedy}"


def _read_foreign(path: Path) -> bytes | None:
    """What may be anybody's, and of any kind or size."""
    try:
        return files.read_if_there(path)
    except EnvironmentRefused:
        return None


def _read(path: Path) -> bytes:
    return files.read_if_there(path) or b""
