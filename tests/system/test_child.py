"""Programs that are started from a folder of papers: what lies among them is never run."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.formats.test_pdf import document
from toolkit.formats.libreoffice import find_libreoffice
from toolkit.system.child import find_program


@pytest.fixture(scope="module")
def after_python() -> frozenset[str]:
    """The modules that « -m » itself does not read before any line of ours."""
    script = "import runpy, sys; print(*sys.modules)"
    read = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, text=True, check=True).stdout
    return sys.stdlib_module_names - set(read.split())


@pytest.mark.slow
@pytest.mark.parametrize(
    "toolkit", [[sys.executable, "-m", "toolkit"], [str(Path(sys.executable).with_name("toolkit"))]]
)
def test_no_module_beside_the_file_is_run(toolkit: list[str], after_python: frozenset[str], tmp_path: Path) -> None:
    trace = tmp_path / "lancé"
    folder = tmp_path / "reçu"
    folder.mkdir()
    assert {"json", "csv", "zlib", "email"} <= after_python
    for module in after_python if "-m" in toolkit else sys.stdlib_module_names:
        (folder / f"{module}.py").write_text(f"open({str(trace)!r}, 'a').write({module!r})\n", encoding="utf-8")
    (folder / "bon.pdf").write_bytes(document())
    done = subprocess.run([*toolkit, "copie", "bon.pdf"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / "bon COPIE.pdf").is_file()
    assert not trace.exists(), trace.read_text()


@pytest.mark.parametrize("path", [".", ""])
def test_no_program_beside_the_file_is_found(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soffice = tmp_path / ("soffice.exe" if sys.platform == "win32" else "soffice")
    soffice.write_text("#!/bin/sh\n")
    soffice.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TOOLKIT_SOFFICE", raising=False)
    monkeypatch.setenv("PATH", path)
    assert find_libreoffice() is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_program("soffice") == soffice
