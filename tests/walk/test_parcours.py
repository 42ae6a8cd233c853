"""The main job on real parts: LibreOffice makes the PDFs, a spreadsheet reads the recap, the wheel stands alone."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import docx
import pytest
from pypdf import PdfReader

from tests.conftest import Bureau, exemple
from toolkit.formats import libreoffice, pdf
from toolkit.formats.conversion import NoPdf
from toolkit.formats.word_text import said_by
from toolkit.walk.same_words import differences, is_of_another

pytestmark = pytest.mark.slow

RACINE = Path(__file__).parents[2]
needs_libreoffice = pytest.mark.skipif(libreoffice.find_libreoffice() is None, reason="LibreOffice n'est pas installé")


def pages(path: Path) -> list[str]:
    """The text of each page, no-break spaces made plain."""
    return [page.extract_text().replace("\N{NO-BREAK SPACE}", " ") for page in PdfReader(path).pages]


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration, made once by the real command."""
    folder = tmp_path_factory.mktemp("demo") / "office"
    done = subprocess.run(
        [sys.executable, "-m", "toolkit", "demo", str(folder)], cwd=RACINE, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return folder


@needs_libreoffice
def test_the_demonstration_makes_every_contract_and_recap(demonstration: Path) -> None:
    words = sorted(demonstration.rglob("3 Contrat/*.docx"))
    assert len(words) == 10
    for word in words:
        for holder in ("client", "office"):
            assert word.with_name(f"{word.stem} - exemplaire {holder}.pdf").is_file()
    assert len(list(demonstration.glob("*/*/*.xlsx"))) == 2


@needs_libreoffice
def test_every_contract_is_fit_to_send(demonstration: Path) -> None:
    for path in demonstration.rglob("3 Contrat/*.pdf"):
        texts = pages(path)
        assert 2 <= len(texts) <= 3, path
        holder = "Exemplaire client" if "client" in path.name else "Exemplaire office"
        assert all(holder in text for text in texts), path
        whole = "\n".join(texts)
        assert "None" not in whole and "À COMPLÉTER" not in whole and not re.search(r"\{[{%]|[%}]\}", whole), path
        # The signatures never stand alone on a page.
        assert "deux exemplaires originaux" in texts[-1] and "Données personnelles" in texts[-1], path
        assert not any("deux exemplaires originaux" in text for text in texts[:-1])


@needs_libreoffice
def test_a_second_run_on_the_demonstration_does_nothing(demonstration: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in demonstration.rglob("*")}
    done = subprocess.run(
        [sys.executable, "-m", "toolkit", "generer", str(demonstration)], cwd=RACINE, capture_output=True, text=True
    )
    assert done.returncode == 0
    assert "rien d'autre à faire" in done.stdout
    assert {path: path.stat().st_mtime_ns for path in demonstration.rglob("*")} == before


@needs_libreoffice
def test_pdfs_wait_for_libreoffice_and_come_with_the_next_run(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))
    monkeypatch.setenv("TOOLKIT_SOFFICE", "/aucun/soffice")
    run = bureau.run("generer", bureau.root)
    assert run.status == 0 and "LibreOffice n'est pas installé" in run.out
    assert bureau.files(folder / "3 Contrat") == {"Contrat 2027-G-014.docx"}
    monkeypatch.delenv("TOOLKIT_SOFFICE")
    assert bureau.run("generer", bureau.root).status == 0
    assert bureau.files(folder / "3 Contrat") == {
        "Contrat 2027-G-014.docx",
        "Contrat 2027-G-014 - exemplaire client.pdf",
        "Contrat 2027-G-014 - exemplaire office.pdf",
    }


@needs_libreoffice
@pytest.mark.parametrize("nom", ["Dupont & Fils <SARL> « L'Été »", "=1+1"])
def test_a_hostile_name_comes_out_letter_for_letter_in_pdf_and_excel(bureau: Bureau, nom: str, tmp_path: Path) -> None:
    folder = bureau.dossier(exemple("dossier_groupe", ("Les Aînés de Sainte-Fiction", nom)))
    assert bureau.run("generer", bureau.root).status == 0
    assert nom in pages(folder / "3 Contrat/Contrat 2027-G-014 - exemplaire client.pdf")[0]
    recap = bureau.root / "Groupe/2027/Récap groupes par mois.xlsx"
    soffice = libreoffice.find_libreoffice()
    profile = (tmp_path / "profil").as_uri()
    # Sheet 6 is June.
    csv = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,6"
    subprocess.run(
        [
            str(soffice),
            f"-env:UserInstallation={profile}",
            "--headless",
            "--convert-to",
            csv,
            "--outdir",
            str(tmp_path),
            str(recap),
        ],
        check=True,
        capture_output=True,
        timeout=90,
    )
    (sheet,) = tmp_path.glob("*.csv")
    assert f'"{nom}\nSainte-Fiction"' in sheet.read_text(encoding="utf-8")


@needs_libreoffice
def test_a_document_changed_by_hand_gives_the_pdf_of_what_the_human_wrote(bureau: Bureau) -> None:
    import docx

    unsent = exemple("dossier_groupe").replace("envoye_client_le  = 2027-02-09", "").split("signe_client_le")[0]
    folder = bureau.dossier(f'{unsent}\n[paiement]\nmode = "cheque"\n')
    bureau.run("generer", folder)
    word = folder / "3 Contrat/Contrat 2027-G-014.docx"
    edited = docx.Document(str(word))
    edited.add_paragraph("Clause ajoutée par l'agent")
    edited.save(str(word))
    run = bureau.run("generer", folder)
    assert run.status == 0, run.out
    client = folder / "3 Contrat/Contrat 2027-G-014 - exemplaire client.pdf"
    assert "Clause ajoutée par l'agent" in "\n".join(pages(client))
    assert "Contrat 2027-G-014 - exemplaire client du 2027-06-04.pdf" in bureau.files(folder / "3 Contrat/Remplacés")


def test_a_hanging_libreoffice_is_killed_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = tmp_path / "soffice"
    hanging.write_text(f"#!/bin/sh\nsleep 300 & echo $! > {tmp_path}/enfant\nwait\n")
    hanging.chmod(0o755)
    monkeypatch.setattr(libreoffice, "FIRST_SECONDS", 1)
    (result,) = libreoffice.convert([b"document"], hanging)
    assert isinstance(result, NoPdf) and "n'a pas répondu à temps" in result.raison
    child = int((tmp_path / "enfant").read_text())
    status = Path(f"/proc/{child}/status")
    assert not status.exists() or "zombie" in status.read_text()


@needs_libreoffice
def test_one_document_that_cannot_be_converted_does_not_stop_the_others(bureau: Bureau, tmp_path: Path) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))
    bureau.run("generer", folder, "--sans-pdf")
    good = (folder / "3 Contrat/Contrat 2027-G-014.docx").read_bytes()
    soffice = libreoffice.find_libreoffice()
    assert soffice is not None
    bad, fine = libreoffice.convert([b"PK\3\4 garbage", good], soffice)
    assert isinstance(fine, bytes)
    assert differences(said_by(good), pdf.text_of(fine)) == ([], [])
    if not isinstance(bad, NoPdf):
        assert is_of_another(said_by(good), pdf.text_of(bad))


def test_the_wheel_stands_alone(tmp_path: Path) -> None:
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            str(tmp_path),
            str(RACINE),
        ],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as package:
        names = package.namelist()
        package.extractall(tmp_path / "installed")
    assert "toolkit/modeles/contrat_groupe.docx" in names
    assert "toolkit/dossiers_exemple/office.toml" in names
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed"), "TOOLKIT_SOFFICE": "/aucun/soffice"}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "toolkit", "demo", str(tmp_path / "demo"), "--json"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "demo").rglob("3 Contrat/*.docx"))) == 10


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler-utils n'est pas installé")
@needs_libreoffice
def test_no_page_prints_into_its_margins(demonstration: Path, tmp_path: Path) -> None:
    """Nothing but the white of the paper within 5 mm of an edge of any contract page."""
    path = next(iter(sorted(demonstration.rglob("3 Contrat/*G-014*client.pdf"))))
    subprocess.run(["pdftoppm", "-r", "50", "-gray", str(path), str(tmp_path / "page")], check=True)
    images = sorted(tmp_path.glob("page*.pgm"))
    assert images
    for image in images:
        kind, size, _, pixels = image.read_bytes().split(b"\n", 3)
        assert kind == b"P5"
        width, height = map(int, size.split())
        edge = 10  # pixels, 5 mm at 50 dpi
        rows = [pixels[row * width : (row + 1) * width] for row in range(height)]
        assert all(min(row) == 255 for row in (*rows[:edge], *rows[-edge:])), image
        assert all(min(row[:edge] + row[-edge:]) == 255 for row in rows), image


@needs_libreoffice
def test_vouchers_and_carnet_of_the_demonstration(demonstration: Path) -> None:
    (folder,) = demonstration.glob("Groupe/2027/06*/*/*Aînés*")
    copies = sorted((folder / "4 Bons d'échange").glob("*COPIE.pdf"))
    assert [re.sub(r".*-(P\d) .*( v\d) COPIE.pdf", r"\1\2", path.name) for path in copies] == [
        "P1 v3",
        "P2 v3",
        "P3 v3",
        "P4 v3",
    ]
    for path in copies:
        (text,) = pages(path)
        assert "COPIE" in text and "ANNULE ET REMPLACE LE PRECEDENT ENVOI" in text.replace("\n", " ")
        (original,) = pages(path.with_name(path.name.replace(" COPIE", "")))
        assert "COPIE" not in original
    (restaurant,) = [path for path in copies if "-P3 " in path.name]
    assert "40 participants + 1 chauffeur" in pages(restaurant)[0]
    carnet = PdfReader(folder / "6 Carnet/Carnet de voyage 2027-G-014.pdf")
    assert [item.title for item in carnet.outline][0::5] == ["Votre carnet", "Plan"]  # type: ignore[union-attr]
    assert f"{len(carnet.pages)}/{len(carnet.pages)}" in carnet.pages[-1].extract_text()


@needs_libreoffice
def test_a_draft_avenant_carries_projet_until_it_is_written(bureau: Bureau) -> None:
    base = exemple("dossier_groupe").split("# ── 10. Avenants")[0]
    avenant = '[[avenants]]\nnumero = 1\nobjet = "effectif"\ndemande_canal = "mail"\ndemande_recue_le = 2027-05-12\n'
    folder = bureau.dossier(f"{base}\n{avenant}participants = 38\n")
    bureau.run("generer", folder)
    path = folder / "5 Avenants/Avenant 1 2027-G-014.pdf"
    assert all("PROJET" in text for text in pages(path))
    bureau.dossier(f"{base}\n{avenant}participants = 38\nredige_le = 2027-05-13\n")
    bureau.run("generer", folder)
    assert not any("PROJET" in text for text in pages(path))
    kept = [name for name in bureau.files(folder / "5 Avenants") if name.startswith("Remplacés/")]
    assert any(name.endswith(".pdf") for name in kept)


@needs_libreoffice
@pytest.mark.parametrize("between", ["nothing", "a lost state", "a Word file changed by hand"])
def test_an_avenant_written_and_sent_in_one_save_carries_projet_no_more(between: str, bureau: Bureau) -> None:
    base = exemple("dossier_groupe").split("# ── 10. Avenants")[0]
    avenant = '[[avenants]]\nnumero = 1\nobjet = "effectif"\ndemande_canal = "mail"\ndemande_recue_le = 2027-05-12\n'
    folder = bureau.dossier(f"{base}\n{avenant}participants = 38\n")
    bureau.run("generer", folder)
    path = folder / "5 Avenants/Avenant 1 2027-G-014.pdf"
    if between == "a lost state":
        shutil.rmtree(folder / "_suivi")
    elif between == "a Word file changed by hand":
        word = path.with_suffix(".docx")
        document = docx.Document(str(word))
        document.add_paragraph("Vu avec la présidente.")
        document.save(str(word))
    sent = "redige_le = 2027-05-13\nenvoye_client_le = 2027-05-13\n"
    bureau.dossier(f"{base}\n{avenant}participants = 38\n{sent}")

    bureau.run("generer", folder)

    assert not any("PROJET" in text for text in pages(path))
    assert any("Vu avec" in text for text in pages(path)) is (between == "a Word file changed by hand")
    last = path.read_bytes()
    bureau.run("generer", folder)
    assert path.read_bytes() == last
