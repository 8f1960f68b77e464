"""What a scenario is judged on when its turn comes: its images, and a cluster with nothing of another."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fixtures.cluster.cluster import Cluster
from fixtures.install.chart_sources import resolve_charts
from fixtures.install.helm import Helm
from fixtures.install.installation import Installation
from fixtures.install.kubectl import Kubectl
from fixtures.install.releases import Releases
from fixtures.machine.bundle.build import Builder
from fixtures.machine.bundle.bundle import CRDS, Bundle, crds_of
from fixtures.machine.tools import Machine
from fixtures.observe.kube import Kube
from fixtures.session.ground import bring_images, bundle_of
from fixtures.settings import Settings
from tests.mutants.handover import Ground

if TYPE_CHECKING:
    import pytest


@dataclass(frozen=True)
class Scenery:
    """What the session has for all scenarios; the kit's fixtures of these names."""

    config: pytest.Config
    keeper: Any
    image_source: Any
    engine: Any
    builder: Callable[[], Builder]
    machine: Machine
    cluster: Cluster
    kube: Kube

    def clean(self, scenario: str) -> None:
        """Remove what other scenarios, or an earlier run of this one, left there: as ``--clean`` does."""
        settings, tools, cluster = self._settings(scenario), self.machine.tools, self.cluster
        helm = Helm(tools["helm"].path, cluster.kubeconfig, cluster.context)
        kubectl = Kubectl(tools["kubectl"].path, cluster.kubeconfig, cluster.context)
        with tempfile.TemporaryDirectory() as folder, self.keeper.phase(f"cleaning for {scenario}"):
            made = Installation(
                *(helm, kubectl, settings.stack, settings.solution, {}),
                images={},
                images_built=True,
                workdir=Path(folder),
                scenario=settings.scenario,
                others=settings.others,
                progress=self.keeper.say,
            )
            if left := made.uninstall(keep_crds=True).leftovers:
                self.keeper.say(f"left of another scenario: {', '.join(left)}")
        releases = Releases(helm, kubectl, confined=True)
        releases.survey(())
        releases.ensure_namespace(settings.scenario.namespace)  # a mutant may bring objects into it

    def ground(self, scenario: str) -> Ground:
        """Its images, built and in the cluster. Ends the session as the kit does when one cannot be built."""
        settings = self._settings(scenario)
        bundle = bundle_of(settings, self.keeper, self.image_source, self.engine, self.builder)
        bring_images(self.keeper, self.machine, bundle, self.cluster, self.kube)
        return Ground(self.machine, replace(bundle, crds=self._crds(settings, bundle)), self.cluster)

    def _crds(self, settings: Settings, bundle: Bundle) -> dict[str, Path]:
        """With those of the kit's own charts beside published images."""
        sources = resolve_charts(settings.stack, "auto", images_built=bundle.source == "built")
        bundled = {name for name, each in sources.items() if each.kind == "bundled"}
        lacking = (CRDS.keys() & bundled) - bundle.crds.keys()
        return {**bundle.crds, **{name: crds_of(self.builder(), name) for name in lacking}}

    def _settings(self, scenario: str) -> Settings:
        return Settings.read(self.config, scenario)
