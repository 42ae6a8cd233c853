"""Which error stops which document: only one that it would carry."""

from collections.abc import Callable, Iterable

from toolkit import french
from toolkit.errors import ChampPath, Problem

# The blocks of dossier.toml that the documents carry: an error elsewhere stops none of them.
_CARRIED = {
    "reference",
    "intitule",
    "agent",
    "client",
    "sejour",
    "effectif",
    "tarif",
    "prestations",
    "contrat",
    "paiement",
}
_NOT_CARRIED = {"option", "menu", "bon_echange", "facture", "achat", "encaissements"}


def is_carried(path: ChampPath) -> bool:
    """Whether a wrong value at this place would show; a problem of the whole file always does."""
    return not path or (path[0] in _CARRIED and not _NOT_CARRIED.intersection(path))


def corrections(
    errors: Iterable[Problem],
    is_carried: Callable[[ChampPath], bool] = is_carried,
    missing: Iterable[ChampPath] = (),
) -> list[str]:
    """What has to be corrected before a document that carries it may be made, as something that it waits for."""
    told = set(missing)
    places = [one.champ or "le fichier" for one in errors if one.path not in told and is_carried(one.path)]
    return [f"la correction de {french.liste(list(dict.fromkeys(places)))}"] if places else []
