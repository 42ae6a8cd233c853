"""The tags of a model: well typed, well closed, naming what exists.

A faulty opening tag still opens its block, else every tag after it would be blamed.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from toolkit.errors import Gravite
from toolkit.formats.word_marks import W
from toolkit.modele.expressions import Lecteur, repaired, typing_slip
from toolkit.modele.faults import Faute, faute
from toolkit.modele.keywords import DOCXTPL, ENGLISH, FRENCH, PROGRAM, VARIANTS
from toolkit.modele.names import Genre
from toolkit.modele.reading import Balise, Paragraphe, Partie
from toolkit.modele.surroundings import check_alentours

_WORDS = sorted((*ENGLISH, *DOCXTPL, *FRENCH, *VARIANTS), key=len, reverse=True)
_STATEMENT = re.compile(
    r"-?(?P<lead>\s*)(?:(?P<prefix>p|tr|tc|r)(?P<gap>[\s\u200b\ufeff]*))?(?P<word>"
    + "|".join(word.replace(" ", r"\s+") for word in _WORDS)
    + r")(?!\w)(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Statement:
    """``{%p for s in prestations %}``, understood whatever its spelling."""

    prefix: str
    word: str
    rest: str
    defaut: tuple[str, str] | None = None

    @property
    def opens(self) -> bool:
        return self.word in ("if", "for")

    def spelt(self, word: str) -> str:
        """The tag that goes with this one."""
        return f"{{%{self.prefix} {word} %}}"


def _statement(balise: Balise) -> _Statement | None:
    """None when no known word is found."""
    match = _STATEMENT.fullmatch(balise.contenu)
    if match is None:
        return None
    typed = " ".join(match["word"].split()).casefold()
    word = VARIANTS.get(typed) or FRENCH.get(typed) or typed
    prefix, gap, lead = (match["prefix"] or ""), match["gap"], match["lead"]
    rest = match["rest"].rstrip().removesuffix("-").strip()
    clean = prefix.casefold()
    right = f"{{%{clean} {word}{' ' if rest else ''}{repaired(rest)} %}}"
    defaut: tuple[str, str] | None = None
    if prefix and lead:
        defaut = f"espace entre « {{% » et « {prefix} »", f"Écrire « {right} »"
    elif prefix and not gap:
        defaut = f"il manque une espace après « {{%{prefix} »", f"Écrire « {right} »"
    elif prefix and gap[0] != " ":
        defaut = f"espace insécable après « {{%{prefix} »", "La remplacer par une espace ordinaire"
    elif prefix != clean:
        defaut = f"« {prefix} » en majuscules", f"Écrire « {right} »"
    elif typed in FRENCH or typed in VARIANTS:
        defaut = f"« {match['word']} » n'est pas un mot des modèles", f"Écrire « {right} »"
    elif match["word"] != word:
        defaut = (
            f"mot-clé en majuscules « {match['word']} » (correction automatique de Word ?)",
            f"Écrire « {word} »",
        )
    return _Statement(clean, word, rest, defaut)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A block that is open."""

    statement: _Statement
    balise: Balise
    paragraphe: Paragraphe


def check_balises(partie: Partie, names: Mapping[str, Genre]) -> tuple[list[Faute], set[str]]:
    """The faults of the tags of one part, and every name that they use."""
    walk = _Walk(names)
    for paragraphe in partie.paragraphes:
        walk.fautes += check_alentours(paragraphe)
        for balise in paragraphe.balises:
            walk.see(paragraphe, balise)
    walk.finish()
    return walk.fautes, walk.lecteur.lus


class _Walk:
    """Goes through the tags of a part in order."""

    def __init__(self, names: Mapping[str, Genre]) -> None:
        self.lecteur = Lecteur(names)
        self.fautes: list[Faute] = []
        self._stack: list[_Opened] = []

    def see(self, paragraphe: Paragraphe, balise: Balise) -> None:
        if not balise.is_entiere:
            self._say(paragraphe, balise, *_not_closed(balise))
        if balise.ouvrante == "{{" and balise.is_entiere:
            self._print(paragraphe, balise)
        elif balise.ouvrante == "{%":
            self._state(paragraphe, balise)

    def finish(self) -> None:
        for bloc in self._stack:
            self._say(bloc.paragraphe, bloc.balise, *_never_closed(bloc.statement))

    def _say(self, paragraphe: Paragraphe, balise: Balise, cause: str, correction: str) -> None:
        self.fautes.append(faute(paragraphe, balise, cause, correction))

    def _print(self, paragraphe: Paragraphe, balise: Balise) -> None:
        text = balise.contenu
        if prefix := re.match(r"(r|p|tr|tc)\s(?=\s*[^\W\d])", text):
            self._say(
                paragraphe,
                balise,
                f"« {{{{{prefix[1]} » n'affiche rien",
                f"Écrire « {{{{ {text[prefix.end() :].strip()} }}}} » : la mise en forme est celle de la balise",
            )
            return
        for cause, correction in self.lecteur.printed(text.removeprefix("-").removesuffix("-")):
            self._say(paragraphe, balise, cause, correction)

    def _state(self, paragraphe: Paragraphe, balise: Balise) -> None:
        whole = balise if balise.is_entiere else Balise(f"{balise.texte.rstrip('}%# ')} %}}", balise.debut)
        statement = _statement(whole)
        if statement is None:
            if balise.is_entiere:
                self._say(paragraphe, balise, *_no_word(balise))
            return
        if statement.defaut and balise.is_entiere:
            self._say(paragraphe, balise, *statement.defaut)
        if statement.prefix == "r":
            self._say(paragraphe, balise, "« {%r » n'existe pas ici", f"Écrire « {{% {statement.word} … %}} »")
        if statement.word == "hm":
            self._say(paragraphe, balise, "« hm » n'existe pas ici", "Fusionner les cellules dans Word")
        for cause, correction in self._mean(paragraphe, balise, statement):
            if balise.is_entiere:
                self._say(paragraphe, balise, cause, correction)

    def _mean(self, paragraphe: Paragraphe, balise: Balise, statement: _Statement) -> Iterator[tuple[str, str]]:
        """What is wrong with a statement beyond its spelling; blocks open and close on the way."""
        rest = statement.rest
        is_readable = not (statement.prefix and re.search(r"[{}%]", rest))
        if statement.word == "for":
            defauts, names = self.lecteur.looped(rest)
            self.lecteur.enter(names)
            if is_readable:
                yield from defauts
        elif statement.word in ("if", "elif"):
            if is_readable:
                yield from self.lecteur.asked(rest)
        elif statement.word in ("colspan", "cellbg"):
            if is_readable:
                yield from self.lecteur.printed(rest)
        elif rest:
            yield typing_slip(rest) or (
                f"« {rest} » en trop après « {statement.word} »",
                f"Écrire « {statement.spelt(statement.word)} »",
            )
        if not is_readable:
            yield (
                f"accolade ou « % » après « {{%{statement.prefix} »",
                "Le toolkit calcule : prendre le champ du résultat",
            )
        yield from self._nest(paragraphe, balise, statement)

    def _nest(self, paragraphe: Paragraphe, balise: Balise, statement: _Statement) -> Iterator[tuple[str, str]]:
        if statement.opens:
            self._stack.append(_Opened(statement, balise, paragraphe))
        elif statement.word in ("else", "elif", "endif", "endfor"):
            yield from self._close(paragraphe, statement)

    def _close(self, paragraphe: Paragraphe, statement: _Statement) -> Iterator[tuple[str, str]]:
        if not self._stack:
            opening = "for" if statement.word == "endfor" else "if"
            yield (
                f"« {statement.word} » sans « {opening} » avant lui",
                f"Ôter cette balise, ou ajouter « {statement.spelt(opening + ' …')} » plus haut",
            )
            return
        bloc = self._stack[-1]
        opened = bloc.statement
        wanted = {"endif": "if", "elif": "if", "endfor": "for"}.get(statement.word, opened.word)
        if wanted != opened.word:
            if any(one.statement.word == wanted for one in self._stack) and statement.word.startswith("end"):
                # What was left open inside is told, and this closes what it names.
                while self._stack[-1].statement.word != wanted:
                    left = self._pop()
                    self._say(left.paragraphe, left.balise, *_never_closed(left.statement))
                bloc, opened = self._stack[-1], self._stack[-1].statement
            else:
                yield (
                    f"« {statement.word} » dans un bloc « {opened.word} » ouvert par « {bloc.balise.texte} »",
                    f"Écrire « {opened.spelt('end' + opened.word)} »"
                    if statement.word.startswith("end")
                    else "Revoir l'ordre des balises",
                )
                if statement.word.startswith("end"):
                    self._pop()
                return
        if statement.prefix != opened.prefix:
            yield (
                f"bloc ouvert par « {bloc.balise.texte} »",
                f"Écrire « {opened.spelt(f'{statement.word} {statement.rest}'.strip())} », avec le même préfixe",
            )
        else:
            yield from _apart(bloc, paragraphe, opened.prefix)
        if statement.word.startswith("end"):
            self._pop()

    def _pop(self) -> _Opened:
        bloc = self._stack.pop()
        if bloc.statement.word == "for":
            self.lecteur.leave()
        return bloc


def _apart(bloc: _Opened, paragraphe: Paragraphe, prefix: str) -> Iterator[tuple[str, str]]:
    """A block begins and ends at the same level, else Word cannot open what is made of it."""
    opened, closed = bloc.paragraphe.element, paragraphe.element
    if prefix == "tr":
        rows = [next(one.iterancestors(f"{W}tr"), None) for one in (opened, closed)]
        if None not in rows and rows[0].getparent() is not rows[1].getparent():  # type: ignore[union-attr]
            yield (
                f"bloc ouvert dans un autre tableau par « {bloc.balise.texte} »",
                "Ouvrir et fermer le bloc dans le même tableau",
            )
    elif prefix != "tc" and opened.getparent() is not closed.getparent():
        yield (
            f"bloc ouvert ailleurs ({bloc.paragraphe.lieu}) par « {bloc.balise.texte} »",
            "Ouvrir et fermer le bloc dans la même cellule ; pour une ligne de tableau, employer « {%tr »",
        )


def _not_closed(balise: Balise) -> tuple[str, str]:
    closing = {"{{": "}}", "{%": "%}", "{#": "#}"}[balise.ouvrante]
    end = balise.texte[-2:]
    if end in ("}}", "%}", "#}"):
        return f"balise ouverte par « {balise.ouvrante} » et fermée par « {end} »", f"La fermer par « {closing} »"
    return "balise jamais fermée dans son paragraphe", f"La fermer par « {closing} », dans le même paragraphe"


def _never_closed(statement: _Statement) -> tuple[str, str]:
    closing = statement.spelt(f"end{statement.word}")
    what = "la dernière ligne à répéter" if statement.word == "for" else "la dernière ligne concernée"
    where = {
        "p": f"Ajouter un paragraphe « {closing} » après {what}",
        "tr": f"Ajouter une ligne de tableau « {closing} » après {what}",
    }.get(statement.prefix, f"Ajouter « {closing} » dans le même paragraphe")
    return f"bloc « {statement.word} » ouvert ici et jamais fermé", where


def _no_word(balise: Balise) -> tuple[str, str]:
    words = re.findall(r"\w+", balise.contenu)
    while len(words) > 1 and words[0] in ("p", "tr", "tc", "r"):
        words.pop(0)
    if not words:
        return "balise vide", "La supprimer"
    if words[0].casefold() in PROGRAM:
        return (
            "programme caché dans le modèle : un modèle n'affiche que des champs",
            "Supprimer cette balise ; si le modèle vient d'ailleurs, ne pas s'en servir",
        )
    meant = difflib.get_close_matches(words[0].casefold(), ENGLISH, 1, 0.6)
    return (
        f"mot inconnu « {words[0]} »",
        f"Écrire « {meant[0]} » ?" if meant else f"Les mots possibles : {', '.join(ENGLISH)}",
    )


def inline_blocks_over_paragraphs(partie: Partie) -> Iterator[Faute]:
    """A ``{% if %}`` closed in another paragraph leaves empty lines: allowed, and said."""
    stack: list[tuple[Paragraphe, Balise]] = []
    for paragraphe in partie.paragraphes:
        for balise in paragraphe.balises:
            statement = _statement(balise) if balise.ouvrante == "{%" else None
            if statement is None or statement.prefix:
                continue
            if statement.opens:
                stack.append((paragraphe, balise))
            elif statement.word.startswith("end") and stack:
                opened, first = stack.pop()
                if opened is not paragraphe and opened.element.getparent() is paragraphe.element.getparent():
                    yield faute(
                        opened,
                        first,
                        "bloc fermé dans un autre paragraphe : il laissera des lignes vides",
                        f"Écrire « {first.texte.replace('{%', '{%p', 1)} », seul dans son paragraphe ; fermer de même",
                        Gravite.AVERTISSEMENT,
                    )
