"""Two commands at once on one workspace, and holders that died (quality.md R9)."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from adsyncdiag.errors import Busy
from adsyncdiag.model.runs import Lease
from adsyncdiag.store.process import birth, is_gone
from adsyncdiag.store.sqlite import SqliteStore

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
ROUNDS = 20

RACE = """
import os, platform, sys, time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4
from adsyncdiag.errors import Busy
from adsyncdiag.model.runs import Lease
from adsyncdiag.store.sqlite import SqliteStore

folder, name, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
now = datetime(2026, 3, 2, 12, tzinfo=UTC)
print("ready", flush=True)
while not (folder / "go").exists():
    pass
for number in range(rounds):
    store = SqliteStore(folder / f"{number}.db")
    try:
        store.acquire(Lease(name, uuid4(), platform.node(), os.getpid(), now, now + timedelta(hours=1)), now)
        print("won", flush=True)
    except Busy as busy:
        print(busy.message, flush=True)
    store.close()
print("done", flush=True)
time.sleep(60)
"""


def lease(pid: int, **fields: object) -> Lease:
    """Return a lease of a process on this host, for an hour from noon."""
    return replace(Lease("holder", uuid4(), platform.node(), pid, NOON, NOON + timedelta(hours=1)), **fields)


def test_of_two_racing_processes_one_wins(tmp_path: Path, python: Callable[..., subprocess.Popen[str]]) -> None:
    """Each time exactly one gets the workspace, new databases included, and the other is told who has it, since when."""
    racers = {name: python(RACE, tmp_path, name, ROUNDS) for name in ("red", "blue")}
    for process in racers.values():
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    (tmp_path / "go").touch()
    said = {name: [process.stdout.readline().strip() for _ in range(ROUNDS + 1)] for name, process in racers.items()}
    assert said["red"][-1] == said["blue"][-1] == "done"
    for red, blue in zip(said["red"][:-1], said["blue"][:-1], strict=True):
        loser, winner = (red, "blue") if blue == "won" else (blue, "red")
        assert [red, blue].count("won") == 1
        assert loser == f"the workspace is held by {winner} since 2026-03-02T12:00:00Z"


def test_the_lease_of_a_killed_process_is_taken_over_at_once(
    tmp_path: Path, python: Callable[..., subprocess.Popen[str]]
) -> None:
    """Alive it blocks, killed it does not, even before its parent has taken note."""
    process = python(RACE, tmp_path, "victim", 1)
    (tmp_path / "go").touch()
    assert [process.stdout.readline().strip() for _ in range(3)] == ["ready", "won", "done"]
    store = SqliteStore(tmp_path / "0.db")
    with pytest.raises(Busy, match="victim"):
        store.acquire(lease(os.getpid()), NOON)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # dead, and still a zombie
    mine = lease(os.getpid())
    store.acquire(mine, NOON)
    assert store.lease(NOON) == mine
    store.close()


@LINUX
def test_a_process_number_that_was_given_out_again_does_not_keep_a_lease(store: SqliteStore) -> None:
    """The process of that number must have started when the holder's did."""
    store.acquire(lease(os.getpid()), NOON)
    assert store.lease(NOON) is not None
    store._database.change("UPDATE lease SET birth = birth || '0'")
    assert store.lease(NOON) is None


@LINUX
def test_a_process_is_told_from_its_successors_by_boot_and_start() -> None:
    """Another start or another boot means gone; another container cannot be judged; nothing known means it is there."""
    me = os.getpid()
    boot, namespace, started = birth(me).split(" ")
    assert not is_gone(me, birth(me))
    assert not is_gone(me, "")
    assert is_gone(me, f"{boot} {namespace} {int(started) + 1}")
    assert is_gone(me, f"another-boot {namespace} {started}")
    assert not is_gone(2**22 + 1, f"{boot} pid:[1] {started}")
    assert is_gone(2**22 + 1, f"{boot} {namespace} {started}")
    assert is_gone(2**22 + 1, "")
    assert is_gone(2**70, "")
    assert not is_gone(0, "")
    assert not is_gone(-1, "")
    assert not is_gone(1, birth(1))
    assert birth(2**22 + 1) == ""
