"""Amounts: what is owed, paid, bought and earned (regles.md §2.2, regles.md §3.5), beyond what the vectors say."""

from decimal import Decimal

import pytest

from tests.dossiers import AVENANT_SIGNE, dossier, fiche, jusqu_a, lire, office, prestataires
from toolkit.dossier.classement import Statut, Typologie
from toolkit.dossier.etat import Etat
from toolkit.dossier.montants import Montants, cout, couverts, frais, round_euros
from toolkit.dossier.office import Convention
from toolkit.dossier.valeurs import Valeurs

FINALISE = jusqu_a(Etat.FINALISE)
DEUXIEME = (
    'A2.demande_canal = "mail"',
    "A2.demande_recue_le = 2027-05-28",
    "A2.signe_direction_le = 2027-06-01",
)


def amounts(*faits: str, settings: str = "") -> Montants:
    return fiche(*FINALISE, *faits, office=office(settings)).montants


def test_a_whole_contract() -> None:
    told = amounts()
    assert told.prix_par_personne == Decimal("59.00")
    assert told.prestations == Decimal("2478.00")
    assert told.frais == Decimal("30.00")
    assert told.total == Decimal("2508.00")
    assert told.acompte == told.encaisse == Decimal("752.40")
    assert told.solde == told.solde_apres_acompte == Decimal("1755.60")
    assert told.achats == Decimal("190.00")
    assert told.tva == ()


def test_a_missing_fact_leaves_the_amounts_open() -> None:
    for missing in ("effectif.participants", "tarif.prix_par_personne"):
        told = amounts(missing)
        assert (told.prestations, told.total, told.acompte) == (None, None, None)
        assert (told.solde, told.solde_apres_acompte, told.marge) == (None, None, None)
        assert told.tva == ()
        assert told.encaisse == Decimal("752.40")


def test_an_avenant_leaves_the_deposit() -> None:
    told = amounts(*AVENANT_SIGNE)
    assert (told.total, told.acompte, told.solde) == (Decimal("2348.00"), Decimal("752.40"), Decimal("1595.60"))


def test_a_refund_goes_back() -> None:
    both = '{ nature = "acompte", montant = 752.40 }, { nature = "remboursement", montant = 52.40 }'
    paid = f"paiement.encaissements = [{both}]"
    assert amounts(paid).encaisse == Decimal("700.00")
    assert amounts(paid).solde == Decimal("1808.00")


@pytest.mark.parametrize(
    ("settings", "acompte"),
    [
        ("[acompte]\nbase = 'prestations'", "743.40"),
        ("[acompte]\ntaux = 50", "1254.00"),
        ("[frais]\ncreation_dossier = 0.00", "743.40"),
        ("[acompte]\nsans_acompte_si = ['virement']", "0.00"),
    ],
)
def test_the_deposit_is_set_by_the_office(settings: str, acompte: str) -> None:
    assert str(amounts(settings=settings).acompte) == acompte


def test_fees_of_modifications() -> None:
    both = (*AVENANT_SIGNE, *DEUXIEME)
    assert str(amounts(*both).frais) == "45.00"
    assert str(amounts(*both, 'A2.frais_offerts = "Geste commercial"').frais) == "30.00"
    assert str(amounts(*both, settings="[frais]\nmodifications_gratuites = 0").frais) == "60.00"
    assert str(frais(office("[frais]\nmodifications_gratuites = 5"), 3)) == "30.00"


# The margin, internal


def test_fees_may_stay_out_of_the_margin() -> None:
    inside, outside = amounts().marge, amounts(settings="[frais]\ninclus_dans_marge = false").marge
    assert inside is not None and outside is not None
    assert (inside.montant, outside.montant) == (Decimal("2318.00"), Decimal("2288.00"))


def test_no_margin_under_droit_commun() -> None:
    told = amounts('tarif.regime_tva = "droit_commun"', "tarif.taux_tva = 10.0")
    assert told.marge is None
    assert [(one.libelle, one.taux, one.ttc, one.ht, one.montant) for one in told.tva] == [
        ("Prestations", Decimal("10.0"), Decimal("2478.00"), Decimal("2252.73"), Decimal("225.27")),
        ("Frais de dossier", Decimal("20.0"), Decimal("30.00"), Decimal("25.00"), Decimal("5.00")),
    ]


@pytest.mark.parametrize(
    ("rate", "taux", "ht"),
    [
        ("tarif.taux_tva", "20.0", "2065.00"),
        ("tarif.taux_tva = 0.0", "0.0", "2478.00"),
    ],
)
def test_the_rate_of_droit_commun(rate: str, taux: str, ht: str) -> None:
    services = amounts('tarif.regime_tva = "droit_commun"', rate).tva[0]
    assert (str(services.taux), str(services.ht)) == (taux, ht)


def test_neither_before_the_regime_is_chosen() -> None:
    told = amounts("tarif.regime_tva")
    assert (told.marge, told.tva) == (None, ())


# What suppliers will invoice


def test_purchases_by_the_head_and_by_the_piece() -> None:
    two = (
        'P2.achat = { mode = "par_personne", montant = 4.00 }',
        "effectif.gratuites = 2",
    )
    # 190 for the guides, and 44 times 4: free places and drivers pay nothing, but they cost where they go.
    assert str(amounts(*two).achats) == "366.00"
    assert str(amounts(*two, *AVENANT_SIGNE).achats) == "350.00"


def test_nothing_is_invoiced_where_nothing_is_bought() -> None:
    assert str(amounts("P1.achat").achats) == "0.00"
    assert str(amounts('P1.achat = { mode = "forfait", montant = 95.00 }').achats) == "95.00"


def test_nobody_costs_nothing_yet() -> None:
    unknown = Valeurs(None, 0, 0, None)
    (prestation,) = dossier('P1.achat = { mode = "par_personne", montant = 4.00 }').prestations
    assert cout(prestation, unknown, Convention()) == 0
    assert couverts(unknown) is None


@pytest.mark.parametrize(
    ("gratuites", "participants", "granted"),
    [
        ("1 accompagnateur pour 20 payants", 42, 2),
        ("1 accompagnateur pour 20 payants", 19, 0),
        ("2 places pour 25", 50, 4),
        ("une place par car", 42, 0),
        ("1 place pour 0 payant", 42, 0),
    ],
)
def test_free_places_that_a_convention_grants(gratuites: str, participants: int, granted: int) -> None:
    convention = lire(f'gratuites = "{gratuites}"', Convention)
    assert convention.gratuites_accordees(participants) == granted
    assert Convention().gratuites_accordees(participants) == 0


def test_free_places_cost_unless_they_are_granted() -> None:
    museum = ('P2.prestataire = "musee"', 'P2.achat = { mode = "par_personne", montant = 4.00 }', "P1.achat")
    assert str(amounts(*museum, "effectif.gratuites = 2").achats) == "168.00"
    assert str(amounts(*museum, "effectif.gratuites = 3").achats) == "172.00"
    assert str(amounts(*museum, "effectif.gratuites = 1").achats) == "168.00"


@pytest.mark.parametrize(
    ("convention", "free"),
    [
        ("", 0),
        ("repas_chauffeur_gratuit = true", 3),
        ("repas_chauffeur_gratuit = true\nchauffeurs_gratuits_max = 2", 2),
        ("repas_chauffeur_gratuit = true\nchauffeurs_gratuits_max = 5", 3),
        ("chauffeurs_gratuits_max = 2", 0),
    ],
)
def test_drivers_who_eat_free(convention: str, free: int) -> None:
    agreed = lire(convention or 'reference = "CONV"', Convention)
    assert agreed.chauffeurs_gratuits(3) == free


def test_drivers_cost_in_restaurants_alone() -> None:
    bare = prestataires('[[prestataires]]\nid = "guide-1"')
    meal = ("P1.achat", 'P2.achat = { mode = "par_personne", montant = 26.00 }')
    costs = [
        fiche(*FINALISE, *meal, f'P2.nature = "{nature}"', prestataires=bare).montants.achats
        for nature in ("restauration", "activite")
    ]
    assert costs == [Decimal("1118.00"), Decimal("1092.00")]


@pytest.mark.parametrize(("payantes", "cost"), [("true", "1118.00"), ("false", "1092.00")])
def test_drivers_cost_where_they_sleep_if_their_nights_are_invoiced(payantes: str, cost: str) -> None:
    hotel = prestataires(
        '[[prestataires]]\nid = "resto-pollet"\n[prestataires.convention]\n'
        f'reference = "CONV"\nnuits_chauffeur_payantes = {payantes}'
    )
    nights = (
        "P1.achat",
        'P2.nature = "hebergement"',
        'P2.prestataire = "resto-pollet"',
        'P2.achat = { mode = "par_personne", montant = 26.00 }',
    )
    assert fiche(*FINALISE, *nights, prestataires=hotel).montants.achats == Decimal(cost)


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [("0.005", "0.01"), ("0.004", "0.00"), ("2.675", "2.68"), ("-0.005", "-0.01"), ("1", "1.00")],
)
def test_half_a_cent_goes_up(amount: str, rounded: str) -> None:
    assert str(round_euros(Decimal(amount))) == rounded


def test_a_bare_office_has_the_fees_and_delays_of_the_procedure() -> None:
    bare, ours = office(""), office()
    assert (bare.frais, bare.acompte, bare.delais) == (ours.frais, ours.acompte, ours.delais)
    assert bare.tva.model_copy(update={"marge_a_la_journee": True}) == ours.tva


# Names that go with the typologie and the statut


def test_names_of_folders_and_recaps() -> None:
    ours = office()
    assert ours.nom_typologie(Typologie.GROUPE) == "Groupe"
    assert ours.nom_typologie(Typologie.INDIVIDUEL) == "Individuel"
    assert ours.nom_recap(Typologie.GROUPE) == "Récap groupes par mois.xlsx"
    assert ours.nom_recap(Typologie.INDIVIDUEL) == "Récap individuel par mois.xlsx"
    assert [ours.nom_statut(statut) for statut in Statut] == [
        "Dossier en cours",
        "Dossier traité",
        "Dossier annulé ou sans suite",
    ]
    assert [typologie.initiale for typologie in Typologie] == ["G", "I"]
