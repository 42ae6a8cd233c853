"""One command to see it all: a private environment, the toolkit in it, and the demonstration."""

import sys

from environnement import RACINE, in_venv, prepare, run

prepare(with_tools=False)
raise SystemExit(run([in_venv("toolkit"), "demo", *(sys.argv[1:] or [str(RACINE / "demonstration")])]))
