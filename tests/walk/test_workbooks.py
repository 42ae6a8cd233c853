"""The recaps in the tree: held, refused, moved to another year, killed while written."""

import io
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from tests.conftest import Bureau, exemple
from tests.pieges import closed, needs_linux
from tests.registres.test_recap import by_hand, column, one_row, rows, saved, une_ligne, vide, written
from toolkit.dossier.classement import Statut, Typologie
from toolkit.registres.colonnes import colonnes_de
from toolkit.registres.lignes import Ligne, ligne
from toolkit.system import files
from toolkit.tree.layout import DossierFolder, dossier_at
from toolkit.tree.settings import load_settings
from toolkit.walk.case import read_case
from toolkit.walk.options import Options
from toolkit.walk.report import Report
from toolkit.walk.workbooks import Inscription, sync_workbooks

RECAP = "Récap groupes par mois.xlsx"


def entered(bureau: Bureau, *lignes: Ligne, simulate: bool = False) -> Report:
    report = Report()
    options = Options(aujourd_hui=date(2027, 6, 4), simulate=simulate)
    inscriptions = [Inscription(folder_of(bureau, one), files.sha256(SOURCE), one) for one in lignes]
    sync_workbooks(load_settings(bureau.root), inscriptions, report, options)
    return report


SOURCE = b"# ce que dit le dossier ne change pas\n"


def folder_of(bureau: Bureau, ligne: Ligne) -> DossierFolder:
    path = bureau.dossier(SOURCE, nom=ligne.cle)
    return DossierFolder(path, ligne.typologie, ligne.annee, ligne.mois, Statut.EN_COURS)


def recap(bureau: Bureau, annee: int = 2027, name: str = RECAP) -> Path:
    path = bureau.root / "Groupe" / str(annee) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def in_2028(ligne: Ligne) -> Ligne:
    debut = date(2028, 7, 4)
    return replace(ligne, annee=2028, mois=7, debut=debut, fin=debut, valeurs={**ligne.valeurs, "date": debut})


def test_another_year_moves_the_row_with_what_people_wrote(bureau: Bureau) -> None:
    with by_hand(written(vide(), une_ligne(), une_ligne("autre"))) as (workbook, save):
        june = workbook["Juin"]
        june.cell(4, column(june, "Observations accueil"), "Badge prêt")
        june.cell(3, 20, "Guide")
        june.cell(4, 20, "Hélène")
        recap(bureau).write_bytes(save())

    entered(bureau, in_2028(une_ligne()))

    assert [values["Clé"] for _, values in rows(recap(bureau).read_bytes())] == ["autre"]
    values = one_row(recap(bureau, 2028).read_bytes())
    assert values["Observations accueil"] == "Badge prêt"
    assert "venu du récapitulatif 2027 ; « guide » : Hélène" in str(values["Modifications"]).replace(
        "\n04/06/2027 –", " ;"
    )
    assert entered(bureau, in_2028(une_ligne())).registres[0].action == "conserver"


def test_a_column_of_people_under_one_of_our_headings_elsewhere_never_writes_over_the_dossier(bureau: Bureau) -> None:
    """« Téléphone » is a column of people in the recap of the groups, and one of ours in the other."""
    with by_hand(written(vide(), une_ligne())) as (workbook, save):
        june = workbook["Juin"]
        june.cell(3, 20, "Téléphone")
        june.cell(4, 20, "06 00 00 00 01")
        recap(bureau).write_bytes(save())
    deduites = [one.key for one in colonnes_de(Typologie.INDIVIDUEL).values() if one.valeur]
    valeurs = {**dict.fromkeys(deduites), "date": date(2027, 6, 17), "telephone": "06 00 00 00 02"}

    report = entered(bureau, replace(une_ligne(), typologie=Typologie.INDIVIDUEL, valeurs=valeurs))

    assert report.problemes == []
    individuels = bureau.root / "Individuel/2027/Récap individuel par mois.xlsx"
    values = one_row(individuels.read_bytes())
    assert values["Téléphone"] == "06 00 00 00 02"
    assert "« telephone » : 06 00 00 00 01" in str(values["Modifications"])
    assert rows(recap(bureau).read_bytes()) == []


def test_a_row_that_finds_no_place_in_the_other_year_stays_where_it_is(bureau: Bureau) -> None:
    recap(bureau).write_bytes(written(vide(), une_ligne()))
    with by_hand(vide()) as (workbook, save):
        workbook["Juillet"].title = "Été"
        recap(bureau, 2028).write_bytes(save())

    report = entered(bureau, in_2028(une_ligne()))

    assert any("Juillet" in problem.message for problem in report.problemes)
    assert [values["Clé"] for _, values in rows(recap(bureau).read_bytes())] == ["2027-G-014"]


def test_while_the_old_year_is_held_the_row_stands_in_both(bureau: Bureau) -> None:
    recap(bureau).write_bytes(written(vide(), une_ligne()))

    with recap(bureau).open("rb"):
        report = entered(bureau, in_2028(une_ligne()))

    assert "est ouvert par" in report.refus[0]
    assert one_row(recap(bureau).read_bytes())["Clé"] == one_row(recap(bureau, 2028).read_bytes())["Clé"]
    assert entered(bureau, in_2028(une_ligne())).refus == []
    assert rows(recap(bureau).read_bytes()) == []


@needs_linux
def test_another_year_that_cannot_be_read_stops_no_other_and_nothing_written_there_is_lost(bureau: Bureau) -> None:
    with by_hand(written(vide(), une_ligne())) as (workbook, save):
        june = workbook["Juin"]
        june.cell(4, column(june, "Observations accueil"), "Badge prêt")
        june.cell(3, 20, "Guide")
        june.cell(4, 20, "Hélène")
        recap(bureau).write_bytes(save())

    with closed(recap(bureau)):
        report = entered(bureau, in_2028(une_ligne()))

    (refus,) = report.refus
    assert f"« {recap(bureau)} »" in refus
    assert one_row(recap(bureau, 2028).read_bytes())["Observations accueil"] is None
    entered(bureau, in_2028(une_ligne()))
    values = one_row(recap(bureau, 2028).read_bytes())
    assert values["Observations accueil"] == "Badge prêt"
    assert str(values["Modifications"]).count("venu du récapitulatif 2027") == 1
    assert "« guide » : Hélène" in str(values["Modifications"])
    assert rows(recap(bureau).read_bytes()) == []
    assert entered(bureau, in_2028(une_ligne())).registres[0].action == "conserver"


def test_what_is_typed_in_the_old_year_while_it_waits_comes_along_too(bureau: Bureau) -> None:
    recap(bureau).write_bytes(written(vide(), une_ligne()))
    with recap(bureau).open("rb"):
        entered(bureau, in_2028(une_ligne()))
    with by_hand(recap(bureau).read_bytes()) as (workbook, save):
        june = workbook["Juin"]
        june.cell(4, column(june, "Observations accueil"), "Badge prêt")
        recap(bureau).write_bytes(save())

    entered(bureau, in_2028(une_ligne()))

    assert one_row(recap(bureau, 2028).read_bytes())["Observations accueil"] == "Badge prêt"
    assert rows(recap(bureau).read_bytes()) == []


@pytest.mark.parametrize(
    "content", [b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1@autre", b"\xff\xfeagenda", b"PK\x03\x04"]
)
def test_a_damaged_calendar_is_kept_and_told_and_the_recap_is_done(content: bytes, bureau: Bureau) -> None:
    calendar = bureau.root / "arrivees.ics"
    calendar.write_bytes(content)

    report = entered(bureau, une_ligne())

    assert calendar.read_bytes() == content
    assert one_row(recap(bureau).read_bytes())["Clé"] == "2027-G-014"
    (problem,) = report.problemes
    assert (problem.fichier, problem.is_error) == ("arrivees.ics", True)
    assert "laissé tel quel" in problem.message and "toolkit recap" in problem.message
    calendar.unlink()
    assert entered(bureau, une_ligne()).problemes == []
    assert calendar.read_bytes().count(b"BEGIN:VEVENT") == 1


def test_a_simulation_writes_nothing(bureau: Bureau) -> None:
    recap(bureau).write_bytes(before := written(vide(), une_ligne()))

    report = entered(bureau, in_2028(une_ligne()), simulate=True)

    assert [step.action for step in report.registres] == ["remplacer", "creer", "creer"]
    assert recap(bureau).read_bytes() == before
    assert not recap(bureau, 2028).exists()


def test_a_workbook_that_cannot_be_edited_gets_a_clean_one_beside_it(bureau: Bureau) -> None:
    stranger = saved(Workbook())
    recap(bureau).write_bytes(stranger)
    beside = recap(bureau, name="Récap groupes par mois (provisoire).xlsx")

    report = entered(bureau, une_ligne())

    assert recap(bureau).read_bytes() == stranger
    assert one_row(beside.read_bytes())["Clé"] == "2027-G-014"
    assert "classeur laissé tel quel : aucune feuille" in report.problemes[0].message
    assert [step.action for step in report.registres[:2]] == ["creer", "attendre"]
    entered(bureau, une_ligne("b"))
    assert [values["Clé"] for _, values in rows(beside.read_bytes())] == ["2027-G-014", "b"]

    recap(bureau).write_bytes(vide())
    entered(bureau, une_ligne())
    assert beside.exists()
    typed = beside.read_bytes() + b"ce que l'accueil y a ecrit"
    beside.write_bytes(typed)
    report = entered(bureau, une_ligne(), une_ligne("b"))
    assert not beside.exists()
    assert (beside.parent / "Remplacés" / beside.name).read_bytes() == typed
    assert "il est gardé dans « Remplacés »" in next(one for one in report.registres if one.action == "archiver").raison


@pytest.mark.parametrize("name", ["Récap groupes par mois.xls", "RÉCAP GROUPES PAR MOIS.ODS"])
def test_beside_a_recap_of_another_format_no_second_one_is_made(name: str, bureau: Bureau) -> None:
    recap(bureau, name=name).write_bytes(b"le classeur de l'office")

    report = entered(bureau, une_ligne())

    assert [path.name for path in recap(bureau).parent.glob("*.*")] == [name]
    said = report.problemes[0].message.replace("\N{NO-BREAK SPACE}", " ")
    assert f"« {name} » n'est pas un classeur .xlsx, aucun autre n'est fait à côté" in said
    assert f"l'enregistrer sous « {RECAP} »" in said
    assert report.registres[0].action == "attendre"


def test_a_recap_under_another_name_is_told_and_no_second_one_is_made(bureau: Bureau) -> None:
    renamed = recap(bureau, name="Récap groupes 2027 (version de Sylvie).xlsx")
    renamed.write_bytes(before := written(vide(), une_ligne()))
    recap(bureau, name="Tarifs.xlsx").write_bytes(saved(Workbook()))

    report = entered(bureau, une_ligne("b"))

    assert not recap(bureau).exists()
    assert renamed.read_bytes() == before
    assert "« Récap groupes 2027 (version de Sylvie).xlsx »" in report.problemes[0].message.replace("\xa0", " ")
    renamed.rename(recap(bureau))
    assert entered(bureau, une_ligne("b")).problemes == []
    assert len(rows(recap(bureau).read_bytes())) == 2


def test_a_workbook_of_people_is_no_recap_and_a_provisional_one_does_not_bar_the_place(bureau: Bureau) -> None:
    recap(bureau, name="Tarifs.xlsx").write_bytes(saved(Workbook()))
    recap(bureau, name="abîmé.xlsx").write_bytes(b"PK")
    recap(bureau, name="Récap groupes par mois (provisoire).xlsx").write_bytes(written(vide(), une_ligne()))

    assert entered(bureau, une_ligne()).problemes == []
    assert recap(bureau).exists()


def test_an_older_row_never_replaces_a_newer_one(bureau: Bureau) -> None:
    """A run by hand that read the dossier before the agent saved it, and the watcher afterwards."""
    older = exemple("dossier_groupe")
    folder = bureau.dossier(older)
    settings, options = load_settings(bureau.root), Options(aujourd_hui=date(2027, 6, 4))
    case = read_case(dossier_at(bureau.root, folder, settings.office), settings, options.aujourd_hui)
    assert case.fiche is not None
    old_row = ligne(case.fiche)
    assert old_row is not None
    bureau.dossier(exemple("dossier_groupe", ("02 35 00 00 33", "02 35 00 00 39")))
    bureau.run("generer", folder)
    newer = recap(bureau).read_bytes()

    sync_workbooks(settings, [Inscription(case.folder, case.source, old_row)], Report(), options)

    assert "39" in str(one_row(newer)["Responsable sur place"])
    assert recap(bureau).read_bytes() == newer


def test_while_someone_has_it_open_the_rows_wait(bureau: Bureau) -> None:
    recap(bureau).write_bytes(before := written(vide(), une_ligne()))
    owner = recap(bureau, name=f"~${RECAP}")
    owner.write_bytes(b"\x05Ambre".ljust(55) + b"\x05\x00" + "Ambre".encode("utf-16-le").ljust(108))

    holding = recap(bureau).open("rb")
    report = entered(bureau, une_ligne(personnes=38))
    holding.close()

    assert "est ouvert par Ambre" in report.refus[0]
    assert report.exit_status == 4
    assert recap(bureau).read_bytes() == before
    owner.unlink()
    assert entered(bureau, une_ligne(personnes=38)).refus == []
    assert one_row(recap(bureau).read_bytes())["Pers."] == 38


def test_a_burst_of_fifty_dossiers_is_one_write(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    lignes = [une_ligne(f"2027-G-{number:03d}", mois=6 + number % 2) for number in range(50)]
    recap(bureau).write_bytes(written(vide(), *lignes))
    written_paths: list[Path] = []
    write = files.write

    write_own = files.write_own

    def write_and_count(path: Path, content: bytes, **how: Any) -> None:
        written_paths.append(path)
        write(path, content, **how)

    def write_own_and_count(path: Path, content: bytes, **how: Any) -> None:
        written_paths.append(path)
        write_own(path, content, **how)

    monkeypatch.setattr(files, "write", write_and_count)
    monkeypatch.setattr(files, "write_own", write_own_and_count)

    entered(bureau, *(replace(one, valeurs={**one.valeurs, "personnes": 7}) for one in lignes))

    assert [path.name for path in written_paths] == [
        "Récap groupes par mois 2027-06-04.xlsx",
        RECAP,
        "arrivees.ics",
    ]
    assert {values["Pers."] for _, values in rows(recap(bureau).read_bytes())} == {7}


WRITER = """
import sys
from pathlib import Path
from toolkit.system import files
path, olds = Path(sys.argv[1]), [Path(name).read_bytes() for name in sys.argv[2:]]
print("ready", flush=True)
while True:
    for old in olds:
        files.write(path, old, over=files.sha256(path.read_bytes()))
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no kill -9 there")
def test_a_kill_at_any_instant_leaves_the_old_workbook_or_the_new_one(bureau: Bureau, tmp_path: Path) -> None:
    versions = [written(vide(), une_ligne(personnes=n)) for n in (1, 2)]
    names = []
    for number, version in enumerate(versions):
        names.append(tmp_path / f"{number}.xlsx")
        names[-1].write_bytes(version)
    path = recap(bureau)
    path.write_bytes(versions[0])
    chance = random.Random(5)
    for _ in range(25):
        command = [sys.executable, "-c", WRITER, str(path), *map(str, names)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert process.stdout
        process.stdout.readline()
        time.sleep(chance.random() / 50)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert path.read_bytes() in versions
        load_workbook(io.BytesIO(path.read_bytes()))
