from __future__ import annotations

import io
import platform
import struct
import subprocess
import sys
import tarfile
import tomllib

import pytest

from fixtures.machine import engine
from fixtures.machine.errors import KitError
from tests.unit.machine.programs import program

WORKS = 'case "$1" in run) exit 42;; version) echo 4.3.1;; esac'
BROKEN = 'case "$1" in run) echo "cannot set limits: operation not permitted" >&2; exit 126;; esac'
ONLY_WITH_OUR_CONF = f'if [ -n "$CONTAINERS_CONF" ]; then {WORKS}; else {BROKEN}; fi'


@pytest.fixture
def path(tmp_path, monkeypatch):
    """The only folder on PATH, with nothing of the user's settings."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    for name in ("KIND_EXPERIMENTAL_PROVIDER", "CONTAINERS_CONF"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"), reason="runs a Linux program"
)
def test_the_probe_is_a_program_that_runs(tmp_path):
    """The bytes are a whole executable: started here, it ends with the agreed exit code."""
    probe = tmp_path / "probe"
    probe.write_bytes(engine.exit_program(platform.machine()))
    probe.chmod(0o755)
    assert subprocess.run([str(probe)], check=False).returncode == engine.PROOF == 42


@pytest.mark.parametrize(
    ("machine", "number"), [("x86_64", 62), ("AMD64", 62), ("arm64", 183), ("aarch64", 183)]
)
def test_the_probe_is_for_the_machines_processor(machine, number):
    """The header names the processor, and its one segment is as long as the file."""
    data = engine.exit_program(machine)
    assert data[:4] == b"\x7fELF"
    assert struct.unpack_from("<H", data, 18)[0] == number
    assert struct.unpack_from("<QQ", data, 64 + 32) == (len(data), len(data))


def test_an_unknown_processor_is_said():
    """A machine that the probe has no program for is named."""
    with pytest.raises(KitError, match="riscv64"):
        engine.exit_program("riscv64")


def test_the_probes_image_holds_one_executable():
    """The archive is a root file system with the program alone."""
    with tarfile.open(fileobj=io.BytesIO(engine.probe_archive("x86_64"))) as tar:
        (entry,) = tar.getmembers()
    assert (entry.name, entry.mode) == ("probe", 0o755)


def test_containers_conf_fits_the_limits(tmp_path, monkeypatch):
    """Open files at the hard limit, processes at half of it, with runc; unlimited becomes a number."""
    limits = {engine.resource.RLIMIT_NOFILE: 20_000, engine.resource.RLIMIT_NPROC: 30_000}
    monkeypatch.setattr(engine.resource, "getrlimit", lambda which: (0, limits[which]))
    conf = tomllib.loads(engine.write_containers_conf(tmp_path).read_text())
    assert conf["containers"]["default_ulimits"] == ["nofile=20000:20000", "nproc=15000:15000"]
    assert conf["engine"]["runtime"] == "runc"
    limits.update(dict.fromkeys(limits, engine.resource.RLIM_INFINITY))
    assert "nofile=1048576:1048576" in engine.write_containers_conf(tmp_path).read_text()


def test_engines_are_tried_as_the_user_set_them_up_first(path, tmp_path, monkeypatch):
    """Docker, podman, podman with the kit's file; a wish is kept, and a user's own file stands."""
    tries = engine.candidates(tmp_path)
    assert [(name, sorted(env)) for name, env in tries] == [
        ("docker", []),
        ("podman", []),
        ("podman", ["CONTAINERS_CONF"]),
    ]
    monkeypatch.setenv("CONTAINERS_CONF", "/etc/mine.conf")
    assert len(engine.candidates(tmp_path)) == 2
    monkeypatch.setenv("KIND_EXPERIMENTAL_PROVIDER", "docker")
    assert [name for name, _ in engine.candidates(tmp_path)] == ["docker"]


def test_the_first_engine_that_works_is_taken(path, tmp_path):
    """A Docker that cannot start a container gives way to a podman that can; the reason is kept."""
    program(path, "docker", BROKEN)
    program(path, "podman", WORKS)
    found, reasons = engine.find(tmp_path)
    assert (found.name, found.version, dict(found.env)) == ("podman", "4.3.1", {})
    assert reasons == ["docker: cannot set limits: operation not permitted"]
    assert found.kind_env["KIND_EXPERIMENTAL_PROVIDER"] == "podman"


def test_podman_works_with_the_kits_own_settings(path, tmp_path):
    """Where podman as it is cannot start one, the kit's containers.conf is tried and stays with it."""
    program(path, "podman", ONLY_WITH_OUR_CONF)
    found, _ = engine.find(tmp_path)
    assert found.env == {"CONTAINERS_CONF": str(tmp_path / "containers.conf")}


def test_an_image_that_is_not_there_has_no_id(path, tmp_path):
    """An id when the engine has the image, None when it has not."""
    has = program(path, "podman", 'case "$5" in here) echo sha256:abc;; *) exit 125;; esac')
    made = engine.Engine("podman", str(has), "4")
    assert (made.image_id("here"), made.image_id("gone")) == ("abc", None)


def test_without_root_the_command_to_type_is_told(path, tmp_path, monkeypatch):
    """Nothing works and we may not install: the error is the exact command, and nothing is run."""
    program(path, "apt-get", f"echo called > {tmp_path}/called")
    monkeypatch.setattr(engine.os, "geteuid", lambda: 1000)
    with pytest.raises(KitError, match="docker is not installed; podman is not installed") as caught:
        engine.ensure(tmp_path, print)
    command = "apt-get install -y --no-install-recommends " + " ".join(engine.ENGINE_PACKAGES)
    assert caught.value.remedy == f"sudo apt-get update && sudo {command}"
    assert not (tmp_path / "called").exists()


def test_root_on_debian_installs_podman(path, tmp_path, monkeypatch):
    """As root, with apt-get and no podman, it is installed, used, and said."""
    record = f'echo "$*" >> {tmp_path}/called'
    podman = f"#!/bin/sh\\n{WORKS}\\n"
    make = f"printf '{podman}' > {path}/podman; /bin/chmod 755 {path}/podman"
    program(path, "apt-get", f"{record}; {make}")
    monkeypatch.setattr(engine.os, "geteuid", lambda: 0)
    said = []
    assert engine.ensure(tmp_path, said.append).name == "podman"
    update, install = (tmp_path / "called").read_text().splitlines()
    assert (update, install.split()[:2]) == ("-q update", ["-q", "install"])
    assert "apt-get install" in said[0]


def test_a_podman_that_is_there_is_not_installed_again(path, tmp_path, monkeypatch):
    """A broken podman of the user's is not touched: its own words are in the error."""
    program(path, "apt-get", f"echo called > {tmp_path}/called")
    program(path, "podman", BROKEN)
    monkeypatch.setattr(engine.os, "geteuid", lambda: 0)
    with pytest.raises(KitError, match="operation not permitted"):
        engine.ensure(tmp_path, print)
    assert not (tmp_path / "called").exists()
