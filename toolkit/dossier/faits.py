"""dossier.toml as models: the facts an agent writes down, under the names the office uses.

Every fact is optional here, because a file grows with its booking: what a document needs is asked for by
``niveaux``. The title of a field is how a Word document names it when it is missing.
"""

import datetime
from decimal import Decimal
from typing import Literal

from pydantic import Field

from toolkit.dossier.genres import (
    Bloc,
    Entier,
    Euros,
    Heure,
    Jour,
    Logique,
    Mail,
    Moment,
    Nombre,
    NomComplet,
    Reference,
    Taux,
    Telephone,
    Texte,
)

Canal = Literal["telephone", "sur_place", "mail"]
CanalEcrit = Literal["courrier", "mail", "fax"]
Categorie = Literal["particulier", "association", "scolaire", "collectivite", "entreprise", "professionnel_tourisme"]
Nature = Literal["visite_guidee", "billetterie", "restauration", "activite", "hebergement", "transport", "autre"]
ModePaiement = Literal["virement", "cheque", "carte", "especes", "cheques_vacances", "mandat_administratif"]
RegimeTva = Literal["marge", "droit_commun"]
Envoi = Literal["welogin", "mail", "courrier"]


class Demande(Bloc):
    """How the request came in (regles.md §7.1)."""

    recue_le: Moment | None = Field(None, title="date et heure de la demande")
    canal: Canal | None = Field(None, title="canal de la demande")
    recueillie_par: Texte | None = Field(None, title="intermédiaire qui a pris la demande", examples=["accueil-1"])
    transmise_le: Moment | None = Field(
        None, title="date de transmission au chargé de clientèle", examples=[datetime.datetime(2027, 1, 11, 11, 5)]
    )
    recontact_le: Moment | None = Field(
        None, title="date du recontact", examples=[datetime.datetime(2027, 1, 12, 9, 30)]
    )
    recontact_motif: Literal["en_cours_etude", "complement"] | None = Field(
        None, title="motif du recontact", examples=["complement"]
    )
    souhaits: Texte | None = Field(
        None,
        title="activités souhaitées",
        examples=["Château, déjeuner de poisson, sortie en mer ou port, temps libre."],
    )
    budget_par_personne: Euros | None = Field(None, title="budget par personne", examples=[Decimal("62.00")])
    nuitees_souhaitees: Entier | None = Field(None, title="nuitées souhaitées", examples=[0])
    repas_souhaites: Texte | None = Field(None, title="repas souhaités", examples=["1 déjeuner"])


class Personne(Bloc):
    """Someone to write to or to call."""

    civilite: Texte | None = Field(None, title="civilité", examples=["Mme"])
    prenom: Texte | None = Field(None, title="prénom", examples=["Jeanne"])
    nom: Texte | None = Field(None, title="nom", examples=["Modèle"])
    qualite: Texte | None = Field(None, title="qualité", examples=["Présidente"])
    mail: Mail | None = Field(None, title="courriel", examples=["presidente@aines.example.org"])
    telephone: Telephone | None = Field(None, title="téléphone", examples=["02 35 00 00 32"])

    @property
    def nom_complet(self) -> NomComplet:
        """« Mme Jeanne Modèle », of what is told; empty when nothing is."""
        return " ".join(filter(None, (self.civilite, self.prenom, self.nom)))


class Rgpd(Bloc):
    """What the client was told and accepted about personal data (regles.md §2.6)."""

    information_donnee_le: Jour | None = Field(
        None, title="date de l'information RGPD", examples=[datetime.date(2027, 1, 12)]
    )
    accepte_prospection: Logique = Field(False, title="accepte la prospection")
    effacement_demande_le: Jour | None = Field(
        None, title="date de la demande d'effacement", examples=[datetime.date(2027, 9, 1)]
    )


class Client(Bloc):
    """The party to the contract."""

    nom: Texte | None = Field(None, title="nom du client", examples=["Les Aînés de Sainte-Fiction"])
    categorie: Categorie | None = Field(None, title="catégorie du client", examples=["association"])
    adresse: list[Texte] = Field([], title="adresse du client", examples=[["7 rue Inexistante", "Bâtiment B"]])
    code_postal: Texte | None = Field(None, title="code postal du client", examples=["76990"])
    commune: Texte | None = Field(None, title="commune du client", examples=["Sainte-Fiction"])
    pays: Texte = Field("France", title="pays du client")
    mail: Mail | None = Field(None, title="courriel du client", examples=["contact@aines.example.org"])
    telephone: Telephone | None = Field(None, title="téléphone du client", examples=["02 35 00 00 31"])
    contact: Personne | None = Field(None, title="signataire du contrat")
    responsable_sur_place: Personne | None = Field(
        None,
        title="responsable sur place",
        examples=[{"civilite": "M.", "prenom": "Paul", "nom": "Spécimen", "telephone": "02 35 00 00 33"}],
    )
    rgpd: Rgpd = Field(Rgpd(), title="données personnelles")


class Qualification(Bloc):
    """The strategic fields that are not facts of the booking (regles.md §2.7)."""

    departement_ou_pays: Texte | None = Field(None, title="département ou pays", examples=["76"])
    mode_reponse: Texte | None = Field(None, title="mode de réponse", examples=["mail"])
    themes: list[Texte] = Field([], title="thèmes", examples=[["patrimoine", "mer", "gastronomie"]])


class Sejour(Bloc):
    """When, where and how the clients come."""

    debut: Jour | None = Field(None, title="date d'arrivée")
    fin: Jour | None = Field(None, title="date de départ")
    date_a_confirmer: Logique = Field(False, title="date à confirmer")
    heure_arrivee: Heure | None = Field(None, title="heure d'arrivée")
    heure_depart: Heure | None = Field(None, title="heure de départ", examples=[datetime.time(17, 0)])
    lieu_accueil: Texte | None = Field(None, title="lieu d'accueil", examples=["Parking autocars du front de mer"])
    langue: Texte = Field("fr", title="langue")
    mobilite_reduite: Texte | None = Field(
        None, title="mobilité réduite", examples=["3 personnes marchent lentement ; pas de fauteuil"]
    )
    exigences_acceptees: Texte | None = Field(
        None, title="exigences particulières acceptées", examples=["Table proche de l'entrée au restaurant"]
    )
    transport: Texte | None = Field(None, title="transport", examples=["Autocar du client"])
    autocariste: Texte | None = Field(None, title="autocariste", examples=["Autocars Fictifs – 02 35 00 00 34"])


class Effectif(Bloc):
    """The headcount of the contract; avenants carry the next ones."""

    participants: Entier | None = Field(None, title="nombre de participants", examples=[42])
    enfants: Entier = Field(0, title="dont enfants")
    chauffeurs: Entier | None = Field(None, title="nombre de chauffeurs")
    gratuites: Entier = Field(0, title="gratuités")
    minimum: Entier | None = Field(None, title="nombre minimum de participants", examples=[30])


class Tarif(Bloc):
    """What the client pays, in euros TTC."""

    prix_par_personne: Euros | None = Field(None, title="prix par personne")
    prix_public_par_personne: Euros | None = Field(None, title="prix public par personne")
    regime_tva: RegimeTva | None = Field(None, title="régime de TVA")
    taux_tva: Taux | None = Field(None, title="taux de TVA", examples=[Decimal("10.0")])
    comprend: list[Texte] = Field(
        [],
        title="ce que le prix comprend",
        examples=[["Visite guidée du château-musée", "Déjeuner avec boissons", "Visite commentée du port en bateau"]],
    )
    ne_comprend_pas: list[Texte] = Field(
        [], title="ce que le prix ne comprend pas", examples=[["Transport jusqu'à Dieppe", "Dépenses personnelles"]]
    )


class Achat(Bloc):
    """What a supplier invoices, in euros TTC."""

    mode: Literal["forfait", "par_personne"] = Field(title="mode d'achat")
    montant: Euros = Field(title="prix d'achat")
    quantite: Entier = Field(1, title="quantité achetée")


class Option(Bloc):
    """The option placed with a supplier (regles.md §7.2)."""

    demandee_le: Jour | None = Field(None, title="date de la demande d'option", examples=[datetime.date(2027, 1, 18)])
    reponse: Literal["en_attente", "accordee", "refusee"] | None = Field(
        None, title="réponse du prestataire", examples=["accordee"]
    )
    reponse_le: Jour | None = Field(
        None, title="date de la réponse du prestataire", examples=[datetime.date(2027, 1, 19)]
    )
    confirmee_le: Jour | None = Field(
        None, title="date de confirmation de l'option", examples=[datetime.date(2027, 2, 18)]
    )
    prolongee_jusqu_au: Jour | None = Field(
        None, title="option prolongée jusqu'au", examples=[datetime.date(2027, 3, 22)]
    )
    liberee_le: Jour | None = Field(None, title="date de libération de l'option", examples=[datetime.date(2027, 4, 27)])


class Choix(Bloc):
    """One dish and how many of it."""

    plat: Texte = Field(title="plat", examples=["Marmite du pêcheur"])
    quantite: Entier = Field(title="quantité", examples=[29])


class Menu(Bloc):
    """The menu told to a restaurant: dishes and diets as numbers, never names (regles.md §2.6)."""

    code: Texte | None = Field(None, title="menu", examples=["MAREE"])
    transmis_le: Jour | None = Field(None, title="date de transmission du menu", examples=[datetime.date(2027, 6, 1)])
    choix: list[Choix] = Field([], title="choix des plats")
    regimes: dict[Texte, Entier] = Field(
        {}, title="régimes alimentaires", examples=[{"vegetarien": 2, "sans_gluten": 1}]
    )


class EnvoiBonEchange(Bloc):
    """The sending of a voucher to its supplier."""

    envoye_prestataire_le: Jour | None = Field(
        None, title="date d'envoi du bon d'échange", examples=[datetime.date(2027, 5, 3)]
    )


class Facture(Bloc):
    """The supplier's invoice (regles.md §7.6)."""

    recue_le: Jour | None = Field(None, title="date de réception de la facture", examples=[datetime.date(2027, 5, 28)])
    validee_ciril_le: Jour | None = Field(
        None, title="date de validation dans Ciril", examples=[datetime.date(2027, 6, 2)]
    )
    fichier: Texte | None = Field(None, title="fichier de la facture", examples=["7 Factures/2027-05-28 guide-1.pdf"])


class Prestation(Bloc):
    """One service of the programme, by one supplier."""

    id: Reference | None = Field(None, title="identifiant de la prestation")
    nature: Nature | None = Field(None, title="nature de la prestation")
    prestataire: Texte | None = Field(None, title="prestataire", examples=["guide-1"])
    libelle: Texte | None = Field(None, title="libellé de la prestation", examples=["Visite guidée du château-musée"])
    detail: Texte | None = Field(
        None, title="détail de la prestation", examples=["Deux groupes en parallèle (21 + 21), 1 h 30."]
    )
    date: Jour | None = Field(None, title="date de la prestation")
    date_fin: Jour | None = Field(None, title="date de fin de la prestation", examples=[datetime.date(2027, 7, 17)])
    debut: Heure | None = Field(None, title="heure de début de la prestation", examples=[datetime.time(10, 0)])
    fin: Heure | None = Field(None, title="heure de fin de la prestation", examples=[datetime.time(11, 30)])
    lieu: Texte | None = Field(None, title="lieu de la prestation", examples=["Cour du château"])
    sous_groupes: Entier | None = Field(None, title="nombre de sous-groupes", examples=[2])
    achat: Achat | None = Field(None, title="achat")
    option: Option = Field(Option(), title="option")
    menu: Menu | None = Field(None, title="menu")
    bon_echange: EnvoiBonEchange = Field(EnvoiBonEchange(), title="bon d'échange")
    facture: Facture = Field(Facture(), title="facture")

    @property
    def appellation(self) -> str:
        """How messages call it, whatever is written so far."""
        return self.id or self.libelle or "une prestation"

    @property
    def is_restauration(self) -> bool:
        """Drivers eat there, and a menu is chosen (regles.md §0.7)."""
        return self.nature == "restauration"

    @property
    def is_hebergement(self) -> bool:
        """Drivers sleep there."""
        return self.nature == "hebergement"

    @property
    def counts_chauffeurs(self) -> bool:
        """The supplier is told of the drivers, who are there too (regles.md §7.5)."""
        return self.is_restauration or self.is_hebergement


class Relance(Bloc):
    """One follow-up of a proposal."""

    le: Jour | None = Field(None, title="date de la relance", examples=[datetime.date(2027, 1, 29)])
    par: Literal["mail", "telephone", "sms"] | None = Field(None, title="moyen de la relance", examples=["telephone"])
    resultat: Texte | None = Field(
        None, title="résultat de la relance", examples=["En attente du bureau de l'association le 5 février."]
    )


class Devis(Bloc):
    """The proposal (regles.md §7.3)."""

    envoye_le: Jour | None = Field(None, title="date d'envoi de la proposition", examples=[datetime.date(2027, 1, 22)])
    par: Envoi | None = Field(None, title="moyen d'envoi de la proposition")
    pieces: list[Texte] = Field(
        [],
        title="pièces de la proposition",
        examples=[["devis", "programme", "menus", "cgv", "cpv", "formulaire_information"]],
    )
    cgv_version: Texte | None = Field(None, title="version des CGV", examples=["2027-01"])
    accepte_le: Jour | None = Field(None, title="date d'acceptation", examples=[datetime.date(2027, 2, 8)])
    refuse_le: Jour | None = Field(None, title="date du refus", examples=[datetime.date(2027, 5, 10)])
    refus_motif: Texte | None = Field(
        None, title="motif du refus", examples=["Sortie reportée : budget de l'équipe réduit"]
    )
    sans_suite_le: Jour | None = Field(
        None, title="date de classement sans suite", examples=[datetime.date(2027, 3, 1)]
    )
    relances: list[Relance] = Field([], title="relances")


class Contrat(Bloc):
    """The life of the contract (regles.md §7.4)."""

    envoye_client_le: Jour | None = Field(None, title="date d'envoi du contrat", examples=[datetime.date(2027, 2, 9)])
    signe_client_le: Jour | None = Field(
        None, title="date de signature du client", examples=[datetime.date(2027, 2, 17)]
    )
    signe_direction_le: Jour | None = Field(
        None, title="date de signature de la direction", examples=[datetime.date(2027, 2, 18)]
    )
    signataire: Texte | None = Field(None, title="signataire", examples=["directrice-adjointe"])
    renvoye_client_le: Jour | None = Field(
        None, title="date de renvoi au client", examples=[datetime.date(2027, 2, 18)]
    )
    forfait_touristique: Logique | None = Field(None, title="forfait touristique")
    numero_urgence: Texte | None = Field(None, title="numéro d'urgence", examples=["02 35 00 00 11"])


class Chorus(Bloc):
    """What Chorus Pro asks of a public body (regles.md §2.3)."""

    siret: Texte | None = Field(None, title="SIRET du client", examples=["99999995600017"])
    code_service: Texte | None = Field(None, title="code service", examples=["TOURISME"])
    numero_engagement: Texte | None = Field(None, title="numéro d'engagement", examples=["EJ-2027-000"])
    depose_le: Jour | None = Field(None, title="date de dépôt sur Chorus Pro", examples=[datetime.date(2027, 6, 25)])


class Encaissement(Bloc):
    """Money that came in, or went back."""

    nature: Literal["acompte", "solde", "remboursement"] = Field(title="nature de l'encaissement")
    montant: Euros = Field(title="montant encaissé", examples=[Decimal("752.40")])
    recu_le: Jour | None = Field(None, title="date de l'encaissement", examples=[datetime.date(2027, 2, 17)])
    mode: ModePaiement | None = Field(None, title="moyen de cet encaissement", examples=["cheques_vacances"])
    """None: that of the contract."""

    @property
    def montant_signe(self) -> Decimal:
        """Euros, negative for a refund."""
        return -self.montant if self.nature == "remboursement" else self.montant


class Paiement(Bloc):
    """How the client pays."""

    mode: ModePaiement | None = Field(None, title="mode de paiement")
    rib_envoye_le: Jour | None = Field(None, title="date d'envoi du RIB", examples=[datetime.date(2027, 2, 9)])
    preuve_virement_recue_le: Jour | None = Field(
        None, title="date de la preuve de virement", examples=[datetime.date(2027, 2, 16)]
    )
    bon_commande_recu_le: Jour | None = Field(
        None, title="date du bon de commande", examples=[datetime.date(2027, 4, 14)]
    )
    chorus: Chorus = Field(Chorus(), title="Chorus Pro")
    encaissements: list[Encaissement] = Field([], title="encaissements")


class Carnet(Bloc):
    """The travel booklet (regles.md §7.5)."""

    envoye_le: Jour | None = Field(None, title="date d'envoi du carnet", examples=[datetime.date(2027, 5, 3)])
    par: Envoi | None = Field(None, title="moyen d'envoi du carnet")
    papier_demande: Logique = Field(False, title="version papier demandée")
    contenu: list[Texte] = Field([], title="contenu du carnet", examples=[["bons_echange", "plan_dieppe"]])


class PrestationModifiee(Prestation):
    """What an avenant changes of one service: the facts written here replace those of the service with this id.

    An id that the programme does not have is a new service; another prestataire starts a new option, a new
    voucher and a new invoice.
    """

    retiree: Logique = Field(False, title="prestation retirée du programme")


class Avenant(Bloc):
    """One change of the contract, on written request (regles.md §7.9)."""

    numero: Entier | None = Field(None, title="numéro de l'avenant")
    objet: Literal["effectif", "programme", "date", "menu", "autre"] | None = Field(None, title="objet de l'avenant")
    demande_canal: CanalEcrit | None = Field(None, title="canal de la demande de modification")
    demande_datee_du: Jour | None = Field(
        None, title="date portée sur la demande", examples=[datetime.date(2027, 5, 10)]
    )
    demande_recue_le: Jour | None = Field(
        None, title="date de réception de la demande", examples=[datetime.date(2027, 5, 12)]
    )
    participants: Entier | None = Field(None, title="nouveau nombre de participants", examples=[38])
    enfants: Entier | None = Field(None, title="nouveau nombre d'enfants", examples=[4])
    chauffeurs: Entier | None = Field(None, title="nouveau nombre de chauffeurs")
    gratuites: Entier | None = Field(None, title="nouvelles gratuités")
    prix_par_personne: Euros | None = Field(None, title="nouveau prix par personne", examples=[Decimal("61.00")])
    debut: Jour | None = Field(None, title="nouvelle date d'arrivée", examples=[datetime.date(2027, 6, 18)])
    fin: Jour | None = Field(None, title="nouvelle date de départ", examples=[datetime.date(2027, 6, 18)])
    heure_arrivee: Heure | None = Field(None, title="nouvelle heure d'arrivée", examples=[datetime.time(10, 15)])
    heure_depart: Heure | None = Field(None, title="nouvelle heure de départ", examples=[datetime.time(17, 30)])
    prestations: list[PrestationModifiee] = Field([], title="prestations modifiées")
    detail: Texte | None = Field(
        None, title="détail de la modification", examples=["Déjeuner servi à 12 h 30 au lieu de 12 h 15"]
    )
    prestataires_consultes_le: Jour | None = Field(
        None, title="date de consultation des prestataires", examples=[datetime.date(2027, 5, 12)]
    )
    client_averti_hausse_le: Jour | None = Field(
        None, title="date où le client a été averti d'une hausse", examples=[datetime.date(2027, 5, 12)]
    )
    redige_le: Jour | None = Field(None, title="date de rédaction", examples=[datetime.date(2027, 5, 13)])
    envoye_client_le: Jour | None = Field(None, title="date d'envoi au client", examples=[datetime.date(2027, 5, 13)])
    signe_client_le: Jour | None = Field(
        None, title="date de signature du client", examples=[datetime.date(2027, 5, 18)]
    )
    signe_direction_le: Jour | None = Field(
        None, title="date de signature de la direction", examples=[datetime.date(2027, 5, 20)]
    )
    signataire: Texte | None = Field(None, title="signataire", examples=["directeur"])
    renvoye_client_le: Jour | None = Field(
        None, title="date de renvoi au client", examples=[datetime.date(2027, 5, 20)]
    )
    be_prestataires_le: Jour | None = Field(
        None, title="date d'envoi des nouveaux bons d'échange", examples=[datetime.date(2027, 5, 20)]
    )
    derogation: Texte | None = Field(
        None, title="motif de la dérogation au délai", examples=["Accord de tous les prestataires reçu le jour même"]
    )
    frais_offerts: Texte | None = Field(None, title="motif des frais offerts", examples=["Erreur de l'office"])
    abandonne_le: Jour | None = Field(None, title="date d'abandon", examples=[datetime.date(2027, 5, 21)])


class Satisfaction(Bloc):
    """The questionnaire after the stay (regles.md §7.8)."""

    mail_envoye_le: Jour | None = Field(
        None, title="date d'envoi du questionnaire", examples=[datetime.date(2027, 5, 21)]
    )
    support: Literal["en_ligne", "pdf", "papier"] | None = Field(
        None, title="support du questionnaire", examples=["pdf"]
    )
    reponse_recue_le: Jour | None = Field(None, title="date de la réponse", examples=[datetime.date(2027, 5, 27)])
    note_globale: Nombre | None = Field(None, title="note sur 5", examples=[Decimal("4.0")])


class Reclamation(Bloc):
    """A complaint (regles.md §1.1)."""

    recue_le: Jour | None = Field(None, title="date de la réclamation", examples=[datetime.date(2027, 5, 24)])
    objet: Texte | None = Field(None, title="objet de la réclamation", examples=["Attente à l'entrée du musée"])
    traitee_le: Jour | None = Field(None, title="date de traitement", examples=[datetime.date(2027, 5, 26)])


class Annulation(Bloc):
    """The end before the stay."""

    le: Jour | None = Field(None, title="date d'annulation", examples=[datetime.date(2027, 4, 26)])
    par: Literal["client", "office", "force_majeure"] | None = Field(None, title="auteur de l'annulation")
    motif: Texte | None = Field(None, title="motif de l'annulation", examples=["Trop peu d'inscrits"])
    frais_retenus: Euros | None = Field(None, title="frais retenus", examples=[Decimal("150.00")])


class Note(Bloc):
    """A free remark of an agent."""

    le: Jour | None = Field(None, title="date de la note", examples=[datetime.date(2027, 5, 12)])
    par: Texte | None = Field(None, title="auteur de la note", examples=["chargee-1"])
    texte: Texte | None = Field(
        None, title="note", examples=["Courrier du 10 mai : passage à 38 personnes. Avenant à rédiger."]
    )


class Dossier(Bloc):
    """One client's booking: the whole of a dossier.toml."""

    version_schema: Literal[1] = Field(1, title="version du format")
    reference: Reference | None = Field(None, title="référence du dossier", examples=["2027-G-014"])
    reference_welogin: Texte | None = Field(None, title="référence We Login", examples=["WL-000000"])
    intitule: Texte | None = Field(None, title="intitulé du séjour", examples=["Journée « Dieppe, château et port »"])
    agent: Texte | None = Field(None, title="chargé de clientèle", examples=["chargee-1"])
    suppleant: Texte | None = Field(None, title="suppléant", examples=["chargee-2"])
    cree_le: Jour | None = Field(None, title="date de création", examples=[datetime.date(2027, 1, 12)])
    demande: Demande = Field(Demande(), title="demande")
    client: Client = Field(Client(), title="client")
    qualification: Qualification = Field(Qualification(), title="qualification")
    sejour: Sejour = Field(Sejour(), title="séjour")
    effectif: Effectif = Field(Effectif(), title="effectif")
    tarif: Tarif = Field(Tarif(), title="prix de vente")
    prestations: list[Prestation] = Field([], title="prestations")
    devis: Devis = Field(Devis(), title="proposition")
    contrat: Contrat = Field(Contrat(), title="contrat")
    paiement: Paiement = Field(Paiement(), title="paiement")
    carnet: Carnet = Field(Carnet(), title="carnet de voyage")
    avenants: list[Avenant] = Field([], title="avenants")
    satisfaction: Satisfaction = Field(Satisfaction(), title="satisfaction")
    reclamations: list[Reclamation] = Field([], title="réclamations")
    annulation: Annulation = Field(Annulation(), title="annulation")
    notes: list[Note] = Field([], title="notes")

    @property
    def fin(self) -> "Jour | None":
        """Last day of the stay: a day trip may leave it out."""
        return self.sejour.fin or self.sejour.debut
