"""Random dossiers worked out twice: by the core, and by someone who only read docs/regles.md."""

import random
import tomllib
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.conftest import EXEMPLES
from tests.dossier.recalcul import Recalcul
from tests.dossiers import lire, office, prestataires_exemple
from toolkit.dossier.cadre import Cadre
from toolkit.dossier.faits import Dossier
from toolkit.dossier.fiche import Fiche

OFFICES = (
    (EXEMPLES / "office.toml").read_text(encoding="utf-8"),
    "version_schema = 1\n[frais]\ncreation_dossier = 25.50\nmodifications_gratuites = 0\nmodification = 12.25\n"
    'inclus_dans_marge = false\n[acompte]\ntaux = 33.3\nbase = "prestations"\nrecu_a_partir_de = 80\n'
    "[delais]\nmodification_jours_francs = 7\noption_mois = 2\n[factures]\nvalidation_ciril = false\n",
)
SUPPLIERS = (EXEMPLES / "prestataires.toml").read_text(encoding="utf-8")
KNOWN = ("guide-1", "musee", "resto-pollet", "vedette")


class Dice(random.Random):
    """What an agent may have noted, by chance."""

    def maybe(self, chance: float = 0.5) -> bool:
        return self.random() < chance

    def euros(self, most: int = 9000) -> str:
        return f"{self.randint(0, most) / 100:.2f}"

    def day(self, first: date, days: int) -> date:
        return first + timedelta(days=self.randint(0, days))

    def dossier(self) -> str:
        debut = self.day(date(2027, 3, 1), 200)
        fin = debut + timedelta(days=self.choice([0, 0, 1, 3]))
        signed = self.maybe(0.8)
        lines = ['version_schema = 1\nreference = "2027-G-014"', "[demande]"]
        lines += ["recontact_le = 2027-01-12T09:00:00"] if self.maybe(0.8) else []
        lines += ["[sejour]", f"debut = {debut}", f"fin = {fin}"]
        lines += ["[effectif]", f"participants = {self.randint(1, 60)}"] if self.maybe(0.95) else ["[effectif]"]
        lines += [f"{key} = {self.randint(0, 6)}" for key in ("chauffeurs", "gratuites", "enfants") if self.maybe()]
        lines += ["[tarif]", f'regime_tva = "{self.choice(["marge", "droit_commun"])}"']
        lines += [f"prix_par_personne = {self.euros()}"] if self.maybe(0.95) else []
        for number in range(1, self.randint(1, 4)):
            lines += self.service(f"P{number}", debut, fin)
        lines += ["[devis]"]
        lines += [f"envoye_le = {self.day(date(2027, 1, 12), 30)}"] if self.maybe(0.9) else []
        lines += ["accepte_le = 2027-02-08"] if signed or self.maybe() else []
        lines += [f"{key} = 2027-02-20" for key in ("refuse_le", "sans_suite_le") if self.maybe(0.04)]
        lines += ["[contrat]"]
        chain = ("envoye_client_le", "signe_client_le", "signe_direction_le")
        lines += [f"{key} = 2027-02-1{n}" for n, key in enumerate(chain) if signed or self.maybe(0.3)]
        lines += self.payment()
        lines += ["[carnet]", *(["envoye_le = 2027-02-25"] if self.maybe() else [])]
        for number in range(1, self.randint(1, 5)):
            lines += self.avenant(number, debut)
        lines += ["[satisfaction]", *(["mail_envoye_le = 2027-09-01"] if self.maybe() else [])]
        if self.maybe(0.08):
            lines += ["[annulation]", "le = 2027-02-27", *([f"frais_retenus = {self.euros()}"] if self.maybe() else [])]
        return "\n".join(lines) + "\n"

    def service(self, id: str, debut: date, fin: date) -> list[str]:
        lines = ["[[prestations]]", f'id = "{id}"']
        lines += [f'nature = "{self.choice(["restauration", "hebergement", "visite_guidee", "billetterie"])}"']
        lines += [f'prestataire = "{self.choice(KNOWN)}"'] if self.maybe(0.9) else []
        lines += [f"date = {self.day(debut, (fin - debut).days)}"] if self.maybe(0.9) else []
        lines += ["debut = 10:00:00"]
        if self.maybe(0.8):
            mode = self.choice(["forfait", "par_personne"])
            count = f", quantite = {self.randint(1, 3)}" if self.maybe() else ""
            lines.append(f'achat = {{ mode = "{mode}", montant = {self.euros(6000)}{count} }}')
        option = ["demandee_le = 2027-01-18"] if self.maybe(0.9) else []
        option += ["confirmee_le = 2027-02-20"] if self.maybe(0.85) else []
        option += [f"prolongee_jusqu_au = {self.day(date(2027, 2, 20), 60)}"] if self.maybe(0.2) else []
        lines.append(f"option = {{ {', '.join(option)} }}")
        invoice = ['fichier = "7 Factures/a.pdf"'] if self.maybe(0.7) else []
        invoice += ["validee_ciril_le = 2027-09-02"] if self.maybe(0.7) else []
        lines.append(f"facture = {{ {', '.join(invoice)} }}")
        return lines

    def payment(self) -> list[str]:
        lines = ["[paiement]"]
        modes = ["virement", "carte", "cheques_vacances", "mandat_administratif"]
        lines += [f'mode = "{self.choice(modes)}"'] if self.maybe(0.9) else []
        lines += ["bon_commande_recu_le = 2027-02-18"] if self.maybe(0.2) else []
        for _ in range(self.randint(0, 3)):
            nature = self.choice(["acompte", "acompte", "solde", "remboursement"])
            lines += ["[[paiement.encaissements]]", f'nature = "{nature}"', f"montant = {self.euros(150_000)}"]
            lines += [f"recu_le = {self.day(date(2027, 2, 12), 90)}"] if self.maybe(0.9) else []
        return lines

    def avenant(self, number: int, debut: date) -> list[str]:
        asked = self.day(debut - timedelta(days=40), 45)
        lines = ["[[avenants]]", f"numero = {number}"]
        lines += [f'objet = "{self.choice(["effectif", "programme", "date", "menu", "autre"])}"']
        lines += ['demande_canal = "mail"'] if self.maybe(0.95) else []
        lines += [f"demande_recue_le = {asked}"] if self.maybe(0.95) else []
        lines += [f"participants = {self.randint(0, 60)}"] if self.maybe() else []
        lines += [f"{key} = {self.randint(0, 6)}" for key in ("chauffeurs", "gratuites", "enfants") if self.maybe(0.25)]
        lines += [f"prix_par_personne = {self.euros()}"] if self.maybe(0.4) else []
        lines += [f"debut = {self.day(debut, 10)}"] if self.maybe(0.2) else []
        lines += ["signe_client_le = 2027-02-20"] if self.maybe(0.8) else []
        lines += [f"signe_direction_le = {self.day(date(2027, 2, 20), 20)}"] if self.maybe(0.75) else []
        for key, chance in (("renvoye_client_le", 0.8), ("be_prestataires_le", 0.8), ("abandonne_le", 0.15)):
            lines += [f"{key} = 2027-03-12"] if self.maybe(chance) else []
        lines += ['derogation = "Accord"'] if self.maybe(0.2) else []
        lines += ['frais_offerts = "Geste"'] if self.maybe(0.2) else []
        for id in self.sample(["P1", "P2", "P3", "P9"], self.choice([0, 0, 1, 2])):
            lines += ["[[avenants.prestations]]", f'id = "{id}"']
            match self.randint(0, 3):
                case 0:
                    lines.append("retiree = true")
                case 1:
                    lines.append("debut = 11:30:00")
                case 2:
                    lines.append(f'prestataire = "{self.choice(KNOWN)}"')
                case _:
                    lines.append(f'achat = {{ mode = "forfait", montant = {self.euros()} }}')
        return lines


def plain(text: str | None) -> str | None:
    return text and text.replace("\N{NO-BREAK SPACE}", " ")


def compare(seed: int) -> None:
    dice = Dice(seed)
    text, settings = dice.dossier(), dice.choice(OFFICES)
    today = dice.day(date(2027, 2, 1), 260)
    facts, theirs = (tomllib.loads(one, parse_float=Decimal) for one in (text, settings))
    other = Recalcul(facts, theirs, tomllib.loads(SUPPLIERS, parse_float=Decimal), today)
    ours = Fiche(lire(text, Dossier), Cadre(today, office(settings), prestataires_exemple()))

    for values, again in ((ours.contrat, other.contract), (ours.en_vigueur, other.current)):
        amounts = ours.montants_pour(values)
        for key in ("participants", "enfants", "chauffeurs", "gratuites", "debut", "fin"):
            assert getattr(values, key) == again[key], key
        assert amounts.total == other.total(again)
        assert amounts.frais == other.fees(again)
        assert amounts.achats == other.purchases(again)
        margin = amounts.marge and (amounts.marge.montant, amounts.marge.tva, amounts.marge.ht)
        assert margin == other.margin(again)
        for one, same in zip(values.prestations, again["services"], strict=True):
            assert one.date == same.get("date") and one.prestataire == same.get("prestataire")
    assert [one.is_recevable for one in ours.modifications] == [other.asked[n][0] for n in range(len(other.asked))]
    assert ours.montants.acompte == other.deposit()
    assert ours.limites.option == other.option_limit()
    assert ours.limites.modification == other.jours_francs(other.current["services"], other.current["debut"])
    assert ours.etat == other.state()
    assert (ours.compte.encaisse, ours.compte.du) == (other.paid(), other.due())
    if "2027-02-27" not in text:
        for prestation, same in zip(ours.en_vigueur.prestations, other.current["services"], strict=True):
            assert plain(ours.mention_effectif(prestation)) == other.mention(same, other.current)
    vouchers = {(bon.id, bon.prestataire_id): (bon.version, bon.is_annulation) for bon in ours.bons_echange}
    assert vouchers == other.versions()


@pytest.mark.parametrize("seeds", [range(0, 60)], ids=["60 dossiers"])
def test_the_core_and_the_rules_say_the_same(seeds: range) -> None:
    for seed in seeds:
        compare(seed)


@pytest.mark.slow
def test_the_core_and_the_rules_say_the_same_of_five_hundred_more() -> None:
    for seed in range(1000, 1500):
        compare(seed)
