"""What a Word document of ours tells of itself, in a part of its own that Word and LibreOffice keep when they save it.

Nobody sees it; it is there for when nothing else is remembered of the document. What it says is text, of no interest
to this module.
"""

import html
import re
from itertools import count, islice

from toolkit.formats.package import PackageRefused, Paquet

_NAMESPACE = "urn:toolkit:document"
_ITEM = re.compile(r"customXml/[^/]+\.xml")
_ITEM_MAX, _ITEMS_MAX = 1 << 20, 20
_OPENING = re.compile(r"<(?:\w+:)?document\s[^<>]*>")
_CLOSING = re.compile(r"</(?:\w+:)?document>")
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_TYPES, _RELS = "[Content_Types].xml", "word/_rels/document.xml.rels"
# LibreOffice drops a part that has no properties of its own.
_PROPS = (
    f'{_XML}<ds:datastoreItem ds:itemID="{{6C1C1F0E-5C0B-4B57-9D4B-7D1B6A0E2027}}" xmlns:ds="{_OFFICE}/customXml">'
    f'<ds:schemaRefs><ds:schemaRef ds:uri="{_NAMESPACE}"/></ds:schemaRefs></ds:datastoreItem>'
)
_PROPS_TYPE = "application/vnd.openxmlformats-officedocument.customXmlProperties+xml"


def seal(content: bytes, told: str) -> bytes:
    """The document that tells this of itself, instead of what it told before; raises PackageRefused."""
    paquet = Paquet(content)
    part = f'{_XML}<document xmlns="{_NAMESPACE}">{html.escape(told, quote=False)}</document>'.encode()
    name = _item_of(paquet)
    if name is not None:
        return paquet.replaced({name: part})
    number = next(n for n in count(1) if f"customXml/item{n}.xml" not in paquet)
    props = f"customXml/itemProps{number}.xml"
    target = f"../customXml/item{number}.xml"
    link = f'<Relationship Id="rIdToolkit" Type="{_OFFICE}/relationships/customXml" Target="{target}"/>'
    return paquet.replaced(
        {
            _TYPES: _added(paquet, _TYPES, f'<Override PartName="/{props}" ContentType="{_PROPS_TYPE}"/>'),
            _RELS: _added(paquet, _RELS, link),
            f"customXml/item{number}.xml": part,
            props: _PROPS.encode(),
            f"customXml/_rels/item{number}.xml.rels": (
                f'{_XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                f'<Relationship Id="rId1" Type="{_OFFICE}/relationships/customXmlProps"'
                f' Target="itemProps{number}.xml"/></Relationships>'
            ).encode(),
        }
    )


def _added(paquet: Paquet, name: str, element: str) -> bytes:
    """A list of Word's with one element more, at its end."""
    text = paquet.read(name)
    start = text.rfind(b"</")
    if start < 0:
        raise PackageRefused(f"la partie « {name} » est vide")
    return text[:start] + element.encode() + text[start:]


def read_seal(content: bytes) -> str | None:
    """What it tells, or None for a document that is not ours, or no longer says."""
    try:
        paquet = Paquet(content)
        name = _item_of(paquet)
        return _told_in(paquet.read(name)) if name else None
    except PackageRefused:
        return None


def _told_in(part: bytes) -> str | None:
    """Anyone may have written the part: it is gone through once, from where our name stands."""
    text = part.decode("utf-8", errors="replace")
    at = text.find(_NAMESPACE)
    opening = _OPENING.match(text, max(text.rfind("<", 0, at), 0)) if at >= 0 else None
    closing = _CLOSING.search(text, opening.end()) if opening else None
    return html.unescape(text[opening.end() : closing.start()]) if opening and closing else None


def _item_of(paquet: Paquet) -> str | None:
    """Programs give it another name when they save."""
    items = (name for name, size in paquet.sizes.items() if _ITEM.fullmatch(name) and size < _ITEM_MAX)
    return next((name for name in islice(items, _ITEMS_MAX) if _told_in(paquet.read(name)) is not None), None)
