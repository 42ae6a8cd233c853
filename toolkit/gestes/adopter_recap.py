"""The settings with which a recap that the office already has is taken over; the workbook itself is only read."""

import json
from pathlib import Path

from toolkit import french
from toolkit.dossier.classement import Typologie
from toolkit.errors import AgentError, FileRefused
from toolkit.formats.excel_xml import understood
from toolkit.registres.adoption import Proposition, propose
from toolkit.system import files
from toolkit.system.isolated import run_isolated


def read_foreign(path: Path) -> Proposition:
    """What office.toml would say of a workbook; raises AgentError for one that cannot be taken over."""
    content = files.read_if_there(path)
    if content is None:
        raise AgentError(f"« {path} » n'existe pas : vérifier le nom.")
    typologie = Typologie.INDIVIDUEL if "indiv" in french.fold(path.name) else Typologie.GROUPE
    try:
        answer = run_isolated("toolkit.gestes.adopter_recap:propose_isolated", content, path.name, typologie)
    except FileRefused as reason:
        raise AgentError(f"« {path.name} » ne peut pas être repris : {reason}.") from reason
    said = json.loads(answer)
    if said is None:
        raise AgentError(
            f"« {path.name} » : aucune ligne d'en-tête reconnue dans les premières lignes. "
            "Écrire [recap.colonnes] à la main dans office.toml."
        )
    return Proposition(path.name, typologie, said["colonnes"], tuple(said["absentes"]), said["feuilles"])


def propose_isolated(content: bytes, fichier: str, typologie: str) -> bytes:
    """The same as JSON, null when no row looks like ours; raises PackageRefused. A task for ``isolated``."""
    with understood():
        proposal = propose(content, fichier, Typologie(typologie))
    return json.dumps(proposal and proposal.as_json()).encode()
