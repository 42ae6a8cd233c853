"""The plan of one dossier: its documents made in memory, and what happens to each of its files. Nothing is written."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath

from toolkit import french
from toolkit.documents.document import Copie, Document
from toolkit.documents.wanted import type_of, wanted_documents
from toolkit.errors import Problem, avertissement, erreur
from toolkit.formats.pdf_marks import VERSION, Bound, PdfRefused
from toolkit.formats.word import ModeleFaulty
from toolkit.modele.usages import variants
from toolkit.system import files
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
    decide_pdf,
    decide_put_away,
    decide_word,
    untrue,
)
from toolkit.walk.means import Means
from toolkit.walk.render import digest, langue_of, render
from toolkit.walk.state import State


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

    def wait(self, fichier: str, raison: str) -> None:
        """One more file that is not made now; ``raison`` is French, as « attend les deux signatures du contrat »."""
        self.steps.append(Step(Action.ATTENDRE, fichier, raison))

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


@dataclass(frozen=True)
class _InCarnet:
    """A PDF that goes into the carnet."""

    titre: str
    path: Path
    source: str
    """Hash of what it is drawn from."""


def plan_dossier(case: Case, means: Means) -> Plan:
    """Every file that a dossier has or waits for, with what happens to it and why."""
    plan = Plan(case, case.state, problems=list(case.problemes))
    if case.fiche is None or case.is_double:
        return plan
    wanted = wanted_documents(case.fiche, case.problemes)
    plan.disk = _look(case, wanted)
    _tell_language(plan, wanted, means)
    bound: list[_InCarnet] = []
    too_long = 0
    for document in wanted:
        over = _excess(case, document, means)
        too_long = max(too_long, 0 if document.attend else over)
        if document.attend:
            plan.wait(document.fichier, f"attend {french.liste(document.attend)}")
        elif over or (document.is_bound and too_long):
            plan.wait(document.fichier, "chemin trop long pour Windows : abréger le nom du dossier")
        else:
            parts = [*(one.source for one in bound), *(files.sha256(one.pdf) for one in means.annexes)]
            try:
                rendered = render(document, case, plan.disk, means, parts if document.is_bound else ())
            except ModeleFaulty as fault:
                means.tell(fault.problems)
                name = means.variante(document.modele, langue_of(case))
                plan.wait(document.fichier, f"le modèle « {name} » est à corriger")
                continue
            if document.is_bound:
                _plan_bound(plan, rendered, bound, parts, means)
            else:
                bound += _plan_files(plan, rendered, means)
    _put_away_abandoned(plan, wanted)
    if too_long:
        plan.tell(erreur(_shorten(case.path.name, too_long)))
    return plan


def _look(case: Case, wanted: Sequence[Document]) -> Disk:
    """Hashes of the files that lie where our documents go."""
    written = case.state.written
    parents = {PurePosixPath(name).parent for name in (*written, *(one.fichier for one in wanted))}
    hashes = {}
    for parent in parents:
        if not (case.path / parent).is_dir():
            continue
        for path in (case.path / parent).iterdir():
            if path.is_file() and path.suffix in (".docx", ".pdf") and not path.name.startswith("~$"):
                hashes[str(parent / path.name)] = files.sha256(_read(path))
    return Disk(hashes, written)


# --- the files of one document ------------------------------------------------------------------------------------


def _plan_files(plan: Plan, rendered: Rendered, means: Means) -> list[_InCarnet]:
    """Its Word file, its PDFs, and the versions that it replaces; gives what of it goes into the carnet."""
    document = rendered.document
    standing = _plan_word(plan, rendered)
    stem = PurePosixPath(standing.fichier)
    copies = []
    for copie in document.copies:
        target = str(stem.with_name(f"{stem.stem}{copie.suffixe}.pdf"))
        source = digest(standing.sha256, repr(copie.marques), VERSION)
        written = Written(document.code, "", means.jour, source=source)
        finish = partial(_mark, copie, plan.case.reference or "", PurePosixPath(target).stem)
        _plan_pdf(plan, document, target, standing, written, finish, means)
        copies.append(_InCarnet(document.titre, plan.case.path / target, source))
    formers = [f"{former}{end}" for former in document.formers for end in (".docx", ".pdf", " COPIE.pdf")]
    plan.steps += decide_put_away(formers, f"remplacé par « {PurePosixPath(document.fichier).stem} »", plan.disk)
    return copies[:1] if document.in_carnet else []


def _plan_word(plan: Plan, rendered: Rendered) -> _Standing:
    step = decide_word(rendered, plan.disk)
    plan.steps.append(step)
    if problem := untrue(rendered, plan.disk):
        plan.tell(problem)
    path = plan.case.path / step.fichier
    if isinstance(step, WriteWord):
        for label in rendered.written.manquants:
            what = f"« {rendered.document.titre} » porte « [À COMPLÉTER : {label}] » : noter ce fait, le PDF attend"
            plan.tell(avertissement(what))
        return _Standing(step.fichier, rendered.written.sha256, rendered.written.manquants, lambda: step.content)
    known = plan.disk.written.get(step.fichier)
    if plan.disk.hashes[step.fichier] == rendered.written.sha256:
        known = replace(rendered.written, fait_le=known.fait_le if known else rendered.written.fait_le)
        plan.state = plan.state.record(step.fichier, known)
    manquants = known.manquants if known and known.sha256 == plan.disk.hashes[step.fichier] else ()
    return _Standing(step.fichier, plan.disk.hashes[step.fichier], manquants, partial(_read, path))


def _plan_pdf(
    plan: Plan,
    document: Document,
    target: str,
    standing: _Standing,
    written: Written,
    finish: Callable[[bytes], bytes],
    means: Means,
) -> None:
    step = decide_pdf(target, document.suite, written.source, plan.disk, is_frozen=document.is_frozen)
    if step.action is Action.CONSERVER:
        plan.steps.append(step)
    elif standing.manquants:
        plan.wait(target, f"attend {french.liste(standing.manquants)}")
    elif means.pdf_waits:
        plan.wait(target, means.pdf_waits)
    else:
        plan.steps.append(MakePdf(step.action, step.fichier, step.raison, standing.read(), finish, written))


def _mark(copie: Copie, reference: str, titre: str, made: bytes) -> bytes:
    from toolkit.formats import pdf

    return pdf.mark(made, copie.marques, expected=reference, titre=titre)


def _plan_bound(plan: Plan, rendered: Rendered, bound: Sequence[_InCarnet], parts: Sequence[str], means: Means) -> None:
    """Its own pages from a Word model, then the PDFs as they stand, then the office's annexes."""
    document = rendered.document
    if rendered.content is None:
        plan.steps.append(Step(Action.CONSERVER, document.fichier, "à jour"))
        return
    content = rendered.content
    standing = _Standing(document.fichier, rendered.written.sha256, rendered.written.manquants, lambda: content)
    source = digest(standing.sha256, VERSION, *parts)
    written = Written(document.code, "", means.jour, inputs=rendered.written.inputs, source=source)
    titre = f"{document.titre} {plan.case.reference}"
    _plan_pdf(plan, document, document.fichier, standing, written, partial(_bind, titre, bound, means.annexes), means)


def _bind(titre: str, bound: Sequence[_InCarnet], annexes: Sequence[Bound], made: bytes) -> bytes:
    from toolkit.formats import pdf

    parties = [Bound("Votre carnet", made)]
    for one in bound:
        content = files.read_if_there(one.path)
        if content is None:
            raise PdfRefused(f"« {one.path.name} » manque")
        parties.append(Bound(one.titre, content))
    return pdf.bind([*parties, *annexes], titre)


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


def _read(path: Path) -> bytes:
    return files.read_if_there(path) or b""
