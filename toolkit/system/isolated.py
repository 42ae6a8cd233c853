"""A task on a file that nobody vouches for, in a child process with limits of time and memory.

A hostile PDF or Word model may ask for gigabytes or never end: the child is killed, and the service that asked goes
on. The child reads the file on its standard input and answers on its standard output: it opens nothing of the office's.
"""

import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from toolkit.errors import FileRefused, ToolkitError
from toolkit.system.child import command

SECONDS = 60
MEGABYTES = 1024
_REFUSED = 9
"""Exit status of the child that says why; a crash of Python itself ends with 1."""


def run_isolated(task: str, content: bytes, *arguments: str, seconds: float = SECONDS) -> bytes:
    """What the task, named ``module:function``, makes of these bytes; raises FileRefused with the reason."""
    try:
        done = subprocess.run(
            command("toolkit.system.isolated", task, *arguments),
            input=content,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise FileRefused(f"trop long à traiter ({seconds:.0f} secondes) : fichier abîmé ou piégé") from None
    if done.returncode == 0:
        return done.stdout
    if done.returncode == _REFUSED:
        raise FileRefused(done.stdout.decode("utf-8"))
    raise FileRefused("fichier abîmé ou piégé : traitement arrêté")


def _limit() -> None:
    """Where the system can: memory, and no file left behind by a crash."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20, MEGABYTES << 20))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _child(arguments: Sequence[str]) -> int:
    _limit()
    task, *rest = arguments
    module, _, function = task.partition(":")
    work: Callable[..., bytes] = getattr(import_module(module), function)
    try:
        result = work(sys.stdin.buffer.read(), *rest)
    except ToolkitError as refusal:
        sys.stdout.buffer.write(str(refusal).encode())
        return _REFUSED
    sys.stdout.buffer.write(result)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(_child(sys.argv[1:]))
