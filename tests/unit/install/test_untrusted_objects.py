from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.install.admission import known_images, refusals
from fixtures.install.manifests import parse_manifests
from fixtures.install.solutions import Solution
from fixtures.install.untrusted_objects import Rendered
from fixtures.install.untrusted_pods import repository

TEMPLATES = "helm/charts/consumer/templates"
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: consumer}}
spec:
  template:
    metadata: {{annotations: {annotations}}}
    spec:
      {pod}
      containers:
        - name: server
          image: padok.fr/consumer:1
          {container}
"""
RBAC = "rbac.authorization.k8s.io/v1"
NETWORKING = "networking.k8s.io/v1"
MONITORING = "monitoring.coreos.com/v1"


@pytest.fixture
def judge(tmp_path):
    """Refusals of a manifest, as they are of the solution's own chart, with the file it comes from."""
    folder = tmp_path / TEMPLATES
    folder.mkdir(parents=True)
    (folder / "hpa.yaml").write_text("kind: HorizontalPodAutoscaler\n")

    def run(text: str) -> list[str]:
        (folder / "x.yaml").write_text(text)
        solution = Solution.load(tmp_path)
        manifests = tuple(parse_manifests(f"---\n# Source: consumer/templates/x.yaml\n{text}"))
        found = refusals(solution, {"solution": Rendered("solution", "default", manifests)})
        return [str(each).removeprefix(f"{folder}/") for each in found]

    return run


def deployment(pod: str = "", container: str = "", annotations: str = "{}") -> str:
    return DEPLOYMENT.format(pod=pod, container=container, annotations=annotations)


def role(groups: str, resources: str, verbs: str) -> str:
    rule = f"{{apiGroups: ['{groups}'], resources: ['{resources}'], verbs: ['{verbs}']}}"
    return of_kind("Role", f"rules: [{rule}]", api=RBAC)


def binding(kind: str, name: str, subject: str) -> str:
    text = f"roleRef: {{kind: {kind}, name: {name}}}\nsubjects: [{{{subject}}}]"
    return of_kind("RoleBinding", text, api=RBAC)


def marked(kind: str, api: str, annotation: str) -> str:
    return of_kind(kind, api=api, meta=f", annotations: {{{annotation}}}")


def moved(namespace: str) -> str:
    return deployment().replace("{name: consumer}", f"{{name: a, namespace: {namespace}}}")


def of_kind(kind: str, rest: str = "", *, api: str = "v1", meta: str = "") -> str:
    return f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: x{meta}}}\n{rest}\n"


CRON = of_kind("CronJob", "spec: {jobTemplate: {spec: {template: {spec: {hostIPC: 1}}}}}", api="batch/v1")


@pytest.mark.parametrize(
    "text",
    [
        deployment(),
        deployment("securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}"),
        deployment("hostNetwork: false", "securityContext: {capabilities: {drop: [ALL], add: [KILL]}}"),
        deployment("serviceAccountName: default\n      volumes: [{name: a, emptyDir: {}}]"),
        of_kind("Service", "spec:  # {{ }}\nspec: {ports: []}"),
        of_kind("ServiceMonitor", "spec: {}", api=MONITORING, meta=", namespace: prometheus"),
        of_kind("PrometheusRule", "spec: {}", api=MONITORING),
        of_kind("HorizontalPodAutoscaler", "spec: {}", api="autoscaling/v2beta2"),
        role("", "pods", "get"),
        marked("HorizontalPodAutoscaler", "autoscaling/v2", "helm.sh/resource-policy: keep"),
    ],
)  # fmt: skip
def test_let_in(judge, text):
    """What a solution needs, the exercise's own key that stands twice among it, is let in."""
    assert judge(text) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (deployment("hostNetwork: true"), "x.yaml:9: hostNetwork"),
        (deployment("hostPID: true"), "x.yaml:9: hostPID"),
        (deployment("hostIPC: true"), "x.yaml:9: hostIPC"),
        (deployment("volumes: [{name: a, hostPath: {path: /}}]"), "x.yaml:9: hostPath"),
        (deployment("volumes: [{name: a, image: {reference: evil/x:1}}]"), "x.yaml:9: the image evil/x:1"),
        (deployment("initContainers: [{name: a, image: 'evil/x:1'}]"), "x.yaml:9: the image evil/x:1"),
        (deployment("securityContext: {sysctls: [{name: kernel.msgmax}]}"), "sysctl kernel.msgmax"),
        (deployment("securityContext: {seccompProfile: {type: Unconfined}}"), "seccompProfile: Unconfined"),
        (deployment("securityContext: {seLinuxOptions: {type: spc_t}}"), "seLinuxOptions"),
        (deployment("securityContext: {windowsOptions: {hostProcess: true}}"), "hostProcess"),
        (deployment("serviceAccountName: prometheus-kube-prometheus-operator"), "which it does not bring"),
        (deployment("priorityClassName: system-node-critical"), "the priority of the system's"),
        (deployment("", "securityContext: {privileged: true}"), "x.yaml:13: privileged"),
        (deployment("", "securityContext: {capabilities: {add: [SYS_ADMIN]}}"), ":13: the capability SYS"),
        (deployment("", "securityContext: {capabilities: {add: [NET_RAW]}}"), "the capability NET_RAW"),
        (deployment("", "securityContext: {procMount: Unmasked}"), "procMount"),
        (deployment("", "securityContext: {appArmorProfile: {type: Unconfined}}"), "appArmorProfile"),
        (deployment("", "ports: [{containerPort: 1, hostPort: 80}]"), "hostPort 80"),
        (deployment("", "livenessProbe: {httpGet: {host: 169.254.169.254, port: 80}}"), "call the host 169"),
        (deployment("", "lifecycle: {preStop: {httpGet: {host: a.b, port: 80}}}"), "call the host a.b"),
        (deployment(annotations="{container.apparmor.security.beta.kubernetes.io/server: x}"), "confinement"),
        (deployment(annotations="{seccomp.security.alpha.kubernetes.io/pod: unconfined}"), "confinement"),
        (deployment().replace("padok.fr", "docker.io/padok.fr"), "the image docker.io/padok.fr/consumer:1"),
        (deployment().replace("padok.fr/consumer:1", "consumer"), "the image consumer is not"),
        (moved("kube-system"), "x.yaml:4: Deployment a goes into namespace kube-system, outside the"),
        (moved("prometheus"), "outside where this chart may put it"),
        (of_kind("Pod", "spec: {hostNetwork: true}"), "hostNetwork"),
        (CRON, "hostIPC"),
        (marked("Job", "batch/v1", "helm.sh/hook: pre-install"), "x.yaml:3: Job x is a Helm hook"),
        (of_kind("Namespace"), "x.yaml:2: Namespace x belongs to the whole cluster"),
        (of_kind("PersistentVolume"), "PersistentVolume x belongs to the whole cluster"),
        (of_kind("CustomResourceDefinition", api="apiextensions.k8s.io/v1"), "belongs to the whole cluster"),
        (of_kind("MutatingWebhookConfiguration", api="admissionregistration.k8s.io/v1"), "whole cluster"),
        (of_kind("APIService", api="apiregistration.k8s.io/v1"), "whole cluster"),
        (of_kind("ClusterRole", api=RBAC), "whole cluster"),
        (of_kind("ClusterIssuer", api="cert-manager.io/v1"), "is of a kind that no step asks for"),
        (of_kind("Job", api="batch.volcano.sh/v1"), "has the API group 'batch.volcano.sh'"),
        (of_kind("ConfigMap", meta=", finalizers: [a/b]"), "has a finalizer"),
        (of_kind("Prometheus", "spec: {hostNetwork: true}", api=MONITORING), "no step asks for"),
        (of_kind("ResourceQuota"), "is of a kind that no step asks for"),
        (of_kind("Endpoints"), "is of a kind that no step asks for"),
        ("kind: List\nitems:\n  - {apiVersion: v1, kind: Namespace, metadata: {name: y}}\n", "Namespace y"),
        (of_kind("Service", "spec: {externalIPs: [10.0.0.1]}"), "externalIPs"),
        (of_kind("Secret", "type: kubernetes.io/service-account-token"), "asks for the token of an account"),
        (marked("Ingress", NETWORKING, "zalando.org/skipper-routes: '*'"), "programs the ingress"),
        (marked("Ingress", NETWORKING, "nginx.org/server-snippets: x"), "programs the ingress"),
        (of_kind("ServiceMonitor", "spec: {endpoints: [{bearerTokenFile: /run/secrets/kubernetes.io//x}]}",
                 api=MONITORING), "x.yaml:4: Prometheus' own credentials"),
        (role("", "secrets", "get"), "allows to get secrets: rights beyond reading in its own namespace"),
        (role("", "pods", "create"), "to create pods"),
        (role("", "pods/exec", "get"), "pods/exec"),
        (role("*", "*", "*"), "rights beyond"),
        (binding("ClusterRole", "cluster-admin", "kind: ServiceAccount, name: default"),
         "gives ServiceAccount default/default what ClusterRole cluster-admin allows"),
        (binding("Role", "x", "kind: Group, name: 'system:authenticated'"), "gives Group system:"),
    ],
)  # fmt: skip
def test_refused(judge, text, says):
    """What reaches out of the namespace, or runs what nobody has read, is refused with its line."""
    (found,) = judge(text)
    assert says in found


@pytest.mark.parametrize(
    "text",
    ["spec: 1\n", "metadata: x\n", "spec: {template: [1]}\n", "spec: {template: {spec: {containers: 1}}}\n"],
)
def test_nonsense_is_left_to_the_api_server(judge, text):
    """An object of the wrong shape is no reason for a traceback."""
    assert judge(f"apiVersion: apps/v1\nkind: Deployment\n{text}") == []


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("docker.io/library/redis:7.0", "redis"),
        ("redis@sha256:abc", "redis"),
        ("docker.io/oliver006/redis_exporter:v1", "oliver006/redis_exporter"),
        ("docker.io/padok.fr/consumer:1", "docker.io/padok.fr/consumer"),
        ("localhost:5000/a/b", "localhost:5000/a/b"),
        ("quay.io/prometheus/prometheus:v3@sha256:abc", "quay.io/prometheus/prometheus"),
    ],
)
def test_image_names(image, name):
    """An image is known by its repository, whatever its tag or digest; a registry's port is no tag."""
    assert repository(image) == name


def test_known_images():
    """The exercise's images may run as they are built and as they are published; the platform's may not."""
    assert {"padok.fr/consumer", "kit.local/redis", "quay.io/prometheus/prometheus"} <= known_images()
    assert not any("node" in name or "local-path" in name for name in known_images())


def test_scalars_are_read_as_helm_reads_them():
    """A date, a time and 1e3 are what they are for Helm: what is installed is what was seen."""
    (found,) = parse_manifests("kind: A\na: 12:30:45\nb: 2020-01-02\nc: 1e3\nd: 010\ne: yes\nf: =\n")
    values = [found.object[key] for key in "abcdef"]
    assert values == ["12:30:45", "2020-01-02", 1000.0, 8, True, "="]


def test_a_file_of_a_named_template(tmp_path):
    """An object of a template outside the chart is blamed on the file that solution.toml names."""
    (tmp_path / "solution.toml").write_text('hpa = "scaling.yaml"\n')
    (tmp_path / "scaling.yaml").write_text(f"kind: HorizontalPodAutoscaler\n---\n{of_kind('Namespace')}")
    manifests = tuple(
        parse_manifests(f"# Source: consumer/templates/hpa-scaling.yaml\n{of_kind('Namespace')}")
    )
    (found,) = refusals(Solution.load(tmp_path), {"solution": Rendered("solution", "default", manifests)})
    assert Path(found.file) == tmp_path / "scaling.yaml"
