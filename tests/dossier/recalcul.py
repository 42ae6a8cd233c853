"""Dates, money, state and vouchers of a dossier worked out a second time, from docs/regles.md and the bare TOML alone.

Nothing of the toolkit is imported: what both say alike was understood alike. Amounts in euros TTC, as Decimal.
"""

import calendar
import re
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Faits = dict[str, Any]
CENT = Decimal("0.01")
_STAY = ("participants", "enfants", "chauffeurs", "gratuites", "debut", "fin", "heure_arrivee", "heure_depart")


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def dec(value: object) -> Decimal:
    return Decimal(str(value))


class Recalcul:
    """Everything that the rules derive from a dossier, by hand and without the toolkit."""

    def __init__(self, dossier: Faits, office: Faits, prestataires: Faits, today: date) -> None:
        self.d, self.office, self.today = dossier, office, today
        self.suppliers = {one["id"]: one for one in prestataires["prestataires"]}
        self.contract = self._contract()
        self.made: list[tuple[Faits, Faits, Faits]] = []
        """Avenants in force, each with the values before and after it, in the order of their signatures."""
        self.asked: dict[int, tuple[bool, Faits]] = {}
        """By position: whether it is admissible, and the values that it sets or would set."""
        self._go_through_avenants()
        self.current = self.made[-1][2] if self.made else self.contract

    # --- (regles.md §3.4) ---------------------------------------------------------------------------------------------

    def _contract(self) -> Faits:
        people, stay = self.d.get("effectif", {}), self.d.get("sejour", {})
        return {
            "participants": people.get("participants"),
            "enfants": people.get("enfants", 0),
            "chauffeurs": people.get("chauffeurs", 0),
            "gratuites": people.get("gratuites", 0),
            "prix_par_personne": self.d.get("tarif", {}).get("prix_par_personne"),
            "debut": stay.get("debut"),
            "fin": stay.get("fin", stay.get("debut")),
            "heure_arrivee": stay.get("heure_arrivee"),
            "heure_depart": stay.get("heure_depart"),
            "services": [dict(one) for one in self.d.get("prestations", [])],
            "rank": 0,
            "offered": 0,
        }

    def _go_through_avenants(self) -> None:
        avenants = list(enumerate(self.d.get("avenants", [])))
        signed = [one for one in avenants if "signe_direction_le" in one[1]]
        signed.sort(key=lambda one: (one[1]["signe_direction_le"], one[0]))
        values = self.contract
        for index, avenant in [*signed, *(one for one in avenants if one not in signed)]:
            admissible = self._is_admissible(avenant, values)
            after = self._after(avenant, values) if admissible else values
            in_force = admissible and "signe_direction_le" in avenant
            if "abandonne_le" in avenant and not in_force:
                after = values
            self.asked[index] = (admissible, after)
            if in_force:
                self.made.append((avenant, values, after))
                values = after

    def _is_admissible(self, avenant: Faits, values: Faits) -> bool:
        if "demande_canal" not in avenant or "demande_recue_le" not in avenant:
            return False
        limit = self.limit_of(avenant, values)
        return bool(avenant.get("derogation")) or limit is None or avenant["demande_recue_le"] <= limit

    def limit_of(self, avenant: Faits, values: Faits) -> date | None:
        services = values["services"]
        if avenant.get("objet") in ("programme", "menu"):
            after = self._after(avenant, values)
            touched = [
                one for one in services if one.get("id") in {c.get("id") for c in avenant.get("prestations", [])}
            ]
            if touched and all(after[key] == values[key] for key in _STAY if key != "enfants"):
                services = touched
        return self.jours_francs(services, values["debut"])

    def jours_francs(self, services: list[Faits], debut: date | None) -> date | None:
        first = min((one["date"] for one in services if "date" in one), default=debut)
        days = self.office.get("delais", {}).get("modification_jours_francs", 14)
        return None if first is None else first - timedelta(days=days + 1)

    def _after(self, avenant: Faits, values: Faits) -> Faits:
        new = dict(values)
        for key in ("participants", "enfants", "chauffeurs", "gratuites", "prix_par_personne"):
            new[key] = avenant.get(key, values[key])
        new["debut"] = avenant.get("debut", values["debut"])
        moved = new["debut"] - values["debut"] if new["debut"] and values["debut"] else timedelta()
        new["fin"] = avenant.get("fin", values["fin"] + moved if values["fin"] else new["debut"])
        for key in ("heure_arrivee", "heure_depart"):
            new[key] = avenant.get(key, values[key])
        changes = {one["id"]: one for one in avenant.get("prestations", []) if "id" in one}
        services = []
        for service in values["services"]:
            one = dict(service)
            for key in ("date", "date_fin"):
                if key in one:
                    one[key] += moved
            change = changes.pop(one.get("id"), None)
            if change and change.get("retiree"):
                continue
            if change:
                if "prestataire" in change and change["prestataire"] != one.get("prestataire"):
                    for key in ("option", "bon_echange", "facture", "menu"):
                        one.pop(key, None)
                one |= {key: value for key, value in change.items() if key != "retiree"}
            services.append(one)
        services += [one for one in changes.values() if not one.get("retiree")]
        new["services"] = services
        new["rank"] = values["rank"] + 1
        free = self.office.get("frais", {}).get("modifications_gratuites", 1)
        new["offered"] = values["offered"] + (bool(avenant.get("frais_offerts")) and new["rank"] > free)
        return new

    # --- (regles.md §3.5) ---------------------------------------------------------------------------------------------

    def fees(self, values: Faits) -> Decimal:
        told = self.office.get("frais", {})
        paying = max(0, values["rank"] - told.get("modifications_gratuites", 1)) - values["offered"]
        return dec(told.get("creation_dossier", "30.00")) + dec(told.get("modification", "15.00")) * int(paying)

    def services_price(self, values: Faits) -> Decimal | None:
        if values["participants"] is None or values["prix_par_personne"] is None:
            return None
        return int(values["participants"]) * dec(values["prix_par_personne"])

    def total(self, values: Faits) -> Decimal | None:
        price = self.services_price(values)
        return None if price is None else price + self.fees(values)

    @property
    def is_mandat(self) -> bool:
        without = self.office.get("acompte", {}).get("sans_acompte_si", ["mandat_administratif"])
        return self.d.get("paiement", {}).get("mode") in without

    def deposit(self) -> Decimal | None:
        if self.is_mandat:
            return Decimal("0.00")
        told = self.office.get("acompte", {})
        base = self.services_price(self.contract)
        if base is None:
            return None
        if told.get("base", "total_ttc") == "total_ttc":
            base += self.fees(self.contract)
        return cents(base * dec(told.get("taux", 30)) / 100)

    def payments(self) -> list[tuple[date | None, Decimal]]:
        told = self.d.get("paiement", {}).get("encaissements", [])
        sign = {"remboursement": -1}
        return [(one.get("recu_le"), sign.get(one["nature"], 1) * dec(one["montant"])) for one in told]

    def paid(self) -> Decimal:
        return sum((amount for _, amount in self.payments()), Decimal("0.00"))

    def purchases(self, values: Faits) -> Decimal:
        return sum((self._cost(one, values) for one in values["services"]), Decimal("0.00"))

    def _cost(self, service: Faits, values: Faits) -> Decimal:
        buy = service.get("achat")
        if not buy:
            return Decimal("0.00")
        price = dec(buy["montant"]) * int(buy.get("quantite", 1))
        if buy["mode"] == "forfait":
            return price
        agreed = self.suppliers.get(service.get("prestataire"), {}).get("convention", {})
        people, free = values["participants"] or 0, values["gratuites"]
        drivers = 0
        if service.get("nature") == "restauration":
            drivers = values["chauffeurs"] - self._drivers_free(agreed, values["chauffeurs"])
        elif service.get("nature") == "hebergement" and agreed.get("nuits_chauffeur_payantes"):
            drivers = values["chauffeurs"]
        return price * int(people + max(0, free - self._granted(agreed, people)) + drivers)

    @staticmethod
    def _drivers_free(agreed: Faits, drivers: int) -> int:
        if not agreed.get("repas_chauffeur_gratuit"):
            return 0
        return min(drivers, int(agreed.get("chauffeurs_gratuits_max", drivers)))

    @staticmethod
    def _granted(agreed: Faits, people: int) -> int:
        found = re.search(r"(\d+)\D+pour\s+(\d+)", agreed.get("gratuites", ""))
        return people // int(found[2]) * int(found[1]) if found and int(found[2]) else 0

    def margin(self, values: Faits) -> tuple[Decimal, Decimal, Decimal] | None:
        """Margin TTC, its VAT, what is left."""
        total, price = self.total(values), self.services_price(values)
        if self.d.get("tarif", {}).get("regime_tva") != "marge" or total is None or price is None:
            return None
        sold = total if self.office.get("frais", {}).get("inclus_dans_marge", True) else price
        margin = sold - self.purchases(values)
        if margin <= 0:
            return margin, Decimal("0.00"), Decimal("0.00")
        rate = dec(self.office.get("tva", {}).get("taux_normal", 20))
        vat = cents(margin * rate / (100 + rate))
        return margin, vat, margin - vat

    def due(self) -> Decimal | None:
        if self.state() == "annule":
            kept = self.d["annulation"].get("frais_retenus")
            return None if kept is None else dec(kept)
        return Decimal("0.00") if self.state() == "sans_suite" else self.total(self.current)

    # --- (regles.md §6) -----------------------------------------------------------------------------------------------

    def option_limit(self) -> date | None:
        sent = self.d.get("devis", {}).get("envoye_le")
        if sent is None:
            return None
        months = sent.month - 1 + self.office.get("delais", {}).get("option_mois", 1)
        year, month = sent.year + months // 12, months % 12 + 1
        limit = date(year, month, min(sent.day, calendar.monthrange(year, month)[1]))
        services = self.d.get("prestations", [])
        longer = [one.get("option", {}).get("prolongee_jusqu_au") for one in services]
        return max(limit, min(longer)) if longer and all(longer) else limit

    def has_deposit(self) -> bool:
        told = self.d.get("paiement", {})
        if "bon_commande_recu_le" in told:
            return True
        if self.is_mandat:
            return False
        due, paid = self.deposit(), self.paid()
        if due is None:
            return paid > 0
        enough = due * dec(self.office.get("acompte", {}).get("recu_a_partir_de", 100)) / 100
        if enough == 0:
            return "mode" in told or paid > 0
        return paid >= enough

    def state(self) -> str:
        quote, contract = self.d.get("devis", {}), self.d.get("contrat", {})
        if "le" in self.d.get("annulation", {}):
            return "annule"
        limit = self.option_limit()
        if "refuse_le" in quote or ("sans_suite_le" in quote and (limit is None or limit < self.today)):
            return "sans_suite"
        services = self.current["services"]
        if "signe_client_le" in contract and "signe_direction_le" in contract:
            end = self.current["fin"]
            if end and self.today > end:
                filed = all(self._is_filed(one) for one in services if one.get("achat"))
                total = self.total(self.current)
                settled = total is not None and total - self.paid() <= 0
                asked = "mail_envoye_le" in self.d.get("satisfaction", {})
                return "traite" if filed and settled and asked else "realise"
            if self._is_under_way():
                return "avenant_en_cours"
            if not self.has_deposit():
                return "attente_acompte"
            if not services or not all("confirmee_le" in one.get("option", {}) for one in services):
                return "contrat_signe"
            return "finalise" if "envoye_le" in self.d.get("carnet", {}) else "confirme"
        for key, state in (("signe_client_le", "signature_direction"), ("envoye_client_le", "contrat_envoye")):
            if key in contract:
                return state
        for key, state in (("accepte_le", "accepte"), ("envoye_le", "propose")):
            if key in quote:
                return state
        booked = self.d.get("prestations", [])
        if booked and all("demandee_le" in one.get("option", {}) for one in booked):
            return "options_posees"
        return "etude" if "recontact_le" in self.d.get("demande", {}) else "demande"

    def _is_filed(self, service: Faits) -> bool:
        invoice = service.get("facture", {})
        wants = self.office.get("factures", {}).get("validation_ciril", True)
        return "fichier" in invoice and ("validee_ciril_le" in invoice or not wants)

    def _is_under_way(self) -> bool:
        for index, avenant in enumerate(self.d.get("avenants", [])):
            admissible, _ = self.asked[index]
            signed = "signe_direction_le" in avenant
            if not admissible or ("abandonne_le" in avenant and not signed):
                continue
            if not signed or "renvoye_client_le" not in avenant:
                return True
        return bool(self.made) and "be_prestataires_le" not in self.made[-1][0]

    # --- (regles.md §7.5, regles.md §7.10) ----------------------------------------------------------------------------

    def mention(self, service: Faits, values: Faits) -> str | None:
        if values["participants"] is None:
            return None

        def count(number: int, word: str) -> str:
            return f"{number} {word}{'s' if number > 1 else ''}"

        parts = [count(values["participants"], "participant")]
        if service.get("nature") in ("restauration", "hebergement") and values["chauffeurs"]:
            parts.append(count(values["chauffeurs"], "chauffeur"))
        if values["gratuites"]:
            agreed = self.suppliers.get(service.get("prestataire"), {}).get("convention", {})
            free = min(values["gratuites"], self._granted(agreed, values["participants"]))
            granted = f", dont {count(free, 'gratuit')} (convention)" if free else ""
            parts.append(count(values["gratuites"], "accompagnateur") + granted)
        return " + ".join(parts)

    def versions(self) -> dict[tuple[str, str], tuple[int, bool]]:
        """Of each voucher, by service and supplier: its version, and whether it cancels."""
        found: dict[tuple[str, str], tuple[int, bool]] = {}
        told: dict[tuple[str, str], Faits] = {}
        for one in self.contract["services"]:
            if "id" in one and "prestataire" in one:
                found[one["id"], one["prestataire"]] = (1, False)
                told[one["id"], one["prestataire"]] = one
        for avenant, before, after in self.made:
            now = {
                (one["id"], one["prestataire"]): one for one in after["services"] if {"id", "prestataire"} <= one.keys()
            }
            for key, (version, is_cancelled) in list(found.items()):
                if key not in now:
                    found[key] = (version + (not is_cancelled), True)
                elif is_cancelled or self._touches(avenant, told[key], now[key], before, after):
                    found[key] = (version + 1, False)
                if key in now:
                    told[key] = now[key]
            for key, one in now.items():
                if key not in found:
                    found[key], told[key] = (1, False), one
        if "le" in self.d.get("annulation", {}):
            found = {key: (version + (not cancelled), True) for key, (version, cancelled) in found.items()}
        return found

    @staticmethod
    def _touches(avenant: Faits, old: Faits, new: Faits, before: Faits, after: Faits) -> bool:
        if any(before[key] != after[key] for key in ("participants", "gratuites")):
            return True
        keys = ("libelle", "detail", "date", "date_fin", "debut", "fin", "lieu", "sous_groupes", "menu")
        if any(old.get(key) != new.get(key) for key in keys):
            return True
        if new.get("nature") in ("restauration", "hebergement") and before["chauffeurs"] != after["chauffeurs"]:
            return True
        if new.get("nature") == "restauration" and avenant.get("objet") == "menu":
            return True
        told_in_words = not avenant.get("prestations") and "debut" not in avenant
        return avenant.get("objet") in ("date", "programme") and told_in_words
