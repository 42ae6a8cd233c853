"""The XML of an Office file: read without entities, network nor declarations of its own, written as Office does."""

from typing import TypeAlias

from lxml import etree

from toolkit.errors import FileRefused

Element: TypeAlias = etree._Element

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


class PartUnsound(FileRefused):
    """A part that is no XML, or none that Office writes."""


class PartDeclaring(PartUnsound):
    """A part that declares words of its own (DTD), which Office never does."""


def parse(part: bytes) -> Element:
    """The root of one part; raises PartUnsound, PartDeclaring."""
    try:
        root = etree.fromstring(part, _PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise PartUnsound(f"une de ses parties est abîmée ({error})") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise PartDeclaring("une de ses parties déclare ses propres mots (DTD)")
    return root


def serialise(root: Element) -> bytes:
    """The whole part around an element, in UTF-8, as Office writes it."""
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True)
