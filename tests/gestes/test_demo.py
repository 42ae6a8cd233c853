"""``demo``: a small office laid whole, whatever stopped it before, and never in a folder of anything else."""

from pathlib import Path
from typing import Any

import pytest

from toolkit.errors import AgentError
from toolkit.gestes.demo import prepare_demo
from toolkit.system import files
from toolkit.tree import shipped


class Killed(BaseException):
    """Of the process, as far as it can be told in one."""


def laid(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    root = tmp_path_factory.mktemp("demo")
    prepare_demo(root)
    return laid(root)


def test_the_example_office_comes_with_the_models(whole: dict[str, bytes]) -> None:
    assert {"office.toml", "prestataires.toml", "modeles/contrat_groupe.docx"} <= whole.keys()
    assert whole["office.toml"] == (shipped.EXEMPLES / "office.toml").read_bytes()


def test_a_demonstration_that_a_kill_left_is_completed(
    whole: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = files.write
    for number in range(0, len(whole), 5):
        root, left = tmp_path / str(number), [number]

        def write_until(path: Path, content: bytes, left: list[int] = left, **more: Any) -> None:
            if not left[0]:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.with_name(f"{files.TEMPORARY_PREFIX}{files._MACHINE}-4194305-x.tmp").write_bytes(content[:10])
                raise Killed
            left[0] -= 1
            write(path, content, **more)

        monkeypatch.setattr(files, "write", write_until)
        with pytest.raises(Killed):
            prepare_demo(root)
        monkeypatch.setattr(files, "write", write)
        assert "office.toml" not in laid(root)

        prepare_demo(root)

        assert laid(root) == whole


def test_a_former_demonstration_is_taken_as_it_is(whole: dict[str, bytes], tmp_path: Path) -> None:
    prepare_demo(tmp_path)
    tmp_path.joinpath("modeles/avenant.docx").unlink()
    prepare_demo(tmp_path)
    assert laid(tmp_path).keys() == whole.keys() - {"modeles/avenant.docx"}


@pytest.mark.parametrize("theirs", ["photo.jpg", "prestataires.toml", "modeles/photo.jpg", "Photos/"])
def test_a_folder_of_anything_else_is_left(tmp_path: Path, theirs: str) -> None:
    path = tmp_path / theirs
    path.parent.mkdir(exist_ok=True)
    path.mkdir() if theirs.endswith("/") else path.write_bytes(b"x")

    with pytest.raises(AgentError, match="n'est pas vide"):
        prepare_demo(tmp_path)

    assert [one.relative_to(tmp_path).as_posix() for one in tmp_path.rglob("*")] in (
        [theirs.rstrip("/")],
        [path.parent.name, theirs],
    )
