"""The arrivals as a calendar that any mail program shows beside one's own: rows in, .ics bytes out (RFC 5545).

Only our own events are written, each in its place; whatever else people or their programs put there keeps its bytes.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from toolkit.dossier.classement import Typologie
from toolkit.errors import FileRefused
from toolkit.registres.lignes import Ligne

_MARK = re.compile(rb"^(?:\xef\xbb\xbf)?(BEGIN|END):([^\r\n]*)(?:\r?\n|\r?\Z)", re.MULTILINE | re.IGNORECASE)
_UID = re.compile(rb"^UID[^:\r\n]*:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.MULTILINE | re.IGNORECASE)
_FOLD = re.compile(rb"\r?\n[ \t]")
_STAMP = re.compile(rb"^DTSTAMP:[^\r\n]*\r?\n", re.MULTILINE)
_OURS = b"@toolkit"
_EMPTY = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//toolkit//arrivees//FR\r\nX-WR-CALNAME:Arriv\xc3\xa9es\r\n"
    b"END:VCALENDAR\r\n"
)
_FUSEAU = "Europe/Paris"
_FUSEAU_DIT = (
    b"BEGIN:VTIMEZONE\r\nTZID:Europe/Paris\r\n"
    b"BEGIN:DAYLIGHT\r\nTZNAME:CEST\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nDTSTART:19960331T020000\r\n"
    b"RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\n"
    b"BEGIN:STANDARD\r\nTZNAME:CET\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nDTSTART:19961027T030000\r\n"
    b"RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)
"""The clock of France since 1996, as RFC 5545 wants it beside the hours that name it."""
_FUSEAU_CONNU = re.compile(rb"^TZID(;[^:\r\n]*)?:Europe/Paris\s*$", re.MULTILINE | re.IGNORECASE)
_RECEPTION = timedelta(minutes=30)
"""How long an arrival takes in a calendar, where an event without a length cannot be seen."""
_LINE_BYTES_MAX = 75


def update(content: bytes | None, lignes: Sequence[Ligne], jour: date) -> bytes | None:
    """The calendar with the arrivals of these rows; all the rest stays as it is. None without any arrival at all.

    Raises FileRefused for a file that is no whole calendar: what is in it cannot be told apart.
    """
    before = content if content and content.strip() else _EMPTY
    events, end = _read(before)
    made: dict[bytes, bytes] = {}
    for ligne in sorted(lignes, key=lambda one: (one.debut, one.heure, one.cle)):
        event, uid = _event(ligne, jour), _uid(ligne).encode()
        known = [before[start:stop] for start, stop in events.get(uid, ())]
        if known or ligne.is_attendue:
            made[uid] = next((one for one in known if _STAMP.sub(b"", one) == _STAMP.sub(b"", event)), event)
    if not made and before is _EMPTY:
        return None
    return b"".join(_pieces(before, events, end, made))


Spans = dict[bytes, list[tuple[int, int]]]
"""From where to where each of our events stands, by its UID: once, unless another program doubled it."""


def _read(content: bytes) -> tuple[Spans, int]:
    """Our events, and the place of the next one: before the end of the last calendar."""
    events: Spans = {}
    opened: list[tuple[bytes, int]] = []
    end = None
    for mark in _MARK.finditer(content):
        kind = mark[2].strip().upper()
        if mark[1].upper() == b"BEGIN":
            if bool(opened) == (kind == b"VCALENDAR"):
                break
            opened.append((kind, mark.start()))
        elif not opened or opened[-1][0] != kind:
            break
        else:
            _, start = opened.pop()
            if not opened:
                end = mark.start()
            elif kind == b"VEVENT" and (uid := _own_uid(content[start : mark.end()])):
                events.setdefault(uid, []).append((start, mark.end()))
    else:
        outside = content.removeprefix(b"\xef\xbb\xbf")[:15].upper(), content.rstrip()[-13:].upper()
        if end is not None and not opened and outside == (b"BEGIN:VCALENDAR", b"END:VCALENDAR"):
            return events, end
    raise FileRefused("ce n'est pas un calendrier entier")


def _own_uid(event: bytes) -> bytes | None:
    found = _UID.search(event)
    uid = _FOLD.sub(b"", found[1]).strip() if found else b""
    return uid if uid.endswith(_OURS) else None


def _pieces(content: bytes, events: Spans, end: int, made: dict[bytes, bytes]) -> Iterator[bytes]:
    """All that stands, with the events that were made in the place of theirs, and the new ones at the end."""
    names_zone = any(_FUSEAU.encode() in event for event in made.values())
    spans = sorted((start, stop, uid) for uid, places in events.items() if uid in made for start, stop in places)
    at = 0
    for start, stop, uid in spans:
        yield content[at:start]
        yield made.pop(uid, b"")  # one that was doubled stands once
        at = stop
    yield content[at:end]
    yield from made.values()
    if names_zone and not _FUSEAU_CONNU.search(content):
        yield _FUSEAU_DIT
    yield content[end:]


def _uid(ligne: Ligne) -> str:
    return f"{re.sub('[^A-Za-z0-9-]', '-', ligne.cle)}@toolkit"


def _event(ligne: Ligne, jour: date) -> bytes:
    client, people = _text(ligne, "client"), _text(ligne, "personnes")
    lines = ["BEGIN:VEVENT", f"UID:{_uid(ligne)}", f"DTSTAMP:{jour:%Y%m%d}T000000Z"]
    if ligne.heure == time.max:
        lines += [f"DTSTART;VALUE=DATE:{ligne.debut:%Y%m%d}", f"DTEND;VALUE=DATE:{ligne.fin + timedelta(1):%Y%m%d}"]
    else:
        start = datetime.combine(ligne.debut, ligne.heure)
        for key, moment in (("DTSTART", start), ("DTEND", start + _RECEPTION)):
            lines.append(f"{key};TZID={_FUSEAU}:{moment:%Y%m%dT%H%M%S}")
    kind = "Groupe" if ligne.typologie is Typologie.GROUPE else "Individuels"
    title = f"{client.partition(chr(10))[0] or ligne.cle} ({kind}{f', {people} pers.' if people else ''})"
    place = _text(ligne, "arrivee").partition("\n")[2]
    lines += [f"SUMMARY:{_escape(title)}", f"DESCRIPTION:{_escape(_text(ligne, 'programme') or ligne.cle)}"]
    lines += [f"LOCATION:{_escape(place)}"] if place else []
    lines += [f"STATUS:{'CANCELLED' if ligne.annulee_le else 'CONFIRMED'}", "END:VEVENT", ""]
    return "\r\n".join(map(_fold, lines)).encode()


def _text(ligne: Ligne, key: str) -> str:
    value = ligne.valeurs.get(key)
    return "" if value is None else str(value)


def _escape(text: str) -> str:
    escaped = re.sub(r"([\\;,])", r"\\\1", text.replace("\r", ""))
    return re.sub("[\x00-\x08\x0b-\x1f]", "", escaped.replace("\n", "\\n"))


def _fold(line: str) -> str:
    """No line longer than 75 bytes, none cut within a letter."""
    folded, size = "", 0
    for char in line:
        width = len(char.encode())
        if size + width > _LINE_BYTES_MAX:
            folded, size = f"{folded}\r\n ", 1
        folded, size = folded + char, size + width
    return folded
