"""Each level asks for what its documents need, and for nothing else (regles.md §3.2)."""

from datetime import date

import pytest

from tests.conftest import JOUR
from tests.dossiers import APRES_SEJOUR, DEJEUNER, DEMANDE, cadre, dossier, exemple_dossier, fiche, jusqu_a
from toolkit.dossier.classement import Typologie
from toolkit.dossier.etat import Etat
from toolkit.dossier.niveaux import POUR, Niveau, manques, niveau_suivant

FINALISE = jusqu_a(Etat.FINALISE)
DEVIS = (
    "demande.budget_par_personne = 62.00",
    "demande.nuitees_souhaitees = 0",
    'demande.souhaits = "Château"',
    'demande.repas_souhaites = "1 déjeuner"',
    "sejour.heure_arrivee = 09:45:00",
    "effectif.participants = 42",
    "effectif.chauffeurs = 1",
)
RESTAURANT = (
    *DEJEUNER,
    "P2.debut = 12:15:00",
    "P2.option.confirmee_le = 2027-02-18",
)
CHOIX = 'P2.menu.choix = [{ plat = "Marmite", quantite = 43 }]'


def places(niveau: Niveau, *faits: str, typologie: Typologie = Typologie.GROUPE) -> list[str]:
    """Where the missing facts would be written."""
    found = manques(dossier(*faits), niveau, cadre(typologie=typologie))
    return [".".join(map(str, path)) for path, _ in found]


COMPLET = {
    Niveau.MINIMAL: DEMANDE,
    Niveau.DEVIS: (*DEMANDE, *DEVIS),
    Niveau.CONTRAT: FINALISE,
    Niveau.CARNET: (*FINALISE, *RESTAURANT, CHOIX),
    Niveau.CLOTURE: (*FINALISE, *APRES_SEJOUR),
}


@pytest.mark.parametrize("niveau", list(Niveau))
def test_a_complete_level_asks_for_nothing(niveau: Niveau) -> None:
    assert places(niveau, *COMPLET[niveau]) == []
    assert POUR[niveau]


@pytest.mark.parametrize(
    ("niveau", "without", "asked"),
    [
        (Niveau.MINIMAL, ("reference",), "reference"),
        (Niveau.MINIMAL, ("agent",), "agent"),
        (Niveau.MINIMAL, ('agent = ""',), "agent"),
        (Niveau.MINIMAL, ("demande.recue_le",), "demande.recue_le"),
        (Niveau.MINIMAL, ("demande.canal",), "demande.canal"),
        (Niveau.MINIMAL, ("client.nom",), "client.nom"),
        (Niveau.MINIMAL, ('client.nom = " "',), "client.nom"),
        (Niveau.MINIMAL, ("client.telephone",), "client.telephone"),
        (Niveau.MINIMAL, ("sejour.debut",), "sejour.debut"),
        (Niveau.DEVIS, ("sejour.debut",), "sejour.debut"),
        (Niveau.DEVIS, ("sejour.date_a_confirmer = true",), "sejour.debut"),
        (Niveau.DEVIS, ("effectif.participants",), "effectif.participants"),
        (Niveau.DEVIS, ("demande.budget_par_personne",), "demande.budget_par_personne"),
        (Niveau.DEVIS, ("sejour.heure_arrivee",), "sejour.heure_arrivee"),
        (Niveau.DEVIS, ("demande.nuitees_souhaitees",), "demande.nuitees_souhaitees"),
        (Niveau.DEVIS, ("demande.repas_souhaites",), "demande.repas_souhaites"),
        (Niveau.DEVIS, ("effectif.chauffeurs",), "effectif.chauffeurs"),
        (Niveau.DEVIS, ("client.telephone",), "client.telephone"),
        (Niveau.CONTRAT, ("client.adresse",), "client.adresse"),
        (Niveau.CONTRAT, ("client.code_postal",), "client.code_postal"),
        (Niveau.CONTRAT, ("client.commune",), "client.commune"),
        (Niveau.CONTRAT, ("client.contact.nom",), "client.contact.nom"),
        (Niveau.CONTRAT, ('client.contact.nom = ""',), "client.contact.nom"),
        (Niveau.CONTRAT, ("sejour.debut",), "sejour.debut"),
        (Niveau.CONTRAT, ("sejour.date_a_confirmer = true",), "sejour.debut"),
        (Niveau.CONTRAT, ("effectif.participants",), "effectif.participants"),
        (Niveau.CONTRAT, ("sejour.heure_arrivee",), "sejour.heure_arrivee"),
        (Niveau.CONTRAT, ("tarif.prix_par_personne",), "tarif.prix_par_personne"),
        (Niveau.CONTRAT, ("tarif.regime_tva",), "tarif.regime_tva"),
        (Niveau.CONTRAT, ('tarif.regime_tva = "droit_commun"',), "tarif.taux_tva"),
        (Niveau.CONTRAT, ("paiement.mode",), "paiement.mode"),
        (Niveau.CONTRAT, ("P1.libelle",), "prestations.0.libelle"),
        (Niveau.CONTRAT, ("P1.date",), "prestations.0.date"),
        (Niveau.CONTRAT, ("P1.debut",), "prestations.0.debut"),
        (Niveau.CARNET, ("P1.prestataire",), "prestations.0.prestataire"),
        (Niveau.CARNET, ("P1.option.confirmee_le",), "prestations.0.option.confirmee_le"),
        (Niveau.CARNET, ("P1.debut",), "prestations.0.debut"),
        (Niveau.CARNET, ("P2.menu.choix",), "prestations.1.menu.choix"),
        (Niveau.CARNET, ("P2.menu.choix", 'P2.menu.code = "MAREE"'), "prestations.1.menu.choix"),
        (Niveau.CLOTURE, ("P1.facture.fichier",), "prestations.0.facture.fichier"),
        (Niveau.CLOTURE, ("P1.facture.validee_ciril_le",), "prestations.0.facture.validee_ciril_le"),
        (Niveau.CLOTURE, ("satisfaction.mail_envoye_le",), "satisfaction.mail_envoye_le"),
    ],
)
def test_what_each_level_asks_for(niveau: Niveau, without: tuple[str, ...], asked: str) -> None:
    assert places(niveau, *COMPLET[niveau], *without) == [asked]


@pytest.mark.parametrize(
    ("niveau", "instead"),
    [
        (Niveau.MINIMAL, ("client.telephone", 'client.mail = "contact@example.org"')),
        (Niveau.DEVIS, ("client.telephone", 'client.mail = "contact@example.org"')),
        (Niveau.DEVIS, ("demande.budget_par_personne", "tarif.prix_par_personne = 59.00")),
        (Niveau.DEVIS, ("demande.nuitees_souhaitees", 'P1.nature = "hebergement"')),
        (Niveau.DEVIS, ("demande.repas_souhaites", 'P1.nature = "restauration"')),
        (Niveau.DEVIS, ("demande.souhaits",)),
        (Niveau.CONTRAT, ('tarif.regime_tva = "droit_commun"', "tarif.taux_tva = 10.0")),
        (Niveau.CLOTURE, ("P1.facture.fichier", "P1.achat")),
    ],
)
def test_what_is_already_told_is_not_asked_for(niveau: Niveau, instead: tuple[str, ...]) -> None:
    assert places(niveau, *COMPLET[niveau], *instead) == []


def test_a_dossier_without_programme() -> None:
    bare = tuple(fait for fait in (*DEMANDE, *DEVIS) if not fait.startswith("P1."))
    assert places(Niveau.DEVIS, *bare) == []
    assert places(Niveau.DEVIS, *bare, "demande.souhaits") == ["demande.souhaits"]
    no_programme = tuple(fait for fait in FINALISE if not fait.startswith("P1."))
    assert places(Niveau.CONTRAT, *no_programme) == ["prestations"]
    no_signatory = tuple(fait for fait in FINALISE if not fait.startswith("client.contact"))
    assert places(Niveau.CONTRAT, *no_signatory) == ["client.contact.nom"]


def test_drivers_are_asked_of_groups_alone() -> None:
    without = (*DEMANDE, *DEVIS, "effectif.chauffeurs")
    assert places(Niveau.DEVIS, *without, typologie=Typologie.INDIVIDUEL) == []


@pytest.mark.parametrize(
    ("faits", "niveau"),
    [
        ((), Niveau.MINIMAL),
        (DEMANDE, Niveau.DEVIS),
        ((*DEMANDE, *DEVIS), Niveau.CONTRAT),
        ((*jusqu_a(Etat.ACCEPTE), *DEVIS), Niveau.CARNET),
        ((*FINALISE, *DEVIS), Niveau.CLOTURE),
        ((*FINALISE, *DEVIS, *APRES_SEJOUR), None),
    ],
)
def test_the_next_level_is_the_first_incomplete_one(faits: tuple[str, ...], niveau: Niveau | None) -> None:
    assert niveau_suivant(dossier(*faits), cadre()) is niveau
    assert fiche(*faits).niveau_suivant is niveau


@pytest.mark.parametrize(
    ("faits", "le"),
    [
        ((*FINALISE, "annulation.le = 2027-05-02"), JOUR),
        ((*DEMANDE, "devis.refuse_le = 2027-02-01"), JOUR),
        ((*FINALISE, *APRES_SEJOUR), date(2027, 9, 1)),
    ],
)
def test_nothing_comes_after_the_end(faits: tuple[str, ...], le: date) -> None:
    assert fiche(*faits, le=le).niveau_suivant is None


def test_the_small_example_lists_the_nine_items_of_a_devis() -> None:
    minimal = exemple_dossier("dossier_minimal")
    assert manques(minimal, Niveau.MINIMAL, cadre()) == []
    assert fiche().manques(Niveau.MINIMAL) == manques(dossier(), Niveau.MINIMAL, cadre())
    # Eight of the nine: the client's coordinates are already there.
    assert [label for _, label in manques(minimal, Niveau.DEVIS, cadre())] == [
        "la date du séjour, confirmée",
        "le nombre de participants",
        "le budget par personne",
        "l'heure d'arrivée",
        "les nuitées souhaitées (0 s'il n'y en a pas)",
        "les activités souhaitées",
        "les repas souhaités",
        "le nombre de chauffeurs",
    ]
