"""Mail drafts whose words come from files and facts: nothing of them begins another line of the head."""

from email import message_from_bytes
from email.policy import default

from toolkit.formats.mail import Brouillon, as_eml


def test_a_line_break_adds_nothing_to_the_head() -> None:
    draft = Brouillon("Votre séjour\r\nBcc: a@b.org\x07", ["c@d.org"], "Bonjour\r\n", {"bon\nX: 1.pdf": b"%PDF"})
    message = message_from_bytes(as_eml(draft), policy=default)
    assert message["Subject"] == "Votre séjour Bcc: a@b.org" and message["Bcc"] is None
    (joined,) = message.iter_attachments()
    assert joined.get_filename() == "bon X: 1.pdf" and joined["X"] is None
