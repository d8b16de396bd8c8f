"""Killed at any moment, the process leaves a store that opens, with all that was committed and nothing of the rest."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from adsyncdiag.store.fingerprints import packed
from adsyncdiag.store.sqlite import SqliteStore

KILLS = int(os.environ.get("ADSYNCDIAG_KILLS", "20"))

WORK = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import Contribution, CsObject, Link, LinkAction, MvObject, MvValue
from adsyncdiag.model.runs import Run
from adsyncdiag.store.sqlite import SqliteStore

AD, NOON = UUID(int=11), datetime(2026, 3, 2, 12, tzinfo=UTC)
store = SqliteStore(Path(sys.argv[1]))
store.index([(AD, "mail")], ["mail"])
number = len(store.runs(limit=1_000_000)) + 1
while True:
    with store.unit_of_work() as unit:
        identifier, mail = UUID(int=number), f"{number}@x"
        link = Link(identifier, AD, "rule", LinkAction.JOINED, NOON)
        unit.save_cs(CsObject(identifier, AD, AD, Dn.parse(f"CN={number},DC=x"), "user", imported={"mail": mail, "i": "x" * 3000},
            link=link, unresolved=(f"cn={number + 1}",)))
        unit.save_mv(MvObject(identifier, "person", {"mail": MvValue(mail, (Contribution(AD, "r", AD, identifier, NOON),))}))
        if number % 5 == 0:
            unit.remove_cs(UUID(int=number - 4))
            unit.remove_mv(UUID(int=number - 4))
        added = unit.add_run(Run(identifier, AD, "c", "p", "success", NOON, NOON, "u"))
        assert added.number == number
    print(number, flush=True)
    number += 1
"""


def inconsistencies(file: Path) -> list[str]:
    """Return what is wrong in a database: pages, foreign keys, and indexes that do not fit the objects."""
    connection = sqlite3.connect(file)
    wrong = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    wrong += [f"foreign key {row}" for row in connection.execute("PRAGMA foreign_key_check")]
    for table in ("cs", "mv"):
        indexed: dict[int, list[int]] = {}
        for number, seq in connection.execute(f"SELECT print, object FROM {table}_join"):
            indexed.setdefault(seq, []).append(number)
        objects = dict(connection.execute(f"SELECT seq, joins FROM {table}"))
        if {seq: packed(numbers) for seq, numbers in indexed.items()} != objects:
            wrong.append(f"{table}_join does not fit {table}")
    waiting = connection.execute("SELECT object FROM cs_waiting ORDER BY object").fetchall()
    if waiting != connection.execute("SELECT seq FROM cs ORDER BY seq").fetchall():
        wrong.append("cs_waiting does not fit cs")
    connection.close()
    return wrong


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_process_loses_nothing_and_leaves_nothing_half_done(
    file: Path, python: Callable[..., subprocess.Popen[str]]
) -> None:
    """After each of many kills the store opens, holds every unit that was reported as done, and each unit whole or not at all."""
    reported = 0
    for _ in range(KILLS):
        process = python(WORK, file)
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(random.uniform(0, 0.05))
        process.kill()
        rest, _ = process.communicate()
        lines = [line for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")]
        assert all(line.strip().isdigit() for line in lines), first + rest
        reported = max([reported, *map(int, lines)])
        store = SqliteStore(file)
        done = len(store.runs(limit=1_000_000))
        with store.unit_of_work() as unit:
            for number in range(1, done + 2):
                there = number <= done and (number % 5 != 1 or number + 4 > done)
                entry, person = unit.cs(UUID(int=number)), unit.mv(UUID(int=number))
                assert (entry is not None, person is not None) == (there, there), number
                assert entry is None or entry.imported["mail"] == f"{number}@x"
        store.close()
        # The unit that was under way may have been committed before it could say so.
        assert reported <= done <= reported + 1
        reported = done
        assert inconsistencies(file) == []
    assert reported >= KILLS


def test_the_check_of_these_tests_finds_damage(store: SqliteStore, file: Path) -> None:
    """An index entry without its object is found, so an empty list means something."""
    assert inconsistencies(file) == []
    store._database.change("INSERT INTO cs_join (print, object) VALUES (1, 1)")
    store._database.change("INSERT INTO cs_waiting (print, object) VALUES (1, 1)")
    assert inconsistencies(file) == ["cs_join does not fit cs", "cs_waiting does not fit cs"]
