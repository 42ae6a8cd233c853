"""A booking told in seven steps, each one edit of dossier.toml and one run: exact files, versions and amounts."""

import io
from pathlib import Path
from typing import Any

import docx
import pytest

from tests.conftest import Bureau, exemple

REF = "2027-G-014"
BONS = {
    "P1": "Hélène Fabulette",
    "P2": "Château-musée",
    "P3": "La Table du Pollet",
    "P4": "Vedettes de l'Exemple",
}
FOLDER = "4 Bons d'échange"


def bon(id: str, suffixe: str = "", nom: str | None = None) -> str:
    return f"{FOLDER}/BE {REF}-{id} {nom or BONS[id]}{suffixe}.docx"


def text(path: Path) -> str:
    document = docx.Document(io.BytesIO(path.read_bytes()))
    whole = "\n".join("".join(node.itertext()) for node in document.element.body.iter() if node.tag.endswith("}p"))
    return whole.replace("\N{NO-BREAK SPACE}", " ")


BASE = exemple("dossier_groupe").split("# ── 10. Avenants")[0]
AVENANT_1 = """
[[avenants]]
numero = 1
objet = "effectif"
demande_canal = "courrier"
demande_recue_le = 2027-05-12
participants = 38
prix_par_personne = 61.00
client_averti_hausse_le = 2027-05-12
"""
SIGNED = """redige_le = {jour}
envoye_client_le = {jour}
signe_client_le = {jour}
signe_direction_le = {jour}
signataire = "directeur"
renvoye_client_le = {jour}
be_prestataires_le = {jour}
"""
AVENANT_2 = """
[[avenants]]
numero = 2
objet = "effectif"
demande_canal = "mail"
demande_recue_le = 2027-05-20
participants = 40
prix_par_personne = 60.00
"""
AVENANT_3 = """
[[avenants]]
numero = 3
objet = "menu"
demande_canal = "mail"
demande_recue_le = 2027-05-25
[[avenants.prestations]]
id = "P3"
[avenants.prestations.menu]
code = "MAREE"
choix = [ { plat = "Marmite du pêcheur", quantite = 41 } ]
"""
AVENANT_4 = """
[[avenants]]
numero = 4
objet = "programme"
demande_canal = "mail"
demande_recue_le = 2027-05-27
[[avenants.prestations]]
id = "P1"
prestataire = "musee"
libelle = "Visite libre du château-musée"
[avenants.prestations.option]
demandee_le = 2027-05-27
confirmee_le = 2027-05-28
"""
HORS_DELAI = """
[[avenants]]
numero = 5
objet = "effectif"
demande_canal = "mail"
demande_recue_le = 2027-06-03
participants = 30
"""
ANNULATION = """
[annulation]
le = 2027-06-04
par = "client"
motif = "Épidémie"
"""


def put(avenant: str, jour: str) -> str:
    """The avenant with its chain of dates, before its sub-tables."""
    head, mark, rest = avenant.partition("[[avenants.prestations]]")
    return head + SIGNED.format(jour=jour) + mark + rest


class Recit:
    """The dossier and its office, edited step after step."""

    def __init__(self, bureau: Bureau) -> None:
        self.bureau = bureau
        self.parts = [BASE]

    def write(self, *more: str) -> Any:
        """One edit of dossier.toml, one run; gives the JSON of the dossier."""
        self.folder = self.bureau.dossier("".join((*self.parts, *more)))
        self.status = self.bureau.run("generer", "--json", self.folder)
        return self.status.json["dossiers"][0]

    def keep(self, part: str) -> None:
        self.parts.append(part)

    def amounts(self) -> dict[str, str]:
        fiche = self.bureau.run("fiche", "--json", self.folder).json
        return {key: fiche["montants"][key] for key in ("prix_par_personne", "frais", "total", "solde")}

    def words(self) -> set[str]:
        """The vouchers and avenants that stand, in Word, Remplacés left out."""
        return {
            name
            for name in self.bureau.files(self.folder)
            if name.startswith((FOLDER, "5 Avenants")) and name.endswith(".docx") and "Remplacés" not in name
        }


def test_seven_steps(bureau: Bureau) -> None:
    recit = Recit(bureau)

    # 1. The contract, and the vouchers of the first day.
    recit.write()
    assert recit.status.status == 0, recit.status.out
    assert recit.words() == {bon(id) for id in BONS}
    assert recit.amounts() == {"prix_par_personne": "59.00", "frais": "30.00", "total": "2508.00", "solde": "1755.60"}

    # 2. A first avenant: a draft changes nothing, the direction's signature does.
    recit.write(AVENANT_1)
    draft = recit.folder / f"5 Avenants/Avenant 1 {REF}.docx"
    assert "2 348,00 €" in text(draft)
    assert recit.words() == {bon(id) for id in BONS} | {f"5 Avenants/Avenant 1 {REF}.docx"}
    assert recit.amounts()["total"] == "2508.00"
    recit.keep(put(AVENANT_1, "2027-05-20"))
    recit.write()
    assert recit.status.status == 0, recit.status.out
    assert recit.words() == {bon(id, " v2") for id in BONS} | {f"5 Avenants/Avenant 1 {REF}.docx"}
    assert "ANNULE ET REMPLACE LE PRECEDENT ENVOI" in text(recit.folder / bon("P3", " v2"))
    assert "38 participants + 1 chauffeur" in text(recit.folder / bon("P3", " v2"))
    assert recit.amounts() == {"prix_par_personne": "61.00", "frais": "30.00", "total": "2348.00", "solde": "1595.60"}
    kept = bureau.files(recit.folder / FOLDER / "Remplacés")
    assert kept == {f"{Path(bon(id)).stem} du 2027-06-04.docx" for id in BONS}

    # 3. A second avenant costs 15 €.
    recit.keep(put(AVENANT_2, "2027-05-25"))
    recit.write()
    assert recit.amounts() == {"prix_par_personne": "60.00", "frais": "45.00", "total": "2445.00", "solde": "1692.60"}
    assert {bon(id, " v3") for id in BONS} < recit.words()
    assert "15,00 €" in text(recit.folder / f"5 Avenants/Avenant 2 {REF}.docx")

    # 4. A change of menu: the restaurant alone is told again.
    recit.keep(put(AVENANT_3, "2027-05-27"))
    recit.write()
    vouchers = {name for name in recit.words() if name.startswith(FOLDER)}
    assert vouchers == {bon("P1", " v3"), bon("P2", " v3"), bon("P3", " v4"), bon("P4", " v3")}
    assert recit.amounts()["frais"] == "60.00"

    # 5. A supplier replaced: a cancellation for the one that leaves, a first voucher for the one that comes.
    recit.keep(put(AVENANT_4, "2027-05-29"))
    recit.write()
    vouchers = {name for name in recit.words() if name.startswith(FOLDER)}
    assert vouchers == {
        bon("P1", " v4 ANNULATION"),
        bon("P1", nom=BONS["P2"]),
        bon("P2", " v3"),
        bon("P3", " v4"),
        bon("P4", " v3"),
    }
    assert "ANNUL" in text(recit.folder / bon("P1", " v4 ANNULATION"))
    assert "ANNULE ET REMPLACE" not in text(recit.folder / bon("P1", nom=BONS["P2"]))

    # 6. A request out of time is refused, with the limit; nothing moves.
    before = recit.words()
    dossier = recit.write(HORS_DELAI)
    assert recit.status.status == 1
    (refused,) = [step for step in dossier["etapes"] if step["fichier"].startswith("5 Avenants/Avenant 5")]
    assert refused["action"] == "attendre"
    assert "2 juin 2027" in refused["raison"].replace("\N{NO-BREAK SPACE}", " ")
    (problem,) = [one for one in dossier["problemes"] if one["gravite"] == "erreur"]
    assert "article 11" in problem["message"]
    assert recit.words() == before

    # 7. Cancelled: every supplier still in the programme is told.
    recit.write(ANNULATION)
    vouchers = {name for name in recit.words() if name.startswith(FOLDER)}
    assert vouchers == {
        bon("P1", " v4 ANNULATION"),
        bon("P1", " v2 ANNULATION", nom=BONS["P2"]),
        bon("P2", " v4 ANNULATION"),
        # Cut shorter than the others: the folder of what is cancelled has a longer name.
        bon("P3", " v5 ANNULATION", nom="La Table"),
        bon("P4", " v4 ANNULATION", nom="Vedettes"),
    }


def test_a_second_run_after_each_step_does_nothing(bureau: Bureau) -> None:
    recit = Recit(bureau)
    for part in ("", put(AVENANT_1, "2027-05-20"), put(AVENANT_3.replace("numero = 3", "numero = 2"), "2027-05-27")):
        recit.keep(part)
        recit.write()
        before = {name: recit.folder.joinpath(name).stat().st_mtime_ns for name in bureau.files(recit.folder)}
        steps = recit.write()["etapes"]
        assert {step["action"] for step in steps} <= {"conserver", "attendre"}
        after = {name: recit.folder.joinpath(name).stat().st_mtime_ns for name in bureau.files(recit.folder)}
        # dossier.toml was written again by the test itself.
        assert {name for name in after if after[name] != before.get(name)} <= {"dossier.toml"}


def test_a_voucher_changed_by_hand_stays_when_a_new_version_comes(bureau: Bureau) -> None:
    recit = Recit(bureau)
    recit.write()
    path = recit.folder / bon("P3")
    edited = docx.Document(str(path))
    edited.add_paragraph("Table près de la fenêtre")
    edited.save(str(path))
    by_hand = path.read_bytes()
    recit.keep(put(AVENANT_1, "2027-05-20"))
    recit.write()
    assert path.read_bytes() == by_hand
    assert (recit.folder / bon("P3", " v2")).exists()


def test_changed_values_are_red_and_the_others_black(bureau: Bureau) -> None:
    recit = Recit(bureau)
    recit.write(AVENANT_1)
    document = docx.Document(str(recit.folder / f"5 Avenants/Avenant 1 {REF}.docx"))
    runs = [run for table in document.tables for cell in table._cells for p in cell.paragraphs for run in p.runs]
    colours = {run.text.replace("\N{NO-BREAK SPACE}", " "): run.font.color.rgb for run in runs}
    assert str(colours["61,00 €"]) == str(colours["2 348,00 €"]) == "FF0000"
    after = [run for run in runs if run.text.replace("\N{NO-BREAK SPACE}", " ") == "30,00 €"]
    assert after and not any(str(run.font.color.rgb) == "FF0000" for run in after)


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        ('objet = "date"\ndebut = 2027-06-24\n', {"P1", "P2", "P3", "P4"}),
        ('objet = "effectif"\nchauffeurs = 2\n', {"P3"}),
        ('objet = "programme"\n[[avenants.prestations]]\nid = "P4"\ndebut = 16:00:00\nfin = 17:00:00\n', {"P4"}),
    ],
)
def test_who_gets_a_new_voucher(bureau: Bureau, change: str, touched: set[str]) -> None:
    recit = Recit(bureau)
    avenant = '\n[[avenants]]\nnumero = 1\ndemande_canal = "mail"\ndemande_recue_le = 2027-05-12\n' + change
    recit.keep(put(avenant, "2027-05-20"))
    recit.write()
    fiche = bureau.run("fiche", "--json", recit.folder).json
    assert {one["id"] for one in fiche["prestations"] if one["bon_echange_version"] == 2} == touched


def test_a_date_that_moves_takes_the_services_and_the_recap_with_it(bureau: Bureau) -> None:
    recit = Recit(bureau)
    avenant = '\n[[avenants]]\nnumero = 1\nobjet = "date"\ndemande_canal = "mail"\ndemande_recue_le = 2027-05-12\n'
    recit.keep(put(avenant + "debut = 2027-07-01\n", "2027-05-20"))
    recit.write()
    fiche = bureau.run("fiche", "--json", recit.folder).json
    assert fiche["sejour"] == {"debut": "2027-07-01", "fin": "2027-07-01"}
    assert "1er juillet 2027" in text(recit.folder / bon("P4", " v2"))
    from openpyxl import load_workbook

    workbook = load_workbook(bureau.root / "Groupe/2027/Récap groupes par mois.xlsx")
    assert workbook["Juillet"]["C4"].value and not workbook["Juin"]["C4"].value


def test_an_avenant_given_up_counts_for_nothing(bureau: Bureau) -> None:
    recit = Recit(bureau)
    recit.keep(AVENANT_1 + "abandonne_le = 2027-05-14\n")
    recit.keep(put(AVENANT_2, "2027-05-25"))
    recit.write()
    assert recit.amounts()["frais"] == "30.00"
    assert recit.amounts()["total"] == "2430.00"


def test_a_reasoned_derogation_opens_a_late_request(bureau: Bureau) -> None:
    recit = Recit(bureau)
    recit.write(HORS_DELAI.replace("numero = 5", 'numero = 1\nderogation = "accord du directeur"'))
    assert recit.status.status == 0, recit.status.out
    assert (recit.folder / f"5 Avenants/Avenant 1 {REF}.docx").exists()
