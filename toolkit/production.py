"""The documents of a dossier: planned, then written, then remembered.

Planning renders in memory and writes nothing; applying writes what the plan says, and nothing else.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from toolkit import __version__, files, french, tree
from toolkit.case import Case
from toolkit.documents import pdf, word
from toolkit.dossier.etat import LIBELLES
from toolkit.errors import EnvironmentRefused, Problem, avertissement, erreur
from toolkit.options import Options
from toolkit.plan import FAITS_CHANGES, Action, Attendu, Disk, Step, Written, attendus, plan_pdf, plan_word, versions
from toolkit.report import Report, note
from toolkit.settings import Settings
from toolkit.state import save_state, write_journal


@dataclass(frozen=True)
class Pending:
    """A file that a plan wants written."""

    case: Case
    step: Step
    written: Written
    """What to remember once it is in place."""
    content: bytes | None = None
    """None for a PDF: it is made of ``word`` when the plan is applied."""
    word: bytes = b""
    mention: str = ""


@dataclass(frozen=True)
class WordFile:
    """A Word document on disk or about to be, from which PDFs are made."""

    path: Path | None
    sha256: str
    manquants: tuple[str, ...]
    content: bytes = b""

    def read(self) -> bytes:
        return self.content if self.path is None else files.read_if_there(self.path) or b""


class Modeles:
    """The Word models of one run: each read and compiled once, each fault told once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._compiled: dict[str, tuple[word.Modele, str]] = {}
        self.problems: list[Problem] = []

    def get(self, name: str) -> tuple[word.Modele, str]:
        """The compiled model and the hash of its file."""
        if name not in self._compiled:
            content = self._settings.modele(name)
            self._compiled[name] = word.compile_modele(content, name), files.sha256(content)
        return self._compiled[name]

    def report(self, problems: Iterable[Problem]) -> None:
        self.problems += (problem for problem in problems if problem not in self.problems)


def _disk(case: Case, attendu: Attendu) -> Disk:
    """Hashes of the files in the folder of one document."""
    parent = PurePosixPath(attendu.fichier).parent
    hashes = {}
    folder = case.path / parent
    if folder.is_dir():
        for path in folder.iterdir():
            if path.is_file() and path.suffix in (".docx", ".pdf") and not path.name.startswith("~$"):
                hashes[str(parent / path.name)] = files.sha256(files.read_if_there(path) or b"")
    return Disk(hashes, case.state.written)


def plan_case(
    case: Case, settings: Settings, modeles: Modeles, soffice: Path | None, options: Options
) -> list[Pending]:
    """The files that one dossier wants written; every step is in its report, waiting ones too."""
    if case.fiche is None or case.is_double:
        return []
    pending: list[Pending] = []
    for attendu in attendus(case.fiche, case.report.problemes):
        if attendu.attend:
            waits = french.liste(attendu.attend)
            case.report.etapes.append(Step(Action.ATTENDRE, attendu.fichier, f"attend {waits}"))
            continue
        planned = _plan_word(case, attendu, settings, modeles, options)
        if planned is None:
            continue
        fichier, content, written = planned
        pending += written
        pending += _plan_pdfs(case, attendu, fichier, content, soffice, options)
    return pending


def _plan_word(
    case: Case, attendu: Attendu, settings: Settings, modeles: Modeles, options: Options
) -> tuple[str, WordFile, list[Pending]] | None:
    """The Word file that stands after the plan, what it holds, and the write that puts it there, if any."""
    fiche = case.fiche
    if fiche is None:
        return None
    modele, modele_hash = modeles.get(attendu.modele)
    disk = _disk(case, attendu)
    faits = files.sha256(attendu.faits.encode())
    source = files.sha256("\0".join((case.source, settings.empreinte, modele_hash, __version__)).encode())
    existing = versions(attendu.fichier, disk.hashes)
    current = existing[-1] if existing else None
    known = disk.written.get(current) if current else None
    if current and known and known.source == source and disk.is_ours(current):
        case.report.etapes.append(Step(Action.CONSERVER, current, "à jour"))
        return current, WordFile(case.path / current, disk.hashes[current], known.manquants), []
    try:
        filled = modele.fill(word.champs_contrat(fiche))
    except word.ModeleFaulty as fault:
        modeles.report(fault.problems)
        case.report.etapes.append(
            Step(Action.ATTENDRE, attendu.fichier, f"le modèle « {attendu.modele} » est à corriger")
        )
        return None
    rendered = files.sha256(filled.content)
    step = plan_word(attendu, rendered, faits, modele_hash, disk)
    case.report.etapes.append(step)
    if step.raison == FAITS_CHANGES:
        case.report.problemes.append(
            erreur(f"« {PurePosixPath(step.fichier).name} » : {FAITS_CHANGES}").at(fichier=tree.DOSSIER)
        )
    written = Written(
        code=attendu.code,
        sha256=rendered,
        source=source,
        fait_le=options.aujourd_hui.isoformat(),
        faits=faits,
        modele=modele_hash,
        manquants=filled.manquants,
    )
    if step.action is Action.CONSERVER:
        if disk.hashes[step.fichier] == rendered:
            case.state = case.state.record(
                step.fichier, replace(written, fait_le=known.fait_le if known else written.fait_le)
            )
        kept = known.manquants if known else ()
        return step.fichier, WordFile(case.path / step.fichier, disk.hashes[step.fichier], kept), []
    for label in filled.manquants:
        case.report.problemes.append(
            avertissement(f"« {attendu.titre} » porte « [À COMPLÉTER : {label}] » : noter ce fait, le PDF attend").at(
                fichier=tree.DOSSIER
            )
        )
    return (
        step.fichier,
        WordFile(None, rendered, filled.manquants, filled.content),
        [Pending(case, step, written, filled.content)],
    )


def _plan_pdfs(
    case: Case, attendu: Attendu, fichier: str, filled: WordFile, soffice: Path | None, options: Options
) -> list[Pending]:
    pending = []
    disk = _disk(case, attendu)
    for copie in attendu.copies:
        target = str(PurePosixPath(fichier).with_name(f"{PurePosixPath(fichier).stem}{copie.suffixe}.pdf"))
        source = files.sha256(f"{filled.sha256} {copie.mention}".encode())
        step = plan_pdf(target, source, disk, is_frozen=attendu.is_frozen)
        if step.action is not Action.CONSERVER:
            if filled.manquants:
                step = Step(Action.ATTENDRE, target, f"attend {french.liste(filled.manquants)}")
            elif not options.with_pdf:
                step = Step(Action.ATTENDRE, target, "PDF non demandé (--sans-pdf)")
            elif soffice is None:
                step = Step(Action.ATTENDRE, target, "LibreOffice n'est pas installé : voir « toolkit diagnostic »")
            else:
                written = Written(attendu.code, "", source, options.aujourd_hui.isoformat())
                pending.append(Pending(case, step, written, word=filled.read(), mention=copie.mention))
        case.report.etapes.append(step)
    return pending


def apply(
    pending: Sequence[Pending], cases: Sequence[Case], soffice: Path | None, report: Report, options: Options
) -> None:
    """Write what the plan says, then remember it; a refusal of one dossier stops no other."""
    done: dict[int, list[str]] = defaultdict(list)
    for one in pending:
        if one.content is not None and _put(one, one.content, report):
            done[id(one.case)].append(_journal_line(one.step))
    wanted = [one for one in pending if one.content is None]
    if wanted and soffice is not None:
        sources = list(dict.fromkeys(one.word for one in wanted))
        options.progress(f"{french.pluriel(len(sources), 'document')} à mettre en PDF…")
        made = dict(zip(sources, pdf.convert(sources, soffice), strict=True))
        for one in wanted:
            if _put_pdf(one, made[one.word], report):
                done[id(one.case)].append(_journal_line(one.step))
    for case in cases:
        try:
            _record(case, done[id(case)], options)
        except EnvironmentRefused as refusal:
            report.refus.append(str(refusal))


def _put(one: Pending, content: bytes, report: Report) -> bool:
    """Write one file, the former one being kept under « Remplacés »; True when it is in place."""
    path = one.case.path / one.step.fichier
    try:
        if one.step.action is Action.REMPLACER:
            known = one.case.state.written.get(one.step.fichier)
            _archive(path, known.fait_le if known else "")
        files.write(path, content)
    except EnvironmentRefused as refusal:
        report.refus.append(str(refusal))
        _restate(one, str(refusal))
        return False
    written = replace(one.written, sha256=files.sha256(content))
    one.case.state = one.case.state.record(one.step.fichier, written)
    return True


def _put_pdf(one: Pending, made: bytes | pdf.ConversionFailed, report: Report) -> bool:
    reference = one.case.report.reference or ""
    try:
        if isinstance(made, pdf.ConversionFailed):
            raise made
        content = pdf.mark_holder(made, one.mention, reference)
    except pdf.ConversionFailed as failure:
        name = PurePosixPath(one.step.fichier).name
        report.refus.append(f"« {name} » n'est pas fait : {failure}. Il le sera au prochain passage.")
        _restate(one, str(failure))
        return False
    return _put(one, content, report)


def _restate(one: Pending, raison: str) -> None:
    """The step did not happen: it is told as waiting."""
    etapes = one.case.report.etapes
    etapes[etapes.index(one.step)] = Step(Action.ATTENDRE, one.step.fichier, raison)


def _archive(path: Path, fait_le: str) -> None:
    """Keep a copy of a document about to be replaced, under a name that no file bears."""
    content = files.read_if_there(path)
    if content is None:
        return
    base = f"{path.stem} du {fait_le}" if fait_le else path.stem
    target = path.parent / tree.REMPLACES / f"{base}{path.suffix}"
    number = 2
    while target.exists():
        if files.read_if_there(target) == content:
            return
        target = target.with_name(f"{base} ({number}){path.suffix}")
        number += 1
    files.write(target, content)


def _journal_line(step: Step) -> str:
    verb = "remplacé" if step.action is Action.REMPLACER else "établi"
    return f"« {PurePosixPath(step.fichier).name} » {verb}"


def _record(case: Case, done: Sequence[str], options: Options) -> None:
    """State, journal and note of one dossier, each written only when it says something new."""
    content = note(case.report.problemes, options.aujourd_hui)
    path = case.path / tree.NOTE
    if content is None:
        files.remove_if_there(path)
    elif _without_day(files.read_if_there(path)) != _without_day(content):
        files.write(path, content)
    if case.fiche is None or case.is_double:
        return
    lines = list(done)
    if case.state.etat != case.fiche.etat:
        lines.insert(0, f"État du dossier : {LIBELLES[case.fiche.etat]}")
    if lines:
        day = french.date_courte(options.aujourd_hui)
        write_journal(case.path, [french.typography(f"{day} – {line}") for line in lines])
    state = replace(case.state, reference=case.report.reference, folder=case.path.name, etat=case.fiche.etat.value)
    save_state(case.path, state)


def _without_day(content: bytes | None) -> bytes | None:
    """A note less its first line, which bears the day: the same mistakes on another day are no news."""
    return None if content is None else content.partition(b"\n")[2]
