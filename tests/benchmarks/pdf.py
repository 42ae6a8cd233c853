"""Twenty contracts into PDF: together in one LibreOffice, in two side by side, or in one each."""

from tests.benchmarks.mesure import Resultat, compare
from tests.office_exemple import exemples
from toolkit.formats.libreoffice import convert, find_libreoffice
from toolkit.formats.word import compile_modele
from toolkit.modele.usages import USAGES
from toolkit.tree.shipped import MODELES

COUNT = 20
CONTRAT = "contrat_groupe.docx"


def mesurer(rounds: int) -> list[Resultat]:
    soffice = find_libreoffice()
    assert soffice, "LibreOffice makes the PDFs"
    modele = compile_modele((MODELES / CONTRAT).read_bytes(), CONTRAT)
    champs = list(exemples(USAGES[CONTRAT]))
    contracts = [modele.fill(champs[number % len(champs)]).content for number in range(COUNT)]

    def each_alone() -> None:
        for contract in contracts:
            (made,) = convert([contract], soffice)
            assert isinstance(made, bytes)

    def together(cores: int) -> None:
        assert all(isinstance(made, bytes) for made in convert(contracts, soffice, cores))

    few = max(3, rounds // 4)
    alone = {"un LibreOffice par document": (each_alone, 0.22)}
    found = compare(f"{COUNT} PDF, un LibreOffice", lambda: together(1), alone, few)
    beside = {"un LibreOffice par document": (each_alone, 0.14)}
    return found + compare(f"{COUNT} PDF, deux LibreOffice", lambda: together(2), beside, few)
