"""Fixtures of the store's tests: a store, its connection, and Python in another process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adsyncdiag.store.sqlite import SqliteStore


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the database of this test is, or will be."""
    return tmp_path / "state.db"


@pytest.fixture
def store(file: Path) -> Iterator[SqliteStore]:
    """An empty store that gives up on a lock at once."""
    store = SqliteStore(file, patience=0.0)
    yield store
    store.close()


@pytest.fixture
def python() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Run a script in a process of its own, with this one's import path; whatever still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(script: str, *arguments: object) -> subprocess.Popen[str]:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        command = [sys.executable, "-c", script, *map(str, arguments)]
        started.append(
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
