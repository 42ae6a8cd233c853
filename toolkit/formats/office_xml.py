"""The XML of an Office file: read without entities, network nor declarations of its own, written as Office does."""

from typing import TypeAlias

from lxml import etree

Element: TypeAlias = etree._Element

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


class Unsound(ValueError):
    """A part that is no XML."""


class Declaring(Unsound):
    """A part that declares words of its own (DTD), which Office never writes."""


def parse(part: bytes) -> Element:
    """The root of one part; raises Unsound, Declaring."""
    try:
        root = etree.fromstring(part, _PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unsound(str(error)) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Declaring("DTD")
    return root


def serialise(root: Element) -> bytes:
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True)
