from __future__ import annotations

import base64

import pytest

from reports.model import Evidence
from reports.redact import MARK, Redactor, redact, tell
from reports.write import write_all
from tests.unit.reports import sample

S = "hunter2Hunter2"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW0ifQ.c2lnbmF0dXJl"
PEM = f"-----BEGIN RSA PRIVATE KEY-----\nMIIE{S}\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    "text",
    [
        f"password: {S}",
        f"REDIS_PASSWORD={S} ./run",
        f'{{"password": "{S}"}}',
        f'"{{\\"apiToken\\":\\"{S}\\"}}"',
        f"redis://:{S}@redis-master:6379",
        f"https://user:{S}@host/path",
        f"Authorization: Bearer {S}",
        f"authorization: Basic {S}==",
        f"--set auth.password={S}",
        f"helm install --password {S}",
        f"redis-cli -h redis -a {S} ping",
        f"redis-server --requirepass {S}",
        f"requirepass {S}",
        f"env:\n- name: REDIS_PASSWORD\n  value: {S}\n",
        f'env:\n- name: API_TOKEN\n  value: "{S}"\n',
        f"client-key-data: {S}",
        f"certificate-authority-data: {S}",
        f"    token: {S}",
        f"kind: Secret\ndata:\n  anything: {S}\n  tls.crt: {S}\nmetadata:\n  name: x\n",
        f"a: 1\n---\napiVersion: v1\nkind: Secret\nstringData:\n  plain: |\n    {S}\n    {S}\n---\nb: 2\n",
        f"password: |\n  {S}\n  {S}\nnext: 1\n",
        f"aws_secret_access_key = {S}",
        PEM,
        f"cut: {PEM[:40]}",
        f"token seen in the log: {JWT}",
        "key AKIAABCDEFGHIJKLMNOP used",
        f"password='{S} with blanks'",
        f"password: {S} with blanks",
        f"password={S},{S};{S}",
        f"Authorization: Token {S}",
        f"https://user:p@{S}@host/path",
        f"https://{S}{S}@github.com/x",
        f"root:{S}@tcp(db:3306)/app",
        f'{{"auths":{{"r":{{"auth":"{S}"}}}}}}',
        f"--from-literal=word={S}",
        f"tokens:\n- {S}\n- {S}\n",
        f'{{"apiVersion":"v1","kind":"Secret","data":{{"word":"{S}"}}}}',
        f'last-applied: "{{\\"data\\":{{\\"word\\":\\"{S}\\"}},\\"kind\\":\\"Secret\\"}}"',
        f"REDISCLI_AUTH={S}",
        "cut: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQ" + S,
    ],
)
def test_secrets_are_taken_out_of_texts(text):
    """Whatever form a secret takes in values, logs, manifests and commands, it does not stay."""
    clean = redact(text)
    assert MARK in clean
    assert redact(clean) == clean
    for secret in (S, JWT, "AKIAABCDEFGHIJKLMNOP", "with blanks"):
        assert secret not in clean


@pytest.mark.parametrize(
    "text",
    [
        "selector key=padok, max 20",
        "secretName: prometheus-tls",
        "automountServiceAccountToken: false",
        "metadata:\n  name: redis\nkind: ConfigMap\ndata:\n  a: b\n",
        'redis_key_size{key="padok"} 40',
        "http://127.0.0.1:80/publish",
        "the rate is 20:1 at user@host",
        "basic knowledge of autoscaling",
        "a password is not set",
        "the token of a bypass: true",
        "image: registry/name:v1@sha256:0123456789abcdef0123456789abcdef, secret: null",
        'token: ""\npassword: null\nsecrets:\n  enabled: true\n',
    ],
)
def test_other_texts_stay_as_they_are(text):
    """What names a secret without holding one, and everything else, is left alone."""
    assert redact(text) == text


def test_the_rest_of_a_document_stays():
    """Only the values go: keys and the other documents are needed to understand a failure."""
    clean = redact(f"kind: Secret\ndata:\n  user: {S}\nmetadata:\n  name: redis\n---\nkind: Pod\n")
    assert f"  user: {MARK}\nmetadata:\n  name: redis\n---\nkind: Pod\n" in clean


def test_trees_are_redacted_by_key_and_kind():
    """Secret objects, env entries and keys that name a secret, at any depth."""
    tree = {
        "items": [{"kind": "Secret", "data": {"a": S}}, {"name": "DB_PASSWORD", "value": S}],
        "auth": {"password": S, "enabled": True, "token": None, "pin-token": 1234},
        "note": f"password={S}",
        "count": 3,
    }
    clean = Redactor().tree(tree)
    assert S not in str(clean)
    assert clean["auth"] == {"password": MARK, "enabled": True, "token": None, "pin-token": MARK}
    assert clean["count"] == 3


def test_values_known_to_be_secret_go_wherever_they_are():
    """A token the kit was given is taken out even where nothing around it tells what it is."""
    assert Redactor([S]).text(f"echo {S} | tee") == f"echo {MARK} | tee"
    assert Redactor(["ab"]).text("about") == "about"


def test_the_environments_secrets_are_known():
    """The value of a variable whose name says secret is taken out wherever it is, also in base64 and in URLs;
    paths and plain words are left, as they are in every text.
    """
    environment = {
        "CI_JOB_TOKEN": f"{S}/+",
        "MY_SECRET": "prometheus",
        "TOKEN": "/run/token",
        "HOME": "/home/x1",
    }
    clean = Redactor(environment=environment).text(
        f"given {S}/+, {base64.b64encode(f'{S}/+'.encode()).decode()} and {S}%2F%2B; "
        "prometheus /run/token /home/x1"
    )
    assert clean == f"given {MARK}, {MARK} and {MARK}; prometheus /run/token /home/x1"


def test_what_is_told_holds_for_every_redactor(monkeypatch):
    """A secret that is learned later is taken out by those made before, too."""
    monkeypatch.setattr("reports.redact._told", set())
    before = Redactor()
    tell([f"{S}-told"])
    assert before.text(f"a {S}-told b") == f"a {MARK} b"


def test_planted_secrets_are_in_no_file_of_a_run(tmp_path):
    """Secrets in message, evidence, statement, command, event, read error and known values: none gets out."""
    report = sample.report()
    case = report.behaviours[5]
    case.message += f"\npassword: {S}"
    case.statement += f" token={S}"
    case.evidence.append(
        Evidence("values", f"helm get values --password {S}", f"auth:\n  password: {S}\n{PEM}")
    )
    report.run.command += f" --set redis.password={S}"
    report.run.message = f"redis://:{S}@redis"
    record = report.records[0]
    record["events"][0]["detail"] = {"password": S, "env": [{"name": "X_TOKEN", "value": S}]}
    record["signals"]["queue_length"]["error"]["0"] = f"401 Bearer {JWT}"
    report.environment.tools["odd"] = "known-value-1"
    write_all(report, tmp_path / "one", Redactor(["known-value-1"]))
    for path in (tmp_path / "one").iterdir():
        text = path.read_text()
        assert [x for x in (S, JWT, "known-value-1") if x in text] == [], path.name


@pytest.mark.parametrize("text", ["a.b-c_d" * 20_000 + " token ", "level=info msg=ok token\n" * 8_000])
def test_long_texts_come_through(text):
    """A long text with no secret, in one line or many, stays: a pattern that ran away would not end."""
    assert redact(text) == text
