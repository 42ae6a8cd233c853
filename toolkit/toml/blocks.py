"""Where the blocks of a text begin and end, those included that it only proposes, with a # before each line.

« Enlever le # » is what the file asks of people: a fact written for them goes there too, so that no line that they take
the # from later says it a second time. Line by line: the caller makes sure that the text then says what it should.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Step = tuple[str, int | None]
"""A name, and which of several blocks of that name: 1 is the first."""

_LINE = re.compile(
    r"""(?P<sign>[ \t]*\#[ \t]?)?(?P<rest>[ \t]*(?:
        \[(?P<several>\[)?(?P<names>[\w.\ -]+)\]\]?[ \t]*(?:\#.*)? | (?P<key>[\w-]+)[ \t]*=.*
    ))""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class _Line:
    """A header or a fact."""

    number: int
    block: tuple[Step, ...]
    """That it opens, or lies in."""
    key: str
    """Empty for a header."""
    is_proposed: bool
    is_ready: bool = False
    """The header above is a line of the file, and not only proposed."""


def take_up(text: str, steps: Sequence[Step], key: str) -> tuple[str, bool]:
    """The text with the block of a fact opened, and the line of that fact where one is proposed.

    Tells whether there was such a line: the fact then stands there with the value of the example.
    """
    block = tuple(steps)
    for depth in range(1, len(block) + 1):
        text = _open(text, block[:depth], is_last=depth == len(block))
    facts = (one for one in _read(text) if one.is_proposed and one.is_ready and one.block == block and one.key == key)
    found = next(facts, None)
    return (_without_sign(text, found.number), True) if found else (text, False)


def _open(text: str, block: tuple[Step, ...], *, is_last: bool) -> str:
    """With the header of a block: the one that is proposed, else a new one below what it belongs to."""
    headers = [one for one in _read(text) if not one.key and one.block == block]
    if any(not one.is_proposed for one in headers):
        return text
    if headers:
        return _without_sign(text, headers[0].number)
    name, number = block[-1]
    if number is None and not is_last:  # it need not be written
        return text
    around = block[:-1] if number in (None, 1) else (*block[:-1], (name, (number or 1) - 1))
    _, end = _extent(text, around or block)
    names = ".".join(one for one, _ in block)
    header = f"[{names}]" if number is None else f"[[{names}]]"
    lines = text.split("\n")
    return "\n".join([*lines[:end], "", header, *(lines[end:] or [""])])


def _without_sign(text: str, number: int) -> str:
    lines = text.split("\n")
    lines[number] = re.sub(r"#[ \t]?", "", lines[number], count=1)
    return "\n".join(lines)


def take_out(text: str, steps: Sequence[Step]) -> str:
    """Without a block, nor those inside it; the remarks below its last fact stay, they may be those of the next."""
    start, end = _extent(text, tuple(steps))
    lines = text.split("\n")
    return "\n".join([*lines[:start], *lines[end:]])


def _extent(text: str, block: tuple[Step, ...]) -> tuple[int, int]:
    """From the header of a block to the last of its facts, in lines; nothing, at the end, when it is not there."""
    lines = text.split("\n")
    told = [one for one in _read(text) if not one.is_proposed]
    inside = [one.number for one in told if one.block[: len(block)] == block]
    end = next((one.number for one in told if inside and one.number > inside[-1]), len(lines))
    while end and re.fullmatch(r"\s*(#.*)?" if inside else r"\s*", lines[end - 1]):
        end -= 1
    return inside[0] if inside else end, end


def _read(text: str) -> Iterator[_Line]:
    counts: Counter[tuple[str, ...]] = Counter()
    """Of the blocks that there may be several of, by their names."""
    around: dict[bool, tuple[Step, ...]] = {False: (), True: ()}
    """The block that lines lie in which are proposed, or not."""
    proposed: Counter[tuple[str, ...]] = Counter()
    is_ready = True
    for number, line in enumerate(text.split("\n")):
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        is_proposed = match["sign"] is not None
        if match["names"]:
            names = tuple(one.strip() for one in match["names"].split("."))
            if match["several"]:
                (proposed if is_proposed else counts)[names] = counts[names] + 1
            if not is_proposed:
                proposed = counts.copy()
            known = proposed if is_proposed else counts
            block = tuple((name, known[names[:depth]] or None) for depth, name in enumerate(names, 1))
            around[True] = block
            is_ready = not is_proposed
            if not is_proposed:
                around[False] = block
        yield _Line(number, around[is_proposed], match["key"] or "", is_proposed, is_ready)
