"""The database's file: who may read it, what is wrong with it, and how that is said."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from adsyncdiag.errors import Busy, ConfigurationError, StoreError
from adsyncdiag.model.names import Dn
from adsyncdiag.model.objects import CsObject
from adsyncdiag.store.opening import open_store
from adsyncdiag.store.sqlite import SqliteStore

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="file modes are POSIX's")


def entry(number: int, size: int = 10) -> CsObject:
    """Return an object of about *size* bytes."""
    name = Dn.parse(f"CN=user {number},DC=contoso,DC=com")
    return CsObject(UUID(int=number), UUID(int=1), UUID(int=2), name, "user", imported={"info": "x" * size})


def save(store: SqliteStore, *entries: CsObject) -> None:
    """Store *entries* in one unit of work."""
    with store.unit_of_work() as unit:
        for one in entries:
            unit.save_cs(one)


@POSIX
def test_the_files_are_for_their_owner_only(file: Path) -> None:
    """Database, write-ahead log and shared memory are 0600 from the start, whatever the umask."""
    before = os.umask(0)
    try:
        store = SqliteStore(file)
        save(store, entry(1))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
        store.close()
    finally:
        os.umask(before)
    assert modes == {"state.db": 0o600, "state.db-wal": 0o600, "state.db-shm": 0o600}


@POSIX
def test_the_mode_of_a_file_that_is_there_stays(file: Path) -> None:
    """Rights that an administrator gave to a group on purpose are not taken away."""
    SqliteStore(file).close()
    file.chmod(0o660)
    SqliteStore(file).close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o660


def test_commits_survive_a_power_failure(store: SqliteStore) -> None:
    """The journal is a write-ahead log, and every commit waits for the disk (synchronous=FULL, 2)."""
    assert store.check()["journal"] == "wal"
    assert store._database.row("PRAGMA synchronous") == (2,)
    assert store._database.row("PRAGMA foreign_keys") == (1,)


@pytest.mark.parametrize(
    "content", [b"this is text, not a database at all" * 100, b"\0" * 4096, b"SQLite format 3\0" + b"\xff" * 4080]
)
def test_a_file_that_is_no_database_is_refused(file: Path, content: bytes) -> None:
    """One message names the file, the hint says what to do, and the file is left as it was."""
    file.write_bytes(content)
    with pytest.raises(StoreError) as refused:
        SqliteStore(file)
    assert str(file) in refused.value.message
    assert refused.value.hint
    assert file.read_bytes() == content


def test_a_damaged_page_is_reported_not_raised_through(file: Path) -> None:
    """Damage in the middle of the file is found while reading and gives our own error."""
    store = SqliteStore(file)
    save(store, *[entry(n, 3000) for n in range(1, 200)])
    store.close()
    damaged = bytearray(file.read_bytes())
    damaged[4096 * 4 : 4096 * 150] = os.urandom(4096 * 146)
    file.write_bytes(damaged)

    def read() -> None:
        again = SqliteStore(file)
        try:
            with again.unit_of_work() as unit:
                for number in range(1, 200):
                    found = unit.cs(UUID(int=number))
                    assert found is not None
                    assert dict(found.imported)
        finally:
            again.close()

    with pytest.raises(StoreError, match="damaged"):
        read()


def test_a_damaged_image_is_reported_when_it_is_read(store: SqliteStore) -> None:
    """An image that is no JSON any more gives our own error, at the first look at it."""
    save(store, entry(1))
    store._database.change("UPDATE cs SET imported = x'7b22'")
    with store.unit_of_work() as unit:
        found = unit.cs(UUID(int=1))
    with pytest.raises(StoreError, match="damaged"):
        found.imported["info"]


def test_the_database_of_another_program_is_left_alone(file: Path) -> None:
    """A database with tables that are not ours is refused and not touched, not even its journal mode."""
    other = sqlite3.connect(file)
    other.execute("CREATE TABLE bookmarks (url)")
    other.close()
    before = file.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        SqliteStore(file)
    assert file.read_bytes() == before


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    """The message says which file could not be created, the hint which folder has to exist."""
    with pytest.raises(StoreError, match=r"state\.db") as refused:
        SqliteStore(tmp_path / "no" / "state.db")
    assert str(tmp_path / "no") in refused.value.hint


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    """A folder of the database's name gives our own error."""
    (tmp_path / "state.db").mkdir()
    with pytest.raises(StoreError, match=r"state\.db"):
        SqliteStore(tmp_path / "state.db")


OPEN_WITHOUT_RIGHTS = """
import os, sys
from pathlib import Path
from adsyncdiag.errors import StoreError
from adsyncdiag.model.runs import SchedulerSettings
from adsyncdiag.store.sqlite import SqliteStore
if os.geteuid() == 0:  # root may write anywhere, so it becomes nobody, after the imports, which nobody may not read
    os.setgid(65534)
    os.setuid(65534)
try:
    store = SqliteStore(Path(sys.argv[1]))
    store.save_scheduler(SchedulerSettings())
    print("opened")
except StoreError as error:
    print(error)
"""


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that another user may enter, as pytest's own folders may not be."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(folder)


@POSIX
@pytest.mark.parametrize("there", [False, True])
def test_a_folder_that_may_not_be_written_is_said(
    public: Path, python: Callable[..., subprocess.Popen[str]], there: bool
) -> None:
    """Without the right to write, creating and using the database give one message each, with the file and what is needed."""
    file = public / "state.db"
    if there:
        SqliteStore(file).close()
        file.chmod(0o444)
    public.chmod(0o555)
    output, _ = python(OPEN_WITHOUT_RIGHTS, file).communicate(timeout=60)
    assert str(file) in output
    assert "needs to write to the file and to its folder" in output
    assert "Traceback" not in output


def test_a_full_disk_is_said_and_nothing_of_the_unit_is_kept(store: SqliteStore) -> None:
    """When the database cannot grow the unit is rolled back, the message says why, and reading goes on."""
    save(store, entry(1))
    store._database.row("PRAGMA max_page_count = 80")
    with pytest.raises(StoreError, match="disk is full"):
        save(store, entry(2), entry(3, 1_000_000))
    with store.unit_of_work() as unit:
        assert unit.cs(UUID(int=1)) == entry(1)
        assert unit.cs(UUID(int=2)) is None


def test_a_locked_database_is_busy(store: SqliteStore, file: Path) -> None:
    """While another process writes for longer than our patience, the answer is Busy with the file and what to do."""
    other = SqliteStore(file, patience=0.0)
    with other.unit_of_work(), pytest.raises(Busy, match=r"state\.db") as refused:
        save(store, entry(1))
    assert "Try again" in refused.value.hint
    save(store, entry(1))
    other.close()


def test_a_second_thread_gets_our_own_error(store: SqliteStore) -> None:
    """A store is for one thread; another one is refused by our error."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool, pytest.raises(StoreError):
        pool.submit(store.runs).result()


def test_the_url_chooses_a_file_in_the_workspace(tmp_path: Path) -> None:
    """A relative file lies in the workspace, an absolute one where it says."""
    for url, file in (("sqlite:state.db", "state.db"), (f"SQLite:{tmp_path / 'other.db'}", "other.db")):
        store = open_store(url, tmp_path)
        assert store.check()["database"] == str(tmp_path / file)
        store.close()


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("postgresql://ann:secret@db/state", "'postgresql'"),
        ("state.db", "no scheme"),
        ("", "no scheme"),
        ("sqlite:", "names no file"),
        ("sqlite:  ", "names no file"),
        ("sqlite:///state.db", "names no file"),
    ],
)
def test_another_url_is_a_wrong_setting(tmp_path: Path, url: str, named: str) -> None:
    """The error names the setting and the scheme, and never the rest of the URL, which may hold a password."""
    with pytest.raises(ConfigurationError) as refused:
        open_store(url, tmp_path)
    assert "[store] url" in refused.value.message
    assert named in refused.value.message
    assert "secret" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_opening_imports_nothing_heavy(python: Callable[..., subprocess.Popen[str]]) -> None:
    """Choosing a store costs neither sqlite3 nor orjson until one is opened."""
    script = (
        "import sys, adsyncdiag.store.opening; print([n for n in ('sqlite3', 'orjson', 'hashlib') if n in sys.modules])"
    )
    assert python(script).communicate(timeout=60)[0].strip() == "[]"
