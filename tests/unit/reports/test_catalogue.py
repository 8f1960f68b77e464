from __future__ import annotations

from pathlib import Path

import pytest

from reports import catalogue as room
from reports.__main__ import main
from reports.catalogue import Entry, Proof, collect, page, proofs
from reports.errors import ReportError

ROOT = Path(__file__).parents[3]


def entry(key: str = "dojo.07.one-series", **more) -> Entry:
    given = {
        "level": "core",
        "feature": "rule",
        "statement": "There is one.",
        "hint": "?",
        "file": "a/test_b.py",
    }
    return Entry(id=key, **{"budget": None, "source": None, **given, **more})


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    return collect()


def test_the_catalogue_is_not_stale(entries):
    """docs/catalogue.md is what the behaviours and mutants say today. Remedy: python -m reports catalogue."""
    assert room.PAGE.read_text(encoding="utf-8") == page(entries, proofs())


def test_every_behaviour_has_a_statement_and_a_place(entries):
    """Nothing is judged that is not said in a sentence, and each sentence's test is found."""
    assert entries
    for one in entries:
        assert one.statement.endswith((".", ".)")), one.id
        assert (ROOT / one.file).is_file(), one.id


def test_every_proof_is_of_a_behaviour_there_is(entries):
    """A mutant that names a behaviour which is gone proves nothing."""
    proof = proofs()
    assert proof.live
    assert {*proof.live, *proof.static} <= {one.id for one in entries}


def test_a_behaviour_without_a_statement_is_refused(tmp_path):
    """A test without a docstring does not get into the catalogue, nor past it: the error names it."""
    (tmp_path / "test_x.py").write_text(
        "from conformance.behaviour import behaviour\n"
        '@behaviour("dojo.01.silent", feature="tools", hint="?")\n'
        "def test_silent(): pass\n"
    )
    with pytest.raises(ReportError, match=r"test_silent.*docstring is empty"):
        collect(tests=tmp_path)


def test_an_entry_says_all_that_is_known():
    """Statement, level, feature, budget, source, test, and the mutants of both tiers, each named once."""
    proof = Proof({"dojo.07.one-series": ["07-two"]}, {"dojo.07.one-series": ["07-two", "07-three"]})
    text = page([entry(budget="rule_visible", source="https://example.org"), entry("dojo.07.other")], proof)
    assert "### `dojo.07.one-series`\n\nThere is one.\n\n- level: core\n- feature: rule\n" in text
    assert "- budget: `rule_visible`\n- source: https://example.org\n" in text
    assert "- proved by: `07-two`; static: `07-three`\n- test: [test_b.py](../a/test_b.py)\n" in text
    assert "- proved by: no mutant\n" in text
    assert "| dojo | 2 | 0 | 0 | 2 |" in text


def test_proofs_are_read_off_the_mutants_folders(tmp_path):
    """What fails on a cluster and what the static tier says are told apart; variants are no proof."""
    for name, text in {
        "x/mutants/one/mutant.toml": '[fails]\n"x.01.a" = "why"\n[static]\n"x.01.b" = "why"\n',
        "x/mutants/two/mutant.toml": '[fails]\n"x.01.a" = "why"\n',
        "x/variants/three/variant.toml": '[fails]\n"x.01.c" = "why"\n',
    }.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    assert proofs(tmp_path, tmp_path) == Proof({"x.01.a": ["one", "two"]}, {"x.01.b": ["one"]})


def test_on_the_command_line_a_stale_page_is_1(tmp_path, monkeypatch, capsys):
    """--check writes nothing and says what to do; without it the page is written."""
    monkeypatch.setattr(room, "PAGE", tmp_path / "catalogue.md")
    monkeypatch.setattr(room, "collect", lambda: [entry()])
    assert main(["catalogue", "--check"]) == 1
    assert "stale. Remedy: python -m reports catalogue" in capsys.readouterr().out
    assert main(["catalogue"]) == 0
    assert main(["catalogue", "--check"]) == 0
