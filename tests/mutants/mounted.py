"""A changed application without a new image: its source is mounted over the one in the image."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

CONFIG = """apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "NAME.fullname" . }}-app
data:
  app.py: |
    {{- .Files.Get "app.py" | nindent 4 }}
"""
POD = """      volumes:
        - name: app
          configMap:
            name: {{ include "NAME.fullname" . }}-app
      containers:
        - name: server
          volumeMounts:
            - {name: app, mountPath: /app/NAME.py, subPath: app.py}
          env:
            - {name: SOURCE, value: {{ .Files.Get "app.py" | sha256sum | quote }}}
"""
"""The variable is read by nobody: another source is to be another pod."""
CONTAINERS = "      containers:\n        - name: server\n"
SOURCE = re.compile(r"images/(consumer|producer)/app/(?:consumer|producer)\.py")


def mount_applications(folder: Path, files: Iterable[str]) -> None:
    """Make the charts in a copy of the repository run the applications' sources in it. Raises ValueError."""
    for file in files:
        found = SOURCE.fullmatch(file)
        if found is None:
            raise ValueError(f"{file} cannot be mounted over what is in an image")
        name = found[1]
        for chart in (folder / "charts" / name, *_solution_charts(folder, name)):
            shutil.copy(folder / file, chart / "app.py")
            (chart / "templates" / "app.yaml").write_text(CONFIG.replace("NAME", name))
        deployment = folder / "charts" / name / "templates" / "deployment.yaml"
        text = deployment.read_text()
        if CONTAINERS not in text:
            raise ValueError(f"{deployment} has no container to mount {file} into")
        deployment.write_text(text.replace(CONTAINERS, POD.replace("NAME", name)))


def _solution_charts(folder: Path, name: str) -> list[Path]:
    """The reference's consumer chart: its deployment.yaml is a link to the exercise's."""
    return [folder / "solutions/dojo/reference/helm/charts/consumer"] if name == "consumer" else []
