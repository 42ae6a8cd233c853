"""« Nouveau dossier » asked one question at a time: what is typed, what is asked again, and giving up."""

import io
from collections.abc import Callable
from datetime import date, datetime

import pytest
import tomli

from tests.conftest import Bureau
from toolkit.poste.questions import Conversation

NORMAL = ("g", "Les Aînés de Sainte-Fiction", "17/06/2027", "42", "", "02 35 00 00 31", "", "", "", "", "", "oui")

Typed = Callable[..., None]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Typed:
    lines: list[str] = []

    def feed(*more: str) -> None:
        lines.extend(more)
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))

    return feed


def plain(shown: str) -> str:
    return shown.replace("\N{NO-BREAK SPACE}", " ")


def test_a_dossier_is_made_of_the_answers(bureau: Bureau, typed: Typed) -> None:
    typed(
        "1",
        "L'Été & Cie",
        "17/6/2027",
        "",
        "5",
        "",
        "contact@ete.example.org",
        "mail",
        "03/06/2027 9h30",
        "2",
        "Une journée",
        "o",
    )
    run = bureau.run("nouveau", bureau.root)
    assert run.status == 0, run.err
    (folder,) = (bureau.root / "Groupe/2027/06 - Juin/Dossier en cours").iterdir()
    facts = tomli.loads((folder / "dossier.toml").read_text(encoding="utf-8"))
    assert facts["client"] == {"nom": "L'Été & Cie", "categorie": "entreprise", "mail": "contact@ete.example.org"}
    assert facts["demande"] == {"recue_le": datetime(2027, 6, 3, 9, 30), "canal": "mail"}
    assert (facts["agent"], facts["intitule"], facts["sejour"]["debut"]) == (
        "chargee-2",
        "Une journée",
        date(2027, 6, 17),
    )
    assert "effectif" not in facts
    assert bureau.run("verifier", folder).status == 0


def test_empty_lines_are_the_answers_proposed(bureau: Bureau, typed: Typed) -> None:
    typed(*NORMAL)
    run = bureau.run("nouveau", bureau.root, "--questions")
    assert run.status == 0
    (folder,) = (bureau.root / "Groupe/2027/06 - Juin/Dossier en cours").iterdir()
    facts = tomli.loads((folder / "dossier.toml").read_text(encoding="utf-8"))
    assert folder.name == "2027-06-17 Aînés de Sainte-Fiction 42p"
    assert (facts["client"]["categorie"], facts["demande"]["canal"], facts["agent"]) == (
        "association",
        "telephone",
        "chargee-1",
    )
    assert facts["demande"]["recue_le"].date() == date(2027, 6, 4)
    assert "intitule" not in facts, "it is printed on the contract: nobody made one up"


@pytest.mark.parametrize(
    ("place", "wrong", "said"),
    [
        (0, "peut-être", "« peut-être » n'est pas dans la liste : taper un numéro de 1 à 2."),
        (1, "", "Il faut une réponse"),
        (2, "bientôt", "« bientôt » n'est pas une date : taper par exemple 17/06/2027, ou juin 2027."),
        (2, "31/02/2027", "n'est pas une date"),
        (3, "une quarantaine", "n'est pas un nombre"),
        (4, "12", "taper un numéro de 1 à 6"),
        (6, "nimporte", "« nimporte » n'est pas une adresse de courriel"),
        (8, "hier", "n'est pas un jour et une heure"),
        (11, "bof", "Répondre oui ou non."),
    ],
)
def test_a_wrong_answer_is_explained_and_asked_again(
    bureau: Bureau, typed: Typed, place: int, wrong: str, said: str
) -> None:
    typed(*NORMAL[:place], wrong, *NORMAL[place:])
    run = bureau.run("nouveau", bureau.root)
    assert said in plain(run.out)
    assert run.status == 0, run.err


def test_a_telephone_or_a_mail(bureau: Bureau, typed: Typed) -> None:
    typed(*NORMAL[:5], "", "", "a@b.example.org", *NORMAL[7:])
    run = bureau.run("nouveau", bureau.root)
    assert "Il faut un téléphone ou un mail" in plain(run.out) and run.status == 0


def test_a_day_without_its_year_is_the_next_one(bureau: Bureau, typed: Typed) -> None:
    typed(*NORMAL[:2], "3/6", *NORMAL[3:])
    assert bureau.run("nouveau", bureau.root).status == 0
    assert (bureau.root / "Groupe/2028/06 - Juin").is_dir()


def test_a_day_that_is_over_is_asked_about(bureau: Bureau, typed: Typed) -> None:
    typed(*NORMAL[:2], "17/06/2026", "non", "17/06/2027", *NORMAL[3:])
    run = bureau.run("nouveau", bureau.root)
    assert "Le mercredi 17 juin 2026 est passé. Garder cette date ? [non]" in plain(run.out)
    assert (bureau.root / "Groupe/2027").is_dir() and not (bureau.root / "Groupe/2026").exists()


@pytest.mark.parametrize("place", range(len(NORMAL)))
def test_giving_up_at_any_question_makes_nothing(bureau: Bureau, typed: Typed, place: int) -> None:
    before = bureau.files()
    typed(*NORMAL[:place])
    assert bureau.run("nouveau", bureau.root).status == 130
    typed("q")
    run = bureau.run("nouveau", bureau.root)
    assert run.status == 130 and "Abandonné : rien n'a été fait." in plain(run.err)
    assert bureau.files() == before and not (bureau.root / "Groupe").exists()


def test_ctrl_c_gives_up(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(prompt: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupt)
    assert bureau.run("nouveau", bureau.root).status == 130


def test_no_at_the_end_makes_nothing(bureau: Bureau, typed: Typed) -> None:
    typed(*NORMAL[:-1], "non")
    assert bureau.run("nouveau", bureau.root).status == 130
    assert not (bureau.root / "Groupe").exists()


def test_half_of_the_facts_is_no_question(bureau: Bureau) -> None:
    run = bureau.run("nouveau", bureau.root, "groupe", "Dupont")
    assert run.status == 2 and "il manque : TYPOLOGIE, CLIENT, DATE" in plain(run.err)
    assert bureau.run("nouveau", bureau.root, "--json").status == 2


@pytest.mark.parametrize(("answer", "expected"), [("2", "b"), ("a", "a"), ("élé", "b"), ("", "a")])
def test_a_choice_is_made_by_number_key_or_first_letters(answer: str, expected: str) -> None:
    shown: list[str] = []
    talk = Conversation(ask=lambda prompt: answer, tell=shown.append)
    assert talk.choice("Lequel ?", [("a", "Âne"), ("b", "Éléphant")], "a") == expected
    assert shown == ["Lequel ?\n  1. Âne\n  2. Éléphant".replace(" ?", "\N{NO-BREAK SPACE}?")]


@pytest.mark.parametrize("answer", ["juin 2027", "Juin 2027", "06/2027", "6 / 2027", "2027-06"])
def test_a_month_is_its_first_day_and_that_is_said(bureau: Bureau, typed: Typed, answer: str) -> None:
    typed(*NORMAL[:2], answer, *NORMAL[3:])
    run = bureau.run("nouveau", bureau.root)
    assert run.status == 0, run.out
    assert "Noté au mardi 1er juin 2027, à préciser" in plain(run.out)
    assert (bureau.root / "Groupe/2027/06 - Juin/Dossier en cours/2027-06-01 Aînés de Sainte-Fiction 42p").is_dir()


def test_after_a_refusal_every_answer_is_proposed_again(bureau: Bureau, typed: Typed) -> None:
    made = bureau.run("nouveau", bureau.root, "groupe", NORMAL[1], "17/06/2027", "--participants", "42")
    assert made.status == 0

    autre = ("", "Les Aînés du Port", *[""] * 9, "oui")
    typed(*NORMAL, "oui", *autre)
    run = bureau.run("nouveau", bureau.root)

    assert run.status == 0, run.out
    assert "existe déjà" in run.out
    folder = bureau.root / "Groupe/2027/06 - Juin/Dossier en cours/2027-06-17 Aînés du Port 42p"
    facts = tomli.loads((folder / "dossier.toml").read_text(encoding="utf-8"))
    assert facts["client"] == {"nom": "Les Aînés du Port", "categorie": "association", "telephone": "02 35 00 00 31"}


def test_a_refusal_that_is_not_tried_again_is_told_once(bureau: Bureau, typed: Typed) -> None:
    bureau.run("nouveau", bureau.root, "groupe", NORMAL[1], "17/06/2027", "--participants", "42")
    typed(*NORMAL, "non")
    run = bureau.run("nouveau", bureau.root)
    assert run.status == 130
    assert (run.out + run.err).count("existe déjà") == 1
