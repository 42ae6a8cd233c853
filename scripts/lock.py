"""Write requirements.lock anew: exact versions with hashes for every supported Python and system, no host named."""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from environnement import OUTILS, RACINE, VERROU

HEAD = """\
# Versions exactes et empreintes, pour tous les Python et systèmes prévus. Ne pas modifier à la main :
#     python3 scripts/lock.py
"""


def compile_lock(uv: Path, *groups: str) -> list[str]:
    """One block of text per package."""
    command = [
        str(uv),
        "pip",
        "compile",
        "pyproject.toml",
        "--universal",
        "--python-version",
        "3.11",
        "--generate-hashes",
    ]
    command += ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--quiet"]
    command += [word for group in groups for word in ("--group", group)]
    text = subprocess.run(command, cwd=RACINE, check=True, capture_output=True, text=True).stdout
    blocks: list[str] = []
    for line in text.splitlines(keepends=True):
        if line.startswith((" ", "#")) and blocks:
            blocks[-1] += line
        elif not line.startswith("#"):
            blocks.append(line)
    return blocks


with tempfile.TemporaryDirectory() as folder:
    venv.create(folder, with_pip=True)
    subprocess.run([Path(folder, "bin", "pip"), "install", "--quiet", "uv"], check=True)
    uv = Path(folder, "bin", "uv")
    everything = compile_lock(uv, "build", "dev")
    needed = set(compile_lock(uv, "build"))
tools = [block for block in everything if block not in needed]
kept = [block for block in everything if block in needed]
if len(kept) != len(needed):
    sys.exit("Les outils d'essai changent une version : accorder les bornes de pyproject.toml.")
VERROU.write_text(f"{HEAD}{''.join(kept)}\n{OUTILS} ---\n{''.join(tools)}", encoding="utf-8")
