"""argparse in French."""

import argparse
from typing import NoReturn

# argparse has no French catalogue; these are all the words of it that people can meet.
FRENCH = {
    "usage: ": "utilisation : ",
    "positional arguments": "arguments",
    "options": "options",
    "subcommands": "commandes",
    "show this help message and exit": "montre cette aide",
    "the following arguments are required: %s": "il manque : %s",
    "unrecognized arguments: %s": "arguments inconnus : %s",
    "expected one argument": "il faut une valeur",
    "expected at least one argument": "il faut au moins une valeur",
    "invalid choice: %(value)r (choose from %(choices)s)": "« %(value)s » n'est pas possible : %(choices)s",
    "invalid %(type)s value: %(value)r": "« %(value)s » ne convient pas",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s : %(message)s",
    "not allowed with argument %s": "ne va pas avec %s",
    "%(prog)s: error: %(message)s\n": "%(message)s\n",
}


class Parser(argparse.ArgumentParser):
    """An argument parser that speaks French and leaves the exit to ``main``."""

    def error(self, message: str) -> NoReturn:
        """What argparse says of a mistyped command, its usage below; raises UsageError."""
        from toolkit.errors import UsageError

        raise UsageError(f"{message}\n{self.format_usage().rstrip()}\nAide : {self.prog} --help")
