"""What a model is checked for: one function for one subject, all of one shape, all run."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from toolkit.errors import Gravite
from toolkit.formats.word_marks import W
from toolkit.modele.colours import Couleurs
from toolkit.modele.expressions import Lecteur
from toolkit.modele.faults import Faute, faute
from toolkit.modele.names import Genre
from toolkit.modele.numbering import Numeros
from toolkit.modele.reading import CORPS, PROPRIETES, RENDERED, Balise, Lieu, Paragraphe, Source, find_balises
from toolkit.modele.tags import check_balises, inline_blocks_over_paragraphs
from toolkit.modele.usages import USAGES, Usage

_ATTENTION = Gravite.AVERTISSEMENT


@dataclass(frozen=True)
class Examen:
    """A model on its way through the checks."""

    source: Source
    usage: Usage | None
    names: Mapping[str, Genre]

    @property
    def paragraphes(self) -> Iterator[Paragraphe]:
        """Those of every part, the body first."""
        for partie in self.source.parties:
            yield from partie.paragraphes

    @cached_property
    def couleurs(self) -> Couleurs:
        """Resolved once for all checks."""
        return Couleurs(self.source)

    @cached_property
    def numeros(self) -> Numeros:
        """Which paragraphs Word numbers."""
        return Numeros(self.source)

    @cached_property
    def balises(self) -> tuple[list[Faute], set[str]]:
        """The faults of the tags, and the names that they use."""
        fautes: list[Faute] = []
        lus: set[str] = set()
        for partie in self.source.parties:
            found, names = check_balises(partie, self.names)
            fautes += found
            lus |= names
        return fautes, lus

    @cached_property
    def texte(self) -> str:
        """Everything that is typed, for the words that must be there."""
        return " ".join("\n".join(one.texte for one in self.paragraphes).split())


Controle = Callable[[Examen], Iterator[Faute]]


def check_tags(examen: Examen) -> Iterator[Faute]:
    """Each tag read alone, then the blocks that go over several paragraphs."""
    yield from examen.balises[0]
    for partie in examen.source.parties:
        yield from inline_blocks_over_paragraphs(partie)


# --- tags that are not filled -------------------------------------------------------------------------------------

_PARTIES = {
    "word/endnotes.xml": "notes de fin",
    "word/comments.xml": "commentaires",
    "docProps/app.xml": "propriétés du document",
    "docProps/custom.xml": "propriétés personnalisées",
    "word/glossary/document.xml": "blocs de construction",
}
_TAG = re.compile(r"\{\{.{0,200}?\}\}|\{%.{0,200}?%\}", re.DOTALL)


def check_parts_not_filled(examen: Examen) -> Iterator[Faute]:
    """Notes at the end, comments, charts, links: what is typed there stays as typed."""
    for name, root in examen.source.xml.items():
        part = examen.source.parts[name]
        if RENDERED.fullmatch(name) or name == PROPRIETES or not (b"{" in part or b"%7B" in part):
            continue
        if name.endswith(".rels"):
            text = (
                " ".join(one.get("Target", "") for one in root)
                .replace("%7B", "{")
                .replace("%7D", "}")
                .replace("%25", "%")
            )
            label = "adresse d'un lien"
        else:
            text = "".join(str(one) for one in root.itertext())
            label = _PARTIES.get(name, "graphique ou objet")
        for match in _TAG.finditer(text):
            yield Faute(
                "cette partie du document n'est pas remplie",
                "Mettre le champ dans le texte, l'en-tête, le pied de page ou une note de bas de page",
                Lieu(label),
                match[0].replace("%20", " "),
                match[0],
            )


def check_properties(examen: Examen) -> Iterator[Faute]:
    """Title, subject, author: filled as well, and nobody sees them."""
    root = examen.source.xml.get(PROPRIETES)
    for element in root if root is not None else ():
        text = element.text or ""
        label = _PROPERTIES.get(etree.QName(element).localname, "propriété")
        for balise in find_balises(text):
            defauts = (
                list(Lecteur(examen.names).printed(balise.contenu))
                if balise.ouvrante == "{{" and balise.is_entiere
                else []
            )
            if not balise.is_entiere:
                defauts = [("balise jamais fermée", "La corriger dans Fichier > Informations > Propriétés")]
            for cause, correction in defauts:
                yield Faute(cause, correction, Lieu(f"propriétés du document, {label}"), balise.texte, text)


_PROPERTIES = {
    "title": "titre", "subject": "objet", "creator": "auteur", "keywords": "mots-clés", "description": "commentaires",
    "lastModifiedBy": "dernier auteur", "category": "catégorie",
}  # fmt: skip


# --- what Word does with the document by itself -------------------------------------------------------------------


def check_revisions(examen: Examen) -> Iterator[Faute]:
    """A tag across a revision makes a paragraph inside a paragraph (constats.md §3.4)."""
    for partie in examen.source.parties:
        revision = next(
            partie.root.iter(f"{W}ins", f"{W}del", f"{W}moveFrom", f"{W}moveTo", f"{W}rPrChange", f"{W}pPrChange"), None
        )
        if revision is None:
            continue
        element = next(revision.iterancestors(f"{W}p"), None)
        where = next((one for one in partie.paragraphes if one.element is element), None)
        cause = "le modèle contient des modifications suivies"
        correction = "Révision > Accepter toutes les modifications, puis enregistrer"
        yield faute(where, None, cause, correction) if where else Faute(cause, correction, Lieu(partie.libelle))


def check_macros(examen: Examen) -> Iterator[Faute]:
    """Programs inside the file."""
    if any(name.rpartition("/")[2] == "vbaProject.bin" for name in examen.source.parts) or (
        b"macroEnabled" in examen.source.parts.get("[Content_Types].xml", b"")
    ):
        yield Faute("le modèle contient des macros", "Enregistrer sous > Document Word (.docx), sans macros")


_FETCHING = re.compile(r"\b(INCLUDETEXT|INCLUDEPICTURE|DDEAUTO|DDE|LINK|IMPORT|DATABASE)\b")


def check_outside(examen: Examen) -> Iterator[Faute]:
    """Nothing that Word or LibreOffice would fetch from elsewhere when the document is opened."""
    correction = "Le supprimer : un document de l'office se suffit à lui-même"
    for name in examen.source.xml:
        if not name.endswith(".rels"):
            continue
        for relation in examen.source.xml[name]:
            kind = relation.get("Type", "").rpartition("/")[2]
            if kind == "attachedTemplate":
                continue  # the documents are made without it
            if relation.get("TargetMode") == "External" and kind != "hyperlink":
                yield Faute(f"le modèle va chercher un contenu ailleurs (« {relation.get('Target')} »)", correction)
            elif kind in ("oleObject", "aFChunk", "control"):
                yield Faute("le modèle contient un objet d'un autre programme", correction)
    for paragraphe, code in _field_codes(examen):
        if found := _FETCHING.search(code):
            yield faute(paragraphe, None, f"le champ Word « {found[1]} » lit un fichier à l'ouverture", correction)


def _field_codes(examen: Examen) -> Iterator[tuple[Paragraphe, str]]:
    for paragraphe in examen.paragraphes:
        codes = [one.text or "" for one in paragraphe.element.iter(f"{W}instrText")]
        codes += [one.get(f"{W}instr", "") for one in paragraphe.element.iter(f"{W}fldSimple")]
        if codes:
            yield paragraphe, " ".join(codes)


_OF_LAYOUT = {
    "PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "PAGEREF", "REF", "NOTEREF", "SEQ", "LISTNUM", "HYPERLINK", "SYMBOL",
    "ADVANCE", "EQ", "QUOTE", "XE", "TC", "TOC", "INDEX", "FORMTEXT", "FORMCHECKBOX", "MERGEFIELD",
}  # fmt: skip
"""Fields that say the same everywhere, or are told of otherwise."""
_FIELD = re.compile(r"\s*\\?([A-Za-z]+)")
_REMEDES = {
    **dict.fromkeys(
        ("DATE", "TIME", "CREATEDATE", "SAVEDATE", "PRINTDATE"),
        "Écrire la date, ou la remplacer par une balise comme « {{ contrat.signe_direction_le | date_longue }} »",
    ),
    "IF": "Le remplacer par une condition : « {% if … %}…{% else %}…{% endif %} »",
}


def check_computing_fields(examen: Examen) -> Iterator[Faute]:
    """Fields that Word computes when it pleases, and LibreOffice otherwise: the PDF would say something else."""
    for paragraphe in examen.paragraphes:
        told: set[str] = set()
        for code in _codes(paragraphe.element):
            found = _FIELD.match(code)
            name = found[1].upper() if found else ""
            if name and name not in _OF_LAYOUT | told and not _FETCHING.match(name):
                told.add(name)
                remede = _REMEDES.get(name, "Le remplacer par une balise ou par du texte (Ctrl+Maj+F9 le fige)")
                cause = f"le champ Word « {name} » se calcule tout seul : le PDF dirait autre chose que le document"
                yield faute(paragraphe, None, cause, remede)


def _codes(element: etree._Element) -> Iterator[str]:
    """The code of each field that begins in a paragraph, whole, with those inside it left out."""
    for one in element.iter(f"{W}fldSimple"):
        yield one.get(f"{W}instr", "")
    depths: list[list[str]] = []
    for one in element.iter(f"{W}fldChar", f"{W}instrText"):
        kind = one.get(f"{W}fldCharType")
        if kind == "begin":
            depths.append([])
        elif kind == "end" and depths:
            yield "".join(depths.pop())
        elif kind is None and depths:
            depths[-1].append(one.text or "")
    yield from ("".join(one) for one in depths)


def check_protection(examen: Examen) -> Iterator[Faute]:
    """A form that Word protects: nobody could touch up the documents that are made of it."""
    root = examen.source.xml.get("word/settings.xml")
    protection = root.find(f"{W}documentProtection") if root is not None else None
    if protection is not None and protection.get(f"{W}enforcement") in ("1", "true", "on"):
        yield Faute(
            "le modèle est protégé : aucun document qui en sort ne pourrait être retouché",
            "Révision > Restreindre la modification > Désactiver la protection, puis enregistrer",
            gravite=_ATTENTION,
        )


_CONTAINERS = tuple(f"{W}{name}" for name in ("sdt", "hyperlink", "smartTag", "customXml", "fldSimple"))


def check_halves(examen: Examen) -> Iterator[Faute]:
    """A tag of which one half stands in a control or a link, and the other beside it: filling would break both."""
    for paragraphe in examen.paragraphes:
        for balise in paragraphe.balises:
            runs = paragraphe.runs(balise.debut, balise.fin)
            if len({next(run.iterancestors(*_CONTAINERS), None) for run in runs}) > 1:
                yield faute(
                    paragraphe,
                    balise,
                    "balise à moitié dans un contrôle, un lien ou une balise active de Word",
                    "L'effacer et la retaper d'un seul tenant, toute dedans ou toute dehors",
                )


_LOOPS = re.compile(r"\{%-?\s*(?:p\s+)?(?:for|pour)\b")
_ENDS = re.compile(r"\{%-?\s*(?:p\s+)?(?:endfor|finpour)\b")


def check_numbered_loops(examen: Examen) -> Iterator[Faute]:
    """Numbers of a list that go on from one turn of a loop to the next, when a turn has several."""
    for partie in examen.source.parties:
        open_ones: list[list[Paragraphe]] = []
        for paragraphe in partie.paragraphes:
            if examen.numeros.is_numbered(paragraphe.element) and open_ones:
                open_ones[-1].append(paragraphe)
            begins, ends = (len(pattern.findall(paragraphe.texte)) for pattern in (_LOOPS, _ENDS))
            open_ones += [[] for _ in range(begins - ends)]
            for _ in range(min(ends - begins, len(open_ones))):
                inside = open_ones.pop()
                if len(inside) > 1:
                    yield faute(
                        inside[0],
                        None,
                        "liste numérotée dans une boucle : ses numéros se suivent d'un tour à l'autre",
                        "Taper les numéros, ou mettre des puces",
                        _ATTENTION,
                    )


_MERGEFIELD = re.compile(r"MERGEFIELD\s+\"?([\w.-]+)")
_BRACKETS = re.compile(r"\[[A-ZÀ-Ý][A-ZÀ-Ý' _]{2,40}\]|«\s?[A-Z][A-Za-z_]{2,40}\s?»")


def check_other_fields(examen: Examen) -> Iterator[Faute]:
    """Blanks of another habit: mail merge, [NOM], a table of contents that nobody refreshes."""
    correction = "Le remplacer par une balise : toolkit modeles adopter le propose"
    for paragraphe, code in _field_codes(examen):
        if found := _MERGEFIELD.search(code):
            yield faute(
                paragraphe,
                None,
                f"champ de publipostage « {found[1]} », qui ne sera pas rempli",
                correction,
                _ATTENTION,
            )
        if re.search(r"\bTOC\b", code):
            yield faute(paragraphe, None, "table des matières, qui ne sera pas mise à jour", "La supprimer", _ATTENTION)
    for paragraphe in examen.paragraphes:
        for match in _BRACKETS.finditer(paragraphe.reste):
            if match[0].startswith("[À COMPLÉTER"):
                continue
            blank = Balise(match[0], max(paragraphe.texte.find(match[0]), 0))
            yield faute(paragraphe, blank, "ce qui ressemble à un champ ne sera pas rempli", correction, _ATTENTION)


# --- looks --------------------------------------------------------------------------------------------------------

_TWINS = {
    "calibri", "cambria", "arial", "arial narrow", "times new roman", "courier new", "symbol", "wingdings",
    "carlito", "caladea", "liberation sans", "liberation serif", "liberation mono", "liberation sans narrow",
    "arimo", "tinos", "cousine", "dejavu sans", "dejavu serif", "dejavu sans mono",
}  # fmt: skip
"""Fonts that LibreOffice has, or replaces by one of the same widths."""


def check_fonts(examen: Examen) -> Iterator[Faute]:
    """Another font has other widths in the PDF: lines and pages move."""
    told: set[str] = set()
    for paragraphe in examen.paragraphes:
        for run, text in paragraphe.pieces:
            for font in examen.couleurs.fonts(run) - told:
                told.add(font)
                if font.casefold() not in _TWINS and text.strip():
                    yield faute(
                        paragraphe,
                        Balise(text, max(paragraphe.texte.find(text), 0)),
                        f"police « {font} », que LibreOffice ne sait pas remplacer à l'identique",
                        "Employer Calibri, Cambria, Arial ou Times New Roman",
                        _ATTENTION,
                    )


def check_red(examen: Examen) -> Iterator[Faute]:
    """Red is what has to be changed: outside a tag, nothing will change it."""
    for paragraphe in examen.paragraphes:
        position, spans = 0, [(one.debut, one.fin) for one in paragraphe.balises]
        for run, text in paragraphe.pieces:
            is_inside = any(start < position + len(text) and position < end for start, end in spans)
            if text.strip() and not is_inside and examen.couleurs.is_red(run):
                yield faute(
                    paragraphe,
                    Balise(text.strip(), position),
                    "texte rouge qui n'est pas une balise : il restera tel quel",
                    "Le remplacer par une balise (toolkit modeles adopter), ou le remettre en noir",
                    _ATTENTION,
                )
            position += len(text)


def check_colours_of_tags(examen: Examen) -> Iterator[Faute]:
    """A value takes the looks of the opening braces (constats.md §3.5)."""
    for paragraphe in examen.paragraphes:
        for balise in paragraphe.balises:
            runs = paragraphe.runs(balise.debut, balise.fin) if balise.ouvrante == "{{" else []
            reds = [examen.couleurs.is_red(run) for run in runs]
            if any(reds) and not all(reds):
                colour = "rouge" if reds[0] else "noire"
                yield faute(
                    paragraphe,
                    balise,
                    f"balise en deux couleurs : la valeur sera {colour}, comme les accolades ouvrantes",
                    "Mettre toute la balise de la même couleur",
                    _ATTENTION,
                )


# --- what is missing ----------------------------------------------------------------------------------------------


_SIGNATURE = re.compile(r"signature", re.IGNORECASE)


def check_mentions(examen: Examen) -> Iterator[Faute]:
    """What such a document must say. A warning: it may be said in other words, or in an image."""
    if examen.usage is None:
        return
    kind = examen.usage.type
    if "dossier.reference" not in examen.balises[1]:
        yield _missing(
            examen, "la référence du dossier", "Ajouter « {{ dossier.reference }} », au pied de page par exemple"
        )
    text, names = examen.texte.casefold(), examen.balises[1]
    for one in kind.mentions:
        if not names.intersection(one.champs) and not re.search(one.mots, text):
            added = f"Ajouter « {{{{ {one.champs[0]} }}}} »" if one.champs else "L'ajouter en tête"
            yield _missing(examen, one.manque, added)
    if sum(bool(_SIGNATURE.search(one.texte)) for one in examen.paragraphes) < kind.signatures:
        yield _missing(
            examen, "la place des deux signatures", "Prévoir une « Signature » pour le client et une pour l'office"
        )


def _missing(examen: Examen, what: str, correction: str) -> Faute:
    last = next((one for one in reversed(examen.source.parties[0].paragraphes) if one.texte.strip()), None)
    end = len(last.texte) if last else 0
    return Faute(f"il manque {what}", correction, gravite=_ATTENTION, paragraphe=last, debut=end, fin=end)


def check_name(examen: Examen) -> Iterator[Faute]:
    """A name that no kind of document asks for is a warning."""
    if examen.usage is None:
        yield Faute(
            "aucun document ne se fait avec un modèle de ce nom", f"Les noms : {', '.join(USAGES)}", gravite=_ATTENTION
        )


CONTROLES: Sequence[Controle] = (
    check_name,
    check_macros,
    check_outside,
    check_revisions,
    check_tags,
    check_parts_not_filled,
    check_properties,
    check_computing_fields,
    check_protection,
    check_halves,
    check_numbered_loops,
    check_other_fields,
    check_colours_of_tags,
    check_red,
    check_fonts,
    check_mentions,
)


def in_order(fautes: Sequence[Faute], source: Source) -> list[Faute]:
    """The whole file first, then as one reads."""
    rank = {
        id(one.element): number
        for number, one in enumerate(one for partie in source.parties for one in partie.paragraphes)
    }
    body = len(source.parts.get(CORPS, b""))

    def key(one: Faute) -> tuple[int, int]:
        if one.paragraphe is None:
            return (-1, 0)
        return (rank.get(id(one.paragraphe.element), body), one.debut)

    return sorted(fautes, key=key)
