"""``python -m toolkit``, and ``toolkit``: what is asked most often by machines, the version, waits for nothing."""

import sys

from toolkit import __version__


def main() -> int:
    """Gives the exit status (promesses.md §5)."""
    if sys.argv[1:] == ["--version"]:
        print(f"toolkit {__version__}")
        return 0
    from toolkit.cli import main

    return main()


if __name__ == "__main__":
    # Without -P, ``-m`` looks first in the folder where it was typed: a json.py among someone's papers would be run.
    if not sys.flags.safe_path and __file__[: -len("/toolkit/__main__.py")] != sys.path[0]:
        del sys.path[0]
    raise SystemExit(main())
