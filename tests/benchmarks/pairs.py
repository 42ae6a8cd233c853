"""The other programs that fill Word models: installed aside by the benchmark itself, each in a process of its own."""

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks import banc

NODE = {"docxtemplater": "3.71.0", "pizzip": "3.3.0", "easy-template-x": "7.2.8", "carbone": "3.8.2"}
MAILMERGE = "docx-mailmerge2==1.0.3"
LANGUES: Mapping[str, banc.Langue] = {
    "carbone": banc.CARBONE,
    "easy-template-x": banc.MUSTACHE,
    "docxtemplater": banc.MUSTACHE,
    "docx-mailmerge2": banc.MAILMERGE,
}
_ICI = Path(__file__).parent
_CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "toolkit-essais" / "pairs"


class PairMissing(Exception):
    """Why a program cannot be measured here."""


class Pair:
    """One program, ready to fill the contract again and again."""

    def __init__(self, process: "subprocess.Popen[str]", out: Path) -> None:
        self._process = process
        self._out = out

    def fill(self) -> float:
        """Seconds, measured by the program itself."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise PairMissing(self._process.stderr.read() if self._process.stderr else "")
        return float(answer)

    def texte(self) -> str:
        """What the last contract says, to prove that all say the same."""
        return texte(self._out.read_bytes())


def texte(content: bytes) -> str:
    import docx

    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join(line for line in (*(one.text for one in document.paragraphs), *cells) if line)


@contextmanager
def pair(name: str) -> Iterator[Pair]:
    """The program of this name, installed at first; raises PairMissing."""
    command, environment = _mailmerge() if name == "docx-mailmerge2" else _node(name)
    with tempfile.TemporaryDirectory() as folder:
        model, data, out = (Path(folder, one) for one in ("banc.docx", "banc.json", "sortie.docx"))
        model.write_bytes(banc.modele(LANGUES[name]))
        data.write_text(banc.donnees_json())
        process = subprocess.Popen(
            [*command, name, str(model), str(data), str(out)],
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield Pair(process, out)
        finally:
            process.kill()
            process.communicate()


def _node(name: str) -> tuple[list[str], dict[str, str]]:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise PairMissing("Node.js n'est pas installé")
    folder = _CACHE / "node"
    if not (folder / "node_modules" / name).is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text(json.dumps({"private": True, "dependencies": NODE}))
        done = subprocess.run(
            [npm, "install", "--silent", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, text=True
        )
        if done.returncode:
            raise PairMissing(f"npm : {done.stderr.strip()[-300:]}")
    return [node, str(_ICI / "pairs.mjs")], {"PAIRS_FROM": str(folder / "package.json")}


def _mailmerge() -> tuple[list[str], dict[str, str]]:
    folder = _CACHE / "mailmerge"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (folder / "fait").exists():
        venv.create(folder, with_pip=True, clear=True)
        done = subprocess.run([python, "-m", "pip", "install", "-q", MAILMERGE], capture_output=True, text=True)
        if done.returncode:
            raise PairMissing(f"pip : {done.stderr.strip()[-300:]}")
        (folder / "fait").touch()
    return [str(python), str(_ICI / "pair_mailmerge.py")], {}


if __name__ == "__main__":
    for one in LANGUES:
        with pair(one) as running:
            print(one, running.fill(), len(running.texte()), file=sys.stderr)
