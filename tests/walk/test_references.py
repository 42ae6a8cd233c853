"""A reference is known from a file however it is written: what one reader reads, all do."""

import pytest

from tests.conftest import Bureau, exemple
from toolkit.dossier.classement import Typologie
from toolkit.tree.settings import load_settings
from toolkit.walk.references import References

SAIN = exemple("dossier_groupe", ("2027-G-014", "2027-G-030"))


@pytest.mark.parametrize(
    "content",
    [
        SAIN.encode(),
        SAIN.encode("utf-8-sig"),
        SAIN.encode("utf-16"),
        SAIN.replace("reference =", '"reference" =', 1).encode("utf-16-le"),
        SAIN.replace("reference =", "'reference'  =", 1).encode("cp1252", "replace"),
        SAIN.replace("\n", "\r\n").encode(),
    ],
    ids=["utf-8", "utf-8 with its mark", "utf-16", "utf-16 and quoted", "ansi and quoted", "windows"],
)
def test_it_is_read_as_every_reader_reads_it(content: bytes, bureau: Bureau) -> None:
    first = bureau.dossier(content, nom="2027-06-17 Un")
    known = References.of_tree(load_settings(bureau.root))
    assert known.next_free(Typologie.GROUPE, 2027) == "2027-G-031"
    bureau.run("generer", first, "--sans-pdf")
    second = bureau.dossier(SAIN, nom="2027-06-17 Deux")
    told = bureau.run("verifier", second, "--json").json["dossiers"][0]["problemes"]
    assert any("sert déjà à" in one["message"] for one in told)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("key", ["reference", '"reference"', "'reference'"])
def test_one_that_cannot_be_read_may_be_any(encoding: str, key: str, bureau: Bureau) -> None:
    bureau.dossier(f"version_schema = 1\n{key} = [[[\n".encode(encoding), nom="2027-06-17 Un")
    known = References.of_tree(load_settings(bureau.root))
    assert known.next_free(Typologie.GROUPE, 2027) == "2027-G-002"
