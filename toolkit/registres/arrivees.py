"""The arrivals as a calendar that any mail program shows beside one's own: rows in, .ics bytes out (RFC 5545)."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from toolkit.dossier.classement import Typologie
from toolkit.registres.lignes import Ligne

_EVENT = re.compile(r"BEGIN:VEVENT\r\n.*?END:VEVENT\r\n", re.DOTALL)
_UID = re.compile(r"^UID:(.*)\r$", re.MULTILINE)
_STAMP = re.compile(r"^DTSTAMP:.*\r\n", re.MULTILINE)
_HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//toolkit//arrivees//FR\r\nX-WR-CALNAME:Arrivées\r\n"
_RECEPTION = timedelta(minutes=30)
"""How long an arrival takes in a calendar, where an event without a length cannot be seen."""
_LINE_BYTES_MAX = 75


def update(content: bytes | None, lignes: Sequence[Ligne], jour: date) -> bytes | None:
    """The calendar with the arrivals of these rows; those of other dossiers stay. None without any arrival at all."""
    events = {}
    for event in _EVENT.findall((content or b"").decode("utf-8", errors="replace")):
        if uid := _UID.search(event):
            events[uid[1]] = event
    for ligne in sorted(lignes, key=lambda one: (one.debut, one.heure, one.cle)):
        event, uid_text = _event(ligne, jour), _uid(ligne)
        known = events.get(uid_text)
        if known is None and ligne.annulee_le:
            continue
        if known is None or _STAMP.sub("", known) != _STAMP.sub("", event):
            events[uid_text] = event
    if not events:
        return None
    return f"{_HEAD}{''.join(events.values())}END:VCALENDAR\r\n".encode()


def _uid(ligne: Ligne) -> str:
    return f"{re.sub('[^A-Za-z0-9-]', '-', ligne.cle)}@toolkit"


def _event(ligne: Ligne, jour: date) -> str:
    client, people = _text(ligne, "client"), _text(ligne, "personnes")
    lines = ["BEGIN:VEVENT", f"UID:{_uid(ligne)}", f"DTSTAMP:{jour:%Y%m%d}T000000Z"]
    if ligne.heure == time.max:
        lines += [f"DTSTART;VALUE=DATE:{ligne.debut:%Y%m%d}", f"DTEND;VALUE=DATE:{ligne.fin + timedelta(1):%Y%m%d}"]
    else:
        # Without a time zone: the hour that the clock of the office shows.
        start = datetime.combine(ligne.debut, ligne.heure)
        lines += [f"DTSTART:{start:%Y%m%dT%H%M%S}", f"DTEND:{start + _RECEPTION:%Y%m%dT%H%M%S}"]
    kind = "Groupe" if ligne.typologie is Typologie.GROUPE else "Individuels"
    title = f"{client.partition(chr(10))[0] or ligne.cle} ({kind}{f', {people} pers.' if people else ''})"
    place = _text(ligne, "arrivee").partition("\n")[2]
    lines += [f"SUMMARY:{_escape(title)}", f"DESCRIPTION:{_escape(_text(ligne, 'programme') or ligne.cle)}"]
    lines += [f"LOCATION:{_escape(place)}"] if place else []
    lines += [f"STATUS:{'CANCELLED' if ligne.annulee_le else 'CONFIRMED'}", "END:VEVENT", ""]
    return "\r\n".join(map(_fold, lines))


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
