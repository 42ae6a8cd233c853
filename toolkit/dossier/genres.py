"""The kinds of value that dossier.toml, office.toml and prestataires.toml hold, each refusing in French what it is not.

Every message is a whole clause that can follow « champ : ».
"""

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from toolkit import french
from toolkit.dossier.champ import Ecriture

TEXTE_MAX = 5_000
EFFECTIF_MAX = 100_000
EUROS_MAX = Decimal(10_000_000)
DELAI_MAX = 1_000
ANNEES = range(1900, 2200)
"""Years from which every delay still leads to a day of the calendar."""

DateT = TypeVar("DateT", bound=date)

# What no XML part can hold, and the private characters with which documents.word marks a missing fact.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ue000-\uf8ff\ufffe\uffff]")
_JOUR_FRANCAIS = re.compile(r"\d{1,2}/\d{1,2}/\d{4}")


class Bloc(BaseModel):
    """A table of one of the three files: unknown keys are refused, values never change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def _refuse(message: str) -> PydanticCustomError:
    # The template syntax of pydantic would read braces in the message.
    return PydanticCustomError("valeur", "{message}", {"message": message})


def _texte(value: Any) -> str:
    if not isinstance(value, str):
        raise _refuse('il faut un texte entre guillemets droits "…"')
    text = value.strip()
    if _FORBIDDEN.search(text):
        raise _refuse("contient un caractère invisible qu'un document ne peut pas porter : retaper le texte")
    if len(text) > TEXTE_MAX:
        raise _refuse(f"dépasse {TEXTE_MAX} caractères : raccourcir le texte")
    return text


def _entier(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _refuse("il faut un nombre entier, sans guillemets")
    if not 0 <= value <= EFFECTIF_MAX:
        raise _refuse(f"il faut un nombre entre 0 et {EFFECTIF_MAX}")
    return value


def _delai(value: Any) -> int:
    count = _entier(value)
    if count > DELAI_MAX:
        raise _refuse(f"il faut un nombre entre 0 et {DELAI_MAX}")
    return count


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise _refuse("il faut un nombre avec un point pour les décimales et sans guillemets, par exemple 59.00")
    amount = Decimal(str(value))
    if not amount.is_finite() or not 0 <= amount <= EUROS_MAX:
        raise _refuse(f"il faut un nombre entre 0 et {EUROS_MAX}")
    return abs(amount)  # -0.0 is zero


def _euros(value: Any) -> Decimal:
    amount = _decimal(value)
    if amount != round(amount, 2):
        raise _refuse("il faut deux décimales au plus, par exemple 59.00")
    return round(amount, 2)


def _plausible(day: DateT) -> DateT:
    if day.year not in ANNEES:
        raise _refuse(f"l'année {day.year} n'est pas possible : la relire")
    return day


def _jour(value: Any) -> date:
    if isinstance(value, datetime):
        raise _refuse("il faut une date seule, sans heure, par exemple 2027-06-17")
    if isinstance(value, date):
        return _plausible(value)
    if isinstance(value, str) and _JOUR_FRANCAIS.fullmatch(value.strip()):
        written = french.read_day(value)
        if written is None:
            raise _refuse(f"« {value} » n'est pas un jour du calendrier")
        return _plausible(written)
    raise _refuse("il faut une date sans guillemets, par exemple 2027-06-17")


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            raise _refuse("il faut l'heure de Dieppe, sans fuseau, par exemple 2027-01-11T10:20:00")
        return _plausible(value)
    if not isinstance(value, date | str):
        raise _refuse("il faut une date et une heure, par exemple 2027-01-11T10:20:00")
    return datetime.combine(_jour(value), time())


def _heure(value: Any) -> time:
    if not isinstance(value, time):
        raise _refuse("il faut une heure sans guillemets, par exemple 09:45:00")
    return value


def _logique(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _refuse("il faut true (oui) ou false (non), sans guillemets")
    return value


def _mail(value: str) -> str:
    from email_validator import EmailNotValidError, validate_email  # 25 ms, spared where no address is read

    try:
        validate_email(value, check_deliverability=False, allow_smtputf8=True, test_environment=True)
    except EmailNotValidError:
        raise _refuse(f"« {value} » n'est pas une adresse de courriel") from None
    return value


def _siret(value: str) -> str:
    from stdnum.fr import siret

    if not siret.is_valid(value):
        raise _refuse(f"« {value} » n'est pas un SIRET : 14 chiffres, dont le dernier est une clé")
    return str(siret.compact(value))


def _iban(value: str) -> str:
    from stdnum import iban

    if not iban.is_valid(value):
        raise _refuse(f"« {value} » n'est pas un IBAN : la clé de contrôle est fausse, relire les chiffres")
    return str(iban.compact(value))


def _bic(value: str) -> str:
    from stdnum import bic

    if not bic.is_valid(value):
        raise _refuse(f"« {value} » n'est pas un BIC : 8 ou 11 caractères")
    return str(bic.compact(value))


def _tva(value: str) -> str:
    from stdnum.eu import vat

    if not vat.is_valid(value):
        raise _refuse(f"« {value} » n'est pas un numéro de TVA intracommunautaire")
    return str(vat.compact(value))


_IMMATRICULATION = re.compile(r"IM(\d{3}|02[AB])\d{6}")


def _immatriculation(value: str) -> str:
    compact = re.sub(r"\s", "", value).upper()
    if not _IMMATRICULATION.fullmatch(compact):
        raise _refuse(f"« {value} » n'est pas une immatriculation Atout France, par exemple IM076170003")
    return compact


_REFERENCE = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,39}")


def _reference(value: str) -> str:
    if not _REFERENCE.fullmatch(value):
        raise _refuse("des lettres, des chiffres et des tirets seulement, par exemple 2027-G-014")
    return value


Texte = Annotated[str, BeforeValidator(_texte)]
Entier = Annotated[int, BeforeValidator(_entier)]
"""A count, never negative."""
Delai = Annotated[int, BeforeValidator(_delai)]
"""A number of hours, days, months or years, never negative."""
Nombre = Annotated[Decimal, BeforeValidator(_decimal)]
"""A mark, never negative."""
Taux = Annotated[Decimal, BeforeValidator(_decimal), Ecriture(Decimal("20.0"), "pourcentage")]
"""A rate in per cent, never negative."""
Euros = Annotated[Decimal, BeforeValidator(_euros), Ecriture(Decimal("59.00"), "euros")]
"""An amount in euros, two decimals, never negative."""
Jour = Annotated[date, BeforeValidator(_jour), Ecriture(date(2027, 6, 17), "date_longue")]
"""A calendar day; ``"17/06/2027"`` is read as well (regles.md §2.5)."""
Moment = Annotated[datetime, BeforeValidator(_moment), Ecriture(datetime(2027, 1, 11, 10, 20), "date_longue")]
"""A day and an hour, local time; a day alone means its first minute."""
Heure = Annotated[time, BeforeValidator(_heure), Ecriture(time(9, 45), "heure")]
Logique = Annotated[bool, BeforeValidator(_logique)]
Telephone = Annotated[Texte, Ecriture("02 35 00 00 11", "telephone")]
"""As people write it: nothing is refused."""
Mail = Annotated[Texte, AfterValidator(_mail), Ecriture("contact@office.example.org")]
Siret = Annotated[Texte, AfterValidator(_siret), Ecriture("99999990700010")]
Iban = Annotated[Texte, AfterValidator(_iban), Ecriture("FR7699999999990000000000153", "iban")]
Bic = Annotated[Texte, AfterValidator(_bic), Ecriture("EXEMFRPPXXX")]
NumeroTva = Annotated[Texte, AfterValidator(_tva), Ecriture("FR29999999907")]
Immatriculation = Annotated[Texte, AfterValidator(_immatriculation), Ecriture("IM076999999")]
Reference = Annotated[Texte, AfterValidator(_reference), Ecriture("P1")]
"""Names files, so nothing but letters, digits and dashes."""
NomComplet = Annotated[str, Field(title="nom")]
"""What a property gives that documents may print: it has a title, as fields have."""
