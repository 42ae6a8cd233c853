"""What holds for every dossier: money adds up, limits guard what they guard, a booking never goes back."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dossiers import APRES_SEJOUR, AVENANT_SIGNE, CHAINE, cadre, dossier, fiche, jusqu_a, office
from toolkit import french
from toolkit.dossier import calendrier, montants
from toolkit.dossier.etat import Etat, etat
from toolkit.dossier.faits import Dossier
from toolkit.dossier.fiche import Fiche
from toolkit.dossier.montants import Montants
from toolkit.dossier.niveaux import Niveau
from toolkit.dossier.office import Convention
from toolkit.dossier.qualification import taux_qualification
from toolkit.dossier.valeurs import Valeurs

essais = settings(max_examples=30, deadline=None, derandomize=True, database=None)

RANGS = {state: rank for rank, state in enumerate(reversed(Etat))}
"""The higher, the further a booking has come."""

jours = st.dates(date(2026, 1, 1), date(2029, 12, 31))
jours_etranges = st.one_of(
    st.dates(date(1900, 1, 1), date(1900, 12, 31)),
    st.dates(date(2027, 1, 1), date(2027, 12, 31)),
    st.dates(date(2199, 1, 1), date(2199, 12, 31)),
)
"""The first and the last that a file may hold, and ordinary ones."""
effectifs = st.integers(0, 300)
petits = st.integers(0, 5)
prix = st.decimals(0, 1000, places=2)
sommes = st.decimals(0, 100_000, places=2)


@st.composite
def faits_d_argent(draw: st.DrawFn) -> tuple[str, ...]:
    """A booking with its price, its purchases, its payments and up to three avenants."""
    faits: tuple[str, ...] = (
        "sejour.debut = 2027-06-17",
        f"effectif.participants = {draw(effectifs)}",
        f"effectif.chauffeurs = {draw(petits)}",
        f"effectif.gratuites = {draw(petits)}",
        f"tarif.prix_par_personne = {draw(prix)}",
        f'paiement.mode = "{draw(st.sampled_from(["virement", "carte", "mandat_administratif"]))}"',
        f'P1.nature = "{draw(st.sampled_from(["restauration", "activite"]))}"',
        f'P1.prestataire = "{draw(st.sampled_from(["resto-pollet", "musee", "guide-1"]))}"',
        f'P1.achat = {{ mode = "par_personne", montant = {draw(prix)} }}',
        f'P2.achat = {{ mode = "forfait", montant = {draw(prix)}, quantite = {draw(petits)} }}',
    )
    payments = draw(st.lists(st.tuples(st.sampled_from(["acompte", "solde", "remboursement"]), sommes), max_size=3))
    told = ", ".join(f'{{ nature = "{nature}", montant = {amount} }}' for nature, amount in payments)
    faits += (f"paiement.encaissements = [{told}]",)
    for number in range(1, draw(st.integers(0, 3)) + 1):
        faits += (
            f'A{number}.demande_canal = "mail"',
            f"A{number}.demande_recue_le = {draw(st.sampled_from(['2027-05-12', '2027-06-12']))}",
            f"A{number}.participants = {draw(effectifs)}",
            f"A{number}.chauffeurs = {draw(petits)}",
            f"A{number}.prix_par_personne = {draw(prix)}",
        )
        faits += draw(st.sampled_from([(), (f"A{number}.signe_direction_le = 2027-05-20",)]))
        faits += draw(st.sampled_from([(), (f"A{number}.abandonne_le = 2027-05-20",)]))
        faits += draw(st.sampled_from([(), (f'A{number}.frais_offerts = "Geste"',)]))
    return faits


def amounts_of(shown: Montants) -> list[Decimal | None]:
    margin = [] if shown.marge is None else [shown.marge.montant, shown.marge.tva, shown.marge.ht, shown.marge.report]
    return [
        shown.prestations,
        shown.frais,
        shown.total,
        shown.acompte,
        shown.encaisse,
        shown.solde,
        shown.solde_apres_acompte,
        shown.achats,
        *margin,
        *(amount for line in shown.tva for amount in (line.ttc, line.ht, line.montant)),
    ]


# Money


@essais
@given(faits_d_argent())
def test_what_is_owed_adds_up(faits: tuple[str, ...]) -> None:
    shown = fiche(*faits)
    amounts, valeurs = shown.montants, shown.en_vigueur
    assert valeurs.participants is not None and valeurs.prix_par_personne is not None
    assert amounts.total == valeurs.participants * valeurs.prix_par_personne + amounts.frais
    assert amounts.solde is not None and amounts.encaisse + amounts.solde == amounts.total
    assert amounts.acompte is not None and amounts.solde_apres_acompte is not None
    assert amounts.acompte + amounts.solde_apres_acompte == amounts.total


@essais
@given(faits_d_argent(), st.sampled_from(["marge", "droit_commun"]))
def test_every_amount_is_in_whole_cents(faits: tuple[str, ...], regime: str) -> None:
    shown = fiche(*faits, f'tarif.regime_tva = "{regime}"', "tarif.taux_tva = 10.0")
    for amount in amounts_of(shown.montants):
        assert amount is not None
        assert amount.as_tuple().exponent == -2
        assert not (amount.is_zero() and amount.is_signed())


@essais
@given(faits_d_argent())
def test_the_deposit_is_thirty_per_cent_of_the_contract_to_half_a_cent(faits: tuple[str, ...]) -> None:
    shown = fiche(*faits)
    amounts, contract = shown.montants, shown.montants_pour(shown.contrat)
    assert amounts.acompte is not None and contract.total is not None
    if shown.dossier.paiement.mode == "mandat_administratif":
        assert amounts.acompte == 0
    else:
        assert abs(amounts.acompte - contract.total * 30 / 100) <= Decimal("0.005")
    assert amounts.acompte == contract.acompte


@essais
@given(faits_d_argent())
def test_the_margin_is_what_is_earned(faits: tuple[str, ...]) -> None:
    amounts = fiche(*faits, 'tarif.regime_tva = "marge"').montants
    assert amounts.marge is not None and amounts.total is not None
    margin = amounts.marge
    assert margin.montant + amounts.achats == amounts.total
    if margin.montant > 0:
        assert margin.tva + margin.ht == margin.montant
        assert 0 <= margin.tva <= margin.montant
        assert margin.report == 0
    else:
        assert margin.tva == margin.ht == 0
        assert margin.report == -margin.montant


@essais
@given(sommes, st.sampled_from(["0", "5.5", "10.0", "20.0"]))
def test_ht_and_vat_make_ttc(ttc: Decimal, taux: str) -> None:
    line = montants.tva_comprise("Prestations", ttc, Decimal(taux))
    assert line.ht + line.montant == line.ttc == ttc
    assert abs(line.ht * Decimal(taux) / 100 - line.montant) <= Decimal("0.01")


@essais
@given(faits_d_argent())
def test_the_lines_of_droit_commun_make_the_total(faits: tuple[str, ...]) -> None:
    amounts = fiche(*faits, 'tarif.regime_tva = "droit_commun"', "tarif.taux_tva = 10.0").montants
    assert sum(line.ttc for line in amounts.tva) == amounts.total
    assert amounts.marge is None


@essais
@given(st.integers(0, 50))
def test_fees_of_the_procedure(modifications: int) -> None:
    expected = 30 + 15 * max(0, modifications - 1)
    assert montants.frais(office(), modifications) == expected


@essais
@given(faits_d_argent())
def test_fees_lie_between_the_file_fee_and_every_modification(faits: tuple[str, ...]) -> None:
    shown = fiche(*faits)
    assert 30 <= shown.montants.frais <= 30 + 15 * max(0, len(shown.dossier.avenants) - 1)


@essais
@given(faits_d_argent(), petits, petits)
def test_a_driver_never_changes_what_the_client_owes(faits: tuple[str, ...], one: int, other: int) -> None:
    def owed(drivers: int) -> tuple[Decimal | None, ...]:
        everywhere = [f"A{n}.chauffeurs = {drivers}" for n in range(1, len(dossier(*faits).avenants) + 1)]
        amounts = fiche(*faits, f"effectif.chauffeurs = {drivers}", *everywhere).montants
        return amounts.total, amounts.acompte, amounts.solde

    assert owed(one) == owed(other)


@essais
@given(effectifs, petits, petits, prix, st.booleans(), st.integers(0, 5))
def test_a_convention_never_makes_a_meal_dearer(
    participants: int, drivers: int, free: int, price: Decimal, is_free: bool, most: int
) -> None:
    (meal,) = dossier(
        'P1.nature = "restauration"', f'P1.achat = {{ mode = "par_personne", montant = {price} }}'
    ).prestations
    valeurs = Valeurs(participants, drivers, free, None)
    agreed = Convention(repas_chauffeur_gratuit=is_free, chauffeurs_gratuits_max=most, gratuites="1 pour 20")
    couverts = montants.couverts(valeurs)
    assert couverts == participants + drivers + free
    dearest = montants.cout(meal, valeurs, Convention())
    assert dearest == couverts * price
    assert participants * price <= montants.cout(meal, valeurs, agreed) <= dearest


# Values in force


@essais
@given(faits_d_argent())
def test_values_come_from_the_contract_or_from_an_avenant_in_force(faits: tuple[str, ...]) -> None:
    shown = fiche(*faits)
    in_force = [one.avenant.numero for one in shown.modifications if one.is_en_vigueur]
    valeurs = shown.en_vigueur
    if in_force:
        assert valeurs.avenant == max(number for number in in_force if number)
        source = shown.dossier.avenants[valeurs.avenant - 1]
        assert (valeurs.participants, valeurs.prix_par_personne) == (source.participants, source.prix_par_personne)
    else:
        assert valeurs == shown.contrat
    for one in shown.modifications:
        assert one.avenant.numero and (one.is_recevable or not one.is_en_vigueur)
    assert all(1 <= bon.version <= 1 + len(in_force) for bon in shown.bons_echange)


@st.composite
def avenants(draw: st.DrawFn) -> list[tuple[str, ...]]:
    """Up to four avenants that change people, prices, dates and services."""
    chain = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        faits = ['demande_canal = "mail"', f"demande_recue_le = {draw(st.sampled_from(['2027-05-12', '2027-06-12']))}"]
        for key, values in (
            ("objet", st.sampled_from(['"effectif"', '"programme"', '"date"', '"menu"', '"autre"'])),
            ("participants", effectifs),
            ("chauffeurs", petits),
            ("gratuites", petits),
            ("prix_par_personne", prix),
            ("debut", jours),
            ("signe_direction_le", st.just("2027-05-20")),
            ("abandonne_le", st.just("2027-05-21")),
            ("frais_offerts", st.just('"Geste"')),
        ):
            if draw(st.booleans() if key != "abandonne_le" else st.sampled_from([True, False, False, False])):
                faits.append(f"{key} = {draw(values)}")
        changes = []
        for id in draw(st.lists(st.sampled_from(["P1", "P2", "P3"]), unique=True)):
            how = draw(st.sampled_from(["retiree = true", "debut = 10:30:00", 'prestataire = "{}"']))
            changes.append(
                f'{{ id = "{id}", {how.format(draw(st.sampled_from(["guide-1", "musee", "resto-pollet"])))} }}'
            )
        faits.append(f"prestations = [{', '.join(changes)}]")
        chain.append(tuple(f"A{number}.{fait}" for fait in faits))
    return chain


SEJOUR = (
    *jusqu_a(Etat.FINALISE),
    'P2.nature = "restauration"',
    'P2.prestataire = "resto-pollet"',
    "P2.date = 2027-06-17",
    'P2.achat = { mode = "par_personne", montant = 26.00 }',
)


@essais
@given(avenants())
def test_one_more_avenant_never_brings_a_voucher_back(chain: list[tuple[str, ...]]) -> None:
    known: dict[tuple[str, str], int] = {}
    for length in range(len(chain) + 1):
        shown = fiche(*SEJOUR, *(fait for faits in chain[:length] for fait in faits))
        versions = {(bon.id, bon.prestataire_id): bon.version for bon in shown.bons_echange}
        in_force = sum(one.is_en_vigueur for one in shown.modifications)
        # A voucher that exists is followed for ever: raised by one at most, never forgotten, never lowered.
        assert all(version <= versions[key] <= version + 1 for key, version in known.items())
        assert all(1 <= version <= 1 + in_force for version in versions.values())
        known = versions


@essais
@given(avenants())
def test_each_service_in_force_has_one_voucher_and_the_others_are_cancelled(chain: list[tuple[str, ...]]) -> None:
    shown = fiche(*SEJOUR, *(fait for faits in chain for fait in faits))
    due = {(one.id, one.prestataire) for one in shown.en_vigueur.prestations if one.prestataire}
    assert {(bon.id, bon.prestataire_id) for bon in shown.bons_echange if not bon.is_annulation} == due
    assert all(bon.version > 1 for bon in shown.bons_echange if bon.is_annulation)
    for prestation in shown.en_vigueur.prestations:
        bon = shown.bon_echange(prestation)
        assert (bon is None) is (prestation.prestataire is None)
        assert bon is None or (bon.prestation == prestation and not bon.is_annulation)


@essais
@given(avenants())
def test_a_cancelled_booking_cancels_every_voucher_once(chain: list[tuple[str, ...]]) -> None:
    faits = [fait for faits in chain for fait in faits]
    before, after = (
        fiche(*SEJOUR, *faits).bons_echange,
        fiche(*SEJOUR, *faits, "annulation.le = 2027-05-25").bons_echange,
    )
    assert all(bon.is_annulation for bon in after)
    assert [bon.version for bon in after] == [bon.version + (not bon.is_annulation) for bon in before]


@essais
@given(avenants())
def test_amounts_add_up_after_any_chain_of_avenants(chain: list[tuple[str, ...]]) -> None:
    shown = fiche(*SEJOUR, *(fait for faits in chain for fait in faits))
    made = sum(one.is_en_vigueur for one in shown.modifications)
    for valeurs in (shown.contrat, shown.en_vigueur, *(one.after for one in shown.modifications)):
        amounts = shown.montants_pour(valeurs)
        assert valeurs.participants is not None and valeurs.prix_par_personne is not None
        assert amounts.prestations == valeurs.participants * valeurs.prix_par_personne
        assert amounts.total == amounts.prestations + amounts.frais
        assert amounts.solde is not None and amounts.encaisse + amounts.solde == amounts.total
        assert amounts.marge is not None and amounts.marge.montant + amounts.achats == amounts.total
        assert amounts.acompte == shown.montants_pour(shown.contrat).acompte
        assert 30 <= amounts.frais <= 30 + 15 * made
    fees = [shown.montants_pour(one.after).frais for one in shown.modifications if one.is_en_vigueur]
    assert fees == sorted(fees)
    assert shown.montants.frais == (fees[-1] if fees else 30)


@essais
@given(avenants())
def test_each_avenant_starts_from_what_was_in_force(chain: list[tuple[str, ...]]) -> None:
    shown = fiche(*SEJOUR, *(fait for faits in chain for fait in faits))
    valeurs = shown.contrat
    for one in shown.modifications:
        if one.avenant.signe_direction_le:
            assert one.before == valeurs
            valeurs = one.after if one.is_en_vigueur else valeurs
    assert valeurs == shown.en_vigueur
    assert all(one.before == valeurs for one in shown.modifications if not one.avenant.signe_direction_le)
    assert valeurs.nuits == shown.contrat.nuits == 0
    asked_at_the_top = {str(place[0]) for place, _ in shown.manques(Niveau.CARNET)} - {"prestations", "avenants"}
    assert asked_at_the_top <= Dossier.model_fields.keys()


@essais
@given(avenants(), st.data())
def test_no_later_fact_changes_what_was_signed(chain: list[tuple[str, ...]], data: st.DataObject) -> None:
    faits = [*SEJOUR, *(fait for one in chain for fait in one)]
    numbers = range(1, len(chain) + 1)
    faits += [f"A{len(chain) + 1}.{fait}" for fait in ('demande_canal = "mail"', "demande_recue_le = 2027-05-12")]
    signed = [
        fait.replace("2027-05-20", f"2027-05-{20 + int(fait[1])}") if re.match(r"A\d\.signe", fait) else fait
        for fait in faits
    ]
    before = [one for one in fiche(*signed).modifications if one.is_en_vigueur]
    later = [
        *(f"A{number}.signe_direction_le = 2027-06-0{data.draw(st.integers(1, 4))}" for number in numbers),
        *(f"A{number}.abandonne_le = 2027-06-04" for number in numbers),
        *(f"A{number}.renvoye_client_le = 2027-06-04" for number in numbers),
        f"A{len(chain) + 1}.signe_direction_le = 2027-06-04",
        'paiement.encaissements = [{ nature = "solde", montant = 100 }]',
        "annulation.le = 2027-06-04",
    ]
    untouched = {f"A{one.index + 1}.signe_direction_le" for one in before}
    noted = [fait for fait in data.draw(st.permutations(later)) if fait.split(" = ")[0] not in untouched]
    after = fiche(*signed, *noted[: data.draw(st.integers(0, len(noted)))])
    for one in before:
        now = after.modifications[one.index]
        assert (now.before, now.after, now.is_en_vigueur) == (one.before, one.after, True)
        assert after.montants_pour(now.after).total == after.montants_pour(one.after).total


# Limits


@essais
@given(st.lists(jours, min_size=1, max_size=3), jours)
def test_a_limit_never_comes_after_what_it_guards(services: list[date], proposal: date) -> None:
    faits = [f"sejour.debut = {min(services)}", f"sejour.fin = {max(services)}", f"devis.envoye_le = {proposal}"]
    for number, day in enumerate(services, start=1):
        faits += [f"P{number}.date = {day}", f'P{number}.nature = "restauration"']
    shown = fiche(*faits)
    limites = shown.limites
    assert limites.modification is not None and limites.option is not None and limites.satisfaction is not None
    assert limites.modification == min(services) - timedelta(days=15)
    assert timedelta(days=28) <= limites.option - proposal <= timedelta(days=31)
    assert max(services) < limites.satisfaction <= max(services) + timedelta(days=5)
    for prestation in shown.dossier.prestations:
        menu = shown.limite_menu(prestation)
        assert menu is not None and prestation.date is not None and menu < prestation.date


@essais
@given(jours, st.integers(0, 30))
def test_francs_leave_so_many_whole_days(service: date, days: int) -> None:
    limit = calendrier.limite_jours_francs(service, days)
    assert (service - limit).days - 1 == days
    cautious = calendrier.limite_jours_francs(service, days, report="avancer")
    assert cautious <= limit
    assert calendrier.is_ouvrable(cautious)
    assert not any(calendrier.is_ouvrable(limit - timedelta(days=back)) for back in range((limit - cautious).days))


@essais
@given(jours, st.integers(0, 15))
def test_so_many_working_days_lie_between(day: date, count: int) -> None:
    for add, is_counted in (
        (calendrier.add_jours_ouvres, calendrier.is_ouvre),
        (calendrier.add_jours_ouvrables, calendrier.is_ouvrable),
    ):
        end = add(day, count)
        between = [day + timedelta(days=after) for after in range(1, (end - day).days + 1)]
        assert sum(map(is_counted, between)) == count
        assert count == 0 or is_counted(end)
    assert calendrier.add_jours_ouvrables(day, count) <= calendrier.add_jours_ouvres(day, count)


@essais
@given(jours, st.integers(0, 40))
def test_a_month_keeps_its_day_number(day: date, months: int) -> None:
    end = calendrier.add_mois(day, months)
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == months
    assert end.day == day.day or (end.day < day.day and (end + timedelta(days=1)).day == 1)


@essais
@given(st.datetimes(datetime(2026, 1, 1), datetime(2029, 12, 31)))
def test_working_hours_never_end_before_calendar_hours(moment: datetime) -> None:
    end = calendrier.add_heures_ouvrees(moment, 48)
    assert end >= moment + timedelta(hours=48)
    assert calendrier.is_ouvre(end.date())
    assert end.time() == moment.time()


@essais
@given(st.integers(2020, 2040), st.integers(1, 12))
def test_the_posting_is_the_last_working_day_of_its_month(year: int, month: int) -> None:
    day = calendrier.jour_affichage(year, month)
    assert (day.year, day.month) == (year, month)
    assert calendrier.is_ouvre(day)
    assert calendrier.add_jours_ouvres(day, 1).month != month


# The life of a booking

FAITS = tuple(fait for _, faits in CHAINE[1:] for fait in faits)
DEBUT = CHAINE[0][1]
ETAPES_AVENANT = (*AVENANT_SIGNE, "A1.renvoye_client_le = 2027-05-20", "A1.be_prestataires_le = 2027-05-20")


@essais
@given(st.sets(st.sampled_from(FAITS)), st.sampled_from(FAITS), jours)
def test_one_more_fact_never_takes_a_booking_back(known: set[str], more: str, le: date) -> None:
    before = etat(dossier(*DEBUT, *sorted(known)), cadre(le))
    after = etat(dossier(*DEBUT, *sorted(known | {more})), cadre(le))
    assert RANGS[after] >= RANGS[before]


@essais
@given(st.sampled_from([state for state, _ in CHAINE]), jours, jours)
def test_time_never_takes_a_booking_back(state: Etat, one: date, other: date) -> None:
    told = dossier(*jusqu_a(state))
    assert RANGS[etat(told, cadre(min(one, other)))] <= RANGS[etat(told, cadre(max(one, other)))]


@essais
@given(st.sampled_from([state for state, _ in CHAINE]), st.integers(0, len(ETAPES_AVENANT)), jours)
def test_an_avenant_only_covers_the_state_below(state: Etat, steps: int, le: date) -> None:
    faits = jusqu_a(state)
    below = etat(dossier(*faits), cadre(le))
    with_avenant = etat(dossier(*faits, *ETAPES_AVENANT[:steps]), cadre(le))
    assert with_avenant in (below, Etat.AVENANT_EN_COURS)
    if steps in (0, len(ETAPES_AVENANT)):
        assert with_avenant is below


@essais
@given(st.sampled_from([state for state, _ in CHAINE]), jours)
def test_a_cancellation_ends_everything(state: Etat, le: date) -> None:
    shown = fiche(*jusqu_a(state), "annulation.le = 2027-05-02", le=le)
    assert shown.etat is Etat.ANNULE
    assert shown.echeances == ()
    assert shown.niveau_suivant is None


@essais
@given(st.sampled_from([state for state, _ in CHAINE]), jours)
def test_deadlines_come_nearest_first_and_before_the_stay_when_they_prepare_it(state: Etat, le: date) -> None:
    shown = fiche(*jusqu_a(state), *AVENANT_SIGNE, le=le)
    limits = [one.limite for one in shown.echeances]
    assert limits == sorted(limits)
    debut = date(2027, 6, 17)
    for one in shown.echeances:
        if one.code in ("E08", "E13", "E14", "E15", "E16", "E18", "E19"):
            assert one.limite < debut
        if one.code in ("E23", "E24", "E25", "E26"):
            assert one.limite > debut
        assert (one.urgence == "depassee") is (one.limite < le)


# Whatever is written, everything is computed

CLES = sorted(
    key for key in {fait.partition("=")[0] for fait in (*FAITS, *ETAPES_AVENANT, *APRES_SEJOUR)} if key.endswith("_le ")
)


@essais
@given(
    st.sets(st.sampled_from((*DEBUT, *FAITS, *ETAPES_AVENANT, *APRES_SEJOUR))),
    st.dictionaries(st.sampled_from(CLES), jours_etranges),
    jours_etranges,
    jours_etranges,
)
def test_no_date_is_too_strange_to_be_told(known: set[str], dates: dict[str, date], debut: date, le: date) -> None:
    changed = [f"{key}= {day}" for key, day in dates.items()]
    told = Fiche(dossier(*sorted(known), f"sejour.debut = {debut}", f"P1.date = {debut}", *changed), cadre(le))
    for problem in told.problemes:
        assert problem.message and "None" not in problem.message
    for one in told.echeances:
        assert one.libelle and "None" not in one.libelle
    assert told.etat in Etat and told.niveau_suivant in (None, *Niveau)
    assert told.limites.modification is not None
    for amount in amounts_of(told.montants):
        assert amount is None or french.euros(amount)


@essais
@given(st.integers(0, 500), st.integers(0, 500))
def test_a_share_of_contacts_is_a_percentage(contacts: int, qualified: int) -> None:
    taux = taux_qualification(contacts, min(contacts, qualified))
    assert (taux is None) is (contacts == 0)
    assert taux is None or 0 <= taux <= 100
