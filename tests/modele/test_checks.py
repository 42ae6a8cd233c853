"""Word models checked before use: one model per fault, with the place and the words that tell it."""

from random import Random
from typing import Any

import pytest
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from tests.modeles_word import cell, changed, livre, modele, runs
from toolkit.errors import Gravite
from toolkit.formats.word_marks import W
from toolkit.formats.word_package import XML_MAX
from toolkit.modele.catalogue import filtres
from toolkit.modele.faults import Faute
from toolkit.modele.whole_check import check_modele
from toolkit.tree.shipped import MODELES

NBSP = "\N{NO-BREAK SPACE}"
CONTRAT = "contrat_groupe.docx"


def fautes(content: bytes, nom: str = CONTRAT) -> list[Faute]:
    """Without what a small model of a test does not have."""
    return [one for one in check_modele(content, nom) if one.is_error or not one.cause.startswith("il manque")]


def told(content: bytes, nom: str = CONTRAT) -> list[str]:
    return [one.message for one in fautes(content, nom)]


@pytest.mark.parametrize("path", sorted(MODELES.glob("*.docx")), ids=lambda path: str(path.name))
def test_no_false_alarm_on_the_shipped_models(path: Any) -> None:
    assert [one.message for one in check_modele(path.read_bytes(), path.name)] == []


DROITS = 'Remplacer par des guillemets droits "…" (Ctrl+Z juste après la frappe annule la correction de Word)'
CACHE = "Supprimer cette balise ; si le modèle vient d'ailleurs, ne pas s'en servir"
SEULE = "Laisser la balise seule dans son paragraphe"
DES_DATES = ", ".join(f"| {one.nom}" for one in filtres() if "{{ sejour.debut |" in one.ecriture)


@pytest.mark.parametrize(
    ("typed", "balise", "cause", "correction"),
    [
        # Names.
        ("{{ clinet.nom }}", None, "champ inconnu « clinet.nom »", "Vouliez-vous écrire « client.nom » ?"),
        ("{{ client.nomm }}", None, "champ inconnu « client.nomm »", "Vouliez-vous écrire « client.nom » ?"),
        ("{{ Client.Nom }}", None, "champ inconnu « Client.Nom »", "Vouliez-vous écrire « client.nom » ?"),
        (
            "{{ client.téléphone }}",
            None,
            "champ inconnu « client.téléphone »",
            "Vouliez-vous écrire « client.telephone » ?",
        ),
        (
            "{{ client.prenom }}",
            None,
            "champ inconnu « client.prenom »",
            "Vouliez-vous écrire « client.contact.prenom » ?",
        ),
        (
            "{{ montants.marge.montant | euros }}",
            None,
            "« montants.marge » est interne à l'office",
            "L'ôter : ni achat ni marge sur un document",
        ),
        ("{{ xyzzy }}", None, "champ inconnu « xyzzy »", "Choisir dans la liste : toolkit modeles champs"),
        (
            "{{ client.items }}",
            None,
            "champ inconnu « client.items »",
            "Choisir dans la liste : toolkit modeles champs",
        ),
        (
            "{{ periode.jour }}",
            None,
            "champ inconnu « periode.jour »",
            "Choisir dans la liste : toolkit modeles champs",
        ),
        ("{{ client['nomm'] }}", None, "champ inconnu « client.nomm »", "Vouliez-vous écrire « client.nom » ?"),
        (
            "{% if clinet.nom %}a{% endif %}",
            "{% if clinet.nom %}",
            "champ inconnu « clinet.nom »",
            "Vouliez-vous écrire « client.nom » ?",
        ),
        (
            "{% for p in programme %}{{ p.libele }}{% endfor %}",
            "{{ p.libele }}",
            "champ inconnu « p.libele »",
            "Vouliez-vous écrire « p.libelle » ?",
        ),
        (
            "{% for p in programme if p.natur %}a{% endfor %}",
            "{% for p in programme if p.natur %}",
            "champ inconnu « p.natur »",
            "Vouliez-vous écrire « p.nature » ?",
        ),
        (
            "{% for p in programme %}{{ loop.indx }}{% endfor %}",
            "{{ loop.indx }}",
            "champ inconnu « loop.indx »",
            "Vouliez-vous écrire « loop.index » ?",
        ),
        (
            "{{ avenant.numero }}",
            None,
            "champ inconnu « avenant.numero »",
            "Choisir dans la liste : toolkit modeles champs",
        ),
        # How a value is written.
        (
            "{{ sejour.debut }}",
            None,
            "« sejour.debut » est une date : il faut dire comment l'écrire",
            f"Ajouter un filtre : {DES_DATES}",
        ),
        (
            "{{ montants.total }}",
            None,
            "« montants.total » est un nombre : il faut dire comment l'écrire",
            "Ajouter un filtre : | euros, | pourcentage, | euros_anglais, | pourcentage_anglais",
        ),
        (
            "{{ client.adresse }}",
            None,
            "« client.adresse » est une liste",
            "La parcourir : {% for x in client.adresse %}{{ x }}{% endfor %}",
        ),
        (
            "{{ client.contact }}",
            None,
            "« client.contact » est un groupe de champs",
            "Dire lequel après un point : civilite, prenom, nom, qualite…",
        ),
        (
            "{{ sejour.date_a_confirmer }}",
            None,
            "« sejour.date_a_confirmer » est un oui ou non, qui ne s'imprime pas",
            "L'employer ainsi : {% if sejour.date_a_confirmer %} … {% endif %}",
        ),
        (
            "{{ sejour.debut | euros }}",
            None,
            "« | euros » ne convient pas à « sejour.debut », qui est une date",
            f"Employer plutôt {DES_DATES}",
        ),
        ("{{ client.nom | majuscules }}", None, "filtre inconnu « majuscules »", None),
        ("{{ effectif.participants | pluriel }}", None, "« | pluriel » mal employé", 'Écrire « | pluriel("…") »'),
        (
            "{{ programme.libelle }}",
            None,
            "« programme » est une liste",
            "La parcourir : {%p for x in programme %} … {{ x.libelle }} … {%p endfor %}",
        ),
        (
            "{% for x in client.nom %}{{ x }}{% endfor %}",
            "{% for x in client.nom %}",
            "« client.nom » n'est pas une liste",
            "Une boucle « for » va sur une liste",
        ),
        # Blocks.
        (
            "{%p for p in programme %}",
            None,
            "bloc « for » ouvert ici et jamais fermé",
            "Ajouter un paragraphe « {%p endfor %} » après la dernière ligne à répéter",
        ),
        (
            "{% if nuits %}a",
            "{% if nuits %}",
            "bloc « if » ouvert ici et jamais fermé",
            "Ajouter « {% endif %} » dans le même paragraphe",
        ),
        (
            "a{% endif %}",
            "{% endif %}",
            "« endif » sans « if » avant lui",
            "Ôter cette balise, ou ajouter « {% if … %} » plus haut",
        ),
        (
            "{% if nuits %}a{% endfor %}",
            "{% endfor %}",
            "« endfor » dans un bloc « if » ouvert par « {% if nuits %} »",
            "Écrire « {% endif %} »",
        ),
        (
            "{% if nuits %}a{% endif nuits %}",
            "{% endif nuits %}",
            "« nuits » en trop après « endif »",
            "Écrire « {% endif %} »",
        ),
        # What French Word types by itself.
        (
            "{% if client.commune == « Autun » %}a{% endif %}",
            "{% if client.commune == « Autun » %}",
            "guillemets français dans une balise",
            DROITS,
        ),
        (
            "{{ montants.total – montants.acompte | euros }}",
            None,
            "tiret long dans une balise",
            "Remplacer par le signe moins du clavier « - »",
        ),
        ("{{ client…nom }}", None, "points de suspension dans une balise", "Remplacer par un point « . »"),
        ("{{ client.\u200bnom }}", None, "caractère invisible dans une balise", "Retaper la balise d'une traite"),
        ("{{ client\t.nom }}", None, "tabulation ou saut de ligne dans une balise", "Remplacer par une espace"),
        (f"{{%p{NBSP}if nuits %}}", None, "espace insécable après « {%p »", "La remplacer par une espace ordinaire"),
        (
            "{% If nuits %}a{% endif %}",
            "{% If nuits %}",
            "mot-clé en majuscules « If » (correction automatique de Word ?)",
            "Écrire « if »",
        ),
        (
            "{% if nuits And transport %}a{% endif %}",
            "{% if nuits And transport %}",
            "« And » en majuscules (correction automatique de Word ?)",
            "Écrire « and »",
        ),
        # Other habits.
        ("{%pif nuits %}", None, "il manque une espace après « {%p »", "Écrire « {%p if nuits %} »"),
        ("{% p if nuits %}", None, "espace entre « {% » et « p »", "Écrire « {%p if nuits %} »"),
        ("{%P if nuits %}", None, "« P » en majuscules", "Écrire « {%p if nuits %} »"),
        (
            "{% si nuits %}a{% fin si %}",
            "{% si nuits %}",
            "« si » n'est pas un mot des modèles",
            "Écrire « {% if nuits %} »",
        ),
        (
            "{% if nuits %}a{% end if %}",
            "{% end if %}",
            "« end if » n'est pas un mot des modèles",
            "Écrire « {% endif %} »",
        ),
        ("{% fi nuits %}", None, "mot inconnu « fi »", "Les mots possibles : if, elif, else, endif, for, endfor"),
        (
            '{% if paiement.mode = "virement" %}a{% endif %}',
            '{% if paiement.mode = "virement" %}',
            "« = » seul dans une comparaison",
            "Écrire « == » pour comparer",
        ),
        (
            "{% if nuits et transport %}a{% endif %}",
            "{% if nuits et transport %}",
            "« et » est un mot français",
            "Écrire « and »",
        ),
        (
            '{% if client.pays == "France %}a{% endif %}',
            '{% if client.pays == "France %}',
            "guillemet ouvert et jamais fermé",
            'Entourer le texte de guillemets droits "…"',
        ),
        (
            "{% if (nuits %}a{% endif %}",
            "{% if (nuits %}",
            "parenthèse ouverte ou fermée de trop",
            "Revoir les parenthèses",
        ),
        ("{{ client nom }}", None, "balise mal écrite", None),
        ("{{ }}", None, "balise vide", None),
        (
            "{% if nuits is odd %}a{% endif %}",
            "{% if nuits is odd %}",
            "« is odd » n'existe pas ici",
            "Écrire « is defined », ou une comparaison",
        ),
        # Braces.
        ("{ client.nom }}", None, "accolade manquante", None),
        ("{ client.nom }", None, "accolades simples", "Les doubler : « {{ … }} »"),
        (
            "{{ client.nom",
            None,
            "balise jamais fermée dans son paragraphe",
            "La fermer par « }} », dans le même paragraphe",
        ),
        ("{{ client.nom %}", None, "balise ouverte par « {{ » et fermée par « %} »", "La fermer par « }} »"),
        # What would disappear.
        ("Nuits : {%p if nuits %}", "{%p if nuits %}", "le texte à côté de cette balise disparaîtrait", SEULE),
        (
            "{%p if nuits %}{%p endif %}",
            "{%p endif %}",
            "deux balises « {%p » dans un paragraphe",
            "Une seule par paragraphe : la seconde va à la ligne",
        ),
        (
            "{{r client.nom }}",
            None,
            "« {{r » n'affiche rien",
            "Écrire « {{ client.nom }} » : la mise en forme est celle de la balise",
        ),
        ("{%r if nuits %}", None, "« {%r » n'existe pas ici", "Écrire « {% if … %} »"),
        ("{%tr if nuits %}", None, "« {%tr » hors d'un tableau", "Écrire « {%p », qui répète ou cache des paragraphes"),
        (
            "{%p if nuits % 2 %}",
            None,
            "accolade ou « % » après « {%p »",
            "Le toolkit calcule : prendre le champ du résultat",
        ),
        ("{% hm %}a", "{% hm %}", "« hm » n'existe pas ici", "Fusionner les cellules dans Word"),
        (
            "{{ montants.total - montants.acompte | euros }}",
            None,
            "« | euros » ne porte que sur « montants.acompte »",
            "Mettre le calcul entre parenthèses : « {{ (montants.total - montants.acompte) | euros }} »",
        ),
        # Programs.
        (
            "{{ 3 * nuits }}",
            None,
            "calcul dans une balise",
            "Le toolkit calcule les montants : prendre le champ du résultat",
        ),
        (
            "{{ client.nom.upper() }}",
            None,
            "programme caché dans le modèle : un modèle n'affiche que des champs",
            CACHE,
        ),
        ("{% set x = 1 %}", None, "programme caché dans le modèle : un modèle n'affiche que des champs", CACHE),
        (
            "{% include 'autre.docx' %}",
            None,
            "programme caché dans le modèle : un modèle n'affiche que des champs",
            CACHE,
        ),
        (
            "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
            None,
            "programme caché dans le modèle : un modèle n'affiche que des champs",
            CACHE,
        ),
    ],
)
def test_a_fault_of_a_tag(typed: str, balise: str | None, cause: str, correction: str | None) -> None:
    found = fautes(modele("Contrat", typed))
    first = found[0]
    assert (str(first.lieu), first.balise, first.cause) == ("corps, paragraphe 2", balise or typed, cause)
    assert correction in (None, first.correction)
    assert first.is_error


@pytest.mark.parametrize(
    "typed",
    [
        "{% for x in programme if x.detail is defined %}{{ loop.index }}{% endfor %}",
        "{{ (montants.total - montants.acompte) | euros }}",
        "{{ -montants.solde | euros }}",
        "{{ programme[0].date | date_courte }}",
        "{% if client.pays != 'France « et » – …' %}a{% elif not nuits %}b{% else %}c{% endif %}",
        "{% if client.pays == “France” %}a{% endif %}",
        "{{- client.nom -}}",
        "{# un mot pour les collègues « » #}",
        "{{ client.nom if nuits else client.commune }}",
        "{%p for x in programme %}",
        "Prix { à voir }, 100 % et {…}",
    ],
)
def test_what_is_well_written_is_let_through(typed: str) -> None:
    closing = ["{%p endfor %}"] if typed.startswith("{%p for") else []
    assert told(modele(typed, *closing)) == []


def test_merged_cells_of_docxtpl_are_let_through() -> None:
    rows = cell(
        1, 1, "{%tr for x in programme %}", (2, 1, "{% vm %}a"), (2, 2, "{% colspan 1 %}b"), (3, 1, "{%tr endfor %}")
    )
    assert told(modele(build=rows)) == []


def _texte_a_cote(document: Document) -> None:
    cell(2, 1, "{%tr if nuits %}", (2, 2, "texte"), (3, 1, "{%tr endif %}"))(document)


def _zone_de_texte(document: Document) -> None:
    box = f"""<w:p {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml">
    <w:r><w:pict><v:shape><v:textbox><w:txbxContent>
    <w:p><w:r><w:t>{{{{ clinet.nom }}}}</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"""
    document.element.body.insert(0, parse_xml(box))


def _titre(document: Document) -> None:
    document.core_properties.title = "{{ clinet.nom }}"


def _inserted(document: Document) -> None:
    document.add_paragraph()._p.append(
        parse_xml(f'<w:ins {nsdecls("w")} w:id="1" w:author="A"><w:r><w:t>ajout</w:t></w:r></w:ins>')
    )


def _code(code: str) -> Any:
    def build(document: Document) -> None:
        document.add_paragraph()._p.append(
            parse_xml(f"<w:fldSimple {nsdecls('w')} w:instr='{code}'><w:r><w:t>x</w:t></w:r></w:fldSimple>")
        )

    return build


def _font(document: Document) -> None:
    document.add_paragraph().add_run("Bienvenue").font.name = "Aptos"


def _header(first: bool) -> Any:
    def build(document: Document) -> None:
        section = document.sections[0]
        section.different_first_page_header_footer = first
        (section.first_page_header if first else section.footer).paragraphs[0].add_run("{{ clinet.nom }}")

    return build


def _autour(before: str, inside: str, after: str) -> Any:
    """A field in a field, as Word writes them."""

    def build(document: Document) -> None:
        paragraph = document.add_paragraph()

        def char(kind: str) -> None:
            paragraph.add_run()._r.append(parse_xml(f'<w:fldChar {nsdecls("w")} w:fldCharType="{kind}"/>'))

        def code(text: str) -> None:
            run = paragraph.add_run()._r
            run.append(parse_xml(f'<w:instrText {nsdecls("w")} xml:space="preserve">{text}</w:instrText>'))

        char("begin")
        code(before)
        char("begin")
        code(inside)
        char("end")
        code(after.replace('"', "&quot;"))
        char("separate")
        paragraph.add_run("virement")
        char("end")

    return build


def _half(around: str) -> Any:
    def build(document: Document) -> None:
        paragraph = document.add_paragraph()._p
        inside = "<w:r><w:t>{{ client</w:t></w:r>"
        content = f"<w:sdtContent>{inside}</w:sdtContent>" if around == "sdt" else inside
        paragraph.append(parse_xml(f"<w:{around} {nsdecls('w')}>{content}</w:{around}>"))
        paragraph.append(parse_xml(f"<w:r {nsdecls('w')}><w:t>.nom }}}}</w:t></w:r>"))

    return build


NUMEROS = """<w:numbering {w}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl>
</w:abstractNum><w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
</w:numbering>"""


def _numbered(*lines: str) -> Any:
    """Paragraphs of a list before a bar, by its number: 1 counts, 2 has bullets."""

    def build(document: Document) -> None:
        numbering = Part(
            PackURI("/word/numbering.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml",
            NUMEROS.format(w=nsdecls("w")).encode(),
            document.part.package,
        )
        document.part.relate_to(numbering, RT.NUMBERING)
        for line in lines:
            number, _, text = line.rpartition("|")
            paragraph = document.add_paragraph(text)
            if number:
                told = f'<w:numPr {nsdecls("w")}><w:ilvl w:val="0"/><w:numId w:val="{number}"/></w:numPr>'
                paragraph._p.get_or_add_pPr().append(parse_xml(told))

    return build


PROTEGE = '<w:documentProtection w:edit="forms" w:enforcement="1"/>'
MOT = "Vouliez-vous écrire « client.nom » ?"
AILLEURS = "Ouvrir et fermer le bloc dans la même cellule ; pour une ligne de tableau, employer « {%tr »"
NON_REMPLIE = "Mettre le champ dans le texte, l'en-tête, le pied de page ou une note de bas de page"
ADOPTER = "Le remplacer par une balise : toolkit modeles adopter le propose"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            modele(build=cell(2, 2, "{{ clinet.nom }}")),
            f"corps, tableau 1, ligne 2, colonne 2, « {{{{ clinet.nom }}}} » : champ inconnu « clinet.nom ». {MOT}",
        ),
        (
            modele(build=_header(first=False)),
            f"pied de page, paragraphe 1, « {{{{ clinet.nom }}}} » : champ inconnu « clinet.nom ». {MOT}",
        ),
        (
            modele(build=_header(first=True)),
            "en-tête de la première page, paragraphe 1, « {{ clinet.nom }} » : champ inconnu « clinet.nom ». " + MOT,
        ),
        (
            modele(build=_zone_de_texte),
            "corps, paragraphe 2, zone de texte, « {{ clinet.nom }} » : champ inconnu « clinet.nom ». " + MOT,
        ),
        (
            modele(build=lambda d: runs(d, ("{", None), ("{ cli", None), ("net.nom ", None), ("}}", None))),
            "corps, paragraphe 1, « {{ clinet.nom }} » : champ inconnu « clinet.nom ». " + MOT,
        ),
        *(
            (
                modele(build=_code(f"{code} x")),
                f"corps, paragraphe 1 : le champ Word « {code} » se calcule tout seul : le PDF dirait autre chose que "
                "le document. Le remplacer par une balise ou par du texte (Ctrl+Maj+F9 le fige)",
            )
            for code in ("FILENAME", "AUTHOR", "TITLE", "DOCPROPERTY", "USERNAME", "FORMDROPDOWN")
        ),
        (
            modele(build=_code('SAVEDATE \\@ "dd/MM/yyyy"')),
            "corps, paragraphe 1 : le champ Word « SAVEDATE » se calcule tout seul : le PDF dirait autre chose que le "
            "document. Écrire la date, ou la remplacer par une balise comme "
            "« {{ contrat.signe_direction_le | date_longue }} »",
        ),
        (
            modele(build=_autour("IF ", "PAGE", ' = "v" "virement" "chèque"')),
            "corps, paragraphe 1 : le champ Word « IF » se calcule tout seul : le PDF dirait autre chose que le "
            "document. Le remplacer par une condition : « {% if … %}…{% else %}…{% endif %} »",
        ),
        *(
            (
                modele(build=_half(around)),
                "corps, paragraphe 1, « {{ client.nom }} » : balise à moitié dans un contrôle, un lien ou une balise "
                "active de Word. L'effacer et la retaper d'un seul tenant, toute dedans ou toute dehors",
            )
            for around in ("sdt", "hyperlink", "smartTag")
        ),
        (
            modele(
                build=_numbered("{%p for p in programme %}", "1|{{ p.libelle }}", "1|{{ p.lieu }}", "{%p endfor %}")
            ),
            "corps, paragraphe 2 : liste numérotée dans une boucle : ses numéros se suivent d'un tour à l'autre. "
            "Taper les numéros, ou mettre des puces",
        ),
        (
            changed(
                modele("Bonjour"),
                {"word/settings.xml": ("<w:zoom", '<w:documentProtection w:edit="forms" w:enforcement="1"/><w:zoom')},
            ),
            "fichier : le modèle est protégé : aucun document qui en sort ne pourrait être retouché. Révision > "
            "Restreindre la modification > Désactiver la protection, puis enregistrer",
        ),
        (
            modele("{%p for p in programme %}", "{{ p.libelle }}", "{% endfor %}"),
            "corps, paragraphe 3, « {% endfor %} » : bloc ouvert par « {%p for p in programme %} ». "
            "Écrire « {%p endfor %} », avec le même préfixe",
        ),
        (
            modele(build=cell(1, 1, "{% if nuits %}a", (1, 2, "b{% endif %}"))),
            "corps, tableau 1, ligne 1, colonne 2, « {% endif %} » : bloc ouvert ailleurs "
            f"(corps, tableau 1, ligne 1, colonne 1) par « {{% if nuits %}} ». {AILLEURS}",
        ),
        (
            modele(build=_texte_a_cote),
            "corps, tableau 1, ligne 2, colonne 1, « {%tr if nuits %} » : le texte de cette ligne de tableau "
            "disparaîtrait. Laisser la balise seule dans sa ligne, avant ou après la ligne à répéter",
        ),
        (
            modele(build=cell(1, 1, "{%tr for p in programme %}", (1, 2, "{%tr endfor %}"))),
            "corps, tableau 1, ligne 1, colonne 2, « {%tr endfor %} » : deux balises « {%tr » dans une ligne de "
            "tableau. Chacune va seule dans sa propre ligne, avant et après la ligne à répéter",
        ),
        (
            modele("{% if nuits %}a", "b{% endif %}"),
            "corps, paragraphe 1, « {% if nuits %} » : bloc fermé dans un autre paragraphe : il laissera des lignes "
            "vides. Écrire « {%p if nuits %} », seul dans son paragraphe ; fermer de même",
        ),
        (
            modele(build=_inserted),
            "corps, paragraphe 1 : le modèle contient des modifications suivies. "
            "Révision > Accepter toutes les modifications, puis enregistrer",
        ),
        (
            changed(modele("a"), {"word/endnotes.xml": "<a>{{ client.nom }}</a>"}),
            f"notes de fin, « {{{{ client.nom }}}} » : cette partie du document n'est pas remplie. {NON_REMPLIE}",
        ),
        (
            modele(build=_titre),
            f"propriétés du document, titre, « {{{{ clinet.nom }}}} » : champ inconnu « clinet.nom ». {MOT}",
        ),
        (
            changed(modele("a"), {"word/vbaProject.bin": b"x"}),
            "fichier : le modèle contient des macros. Enregistrer sous > Document Word (.docx), sans macros",
        ),
        (
            modele(build=_code('INCLUDETEXT "/etc/passwd"')),
            "corps, paragraphe 1 : le champ Word « INCLUDETEXT » lit un fichier à l'ouverture. "
            "Le supprimer : un document de l'office se suffit à lui-même",
        ),
        (
            modele(build=_code("MERGEFIELD Nom_client")),
            f"corps, paragraphe 1 : champ de publipostage « Nom_client », qui ne sera pas rempli. {ADOPTER}",
        ),
        (
            modele("Client : [NOM DU CLIENT]"),
            f"corps, paragraphe 1, « [NOM DU CLIENT] » : ce qui ressemble à un champ ne sera pas rempli. {ADOPTER}",
        ),
        (
            modele(build=_font),
            "corps, paragraphe 1, « Bienvenue » : police « Aptos », que LibreOffice ne sait pas remplacer à "
            "l'identique. Employer Calibri, Cambria, Arial ou Times New Roman",
        ),
        (
            modele(build=lambda d: runs(d, ("Effectif : ", None), ("42 personnes", "C00000"))),
            "corps, paragraphe 1, « 42 personnes » : texte rouge qui n'est pas une balise : il restera tel quel. "
            "Le remplacer par une balise (toolkit modeles adopter), ou le remettre en noir",
        ),
        (
            modele(build=lambda d: runs(d, ("{{ ", None), ("client.nom", "EE0000"), (" }}", None))),
            "corps, paragraphe 1, « {{ client.nom }} » : balise en deux couleurs : la valeur sera noire, comme les "
            "accolades ouvrantes. Mettre toute la balise de la même couleur",
        ),
    ],
    ids=lambda value: value[:60] if isinstance(value, str) else "",
)
def test_a_fault_of_the_document(content: bytes, expected: str) -> None:
    assert told(content) == [expected]


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"rien", "ce n'est pas un document Word (.docx) ordinaire, ou il est abîmé"),
        (
            bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 600,
            "fichier protégé par un mot de passe, ou ancien document Word (.doc)",
        ),
        (
            changed(modele("a"), {"word/document.xml": (W[1:-1], "http://purl.oclc.org/ooxml/wordprocessingml/main")}),
            "document au format « Open XML strict »",
        ),
        (
            changed(modele("a"), {"word/big.xml": Random(0).randbytes(XML_MAX + 1)}),
            "texte de 5 Mo dans « word/big.xml »",
        ),
        (changed(modele("a"), {"word/media/big.bin": b"\0" * (65 << 20)}), "document qui se déplie en 65 Mo"),
        (changed(modele("a"), {"word/header9.xml": "<a>"}), "« word/header9.xml » est illisible"),
        (
            changed(modele("a"), {"word/header9.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
            "« word/header9.xml » déclare ses propres mots (DTD), ce que Word ne fait jamais",
        ),
    ],
    ids=["rien", "mot de passe", "strict", "xml", "bombe", "abîmé", "DTD"],
)
def test_a_file_that_is_not_opened(content: bytes, cause: str) -> None:
    (fault,) = check_modele(content, CONTRAT)
    assert (fault.cause, fault.lieu) == (cause, None)


def test_a_tag_with_two_faults_tells_both() -> None:
    found = fautes(modele("{% If clinet.nom %}a{% endif %}"))
    assert [one.cause for one in found] == [
        "mot-clé en majuscules « If » (correction automatique de Word ?)",
        "champ inconnu « clinet.nom »",
    ]


def test_every_fault_is_told_in_one_run_in_the_order_one_reads() -> None:
    def spoil(document: Document) -> None:
        document.paragraphs[0].add_run("{{ clinet.nom }}")
        document.add_paragraph("{{ client.nomm }}")
        document.sections[0].header.paragraphs[0].add_run("{{ office.nom }}")

    found = fautes(livre(CONTRAT, spoil))
    assert [one.balise for one in found] == ["{{ clinet.nom }}", "{{ client.nomm }}", "{{ office.nom }}"]


@pytest.mark.parametrize(
    ("nom", "words", "missing"),
    [
        (
            CONTRAT,
            "Contrat",
            [
                "il manque l'immatriculation Atout France",
                "il manque la garantie financière",
                "il manque l'assurance de responsabilité civile professionnelle",
                "il manque le mot « acompte »",
                "il manque la place des deux signatures",
            ],
        ),
        (
            "bon_echange.docx",
            "Bon",
            ["il manque son titre, « Bon d'échange »", "il manque l'effectif", "il manque l'heure"],
        ),
        ("bon_echange_restaurant.docx", "Bon d'échange {{ bon.mention }} {{ prestation.debut | heure }}", []),
        ("programme.docx", "Programme", []),
    ],
)
def test_what_a_model_should_say_and_does_not(nom: str, words: str, missing: list[str]) -> None:
    found = check_modele(modele(words), nom)
    assert [one.cause for one in found] == ["il manque la référence du dossier", *missing]
    # Said in other words, or in a picture, it is there all the same: nothing is blocked.
    assert {one.gravite for one in found} <= {Gravite.AVERTISSEMENT}


@pytest.mark.parametrize(
    "lines",
    [
        ("{%p for p in programme %}", "1|{{ p.libelle }}", "{%p endfor %}"),
        ("{%p for p in programme %}", "2|{{ p.libelle }}", "2|{{ p.lieu }}", "{%p endfor %}"),
        ("1|Un", "1|Deux", "{%p for p in programme %}", "{{ p.libelle }}", "{%p endfor %}", "1|Trois"),
    ],
)
def test_a_list_that_counts_as_people_expect_is_let_through(lines: tuple[str, ...]) -> None:
    assert told(modele(build=_numbered(*lines))) == []


@pytest.mark.parametrize(
    "code", ["PAGE", "NUMPAGES \\* Arabic", " HYPERLINK x ", "REF a \\h", "SEQ Tableau", "FORMTEXT"]
)
def test_a_field_that_says_the_same_everywhere_is_let_through(code: str) -> None:
    assert told(modele(build=_code(code))) == []


def test_a_model_that_no_document_is_made_with() -> None:
    (fault,) = check_modele(modele("{{ client.nom }}"), "contrat groupe.docx")
    assert fault.cause == "aucun document ne se fait avec un modèle de ce nom"
    assert "contrat_groupe.docx" in fault.correction
