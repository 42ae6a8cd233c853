"""The desktop of the tests is what it says: a genuine Python for Windows, and the tree under its two names."""

import pytest

from tests.conftest import Bureau, exemple
from tests.windows.poste import LECTEUR, PARTAGE, Poste

ABOUT = """
import json, locale, os, platform, sys
print(json.dumps([sys.platform, platform.python_version(), os.name, sys.version, locale.getencoding()]))
"""


def test_its_python_is_a_windows_one(poste: Poste) -> None:
    said = poste.python("-c", ABOUT)

    platform, version, name, compiler, encoding = said.json
    assert (platform, name, encoding) == ("win32", "nt", "cp1252")
    assert version.startswith("3.11.")
    assert "MSC" in compiler


@pytest.mark.parametrize("racine", [LECTEUR, PARTAGE])
def test_it_sees_the_tree_under_two_names(racine: str, poste: Poste, partage: Bureau) -> None:
    said = poste.python("-c", "import os, sys; print(sorted(os.listdir(sys.argv[1])))", racine)

    assert said.out == "['office.toml', 'prestataires.toml']\n"


def test_a_script_is_run_with_its_arguments(poste: Poste, partage: Bureau) -> None:
    script = partage.root / "L'été.cmd"
    script.write_bytes(b'@echo off\r\n"%PYTHON%" -c "import sys; print(ascii(sys.argv[1:]))" %*\r\nexit 7\r\n')

    said = poste.cmd(script, "Aînés 42p", "(b)", env={"PYTHON": "C:\\Python311\\python.exe"})

    assert (said.status, said.out) == (7, "['A\\xeen\\xe9s 42p', '(b)']\n")


def test_the_toolkit_is_that_of_the_checkout(poste: Poste) -> None:
    said = poste.toolkit("--version")

    assert (said.status, said.err) == (0, "")
    assert said.out.startswith("toolkit ")


LOOK = """
import json, sys
from pathlib import Path
from toolkit.tree import layout
from toolkit.tree.settings import load_settings
root = Path(sys.argv[1])
seen = list(layout.look(root, load_settings(root).office).sources)
print(json.dumps([str(Path(one)) == one and Path(one).is_file() for one in seen]))
"""


@pytest.mark.parametrize("racine", [LECTEUR, PARTAGE])
def test_dossiers_are_seen_from_the_root_of_a_drive_and_of_a_share(racine: str, poste: Poste, partage: Bureau) -> None:
    partage.dossier(exemple("dossier_groupe"))

    said = poste.python("-c", LOOK, racine)

    assert said.json == [True], said.err
