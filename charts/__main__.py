"""``python -m charts``: the stacks, what each of them really is, and in what two of them differ."""

from __future__ import annotations

import argparse
import sys

from fixtures.install.stack_lock import differences, lock_of, read_lock, write_lock
from fixtures.install.stacks import CHARTS_DIR, Stack, at_kubernetes, load_stack
from fixtures.machine.bundle.bundle import crds_of, make_builder
from fixtures.machine.bundle.cache import Cache
from fixtures.machine.bundle.progress import Progress
from fixtures.machine.bundle.recipes import PARTS, SCENARIOS
from fixtures.machine.engine import ensure
from fixtures.machine.errors import KitError

USAGE = 2


def main(argv: list[str] | None = None) -> int:
    """Run the command line; 0, 1 where a lock no longer fits or two stacks differ, 2 for bad input."""
    parser = argparse.ArgumentParser(prog="python -m charts", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    lock = commands.add_parser("lock", help="write what stacks are now beside them, as digests")
    lock.add_argument("stacks", nargs="*", metavar="STACK", help="default: all of charts/stacks")
    show = commands.add_parser("show", help="what is in stacks, and whether that is still what was locked")
    show.add_argument("stacks", nargs="*", metavar="STACK", help="default: all of charts/stacks")
    diff = commands.add_parser("diff", help="in what two stacks differ")
    diff.add_argument("old", metavar="OLD")
    diff.add_argument("new", metavar="NEW")
    build = commands.add_parser("build", help="build what is missing of the images of a stack")
    build.add_argument("stack", metavar="STACK")
    build.add_argument("--scenario", choices=SCENARIOS, help="those that this one needs (default: all)")
    build.add_argument("--kubernetes", metavar="VERSION", help="in the place of the stack's: 1.36.3, or 1.36")
    options = parser.parse_args(argv)
    try:
        if options.command == "build":
            stack = at_kubernetes(load_stack(options.stack), options.kubernetes)
            return _build(stack, options.scenario)
        if options.command == "diff":
            return _diff(load_stack(options.old), load_stack(options.new))
        stacks = [load_stack(name) for name in options.stacks or _known()]
        return _lock(stacks) if options.command == "lock" else max(map(_show, stacks))
    except KitError as error:
        print(error, file=sys.stderr)
        return USAGE


def _build(stack: Stack, scenario: str | None) -> int:
    engine = ensure(Cache().root, print)
    builder = make_builder(engine, stack.kubernetes, Progress(print), stack.versions)
    with builder.cache.locked(print):
        builder.build(("cluster", "node", "platform", scenario) if scenario else PARTS)
        crds_of(builder)  # a run that lacks nothing waits for nobody who builds
    print(f"all images of {stack.name}{f' for {scenario}' if scenario else ''} are built")
    return 0


def _known() -> list[str]:
    return sorted(file.stem for file in (CHARTS_DIR / "stacks").glob("*.toml"))


def _lock(stacks: list[Stack]) -> int:
    for stack in stacks:
        print(f"wrote {write_lock(stack, lock_of(stack))}")
    return 0


def _show(stack: Stack) -> int:
    now, locked = lock_of(stack), read_lock(stack)
    changed = differences(locked, now) if locked is not None else []
    state = (
        "not locked" if locked is None else f"{len(changed)} changed since locked" if changed else "as locked"
    )
    print(f"{stack.name} ({state})")
    for key, value in now.items():
        print(f"  {key:<36} {value}")
    for line in changed:
        print(f"  changed: {line}")
    return int(bool(changed))


def _diff(old: Stack, new: Stack) -> int:
    lines = differences(lock_of(old), lock_of(new))
    print("\n".join(lines) or f"{old.name} and {new.name} are the same")
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main())
