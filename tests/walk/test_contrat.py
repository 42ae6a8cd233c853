"""The contract: what it prints, and who owns it once it exists."""

import io
from pathlib import Path

import docx
import pytest

from tests.conftest import Bureau, exemple
from toolkit.french import NBSP

WORD = "3 Contrat/Contrat 2027-G-014.docx"
NOT_SENT = (
    ("envoye_client_le  = 2027-02-09", "# envoye_client_le  = 2027-02-09"),
    ("signe_client_le   = 2027-02-17", "# signe_client_le   = 2027-02-17"),
    ("signe_direction_le = 2027-02-18", "# signe_direction_le = 2027-02-18"),
    ("renvoye_client_le = 2027-02-18", "# renvoye_client_le = 2027-02-18"),
)


def text_of(path: Path) -> str:
    """Everything a Word file shows: body, tables, headers and footers, in no order that matters."""
    document = docx.Document(io.BytesIO(path.read_bytes()))
    parts = [document.element.body]
    for section in document.sections:
        for part in (section.header, section.first_page_header, section.footer, section.first_page_footer):
            parts.append(part._element)
    return "\n".join("".join(node.itertext()) for part in parts for node in part.iter() if node.tag.endswith("}p"))


def test_says_what_the_procedure_wants(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))
    assert bureau.run("generer", folder).status == 0
    text = text_of(folder / WORD)
    for wanted in (
        "Les Aînés de Sainte-Fiction",
        "7 rue Inexistante",
        "Mme Jeanne Modèle",
        "jeudi 17\N{NO-BREAK SPACE}juin 2027",
        "42 participants",
        "59,00\N{NO-BREAK SPACE}€",
        "2\N{NO-BREAK SPACE}508,00\N{NO-BREAK SPACE}€",
        "752,40\N{NO-BREAK SPACE}€",
        "1\N{NO-BREAK SPACE}755,60\N{NO-BREAK SPACE}€",
        "IM076999999",
        "Garant Fictif SA",
        "Assurances Imaginaires",
        "Régime particulier - Agences de voyages",
        "FR76\N{NO-BREAK SPACE}9999",
        "deux exemplaires originaux",
        "mercredi 2\N{NO-BREAK SPACE}juin 2027",
    ):
        assert wanted in text
    assert "None" not in text
    assert "{{" not in text and "{%" not in text
    # The margin is the office's own business (CGI 266-1-e).
    assert "659,00" not in text


def test_carries_the_values_of_the_contract_not_those_of_an_avenant(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))
    bureau.run("generer", folder)
    text = text_of(folder / WORD)
    assert "2\N{NO-BREAK SPACE}445,00" not in text and "40 participants" not in text


def test_a_mandat_has_no_deposit(bureau: Bureau) -> None:
    folder = bureau.dossier(
        exemple("dossier_mandat"), nom="2027-05-18 Ville 52p", lieu="Groupe/2027/05 - Mai/Dossier en cours"
    )
    bureau.run("generer", folder)
    text = text_of(folder / "3 Contrat/Contrat 2027-G-022.docx")
    assert "784,00" in text and "Chorus Pro" in text
    assert "30\N{NO-BREAK SPACE}%" not in text


@pytest.mark.parametrize(
    "nom", ["Dupont & Fils <SARL> « L'Été »", "=1+1", "{{ office.banque.iban }}", "L’Été ‹ 100 % ›"]
)
def test_a_hostile_name_comes_out_letter_for_letter(bureau: Bureau, nom: str) -> None:
    folder = bureau.dossier(exemple("dossier_groupe", ("Les Aînés de Sainte-Fiction", nom)))
    assert bureau.run("generer", folder).status == 0
    assert nom in text_of(folder / WORD)


def test_waits_for_the_facts_it_needs_and_says_which(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe", ("prix_par_personne = 59.00 ", "# ")))
    run = bureau.run("generer", folder, "--json")
    assert run.status == 1
    (step,) = [one for one in run.json["dossiers"][0]["etapes"] if one["fichier"] == WORD]
    assert step["action"] == "attendre" and "le prix par personne" in step["raison"]
    assert not (folder / WORD).exists()


@pytest.mark.slow
def test_a_fact_only_the_model_wants_is_printed_red_and_holds_the_pdf(bureau: Bureau) -> None:
    model = docx.Document()
    model.add_paragraph("Départ : {{ sejour.heure_depart | heure }}, {{ dossier.reference }}")
    bureau.root.joinpath("modeles").mkdir()
    model.save(str(bureau.root / "modeles/contrat_groupe.docx"))
    folder = bureau.dossier(exemple("dossier_groupe", ("heure_depart   = 17:00:00", "")))
    run = bureau.run("generer", folder, "--json")
    paragraph = docx.Document(str(folder / WORD)).paragraphs[0]
    assert paragraph.text == "Départ : [À COMPLÉTER : heure de départ], 2027-G-014"
    red = [run for run in paragraph.runs if run.font.color.rgb is not None]
    assert [str(run.font.color.rgb) for run in red] == ["FF0000"]
    pdfs = [step for step in run.json["dossiers"][0]["etapes"] if "exemplaire" in step["fichier"]]
    assert {step["raison"] for step in pdfs} == {"attend heure de départ"}


def test_an_unknown_field_in_a_model_stops_its_documents_and_no_other(bureau: Bureau) -> None:
    model = docx.Document()
    model.add_paragraph("{{ clinet.nom }} {{ client.nomm }}")
    bureau.root.joinpath("modeles").mkdir()
    model.save(str(bureau.root / "modeles/contrat_groupe.docx"))
    group = bureau.dossier(exemple("dossier_groupe"))
    person = bureau.dossier(
        exemple("dossier_individuel"), nom="2027-04-09 Exemple 2p", lieu="Individuel/2027/04 - Avril/Dossier en cours"
    )
    run = bureau.run("generer", "--json", bureau.root)
    assert run.status == 1
    said = " ".join(problem["message"] for problem in run.json["problemes"])
    assert "clinet.nom" in said and "client.nomm" in said
    assert not (group / WORD).exists()
    assert (person / "3 Contrat/Contrat 2027-I-006.docx").exists()


def test_a_second_run_does_nothing_and_says_so(bureau: Bureau) -> None:
    bureau.dossier(exemple("dossier_groupe"))
    bureau.run("generer", bureau.root)
    before = {name: bureau.root.joinpath(name).stat().st_mtime_ns for name in bureau.files()}
    run = bureau.run("generer", bureau.root)
    assert run.status == 0
    assert "rien d'autre à faire" in run.out
    assert {name: bureau.root.joinpath(name).stat().st_mtime_ns for name in bureau.files()} == before


def test_simuler_says_the_same_and_writes_nothing(bureau: Bureau) -> None:
    bureau.dossier(exemple("dossier_groupe"))
    before = bureau.files()
    simulated = bureau.run("generer", "--simuler", "--json", bureau.root).json
    assert bureau.files() == before
    assert bureau.run("generer", "--json", bureau.root).json["dossiers"] == simulated["dossiers"]


def test_facts_changed_before_the_sending_replace_the_contract_and_keep_the_former(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe", *NOT_SENT))
    bureau.run("generer", folder)
    former = (folder / WORD).read_bytes()
    bureau.dossier(exemple("dossier_groupe", *NOT_SENT, ("participants   = 42", "participants   = 44")))
    run = bureau.run("generer", folder)
    assert "remplacé" in run.out
    assert "44 participants" in text_of(folder / WORD)
    (kept,) = (folder / "3 Contrat/Remplacés").iterdir()
    assert kept.read_bytes() == former


def test_a_contract_changed_by_hand_is_never_touched_again(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe", *NOT_SENT))
    bureau.run("generer", folder)
    edited = docx.Document(str(folder / WORD))
    edited.add_paragraph("Ajout de l'agent")
    edited.save(str(folder / WORD))
    by_hand = (folder / WORD).read_bytes()
    assert bureau.run("generer", folder).status == 0
    assert bureau.files(folder / "3 Contrat") == {"Contrat 2027-G-014.docx"}
    bureau.dossier(exemple("dossier_groupe", *NOT_SENT, ("participants   = 42", "participants   = 44")))
    run = bureau.run("generer", folder)
    assert "modifié à la main" in run.out
    assert (folder / WORD).read_bytes() == by_hand
    assert "44 participants" in text_of(folder / "3 Contrat/Contrat 2027-G-014 v2.docx")
    # And the version of ours that now stands beside it follows the facts again.
    bureau.dossier(exemple("dossier_groupe", *NOT_SENT, ("participants   = 42", "participants   = 45")))
    bureau.run("generer", folder)
    assert "45 participants" in text_of(folder / "3 Contrat/Contrat 2027-G-014 v2.docx")
    assert (folder / WORD).read_bytes() == by_hand


def test_a_contract_sent_is_frozen_and_facts_changed_without_avenant_are_told(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))
    bureau.run("generer", folder)
    sent = (folder / WORD).read_bytes()
    bureau.dossier(exemple("dossier_groupe", ("participants   = 42", "participants   = 44")))
    run = bureau.run("generer", folder)
    assert run.status == 1
    assert "noter un avenant" in run.out
    assert (folder / WORD).read_bytes() == sent


def test_dates_of_the_contracts_life_change_nothing_in_it(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe", *NOT_SENT))
    bureau.run("generer", folder)
    bureau.dossier(exemple("dossier_groupe"))
    run = bureau.run("generer", folder)
    assert run.status == 0, run.out
    assert not (folder / "3 Contrat/Remplacés").exists()


def test_suivi_can_be_deleted(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))
    bureau.run("generer", folder)
    before = bureau.files(folder) - {"_suivi/journal.txt"}
    for path in (folder / "_suivi").iterdir():
        path.unlink()
    run = bureau.run("generer", folder, "--json")
    actions = {step["action"] for step in run.json["dossiers"][0]["etapes"]}
    assert actions == {"conserver", "attendre"}  # the PDFs wait for LibreOffice
    assert bureau.files(folder) - {"_suivi/journal.txt"} == before


def test_a_copied_folder_does_not_inherit(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))
    bureau.run("generer", folder)
    copy = folder.with_name("2027-06-17 Autres 42p")
    import shutil

    shutil.copytree(folder, copy)
    run = bureau.run("generer", "--json", bureau.root)
    assert run.status == 1
    by_path = {Path(one["chemin"]).name: one for one in run.json["dossiers"]}
    assert not [p for p in by_path[folder.name]["problemes"] if p["gravite"] == "erreur"]
    (problem,) = [p for p in by_path[copy.name]["problemes"] if p["gravite"] == "erreur"]
    assert "2027-G-015" in problem["message"]
    assert by_path[copy.name]["etapes"] == []
    # Given its own number, the copy gets its own contract.
    (copy / "dossier.toml").write_text(exemple("dossier_groupe", ("2027-G-014", "2027-G-015")), encoding="utf-8")
    assert bureau.run("generer", bureau.root).status == 0
    assert (copy / "3 Contrat/Contrat 2027-G-015.docx").exists()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_a_reference_is_known_whatever_the_file_is_written_in(encoding: str, bureau: Bureau) -> None:
    text = exemple("dossier_groupe").replace("═", "=").replace("→", ">").replace("≤", "<=").replace("−", "-")
    folder = bureau.dossier(text.encode(encoding, errors="replace"))
    copy = bureau.dossier(exemple("dossier_groupe"), nom="2027-06-17 Autres 42p")

    run = bureau.run("generer", "--json", bureau.root)

    told = {Path(one["chemin"]).name: [p["message"] for p in one["problemes"]] for one in run.json["dossiers"]}
    for name in (folder.name, copy.name):
        assert any("Prochain numéro libre : 2027-G-015" in message.replace(NBSP, " ") for message in told[name])


def test_an_error_elsewhere_does_not_stop_the_contract(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe", ('support = "en_ligne"', 'support = "pigeon"')))
    assert bureau.run("generer", folder).status == 1
    assert (folder / WORD).exists()


def test_the_journal_can_be_pasted_into_we_login(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe", *NOT_SENT))
    bureau.run("generer", folder)
    bureau.dossier(exemple("dossier_groupe"))
    bureau.run("generer", folder)
    journal = (folder / "_suivi/journal.txt").read_text(encoding="utf-8-sig")
    lines = [line.replace("\N{NO-BREAK SPACE}", " ") for line in journal.splitlines()]
    assert lines[:4] == [
        "04/06/2027 – État du dossier : devis accepté, contrat à envoyer",
        "04/06/2027 – « Programme 2027-G-014.docx » établi",
        "04/06/2027 – « Contrat 2027-G-014.docx » établi",
        "04/06/2027 – État du dossier : finalisé",
    ]


def plain(text: str) -> str:
    return text.replace(NBSP, " ").replace("\N{NON-BREAKING HYPHEN}", "-")


def contract(bureau: Bureau, *changes: tuple[str, str]) -> str:
    folder = bureau.dossier(exemple("dossier_groupe", *changes))
    bureau.run("generer", folder, "--sans-pdf")
    return plain(text_of(folder / WORD))


PIECES = 'pieces      = ["devis", "programme", "menus", "cgv", "cpv", "formulaire_information"]'


def test_it_says_to_have_been_handed_over_what_was(bureau: Bureau) -> None:
    text = contract(bureau)
    assert "Le formulaire d'information correspondant" in text
    assert "Le client reconnaît avoir reçu et accepté, avant la signature, les conditions générales" in text
    assert "mineurs" not in text


@pytest.mark.parametrize("pieces", ['pieces = ["devis"]', ""])
def test_it_does_not_say_to_have_been_handed_over_what_was_not(pieces: str, bureau: Bureau) -> None:
    text = contract(bureau, (PIECES, pieces))
    assert "formulaire d'information" not in text and "avant la signature, les conditions" not in text
    assert "Le client accepte les conditions générales de vente" in text


def test_it_tells_how_to_reach_children_whoever_brings_them(bureau: Bureau) -> None:
    text = contract(bureau, ("participants   = 42", "participants = 42\nenfants = 22"))
    assert "joindre directement le mineur ou la personne responsable de lui sur place" in text
    assert "Responsable sur place : Paul Spécimen, 02 35 00 00 33." in text


def test_it_names_holiday_vouchers(bureau: Bureau) -> None:
    assert "Mode de règlement : chèques-vacances (ANCV)" in contract(
        bureau, ('mode = "virement"', 'mode = "cheques_vacances"')
    )
