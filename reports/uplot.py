"""The plotting library that is embedded in the HTML report: uPlot, from an installed package.

Why uPlot, why so: 50 KB (Bokeh 1.3 MB with numpy behind it, Plotly 4.8 MB, ECharts 1 MB), made for
time series, draws an hour of readings in milliseconds, MIT, released steadily since 2019. The
registry of Python packages has it inside `youplot` (MIT, no dependencies). Only two files of that
package are read, its code is never run, and the bytes must be those of uPlot's own release 1.6.31:
the digests below are of the npm package's files. (The package `dygraphs` ships a 2014 version of
its library, `uplot-python` one of 2021 and pulls numpy in.)
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

PACKAGE = "youplot"
VERSION = "1.6.31"
SCRIPT = (
    "youplot/vendor/uplot.iife.min.js",
    "2d27e8ad3d228164525ce213f9dc716f39b4e3aee0cc773fb3491c96cf4921a2",
)
STYLE = ("youplot/vendor/uplot.min.css", "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04")


@dataclass(frozen=True)
class Library:
    """The library's texts to embed; `missing` says why there is none, and then the texts are empty."""

    script: str = ""
    style: str = ""
    missing: str = ""


def load() -> Library:
    """uPlot's script and style. Never raises: a report without its plot is better than none."""
    try:
        package = distribution(PACKAGE)
        return Library(
            *(_checked(Path(str(package.locate_file(name))), digest) for name, digest in (SCRIPT, STYLE))
        )
    except PackageNotFoundError:
        return Library(
            missing=f"the package {PACKAGE} is not installed: pip install {PACKAGE}, then render again"
        )
    except (OSError, ValueError) as error:
        return Library(missing=f"the plotting library could not be used: {error}")


def _checked(path: Path, digest: str) -> str:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise ValueError(f"{path.name} of {PACKAGE} is not uPlot {VERSION} as released")
    return content.decode("utf-8")
