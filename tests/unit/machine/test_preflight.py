from __future__ import annotations

import dataclasses
import socket
import tomllib
from pathlib import Path

import pytest

from fixtures.machine import limits, preflight, tools
from fixtures.machine.bundle.recipes import module_sets
from fixtures.machine.limits import GB, Port, PortChoice, Readings, Tool

ROOT = Path(__file__).parents[3]

GOOD = Readings(
    architecture="amd64",
    python=(3, 12, 1),
    cache_dir=Path("/home/u/.cache/kit"),
    cache="cold",
    disk_free=40 * GB,
    memory_total=16 * GB,
    memory_available=12 * GB,
    cgroup="v2",
    inotify_watches=524_288,
    inotify_instances=512,
    capabilities=frozenset({"CAP_SYS_ADMIN", "CAP_SYS_RESOURCE"}),
    ports=PortChoice(80, 443, ()),
    tools={
        "go": Tool("/usr/local/go/bin/go", "1.26.8"),
        "kind": Tool("/usr/bin/kind", "0.33.0"),
        "helm": Tool("/usr/bin/helm", "4.3.1"),
        "kubectl": Tool("/usr/bin/kubectl", "1.37.1"),
    },
    engine="podman 4.3.1",
)

STATUS = "Name:\tpython\nCapPrm:\t000001fffeffffff\nCapBnd:\t{mask}\n"


def judged(name: str, **changes: object) -> preflight.Finding:
    found = preflight.findings(dataclasses.replace(GOOD, **changes))
    return next(finding for finding in found if finding.name == name)


def test_a_good_machine_has_nothing_to_mend():
    """On a machine that has it all every finding is ok, none carries a remedy and nothing blocks."""
    found = preflight.findings(GOOD)
    assert {finding.word for finding in found} == {"ok"}
    assert [finding.remedy for finding in found if finding.remedy] == []
    assert not preflight.blocked(found)


BLOCKING = [
    ("Python", {"python": (3, 10, 9)}),
    ("architecture", {"architecture": "riscv64"}),
    ("disk", {"disk_free": 19 * GB}),
    ("disk", {"disk_free": 4 * GB, "cache": "warm"}),
    ("memory", {"memory_total": 4 * GB, "memory_available": 3 * GB}),
    ("container engine", {"engine": "", "engine_error": "no engine"}),
    ("capabilities", {"engine": "", "capabilities": frozenset()}),
    ("cgroup", {"cgroup": None}),
    ("kernel modules", {"kernel_modules": "missing"}),
]


@pytest.mark.parametrize(("name", "changes"), BLOCKING)
def test_what_blocks_a_run_says_how_to_mend_it(name, changes):
    """A machine that cannot work has a finding that blocks, and that finding names a remedy."""
    finding = judged(name, **changes)
    assert finding.ok is False
    assert finding.remedy
    assert preflight.blocked([finding])


NOTED = [
    ("memory", {"memory_available": 3 * GB}),
    ("memory", {"memory_available": None}),
    ("container engine", {"engine": "", "may_install": True, "install_engine": "apt-get install podman"}),
    ("capabilities", {"capabilities": frozenset({"CAP_SYS_ADMIN"})}),
    ("capabilities", {"capabilities": None}),
    ("cgroup", {"cgroup": "hybrid"}),
    ("cgroup", {"cgroup": "v1"}),
    ("kernel modules", {"kernel_modules": "can be made"}),
    ("inotify max_user_watches", {"inotify_watches": 8192}),
    ("inotify max_user_instances", {"inotify_instances": None}),
    ("ports", {"ports": PortChoice(8080, 443, ("port 80 on 127.0.0.1 is in use: using 8080",))}),
    ("kind", {"tools": {}}),
    ("kubectl", {"tools": {"kubectl": Tool("/usr/bin/kubectl", "1.25.4")}}),
    ("helm", {"tools": {"helm": Tool("/usr/bin/helm", "")}}),
]


@pytest.mark.parametrize(("name", "changes"), NOTED)
def test_what_the_kit_works_around_is_said_and_blocks_nothing(name, changes):
    """What a run can live with is a note with a remedy, so that preflight still exits 0."""
    finding = judged(name, **changes)
    assert finding.ok is None
    assert finding.remedy
    assert not preflight.blocked([finding])


def test_a_warm_cache_needs_less_disk():
    """With the bundle in the cache, 5 GB do."""
    assert judged("disk", disk_free=6 * GB, cache="warm").ok is True


def test_the_tools_asked_for_are_those_that_a_run_takes():
    """Preflight asks for what a run takes: Go as the newest module set, kubectl within the stack's skew."""
    stack = tomllib.loads((ROOT / "charts" / "stacks" / "default.toml").read_text())
    version = stack["kubernetes"]["version"]
    minor = int(version.split(".")[1])
    newest = max(limits.parse_version(modules.go) for modules in module_sets(version).values())
    wanted = {
        "go": newest,
        "kind": tools.OLDEST["kind"],
        "helm": tools.OLDEST["helm"],
        "kubectl": (1, minor - tools.KUBECTL_SKEW),
    }
    assert wanted == preflight.TOOL_VERSIONS


def test_kernel_modules_are_looked_for_where_kind_mounts_them_from(tmp_path, monkeypatch):
    """A folder is there, can be made where we may write, or is missing; only Linux needs one."""
    monkeypatch.setattr(limits.sys, "platform", "linux")
    assert limits.modules_folder(tmp_path) == "there"
    assert limits.modules_folder(tmp_path / "modules") == "can be made"
    monkeypatch.setattr(limits.os, "access", lambda *_: False)
    assert limits.modules_folder(tmp_path / "modules") == "missing"
    monkeypatch.setattr(limits.sys, "platform", "darwin")
    assert limits.modules_folder(tmp_path / "modules") == "there"


def test_plain_table_names_status_found_needed_and_remedy():
    """In a log each finding is one line with what was found and needed, and its remedy below it."""
    text = preflight.plain([preflight.Finding("disk", "1 GB free", ">= 20 GB", False, "free some")])
    assert text.splitlines()[0] == "blocks  disk  1 GB free  (needed: >= 20 GB)"
    assert text.splitlines()[1].strip() == "-> free some"


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("go version go1.26.8 linux/amd64", (1, 26, 8)),
        ("kind v0.33.0 go1.26.8 linux/amd64", (0, 33, 0)),
        ("v4.3.1+g1234567", (4, 3, 1)),
        ("Client Version: v1.37.1\nKustomize Version: v5.8.0", (1, 37, 1)),
        ("no idea", ()),
    ],
)
def test_versions_are_read_from_what_tools_print(text, version):
    """The first dotted number is the version; a text without one gives none, not zero."""
    assert limits.parse_version(text) == version


def test_cache_is_warm_only_with_a_bundle_in_it(tmp_path):
    """A missing cache and the small leftover of a killed build are cold."""
    assert preflight.cache_state(tmp_path / "missing") == "cold"
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "node.tar").write_bytes(b"x" * 100)
    assert preflight.cache_state(tmp_path, enough=101) == "cold"
    assert preflight.cache_state(tmp_path, enough=100) == "warm"


@pytest.mark.parametrize(
    ("mask", "held"),
    [
        ("000001ffffffffff", {"CAP_SYS_ADMIN", "CAP_SYS_RESOURCE"}),
        ("000001fffeffffff", {"CAP_SYS_ADMIN"}),
        ("00000000a80425fb", set()),
    ],
)
def test_capabilities_come_from_the_bounding_set(mask, held):
    """The bits of CapBnd decide, not those of what this process holds now."""
    assert limits.capabilities(STATUS.format(mask=mask)) == held


def test_a_system_without_capabilities_is_unknown():
    """No CapBnd line means that we cannot tell, which is not the same as holding none."""
    assert limits.capabilities("") is None


@pytest.mark.parametrize(
    ("mounts", "layout"),
    [
        ("cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n", "v2"),
        ("cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n", "v1"),
        (
            "cgroup /sys/fs/cgroup/cpu cgroup rw 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n",
            "hybrid",
        ),
        ("proc /proc proc rw 0 0\n", None),
    ],
)
def test_cgroup_layout_is_read_from_the_mounts(mounts, layout):
    """v1 with v2 beside it is hybrid: the layout that crun refuses and runc takes."""
    assert limits.cgroup_layout(mounts) == layout


def test_memory_is_held_to_the_containers_own_limit():
    """Inside a container with less than the machine, its limit is what there is."""
    info = "MemTotal: 16000000 kB\nMemAvailable: 8000000 kB\n"
    assert limits.memory(info) == (16_384_000_000, 8_192_000_000)
    assert limits.memory(info, "max\n") == limits.memory(info)
    assert limits.memory(info, "4000000000\n") == (4_000_000_000, 4_000_000_000)
    assert limits.memory("") == (None, None)


def choice(states: dict[int, Port], *, rootless: bool = False) -> PortChoice:
    spares = iter(range(30_000, 30_010))
    return limits.choose_ports(
        lambda port: states.get(port, Port.FREE), rootless=rootless, spare=lambda: next(spares)
    )


def test_the_usual_ports_are_taken_when_free():
    """80 and 443 when nobody has them, with nothing to say."""
    assert choice({}) == (80, 443, ())


def test_a_port_in_use_falls_back_and_says_so():
    """8080 stands in for a taken 80, any free port for a taken 8080, and the note names both."""
    assert choice({80: Port.TAKEN}) == (8080, 443, ("port 80 on 127.0.0.1 is in use: using 8080",))
    taken = dict.fromkeys((80, 443, 8080, 8443), Port.TAKEN)
    http, https, notes = choice(taken)
    assert (http, https) == (30_000, 30_001)
    assert len(notes) == 2


def test_a_privileged_port_is_fine_for_an_engine_that_runs_as_root():
    """What we may not open ourselves, a rootful engine may; a rootless one gets a port above 1024."""
    denied = {80: Port.DENIED, 443: Port.DENIED}
    assert choice(denied)[:2] == (80, 443)
    assert choice(denied, rootless=True)[:2] == (8080, 8443)


def test_a_listener_makes_a_port_taken():
    """A real listener on the loopback interface is seen, and gone with it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert limits.probe_port(port) is Port.TAKEN
    assert limits.probe_port(port) is Port.FREE


def test_disk_of_a_cache_that_is_not_there_yet(tmp_path):
    """Free space is asked of the nearest folder there is, and nothing is made."""
    missing = tmp_path / "a" / "b"
    assert limits.disk_free(missing) > 0
    assert not (tmp_path / "a").exists()
