"""``noter``: facts written as an agent types them, the rest of the file as it was."""

import itertools
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import Bureau, exemple
from tests.dossiers import jusqu_a, toml
from toolkit.dossier.etat import Etat
from toolkit.system import holders, locks


def text(folder: Path) -> str:
    return folder.joinpath("dossier.toml").read_bytes().decode()


def plain(shown: str) -> str:
    return shown.replace("\N{NO-BREAK SPACE}", " ")


COMMENTE = """\
version_schema = 1
reference = "2027-G-014"   # donnée par l'outil
agent = "chargee-1"

[demande]
recue_le = 2027-01-11T10:20:00
canal = "telephone"

# Le client préfère qu'on l'appelle le matin.
[client]
nom = "Les Aînés de Sainte-Fiction"
telephone = "02 35 00 00 31"   # répondeur

[sejour]
debut = 2027-06-17             # à confirmer
# ── Effectif ──
[effectif]
participants = 42
"""


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("effectif.participants=38", "participants = 38"),
        ("effectif.participants= 1 038 ", "participants = 1038"),
        ("devis.accepte_le=8/2/2027", "accepte_le = 2027-02-08"),
        ("devis.accepte_le=2027-02-08", "accepte_le = 2027-02-08"),
        ("tarif.prix_par_personne=12,50 €", "prix_par_personne = 12.50"),
        ("tarif.prix_par_personne=59", "prix_par_personne = 59.00"),
        ("demande.recontact_le=12/01/2027 9h30", "recontact_le = 2027-01-12T09:30:00"),
        ("sejour.heure_arrivee=9 h 45", "heure_arrivee = 09:45:00"),
        ("client.rgpd.accepte_prospection=oui", "accepte_prospection = true"),
        ("client.adresse=7 rue Inexistante ; Bât. B", 'adresse = ["7 rue Inexistante", "Bât. B"]'),
        ("client.categorie=Collectivité", 'categorie = "collectivite"'),
        ('client.commune=Saint-"Guillemet"', 'commune = "Saint-\\"Guillemet\\""'),
        ("prestations[1].id=P1", 'id = "P1"'),
        ("paiement.encaissements[1].nature=acompte", 'nature = "acompte"'),
    ],
)
def test_a_fact_is_written_as_the_file_wants_it(bureau: Bureau, typed: str, written: str) -> None:
    folder = bureau.dossier(COMMENTE)
    more = ("paiement.encaissements[1].montant=752,40",) if "encaissements" in typed else ()

    run = bureau.run("noter", folder, typed, *more)

    assert run.status == 0, run.err
    lines = text(folder).splitlines()
    assert written in [line.split("   ")[0] for line in lines]
    kept = [line for line in COMMENTE.splitlines() if line and "participants" not in line]
    assert [line for line in lines if line in kept] == kept


def test_a_fact_goes_after_the_last_of_its_block_and_keeps_the_remarks_of_its_line(bureau: Bureau) -> None:
    folder = bureau.dossier(COMMENTE)

    bureau.run("noter", folder, "sejour.debut=18/06/2027", "sejour.heure_arrivee=9h45", "client.mail=a@b.example.org")

    assert text(folder) == COMMENTE.replace(
        "debut = 2027-06-17             # à confirmer\n",
        "debut = 2027-06-18             # à confirmer\nheure_arrivee = 09:45:00\n",
    ).replace('"02 35 00 00 31"   # répondeur\n', '"02 35 00 00 31"   # répondeur\nmail = "a@b.example.org"\n')


def test_a_fact_goes_to_the_head_of_a_block_that_has_remarks_only(bureau: Bureau) -> None:
    block = "\n[devis]\n# accepte_le = 2027-02-08\n\n# ── 7. Contrat ──\n[contrat]\n"
    folder = bureau.dossier(COMMENTE + block)
    bureau.run("noter", folder, "devis.envoye_le=22/01/2027", "devis.accepte_le=8/2/2027")
    facts = "[devis]\nenvoye_le = 2027-01-22\naccepte_le = 2027-02-08\n"
    assert text(folder) == COMMENTE + block.replace("[devis]\n# accepte_le = 2027-02-08\n", facts)


def test_line_ends_and_mark_of_notepad_stay(bureau: Bureau) -> None:
    folder = bureau.dossier(b"\xef\xbb\xbf" + COMMENTE.replace("\n", "\r\n").encode())

    bureau.run("noter", folder, "devis.envoye_le=22/01/2027", "effectif.chauffeurs=1")

    content = folder.joinpath("dossier.toml").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfversion_schema") and content.count(b"\n") == content.count(b"\r\n")
    assert b"envoye_le = 2027-01-22\r\n" in content


def test_a_block_is_found_by_its_id_or_its_number(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))

    run = bureau.run("noter", folder, "prestations[P3].lieu=Quai Henri IV", "avenants[2].detail=Deux de plus", "--json")

    assert run.status == 0, run.out
    assert [one["champ"] for one in run.json["faits"]] == ["prestations[P3].lieu", "avenants[2].detail"]
    after = text(folder)
    assert after.index('id = "P3"') < after.index('lieu = "Quai Henri IV"') < after.index('id = "P4"')


def test_an_empty_value_takes_the_fact_out(bureau: Bureau) -> None:
    folder = bureau.dossier(COMMENTE)
    run = bureau.run("noter", folder, "effectif.participants=")
    assert "effectif.participants est effacé   (avant : 42)" in plain(run.out)
    assert text(folder) == COMMENTE.replace("participants = 42\n", "")


def test_a_whole_block_is_taken_out_and_the_remarks_of_the_next_stay(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))
    before = text(folder)
    start, end = before.index('[[prestations]]\nid = "P4"'), before.index("# ── 6.")

    run = bureau.run("noter", folder, "prestations[P4]=")

    assert "prestations[P4] est effacé   (avant : {id = " in plain(run.out)
    after = text(folder)
    assert after.startswith(before[:start].rstrip()) and after.endswith(before[end:])


def test_a_block_of_one_is_taken_out(bureau: Bureau) -> None:
    folder = bureau.dossier(COMMENTE)
    assert bureau.run("noter", folder, "annulation.le=18/06/2027", "annulation.motif=Essai").status == 0
    assert "[annulation]" in text(folder)
    assert bureau.run("noter", folder, "annulation=").status == 0
    assert text(folder).rstrip() == COMMENTE.rstrip()


PROPOSE = """
[client]
nom = "Les Aînés"                  # raison sociale
# telephone = "02 35 00 00 31"     # mail OU téléphone
# [client.contact]                 # signataire du contrat
# nom = "Modèle"
# prenom = "Jeanne"

# ── 3. Séjour ──
[sejour]
debut = 2027-06-17

# ── 5. Programme ──
# [[prestations]]
# id = "P1"
# libelle = "Visite"
# [prestations.option]
# confirmee_le = 2027-02-18

# ── 6. Devis ──
"""


@pytest.mark.parametrize(
    ("faits", "changes"),
    [
        (["client.telephone=02 35"], {'# telephone = "02 35 00 00 31"     #': 'telephone = "02 35"              #'}),
        (
            ["client.contact.nom=Réelle"],
            {"# [client.contact]  ": "[client.contact]  ", '# nom = "Modèle"': 'nom = "Réelle"'},
        ),
        (
            ["client.contact.qualite=Présidente"],
            {"# [client.contact]  ": "[client.contact]  ", "du contrat\n": 'du contrat\nqualite = "Présidente"\n'},
        ),
        (
            ["prestations[1].libelle=Tour", "prestations[1].option.confirmee_le=1/3/2027", "prestations[2].id=P2"],
            {
                "# [[prestations]]": "[[prestations]]",
                '# libelle = "Visite"': 'libelle = "Tour"',
                "# [prestations.option]": "[prestations.option]",
                "# confirmee_le = 2027-02-18": 'confirmee_le = 2027-03-01\n\n[[prestations]]\nid = "P2"',
            },
        ),
    ],
)  # fmt: skip
def test_a_fact_takes_the_place_of_the_line_that_is_proposed_for_it(
    bureau: Bureau, faits: list[str], changes: dict[str, str]
) -> None:
    folder = bureau.dossier('version_schema = 1\nreference = "2027-G-014"\n' + PROPOSE)
    wanted = text(folder)
    for proposed, written in changes.items():
        assert proposed in wanted
        wanted = wanted.replace(proposed, written)

    run = bureau.run("noter", folder, *faits, "--json")

    assert run.status == 0, run.out
    assert text(folder) == wanted
    assert {one["avant"] for one in run.json["faits"]} == {None}


def test_every_line_that_is_still_proposed_can_be_taken_up_after_any_facts(bureau: Bureau) -> None:
    """What the file asks of people, « enlever le # », never says a fact twice."""
    bureau.run("nouveau", bureau.root, "groupe", "Les Aînés", "17/06/2027", "--participants", "42", "--mail", "a@b.fr")
    (folder,) = (bureau.root / "Groupe/2027/06 - Juin/Dossier en cours").iterdir()
    faits = ["client.contact.nom=Modèle", "devis.envoye_le=22/01/2027", "prestations[1].libelle=Visite"]
    assert bureau.run("noter", folder, *faits).status == 0
    bare = re.sub(r"(?m)^# (?=\[|\w+ *= )", "", text(folder).partition("version_schema")[2])

    said = tomllib.loads(f"version_schema{bare}")

    assert said["client"]["nom"] == "Les Aînés" and said["client"]["contact"]["nom"] == "Modèle"
    assert said["client"]["telephone"] and said["client"]["mail"] == "a@b.fr"


def test_taking_out_what_is_not_there_changes_nothing(bureau: Bureau) -> None:
    folder = bureau.dossier(COMMENTE)
    assert bureau.run("noter", folder, "devis.accepte_le=", "avenants[1].fin=").status == 0
    assert text(folder) == COMMENTE


def test_what_other_facts_are_missing_is_told_and_refused_to_nobody(bureau: Bureau) -> None:
    folder = bureau.dossier(COMMENTE)
    run = bureau.run("noter", folder, "devis.accepte_le=08/02/2027")
    assert run.status == 0
    assert "État du dossier : devis accepté" in plain(run.out) and "il manque" in run.out


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("devis.accepte_le=demain", "il faut une date"),
        ("devis.accepte_le=31/02/2027", "n'est pas un jour du calendrier"),
        ("effectif.participants=-3", "il faut un nombre entier"),
        ("tarif.prix_par_personne=douze", "il faut un nombre"),
        ("client.mail=nimporte", "n'est pas une adresse de courriel"),
        ("demande.canal=pigeon", "« pigeon » n'est pas possible ici"),
        ("agent=inconnue", "agent inconnu « inconnue »"),
        ("effectif.partcipants=3", "Vouliez-vous dire « participants » ?"),
        ("prestations.debut=9h", "dire lequel, par exemple prestations[1]"),
        ("prestations[4].debut=9h", "ce fichier en a 0"),
        ("sejour[1].debut=17/06/2027", "ne prend pas de crochets"),
        ("client=Dupont", "« client » est un bloc"),
        ("reference.x=1", "n'est pas un bloc dans ce fichier"),
        ("..=1", "n'est pas un champ"),
        ("participants", "écrire CHAMP=VALEUR"),
    ],
)
def test_a_wrong_fact_is_refused_in_words_and_the_file_is_not_touched(bureau: Bureau, typed: str, said: str) -> None:
    folder = bureau.dossier(COMMENTE)
    run = bureau.run("noter", folder, "sejour.langue=en", typed)
    assert run.status == 1
    assert said in plain(run.err)
    assert text(folder) == COMMENTE


def test_a_file_that_is_wrong_already_is_corrected_first(bureau: Bureau) -> None:
    broken = COMMENTE.replace('canal = "telephone"', 'canal = "telephone')
    folder = bureau.dossier(broken)
    run = bureau.run("noter", folder, "effectif.participants=38")
    assert run.status == 1 and "ligne 7" in run.err
    assert text(folder) == broken


def test_a_file_in_ansi_is_not_turned_into_another(bureau: Bureau) -> None:
    ansi = COMMENTE.encode("cp1252", errors="replace")
    folder = bureau.dossier(ansi)
    run = bureau.run("noter", folder, "effectif.participants=38")
    assert run.status == 1 and "UTF-8" in run.err
    assert folder.joinpath("dossier.toml").read_bytes() == ansi


def test_a_fact_is_noted_on_top_of_what_someone_saves_meanwhile(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = bureau.dossier(COMMENTE)
    source = folder / "dossier.toml"

    def save_now(path: Path) -> bool:
        source.write_text(COMMENTE.replace("répondeur", "fixe"), encoding="utf-8", newline="")
        return False

    monkeypatch.setattr(holders, "is_open_elsewhere", save_now)
    run = bureau.run("noter", folder, "effectif.participants=38")
    assert run.status == 0
    assert text(folder) == COMMENTE.replace("répondeur", "fixe").replace("42", "38")


def test_a_fact_that_what_was_saved_meanwhile_makes_wrong_is_refused(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = bureau.dossier(COMMENTE)
    broken = COMMENTE.replace('canal = "telephone"', 'canal = "telephone')

    def save_now(path: Path) -> bool:
        folder.joinpath("dossier.toml").write_text(broken, encoding="utf-8", newline="")
        return False

    monkeypatch.setattr(holders, "is_open_elsewhere", save_now)
    run = bureau.run("noter", folder, "effectif.participants=38")
    assert run.status == 1 and "Rien n'a été noté" in run.err
    assert text(folder) == broken


def test_a_file_that_never_stands_still_is_left_to_whoever_saves_it(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = bureau.dossier(COMMENTE)
    saved = itertools.count(100)

    def save_now(path: Path) -> bool:
        folder.joinpath("dossier.toml").write_text(COMMENTE.replace("42", str(next(saved))), encoding="utf-8")
        return False

    monkeypatch.setattr(holders, "is_open_elsewhere", save_now)
    run = bureau.run("noter", folder, "effectif.participants=38")
    assert run.status == 4
    assert plain(run.err).startswith("Rien n'a été noté : « dossier.toml » vient d'être enregistré par quelqu'un.")
    assert "Recommencer une fois le fichier enregistré et fermé." in plain(run.err)
    assert "participants = 1" in text(folder)


def test_a_file_held_by_a_colleague_is_left_to_them(bureau: Bureau) -> None:
    folder = bureau.dossier(COMMENTE)
    with folder.joinpath("dossier.toml").open("r+b"):
        run = bureau.run("noter", folder, "effectif.participants=38")
    assert run.status == 4
    assert plain(run.err).startswith("Rien n'a été noté : « dossier.toml » est ouvert par un collègue.")
    assert text(folder) == COMMENTE


def test_a_folder_renamed_at_that_very_moment_is_told(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = bureau.dossier(COMMENTE)

    @contextmanager
    def rename_meanwhile(*_: object, **__: object) -> Iterator[None]:
        folder.rename(folder.with_name("2027-06-17 Aînés 38p"))
        yield

    monkeypatch.setattr(locks, "alone", rename_meanwhile)
    run = bureau.run("noter", folder, "effectif.participants=38")
    assert run.status == 4 and "vient d'être renommé, déplacé ou supprimé" in run.err
    assert not folder.exists()


# --- two at once ----------------------------------------------------------------------------------------------------

TURNS = 150
NOTE_IN_TURN = """
import contextlib, io, json, sys
from toolkit import cli
folder, champ, turns = sys.argv[1], sys.argv[2], int(sys.argv[3])
former = None
for value in range(1, turns + 1):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        status = cli.main(["noter", folder, f"{champ}={value}", "--json", "--le", "2027-06-04"])
    (fait,) = json.loads(out.getvalue())["faits"]
    if status or fait["avant"] != former:
        sys.exit(f"{champ}: {fait} after {former}, status {status}")
    former = fait["apres"]
"""


@pytest.mark.slow
def test_two_who_note_at_once_lose_nothing(bureau: Bureau) -> None:
    champs = ("effectif.chauffeurs", "effectif.gratuites", "effectif.enfants")
    folder = bureau.dossier(COMMENTE)

    noting = [subprocess.Popen([sys.executable, "-c", NOTE_IN_TURN, folder, one, str(TURNS)]) for one in champs]

    assert [one.wait(300) for one in noting] == [0, 0, 0]
    facts = tomllib.loads(text(folder))["effectif"]
    assert [facts[one.removeprefix("effectif.")] for one in champs] == [TURNS] * 3
    assert bureau.files() == {"office.toml", "prestataires.toml", f"{folder.relative_to(bureau.root)}/dossier.toml"}


def test_facts_of_a_contract_noted_one_after_the_other_lead_to_its_state(bureau: Bureau) -> None:
    folder = bureau.dossier(toml(*jusqu_a(Etat.PROPOSE)))
    for fait in ("devis.accepte_le=08/02/2027", "contrat.envoye_client_le=09/02/2027"):
        assert bureau.run("noter", folder, fait).status == 0
    assert bureau.run("fiche", folder, "--json").json["etat"] == "contrat_envoye"
