"""The documents of a dossier, rendered in memory and planned; nothing is written here."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath

from toolkit import __version__, french
from toolkit.build.case import Case
from toolkit.build.means import Atelier
from toolkit.build.plan import (
    FAITS_CHANGES,
    Action,
    Disk,
    Rendu,
    Step,
    Written,
    plan_archive,
    plan_pdf,
    plan_word,
    versions,
)
from toolkit.documents.document import Copie, Document
from toolkit.documents.wanted import type_of, wanted_documents
from toolkit.errors import Problem, avertissement, erreur
from toolkit.formats import word
from toolkit.formats.pdf_marks import VERSION, Partie, PdfRefused
from toolkit.modele.usages import LANGUE, variants
from toolkit.system import files
from toolkit.tree import layout, path_limits


@dataclass(frozen=True)
class Pending:
    """A file that a plan wants written or put away."""

    case: Case
    step: Step
    written: Written | None = None
    """What to remember once it is in place; None for a file put away."""
    content: bytes | None = None
    """A Word document. A PDF has none yet: it is made of ``word`` when the plan is applied."""
    word: bytes = b""
    finish: Callable[[bytes], bytes] | None = None
    """From the PDF that LibreOffice makes of ``word`` to the one that is kept."""


@dataclass(frozen=True)
class WordFile:
    """A Word document on disk or about to be, from which PDFs are made."""

    fichier: str
    sha256: str
    manquants: tuple[str, ...]
    read: Callable[[], bytes]


@dataclass
class _Plan:
    """The plan of one dossier while it is made."""

    case: Case
    disk: Disk
    pending: list[Pending] = field(default_factory=list)

    def add(self, one: Pending) -> None:
        """A step that changes something."""
        self.case.report.etapes.append(one.step)
        self.pending.append(one)

    def say(self, step: Step) -> None:
        """A step that changes nothing."""
        self.case.report.etapes.append(step)


def plan_case(case: Case, atelier: Atelier) -> list[Pending]:
    """The files that one dossier wants written; every step is in its report, waiting ones too."""
    if case.fiche is None or case.is_double:
        return []
    wanted = wanted_documents(case.fiche, case.report.problemes)
    plan = _Plan(case, _look(case.path, wanted, case.state.written))
    _tell_language(case, wanted, atelier)
    bons: list[tuple[Document, str, str]] = []
    longest = 0
    for attendu in wanted:
        if attendu.attend:
            plan.say(Step(Action.ATTENDRE, attendu.fichier, f"attend {french.liste(attendu.attend)}"))
        elif (over := _excess(case, attendu, atelier)) or (attendu.is_bound and longest):
            longest = max(longest, over)
            plan.say(
                Step(Action.ATTENDRE, attendu.fichier, "chemin trop long pour Windows : abréger le nom du dossier")
            )
        elif attendu.is_bound:
            _plan_carnet(plan, attendu, bons, atelier)
        elif planned := _plan_word(plan, attendu, atelier):
            sources = _plan_pdfs(plan, attendu, planned, atelier)
            if attendu.in_carnet:
                bons.append((attendu, *sources[0]))
            _plan_formers(plan, attendu)
    _plan_abandoned(plan, wanted)
    if longest:
        _tell(case, erreur(_too_long(case.path.name, longest)))
    return plan.pending


def _excess(case: Case, attendu: Document, atelier: Atelier) -> int:
    """By how many characters the desktops could not open the longest of its files."""
    stem = PurePosixPath(attendu.fichier)
    names = [stem.name, *(f"{stem.stem}{copie.suffixe}.pdf" for copie in attendu.copies)]
    longest = case.path / stem.with_name(max(names, key=len))
    return path_limits.excess(atelier.settings.root, atelier.settings.office, longest)


def _too_long(name: str, over: int) -> str:
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


def _look(folder: Path, wanted: Sequence[Document], written: Mapping[str, Written]) -> Disk:
    """Hashes of the files that lie where our documents go."""
    parents = {PurePosixPath(name).parent for name in (*written, *(one.fichier for one in wanted))}
    hashes = {}
    for parent in parents:
        if not (folder / parent).is_dir():
            continue
        for path in (folder / parent).iterdir():
            if path.is_file() and path.suffix in (".docx", ".pdf") and not path.name.startswith("~$"):
                hashes[str(parent / path.name)] = files.sha256(files.read_if_there(path) or b"")
    return Disk(hashes, written)


def _plan_word(plan: _Plan, attendu: Document, atelier: Atelier) -> WordFile | None:
    """The Word file that stands once the plan is applied; None when its model is faulty."""
    try:
        return _plan_filled(plan, attendu, atelier)
    except word.ModeleFaulty as fault:
        _wait_for_modele(plan, attendu, fault, atelier)
        return None


def _wait_for_modele(plan: _Plan, attendu: Document, fault: word.ModeleFaulty, atelier: Atelier) -> None:
    atelier.tell(fault.problems)
    name = atelier.variante(attendu.modele, _langue(plan.case))
    plan.say(Step(Action.ATTENDRE, attendu.fichier, f"le modèle « {name} » est à corriger"))


def _langue(case: Case) -> str:
    return case.fiche.dossier.sejour.langue if case.fiche else LANGUE


def _tell_language(case: Case, wanted: Sequence[Document], atelier: Atelier) -> None:
    """Documents in French for a stay in another language, because no model is in that language."""
    langue = _langue(case)
    due = {one.modele for one in wanted if not one.attend}
    french_only = sorted(name for name in due if variants(name, langue)[0] != atelier.variante(name, langue))
    if french_only:
        missing = french.liste([f"« {variants(name, langue)[0]} »" for name in french_only])
        what = f"documents faits en français : pas de modèle {missing} dans « {layout.MODELES} »"
        _tell(case, avertissement(what, "sejour", "langue"))


def _plan_filled(plan: _Plan, attendu: Document, atelier: Atelier) -> WordFile:
    """The same; raises ModeleFaulty."""
    case, disk = plan.case, plan.disk
    modele, modele_hash = atelier.modele(attendu.modele, _langue(case))
    source = _hash(case.source, atelier.settings.empreinte, modele_hash, __version__, attendu.code, attendu.fichier)
    existing = versions(attendu.fichier, attendu.suite, disk.hashes)
    current = existing[-1] if existing else None
    known = disk.written.get(current) if current else None
    if current and known and known.source == source and disk.is_as_written(current):
        plan.say(Step(Action.CONSERVER, current, "à jour"))
        return WordFile(current, known.sha256, known.manquants, partial(_read, case.path / current))
    filled = modele.fill(attendu.valeurs(), atelier.images())
    written = Written(
        code=attendu.code,
        sha256=files.sha256(filled.content),
        source=source,
        fait_le=_iso_today(atelier),
        faits=_hash(attendu.faits),
        modele=modele_hash,
        manquants=filled.manquants,
    )
    rendu = Rendu(
        attendu.titre, attendu.fichier, attendu.suite, written.sha256, written.faits, modele_hash, attendu.is_frozen
    )
    step = plan_word(rendu, disk)
    if step.action is Action.CONSERVER:
        plan.say(step)
        if step.raison == FAITS_CHANGES:
            _tell(case, erreur(f"« {PurePosixPath(step.fichier).name} » : {FAITS_CHANGES}"))
        kept = disk.written.get(step.fichier)
        if disk.hashes[step.fichier] == written.sha256:
            kept = replace(written, fait_le=kept.fait_le if kept else written.fait_le)
            case.state = case.state.record(step.fichier, kept)
        return WordFile(
            step.fichier,
            disk.hashes[step.fichier],
            kept.manquants if kept and disk.is_as_written(step.fichier) else (),
            partial(_read, case.path / step.fichier),
        )
    for label in filled.manquants:
        what = f"« {attendu.titre} » porte « [À COMPLÉTER : {label}] » : noter ce fait, le PDF attend"
        _tell(case, avertissement(what))
    plan.add(Pending(case, step, written, content=filled.content))
    return WordFile(step.fichier, written.sha256, filled.manquants, lambda: filled.content)


def _plan_pdfs(plan: _Plan, attendu: Document, made: WordFile, atelier: Atelier) -> list[tuple[str, str]]:
    """Each copy; gives the name and the source hash of each."""
    stem = PurePosixPath(made.fichier)
    copies = []
    for copie in attendu.copies:
        target = str(stem.with_name(f"{stem.stem}{copie.suffixe}.pdf"))
        source = _hash(made.sha256, repr(copie.marques), VERSION)
        finish = partial(_finish_copy, copie, plan.case.report.reference or "", PurePosixPath(target).stem)
        _plan_one_pdf(plan, attendu, target, source, made, finish, atelier)
        copies.append((target, source))
    return copies


def _finish_copy(copie: Copie, reference: str, titre: str, made: bytes) -> bytes:
    from toolkit.formats import pdf

    return pdf.mark(made, copie.marques, expected=reference, titre=titre)


def _plan_one_pdf(
    plan: _Plan,
    attendu: Document,
    target: str,
    source: str,
    made: WordFile,
    finish: Callable[[bytes], bytes],
    atelier: Atelier,
    faits: str = "",
) -> None:
    step = plan_pdf(target, attendu.suite, source, plan.disk, is_frozen=attendu.is_frozen)
    if step.action is Action.CONSERVER:
        plan.say(step)
    elif made.manquants:
        plan.say(Step(Action.ATTENDRE, target, f"attend {french.liste(made.manquants)}"))
    elif atelier.pdf_waits:
        plan.say(Step(Action.ATTENDRE, target, atelier.pdf_waits))
    else:
        written = Written(attendu.code, "", source, _iso_today(atelier), faits)
        plan.add(Pending(plan.case, step, written, word=made.read(), finish=finish))


def _plan_carnet(plan: _Plan, attendu: Document, bons: Sequence[tuple[Document, str, str]], atelier: Atelier) -> None:
    """Cover and programme from a Word model, then the vouchers as they stand, then the office's annexes."""
    case = plan.case
    annexes = []
    plan_ville = atelier.settings.office.conditions.plan_ville
    if plan_ville:
        content = files.read_if_there(atelier.settings.root / plan_ville)
        if content is None:
            what = f"le plan « {plan_ville} » d'office.toml est introuvable : le carnet se fait sans lui"
            atelier.tell([avertissement(what, "conditions", "plan_ville").at(fichier=layout.OFFICE)])
        else:
            annexes.append(Partie("Plan", content))
    bound = [*(source for _, _, source in bons), *(files.sha256(one.pdf) for one in annexes)]
    try:
        modele, modele_hash = atelier.modele(attendu.modele, _langue(case))
        faits = _hash(case.source, atelier.settings.empreinte, modele_hash, __version__, VERSION, *bound)
        known = plan.disk.written.get(attendu.fichier)
        if known and known.faits == faits and plan.disk.is_as_written(attendu.fichier):
            plan.say(Step(Action.CONSERVER, attendu.fichier, "à jour"))
            return
        filled = modele.fill(attendu.valeurs())
    except word.ModeleFaulty as fault:
        _wait_for_modele(plan, attendu, fault, atelier)
        return
    made = WordFile(attendu.fichier, files.sha256(filled.content), filled.manquants, lambda: filled.content)
    titre = f"Carnet de voyage {case.report.reference}"
    parts = [(bon.titre, case.path / fichier) for bon, fichier, _ in bons]
    source = _hash(made.sha256, VERSION, *bound)
    finish = partial(_finish_carnet, titre, parts, annexes)
    _plan_one_pdf(plan, attendu, attendu.fichier, source, made, finish, atelier, faits)


def _finish_carnet(titre: str, bons: Sequence[tuple[str, Path]], annexes: Sequence[Partie], made: bytes) -> bytes:
    from toolkit.formats import pdf

    parties = [Partie("Votre carnet", made)]
    for name, path in bons:
        content = files.read_if_there(path)
        if content is None:
            raise PdfRefused(f"« {path.name} » manque")
        parties.append(Partie(name, content))
    return pdf.bind([*parties, *annexes], titre)


def _plan_formers(plan: _Plan, attendu: Document) -> None:
    """The versions that this one cancels and replaces."""
    names = [f"{stem}{end}" for stem in attendu.formers for end in (".docx", ".pdf", " COPIE.pdf")]
    _archive_all(plan, names, f"remplacé par « {PurePosixPath(attendu.fichier).stem} »")


def _plan_abandoned(plan: _Plan, wanted: Sequence[Document]) -> None:
    """Vouchers of ours for a service or a supplier that the dossier does not have any more."""
    codes = {one.code for one in wanted}
    done = {one.step.fichier for one in plan.pending}
    names = [
        name
        for name, one in plan.disk.written.items()
        if (kind := type_of(one.code)) and kind.is_put_away and one.code not in codes and name not in done
    ]
    _archive_all(plan, names, "cette prestation n'est plus au programme")


def _archive_all(plan: _Plan, names: Iterable[str], raison: str) -> None:
    for step in plan_archive(names, raison, plan.disk):
        plan.add(Pending(plan.case, step))


def _tell(case: Case, problem: Problem) -> None:
    case.report.problemes.append(problem.at(fichier=layout.DOSSIER))


def _hash(*parts: str) -> str:
    return files.sha256("\0".join(parts).encode())


def _iso_today(atelier: Atelier) -> str:
    return atelier.options.aujourd_hui.isoformat()


def _read(path: Path) -> bytes:
    return files.read_if_there(path) or b""
