from __future__ import annotations

import pytest

from fixtures.install.stacks import load_stack
from fixtures.machine.errors import KitError

GOOD = """
name = "mine"
[kubernetes]
version = "1.37.1"
[charts.redis]
repository = "oci://r.example.org/charts"
version = "20.1.0"
[charts.prometheus-adapter]
source = "bundled"
release = "prometheus-adapter"
namespace = "prometheus"
[images.redis]
repository = "docker.io/library/redis"
version = "8.0"
[registries."docker.io"]
mirror = "http://127.0.0.1:5000"
"""


def _write(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return path


def test_good_stack(tmp_path):
    """A stack gives versions, charts with their releases, and published images."""
    stack = load_stack(str(_write(tmp_path, GOOD)))
    assert (stack.name, stack.kubernetes) == ("mine", "1.37.1")
    redis = stack.chart("redis")
    assert (redis.source, redis.release, redis.namespace) == ("bundled", "redis", "default")
    assert stack.chart("prometheus-adapter").namespace == "prometheus"
    assert stack.images["redis"].reference == "docker.io/library/redis:8.0"
    assert stack.mirrors == {"docker.io": "http://127.0.0.1:5000"}


@pytest.mark.parametrize(
    ("old", "new", "field", "says"),
    [
        ('version = "1.37.1"', "version = 1.37", "kubernetes.version", "a float"),
        ('version = "1.37.1"', 'version = "v1.37.1"', "kubernetes.version", "not valid"),
        ('version = "1.37.1"', 'version = "latest"', "kubernetes.version", "1.37.1"),
        ('version = "1.37.1"', 'versoin = "1.37.1"', "kubernetes.versoin", "did you mean 'version'"),
        ('[kubernetes]\nversion = "1.37.1"', "", "kubernetes.version", "is missing"),
        ('[kubernetes]\nversion = "1.37.1"', 'kubernetes = "1.37.1"', "kubernetes", "not a table"),
        ('version = "20.1.0"', 'version = "20.x"', "charts.redis.version", "not valid"),
        ('version = "20.1.0"', "", "charts.redis.version", "is missing"),
        ('repository = "oci:', 'repository = "ftp:', "charts.redis.repository", "https://"),
        (
            'repository = "oci://r.example.org/charts"',
            'source = "published"',
            "charts.redis.repository",
            "missing",
        ),
        ('source = "bundled"', 'source = "no/such"', "charts.prometheus-adapter.source", "no chart at"),
        ('source = "bundled"', "chart = 1", "charts.prometheus-adapter.chart", "known here"),
        ('namespace = "prometheus"', 'namespace = "Prom_1"', "prometheus-adapter.namespace", "a-z"),
        ('name = "mine"', 'title = "mine"', ": title", "unknown key"),
        ('version = "8.0"', "version = 8", "images.redis.version", "an integer"),
        ('version = "8.0"', 'version = "a b"', "images.redis.version", "not valid"),
        ('"http://127.0.0.1:5000"', '"127.0.0.1:5000"', "docker.io", "http://"),
        ("mirror =", "endpoint =", "docker.io", "known here: mirror"),
        ('[registries."docker.io"]', '[registries."a\'; rm -rf /"]', "registries", "is no registry"),
    ],
)
def test_bad_field(tmp_path, old, new, field, says):
    """A wrong field is one error that names the file, the field and what to write instead."""
    assert old in GOOD
    with pytest.raises(KitError) as raised:
        load_stack(str(_write(tmp_path, GOOD.replace(old, new, 1))))
    text = str(raised.value)
    assert "mine.toml" in text
    assert field in text
    assert says in text
    assert "Remedy: " in text


def test_malformed_toml(tmp_path):
    """TOML that cannot be parsed is reported with its line and column."""
    with pytest.raises(KitError, match=r"line 2, column \d+"):
        load_stack(str(_write(tmp_path, 'name = "x"\nversion = = 1\n')))


def test_unknown_stack(tmp_path):
    """An unknown name lists the stacks there are and the one that was perhaps meant."""
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "default.toml").write_text(GOOD)
    assert load_stack("default", tmp_path).name == "mine"
    with pytest.raises(KitError, match=r"(?s)no stack 'defualt'.*did you mean 'default'"):
        load_stack("defualt", tmp_path)


def test_chart_the_stack_lacks(tmp_path):
    """A chart that is asked for and not in the stack names the table to add."""
    stack = load_stack(str(_write(tmp_path, GOOD)))
    with pytest.raises(KitError, match=r"\[charts\.producer\]"):
        stack.chart("producer")


CHILD = """
name = "child"
inherits = "./mine.toml"
[charts.redis]
version = "21.0.0"
[charts.prometheus-adapter.values]
replicas = 2
[images.redis]
version = "7.0"
"""


def test_a_stack_inherits_what_it_does_not_say(tmp_path):
    """One version differs, the rest is the parent's; values are given to a chart."""
    _write(tmp_path, GOOD)
    path = tmp_path / "child.toml"
    path.write_text(CHILD.replace("./mine.toml", str(tmp_path / "mine.toml")))
    stack = load_stack(str(path))
    assert (stack.name, stack.kubernetes) == ("child", "1.37.1")
    assert (stack.chart("redis").version, stack.chart("redis").repository) == (
        "21.0.0",
        "oci://r.example.org/charts",
    )
    assert stack.images["redis"].reference == "docker.io/library/redis:7.0"
    assert stack.chart("prometheus-adapter").values == {"replicas": 2}
    assert stack.chart("prometheus-adapter").namespace == "prometheus"


def test_a_parent_may_inherit_but_not_from_its_child(tmp_path):
    """What is said nearest counts; a circle is an error."""
    _write(tmp_path, GOOD)
    child, grandchild = tmp_path / "child.toml", tmp_path / "grandchild.toml"
    child.write_text(CHILD.replace("./mine.toml", str(tmp_path / "mine.toml")))
    grandchild.write_text(f'inherits = "{child}"\n[images.redis]\nversion = "6.0"\n')
    stack = load_stack(str(grandchild))
    assert (stack.name, stack.images["redis"].version) == ("grandchild", "6.0")
    assert stack.chart("redis").version == "21.0.0"
    child.write_text(f'inherits = "{grandchild}"\n')
    with pytest.raises(KitError, match="inherits this one"):
        load_stack(str(grandchild))


def test_a_parent_that_is_not_there_is_told_with_the_field(tmp_path):
    """As a stack that is not there is, with those there are."""
    path = tmp_path / "orphan.toml"
    path.write_text('inherits = "nobody"\n')
    with pytest.raises(KitError, match="no stack 'nobody'") as caught:
        load_stack(str(path))
    assert caught.value.where == f"{path}: inherits"


@pytest.mark.parametrize("name", ["default", "previous", "kubernetes-1.36"])
def test_the_kits_own_stacks_load(name):
    """Each under its own name."""
    assert load_stack(name).name == name


def test_a_parent_beside_the_file(tmp_path):
    """A name with .toml is a file beside this one, wherever the kit is run from; so are its paths."""
    (tmp_path / "crds").mkdir()
    (tmp_path / "crds" / "rules.yaml").write_text("kind: CustomResourceDefinition\n")
    parent = 'inherits = "default"\n[charts.kube-prometheus-stack]\ncrds = "crds"\n'
    (tmp_path / "parent.toml").write_text(parent)
    (tmp_path / "child.toml").write_text('inherits = "parent.toml"\n')
    found = load_stack(str(tmp_path / "child.toml")).chart("kube-prometheus-stack").crds
    assert found == str(tmp_path / "crds")
    (tmp_path / "parent.toml").write_text(parent.replace('"crds"', '"nowhere"'))
    with pytest.raises(KitError, match="there is no CRD in"):
        load_stack(str(tmp_path / "parent.toml"))
