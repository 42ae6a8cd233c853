"""The calendar: our arrivals are kept up to date in it, and whatever else is there keeps its bytes."""

import re
from dataclasses import replace
from datetime import date, time
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.registres.test_recap import une_ligne
from toolkit.errors import FileRefused
from toolkit.registres.arrivees import update

JOUR, LENDEMAIN = date(2027, 6, 4), date(2027, 6, 5)
DENTISTE = (
    b"BEGIN:VEVENT\r\nUID:12345@mozilla\r\nSUMMARY:Dentiste\r\n d'\xe9t\xe9\r\nBEGIN:VALARM\r\nTRIGGER:-PT5M\r\n"
    b"END:VALARM\r\nEND:VEVENT\r\n"
)
"""Of a person; its accents are no UTF-8."""
FUSEAU = b"BEGIN:VTIMEZONE\nTZID:Europe/Paris\nEND:VTIMEZONE\n"


def calendar(*numbers: int) -> bytes:
    made = update(None, [une_ligne(f"2027-G-{number:03d}") for number in numbers], JOUR)
    assert made
    return made


def uids(content: bytes) -> list[bytes]:
    return re.findall(rb"^UID:(.*?)\r?$", content, re.MULTILINE)


def among(calendar: bytes, foreign: bytes) -> bytes:
    """With something of another program before our first event."""
    head, begin, rest = calendar.partition(b"BEGIN:VEVENT")
    return head + foreign + begin + rest


def test_arrivals_come_in_their_order_and_stay_as_they_are() -> None:
    made = calendar(2, 1)

    assert uids(made) == [b"2027-G-001@toolkit", b"2027-G-002@toolkit"]
    assert update(made, [une_ligne("2027-G-001")], LENDEMAIN) == made
    assert update(None, [], JOUR) is None
    assert update(None, [une_ligne(annulee_le=JOUR)], JOUR) is None
    assert update(b" \r\n", [une_ligne("2027-G-001"), une_ligne("2027-G-002")], JOUR) == made


@pytest.mark.parametrize("foreign", [DENTISTE, FUSEAU, DENTISTE + FUSEAU, b"X-WR-RELCALID:\xff\xfe\n", b"\n\n"])
def test_what_is_not_ours_keeps_its_bytes(foreign: bytes) -> None:
    before = among(calendar(1, 2), foreign)

    changed = update(before, [une_ligne("2027-G-001", client="Autre nom"), une_ligne("2027-G-003")], LENDEMAIN)

    assert changed and foreign in changed
    ours = update(calendar(1, 2), [une_ligne("2027-G-001", client="Autre nom"), une_ligne("2027-G-003")], LENDEMAIN)
    assert changed.replace(foreign, b"", 1) == ours
    assert b"Autre nom" in changed


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_a_calendar_that_another_program_saved_is_completed(newline: bytes, start: bytes) -> None:
    theirs = start + among(calendar(1, 2), DENTISTE).replace(b"toolkit//arrivees", b"Mozilla").replace(b"\r\n", newline)

    lignes = [une_ligne("2027-G-002", annulee_le=LENDEMAIN), une_ligne("2027-G-003")]
    changed = update(theirs.rstrip(), lignes, LENDEMAIN)

    assert changed
    assert uids(changed) == [b"12345@mozilla", *(b"2027-G-%03d@toolkit" % number for number in (1, 2, 3))]
    assert changed.startswith(theirs.partition(b"UID:2027-G-002")[0].rpartition(b"BEGIN")[0])
    assert b"STATUS:CANCELLED" in changed and changed.endswith(b"END:VCALENDAR")


def test_an_event_that_was_doubled_stands_once() -> None:
    one = calendar(1)
    event = one[one.index(b"BEGIN:VEVENT") : one.index(b"BEGIN:VTIMEZONE")]

    assert update(among(one, event), [une_ligne("2027-G-001")], JOUR) == one


def test_our_uid_may_be_folded() -> None:
    folded = calendar(1).replace(b"UID:2027-G-001", b"UID;X-A=1:2027\r\n -G-001")

    assert update(folded, [une_ligne("2027-G-001")], JOUR) == calendar(1)


WHOLE = among(calendar(1, 2), DENTISTE)


@pytest.mark.parametrize(
    "content",
    [
        WHOLE[: len(WHOLE) // 2],
        WHOLE.rpartition(b"END:VCALENDAR")[0],
        WHOLE.replace(b"END:VALARM\r\n", b""),
        WHOLE.replace(b"END:VEVENT\r\n", b"", 1),
        WHOLE.replace(b"BEGIN:VCALENDAR", b"BEGIN:VJOURNAL"),
        WHOLE + b"reste d'une autre sauvegarde",
        b"PK\x03\x04" + WHOLE,
        WHOLE.decode("cp1252").encode("utf-16"),
        WHOLE.replace(b"\r\n", b"\r"),
        b"\0" * 2000,
        b"Bonjour",
        b"END:VCALENDAR\r\nBEGIN:VCALENDAR\r\n",
    ],
)
def test_a_damaged_or_foreign_file_is_refused(content: bytes) -> None:
    with pytest.raises(FileRefused, match="pas un calendrier entier"):
        update(content, [une_ligne("2027-G-001")], JOUR)


@given(st.integers(0, len(WHOLE)), st.integers(0, 40), st.binary(max_size=20))
def test_whatever_is_cut_or_typed_in_it_no_byte_of_another_is_lost(at: int, cut: int, typed: bytes) -> None:
    content = WHOLE[:at] + typed + WHOLE[at + cut :]
    try:
        changed = update(content, [une_ligne("2027-G-003")], JOUR)
    except FileRefused:
        return

    assert changed
    if content.strip():
        new = calendar(3)
        event = new[new.index(b"BEGIN:VEVENT") : new.index(b"BEGIN:VTIMEZONE")]
        zone = new[new.index(b"BEGIN:VTIMEZONE") : -len(b"END:VCALENDAR\r\n")]
        for piece in (event, zone):
            if changed.count(piece) > content.count(piece):
                before, _, after = changed.rpartition(piece)
                changed = before + after
        assert changed == content


def test_the_hours_are_those_of_the_clock_of_france() -> None:
    first = update(None, [une_ligne("2027-G-001")], JOUR)
    assert first is not None
    assert b"DTSTART;TZID=Europe/Paris:20270617T0945" in first
    assert first.count(b"BEGIN:VTIMEZONE") == first.count(b"TZID:Europe/Paris") == 1
    again = update(first, [une_ligne("2027-G-001"), une_ligne("2027-G-002")], JOUR)
    assert again is not None and again.count(b"BEGIN:VTIMEZONE") == 1


def test_thousands_of_events_take_no_time() -> None:
    content = calendar(*range(1, 3_001))
    start = process_time()

    changed = update(content, [une_ligne("2027-G-2000", client="Autre")], JOUR)

    assert changed and b"Autre" in changed
    assert process_time() - start < 1


def test_an_arrival_without_an_hour_takes_its_day() -> None:
    made = update(None, [replace(une_ligne(), heure=time.max)], JOUR)
    assert made and b"DTSTART;VALUE=DATE:20270617\r\nDTEND;VALUE=DATE:20270618" in made
