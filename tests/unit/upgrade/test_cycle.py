"""An upgrade and the way back, driven over a dojo in memory, and judged by the behaviours themselves."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.dojo.judging import Cycle
from conformance.upgrade import cycle as cycles
from conformance.upgrade import names, test_step_02_during, test_step_04_back
from fixtures.install.pieces import InstallFailed
from fixtures.judge import hpa_model
from fixtures.judge.budgets import Budgets
from fixtures.judge.intervals import Intervals
from fixtures.judge.waiting import eventually
from fixtures.observe.errors import ReadFailed
from tests.unit.dojo.conftest import Evidence
from tests.unit.dojo.world import Flaws, Kit, World

DURING = {
    name: test
    for name, test in vars(test_step_02_during).items()
    if name.startswith("test_") and name != "test_new_version_runs"
}
ADAPTER_STARTS, PROMETHEUS_STARTS = 3.0, 10.0
"""Seconds without them in a good upgrade."""


@pytest.fixture
def kit(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Kit]:
    """The kit over a world with flaws; the load tops up the queue by the world's clock."""

    def made(**flaws: Any) -> Kit:
        kit = Kit(World(Flaws(**flaws)))

        @contextmanager
        def steady(_stage: object) -> Iterator[Any]:
            load, due = SimpleNamespace(published=0, refused=0), [kit.world.now]

            def top_up() -> None:
                missing = names.LEVEL - kit.world.queue
                if kit.world.now < due[0] or missing <= 0:
                    return
                due[0] += names.TOP_UP
                if kit.health().status == 200:
                    load.published += kit.publish(missing)
                else:
                    load.refused += 1

            kit.world.listeners.append(top_up)
            yield load
            kit.world.listeners.remove(top_up)

        monkeypatch.setattr(cycles, "steady", steady)
        return kit

    return made


class Upgrade:
    """Charts that are upgraded in this order; ``does`` is what that makes of the world."""

    def __init__(self, kit: Kit, **does: Callable[[World], None]) -> None:
        self.world, self.does = kit.world, does
        self.upgraded: list[str] = []
        self.rolled_back = False
        self.refuses = False

    def changes(self) -> list[Any]:
        return [SimpleNamespace(piece=piece) for piece in self.does]

    def upgrade(self, piece: str) -> float:
        self.upgraded.append(piece)
        self.does[piece](self.world)
        return 3.0

    def roll_back(self) -> list[str]:
        self.rolled_back = True
        if self.refuses:
            raise InstallFailed("adapter", "field is immutable")
        good_adapter(self.world)
        return ["release adapter"]


def away(part: str, seconds: float) -> Callable[[World], None]:
    """It is gone for so long, and comes back."""

    def go(world: World) -> None:
        setattr(world, f"{part}_up", False)
        world.advance(seconds)
        setattr(world, f"{part}_up", True)

    return go


good_adapter, good_prometheus = away("adapter", ADAPTER_STARTS), away("prometheus", PROMETHEUS_STARTS)


def later(seconds: float, then: Callable[[World], None]) -> Callable[[World], None]:
    """It happens by itself that much later, when the chart has long been ready."""

    def go(world: World) -> None:
        due = world.now + seconds

        def look() -> None:
            if world.now >= due:
                world.listeners.remove(look)
                then(world)

        world.listeners.append(look)

    return go


def outcome(kit: Kit, test: Callable[..., None], cycle: Cycle) -> str:
    """What the behaviour says if it does not hold, else nothing."""

    def model(hpa: Any) -> Any:
        timing = hpa_model.HpaTiming.of(kit.intervals)
        return hpa_model.HpaModel(hpa_model.HpaSpec.from_object(hpa.raw), timing)

    there = {"evidence": Evidence(), "budgets": kit.budgets, "model": model}
    given = {name: there.get(name, cycle) for name in inspect.signature(test).parameters}
    try:
        test(**given)
    except AssertionError as error:
        return str(error)
    return ""


def failing(kit: Kit, cycle: Cycle) -> dict[str, str]:
    """The behaviours of phase 2 that do not hold, with what they say."""
    found = {name: outcome(kit, test, cycle) for name, test in DURING.items()}
    return {name: said for name, said in found.items() if said}


def test_a_good_upgrade_holds_and_so_does_the_way_back(kit):
    """Both charts, one after the other; nobody is sent home, and nothing is lost."""
    kit = kit()
    upgrade = Upgrade(kit, prometheus=good_prometheus, adapter=good_adapter)
    cycle = cycles.drive_upgrade(kit.stage(), upgrade)
    assert failing(kit, cycle) == {}
    assert cycle.seen["changed"] == ["prometheus", "adapter"]
    back = cycles.drive_rollback(kit.stage(), upgrade)
    tests = (
        test_step_04_back.test_rolls_back,
        test_step_04_back.test_no_scale_down_back,
        test_step_04_back.test_scales_down_back,
    )
    assert [outcome(kit, test, back) for test in tests] == ["", "", ""]


def test_an_adapter_that_is_away_too_long_is_found_at_its_links(kit):
    """In Prometheus the metric is there all the time."""
    kit = kit()
    cycle = cycles.drive_upgrade(kit.stage(), Upgrade(kit, adapter=away("adapter", 130.0)))
    assert set(failing(kit, cycle)) == {"test_api_gap", "test_api_service", "test_hpa_gap"}


def test_what_a_changed_monitor_does_is_seen_though_it_takes_its_time(kit):
    """Helm is content at once; the zeros come when operator and kubelet are through, the HPA acts later."""
    kit = kit()
    renamed = later(15.0, lambda world: setattr(world.flaws, "key", "another"))
    found = failing(kit, cycles.drive_upgrade(kit.stage(), Upgrade(kit, exporter=renamed)))
    assert "replicas were lowered though the load stayed: 4 to 0" in found["test_no_scale_down"]
    assert "the metric 0" in found["test_no_scale_down"]


def test_an_upgrade_stops_where_the_chain_does_not_recover(kit):
    """The charts after it are left as they are, and it is said what was missing."""
    kit = kit()

    def gone(world: World) -> None:
        world.advance(5)  # the old one serves until helm is through
        world.adapter_up = False

    upgrade = Upgrade(kit, adapter=gone, redis=lambda _: None)
    found = failing(kit, cycles.drive_upgrade(kit.stage(), upgrade))
    assert upgrade.upgraded == ["adapter"]
    assert found["test_upgrades"].startswith("adapter upgraded: the chain did not recover within")
    back = cycles.drive_rollback(kit.stage(), upgrade)
    assert outcome(kit, test_step_04_back.test_rolls_back, back) == ""


def test_a_series_that_nobody_scrapes_any_more_is_not_the_chain_that_works(kit):
    """Its last sample stays, the rule goes on with it, and the HPA reads it: a value, and no news."""
    kit = kit()
    renamed = Upgrade(kit, exporter=lambda world: setattr(world, "scraped", False))
    found = failing(kit, cycles.drive_upgrade(kit.stage(), renamed))
    assert set(found) == {"test_upgrades", "test_scales_down"}
    told = r"exporter upgraded: the chain did not recover .* redis_key_size [\d.]+ \(\d+ s old\)"
    assert re.match(told, found["test_upgrades"]), found


def test_without_a_load_nothing_is_upgraded_and_nothing_holds(kit):
    """No behaviour of a chain that nobody uses is seen; what was upgraded before goes back all the same."""
    kit = kit(ingress_lag=10_000.0)
    upgrade = Upgrade(kit, adapter=good_adapter)
    cycle = cycles.drive_upgrade(kit.stage(), upgrade)
    assert upgrade.upgraded == []
    assert set(failing(kit, cycle)) == set(DURING)
    assert f"there were not {names.ENOUGH}" in failing(kit, cycle)["test_hpa_gap"]
    cycles.drive_rollback(kit.stage(), upgrade)
    assert upgrade.rolled_back


def test_a_release_that_does_not_go_back_is_a_failed_rollback(kit):
    """With helm's word for it."""
    kit = kit()
    upgrade = Upgrade(kit, adapter=good_adapter)
    cycles.drive_upgrade(kit.stage(), upgrade)
    upgrade.refuses = True
    back = cycles.drive_rollback(kit.stage(), upgrade)
    said = outcome(kit, test_step_04_back.test_rolls_back, back)
    assert said.startswith("not all that was upgraded goes back: adapter: field is immutable")


def test_a_whole_run_waits_until_an_exporter_that_is_gone_is_forgotten():
    """A failed read is no answer; only what has a value and no new sample is waited for, and it is said."""
    answers: list[Any] = [["its last sample"], ReadFailed("Prometheus", "it starts"), []]
    asked: list[str] = []

    def query(text: str) -> Any:
        asked.append(text)
        answer = answers.pop(0)
        if isinstance(answer, ReadFailed):
            raise answer
        return answer

    budgets = Budgets(Intervals.exercise())
    stage = SimpleNamespace(
        prometheus=SimpleNamespace(query=query), budgets=budgets, intervals=budgets.intervals
    )
    said: list[str] = []
    cycles.forgotten(stage, partial(eventually, sleep=lambda _: None), said.append)
    assert answers == []
    assert asked[0] == "redis_key_size unless present_over_time(redis_key_size[15s])"
    assert said == ["waiting until no old sample of redis_key_size is left, at most 452 s"]
