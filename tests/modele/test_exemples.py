"""Fields carry their sense and an example: what is listed, and what a model is tried with, comes from no office."""

from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from tests.modeles_word import modele
from toolkit.documents.wanted import TYPES
from toolkit.formats.sealed import FILTRES, titles
from toolkit.formats.word import Modele
from toolkit.modele.exemples import Jeu, build, jeux, most_choices, plein
from toolkit.modele.members import membres_of
from toolkit.modele.names import Genre, Liste, is_group
from toolkit.modele.trial import try_fill

CONTRAT = "contrat_groupe.docx"


def _classes(kind: type) -> Iterator[type]:
    yield kind
    for membre in membres_of(kind).values():
        inside: Genre = membre.genre.de if isinstance(membre.genre, Liste) else membre.genre
        if is_group(inside):
            assert isinstance(inside, type)
            yield from _classes(inside)


KINDS: list[type] = [kind.valeurs for kind in TYPES]
CLASSES = list(dict.fromkeys(one for kind in KINDS for one in _classes(kind)))


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_each_field_that_a_model_can_print_carries_its_sense_and_an_example(kind: type) -> None:
    for name, membre in membres_of(kind).items():
        assert membre.sens, name
        is_group_or_list = is_group(membre.genre) or (isinstance(membre.genre, Liste) and is_group(membre.genre.de))
        if membre.is_derived or is_group_or_list:
            continue
        assert membre.exemple not in (None, "", []), name
        if membre.filtre:
            assert FILTRES[membre.filtre](membre.exemple), name


@pytest.mark.parametrize("kind", [one for one in CLASSES if issubclass(one, BaseModel)], ids=lambda kind: kind.__name__)
def test_the_examples_are_facts_that_a_file_could_say(kind: type[BaseModel]) -> None:
    printed: type = kind
    made = [plein(kind), *(build(kind, Jeu(3, tour)) for tour in range(most_choices(printed)))]
    for one in made:
        assert kind.model_validate(one.model_dump()) == one
    bare = build(kind, Jeu(0, is_nu=True))
    assert kind.model_validate(bare.model_dump()) == bare


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_full_set_says_everything_and_a_bare_one_nothing_that_may_be_missing(kind: type) -> None:
    sets: Iterator[object] = jeux(kind)
    full, bare = next(sets), next(sets)
    assert all(getattr(full, name) not in (None, [], "") for name in titles(kind))
    for name, membre in membres_of(kind).items():
        if membre.is_optional or isinstance(membre.genre, Liste):
            assert getattr(bare, name) in (None, []), name


def test_the_turns_take_every_choice() -> None:
    kind = next(one.valeurs for one in TYPES if one.code == "contrat")
    sets = list(jeux(kind))
    assert {one.paiement.mode for one in sets} >= {"virement", "cheque", "carte", "especes", "mandat_administratif"}
    assert {one.contrat.forfait_touristique for one in sets} == {None, True, False}
    assert {len(one.programme) for one in sets} == {0, 1, 2, 3}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "typed",
    [
        '{% if paiement.mode == "especes" %}{{ client.nom | euros }}{% endif %}',
        '{% for l in programme %}{% if l.nature == "transport" %}{{ l.libelle | euros }}{% endif %}{% endfor %}',
        "{% if not sejour.date_a_confirmer %}{{ client.nom | heure }}{% endif %}",
        "{% if effectif.chauffeurs == 0 %}{{ client.nom | heure }}{% endif %}",
        "{% if not client.contact %}{{ client.nomm }}{% endif %}",
        "{{ programme[0].libelle }}",
        "{{ '{{' }}",
    ],
)
def test_the_trial_finds_what_only_some_facts_show(typed: str) -> None:
    assert try_fill(modele(typed), CONTRAT)


@pytest.mark.parametrize(
    "typed",
    [
        "{{ (montants.total - montants.acompte) | euros }}",
        "{{ (effectif.participants + 1) | pluriel('personne') }}",
        "{{ ('a' + client.nom) }}{{ (1 + effectif.minimum) }}{{ -effectif.minimum }}",
        "{% for x in client.adresse[:2] %}{{ x }}{% endfor %}{{ client.adresse[0] }}",
        "{% if montants.total - montants.acompte > 0 %}oui{% endif %}",
    ],
)
def test_a_fact_that_is_missing_is_no_fault_of_the_model(typed: str) -> None:
    assert try_fill(modele(typed), CONTRAT) == []


def test_what_is_reckoned_from_a_missing_fact_is_missing() -> None:
    bare = build(next(one.valeurs for one in TYPES if one.code == "contrat"), Jeu(0, is_nu=True))
    filled = Modele(modele("{{ (montants.total - montants.acompte) | euros }}{{ client.adresse[0] }}"), CONTRAT).fill(
        bare
    )
    assert filled.manquants == ("prix total", "adresse du client")
