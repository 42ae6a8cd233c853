"""What was refused is tried again less and less often, and told when it begins and when it ends."""

from pathlib import Path

from toolkit.watch.retries import FIRST_SECONDS, Retries, pause

A, B = Path("a"), Path("b")
HELD = "« Récap groupes par mois.xlsx » est ouvert par Ambre Roy : le fermer, puis relancer."
FULL = "Disque plein : « Contrat.docx » n'a pas été écrit. Libérer de la place, puis relancer."
AGAIN = "« Récap groupes par mois.xlsx » : à nouveau possible."


def test_the_waits_grow_to_half_an_hour() -> None:
    assert [pause(failures) for failures in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10_000)] == [
        30, 30, 60, 120, 240, 480, 960, 1800, 1800, 1800,
    ]  # fmt: skip


def test_only_what_was_refused_waits() -> None:
    retries = Retries()

    assert retries.record(0, [A, B], [A], [HELD]) == ([HELD], [])

    assert list(retries.waiting) == [A]
    assert (retries.due(29), retries.due(30)) == ([], [A])
    assert retries.next_due() == 30


def test_a_night_of_the_same_refusal_is_told_once_and_its_end_once() -> None:
    retries, now, told = Retries(), 0.0, []
    while now < 8 * 3600:
        told.append(retries.record(now, [A], [A], [HELD]))
        now = retries.next_due()

    assert len(told) < 30
    assert told[0] == ([HELD], [])
    assert all(one == ([], []) for one in told[1:])
    assert retries.record(now, [A], [], []) == ([], [AGAIN])
    assert retries.record(now, [A], [], []) == ([], [])
    assert retries.next_due() == float("inf")


def test_the_end_is_told_once_the_last_dossier_that_waited_has_passed() -> None:
    retries = Retries()
    retries.record(0, [A, B], [A, B], [HELD])

    assert retries.record(30, [A], [], []) == ([], [])
    assert retries.record(31, [B], [], []) == ([], [AGAIN])


def test_another_refusal_of_the_same_file_is_no_end() -> None:
    retries = Retries()
    other = HELD.replace("Ambre Roy", "Brieuc")
    retries.record(0, [A], [A], [HELD])

    assert retries.record(30, [A], [A], [other]) == ([other], [])
    assert retries.record(60, [A], [], []) == ([], [AGAIN])


def test_a_refusal_without_a_file_ends_in_its_own_words() -> None:
    retries = Retries()
    retries.record(0, [A], [A], [FULL])

    assert retries.record(30, [A], [], []) == ([], ["À nouveau possible, après : Disque plein."])


def test_what_moves_around_hastens_the_next_try_but_not_each_second() -> None:
    retries, now = Retries(), 0.0
    for _ in range(8):
        retries.record(now, [A], [A], [HELD])
        now = retries.next_due()
    last = now
    retries.record(last, [A], [A], [HELD])
    assert retries.next_due() == last + 1800

    retries.hasten([A])

    assert retries.next_due() == last + FIRST_SECONDS


def test_a_dossier_that_moved_begins_anew() -> None:
    retries = Retries()
    for now in range(8):
        retries.record(now, [A], [A], [HELD])
    retries.forget(A)
    retries.forget(B)

    retries.record(100, [A], [A], [HELD])

    assert retries.next_due() == 100 + FIRST_SECONDS
