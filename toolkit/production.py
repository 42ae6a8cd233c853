"""The documents of a dossier: planned, then written, then remembered.

Planning renders in memory and writes nothing; applying writes what the plan says, and nothing else.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from glob import escape as glob_escape
from pathlib import Path, PurePosixPath

from toolkit import __version__, files, french, tree
from toolkit.attendus import PREFIXE_BON, Attendu, Copie, attendus
from toolkit.case import Case
from toolkit.documents import libreoffice, pdf, word
from toolkit.dossier.etat import LIBELLES
from toolkit.epreuve import Epreuve
from toolkit.errors import EnvironmentRefused, Problem, avertissement, erreur, has_error
from toolkit.modele.documents import LANGUE, variants
from toolkit.options import Options
from toolkit.plan import (
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
from toolkit.report import Report, note
from toolkit.settings import Settings
from toolkit.state import State, save_state, write_journal


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


class Atelier:
    """What the planning of every dossier of a run shares: settings, Word models, the means to make PDFs."""

    def __init__(self, settings: Settings, options: Options) -> None:
        self.settings = settings
        self.options = options
        self.soffice = libreoffice.find_libreoffice() if options.with_pdf else None
        self.problems: list[Problem] = []
        """Of the models, each told once."""
        self._modeles: dict[str, tuple[word.Modele, str] | word.ModeleFaulty] = {}
        self._epreuve = Epreuve(settings.root, remembers=not options.simulate)

    def modele(self, name: str, langue: str = LANGUE) -> tuple[word.Modele, str]:
        """The compiled model in this language, else in French, and the hash of its file; raises ModeleFaulty."""
        name = self.variante(name, langue)
        if name not in self._modeles:
            try:
                self._modeles[name] = self._compile(name)
            except word.ModeleFaulty as fault:
                self._modeles[name] = fault
        found = self._modeles[name]
        if isinstance(found, word.ModeleFaulty):
            raise found
        return found

    def variante(self, name: str, langue: str) -> str:
        """``contrat_groupe.en.docx`` when there is one and the stay is in English."""
        names = variants(name, langue)
        return next((one for one in names if self.settings.modele(one) is not None), name)

    def _compile(self, name: str) -> tuple[word.Modele, str]:
        content = self.settings.modele(name)
        if content is None:
            raise word.ModeleFaulty(
                [erreur(f"modèle introuvable : le remettre dans « {tree.MODELES} »").at(fichier=name)]
            )
        problems = self._epreuve.judge(name, content)
        if has_error(problems):
            raise word.ModeleFaulty(problems)
        self.tell(problems)
        return word.compile_modele(content, name), files.sha256(content)

    def check_modeles(self) -> None:
        """Those that no dossier needs today are told as well: a model is mended while it is being edited."""
        self.tell(self._epreuve.judge_all())

    def tell(self, problems: Iterable[Problem]) -> None:
        self.problems += (problem for problem in problems if problem not in self.problems)

    @property
    def pdf_waits(self) -> str | None:
        """Why no PDF can be made now, if so."""
        if not self.options.with_pdf:
            return "PDF non demandé (--sans-pdf)"
        return None if self.soffice else "LibreOffice n'est pas installé : voir « toolkit diagnostic »"

    def images(self) -> Mapping[str, bytes]:
        """The signature of the one who signs vouchers, when the office has a picture of it."""
        names = [one.signature_image for one in self.settings.office.signataires if "bon_echange" in one.signe]
        picture = files.read_if_there(self.settings.root / names[0]) if names and names[0] else None
        return {"signature": picture} if picture else {}


@dataclass
class _Plan:
    """The plan of one dossier while it is made."""

    case: Case
    disk: Disk
    pending: list[Pending] = field(default_factory=list)

    def add(self, step: Step, **what: object) -> None:
        """A step that changes something."""
        self.case.report.etapes.append(step)
        self.pending.append(Pending(self.case, step, **what))  # type: ignore[arg-type]

    def say(self, step: Step) -> None:
        """A step that changes nothing."""
        self.case.report.etapes.append(step)


def plan_case(case: Case, atelier: Atelier) -> list[Pending]:
    """The files that one dossier wants written; every step is in its report, waiting ones too."""
    if case.fiche is None or case.is_double:
        return []
    wanted = attendus(case.fiche, case.report.problemes)
    plan = _Plan(case, _look(case.path, wanted, case.state.written))
    _tell_language(case, wanted, atelier)
    bons: list[tuple[Attendu, str, str]] = []
    for attendu in wanted:
        if attendu.attend:
            plan.say(Step(Action.ATTENDRE, attendu.fichier, f"attend {french.liste(attendu.attend)}"))
        elif attendu.is_carnet:
            _plan_carnet(plan, attendu, bons, atelier)
        elif planned := _plan_word(plan, attendu, atelier):
            sources = _plan_pdfs(plan, attendu, planned, atelier)
            if attendu.code.startswith(PREFIXE_BON) and "ANNULATION" not in attendu.fichier:
                bons.append((attendu, *sources[0]))
            _plan_formers(plan, attendu)
    _plan_abandoned(plan, wanted)
    return plan.pending


def _look(folder: Path, wanted: Sequence[Attendu], written: Mapping[str, Written]) -> Disk:
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


def _plan_word(plan: _Plan, attendu: Attendu, atelier: Atelier) -> WordFile | None:
    """The Word file that stands once the plan is applied; None when its model is faulty."""
    try:
        return _plan_filled(plan, attendu, atelier)
    except word.ModeleFaulty as fault:
        _wait_for_modele(plan, attendu, fault, atelier)
        return None


def _wait_for_modele(plan: _Plan, attendu: Attendu, fault: word.ModeleFaulty, atelier: Atelier) -> None:
    atelier.tell(fault.problems)
    name = atelier.variante(attendu.modele, _langue(plan.case))
    plan.say(Step(Action.ATTENDRE, attendu.fichier, f"le modèle « {name} » est à corriger"))


def _langue(case: Case) -> str:
    return case.fiche.dossier.sejour.langue if case.fiche else LANGUE


def _tell_language(case: Case, wanted: Sequence[Attendu], atelier: Atelier) -> None:
    """Documents in French for a stay in another language, because no model is in that language."""
    langue = _langue(case)
    due = {one.modele for one in wanted if not one.attend}
    french_only = sorted(name for name in due if variants(name, langue)[0] != atelier.variante(name, langue))
    if french_only:
        missing = french.liste([f"« {variants(name, langue)[0]} »" for name in french_only])
        what = f"documents faits en français : pas de modèle {missing} dans « {tree.MODELES} »"
        _tell(case, avertissement(what, "sejour", "langue"))


def _plan_filled(plan: _Plan, attendu: Attendu, atelier: Atelier) -> WordFile:
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
    filled = modele.fill(attendu.champs(), atelier.images())
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
    plan.add(step, written=written, content=filled.content)
    return WordFile(step.fichier, written.sha256, filled.manquants, lambda: filled.content)


def _plan_pdfs(plan: _Plan, attendu: Attendu, made: WordFile, atelier: Atelier) -> list[tuple[str, str]]:
    """Each copy; gives the name and the source hash of each."""
    stem = PurePosixPath(made.fichier)
    copies = []
    for copie in attendu.copies:
        target = str(stem.with_name(f"{stem.stem}{copie.suffixe}.pdf"))
        source = _hash(made.sha256, repr(copie.marques), pdf.VERSION)
        finish = partial(_finish_copy, copie, plan.case.report.reference or "", PurePosixPath(target).stem)
        _plan_one_pdf(plan, attendu, target, source, made, finish, atelier)
        copies.append((target, source))
    return copies


def _finish_copy(copie: Copie, reference: str, titre: str, made: bytes) -> bytes:
    return pdf.mark(made, copie.marques, expected=reference, titre=titre)


def _plan_one_pdf(
    plan: _Plan,
    attendu: Attendu,
    target: str,
    source: str,
    made: WordFile,
    finish: Callable[[bytes], bytes],
    atelier: Atelier,
) -> None:
    step = plan_pdf(target, attendu.suite, source, plan.disk, is_frozen=attendu.is_frozen)
    if step.action is Action.CONSERVER:
        plan.say(step)
    elif made.manquants:
        plan.say(Step(Action.ATTENDRE, target, f"attend {french.liste(made.manquants)}"))
    elif atelier.pdf_waits:
        plan.say(Step(Action.ATTENDRE, target, atelier.pdf_waits))
    else:
        written = Written(attendu.code, "", source, _iso_today(atelier))
        plan.add(step, written=written, word=made.read(), finish=finish)


def _plan_carnet(plan: _Plan, attendu: Attendu, bons: Sequence[tuple[Attendu, str, str]], atelier: Atelier) -> None:
    """Cover and programme from a Word model, then the vouchers as they stand, then the office's annexes."""
    case = plan.case
    try:
        filled = atelier.modele(attendu.modele, _langue(case))[0].fill(attendu.champs())
    except word.ModeleFaulty as fault:
        _wait_for_modele(plan, attendu, fault, atelier)
        return
    annexes = []
    plan_ville = atelier.settings.office.conditions.plan_ville
    if plan_ville:
        content = files.read_if_there(atelier.settings.root / plan_ville)
        if content is None:
            what = f"le plan « {plan_ville} » d'office.toml est introuvable : le carnet se fait sans lui"
            atelier.tell([avertissement(what, "conditions", "plan_ville").at(fichier=tree.OFFICE)])
        else:
            annexes.append(pdf.Partie("Plan", content))
    made = WordFile(attendu.fichier, files.sha256(filled.content), filled.manquants, lambda: filled.content)
    titre = f"Carnet de voyage {case.report.reference}"
    parts = [(bon.titre, case.path / fichier) for bon, fichier, _ in bons]
    source = _hash(
        made.sha256, pdf.VERSION, *(source for _, _, source in bons), *(files.sha256(one.pdf) for one in annexes)
    )
    finish = partial(_finish_carnet, titre, parts, annexes)
    _plan_one_pdf(plan, attendu, attendu.fichier, source, made, finish, atelier)


def _finish_carnet(titre: str, bons: Sequence[tuple[str, Path]], annexes: Sequence[pdf.Partie], made: bytes) -> bytes:
    parties = [pdf.Partie("Votre carnet", made)]
    for name, path in bons:
        content = files.read_if_there(path)
        if content is None:
            raise pdf.PdfRefused(f"« {path.name} » manque")
        parties.append(pdf.Partie(name, content))
    return pdf.bind([*parties, *annexes], titre)


def _plan_formers(plan: _Plan, attendu: Attendu) -> None:
    """The versions that this one cancels and replaces."""
    names = [f"{stem}{end}" for stem in attendu.formers for end in (".docx", ".pdf", " COPIE.pdf")]
    _archive_all(plan, names, f"remplacé par « {PurePosixPath(attendu.fichier).stem} »")


def _plan_abandoned(plan: _Plan, wanted: Sequence[Attendu]) -> None:
    """Vouchers of ours for a service or a supplier that the dossier does not have any more."""
    codes = {one.code for one in wanted}
    done = {one.step.fichier for one in plan.pending}
    names = [
        name
        for name, one in plan.disk.written.items()
        if one.code.startswith(PREFIXE_BON) and one.code not in codes and name not in done
    ]
    _archive_all(plan, names, "cette prestation n'est plus au programme")


def _archive_all(plan: _Plan, names: Iterable[str], raison: str) -> None:
    for step in plan_archive(names, raison, plan.disk):
        plan.add(step)


def _tell(case: Case, problem: Problem) -> None:
    case.report.problemes.append(problem.at(fichier=tree.DOSSIER))


def _hash(*parts: str) -> str:
    return files.sha256("\0".join(parts).encode())


def _iso_today(atelier: Atelier) -> str:
    return atelier.options.aujourd_hui.isoformat()


def _read(path: Path) -> bytes:
    return files.read_if_there(path) or b""


# --- applying -----------------------------------------------------------------------------------------------------


def apply(pending: Sequence[Pending], cases: Sequence[Case], atelier: Atelier, report: Report) -> None:
    """Write what the plan says, then remember it; a refusal of one dossier stops no other.

    New documents first, former ones put away last: a kill in between leaves both.
    """
    done: dict[int, list[str]] = defaultdict(list)
    made = _convert([one for one in pending if one.finish], atelier)
    order = sorted(pending, key=lambda one: (one.step.action is Action.ARCHIVER, one.finish is not None))
    for one in order:
        try:
            done[id(one.case)].append(_do(one, made))
        except (EnvironmentRefused, pdf.PdfRefused, libreoffice.ConversionFailed) as refusal:
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


def _convert(pdfs: Sequence[Pending], atelier: Atelier) -> dict[bytes, bytes | libreoffice.ConversionFailed]:
    """Every Word document that a PDF is wanted of, once, in one start of LibreOffice."""
    sources = list(dict.fromkeys(one.word for one in pdfs))
    if not sources or atelier.soffice is None:
        return {}
    atelier.options.progress(f"{french.pluriel(len(sources), 'document')} à mettre en PDF…")
    return dict(zip(sources, libreoffice.convert(sources, atelier.soffice), strict=True))


def _do(one: Pending, made: Mapping[bytes, bytes | libreoffice.ConversionFailed]) -> str:
    """Put one file in place or away; gives the line for the journal."""
    path, name = one.case.path / one.step.fichier, PurePosixPath(one.step.fichier).name
    known = one.case.state.written.get(one.step.fichier)
    if one.written is None:
        files.move(path, _free_name(path, known), home=one.case.path)
        one.case.state = one.case.state.forget(one.step.fichier)
        return f"« {name} » rangé dans « {tree.REMPLACES} »"
    content = one.content
    if content is None:
        converted = made[one.word]
        if isinstance(converted, libreoffice.ConversionFailed):
            raise converted
        content = one.finish(converted) if one.finish else converted
    if one.step.action is Action.REMPLACER:
        _keep_former(path, known, home=one.case.path)
    # Noted first: were we killed between the two, the file must not be taken for a human's.
    avant = files.sha256(files.read_if_there(path) or b"") if one.step.action is Action.REMPLACER else ""
    one.case.state = one.case.state.record(
        one.step.fichier, replace(one.written, sha256=files.sha256(content), avant=avant)
    )
    save_state(one.case.path, _signed(one.case), is_durable=False)
    files.write(path, content, home=one.case.path)
    return f"« {name} » {'remplacé' if one.step.action is Action.REMPLACER else 'établi'}"


def _keep_former(path: Path, known: Written | None, home: Path) -> None:
    """A copy in « Remplacés », unless a run that was killed made it already."""
    former = files.read_if_there(path)
    kept = (path.parent / tree.REMPLACES).glob(f"{glob_escape(path.stem)} du *{path.suffix}")
    if former is not None and former not in (files.read_if_there(one) for one in kept):
        files.write(_free_name(path, known), former, home=home)


def _free_name(path: Path, known: Written | None) -> Path:
    """Where a former version is kept: dated, under a name that no file bears."""
    base = f"{path.stem} du {known.fait_le}" if known else path.stem
    folder = path.parent / tree.REMPLACES
    target, number = folder / f"{base}{path.suffix}", 2
    while target.exists():
        target = folder / f"{base} ({number}){path.suffix}"
        number += 1
    return target


def _record(case: Case, done: Sequence[str], options: Options) -> None:
    """State, journal and note of one dossier, each written only when it says something new."""
    content = note(case.report.problemes, options.aujourd_hui)
    path = case.path / tree.NOTE
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
