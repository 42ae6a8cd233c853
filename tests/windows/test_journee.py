"""A day of the office on a Windows desktop, on the drive and on the share: the main job, from the demonstration on."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfWriter

from tests.conftest import Run
from tests.windows.poste import LECTEUR, PARTAGE, Poste
from toolkit import cli
from toolkit.system import files

SUIVI = "_suivi"


@pytest.fixture(scope="module", params=[LECTEUR, PARTAGE], ids=["lecteur", "partage"])
def office(
    request: pytest.FixtureRequest, poste: Poste, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path, Run]]:
    """The demonstration as the desktop names it, the same folder as this machine does, and what the desktop said."""
    folder = tmp_path_factory.mktemp("groupes")
    poste.share(folder)
    seen = f"{request.param}L'office & Cie (42 %)"
    yield seen, folder / "L'office & Cie (42 %)", poste.toolkit("demo", seen)


def contents(folder: Path) -> dict[str, str]:
    """Digest of every file that people see."""
    return {
        path.relative_to(folder).as_posix(): files.sha256(path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file() and SUIVI not in path.parts
    }


@pytest.fixture(scope="module")
def made_here(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What this machine makes of the same demonstration, PDFs waiting too."""
    folder = tmp_path_factory.mktemp("ici") / "office"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOOLKIT_SOFFICE", "/aucun/soffice")
        assert cli.main(["demo", str(folder)]) == 0
    return contents(folder)


def test_the_desktop_makes_the_documents_that_the_server_makes(
    office: tuple[str, Path, Run], made_here: dict[str, str]
) -> None:
    _seen, folder, run = office

    assert (run.status, "Traceback" in run.err) == (0, False), run.out + run.err
    made = contents(folder)
    assert made.keys() == made_here.keys()
    # A new workbook tells in its zip which system wrote it; everything else is the same to the byte.
    assert {name for name in made if made[name] != made_here[name] and not name.endswith(".xlsx")} == set()
    assert sum(name.endswith(".docx") for name in made) > 40
    assert "LibreOffice n'est pas installé" in run.out


def test_the_rest_of_the_day_changes_nothing(office: tuple[str, Path, Run], poste: Poste) -> None:
    seen, folder, _run = office
    before = contents(folder)

    again = poste.toolkit("generer", seen)
    verified = poste.toolkit("verifier", seen)
    recap = poste.toolkit("recap", seen, "--annee", "2027")
    watched = poste.toolkit("surveiller", seen, "--une-fois")

    assert [run.status for run in (again, verified, recap, watched)] == [0, 0, 0, 0]
    assert "rien d'autre à faire" in again.out
    assert contents(folder) == before


def test_one_dossier_told_and_a_new_one_opened(office: tuple[str, Path, Run], poste: Poste) -> None:
    seen, folder, _run = office
    told = poste.toolkit(
        "fiche", f"{seen}\\Groupe\\2027\\06 - Juin\\Dossier en cours\\2027-06-17 Aînés de Sainte-Fiction 42p"
    )
    opened = poste.toolkit(
        "nouveau", seen, "groupe", "« L'Été » & Cie <100 %>", "2027-09-09", "--participants", "12", "--json"
    )

    assert (told.status, opened.status) == (0, 0), told.err + opened.out
    assert "2027-G-014" in told.out
    [made] = folder.glob("Groupe/2027/09 - Septembre/Dossier en cours/2027-09-09 *")
    assert made.name == "2027-09-09 « L'Été » & Cie -100 %- 12p"
    assert 'nom = "« L\'Été » & Cie <100 %>"' in (made / "dossier.toml").read_text(encoding="utf-8")


def test_a_copy_is_watermarked_where_it_lies(office: tuple[str, Path, Run], poste: Poste) -> None:
    seen, folder, _run = office
    page = io.BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(595, 842)
    writer.write(page)
    folder.joinpath("Bon n° 1 & annexe (été).pdf").write_bytes(page.getvalue())

    run = poste.toolkit("copie", f"{seen}\\Bon n° 1 & annexe (été).pdf")

    assert run.status == 0, run.out + run.err
    assert [path.name for path in folder.glob("*COPIE*")] == ["Bon n° 1 & annexe (été) COPIE.pdf"]


def test_the_diagnosis_says_what_is_missing(office: tuple[str, Path, Run], poste: Poste) -> None:
    seen, _folder, _run = office

    run = poste.toolkit("diagnostic", seen)

    assert run.status == 1
    assert "3.11.9 sur Windows" in run.out
    assert "LibreOffice\N{NO-BREAK SPACE}: absent" in run.out
    assert "on peut écrire dans l'arborescence" in run.out
