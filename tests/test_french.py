"""French as it is printed. The formats of the vectors are tested in test_vecteurs.py; here the rest."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit import french


def plain(text: str) -> str:
    return text.replace(french.NBSP, " ")


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 chauffeur"), (1, "1 chauffeur"), (2, "2 chauffeurs"), (42, "42 chauffeurs"), (-3, "-3 chauffeurs")],
)
def test_a_count(count: int, text: str) -> None:
    assert french.pluriel(count, "chauffeur") == text


@pytest.mark.parametrize(("count", "text"), [(1, "1 autre ligne"), (2, "2 autres lignes")])
def test_a_count_with_its_own_plural(count: int, text: str) -> None:
    assert french.pluriel(count, "autre ligne", "autres lignes") == text


@pytest.mark.parametrize(
    ("words", "text"),
    [([], ""), (["a"], "a"), (["a", "b"], "a et b"), (["a", "b", "c", "d"], "a, b, c et d")],
)
def test_a_list(words: list[str], text: str) -> None:
    assert french.liste(words) == text


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (date(2027, 6, 17), date(2027, 6, 17), "le jeudi 17 juin 2027"),
        (date(2027, 5, 1), date(2027, 5, 1), "le samedi 1er mai 2027"),
        (date(2027, 4, 9), date(2027, 4, 11), "du 9 au 11 avril 2027"),
        (date(2027, 4, 1), date(2027, 4, 3), "du 1er au 3 avril 2027"),
        (date(2027, 6, 30), date(2027, 7, 2), "du 30 juin au 2 juillet 2027"),
        (date(2027, 7, 30), date(2027, 8, 1), "du 30 juillet au 1er août 2027"),
        (date(2027, 12, 31), date(2028, 1, 2), "du 31 décembre 2027 au 2 janvier 2028"),
    ],
)
def test_a_period(start: date, end: date, text: str) -> None:
    assert plain(french.periode(start, end)) == text


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("Prêt !", "Prêt_!"),
        ("Vraiment ? Oui : « non » ; 30 % de 59,00 €.", "Vraiment_? Oui_: «_non_»_; 30_% de 59,00_€."),
        ("12:30, https://a.example.org", "12:30, https://a.example.org"),
        ("a b c", "a b c"),
        ("", ""),
    ],
)
def test_spaces_that_must_not_break(sentence: str, shown: str) -> None:
    assert french.typography(sentence).replace(french.NBSP, "_") == shown


@given(st.text(max_size=60))
def test_typography_changes_nothing_but_spaces_and_only_once(sentence: str) -> None:
    once = french.typography(sentence)

    assert plain(once) == plain(sentence)
    assert french.typography(once) == once


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0235000001", "02 35 00 00 01"),
        ("+33 2 35 00 00 01", "02 35 00 00 01"),
        ("02.35.00.00.01", "02 35 00 00 01"),
        ("+44 20 7946 0000", "+44 20 7946 0000"),
        ("3615", "3615"),
        ("demander à l'accueil", "demander à l'accueil"),
        ("", ""),
    ],
)
def test_a_telephone_number(number: str, text: str) -> None:
    assert plain(french.telephone(number)) == text


def test_months_and_days_are_those_of_the_calendar() -> None:
    assert [plain(french.date_simple(date(2027, month, 2))) for month in (1, 2, 8, 12)] == [
        "2 janvier 2027",
        "2 février 2027",
        "2 août 2027",
        "2 décembre 2027",
    ]
    assert [french.date_longue(date(2027, 6, day)).split()[0] for day in range(14, 21)] == list(french.JOURS)


@pytest.mark.parametrize("text", ["17/06/2027", " 17.6.2027 ", "2027-06-17", "2027-6-17"])
def test_a_day_as_people_type_it(text: str) -> None:
    assert french.read_day(text) == date(2027, 6, 17)


@pytest.mark.parametrize("text", ["", "31/02/2027", "2027-13-01", "17/06", "17 juin 2027", "17/06/27"])
def test_what_is_no_day(text: str) -> None:
    assert french.read_day(text) is None


@pytest.mark.parametrize(
    ("key", "count", "said"),
    [
        ("vegetarien", 3, "3 végétariens"),
        ("vegetarien", 1, "1 végétarien"),
        ("sans_gluten", 2, "2 sans gluten"),
        ("vegetarien_sans_gluten", 2, "2 végétariens sans gluten"),
        ("halal", 4, "4 halal"),
        ("allergie_aux_noix", 2, "2 allergie aux noix"),
        ("enfant", 2, "2 enfants"),
        ("sans porc", 2, "2 sans porc"),
    ],
)
def test_a_diet_counts_people(key: str, count: int, said: str) -> None:
    assert french.regime(key, count) == said
