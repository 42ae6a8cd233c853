"""Last days that the procedure sets, shown with the dossier whether or not something is still to be done."""

from datetime import date, datetime, timedelta

from toolkit.dossier.cadre import Cadre
from toolkit.dossier.calendrier import add_heures_ouvrees, add_jours_ouvrables, add_jours_ouvres
from toolkit.dossier.faits import Dossier, Prestation
from toolkit.dossier.valeurs import Valeurs


def limite_recontact(dossier: Dossier, cadre: Cadre) -> datetime | None:
    """48 calendar hours after the request (regles.md §7.1; regles.md §1.2, A3)."""
    recue_le = dossier.demande.recue_le
    return None if recue_le is None else recue_le + timedelta(hours=cadre.office.delais.recontact_heures)


def limite_recontact_ouvree(dossier: Dossier, cadre: Cadre) -> datetime | None:
    """The same in working days, shown beside it."""
    recue_le = dossier.demande.recue_le
    return None if recue_le is None else add_heures_ouvrees(recue_le, cadre.office.delais.recontact_heures)


def limite_menu(prestation: Prestation, cadre: Cadre) -> date | None:
    """Last day to tell a restaurant the menu (regles.md §7.4); a convention may ask for more days."""
    if not prestation.is_restauration or prestation.date is None:
        return None
    prestataire = cadre.prestataires.get(prestation.prestataire)
    agreed = prestataire.convention.menu_delai_jours if prestataire else None
    return prestation.date - timedelta(days=max(agreed or 0, cadre.office.delais.menu_jours))


def limite_satisfaction(valeurs: Valeurs, cadre: Cadre) -> date | None:
    """First jour ouvré after the stay (regles.md §7.8)."""
    delai = cadre.office.delais.satisfaction_jours_ouvres
    return None if valeurs.fin is None else add_jours_ouvres(valeurs.fin, delai)


def limite_reclamation(recue_le: date, cadre: Cadre) -> date:
    """« traitées sous 3 jours ouvrables » (regles.md §1.1)."""
    return add_jours_ouvrables(recue_le, cadre.office.delais.reclamation_jours_ouvrables)
