"""Where each value of a TOML text stands: key path → line. The parsers of Python do not tell.

Walks text that a real parser has already accepted, so it only has to find the ends of things.
"""

import re
from bisect import bisect_left
from functools import cached_property

from toolkit.errors import ChampPath

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r'[ \t]*(?:"((?:[^"\\\n]|\\.)*)"|\'([^\'\n]*)\'|([A-Za-z0-9_-]+))[ \t]*(\.?)')
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")|\'\'\'.*?\'{3,5}(?!\')|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'',
    re.DOTALL,
)
_BARE = re.compile(r"[^,\]}#\n]*")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|(.))")
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}


def _unescape(key: str) -> str:
    def char(match: re.Match[str]) -> str:
        code = match[1] or match[2] or match[3]
        return chr(int(code, 16)) if code else _ESCAPED.get(match[4], match[4])

    return _ESCAPE.sub(char, key)


class TomlPlaces:
    """Lines, 1-based, of the values of one text; read only when a line is asked for, which a sound file never is."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _lines(self) -> dict[ChampPath, int]:
        return _Scan(self._text).lines

    def line(self, path: ChampPath) -> int | None:
        """The line of a value, or of the nearest block around it that is written at all."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._lines:
                return self._lines[path[:length]]
        return None


class _Scan:
    """One reading of a text, from its first key to its last."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._pos = 0
        self._line_ends = [match.start() for match in re.finditer("\n", text)]
        self.lines: dict[ChampPath, int] = {}
        self._counts: dict[ChampPath, int] = {}
        try:
            self._walk()
        except RecursionError:  # lists in lists by the hundred: the lines found so far will do
            pass

    def _record(self, path: ChampPath, position: int) -> None:
        """Where a value stands; the blocks around it that no line opens stand there too."""
        line = bisect_left(self._line_ends, position) + 1
        for length in range(len(path), 0, -1):
            if self.lines.setdefault(path[:length], line) != line:
                break

    def _skip_blank(self) -> None:
        match = _BLANK.match(self._text, self._pos)
        if match:
            self._pos = match.end()

    def _keys(self) -> list[str]:
        keys: list[str] = []
        while match := _KEY.match(self._text, self._pos):
            self._pos = match.end()
            keys.append(_unescape(match[1]) if match[1] else match[2] or match[3] or "")
            if not match[4]:
                break
        return keys

    def _walk(self) -> None:
        table: ChampPath = ()
        self._skip_blank()
        while self._pos < len(self._text):
            start = self._pos
            if self._text.startswith("[", start):
                is_array = self._text.startswith("[[", start)
                self._pos += 2 if is_array else 1
                table = self._header(self._keys(), start, is_array=is_array)
                self._pos += 2 if is_array else 1
            else:
                self._pair(table)
            self._skip_blank()
            if self._pos == start:
                return

    def _header(self, keys: list[str], start: int, *, is_array: bool) -> ChampPath:
        path: ChampPath = ()
        for index, key in enumerate(keys):
            path = (*path, key)
            if is_array and index == len(keys) - 1:
                self._counts[path] = self._counts.get(path, 0) + 1
            if path in self._counts:
                path = (*path, self._counts[path] - 1)
        self._record(path, start)
        return path

    def _pair(self, table: ChampPath) -> None:
        start = self._pos
        path = (*table, *self._keys())
        self._record(path, start)
        if self._text.startswith("=", self._pos):
            self._pos += 1
            self._value(path)

    def _value(self, path: ChampPath) -> None:
        self._skip_blank()
        opener = self._text[self._pos : self._pos + 1]
        if opener == "[":
            self._pos += 1
            self._members("]", path, is_table=False)
        elif opener == "{":
            self._pos += 1
            self._members("}", path, is_table=True)
        else:
            match = _STRING.match(self._text, self._pos) or _BARE.match(self._text, self._pos)
            if match:
                self._pos = match.end()

    def _members(self, closer: str, path: ChampPath, *, is_table: bool) -> None:
        index = 0
        while self._pos < len(self._text):
            self._skip_blank()
            start = self._pos
            if self._text.startswith(closer, start):
                self._pos += 1
                return
            if self._text.startswith(",", start):
                self._pos += 1
                continue
            if is_table:
                self._pair(path)
            else:
                self._record((*path, index), start)
                self._value((*path, index))
                index += 1
            if self._pos == start:
                return
