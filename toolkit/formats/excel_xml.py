"""The XML of a workbook: refused in French when it is not of the usual kind, found by plain names."""

from collections.abc import Iterator
from contextlib import contextmanager

from toolkit.formats import office_xml
from toolkit.formats.office_xml import Element, PartDeclaring, PartUnsound
from toolkit.formats.package import PackageRefused

NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
MAIN = f"{{{NAMESPACE}}}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
XM = "{http://schemas.microsoft.com/office/excel/2006/main}"
"""Where the ranges of lists and formats of Excel 2010 are written."""
_STRICT = "{http://purl.oclc.org/"


@contextmanager
def understood() -> Iterator[None]:
    """What a file that is not quite a workbook makes us trip over is a reason to leave it as it is.

    Raises PackageRefused.
    """
    try:
        yield
    except (ValueError, LookupError, TypeError, OverflowError) as error:
        raise PackageRefused(f"sa structure est inattendue ({error})") from error


def parse(content: bytes) -> Element:
    """The root of one part; raises PackageRefused for what is no sound XML of the usual kind."""
    try:
        root = office_xml.parse(content)
    except PartDeclaring as error:
        raise PackageRefused("une de ses parties déclare des entités, ce qu'Excel n'écrit jamais") from error
    except PartUnsound as error:
        raise PackageRefused("une de ses parties est abîmée") from error
    if root.tag.startswith(_STRICT):
        raise PackageRefused(
            "il est au format « Classeur Open XML Strict » : l'enregistrer sous « Classeur Excel (.xlsx) »"
        )
    return root


def find(parent: Element, path: str) -> Element | None:
    """A descendant by plain names, ``patternFill/fgColor``."""
    return parent.find("/".join(f"{MAIN}{name}" for name in path.split("/")))


def drop_attribute(element: Element, name: str) -> None:
    """Nothing happens when it is not there."""
    if name in element.attrib:
        del element.attrib[name]
