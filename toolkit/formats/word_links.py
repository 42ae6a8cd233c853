"""What a Word document points to elsewhere, on the Internet or on a disk: none of it is fetched for a PDF."""

from toolkit.errors import FileRefused
from toolkit.formats.office_xml import parse
from toolkit.formats.package import Paquet

_HARMLESS = ("hyperlink", "attachedTemplate")
"""What is followed only by whoever clicks on it, or changes nothing of what is shown."""


def linked(content: bytes) -> list[str]:
    """The addresses of pictures and other contents, in order; none for what is no Word document."""
    try:
        paquet = Paquet(content)
        names = [name for name in paquet.sizes if name.startswith("word/") and name.endswith(".rels")]
        relations = [one for name in sorted(names) for one in parse(paquet.read(name))]
    except FileRefused:
        return []
    found = [
        one.get("Target", "")
        for one in relations
        if one.get("TargetMode") == "External" and one.get("Type", "").rpartition("/")[2] not in _HARMLESS
    ]
    return list(dict.fromkeys(found))
