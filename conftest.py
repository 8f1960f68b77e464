"""Loads the kit's plugin; nothing else."""

pytest_plugins = ["fixtures.plugin"]
