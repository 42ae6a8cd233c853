"""argparse in French."""

import argparse
import re
from typing import NoReturn

# argparse has no French catalogue; these are all the words of it that people can meet.
FRENCH = {
    "usage: ": "utilisation : ",
    "positional arguments": "arguments",
    "options": "options",
    "subcommands": "commandes",
    "show this help message and exit": "montre cette aide",
    "show program's version number and exit": "montre la version",
    "%(heading)s:": "%(heading)s :",
    " (default: %(default)s)": " (sinon %(default)s)",
    "the following arguments are required: %s": "il manque : %s",
    "unrecognized arguments: %s": "arguments inconnus : %s",
    "expected one argument": "il faut une valeur",
    "expected at least one argument": "il faut au moins une valeur",
    "expected at most one argument": "il faut une valeur au plus",
    "ambiguous option: %(option)s could match %(matches)s": "« %(option)s » peut être %(matches)s : l'écrire en entier",
    "ignored explicit argument %r": "ne prend pas de valeur : %r est de trop",
    "unexpected option string: %s": "« %s » n'a pas sa place ici",
    "one of the arguments %s is required": "il manque l'un de : %s",
    "invalid choice: %(value)r (choose from %(choices)s)": "« %(value)s » n'est pas possible : %(choices)s",
    "invalid choice: %(value)r, maybe you meant %(closest)r? (choose from %(choices)s)": (
        "« %(value)s » n'est pas possible : %(choices)s"
    ),
    "invalid %(type)s value: %(value)r": "« %(value)s » ne convient pas",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s : %(message)s",
    "not allowed with argument %s": "ne va pas avec %s",
    "%(prog)s: error: %(message)s\n": "%(message)s\n",
    "%(prog)s: warning: %(message)s\n": "%(message)s\n",
}


class Parser(argparse.ArgumentParser):
    """An argument parser that speaks French and leaves the exit to ``main``."""

    def error(self, message: str) -> NoReturn:
        """What argparse says of a mistyped command, its usage below; raises UsageError."""
        from toolkit.errors import UsageError

        raise UsageError(f"{_with_suggestion(message)}\n{self.format_usage().rstrip()}\nAide : {self.prog} --help")


_CHOICE = re.compile(r"« (?P<typed>.*) » n'est pas possible : (?P<choices>'.*')")


def _with_suggestion(message: str) -> str:
    """For a word of a list mistyped, the one that was meant; all of them when none is near."""
    found = _CHOICE.search(message)
    if found is None:
        return message
    from difflib import get_close_matches

    choices = re.findall(r"'(.*?)'", found["choices"])
    near = get_close_matches(found["typed"].casefold(), choices, n=1)
    told = f"vouliez-vous dire « {near[0]} » ?" if near else f"choisir parmi {', '.join(choices)}"
    return f"{message[: found.start()]}« {found['typed']} » n'est pas possible : {told}"
