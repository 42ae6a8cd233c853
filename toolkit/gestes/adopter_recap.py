"""The settings with which a recap that the office already has is taken over; the workbook itself is only read."""

from pathlib import Path

from toolkit import french
from toolkit.dossier.classement import Typologie
from toolkit.errors import AgentError
from toolkit.formats.excel_xml import understood
from toolkit.formats.package import PackageRefused
from toolkit.registres.adoption import Proposition, propose
from toolkit.system import files


def read_foreign(path: Path) -> Proposition:
    """What office.toml would say of a workbook; raises AgentError for one that cannot be taken over."""
    content = files.read_if_there(path)
    if content is None:
        raise AgentError(f"« {path} » n'existe pas : vérifier le nom.")
    typologie = Typologie.INDIVIDUEL if "indiv" in french.fold(path.name) else Typologie.GROUPE
    try:
        with understood():
            proposal = propose(content, path.name, typologie)
    except PackageRefused as reason:
        raise AgentError(f"« {path.name} » ne peut pas être repris : {reason}.") from reason
    if proposal is None:
        raise AgentError(
            f"« {path.name} » : aucune ligne d'en-tête reconnue dans les premières lignes. "
            "Écrire [recap.colonnes] à la main dans office.toml."
        )
    return proposal
