"""What a command says when it ends otherwise than by an answer, and its exit status (promesses.md §5)."""

import sys
from collections.abc import Sequence

from toolkit.cli.answers import print_json, tell, write_defect
from toolkit.errors import ToolkitError
from toolkit.french import typography

INTERRUPTED = 130
DEFECT = 3


def tell_failure(error: BaseException, argv: Sequence[str]) -> int:
    """One sentence for whoever typed the command; a defect of the toolkit also leaves a file. Gives the exit status."""
    match error:
        case ToolkitError():
            return _fail(str(error), error.exit_status, argv)
        case KeyboardInterrupt():
            return _fail("Interrompu.", INTERRUPTED, argv)
        case BrokenPipeError():
            # Who was reading has gone; there is nobody left to tell.
            sys.stdout = None
            return 0
        case _:
            import traceback

            log = write_defect(argv, "".join(traceback.format_exception(error)))
            sentence = f"Défaut du toolkit : le détail est dans « {log} », à transmettre à la personne qui s'en occupe."
            return _fail(sentence, DEFECT, argv)


def _fail(message: str, status: int, argv: Sequence[str]) -> int:
    if "--json" in argv:
        print_json({"erreur": typography(message)})
    else:
        tell(message)
    return status
