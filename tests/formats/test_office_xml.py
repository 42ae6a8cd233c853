"""What is read as XML can neither open a file, nor grow, nor reach another machine."""

from pathlib import Path

import pytest

from toolkit.formats.office_xml import PartDeclaring, PartUnsound, parse, serialise
from toolkit.formats.word_marks import END, MISSING, colour_marked


def test_a_part_is_written_back_as_it_came() -> None:
    part = b"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n<a b=\"c\"> d<!-- e --></a>"
    assert serialise(parse(part)) == part


@pytest.mark.parametrize("part", [b"", b"<a>", b"\xff", b"<a>&b;</a>"])
def test_what_is_no_xml(part: bytes) -> None:
    with pytest.raises(PartUnsound):
        parse(part)


def test_a_part_that_declares_entities_is_refused_wherever_it_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    outside = f'<!DOCTYPE a [<!ENTITY b SYSTEM "{secret.as_uri()}">]><a>{MISSING}&b;{END}</a>'.encode()
    within = f'<!DOCTYPE a [<!ENTITY b "c">]><a>{MISSING}&b;{END}</a>'.encode()
    for part in (outside, within):
        with pytest.raises(PartDeclaring):
            parse(part)
        with pytest.raises(PartDeclaring):
            colour_marked(part)
