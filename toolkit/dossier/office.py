"""office.toml and prestataires.toml as models: who the office is, its rates and delays, and whom it buys from."""

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
    Nombre,
    NumeroTva,
    Siret,
    Texte,
)


class Identite(Bloc):
    """What the letterhead says."""

    raison_sociale: Texte | None = Field(None, title="raison sociale de l'office")
    forme_juridique: Texte | None = Field(None, title="forme juridique de l'office")
    adresse: list[Texte] = Field([], title="adresse de l'office")
    code_postal: Texte | None = Field(None, title="code postal de l'office")
    commune: Texte | None = Field(None, title="commune de l'office")
    pays: Texte = Field("France", title="pays de l'office")
    telephone: Texte | None = Field(None, title="téléphone de l'office")
    telephone_international: Texte | None = Field(None, title="téléphone international de l'office")
    mail: Mail | None = Field(None, title="courriel de l'office")
    mail_commercial: Mail | None = Field(None, title="courriel du service commercial")
    site: Texte | None = Field(None, title="site de l'office")
    gps: Texte | None = Field(None, title="coordonnées GPS de l'office")
    siret: Siret | None = Field(None, title="SIRET de l'office")
    tva_intracommunautaire: NumeroTva | None = Field(None, title="numéro de TVA de l'office")
    code_ape: Texte | None = Field(None, title="code APE de l'office")
    logo: Texte | None = Field(None, title="logo de l'office")


class GarantieFinanciere(Bloc):
    """The guarantor of the clients' money (L.211-18)."""

    garant: Texte | None = Field(None, title="garant financier")
    adresse: Texte | None = Field(None, title="adresse du garant")
    telephone: Texte | None = Field(None, title="téléphone du garant")
    mail: Mail | None = Field(None, title="courriel du garant")
    valable_jusqu_au: Jour | None = Field(None, title="fin de validité de la garantie financière")


class Rcp(Bloc):
    """The liability insurance (L.211-18)."""

    assureur: Texte | None = Field(None, title="assureur")
    adresse: Texte | None = Field(None, title="adresse de l'assureur")
    police: Texte | None = Field(None, title="police d'assurance")
    valable_jusqu_au: Jour | None = Field(None, title="fin de validité de l'assurance")


class Mediation(Bloc):
    """The consumer mediator (C. conso L.612-1)."""

    nom: Texte | None = Field(None, title="médiateur")
    adresse: Texte | None = Field(None, title="adresse du médiateur")
    site: Texte | None = Field(None, title="site du médiateur")


class MentionsLegales(Bloc):
    """What R.211-2 wants on contracts and letters alike."""

    immatriculation: Immatriculation | None = Field(None, title="numéro d'immatriculation")
    registre: Texte | None = Field(None, title="registre d'immatriculation")
    garantie_financiere: GarantieFinanciere = Field(GarantieFinanciere(), title="garantie financière")
    rcp: Rcp = Field(Rcp(), title="assurance responsabilité civile")
    mediation: Mediation = Field(Mediation(), title="médiation")


class Banque(Bloc):
    """The office's account."""

    titulaire: Texte | None = Field(None, title="titulaire du compte")
    iban: Iban | None = Field(None, title="IBAN")
    bic: Bic | None = Field(None, title="BIC")
    fichier_rib: Texte | None = Field(None, title="fichier du RIB")


class Frais(Bloc):
    """Fees in euros TTC (procedure.txt §3 and « Modifications »)."""

    creation_dossier: Euros = Field(Decimal("30.00"), title="frais de création de dossier")
    modifications_gratuites: Entier = Field(1, title="modifications gratuites")
    modification: Euros = Field(Decimal("15.00"), title="frais de modification")
    tva_frais: Nombre = Field(Decimal("20.0"), title="taux de TVA des frais")
    inclus_dans_marge: Logique = Field(True, title="frais compris dans la marge")


class Acompte(Bloc):
    """The deposit (procedure.txt §4)."""

    taux: Nombre = Field(Decimal(30), title="taux de l'acompte")
    base: Literal["total_ttc", "prestations"] = Field("total_ttc", title="base de l'acompte")
    qualification: Texte = Field("acompte", title="nom de la somme versée d'avance")
    sans_acompte_si: list[Texte] = Field(["mandat_administratif"], title="modes de paiement sans acompte")


class Delais(Bloc):
    """Delays, the unit in the name. The defaults are the procedure's, or the usage proposed beside it."""

    recontact_heures: Delai = Field(48, title="délai de recontact")
    option_mois: Delai = Field(1, title="durée des options")
    option_reponse_jours_ouvres: Delai = Field(3, title="délai de réponse du prestataire")
    relance_devis_jours: Delai = Field(7, title="première relance")
    relance_devis_2_jours: Delai = Field(15, title="seconde relance")
    menu_jours: Delai = Field(15, title="délai du menu")
    modification_jours_francs: Delai = Field(14, title="délai de modification")
    francs_report_week_end: Literal["aucun", "avancer"] = Field("aucun", title="report des jours francs")
    signature_direction_jours_ouvres: Delai = Field(3, title="délai de signature de la direction")
    preuve_virement_jours: Delai = Field(7, title="délai de la preuve de virement")
    carnet_jours_avant: Delai = Field(21, title="envoi du carnet avant le séjour")
    relance_signature_jours: Delai = Field(10, title="relance du contrat")
    satisfaction_jours_ouvres: Delai = Field(1, title="envoi du questionnaire")
    factures_relance_jours: Delai = Field(30, title="relance des factures")
    factures_validation_jours: Delai = Field(15, title="validation des factures")
    solde_jours: Delai = Field(30, title="règlement du solde après le séjour")
    chorus_jours_ouvres: Delai = Field(5, title="dépôt sur Chorus Pro")
    reclamation_jours_ouvrables: Delai = Field(3, title="traitement des réclamations")
    purge_sans_suite_ans: Delai = Field(3, title="conservation des dossiers sans suite")
    archivage_contrat_ans: Delai = Field(10, title="archivage des contrats")


class TauxTva(Bloc):
    """VAT rates in per cent, kept as data (regles.md §2.2)."""

    taux_normal: Nombre = Field(Decimal("20.0"), title="taux normal")
    taux_intermediaire: Nombre = Field(Decimal("10.0"), title="taux intermédiaire")
    taux_reduit: Nombre = Field(Decimal("5.5"), title="taux réduit")
    mention_marge: Texte = Field("Régime particulier - Agences de voyages", title="mention du régime de la marge")


class Questionnaires(Bloc):
    """The two satisfaction questionnaires (procedure.txt §8)."""

    groupe: Texte | None = Field(None, title="questionnaire groupes")
    individuel: Texte | None = Field(None, title="questionnaire individuels")
    groupe_pdf: Texte | None = Field(None, title="questionnaire groupes en PDF")
    individuel_pdf: Texte | None = Field(None, title="questionnaire individuels en PDF")


class Conditions(Bloc):
    """The general and particular conditions, and the annexes."""

    cgv_fichier: Texte | None = Field(None, title="fichier des CGV")
    cgv_version: Texte | None = Field(None, title="version des CGV")
    cpv_fichier: Texte | None = Field(None, title="fichier des CPV")
    cpv_version: Texte | None = Field(None, title="version des CPV")
    article_modification: Texte = Field("11", title="article sur les modifications")
    formulaire_forfait: Texte | None = Field(None, title="formulaire d'information forfait")
    formulaire_service: Texte | None = Field(None, title="formulaire d'information service")
    plan_ville: Texte | None = Field(None, title="plan de la ville")


class Agent(Bloc):
    """A colleague."""

    id: Texte = Field(title="identifiant de l'agent")
    civilite: Texte | None = Field(None, title="civilité de l'agent")
    prenom: Texte | None = Field(None, title="prénom de l'agent")
    nom: Texte | None = Field(None, title="nom de l'agent")
    fonction: Texte | None = Field(None, title="fonction de l'agent")
    role: Literal["charge_clientele", "accueil", "chef_service", "comptabilite", "direction"] | None = Field(
        None, title="rôle de l'agent"
    )
    telephone: Texte | None = Field(None, title="téléphone de l'agent")
    mail: Mail | None = Field(None, title="courriel de l'agent")
    suppleant: Texte | None = Field(None, title="suppléant de l'agent")

    @property
    def nom_complet(self) -> str:
        return " ".join(filter(None, (self.prenom, self.nom)))


class Signataire(Bloc):
    """Someone who signs for the office, and what (A11: the list is data)."""

    id: Texte = Field(title="identifiant du signataire")
    civilite: Texte | None = Field(None, title="civilité du signataire")
    prenom: Texte | None = Field(None, title="prénom du signataire")
    nom: Texte | None = Field(None, title="nom du signataire")
    qualite: Texte | None = Field(None, title="qualité du signataire")
    signe: list[Literal["contrat", "avenant", "bon_echange"]] = Field([], title="documents signés")
    signature_image: Texte | None = Field(None, title="image de la signature")

    @property
    def nom_complet(self) -> str:
        return " ".join(filter(None, (self.civilite, self.prenom, self.nom)))


class ListesDiffusion(Bloc):
    """Where the internal mails go."""

    accueil: list[Mail] = Field([], title="liste de l'accueil")
    comptabilite: list[Mail] = Field([], title="liste de la comptabilité")


class NomsTypologies(Bloc):
    """Folder names of the first level."""

    groupe: Texte = Field("Groupe", title="dossier des groupes")
    individuel: Texte = Field("Individuel", title="dossier des individuels")


class NomsEtats(Bloc):
    """Folder names of the last level (procedure.txt §5)."""

    en_cours: Texte = Field("Dossier en cours", title="dossier « en cours »")
    traite: Texte = Field("Dossier traité", title="dossier « traité »")
    annule: Texte = Field("Dossier annulé ou sans suite", title="dossier « annulé ou sans suite »")


class Arborescence(Bloc):
    """How the tree is written; reading is tolerant (``tree.layout``)."""

    vu_des_postes: Texte | None = Field(None, title="racine vue des postes")
    typologies: NomsTypologies = Field(NomsTypologies(), title="noms des typologies")
    mois: Texte = Field("{mois:02d} - {nom_mois}", title="nom des mois")
    etats: NomsEtats = Field(NomsEtats(), title="noms des états")
    nom_dossier: Texte = Field("{date} {nom_client} {effectif}p", title="nom des dossiers")
    longueur_chemin_max: Entier = Field(240, title="longueur maximale des chemins")


class ColonnesRecap(Bloc):
    """Headings of a recap that the office had before the toolkit, where they differ from ours."""

    date: Texte | None = Field(None, title="colonne de la date")
    arrivee: Texte | None = Field(None, title="colonne de l'arrivée")
    client: Texte | None = Field(None, title="colonne du client")
    responsable: Texte | None = Field(None, title="colonne du responsable sur place")
    telephone: Texte | None = Field(None, title="colonne du téléphone")
    personnes: Texte | None = Field(None, title="colonne de l'effectif")
    chauffeurs: Texte | None = Field(None, title="colonne des chauffeurs")
    enfants: Texte | None = Field(None, title="colonne des enfants")
    hebergement: Texte | None = Field(None, title="colonne de l'hébergement")
    programme: Texte | None = Field(None, title="colonne du programme")
    repas: Texte | None = Field(None, title="colonne des repas")
    langue: Texte | None = Field(None, title="colonne de la langue et de la mobilité")
    reglement: Texte | None = Field(None, title="colonne du règlement")
    bons_echange: Texte | None = Field(None, title="colonne des bons d'échange")
    suivi: Texte | None = Field(None, title="colonne du dossier et de son suivi")
    modifications: Texte | None = Field(None, title="colonne des modifications")


class ReglagesRecap(Bloc):
    """The two monthly workbooks (procedure.txt §7)."""

    groupe: Texte = Field("Récap groupes par mois.xlsx", title="récapitulatif des groupes")
    individuel: Texte = Field("Récap individuel par mois.xlsx", title="récapitulatif des individuels")
    inclure: Literal["finalises", "confirmes", "tous"] = Field("finalises", title="dossiers inscrits")
    marquer_modifications: Logique = Field(True, title="marquer les modifications")
    colonnes: ColonnesRecap = Field(ColonnesRecap(), title="colonnes du récapitulatif")


class Office(Bloc):
    """The whole of an office.toml."""

    version_schema: Literal[1] = Field(1, title="version du format")
    jour_de_demonstration: Jour | None = Field(None, title="jour de démonstration")
    """Stands for today in the example tree, whose dates are told by a fixed day."""
    identite: Identite = Field(Identite(), title="identité de l'office")
    mentions_legales: MentionsLegales = Field(MentionsLegales(), title="mentions légales")
    banque: Banque = Field(Banque(), title="banque")
    frais: Frais = Field(Frais(), title="frais")
    acompte: Acompte = Field(Acompte(), title="acompte")
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
        return next((agent for agent in self.agents if agent.id == id), None)

    def signataire(self, id: str | None) -> Signataire | None:
        return next((signataire for signataire in self.signataires if signataire.id == id), None)

    def nom_recap(self, typologie: Typologie) -> str:
        return self.recap.groupe if typologie is Typologie.GROUPE else self.recap.individuel

    def nom_typologie(self, typologie: Typologie) -> str:
        noms = self.arborescence.typologies
        return noms.groupe if typologie is Typologie.GROUPE else noms.individuel

    def nom_statut(self, statut: Statut) -> str:
        noms = self.arborescence.etats
        return {Statut.EN_COURS: noms.en_cours, Statut.TRAITE: noms.traite, Statut.ANNULE: noms.annule}[statut]


_GRATUITES = re.compile(r"(\d+)\D+pour\s+(\d+)")


class Convention(Bloc):
    """The written agreement with a supplier (engagements-qualite.txt)."""

    reference: Texte | None = Field(None, title="référence de la convention")
    signee_le: Jour | None = Field(None, title="date de la convention")
    debut: Jour | None = Field(None, title="début de la convention")
    fin: Jour | None = Field(None, title="fin de la convention")
    repas_chauffeur_gratuit: Logique = Field(False, title="repas du chauffeur gratuit")
    chauffeurs_gratuits_max: Entier | None = Field(None, title="nombre maximum de repas de chauffeur gratuits")
    menu_delai_jours: Entier | None = Field(None, title="délai du menu")
    gratuites: Texte | None = Field(None, title="gratuités accordées")
    annulation: Texte | None = Field(None, title="conditions d'annulation")
    commission_pourcent: Nombre | None = Field(None, title="commission")
    mode_paiement: Texte | None = Field(None, title="mode de paiement")
    delai_paiement_jours: Entier | None = Field(None, title="délai de paiement")

    def chauffeurs_gratuits(self, chauffeurs: int) -> int:
        """How many drivers eat free (procedure.txt §5)."""
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

    code: Texte = Field(title="code du menu")
    intitule: Texte | None = Field(None, title="nom du menu")
    prix_achat: Euros | None = Field(None, title="prix d'achat du menu")
    entrees: list[Texte] = Field([], title="entrées")
    plats: list[Texte] = Field([], title="plats")
    desserts: list[Texte] = Field([], title="desserts")
    boissons: Texte | None = Field(None, title="boissons")


class TvaPrestataire(Bloc):
    """A supplier's VAT; rate in per cent."""

    assujetti: Logique | None = Field(None, title="assujetti à la TVA")
    taux: Nombre | None = Field(None, title="taux de TVA du prestataire")


class Portefeuille(Bloc):
    """Who keeps in touch with a supplier (portefeuilles-prestataires.txt)."""

    referent: Texte | None = Field(None, title="référent du prestataire")


class Appel(Bloc):
    """A call to a supplier."""

    date: Jour | None = Field(None, title="date de l'appel")
    par: Texte | None = Field(None, title="auteur de l'appel")
    objet: Texte | None = Field(None, title="objet de l'appel")
    resume: Texte | None = Field(None, title="résumé de l'appel")


class Prestataire(Bloc):
    """Someone the office buys services from."""

    id: Texte = Field(title="identifiant du prestataire")
    nom: Texte | None = Field(None, title="nom du prestataire")
    metier: Literal["guide", "restaurant", "musee", "activite", "hebergement", "transport", "autre"] | None = Field(
        None, title="métier du prestataire"
    )
    siret: Siret | None = Field(None, title="SIRET du prestataire")
    adresse: list[Texte] = Field([], title="adresse du prestataire")
    code_postal: Texte | None = Field(None, title="code postal du prestataire")
    commune: Texte | None = Field(None, title="commune du prestataire")
    contact: Texte | None = Field(None, title="contact du prestataire")
    telephone: Texte | None = Field(None, title="téléphone du prestataire")
    mail: Mail | None = Field(None, title="courriel du prestataire")
    langues: list[Texte] = Field([], title="langues parlées")
    groupe_max: Entier | None = Field(None, title="taille maximale d'un groupe")
    capacite: Entier | None = Field(None, title="capacité")
    jours_fermes: list[Texte] = Field([], title="jours de fermeture")
    accessibilite: Texte | None = Field(None, title="accessibilité")
    classement: Texte | None = Field(None, title="classement")
    taxe_sejour: Literal["reglee_sur_place", "incluse"] | None = Field(None, title="taxe de séjour")
    solution_repli: Texte | None = Field(None, title="solution de repli")
    actif: Logique = Field(True, title="prestataire actif")
    verifie_le: Jour | None = Field(None, title="date de vérification")
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
        return next((prestataire for prestataire in self.prestataires if prestataire.id == id), None)
