"""The door: French, JSON alone on standard output, and an exit status that means something."""

import argparse
import ast
import inspect
import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Bureau, Run, exemple
from toolkit import __version__, cli
from toolkit.cli.parser import FRENCH


@pytest.mark.parametrize("command", [command.name for command in cli.COMMANDS])
def test_each_command_has_a_french_help_with_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main([command, "--help"])
    shown = capsys.readouterr().out
    assert end.value.code == 0
    assert f"Exemple : toolkit {command}" in shown
    assert shown.startswith("utilisation : ")
    for english in ("usage", "show this", "positional", "optional"):
        assert english not in shown


def test_each_command_is_in_its_module_and_each_module_has_no_other() -> None:
    for module in {command.module for command in cli.COMMANDS}:
        told = [command.name for command in cli.COMMANDS if command.module == module]
        assert list(import_module(f"toolkit.cli.{module}").HANDLERS) == told


def test_the_list_of_commands_reads_none_of_them() -> None:
    script = "import sys; from toolkit import cli\ntry: cli.main(['--help'])\nfinally: print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8", check=True)
    read = {name for name in shown.stdout.splitlines()[-1].split() if name.startswith("toolkit.")}
    assert read == {"toolkit.cli", "toolkit.cli.answers", "toolkit.cli.commands", "toolkit.cli.parser"}


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out.strip() == f"toolkit {__version__}"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "il manque : COMMANDE"),
        (["bidule"], "« bidule » n'est pas possible : choisir parmi "),
        (["verifer"], "« verifer » n'est pas possible : vouliez-vous dire « verifier » ?"),
        (["Generer"], "vouliez-vous dire « generer » ?"),
        (["modeles", "adoper"], "vouliez-vous dire « adopter » ?"),
        (["classer", ".", "traites"], "vouliez-vous dire « traite » ?"),
        (["generer", "--s"], "« --s » peut être --simuler, --sans-pdf : l'écrire en entier"),
        (["generer", "--json=1"], "ne prend pas de valeur"),
        (["generer", "--bidule"], "arguments inconnus : --bidule"),
        (["fiche"], "il manque : DOSSIER"),
        (["generer", "--le", "demain"], "« demain » n'est pas une date"),
        (["recap", ".", "--annee", "bientôt"], "« bientôt » ne convient pas"),
    ],
)
def test_a_mistyped_command_is_said_in_french_and_ends_with_2(bureau: Bureau, arguments: list[str], said: str) -> None:
    run = bureau.run(*arguments, le=None)
    assert run.status == 2
    assert said in run.err.replace("\N{NO-BREAK SPACE}", " ")
    assert run.out == ""


MEANT_FOR_PROGRAMMERS = re.compile(
    "invalid (conflict|option string)|conflicting|callable|merge|required' is|dest=|mutually|mode|defined|multiple sub|"
    "unknown parser|can't open|conflict_resolution|deprecated"
)


def test_no_word_of_argparse_is_left_in_english() -> None:
    source = ast.parse(inspect.getsource(argparse))
    calls = (node for node in ast.walk(source) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name))
    first = (call.args[0] for call in calls if call.func.id == "_" and call.args)  # type: ignore[attr-defined]
    said = {str(one.value) for one in first if isinstance(one, ast.Constant)}
    assert len(said) > 15
    assert [one for one in sorted(said) if one not in FRENCH and not MEANT_FOR_PROGRAMMERS.search(one)] == []


def plain(run: Run) -> str:
    return run.err.replace("\N{NO-BREAK SPACE}", " ")


def test_outside_of_any_tree(tmp_path: Path, bureau: Bureau) -> None:
    bureau.root.joinpath("office.toml").unlink()
    run = bureau.run("verifier", tmp_path)
    assert run.status == 1
    assert "Aucun fichier office.toml" in plain(run)


def test_an_error_is_json_too(bureau: Bureau) -> None:
    bureau.root.joinpath("office.toml").unlink()
    run = bureau.run("verifier", bureau.root, "--json")
    assert run.status == 1
    assert "Aucun fichier office.toml" in run.json["erreur"]
    assert run.err == ""


def test_a_broken_office_toml_stops_everything_with_its_line(bureau: Bureau) -> None:
    office = bureau.root / "office.toml"
    office.write_text(office.read_text(encoding="utf-8").replace("= 30.00", "= 30,00"), encoding="utf-8")
    bureau.dossier(exemple("dossier_groupe"))
    run = bureau.run("generer", bureau.root)
    assert run.status == 1
    assert "écrire 30.00 et non 30,00" in plain(run) and "office.toml, ligne" in plain(run)


def test_verifier_writes_nothing(bureau: Bureau) -> None:
    bureau.dossier(exemple("dossier_groupe", ('canal          = "telephone"', 'canal = "pigeon"')))
    before = bureau.files()
    run = bureau.run("verifier", bureau.root, "--json")
    assert run.status == 1
    assert bureau.files() == before
    (dossier,) = run.json["dossiers"]
    (problem,) = [one for one in dossier["problemes"] if one["gravite"] == "erreur"]
    assert (problem["champ"], problem["fichier"]) == ("demande.canal", "dossier.toml")
    assert isinstance(problem["ligne"], int)
    assert dossier["etapes"] == []


def test_json_is_one_document_and_nothing_else(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))
    commands: tuple[tuple[str, Path], ...] = (
        ("generer", bureau.root),
        ("fiche", folder),
        ("verifier", folder),
        ("recap", bureau.root),
    )
    for command in commands:
        run = bureau.run(*command, "--json")
        assert run.status == 0
        json.loads(run.out)


def test_a_path_inside_a_dossier_means_that_dossier(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))
    bureau.run("generer", folder)
    for path in (folder / "dossier.toml", folder / "3 Contrat"):
        assert bureau.run("fiche", path, "--json").json["reference"] == "2027-G-014"


def test_fiche_of_a_file_that_cannot_be_read_says_why(bureau: Bureau) -> None:
    folder = bureau.dossier("reference = «x»\n]]\n")
    run = bureau.run("fiche", folder, "--json")
    assert run.status == 1
    assert run.json["problemes"]


def test_fiche_for_people(bureau: Bureau) -> None:
    folder = bureau.dossier(exemple("dossier_groupe"))
    shown = bureau.run("fiche", folder).out.replace("\N{NO-BREAK SPACE}", " ")
    for wanted in ("État : finalisé", "40 participants + 1 chauffeur", "avenant n° 2", "2 445,00 €", "1 692,60 €"):
        assert wanted in shown


def test_a_defect_leaves_one_line_and_a_log(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.gestes.verifier.verify", lambda *given: 1 / 0)
    bureau.dossier(exemple("dossier_groupe"))
    run = bureau.run("verifier", bureau.root)
    assert run.status == 3
    assert "Traceback" not in run.err and len(run.err.splitlines()) == 1
    log = (
        Path(run.err.split("« ")[1].split(" »")[0])
        if "« " in run.err
        else Path(plain(run).split("« ")[1].split(" »")[0])
    )
    assert "ZeroDivisionError" in log.read_text(encoding="utf-8")
    log.unlink()


def test_interrupted(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("toolkit.gestes.verifier.verify", interrupt)
    assert bureau.run("verifier", bureau.root).status == 130


def test_a_dossier_in_the_wrong_place_is_told(bureau: Bureau) -> None:
    bureau.dossier(exemple("dossier_groupe"), lieu="Groupe/2027/06 - Juin")
    run = bureau.run("generer", bureau.root, "--json")
    assert run.status == 1
    (problem,) = run.json["problemes"]
    assert "n'est pas à sa place" in problem["message"]


def test_nouveau_then_generer(bureau: Bureau) -> None:
    run = bureau.run(
        "nouveau", bureau.root, "groupe", "Dupont & Fils <SARL>", "2027-09-16", "--participants", "30",
        "--telephone", "02 35 00 00 99", "--json",
    )  # fmt: skip
    assert run.status == 0, run.err
    assert run.json["reference"] == "2027-G-001"
    folder = bureau.root / run.json["chemin"]
    fiche = bureau.run("fiche", folder, "--json")
    assert fiche.status == 0, fiche.out
    assert fiche.json["client"] == "Dupont & Fils <SARL>"
    assert fiche.json["etat"] == "demande"


def test_diagnostic_tells_what_is_missing_and_how_to_get_it(bureau: Bureau) -> None:
    run = bureau.run("diagnostic", bureau.root, "--json")
    assert run.status == 1
    by_subject = {point["sujet"]: point for point in run.json["points"]}
    assert by_subject["LibreOffice"]["verdict"] == "manque"
    assert "tout le reste marche" in by_subject["LibreOffice"]["constat"]
    assert by_subject["réglages"]["verdict"] == "ok"


def test_a_defect_on_one_dossier_does_not_stop_the_others(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = bureau.dossier(exemple("dossier_groupe"))
    good = bureau.dossier(
        exemple("dossier_individuel"), nom="2027-04-09 Exemple 2p", lieu="Individuel/2027/04 - Avril/Dossier en cours"
    )
    from toolkit.documents.wanted import wanted_documents as whole

    def fail_on_one(fiche: Any, problems: Any) -> Any:
        assert fiche.dossier.reference != "2027-G-014"
        return whole(fiche, problems)

    monkeypatch.setattr("toolkit.walk.plan.wanted_documents", fail_on_one)
    run = bureau.run("generer", bureau.root, "--json")
    assert run.status == 3
    assert bad.name in run.json["refus"][0]
    assert (good / "3 Contrat/Contrat 2027-I-006.docx").exists()
    log = Path(run.json["refus"][-1].split("«\N{NO-BREAK SPACE}")[1].split("\N{NO-BREAK SPACE}»")[0])
    assert "AssertionError" in log.read_text(encoding="utf-8")
    log.unlink()
