"""Two agents on desktops of a real share, one run by hand after another, the watcher, and kills of each; then quiet.

All that a person did still stands, and the tree is what one run makes of the same facts from nothing. Seeded: the same
seed does the same things, though not at the same instants. ``python -m tests.tenue.chaos`` is the long one;
CHAOS_GRAINE, CHAOS_DOSSIERS, CHAOS_MARQUES and CHAOS_SECONDES make it other or longer.
"""

import io
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from threading import Event, Thread

import docx
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.conftest import ICI, JOUR, Bureau
from tests.partage import Partage, Poste, partage
from tests.tenue import faux_soffice
from tests.tenue.arbre import cells, damaged, leftovers
from tests.tenue.scenes import PROPOSE, SIGNE
from toolkit.formats.word_marks import W
from toolkit.tree.layout import NOTE, SOUS_DOSSIERS

OFFICE = "office"
"""The tree, in the share."""
RECAP = "Groupe/2027/Récap groupes par mois.xlsx"
MOIS = ("06 - Juin", "juin", "6")
STATUTS = ("Dossier en cours", "en cours", "Dossier traité")
OF_DOCUMENTS = ("2 Devis", "3 Contrat", "4 Bons d'échange")
MARQUE = re.compile(r"MARQUE-\w+-\d+")


@dataclass(frozen=True)
class Reglages:
    """How long and how wild."""

    graine: int = int(os.environ.get("CHAOS_GRAINE", "20270604"))
    dossiers: int = int(os.environ.get("CHAOS_DOSSIERS", "300"))
    marques: int = int(os.environ.get("CHAOS_MARQUES", "5000"))
    """Enough of what people did: then they go home."""
    secondes: float = float(os.environ.get("CHAOS_SECONDES", "3600"))
    """Then they go home as well."""


class Refus(Exception):
    """The share said no, as it does when a file is held or has gone: the person turns to something else."""


class Agent(Thread):
    """A person at a desktop: edits, slips, types in documents and in the recap, renames, files, copies."""

    def __init__(self, nom: str, share: Partage, reglages: Reglages, over: Event, dossiers: dict[str, str]) -> None:
        super().__init__(name=nom)
        self.nom = nom
        self.chance = random.Random(f"{reglages.graine} {nom}")
        self.poste = Poste(share)
        self.over = over
        self.texts = dict(dossiers)
        """By reference: what its dossier.toml is to say in the end."""
        self.folders = {
            reference: f"{OFFICE}/Groupe/2027/06 - Juin/Dossier en cours/2027-06-17 Client {reference[-4:]}"
            for reference in dossiers
        }
        self.slips: dict[str, str] = {}
        """References whose file has a slip for now."""
        self.marks: dict[str, tuple[str, str]] = {}
        """What was typed, by kind and place."""
        self.typed = 0
        self.gestures: Counter[str] = Counter()
        self.refused = 0
        self.error: BaseException | None = None

    # --- a day ---

    def run(self) -> None:
        gestures: list[tuple[Callable[[str], None], int]] = [
            (self.edit, 4),
            (self.comment, 4),
            (self.slip, 2),
            (self.answer_note, 4),
            (self.type_in_document, 6),
            (self.type_in_recap, 2),
            (self.add_file, 6),
            (self.rename, 2),
            (self.file_away, 2),
            (self.copy, 1),
            (self.blink, 1),
            (self.crash, 1),
        ]
        acts, weights = zip(*gestures, strict=True)
        try:
            while not self.over.is_set():
                # Who made a slip comes back to it sooner or later.
                among = self.slips if self.slips and self.chance.random() < 0.3 else self.texts
                reference = self.chance.choice(sorted(among))
                act = self.chance.choices(acts, weights)[0]
                try:
                    act(reference)
                    self.gestures[act.__name__] += 1
                except Refus:
                    self.refused += 1
                time.sleep(self.chance.random() * 0.1)
            self.go_home()
        except BaseException as error:
            self.error = error

    def go_home(self) -> None:
        """Nothing is left half done."""
        for reference in self.texts:
            self.insist(lambda reference=reference: self.save(reference, self.texts[reference]))  # type: ignore[misc]

    def insist(self, act: Callable[[], None], seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while True:
            try:
                return act()
            except Refus:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def mark(self, kind: str) -> str:
        """Words that nobody types twice."""
        self.typed += 1
        return f"MARQUE-{self.nom}{kind}-{self.typed}"

    def keep(self, words: str, kind: str, place: str) -> None:
        self.marks[words] = (kind, place)

    # --- dossier.toml ---

    def save(self, reference: str, text: str) -> None:
        path, content = f"{self.folders[reference]}/dossier.toml", text.encode()
        how = self.chance.randrange(3)
        with _asked():
            if how == 0:  # an editor that writes beside and replaces
                self.poste.write(f"{path}~", content)
                self.poste.replace(f"{path}~", path)
            elif how == 1:  # one that empties, then writes
                self.poste.write(path, b"")
                time.sleep(0.02)
                self.poste.write(path, content)
            else:  # Explorer: the size first, full of NULs
                self.poste.write(path, b"\0" * len(content))
                time.sleep(0.02)
                self.poste.write(path, content)

    def edit(self, reference: str) -> None:
        text = self.texts[reference]
        if "envoye_client_le" not in text:
            number = self.chance.randrange(20, 44)
            text = re.sub(r"(?m)^participants .*$", f"participants   = {number}", text)
        # It is what the file is to say even when the share says no half way: the next save brings it.
        self.texts[reference] = text
        self.slips.pop(reference, None)
        self.save(reference, text)

    def comment(self, reference: str) -> None:
        words = self.mark("remarque")
        self.texts[reference] += f"# {words}\n"
        self.slips.pop(reference, None)
        self.save(reference, self.texts[reference])
        self.keep(words, "dossier.toml", reference)

    def slip(self, reference: str) -> None:
        self.slips[reference] = self.texts[reference].replace("59.00", "59,00")
        self.save(reference, self.slips[reference])

    def answer_note(self, reference: str) -> None:
        """What to correct is told in a file, in which people type what they did about it."""
        path = f"{self.folders[reference]}/{NOTE}"
        words = self.mark("note")
        with _asked(), self.poste.opened(path, "r+b", "r") as file:
            before = file.read()
            file.seek(0)
            file.write(before + f"{words} : vu avec Jeanne\r\n".encode())
        self.keep(words, "note", reference)

    # --- documents ---

    def type_in_document(self, reference: str) -> None:
        folder = f"{self.folders[reference]}/{self.chance.choice(OF_DOCUMENTS)}"
        with _asked():
            names = [name for name in self.poste.names(folder) if name.endswith(".docx") and name[0] not in "~."]
        if not names:
            raise Refus
        path = f"{folder}/{self.chance.choice(names)}"
        words = self.mark("document")
        with _asked(), self.poste.opened(path) as file:
            try:
                document = docx.Document(io.BytesIO(file.read()))
            except Exception as error:  # a person's file, that is no document
                raise Refus from error
            document.add_paragraph(words)
            content = io.BytesIO()
            document.save(content)
            time.sleep(self.chance.random() * 0.3)
            file.seek(0)
            file.truncate(0)
            file.write(content.getvalue())
        self.keep(words, "document", reference)

    def type_in_recap(self, reference: str) -> None:
        words = self.mark("recap")
        path = f"{OFFICE}/{RECAP}"
        with _asked(), self.poste.opened(path) as file:
            workbook = load_workbook(io.BytesIO(file.read()))
            if not any(_type_in_row(sheet, reference, words) for sheet in workbook.worksheets):
                raise Refus
            content = io.BytesIO()
            workbook.save(content)
            file.seek(0)
            file.truncate(0)
            file.write(content.getvalue())
        self.keep(words, "récapitulatif", reference)

    def add_file(self, reference: str) -> None:
        words = self.mark("fichier")
        kind = self.chance.choice(["txt", "docx", "pdf"])
        folder = self.folders[reference]
        place = self.chance.choice(["", "/3 Contrat", "/7 Factures"])
        with _asked():
            self.poste.make(f"{folder}{place}")
            self.poste.write(f"{folder}{place}/{words}.{kind}", words.encode())
        self.keep(words, "fichier", reference)

    # --- folders ---

    def rename(self, reference: str) -> None:
        folder = self.folders[reference]
        self.move(reference, f"{folder.rpartition('/')[0]}/2027-06-17 {self.nom} {self.chance.randrange(10**6)}")

    def file_away(self, reference: str) -> None:
        place = f"{OFFICE}/Groupe/2027/{self.chance.choice(MOIS)}/{self.chance.choice(STATUTS)}"
        with _asked():
            self.poste.make(place)
        self.move(reference, f"{place}/{self.folders[reference].rpartition('/')[2]}")

    def move(self, reference: str, target: str) -> None:
        with _asked():
            self.poste.rename(self.folders[reference], target)
        self.folders[reference] = target

    def copy(self, reference: str) -> None:
        """As a start for a new client: its own number comes a moment later."""
        fresh = f"2027-G-{int(self.nom[-1]) * 1000 + 500 + len(self.texts)}"
        folder = f"{self.folders[reference].rpartition('/')[0]}/2027-06-17 Copie {fresh}"
        with _asked():
            self.poste.make(folder)
            self.poste.write(f"{folder}/dossier.toml", self.texts[reference].encode())
        self.folders[fresh] = folder
        text = self.texts[reference].replace(reference, fresh)
        self.texts[fresh] = "".join(line for line in text.splitlines(keepends=True) if not MARQUE.search(line))
        self.save(fresh, self.texts[fresh])

    def blink(self, reference: str) -> None:
        """Out of the tree and back."""
        folder = self.folders[reference]
        self.move(reference, f"ailleurs-{reference}")
        time.sleep(self.chance.random() * 0.3)
        self.insist(lambda: self.move(reference, folder))

    def crash(self, reference: str) -> None:
        """The desktop stops while the recap is open on it."""
        with _asked():
            self.poste.opened(f"{OFFICE}/{RECAP}")
            time.sleep(self.chance.random())
        self.poste.crash()


class _asked:  # noqa: N801 - read as a word of the sentence
    """What the share refuses is no fault of the person."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: object) -> None:
        if isinstance(error, OSError):
            raise Refus from error


def _type_in_row(sheet: Worksheet, reference: str, words: str) -> bool:
    heads = [cell.value for cell in sheet[3]]
    if "Clé" not in heads:
        return False
    key = heads.index("Clé")
    if "Guide" not in heads:
        heads += [None, "Guide"]
        sheet.cell(3, len(heads), "Guide")
    column = heads.index("Guide") + 1
    for row in sheet.iter_rows(min_row=4):
        number = row[0].row
        if row[key].value == reference and number:
            cell = sheet.cell(number, column)
            cell.value = f"{cell.value or ''} {words}".strip()
            return True
    return False


@dataclass
class Programme:
    """The watcher, or runs by hand one after another, killed now and then."""

    argv: list[str]
    chance: random.Random
    over: Event
    environment: dict[str, str]
    seconds: float
    """It is killed after so many at the most."""
    kills: int = 0
    ended: Counter[int] = field(default_factory=Counter)
    said: list[str] = field(default_factory=list)

    def work(self) -> None:
        while not self.over.is_set():
            with tempfile.TemporaryFile() as said:
                process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "toolkit", *self.argv, "--le", JOUR.isoformat()],
                    env=self.environment,
                    stdout=said,
                    stderr=said,
                    start_new_session=True,
                )
                try:
                    process.wait(self.chance.uniform(0.3, self.seconds))
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
                    self.kills += 1
                    continue
                self.ended[process.returncode] += 1
                said.seek(0)
                words = said.read().decode("utf-8", "replace")
                if process.returncode not in (0, 1, 4) or "Traceback" in words:
                    self.said.append(words[-800:])


@dataclass
class Bilan:
    """What came of it."""

    reglages: Reglages
    gestures: Counter[str]
    refused: int
    kills: dict[str, int]
    marks: Counter[str]
    fautes: list[str]

    def told(self) -> str:
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(self.marks.items()))
        killed = ", ".join(f"{nom} {count}" for nom, count in self.kills.items())
        return (
            f"graine {self.reglages.graine} : {self.reglages.dossiers} dossiers, {self.gestures.total()} gestes, "
            f"{self.refused} refusés par le partage, {self.marks.total()} marques ({kinds}), arrêts : {killed} ; "
            + (f"{len(self.fautes)} fautes" if self.fautes else "tout tient")
        )


def chaos(reglages: Reglages, scratch: Path) -> Bilan:
    """Let them work, then compare."""
    with partage() as share:
        root = share.folder / OFFICE
        root.mkdir()
        return _chaos(reglages, share, Bureau(root), scratch)


def _chaos(reglages: Reglages, share: Partage, bureau: Bureau, scratch: Path) -> Bilan:
    over = Event()
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ICI.parent),
        "TOOLKIT_SOFFICE": str(faux_soffice.install(scratch)),
        "TMPDIR": str(scratch),
    }
    agents = []
    for number in (1, 2):
        texts = {}
        for one in range(reglages.dossiers // 2):
            reference = f"2027-G-{number * 1000 + one}"
            text = SIGNE if one % 4 == 0 else PROPOSE
            texts[reference] = text.replace("2027-G-014", reference).replace("2027-G-015", reference)
        agent = Agent(f"agent{number}", share, reglages, over, texts)
        for reference, text in texts.items():
            bureau.dossier(text, nom=agent.folders[reference].rpartition("/")[2])
        agents.append(agent)
    programmes = {
        nom: Programme(argv, random.Random(f"{reglages.graine} {nom}"), over, environment, seconds)
        for nom, argv, seconds in (
            ("surveillance", ["surveiller", str(bureau.root)], 12),
            ("à la main", ["generer", str(bureau.root)], 6),
        )
    }
    threads = [*agents, *(Thread(target=one.work) for one in programmes.values())]
    for thread in threads:
        thread.start()
    end = time.monotonic() + reglages.secondes
    while time.monotonic() < end and sum(len(one.marks) for one in agents) < reglages.marques:
        time.sleep(0.2)
        if not all(one.is_alive() for one in agents):
            break
    over.set()
    for thread in threads:
        thread.join()
    fautes = [f"{one.nom} : {one.error!r}" for one in agents if one.error]
    fautes += [f"{nom} : {said}" for nom, one in programmes.items() for said in one.said]
    fautes += _at_the_end(bureau, agents, environment, scratch)
    return Bilan(
        reglages,
        sum((one.gestures for one in agents), Counter()),
        sum(one.refused for one in agents),
        {nom: one.kills for nom, one in programmes.items()} | {"postes": sum(one.gestures["crash"] for one in agents)},
        Counter(kind for one in agents for kind, _ in one.marks.values()),
        fautes,
    )


def _at_the_end(bureau: Bureau, agents: list[Agent], environment: dict[str, str], scratch: Path) -> Iterator[str]:
    """The quiet of the evening."""
    for argv in (
        ["surveiller", str(bureau.root), "--une-fois"],
        ["generer", str(bureau.root)],
        ["generer", str(bureau.root)],
    ):
        done = subprocess.run(
            [sys.executable, "-P", "-m", "toolkit", *argv, "--le", JOUR.isoformat()],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            yield f"le soir, « {argv[0]} » sort avec {done.returncode} : {(done.stdout + done.stderr)[-800:]}"
    if "rien à faire" not in done.stdout:
        yield f"le soir, il reste toujours à faire : {done.stdout[-800:]}"
    yield from _lost(bureau.root, agents)
    folders = {path.parent for path in bureau.root.glob("Groupe/2027/*/*/*/dossier.toml")}
    kept = {bureau.root.parent / folder for one in agents for folder in one.folders.values()}
    yield from (f"dossier revenu ou disparu : {path}" for path in folders ^ kept)
    standing = {path for path in bureau.root.glob("Groupe/2027/[!_]*/*/*") if path.is_dir()}
    yield from (f"dossier fantôme : {path}" for path in standing - folders)
    yield from (f"reste : {name}" for name in leftovers(bureau.root))
    theirs = [path.name for path in bureau.root.rglob("MARQUE-*")]
    yield from (f"abîmé : {one}" for one in damaged(bureau.root, theirs))
    fresh = _made_at_once(agents, scratch / "neuf", environment)
    yield from _unlike(documents(bureau.root), documents(fresh), "document")
    yield from _unlike(rows(bureau.root), rows(fresh), "ligne")
    yield from _unlike(events(bureau.root), events(fresh), "arrivée")


def _lost(root: Path, agents: list[Agent]) -> Iterator[str]:
    """What was typed and stands nowhere: in no text, no document, no cell."""
    standing = set()
    for path in root.rglob("*"):
        if path.is_file() and not path.name.endswith(".tmp"):
            standing |= set(MARQUE.findall(path.name))
            if path.suffix == ".docx" and not path.name.startswith("MARQUE"):
                standing |= set(MARQUE.findall("\n".join(_paragraphs(path))))
            elif path.suffix in (".toml", ".txt"):
                standing |= set(MARQUE.findall(path.read_text(encoding="utf-8", errors="replace")))
            elif path.suffix == ".xlsx" and "_suivi" not in path.parts:
                standing |= set(MARQUE.findall(" ".join(text for _, _, text in cells(path))))
    for agent in agents:
        for words, (kind, reference) in agent.marks.items():
            if words not in standing:
                yield f"perdu : {words} ({kind}, {reference})"


def _made_at_once(agents: list[Agent], root: Path, environment: dict[str, str]) -> Path:
    """The same dossiers in a new tree, made in one run."""
    root.mkdir()
    fresh = Bureau(root)
    for agent in agents:
        for reference, folder in agent.folders.items():
            place = folder.removeprefix(f"{OFFICE}/").rpartition("/")
            fresh.dossier(agent.texts[reference], nom=place[2], lieu=place[0])
    subprocess.run(
        [sys.executable, "-P", "-m", "toolkit", "generer", str(root), "--sans-pdf", "--le", JOUR.isoformat()],
        env=environment,
        check=True,
        capture_output=True,
    )
    return root


def _paragraphs(path: Path) -> list[str]:
    document = docx.Document(str(path))
    return ["".join(leaf.text or "" for leaf in node.iter(f"{W}t")) for node in document.element.body]


def documents(root: Path) -> dict[str, object]:
    """The last version of each Word document, less what people typed in it.

    A programme went out with the proposal: what it said then stays, whatever is changed later.
    """
    last: dict[str, tuple[int, Path]] = {}
    for path in root.rglob("*.docx"):
        if path.parent.name in SOUS_DOSSIERS and path.parent.name != "2 Devis" and not path.name.startswith("MARQUE"):
            stem, number = re.fullmatch(r"(.*?)(?: v(\d+))?", path.stem).groups()  # type: ignore[union-attr]
            version = int(number or 1)
            if version >= last.get(stem, (0, path))[0]:
                last[stem] = (version, path)
    return {
        stem: [line for line in _paragraphs(path) if not MARQUE.fullmatch(line)] for stem, (_, path) in last.items()
    }


def rows(root: Path) -> dict[str, object]:
    """Of the recap by key, ours only; « Modifications » tells history, which differs."""
    found: dict[str, dict[str, str]] = {}
    sheets = load_workbook(root / RECAP).worksheets
    keys = Counter(
        str(row[heads.index("Clé")].value)
        for sheet in sheets
        if "Clé" in (heads := [cell.value for cell in sheet[3]])
        for row in sheet.iter_rows(min_row=4)
        if row[heads.index("Clé")].value
    )
    for key, heading, text in cells(root / RECAP):
        if heading not in ("Modifications", "Empreinte", "Guide"):
            found.setdefault(key, {})[heading] = text
    return {key: (keys[key], row) for key, row in found.items()}


def events(root: Path) -> dict[str, object]:
    text = root.joinpath("arrivees.ics").read_text(encoding="utf-8")
    return dict(Counter(re.findall(r"(?m)^UID:(.*)$", text)))


def _unlike(found: dict[str, object], wanted: dict[str, object], what: str) -> Iterator[str]:
    for name in sorted(found.keys() | wanted.keys()):
        one, other = found.get(name), wanted.get(name)
        if one == other:
            continue
        if isinstance(one, list) and isinstance(other, list):
            lines = [pair for pair in zip_longest(one, other) if pair[0] != pair[1]]
            yield f"{what} différent : {name} : {lines[0][0]!r} au lieu de {lines[0][1]!r}"
        else:
            yield f"{what} : {name} : {one} au lieu de {other}"


def main() -> None:
    scratch = Path(tempfile.mkdtemp(prefix="chaos-"))
    try:
        bilan = chaos(Reglages(), scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    sys.stdout.write("\n".join([bilan.told(), f"{dict(bilan.gestures)}", *bilan.fautes, ""]))
    sys.exit(bool(bilan.fautes))


if __name__ == "__main__":
    main()
