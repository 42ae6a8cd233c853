"""The line of each value: the one an agent would look at."""

import pytest
import tomli

from tests.conftest import exemple
from toolkit.errors import ChampPath
from toolkit.toml.places import TomlPlaces

TEXT = '''\
# une remarque avec [crochets] et "guillemets
reference = "2027-G-014"   # = [ {
[client]
nom = """Les "Aînés"
de [Sainte-Fiction]
"""
adresse = [ # la rue
  "7 rue", 'Bât. "B"',
  "Résidence # 3",
]
client.pays = "France"
[client.contact]
"prénom \\u00e9" = 'Jeanne'

[[prestations]]
id = "P1"
achat = { mode = "forfait", montant = 95.00, quantite = 2 }
[prestations.option]
reponse = "accordee"
[[prestations]]
id = "P2"
[[prestations.relances]]
[[prestations.relances]]
le = 2027-01-22 10:00:00
[[prestations]]
menu.choix = [
  { plat = "Marmite", quantite = 29 },
  { plat = "Volaille, vallée", quantite = 10 } ]
[a.b.c]
d = 1'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("reference",), 2),
        (("client",), 3),
        (("client", "nom"), 4),
        (("client", "adresse"), 7),
        (("client", "adresse", 0), 8),
        (("client", "adresse", 1), 8),
        (("client", "adresse", 2), 9),
        (("client", "client", "pays"), 11),
        (("client", "contact"), 12),
        (("client", "contact", "prénom é"), 13),
        (("prestations",), 15),
        (("prestations", 0), 15),
        (("prestations", 0, "achat"), 17),
        (("prestations", 0, "achat", "quantite"), 17),
        (("prestations", 0, "option"), 18),
        (("prestations", 0, "option", "reponse"), 19),
        (("prestations", 1), 20),
        (("prestations", 1, "id"), 21),
        (("prestations", 1, "relances", 0), 22),
        (("prestations", 1, "relances", 1), 23),
        (("prestations", 1, "relances", 1, "le"), 24),
        (("prestations", 2), 25),
        (("prestations", 2, "menu"), 26),
        (("prestations", 2, "menu", "choix", 0, "plat"), 27),
        (("prestations", 2, "menu", "choix", 1, "quantite"), 28),
        (("a", "b"), 29),
        (("a", "b", "c", "d"), 30),
    ],
)
def test_a_value_has_the_line_where_it_is_written(path: ChampPath, line: int) -> None:
    assert TomlPlaces(TEXT).line(path) == line


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("client", "mail"), 3),
        (("client", "contact", "mail"), 12),
        (("prestations", 1, "option", "reponse"), 20),
        (("prestations", 0, "achat", "remise"), 17),
        (("carnet",), None),
        (("carnet", "envoye_le"), None),
        ((), None),
    ],
)
def test_a_value_that_is_not_written_has_the_line_of_its_block(path: ChampPath, line: int | None) -> None:
    assert TomlPlaces(TEXT).line(path) == line


def test_the_text_of_these_tests_is_toml() -> None:
    assert tomli.loads(TEXT)


def test_every_key_of_the_example_stands_on_the_line_that_bears_its_name() -> None:
    text = exemple("dossier_groupe")
    lines = text.split("\n")
    places = TomlPlaces(text)
    checked = 0
    for table, values in tomli.loads(text).items():
        for key in values if isinstance(values, dict) else ():
            line = places.line((table, key))
            assert line is not None
            assert key in lines[line - 1]
            checked += 1
    assert checked > 40


@pytest.mark.parametrize("text", ["", "\n\n", "# rien", "= 1", "[", "a = [", "a = {", 'a = "', "]", "a.", '"""'])
def test_what_is_not_toml_gives_no_place_and_no_error(text: str) -> None:
    assert TomlPlaces(text).line(("b",)) is None
