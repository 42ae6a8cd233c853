"""A file is whole at any instant, and who holds one is told."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from toolkit.errors import EnvironmentRefused
from toolkit.system import files, holders

needs_posix = pytest.mark.skipif(os.name == "nt", reason="modes, limits and leases of POSIX")


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """Every write beyond this many bytes fails, as on a full disk."""
    import resource  # Windows has none

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def other_process(code: str, *arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """A second Python that has said that it is ready; killed at the end."""
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", code, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        try:
            yield process
        finally:
            process.kill()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "3 Contrat" / "Remplacés" / "é.docx"

    files.write(path, b"un")
    files.write(path, b"deux", over=files.sha256(b"un"))

    assert path.read_bytes() == b"deux"
    assert names(path.parent) == ["é.docx"]


def test_a_folder_that_someone_renamed_is_not_made_again(tmp_path: Path) -> None:
    home = tmp_path / "2027-06-17 Client"
    folder = home / "3 Contrat" / "Remplacés"
    home.mkdir()
    files.write(folder / "a.docx", b"un", home=home)
    home.rename(tmp_path / "2027-06-17 Cliente")

    with pytest.raises(files.FolderGone, match="« 2027-06-17 Client » a été renommé"):
        files.write(folder / "b.docx", b"deux", home=home)
    with pytest.raises(files.FolderGone):
        files.write(home / "note.txt", b"deux", home=home)
    with pytest.raises(files.FolderGone):
        files.append(home / "_suivi" / "journal.txt", b"deux", home=home)
    with pytest.raises(files.FolderGone):
        files.move(folder / "a.docx", home / "4 Bons" / "a.docx", over=files.sha256(b"un"), home=home)

    assert names(tmp_path) == ["2027-06-17 Cliente"]


@needs_posix
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "contrat.docx"
    files.write(path, b"ancien")

    with no_file_beyond(1_000), pytest.raises(EnvironmentRefused, match=r"contrat\.docx"):
        files.write(path, b"x" * 100_000, over=files.sha256(b"ancien"))

    assert path.read_bytes() == b"ancien"
    assert names(tmp_path) == ["contrat.docx"]


def test_a_folder_in_the_place_of_a_file_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "contrat.docx"
    path.mkdir()

    with pytest.raises(EnvironmentRefused):
        files.write(path, b"x")

    assert names(tmp_path) == ["contrat.docx"]
    assert path.is_dir()


def test_a_file_in_the_place_of_a_folder_is_refused_and_kept(tmp_path: Path) -> None:
    tmp_path.joinpath("3 Contrat").write_bytes(b"humain")

    with pytest.raises(EnvironmentRefused):
        files.write(tmp_path / "3 Contrat" / "contrat.docx", b"x")

    assert tmp_path.joinpath("3 Contrat").read_bytes() == b"humain"


WRITE_FOREVER = """
import sys
sys.path.insert(0, ".")
from pathlib import Path
from toolkit.system import files, holders
path = Path(sys.argv[1])
files.write(path, b"0" * 200_000)
print("ready", flush=True)
while True:
    for digit in (b"1", b"2"):
        files.write(path, digit * 200_000, over=files.sha256(path.read_bytes()))
"""


@needs_posix
def test_a_reader_and_a_kill_never_see_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "recap.xlsx"
    seen = set()
    with other_process(WRITE_FOREVER, path) as process:
        for _ in range(100):
            seen.add(path.read_bytes())
        process.kill()
        process.wait()
    seen.add(path.read_bytes())

    assert {(len(content), len(set(content))) for content in seen} == {(200_000, 1)}


@needs_posix
@pytest.mark.parametrize("mode", [0o640, 0o664, 0o600])
def test_the_mode_of_a_replaced_file_is_kept(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "contrat.docx"
    path.write_bytes(b"")
    path.chmod(mode)

    files.write(path, b"x", over=files.sha256(b""))

    assert path.stat().st_mode & 0o777 == mode


@needs_posix
@pytest.mark.parametrize(("folder", "mode"), [(0o775, 0o664), (0o770, 0o660), (0o2775, 0o664), (0o700, 0o600)])
def test_a_new_file_can_be_read_by_whoever_can_read_its_folder(folder: int, mode: int, tmp_path: Path) -> None:
    tmp_path.chmod(folder)

    files.write(tmp_path / "contrat.docx", b"x")

    assert tmp_path.joinpath("contrat.docx").stat().st_mode & 0o777 == mode


class HeldByWindows(PermissionError):
    """What Python raises on Windows for a file that someone has open; POSIX has no such refusal to provoke."""

    winerror = 32


def hold(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Make the next replacements fail as on Windows."""
    replace = Path.replace
    left = [times]

    def refuse(self: Path, target: Path) -> Path:
        if left[0]:
            left[0] -= 1
            raise HeldByWindows(errno.EACCES, "held")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)


def test_a_file_held_for_a_moment_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hold(monkeypatch, times=1)

    files.write(tmp_path / "contrat.docx", b"x")

    assert names(tmp_path) == ["contrat.docx"]


def test_a_file_held_for_long_is_told_with_its_holder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "contrat.docx"
    path.write_bytes(b"ancien")
    path.with_name("~$ontrat.docx").write_bytes(owner_file("Ambre Fictive", size=162))
    hold(monkeypatch, times=1_000)
    monkeypatch.setattr(files, "_RETRY_SECONDS", 0)

    with pytest.raises(EnvironmentRefused, match=r"« contrat\.docx » est ouvert par Ambre Fictive : le fermer"):
        files.write_own(path, b"nouveau")

    assert path.read_bytes() == b"ancien"


def owner_file(name: str, *, size: int) -> bytes:
    """What Word (162 bytes) or Excel (165) puts beside an open file (constats.md §2.1)."""
    ansi = name.encode("cp1252", errors="replace")
    start = 54 if size == 162 else 55
    content = bytes([len(ansi)]) + ansi
    content = content.ljust(start, b"\0" if size == 162 else b" ")
    content += len(name).to_bytes(2, "little") + name.encode("utf-16-le")
    return content.ljust(size, b"\0")


@pytest.mark.parametrize(
    ("fichier", "owner", "size"),
    [
        ("Contrat 2027-G-014.docx", "~$ntrat 2027-G-014.docx", 162),
        ("Contrats.docx", "~$ntrats.docx", 162),
        ("Contrat.docx", "~$ontrat.docx", 162),
        ("Lettre.docx", "~$Lettre.docx", 162),
        ("Récap groupes par mois.xlsx", "~$Récap groupes par mois.xlsx", 165),
        ("R.xlsx", "~$R.xlsx", 165),
    ],
)
@pytest.mark.parametrize("name", ["Éloïse Dupont", "A", "Zoë Łukasz", "x" * 52])
def test_the_holder_is_read_from_the_owner_file(fichier: str, owner: str, size: int, name: str, tmp_path: Path) -> None:
    tmp_path.joinpath(owner).write_bytes(owner_file(name, size=size))

    assert holders.holder(tmp_path / fichier) == name


@pytest.mark.parametrize(
    ("content", "holder"),
    [(b"", "quelqu'un"), (b"\0" * 165, "quelqu'un"), (b"\x05Ambre", "Ambre"), (b"\xff", "quelqu'un")],
)
def test_a_damaged_owner_file_says_little(content: bytes, holder: str, tmp_path: Path) -> None:
    tmp_path.joinpath("~$recap.xlsx").write_bytes(content)

    assert holders.holder(tmp_path / "recap.xlsx") == holder


def test_without_an_owner_file_nobody_holds(tmp_path: Path) -> None:
    assert holders.holder(tmp_path / "recap.xlsx") is None


OPEN_AND_WAIT = """
import sys
file = open(sys.argv[1], sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
file.close()
print("closed", flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize("mode", ["rb", "r+b", "ab"])
def test_a_file_that_another_process_has_open_is_seen(mode: str, tmp_path: Path) -> None:
    path = tmp_path / "recap.xlsx"
    path.write_bytes(b"x")
    assert not holders.is_open_elsewhere(path)

    with other_process(OPEN_AND_WAIT, path, mode) as process:
        assert process.stdin
        assert process.stdout
        assert holders.is_open_elsewhere(path)
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "closed\n"
        assert not holders.is_open_elsewhere(path)

    assert not holders.is_open_elsewhere(tmp_path / "rien.xlsx")


ASK_FOREVER = """
import sys
sys.path.insert(0, ".")
from pathlib import Path
from toolkit.system import files, holders
print("ready", flush=True)
while True:
    holders.is_open_elsewhere(Path(sys.argv[1]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="leases of Linux")
def test_asking_survives_someone_who_opens_the_file_at_that_very_moment(tmp_path: Path) -> None:
    path = tmp_path / "recap.xlsx"
    path.write_bytes(b"x")

    with other_process(ASK_FOREVER, path) as process:
        for _ in range(3_000):
            path.read_bytes()
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait() == -signal.SIGTERM


def test_reading_moving_removing(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    assert files.read_if_there(path) is None
    files.append(path, b"un\n")
    files.append(path, b"deux\n")
    files.move(path, tmp_path / "neuf" / "b.txt", over=files.sha256(b"un\ndeux\n"))

    assert files.read_if_there(tmp_path / "neuf" / "b.txt") == b"un\ndeux\n"
    files.remove(tmp_path / "neuf" / "b.txt", over=files.sha256(b"un\ndeux\n"))
    files.remove_own(tmp_path / "neuf" / "b.txt")
    assert names(tmp_path / "neuf") == []
    files.make_folder(tmp_path / "neuf")
    with pytest.raises(EnvironmentRefused, match="c'est un dossier, là où il faut un fichier"):
        files.read_if_there(tmp_path / "neuf")


# --- the second look ----------------------------------------------------------------------------------------------


def test_what_someone_put_there_meanwhile_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "contrat.docx"
    path.write_bytes(b"d'une personne")

    for over, told in ((None, "créé"), (files.sha256(b"planifie"), "enregistré")):
        with pytest.raises(files.Touched, match=rf"« contrat\.docx » vient d'être {told} par quelqu'un"):
            files.write(path, b"x", over=over)

    assert path.read_bytes() == b"d'une personne"
    assert names(tmp_path) == ["contrat.docx"]


def test_what_someone_took_away_meanwhile_is_not_made_again(tmp_path: Path) -> None:
    with pytest.raises(files.Touched, match="vient d'être supprimé"):
        files.write(tmp_path / "contrat.docx", b"x", over=files.sha256(b"planifie"))

    assert names(tmp_path) == []


def test_what_someone_changed_meanwhile_is_neither_moved_nor_removed(tmp_path: Path) -> None:
    path = tmp_path / "contrat.docx"
    path.write_bytes(b"d'une personne")

    with pytest.raises(files.Touched):
        files.move(path, tmp_path / "Remplacés" / "contrat.docx", over=files.sha256(b"planifie"))
    with pytest.raises(files.Touched):
        files.remove(path, over=files.sha256(b"planifie"))

    assert path.read_bytes() == b"d'une personne"


def test_a_move_never_ends_on_another_file(tmp_path: Path) -> None:
    source, target = tmp_path / "a.docx", tmp_path / "b.docx"
    source.write_bytes(b"a")
    target.write_bytes(b"b")

    with pytest.raises(files.Touched):
        files.move(source, target, over=files.sha256(b"a"))

    assert (source.read_bytes(), target.read_bytes()) == (b"a", b"b")


@pytest.mark.parametrize("inside", [(), ("a.txt",)])
def test_a_folder_never_ends_on_another_not_even_an_empty_one(tmp_path: Path, inside: tuple[str, ...]) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    for one in (source, target):
        one.mkdir()
    source.joinpath("c.txt").write_bytes(b"c")
    for name in inside:
        target.joinpath(name).write_bytes(b"d'une personne")

    with pytest.raises(files.Touched, match="« b » vient d'être créé"):
        files.move_folder(source, target)
    with pytest.raises(files.Touched, match="« b » vient d'être créé"):
        files.make_tree(target, {"c.txt": b"c"})

    assert (names(tmp_path), names(source), names(target)) == (["a", "b"], ["c.txt"], [*inside])
    files.move_folder(source, tmp_path / "d" / "a", home=tmp_path)
    assert names(tmp_path / "d" / "a") == ["c.txt"]


def test_a_folder_is_made_with_all_that_it_holds_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "06 - Juin" / "Aînés"

    files.make_tree(folder, {"dossier.toml": b"x"}, ["1 Demande", "2 Devis"], home=tmp_path)

    assert names(folder) == ["1 Demande", "2 Devis", "dossier.toml"]
    assert folder.joinpath("dossier.toml").read_bytes() == b"x"

    def fail(path: Path, target: Path) -> Path:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(EnvironmentRefused, match="Disque plein"):
        files.make_tree(folder.with_name("Autre"), {"dossier.toml": b"x"})
    assert names(folder.parent) == ["Aînés"]


@needs_posix
def test_a_file_open_elsewhere_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "contrat.docx"
    path.write_bytes(b"ancien")
    open_it = "import sys; file = open(sys.argv[1], 'r+b'); print('ready', flush=True); sys.stdin.read()"
    with other_process(open_it, path):
        with pytest.raises(files.Held, match=r"« contrat\.docx » est ouvert par un collègue"):
            files.write(path, b"x", over=files.sha256(b"ancien"))
        with pytest.raises(files.Held):
            files.move(path, tmp_path / "b.docx", over=files.sha256(b"ancien"))
        with pytest.raises(files.Held):
            files.remove(path, over=files.sha256(b"ancien"))

    assert path.read_bytes() == b"ancien"
    files.write(path, b"x", over=files.sha256(b"ancien"))


def test_a_file_open_in_libreoffice_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "recap.xlsx"
    path.write_bytes(b"ancien")
    lock = tmp_path / ".~lock.recap.xlsx#"
    lock.write_text("Ambre Fictive,ambre,POSTE-3,04.06.2027 09:12,file:///home/ambre/.config/libreoffice/4;")

    with pytest.raises(files.Held, match="est ouvert par Ambre Fictive"):
        files.write(path, b"x", over=files.sha256(b"ancien"))

    long_ago = time.time() - 2 * 24 * 3600
    os.utime(lock, (long_ago, long_ago))
    files.write(path, b"x", over=files.sha256(b"ancien"))


def test_beside_what_is_there_comes_the_next_name(tmp_path: Path) -> None:
    def name(number: int) -> Path:
        return tmp_path / f"bon COPIE{number}.pdf"

    name(1).write_bytes(b"d'une personne")
    name(2).mkdir()

    put = [files.write_beside(name, content) for content in (b"a", b"a", b"b")]

    assert put == [(name(3), True), (name(3), False), (name(4), True)]
    assert name(1).read_bytes() == b"d'une personne"


def test_what_is_ours_alone_is_replaced_whatever_lies_there(tmp_path: Path) -> None:
    path = tmp_path / "_suivi" / "etat.json"
    files.write_own(path, b"un")
    files.write_own(path, b"deux")
    assert path.read_bytes() == b"deux"

    path.unlink()
    path.mkdir()
    path.joinpath("d'une personne.txt").write_bytes(b"x")
    files.write_own(path, b"trois")

    assert path.read_bytes() == b"trois"
    assert [one.read_bytes() for one in tmp_path.rglob("d'une personne.txt")] == [b"x"]


@needs_posix
def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "dossier", tmp_path / "ailleurs"
    home.mkdir()
    elsewhere.mkdir()
    home.joinpath("3 Contrat").symlink_to(elsewhere)

    with pytest.raises(EnvironmentRefused, match="est un lien qui mène ailleurs"):
        files.write(home / "3 Contrat" / "contrat.docx", b"x", home=home)

    assert names(elsewhere) == []


@needs_posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_the_file_of_an_agent_stays_hers(tmp_path: Path) -> None:
    home = tmp_path / "dossier"
    home.mkdir()
    os.chown(home, 1001, 1002)
    home.chmod(0o2775)
    path = home / "dossier.toml"
    path.write_bytes(b"a")
    os.chown(path, 1003, 1002)
    path.chmod(0o640)

    files.write(path, b"b", over=files.sha256(b"a"), home=home)
    files.write(home / "3 Contrat" / "contrat.docx", b"x", home=home)

    def whose(one: Path) -> tuple[int, int, int]:
        status = one.stat()
        return status.st_uid, status.st_gid, status.st_mode & 0o7777

    assert whose(path) == (1003, 1002, 0o640)
    assert whose(home / "3 Contrat") == (1001, 1002, 0o2775)
    assert whose(home / "3 Contrat" / "contrat.docx") == (1001, 1002, 0o664)


# --- what a kill leaves -------------------------------------------------------------------------------------------


@needs_posix
def test_what_a_kill_left_is_swept_and_what_is_being_written_is_not(tmp_path: Path) -> None:
    with other_process(WRITE_FOREVER, tmp_path / "recap.xlsx") as process:
        living = tmp_path / f"{files.TEMPORARY_PREFIX}{files._MACHINE}-{process.pid}-x.tmp"
        living.write_bytes(b"x")
        elsewhere = tmp_path / f"{files.TEMPORARY_PREFIX}00000000-1-x.tmp"
        elsewhere.write_bytes(b"x")
        for number in (process.pid, 4_194_305):  # the other is beyond any process
            inside = tmp_path / f"{files.TEMPORARY_PREFIX}{files._MACHINE}-{number}-y.tmp" / "1 Demande"
            inside.mkdir(parents=True)
            inside.joinpath("a.txt").write_bytes(b"x")
        files.sweep(tmp_path)
        assert [one.name for one in tmp_path.glob("*-y.tmp")] == [f"{living.name[:-5]}y.tmp"]
        assert living.exists() and elsewhere.exists()
        process.kill()
        process.wait()

    long_ago = time.time() - 2 * 24 * 3600
    os.utime(elsewhere, (long_ago, long_ago))
    files.sweep(tmp_path)

    assert names(tmp_path) == ["recap.xlsx"]
