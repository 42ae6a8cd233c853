"""A run over many dossiers: what it gives back stays small, whatever it wrote."""

from tests.conftest import JOUR, Bureau, exemple
from toolkit.tree.settings import load_settings
from toolkit.walk.decide import Step
from toolkit.walk.generate import generate
from toolkit.walk.options import Options


def test_a_report_keeps_no_bytes_of_the_documents(bureau: Bureau) -> None:
    bureau.dossier(exemple("dossier_groupe"))
    settings = load_settings(bureau.root)

    for simulate in (True, False):
        report = generate(settings, [bureau.root], Options(JOUR, simulate=simulate, with_pdf=False))
        (dossier,) = report.dossiers
        assert dossier.etapes
        assert {type(step) for step in (*dossier.etapes, *report.registres)} == {Step}
