"""What a PDF of others would do or carry, taken out of a copy before the office sends it on under its own name.

Gone: programs, whatever is run or sent when something is opened, shown, clicked or typed, files attached or looked for
elsewhere, forms that are programs (XFA), films and sounds. Kept: what is seen, fields as they are filled in, bookmarks,
links inside the document, and plain links to a web page, a mail address or a telephone number: they do nothing until
they are clicked, and then the reader shows where they lead. Like ``pdf``, it knows pypdf.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, PdfObject, StreamObject

_DROPPED = frozenset(
    {
        "/AA", "/AF", "/AlternatePresentations", "/Collection", "/EF", "/EmbeddedFiles", "/JS", "/JavaScript", "/OPI",
        "/OnInstantiate", "/PA", "/PresSteps", "/Ref", "/Renditions", "/Requirements", "/RichMediaContent",
        "/RichMediaSettings", "/XFA",
    }
)  # fmt: skip
"""Keys that nothing of a plain document needs, wherever they stand."""
_OUTSIDE = ("/F", "/FFilter", "/FDecodeParms")
"""Of a stream: its data lies in another file."""
_ACTIONS = ("/A", "/OpenAction", "/Next")
"""Keys that lead to actions; the other things that some of them lead to have no ``/S``."""
_DOING = frozenset(
    {
        "/GoTo3DView", "/GoToE", "/GoToR", "/Hide", "/ImportData", "/JavaScript", "/Launch", "/Movie", "/Rendition",
        "/ResetForm", "/RichMediaExecute", "/SetOCGState", "/Sound", "/SubmitForm", "/Thread",
    }
)  # fmt: skip
_PAGES = frozenset({"/NextPage", "/PrevPage", "/FirstPage", "/LastPage"})
_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_FILES = frozenset({"/EmbeddedFile", "/Filespec"})
_ANNOTATIONS = frozenset({"/3D", "/FileAttachment", "/Movie", "/RichMedia", "/Screen", "/Sound", "/TrapNet"})


def disarm(writer: PdfWriter) -> None:
    """Take it out of all that a writer holds; what nothing leads to any more is emptied as well, for it is written."""
    for one in dictionaries(writer):
        _clean(one)
    for one in dictionaries(writer):
        is_file = _value(one, "/Type") in _FILES or _value(one, "/Subtype") in _ANNOTATIONS
        if is_file or _value(one, "/S") in _DOING:
            _empty(one)


def dictionaries(writer: PdfWriter) -> Iterator[DictionaryObject]:
    """Every dictionary and stream, however deep it stands in others."""
    for held in writer._objects:
        pending: list[PdfObject | None] = [held]
        while pending:
            one = pending.pop()
            if isinstance(one, DictionaryObject):
                yield one
                pending += one.values()
            elif isinstance(one, ArrayObject):
                pending += list(one)


def _clean(one: DictionaryObject) -> None:
    for key in _DROPPED.intersection(one.keys()):
        _empty_streams(_value(one, key))
        del one[key]
    if isinstance(one, StreamObject):
        for key in _OUTSIDE:
            one.pop(key, None)
    for key in _ACTIONS:
        if any(_does(action) for action in _several(one, key)):
            del one[key]
    annotations = _several(one, "/Annots")
    kept = [each for each in annotations if not (isinstance(each, DictionaryObject) and _is_film_or_file(each))]
    if len(kept) < len(annotations):
        one[NameObject("/Annots")] = ArrayObject(each.indirect_reference or each for each in kept)


def _value(one: DictionaryObject, key: str) -> Any:
    """What stands there, be it by reference."""
    return _resolved(one.raw_get(key)) if key in one else None


def _several(one: DictionaryObject, key: str) -> list[Any]:
    """The same of a list, which one alone may stand for."""
    found = _value(one, key)
    return [_resolved(each) for each in found] if isinstance(found, ArrayObject) else [found]


def _resolved(one: Any) -> Any:
    return one.get_object() if isinstance(one, IndirectObject) else one


def _does(action: Any) -> bool:
    """Whether it is an action that does more than lead somewhere."""
    if not isinstance(action, DictionaryObject) or "/S" not in action:
        return False
    match _value(action, "/S"):
        case "/GoTo":
            return False
        case "/Named":
            return _value(action, "/N") not in _PAGES
        case "/URI":
            return not _is_plain(str(_value(action, "/URI")).strip())
    return True


def _is_plain(address: str) -> bool:
    try:
        return urlsplit(address).scheme.casefold() in _SCHEMES or address.casefold().startswith("www.")
    except ValueError:
        return False


def _is_film_or_file(annotation: DictionaryObject) -> bool:
    return _value(annotation, "/Subtype") in _ANNOTATIONS


def _empty_streams(value: Any) -> None:
    """The program, the form or the file that a dropped key led to."""
    inside = value.values() if isinstance(value, DictionaryObject) else value if isinstance(value, ArrayObject) else ()
    for one in (value, *map(_resolved, inside)):
        if isinstance(one, StreamObject):
            _empty(one)


def _empty(one: DictionaryObject) -> None:
    one.clear()
    if isinstance(one, StreamObject):
        one._data = b""
        one.decoded_self = None
