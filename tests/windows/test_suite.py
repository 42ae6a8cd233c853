"""The fast tests of the project, run by the Python of the desktop: as many as here, each skip accounted for."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter

from tests.conftest import ICI
from tests.windows.poste import Poste
from tests.windows.prefixe import PYTHON

SELECTION = ("tests", "-m", "not slow", "--ignore=tests/windows")
ONLY_ELSEWHERE = {
    "modes, limits and leases of POSIX",
    "leases of Linux",
    "systemd n'est pas là pour relire l'unité",
    "no corpus of",
    "no apache_poi__",
    "pipes, sockets and links as Linux has them",
    "acts of a POSIX system",
    "only root gives files away",
    "a queue is a file of POSIX",
    "the two names are one, or neither can be made",
    "no pdftoppm to look at pages with",
    "no fontconfig to ask",
}
"""Why a test may be skipped there."""
MINUTES = 15


def test_the_fast_tests_pass_on_windows(poste: Poste) -> None:
    report = poste.drive_c / "essais.xml"
    corpus = ICI.parents[1] / "shared"
    if corpus.is_dir():
        poste.drive_c.joinpath("shared").symlink_to(corpus.resolve())
    # A short folder for the trees: their paths are judged as a desktop's.
    options = ("--numprocesses=2", "--basetemp=C:\\t", "--junitxml=C:\\essais.xml", "-p", "no:cacheprovider", "-q")

    said = poste.run(PYTHON, "-m", "pytest", *SELECTION, *options, cwd=poste.drive_c / "toolkit", seconds=60 * MINUTES)

    assert said.status == 0, said.out[-8_000:] + said.err[-2_000:]
    cases = ET.parse(report).findall(".//testcase")
    assert Counter(case.get("classname") for case in cases) == collected_here()
    reasons = {skip.get("message", "") for skip in ET.parse(report).iter("skipped")}
    assert [reason for reason in reasons if not any(known in reason for known in ONLY_ELSEWHERE)] == []


def collected_here() -> Counter[str | None]:
    """How many tests each module has, as this machine counts them."""
    command = [sys.executable, "-m", "pytest", *SELECTION, "--collect-only", "-q", "-p", "no:cacheprovider"]
    said = subprocess.run(command, cwd=ICI.parent, capture_output=True, text=True, check=True).stdout
    modules = re.findall(r"^(tests/\S+?)\.py::", said, re.MULTILINE)
    return Counter(module.replace("/", ".") for module in modules)
