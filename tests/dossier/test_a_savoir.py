"""Facts that no rule counts with are told to whoever opens the dossier: none is accepted for nothing."""

import pytest

from tests.dossiers import dossier
from tests.unread_facts import unread
from toolkit.dossier.a_savoir import a_savoir


@pytest.mark.parametrize(
    ("faits", "libelle", "texte"),
    [
        (('reference_welogin = "WL-000000"',), "Référence We Login", "WL-000000"),
        (("cree_le = 2027-01-12",), "Dossier ouvert", "le 12 janvier 2027"),
        (('demande.recontact_motif = "complement"',), "Réponse à la demande", "précisions demandées"),
        (
            ("client.rgpd.information_donnee_le = 2027-01-12", "client.rgpd.accepte_prospection = true"),
            "Données personnelles",
            "information donnée le 12 janvier 2027, accepte la prospection",
        ),
        (('sejour.autocariste = "Autocars Fictifs"',), "Autocariste", "Autocars Fictifs"),
        (("P1.option.reponse_le = 2027-01-19",), "Réponse du prestataire pour P1", "le 19 janvier 2027"),
        (('devis.par = "welogin"',), "Proposition envoyée", "par We Login"),
        (
            ('devis.relances = [{ le = 2027-01-29, par = "sms", resultat = "Attend son bureau" }]',),
            "Relance",
            "le 29 janvier 2027, par SMS, Attend son bureau",
        ),
        (("carnet.papier_demande = true",), "Carnet de voyage", "version papier demandée"),
        (
            ("A1.prestataires_consultes_le = 2027-05-12",),
            "Avenant n° 1",
            "prestataires consultés le 12 mai 2027",
        ),
        (
            ('satisfaction.support = "pdf"', "satisfaction.note_globale = 4.5"),
            "Satisfaction",
            "en PDF, note 4,5",
        ),
        (('annulation.par = "client"', 'annulation.motif = "Trop peu"'), "Annulation", "par le client, Trop peu"),
        (
            ('notes = [{ le = 2027-05-12, par = "chargee-1", texte = "Rappeler" }]',),
            "Note",
            "le 12 mai 2027, chargee-1, Rappeler",
        ),
    ],
)
def test_each_is_told_in_words(faits: tuple[str, ...], libelle: str, texte: str) -> None:
    told = [(one, text.replace("\N{NO-BREAK SPACE}", " ")) for one, text in a_savoir(dossier(*faits))]
    assert told == [(libelle, texte)]


def test_what_is_not_told_takes_no_line() -> None:
    assert list(a_savoir(dossier())) == []


def test_no_fact_of_a_dossier_is_read_by_nobody() -> None:
    assert unread()["dossier.toml"] == ["version_schema"]
