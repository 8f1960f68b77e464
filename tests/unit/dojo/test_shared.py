from __future__ import annotations

import pytest

from tests.mutants.mutants import OutOfDate, mutants
from tests.mutants.pieces import Installed, wanted
from tests.mutants.shared import only

WANTED = {"redis": "r", "consumer": "c", "solution": "s", "adapter": "a"}
STEP_3, STEP_8 = ["dojo.03.consumer-rate"], ["dojo.08.object-value"]


def test_only_what_changed_is_installed_again():
    """A piece that is there as it is wanted is kept; the one that a mutant changes is not."""
    installed = Installed({"redis": "r", "solution": "s", "adapter": "other"})
    assert installed.kept(WANTED, STEP_8) == {"redis", "consumer", "solution"}


def test_the_bare_application_is_measured_bare():
    """Behaviours of step 3 are judged on the consumer without rule and HPA, which come after it."""
    installed = Installed({"redis": "r", "solution": "s", "adapter": "a"})
    assert installed.kept(WANTED, STEP_3) == {"redis", "adapter"}
    installed.done(WANTED, ["consumer"], ["consumer"])
    assert installed.kept(WANTED, STEP_3) == {"redis", "adapter", "consumer"}
    assert installed.kept(WANTED, STEP_8) == {"redis", "adapter", "consumer"}, "the solved one is to come"


def test_both_states_of_the_consumer_are_one_release():
    """A run that installed the bare consumer and then the solved one leaves the solved one."""
    installed = Installed()
    installed.done(WANTED, ["redis", "consumer", "solution"], ["redis", "consumer", "solution"])
    assert installed.pieces == {"redis": "r", "solution": "s"}


def test_what_was_tried_in_vain_is_not_known():
    """A piece whose installation failed is installed again next time, and so is one that was removed."""
    installed = Installed({"redis": "r", "adapter": "a", "prometheus": "p"})
    installed.done({"redis": "r", "adapter": "b"}, [], ["adapter"])
    assert installed.pieces == {"redis": "r"}


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("05-scrape-interval", {"prometheus"}),
        ("07-no-absent", {"solution"}),
        ("02-ingress-on-another-port", {"ingress"}),
        ("03-one-item-more", {"producer"}),
        ("03-item-lost-on-stop", {"consumer", "solution"}),
        ("09-second-scaler", set()),
    ],
)
def test_a_mutant_changes_the_piece_it_touches(name, changed, tmp_path):
    """What is installed for a mutant differs from the reference in the pieces it touches, and in no other."""
    each = next(one for one in mutants() if one.id == name)
    right = next(one for one in mutants() if one.id == "09-second-scaler").make(tmp_path / "right")
    there, made = wanted(right), wanted(each.make(tmp_path / "wrong"))
    assert {piece for piece in made if made[piece] != there[piece]} == changed


def test_only_selects_no_longer_names():
    """-k looks for parts of names: those that contain an asked one are shut out, unless asked for, too."""
    assert only(["dojo.05.ingress"]) == "(test_ingress and not test_ingress_answers)"
    assert only(["dojo.05.ingress", "dojo.02.ingress-answers"]) == "test_ingress_answers or test_ingress"
    with pytest.raises(OutOfDate, match="test_no_such_thing"):
        only(["dojo.05.no-such-thing"])
