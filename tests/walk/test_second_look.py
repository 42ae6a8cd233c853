"""People who work in the tree during a run: what they do then is looked at again before anything is put in place."""

import os
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import docx
import pytest

from tests.conftest import ICI, JOUR, Bureau, exemple
from tests.partage import partage, smbd
from tests.walk.test_contrat import NOT_SENT, text_of
from toolkit.formats.libreoffice import find_libreoffice
from toolkit.tree.settings import load_settings
from toolkit.walk.apply import Applied, apply_plan
from toolkit.walk.case import Case, find_folders, read_case
from toolkit.walk.means import Means
from toolkit.walk.options import Options
from toolkit.walk.plan import Plan, plan_dossier
from toolkit.walk.report import Report

SAIN = ICI.joinpath("toml", "cas", "aucun-defaut", "dossier.toml").read_text(encoding="utf-8")
GROUPE = exemple("dossier_groupe", *NOT_SENT)
GROUPE_DE_44 = exemple("dossier_groupe", *NOT_SENT, ("participants   = 42", "participants   = 44"))
CONTRAT = "3 Contrat/Contrat 2027-G-014.docx"
CLIENT = "3 Contrat/Contrat 2027-G-014 - exemplaire client.pdf"
needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="acts of a POSIX system")
needs_libreoffice = pytest.mark.skipif(find_libreoffice() is None, reason="LibreOffice n'est pas installé")


def meanwhile(bureau: Bureau, folder: Path, act: Callable[[], object]) -> tuple[Plan, Applied]:
    """A dossier planned, then what a person does, then the plan applied."""
    settings = load_settings(bureau.root)
    (found,) = find_folders(settings, [folder], Report())
    means = Means(settings, Options(JOUR, with_pdf=False))
    plan = plan_dossier(read_case(found, settings, JOUR), means)
    act()
    return plan, apply_plan(plan, means, None)


def test_a_plan_made_from_facts_that_changed_meanwhile_is_not_applied(bureau: Bureau) -> None:
    folder = bureau.dossier(SAIN)

    plan, done = meanwhile(bureau, folder, lambda: bureau.dossier(f"# une remarque\n{SAIN}"))

    assert plan.is_stale
    assert {step.action for step in done.report.etapes} == {"attendre"}
    assert bureau.files(folder) == {"dossier.toml"}


def test_a_plan_made_beside_another_run_is_not_applied(bureau: Bureau) -> None:
    folder = bureau.dossier(SAIN)

    plan, _ = meanwhile(bureau, folder, lambda: bureau.run("generer", folder))

    assert plan.is_stale
    assert bureau.run("generer", folder, "--json").json["dossiers"][0]["etapes"][0]["action"] == "conserver"


def test_a_file_put_under_the_planned_name_is_kept_and_ours_comes_beside(bureau: Bureau) -> None:
    folder = bureau.dossier(GROUPE)
    path = folder / CONTRAT

    def put() -> None:
        path.parent.mkdir()
        path.write_bytes(b"d'une personne")

    plan, _ = meanwhile(bureau, folder, put)

    assert plan.is_stale
    bureau.run("generer", folder)
    assert path.read_bytes() == b"d'une personne"
    assert "3 Contrat/Contrat 2027-G-014 v2.docx" in bureau.files(folder)


def test_a_document_changed_between_plan_and_write_is_kept(bureau: Bureau) -> None:
    folder = bureau.dossier(GROUPE)
    bureau.run("generer", folder)
    bureau.dossier(GROUPE_DE_44)
    path = folder / CONTRAT
    by_hand = path.read_bytes() + b"un mot de plus"

    plan, _ = meanwhile(bureau, folder, lambda: path.write_bytes(by_hand))

    assert plan.is_stale
    assert path.read_bytes() == by_hand


def test_a_run_beside_a_person_is_planned_anew_at_once(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    """A save that falls exactly between the reading and the writing, in one run of the command."""
    folder = bureau.dossier(GROUPE)
    saves = iter([lambda: bureau.dossier(GROUPE_DE_44)])

    def plan_then_someone_saves(case: Case, means: Means) -> Plan:
        plan = plan_dossier(case, means)
        next(saves, lambda: folder)()
        return plan

    monkeypatch.setattr("toolkit.walk.generate.plan_dossier", plan_then_someone_saves)
    run = bureau.run("generer", folder, "--json")

    assert run.json["refus"] == []
    assert next(one for one in run.json["dossiers"][0]["etapes"] if one["fichier"] == CONTRAT)["action"] == "creer"
    assert "44 participants" in text_of(folder / CONTRAT)


@needs_posix
def test_nothing_is_written_through_a_linked_folder(bureau: Bureau, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("ailleurs")
    folder = bureau.dossier(GROUPE)
    folder.joinpath("3 Contrat").symlink_to(elsewhere)

    run = bureau.run("generer", folder, "--json")

    assert run.status == 4
    assert any("est un lien qui mène ailleurs" in refusal for refusal in run.json["refus"])
    assert list(elsewhere.iterdir()) == []


# --- the note -----------------------------------------------------------------------------------------------------


FAUX = SAIN.replace('canal = "telephone"', 'canal = "pigeon"')


def test_what_an_agent_wrote_in_the_note_is_kept_when_all_is_mended(bureau: Bureau) -> None:
    folder = bureau.dossier(FAUX)
    bureau.run("generer", folder)
    note = folder / "À CORRIGER.txt"
    typed = note.read_bytes() + b"Vu avec Paul, il rappelle lundi.\r\n"
    note.write_bytes(typed)

    bureau.run("generer", folder)
    assert note.read_bytes() == typed
    bureau.dossier(SAIN)
    run = bureau.run("generer", folder)

    assert not note.exists()
    assert folder.joinpath("À CORRIGER (annoté).txt").read_bytes() == typed
    assert "quelqu'un y a écrit" in run.out


def test_what_an_agent_wrote_in_the_note_is_kept_when_other_mistakes_come(bureau: Bureau) -> None:
    folder = bureau.dossier(FAUX)
    bureau.run("generer", folder)
    note = folder / "À CORRIGER.txt"
    typed = note.read_bytes().replace("À corriger".encode(), "À CORRIGER VITE".encode())
    note.write_bytes(typed)
    bureau.dossier(FAUX.replace("pigeon", "fumée"))

    bureau.run("generer", folder)

    assert "fumée" in note.read_text(encoding="utf-8-sig")
    assert folder.joinpath("À CORRIGER (annoté).txt").read_bytes() == typed


def test_a_note_that_nobody_touched_follows_the_mistakes(bureau: Bureau) -> None:
    folder = bureau.dossier(FAUX)
    bureau.run("generer", folder)
    bureau.dossier(FAUX.replace("pigeon", "fumée"))
    bureau.run("generer", folder)
    assert "fumée" in folder.joinpath("À CORRIGER.txt").read_text(encoding="utf-8-sig")
    bureau.dossier(SAIN)
    bureau.run("generer", folder)

    assert [name for name in bureau.files(folder) if "CORRIGER" in name] == []


# --- while LibreOffice converts -----------------------------------------------------------------------------------


@contextmanager
def soffice_during_which(act: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The real LibreOffice, which starts with what a person does at that moment, in words of the shell."""
    real = find_libreoffice()
    program = tmp_path / "soffice-occupe"
    program.write_text(f'#!/bin/sh\n{act}\nexec {shlex.quote(str(real))} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("TOOLKIT_SOFFICE", str(program))
    yield
    monkeypatch.setenv("TOOLKIT_SOFFICE", str(real))


@pytest.mark.slow
@needs_posix
@needs_libreoffice
@pytest.mark.parametrize("over", ["nothing", "ours"])
def test_a_pdf_put_there_while_libreoffice_converts_is_kept(
    over: str, bureau: Bureau, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = bureau.dossier(GROUPE)
    if over == "ours":
        bureau.run("generer", folder)
        bureau.dossier(GROUPE_DE_44)
    act = f"printf humain > {shlex.quote(str(folder / CLIENT))}"
    with soffice_during_which(act, tmp_path_factory.mktemp("programmes"), monkeypatch):
        run = bureau.run("generer", folder, "--json")

    assert run.json["refus"] == []
    assert (folder / CLIENT).read_bytes() == b"humain"
    for _ in range(2):
        bureau.run("generer", folder)
    assert {name for name in bureau.files(folder / "3 Contrat") if "client" in name and "/" not in name} == {
        "Contrat 2027-G-014 - exemplaire client.pdf",
        "Contrat 2027-G-014 - exemplaire client v2.pdf",
    }


@pytest.mark.slow
@needs_posix
@needs_libreoffice
def test_facts_saved_while_libreoffice_converts_are_those_of_the_pdf(
    bureau: Bureau, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pypdf import PdfReader

    folder = bureau.dossier(GROUPE)
    source = shlex.quote(str(folder / "dossier.toml"))
    act = f"sed -i 's/participants   = 42/participants   = 44/' {source}"
    with soffice_during_which(act, tmp_path_factory.mktemp("programmes"), monkeypatch):
        bureau.run("generer", folder)

    text = "".join(page.extract_text() for page in PdfReader(folder / CLIENT).pages)
    assert "44 participants" in text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.slow
@needs_posix
def test_word_files_and_recap_do_not_wait_for_libreoffice(
    bureau: Bureau, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path_factory.mktemp("vu") / "liste"
    program = seen.with_name("soffice")
    program.write_text(f"#!/bin/sh\n[ -e {seen} ] || find {shlex.quote(str(bureau.root))} -type f > {seen}\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("TOOLKIT_SOFFICE", str(program))
    folder = bureau.dossier(exemple("dossier_groupe"))

    bureau.run("generer", bureau.root)

    there = {os.path.relpath(line, bureau.root) for line in seen.read_text(encoding="utf-8").splitlines()}
    assert {
        str((folder / CONTRAT).relative_to(bureau.root)),
        str((folder / "_suivi/etat.json").relative_to(bureau.root)),
        "Groupe/2027/Récap groupes par mois.xlsx",
        "arrivees.ics",
    } <= there


# --- versions of PDFs ---------------------------------------------------------------------------------------------


def pdfs(bureau: Bureau) -> set[str]:
    return {name for name in bureau.files() if name.endswith(".pdf")}


@pytest.mark.slow
@needs_libreoffice
def test_without_any_state_no_pdf_is_made_twice(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOOLKIT_SOFFICE", raising=False)
    folder = bureau.dossier(GROUPE)
    bureau.run("generer", bureau.root)
    before = pdfs(bureau)
    assert before

    for _ in range(3):
        folder.joinpath("_suivi/etat.json").unlink()
        bureau.run("generer", bureau.root)

    assert pdfs(bureau) == before


@pytest.mark.slow
@needs_libreoffice
def test_beside_an_annotated_pdf_the_next_version_is_made_once(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOOLKIT_SOFFICE", raising=False)
    folder = bureau.dossier(GROUPE)
    bureau.run("generer", folder)
    annotated = (folder / CLIENT).read_bytes() + b"% une note de l'agent\n"
    (folder / CLIENT).write_bytes(annotated)
    bureau.run("generer", folder)
    assert not any("v2" in name for name in pdfs(bureau))

    bureau.dossier(GROUPE_DE_44)
    for _ in range(3):
        bureau.run("generer", folder)

    assert (folder / CLIENT).read_bytes() == annotated
    assert {name for name in bureau.files(folder / "3 Contrat") if "client" in name and "/" not in name} == {
        "Contrat 2027-G-014 - exemplaire client.pdf",
        "Contrat 2027-G-014 - exemplaire client v2.pdf",
    }


@pytest.mark.slow
@needs_libreoffice
def test_a_pdf_that_became_old_while_the_state_was_lost_is_made_anew(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TOOLKIT_SOFFICE", raising=False)
    folder = bureau.dossier(GROUPE)
    bureau.run("generer", folder)
    bureau.dossier(GROUPE_DE_44)
    bureau.run("generer", folder, "--sans-pdf")
    folder.joinpath("_suivi/etat.json").unlink()

    steps = bureau.run("generer", folder, "--json").json["dossiers"][0]["etapes"]

    assert next(one for one in steps if one["fichier"] == CLIENT)["action"] == "remplacer"


# --- open on a desktop --------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.skipif(smbd() is None, reason="samba n'est pas installé : le partage réel n'est pas essayé")
def test_a_contract_open_over_a_share_is_waited_for() -> None:
    import smbclient

    with partage() as share:
        bureau = Bureau(share.folder)
        folder = bureau.dossier(GROUPE)
        assert bureau.run("generer", folder).status == 0
        path = folder / CONTRAT
        before = path.read_bytes()
        bureau.dossier(GROUPE_DE_44)
        smbclient.ClientConfig(require_secure_negotiate=False)
        smbclient.register_session("127.0.0.1", username="guest", password="x", port=share.port, require_signing=False)
        name = "\\\\127.0.0.1\\partage\\" + str(path.relative_to(share.folder)).replace("/", "\\")
        try:
            with smbclient.open_file(name, mode="r+b", share_access="r", port=share.port) as held:
                run = bureau.run("generer", folder, "--json")
                assert run.status == 4
                assert "Contrat 2027-G-014.docx" in run.json["refus"][0] and "est ouvert" in run.json["refus"][0]
                assert path.read_bytes() == before
                held.seek(0)
                held.write(before + b"ce que la personne enregistre")
        finally:
            smbclient.reset_connection_cache()
        assert path.read_bytes() == before + b"ce que la personne enregistre"
        assert bureau.run("generer", folder).status == 0
        assert path.read_bytes() == before + b"ce que la personne enregistre"
        assert "3 Contrat/Contrat 2027-G-014 v2.docx" in bureau.files(folder)


# --- what is no document of ours ----------------------------------------------------------------------------------


@needs_posix
def test_what_is_no_file_under_a_planned_name_is_left_and_ours_comes_beside(bureau: Bureau) -> None:
    folder = bureau.dossier(GROUPE)
    contrats = folder / "3 Contrat"
    contrats.mkdir()
    os.mkfifo(folder / CONTRAT)
    contrats.joinpath("perdu.pdf").symlink_to("nulle part")

    run = bureau.run("generer", folder, "--json")

    assert run.json["refus"] == []
    assert "3 Contrat/Contrat 2027-G-014 v2.docx" in bureau.files(folder)


# --- a state that is lost -----------------------------------------------------------------------------------------


def test_a_contract_changed_by_hand_is_known_again_without_any_state(bureau: Bureau) -> None:
    folder = bureau.dossier(GROUPE)
    bureau.run("generer", folder)
    document = docx.Document(str(folder / CONTRAT))
    document.add_paragraph("Clause ajoutée par l'agent")
    document.save(str(folder / CONTRAT))
    by_hand = (folder / CONTRAT).read_bytes()

    for _ in range(2):
        folder.joinpath("_suivi/etat.json").unlink()
        bureau.run("generer", folder)

    assert (folder / CONTRAT).read_bytes() == by_hand
    assert [name for name in bureau.files(folder / "3 Contrat") if name.endswith(".docx")] == [Path(CONTRAT).name]


def test_a_signed_contract_stays_true_without_any_state(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))
    bureau.run("generer", folder)
    folder.joinpath("_suivi/etat.json").unlink()
    bureau.dossier(exemple("dossier_groupe", ("participants   = 42", "participants   = 44")))

    run = bureau.run("generer", folder)

    assert run.status == 1
    assert "noter un avenant" in run.out and "effectif.participants" in run.out


def test_a_document_of_another_dossier_is_not_believed(bureau: Bureau) -> None:
    folder = bureau.dossier(GROUPE)
    bureau.run("generer", folder)
    other = bureau.dossier(GROUPE.replace("2027-G-014", "2027-G-015"), nom="2027-06-17 Autres 42p")
    path = other / CONTRAT.replace("014", "015")
    path.parent.mkdir()
    path.write_bytes(foreign := (folder / CONTRAT).read_bytes())

    bureau.run("generer", other)

    assert path.read_bytes() == foreign
    assert path.with_stem(f"{path.stem} v2").is_file()
