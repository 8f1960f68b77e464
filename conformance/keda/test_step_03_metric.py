"""Step 3: the recorded metric that KEDA asks Prometheus for."""

from __future__ import annotations

from typing import Any

from conformance.behaviour import behaviour
from conformance.dojo import names as dojo

from . import reading

RECORDED = "keda.03.metric-recorded"


@behaviour(
    RECORDED,
    feature="recording-rule",
    budget="config_reload",
    hint="What does Prometheus answer to redis_items_in_queue, and to redis_key_size?",
    look="prometheus.vcap.me, or a port-forward to it: Status → Rules for the rule and its error, then "
    "both metrics. Is the exporter scraped, and by which labels does the rule ask for its series?",
    read=reading.PROMETHEUS_SCALER,
)
def test_metric_recorded(
    *,
    installation: Any,
    solution: Any,
    kube: Any,
    chain: Any,
    prometheus: Any,
    eventually: Any,
    budgets: Any,
    evidence: Any,
) -> None:
    """redis_items_in_queue is recorded: one series of the queue, with a value."""
    assert solution.has("wiring"), f"not there yet: {solution.missing('wiring')}"
    for piece in ("exporter", "wiring"):
        installation.need(piece)

    # What Prometheus still has loaded may be of a rule that was changed.
    written = [
        rule.get("record")
        for each in kube.items("monitoring.coreos.com/v1", "prometheusrules")
        for group in each["spec"].get("groups") or ()
        for rule in group.get("rules") or ()
    ]
    assert dojo.RULE_METRIC in written, f"no PrometheusRule records {dojo.RULE_METRIC}, only {written}"

    def one(samples: Any) -> bool:
        assert samples, f"Prometheus has no {dojo.RULE_METRIC}"
        assert len(samples) == 1, f"{len(samples)} series of {dojo.RULE_METRIC}: KEDA takes one"
        return True

    found = eventually(
        lambda: prometheus.query(dojo.RULE_METRIC),
        one,
        budget=budgets.config_reload,
        what=f"{dojo.RULE_METRIC} is recorded",
    )
    evidence("metric", dojo.RULE_METRIC, str(found))


@behaviour(
    "keda.03.absent-is-zero",
    feature="recording-rule",
    level="extended",
    needs=(RECORDED,),
    hint="What does the rule give when redis_key_size has no series at all?",
    look="The rule's expression in `kubectl get prometheusrules -o yaml`. Put a key into its selector "
    "that nobody has, and send it to Prometheus: is there an answer?",
    read=reading.PROMETHEUS_SCALER,
)
def test_absent_is_zero(
    *,
    installation: Any,
    prometheus: Any,
    eventually: Any,
    budgets: Any,
    evidence: Any,
    could_not_tell: Any,
) -> None:
    """The rule's expression has a value for a queue that no exporter tells of, and that is 0: KEDA takes
    no answer for 0, too, but so would it take a rule that is misspelt.
    """
    installation.need("wiring")
    rules = eventually(
        lambda: [rule for rule in prometheus.rules() if rule.name == dojo.RULE_METRIC],
        bool,
        budget=budgets.config_reload,
        what=f"a rule called {dojo.RULE_METRIC} is loaded",
    )
    asked = rules[0].query.replace(f'"{dojo.KEY}"', '"nobody-has-this-key"')
    if asked == rules[0].query:
        could_not_tell(f"the rule names no key that could be taken away: {asked}")
    found = prometheus.query(asked)
    evidence("expression for a key that nobody has", asked, str(found))
    assert [sample.value for sample in found] == [0.0], f"without a series it gives {found}, not 0"
