from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from fixtures.install.solutions import Solution
from fixtures.install.untrusted import Refused
from fixtures.install.untrusted_files import MAX_BYTES, MAX_FILES, border, check_files
from fixtures.machine.errors import KitError

CHART = "helm/charts/consumer"
VALUES = "helm/values/prometheus.yaml"


@pytest.fixture
def folder(tmp_path) -> Path:
    """A solution in the middle of a larger folder."""
    made = tmp_path / "course" / "ada"
    for name, text in {
        VALUES: "a: 1\n",
        f"{CHART}/Chart.yaml": "name: consumer\nversion: 0.1.0\n",
        f"{CHART}/templates/prometheusrule.yaml": "kind: PrometheusRule\n",
    }.items():
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(text)
    return made


def refused(folder: Path, root: Path | None = None) -> list[str]:
    return [str(refusal) for refusal in check_files(folder, root)]


def put(file: Path, data: bytes | str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data if isinstance(data, bytes) else data.encode())


def test_a_good_one(folder):
    """Nothing is said of a solution that stays within its bounds, whatever else lies beside its files."""
    put(folder / "diagrams/architecture.png", b"\x89PNG\0" * MAX_BYTES)
    put(folder / CHART / ".DS_Store", b"\0\1")
    (folder / "elsewhere").symlink_to("/etc")
    assert refused(folder) == []


def test_links_within_the_working_copy_are_fine(folder):
    """The published solution links to files elsewhere in its own git repository."""
    put(folder.parent / "shared/service.yaml", "kind: Service\n")
    (folder / CHART / "templates/service.yaml").symlink_to("../../../../../shared/service.yaml")
    assert "leads out of" in refused(folder)[0]
    subprocess.run(["git", "init", "-q", folder.parent], check=True)
    assert refused(folder) == []
    assert border(folder) == folder.parent.resolve()


def test_solution_root_sets_the_border(folder):
    """Where there is no git, --solution-root says which folder links may not leave; or a narrower one."""
    put(folder.parent / "values.yaml", "a: 1\n")
    (folder / VALUES).unlink()
    (folder / VALUES).symlink_to("../../../values.yaml")
    assert refused(folder, folder.parent) == []
    subprocess.run(["git", "init", "-q", folder.parent], check=True)
    assert "leads out of" in refused(folder, folder)[0]


@pytest.mark.parametrize("name", ["gone", "other"])
def test_a_wrong_root(folder, name):
    """A root that is not there, or does not hold the solution, is an error of the option."""
    (folder.parent / "other").mkdir()
    with pytest.raises(KitError, match=r"^--solution-root: "):
        Solution.load(folder, folder.parent / name)


def link(target: str):
    return lambda file: file.symlink_to(target)


@pytest.mark.parametrize(
    ("name", "make", "says"),
    [
        ("helm/values/redis.yaml", link("/etc/hostname"), "leads out of"),
        ("helm/values/redis.yaml", link("../../../../secret.yaml"), "leads out of"),
        ("kind-cluster.yaml", link("/etc/hostname"), "leads out of"),
        ("solution.toml", link("/etc/hostname"), "leads out of"),
        (f"{CHART}/templates/a.yaml", link("/etc/hostname"), "leads out of"),
        (f"{CHART}/files", link("/etc"), "leads out of"),
        (f"{CHART}/again", link("."), "leads into a folder it is in"),
        ("helm/values/redis.yaml", link("gone.yaml"), "a link to nothing"),
        ("helm/values/redis.yaml", link("redis.yaml"), "a link to nothing"),
        (f"{CHART}/templates/x.yaml", os.mkfifo, "is no regular file"),
        ("helm/values/redis.yaml", lambda f: put(f, "a" * (MAX_BYTES + 1)), r"has 1048577 bytes"),
        (f"{CHART}/big.txt", lambda f: put(f, "a" * (MAX_BYTES + 1)), r"has 1048577 bytes"),
        ("helm/values/redis.yaml", lambda f: put(f, b"\0\1\2"), "it is a binary file"),
        (f"{CHART}/templates/b.yaml", lambda f: put(f, b"a: 1\n\xe9: 2\n"), r"b\.yaml:2: .*not UTF-8"),
        (f"{CHART}/charts/sub-1.0.0.tgz", lambda f: put(f, b"\x1f\x8b"), "is an archive"),
        (f"{CHART}/many", lambda f: [put(f / str(n), "") for n in range(MAX_FILES)], "more than 500 files"),
    ],
)  # fmt: skip
def test_refused_before_it_is_opened(folder, name, make, says):
    """Links that leave, devices, large and binary files are refused with the file and the reason."""
    put(folder.parent.parent / "secret.yaml", "token: x\n")
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    make(folder / name)
    with pytest.raises(Refused, match=f"(?s)the solution is refused, nothing of it was applied: .*{says}"):
        Solution.load(folder)


def test_gits_own_files(folder):
    """A link into .git would show the credentials of whoever cloned it."""
    subprocess.run(["git", "init", "-q", folder.parent], check=True)
    (folder / CHART / "templates/config.yaml").symlink_to("../../../../../.git/config")
    assert "leads into git's own files" in refused(folder)[0]


def test_remote_dependencies(folder):
    """A chart is never fetched: what it depends on lies unpacked in its charts/."""
    chart = folder / CHART / "Chart.yaml"
    wanted = "dependencies:\n  - name: evil\n    version: 1.0.0\n    repository: https://charts.example.org\n"
    put(chart, f"name: consumer\nversion: 0.1.0\n{wanted}")
    (found,) = refused(folder)
    assert f"{chart}:4: depends on the chart 'evil', which is not in its charts/" in found
    put(folder / CHART / "charts/evil/Chart.yaml", "name: evil\nversion: 1.0.0\n")
    assert refused(folder) == []


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://169.254.169.254/", "/dev/zero"])
def test_a_schema_that_reads_elsewhere(folder, target):
    """Helm follows a schema's references, on this machine and in its network; its own drafts are built in."""
    schema = folder / CHART / "values.schema.json"
    put(schema, '{"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#/definitions/a"}')
    assert refused(folder) == []
    put(schema, f'{{"properties": {{"a": {{\n"$ref": "{target}"}}}}}}')
    assert refused(folder) == [f"{schema}:2: refers to {target}: a schema may refer to itself only"]


def test_the_kits_own_solutions_without_git(monkeypatch, tmp_path):
    """The reference links to the kit's charts; the kit may have been unpacked from an archive."""
    monkeypatch.setattr("fixtures.install.untrusted_files.KIT", tmp_path.resolve())
    (tmp_path / "solutions/reference").mkdir(parents=True)
    assert border(tmp_path / "solutions/reference") == tmp_path.resolve()


def test_all_reasons_are_told_at_once(folder):
    """Somebody who mends one file is not told of the next one only then."""
    put(folder / "helm/values/redis.yaml", b"\0")
    put(folder / "helm/values/prometheus-adapter.yaml", b"\xff\xfea\0")
    with pytest.raises(Refused) as raised:
        Solution.load(folder)
    assert [Path(refusal.file).name for refusal in raised.value.refusals] == [
        "redis.yaml",
        "prometheus-adapter.yaml",
    ]
    assert "Remedy: put a text file in its place; save it as UTF-8" in str(raised.value)
