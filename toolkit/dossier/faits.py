"""dossier.toml as models: the facts an agent writes down, under the names the office uses.

Every fact is optional here, because a file grows with its booking: what a document needs is asked for by
``niveaux``. The title of a field is how a Word document names it when it is missing.
"""

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
    Reference,
    Texte,
)

Canal = Literal["telephone", "sur_place", "mail"]
CanalEcrit = Literal["courrier", "mail", "fax"]
Categorie = Literal["particulier", "association", "scolaire", "collectivite", "entreprise", "professionnel_tourisme"]
Nature = Literal["visite_guidee", "billetterie", "restauration", "activite", "hebergement", "transport", "autre"]
ModePaiement = Literal["virement", "cheque", "carte", "especes", "mandat_administratif"]
RegimeTva = Literal["marge", "droit_commun"]
Envoi = Literal["welogin", "mail", "courrier"]


class Demande(Bloc):
    """How the request came in (procedure.txt §1)."""

    recue_le: Moment | None = Field(None, title="date et heure de la demande")
    canal: Canal | None = Field(None, title="canal de la demande")
    recueillie_par: Texte | None = Field(None, title="intermédiaire qui a pris la demande")
    transmise_le: Moment | None = Field(None, title="date de transmission au chargé de clientèle")
    recontact_le: Moment | None = Field(None, title="date du recontact")
    recontact_motif: Literal["en_cours_etude", "complement"] | None = Field(None, title="motif du recontact")
    souhaits: Texte | None = Field(None, title="activités souhaitées")
    budget_par_personne: Euros | None = Field(None, title="budget par personne")
    nuitees_souhaitees: Entier | None = Field(None, title="nuitées souhaitées")
    repas_souhaites: Texte | None = Field(None, title="repas souhaités")


class Personne(Bloc):
    """Someone to write to or to call."""

    civilite: Texte | None = Field(None, title="civilité")
    prenom: Texte | None = Field(None, title="prénom")
    nom: Texte | None = Field(None, title="nom")
    qualite: Texte | None = Field(None, title="qualité")
    mail: Mail | None = Field(None, title="courriel")
    telephone: Texte | None = Field(None, title="téléphone")

    @property
    def nom_complet(self) -> str:
        return " ".join(filter(None, (self.civilite, self.prenom, self.nom)))


class Rgpd(Bloc):
    """What the client was told and accepted about personal data (regles.md §2.6)."""

    information_donnee_le: Jour | None = Field(None, title="date de l'information RGPD")
    accepte_prospection: Logique = Field(False, title="accepte la prospection")
    effacement_demande_le: Jour | None = Field(None, title="date de la demande d'effacement")


class Client(Bloc):
    """The party to the contract."""

    nom: Texte | None = Field(None, title="nom du client")
    categorie: Categorie | None = Field(None, title="catégorie du client")
    adresse: list[Texte] = Field([], title="adresse du client")
    code_postal: Texte | None = Field(None, title="code postal du client")
    commune: Texte | None = Field(None, title="commune du client")
    pays: Texte = Field("France", title="pays du client")
    mail: Mail | None = Field(None, title="courriel du client")
    telephone: Texte | None = Field(None, title="téléphone du client")
    contact: Personne | None = Field(None, title="signataire du contrat")
    responsable_sur_place: Personne | None = Field(None, title="responsable sur place")
    rgpd: Rgpd = Field(Rgpd(), title="données personnelles")


class Qualification(Bloc):
    """The strategic fields that are not facts of the booking (relation-client-mutualisee.txt)."""

    departement_ou_pays: Texte | None = Field(None, title="département ou pays")
    mode_reponse: Texte | None = Field(None, title="mode de réponse")
    themes: list[Texte] = Field([], title="thèmes")


class Sejour(Bloc):
    """When, where and how the clients come."""

    debut: Jour | None = Field(None, title="date d'arrivée")
    fin: Jour | None = Field(None, title="date de départ")
    date_a_confirmer: Logique = Field(False, title="date à confirmer")
    heure_arrivee: Heure | None = Field(None, title="heure d'arrivée")
    heure_depart: Heure | None = Field(None, title="heure de départ")
    lieu_accueil: Texte | None = Field(None, title="lieu d'accueil")
    langue: Texte = Field("fr", title="langue")
    mobilite_reduite: Texte | None = Field(None, title="mobilité réduite")
    exigences_acceptees: Texte | None = Field(None, title="exigences particulières acceptées")
    transport: Texte | None = Field(None, title="transport")
    autocariste: Texte | None = Field(None, title="autocariste")


class Effectif(Bloc):
    """The headcount of the contract; avenants carry the next ones."""

    participants: Entier | None = Field(None, title="nombre de participants")
    enfants: Entier = Field(0, title="dont enfants")
    chauffeurs: Entier | None = Field(None, title="nombre de chauffeurs")
    gratuites: Entier = Field(0, title="gratuités")
    minimum: Entier | None = Field(None, title="nombre minimum de participants")


class Tarif(Bloc):
    """What the client pays, in euros TTC."""

    prix_par_personne: Euros | None = Field(None, title="prix par personne")
    prix_public_par_personne: Euros | None = Field(None, title="prix public par personne")
    regime_tva: RegimeTva | None = Field(None, title="régime de TVA")
    taux_tva: Nombre | None = Field(None, title="taux de TVA")
    comprend: list[Texte] = Field([], title="ce que le prix comprend")
    ne_comprend_pas: list[Texte] = Field([], title="ce que le prix ne comprend pas")


class Achat(Bloc):
    """What a supplier invoices, in euros TTC."""

    mode: Literal["forfait", "par_personne"] = Field(title="mode d'achat")
    montant: Euros = Field(title="prix d'achat")
    quantite: Entier = Field(1, title="quantité achetée")


class Option(Bloc):
    """The option placed with a supplier (procedure.txt §2)."""

    demandee_le: Jour | None = Field(None, title="date de la demande d'option")
    reponse: Literal["en_attente", "accordee", "refusee"] | None = Field(None, title="réponse du prestataire")
    reponse_le: Jour | None = Field(None, title="date de la réponse du prestataire")
    confirmee_le: Jour | None = Field(None, title="date de confirmation de l'option")
    prolongee_jusqu_au: Jour | None = Field(None, title="option prolongée jusqu'au")
    liberee_le: Jour | None = Field(None, title="date de libération de l'option")


class Choix(Bloc):
    """One dish and how many of it."""

    plat: Texte = Field(title="plat")
    quantite: Entier = Field(title="quantité")


class Menu(Bloc):
    """The menu told to a restaurant: dishes and diets as numbers, never names (regles.md §2.6)."""

    code: Texte | None = Field(None, title="menu")
    transmis_le: Jour | None = Field(None, title="date de transmission du menu")
    choix: list[Choix] = Field([], title="choix des plats")
    regimes: dict[str, Entier] = Field({}, title="régimes alimentaires")


class EnvoiBonEchange(Bloc):
    """The sending of a voucher to its supplier."""

    envoye_prestataire_le: Jour | None = Field(None, title="date d'envoi du bon d'échange")


class Facture(Bloc):
    """The supplier's invoice (procedure.txt §6)."""

    recue_le: Jour | None = Field(None, title="date de réception de la facture")
    validee_ciril_le: Jour | None = Field(None, title="date de validation dans Ciril")
    fichier: Texte | None = Field(None, title="fichier de la facture")


class Prestation(Bloc):
    """One service of the programme, by one supplier."""

    id: Reference | None = Field(None, title="identifiant de la prestation")
    nature: Nature | None = Field(None, title="nature de la prestation")
    prestataire: Texte | None = Field(None, title="prestataire")
    libelle: Texte | None = Field(None, title="libellé de la prestation")
    detail: Texte | None = Field(None, title="détail de la prestation")
    date: Jour | None = Field(None, title="date de la prestation")
    date_fin: Jour | None = Field(None, title="date de fin de la prestation")
    debut: Heure | None = Field(None, title="heure de début de la prestation")
    fin: Heure | None = Field(None, title="heure de fin de la prestation")
    lieu: Texte | None = Field(None, title="lieu de la prestation")
    sous_groupes: Entier | None = Field(None, title="nombre de sous-groupes")
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
        return self.nature == "restauration"


class Relance(Bloc):
    """One follow-up of a proposal."""

    le: Jour | None = Field(None, title="date de la relance")
    par: Literal["mail", "telephone", "sms"] | None = Field(None, title="moyen de la relance")
    resultat: Texte | None = Field(None, title="résultat de la relance")


class Devis(Bloc):
    """The proposal (procedure.txt §3)."""

    envoye_le: Jour | None = Field(None, title="date d'envoi de la proposition")
    par: Envoi | None = Field(None, title="moyen d'envoi de la proposition")
    pieces: list[Texte] = Field([], title="pièces de la proposition")
    cgv_version: Texte | None = Field(None, title="version des CGV")
    accepte_le: Jour | None = Field(None, title="date d'acceptation")
    refuse_le: Jour | None = Field(None, title="date du refus")
    refus_motif: Texte | None = Field(None, title="motif du refus")
    sans_suite_le: Jour | None = Field(None, title="date de classement sans suite")
    relances: list[Relance] = Field([], title="relances")


class Contrat(Bloc):
    """The life of the contract (procedure.txt §4)."""

    envoye_client_le: Jour | None = Field(None, title="date d'envoi du contrat")
    signe_client_le: Jour | None = Field(None, title="date de signature du client")
    signe_direction_le: Jour | None = Field(None, title="date de signature de la direction")
    signataire: Texte | None = Field(None, title="signataire")
    renvoye_client_le: Jour | None = Field(None, title="date de renvoi au client")
    forfait_touristique: Logique | None = Field(None, title="forfait touristique")
    numero_urgence: Texte | None = Field(None, title="numéro d'urgence")


class Chorus(Bloc):
    """What Chorus Pro asks of a public body (regles.md §2.3)."""

    siret: Texte | None = Field(None, title="SIRET du client")
    code_service: Texte | None = Field(None, title="code service")
    numero_engagement: Texte | None = Field(None, title="numéro d'engagement")
    depose_le: Jour | None = Field(None, title="date de dépôt sur Chorus Pro")


class Encaissement(Bloc):
    """Money that came in, or went back."""

    nature: Literal["acompte", "solde", "remboursement"] = Field(title="nature de l'encaissement")
    montant: Euros = Field(title="montant encaissé")
    recu_le: Jour | None = Field(None, title="date de l'encaissement")

    @property
    def montant_signe(self) -> Decimal:
        """Euros, negative for a refund."""
        return -self.montant if self.nature == "remboursement" else self.montant


class Paiement(Bloc):
    """How the client pays."""

    mode: ModePaiement | None = Field(None, title="mode de paiement")
    rib_envoye_le: Jour | None = Field(None, title="date d'envoi du RIB")
    preuve_virement_recue_le: Jour | None = Field(None, title="date de la preuve de virement")
    bon_commande_recu_le: Jour | None = Field(None, title="date du bon de commande")
    chorus: Chorus = Field(Chorus(), title="Chorus Pro")
    encaissements: list[Encaissement] = Field([], title="encaissements")


class Carnet(Bloc):
    """The travel booklet (procedure.txt §5)."""

    envoye_le: Jour | None = Field(None, title="date d'envoi du carnet")
    par: Envoi | None = Field(None, title="moyen d'envoi du carnet")
    papier_demande: Logique = Field(False, title="version papier demandée")
    contenu: list[Texte] = Field([], title="contenu du carnet")


class PrestationModifiee(Prestation):
    """What an avenant changes of one service: the facts written here replace those of the service with this id.

    An id that the programme does not have is a new service; another prestataire starts a new option, a new
    voucher and a new invoice.
    """

    retiree: Logique = Field(False, title="prestation retirée du programme")


class Avenant(Bloc):
    """One change of the contract, on written request (« Modifications en cours de vie du contrat »)."""

    numero: Entier | None = Field(None, title="numéro de l'avenant")
    objet: Literal["effectif", "programme", "date", "menu", "autre"] | None = Field(None, title="objet de l'avenant")
    demande_canal: CanalEcrit | None = Field(None, title="canal de la demande de modification")
    demande_datee_du: Jour | None = Field(None, title="date portée sur la demande")
    demande_recue_le: Jour | None = Field(None, title="date de réception de la demande")
    participants: Entier | None = Field(None, title="nouveau nombre de participants")
    chauffeurs: Entier | None = Field(None, title="nouveau nombre de chauffeurs")
    gratuites: Entier | None = Field(None, title="nouvelles gratuités")
    prix_par_personne: Euros | None = Field(None, title="nouveau prix par personne")
    debut: Jour | None = Field(None, title="nouvelle date d'arrivée")
    fin: Jour | None = Field(None, title="nouvelle date de départ")
    heure_arrivee: Heure | None = Field(None, title="nouvelle heure d'arrivée")
    heure_depart: Heure | None = Field(None, title="nouvelle heure de départ")
    prestations: list[PrestationModifiee] = Field([], title="prestations modifiées")
    detail: Texte | None = Field(None, title="détail de la modification")
    prestataires_consultes_le: Jour | None = Field(None, title="date de consultation des prestataires")
    client_averti_hausse_le: Jour | None = Field(None, title="date où le client a été averti d'une hausse")
    redige_le: Jour | None = Field(None, title="date de rédaction")
    envoye_client_le: Jour | None = Field(None, title="date d'envoi au client")
    signe_client_le: Jour | None = Field(None, title="date de signature du client")
    signe_direction_le: Jour | None = Field(None, title="date de signature de la direction")
    signataire: Texte | None = Field(None, title="signataire")
    renvoye_client_le: Jour | None = Field(None, title="date de renvoi au client")
    be_prestataires_le: Jour | None = Field(None, title="date d'envoi des nouveaux bons d'échange")
    derogation: Texte | None = Field(None, title="motif de la dérogation au délai")
    frais_offerts: Texte | None = Field(None, title="motif des frais offerts")
    abandonne_le: Jour | None = Field(None, title="date d'abandon")


class Satisfaction(Bloc):
    """The questionnaire after the stay (procedure.txt §8)."""

    mail_envoye_le: Jour | None = Field(None, title="date d'envoi du questionnaire")
    support: Literal["en_ligne", "pdf", "papier"] | None = Field(None, title="support du questionnaire")
    reponse_recue_le: Jour | None = Field(None, title="date de la réponse")
    note_globale: Nombre | None = Field(None, title="note sur 5")


class Reclamation(Bloc):
    """A complaint (engagements-qualite.txt)."""

    recue_le: Jour | None = Field(None, title="date de la réclamation")
    objet: Texte | None = Field(None, title="objet de la réclamation")
    traitee_le: Jour | None = Field(None, title="date de traitement")


class Annulation(Bloc):
    """The end before the stay."""

    le: Jour | None = Field(None, title="date d'annulation")
    par: Literal["client", "office", "force_majeure"] | None = Field(None, title="auteur de l'annulation")
    motif: Texte | None = Field(None, title="motif de l'annulation")
    frais_retenus: Euros | None = Field(None, title="frais retenus")


class Note(Bloc):
    """A free remark of an agent."""

    le: Jour | None = Field(None, title="date de la note")
    par: Texte | None = Field(None, title="auteur de la note")
    texte: Texte | None = Field(None, title="note")


class Dossier(Bloc):
    """One client's booking: the whole of a dossier.toml."""

    version_schema: Literal[1] = Field(1, title="version du format")
    reference: Reference | None = Field(None, title="référence du dossier")
    reference_welogin: Texte | None = Field(None, title="référence We Login")
    intitule: Texte | None = Field(None, title="intitulé du séjour")
    agent: Texte | None = Field(None, title="chargé de clientèle")
    suppleant: Texte | None = Field(None, title="suppléant")
    cree_le: Jour | None = Field(None, title="date de création")
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
