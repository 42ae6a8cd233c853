"""office.toml and prestataires.toml as models: who the office is, its rates and delays, and whom it buys from."""

import datetime
import re
from decimal import Decimal
from typing import Literal

from pydantic import Field

from toolkit.dossier.classement import Statut, Typologie
from toolkit.dossier.genres import (
    Bic,
    Bloc,
    Delai,
    Entier,
    Euros,
    Iban,
    Immatriculation,
    Jour,
    Logique,
    Mail,
    NomComplet,
    NumeroTva,
    Siret,
    Taux,
    Telephone,
    Texte,
)


class Identite(Bloc):
    """What the letterhead says."""

    raison_sociale: Texte | None = Field(
        None, title="raison sociale de l'office", examples=["Office de Tourisme Dieppe-Maritime (exemple)"]
    )
    forme_juridique: Texte | None = Field(
        None,
        title="forme juridique de l'office",
        examples=["Établissement public à caractère industriel et commercial (EPIC)"],
    )
    adresse: list[Texte] = Field([], title="adresse de l'office", examples=[["1 quai de l'Exemple"]])
    code_postal: Texte | None = Field(None, title="code postal de l'office", examples=["76200"])
    commune: Texte | None = Field(None, title="commune de l'office", examples=["Dieppe"])
    pays: Texte = Field("France", title="pays de l'office")
    telephone: Telephone | None = Field(None, title="téléphone de l'office", examples=["02 35 00 00 01"])
    telephone_international: Texte | None = Field(
        None, title="téléphone international de l'office", examples=["+33 2 35 00 00 01"]
    )
    mail: Mail | None = Field(None, title="courriel de l'office")
    mail_commercial: Mail | None = Field(
        None, title="courriel du service commercial", examples=["groupes@office.example.org"]
    )
    site: Texte | None = Field(None, title="site de l'office", examples=["https://office.example.org"])
    gps: Texte | None = Field(None, title="coordonnées GPS de l'office", examples=["49.925000, 1.080000"])
    siret: Siret | None = Field(None, title="SIRET de l'office")
    tva_intracommunautaire: NumeroTva | None = Field(None, title="numéro de TVA de l'office")
    code_ape: Texte | None = Field(None, title="code APE de l'office", examples=["79.90Z"])
    logo: Texte | None = Field(None, title="logo de l'office", examples=["modeles/images/logo.png"])


class GarantieFinanciere(Bloc):
    """The guarantor of the clients' money (L.211-18)."""

    garant: Texte | None = Field(None, title="garant financier", examples=["Garant Fictif SA"])
    adresse: Texte | None = Field(None, title="adresse du garant", examples=["2 rue de l'Exemple, 75000 Paris"])
    telephone: Telephone | None = Field(None, title="téléphone du garant", examples=["02 35 00 00 02"])
    mail: Mail | None = Field(None, title="courriel du garant", examples=["sinistres@garant.example.org"])
    valable_jusqu_au: Jour | None = Field(
        None, title="fin de validité de la garantie financière", examples=[datetime.date(2027, 12, 31)]
    )


class Rcp(Bloc):
    """The liability insurance (L.211-18)."""

    assureur: Texte | None = Field(None, title="assureur", examples=["Assurances Imaginaires"])
    adresse: Texte | None = Field(None, title="adresse de l'assureur", examples=["3 rue de l'Exemple, 76000 Rouen"])
    police: Texte | None = Field(None, title="police d'assurance", examples=["RCP-000000"])
    valable_jusqu_au: Jour | None = Field(
        None, title="fin de validité de l'assurance", examples=[datetime.date(2027, 12, 31)]
    )


class Mediation(Bloc):
    """The consumer mediator (C. conso L.612-1)."""

    nom: Texte | None = Field(None, title="médiateur", examples=["Médiateur de la consommation (à compléter)"])
    adresse: Texte | None = Field(None, title="adresse du médiateur", examples=["BP 00000, 75000 Paris"])
    site: Texte | None = Field(None, title="site du médiateur", examples=["https://mediateur.example.org"])


class MentionsLegales(Bloc):
    """What R.211-2 wants on contracts and letters alike."""

    immatriculation: Immatriculation | None = Field(None, title="numéro d'immatriculation")
    registre: Texte | None = Field(
        None,
        title="registre d'immatriculation",
        examples=["Registre des opérateurs de voyages et de séjours tenu par Atout France"],
    )
    garantie_financiere: GarantieFinanciere = Field(GarantieFinanciere(), title="garantie financière")
    rcp: Rcp = Field(Rcp(), title="assurance responsabilité civile")
    mediation: Mediation = Field(Mediation(), title="médiation")


class Banque(Bloc):
    """The office's account."""

    titulaire: Texte | None = Field(None, title="titulaire du compte", examples=["OT Dieppe-Maritime (exemple)"])
    iban: Iban | None = Field(None, title="IBAN")
    bic: Bic | None = Field(None, title="BIC")
    fichier_rib: Texte | None = Field(None, title="fichier du RIB", examples=["modeles/annexes/RIB.pdf"])


class Frais(Bloc):
    """Fees in euros TTC (regles.md §7.3, regles.md §7.9)."""

    creation_dossier: Euros = Field(Decimal("30.00"), title="frais de création de dossier")
    modifications_gratuites: Entier = Field(1, title="modifications gratuites")
    modification: Euros = Field(Decimal("15.00"), title="frais de modification")
    tva_frais: Taux = Field(Decimal("20.0"), title="taux de TVA des frais")
    inclus_dans_marge: Logique = Field(True, title="frais compris dans la marge")


class Acompte(Bloc):
    """The deposit (regles.md §7.4)."""

    taux: Taux = Field(Decimal(30), title="taux de l'acompte")
    base: Literal["total_ttc", "prestations"] = Field("total_ttc", title="base de l'acompte")
    qualification: Texte = Field("acompte", title="nom de la somme versée d'avance")
    recu_a_partir_de: Taux = Field(Decimal(100), title="part de l'acompte qui suffit")
    sans_acompte_si: list[Texte] = Field(
        ["mandat_administratif"], title="modes de paiement sans acompte", examples=[["mandat_administratif"]]
    )


class Factures(Bloc):
    """The suppliers' invoices (regles.md §7.6)."""

    validation_ciril: Logique = Field(True, title="factures validées dans Ciril avant la clôture")


class Delais(Bloc):
    """Delays, the unit in the name. The defaults are the procedure's, or the usage proposed beside it."""

    recontact_heures: Delai = Field(48, title="délai de recontact")
    option_mois: Delai = Field(1, title="durée des options")
    option_reponse_jours_ouvres: Delai = Field(3, title="délai de réponse du prestataire")
    proposition_jours_ouvres: Delai = Field(5, title="envoi de la proposition")
    relance_devis_jours: Delai = Field(7, title="première relance")
    relance_devis_2_jours: Delai = Field(15, title="seconde relance")
    menu_jours: Delai = Field(15, title="délai du menu")
    modification_jours_francs: Delai = Field(14, title="délai de modification")
    francs_report_week_end: Literal["aucun", "avancer"] = Field("aucun", title="report des jours francs")
    signature_direction_jours_ouvres: Delai = Field(3, title="délai de signature de la direction")
    preuve_virement_jours: Delai = Field(7, title="délai de la preuve de virement")
    carnet_jours_avant: Delai = Field(21, title="envoi du carnet avant le séjour")
    contrat_jours_ouvres: Delai = Field(3, title="envoi du contrat")
    relance_signature_jours: Delai = Field(10, title="relance du contrat")
    satisfaction_jours_ouvres: Delai = Field(1, title="envoi du questionnaire")
    factures_relance_jours: Delai = Field(30, title="relance des factures")
    factures_validation_jours: Delai = Field(15, title="validation des factures")
    solde_jours: Delai = Field(30, title="règlement du solde après le séjour")
    remboursement_jours: Delai = Field(14, title="remboursement du client")
    chorus_jours_ouvres: Delai = Field(5, title="dépôt sur Chorus Pro")
    reclamation_jours_ouvrables: Delai = Field(3, title="traitement des réclamations")
    purge_sans_suite_ans: Delai = Field(3, title="conservation des dossiers sans suite")
    archivage_contrat_ans: Delai = Field(10, title="archivage des contrats")


class TauxTva(Bloc):
    """VAT rates in per cent, kept as data (regles.md §2.2)."""

    taux_normal: Taux = Field(Decimal("20.0"), title="taux normal")
    taux_intermediaire: Taux = Field(Decimal("10.0"), title="taux intermédiaire")
    taux_reduit: Taux = Field(Decimal("5.5"), title="taux réduit")
    marge_a_la_journee: Logique = Field(False, title="marge admise sans transport ni hébergement")
    mention_marge: Texte = Field("Régime particulier - Agences de voyages", title="mention du régime de la marge")


class Questionnaires(Bloc):
    """The two satisfaction questionnaires (regles.md §7.8)."""

    groupe: Texte | None = Field(
        None, title="questionnaire groupes", examples=["https://formulaires.example.org/satisfaction-groupes"]
    )
    individuel: Texte | None = Field(
        None, title="questionnaire individuels", examples=["https://formulaires.example.org/satisfaction-individuels"]
    )
    groupe_pdf: Texte | None = Field(
        None, title="questionnaire groupes en PDF", examples=["modeles/annexes/questionnaire-groupes.pdf"]
    )
    individuel_pdf: Texte | None = Field(
        None, title="questionnaire individuels en PDF", examples=["modeles/annexes/questionnaire-individuels.pdf"]
    )


class Conditions(Bloc):
    """The general and particular conditions, and the annexes."""

    cgv_fichier: Texte | None = Field(None, title="fichier des CGV", examples=["modeles/annexes/CGV-2027.pdf"])
    cgv_version: Texte | None = Field(None, title="version des CGV", examples=["2027-01"])
    cpv_fichier: Texte | None = Field(None, title="fichier des CPV", examples=["modeles/annexes/CPV-2027.pdf"])
    cpv_version: Texte | None = Field(None, title="version des CPV", examples=["2027-01"])
    article_modification: Texte = Field("11", title="article sur les modifications")
    formulaire_forfait: Texte | None = Field(
        None, title="formulaire d'information forfait", examples=["modeles/annexes/formulaire-information-forfait.pdf"]
    )
    formulaire_service: Texte | None = Field(
        None, title="formulaire d'information service", examples=["modeles/annexes/formulaire-information-service.pdf"]
    )
    plan_ville: Texte | None = Field(None, title="plan de la ville", examples=["modeles/annexes/plan-dieppe.pdf"])


class Agent(Bloc):
    """A colleague."""

    id: Texte = Field(title="identifiant de l'agent", examples=["chargee-1"])
    civilite: Texte | None = Field(None, title="civilité de l'agent", examples=["Mme"])
    prenom: Texte | None = Field(None, title="prénom de l'agent", examples=["Ambre"])
    nom: Texte | None = Field(None, title="nom de l'agent", examples=["Fictive"])
    fonction: Texte | None = Field(None, title="fonction de l'agent", examples=["Chargée de clientèle"])
    role: Literal["charge_clientele", "accueil", "chef_service", "comptabilite", "direction"] | None = Field(
        None, title="rôle de l'agent"
    )
    telephone: Telephone | None = Field(None, title="téléphone de l'agent")
    mail: Mail | None = Field(None, title="courriel de l'agent", examples=["ambre.fictive@office.example.org"])
    suppleant: Texte | None = Field(None, title="suppléant de l'agent", examples=["chargee-2"])

    @property
    def nom_complet(self) -> NomComplet:
        """« Ambre Fictive », without a title; empty when nothing is told."""
        return " ".join(filter(None, (self.prenom, self.nom)))


class Signataire(Bloc):
    """Someone who signs for the office, and what (regles.md §1.2, A11)."""

    id: Texte = Field(title="identifiant du signataire", examples=["directeur"])
    civilite: Texte | None = Field(None, title="civilité du signataire", examples=["M."])
    prenom: Texte | None = Field(None, title="prénom du signataire", examples=["Elie"])
    nom: Texte | None = Field(None, title="nom du signataire", examples=["Romanesque"])
    qualite: Texte | None = Field(None, title="qualité du signataire", examples=["Directeur"])
    signe: list[Literal["contrat", "avenant", "bon_echange"]] = Field(
        [], title="documents signés", examples=[["contrat", "avenant"]]
    )
    signature_image: Texte | None = Field(None, title="image de la signature", examples=["images/signature.png"])

    @property
    def nom_complet(self) -> NomComplet:
        """« M. Elie Romanesque », of what is told; empty when nothing is."""
        return " ".join(filter(None, (self.civilite, self.prenom, self.nom)))


class ListesDiffusion(Bloc):
    """Where the internal mails go."""

    accueil: list[Mail] = Field([], title="liste de l'accueil", examples=[["accueil@office.example.org"]])
    comptabilite: list[Mail] = Field([], title="liste de la comptabilité", examples=[["compta@office.example.org"]])


class NomsTypologies(Bloc):
    """Folder names of the first level."""

    groupe: Texte = Field("Groupe", title="dossier des groupes")
    individuel: Texte = Field("Individuel", title="dossier des individuels")


class NomsEtats(Bloc):
    """Folder names of the last level (regles.md §7.5)."""

    en_cours: Texte = Field("Dossier en cours", title="dossier « en cours »")
    traite: Texte = Field("Dossier traité", title="dossier « traité »")
    annule: Texte = Field("Dossier annulé ou sans suite", title="dossier « annulé ou sans suite »")


class Arborescence(Bloc):
    """How the tree is written; reading is tolerant (``tree.layout``)."""

    vu_des_postes: Texte | None = Field(
        None,
        title="racine vue des postes",
        examples=["L:\\Serveur Office de Tourisme Dieppe Maritime\\Promo Com\\Commercialisation\\Gestion de clientèle"],
    )
    typologies: NomsTypologies = Field(NomsTypologies(), title="noms des typologies")
    mois: Texte = Field("{mois:02d} - {nom_mois}", title="nom des mois")
    etats: NomsEtats = Field(NomsEtats(), title="noms des états")
    nom_dossier: Texte = Field("{date} {nom_client} {effectif}p", title="nom des dossiers")
    longueur_chemin_max: Entier = Field(240, title="longueur maximale des chemins")


class ColonnesRecap(Bloc):
    """Headings of a recap that the office had before the toolkit, where they differ from ours."""

    date: Texte | None = Field(None, title="colonne de la date", examples=["Date"])
    arrivee: Texte | None = Field(None, title="colonne de l'arrivée", examples=["Arrivée"])
    client: Texte | None = Field(None, title="colonne du client", examples=["Client"])
    responsable: Texte | None = Field(None, title="colonne du responsable sur place", examples=["Responsable"])
    telephone: Texte | None = Field(None, title="colonne du téléphone", examples=["Tél."])
    personnes: Texte | None = Field(None, title="colonne de l'effectif", examples=["Pers."])
    chauffeurs: Texte | None = Field(None, title="colonne des chauffeurs", examples=["Ch."])
    enfants: Texte | None = Field(None, title="colonne des enfants", examples=["Enfants"])
    hebergement: Texte | None = Field(None, title="colonne de l'hébergement", examples=["Hébergement"])
    programme: Texte | None = Field(None, title="colonne du programme", examples=["Programme"])
    repas: Texte | None = Field(None, title="colonne des repas", examples=["Repas"])
    langue: Texte | None = Field(None, title="colonne de la langue et de la mobilité", examples=["Langue"])
    reglement: Texte | None = Field(None, title="colonne du règlement", examples=["Règlement"])
    bons_echange: Texte | None = Field(None, title="colonne des bons d'échange", examples=["BE"])
    suivi: Texte | None = Field(None, title="colonne du dossier et de son suivi", examples=["Suivi"])
    modifications: Texte | None = Field(None, title="colonne des modifications", examples=["Modifications"])


class ReglagesRecap(Bloc):
    """The two monthly workbooks (regles.md §7.7)."""

    groupe: Texte = Field("Récap groupes par mois.xlsx", title="récapitulatif des groupes")
    individuel: Texte = Field("Récap individuel par mois.xlsx", title="récapitulatif des individuels")
    inclure: Literal["finalises", "confirmes", "tous"] = Field("finalises", title="dossiers inscrits")
    marquer_modifications: Logique = Field(True, title="marquer les modifications")
    colonnes: ColonnesRecap = Field(ColonnesRecap(), title="colonnes du récapitulatif")


class Office(Bloc):
    """The whole of an office.toml."""

    version_schema: Literal[1] = Field(1, title="version du format")
    jour_de_demonstration: Jour | None = Field(
        None, title="jour de démonstration", examples=[datetime.date(2027, 6, 4)]
    )
    """Stands for today in the example tree, whose dates are told by a fixed day."""
    identite: Identite = Field(Identite(), title="identité de l'office")
    mentions_legales: MentionsLegales = Field(MentionsLegales(), title="mentions légales")
    banque: Banque = Field(Banque(), title="banque")
    frais: Frais = Field(Frais(), title="frais")
    acompte: Acompte = Field(Acompte(), title="acompte")
    factures: Factures = Field(Factures(), title="factures des prestataires")
    delais: Delais = Field(Delais(), title="délais")
    tva: TauxTva = Field(TauxTva(), title="TVA")
    questionnaires: Questionnaires = Field(Questionnaires(), title="questionnaires")
    conditions: Conditions = Field(Conditions(), title="conditions de vente")
    agents: list[Agent] = Field([], title="agents")
    signataires: list[Signataire] = Field([], title="signataires")
    listes_diffusion: ListesDiffusion = Field(ListesDiffusion(), title="listes de diffusion")
    arborescence: Arborescence = Field(Arborescence(), title="arborescence")
    recap: ReglagesRecap = Field(ReglagesRecap(), title="récapitulatif")

    def agent(self, id: str | None) -> Agent | None:
        """The colleague with that id; None when nobody has it."""
        return next((agent for agent in self.agents if agent.id == id), None)

    def signataire(self, id: str | None) -> Signataire | None:
        """The one with that id, whatever they may sign; None when nobody has it."""
        return next((signataire for signataire in self.signataires if signataire.id == id), None)

    def nom_recap(self, typologie: Typologie) -> str:
        """File name of the workbook, the same every year (regles.md §4.1)."""
        return self.recap.groupe if typologie is Typologie.GROUPE else self.recap.individuel

    def nom_typologie(self, typologie: Typologie) -> str:
        """Folder name at the top of the tree, as it is written (regles.md §3.7)."""
        noms = self.arborescence.typologies
        return noms.groupe if typologie is Typologie.GROUPE else noms.individuel

    def nom_statut(self, statut: Statut) -> str:
        """Folder name around the dossiers, as it is written (regles.md §7.5)."""
        noms = self.arborescence.etats
        return {Statut.EN_COURS: noms.en_cours, Statut.TRAITE: noms.traite, Statut.ANNULE: noms.annule}[statut]


_GRATUITES = re.compile(r"(\d+)\D+pour\s+(\d+)")


class Convention(Bloc):
    """The written agreement with a supplier (regles.md §1.1)."""

    reference: Texte | None = Field(None, title="référence de la convention", examples=["CONV-2026-03"])
    signee_le: Jour | None = Field(None, title="date de la convention", examples=[datetime.date(2026, 11, 3)])
    debut: Jour | None = Field(None, title="début de la convention", examples=[datetime.date(2027, 1, 1)])
    fin: Jour | None = Field(None, title="fin de la convention", examples=[datetime.date(2027, 12, 31)])
    repas_chauffeur_gratuit: Logique = Field(False, title="repas du chauffeur gratuit")
    chauffeurs_gratuits_max: Entier | None = Field(
        None, title="nombre maximum de repas de chauffeur gratuits", examples=[2]
    )
    nuits_chauffeur_payantes: Logique = Field(False, title="nuits des chauffeurs facturées")
    menu_delai_jours: Entier | None = Field(None, title="délai du menu", examples=[15])
    gratuites: Texte | None = Field(None, title="gratuités accordées", examples=["1 accompagnateur pour 20 payants"])
    annulation: Texte | None = Field(
        None, title="conditions d'annulation", examples=["Sans frais jusqu'à 7 jours ; 50 % ensuite"]
    )
    commission_pourcent: Taux | None = Field(None, title="commission")
    mode_paiement: Texte | None = Field(None, title="mode de paiement", examples=["virement"])
    delai_paiement_jours: Entier | None = Field(None, title="délai de paiement", examples=[30])

    def chauffeurs_gratuits(self, chauffeurs: int) -> int:
        """How many drivers eat free (regles.md §7.5)."""
        if not self.repas_chauffeur_gratuit:
            return 0
        if self.chauffeurs_gratuits_max is None:
            return chauffeurs
        return min(chauffeurs, self.chauffeurs_gratuits_max)

    def gratuites_accordees(self, participants: int) -> int:
        """Free places for so many payers, read from a wording such as « 1 accompagnateur pour 20 payants ».

        Any other wording grants nothing here: a cost counted once too often is seen, one forgotten is not.
        """
        match = _GRATUITES.search(self.gratuites or "")
        if not match or int(match[2]) == 0:
            return 0
        return participants // int(match[2]) * int(match[1])


class MenuPropose(Bloc):
    """A menu of a restaurant's convention; buying price in euros TTC."""

    code: Texte = Field(title="code du menu", examples=["MAREE"])
    intitule: Texte | None = Field(None, title="nom du menu", examples=["Menu Marée"])
    prix_achat: Euros | None = Field(None, title="prix d'achat du menu")
    entrees: list[Texte] = Field([], title="entrées", examples=[["Terrine de maquereau", "Velouté de saison"]])
    plats: list[Texte] = Field(
        [], title="plats", examples=[["Marmite du pêcheur", "Volaille vallée d'Auge", "Assiette végétarienne"]]
    )
    desserts: list[Texte] = Field([], title="desserts", examples=[["Tarte aux pommes", "Faisselle"]])
    boissons: Texte | None = Field(None, title="boissons", examples=["1/4 de vin, eau, café"])


class TvaPrestataire(Bloc):
    """A supplier's VAT; rate in per cent."""

    assujetti: Logique | None = Field(None, title="assujetti à la TVA")
    taux: Taux | None = Field(None, title="taux de TVA du prestataire", examples=[Decimal("10.0")])


class Portefeuille(Bloc):
    """Who keeps in touch with a supplier (regles.md §1.1)."""

    referent: Texte | None = Field(None, title="référent du prestataire", examples=["chargee-1"])


class Appel(Bloc):
    """A call to a supplier."""

    date: Jour | None = Field(None, title="date de l'appel", examples=[datetime.date(2027, 5, 11)])
    par: Texte | None = Field(None, title="auteur de l'appel", examples=["chargee-1"])
    objet: Texte | None = Field(None, title="objet de l'appel", examples=["Avant-saison"])
    resume: Texte | None = Field(None, title="résumé de l'appel", examples=["Ouverture le lundi à partir de juin."])


class Prestataire(Bloc):
    """Someone the office buys services from."""

    id: Texte = Field(title="identifiant du prestataire", examples=["guide-1"])
    nom: Texte | None = Field(
        None, title="nom du prestataire", examples=["Hélène Fabulette, guide-conférencière (fictif)"]
    )
    metier: Literal["guide", "restaurant", "musee", "activite", "hebergement", "transport", "autre"] | None = Field(
        None, title="métier du prestataire"
    )
    siret: Siret | None = Field(None, title="SIRET du prestataire", examples=["99999991500013"])
    adresse: list[Texte] = Field([], title="adresse du prestataire", examples=[["4 impasse de l'Exemple"]])
    code_postal: Texte | None = Field(None, title="code postal du prestataire", examples=["76200"])
    commune: Texte | None = Field(None, title="commune du prestataire", examples=["Dieppe"])
    contact: Texte | None = Field(None, title="contact du prestataire", examples=["Mme Hélène Fabulette"])
    telephone: Telephone | None = Field(None, title="téléphone du prestataire", examples=["02 35 00 00 21"])
    mail: Mail | None = Field(None, title="courriel du prestataire", examples=["guide@prestataire.example.org"])
    langues: list[Texte] = Field([], title="langues parlées", examples=[["fr", "en"]])
    groupe_max: Entier | None = Field(None, title="taille maximale d'un groupe", examples=[25])
    capacite: Entier | None = Field(None, title="capacité", examples=[80])
    jours_fermes: list[Texte] = Field([], title="jours de fermeture", examples=[["mardi"]])
    accessibilite: Texte | None = Field(None, title="accessibilité", examples=["Rampes ; étage sans ascenseur"])
    classement: Texte | None = Field(None, title="classement", examples=["3 étoiles"])
    taxe_sejour: Literal["reglee_sur_place", "incluse"] | None = Field(None, title="taxe de séjour")
    solution_repli: Texte | None = Field(
        None, title="solution de repli", examples=["Visite guidée du port à pied si la mer ne permet pas la sortie"]
    )
    actif: Logique = Field(True, title="prestataire actif")
    verifie_le: Jour | None = Field(None, title="date de vérification", examples=[datetime.date(2027, 1, 5)])
    convention: Convention = Field(Convention(), title="convention")
    menus: list[MenuPropose] = Field([], title="menus")
    tva: TvaPrestataire = Field(TvaPrestataire(), title="TVA du prestataire")
    portefeuille: Portefeuille = Field(Portefeuille(), title="portefeuille")
    appels: list[Appel] = Field([], title="appels")

    @property
    def appellation(self) -> str:
        """How messages call them, whatever is written so far."""
        return self.nom or self.id


class Prestataires(Bloc):
    """The whole of a prestataires.toml."""

    version_schema: Literal[1] = Field(1, title="version du format")
    prestataires: list[Prestataire] = Field([], title="prestataires")

    def get(self, id: str | None) -> Prestataire | None:
        """The supplier with that id, active or not; None when nobody has it."""
        return next((prestataire for prestataire in self.prestataires if prestataire.id == id), None)
