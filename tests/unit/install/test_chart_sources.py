from __future__ import annotations

import pytest

from fixtures.install.chart_sources import resolve_charts
from fixtures.install.stacks import load_stack
from fixtures.machine.errors import KitError

STACK = """
[kubernetes]
version = "1.37.1"
[charts.redis]
repository = "https://charts.example.org"
version = "20.1.0"
[charts.consumer]
"""


def _chart(folder, name, version="1.0.0", more=""):
    (folder / name).mkdir(parents=True)
    (folder / name / "Chart.yaml").write_text(f"name: {name}\nversion: {version}\n{more}")


@pytest.fixture
def charts(tmp_path):
    folder = tmp_path / "charts"
    for name in ("redis", "consumer"):
        _chart(folder, name)
    return folder


@pytest.fixture
def stack(tmp_path):
    path = tmp_path / "s.toml"
    path.write_text(STACK)
    return load_stack(str(path))


@pytest.mark.parametrize(
    ("option", "built", "kind"),
    [
        ("auto", True, "bundled"),
        ("auto", False, "published"),
        ("bundled", False, "bundled"),
        ("published", True, "published"),
    ],
)
def test_words(stack, charts, option, built, kind):
    """`auto` follows the images; a chart that is published nowhere is bundled whatever is asked."""
    sources = resolve_charts(stack, option, images_built=built, charts_dir=charts)
    assert sources["redis"].kind == kind
    assert sources["consumer"].kind == "bundled"
    if kind == "published":
        assert sources["redis"].address.arguments() == [
            "redis", "--repo", "https://charts.example.org", "--version", "20.1.0",
        ]  # fmt: skip


def test_registry(stack, charts, tmp_path):
    """A chart in an OCI registry is named by its whole address."""
    path = tmp_path / "oci.toml"
    path.write_text(STACK.replace("https://charts.example.org", "oci://r.example.org/c/"))
    source = resolve_charts(load_stack(str(path)), "published", images_built=True, charts_dir=charts)["redis"]
    assert source.address.arguments() == ["oci://r.example.org/c/redis", "--version", "20.1.0"]


def test_stack_names_a_path(charts, tmp_path):
    """A path in the stack is relative to the stack's file and holds under `auto`, not under `bundled`."""
    _chart(tmp_path / "own", "redis", "9.9.9")
    path = tmp_path / "own.toml"
    path.write_text(STACK.replace('repository = "https://charts.example.org"', 'source = "own/redis"'))
    stack = load_stack(str(path))
    assert resolve_charts(stack, images_built=True, charts_dir=charts)["redis"].version == "9.9.9"
    assert resolve_charts(stack, "bundled", images_built=True, charts_dir=charts)["redis"].kind == "bundled"


def test_folder_of_charts(stack, charts, tmp_path):
    """In DIR a folder comes first; what DIR lacks and nobody publishes is bundled."""
    _chart(tmp_path / "dir", "redis", "21.0.0")
    sources = resolve_charts(stack, str(tmp_path / "dir"), images_built=True, charts_dir=charts)
    assert (sources["redis"].kind, sources["redis"].version) == ("folder", "21.0.0")
    assert sources["redis"].upstream
    assert sources["consumer"].kind == "bundled"


def test_newest_archive(stack, charts, tmp_path):
    """Of several archives the newest version is taken, by number, and the choice is said."""
    folder = tmp_path / "dir"
    folder.mkdir()
    for name in ("redis-9.0.0", "redis-10.0.0-rc.1", "redis-10.0.0", "redis-exporter-99.0.0"):
        (folder / f"{name}.tgz").touch()
    source = resolve_charts(stack, str(folder), images_built=True, charts_dir=charts)["redis"]
    assert (source.kind, source.version) == ("archive", "10.0.0")
    assert source.note == "redis-10.0.0.tgz, the newest of 3"


def test_folder_without_the_chart(stack, charts, tmp_path):
    """A DIR that lacks a published chart gives the command that fetches it there."""
    (tmp_path / "dir").mkdir()
    with pytest.raises(
        KitError, match=r"helm pull redis --repo https://charts\.example\.org --version 20\.1\.0"
    ):
        resolve_charts(stack, str(tmp_path / "dir"), images_built=True, charts_dir=charts)


def test_folder_without_an_oci_chart(tmp_path, charts):
    """The command for a chart in an OCI registry is one that helm takes: the whole address, and no --repo."""
    path = tmp_path / "oci.toml"
    path.write_text(STACK.replace("https://charts.example.org", "oci://r.example.org/c"))
    (tmp_path / "dir").mkdir()
    with pytest.raises(KitError, match=r"helm pull oci://r\.example\.org/c/redis --version 20\.1\.0 --dest"):
        resolve_charts(load_stack(str(path)), str(tmp_path / "dir"), images_built=True, charts_dir=charts)


def test_no_such_folder(stack, charts):
    """A --charts that is no word and no folder is refused with the words there are."""
    with pytest.raises(KitError, match="auto, published, bundled or a folder"):
        resolve_charts(stack, "pubished", images_built=True, charts_dir=charts)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, r"there is no chart 'redis'"),
        ("name: redis\nversion: [1\n", r"Chart\.yaml:\d+:\d+: malformed YAML"),
        ("name: redis\nversion: 1.2\n", "version is 1.2"),
        ("name: valkey\nversion: 1.2.3\n", "is the chart 'valkey'"),
        ("name: redis\nversion: 1.2.3\ndependencies: [{name: common}]\n", "lacks its subcharts common"),
        ("- redis\n", "holds a list, not a mapping"),
    ],
)
def test_broken_chart_folder(stack, charts, text, says):
    """A chart folder that helm could not use is one error that names the file."""
    file = charts / "redis" / "Chart.yaml"
    if text is None:
        file.unlink()
    else:
        file.write_text(text)
    with pytest.raises(KitError, match=says):
        resolve_charts(stack, "bundled", images_built=True, charts_dir=charts)
