"""Takes secrets out of every text that leaves the run: reports, logs, values, diagnostics.

Works on what a text looks like (key names, PEM blocks, bearer tokens, JWTs, passwords in URLs,
Secret manifests, env entries) and on values the caller knows to be secret. When in doubt it
redacts: a report with too little in it can be run again, a leaked token cannot be taken back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any

MARK = "[redacted]"

# A key is secret when it ENDS in one of these: `secretName` and `tokenReview` name no secret.
_WORDS = (
    r"password|passwd|passphrase|pwd|secret|token|api[-_]?key|access[-_]?key|secret[-_]?key|private[-_]?key|"
    r"client[-_]key[-_]data|client[-_]certificate[-_]data|certificate[-_]authority[-_]data|"
    r"authorization|credentials?|requirepass|masterauth|\.dockerconfigjson|tls\.key|id[-_]token|bearer"
)
_KEY = re.compile(rf"(?:{_WORDS})$", re.IGNORECASE)
_KEEP = re.compile(r"^(?:true|false|null|none|~|\{|\[|\|-?|>-?|\"\"|'')?$", re.IGNORECASE)

_PEM = re.compile(r"-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|\Z)", re.DOTALL)
_BEARER = re.compile(
    r"\b(bearer|authorization[\"']?\s*[:=]\s*[\"']?basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE
)
_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?")
_URL = re.compile(r"(\b[a-z][a-z0-9+.-]*://)([^\s/@:\"']*):([^\s/@\"']+)@", re.IGNORECASE)
_VENDOR = re.compile(
    r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|glpat-[\w-]{16,}|xox[abp]-[\w-]{10,})\b"
)
_PAIR = re.compile(
    rf"(?<![\w.-])(?P<key>[\w.-]*(?:{_WORDS})\\?[\"']?\s*(?::=|[:=])\s*)"
    r"(?P<value>\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|[^\s,;&}\]]+)",
    re.IGNORECASE,
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
_SECRET_DOC = re.compile(r"^[ \t]*[\"']?kind[\"']?\s*:\s*[\"']?Secret[\"']?\s*,?\s*$", re.MULTILINE)
_DATA_HEAD = re.compile(r"^(?P<pad>[ \t]*)[\"']?(?:data|stringData)[\"']?:\s*\{?\s*$")
_ENTRY = re.compile(r"^(\s*[\"']?[\w.-]+[\"']?\s*:\s*)(\S.*?)(,?)$")
# Cheap look before the dear ones: most texts of a run hold nothing of the kind.
_QUICK = re.compile(
    rf"{_WORDS}|-----BEGIN|eyJ|://[^\s/]*@|AKIA|gh[pousr]_|glpat-|xox[abp]-|\bAUTH\b|kind[\"']?\s*:\s*[\"']?Secret|"
    r"redis-cli|--?pass",
    re.IGNORECASE,
)


def _pair(match: re.Match[str]) -> str:
    value = match["value"]
    return match[0] if _KEEP.match(value) else f"{match['key']}{MARK}"


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


class Redactor:
    """Redacts texts and trees; `known` are literal values to take out wherever they appear."""

    # A shorter value would turn ordinary words of a report into marks.
    SHORTEST_KNOWN = 6

    def __init__(self, known: Iterable[str] = ()) -> None:
        worth = {value for value in known if len(value) >= self.SHORTEST_KNOWN}
        self._known = sorted(worth, key=len, reverse=True)

    def text(self, text: str) -> str:
        """`text` with every secret replaced by MARK."""
        for value in self._known:
            text = text.replace(value, MARK)
        if not _QUICK.search(text):
            return text
        text = _PEM.sub(MARK, text)
        text = _secret_documents(text)
        text = _BEARER.sub(rf"\1 {MARK}", text)
        text = _JWT.sub(MARK, text)
        text = _URL.sub(rf"\1{MARK}@", text)
        text = _VENDOR.sub(MARK, text)
        text = _BLOCK.sub(rf"\g<pad>\g<key>\g<pad>  {MARK}\n", text)
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
