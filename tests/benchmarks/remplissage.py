"""A contract filled again and again: the office's against stock docxtpl, and one text against the other programs."""

import io
from contextlib import ExitStack

import jinja2
from docxtpl import DocxTemplate

from tests.benchmarks import banc
from tests.benchmarks.mesure import Resultat, Way, compare
from tests.benchmarks.pairs import LANGUES, PairMissing, pair, texte
from tests.office_exemple import exemples
from toolkit.formats.sealed import FILTRES
from toolkit.formats.word import compile_modele
from toolkit.modele.usages import USAGES
from toolkit.tree.shipped import MODELES

CONTRAT = "contrat_groupe.docx"
BUTS = {"carbone": 0.30, "easy-template-x": 0.25, "docxtemplater": 0.20, "docx-mailmerge2": 0.20}


def by_docxtpl(content: bytes, champs: object) -> bytes:
    """As its documentation has it, with values escaped: without that a name with « & » breaks the document."""
    environment = jinja2.Environment(autoescape=True)
    environment.filters.update(FILTRES)
    template = DocxTemplate(io.BytesIO(content))
    template.render(vars(champs), environment)
    out = io.BytesIO()
    template.save(out)
    return out.getvalue()


def mesurer(rounds: int) -> list[Resultat]:
    content = (MODELES / CONTRAT).read_bytes()
    champs = next(exemples(USAGES[CONTRAT]))
    modele = compile_modele(content, CONTRAT)
    found = compare(
        "remplir un contrat de groupe, à chaud",
        lambda: modele.fill(champs),
        {"docxtpl": (lambda: by_docxtpl(content, champs), 0.06)},
        rounds,
    )
    commun, donnees = banc.modele(banc.DOCXTPL), banc.as_object(banc.donnees())
    ours = compile_modele(commun, "banc.docx")
    expected = texte(ours.fill(donnees).content)
    peers: dict[str, tuple[Way, float | None]] = {"docxtpl": (lambda: by_docxtpl(commun, donnees), None)}
    with ExitStack() as running:
        for name in LANGUES:
            try:
                peer = running.enter_context(pair(name))
                peer.fill()
            except PairMissing as missing:
                print(f"{name} : non mesuré, {missing}")
                continue
            assert peer.texte() == expected, f"{name} does not say the same"
            peers[name] = (peer.fill, BUTS[name])
        return found + compare("le même texte de trois pages", lambda: ours.fill(donnees), peers, rounds)
