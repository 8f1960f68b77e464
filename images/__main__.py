"""``python -m images``: what the bundle holds, and what of it is there already."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fixtures.machine.bundle.build import Builder
from fixtures.machine.bundle.bundle import make_builder
from fixtures.machine.bundle.cache import Cache, folder_size
from fixtures.machine.bundle.progress import Progress
from fixtures.machine.bundle.recipes import PARTS
from fixtures.machine.engine import Engine, find
from fixtures.machine.errors import KitError

DEFAULT_KUBERNETES = "1.37.1"
UNREADABLE = 2


def say(text: str) -> None:
    """One line, at once."""
    print(text, flush=True)


def table(builder: Builder) -> str:
    """Image, version, source, size and whether it is there, as aligned lines."""
    sizes = builder.sizes()
    rows = [("IMAGE", "VERSION", "SOURCE", "SIZE", "CACHED")]
    for recipe in builder.recipes.values():
        size = sizes.get(builder.local(recipe))
        own = recipe.site or recipe.npm
        source = "Go modules" if recipe.compiled else "this repository" if own else "Debian packages"
        # kubeadm tells the versions of its own images, once it is built.
        version = builder.cluster_ref(recipe).rpartition(":")[2] if size else recipe.version
        rows.append((recipe.name, version, source, size or "-", "yes" if size else "no"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows
    )


def _engine() -> Engine:
    engine, reasons = find(Cache().root)
    if engine is None:
        raise KitError("; ".join(reasons), "tox -e preflight shows what to install")
    return engine


def main(argv: list[str] | None = None) -> int:
    """Run the command line; 0, or 2 with one message for what cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m images", description=__doc__)
    parser.add_argument("--build", action="store_true", help="build what is missing")
    parser.add_argument("--prune", action="store_true", help="remove what the current recipes no longer use")
    parser.add_argument(
        "--kubernetes", default=DEFAULT_KUBERNETES, metavar="VERSION", help="default: %(default)s"
    )
    options = parser.parse_args(argv)
    try:
        builder = make_builder(_engine(), options.kubernetes, Progress(say))
        if options.build or options.prune:
            with builder.cache.locked(say):
                if options.build:
                    builder.build(PARTS)
                if options.prune:
                    say(f"freed {builder.prune() / 1e9:.2f} GB")
        say(table(builder))
        say(f"cache: {builder.cache.root}: {folder_size(Path(builder.cache.root)) / 1e9:.2f} GB")
    except KitError as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    return 0


if __name__ == "__main__":
    sys.exit(main())
