"""A Word model with its usual parts, and less what would say something else, or more, than what was filled in.

Word 365 may call the body of a document otherwise, and a template is a document but for its type. Comments are for
colleagues, an attached template lies on one machine, and a control bound to the properties of a file or a form field
shows what those say, whatever stands in it.
"""

import posixpath
import re
from collections.abc import Callable
from functools import lru_cache

from toolkit.formats.office_xml import Element, parse, serialise
from toolkit.formats.package import Paquet
from toolkit.formats.word_marks import W
from toolkit.formats.word_package import open_package

BODY = "word/document.xml"
_BODY_RELS = "word/_rels/document.xml.rels"
_RELS, _TYPES = "_rels/.rels", "[Content_Types].xml"
_CORE = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
_SETTINGS, _SETTINGS_RELS = "word/settings.xml", "word/_rels/settings.xml.rels"
_TEMPLATE, _DOCUMENT = (
    f"application/vnd.openxmlformats-officedocument.wordprocessingml.{kind}.main+xml"
    for kind in ("template", "document")
)
_TEXT = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml")
_OF_COMMENTS = re.compile(r"word/(comments\w*|people)\.xml")


@lru_cache(maxsize=16)
def with_usual_parts(content: bytes) -> bytes:
    """Its body is « word/document.xml », and it is a document; raises WordRefused, PackageRefused, PartUnsound."""
    paquet = open_package(content)
    if _RELS not in paquet or _TYPES not in paquet:
        return content
    before = paquet.read(_RELS), paquet.read(_TYPES)
    relations, types = map(parse, before)
    changes: dict[str, bytes | None] = {}
    for relation in relations:
        kind = relation.get("Type", "")
        if kind.endswith("/officeDocument"):
            changes |= _body_renamed(paquet, relation, types)
        elif kind.endswith("/metadata/core-properties"):
            relation.set("Type", _CORE)  # LibreOffice calls it otherwise, and python-docx then adds another
    for override in types:
        if override.get("ContentType") == _TEMPLATE:
            override.set("ContentType", _DOCUMENT)
    after = serialise(relations), serialise(types)
    changes |= {
        name: now
        for name, then, now in zip((_RELS, _TYPES), before, after, strict=True)
        if now != serialise(parse(then))
    }
    return paquet.replaced(changes) if changes else content


def _body_renamed(paquet: Paquet, relation: Element, types: Element) -> dict[str, bytes | None]:
    """The body under its usual name; another part that had it, which nothing shows, goes."""
    body = posixpath.normpath(relation.get("Target", "").lstrip("/"))
    folder, file = posixpath.split(body)
    if body == BODY or folder != "word" or body not in paquet:
        return {}
    rels = f"word/_rels/{file}.rels"
    relation.set("Target", BODY)
    for override in list(types):
        if override.get("PartName") == f"/{BODY}":
            types.remove(override)
        elif override.get("PartName") == f"/{body}":
            override.set("PartName", f"/{BODY}")
    return {
        body: None,
        rels: None,
        BODY: paquet.read(body),
        _BODY_RELS: paquet.read(rels) if rels in paquet else None,
    }


@lru_cache(maxsize=16)
def bare(content: bytes) -> bytes:
    """What is filled; the same bytes when there is nothing to leave out. Raises WordRefused, PackageRefused."""
    content = with_usual_parts(content)
    paquet = open_package(content)
    changes: dict[str, bytes | None] = {}
    for name in filter(_TEXT.fullmatch, paquet.sizes):
        part = paquet.read(name)
        if any(word in part for word in (b"omment", b"dataBinding", b"FORMTEXT")):
            changes[name] = _changed(part, _strip_text)
    comments = [name for name in paquet.sizes if _OF_COMMENTS.fullmatch(name)]
    if comments:
        changes |= dict.fromkeys(comments)
        for name in (_TYPES, _BODY_RELS):
            changes[name] = _changed(paquet.read(name), lambda root: _strip_parts(root, comments))
    if _SETTINGS_RELS in paquet and b"attachedTemplate" in paquet.read(_SETTINGS_RELS):
        for name in (_SETTINGS, _SETTINGS_RELS):
            changes[name] = _changed(paquet.read(name), _strip_template)
    return paquet.replaced(changes) if changes else content


def _changed(part: bytes, strip: Callable[[Element], None]) -> bytes:
    root = parse(part)
    strip(root)
    return serialise(root)


def _strip_parts(root: Element, names: list[str]) -> None:
    """The lines of a list of parts, or of relations, that lead to these."""
    gone = {f"/{name}" for name in names} | {posixpath.basename(name) for name in names} | set(names)
    for line in list(root):
        if line.get("PartName") in gone or line.get("Target") in gone:
            root.remove(line)


def _strip_template(root: Element) -> None:
    for one in list(root):
        if one.tag == f"{W}attachedTemplate" or one.get("Type", "").endswith("/attachedTemplate"):
            root.remove(one)


def _strip_text(root: Element) -> None:
    for one in tuple(root.iter(f"{W}commentRangeStart", f"{W}commentRangeEnd", f"{W}commentReference")):
        _remove(one)
    for one in (*root.iter("{*}dataBinding"), *_of_form_fields(root)):
        _remove(one)


def _of_form_fields(root: Element) -> list[Element]:
    """What makes a text that people typed in a form a field; the text itself is none of it."""
    marks: list[list[Element]] = []
    """Of each field that is open, the innermost last."""
    found: list[Element] = []
    for one in root.iter(f"{W}fldChar", f"{W}instrText"):
        kind = one.get(f"{W}fldCharType")
        if kind == "begin":
            marks.append([])
        if not marks:
            continue
        marks[-1].append(one)
        if kind == "end":
            closed = marks.pop()
            found += closed if any("FORMTEXT" in (mark.text or "") for mark in closed) else []
    return found


def _remove(one: Element) -> None:
    """With the run that holds nothing else."""
    parent = one.getparent()
    if parent is None:
        return
    parent.remove(one)
    above = parent.getparent()
    if above is not None and parent.tag == f"{W}r" and all(child.tag == f"{W}rPr" for child in parent):
        above.remove(parent)
