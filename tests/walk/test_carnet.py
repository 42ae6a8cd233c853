"""The carnet: bound with all its vouchers or not at all, with a plan that can be read or without it."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from tests.conftest import Bureau, Run, exemple
from tests.formats.test_pdf import document
from tests.modeles_word import modele, put_in
from toolkit.formats.libreoffice import find_libreoffice
from toolkit.formats.pdf_marks import why_no_pdf
from toolkit.formats.pdf_seal import seal

CARNET = "6 Carnet/Carnet de voyage 2027-G-014.pdf"
PLAN = "modeles/annexes/plan-dieppe.pdf"
TROP_TARD = """
[[avenants]]
numero = 3
objet = "effectif"
demande_canal = "courrier"
demande_recue_le = 2027-06-06
participants = 40
"""
needs_libreoffice = pytest.mark.skipif(find_libreoffice() is None, reason="LibreOffice is not installed")


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def step(run: Run, fichier: str) -> tuple[str, str]:
    [dossier] = run.json["dossiers"]
    return next((one["action"], plain(one["raison"])) for one in dossier["etapes"] if one["fichier"] == fichier)


def protected() -> bytes:
    writer, out = PdfWriter(clone_from=io.BytesIO(document())), io.BytesIO()
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(out)
    return out.getvalue()


NO_PLANS: dict[str, tuple[Callable[[], bytes], str]] = {
    "vide": (lambda: b"", "il est vide"),
    "page web": (lambda: b"<!DOCTYPE html>\n<html><body>Connexion</body></html>", "c'est une page web"),
    "image": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(50), "c'est une image"),
    "document Word": (lambda: b"PK\x03\x04" + bytes(50), "c'est un document de Word, d'Excel ou une archive"),
    "texte": (lambda: b"plan de la ville", "ce n'est pas un PDF"),
    "coupé": (lambda: document()[:-40], "il est incomplet, sa fin manque"),
    "mot de passe": (protected, "il est protégé par un mot de passe"),
}


@pytest.mark.parametrize("kind", NO_PLANS)
def test_what_is_plainly_no_pdf_is_called_what_it_is(kind: str) -> None:
    make, why = NO_PLANS[kind]
    assert (why_no_pdf(make()) or "").startswith(why)


def test_a_pdf_is_one(tmp_path: Path) -> None:
    assert why_no_pdf(document()) is None
    assert why_no_pdf(b"\xef\xbb\xbf\n" + document() + b"\n\n") is None


# --- with all its vouchers -------------------------------------------------------------------------------------------


def test_it_waits_for_a_voucher_that_waits_whatever_for(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))
    put_in(bureau.root, "bon_echange_restaurant.docx", modele("Bonjour {{ clinet.nom }}"))

    run = bureau.run("generer", folder, "--sans-pdf", "--json")

    assert step(run, CARNET) == ("attendre", "attend Bon d'échange P3")


@pytest.mark.slow
@needs_libreoffice
def test_it_waits_for_a_voucher_whose_pdf_waits(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOOLKIT_SOFFICE", raising=False)
    folder = bureau.dossier(exemple("dossier_groupe", ('lieu = "Cour du château"', "")))
    put_in(
        bureau.root,
        "bon_echange.docx",
        modele("Bon d'échange {{ bon.mention }} {{ prestation.lieu }} {{ prestation.debut }}"),
    )

    run = bureau.run("generer", folder, "--json")

    assert step(run, CARNET)[0] == "attendre"
    assert step(run, CARNET)[1].startswith("attend Bon d'échange P1")
    assert not (folder / CARNET).exists()


@pytest.mark.slow
@needs_libreoffice
def test_one_that_went_out_without_a_voucher_is_told_until_it_is_made_again(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TOOLKIT_SOFFICE", raising=False)
    folder = bureau.dossier(
        exemple("dossier_groupe", ("[carnet]\nenvoye_le = 2027-05-03", "[carnet]\nenvoye_le = 2027-06-03"))
    )
    bureau.run("generer", folder)
    assert len(PdfReader(folder / CARNET).pages) > 5
    former = PdfWriter()
    former.append(io.BytesIO(document()), outline_item="Votre carnet")
    out = io.BytesIO()
    former.write(out)

    (folder / CARNET).write_bytes(seal(out.getvalue(), "0" * 64))
    folder.joinpath("_suivi/etat.json").unlink()

    for _ in range(2):
        told = [
            plain(one["message"]) for one in bureau.run("generer", folder, "--json").json["dossiers"][0]["problemes"]
        ]
        [incomplete] = [one for one in told if "déjà envoyé, est sans" in one]
        assert "Bon d'échange P1, Bon d'échange P2" in incomplete and "effacer le jour de son envoi" in incomplete
        assert len(PdfReader(folder / CARNET).pages) == 1

    bureau.run("noter", folder, "carnet.envoye_le=")
    bureau.run("generer", folder)
    bureau.run("noter", folder, "carnet.envoye_le=2027-06-04")
    run = bureau.run("generer", folder, "--json")

    assert len(PdfReader(folder / CARNET).pages) > 5
    assert not [one for one in run.json["dossiers"][0]["problemes"] if "est sans" in one["message"]]


@pytest.mark.parametrize("lay", [Path.mkdir, lambda path: path.write_bytes(b"<html>"), lambda path: None])
def test_a_plan_that_cannot_serve_is_told_without_any_pdf(bureau: Bureau, lay: Callable[[Path], None]) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))
    (bureau.root / PLAN).parent.mkdir(parents=True)
    lay(bureau.root / PLAN)

    run = bureau.run("generer", folder, "--sans-pdf", "--json")

    assert (run.status, run.json["refus"]) == (0, [])
    assert (
        len([one for one in run.json["problemes"] if one["message"].startswith("le carnet se fait sans le plan")]) == 1
    )


def test_a_plan_that_is_missing_is_told_though_no_dossier_needs_it_yet(bureau: Bureau) -> None:
    run = bureau.run("generer", bureau.dossier(exemple("dossier_minimal")), "--sans-pdf", "--json")
    assert [one["message"] for one in run.json["problemes"] if "sans le plan" in one["message"]] != []


# --- with a plan that can be read ------------------------------------------------------------------------------------


def bookmarks(path: Path) -> list[str]:
    return [one.title for one in PdfReader(path).outline if not isinstance(one, list)]  # type: ignore[misc]


def damaged() -> bytes:
    return b"%PDF-1.7\n1 0 obj\n<< /Pages 9 0 R >>\nendobj\ntrailer << /Root 1 0 R >>\nstartxref\n0\n%%EOF\n"


@pytest.mark.slow
@needs_libreoffice
@pytest.mark.parametrize("plan", [NO_PLANS["page web"][0], damaged])
def test_a_plan_that_is_none_is_named_and_done_without(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch, plan: Callable[[], bytes]
) -> None:
    monkeypatch.delenv("TOOLKIT_SOFFICE", raising=False)
    folder = bureau.dossier(exemple("dossier_groupe"))
    (bureau.root / PLAN).parent.mkdir(parents=True)
    (bureau.root / PLAN).write_bytes(plan())

    run = bureau.run("generer", folder, "--json")

    assert step(run, CARNET)[0] == "creer" and run.json["refus"] == []
    [told] = [plain(one["message"]) for one in run.json["problemes"] if "plan" in one["message"]]
    assert told.startswith(f"le carnet se fait sans le plan « {PLAN} » d'office.toml : ")
    assert "Plan" not in bookmarks(folder / CARNET)

    (bureau.root / PLAN).write_bytes(document())
    assert step(bureau.run("generer", folder, "--json"), CARNET)[0] == "remplacer"
    assert bookmarks(folder / CARNET)[-1] == "Plan"
