from __future__ import annotations

import pytest

from fixtures.machine.bundle.recipes import (
    PARTS,
    at_versions,
    having,
    known_versions,
    kubernetes_versions,
    load,
    load_all,
    module_sets,
    needed,
)
from fixtures.machine.errors import KitError

GOOD = 'repository = "kit.local/thing"\nversion = "1"\npart = "node"\n'


def recipe(folder, text):
    folder.mkdir()
    (folder / "image.toml").write_text(text)
    return folder


def test_every_image_of_the_repository_loads():
    """Each has something to be built from, on a base that is there, with programs of a set that is there."""
    recipes, sets = load_all(), module_sets("1.37.1")
    assert {"node", "redis", "consumer", "producer", "prometheus"} <= set(recipes)
    for one in recipes.values():
        assert one.suite or one.containerfile(), one.name
        assert {name for name, _ in one.taken} <= set(sets), one.name
        assert all((one.folder.parent / name).is_dir() for name in one.shared), one.name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f'{GOOD}colour = "red"\n', "colour"),
        (f'{GOOD}[program]\nset = "node"\nname = "a"\npath = "/a"\ncolour = "red"\n', "colour"),
        ('version = "1"\npart = "node"\n', "repository"),
        (GOOD.replace("node", "moon"), "moon"),
        ("repository =", "Invalid value"),
    ],
)
def test_what_an_image_cannot_say_is_refused_with_its_file(tmp_path, text, said):
    """An unknown or missing key, an unknown part, or no TOML at all: the error names it and the file."""
    folder = recipe(tmp_path / "thing", text)
    with pytest.raises(KitError, match=said) as caught:
        load(folder)
    assert caught.value.where == str(folder / "image.toml")


def test_an_unknown_base_is_refused_with_its_file(tmp_path):
    """A base that is no image is named, with the file that asks for it."""
    one = load(recipe(tmp_path / "thing", f'{GOOD}base = "gone"\n'))
    with pytest.raises(KitError, match="gone") as caught:
        needed({"thing": one}, ["node"])
    assert caught.value.where == str(tmp_path / "thing" / "image.toml")


def test_an_image_is_built_after_what_it_needs():
    """Bases come before what stands on them, and the node after everything that it carries; none twice."""
    recipes = load_all()
    order = [one.name for one in needed(recipes, PARTS)]
    assert len(order) == len(set(order))
    for one in recipes.values():
        if one.base and one.name in order:
            assert order.index(one.base) < order.index(one.name)
    assert order.index("node") > max(order.index(name) for name in ("etcd", "kube-apiserver", "consumer"))


def test_a_kubernetes_that_cannot_be_built_names_those_that_can():
    """There is a module set a version; another one is an error that lists them."""
    with pytest.raises(KitError, match=r"1\.12\.0") as caught:
        module_sets("1.12.0")
    assert "1.37.1" in caught.value.remedy


def test_the_digest_changes_with_any_file(tmp_path):
    """What an image is made from is in its digest, shared folders too; caches of Python are not."""
    one = load(recipe(tmp_path / "thing", f'{GOOD}shared = ["apps"]\n'))
    (tmp_path / "apps").mkdir()
    seen = {one.digest()}
    (tmp_path / "apps" / "a.py").write_text("1")
    seen.add(one.digest())
    (one.folder / "b").write_text("1")
    seen.add(one.digest())
    assert len(seen) == 3
    (one.folder / "__pycache__").mkdir()
    (one.folder / "__pycache__" / "a.pyc").write_text("x")
    assert one.digest() in seen


def test_every_other_version_names_an_image_and_a_set_that_are_there():
    """versions.toml: what a stack may name besides an image's own version."""
    recipes, sets = load_all(), module_sets("1.37.1")
    for name, versions in known_versions().items():
        for version, module_set in versions.items():
            found = at_versions(recipes, {name: version})[name]
            assert found.version == version
            assert sets[module_set].has(found.program.name), (name, version)


def test_a_version_nobody_can_build_is_refused():
    """With those that can be built."""
    with pytest.raises(KitError, match=r"prometheus v1.0.0 can't be built here"):
        at_versions(load_all(), {"prometheus": "v1.0.0"})


def test_an_image_without_a_recipe_is_none_of_those_that_are_built():
    """A stack may name more than the kit knows."""
    recipes = load_all()
    assert at_versions(recipes, {"grafana": "13", "prometheus": recipes["prometheus"].version}) == recipes


def test_a_set_takes_from_another_what_it_leaves_out():
    """Kubernetes 1.36 is built beside the components of the newest set."""
    sets = module_sets("1.36.3")
    assert having(sets, "kubernetes", program="kubelet").name == "kubernetes-1.36.3"
    assert having(sets, "kubernetes", program="prometheus").name == "kubernetes-1.37.1"
    assert kubernetes_versions()[-1] == "1.37.1"


def test_a_program_with_variables_of_its_own_says_the_version_of_its_module():
    """Each is a tool of its set, and the version that it is given is that which go.mod requires."""
    own = [(each, name) for each in module_sets("1.37.1").values() for name in each.own]
    assert own
    for modules, name in own:
        version = modules.tool_version(modules.tools()[name]).removeprefix("v")
        assert f".Version={version} " in f"{modules.own[name]} "
