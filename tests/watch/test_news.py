"""What the console and the log are told of each run: what they were not told yet."""

from dataclasses import replace

from toolkit.errors import Problem, avertissement, erreur
from toolkit.walk.decide import Action, Step
from toolkit.walk.report import DossierReport, Report
from toolkit.watch.news import News

FAUTE = erreur("prix illisible").at(fichier="dossier.toml", ligne=61)
RECAP = "Groupe/2027/Récap groupes par mois.xlsx"
HELD = "« Récap groupes par mois.xlsx » est ouvert"


def dossier(*problemes: Problem, etapes: tuple[Step, ...] = ()) -> DossierReport:
    return DossierReport("Groupe/2027/06/en cours/A", "2027-G-014", None, list(problemes), list(etapes))


def test_the_same_again_is_no_news() -> None:
    waits = Step(Action.ATTENDRE, "3 Contrat/Contrat.pdf", "sans LibreOffice")
    held = Step(Action.ATTENDRE, RECAP, HELD)
    report = Report([dossier(FAUTE, etapes=(waits,))], [avertissement("réglage")], [held], refus=[HELD])
    news = News()

    assert news.of(report, (), [HELD]) is report
    assert news.of(report, (), []) is None
    assert news.of(replace(report, dossiers=[]), (), []) is None


def test_who_saves_hears_all_of_it_again() -> None:
    report, news = Report([dossier(FAUTE)]), News()
    news.of(report, (), [])

    assert news.of(report, {report.dossiers[0].chemin}, []) is report
    nothing = Report([dossier()])
    assert news.of(nothing, {nothing.dossiers[0].chemin}, []) is nothing


def test_what_was_done_is_always_told_without_what_is_known() -> None:
    waits = Step(Action.ATTENDRE, "a.pdf", "plus tard")
    made = Step(Action.CREER, "b.docx", "dû")
    news = News()
    news.of(Report([dossier(FAUTE, etapes=(waits,))]), (), [])

    told = news.of(Report([dossier(FAUTE, etapes=(waits, made))]), (), [])

    assert told
    assert (told.dossiers[0].problemes, told.dossiers[0].etapes) == ([], [made])


def test_another_problem_or_one_that_is_mended_tells_the_dossier_anew() -> None:
    other = erreur("date illisible")
    news = News()
    news.of(Report([dossier(FAUTE)]), (), [])

    told = news.of(Report([dossier(FAUTE, other)]), (), [])
    assert told
    assert told.dossiers[0].problemes == [FAUTE, other]
    assert news.of(Report([dossier()]), (), []) is None
    again = news.of(Report([dossier(FAUTE)]), (), [])
    assert again
    assert again.dossiers[0].problemes == [FAUTE]


def test_dossiers_that_are_gone_are_forgotten() -> None:
    report, news = Report([dossier(FAUTE)]), News()
    news.of(report, (), [])

    news.keep(())

    assert news.of(report, (), []) is report


def test_details_of_a_defect_come_with_their_sentence() -> None:
    report, news = Report(refus=["Défaut du toolkit sur « A »"], defauts=["Traceback"]), News()

    assert news.of(report, (), report.refus) is report
    assert news.of(report, (), []) is None


def test_a_run_that_looked_into_nothing_forgets_nothing() -> None:
    report, news = Report([dossier()], [avertissement("réglage")]), News()
    news.of(report, (), [])

    closed = Report(refus=["« 2025 » ne peut pas être ouvert"])
    assert news.of(closed, (), closed.refus) is closed
    assert news.of(Report(), (), []) is None

    assert news.of(report, (), []) is None


def test_a_register_with_nothing_to_change_for_others_still_waits() -> None:
    held = Report([dossier()], registres=[Step(Action.ATTENDRE, RECAP, HELD)])
    others = Report([], registres=[Step(Action.CONSERVER, RECAP, "à jour")])
    news = News()
    news.of(held, (), [])

    assert news.of(others, (), []) is None
    assert news.of(held, (), []) is None

    written = Report([], registres=[Step(Action.REMPLACER, RECAP, "2027-G-014 inscrit en juin")])
    assert news.of(written, (), []) is written
    assert news.of(held, (), []) is not None
