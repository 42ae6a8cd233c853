"""The contract of the benchmarks: one text, written in the language of each program that fills it.

About the size of the office's own: three pages, 42 values, tables of 12 and of 4 rows.
"""

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, make_dataclass

import docx
from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

VALEURS = 42
CLAUSE = (
    "Le client reconnaît avoir pris connaissance des conditions particulières de vente, qui font partie du présent "
    "contrat, et des prestations décrites au programme. Toute modification est demandée par écrit. "
) * 3


@dataclass(frozen=True)
class Prestation:
    """A row of the larger table."""

    date: str
    heure: str
    libelle: str
    lieu: str
    prix: str


@dataclass(frozen=True)
class Reglement:
    """A row of the smaller one."""

    echeance: str
    libelle: str
    montant: str


def donnees() -> dict[str, object]:
    """What the contract is filled with: dated, accented, with what XML does not bear."""
    values: dict[str, object] = {f"valeur{n}": f"Valeur {n} – Éloïse & Fils <{n}>" for n in range(VALEURS)}
    prestations = [
        Prestation(f"{day} juin 2027", "10 h 30", f"Visite guidée n° {day} & goûter", "Sainte-Fiction", f"{day},50 €")
        for day in range(1, 13)
    ]
    reglements = [Reglement(f"{day} mai 2027", f"Versement {day}", f"{day}00,00 €") for day in range(1, 5)]
    return {**values, "prestations": prestations, "reglements": reglements}


def as_object(values: dict[str, object]) -> object:
    """The same as what the toolkit fills a model with: the fields of a dataclass."""
    return make_dataclass("Donnees", values)(**values)


def donnees_json() -> str:
    """The same for a program in another process."""
    rows = {
        name: [asdict(one) for one in value] if isinstance(value, list) else value for name, value in donnees().items()
    }
    return json.dumps(rows)


@dataclass(frozen=True)
class Langue:
    """How a program writes a value and a row that repeats."""

    value: Callable[[Paragraph, str], object]
    row: Callable[[Document, str, Sequence[str]], object]


def modele(langue: Langue) -> bytes:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Office de tourisme de Sainte-Fiction"
    document.sections[0].footer.paragraphs[0].text = "Contrat de vente – page"
    document.add_heading("Contrat de vente", 0)
    for number in range(VALEURS):
        paragraph = document.add_paragraph(f"Article {number} : ")
        paragraph.add_run("convenu : ").bold = True
        langue.value(paragraph, f"valeur{number}")
        paragraph.add_run(f". {CLAUSE if number % 3 == 0 else ''}")
    langue.row(document, "prestations", ["date", "heure", "libelle", "lieu", "prix"])
    langue.row(document, "reglements", ["echeance", "libelle", "montant"])
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _text(form: str) -> Callable[[Paragraph, str], object]:
    return lambda paragraph, name: paragraph.add_run(form.format(name))


def _docxtpl_row(document: Document, name: str, columns: Sequence[str]) -> None:
    table = document.add_table(3, len(columns))
    table.rows[0].cells[0].text = f"{{%tr for x in {name} %}}"
    for cell, column in zip(table.rows[1].cells, columns, strict=True):
        cell.text = f"{{{{ x.{column} }}}}"
    table.rows[2].cells[0].text = "{%tr endfor %}"


def _mustache_row(document: Document, name: str, columns: Sequence[str]) -> None:
    table = document.add_table(1, len(columns))
    for index, (cell, column) in enumerate(zip(table.rows[0].cells, columns, strict=True)):
        start = f"{{#{name}}}" if index == 0 else ""
        end = f"{{/{name}}}" if index == len(columns) - 1 else ""
        cell.text = f"{start}{{{column}}}{end}"


def _carbone_row(document: Document, name: str, columns: Sequence[str]) -> None:
    table = document.add_table(2, len(columns))
    for row, index in zip(table.rows, ("i", "i+1"), strict=True):
        for cell, column in zip(row.cells, columns, strict=True):
            cell.text = f"{{d.{name}[{index}].{column}}}"


def _merge_field(paragraph: Paragraph, name: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), f" MERGEFIELD {name} ")
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = f"«{name}»"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def _merge_row(document: Document, name: str, columns: Sequence[str]) -> None:
    table = document.add_table(1, len(columns))
    for cell, column in zip(table.rows[0].cells, columns, strict=True):
        _merge_field(cell.paragraphs[0], f"{name}_{column}")


DOCXTPL = Langue(_text("{{{{ {} }}}}"), _docxtpl_row)
MUSTACHE = Langue(_text("{{{}}}"), _mustache_row)
"""docxtemplater and easy-template-x write alike."""
CARBONE = Langue(_text("{{d.{}}}"), _carbone_row)
MAILMERGE = Langue(_merge_field, _merge_row)
