"""The log: dated, bounded in bytes, and in nobody's way."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import Bureau
from toolkit.watch import log
from toolkit.watch.log import write_log

NOW = datetime(2027, 6, 4, 9, 45)


def journaux(bureau: Bureau) -> dict[str, int]:
    folder = bureau.root / "_suivi/journaux"
    return {path.name: path.stat().st_size for path in folder.iterdir()} if folder.exists() else {}


def last(bureau: Bureau) -> str:
    return (bureau.root / "_suivi/journaux" / max(journaux(bureau))).read_text(encoding="utf-8-sig")


def test_one_file_a_day_that_every_notepad_shows(bureau: Bureau) -> None:
    write_log(bureau.root, "créé", NOW)
    write_log(bureau.root, "remplacé", NOW + timedelta(minutes=1))

    content = (bureau.root / "_suivi/journaux/surveillance 2027-06-04.txt").read_bytes()
    assert content.decode("utf-8-sig").replace("\r\n", "\n") == "── 09:45:00\ncréé\n\n── 09:46:00\nremplacé\n\n"
    assert content.startswith(b"\xef\xbb\xbf")


def test_a_day_with_too_much_to_tell_keeps_its_end_and_says_so(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "FILE_BYTES", 2_000)
    for number in range(300):
        write_log(bureau.root, f"passage {number} {'x' * 100}", NOW)

    assert len(journaux(bureau)) == log.FILES_A_DAY
    assert sum(journaux(bureau).values()) <= log.FILES_A_DAY * 2_100
    newest = bureau.root / "_suivi/journaux" / max(journaux(bureau), key=lambda name: int(name.split("(")[1][:-5]))
    text = newest.read_text(encoding="utf-8-sig")
    assert "passage 299" in text
    assert "le début de la journée, trop long, n'est pas gardé" in text


def test_all_of_them_are_bounded_in_days_and_in_bytes(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in range(40):
        write_log(bureau.root, "passage", NOW + timedelta(day))
    assert len(journaux(bureau)) == log.DAYS_KEPT
    assert max(journaux(bureau)) == "surveillance 2027-07-13.txt"

    monkeypatch.setattr(log, "FILE_BYTES", 2_000)
    monkeypatch.setattr(log, "ALL_BYTES", 10_000)
    for day in range(40, 60):
        write_log(bureau.root, "x" * 1_500, NOW + timedelta(day))
    assert sum(journaux(bureau).values()) <= 10_000
    assert max(journaux(bureau)) == "surveillance 2027-08-02.txt"


@pytest.mark.parametrize("years", [1, -1])
def test_a_clock_that_is_a_year_off_for_an_hour_takes_no_log_away(years: int, bureau: Bureau) -> None:
    for day in range(log.DAYS_KEPT - 1):
        write_log(bureau.root, "passage", NOW + timedelta(day))

    write_log(bureau.root, "ailleurs", NOW + timedelta(365 * years))
    write_log(bureau.root, "ailleurs encore", NOW + timedelta(365 * years))
    write_log(bureau.root, "de retour", NOW + timedelta(log.DAYS_KEPT - 2))

    assert len(journaux(bureau)) == log.DAYS_KEPT


def test_a_message_that_never_ends_is_cut_and_says_so(bureau: Bureau) -> None:
    write_log(bureau.root, "é" * 5_000_000, NOW)

    assert sum(journaux(bureau).values()) < log.FILE_BYTES
    assert "la suite, trop longue, n'est pas gardée" in last(bureau)


def test_a_name_that_is_no_utf8_is_logged(bureau: Bureau) -> None:
    write_log(bureau.root, "02 - F\udc82vrier", NOW)

    assert "02 - F?vrier" in last(bureau)


@pytest.mark.parametrize("in_the_way", ["_suivi", "_suivi/journaux", "_suivi/journaux/surveillance 2027-06-04.txt"])
def test_what_lies_in_its_place_stops_nothing(in_the_way: str, bureau: Bureau) -> None:
    path: Path = bureau.root / in_the_way
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix:
        path.mkdir()
    else:
        path.write_text("autre chose")

    write_log(bureau.root, "passage", NOW)

    assert path.exists()


def test_nothing_is_written_where_the_root_is_gone(bureau: Bureau) -> None:
    (bureau.root / "office.toml").unlink()

    write_log(bureau.root, "passage", NOW)

    assert not (bureau.root / "_suivi").exists()
