"""What a killed upgrade leaves behind for the next run."""

from __future__ import annotations

from fixtures.session.upgrade_note import UpgradeNote


def test_next_run_reads_where_it_was(tmp_path):
    """Both stacks, the piece that was being changed, and those that were changed before."""
    UpgradeNote(tmp_path, "kind-a/b").write(
        old="previous", new="default", at="adapter", done=["prometheus/prometheus"], report="runs/1"
    )
    said = UpgradeNote(tmp_path, "kind-a/b").read()
    assert "from previous to default was stopped here while adapter was changed" in said
    assert "prometheus/prometheus upgraded before" in said
    assert "runs/1" in said
    assert UpgradeNote(tmp_path, "kind-other").read() == ""


def test_an_upgrade_that_ended_leaves_nothing(tmp_path):
    """Nor is there anything to say of a note that was cut off."""
    note = UpgradeNote(tmp_path, "c")
    note.write(old="a", new="b", at="x", done=[], report="r")
    assert "the first of them" in note.read()
    note.forget()
    note.forget()
    assert note.read() == ""
    (tmp_path / "clusters" / "c.upgrade.json").write_text('{"old": "a"')
    assert note.read() == ""
