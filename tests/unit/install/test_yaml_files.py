from __future__ import annotations

import time

import pytest
import yaml

from fixtures.install import yaml_files
from fixtures.install.yaml_files import check_documents, load_mapping, parse_mapping
from fixtures.machine.errors import KitError

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{after}: &{after} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)
SECONDS = 10.0
"""Longer than any of these takes (0.2 s), even on a busy machine; unguarded they would not end."""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: 1\n\tb: 2\n", r"^f:2:\d+: malformed YAML: a tab indents this line"),
        ("a:\n  b:\n\t- 2\n", r"^f:3:\d+: malformed YAML: a tab indents this line"),
        ("a: 1\nb: 2\na: 3\n", r"^f:3:1: the key 'a' is there twice: line 1 has no effect"),
        ("x:\n  - {b: 1, c: {d: 1, d: 2}}\n", r"^f:2:\d+: the key 'd' is there twice"),
        ("a: \x01\n", r"^f:1: malformed YAML"),
        ("a: 2020-99-99\n", r"^f: malformed YAML: month"),
        ("? [a]\n: 1\n", r"^f:1:3: malformed YAML"),
        ("a: *nothing\n", r"^f:1:4: malformed YAML"),
        ("a: !!python/object/apply:os.system [x]\n", r"^f:1:4: malformed YAML: could not determine"),
        ("a:\n  - !!binary e3sgbG9va3VwIH19\n", "^f:2:5: the tag !!binary hides a text"),
        ("a: !!set {'{{ x }}': }\n", "^f:1:4: the tag !!set hides a text"),
        ("a: 1\n---\nb: 2\n", "^f: holds 2 documents"),
        ("../../helm/values/redis.yaml\n", r"(?s)^f: holds a str.*the text of a link"),
        ("- 1\n", "^f: holds a list, not a mapping"),
        ("[" * 100_000, "^f:1:65: is nested more than 64 levels deep"),
        ("a: &a [*a]\n", "^f:1:8: an alias stands within what it repeats"),
        (BOMB, r"^f:\d+:\d+: grows to more than 100000 values"),
        ("- a\n" * 150_000, r"^f:\d+:\d+: grows to more than 100000 values"),
    ],
)  # fmt: skip
def test_bad_yaml_is_one_finding_with_its_place(text, says):
    """What is no YAML, says a thing twice or would never end names file, line and column, and soon."""
    began = time.monotonic()
    with pytest.raises(KitError, match=says):
        parse_mapping(text, "f")
    assert time.monotonic() - began < SECONDS


def test_the_same_without_libyaml(monkeypatch):
    """PyYAML that was built without libyaml finds the same places."""
    monkeypatch.setattr(yaml_files, "Loader", yaml.SafeLoader)
    for text, says in (("a: 1\na: 2\n", "f:2:1: "), ("a:\n\tb: 1\n", "f:2:1: "), ("[" * 99, "f:1:65: ")):
        with pytest.raises(KitError, match=f"^{says}"):
            parse_mapping(text, "f")


@pytest.mark.parametrize("text", ["a: 1\r\nb:\r\n  - 2\r\n", "\ufeffa: 1\nb: [2]\n", "a: 1\nb: [2]"])
def test_harmless_differences(tmp_path, text):
    """Windows line ends, a byte order mark and a missing last line end make no difference."""
    file = tmp_path / "values.yaml"
    file.write_bytes(text.encode())
    assert load_mapping(file) == {"a": 1, "b": [2]}


def test_anchors_and_merges_are_no_bomb():
    """Aliases and merge keys are good YAML; a key beside a merge is no duplicate."""
    text = "x: &x {a: 1}\ny: {<<: *x, a: 2}\nz: {<<: *x, a: 3}\n"
    assert parse_mapping(text, "f") == {"x": {"a": 1}, "y": {"a": 2}, "z": {"a": 3}}
    check_documents("a: 1\n---\na: 2\n", "f")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xff\xfea\x00:\x00 \x001\x00", "values.yaml: cannot be read: it is UTF-16 text"),
        (b"\x7fELF\x02\x01\x01\x00\x00", "values.yaml: cannot be read: it is a binary file"),
        ("a: 1\nb: é\n".encode("latin-1"), "values.yaml:2: cannot be read: byte 0xe9 is not UTF-8"),
        (None, "values.yaml: cannot be read: No such file"),
    ],
)
def test_unreadable(tmp_path, data, says):
    """A binary file, another encoding or no file at all is one finding with its remedy, not a traceback."""
    file = tmp_path / "values.yaml"
    if data is not None:
        file.write_bytes(data)
    with pytest.raises(KitError, match=says) as raised:
        load_mapping(file)
    assert raised.value.remedy
