"""Takes secrets out of every text that leaves the run: reports, logs, values, diagnostics.

Works on what a text looks like (key names, PEM blocks, bearer tokens, JWTs, passwords in URLs,
Secret manifests, env entries) and on values known to be secret: those of this process's environment
variables whose names say so, those that were told (`tell`: what the cluster's Secrets hold), and
the caller's. When in doubt it redacts: a report with too little in it can be run again, a leaked
token cannot be taken back.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any
from urllib.parse import quote

MARK = "[redacted]"

# A key is secret when it ENDS in one of these: `secretName` and `tokenReview` name no secret.
_WORDS = (
    r"password|passwd|passphrase|pwd|secret|token|api[-_]?key|access[-_]?key|secret[-_]?key|private[-_]?key|"
    r"client[-_]key[-_]data|client[-_]certificate[-_]data|certificate[-_]authority[-_]data|"
    r"authorization|credentials?|requirepass|masterauth|\.dockerconfig(?:json)?|tls\.key|id[-_]token|bearer|"
    r"cookie|rediscli[-_]auth|(?<![a-z])pass"
)
_KEY = re.compile(rf"(?:{_WORDS})$", re.IGNORECASE)
_KEEP = re.compile(r"^(?:true|false|null|none|~|\{|\[|\|-?|>-?|\"\"|'')?$", re.IGNORECASE)

_PEM = re.compile(r"-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|\Z)", re.DOTALL)
# What a client encodes once more, as in client-key-data: "-----BEGIN " in base64.
_PEM_BASE64 = re.compile(r"\bLS0tLS1CRUdJTi[A-Za-z0-9+/]{16,}={0,2}")
_BEARER = re.compile(r"\b(bearer)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
# The scheme stands before the secret, whatever it is called: all of it goes.
_AUTHORIZATION = re.compile(
    r"(authorization\\?[\"']?\s*[:=]\s*+(?!\[redacted)\[?\\?[\"']?)[^\n\"'\\\]]+", re.IGNORECASE
)
_DOCKER = re.compile(r"(\"auth\\?\"\s*:\s*\\?\")[A-Za-z0-9+/=]{8,}")
_LITERAL = re.compile(r"(--from-literal[= ][\"']?[^\s=]+=)[^\s\"']+")
_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?")
# To the last @ of the word: a password may hold one. And a token alone, in the place of a name.
_URL = re.compile(
    r"(\b[a-z][a-z0-9+.-]{0,20}://)(?:[^\s/@:\"'<>]*:[^\s\"'<>]{0,200}|[^\s/@:\"'<>]{16,})@(?=[\w\[])",
    re.IGNORECASE,
)
_DSN = re.compile(r"(?<![\w.-])([\w.-]+:)[^\s:@/]+(@(?:tcp|unix)\()")
_VENDOR = re.compile(
    r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|glpat-[\w-]{16,}|xox[abp]-[\w-]{10,})\b"
)
_PAIR = re.compile(
    rf"(?<![\w.-])(?P<key>[\w.-]*(?:{_WORDS})\\?[\"']?\s*(?::=|[:=])\s*)"
    r"(?P<value>\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|[^\s&}\]]*[^\s,;&}\]])",
    re.IGNORECASE,
)
# A line of its own, as in YAML: blanks, commas and the like belong to the value.
_LINE = re.compile(
    rf"^(?P<key>[ \t]*(?:- )?[\"']?[\w.-]*(?:{_WORDS})[\"']?:[ \t]+)(?P<value>\S[^\n]*?)(?P<end>,?[ \t]*)$",
    re.IGNORECASE | re.MULTILINE,
)
_LIST = re.compile(
    r"^(?P<pad>[ \t]*)"
    r"(?P<key>[\"']?[\w.-]*(?:passwords|tokens|passphrases|api[-_]?keys)[\"']?:[ \t]*\[?[ \t]*\n)"
    r"(?P<body>(?:[ \t]*(?:- [^\n]*|[\"'][^\n]*)(?:\n|\Z))+)",
    re.IGNORECASE | re.MULTILINE,
)
_BLOCK = re.compile(
    rf"^(?P<pad>[ \t]*)(?P<key>[\"']?[\w.-]*(?:{_WORDS})[\"']?:[ \t]*[|>][+-]?\d*[ \t]*\n)"
    r"(?P<body>(?:(?P=pad)[ \t]+.*(?:\n|\Z)|[ \t]*\n)+)",
    re.IGNORECASE | re.MULTILINE,
)
_FLAG = re.compile(
    r"((?:^|\s)(?:--?(?:password|pass|token|requirepass|masterauth)|requirepass|masterauth|AUTH)\s+)(?!-)(\S+)",
    re.MULTILINE,
)
_FLAG_A = re.compile(r"(redis-cli\b[^\n]*?\s-a\s+)(\S+)")
_ENV = re.compile(
    rf"(name[\"']?\s*[:=]\s*[\"']?[\w.-]*(?:{_WORDS})[\"']?\s*,?\s*[\"']?value[\"']?\s*[:=]\s*)"
    r"(\"[^\"\n]*\"|'[^'\n]*'|[^\s,}]+)",
    re.IGNORECASE,
)
# One line of JSON, or one inside a text (the last-applied annotation), that holds a whole Secret.
_SECRET_LINE = re.compile(r"^[^\n]*\bkind\\*\"\s*:\s*\\*\"Secret\\*\"[^\n]*$", re.MULTILINE)
_DATA_INLINE = re.compile(r"(\b(?:data|stringData)\\*\"\s*:\s*)\{[^{}]*\}")
_SECRET_DOC = re.compile(r"^[ \t]*[\"']?kind[\"']?\s*:\s*[\"']?Secret[\"']?\s*,?\s*$", re.MULTILINE)
_DATA_HEAD = re.compile(r"^(?P<pad>[ \t]*)[\"']?(?:data|stringData)[\"']?:\s*\{?\s*$")
_ENTRY = re.compile(r"^(\s*[\"']?[\w.-]+[\"']?\s*:\s*)(\S.*?)(,?)$")
# Cheap look before the dear ones: most texts of a run hold nothing of the kind.
_QUICK = re.compile(
    rf"{_WORDS}|-----BEGIN|eyJ|://[^\s/]*@|AKIA|gh[pousr]_|glpat-|xox[abp]-|\bAUTH\b|kind\\*[\"']?\s*:\s*\\*[\"']?Secret|"
    r"redis-cli|--?pass|\"auth\"|--from-literal|@(?:tcp|unix)\(|LS0tLS1CRUdJTi",
    re.IGNORECASE,
)


def _pair(match: re.Match[str]) -> str:
    return match[0] if _kept(match["value"]) else f"{match['key']}{MARK}"


def _line(match: re.Match[str]) -> str:
    value = match["value"]
    # A structure is gone through by its own keys.
    kept = _kept(value) or value[0] in "{[|>"
    return match[0] if kept else f"{match['key']}{MARK}{match['end']}"


def _kept(value: str) -> bool:
    """No secret, or one that is hidden already: the pattern of a value ends before the mark's bracket."""
    return bool(_KEEP.match(value)) or value.startswith(MARK[:-1])


def _secret_documents(text: str) -> str:
    """Every entry under `data:` and `stringData:` of the YAML or JSON documents of kind Secret."""
    parts = re.split(r"(^---\s*$)", text, flags=re.MULTILINE)
    return "".join(_secret_document(p) if _SECRET_DOC.search(p) else p for p in parts)


def _secret_document(text: str) -> str:
    lines: list[str] = []
    depth: int | None = None
    for line in text.split("\n"):
        indent = len(line) - len(line.lstrip())
        if head := _DATA_HEAD.match(line):
            depth = len(head["pad"])
        elif line.strip() and depth is not None and indent <= depth:
            depth = None
        inside = depth is not None and not head and line.strip()
        lines.append(_hidden_entry(line, indent) if inside else line)
    return "\n".join(lines)


def _hidden_entry(line: str, indent: int) -> str:
    """An entry's key with MARK for its value; a line of a longer value as MARK alone."""
    entry = _ENTRY.match(line)
    return f"{entry[1]}{MARK}{entry[3]}" if entry else " " * indent + MARK


# A shorter value would turn ordinary words of a report into marks.
SHORTEST_KNOWN = 6
# A variable's value is a secret by its name only: what is a plain word (TOKEN=default) stays.
_SHORTEST_OF_ENVIRONMENT = 8
_PLAIN = re.compile(r"[a-z]+(?:[-.][a-z]+)*|[A-Z]+|[\d.:]+|/[\w./-]*")
_told: set[str] = set()


def tell(values: Iterable[str]) -> None:
    """From now on every Redactor of this process takes these values out, wherever they appear."""
    _told.update(_forms(values))


def _forms(values: Iterable[str]) -> set[str]:
    """Each value that is long enough, as it is, in base64 and as a URL has it."""
    worth = [value for value in values if len(value) >= SHORTEST_KNOWN]
    encoded = (base64.b64encode(value.encode(errors="replace")).decode() for value in worth)
    return {*worth, *encoded, *(quote(value, safe="") for value in worth)}


def secrets_of(environment: Mapping[str, str]) -> set[str]:
    """The values of the environment variables whose names say that they are secret."""
    return {
        value
        for name, value in environment.items()
        if _KEY.search(name) and len(value) >= _SHORTEST_OF_ENVIRONMENT and not _PLAIN.fullmatch(value)
    }


class Redactor:
    """Redacts texts and trees; `known` are more literal values to take out wherever they appear."""

    def __init__(self, known: Iterable[str] = (), environment: Mapping[str, str] = os.environ) -> None:
        self._known = _forms({*known, *secrets_of(environment)})

    def text(self, text: str) -> str:
        """`text` with every secret replaced by MARK."""
        for value in sorted(self._known | _told, key=len, reverse=True):
            text = text.replace(value, MARK)
        if not _QUICK.search(text):
            return text
        text = _PEM_BASE64.sub(MARK, _PEM.sub(MARK, text))
        text = _SECRET_LINE.sub(lambda line: _DATA_INLINE.sub(rf"\1{{{MARK}}}", line[0]), text)
        text = _secret_documents(text)
        text = _AUTHORIZATION.sub(rf"\1{MARK}", text)
        text = _BEARER.sub(rf"\1 {MARK}", text)
        text = _JWT.sub(MARK, text)
        text = _URL.sub(rf"\1{MARK}@", text)
        text = _DSN.sub(rf"\1{MARK}\2", text)
        text = _DOCKER.sub(rf"\1{MARK}", text)
        text = _LITERAL.sub(rf"\1{MARK}", text)
        text = _VENDOR.sub(MARK, text)
        text = _BLOCK.sub(rf"\g<pad>\g<key>\g<pad>  {MARK}\n", text)
        text = _LIST.sub(rf"\g<pad>\g<key>\g<pad>- {MARK}\n", text)
        text = _LINE.sub(_line, text)
        text = _ENV.sub(rf"\1{MARK}", text)
        text = _PAIR.sub(_pair, text)
        text = _FLAG_A.sub(rf"\1{MARK}", text)
        return _FLAG.sub(rf"\1{MARK}", text)

    def tree(self, value: Any) -> Any:
        """A copy of a tree that JSON can hold, with every string redacted, by its key's name too.

        What JSON has no word for (NaN, a path, a time) becomes its text: a report is never lost to it.
        """
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return self._mapping(value)
        if isinstance(value, (list, tuple)):
            return list(value) if _numbers(value) else [self.tree(item) for item in value]
        if value is None or isinstance(value, int) or (isinstance(value, float) and isfinite(value)):
            return value
        return self.text(str(value))

    def _mapping(self, value: Mapping[Any, Any]) -> dict[str, Any]:
        secret = value.get("kind") == "Secret"
        env = _secret_key(value.get("name")) and "value" in value
        out: dict[str, Any] = {}
        for name, item in value.items():
            key = str(name)
            if (secret and key in ("data", "stringData")) and isinstance(item, Mapping):
                out[key] = dict.fromkeys(item, MARK)
            elif _hides(key, item) or (env and key == "value"):
                out[key] = MARK
            else:
                out[key] = self.tree(item)
        return out


def _numbers(values: Sequence[Any]) -> bool:
    """Whether a list is a column of finite numbers: a run has hundreds of thousands of them."""
    types = set(map(type, values))
    return types <= {int, float, type(None)} and all(v is None or isfinite(v) for v in values)


def _secret_key(key: object) -> bool:
    return isinstance(key, str) and bool(_KEY.search(key))


def _hides(key: object, item: object) -> bool:
    if not isinstance(item, (str, bytes, int)) or isinstance(item, bool):
        return False
    return _secret_key(key) and not _KEEP.match(str(item))


def redact(text: str) -> str:
    """`Redactor().text(text)`, for texts with no secrets known by value."""
    return Redactor().text(text)
