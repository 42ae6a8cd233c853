"""Avenants as offices live them: late, unsigned, given up, signed in another order; a signed one keeps its figures."""

import re
from datetime import date
from pathlib import Path

import docx
import pytest

from tests.conftest import Bureau, Run, exemple
from tests.modeles_word import livre, put_in
from toolkit.formats.word_marks import W

BASE = exemple("dossier_groupe").split("# ── 10. Avenants")[0]
BONS = "4 Bons d'échange"


def avenant(numero: int, participants: int, recue_le: str, *dates: str) -> str:
    facts = [
        "[[avenants]]",
        f"numero = {numero}",
        'objet = "effectif"',
        'demande_canal = "mail"',
        f"demande_recue_le = {recue_le}",
        f"participants = {participants}",
        *dates,
    ]
    return "\n" + "\n".join(facts) + "\n"


def sent(jour: str) -> tuple[str, ...]:
    return f"redige_le = {jour}", f"envoye_client_le = {jour}"


def signed(client: str, direction: str) -> tuple[str, ...]:
    out = f"renvoye_client_le = {direction}", f"be_prestataires_le = {direction}"
    return f"signe_client_le = {client}", f"signe_direction_le = {direction}", 'signataire = "directeur"', *out


def generate(bureau: Bureau, *avenants: str, le: str) -> Run:
    bureau.dossier(BASE + "".join(avenants))
    return bureau.run("generer", bureau.root, "--sans-pdf", "--json", le=date.fromisoformat(le))


@pytest.fixture
def folder(bureau: Bureau) -> Path:
    return bureau.dossier(BASE)


def facts(bureau: Bureau, folder: Path, le: str) -> dict[str, object]:
    told: dict[str, object] = bureau.run("fiche", folder, "--json", le=date.fromisoformat(le)).json
    return told


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def cells(path: Path) -> list[str]:
    tables = docx.Document(str(path)).tables
    return [plain(cell.text) for table in tables for row in table.rows for cell in row.cells]


def vouchers(folder: Path) -> dict[str, str]:
    """The version of each, as « v1 », by service."""
    stems = [path.stem for path in (folder / BONS).glob("*.docx")]
    return {stem.split()[1][-2:]: stem[-2:] if " v" in stem[-3:] else "v1" for stem in stems}


CONTRAT = dict.fromkeys(("P1", "P2", "P3", "P4"), "v1")


def test_an_avenant_given_up_changes_no_figure_of_one_signed_before(bureau: Bureau, folder: Path) -> None:
    waiting = avenant(1, 50, "2027-05-10", *sent("2027-05-10"))
    made = avenant(2, 40, "2027-05-12", *sent("2027-05-12"), *signed("2027-05-14", "2027-05-15"))
    generate(bureau, waiting, made, le="2027-05-16")
    printed = cells(folder / "5 Avenants/Avenant 2 2027-G-014.docx")
    assert "2 390,00 €" in printed and "30,00 €" in printed
    assert facts(bureau, folder, "2027-05-16")["montants"]["total"] == "2390.00"  # type: ignore[index]

    run = generate(bureau, waiting + "abandonne_le = 2027-05-20\n", made, le="2027-05-21")

    assert facts(bureau, folder, "2027-05-21")["montants"]["total"] == "2390.00"  # type: ignore[index]
    assert cells(folder / "5 Avenants/Avenant 2 2027-G-014.docx") == printed
    assert run.status == 0, run.out


def test_one_that_is_signed_after_another_pays_for_itself_and_is_told(bureau: Bureau, folder: Path) -> None:
    first = avenant(1, 50, "2027-05-10", *sent("2027-05-10"), *signed("2027-05-19", "2027-05-20"))
    made = avenant(2, 40, "2027-05-12", *sent("2027-05-12"), *signed("2027-05-14", "2027-05-15"))
    run = generate(bureau, first, made, le="2027-05-21")

    told = facts(bureau, folder, "2027-05-21")
    assert told["effectif"] == {"participants": 50, "chauffeurs": 1}
    assert told["montants"]["frais"] == "45.00"  # type: ignore[index]
    assert "2 995,00 €" in cells(folder / "5 Avenants/Avenant 1 2027-G-014.docx")
    assert "2 390,00 €" in cells(folder / "5 Avenants/Avenant 2 2027-G-014.docx")
    assert "signé par la direction après l'avenant n° 2" in plain(run.out)


def test_a_late_request_merely_noted_stops_no_voucher(bureau: Bureau, folder: Path) -> None:
    late = avenant(1, 50, "2027-06-04", *sent("2027-06-04"), *signed("2027-06-06", "2027-06-07"))
    run = generate(bureau, late, le="2027-06-05")

    assert vouchers(folder) == CONTRAT
    assert not any(
        "avenants" in step["raison"]
        for one in run.json["dossiers"]
        for step in one["etapes"]
        if BONS in step["fichier"]
    )
    note = plain((folder / "À CORRIGER.txt").read_text(encoding="utf-8"))
    assert "Noter derogation = \"motif\" si l'office l'accepte, abandonne_le s'il la refuse" in note
    refused = generate(bureau, late.replace("participants = 50", "abandonne_le = 2027-06-05"), le="2027-06-05")
    assert refused.status == 0


def test_an_oral_request_merely_noted_stops_no_voucher(bureau: Bureau, folder: Path) -> None:
    generate(bureau, avenant(1, 50, "2027-05-10").replace('"mail"', '"telephone"'), le="2027-05-12")
    assert vouchers(folder) == CONTRAT


@pytest.mark.parametrize("broken", ["signe_direction_le = 2027-05-99", 'signe_direction_le = "le 15"'])
def test_a_signature_that_cannot_be_read_stops_the_vouchers(bureau: Bureau, folder: Path, broken: str) -> None:
    made = avenant(1, 40, "2027-05-12", *sent("2027-05-12"), *signed("2027-05-14", "2027-05-15"))
    generate(bureau, made.replace("signe_direction_le = 2027-05-15", broken), le="2027-05-16")
    assert vouchers(folder) == {}


def test_giving_up_what_was_signed_is_an_error_and_brings_nothing_back(bureau: Bureau, folder: Path) -> None:
    made = avenant(1, 44, "2027-05-04", *sent("2027-05-04"), *signed("2027-05-06", "2027-05-07"))
    generate(bureau, made, le="2027-05-08")
    before = vouchers(folder)
    assert before == dict.fromkeys(CONTRAT, "v2")

    run = generate(bureau, made + "abandonne_le = 2027-05-09\n", le="2027-05-10")

    assert run.status == 1
    assert facts(bureau, folder, "2027-05-10")["effectif"] == {"participants": 44, "chauffeurs": 1}
    assert vouchers(folder) == before
    assert "un avenant signé ne s'abandonne pas" in plain((folder / "À CORRIGER.txt").read_text(encoding="utf-8"))


def test_the_signature_of_the_client_that_is_missing_is_told(bureau: Bureau, folder: Path) -> None:
    made = avenant(1, 50, "2027-05-10", *sent("2027-05-10"), *signed("x", "2027-05-13")).replace(
        "signe_client_le = x\n", ""
    )
    run = generate(bureau, made, le="2027-05-14")
    assert "la signature du client n'est pas notée" in plain(run.out)


def test_one_that_waits_behind_a_signed_one_stays_among_what_is_due(bureau: Bureau, folder: Path) -> None:
    waiting = avenant(1, 50, "2027-05-10", *sent("2027-05-10"))
    made = avenant(2, 40, "2027-05-12", *sent("2027-05-12"), *signed("2027-05-14", "2027-05-15"))
    generate(bureau, waiting, made, le="2027-05-16")

    told = facts(bureau, folder, "2027-05-16")
    assert told["etat"] == "avenant_en_cours"
    due = [plain(one["libelle"]) for one in told["echeances"]]  # type: ignore[attr-defined]
    assert "Retour de l'avenant signé par le client (n° 1)" in due


def red(path: Path) -> list[str]:
    """The texts that are red, in the order of the document."""
    found = []
    for run in docx.Document(str(path)).element.body.iter(f"{W}r"):
        colour = run.find(f"{W}rPr/{W}color")
        if colour is not None and colour.get(f"{W}val") == "FF0000":
            found.append(plain("".join(str(text.text) for text in run.iter(f"{W}t"))))
    return found


def test_only_what_changed_is_red(bureau: Bureau, folder: Path) -> None:
    later = avenant(1, 42, "2027-05-10").replace("effectif", "programme")
    later += '[[avenants.prestations]]\nid = "P3"\ndebut = 12:30:00\nfin = 14:15:00\n'
    generate(bureau, later, le="2027-05-12")
    path = folder / "5 Avenants/Avenant 1 2027-G-014.docx"
    assert red(path) == ["12 h 30"]
    assert any("12 h 30 – 14 h 15" in cell and "La Table du Pollet" in cell for cell in cells(path))


def test_the_vouchers_say_the_same_by_every_name(bureau: Bureau, folder: Path) -> None:
    """An office's own model may print the headcount of the contract's block: it is the one in force."""
    told = (
        "{{ effectif.participants }} personnes, {{ effectif.enfants }} enfants, le {{ sejour.debut | date_simple }}, "
        "{{ dossier.effectif.participants }} et {{ tarif.prix_par_personne | euros }}"
    )
    model = livre("bon_echange.docx", lambda document: document.add_paragraph(told))
    put_in(bureau.root, "bon_echange.docx", model)
    change = 'objet = "date"\nenfants = 4\nprix_par_personne = 61.00\ndebut = 2027-06-24'
    made = avenant(1, 38, "2027-05-12", *sent("2027-05-12"), *signed("2027-05-14", "2027-05-15"))
    generate(bureau, made.replace('objet = "effectif"', change), le="2027-05-16")
    (voucher,) = (folder / BONS).glob("*-P1 *.docx")
    assert plain(docx.Document(str(voucher)).paragraphs[-1].text) == (
        "38 personnes, 4 enfants, le 24 juin 2027, 38 et 61,00 €"
    )


def test_a_group_known_by_a_mail_alone_can_be_reached(bureau: Bureau, folder: Path) -> None:
    bureau.dossier(re.sub(r'(?m)^telephone  = "02 35 00 00 3', '# "', BASE))
    bureau.run("generer", folder, "--sans-pdf", le=date(2027, 5, 16))
    for voucher in (folder / BONS).glob("*.docx"):
        assert any("contact@aines.example.org" in cell for cell in cells(voucher)), voucher.name
