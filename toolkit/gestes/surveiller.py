"""A tree watched: each pass told as it ends and kept in the log; a single one also answers as a command does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from toolkit.french import typography
from toolkit.tree.settings import Settings
from toolkit.walk.options import Options
from toolkit.walk.report import Report
from toolkit.watch.log import write_log
from toolkit.watch.watcher import watch


@dataclass(frozen=True, slots=True)
class Surveillance:
    """What a watch that has ended found and did."""

    report: Report
    """Of the single pass; empty when there was no end to them."""
    is_once: bool

    @property
    def exit_status(self) -> int:
        return self.report.exit_status

    def as_json(self) -> dict[str, object]:
        return self.report.as_json()

    def as_text(self) -> str:
        """Each pass was told when it ended."""
        return "Rien à faire." if self.is_once and not self.report.dossiers else ""


def watch_tree(
    root: Path, options: Callable[[Settings], Options], tell: Callable[[str], None], *, once: bool
) -> Surveillance:
    """Watch until told to stop, or for one pass; raises EnvironmentRefused.

    ``tell`` is given what each pass did, and each trouble as it comes and goes.
    """
    told = Report()

    def take(report: Report) -> None:
        now = datetime.now()
        write_log(root, "\n\n".join([report.as_text(), *report.defauts]), now)
        if once:
            told.merge(report)
        tell(f"{now:%H:%M:%S}\n{report.as_text()}\n")

    def say(line: str, details: str) -> None:
        now = datetime.now()
        write_log(root, "\n\n".join(filter(None, [typography(line), details])), now)
        tell(f"{now:%H:%M:%S}\n{typography(line)}\n")

    watch(root, options, take, say, once=once)
    return Surveillance(told, once)
