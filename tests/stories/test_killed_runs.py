"""The process is killed at some moment of a run, and the command is given again: the end is the same, with one object."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adsyncdiag.connectors.lab.scenarios.forest_groups import TEAM
from adsyncdiag.connectors.lab.scenarios.forest_people import DIRECTOR, HEAD, TESTOBJECT
from adsyncdiag.connectors.lab.scenarios.identifiers import source_anchor
from adsyncdiag.model.trace import Action

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and kill -9")

MADE_UP = ("id", "createdDateTime", "securityIdentifier", "lastPasswordChangeDateTime")
UPN = "testobject@contoso.com"


def killed(work: Callable[[], Any], seconds: float | None = None) -> bool:
    """Do *work* in a process of its own; say whether kill -9 ended it: after *seconds* by us, without them by itself."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def essence(lab: Any) -> Any:
    """The state that counts: the user without what the tenant made up, and the three objects of the store."""
    user = {name: value for name, value in lab.cloud.user(UPN).items() if name not in MADE_UP}
    source, target = lab.ad(TESTOBJECT), lab.entra(TESTOBJECT)
    metaverse = {name: v for name, v in lab.metaverse(TESTOBJECT).values.items() if name != "cloudAnchor"}
    pending = (target.export_kind, target.export_changes, target.unconfirmed, target.export_error, source.sync_error)
    intended = {name: v for name, v in target.intended.items() if name != "cloudAnchor"}
    return user, metaverse, dict(source.imported), intended, pending


def counts(lab: Any) -> dict[str, str]:
    """The numbers of objects in the store."""
    return {name: value for name, value in lab.counts().items() if "object" in name}


@pytest.fixture
def quiet_end(new_lab: Callable[[], Any]) -> Any:
    """What two undisturbed runs leave behind, and how long one takes."""
    lab = new_lab()
    began = time.monotonic()
    lab.run(TESTOBJECT)
    took = time.monotonic() - began
    lab.run(TESTOBJECT)
    return essence(lab), counts(lab), took


def test_killed_at_any_moment_a_run_can_be_repeated(
    new_lab: Callable[[], Any], quiet_end: Any, template: Any, bench: Any, noon: Any
) -> None:
    """Ten moments over the length of a run: the store opens, nothing is lost, one object for the anchor."""
    wanted, numbers, took = quiet_end
    chance = random.Random(4711)
    caught = 0
    for part in range(10):
        lab = new_lab()
        lab.world.store.check()
        folder: Path = lab.place.path
        lab.place.close()
        delay = took * 1.3 * (part + chance.random()) / 10
        caught += killed(lambda folder=folder: one_run(template, bench, noon, folder), delay)
        after = bench.reopen_lab(template, folder, noon, first_id=1_000_000)
        try:
            assert len(after.cloud.anchored(source_anchor(TESTOBJECT))) <= 1
            assert after.record(TESTOBJECT).failure is None
            assert len(after.cloud.anchored(source_anchor(TESTOBJECT))) == 1
            assert after.record(TESTOBJECT).action is Action.OTHER
            assert essence(after) == wanted
            assert counts(after) == numbers
        finally:
            after.close()
    assert caught >= 3, "the moments came after the end of the run"


def one_run(template: Any, bench: Any, noon: Any, folder: Path) -> None:
    """What the child does: a run in a workspace that it opens itself."""
    bench.reopen_lab(template, folder, noon, first_id=1000).run(TESTOBJECT)


@pytest.mark.parametrize("before", [True, False], ids=["before the request", "after the answer"])
@pytest.mark.parametrize("number", range(1, 4))
def test_killed_around_each_request_to_the_tenant(
    lab: Any, template: Any, bench: Any, noon: Any, number: int, before: bool
) -> None:
    """The moments that matter most, each exactly: the create may have happened and nobody may have heard of it."""
    folder = lab.place.path
    lab.place.close()

    def work() -> None:
        child = bench.reopen_lab(template, folder, noon, first_id=1000)
        seen = 0

        def answer(request: Any) -> Any:
            nonlocal seen
            seen += 1
            if seen != number:
                return None
            if not before:
                between.behind.send(request)
            os.kill(os.getpid(), signal.SIGKILL)
            return None

        tenant, between = child.graph(answer)
        child.run(TESTOBJECT, tenant=tenant)

    assert killed(work)
    after = bench.reopen_lab(template, folder, noon, first_id=1_000_000)
    try:
        assert after.record(TESTOBJECT).failure is None
        assert len(after.cloud.anchored(source_anchor(TESTOBJECT))) == 1
        assert after.record(TESTOBJECT).action is Action.OTHER
    finally:
        after.close()


def test_killed_while_a_group_is_filled(lab: Any, template: Any, bench: Any, noon: Any) -> None:
    """Members may have been added before the store knew: the next run finds them there and makes no second group."""
    for dn in (DIRECTOR, HEAD, TESTOBJECT):
        lab.run(dn)
    folder = lab.place.path
    lab.place.close()

    def work() -> None:
        child = bench.reopen_lab(template, folder, noon, first_id=1000)

        def answer(request: Any) -> Any:
            if "members" in str(request.body or "") or request.path_url.endswith("/members/$ref"):
                between.behind.send(request)
                os.kill(os.getpid(), signal.SIGKILL)

        tenant, between = child.graph(answer)
        child.run(TEAM, tenant=tenant)

    assert killed(work)
    after = bench.reopen_lab(template, folder, noon, first_id=1_000_000)
    try:
        assert after.record(TEAM).failure is None
        assert len(after.cloud.group("Team Planning")["members"]) == 3
        assert after.record(TEAM).action is Action.OTHER
        assert len(after.cloud.group("Team Planning")["members"]) == 3
    finally:
        after.close()
