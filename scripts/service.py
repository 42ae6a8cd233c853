"""The watcher as a service of the file server: install, start, stop, remove it, tell its state.

    python3 scripts/service.py installer "/srv/Gestion de clientèle"
    python3 scripts/service.py etat "/srv/Gestion de clientèle"

Debian and other Linux servers: a systemd unit. Windows: a task of the Task Scheduler, which needs nothing installed.
"""

import argparse
import getpass
import os
import subprocess
import sys
from pathlib import Path, PurePath
from xml.sax.saxutils import escape

from environnement import RACINE, fail, in_venv, prepare, tell

NAME = "toolkit-surveillance"
UNIT = Path("/etc/systemd/system") / f"{NAME}.service"

# Each line of hardening that fits a program which reads and writes one tree and starts LibreOffice.
SYSTEMD = """\
[Unit]
Description=Surveillance des dossiers de l'office de tourisme
RequiresMountsFor={root}
After=local-fs.target remote-fs.target

[Service]
ExecStart={program} surveiller {root}
User={user}
Restart=always
RestartSec=10
TimeoutStopSec=10
Nice=5
MemoryMax=2G
NoNewPrivileges=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths={root}
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX
LockPersonality=yes

[Install]
WantedBy=multi-user.target
"""

# PT0S: by default the Task Scheduler stops a task after 72 hours, and a start by hand does not show it.
# The repetition with IgnoreNew starts it again within five minutes, whatever ended it.
TASK = """\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Surveillance des dossiers de l'office de tourisme</Description>
  </RegistrationInfo>
  <Triggers>
    <BootTrigger>
      <Enabled>true</Enabled>
      <Repetition><Interval>PT5M</Interval><StopAtDurationEnd>false</StopAtDurationEnd></Repetition>
    </BootTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{user}</UserId><LogonType>S4U</LogonType><RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure><Interval>PT1M</Interval><Count>999</Count></RestartOnFailure>
    <Priority>7</Priority>
    <Enabled>true</Enabled>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{program}</Command>
      <Arguments>surveiller "{root}"</Arguments>
    </Exec>
  </Actions>
</Task>
"""


def unit_text(root: PurePath, program: PurePath, user: str) -> str:
    """The systemd unit; a space in a path is written as systemd wants it."""
    return SYSTEMD.format(root=_systemd(root), program=_systemd(program), user=user)


def _systemd(path: PurePath) -> str:
    return str(path).replace("\\", "\\\\").replace(" ", "\\x20").replace("%", "%%").replace('"', "\\x22")


def task_text(root: PurePath, program: PurePath, user: str) -> str:
    """The task of Windows; ``root`` is a local path or \\\\server\\share, never a mapped drive."""
    return TASK.format(root=escape(str(root)), program=escape(str(program)), user=escape(user))


def run(*command: str | Path) -> int:
    return subprocess.run([str(word) for word in command], check=False).returncode


def is_mapped_drive(root: Path) -> bool:
    """Drive letters of the network belong to one logon session: a service never sees them."""
    if sys.platform == "win32":
        import ctypes

        drive_remote = 4
        is_unc = str(root).startswith("\\\\")
        return not is_unc and bool(ctypes.windll.kernel32.GetDriveTypeW(root.anchor) == drive_remote)
    return False


def install(root: Path, user: str) -> int:
    prepare(with_tools=False)
    program = in_venv("toolkit")
    if sys.platform == "win32":
        if is_mapped_drive(root):
            fail(
                f"Un service ne voit pas le lecteur réseau {root} : donner \\\\serveur\\partage\\… ou un chemin local."
            )
        task = RACINE / ".venv" / f"{NAME}.xml"
        task.write_text(task_text(root, program, user), encoding="utf-16")
        return run("schtasks", "/create", "/tn", NAME, "/xml", task, "/f") or start()
    if os.geteuid() != 0:
        fail("Installer un service demande les droits d'administration : relancer avec sudo.")
    UNIT.write_text(unit_text(root, program, user), encoding="utf-8")
    return run("systemctl", "daemon-reload") or run("systemctl", "enable", "--now", NAME)


def start() -> int:
    return run("schtasks", "/run", "/tn", NAME) if sys.platform == "win32" else run("systemctl", "start", NAME)


def stop(root: Path) -> int:
    """By the stop file first, so that it ends between two writes."""
    run(in_venv("toolkit"), "surveiller", root, "--arreter")
    return run("schtasks", "/end", "/tn", NAME) if sys.platform == "win32" else run("systemctl", "stop", NAME)


def remove(root: Path) -> int:
    stop(root)
    if sys.platform == "win32":
        return run("schtasks", "/delete", "/tn", NAME, "/f")
    status = run("systemctl", "disable", NAME)
    UNIT.unlink(missing_ok=True)
    return run("systemctl", "daemon-reload") or status


def state(root: Path) -> int:
    return run(in_venv("toolkit"), "diagnostic", root)


def main() -> int:
    parser = argparse.ArgumentParser(description="La surveillance comme service du serveur de fichiers.")
    parser.add_argument("geste", choices=["installer", "demarrer", "arreter", "retirer", "etat", "montrer"])
    parser.add_argument(
        "racine", type=Path, help="le dossier qui contient office.toml : chemin local ou \\\\serveur\\…"
    )
    parser.add_argument("--utilisateur", default=getpass.getuser(), help="le compte qui fait tourner le service")
    given = parser.parse_args()
    root = given.racine.absolute()
    if not (root / "office.toml").is_file():
        fail(f"Pas d'office.toml dans {root} : indiquer la racine de l'arborescence.")
    if given.geste == "montrer":
        write = task_text if sys.platform == "win32" else unit_text
        tell(write(root, in_venv("toolkit"), given.utilisateur))
        return 0
    gestures = {"demarrer": lambda: start(), "arreter": lambda: stop(root), "retirer": lambda: remove(root)}
    if given.geste == "installer":
        return install(root, given.utilisateur)
    return state(root) if given.geste == "etat" else gestures[given.geste]()


if __name__ == "__main__":
    raise SystemExit(main())
