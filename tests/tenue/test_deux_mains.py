"""Two processes at once on the same tree, again and again: nothing that one of them said to have done is lost.

TENUE_TOURS makes the loops longer, TENUE_GRAINE other.
"""

import os
import random
import re
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path

import docx
import pytest
from pypdf import PdfReader

from tests.conftest import Bureau
from tests.dossiers import jusqu_a, toml
from tests.tenue import mains
from tests.tenue.arbre import cells
from tests.tenue.coupures import hands
from tests.tenue.mains import Fait
from tests.tenue.scenes import PROPOSE, SIGNE
from toolkit.dossier.etat import Etat
from toolkit.formats.word_marks import W

pytestmark = pytest.mark.slow

TOURS = int(os.environ.get("TENUE_TOURS", "60"))
GRAINE = int(os.environ.get("TENUE_GRAINE", "20270604"))
SOON = 0.05
"""Seconds in which both hands have heard that they begin."""

Argv = list[str]
Both = Callable[..., tuple[list[Fait], list[Fait]]]


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with hands() as pool:
        yield pool


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    mains.lay(tmp_path)
    return tmp_path


@pytest.fixture
def bureau(folder: Path) -> Bureau:
    return Bureau(folder / mains.ARBRE)


@pytest.fixture
def both(folder: Path, pool: ProcessPoolExecutor) -> Both:
    """Two hands, each with its own commands: the other begins so many seconds later, once something is saved."""

    def work(
        one: Sequence[Argv],
        other: Sequence[Argv],
        *,
        patient: bool = True,
        later: float = 0.0,
        save: Callable[[], object] | None = None,
    ) -> tuple[list[Fait], list[Fait]]:
        start = time.time() + SOON
        first = pool.submit(mains.several, folder, one, start=start, patient=patient)
        second = pool.submit(mains.several, folder, other, start=start + later, patient=patient)
        if save:
            time.sleep(max(0.0, start + later - SOON / 2 - time.time()))
            save()
        done = first.result(), second.result()
        for fait in chain(*done):
            assert fait.status in (0, 1, 4) and "Traceback" not in fait.said, fait.said
        return done

    return work


def facts(folder: Path) -> dict[str, object]:
    return tomllib.loads(folder.joinpath("dossier.toml").read_text(encoding="utf-8"))


def test_no_note_is_lost_that_was_said_to_be_noted(bureau: Bureau, both: Both) -> None:
    folder = bureau.dossier(PROPOSE.replace("[[devis.relances]]", "[[devis.relances]] # la première"))
    numbers = range(2, TOURS + 2)
    relances = [
        f"devis.relances[{number}].le=29/01/2027 devis.relances[{number}].par=mail "
        f"devis.relances[{number}].resultat=relance-{number}"
        for number in numbers
    ]
    notes = [
        f"notes[{number - 1}].le=12/05/2027 notes[{number - 1}].par=chargee-1 notes[{number - 1}].texte=note-{number}"
        for number in numbers
    ]

    done = both(*([["noter", str(folder), *one.split()] for one in many] for many in (relances, notes)))

    text = folder.joinpath("dossier.toml").read_text(encoding="utf-8")
    said = [
        (f"{word}-{number}", fait)
        for word, faits in zip(("relance", "note"), done, strict=True)
        for number, fait in zip(numbers, faits, strict=True)
    ]
    lost = [words for words, fait in said if fait.status == 0 and f'"{words}"' not in text]
    assert not lost, f"dits « Noté » et perdus : {lost}"
    # Each comes after the last of its own list: none was refused.
    assert [fait.said for _, fait in said if fait.status] == []
    assert "# la première" in text


def test_a_reference_is_given_once_and_no_dossier_is_laid_over_another(bureau: Bureau, both: Both) -> None:
    """Each second client rings twice at the same moment, and both agents open a dossier."""

    def calls(agent: str) -> list[Argv]:
        names = [f"Client {n}" if n % 2 else f"Client {n} de {agent}" for n in range(TOURS)]
        telephone = {"A": "02 35 00 00 31", "B": "02 35 00 00 32"}[agent]
        return [["nouveau", ".", "groupe", name, "2027-06-17", "--telephone", telephone] for name in names]

    done = dict(zip("AB", both(calls("A"), calls("B")), strict=True))

    opened = {}
    for agent, faits in done.items():
        for fait in faits:
            if fait.status:
                assert "existe déjà" in fait.said
                continue
            folder = Path(fait.said.splitlines()[1].strip())
            assert folder not in opened, "opened twice"
            opened[folder] = agent
    assert len(opened) == TOURS + TOURS // 2
    references = [facts(folder)["reference"] for folder in opened]
    assert len(set(references)) == len(references)
    phones = {"A": "02 35 00 00 31", "B": "02 35 00 00 32"}
    told = [(folder.name, facts(folder)["client"]["telephone"]) for folder in opened]  # type: ignore[index]
    assert told == [(folder.name, phones[agent]) for folder, agent in opened.items()]


def with_people(text: str, number: int) -> str:
    changed, count = re.subn(r"(?m)^participants .*$", f"participants = {number}", text)
    assert count == 1
    return changed


def test_of_two_runs_the_newest_facts_stand(bureau: Bureau, both: Both) -> None:
    """A fact is saved during a run, and another begins as the watcher would: the newest fact stands at the end."""
    chance = random.Random(GRAINE)
    folder = bureau.dossier(with_people(PROPOSE, 20))
    stale = []
    for number in range(21, 21 + max(6, TOURS // 5)):
        generer = [["generer", str(folder)]]
        both(generer, generer, later=chance.uniform(0, 0.5), save=partial(save, folder, number))
        said = contract(folder)
        if said != {str(number)}:
            stale.append(f"{number} : {said}")
    assert stale == []


def save(folder: Path, number: int) -> None:
    """As an editor that writes beside and replaces."""
    beside = folder / "dossier.toml~"
    beside.write_text(with_people(PROPOSE, number), encoding="utf-8")
    beside.replace(folder / "dossier.toml")


def contract(folder: Path) -> set[str]:
    """How many people the contract and its PDFs are for."""
    standing = [*(folder / "3 Contrat").glob("*.docx"), *(folder / "3 Contrat").glob("*.pdf")]
    assert len(standing) == 3, [path.name for path in standing]
    return {found for path in standing for found in re.findall(r"(\d+) participants \+ 1", words(path))}


def words(path: Path) -> str:
    if path.suffix == ".pdf":
        text = "".join(page.extract_text() for page in PdfReader(path).pages)
    else:
        text = "".join(leaf.text or "" for leaf in docx.Document(str(path)).element.body.iter(f"{W}t"))
    return text.replace("\N{NO-BREAK SPACE}", " ")


FINALISE = toml(*jusqu_a(Etat.FINALISE))


def test_no_row_and_no_event_is_lost_between_two_dossiers(bureau: Bureau, both: Both) -> None:
    """Two agents, each with dossiers of their own; then each mends the dossiers of the other."""

    def dossiers(start: int, phone: str) -> list[Path]:
        made = []
        for number in range(start, start + TOURS):
            text = FINALISE.replace("2027-G-014", f"2027-G-{number}").replace("02 35 00 00 31", phone)
            made.append(bureau.dossier(text, nom=f"2027-06-17 Client {number}"))
        return made

    def runs(folders: Sequence[Path]) -> list[Argv]:
        return [["generer", str(one), "--sans-pdf"] for one in folders]

    both(runs(dossiers(100, "02 35 00 00 31")), runs(dossiers(500, "02 35 00 00 31")))
    references = {f"2027-G-{number}" for start in (100, 500) for number in range(start, start + TOURS)}
    assert references - rows(bureau) == set()
    assert references - events(bureau) == set()

    both(runs(dossiers(500, "02 35 00 00 39")), runs(dossiers(100, "02 35 00 00 39")))
    recap = bureau.root / "Groupe/2027/Récap groupes par mois.xlsx"
    old = {key for key, _, said in cells(recap) if "02 35 00 00 31" in said}
    assert old == set()
    assert references - rows(bureau) == set()


def rows(bureau: Bureau) -> set[str]:
    return {key for key, _, _ in cells(bureau.root / "Groupe/2027/Récap groupes par mois.xlsx")}


def events(bureau: Bureau) -> set[str]:
    found = re.findall(r"(?m)^UID:(.*)@toolkit", bureau.root.joinpath("arrivees.ics").read_text(encoding="utf-8"))
    assert len(found) == len(set(found))
    return set(found)


def test_a_dossier_put_away_during_a_run_is_whole_and_in_one_place(bureau: Bureau, both: Both, tmp_path: Path) -> None:
    nom, mois = "2027-05-17 Aînés", "Groupe/2027/05 - Mai"
    passed = re.sub(r"2027-06-(\d\d)", r"2027-05-\1", SIGNE)
    bureau.dossier(passed, nom=nom, lieu=f"{mois}/Dossier en cours")
    moves = [
        ["classer", f"{mois}/Dossier en cours/{nom}", "traite"],
        ["classer", f"{mois}/Dossier traité/{nom}", "en_cours"],
    ]

    moved, _ = both(moves * (TOURS // 2), [["generer", "."]] * TOURS, patient=False)

    assert [fait.said for fait in moved if "est maintenant" not in fait.said] == []
    (place,) = bureau.root.glob(f"{mois}/*/{nom}")
    assert place.parent.name == "Dossier en cours"
    assert bureau.run("generer", bureau.root, "--sans-pdf").status in (0, 1)
    (tmp_path / "seul").mkdir()
    alone = Bureau(tmp_path / "seul")
    made = alone.dossier(passed, nom=nom, lieu=f"{mois}/Dossier en cours")
    alone.run("generer", alone.root, "--sans-pdf")
    assert {path.name for path in place.rglob("*.docx")} == {path.name for path in made.rglob("*.docx")}
