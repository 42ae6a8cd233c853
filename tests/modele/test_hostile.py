"""Models that come from anywhere: what they try is refused or stopped, in French, and the others go on."""

import io
import json
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.document import Document
from docxtpl import DocxTemplate

from tests.conftest import Bureau, exemple
from tests.modeles_word import changed, livre, modele, put_in
from tests.office_exemple import exemples
from tests.walk.test_contrat import text_of
from tests.watch.test_watcher import Bench
from toolkit.errors import EnvironmentRefused
from toolkit.formats.word import Modele, ModeleFaulty
from toolkit.modele import judge
from toolkit.modele.judge import Judge
from toolkit.modele.reading import CORPS
from toolkit.modele.trial import try_fill
from toolkit.modele.usages import USAGES
from toolkit.modele.whole_check import FAUTES_MAX, check_modele
from toolkit.system import files
from toolkit.system.isolated import Isolated
from toolkit.tree.shipped import MODELES

CONTRAT = "contrat_groupe.docx"
WORD = "3 Contrat/Contrat 2027-G-014.docx"


def champs() -> Any:
    return next(exemples(USAGES[CONTRAT]))


HOSTILE = [
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ client.__class__.__mro__ }}",
    "{{ client.model_dump() }}",
    "{{ client['__class__'] }}",
    "{{ self._TemplateReference__context }}",
    "{{ ''.__class__ }}",
    "{{ '{0.__class__}'.format(client) }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% extends 'x' %}",
    "{% set a = 'x' %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{{ 'a' * 999999999 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ '%99999999d' % 1 }}",
    "{% for x in range(10 ** 9) %}a{% endfor %}",
    "{% for x in programme recursive %}{{ loop(programme) }}{% endfor %}",
    "{{ client | attr('nom') }}",
    "{{ programme | map(attribute='id') | list }}",
]


@pytest.mark.parametrize("typed", HOSTILE)
def test_is_refused_before_it_is_filled(typed: str) -> None:
    assert any(one.is_error for one in check_modele(modele(typed), CONTRAT))


@pytest.mark.parametrize("typed", HOSTILE)
def test_and_would_not_do_it_either(typed: str) -> None:
    """The filling is sealed by itself, whatever was checked before."""
    with pytest.raises(ModeleFaulty):
        Modele(modele(typed), CONTRAT).fill(champs())


ENTIERS = [
    "{{ montants }}",
    "{{ '' ~ montants }}",
    "{{ montants ~ '' }}",
    "{{ client.nom ~ (client.nom ~ montants) }}",
    "{{ 'a' + montants }}",
    "{{ montants | string }}",
    "{{ montants | list }}",
    "{{ montants | pprint }}",
    "{{ montants | tojson }}",
    "{{ [montants] | join }}",
    "{{ [montants] | liste }}",
    "{{ '%s' | format(montants) }}",
    "{{ '%s' % montants }}",
    "{% set m = montants %}{{ m }}",
    "{% with m = montants %}{{ m }}{% endwith %}",
    "{{ 'x' if not client.nom else montants }}",
    "{{ 'x' ~ ('x' if not client.nom else montants) }}",
    "{{ client.nom and montants }}",
    "{{ '' or montants }}",
    "{{ [montants] }}",
    "{{ (montants,) }}",
    "{{ montants | si_change(true) }}",
    "{{ [montants] | si_change(true) }}",
    "{{ (client.nom and montants) | si_change(true) }}",
    "{{ 3 | pluriel(montants) }}",
    "{{ 3 | pluriel('x', [montants]) }}",
    "{{ montants | telephone }}",
    "{{ montants | euros }}",
    "{{ programme }}",
    "{{ '' ~ dossier.prestations }}",
    "{{ '' ~ dossier }}",
    "{% for x in montants %}{{ x }}{% endfor %}",
    "{% for x in [montants] %}{{ x }}{% endfor %}",
    "{% for x in [montants] %}{{ '' ~ x }}{% endfor %}",
    "{% for x in dossier.prestations %}{{ x }}{% endfor %}",
    "{% for x in dossier.prestations %}{{ '' ~ x }}{% endfor %}",
    "{% for x in dossier.prestations %}{% for y in x %}{{ y[0] }}{% endfor %}{% endfor %}",
    "{% for x in (programme if not client.nom else client) %}{{ x[0] }}{% endfor %}",
    "{% for x in programme %}{{ '' ~ loop }}{% endfor %}",
    "{%p for x in programme %}{{ loop }}{%p endfor %}",
    "{% cellbg montants %}",
]
"""Each says a group of fields whole; some of its fields are the office's own business."""
AU_REMPLISSAGE = ["{{ client.nom[montants] }}", "{{ client.nom[montants:] }}", "{{ dossier.prestations[montants] }}"]


@pytest.mark.parametrize("typed", ENTIERS)
def test_a_group_said_whole_is_refused_before_it_is_filled(typed: str) -> None:
    assert any(one.is_error for one in check_modele(modele(typed), CONTRAT))


@pytest.mark.parametrize("typed", [*ENTIERS, *AU_REMPLISSAGE])
def test_and_is_not_printed_either(typed: str) -> None:
    valeurs = champs()
    assert valeurs.montants.achats and valeurs.montants.marge and valeurs.dossier.prestations[0].achat
    with pytest.raises(ModeleFaulty) as refused:
        Modele(modele(typed), CONTRAT).fill(valeurs)
    # What was refused is not told either: reports are read by others.
    assert not any(str(one) in str(refused.value) for one in (valeurs.montants.achats, valeurs.montants.marge.montant))


def test_what_the_office_earns_is_refused_with_its_place(bureau: Bureau) -> None:
    put_in(bureau.root, CONTRAT, livre(CONTRAT, lambda document: document.add_paragraph("{{ '' ~ montants }}")))
    folder = bureau.dossier(exemple("dossier_groupe"))
    run = bureau.run("generer", folder, "--json")
    (said,) = [one["message"] for one in run.json["problemes"] if one["gravite"] == "erreur"]
    assert "« {{ '' ~ montants }} » : « montants » est un groupe de champs." in said.replace("\N{NO-BREAK SPACE}", " ")
    assert said.startswith("corps, paragraphe ") and not (folder / WORD).exists()


def test_texts_are_put_together_as_before() -> None:
    whole = "{{ client.nom ~ ', ' ~ dossier.reference ~ ' (' ~ 3 ~ ')' }}"
    assert not any(one.is_error for one in check_modele(modele(whole), CONTRAT))
    filled = Modele(modele(whole), CONTRAT).fill(champs())
    texts = [one.text for one in docx.Document(io.BytesIO(filled.content)).paragraphs]
    assert f"{champs().client.nom}, {champs().dossier.reference} (3)" in texts


def test_loops_that_never_end_are_counted() -> None:
    loops = ("a", "b", "c", "d", "e", "f")
    opened = "".join(f"{{% for {one} in '{'x' * 60}' %}}" for one in loops[:4])
    with pytest.raises(ModeleFaulty, match="ses boucles n'en finissent pas"):
        Modele(modele(opened + "a" + "{% endfor %}" * 4), CONTRAT).fill(champs())


def test_what_loops_say_is_counted_too() -> None:
    """A short list with much to do at each line takes as long as a long one."""
    much = "{% if client.contact.nom == 'x' %}{% endif %}" * 3000
    started = time.perf_counter()
    with pytest.raises(ModeleFaulty, match="ses boucles n'en finissent pas"):
        Modele(modele(f"{{% for x in '{'y' * 400}' %}}{much}{{% endfor %}}"), CONTRAT).fill(champs())
    assert time.perf_counter() - started < 5


def test_what_would_grow_to_gigabytes_is_stopped() -> None:
    text = "x" * 40_000
    opened = "".join(f"{{% for {one} in '{'y' * 50}' %}}" for one in "ab")
    started = time.perf_counter()
    with pytest.raises(ModeleFaulty, match="le document qui en sort est démesuré"):
        Modele(modele(f"{opened}{text}{{% endfor %}}{{% endfor %}}"), CONTRAT).fill(champs())
    assert time.perf_counter() - started < 5


def test_loops_inside_loops_have_a_bottom() -> None:
    deep = 25
    opened = "".join(f"{{% for a{one} in client.adresse %}}" for one in range(deep))
    with pytest.raises(ModeleFaulty, match="ni calculer ni appeler"):
        Modele(modele(opened + "{% endfor %}" * deep), CONTRAT)


def test_a_tower_of_parentheses_is_no_defect() -> None:
    tower = "(" * 4000 + "nuits" + ")" * 4000
    with pytest.raises(ModeleFaulty):
        Modele(modele(f"{{{{ {tower} }}}}"), CONTRAT)
    assert try_fill(modele(f"{{{{ {tower} }}}}"), CONTRAT)


def test_a_small_file_that_unfolds_into_gigabytes_is_not_opened(bureau: Bureau) -> None:
    packed = io.BytesIO(modele("a"))
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as package, package.open("word/media/a.bin", "w") as part:
        for _ in range(70):
            part.write(b"\0" * (1 << 20))
    put_in(bureau.root, CONTRAT, packed.getvalue())
    tracemalloc.start()
    run = bureau.run("generer", bureau.root, "--json")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 30 << 20
    said = [one["message"].replace("\N{NO-BREAK SPACE}", " ") for one in run.json["problemes"]]
    assert said[:1] == [
        "fichier : document qui se déplie en 70 Mo. Refaire le modèle à partir d'un document sain. "
        "Les contrats des groupes ne sont pas faits."
    ]


def endless() -> bytes:
    """A table of so many rows that reading its places takes minutes."""
    rows = "<w:tr><w:tc><w:p/></w:tc></w:tr>" * 40_000
    return changed(modele("a"), {CORPS: ("<w:body>", f"<w:body><w:tbl>{rows}</w:tbl>")})


SOMME = f"{{{{ {' + '.join(['1'] * 2000)} }}}}"
HUGE: dict[str, Callable[[], bytes]] = {
    "too long to read": endless,
    "a tag without end": lambda: modele(SOMME),
    "a condition without end": lambda: modele(SOMME.replace("{{", "{% if").replace("}}", "%}{% endif %}")),
    "a tower": lambda: modele(f"{{{{ {'(' * 4000}nuits{')' * 4000} }}}}"),
    "filters without end": lambda: modele(f"{{{{ client.nom {'| telephone ' * 3000}}}}}"),
    "a number without end": lambda: modele(f"{{{{ {'9' * 9000} }}}}"),
    "a path without end": lambda: modele(f"{{{{ client{'.nom' * 3000} }}}}"),
    "tags without end": lambda: modele("{{ a" * 60_000),
    "XML without bottom": lambda: changed(modele("a"), {CORPS: f"<a>{'<a>' * 3000}{'</a>' * 3000}</a>"}),
    "text without end": lambda: changed(modele("a"), {CORPS: f"<a>{'a' * 5_300_000}</a>"}),
    "entities": lambda: changed(modele("a"), {CORPS: "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}),
    "a name without end": lambda: modele(f"{{{{ client.{'a' * 100_000} }}}}"),
    "no zip": lambda: b"PK\3\4" + b"\0" * 1000,
}


@pytest.mark.slow
@pytest.mark.parametrize("what", HUGE)
def test_what_nobody_can_read_stops_only_itself(what: str, bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "SECONDS", 4)
    path = put_in(bureau.root, CONTRAT, HUGE[what]())
    folder = bureau.dossier(exemple("dossier_groupe"))
    # Whoever opens it in this very process is found out.
    monkeypatch.setattr(Modele, "__init__", _never_faulty(Modele.__init__, path))
    started = time.monotonic()
    run = bureau.run("generer", folder, "--json")
    said = [one["message"] for one in run.json["problemes"] if one["gravite"] == "erreur"]
    assert said and all("Les contrats des groupes ne sont pas faits." in one and len(one) < 1500 for one in said)
    assert not (folder / WORD).exists() and (folder / "2 Devis/Programme 2027-G-014.docx").exists()
    # What was found is remembered, be it that nothing could be.
    monkeypatch.setattr(Isolated, "_start", _no_child)
    assert bureau.run("generer", folder, "--json").json["problemes"] == run.json["problemes"]
    monkeypatch.undo()
    monkeypatch.setattr(judge, "SECONDS", 4)
    assert bureau.run("modeles", "verifier", path).status == 1
    assert time.monotonic() - started < 60


def _never_faulty(opens: Callable[..., None], path: Path) -> Callable[..., None]:
    hostile = path.read_bytes()

    def opened(self: Modele, content: bytes, nom: str) -> None:
        assert content != hostile
        opens(self, content, nom)

    return opened


def _no_child(self: Isolated) -> None:
    raise AssertionError("a child was started")


@pytest.mark.slow
def test_an_old_model_that_nobody_can_read_is_refused(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "SECONDS", 2)
    path = bureau.root / "ancien.docx"
    path.write_bytes(endless())
    run = bureau.run("modeles", "adopter", path)
    assert run.status == 1 and "trop long à traiter" in run.err
    assert not (bureau.root / "ancien - champs.toml").exists()


def test_a_machine_that_starts_no_child_blames_no_model(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: Isolated, *asked: object) -> bytes:
        raise EnvironmentRefused("Python ne démarre pas à part (plus de mémoire) : fermer d'autres programmes.")

    folder = bureau.dossier(exemple("dossier_groupe"))
    put_in(bureau.root, CONTRAT, livre(CONTRAT, _spaced))
    with monkeypatch.context() as context:
        context.setattr(Isolated, "_ask", refused)
        run = bureau.run("generer", folder, "--json")
    (said,) = [one["message"] for one in run.json["problemes"] if one["gravite"] == "erreur"]
    assert "plus de mémoire" in said and (folder / "2 Devis/Programme 2027-G-014.docx").exists()
    assert bureau.run("generer", folder).status == 0
    assert (folder / WORD).exists()


def test_a_model_that_cannot_be_read_stops_only_its_documents(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put_in(bureau.root, CONTRAT, b"")
    read = files.read_if_there

    def forbidden(one: Path) -> bytes | None:
        if one == path:
            raise EnvironmentRefused("Pas le droit de lire.")
        return read(one)

    monkeypatch.setattr(files, "read_if_there", forbidden)
    folder = bureau.dossier(exemple("dossier_groupe"))
    run = bureau.run("generer", folder, "--json")
    assert run.status == 4
    assert run.json["refus"] == ["Pas le droit de lire."]
    assert (folder / "2 Devis/Programme 2027-G-014.docx").exists() and not (folder / WORD).exists()


def test_faults_without_number_are_told_in_part_the_errors_first() -> None:
    content = modele(*["texte [NOM]"] * 300, *["{{ clinet.nom }}"] * 300)
    found = check_modele(content, CONTRAT)
    assert sum(one.is_error for one in found) == FAUTES_MAX + 1
    assert found[-1].message.startswith("fichier : il y a 4")


def test_a_faulty_model_stops_its_documents_names_them_and_no_other(bureau: Bureau) -> None:
    put_in(bureau.root, CONTRAT, modele("{{ clinet.nom }}", "{{ client.nomm }}"))
    folder = bureau.dossier(exemple("dossier_groupe"))
    run = bureau.run("generer", folder)
    assert run.status == 1
    said = run.out.replace("\N{NO-BREAK SPACE}", " ")
    assert "modeles/contrat_groupe.docx" in said
    assert said.count("Les contrats des groupes ne sont pas faits.") == 2
    assert "en attente  3 Contrat/Contrat 2027-G-014.docx (le modèle « contrat_groupe.docx » est à corriger)" in said
    assert (folder / "2 Devis/Programme 2027-G-014.docx").exists()
    assert list((folder / "4 Bons d'échange").glob("*.docx"))


def test_a_faulty_model_is_told_even_when_no_document_needs_it_today(bureau: Bureau) -> None:
    put_in(bureau.root, "avenant.docx", modele("{{ clinet.nom }}"))
    run = bureau.run("generer", bureau.root, "--json")
    (said,) = (one for one in run.json["problemes"] if one["gravite"] == "erreur")
    assert said["fichier"] == "modeles/avenant.docx" and "Les avenants ne sont pas faits." in said["message"]


def _spaced(document: Document) -> None:
    document.paragraphs[0].add_run(" ")


@pytest.mark.slow
def test_a_model_of_the_office_is_tried_once_in_a_child_and_remembered(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []
    started: list[Isolated] = []
    ask, start = Isolated._ask, Isolated._start

    def asked(self: Isolated, content: bytes, arguments: tuple[str, ...], seconds: float) -> bytes | None:
        if self._task == judge.EXAMINE:
            tried.append(arguments[0])
        return ask(self, content, arguments, seconds)

    def begun(self: Isolated) -> Any:
        if self._task == judge.EXAMINE:
            started.append(self)
        return start(self)

    monkeypatch.setattr(Isolated, "_ask", asked)
    monkeypatch.setattr(Isolated, "_start", begun)
    put_in(bureau.root, CONTRAT, livre(CONTRAT, _spaced))
    put_in(bureau.root, "carnet.docx", livre("carnet.docx", _spaced))
    # The shipped ones, laid by « initialiser », cost nothing.
    put_in(bureau.root, "avenant.docx", (MODELES / "avenant.docx").read_bytes())
    folder = bureau.dossier(exemple("dossier_groupe"))
    assert bureau.run("generer", folder).status == 0
    assert bureau.run("generer", folder).status == 0
    assert tried == ["carnet.docx", CONTRAT] and len(started) == 1
    assert "42 participants" in text_of(folder / WORD)


def test_a_value_that_the_filling_loses_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DocxTemplate, "resolve_listing", lambda self, text: text.replace("Sainte", ""))
    with pytest.raises(ModeleFaulty, match="Les Aînés de Sainte-Fiction » se perd au remplissage"):
        Modele(modele("{{ client.nom }}{% if signature %}{% endif %}"), CONTRAT).fill(champs(), {"signature": b""})


def test_a_cell_emptied_by_a_condition_keeps_a_paragraph_and_a_table_without_row_goes() -> None:
    def build(document: Document) -> None:
        table = document.add_table(1, 1)
        table.cell(0, 0).text = "{%p if not client.nom %}"
        table.cell(0, 0).add_paragraph("texte")
        table.cell(0, 0).add_paragraph("{%p endif %}")
        rows = document.add_table(3, 1)
        for row, text in zip(rows.rows, ("{%tr if not client.nom %}", "texte", "{%tr endif %}"), strict=True):
            row.cells[0].text = text

    filled = Modele(modele(build=build), CONTRAT).fill(champs()).content
    document = docx.Document(io.BytesIO(filled))
    (table,) = document.tables
    assert [paragraph.text for paragraph in table.cell(0, 0).paragraphs] == [""]


def test_what_is_remembered_may_be_damaged_or_deleted(bureau: Bureau) -> None:
    put_in(bureau.root, CONTRAT, livre(CONTRAT, _spaced))
    memory = bureau.root / "modeles/_suivi/essais.json"
    memory.parent.mkdir()
    for content in ("{", "[]", json.dumps({"a": ["b"]}), '{"a": 1}', '{"a": [{"gravite": "rien"}]}'):
        memory.write_text(content, encoding="utf-8")
        assert Judge(bureau.root).judge(CONTRAT, b"rien")


def test_a_simulation_writes_nothing(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    put_in(bureau.root, CONTRAT, livre(CONTRAT, _spaced))
    before = bureau.files()
    bureau.run("generer", "--simuler", bureau.root)
    assert bureau.files() == before


def test_the_names_of_the_models_are_those_of_the_documents() -> None:
    shipped = {path.name for path in Path(MODELES).glob("*.docx") if path.name.count(".") == 1}
    assert shipped == set(USAGES)


def test_the_watcher_sees_a_model_spoilt_then_mended(bureau: Bureau) -> None:
    path = put_in(bureau.root, CONTRAT, modele("{{ clinet.nom }}"))
    folder = bureau.dossier(exemple("dossier_groupe"))
    bench = Bench(bureau)
    bench.settle()
    assert any("clinet.nom" in problem.message for report in bench.told for problem in report.problemes)
    assert not (folder / WORD).exists()
    path.unlink()
    put_in(bureau.root, CONTRAT, (MODELES / CONTRAT).read_bytes())
    bench.settle()
    assert (folder / WORD).exists()
