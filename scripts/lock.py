"""Write requirements.lock anew: exact versions with hashes for every supported Python and system, no host named."""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from environnement import CONSTRUCTION, OUTILS, RACINE, VERROU

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
    to_install = compile_lock(uv, "build")
    to_run = compile_lock(uv)
if not set(to_run) <= set(to_install) <= set(everything):
    sys.exit("Les outils changent une version : accorder les bornes de pyproject.toml.")
builders = [block for block in to_install if block not in to_run]
tools = [block for block in everything if block not in to_install]
parts = ("".join(to_run), f"{CONSTRUCTION} ---\n{''.join(builders)}", f"{OUTILS} ---\n{''.join(tools)}")
VERROU.write_text(HEAD + "\n".join(parts), encoding="utf-8")
