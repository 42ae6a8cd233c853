"""The checked vectors of the domain: straight against the rules, then through a dossier.toml and ``toolkit fiche``."""

import tomllib
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import EXEMPLES, ICI, Bureau
from tests.dossiers import dossier, lire, messages, office, toml
from toolkit import french
from toolkit.dossier import calendrier, montants, qualification
from toolkit.dossier.faits import Dossier, Prestation
from toolkit.dossier.office import Convention, Office, Prestataires
from toolkit.dossier.valeurs import Valeurs, is_recevable

Vecteur = dict[str, Any]

VECTEURS: dict[str, list[Vecteur]] = tomllib.loads((ICI / "dossier" / "vecteurs.toml").read_text(encoding="utf-8"))
ESSAYES: set[str] = set()


def vecteurs(table: str) -> pytest.MarkDecorator:
    """One case for each vector of a table, under its own name."""
    ESSAYES.add(table)
    return pytest.mark.parametrize("v", VECTEURS[table], ids=lambda v: str(v["id"]))


def fiche(bureau: Bureau, *faits: str) -> Any:
    run = bureau.run("fiche", bureau.dossier(toml('reference = "2027-G-014"', *faits)), "--json")
    assert run.status in (0, 1), run.err
    return run.json


def settings(bureau: Bureau, *changes: tuple[str, str]) -> None:
    """Change the office.toml of a tree."""
    path = bureau.root / "office.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def test_every_table_is_run() -> None:
    assert set(VECTEURS) == ESSAYES


# Dates


@vecteurs("jours_francs")
def test_last_day_of_a_request(v: Vecteur, bureau: Bureau) -> None:
    assert calendrier.limite_jours_francs(v["prestation"], 14) == v["limite"]
    faits = (f"P1.date = {v['prestation']}", f"sejour.debut = {v['prestation']}")
    assert fiche(bureau, *faits)["limites"]["modification"] == v["limite"].isoformat()
    if "limite_avancee" in v:
        advanced = v["limite_avancee"]
        assert calendrier.limite_jours_francs(v["prestation"], 14, report="avancer") == advanced
        settings(bureau, ('francs_report_week_end     = "aucun"', 'francs_report_week_end     = "avancer"'))
        assert fiche(bureau, *faits)["limites"]["modification"] == advanced.isoformat()


@vecteurs("demande_recevable")
def test_request_in_time(v: Vecteur, bureau: Bureau) -> None:
    faits = (
        f"P1.date = {v['prestation']}",
        'A1.demande_canal = "mail"',
        f"A1.demande_recue_le = {v['demande']}",
    )
    limite = calendrier.limite_jours_francs(v["prestation"], 14)
    assert is_recevable(dossier(*faits).avenants[0], limite) is v["recevable"]
    assert fiche(bureau, *faits)["avenants"] == [{"numero": 1, "recevable": v["recevable"], "en_vigueur": False}]


@vecteurs("option")
def test_end_of_the_options(v: Vecteur, bureau: Bureau) -> None:
    assert calendrier.add_mois(v["envoi"], 1) == v["limite"]
    assert fiche(bureau, f"devis.envoye_le = {v['envoi']}")["limites"]["option"] == v["limite"].isoformat()


@vecteurs("menu")
def test_last_day_for_the_menu(v: Vecteur, bureau: Bureau) -> None:
    (prestation,) = fiche(bureau, f"P1.date = {v['prestation']}", 'P1.nature = "restauration"')["prestations"]
    assert prestation["limite_menu"] == v["limite"].isoformat()


@vecteurs("recontact")
def test_limit_of_the_recontact(v: Vecteur, bureau: Bureau) -> None:
    recue: datetime = v["recue"]
    limites = fiche(bureau, f"demande.recue_le = {recue.isoformat()}")["limites"]
    assert limites["recontact"] == v["limite"].isoformat()
    if "limite_ouvree" in v:
        assert calendrier.add_heures_ouvrees(recue, 48) == v["limite_ouvree"]
        assert limites["recontact_ouvre"] == v["limite_ouvree"].isoformat()


@vecteurs("reclamation")
def test_limit_of_a_complaint(v: Vecteur, bureau: Bureau) -> None:
    assert calendrier.add_jours_ouvrables(v["recue"], 3) == v["limite"]
    told = fiche(bureau, f"reclamations = [{{ recue_le = {v['recue']} }}]")["reclamations"]
    assert told == [{"recue_le": v["recue"].isoformat(), "limite": v["limite"].isoformat()}]


@vecteurs("affichage")
def test_day_of_the_posting(v: Vecteur) -> None:
    year, month = v["mois"].split("-")
    assert calendrier.jour_affichage(int(year), int(month)) == v["jour"]


@vecteurs("satisfaction")
def test_day_of_the_questionnaire(v: Vecteur, bureau: Bureau) -> None:
    assert calendrier.add_jours_ouvres(v["fin"], 1) == v["jour"]
    faits = (f"sejour.debut = {v['fin']}", f"sejour.fin = {v['fin']}")
    assert fiche(bureau, *faits)["limites"]["satisfaction"] == v["jour"].isoformat()


# Money


def avenants_signes(count: int, *last: str) -> tuple[str, ...]:
    """So many avenants in force; the last one carries the given values."""
    faits: tuple[str, ...] = ()
    for number in range(1, count + 1):
        faits += (
            f'A{number}.demande_canal = "mail"',
            f"A{number}.demande_recue_le = 2027-05-12",
            f"A{number}.signe_direction_le = 2027-05-20",
        )
    return faits + tuple(f"A{count}.{line}" for line in last)


@vecteurs("total")
def test_total_deposit_and_balance(v: Vecteur, bureau: Bureau) -> None:
    valeurs = Valeurs(v["participants"], v["chauffeurs"], 0, Decimal(v["prix"]))
    price = montants.prix_total(valeurs)
    assert price is not None
    assert str(price + montants.frais(office(), v["modifications"])) == v["total"]

    values = (f"participants = {v['participants']}", f"prix_par_personne = {v['prix']}")
    faits: tuple[str, ...] = ("sejour.debut = 2027-06-17", f'paiement.mode = "{v.get("mode", "virement")}"')
    if v["modifications"]:
        faits += ("effectif.participants = 42", "tarif.prix_par_personne = 59.00")
        faits += avenants_signes(v["modifications"], *values)
    else:
        faits += (f"effectif.{values[0]}", f"tarif.{values[1]}")
    faits += (f"effectif.chauffeurs = {v['chauffeurs']}",)
    paid = v.get("acompte_verse", v.get("acompte"))
    if paid != "0.00":
        faits += (f'paiement.encaissements = [{{ nature = "acompte", montant = {paid} }}]',)
    amounts = fiche(bureau, *faits)["montants"]
    assert (amounts["total"], amounts["acompte"], amounts["solde"]) == (v["total"], paid, v["solde"])


@vecteurs("acompte")
def test_deposit(v: Vecteur, bureau: Bureau) -> None:
    faits = ("effectif.participants = 1", f"tarif.prix_par_personne = {v['total']}")
    assert str(montants.acompte(dossier(*faits), office('[acompte]\nbase = "prestations"'))) == v["acompte"]
    settings(bureau, ('base             = "total_ttc"', 'base             = "prestations"'))
    assert fiche(bureau, *faits)["montants"]["acompte"] == v["acompte"]


@vecteurs("frais")
def test_fees(v: Vecteur, bureau: Bureau) -> None:
    assert str(montants.frais(office(), v["modifications"])) == v["frais"]
    faits = ("sejour.debut = 2027-06-17", *avenants_signes(v["modifications"]))
    assert fiche(bureau, *faits)["montants"]["frais"] == v["frais"]


@vecteurs("marge")
def test_margin(v: Vecteur, bureau: Bureau) -> None:
    report = v.get("report", "0.00")
    margin = montants.marge(Decimal(v["vente"]), Decimal(v["achat"]), Decimal("20.0"))
    assert [str(one) for one in (margin.montant, margin.tva, margin.ht, margin.report)] == [
        v["marge"],
        v["tva"],
        v["ht"],
        report,
    ]
    amounts = fiche(
        bureau,
        "effectif.participants = 1",
        f"tarif.prix_par_personne = {Decimal(v['vente']) - 30}",
        'tarif.regime_tva = "marge"',
        f'P1.achat = {{ mode = "forfait", montant = {v["achat"]} }}',
    )["montants"]
    told = [amounts[key] for key in ("total", "achats", "marge", "tva_marge", "marge_ht", "report_marge")]
    assert told == [v["vente"], v["achat"], v["marge"], v["tva"], v["ht"], report]


@vecteurs("tva")
def test_vat_inside_a_price(v: Vecteur, bureau: Bureau) -> None:
    tva = montants.tva_comprise("Prestations", Decimal(v["ttc"]), Decimal(v["taux"]))
    assert (str(tva.ht), str(tva.montant)) == (v["ht"], v["tva"])
    told, _ = fiche(
        bureau,
        "effectif.participants = 1",
        f"tarif.prix_par_personne = {v['ttc']}",
        'tarif.regime_tva = "droit_commun"',
        f"tarif.taux_tva = {v['taux']}",
    )["montants"]["tva"]
    assert (told["ttc"], told["ht"], told["tva"]) == (v["ttc"], v["ht"], v["tva"])


@vecteurs("restaurant")
def test_drivers_at_the_restaurant(v: Vecteur, bureau: Bureau) -> None:
    convention = f"repas_chauffeur_gratuit = {str(v['chauffeur_gratuit']).lower()}\n"
    if "chauffeurs_gratuits_max" in v:
        convention += f"chauffeurs_gratuits_max = {v['chauffeurs_gratuits_max']}\n"
    valeurs = Valeurs(v["participants"], v["chauffeurs"], 0, None)
    achat = f'achat = {{ mode = "par_personne", montant = {v["prix_achat"]} }}'
    prestation = lire(f'nature = "restauration"\n{achat}', Prestation)
    assert montants.couverts(valeurs) == v["couverts"]
    assert str(montants.cout(prestation, valeurs, lire(convention, Convention))) == v["cout"]

    bureau.root.joinpath("prestataires.toml").write_text(
        f'[[prestataires]]\nid = "table"\n[prestataires.convention]\n{convention}', encoding="utf-8"
    )
    told = fiche(
        bureau,
        f"effectif.participants = {v['participants']}",
        f"effectif.chauffeurs = {v['chauffeurs']}",
        'P1.nature = "restauration"',
        'P1.prestataire = "table"',
        f"P1.{achat}",
    )
    (line,) = told["prestations"]
    assert (line["couverts"], line["mention"]) == (v["couverts"], v["mention"])
    assert told["montants"]["achats"] == v["cout"]


# Identifiers, writing, qualification

CLES = {
    "iban": "[banque]\niban",
    "bic": "[banque]\nbic",
    "immatriculation": "[mentions_legales]\nimmatriculation",
    "tva": "[identite]\ntva_intracommunautaire",
    "siret": "[identite]\nsiret",
}


@vecteurs("identifiant")
def test_identifiers_of_the_office(v: Vecteur) -> None:
    assert (messages(f'{CLES[v["sorte"]]} = "{v["valeur"]}"', Office) == []) is v["valide"]


@pytest.mark.parametrize("v", [v for v in VECTEURS["identifiant"] if v["sorte"] == "siret"], ids=lambda v: str(v["id"]))
def test_siret_of_others(v: Vecteur, bureau: Bureau) -> None:
    supplier = messages(f'[[prestataires]]\nid = "un"\nsiret = "{v["valeur"]}"', Prestataires)
    assert (supplier == []) is v["valide"]
    # A client's is never refused, only doubted (regles.md §2.3).
    told = fiche(bureau, 'paiement.mode = "mandat_administratif"', f'paiement.chorus.siret = "{v["valeur"]}"')
    doubts = [p for p in told["problemes"] if p["champ"] == "paiement.chorus.siret"]
    assert [p["gravite"] for p in doubts] == ([] if v["valide"] else ["avertissement"])


ECRITURE: dict[str, Callable[[str], str]] = {
    "montant": lambda text: french.euros(Decimal(text)),
    "date_longue": lambda text: french.date_longue(date.fromisoformat(text)),
    "heure": lambda text: french.heure(time.fromisoformat(text)),
    "telephone": french.telephone,
    "iban": french.iban,
    "pourcentage": lambda text: french.pourcentage(Decimal(text)),
}


@vecteurs("format")
def test_french_writing(v: Vecteur) -> None:
    assert ECRITURE[v["sorte"]](v["entree"]) == v["sortie"].replace("·", "\N{NO-BREAK SPACE}")


@vecteurs("qualification")
def test_share_of_qualified_contacts(v: Vecteur) -> None:
    taux = qualification.taux_qualification(v["contacts"], v["qualifies"])
    assert (None if taux is None else str(taux)) == v.get("taux")
    assert (taux is not None and taux >= qualification.SEUIL) is v["atteint"]


# The worked examples of regles.md §3.6, whole files


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dossier_groupe", ("2445.00", "752.40", "1692.60", "1770.00", "675.00", "112.50", "562.50")),
        ("dossier_individuel", ("468.00", "140.40", "327.60", "296.00", "172.00", "28.67", "143.33")),
    ],
)
def test_worked_examples(name: str, expected: tuple[str, ...], bureau: Bureau) -> None:
    text = (EXEMPLES / f"{name}.toml").read_text(encoding="utf-8")
    assert lire(text, Dossier).reference
    amounts = bureau.run("fiche", bureau.dossier(text), "--json").json["montants"]
    keys = ("total", "acompte", "solde", "achats", "marge", "tva_marge", "marge_ht")
    assert tuple(amounts[key] for key in keys) == expected
