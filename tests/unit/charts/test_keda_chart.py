"""KEDA's chart as helm renders it: what its programs are given, and what they may."""

from __future__ import annotations

import pytest

from tests.unit.charts.test_charts import complaints

OPERATOR, METRICS, WEBHOOKS = "keda-operator", "keda-operator-metrics-apiserver", "keda-admission-webhooks"


def container(deployment):
    return deployment["spec"]["template"]["spec"]["containers"][0]


def rules(rendered, name, kind="ClusterRole"):
    return rendered.one(kind, name)["rules"]


def may(rules, verb, resource, group=""):
    """Whether some rule allows it for any name."""
    return any(
        verb in rule["verbs"] and resource in rule["resources"] and group in rule["apiGroups"]
        for rule in rules
        if "resourceNames" not in rule
    )


def test_the_certificate_is_checked_and_waited_for(render):
    """The API server checks the metrics server's certificate, and only the operator starts without one."""
    rendered = render("keda", release="keda")
    api = rendered.one("APIService", "v1beta1.external.metrics.k8s.io")["spec"]
    assert "insecureSkipTLSVerify" not in api
    assert api["service"]["name"] == METRICS
    optional = {}
    for name in (OPERATOR, METRICS, WEBHOOKS):
        secret = rendered.one("Deployment", name)["spec"]["template"]["spec"]["volumes"][0]["secret"]
        assert {item["key"] for item in secret["items"]} == {"ca.crt", "tls.crt", "tls.key"}
        optional[name] = secret.get("optional", False)
    assert optional == {OPERATOR: True, METRICS: False, WEBHOOKS: False}


def test_the_operator_may_no_more_than_it_needs(render):
    """It scales Deployments and StatefulSets, reads no Secrets of others, and writes but its own two
    registrations.
    """
    rendered = render("keda", release="keda")
    operator, cluster = rules(rendered, OPERATOR), rules(rendered, f"{OPERATOR}-cluster")
    assert may(operator, "update", "deployments/scale", "apps")
    assert not may(operator, "update", "deployments", "apps")
    assert not any("*" in (*rule["resources"], *rule["apiGroups"], *rule["verbs"]) for rule in operator)
    assert not may(operator, "get", "secrets")
    assert not may(cluster, "update", "apiservices", "apiregistration.k8s.io")
    assert container(rendered.one("Deployment", OPERATOR))["env"][-1]["name"] == "KEDA_RESTRICT_SECRET_ACCESS"


def test_rights_in_the_watched_namespaces_only(render):
    """With watchNamespace the operator's rights on objects end where it does not look."""
    rendered = render("keda", {"watchNamespace": "one,two"}, release="keda")
    bound = [
        each["metadata"]["namespace"]
        for each in rendered.objects
        if each["kind"] == "RoleBinding" and each["roleRef"] == {
            "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": OPERATOR
        }
    ]  # fmt: skip
    assert bound == ["one", "two"]
    assert f"ClusterRoleBinding/{OPERATOR}" not in rendered.names()


def test_what_is_left_out_is_not_patched(render):
    """Without webhooks there is nothing of them, and the operator is told so: it would wait for them."""
    rendered = render("keda", {"webhooks": {"enabled": False}}, release="keda")
    assert not [name for name in rendered.names() if "webhook" in name.lower() or "Validating" in name]
    assert "--enable-webhook-patching=false" in container(rendered.one("Deployment", OPERATOR))["args"]


def test_nobody_is_elected_where_there_is_one(render):
    """A lease would outlive the operator that ends after it has written its certificate."""
    one = render("keda", release="keda").one("Deployment", OPERATOR)
    two = render("keda", {"operator": {"replicaCount": 2}}, release="keda").one("Deployment", OPERATOR)
    assert "--leader-elect=false" in container(one)["args"]
    assert one["spec"]["strategy"] == {"type": "Recreate"}
    assert "--leader-elect=true" in container(two)["args"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"operator": {"replicas": 2}}, "replicas"),
        ({"certificates": {"certManager": {"enabled": True}}}, "certManager.enabled"),
        ({"networkPolicy": {"enabled": True}}, "networkPolicy.enabled"),
        ({"rbac": {"scaledRefKinds": [{"kind": "rollouts"}]}}, "apiGroup"),
        ({"webhooks": {"failurePolicy": "Maybe"}}, "failurePolicy"),
    ],
)
def test_what_is_not_carried_is_refused(values, words):
    """A misspelt value, and one that the public chart carries and this one does not, are named."""
    assert any(words in line for line in complaints("keda", values))


def test_public_values_are_accepted():
    """What values files for the public chart commonly set is accepted."""
    values = {
        "image": {"keda": {"registry": "ghcr.io", "repository": "kedacore/keda", "tag": "2.21.0"}},
        "resources": {"operator": {"limits": {"cpu": 1, "memory": "1000Mi"}}},
        "prometheus": {"operator": {"enabled": True, "port": 8080, "serviceMonitor": {"enabled": False}}},
        "http": {"timeout": 3000, "keepAlive": {"enabled": True}, "minTlsVersion": "TLS12"},
        "podDisruptionBudget": {"operator": {}},
        "logging": {"metricServer": {"level": 0, "stderrthreshold": "ERROR"}},
    }
    assert complaints("keda", values) == []
