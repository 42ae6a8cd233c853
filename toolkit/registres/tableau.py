"""The dashboard: what the dossiers of a tree say today, as one HTML page. Pure: lines in, bytes out.

The page stands alone on a share (``file://``): no script, nothing from outside, and it prints.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

import jinja2

from toolkit import french
from toolkit.dossier.classement import Statut
from toolkit.dossier.echeances import Echeance, Urgence
from toolkit.dossier.etat import LIBELLES, Etat
from toolkit.dossier.qualification import SEUIL, taux_qualification

SEMAINES = 5
"""Of arrivals that the page shows."""


@dataclass(frozen=True, slots=True)
class Suivi:
    """One dossier, as the registers look at it."""

    chemin: str
    """Relative to the root, with ``/``."""
    statut: Statut
    reference: str | None
    client: str | None
    agent: str | None
    etat: Etat | None = None
    """None for a file that cannot be read."""
    debut: date | None = None
    fin: date | None = None
    effectif: int | None = None
    echeances: tuple[Echeance, ...] = ()
    erreurs: tuple[str, ...] = ()
    attentes: tuple[str, ...] = ()
    """Documents that wait, and what for."""
    is_qualifie: bool = False

    @property
    def href(self) -> str:
        """From the page to the folder, for a browser."""
        return "/".join(quote(part, safe="") for part in self.chemin.split("/")) + "/"

    @property
    def nom(self) -> str:
        """The client, else the name of the folder."""
        return self.client or self.chemin.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class AFaire:
    """One deadline, and whose it is."""

    echeance: Echeance
    suivi: Suivi | None = None
    """None for a deadline of the office itself."""


def a_faire(suivis: Iterable[Suivi], office: Iterable[Echeance]) -> list[AFaire]:
    """Every open deadline, soonest first."""
    found = [AFaire(one) for one in office]
    found += [AFaire(one, suivi) for suivi in suivis for one in suivi.echeances]
    return sorted(
        found, key=lambda one: (one.echeance.limite, one.suivi.chemin if one.suivi else "", one.echeance.code)
    )


def tableau(titre: str, aujourd_hui: date, suivis: Sequence[Suivi], office: Iterable[Echeance]) -> bytes:
    """The page; the same lines on the same day give the same bytes."""
    open_ones = [one for one in suivis if one.statut is Statut.EN_COURS]
    due = [one for one in a_faire(suivis, office) if one.echeance.urgence is not Urgence.A_VENIR]
    end = aujourd_hui + timedelta(weeks=SEMAINES)
    arrivals = [
        one
        for one in open_ones
        if one.debut and one.debut <= end and (one.fin or one.debut) >= aujourd_hui
        if one.etat not in (Etat.ANNULE, Etat.SANS_SUITE)
    ]
    states = {etat: sorted((one for one in open_ones if one.etat is etat), key=_day) for etat in Etat}
    asked = [one for one in suivis if one.etat]
    text = _page().render(
        titre=titre,
        jour=french.date_longue(aujourd_hui),
        semaines=SEMAINES,
        en_retard=[one for one in due if one.echeance.urgence is Urgence.DEPASSEE],
        bientot=[one for one in due if one.echeance.urgence is Urgence.PROCHE],
        erreurs=[one for one in suivis if one.erreurs],
        attentes=[one for one in sorted(open_ones, key=_day) if one.attentes],
        arrivees=sorted(arrivals, key=_day),
        etats=[(LIBELLES[etat], ones) for etat, ones in states.items() if ones],
        ranges={statut: sum(one.statut is statut for one in suivis) for statut in Statut},
        qualifies=sum(one.is_qualifie for one in asked),
        contacts=len(asked),
        taux=taux_qualification(len(asked), sum(one.is_qualifie for one in asked)),
        seuil=SEUIL,
    )
    return _sealed(text.encode())


def _sealed(page: bytes) -> bytes:
    """With a last line that no browser shows: the hash of all that stands before it."""
    text = page if page.endswith(b"\n") else page + b"\n"
    return text + b"<!-- toolkit %s -->\n" % hashlib.sha256(text).hexdigest().encode()


def is_as_made(page: bytes) -> bool:
    """Whether a page is one of ours, in which nobody has written since."""
    start = page.rfind(b"<!-- toolkit ")
    return start >= 0 and page == _sealed(page[:start])


def _day(one: Suivi) -> tuple[date, str]:
    return one.debut or date.max, one.chemin


def _page() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "date": lambda day: f"{french.JOURS[day.weekday()][:3]}. {french.date_courte(day)}",
        "pluriel": french.pluriel,
        "pourcentage": french.pourcentage,
        "libelle": LIBELLES.get,
        "typo": french.typography,
    }
    return environment.get_template("tableau.html")
