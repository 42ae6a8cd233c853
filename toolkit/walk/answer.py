"""What a command gives back, whoever asked: a person, a program, the desktop."""

from typing import Protocol


class Answer(Protocol):
    """Made by a gesture, beside what it does; ``toolkit.cli.answers.say`` is the only one that prints it."""

    @property
    def exit_status(self) -> int:
        """0 done, 1 an agent's mistake, 3 a defect of the toolkit, 4 a refusal of the machine (promesses.md §5)."""
        ...

    def as_json(self) -> dict[str, object]:
        """One document for programs; empty when it was told already."""
        ...

    def as_text(self) -> str:
        """French, for whoever is at the console; empty when it was told already."""
        ...
