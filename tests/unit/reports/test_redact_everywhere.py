"""Secrets are planted wherever a cluster, a solution and a machine have them; none gets out of a run."""

from __future__ import annotations

import base64
import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from fixtures.judge.behaviours import Behaviour
from fixtures.judge.outcomes import Outcome
from fixtures.keeper import Keeper
from fixtures.machine.errors import KitError
from fixtures.observe.diagnostics import Diagnostics
from fixtures.plugin import _message
from fixtures.terminal.printer import Printer
from reports import redact
from reports.__main__ import main


def planted(name: str) -> str:
    """A secret that can be told from all others, and is no plain word."""
    return f"S3cr3t-{name}-7f9Qz"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


JWT = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQ.c2lnbmVkLWJ5LXVz"
PEM_BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ"
PEM = f"-----BEGIN PRIVATE KEY-----\n{PEM_BODY}\n-----END PRIVATE KEY-----\n"

DESCRIBED = f"""
Name: consumer-1
Containers:
  consumer:
    Args: --requirepass {planted("flag")}
    Environment:
      REDIS_PASSWORD:  {planted("env")}
      DATABASE_URL:    postgres://app:{planted("dsn")}@db:5432/app
      MYSQL_DSN:       root:{planted("mysql")}@tcp(db:3306)/app
Annotations: kubectl.kubernetes.io/last-applied-configuration:
  {{"apiVersion":"v1","data":{{"any":"{encoded(planted("applied"))}"}},"kind":"Secret","metadata":{{"name":"x"}}}}
"""
YAML = f"""
apiVersion: v1
items:
- apiVersion: v1
  kind: ConfigMap
  data:
    config.yaml: |
      basic_auth:
        username: scraper
        password: {planted("configmap")}, with blanks {planted("blanks")}
      authorization:
        credentials: {planted("credentials")}
    redis.conf: |
      requirepass {planted("conf")}
      masterauth {planted("master")}
    id.pem: |
      {PEM.replace(chr(10), chr(10) + "      ")}
- apiVersion: v1
  kind: Secret
  stringData:
    plain: {planted("string-data")}
  data:
    any: {encoded(planted("secret-data"))}
- spec:
    containers:
    - env:
      - name: API_TOKEN
        value: {planted("pod-env")}
"""
KUBECONFIG = f"""
users:
- name: admin
  user:
    client-certificate-data: {encoded("certificate " + planted("certificate"))}
    client-key-data: {encoded(PEM)}
    token: {planted("kubeconfig-token")}
"""
LOG = f"""
ts=1 level=info msg="request" header="Authorization: Bearer {planted("bearer")}"
ts=2 level=info msg="request" header="Authorization: Token {planted("scheme")}"
ts=3 level=error msg="cannot reach redis://:{planted("redis-url")}@redis:6379/0"
ts=4 level=error msg="cannot reach https://me:p@ss-{planted("at")}@host/path"
ts=5 service account {JWT}
ts=6 the application shows what it was given: {planted("known")}
ts=7 and in base64: {encoded(planted("known"))}
ts=8 helm upgrade --set auth.password={planted("helm-set")} --set-string redis.apiKey={planted("helm-key")}
ts=9 redis-cli -a {planted("redis-cli")} ping; REDISCLI_AUTH={planted("redis-auth")}
ts=10 kubectl create secret generic x --from-literal=word={planted("literal")}
ts=11 {{"auths":{{"registry":{{"auth":"{encoded("me:" + planted("docker"))}"}}}}}}
ts=12 {{"password":"{planted("json")}","nested":"{{\\"apiToken\\":\\"{planted("json-in-json")}\\"}}"}}
ts=13 key AKIAABCDEFGHIJKLMNOP ghp_{"a1B2" * 9}
ts=14 set-cookie: session={planted("cookie")}
ts=15 what the process was given: {planted("process-environment")}
"""
VALUES = f"""
auth:
  password: "{planted("values")}"
  existingSecret: ""
grafana:
  adminPassword: {planted("values-admin")}
tokens:
- {planted("list-one")}
- {planted("list-two")}
tls.key: |
  {planted("block")}
"""
OPAQUE = {"type": "Opaque", "data": {"word": encoded(planted("known"))}}
PODS = {
    "items": [
        {"metadata": {"name": "p"}, "status": {"containerStatuses": [{"name": "c", "restartCount": 1}]}}
    ]
}

EVERYWHERE = f"{DESCRIBED}\n{YAML}\n{KUBECONFIG}\n{LOG}\n{VALUES}"
SECRETS = {
    *(planted(part.split("-7f9Qz")[0]) for part in EVERYWHERE.split("S3cr3t-")[1:]),
    *(encoded(planted(name)) for name in ("applied", "secret-data", "known")),
    encoded("me:" + planted("docker")),
    encoded(PEM),
    PEM_BODY,
    JWT,
    "AKIAABCDEFGHIJKLMNOP",
    "ghp_" + "a1B2" * 9,
}


class Prometheus:
    """Its answers are made of secrets, too."""

    def config(self) -> str:
        return YAML

    def get(self, path: str) -> Any:
        return {"path": path, "lastError": LOG, "password": planted("values")}


class Kube:
    def get(self, path: str) -> tuple[int, str]:
        return 200, "ok"


class Reporter:
    """Keeps what is printed."""

    def __init__(self) -> None:
        self.text = ""

    def ensure_newline(self) -> None:
        pass

    def write(self, text: str, **_: Any) -> None:
        self.text += text


@pytest.fixture
def kubectl(tmp_path: Path) -> Path:
    """A kubectl on a cluster full of secrets."""
    answers = {
        '"get pods -o json"*': json.dumps(PODS),
        '"get secrets"*': json.dumps({"items": [OPAQUE]}),
        '"logs "*': LOG,
        '"describe hpa"*': EVERYWHERE + "\nexit 1",
        '"describe"*': DESCRIBED,
        "*": YAML + KUBECONFIG,
    }
    cases = "".join(f"  {pattern}) printf %s {shlex.quote(text)} ;;\n" for pattern, text in answers.items())
    path = tmp_path / "kubectl"
    path.write_text(f'#!/bin/bash\ncase "$*" in\n{cases}esac\n')
    path.chmod(0o755)
    return path


@pytest.fixture
def no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this test tells is forgotten behind it."""
    monkeypatch.setattr(redact, "_told", set())


def test_planted_secrets_are_the_ones_looked_for():
    """The list is made from the texts: it is long, and holds what stands in them."""
    assert len(SECRETS) > 35
    assert all(secret in EVERYWHERE for secret in SECRETS - {PEM_BODY, encoded(planted("known"))})


def test_no_planted_secret_is_in_any_output(tmp_path, kubectl, monkeypatch, no_memory):
    """Planted in env, Secret, ConfigMap, logs, values, kubeconfig, URLs and the process's environment: no
    file of the run has one, nor the terminal, nor what GitHub is told, and the texts around them stay.
    """
    summary = tmp_path / "step-summary.md"
    for name, value in {
        "MY_SERVICE_TOKEN": planted("process-environment"),
        "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": str(summary),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(
        "sys.argv", ["pytest", "--solution", "x", f"--set=auth.password={planted('helm-set')}"]
    )
    reporter = Reporter()
    keeper = Keeper(tmp_path / "runs", "dojo", 1, Printer(reporter, 2))  # type: ignore[arg-type]
    keeper.diagnostics = Diagnostics([str(kubectl)], Kube(), Prometheus())  # type: ignore[arg-type]
    keeper.say(f"installing with --set auth.password={planted('helm-set')} {JWT}")
    keeper.begin(
        Behaviour("dojo.01.tools", "core", "tools", f"Is token={planted('env')} there?", "It is there.")
    )
    keeper.evidence(f"values {JWT}", f"helm get values --password {planted('values')}", EVERYWHERE)
    keeper.evidence("a log", "kubectl logs", LOG)
    error = KitError(f"helm failed: {EVERYWHERE}", f"see {planted('known')}")
    keeper.diagnose(failed=True)
    keeper.end(Outcome.FAILED, _message(error), 1.0, error)
    keeper.save(page=True)
    _, lines = keeper.finish("", f"stopped: {LOG}")
    assert main(["render", str(keeper.directory), "--to", str(tmp_path / "again")]) == 0

    files = [p for p in tmp_path.rglob("*") if p.is_file() and p != kubectl]
    names = {str(p.relative_to(keeper.directory)) for p in files if p.is_relative_to(keeper.directory)}
    assert {
        "report.json",
        "junit.xml",
        "report.html",
        "summary.md",
        "diagnostics/logs/default-p-c.txt",
    } <= names
    texts = {str(p): p.read_text() for p in files}
    texts |= {"the terminal": reporter.text, "the closing lines": "\n".join(map(redact.redact, lines))}
    leaks = {(name, secret) for name, text in texts.items() for secret in SECRETS if secret in text}
    assert leaks == set()

    log = texts[str(keeper.directory / "diagnostics" / "logs" / "default-p-c.txt")]
    assert "the application shows what it was given: [redacted]" in log
    assert "cannot reach redis://[redacted]@redis:6379/0" in log
    assert "REDIS_PASSWORD:  [redacted]" in texts[str(keeper.directory / "diagnostics" / "pods.txt")]
    assert "::error title=dojo.01.tools failed::" in "\n".join(lines)
