"""An existing cluster is named by its context, which is looked up before anything is built for it."""

from __future__ import annotations

import json

import pytest

from tests.unit.plugin.test_outcomes import PASSES

pytest_plugins = ["pytester"]


def test_an_unknown_context_lists_those_there_are(judge, tmp_path):
    """A usage error names the option, and its remedy the contexts to choose from; nothing is begun."""
    contexts = [{"name": name, "context": {"cluster": "c", "user": "u"}} for name in ("here", "there")]
    file = tmp_path / "kubeconfig"
    named = {"clusters": [{"name": "c", "cluster": {}}], "users": [{"name": "u", "user": {}}]}
    file.write_text(json.dumps({"contexts": contexts, "current-context": "here", **named}))
    ran = judge(PASSES, "--kubecontext", "elsewhere", "--kubeconfig", str(file))
    assert ran.code == pytest.ExitCode.USAGE_ERROR
    assert "--kubecontext: there is no context 'elsewhere'" in ran.text
    assert "Remedy: use one of: here, there" in ran.text
    assert not ran.reports.exists()


def test_a_kubeconfig_that_is_not_there_is_a_usage_error(judge, tmp_path):
    """Where no kubeconfig is, the remedy says how to name one."""
    ran = judge(PASSES, "--kubecontext", "here", "--kubeconfig", str(tmp_path / "none"))
    assert ran.code == pytest.ExitCode.USAGE_ERROR
    assert "set KUBECONFIG, or give --kubeconfig" in ran.text
    assert "Traceback" not in ran.text
