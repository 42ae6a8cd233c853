"""Mail drafts: an .eml that opens ready to be sent, and its text to paste where no mail program opens it.

Nothing is ever sent. ``X-Unsent`` is what makes Outlook and Thunderbird open a draft; without date nor identifier, so
that the same facts give the same bytes (constats.md §6.1).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP

from toolkit.french import notepad


@dataclass(frozen=True)
class Brouillon:
    """One mail that an agent may send."""

    objet: str
    destinataires: Sequence[str]
    texte: str
    pieces: Mapping[str, bytes] = field(default_factory=dict)
    """PDF by the name under which it is joined."""


def as_eml(brouillon: Brouillon) -> bytes:
    """A draft that opens ready to be sent (constats.md §6.1); the same draft gives the same bytes."""
    message = EmailMessage(policy=SMTP)
    message["X-Unsent"] = "1"
    message["To"] = ", ".join(brouillon.destinataires)
    message["Subject"] = _one_line(brouillon.objet)
    message.set_content(brouillon.texte, cte="quoted-printable")
    for name, content in brouillon.pieces.items():
        message.add_attachment(content, maintype="application", subtype="pdf", filename=_one_line(name))
    if brouillon.pieces:
        # The usual boundary is drawn at random.
        message.set_boundary(f"=={hashlib.sha256(brouillon.texte.encode()).hexdigest()[:32]}==")
    return message.as_bytes()


def _one_line(text: str) -> str:
    """As the head of a mail holds it: a line break would begin another line of the head."""
    return "".join(char for char in " ".join(text.split()) if char.isprintable())


def as_txt(brouillon: Brouillon) -> bytes:
    """The same for Notepad."""
    lines = [f"À : {', '.join(brouillon.destinataires)}", f"Objet : {brouillon.objet}"]
    lines += [f"Pièce jointe : {name}" for name in brouillon.pieces]
    return notepad("\n".join([*lines, "", brouillon.texte]))
