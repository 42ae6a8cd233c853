"""« Nouveau dossier » as a conversation: one question at a time, a default for most, and a way out at each.

Pure: how to ask and how to tell are given. An empty line is the default, « q », Ctrl+C or Ctrl+Z gives up.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar, get_args

from pydantic import ValidationError

from toolkit import french
from toolkit.dossier.classement import Typologie
from toolkit.dossier.faits import Canal, Categorie, Client
from toolkit.dossier.office import Office
from toolkit.errors import AgentError, ToolkitError
from toolkit.gestes.nouveau import PremierContact
from toolkit.toml.values import read_moment

T = TypeVar("T")

AIDE = "Entrée seule garde la réponse proposée entre crochets ; « q » abandonne, rien n'est alors créé."
_CANAUX = {"telephone": "téléphone", "sur_place": "sur place", "mail": "mail"}
_CATEGORIES = {
    "collectivite": "collectivité",
    "professionnel_tourisme": "professionnel du tourisme",
}


class Abandoned(ToolkitError):
    """Given up on purpose: nothing was made."""

    exit_status = 130


@dataclass(frozen=True)
class Conversation:
    """Someone to ask and to tell."""

    ask: Callable[[str], str]
    """Shows a question and gives the line that was typed; EOFError or KeyboardInterrupt gives up."""
    tell: Callable[[str], None]

    def question(self, texte: str, read: Callable[[str], T], defaut: str = "") -> T:
        """Ask until ``read`` takes the answer without AgentError; ``defaut`` is what an empty line means.

        Raises Abandoned when they give up.
        """
        shown = f"{texte} [{defaut}] : " if defaut else f"{texte} : "
        while True:
            try:
                answer = self.ask(french.typography(shown)).strip()
            except (EOFError, KeyboardInterrupt):
                answer = "q"
            if answer.casefold() == "q":
                raise Abandoned("Abandonné : rien n'a été fait.")
            try:
                return read(answer or defaut)
            except AgentError as refusal:
                self.tell(french.typography(f"  {refusal}"))

    def choice(self, texte: str, choices: Sequence[tuple[str, str]], defaut: str = "") -> str:
        """One of several, by its number, its key or the beginning of its name; raises Abandoned."""
        listed = [f"  {number}. {label}" for number, (_, label) in enumerate(choices, 1)]
        self.tell(french.typography("\n".join([texte, *listed])))

        def read(answer: str) -> str:
            found = [key for number, (key, label) in enumerate(choices, 1) if answer == str(number) or answer == key]
            found += [key for key, label in choices if answer and french.fold(label).startswith(french.fold(answer))]
            if not found:
                raise AgentError(f"« {answer} » n'est pas dans la liste : taper un numéro de 1 à {len(choices)}.")
            return found[0]

        default = next((label for key, label in choices if key == defaut), "")
        return self.question("Numéro ou nom", read, default)

    def confirm(self, texte: str, *, defaut: bool = True) -> bool:
        """Yes or no, in French; ``defaut`` is what an empty line means; raises Abandoned."""

        def read(answer: str) -> bool:
            if french.fold(answer)[:1] not in ("o", "n"):
                raise AgentError("Répondre oui ou non.")
            return french.fold(answer)[:1] == "o"

        return self.question(texte, read, "oui" if defaut else "non")


def ask_until_made(talk: Conversation, office: Office, maintenant: datetime, make: Callable[[PremierContact], T]) -> T:
    """Ask, then make; after a refusal the questions can be gone through again, with the answers that were given.

    Raises Abandoned.
    """
    demande = None
    while True:
        demande = ask_demande(talk, office, maintenant, demande)
        try:
            return make(demande)
        except ToolkitError as refusal:
            talk.tell(f"\n{refusal}")
            if not talk.confirm("Recommencer, avec les mêmes réponses proposées ?"):
                raise Abandoned("Abandonné : rien n'a été fait.") from refusal


def ask_demande(
    talk: Conversation, office: Office, maintenant: datetime, avant: PremierContact | None = None
) -> PremierContact:
    """Everything that is known of a new client; ``avant`` is what was answered before. Raises Abandoned."""
    talk.tell(french.typography(AIDE))
    typologie = Typologie(
        talk.choice(
            "Groupe ou individuel ?",
            [(one.value, office.nom_typologie(one)) for one in Typologie],
            avant.typologie.value if avant else "groupe",
        )
    )
    client = talk.question(
        "Nom du client (raison sociale, ou nom de famille)", _required, avant.client if avant else ""
    )
    debut = _ask_debut(talk, maintenant.date(), french.date_courte(avant.debut) if avant else "")
    known = str(avant.participants) if avant and avant.participants is not None else ""
    participants = talk.question("Nombre de participants (rien si on ne le sait pas encore)", _count, known)
    categories = [(one, _CATEGORIES.get(one, one)) for one in get_args(Categorie)]
    usual = "association" if typologie is Typologie.GROUPE else "particulier"
    categorie = talk.choice("Quel genre de client ?", categories, (avant and avant.categorie) or usual)
    telephone = talk.question(
        "Téléphone du client (rien s'il n'a donné qu'un mail)", _text, (avant and avant.telephone) or ""
    )
    mail = talk.question(
        "Mail du client" + (" (rien s'il n'en a pas)" if telephone else ""),
        _mail(needed=not telephone),
        (avant and avant.mail) or "",
    )
    canaux = [(one, _CANAUX[one]) for one in get_args(Canal)]
    canal = talk.choice("Comment la demande est-elle arrivée ?", canaux, avant.canal if avant else "telephone")
    received = french.date_heure(avant.recue_le if avant else maintenant).replace("\N{NO-BREAK SPACE}", " ")
    recue_le = talk.question("Reçue le (jour et heure)", _moment, received)
    agent = _ask_agent(talk, office, avant.agent if avant else None)
    intitule = talk.question(
        "Nom du séjour, pour le contrat (rien si on ne le sait pas encore)", _text, (avant and avant.intitule) or ""
    )
    demande = PremierContact(
        typologie=typologie,
        client=client,
        debut=debut,
        canal=canal,
        recue_le=recue_le,
        participants=participants,
        categorie=categorie,
        telephone=telephone or None,
        mail=mail or None,
        agent=agent,
        intitule=intitule or None,
    )
    people = french.pluriel(participants, "personne") if participants is not None else "nombre à préciser"
    talk.tell(french.typography(f"\n{client} – {french.date_longue(debut)} – {people}"))
    if not talk.confirm("Créer ce dossier ?"):
        raise Abandoned("Abandonné : rien n'a été fait.")
    return demande


def _ask_debut(talk: Conversation, today: date, defaut: str) -> date:
    """A month alone is noted as its first day, and that is said."""
    texte = "Date du séjour, même approximative (par exemple 17/06/2027, ou juin 2027)"
    while True:
        debut, is_month = talk.question(texte, _day(today), defaut)
        if is_month:
            noted = f"  Noté au {french.date_longue(debut)}, à préciser dans le dossier quand le jour sera connu."
            talk.tell(french.typography(noted))
        over = debut < (today.replace(day=1) if is_month else today)
        passed = f"Le {french.date_longue(debut)} est passé. Garder cette date ?"
        if not over or talk.confirm(passed, defaut=False):
            return debut
        texte, defaut = "Date du séjour", ""


def _ask_agent(talk: Conversation, office: Office, avant: str | None) -> str | None:
    agents = [(one.id, " ".join(filter(None, (one.prenom, one.nom))) or one.id) for one in office.agents]
    if not agents:
        return None
    charged = next((one.id for one in office.agents if one.role == "charge_clientele"), agents[0][0])
    return talk.choice("Qui suit ce dossier ?", agents, avant or charged)


def _text(answer: str) -> str:
    return answer


def _required(answer: str) -> str:
    if not answer:
        raise AgentError("Il faut une réponse ; « q » abandonne.")
    return answer


def _count(answer: str) -> int | None:
    if not answer:
        return None
    if not re.fullmatch(r"\d{1,5}", answer):
        raise AgentError(f"« {answer} » n'est pas un nombre : taper par exemple 42, ou rien.")
    return int(answer)


def _day(today: date) -> Callable[[str], tuple[date, bool]]:
    def read(answer: str) -> tuple[date, bool]:
        """With whether only its month was told."""
        day, month = french.read_day(answer) or _without_year(answer, today), french.read_month(answer)
        if day is None and month is None:
            raise AgentError(f"« {answer} » n'est pas une date : taper par exemple 17/06/2027, ou juin 2027.")
        return (day, False) if day else (month or today, True)

    return read


def _without_year(answer: str, today: date) -> date | None:
    """``17/06``, the next one to come."""
    if not re.fullmatch(r"\d{1,2}[/.]\d{1,2}", answer):
        return None
    days = [french.read_day(f"{answer}/{year}".replace(".", "/")) for year in (today.year, today.year + 1)]
    return next((day for day in days if day and day >= today), None)


def _moment(answer: str) -> datetime:
    moment = read_moment(answer)
    if moment is None:
        raise AgentError(f"« {answer} » n'est pas un jour et une heure : taper par exemple 11/01/2027 10h20.")
    return moment


def _mail(*, needed: bool) -> Callable[[str], str]:
    def read(answer: str) -> str:
        if not answer and needed:
            raise AgentError("Il faut un téléphone ou un mail pour recontacter le client sous 48 heures.")
        try:
            Client(mail=answer or None)
        except ValidationError as error:
            raise AgentError(f"{error.errors()[0]['msg']} : le relire, ou rien.") from error
        return answer

    return read
