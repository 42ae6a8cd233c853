"""The fields that Word models may hold, as a list or as a Word document to keep open beside a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import AgentError
from toolkit.french import typography
from toolkit.modele.catalogue import Groupe, as_json, as_text, groupes
from toolkit.modele.usages import USAGES, usage
from toolkit.system import files
from toolkit.tree import layout


@dataclass(frozen=True, slots=True)
class Champs:
    """The fields of one model, or of all."""

    groupes: Sequence[Groupe]
    document: Path | None = None
    """The Word document that is made of them."""
    is_new: bool = False
    """False: it lay there already."""
    exit_status = 0

    def as_json(self) -> dict[str, object]:
        return as_json(self.groupes)

    def as_text(self) -> str:
        if self.document:
            state = "est prêt" if self.is_new else "était déjà prêt"
            return typography(f"« {self.document} » {state} : à garder ouvert à côté du modèle.")
        return as_text(self.groupes)


def list_champs(nom: str | None, document: Path | None = None) -> Champs:
    """The fields of one model by its name, or of all, also as a Word document if told where; raises AgentError."""
    kind = usage(Path(nom).name) if nom else None
    if nom and kind is None:
        raise AgentError(f"« {nom} » n'est le nom d'aucun modèle : {', '.join(USAGES)}.")
    found = groupes(kind)
    if document is None:
        return Champs(found)
    from toolkit.modele.fields_document import fields_document  # python-docx takes a tenth of a second

    if document.suffix != ".docx":
        raise AgentError(f"« {document} » : le nom d'un document Word finit par .docx.")
    content = fields_document(found, f"Champs de {Path(nom).name}" if nom else "Champs des modèles")
    return Champs(found, *files.write_beside(layout.numbered(document), content))
