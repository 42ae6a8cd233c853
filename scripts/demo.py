"""One command to see it all: a private environment, LibreOffice where it may, and the demonstration."""

import shutil
import sys

from environnement import PDF, RACINE, in_venv, install_debian, prepare, run

prepare(with_tools=False)
if sys.platform == "linux" and not (shutil.which("soffice") or shutil.which("libreoffice")):
    install_debian(list(PDF))
raise SystemExit(run([in_venv("toolkit"), "demo", *(sys.argv[1:] or [str(RACINE / "demonstration")])]))
