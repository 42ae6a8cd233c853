"""Vouchers: one per service and supplier, made again when an avenant touches what it says (regles.md §7.10)."""

from datetime import date

import pytest

from tests.dossiers import ACOMPTE, AVENANT, AVENANT_SIGNE, DEJEUNER, cadre, dossier, fiche, jusqu_a, prestataires
from toolkit.dossier.bons_echange import BonEchange, bons_echange
from toolkit.dossier.etat import Etat

FINALISE = (
    *jusqu_a(Etat.FINALISE),
    "sejour.fin = 2027-06-18",
    *DEJEUNER,
    "P2.debut = 12:15:00",
    "P2.option.confirmee_le = 2027-02-18",
)
"""A visit and a lunch."""
CONFIRMEE = "option = { confirmee_le = 2027-05-19 }"


def avenant(number: int, *faits: str) -> tuple[str, ...]:
    """An avenant in force, whatever it changes."""
    own = (
        'demande_canal = "mail"',
        "demande_recue_le = 2027-05-12",
        "signe_direction_le = 2027-05-20",
        *faits,
    )
    return tuple(f"A{number}.{fait}" for fait in own)


def bons(*faits: str) -> tuple[BonEchange, ...]:
    return fiche(*FINALISE, *faits).bons_echange


def told(*faits: str) -> list[tuple[str, str, int, bool]]:
    """Service, supplier, version, and whether it is a cancellation."""
    return [(bon.id, bon.prestataire_id, bon.version, bon.is_annulation) for bon in bons(*faits)]


# Versions


@pytest.mark.parametrize(
    ("faits", "versions"),
    [
        ((), [1, 1]),
        (AVENANT, [1, 1]),
        ((*AVENANT, "A1.abandonne_le = 2027-05-21"), [1, 1]),
        # Changed: what was signed is undone by another avenant, never by a word written afterwards.
        ((*AVENANT_SIGNE, "A1.abandonne_le = 2027-05-21"), [2, 2]),
        ((*AVENANT_SIGNE, "A1.demande_recue_le = 2027-06-03"), [1, 1]),
        (AVENANT_SIGNE, [2, 2]),
        ((*AVENANT_SIGNE, *avenant(2, "participants = 40")), [3, 3]),
        ((*AVENANT_SIGNE, *avenant(2, "participants = 38")), [2, 2]),
        ((*AVENANT_SIGNE, "A1.participants = 42"), [1, 1]),
        ((*AVENANT_SIGNE, "A1.participants = 42", "A1.gratuites = 1"), [2, 2]),
        # Changed: as many people, but the supplier is told and invoices another number of paying ones.
        ((*AVENANT_SIGNE, "A1.participants = 41", "A1.gratuites = 1"), [2, 2]),
        ((*AVENANT_SIGNE, "A1.participants", "A1.chauffeurs = 2"), [1, 2]),
        ((*AVENANT_SIGNE, "A1.participants", 'A1.objet = "menu"'), [1, 2]),
        ((*AVENANT_SIGNE, "A1.participants", 'A1.objet = "programme"'), [2, 2]),
        ((*AVENANT_SIGNE, "A1.participants", 'A1.objet = "date"'), [2, 2]),
        ((*AVENANT_SIGNE, "A1.participants", 'A1.objet = "autre"'), [1, 1]),
        (avenant(1, 'objet = "programme"', 'prestations = [{ id = "P1", debut = 10:30:00 }]'), [2, 1]),
        (avenant(1, 'objet = "programme"', 'prestations = [{ id = "P2", lieu = "Le Pollet" }]'), [1, 2]),
        (avenant(1, 'objet = "programme"', 'prestations = [{ id = "P2", debut = 12:15:00 }]'), [1, 1]),
        (avenant(1, 'prestations = [{ id = "P2", menu = { code = "MAREE" } }]'), [1, 2]),
        (avenant(1, 'objet = "date"', "debut = 2027-06-24"), [2, 2]),
        (avenant(1, 'objet = "date"', "debut = 2027-06-17"), [1, 1]),
        (avenant(1, 'objet = "date"', "fin = 2027-06-19"), [2, 2]),
        (avenant(1, "prix_par_personne = 61.00"), [1, 1]),
    ],
)
def test_a_voucher_is_made_again_for_the_suppliers_that_an_avenant_touches(
    faits: tuple[str, ...], versions: list[int]
) -> None:
    shown = bons(*faits)
    assert [bon.version for bon in shown] == versions
    assert [bon.remplace for bon in shown] == [version > 1 for version in versions]
    assert not any(bon.is_annulation for bon in shown)


PAR_LA_VEDETTE = f'prestations = [{{ id = "P1", prestataire = "vedette", {CONFIRMEE} }}]'
PAR_LE_GUIDE = f'prestations = [{{ id = "P1", prestataire = "guide-1", {CONFIRMEE} }}]'
RETIREE = 'prestations = [{ id = "P1", retiree = true }]'
AJOUTEE = f'prestations = [{{ id = "P3", prestataire = "vedette", libelle = "Bateau", {CONFIRMEE} }}]'
GUIDE, RESTO = ("P1", "guide-1"), ("P2", "resto-pollet")


@pytest.mark.parametrize(
    ("faits", "expected"),
    [
        (avenant(1, RETIREE), [(*GUIDE, 2, True), (*RESTO, 1, False)]),
        (avenant(1, AJOUTEE), [(*GUIDE, 1, False), (*RESTO, 1, False), ("P3", "vedette", 1, False)]),
        (avenant(1, PAR_LA_VEDETTE), [(*GUIDE, 2, True), (*RESTO, 1, False), ("P1", "vedette", 1, False)]),
        (
            (*avenant(1, PAR_LA_VEDETTE), *avenant(2, "participants = 40")),
            [(*GUIDE, 2, True), (*RESTO, 2, False), ("P1", "vedette", 2, False)],
        ),
        (
            (*avenant(1, PAR_LA_VEDETTE), *avenant(2, PAR_LE_GUIDE)),
            [(*GUIDE, 3, False), (*RESTO, 1, False), ("P1", "vedette", 2, True)],
        ),
        (
            (*avenant(1, "participants = 40"), *avenant(2, RETIREE)),
            [(*GUIDE, 3, True), (*RESTO, 2, False)],
        ),
        ((*avenant(1, PAR_LA_VEDETTE), "A1.signe_direction_le"), [(*GUIDE, 1, False), (*RESTO, 1, False)]),
        ((*avenant(1, RETIREE), "annulation.le = 2027-05-25"), [(*GUIDE, 2, True), (*RESTO, 2, True)]),
        (("annulation.le = 2027-05-25",), [(*GUIDE, 2, True), (*RESTO, 2, True)]),
        ((*AVENANT_SIGNE, "annulation.le = 2027-05-25"), [(*GUIDE, 3, True), (*RESTO, 3, True)]),
    ],
)
def test_suppliers_come_and_go(faits: tuple[str, ...], expected: list[tuple[str, str, int, bool]]) -> None:
    assert told(*faits) == expected


@pytest.mark.parametrize("missing", ["P1.id", "P1.prestataire"])
def test_a_service_that_cannot_be_named_has_no_voucher(missing: str) -> None:
    assert told(missing) == [(*RESTO, 1, False)]
    shown = fiche(*FINALISE, missing)
    first, second = (shown.bon_echange(prestation) for prestation in shown.en_vigueur.prestations)
    assert first is None and second is not None and second.prestataire_id == "resto-pollet"


def test_a_service_that_gets_its_supplier_by_an_avenant() -> None:
    assert told("P1.prestataire", *avenant(1, PAR_LA_VEDETTE)) == [(*RESTO, 1, False), ("P1", "vedette", 1, False)]


def test_a_cancellation_replaces_nothing_and_keeps_what_the_supplier_knew() -> None:
    gone, _ = bons(*avenant(1, "participants = 40", RETIREE))
    assert (gone.is_annulation, gone.remplace) == (True, False)
    assert (gone.prestation.libelle, gone.mention) == ("Visite guidée du château-musée", "42 participants")


def test_the_voucher_of_a_service_in_force() -> None:
    shown = fiche(*FINALISE, *avenant(1, PAR_LA_VEDETTE))
    visit, _ = shown.en_vigueur.prestations
    bon = shown.bon_echange(visit)
    assert bon is not None and bon.prestataire is not None
    assert (bon.prestataire_id, bon.prestataire.nom) == ("vedette", "Vedettes de l'Exemple (fictif)")
    assert bon.prestation == visit


def test_the_fiche_tells_the_same() -> None:
    told_there = dossier(*FINALISE, *AVENANT_SIGNE)
    assert bons_echange(told_there, cadre()) == fiche(*FINALISE, *AVENANT_SIGNE).bons_echange


# What it says


@pytest.mark.parametrize(
    ("faits", "mentions"),
    [
        ((), ["42 participants", "42 participants + 1 chauffeur"]),
        (("effectif.chauffeurs = 0",), ["42 participants", "42 participants"]),
        (
            ("effectif.gratuites = 2", "effectif.chauffeurs = 2"),
            ["42 participants + 2 accompagnateurs", "42 participants + 2 chauffeurs + 2 accompagnateurs"],
        ),
        # Where the drivers sleep too, and where the convention lets some of those who are free for the client be free.
        (
            ('P1.nature = "hebergement"', 'P1.prestataire = "musee"', "effectif.gratuites = 5"),
            [
                "42 participants + 1 chauffeur + 5 accompagnateurs, dont 2 gratuits (convention)",
                "42 participants + 1 chauffeur + 5 accompagnateurs",
            ],
        ),
        (
            ('P1.prestataire = "musee"', "effectif.gratuites = 1"),
            [
                "42 participants + 1 accompagnateur, dont 1 gratuit (convention)",
                "42 participants + 1 chauffeur + 1 accompagnateur",
            ],
        ),
        (AVENANT_SIGNE, ["38 participants", "38 participants + 1 chauffeur"]),
        (("effectif.participants = 1",), ["1 participant", "1 participant + 1 chauffeur"]),
        (("effectif.participants",), [None, None]),
    ],
)
def test_the_mention_of_a_voucher(faits: tuple[str, ...], mentions: list[str | None]) -> None:
    assert [bon.mention for bon in bons(*faits)] == mentions


def test_places_are_laid_in_restaurants_alone() -> None:
    assert [bon.couverts for bon in bons()] == [None, 43]


@pytest.mark.parametrize(
    ("convention", "free"),
    [
        ("", 0),
        ("convention = { repas_chauffeur_gratuit = true }", 2),
        ("convention = { repas_chauffeur_gratuit = true, chauffeurs_gratuits_max = 1 }", 1),
    ],
)
def test_drivers_eat_free_where_the_convention_says_so(convention: str, free: int) -> None:
    both = prestataires(
        f'[[prestataires]]\nid = "guide-1"\n{convention}\n[[prestataires]]\nid = "resto-pollet"\n{convention}'
    )
    shown = fiche(*FINALISE, "effectif.chauffeurs = 2", prestataires=both).bons_echange
    assert [bon.repas_chauffeurs_gratuits for bon in shown] == [0, free]


def test_a_supplier_nobody_knows_gives_nothing() -> None:
    shown = fiche(*FINALISE, 'P2.menu.code = "MAREE"', prestataires=prestataires("")).bons_echange
    assert [(bon.prestataire, bon.repas_chauffeurs_gratuits, bon.menu) for bon in shown] == [(None, 0, None)] * 2


@pytest.mark.parametrize(
    ("faits", "code"),
    [((), None), (('P2.menu.code = "MAREE"',), "MAREE"), (('P2.menu.code = "AUTRE"',), None)],
)
def test_the_menu_is_one_of_the_convention(faits: tuple[str, ...], code: str | None) -> None:
    menus = [bon.menu.code if bon.menu else None for bon in bons(*faits)]
    assert menus == [None, code]


# What it waits for (regles.md §7.4)

DEUX_SIGNATURES, ACOMPTE_ATTENDU = "les deux signatures du contrat", "l'acompte ou le bon de commande"
MANDAT = 'paiement.mode = "mandat_administratif"'
COMMANDE = "paiement.bon_commande_recu_le = 2027-02-17"


@pytest.mark.parametrize(
    ("faits", "first", "second"),
    [
        ((), (), ()),
        (("contrat.signe_client_le",), (DEUX_SIGNATURES,), (DEUX_SIGNATURES,)),
        (("contrat.signe_direction_le",), (DEUX_SIGNATURES,), (DEUX_SIGNATURES,)),
        ((ACOMPTE.partition(" =")[0],), (ACOMPTE_ATTENDU,), (ACOMPTE_ATTENDU,)),
        ((ACOMPTE.partition(" =")[0], COMMANDE), (), ()),
        ((MANDAT,), ("le bon de commande",), ("le bon de commande",)),
        ((MANDAT, COMMANDE), (), ()),
        (("P1.option.confirmee_le",), ("la confirmation de l'option P1",), ()),
        (("P2.date",), (), ("la date et l'heure de P2",)),
        (("P2.debut",), (), ("la date et l'heure de P2",)),
        (('P2.prestataire = "inconnu"',), (), ("un prestataire connu pour P2",)),
        (
            ("contrat.signe_client_le", "P1.option.confirmee_le"),
            (DEUX_SIGNATURES, "la confirmation de l'option P1"),
            (DEUX_SIGNATURES,),
        ),
    ],
)
def test_what_a_voucher_waits_for(faits: tuple[str, ...], first: tuple[str, ...], second: tuple[str, ...]) -> None:
    assert [bon.attend for bon in bons(*faits)] == [first, second]


def test_a_new_supplier_confirms_before_its_voucher_is_made() -> None:
    unconfirmed = avenant(1, 'prestations = [{ id = "P1", prestataire = "vedette" }]')
    gone, _, new = bons(*unconfirmed)
    assert (gone.attend, new.attend) == ((), ("la confirmation de l'option P1",))
    assert bons(*avenant(1, PAR_LA_VEDETTE))[2].attend == ()


def test_a_moved_service_is_told_its_new_day() -> None:
    assert [bon.prestation.date for bon in bons(*avenant(1, "debut = 2027-06-24"))] == [date(2027, 6, 24)] * 2


# When they went out


PARTIS = ("P1.bon_echange.envoye_prestataire_le = 2027-05-03", "P2.bon_echange.envoye_prestataire_le = 2027-05-03")


@pytest.mark.parametrize(
    ("faits", "sent"),
    [
        ((), [None, None]),
        (PARTIS[:1], ["03/05", None]),
        (PARTIS, ["03/05", "03/05"]),
        # What went out is the former version.
        ((*PARTIS, *AVENANT_SIGNE), [None, None]),
        ((*PARTIS, *AVENANT_SIGNE, "A1.be_prestataires_le = 2027-05-20"), ["20/05", "20/05"]),
        # The second avenant concerns the restaurant alone.
        (
            (*PARTIS, *AVENANT_SIGNE, "A1.be_prestataires_le = 2027-05-20", *avenant(2, 'objet = "menu"')),
            ["20/05", None],
        ),
        (
            (*PARTIS, *AVENANT_SIGNE, *avenant(2, 'objet = "menu"', "be_prestataires_le = 2027-05-25")),
            ["25/05", "25/05"],
        ),
        ((*PARTIS[:1], *avenant(1, 'objet = "menu"', "be_prestataires_le = 2027-05-25")), ["03/05", "25/05"]),
        # A first version that never went out does not go out with the avenant of another service.
        (avenant(1, 'objet = "menu"', "be_prestataires_le = 2027-05-25"), [None, "25/05"]),
        ((*PARTIS, "annulation.le = 2027-05-30"), [None, None]),
    ],
)
def test_a_version_has_the_day_of_its_own_sending(faits: tuple[str, ...], sent: list[str | None]) -> None:
    assert [one.envoye_le and f"{one.envoye_le:%d/%m}" for one in bons(*faits)] == sent
