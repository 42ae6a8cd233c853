"""Everything that is derived for one dossier, as it stands today: JSON for programs, one screen for an agent."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import PurePosixPath

from toolkit import french
from toolkit.dossier.a_savoir import a_savoir
from toolkit.dossier.faits import Prestation
from toolkit.dossier.fiche import Fiche
from toolkit.dossier.montants import couverts
from toolkit.dossier.niveaux import POUR
from toolkit.errors import has_error
from toolkit.french import typography
from toolkit.tree.layout import DossierFolder
from toolkit.tree.settings import Settings
from toolkit.walk.case import read_case
from toolkit.walk.decide import Action
from toolkit.walk.means import Means
from toolkit.walk.options import Options
from toolkit.walk.plan import Plan, plan_dossier
from toolkit.walk.report import DossierReport, problem_as_json, problem_as_text

_ETATS = {
    Action.CREER: "a_creer",
    Action.REMPLACER: "a_remplacer",
    Action.CONSERVER: "a_jour",
    Action.ARCHIVER: "a_archiver",
    Action.ATTENDRE: "en_attente",
}


_MOYENS = {
    "virement": "par virement",
    "cheque": "par chèque",
    "carte": "par carte",
    "especes": "en espèces",
    "cheques_vacances": "en chèques-vacances",
    "mandat_administratif": "par mandat administratif",
}


@dataclass(frozen=True, slots=True)
class FicheView:
    """One dossier looked at, or why its file cannot be read (promesses.md §5)."""

    plan: Plan

    @property
    def report(self) -> DossierReport:
        """As ``generer --simuler`` tells it."""
        return self.plan.case.as_report(self.plan.steps, self.plan.problems)

    @property
    def exit_status(self) -> int:
        if self.plan.case.fiche is None or has_error(self.plan.problems):
            return 1
        return 4 if self.plan.refus else 0

    def as_json(self) -> dict[str, object]:
        fiche, report = self.plan.case.fiche, self.report
        if fiche is None:
            return {"chemin": report.chemin, "problemes": [problem_as_json(one) for one in report.problemes]}
        return _fiche_as_json(fiche, report)

    def as_text(self) -> str:
        fiche, report = self.plan.case.fiche, self.report
        if fiche is None:
            return "\n".join(problem_as_text(one) for one in report.problemes)
        return _fiche_as_text(fiche, report)


def look_at_dossier(settings: Settings, folder: DossierFolder, options: Options) -> FicheView:
    """Read, check and plan one dossier; writes nothing."""
    means = Means(settings, replace(options, simulate=True))
    case = read_case(folder, settings, options.aujourd_hui, means.references)
    return FicheView(plan_dossier(case, means))


def _version_of(fichier: str) -> int:
    """The number in ``Contrat X v2.docx``; 1 when there is none."""
    match = re.search(r" v(\d+)(?= |$)", PurePosixPath(fichier).stem)
    return int(match[1]) if match else 1


def _iso(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _money(value: object) -> str | None:
    return None if value is None else str(value)


def _montants_as_json(fiche: Fiche) -> dict[str, object]:
    amounts, compte = fiche.montants, fiche.compte
    margin = amounts.marge if compte.is_vente else None
    return {
        "prix_par_personne": _money(amounts.prix_par_personne),
        "frais": _money(amounts.frais),
        "total": _money(amounts.total),
        "acompte": _money(amounts.acompte),
        "du": _money(compte.du),
        "encaisse": _money(compte.encaisse),
        "solde": _money(compte.solde),
        "a_rembourser": _money(compte.a_rembourser),
        "rembourser_le": _iso(compte.rembourser_le),
        "achats": _money(amounts.achats if compte.is_vente else None),
        "marge": _money(margin and margin.montant),
        "tva_marge": _money(margin and margin.tva),
        "marge_ht": _money(margin and margin.ht),
        "report_marge": _money(margin and margin.report),
        "tva": [
            {
                "libelle": one.libelle,
                "taux": str(one.taux),
                "ttc": str(one.ttc),
                "ht": str(one.ht),
                "tva": str(one.montant),
            }
            for one in amounts.tva
        ],
    }


def _prestation_as_json(fiche: Fiche, prestation: Prestation) -> dict[str, object]:
    bon = fiche.bon_echange(prestation)
    return {
        "id": prestation.id,
        "limite_menu": _iso(fiche.limite_menu(prestation)),
        "couverts": couverts(fiche.en_vigueur) if prestation.is_restauration else None,
        "mention": fiche.mention_effectif(prestation),
        "bon_echange_version": bon.version if bon else 1,
    }


def _fiche_as_json(fiche: Fiche, report: DossierReport) -> dict[str, object]:
    """Amounts are strings with two decimals, dates ISO."""
    dossier, limites = fiche.dossier, fiche.limites
    return {
        "chemin": report.chemin,
        "reference": dossier.reference,
        "typologie": fiche.cadre.typologie,
        "statut": fiche.cadre.statut,
        "etat": fiche.etat,
        "client": dossier.client.nom,
        "sejour": {"debut": _iso(fiche.en_vigueur.debut), "fin": _iso(fiche.en_vigueur.fin)},
        "effectif": {"participants": fiche.en_vigueur.participants, "chauffeurs": fiche.en_vigueur.chauffeurs},
        "montants": _montants_as_json(fiche),
        "limites": {
            "recontact": _iso(limites.recontact),
            "recontact_ouvre": _iso(limites.recontact_ouvre),
            "option": _iso(limites.option),
            "modification": _iso(limites.modification),
            "satisfaction": _iso(limites.satisfaction),
        },
        "prestations": [_prestation_as_json(fiche, prestation) for prestation in fiche.en_vigueur.prestations],
        "avenants": [
            {"numero": one.avenant.numero, "recevable": one.is_recevable, "en_vigueur": one.is_en_vigueur}
            for one in fiche.modifications
        ],
        "reclamations": [
            {
                "recue_le": _iso(one.recue_le),
                "limite": _iso(fiche.limite_reclamation(one.recue_le)) if one.recue_le else None,
            }
            for one in dossier.reclamations
        ],
        "echeances": [
            {"code": one.code, "libelle": one.libelle, "limite": _iso(one.limite), "etat": one.urgence}
            for one in fiche.echeances
        ],
        "documents": [
            {
                "fichier": step.fichier,
                "version": _version_of(step.fichier),
                "etat": _ETATS[step.action],
                "raison": step.raison,
            }
            for step in report.etapes
        ],
        "a_savoir": [{"libelle": libelle, "texte": texte} for libelle, texte in a_savoir(dossier)],
        "problemes": [problem_as_json(problem) for problem in report.problemes],
    }


def _montants_as_text(fiche: Fiche) -> Iterator[tuple[str, Decimal | None]]:
    """Those of the booking in force; of one that ended, only what it still moves."""
    amounts, compte = fiche.montants, fiche.compte
    if compte.is_vente:
        yield "prix par personne", amounts.prix_par_personne
        yield "frais", amounts.frais
        yield "total TTC", amounts.total
        yield "acompte", amounts.acompte
    else:
        yield "dû : frais retenus (seule marge)", compte.du
    yield "encaissé", compte.encaisse
    for mode, paid in fiche.encaisse_par_moyen.items():
        yield f"  dont {_MOYENS[mode]}", paid
    if compte.a_rembourser:
        yield "à rembourser", compte.a_rembourser
    else:
        yield "solde", compte.solde
    if not compte.is_vente:
        return
    yield "achats (interne)", amounts.achats
    if amounts.marge:
        yield "marge TTC (interne)", amounts.marge.montant
        yield "TVA sur marge (interne)", amounts.marge.tva
        yield "marge HT (interne)", amounts.marge.ht
    for one in amounts.tva:
        yield f"TVA {one.libelle.lower()} à {french.pourcentage(one.taux)}", one.montant


def _fiche_as_text(fiche: Fiche, report: DossierReport) -> str:
    dossier, limites = fiche.dossier, fiche.limites
    valeurs = fiche.en_vigueur
    lines = [
        f"{dossier.reference or 'Sans référence'} – {dossier.client.nom or 'client à compléter'}",
        f"  {dossier.intitule or ''}",
        f"  {report.chemin}",
        "",
        f"État : {fiche.libelle_etat}",
    ]
    if valeurs.debut:
        lines.append(f"Séjour : {french.periode(valeurs.debut, valeurs.fin or valeurs.debut)}")
    if valeurs.participants is not None:
        source = f"avenant n° {valeurs.avenant}" if valeurs.avenant else "contrat"
        people = french.pluriel(valeurs.participants, "participant")
        if valeurs.chauffeurs:
            people += f" + {french.pluriel(valeurs.chauffeurs, 'chauffeur')}"
        lines.append(f"Effectif : {people} (valeurs en vigueur : {source})")
    lines += ["", "Montants"]
    lines += [
        f"  {label:<32} {french.euros(value) if value is not None else 'à compléter':>14}"
        for label, value in _montants_as_text(fiche)
    ]
    if fiche.compte.rembourser_le:
        lines.append(f"  à rembourser au plus tard le {french.date_longue(fiche.compte.rembourser_le)}")
    lines += ["", "Limites"]
    if limites.recontact and not dossier.demande.recontact_le:
        lines.append(f"  recontacter le client avant le {french.date_heure(limites.recontact)}")
    if limites.option:
        lines.append(f"  options valables jusqu'au {french.date_longue(limites.option)}")
    if limites.modification:
        lines.append(f"  modification demandée au plus tard le {french.date_longue(limites.modification)}")
    for prestation in valeurs.prestations:
        if limit := fiche.limite_menu(prestation):
            lines.append(f"  menu de {prestation.id} transmis au plus tard le {french.date_longue(limit)}")
    if limites.satisfaction:
        lines.append(f"  questionnaire de satisfaction le {french.date_longue(limites.satisfaction)}")
    if report.etapes:
        lines += ["", "Documents"]
        lines += [f"  {step.fichier} – {step.raison}" for step in report.etapes]
    if fiche.echeances:
        lines += ["", "À faire"]
        marks = {"depassee": "en retard", "proche": "bientôt", "a_venir": ""}
        for one in fiche.echeances:
            mark = f" ({marks[one.urgence]})" if marks[one.urgence] else ""
            lines.append(f"  {french.date_courte(one.limite)}  {one.libelle}{mark}")
    niveau = fiche.niveau_suivant
    if niveau:
        lines += ["", f"Manque pour {POUR[niveau]}"]
        lines += [f"  {label}" for label in dict.fromkeys(label for _, label in fiche.manques(niveau))]
    if told := list(a_savoir(dossier)):
        lines += ["", "À savoir", *(f"  {libelle} : {texte}" for libelle, texte in told)]
    if report.problemes:
        lines += ["", "Problèmes", *(f"  {problem_as_text(problem)}" for problem in report.problemes)]
    return typography("\n".join(lines))
